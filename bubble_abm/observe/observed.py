"""The records of a run, or of a run and its twin, as outcomes read them: verdicts and falls are computed once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from bubble_abm.observe import surplus
from bubble_abm.observe.falls import MEASURED, falls, share_of_fall, smallest
from bubble_abm.observe.verdict import Attribution, Bubble, Pop, agreement, attribution, bubble, column, pop, pops


class ObservedRun:
    """The records of one run, and the verdicts on it, each computed once.

    Parameters
    ----------
    records : Records
        Records of the run.
    parameters : Parameters
        Parameters of the run.
    shock_month : int, optional
        Month of the shock, before which falls begin; by default the one that the parameters say, which is also that of
        a run without a shock.
    """

    def __init__(self, records: Any, parameters: Any, shock_month: int | None = None) -> None:
        self.series = records.measures
        self.flows = records.flows
        self.balances = records.balances
        self.parameters = parameters
        self.shock_month = int(parameters.shock_month) if shock_month is None else shock_month

    def __getitem__(self, measure: str) -> np.ndarray:
        return column(self.series, measure)

    @property
    def months(self) -> int:
        """Length of the run [months]."""
        return len(self.series)

    @cached_property
    def pop(self) -> Pop:
        """When the boom ended."""
        return pop(self.series)

    @cached_property
    def pops(self) -> dict[str, int | None]:
        """When the boom ended under each definition."""
        return pops(self.series)

    @cached_property
    def falls(self) -> dict[str, dict[str, float]]:
        """How far each measure of the bust fell, by measure and window."""
        return {name: falls(self.series, name, self.shock_month) for name in MEASURED}

    @cached_property
    def bubble(self) -> Bubble:
        """Whether GPUs were overpriced."""
        return bubble(self.series, self.parameters)

    def censored(self, month: int | None) -> float:
        """Month of an event, or the length of the run if it does not occur; its mean is the restricted mean."""
        return float(self.months if month is None else month)

    @cached_property
    def investment(self) -> np.ndarray:
        """What operators spend on chips and construction, over the last three months [CNY]."""
        return surplus.quarterly(surplus.investment(self))

    @cached_property
    def slump(self) -> tuple[int, bool]:
        """Months in which investment is below half its peak, and whether it comes back."""
        return surplus.slump(self.investment)


@dataclass(frozen=True)
class Pair:
    """A run and its twin without the shock, which has no month if it has no effect or comes after the run."""

    run: ObservedRun
    twin: ObservedRun
    shock_month: int | None

    @cached_property
    def attribution(self) -> Attribution:
        """What the shock had to do with the pop."""
        return attribution(self.run.pop.composite, self.twin.pop.composite, self.shock_month, self.run.months)

    @property
    def agreement(self) -> float:
        """Share of definitions of a pop that give this verdict."""
        return agreement(self.run.pops, self.twin.pops, self.shock_month, self.run.months)

    def share_of_fall(self, name: str, window: str) -> float | None:
        """Share of a fall that the shock explains, None if there is no fall."""
        least = smallest(self.run.series, name, window)
        return share_of_fall(self.run.falls[name][window], self.twin.falls[name][window], least)
