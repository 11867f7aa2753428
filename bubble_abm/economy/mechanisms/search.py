"""Search: tenants need time to find what is free, so that a site fills over months.

The end of a lease is foreseen, and what it frees is looked for in time. A new hall, what was given up before its time,
and what has been empty for longer are found bit by bit.
Without it, who looks for compute sees all that is free at once.
"""

from __future__ import annotations

from typing import Any

from bubble_abm.economy.agents.operator import gpus_free
from bubble_abm.economy.arithmetic import exp
from bubble_abm.economy.declare import ASSUMED, decision, parameters, section
from bubble_abm.economy.markets.signals import Market
from bubble_abm.economy.tables import Row, column


@parameters
class Parameters:
    """How long it takes to find what is free."""

    # fmt: off
    parameter = section("search")
    search_time: float = parameter(
        0.562, unit="months", low=0, high=24, role="fixed", plausible=(0, 2),
        neutral=0, source=f"{ASSUMED}, with facts C10, C11",
        meaning="mean time until tenants have found a GPU that was not known to become free")
    del parameter
    # fmt: on


class MarketColumns(Row, extends=Market):
    """Whether there is anything to find."""

    searching: int = column("", "1 while tenants need time to find what is free")


# --- Decisions ------------------------------------------------------------------------------------------------------


@decision
def not_found(operator: Any, market: Any, p: Any) -> float:
    """Free GPUs that tenants do not find this month: part of those that were not known to become free [GPU].

    The leases with which clouds entered January 2023 were signed before, up to the utilisation of the day.
    """
    if p.search_time <= 0.0:
        return 0.0
    if operator.incumbent and market.month == 0:
        return (1.0 - market.utilisation) * gpus_free(operator)
    return exp(-1.0 / p.search_time) * max(gpus_free(operator) - operator.gpus_expired, 0.0)


# --- Steps ----------------------------------------------------------------------------------------------------------


def tenants_search(world: Any, p: Any) -> None:
    """Tenants find part of what is free, at each site for this month."""
    market = world.market
    searching = p.search_time > 0.0
    if searching or market.searching:
        for k in range(world.live_count[0]):
            operator = world.operators[world.live[k]]
            operator.gpus_hidden = not_found(operator, market, p)
    market.searching = 1 if searching else 0
