"""Targets: what is read off a run, how far it is from what was observed, and as an outcome of experiments."""

import numpy as np
import pytest

from bubble_abm import Experiment, InvalidInput, Parameters, run, simulate
from bubble_abm.observe.facts import check, facts
from bubble_abm.observe.outcomes import unit
from bubble_abm.observe.targets import LEFT_OUT, TARGETS, Target


def nothing(series):
    return 0.0


def test_scales_and_half_widths_by_hand():
    rent = Target("rent", 100.0, 400.0, float)
    assert (rent.middle, rent.half_width) == pytest.approx((np.log(200.0), np.log(2.0)))
    change = Target("change", -3.0, 1.0, float)
    assert (change.middle, change.half_width) == (-1.0, 2.0)
    assert change.distance(3.0) == 2.0


@pytest.mark.parametrize(
    ("low", "high", "value", "distance"),
    [
        (-1.0, 3.0, 1.0, 0.0),
        (-1.0, 3.0, 4.0, 1.5),
        (-1.0, 3.0, -1.0, 1.0),
        (0.0, 2.0, 3.0, 2.0),  # in logarithms only where the whole range is positive
        (1.0, 100.0, 10.0, 0.0),
        (1.0, 100.0, 1_000.0, 2.0),
        (1.0, 100.0, 0.1, 2.0),
        (1.0, 100.0, 0.0, 10.0),  # nothing at all counts as 1e-9
        (1.0, 100.0, -5.0, 10.0),
    ],
)
def test_a_distance_is_measured_in_half_widths_of_the_range(low, high, value, distance):
    assert Target("it", low, high, nothing).distance(value) == pytest.approx(distance)


def test_targets_give_what_the_comparison_with_the_facts_gives():
    series = simulate(Parameters(), months=36, seed=3).records.measures
    compared = {one.fact.id: one for one in check([series], Parameters())}
    for name, target in TARGETS.items():
        if name in compared and compared[name].median is not None:
            assert target.read(series) == pytest.approx(compared[name].median), name


def test_every_fact_with_a_range_that_is_no_parameter_is_a_target():
    missing = {fact.id for fact in facts() if fact.low is not None and fact.high is not None} - set(TARGETS)
    assert missing >= set(LEFT_OUT) & missing
    assert all(
        fact.measure in ("parameter", "calendar", "derived", "price by class")
        for fact in facts()
        if fact.id in missing - set(LEFT_OUT)
    )


def test_a_target_is_an_outcome_of_an_experiment(tmp_path):
    plan = Experiment(
        name="one", question="What?", scenarios={"small": {"scale": 0.1}}, seeds=1, months=24,
        outcomes=("fact@C01", "fact@C09.month"), twins=False,
    )  # fmt: skip
    table = run(plan, tmp_path / "one", workers=1)
    series = simulate(Parameters(scale=0.1), months=24, seed=1).series
    assert table["fact@C01"].item() == pytest.approx(
        series["projects_announced"].iloc[23] / 0.1
    )  # counts of a whole country
    assert table["fact@C09.month"].item() == series["rent_per_server"].argmax()
    assert unit("fact@C09.month") == "month"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("fact@C99", "unknown fact 'C99'"),
        ("fact@", "unknown fact ''"),
        ("fact@C08", "outcome fact@C08: the run ends before Aug 2025: give 32 months"),
    ],
)
def test_what_is_no_target_of_a_run_is_refused(name, said):
    with pytest.raises(InvalidInput, match=said):
        Experiment(name="one", question="What?", seeds=1, months=24, outcomes=(name,), twins=False)
