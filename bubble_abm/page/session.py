"""One visitor's run: the model and, from the first month in which they differ, its twin without the shock."""

from __future__ import annotations

from typing import Any

import numpy as np

from bubble_abm.economy.shocks import Shock
from bubble_abm.engine.model import BubbleModel
from bubble_abm.engine.simulation import BrokenIdentity, Simulation, months_in_common, paths_under
from bubble_abm.page.settings import Settings


class WatchedModel(BubbleModel):
    """The economy as the page shows it: a ``BubbleModel`` that also advances its twin without the shock.

    Before the shock a run and its twin are the same, so the twin is created only then.

    Parameters
    ----------
    settings : Settings, optional
        Settings of the run.
    until : int
        Number of months to run at once, for a shared link.
    """

    def __init__(self, settings: Settings | None = None, until: int = 0) -> None:
        self.settings = settings or Settings()
        scenario = self.settings.scenario
        super().__init__(scenario.parameters, shocks=scenario.events, months=scenario.months, rng=scenario.seed)
        kept = tuple(shock for shock in self.simulation.shocks if not isinstance(shock, Shock))
        self.without_shock: tuple[Any, ...] = kept
        self.first_difference = months_in_common(self.simulation.paths, paths_under(self.parameters, kept, self.months))
        self.twin: Simulation | None = None
        self.failure = ""
        self.retired = False
        for _ in range(min(until, self.months)):
            self.step()

    def step(self) -> None:
        """Run one month of the economy and of its twin; after the last month nothing happens."""
        if self.month >= self.months or self.retired or self.failure:
            self.running = False
            return
        try:
            if self.month == self.first_difference:
                self.twin = self.simulation.fork(self.without_shock)
            super().step()
            if self.twin is not None:
                self.twin.advance()
        except BrokenIdentity as error:
            self.failure = f"The run has stopped, an accounting identity is broken: {error}"
            self.running = False

    def retire(self) -> None:
        """Stop for good, because another run replaces this one; a controller that still plays it comes to its end."""
        self.retired = True
        self.running = False

    def _advance_time(self, until: float) -> None:
        if until > self.months:  # pressing a button after the last month is not an error
            self.running = False
            return
        super()._advance_time(until)

    @property
    def series(self) -> np.ndarray:
        """Measures of the months so far."""
        return np.asarray(self.simulation.records.measures[: self.month])

    @property
    def twin_series(self) -> np.ndarray | None:
        """Measures of the twin so far, None before the shock or without one."""
        return None if self.twin is None else np.asarray(self.twin.records.measures[: self.month])
