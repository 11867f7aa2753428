"""Public register: a register of projects makes competitors' pipeline known to everybody.

Without it, inexperienced investors leave most of the pipeline out of their forecasts.
"""

from __future__ import annotations

from typing import Any

from bubble_abm.economy.declare import POLICY, parameters, section


@parameters
class Parameters:
    """How complete the register is."""

    # fmt: off
    parameter = section("public register")
    public_register: float = parameter(
        0, unit="share", low=0, high=1, role="lever", neutral=0,
        source=POLICY,
        meaning="share of the neglected pipeline that a public register of projects makes known to everybody")
    del parameter
    # fmt: on


def neglect_despite_register(neglect: float, investor: Any, p: Any) -> float:
    """Share of competitors' pipeline that still goes unnoticed [share]."""
    return neglect * (1.0 - p.public_register)
