"""Targets: numbers that are read off a run and were observed, each with its range; searches and calibration use them.

A fact about a peak gives two targets, its height and its month, and two facts about ratios are followed by the levels
behind them. Facts about parameters, facts without a range, and signs are none.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from bubble_abm.economy.measures import Measures
from bubble_abm.economy.outside import month_number
from bubble_abm.observe.facts import COUNTS, PEAKS, READINGS, Fact, facts, window_mean, year
from bubble_abm.observe.verdict import column

STRONG, WEAK = "strong", "weak"
SMALLEST = 1e-9  # what counts as nothing in logarithms
LEFT_OUT = ("C25", "C38", "C51")  # two are signs, one an order of magnitude
HALF_A_MONTH = 0.5  # a peak in the first month of a window may come at its beginning


@dataclass(frozen=True)
class Target:
    """What a run is measured by: a number read off it, and the range in which it was observed.

    Parameters
    ----------
    name : str
        The fact, as in ``C06``; what it adds is written after a point, as in ``C06.month``.
    low, high : float
        Range in which it was observed.
    read : callable
        Reads it off the measures of a run.
    last : int
        Last month that is read, counted from January 2023.
    weight : {'strong', 'weak'}
        How well it is known.
    meaning, unit : str
        For tables.
    counted : bool
        Whether it grows with the size of the world.
    """

    name: str
    low: float
    high: float
    read: Callable[[Any], float]
    last: int = 0
    weight: str = WEAK
    meaning: str = ""
    unit: str = ""
    counted: bool = False

    @property
    def logarithmic(self) -> bool:
        """Whether distances are measured in logarithms, as they are where the whole range is positive."""
        return self.low > 0.0

    def scaled(self, value: float) -> float:
        """Return a value on the scale on which distances are measured."""
        return math.log(max(value, SMALLEST)) if self.logarithmic else value

    @property
    def middle(self) -> float:
        """Middle of the range on that scale."""
        return (self.scaled(self.low) + self.scaled(self.high)) / 2.0

    @property
    def half_width(self) -> float:
        """Half the width of the range on that scale."""
        return (self.scaled(self.high) - self.scaled(self.low)) / 2.0

    def distance(self, value: float) -> float:
        """Distance of a value from the middle of the range, in half-widths; in logarithms if all of it is positive.

        Examples
        --------
        >>> Target("share", 0.0, 2.0, float).distance(3.0), round(Target("rent", 1.0, 4.0, float).distance(8.0), 6)
        (2.0, 2.0)
        """
        return abs(self.scaled(value) - self.middle) / self.half_width


def peak(measure: str, series: Any) -> float:
    """Highest value of a measure."""
    return float(column(series, measure).max())


def peak_month(measure: str, series: Any) -> float:
    """Month of the highest value."""
    return float(column(series, measure).argmax())


def at(measure: str, month: int, series: Any) -> float:
    """Value of a measure in one month."""
    return float(column(series, measure)[month])


def able_share(series: Any) -> float:
    """Share of able sponsors in the sites completed by December 2024."""
    return at("completed_able", 23, series) / max(at("projects_completed", 23, series), 1.0)


def targets_of(fact: Fact) -> tuple[Target, ...]:
    """Return the targets of a fact; none if it has no range, or is not read off runs."""
    if fact.low is None or fact.high is None or fact.id in LEFT_OUT:
        return ()
    about: dict[str, Any] = {"last": fact.last, "weight": fact.weight}
    height = about | {"meaning": fact.text, "unit": fact.unit, "counted": fact.unit in COUNTS}
    if fact.id in PEAKS:
        window = (fact.first - HALF_A_MONTH, fact.last + HALF_A_MONTH)
        when = about | {"meaning": f"month of the {fact.text}", "unit": "month"}
        return (
            Target(fact.id, fact.low, fact.high, partial(peak, fact.measure), **height),
            Target(f"{fact.id}.month", *window, partial(peak_month, fact.measure), **when),
        )
    if fact.id in READINGS or set(fact.measure.split("+")) <= set(Measures.columns):
        return (Target(fact.id, fact.low, fact.high, partial(READINGS.get(fact.id, window_mean), fact), **height),)
    return ()


def levels() -> tuple[Target, ...]:
    """Return the levels behind facts about ratios, and what makes an economy alive when the shock comes."""
    december = month_number("2024-12")
    return (
        Target("C35.2024", 12e9, 40e9, partial(year, "public_spending", 12), december,
               meaning="public spending on computing centres in 2024", unit="CNY"),
        Target("C37.2023", 45e9, 90e9, partial(year, "venture_money", 0), month_number("2023-12"),
               meaning="venture money into Chinese AI in 2023", unit="CNY"),
        Target("C37.2024", 60e9, 120e9, partial(year, "venture_money", 12), december,
               meaning="venture money into Chinese AI in 2024", unit="CNY"),
        Target("building", 60.0, 260.0, partial(at, "projects_building", month_number("2025-03")),
               month_number("2025-03"), meaning="projects under construction in March 2025", unit="projects",
               counted=True),
        Target("able", 0.1, 0.3, able_share, december,
               meaning="able sponsors' share in the centres completed by the end of 2024", unit="share"),
    )  # fmt: skip


#: All targets by name, in the order of the facts.
TARGETS: Mapping[str, Target] = {
    target.name: target for target in (*(one for fact in facts() for one in targets_of(fact)), *levels())
}
