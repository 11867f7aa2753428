"""The page of a run: every project is in one of its areas, and the twin's line is the top of the twin's."""

from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.figure import Figure

from bubble_abm.economy.measures import STAGE_COLUMNS, Measures
from bubble_abm.engine.scenario import Scenario
from bubble_abm.observe.facts import check
from bubble_abm.paper.overview import STAGES, draw_stages

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
