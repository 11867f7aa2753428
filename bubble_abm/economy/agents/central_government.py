"""The central government: it calls for compute, brakes when too much stands idle, and owns a take-over fund."""

from __future__ import annotations

from typing import Any

from bubble_abm.economy.tables import Row, column

MONTHS_TO_BRAKE = 3


class CentralGovernmentRow(Row):
    """The centre: pressure of its call, its brake, its purse."""

    id: int = column("", "0")
    sector: int = column("", "sector in the flow matrix")
    cash: float = column("CNY", "deposits")
    fund: float = column("CNY", "what is left for taking sites over")
    call: float = column("share", "pressure of the call to build, after the brake")
    brake: int = column("", "1 while the brake is on")
    months_low: int = column("months", "months in a row with utilisation under the threshold")


def next_call(centre: Any, p: Any) -> float:
    """Pressure of the central call to build: the announced plans, nearly silenced while the brake is on [0, 1]."""
    return p.call * (0.15 if centre.brake else 1.0)


def takes_over(centre: Any, price: float, p: Any, luck: Any) -> bool:
    """Whether the state buys a failed site: likely while it calls for compute, or as mandated, as far as its fund goes.

    Notes
    -----
    Sites fail in numbers when use is low, and then the centre brakes and hardly calls. A probability of 1 alone would
    therefore leave most of them to the liquidator; a mandate does not ask for the call.
    """
    chance = max(p.take_over_probability * centre.call, p.take_over_mandate)
    return luck.take_over < chance and price <= min(centre.fund, centre.cash)


def debt_allowed(p: Any) -> float:
    """Debt in the part of capex that no grant covers: what lenders give, within the supervisor's cap [share].

    Notes
    -----
    A cap binds lenders, it makes no owner richer: purses are those of investors who count on ``leverage``, so under a
    cap they build smaller sites. Loans that carry interest or arrears later are not capped.
    """
    return min(p.leverage, p.leverage_cap)


def brakes(centre: Any) -> bool:
    """Whether the centre brakes: national utilisation has been under the threshold for three months."""
    return centre.months_low >= MONTHS_TO_BRAKE
