"""Runs a scenario over its seeds, as an experiment of one point whose months are kept in memory."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from bubble_abm.economy.measures import Measures
from bubble_abm.engine.scenario import Runs, Scenario
from bubble_abm.observe.monthly import RESIDUALS
from bubble_abm.study.batch import execute_in_memory
from bubble_abm.study.experiment import Experiment, scenario_at


def run_scenario(scenario: Scenario, **options: Any) -> Runs:
    """Run a scenario, each seed with its twin if there is a shock.

    Parameters
    ----------
    scenario : Scenario
        The scenario.
    **options
        ``workers``, ``executor``, ``scheduler``, ``progress``: see :func:`bubble_abm.study.batch.execute`.

    Raises
    ------
    RunFailed
        If a run ends in an error.
    """
    return run_point(experiment_of(scenario), **options)


def experiment_of(scenario: Scenario) -> Experiment:
    """Return the experiment that runs a scenario: one point, all measures of every month, and all residuals."""
    values = {name: float(getattr(scenario.parameters, name)) for name in scenario.values or {}}
    return Experiment(
        name="run",
        question=scenario.title,
        scenarios={"run": values},
        shocks=scenario.shocks,
        changes=scenario.changes,
        seeds=scenario.seeds,
        first_seed=scenario.seed,
        months=scenario.months,
        twins=scenario.shock_month is not None,
        series=(*Measures.columns, RESIDUALS),
    )


def scenario_of(experiment: Experiment) -> Scenario:
    """Return the scenario that an experiment of one point runs."""
    values = next(iter(experiment.scenarios.values()))
    scenario = scenario_at(tuple(values.items()), experiment.setup)
    return replace(scenario, title=experiment.question, seed=experiment.first_seed, seeds=experiment.seeds)


def run_point(experiment: Experiment, **options: Any) -> Runs:
    """Run an experiment of one point in memory; see :func:`run_scenario`."""
    scenario = scenario_of(experiment)
    months = [chunk.series or {} for chunk in execute_in_memory(experiment, **options)]
    shape = (experiment.seeds, 2 if experiment.twins else 1, experiment.months)
    tables = {name: np.concatenate([part[name] for part in months]).reshape(shape) for name in months[0]}
    series, *twins = (
        tuple({name: table[seed, part] for name, table in tables.items()} for seed in range(experiment.seeds))
        for part in range(shape[1])
    )
    return Runs(scenario, tuple(range(scenario.seed, scenario.seed + scenario.seeds)), series, *twins)
