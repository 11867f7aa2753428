"""What a visitor watches: a whole run, its twin without the shock, and the provinces month by month.

A run takes a hundredth of a second, so it is computed whole as soon as settings change; play only moves a cursor.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from bubble_abm.economy.identities import BrokenIdentity, check_identities
from bubble_abm.economy.shocks import Shock
from bubble_abm.engine.room import lent_rooms
from bubble_abm.engine.simulation import Result, Simulation, months_in_common, paths_under
from bubble_abm.page.settings import Settings


@dataclass(frozen=True, eq=False)
class WatchedRun:
    """A run and its twin, from the first month to the last.

    Attributes
    ----------
    settings : Settings
        What was run.
    result : Result
        The run.
    twin : Result or None
        The same luck without the shock; None if the run has no shock.
    provinces : ndarray of shape (reached + 1, provinces)
        Provinces at the start and after each month.
    first_difference : int
        First month in which run and twin may differ.
    reached : int
        Number of months whose books balance, which is the length of the run unless it has failed.
    failure : str
        Why a run cannot be shown to its end; empty for all others.
    """

    settings: Settings
    result: Result
    twin: Result | None
    provinces: np.ndarray
    first_difference: int
    reached: int
    failure: str = ""

    @property
    def months(self) -> int:
        """Length of the run [months]."""
        return self.result.months

    @property
    def shock_month(self) -> int | None:
        """Month of the shock, None if there is none within the run."""
        return self.settings.scenario.shock_month

    @property
    def series(self) -> np.ndarray:
        """Measures of the months whose books balance."""
        return np.asarray(self.result.records.measures[: self.reached])

    @property
    def twin_series(self) -> np.ndarray | None:
        """Measures of the same months of the twin."""
        return None if self.twin is None else np.asarray(self.twin.records.measures[: self.reached])

    @contextmanager
    def world_at(self, month: int) -> Iterator[Any]:
        """Lend the world as it is after some months, by running them again; nothing of it may be kept."""
        plan = self.settings.scenario
        with lent_rooms(plan.parameters, 1) as (room,):
            run = Simulation(plan.parameters, shocks=plan.events, months=plan.months, seed=plan.seed, room=room)
            run.run_to(min(month, self.reached))
            yield run.world


def watch(settings: Settings) -> WatchedRun:
    """Run the economy and, from the first month in which they differ, its twin without the shock."""
    plan = settings.scenario
    with lent_rooms(plan.parameters, 2) as (room, another):
        run = Simulation(plan.parameters, shocks=plan.events, months=plan.months, seed=plan.seed, room=room)
        others = tuple(event for event in plan.events if not isinstance(event, Shock))
        parting = months_in_common(run.paths, paths_under(plan.parameters, others, plan.months))
        provinces, twin = [provinces_at_start(run.world)], None
        for month in range(run.months):
            if month == parting:
                twin = run.fork(others, another)
            run.run_to(month + 1)
            provinces.append(np.array(run.world.provinces))
        if twin is not None:
            twin.run_to(run.months)
        reached, failure = balanced(run, twin)
        return WatchedRun(
            settings, run.result(), None if twin is None else twin.result(), np.stack(provinces[: reached + 1]),
            parting, reached, failure,
        )  # fmt: skip


def provinces_at_start(world: Any) -> np.ndarray:
    """Return the provinces with the GPUs of the clouds that are there before the first month, which counts them."""
    provinces, operators = np.array(world.provinces), np.array(world.operators)
    where = operators["province"].clip(0)
    for name, columns in (
        ("gpus_installed", ("gpus_installed",)), ("gpus_leased", ("training_leased", "inference_leased")),
    ):  # fmt: skip
        counted = sum(operators[column] for column in columns)
        provinces[name] = np.bincount(where, weights=counted, minlength=len(provinces))
    return provinces


def balanced(*runs: Simulation | None) -> tuple[int, str]:
    """Return the number of months in which the books of all runs balance, and what breaks then, if anything does."""
    known = [run for run in runs if run is not None]
    months = known[0].months
    try:
        for run in known:
            run.check(0, run.records)
    except BrokenIdentity:
        for month in range(months):
            for run in known:
                try:
                    check_identities(run.records, month, month + 1, run.parameters)
                except BrokenIdentity as error:
                    return month, f"An accounting identity is broken: {error}"
    return months, ""
