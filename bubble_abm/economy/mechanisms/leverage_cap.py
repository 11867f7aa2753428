"""Leverage cap: a supervisor limits the debt in the part of capex that no grant covers.

Without it, lenders give what they are used to giving. A cap binds lenders and makes no owner richer: purses are those
of investors who count on ``leverage``, so under a cap they build smaller sites. Loans that later carry interest or
arrears are not capped.
"""

from __future__ import annotations

from typing import Any

from bubble_abm.economy.declare import POLICY, parameters, section


@parameters
class Parameters:
    """The cap."""

    # fmt: off
    parameter = section("leverage cap")
    leverage_cap: float = parameter(
        0.9, unit="share", low=0, high=0.9, role="lever", neutral=0.9,
        source=POLICY,
        meaning="highest share of debt that a supervisor allows in the capex that no grant covers; 0.9 is no cap")
    del parameter
    # fmt: on


def debt_under_cap(debt: float, sponsor: int, market: Any, p: Any) -> float:
    """Debt in the part of capex that no grant covers, within the supervisor's cap [share]."""
    return min(debt, p.leverage_cap)
