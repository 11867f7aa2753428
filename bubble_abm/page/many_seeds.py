"""Many runs at once: the same settings under other luck, or in other economies, with twins, in the background.

One run is one draw of luck. What holds for the settings is read off :data:`SEEDS` pairs of twins: bands in the charts,
dates of pops, and the part of the shock. What the facts leave open is read off pairs of the members of the ensemble,
each with luck of its own, so that their shares do not hang on one draw. Threads of this process share the work of all
visitors, since compiled months release Python's global lock.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from bubble_abm.economy.declare import InvalidInput
from bubble_abm.economy.identities import BrokenIdentity
from bubble_abm.engine.scenario import Runs, Scenario
from bubble_abm.engine.simulation import Twin, twin
from bubble_abm.observe.headline import Headline, headline
from bubble_abm.observe.observed import ObservedRun
from bubble_abm.observe.outcomes import read
from bubble_abm.page import charts
from bubble_abm.page.members import OVER_MEMBERS, OVER_SEEDS, members
from bubble_abm.page.scorecard import SCORES
from bubble_abm.page.settings import Settings
from bubble_abm.page.threads import background

SEEDS = 50
REMEMBERED = 48  # settings whose summaries are kept for all visitors


@dataclass(frozen=True, eq=False)
class Pairs:
    """What is kept of many pairs of twins: some hundred kilobytes.

    Attributes
    ----------
    settings : Settings
        What was run, but for the seed.
    headline : Headline
        Pops and the part of the shock, run by run, and shares of falls.
    bands : mapping of str to ndarray of shape (2, months)
        For each curve of the charts the bounds between which nine of ten runs with the shock lie.
    scores : mapping of str to ndarray of shape (runs,)
        What the score card compares.
    failed : int
        Number of runs that are left out: their books did not balance, or an economy does not admit the settings.
    """

    settings: Settings
    headline: Headline
    bands: dict[str, np.ndarray]
    scores: dict[str, np.ndarray]
    failed: int = 0

    @property
    def count(self) -> int:
        """Number of pairs."""
        return len(self.headline.seeds)

    @property
    def crowd(self) -> str:
        """What the runs differ in: seeds, or members of the ensemble."""
        return self.headline.noun


class Cancelled(Exception):
    """The visitor has gone on to other settings, or has left."""


def points_of(settings: Settings, crowd: str) -> list[tuple[int, dict[str, Any]]]:
    """Return seed and values of each run: every seed, or every economy, where the visitor's own values hold too."""
    own = dict(settings.scenario.values or {})
    if crowd == OVER_SEEDS:
        return [(seed, own) for seed in range(1, SEEDS + 1)]
    return [(seed, values | own) for seed, values in enumerate(members(), start=1)]


def pair_of(
    settings: Settings, seed: int, values: dict[str, Any], cancelled: threading.Event
) -> tuple[Scenario, Twin, dict[str, float]] | None:
    """Run a pair of twins and read its scores; None if it is left out."""
    if cancelled.is_set():
        raise Cancelled
    try:
        plan = replace(settings.scenario, seed=seed, values=values)
        pair = twin(plan.parameters, shocks=plan.events, months=plan.months, seed=seed)
    except (BrokenIdentity, InvalidInput):
        return None
    run = ObservedRun(pair.with_shock.records, plan.parameters, plan.shock_month)
    return plan, pair, {name: read(run, name) for name in SCORES}


def run_pairs(settings: Settings, crowd: str, told: Callable[[int], None], cancelled: threading.Event) -> Pairs:
    """Run all pairs, telling from time to time how many are done.

    Raises
    ------
    Cancelled
        Soon after ``cancelled`` was set, and if no pair can be shown.
    """
    points = points_of(settings, crowd)
    waiting: list[Future[Any]] = [
        background().submit(pair_of, settings, seed, values, cancelled) for seed, values in points
    ]
    found = []
    try:
        for number, one in enumerate(waiting, start=1):
            found.append(one.result())
            told(number)
    except CancelledError:  # the server ends
        raise Cancelled from None
    finally:
        for one in waiting:
            one.cancel()
    known = [pair for pair in found if pair is not None]
    if not known or cancelled.is_set():
        raise Cancelled
    return summary(settings, crowd, known, failed=len(points) - len(known))


def summary(
    settings: Settings, crowd: str, known: Sequence[tuple[Scenario, Twin, dict[str, float]]], failed: int
) -> Pairs:
    """Keep of many pairs what the page shows."""
    plans, pairs, scores = zip(*known, strict=True)
    runs = tuple(pair.with_shock.records.measures for pair in pairs)
    twins = tuple(pair.without_shock.records.measures for pair in pairs)
    points = {str(place): plan.values for place, plan in enumerate(plans)} if crowd == OVER_MEMBERS else {}
    return Pairs(
        settings,
        headline(Runs(plans[0], tuple(plan.seed for plan in plans), runs, twins, points)),
        charts.bands(runs),
        {name: np.array([one[name] for one in scores]) for name in SCORES},
        failed,
    )


# --- Kept for all visitors ----------------------------------------------------------------------------------------

remembered: OrderedDict[Any, Pairs] = OrderedDict()
lock = threading.Lock()


def key_of(settings: Settings, crowd: str = OVER_SEEDS) -> tuple[Any, ...]:
    """What summaries depend on: everything but the seed of the visitor."""
    return (
        tuple(sorted(settings.values.items())),
        tuple(sorted(settings.since.items())),
        settings.shock,
        settings.months,
        crowd,
    )


def known_pairs(settings: Settings, crowd: str = OVER_SEEDS) -> Pairs | None:
    """Return the summary of settings that somebody has looked at before."""
    with lock:
        found = remembered.get(key_of(settings, crowd))
        if found is not None:
            remembered.move_to_end(key_of(settings, crowd))
        return found


def remember(pairs: Pairs) -> None:
    """Keep a summary, and forget the one that nobody has looked at for longest."""
    with lock:
        remembered[key_of(pairs.settings, pairs.crowd)] = pairs
        while len(remembered) > REMEMBERED:
            remembered.popitem(last=False)


def pairs_of(
    settings: Settings,
    told: Callable[[int], None] = lambda number: None,
    cancelled: threading.Event | None = None,
    crowd: str = OVER_SEEDS,
) -> Pairs:
    """Return the summary of settings, from memory or by running all pairs."""
    found = known_pairs(settings, crowd)
    if found is None:
        found = run_pairs(settings, crowd, told, cancelled or threading.Event())
        remember(found)
    return found
