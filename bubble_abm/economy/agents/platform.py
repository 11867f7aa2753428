"""Platforms: hyperscalers with fleets of their own, who rent for the overflow and bid for distressed hub sites."""

from __future__ import annotations

from typing import Any

from bubble_abm.economy.declare import ASSUMED, decision, parameters, section
from bubble_abm.economy.tables import Row, column


@parameters
class Parameters:
    """What platforms rent, build and bid."""

    # fmt: off
    parameter = section("platforms")
    platform_share: float = parameter(
        0.5, unit="share", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="rented inference that comes from the platforms' overflow")
    platform_budget: float = parameter(
        60e6, unit="CNY/month", low=0, high=1e11, role="fixed", source=ASSUMED,
        meaning="what a platform spends at most on distressed hub sites in a month")
    platform_fleet: float = parameter(
        100000.0, unit="GPU", low=0, high=10000000.0, role="fixed", founding=True, source=ASSUMED,
        meaning="GPUs of all platforms in January 2023")
    platform_chip_share: float = parameter(
        0.3, unit="share", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="chips of this class in platforms' investment; the rest are other chips and buildings")
    platform_bid: float = parameter(
        0.9, unit="share", low=0, high=2, role="fixed", source=ASSUMED,
        meaning="what a platform pays for a distressed site's chips near users, over the chip price")
    del parameter
    # fmt: on


class PlatformRow(Row):
    """A hyperscaler: its fleet, its overflow of inference, its money."""

    id: int = column("", "number of the platform")
    sector: int = column("", "sector in the flow matrix")
    relative_size: float = column("share", "share in the platforms' inference")
    gpus: float = column("GPU", "own fleet")
    gpus_bought: float = column("GPU", "of these bought from distressed sites")
    gpus_wanted: float = column("GPU", "rented GPUs wanted for the overflow of inference")
    inference_leased: float = column("GPU", "leased for inference")
    inference_cut: float = column("share", "part of its leases that it breaks off this month")
    lease_term: int = column("months", "length of the leases it signs this month")
    budget: float = column("CNY", "left this month for distressed sites")
    cash: float = column("CNY", "deposits")


@decision
def overflow(platform: Any, inference: float) -> float:
    """Inference that does not fit on the platform's own fleet; sites bought in distress take some of it [GPU]."""
    return max(platform.relative_size * inference - platform.gpus_bought, 0.0)


@decision
def bid(operator: Any, province: Any, market: Any, p: Any) -> float:
    """Price a platform offers for a distressed operator's chips: near users only, above the dealers [CNY/GPU]."""
    return p.platform_bid * market.chip_price if province.hub == 1 else 0.0
