"""Approval: provinces let projects start only where utilisation is high enough, or refuse sites away from the users.

Without it, whoever pays may build.
"""

from __future__ import annotations

from typing import Any

from bubble_abm.economy.agents.local_government import use_of_new_sites
from bubble_abm.economy.declare import POLICY, parameters, section


@parameters
class Parameters:
    """Below which utilisation, and where, approval is refused."""

    # fmt: off
    parameter = section("approval")
    approval_utilisation: float = parameter(
        0, unit="utilisation", low=0, high=1, role="lever", neutral=0,
        source=POLICY,
        meaning="utilisation of a province's new sites below which it lets no plan start; 0 is no gate")
    hub_only: float = parameter(
        0, unit="probability", low=0, high=1, role="lever", neutral=0,
        source=POLICY,
        meaning="chance that a project outside the hubs is refused when it is about to be announced")
    del parameter
    # fmt: on


def approves_site_near_users(approves: bool, province: Any, chance: float, p: Any) -> bool:
    """Whether a project in this province is approved: always in the hubs, elsewhere by chance.

    Notes
    -----
    The chance belongs to the application. An investor that was refused may apply again when it next decides.
    """
    return approves and (province.hub == 1 or chance >= p.hub_only)


def approves_start_by_use(approves: bool, province: Any, market: Any, p: Any) -> bool:
    """Whether plans may start: the province's new sites are used enough."""
    return approves and use_of_new_sites(province, market) >= p.approval_utilisation
