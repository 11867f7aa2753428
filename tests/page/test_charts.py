"""Charts as text: they grow, carry facts, events and the twin, and stay well-formed wherever the run stands."""

import re
from xml.etree import ElementTree

import pytest

from bubble_abm.economy.declare import InvalidInput
from bubble_abm.economy.measures import STAGE_COLUMNS
from bubble_abm.engine.horizon import STANDARD_MONTHS
from bubble_abm.page import charts, drawing
from bubble_abm.page.files import content
from bubble_abm.page.session import WatchedModel
from bubble_abm.page.settings import Settings, with_preset


@pytest.fixture(scope="module")
def whole():
    return WatchedModel(Settings(), until=STANDARD_MONTHS)


@pytest.mark.parametrize("chart", charts.CHARTS, ids=lambda chart: chart.key)
@pytest.mark.parametrize("month", [0, 1, 26])
def test_a_chart_is_well_formed_with_title_unit_and_words(chart, month):
    model = WatchedModel(Settings(months=30), until=month)
    svg = ElementTree.fromstring(charts.draw(chart, model))
    words = " ".join(svg.itertext())
    assert chart.title in words and chart.unit in words
    assert svg.get("role") == "img" and svg.get("aria-label").startswith(chart.title)
    assert "nan" not in ElementTree.tostring(svg, encoding="unicode").lower().replace("finance", "")


@pytest.mark.parametrize("chart", charts.CHARTS, ids=lambda chart: chart.key)
def test_every_chart_has_the_twin_dashed_and_the_events_named(chart, whole):
    text = charts.draw(chart, whole)
    assert 'stroke-dasharray="5 3"' in text and "without shock" in text
    for name in ("export ban", "DeepSeek V2", "shock: R1", "H200 let in"):
        assert name in text
    assert text.count("<rect x=") >= len(chart.curves) + len(chart.facts)


def test_before_the_shock_and_without_one_no_twin_is_drawn():
    for model in (WatchedModel(Settings(), until=20), WatchedModel(with_preset(Settings(), "no shock"), until=30)):
        assert 'stroke-dasharray="5 3"' not in charts.draw(charts.BY_KEY["rent"], model)
    assert "shock: R1" not in charts.draw(charts.BY_KEY["rent"], model)


def test_facts_stand_at_their_values_in_the_unit_of_the_chart():
    known = charts.facts_by_number()
    assert charts.fact_range(known["C09"], charts.BY_KEY["rent"]) == (160.0, 200.0)
    low, high = charts.fact_range(known["C04"], charts.BY_KEY["utilisation"])
    assert (round(low), round(high)) == (20, 35)  # 65 to 80 % idle


def test_lines_grow_with_the_months(whole):
    def points(model):
        return max(path.count("L") for path in re.findall(r' d="([^"]+)"', charts.draw(charts.BY_KEY["rent"], model)))

    assert [points(WatchedModel(Settings(), until=month)) for month in (2, 12)] == [1, 11]
    assert points(whole) == STANDARD_MONTHS - 1


def test_every_stage_of_a_project_has_an_area_of_its_own():
    assert sorted(curve.measure for curve in charts.STAGES) == sorted(STAGE_COLUMNS)
    assert len({curve.colour for curve in charts.STAGES}) == len(STAGE_COLUMNS)
    assert charts.STAGES[-1].name == charts.BORDERS[-1]  # the top of the last is all projects


def test_a_saved_chart_stands_alone(whole):
    text = content("chart_stages.svg", whole)
    assert "var(--" not in text and ElementTree.fromstring(text) is not None
    with pytest.raises(InvalidInput, match="unknown file"):
        content("../secret.svg", whole)


def test_words_in_a_chart_are_escaped():
    text = drawing.chart('<b>"a"&', "u", "<script>", [drawing.text(0, 0, "<i>")])
    assert ElementTree.fromstring(text).get("aria-label") == '<b>"a"&. <script>'


@pytest.mark.parametrize("highest", [0.0, 1e-9, 0.3, 1.0, 7.0, 99.0, 1e12, float("nan")])
def test_an_axis_ends_at_a_round_number_above_the_highest_value(highest):
    scale = drawing.Scale(48, highest if highest == highest else 0.0)
    assert scale.top >= (highest if highest == highest else 0.0) and 2 <= len(scale.ticks) <= 7


def test_names_of_events_do_not_touch():
    drawn = drawing.events(drawing.Scale(48, 1.0), [(16, "DeepSeek V2"), (18, "shock"), (9, "export ban")])
    rows = re.findall(r'<text x="([\d.]+)" y="([\d.]+)"', drawn)
    assert len({y for _, y in rows}) == 2
