"""The central government: it calls for compute, and brakes when too much capacity stands idle."""

from __future__ import annotations

from typing import Any

from bubble_abm.economy.declare import ASSUMED, decision, parameters, section
from bubble_abm.economy.tables import Row, column


@parameters
class Parameters:
    """When and how hard the centre brakes."""

    # fmt: off
    parameter = section("state")
    brake_threshold: float = parameter(
        0.474, unit="utilisation", low=0, high=0.6, role="uncertain", sampled=(0.2, 0.6), source=ASSUMED,
        meaning="national utilisation below which the centre, after some months, calls off the build-out")
    months_to_brake: float = parameter(
        3.0, unit="months", low=1, high=24, role="fixed", whole=True, source=ASSUMED,
        meaning="months in a row below the threshold before the centre brakes")
    call_under_brake: float = parameter(
        0.15, unit="share", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="share of the call that is left while the brake is on")
    tax_lag: float = parameter(
        12.0, unit="months", low=1, high=120, role="fixed", source=ASSUMED,
        meaning="mean time in which taxes make good what the centre has spent")
    del parameter
    # fmt: on


class CentralGovernmentRow(Row):
    """The centre: pressure of its call, its brake, its purse."""

    id: int = column("", "always 0")
    sector: int = column("", "sector in the flow matrix")
    cash: float = column("CNY", "deposits")
    reserve: float = column("CNY", "deposits of January 2023, to which taxes bring it back")
    call: float = column("share", "pressure of the call to build, after the brake")
    brake: int = column("", "1 while the brake is on")
    months_low: int = column("months", "months in a row with utilisation below the threshold")


@decision
def next_call(centre: Any, p: Any) -> float:
    """Pressure of the central call to build: the announced plans, nearly silenced while the brake is on [0, 1]."""
    return p.call * (p.call_under_brake if centre.brake else 1.0)


@decision
def taxes(centre: Any, p: Any) -> float:
    """Taxes that the centre levies this month: part of what it lacks of its deposits of January 2023 [CNY]."""
    return max(centre.reserve - centre.cash, 0.0) / p.tax_lag


@decision
def brakes(centre: Any, p: Any) -> bool:
    """Whether the centre brakes: national utilisation has been below the threshold for enough months in a row."""
    return centre.months_low >= p.months_to_brake
