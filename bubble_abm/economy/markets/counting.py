"""Counting: statistics of the month's end, which everybody reads in the next month.

The brake, approvals, the tournament and beliefs rest on these numbers; ``measures.py`` reads the same world for the
statistician and changes nothing in it.
"""

from __future__ import annotations

from typing import Any

from bubble_abm.economy.agents.operator import CONVERTED, PLANNED, gpus_leased, is_complete, is_under_construction
from bubble_abm.economy.agents.tenant import CRUMB


def share(part: float, whole: float) -> float:
    """Part over whole, from zero to one; zero where the whole is less than is worth a contract.

    What leases and sales leave behind by rounding, of either sign, is no part of anything.
    """
    return min(max(part / whole, 0.0), 1.0) if whole >= CRUMB else 0.0


def has_team(world: Any, operator: Any) -> bool:
    """Whether a development team comes with a site's compute: its owner bundles one, or it has been converted."""
    return operator.conversion == CONVERTED or (operator.owner >= 0 and world.investors[operator.owner].bundles == 1)


def gpus_are_counted(world: Any) -> None:
    """Installed and leased GPUs are counted by province and nationwide, and so are those planned or being built."""
    market = world.market
    installed = leased_all = building = planned = 0.0
    for province in world.provinces:
        province.gpus_installed = 0.0
        province.gpus_leased = 0.0
        province.gpus_installed_new = 0.0
        province.gpus_leased_new = 0.0
    for k in range(world.live_count[0]):
        operator = world.operators[world.live[k]]
        if operator.stage == PLANNED:
            planned += operator.gpus_planned
        elif is_under_construction(operator):
            building += operator.gpus_planned
        elif is_complete(operator):
            leased = gpus_leased(operator)
            count_site(world.provinces[operator.province], operator, leased)
            installed += operator.gpus_installed
            leased_all += leased
    market.installed = installed
    market.utilisation = share(leased_all, installed)
    market.pipeline = building + market.go_ahead * planned


def count_site(province: Any, operator: Any, leased: float) -> None:
    """Count the GPUs of a completed site in its province; those of new sites are also counted separately."""
    province.gpus_installed += operator.gpus_installed
    province.gpus_leased += leased
    if not operator.incumbent:
        province.gpus_installed_new += operator.gpus_installed
        province.gpus_leased_new += leased
