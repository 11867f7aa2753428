"""The smallest shock: found between sizes that are tried, read under each definition of a pop, over members first."""

import math
from types import SimpleNamespace

import pandas as pd
import pytest

from bubble_abm import Parameters
from bubble_abm.observe.verdict import DEFINITIONS, MAIN
from bubble_abm.study import smallest_shock
from bubble_abm.study.smallest_shock import (
    KILLED,
    MOVED,
    OUTCOMES,
    POPPED,
    PRECISION,
    SMALLEST,
    TRIED,
    WITHOUT,
    answers,
    outcome,
    smallest,
    threshold,
)

SETUP = SimpleNamespace(months=40, changes=())


def test_the_smallest_is_sought_in_the_first_gap_in_which_the_boom_begins_to_pop():
    for true in (1.02, 2.0, 11.9):
        assert true <= smallest(lambda size, true=true: size >= true, 5.0) <= true * PRECISION
    assert smallest(lambda size: 2.0 <= size < 3.0 or size > 8.0, 5.0) <= 2.0 * PRECISION  # not in one direction only
    assert smallest(lambda size: abs(size - 5.0) < 0.01, 5.0) == 5.0  # what the economy itself has is tried
    assert smallest(lambda size: False, 5.0) is None
    assert TRIED[-1] == pytest.approx(12.0)


@pytest.fixture
def known(monkeypatch):
    """An economy that pops in month 30 from an efficiency of 4 on, by one definition also without a shock, in 33."""

    def simulated(parameters, **given):
        popped = 30 if parameters.shock_efficiency >= 4.0 else None
        late = 33 if popped is None else popped
        months = {name: late if name == MAIN else popped for name in DEFINITIONS}
        return SimpleNamespace(records=SimpleNamespace(measures=months))

    monkeypatch.setattr(smallest_shock, "simulate", simulated)
    monkeypatch.setattr(smallest_shock, "pops", lambda months: months)


def test_each_definition_of_a_pop_has_its_own_answer(known):
    found = threshold({}, 1, SETUP)
    assert set(found) == set(OUTCOMES)
    assert (found[outcome(WITHOUT, MAIN)], found[outcome(MOVED, MAIN)]) == (1.0, -3.0)
    assert math.isnan(found[outcome(KILLED, MAIN)]) and math.isnan(found[outcome(SMALLEST, MAIN)])
    other = next(name for name in DEFINITIONS if name != MAIN)
    assert (found[outcome(WITHOUT, other)], found[outcome(KILLED, other)]) == (0.0, 1.0)
    assert 4.0 <= found[outcome(SMALLEST, other)] <= 4.0 * PRECISION
    assert math.isnan(found[outcome(MOVED, other)])  # by more than can be told
    weak = threshold({"shock_efficiency": 2.0}, 1, SETUP)
    assert (weak[outcome(POPPED, other)], weak[outcome(SMALLEST, other)]) == (0.0, found[outcome(SMALLEST, other)])


def test_answers_take_members_first_and_count_runs_that_live(known):
    rows = [
        {"scenario": member, "seed": seed} | threshold({"shock_efficiency": size}, seed, SETUP)
        for member, size in (("weak", 2.0), ("strong", 6.0))
        for seed in (1, 2)
    ]
    table = answers(pd.DataFrame(rows)).set_index("definition")
    main, other = table.loc[MAIN], table.iloc[0]
    assert (main["popped_without_shock"], main["lives"], main["popped_n"]) == (1.0, 0, 2)
    assert main["moved"] == pytest.approx(-1.5)
    assert (other["popped"], other["lives"], other["killed"], other["runs"]) == (0.5, 4, 4, 4)
    assert 4.0 <= other["smallest"] <= 4.0 * PRECISION and other["moved_n"] == 0


@pytest.mark.whole_runs
def test_a_small_economy_is_answered_for():
    found = threshold({"scale": 0.06}, 1, SimpleNamespace(months=30, changes=()))
    for name in DEFINITIONS:
        lives = found[outcome(WITHOUT, name)] == 0.0
        assert lives != math.isnan(found[outcome(KILLED, name)])
        if lives and found[outcome(POPPED, name)]:
            assert found[outcome(SMALLEST, name)] <= Parameters().shock_efficiency
