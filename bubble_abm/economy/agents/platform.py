"""Platforms: hyperscalers with fleets of their own, who rent for their overflow and bid for distressed hub sites."""

from __future__ import annotations

from typing import Any

from bubble_abm.economy.chip_classes import H20, H100
from bubble_abm.economy.declare import ASSUMED, decision, parameters, section
from bubble_abm.economy.tables import Row, column


@parameters
class Parameters:
    """What platforms rent, build and bid."""

    # fmt: off
    parameter = section("platforms")
    platform_share: float = parameter(
        0.5, unit="share", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="share of rented inference demand that is the platforms' overflow")
    platform_budget: float = parameter(
        480e6, unit="CNY/month", low=0, high=1e11, role="fixed", source=ASSUMED,
        meaning="most that a platform spends on second-hand chips in a month")
    platform_fleet: float = parameter(
        361_000.0, unit="GPU", low=0, high=10000000.0, role="fixed", founding=True, source=ASSUMED,
        meaning="GPUs of all platforms in January 2023")
    platform_chip_share: float = parameter(
        0.665, unit="share", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="share of chips in platforms' investment; the rest is buildings, networks and other servers")
    platform_plans: float = parameter(
        1, unit="ratio", low=0, high=10, role="fixed", neutral=1, source="fact C32; switch of an experiment",
        meaning="capital spending of platforms, relative to their plans")
    platform_domestic: float = parameter(
        0.159, unit="share", low=0, high=1, role="fixed", source="assumption, with fact C40",
        meaning="share of platforms' spending on chips that goes to domestic ones, while they are on sale")
    platform_bid: float = parameter(
        0.9, unit="share", low=0, high=2, role="fixed", source=ASSUMED,
        meaning="bid for second-hand chips of sites near the users, relative to the chip price")
    del parameter
    # fmt: on


class PlatformRow(Row):
    """A hyperscaler: its fleet, its overflow of inference, its money."""

    id: int = column("", "number of the platform")
    sector: int = column("", "sector in the flow matrix")
    relative_size: float = column("share", "share in the platforms' inference")
    gpus: float = column("GPU", "own fleet")
    compute: float = column("GPU", "what its fleet computes in inference, second-hand chips apart")
    gpus_bought: float = column("GPU", "of these bought second-hand from operators")
    gpus_wanted: float = column("GPU", "rented GPUs wanted for the overflow of inference")
    inference_leased: float = column("GPU", "leased for inference")
    inference_cut: float = column("share", "share of its leases that it breaks off this month")
    lease_term: int = column("months", "term of the leases it signs this month")
    budget: float = column("CNY", "left this month for second-hand chips")
    unspent: float = column("CNY", "set aside for foreign chips while none is legal")
    cash: float = column("CNY", "deposits")
    rent_ahead: float = column("CNY", "rent paid in advance and not used yet")


@decision
def overflow(platform: Any, inference: float, p: Any) -> float:
    """Compute that a platform rents: a share of rented inference, less the chips it has bought second-hand [GPU]."""
    return max(platform.relative_size * (p.platform_share * inference) - platform.gpus_bought, 0.0)


@decision
def bid(operator: Any, province: Any, chip: Any, p: Any) -> float:
    """Price that a platform bids for a failing operator's chips, near the users only [CNY/GPU]."""
    return p.platform_bid * chip.price if province.hub == 1 else 0.0


@decision
def class_imported(chips: Any, p: Any) -> int:
    """Class of chips that platforms import legally: the H20 while it is on sale, or those that are not controlled.

    -1 while none is legal. Until October 2023, A800 and H800, of the H100 class, were.
    """
    if chips[H20].on_sale:
        return H20
    return H100 if p.export_control < 1.0 or p.chip_classes < 2.0 else -1
