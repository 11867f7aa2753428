"""Charts as text: they carry facts, events, bands and the twin, and stay well-formed however far the run got."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest

from bubble_abm.economy.declare import InvalidInput
from bubble_abm.economy.measures import STAGE_COLUMNS
from bubble_abm.engine.horizon import STANDARD_MONTHS
from bubble_abm.page import charts, drawing
from bubble_abm.page.downloads import content
from bubble_abm.page.run import watch
from bubble_abm.page.settings import Settings, with_preset
from bubble_abm.page.words import languages, say, speaking
from tests.page.drawn import labels_fit


@pytest.mark.parametrize("chart", charts.CHARTS, ids=lambda chart: chart.key)
@pytest.mark.parametrize("months", [1, 26])
def test_a_chart_is_well_formed_with_title_unit_and_words(chart, months):
    run = watch(Settings(months=months))
    svg = ElementTree.fromstring(charts.draw(chart, run))
    words = " ".join(svg.itertext())
    assert chart.title in words and chart.unit in words
    assert svg.get("role") == "img" and svg.get("aria-label").startswith(chart.title)
    assert "nan" not in ElementTree.tostring(svg, encoding="unicode").lower().replace("finance", "")


@pytest.mark.parametrize("chart", charts.CHARTS, ids=lambda chart: chart.key)
def test_every_chart_has_the_twin_dashed_a_band_and_the_events_named(chart, whole, pairs):
    text = charts.draw(chart, whole, pairs)
    assert 'stroke-dasharray="5 3"' in text and "without R1" in text
    for name in ("export ban", "DeepSeek V2", "DeepSeek R1", "H200 let in"):
        assert name in text
    assert text.count("<rect x=") >= len(chart.curves) + len(chart.facts)
    assert text.count('fill-opacity="0.16"') == (1 if chart.stacked else len(chart.curves))


def test_without_a_shock_no_twin_is_drawn():
    run = watch(with_preset(Settings(), "no shock"))
    drawn = charts.draw(charts.BY_KEY["rent"], run)
    assert 'stroke-dasharray="5 3"' not in drawn and "R1" not in drawn


def test_facts_stand_at_their_values_in_the_unit_of_the_chart():
    known = charts.facts_by_number()
    assert charts.fact_range(known["C09"], charts.BY_KEY["rent"]) == (160.0, 200.0)
    low, high = charts.fact_range(known["C04"], charts.BY_KEY["utilisation"])
    assert (round(low), round(high)) == (20, 35)  # 65 to 80 % idle


@pytest.mark.parametrize("code", languages())
@pytest.mark.parametrize("chart", charts.CHARTS, ids=lambda chart: chart.key)
def test_the_numbers_of_an_axis_have_room_in_every_language(chart, code, whole, pairs):
    with speaking(code):
        assert labels_fit(charts.shown(chart, whole, pairs, whole)["svg"])


def test_no_curve_is_grey_like_a_kept_run():
    curves = [curve for chart in charts.CHARTS if not chart.stacked for curve in chart.curves]
    assert not [curve.name for curve in curves if curve.colour in ("kept", "slate", "ash", "ink")]


def test_lines_go_to_the_last_month(whole):
    points = max(
        path.count("L") for path in re.findall(r' d="([^"]+)" fill="none"', charts.draw(charts.CHARTS[0], whole))
    )
    assert points == STANDARD_MONTHS - 1


def test_every_fact_in_a_chart_is_told_with_its_source(whole):
    for chart in charts.CHARTS:
        told = charts.shown(chart, whole, None, None)["facts"]
        assert [fact["id"] for fact in told] == list(chart.facts)
        assert all(say(charts.facts_by_number()[fact["id"]].source) in fact["words"] for fact in told)


def test_a_kept_run_is_grey(whole):
    other = watch(Settings(seed=2, months=40))
    drawn = charts.draw(charts.CHARTS[0], whole, kept=other)
    assert drawn.count('stroke="var(--kept)"') >= 2 and "kept run" in drawn


def test_bands_hold_nine_of_ten_seeds(pairs):
    runs = [watch(Settings(seed=seed)).series for seed in range(1, 21)]
    low, high = charts.bands(runs)["rent_per_server"]
    inside = [(low <= run["rent_per_server"] / 1e3) & (run["rent_per_server"] / 1e3 <= high) for run in runs]
    assert np.mean(inside) == pytest.approx(0.9, abs=0.01)
    assert set(pairs.bands) == set(charts.bands(runs[:2]))


def test_what_is_said_below_a_chart_is_the_month_at_the_cursor(whole):
    said = charts.said(charts.BY_KEY["announcements"], whole)
    assert len(said) == STANDARD_MONTHS + 1
    new = np.diff(whole.series["projects_announced"], prepend=0)[30]
    assert said[31].startswith(f"Jul 2025: new projects {charts.short(new)}")


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
    text = drawing.chart(drawing.Scale(2, 1.0), '<b>"a"&', "u", "<script>", [drawing.text(0, 0, "<i>")])
    assert ElementTree.fromstring(text).get("aria-label") == '<b>"a"&. <script>'


@pytest.mark.parametrize("highest", [0.0, 1e-9, 0.3, 1.0, 7.0, 99.0, 1e12, float("nan")])
def test_an_axis_ends_at_a_round_number_above_the_highest_value(highest):
    scale = drawing.Scale(48, highest if highest == highest else 0.0)
    assert scale.top >= (highest if highest == highest else 0.0) and 2 <= len(scale.ticks) <= 7


@pytest.mark.parametrize("months", [12, 60, 168])
def test_names_of_events_do_not_touch(months):
    named = [(16, "DeepSeek V2"), (18, "DeepSeek R1"), (9, "export ban"), (17, "another event")]
    drawn = drawing.events(drawing.Scale(months, 1.0, 100.0), named)
    found = [
        (float(x), float(y), words)
        for x, y, words in re.findall(r'<text x="([\d.]+)" y="([\d.]+)"[^>]*>([^<]+)', drawn)
    ]
    for place, (x, y, words) in enumerate(found):
        for other, row, others in found[:place]:
            wide = drawing.LETTER * (len(words) + len(others)) / 2
            assert row != y or abs(x - other) > wide


@pytest.mark.parametrize("name", ["blue", "sky", "green", "orange", "vermilion", "purple", "slate", "kept"])
def test_lines_stand_out_from_the_paper(name):
    def light(colour):
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    assert (light(drawing.LIGHT["paper"]) + 0.05) / (light(drawing.LIGHT[name]) + 0.05) >= 3.0
