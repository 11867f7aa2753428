"""The central government: it calls for compute, and brakes when too much stands idle."""

from __future__ import annotations

from typing import Any

from bubble_abm.economy.declare import decision
from bubble_abm.economy.tables import Row, column

MONTHS_TO_BRAKE = 3


class CentralGovernmentRow(Row):
    """The centre: pressure of its call, its brake, its purse."""

    id: int = column("", "0")
    sector: int = column("", "sector in the flow matrix")
    cash: float = column("CNY", "deposits")
    call: float = column("share", "pressure of the call to build, after the brake")
    brake: int = column("", "1 while the brake is on")
    months_low: int = column("months", "months in a row with utilisation under the threshold")


@decision
def next_call(centre: Any, p: Any) -> float:
    """Pressure of the central call to build: the announced plans, nearly silenced while the brake is on [0, 1]."""
    return p.call * (0.15 if centre.brake else 1.0)


@decision
def brakes(centre: Any) -> bool:
    """Whether the centre brakes: national utilisation has been under the threshold for three months."""
    return centre.months_low >= MONTHS_TO_BRAKE
