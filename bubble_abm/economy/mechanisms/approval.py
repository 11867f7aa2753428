"""Approval: provinces let a project start only where use is high enough, or refuse sites away from the users.

Without it, whoever pays may build.
"""

from __future__ import annotations

from typing import Any

from bubble_abm.economy.declare import POLICY, parameters, section


@parameters
class Parameters:
    """Under which use, and where, approval is refused."""

    # fmt: off
    parameter = section("approval")
    approval_utilisation: float = parameter(
        0, unit="utilisation", low=0, high=1, role="lever", neutral=0,
        source=POLICY,
        meaning="measured use of what a province has built so far under which it lets no plan start; 0 is no gate")
    hub_only: float = parameter(
        0, unit="probability", low=0, high=1, role="lever", neutral=0,
        source=POLICY,
        meaning="chance that a project outside the hubs is refused approval when it is to be announced")
    del parameter
    # fmt: on


def approves_site_near_users(approves: bool, province: Any, chance: float, p: Any) -> bool:
    """Whether a project in this province is approved: outside the hubs, by chance.

    Notes
    -----
    The chance is one of each application. Who was refused may apply again on next coming to a decision.
    """
    return approves and (province.hub == 1 or chance >= p.hub_only)


def approves_start_by_use(approves: bool, province: Any, market: Any, p: Any) -> bool:
    """Whether plans may start: what the province has built is used enough, or the nation's sites where it has none.

    Notes
    -----
    A province is measured by its own new sites, together. National use would let it hide empty halls behind the full
    sites of the hubs; single sites would let it be judged by the one that opened last. Without a site of its own, the
    nation's use is all there is to be known.
    """
    use = market.utilisation
    if province.gpus_installed_new > 0.0:
        use = province.gpus_leased_new / province.gpus_installed_new
    return approves and use >= p.approval_utilisation
