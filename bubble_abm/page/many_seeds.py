"""Many seeds at once: the same settings under other luck, with twins, computed in the background.

One run is one draw of luck. What holds for the settings is read off :data:`SEEDS` pairs of twins: bands in the charts,
dates of pops, and the part of the shock. Threads of this process share the work of all visitors, since compiled months
release Python's global lock.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

import numpy as np

from bubble_abm.economy.identities import BrokenIdentity
from bubble_abm.engine.scenario import Runs, Scenario
from bubble_abm.engine.simulation import Twin, twin
from bubble_abm.observe.headline import Headline, headline
from bubble_abm.observe.observed import ObservedRun
from bubble_abm.observe.outcomes import read
from bubble_abm.page import charts
from bubble_abm.page.scorecard import SCORES
from bubble_abm.page.settings import Settings
from bubble_abm.page.threads import background

SEEDS = 50
REMEMBERED = 24  # settings whose summaries are kept for all visitors


@dataclass(frozen=True, eq=False)
class Pairs:
    """What is kept of many pairs of twins: some hundred kilobytes.

    Attributes
    ----------
    settings : Settings
        What was run, but for the seed.
    headline : Headline
        Pops and the part of the shock, seed by seed, and shares of falls.
    bands : mapping of str to ndarray of shape (2, months)
        For each curve of the charts the bounds between which nine of ten runs with the shock lie.
    scores : mapping of str to ndarray of shape (seeds,)
        What the score card compares.
    failed : int
        Number of seeds whose books did not balance, which are left out.
    """

    settings: Settings
    headline: Headline
    bands: dict[str, np.ndarray]
    scores: dict[str, np.ndarray]
    failed: int = 0

    @property
    def seeds(self) -> int:
        """Number of seeds."""
        return len(self.headline.seeds)


class Cancelled(Exception):
    """The visitor has gone on to other settings, or has left."""


def pair_of(scenario: Scenario, seed: int, cancelled: threading.Event) -> tuple[Twin, dict[str, float]] | None:
    """Run a pair of twins and read its scores; None if its books do not balance."""
    if cancelled.is_set():
        raise Cancelled
    try:
        pair = twin(scenario.parameters, shocks=scenario.events, months=scenario.months, seed=seed)
    except BrokenIdentity:
        return None
    run = ObservedRun(pair.with_shock.records, scenario.parameters, scenario.shock_month)
    return pair, {name: read(run, name) for name in SCORES}


def run_pairs(settings: Settings, told: Callable[[int], None], cancelled: threading.Event) -> Pairs:
    """Run all seeds, telling from time to time how many are done.

    Raises
    ------
    Cancelled
        Soon after ``cancelled`` was set.
    """
    scenario = settings.scenario
    waiting: list[Future[Any]] = [
        background().submit(pair_of, scenario, seed, cancelled) for seed in range(1, SEEDS + 1)
    ]
    found = []
    try:
        for number, one in enumerate(waiting, start=1):
            found.append((number, one.result()))
            told(number)
    finally:
        for one in waiting:
            one.cancel()
    known = [(seed, *pair) for seed, pair in found if pair is not None]
    if not known or cancelled.is_set():
        raise Cancelled
    return summary(settings, known, failed=SEEDS - len(known))


def summary(settings: Settings, known: Sequence[tuple[int, Twin, dict[str, float]]], failed: int = 0) -> Pairs:
    """Keep of many pairs what the page shows."""
    scenario = settings.scenario
    runs = tuple(pair.with_shock.records.measures for _, pair, _ in known)
    twins = tuple(pair.without_shock.records.measures for _, pair, _ in known)
    seeds = tuple(seed for seed, _, _ in known)
    return Pairs(
        settings,
        headline(Runs(scenario, seeds, runs, twins)),
        charts.bands(runs),
        {name: np.array([scores[name] for _, _, scores in known]) for name in SCORES},
        failed,
    )


# --- Kept for all visitors ----------------------------------------------------------------------------------------

remembered: OrderedDict[Any, Pairs] = OrderedDict()
lock = threading.Lock()


def key_of(settings: Settings) -> tuple[Any, ...]:
    """What summaries depend on: everything but the seed."""
    return (
        tuple(sorted(settings.values.items())),
        tuple(sorted(settings.since.items())),
        settings.shock,
        settings.months,
    )


def known_pairs(settings: Settings) -> Pairs | None:
    """Return the summary of settings that somebody has looked at before."""
    with lock:
        found = remembered.get(key_of(settings))
        if found is not None:
            remembered.move_to_end(key_of(settings))
        return found


def remember(pairs: Pairs) -> None:
    """Keep a summary, and forget the one that nobody has looked at for longest."""
    with lock:
        remembered[key_of(pairs.settings)] = pairs
        while len(remembered) > REMEMBERED:
            remembered.popitem(last=False)


def pairs_of(
    settings: Settings,
    told: Callable[[int], None] = lambda number: None,
    cancelled: threading.Event | None = None,
) -> Pairs:
    """Return the summary of settings, from memory or by running all seeds."""
    found = known_pairs(settings)
    if found is None:
        found = run_pairs(settings, told, cancelled or threading.Event())
        remember(found)
    return found
