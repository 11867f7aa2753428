"""The page of a run: every project is in one of its areas, and the twin's line is the top of the twin's."""

from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from bubble_abm.economy.measures import STAGE_COLUMNS, Measures
from bubble_abm.engine.scenario import Scenario
from bubble_abm.observe.facts import check
from bubble_abm.paper.overview import SIZE, STAGES, draw_stages, what_is_run, write_words

MONTHS = 40


def series(seed):
    """Measures of a run in which every stage has another number of projects, in every month."""
    measures = Measures.rows(MONTHS)
    for place, name in enumerate(STAGE_COLUMNS):
        measures[name] = seed * 10**place + np.arange(MONTHS)
    return measures


def test_every_project_is_in_one_of_the_areas_and_the_line_is_the_top_of_the_twins():
    assert sorted(f"projects_{name}" for name, _ in STAGES) == sorted(STAGE_COLUMNS)
    runs = SimpleNamespace(series=[series(1)], twin_series=[series(2)], seeds=(1,), scenario=Scenario(months=MONTHS))
    axes = Figure().subplots()
    facts = {each.fact.id: each for each in check(runs.series, runs.scenario.parameters)}
    draw_stages(axes, runs, facts)
    tops = [area.get_paths()[0].vertices[:, 1].max() for area in axes.collections[: len(STAGES)]]
    assert tops[-1] == pytest.approx(111_111_111 + 9 * (MONTHS - 1))
    line = next(line for line in axes.get_lines() if len(line.get_ydata()) == MONTHS)
    assert line.get_ydata() == pytest.approx(222_222_222 + 9 * np.arange(MONTHS))


@pytest.mark.parametrize("lines", [3, 12, 30])
def test_words_end_above_the_line_of_events(lines):
    figure = Figure(figsize=SIZE)
    page = FigureCanvasAgg(figure).get_renderer()
    axes = figure.subplots(3, 3).ravel()[-1]
    figure.subplots_adjust(left=0.045, right=0.985, top=0.865, bottom=0.07, wspace=0.2, hspace=0.46)
    write_words(axes, [(f"topic {place}", "words " * 20) for place in range(lines // 2)])
    boxes = [text.get_window_extent(page) for text in axes.texts]
    assert min(box.y0 for box in boxes) > 0.027 * figure.bbox.height
    assert all(upper.y0 >= lower.y1 - 1 for upper, lower in zip(boxes[1::2], boxes[3::2])), "sentences overlap"


def test_the_page_names_what_differs_from_the_standard_economy():
    assert what_is_run(SimpleNamespace(scenario=Scenario(values={"herding": 2.0}), points={})) == "herding = 2"
    assert what_is_run(SimpleNamespace(scenario=Scenario(), points={})) == "the standard parameters"
