"""Search: tenants need time to find what is free, so that a site fills over months.

The end of a lease is foreseen, and what it frees is looked for in time. A new hall, what was given up before its time,
and what has been empty for longer are found bit by bit.
Without it, who looks for compute sees all that is free at once.
"""

from __future__ import annotations

from typing import Any

from bubble_abm.economy.arithmetic import exp
from bubble_abm.economy.declare import ASSUMED, parameters, section


@parameters
class Parameters:
    """How long it takes to find what is free."""

    # fmt: off
    parameter = section("search")
    search_time: float = parameter(
        0, unit="months", low=0, high=24, role="fixed", neutral=0, source=f"{ASSUMED}, with facts C10, C11",
        meaning="mean time until tenants have found a GPU that was not known to become free")
    del parameter
    # fmt: on


# --- What it changes in decisions of the core (wired in month.py) ---------------------------------------------------


def shown_by_search(shown: float, operator: Any, market: Any, p: Any) -> float:
    """Free GPUs that tenants see this month: those of expired leases, and what their search has found [GPU].

    The leases with which clouds entered January 2023 were found before.
    """
    if p.search_time <= 0.0 or (operator.incumbent and market.month == 0):
        return shown
    foreseen = min(operator.gpus_expired, shown)
    return foreseen + (1.0 - exp(-1.0 / p.search_time)) * (shown - foreseen)
