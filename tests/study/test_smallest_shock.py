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
    WITHOUT,
    answers,
    outcome,
    shock_of,
    smallest,
    threshold,
)

SETUP = SimpleNamespace(months=40, changes=())


def test_the_smallest_is_sought_in_the_first_gap_in_which_the_boom_begins_to_pop():
    for true in (0.02, 0.6, 1.49):
        assert true <= smallest(lambda size, true=true: size >= true) <= true + PRECISION
    assert smallest(lambda size: 0.4 <= size < 0.6 or size > 1.2) <= 0.4 + PRECISION  # not in one direction only
    assert smallest(lambda size: False) is None


def test_all_of_a_release_grows_with_its_size_from_the_model_before_to_the_shock_and_beyond():
    own = Parameters(shock_efficiency=4.0, shock_openness=0.65, shock_imitation=0.7)
    before, half, whole, most = (shock_of(own, size) for size in (0.0, 0.5, 1.0, 1.5))
    assert (before.efficiency, before.openness, before.imitation) == pytest.approx((1.0, 0.05, 0.3))
    assert (half.efficiency, half.openness, half.imitation) == pytest.approx((2.0, 0.35, 0.5))
    assert (whole.efficiency, whole.openness, whole.imitation) == pytest.approx((4.0, 0.65, 0.7))
    assert (most.efficiency, most.openness, most.imitation) == pytest.approx((8.0, 0.95, 0.9))
    assert shock_of(Parameters(), 1.5).efficiency == 12.0  # as far as parameters may go


@pytest.fixture
def known(monkeypatch):
    """An economy that pops in month 30 from an efficiency of 4 on, by one definition also without a shock, in 33."""

    def simulated(parameters, shocks, **given):
        popped = 30 if shocks and shocks[0].efficiency >= 4.0 else None
        late = 33 if popped is None else popped
        months = {name: late if name == MAIN else popped for name in DEFINITIONS}
        return SimpleNamespace(records=SimpleNamespace(measures=months))

    monkeypatch.setattr(smallest_shock, "simulate", simulated)
    monkeypatch.setattr(smallest_shock, "pops", lambda months: months)


WEAK, STRONG = {"shock_efficiency": 3.0}, {"shock_efficiency": 6.0}


def test_each_definition_of_a_pop_has_its_own_answer(known):
    found = threshold(STRONG, 1, SETUP)
    assert set(found) == set(OUTCOMES)
    assert (found[outcome(WITHOUT, MAIN)], found[outcome(MOVED, MAIN)]) == (1.0, -3.0)
    assert math.isnan(found[outcome(KILLED, MAIN)]) and math.isnan(found[outcome(SMALLEST, MAIN)])
    other = next(name for name in DEFINITIONS if name != MAIN)
    assert (found[outcome(WITHOUT, other)], found[outcome(KILLED, other)]) == (0.0, 1.0)
    least = math.log(4.0) / math.log(6.0)
    assert least <= found[outcome(SMALLEST, other)] <= least + PRECISION
    assert math.isnan(found[outcome(MOVED, other)])  # by more than can be told
    weak = threshold(WEAK, 1, SETUP)
    assert (weak[outcome(POPPED, other)], weak[outcome(KILLED, other)]) == (0.0, 1.0)
    assert weak[outcome(SMALLEST, other)] > 1.0


def test_answers_take_members_first_and_count_runs_that_live(known):
    rows = [
        {"scenario": member, "seed": seed} | threshold(values, seed, SETUP)
        for member, values in (("weak", WEAK), ("strong", STRONG))
        for seed in (1, 2)
    ]
    table = answers(pd.DataFrame(rows)).set_index("definition")
    main, other = table.loc[MAIN], table.iloc[0]
    assert (main["popped_without_shock"], main["lives"], main["popped_n"]) == (1.0, 0, 2)
    assert main["moved"] == pytest.approx(-1.5)
    assert (other["popped"], other["lives"], other["killed"], other["runs"]) == (0.5, 4, 4, 4)
    assert other["smallest"] == pytest.approx(1.0, abs=0.3) and other["moved_n"] == 0


@pytest.mark.whole_runs
def test_a_small_economy_is_answered_for():
    found = threshold({"scale": 0.06}, 1, SimpleNamespace(months=30, changes=()))
    for name in DEFINITIONS:
        lives = found[outcome(WITHOUT, name)] == 0.0
        assert lives != math.isnan(found[outcome(KILLED, name)])
        if lives and found[outcome(POPPED, name)]:
            assert found[outcome(SMALLEST, name)] <= 1.0
