"""Switching off: a site that has not earned its running cost for some months is switched off, whatever is let there.

It returns when its owner expects it to fill better: by what was let there before, and by what is let elsewhere.
Without it, only sites that are hardly let are switched off, and only when rents are below cost.
"""

from __future__ import annotations

from typing import Any

from bubble_abm.economy.agents.operator import (
    IDLE,
    OPERATING,
    OperatorRow,
    avoidable_cost,
    going_rent,
    occupancy,
)
from bubble_abm.economy.declare import ASSUMED, decision, parameters, section
from bubble_abm.economy.tables import Row, column


@parameters
class Parameters:
    """What a site must earn, for how long it may earn less, and what its owner expects of a return."""

    # fmt: off
    parameter = section("switching off")
    cost_to_cover: float = parameter(
        0.363, unit="ratio", low=0, high=2, role="fixed", neutral=0,
        source="fact C47: the running cost, covered at a fill of 0.25-0.45", reported=(0, 1),
        meaning="rent that keeps a site on, relative to the running cost of all its GPUs")
    months_short: float = parameter(
        6, unit="months", low=0, high=36, role="fixed", source=ASSUMED,
        meaning="time for which a site may earn less before it is switched off")
    own_experience: float = parameter(
        0.5, unit="share", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="weight of what was let at the site, rather than elsewhere, in what its owner expects of a return")
    del parameter
    # fmt: on


class OperatorColumns(Row, extends=OperatorRow):
    """What an owner has seen."""

    short: int = column("months", "in a row in which rent did not cover what it must")
    relative_fill: float = column("ratio", "occupancy when it was last on, relative to that of all sites")
    was_off: int = column("", "1 if the site was switched off last month")


# --- Decisions ------------------------------------------------------------------------------------------------------


@decision
def falls_short(operator: Any, p: Any) -> bool:
    """Whether a month's rent does not cover what it must of the site's running cost."""
    return operator.revenue < p.cost_to_cover * avoidable_cost(operator, p) * operator.gpus_installed


@decision
def fill_expected(operator: Any, market: Any, p: Any) -> float:
    """Occupancy that an owner expects of a site that is switched on again [share]."""
    return min(market.utilisation * (1.0 + p.own_experience * (operator.relative_fill - 1.0)), 1.0)


# --- What it changes in decisions of the core (wired in month.py) ---------------------------------------------------


def idles_by_fill(idles: bool, operator: Any, market: Any, p: Any, luck: Any) -> bool:
    """Whether the site is switched off: also if it has fallen short of its cost for too long."""
    if idles or operator.short == 0:
        return idles
    return p.cost_to_cover > 0.0 and operator.short > p.months_short


def restarts_by_fill(restarts: bool, operator: Any, market: Any, p: Any) -> bool:
    """Whether an idle site is switched on: only if it is expected to earn what it must, with a margin."""
    if operator.short == 0 or p.cost_to_cover <= 0.0:
        return restarts
    enough = p.restart_margin * p.cost_to_cover * avoidable_cost(operator, p)
    return restarts and fill_expected(operator, market, p) * going_rent(operator, market) > enough


# --- Steps ----------------------------------------------------------------------------------------------------------


def owners_see_fill(world: Any, p: Any) -> None:
    """Owners count the months in which a site has not earned its running cost."""
    if p.cost_to_cover <= 0.0:
        return
    for k in range(world.live_count[0]):
        operator = world.operators[world.live[k]]
        if operator.stage == IDLE:
            operator.was_off = 1
        elif operator.stage == OPERATING and not operator.incumbent:
            before = 0 if operator.was_off else operator.short
            operator.short = before + 1 if falls_short(operator, p) else 0
            use = world.market.utilisation
            operator.relative_fill = max(occupancy(operator), 0.0) / use if use > 0.0 else 1.0
            operator.was_off = 0
