"""Runs a scenario over its seeds, or over an ensemble, as an experiment whose months are kept in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from bubble_abm.economy.measures import Measures
from bubble_abm.engine.scenario import Runs, Scenario
from bubble_abm.observe.monthly import RESIDUALS
from bubble_abm.study.batch import execute_in_memory
from bubble_abm.study.ensemble import Ensemble
from bubble_abm.study.experiment import NOTHING, Experiment, scenario_at


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


def run_ensemble(scenario: Scenario, ensemble: Ensemble, **options: Any) -> Runs:
    """Run a scenario in the economy of every member of an ensemble, the most central first; see :func:`run_scenario`.

    What the scenario sets holds in all of them. Each has seeds of its own: means over them do not hang on one draw.
    """
    given = dict(scenario.values or {})
    order = sorted(range(len(ensemble)), key=lambda member: member != ensemble.central)
    points = {ensemble.name_of(member): ensemble.values_of(member) | given for member in order}
    whole = replace(scenario, values=next(iter(points.values())))
    return run_point(experiment_of(whole, {name: values_in(whole, point) for name, point in points.items()}), **options)


def values_in(scenario: Scenario, point: Mapping[str, Any]) -> dict[str, float]:
    """Return the values of a point as numbers, or refuse one."""
    parameters = replace(scenario, values=dict(point)).parameters
    return {name: float(getattr(parameters, name)) for name in point}


def experiment_of(scenario: Scenario, points: Mapping[str, Mapping[str, float]] = NOTHING) -> Experiment:
    """Return the experiment that runs a scenario: one point or some, all measures of every month, and all residuals."""
    scenarios = points or {"run": values_in(scenario, scenario.values or {})}
    return Experiment(
        name="run",
        question=scenario.title,
        scenarios=scenarios,
        rules=dict.fromkeys(scenarios, scenario.rules),
        shocks=scenario.shocks,
        changes=scenario.changes,
        seeds=scenario.seeds,
        first_seed=scenario.seed,
        own_luck=len(scenarios) > 1,
        months=scenario.months,
        twins=scenario.shock_month is not None,
        series=(*Measures.columns, RESIDUALS),
    )


def scenario_of(experiment: Experiment) -> Scenario:
    """Return the scenario that an experiment runs at its first point."""
    name, values = next(iter(experiment.scenarios.items()))
    scenario = scenario_at(tuple(values.items()), experiment.setup_of(name))
    return replace(scenario, title=experiment.question, seed=experiment.first_seed, seeds=experiment.seeds)


def run_point(experiment: Experiment, **options: Any) -> Runs:
    """Run an experiment of one point, or of some, in memory; see :func:`run_scenario`."""
    scenario = scenario_of(experiment)
    months = [chunk.series or {} for chunk in execute_in_memory(experiment, **options)]
    shape = (experiment.runs, 2 if experiment.twins else 1, experiment.months)
    tables = {name: np.concatenate([part[name] for part in months]).reshape(shape) for name in months[0]}
    series, *twins = (
        tuple({name: table[run, part] for name, table in tables.items()} for run in range(experiment.runs))
        for part in range(shape[1])
    )
    seeds = tuple(experiment.places(np.arange(experiment.runs))[1].tolist())
    return Runs(scenario, seeds, series, twins[0] if twins else (), points_of(experiment))


def points_of(experiment: Experiment) -> Mapping[str, Mapping[str, float]]:
    """Return the points of an experiment that has several."""
    return experiment.scenarios if len(experiment.scenarios) > 1 else {}
