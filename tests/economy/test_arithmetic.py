"""What overflows is infinite, compiled or not."""

from __future__ import annotations

import math
from pathlib import Path

import numba
import pytest

import bubble_abm.economy
from bubble_abm.economy.agents.investor import InvestorRow, announcement_hazard
from bubble_abm.economy.arithmetic import exp
from bubble_abm.economy.markets.signals import Market
from bubble_abm.economy.mechanisms.lending_standards import readiness
from tests.worlds import filled, founded


@pytest.mark.parametrize("power", [-math.inf, -1e9, -745.0, -1.0, 0.0, 0.1, 700.0, 709.0, 709.5, 710.0, 1e9, math.inf])
def test_compiled_and_interpreted_exponentials_agree_bit_for_bit(power: float) -> None:
    assert numba.njit(exp)(power) == exp(power)
    assert exp(power) == math.inf if power > 709.0 else exp(power) == math.exp(power)
    assert math.isnan(exp(math.nan))


def test_decisions_of_the_most_reluctant_are_not_errors() -> None:
    world, p = founded()
    who = filled(InvestorRow, taste=-1e9, profitability=1.0)
    assert announcement_hazard(who, 0.0, world.centre, p) == 0.0
    assert readiness(filled(Market, strain=1e9)) == 0.0


def test_nothing_takes_another_exponential() -> None:
    for file in Path(bubble_abm.economy.__file__).parent.rglob("*.py"):
        assert file.name == "arithmetic.py" or "math.exp" not in file.read_text(encoding="utf-8"), file
