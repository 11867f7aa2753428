"""Predictions: what the economies of an ensemble say of things on which they were not matched."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bubble_abm.engine.simulation import Simulation
from bubble_abm.observe.observed import ObservedRun
from bubble_abm.observe.outcomes import FACT, observe
from bubble_abm.observe.predicted import KEPT_AT, MONTHS, READINGS, Seen, columns_kept, read
from bubble_abm.observe.targets import TARGETS
from bubble_abm.study.ensemble import Ensemble, economies
from bubble_abm.study.experiment import Experiment, Setup, scenario_at

FACTS = tuple(FACT + name for name in TARGETS)
MODEL = "bubble_abm.study.prediction:forecast"
FIRST_SEED = 100_001  # of predictions: the calibration has used seeds below it
SEEDS = 4


def forecast(values: Mapping[str, float], seed: int, setup: Setup) -> dict[str, float]:
    """Run one economy with one seed, and read off it what is predicted, and what was observed.

    Parameters
    ----------
    values : mapping of str to float
        Parameters that differ from the standard ones.
    seed : int
        Random seed.
    setup : Setup
        Settings that all runs share.

    Returns
    -------
    dict of str to float
        Readings and facts by name.
    """
    point = scenario_at(tuple(values.items()), setup)
    run = Simulation(point.parameters, shocks=point.events, months=setup.months, seed=seed)
    kept = {}
    for month in KEPT_AT:
        run.advance(month + 1 - run.month)
        kept[month] = columns_kept(run.world.operators, int(run.world.operator_count[0]))
    run.advance(setup.months - run.month)
    facts = tuple(name for name in setup.outcomes if name.startswith(FACT))
    found = read([name for name in setup.outcomes if name in READINGS], Seen(run.records, kept, run.parameters))
    return found | observe(facts, ObservedRun(run.records, run.parameters, point.shock_month), None, point.shock_month)


def predictions(
    name: str, ensemble: Ensemble | None, *, seeds: int = SEEDS, quick: Mapping[str, Any] | None = None
) -> Experiment:
    """Return the experiment that asks every member for its predictions.

    Parameters
    ----------
    name : str
        Name of the experiment.
    ensemble : Ensemble, optional
        The members; without it, the defaults alone are run.
    seeds : int
        Seeds of every member, and of no other, which the calibration has not seen.
    quick : mapping, optional
        See :class:`Experiment`.
    """
    return Experiment(
        name=name,
        question="What do the economies that the facts allow say of what they were not matched on?",
        scenarios=economies(ensemble),
        seeds=seeds,
        first_seed=FIRST_SEED,
        own_luck=True,
        months=MONTHS,
        outcomes=(*READINGS, *FACTS),
        twins=False,
        model=MODEL,
        quick=quick or {},
    )
