"""Does the answer hang on a choice that had to be made somehow? The same economies under other structures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from bubble_abm.economy.parameters import DECLARED
from bubble_abm.engine.simulation import twin
from bubble_abm.engine.structure import STANDARD, STRUCTURES, rules_of
from bubble_abm.observe.falls import falls
from bubble_abm.observe.observed import ObservedRun
from bubble_abm.observe.verdict import ATTRIBUTIONS, DEFINITIONS, attribution
from bubble_abm.study.calibration.prior import space
from bubble_abm.study.ensemble import Ensemble, economies
from bubble_abm.study.experiment import Experiment, Setup, scenario_at
from bubble_abm.study.prediction import FIRST_SEED
from bubble_abm.study.sensitivity.factors import Factor

if TYPE_CHECKING:
    import pandas as pd

MODEL = "bubble_abm.study.robustness:answer"
STRUCTURE = "structure"  # name of the number that says which structure a run has
SEEDS = 2
BLIND = "no attention"
#: Parameters that are set in every economy, by the name of the alternative: nobody looks at what tenants do.
BLINDED = {"sponsor_attention": 0.0, "lender_attention": 0.0, "fund_attention": 0.0}
#: Alternatives by name: what is different.
ALTERNATIVES: Mapping[str, str] = {
    STANDARD: STRUCTURES[STANDARD][0],
    BLIND: "sponsors, lenders and funds do not look at what tenants do",
} | {name: about[0] for name, about in STRUCTURES.items() if name != STANDARD}
KINDS = tuple(ATTRIBUTIONS)
WINDOWS_TOLD = ("", "_after")  # of the fall of rents: from the peak, and from the eve of the shock, to June 2025
RENT = "rent"
OUTCOMES = (
    *(f"popped_without@{name}" for name in DEFINITIONS),
    *(f"kind@{name}" for name in DEFINITIONS),
    *(f"fall{window}" for window in WINDOWS_TOLD),
    *(f"fall{window}_without_shock" for window in WINDOWS_TOLD),
)


def answer(values: Mapping[str, float], seed: int, setup: Setup) -> dict[str, float]:
    """Run one economy of one structure, with the shock and without, and return the answer.

    Parameters
    ----------
    values : mapping of str to float
        Parameters that differ from the standard ones, and the number of the structure.
    seed : int
        Random seed.
    setup : Setup
        Settings that all runs share.

    Returns
    -------
    dict of str to float
        For each definition of a pop whether there is one without the shock, and the place of the verdict in
        :data:`KINDS`; how far rents fall in two windows, with the shock and without.
    """
    parameters = dict(values)
    structure = list(STRUCTURES)[int(parameters.pop(STRUCTURE))]
    point = scenario_at(tuple(parameters.items()), setup)
    both = twin(
        point.parameters, shocks=point.events, months=setup.months, seed=seed, rules=rules_of(structure)
    )  # fmt: skip
    run, rest = (
        ObservedRun(one.records, one.parameters, point.shock_month) for one in (both.with_shock, both.without_shock)
    )
    found = {f"popped_without@{name}": float(rest.pops[name] is not None) for name in DEFINITIONS}
    for name in DEFINITIONS:
        kind = attribution(run.pops[name], rest.pops[name], point.shock_month, run.months).kind
        found[f"kind@{name}"] = float(KINDS.index(kind))
    for one, ending in ((run, ""), (rest, "_without_shock")):
        fallen = falls(one.series, RENT, run.shock_month)
        found |= {f"fall{window}{ending}": fallen[window] for window in WINDOWS_TOLD}
    return found


def robustness(
    alternatives: Sequence[str],
    ensemble: Ensemble | None = None,
    *,
    seeds: int = SEEDS,
    members: int | None = None,
    name: str = "robustness",
    quick: Mapping[str, Any] | None = None,
) -> Experiment:
    """Return the experiment that asks the members for the answer under some alternatives.

    Parameters
    ----------
    alternatives : sequence of str
        Keys of :data:`ALTERNATIVES`.
    ensemble : Ensemble, optional
        The members; without it, the defaults alone are run.
    seeds : int
        Seeds of every member, and of no other.
    members : int, optional
        The first so many members only.
    name : str
        Name of the experiment.
    quick : mapping, optional
        See :class:`Experiment`.

    Notes
    -----
    Scenarios are the alternatives. Each member has seeds of its own, the same in all alternatives.
    """
    known = dict(list(economies(ensemble).items())[:members])
    places = {name: float(place) for place, name in enumerate(STRUCTURES)}
    scenarios = {one: {STRUCTURE: places.get(one, 0.0)} | (BLINDED if one == BLIND else {}) for one in alternatives}
    return Experiment(
        name=name,
        question="Does the answer hang on the structure of the model?",
        scenarios=scenarios,
        economies=known,
        seeds=seeds * len(known),
        first_seed=FIRST_SEED,
        outcomes=OUTCOMES,
        twins=False,
        model=MODEL,
        quick=quick or {},
    )


def member_of(experiment: Experiment, runs: pd.DataFrame) -> np.ndarray:
    """Return the number of the member of each run of :func:`robustness`."""
    return np.asarray((runs["seed"] - experiment.first_seed) % len(experiment.economies))


def near_the_middle(ensemble: Ensemble) -> np.ndarray:
    """Mark the half of the members that lies nearer to the middle of the ranges that were searched.

    Returns
    -------
    ndarray of bool, shape (members,)
        By the root mean square distance over parameters, in widths of the ranges.
    """
    away = ((ensemble.places - 0.5) ** 2).mean(axis=1)
    return np.asarray(away <= np.median(away))


def ranges_times(factor: float) -> dict[str, dict[str, Any]]:
    """Return the ranges of a search, each so many times as wide around its middle, within the bounds.

    Parameters
    ----------
    factor : float
        A half, or two.

    Returns
    -------
    dict of str to dict
        As ``[ranges]`` of the file that ``bubble-abm calibrate --ranges`` reads.
    """
    found = {}
    for one in space():
        bounds = DECLARED[one.name].metadata
        ends = widened(one, factor)
        low, high = max(ends[0], float(bounds["low"])), min(ends[1], float(bounds["high"]))
        found[one.name] = {"low": low, "high": high, "scale": one.scale}
    return found


def widened(one: Factor, factor: float) -> tuple[float, float]:
    """Return the ends of a range so many times as wide around its middle, in logarithms if it is drawn in them.

    Examples
    --------
    >>> widened(Factor("share", 0.0, 4.0), 0.5), widened(Factor("rate", 1.0, 16.0, "log"), 0.5)
    ((1.0, 3.0), (2.0, 8.0))
    """
    logarithmic = one.scale == "log"
    ends = np.log([one.low, one.high]) if logarithmic else np.array([one.low, one.high])
    middle, half = ends.mean(), factor * (ends[1] - ends[0]) / 2.0
    found = np.array([middle - half, middle + half])
    low, high = (np.exp(found) if logarithmic else found).round(12).tolist()
    return low, high


__all__ = ["answer", "member_of", "near_the_middle", "ranges_times", "robustness"]
