"""Own tenants: sites that open from some month on bring tenants of their own, and take none from others.

A counterfactual, no policy: what would rents and use have been, had demand come with the capacity that arrived? Sites
are built, paid for and equipped as ever, so nothing is ordered or given up by decree.
Without it, who opens a site competes for the tenants there are.
"""

from __future__ import annotations

from typing import Any

from bubble_abm.economy.agents.operator import gpus_free, is_open
from bubble_abm.economy.declare import parameters, section
from bubble_abm.economy.markets.leasing import BROUGHT, INFERENCE, sign


@parameters
class Parameters:
    """Since when sites bring tenants."""

    # fmt: off
    parameter = section("own tenants")
    own_tenants_from: float = parameter(
        168, unit="month", low=0, high=168, role="lever", whole=True, neutral=168,
        source="switch of an experiment",
        meaning="month from which on sites that open bring tenants of their own; 168 is after the end of any run")
    del parameter
    # fmt: on


# --- Steps ----------------------------------------------------------------------------------------------------------


def sites_bring_tenants(world: Any, p: Any) -> None:
    """Sites that open late are let to tenants of their own, month by month, and offer nothing to others.

    Notes
    -----
    Not building would be another counterfactual. It would also take away the demand for chips and, by decree,
    announcements and starts, whose fall could then not be explained. Such a site is let up to the natural occupancy, at
    which posted rents neither rise nor fall, at the rent that it posts, and counts neither in the rent index nor among
    the uses of compute. Households pay, as for other firms that are no startups.
    """
    if p.month < p.own_tenants_from:
        return
    for k in range(world.live_count[0]):
        operator = world.operators[world.live[k]]
        if brings_tenants(operator, p):
            operator.gpus_brought = min(p.natural_occupancy * operator.gpus_installed, gpus_free(operator))
            sign(world, operator, operator.announcer, BROUGHT, INFERENCE, operator.gpus_brought, 1)
            operator.gpus_hidden = gpus_free(operator)


def brings_tenants(operator: Any, p: Any) -> bool:
    """Whether a site is open and late enough to bring tenants; clouds of January 2023 and their leases are not."""
    return is_open(operator) and operator.incumbent == 0 and operator.month_opened >= p.own_tenants_from
