"""Platforms: hyperscalers with fleets of their own, who rent for the overflow and bid for distressed hub sites."""

from __future__ import annotations

from typing import Any

from bubble_abm.economy.declare import decision
from bubble_abm.economy.tables import Row, column


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
    return 0.9 * market.chip_price if province.hub == 1 else 0.0
