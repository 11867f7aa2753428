"""A scenario is an experiment of one point: the same runs, the same conditions, twins only with a shock."""

import numpy as np
import pytest

from bubble_abm import Change, Experiment, Shock, twin
from bubble_abm.engine.scenario import Scenario
from bubble_abm.study.scenario_run import experiment_of, run_point, run_scenario
from tests.small import SMALL


def test_twins_are_run_only_with_a_shock():
    seen = []
    scenario = Scenario(seeds=20, months=26, values={"scale": 0.1})
    runs = run_scenario(scenario, progress=lambda done, total, failed: seen.append((done, total, failed)))
    assert seen[-1] == (20, 20, 0) and len(seen) == 3  # chunks of eight
    assert runs.seeds == tuple(range(1, 21)) and len(runs.series) == len(runs.twin_series) == 20
    assert run_scenario(Scenario(months=3, values={"scale": 0.1})).twin_series == ()


@pytest.mark.parametrize("workers", [1, 2])
def test_a_scenario_is_run_to_the_bit_as_by_hand(workers):
    events = {
        "shocks": (Shock(month=20, efficiency=3),),
        "changes": (Change(parameter="hold_out", value=0.2, month=8),),
    }
    scenario = Scenario(values={"scale": "0.1", "herding": 1}, seed=3, seeds=9, months=26, **events)
    runs = run_scenario(scenario, workers=workers)
    pair = twin(scenario.parameters, shocks=scenario.events, months=26, seed=11)
    for ours, theirs in ((runs.series[8], pair.with_shock), (runs.twin_series[8], pair.without_shock)):
        assert all(
            ours[name].tobytes() == theirs.series[name].to_numpy().tobytes()
            for name in ("gpu_price", "rent_per_server")
        )
        assert ours["residuals.loans"].tolist() == theirs.residuals["loans"].tolist()


def test_a_description_is_enough_to_run_it_again():
    scenario = Scenario(title="Early", values={"scale": 0.1}, shocks=(Shock(month=2),), seed=2, months=4)
    plan = Experiment.from_dict(experiment_of(scenario).as_dict())
    again = run_point(plan)
    assert (again.scenario.title, again.scenario.events, again.seeds) == ("Early", scenario.events, (2,))
    assert np.array_equal(again.series[0]["gpu_price"], run_scenario(scenario).series[0]["gpu_price"])
    assert again.scenario.parameters == SMALL
