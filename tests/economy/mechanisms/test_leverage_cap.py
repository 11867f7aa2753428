"""Leverage cap: neutral is absent; a cap binds lenders and makes no owner richer."""

from __future__ import annotations

import pytest

from bubble_abm.economy.markets import projects
from bubble_abm.economy.mechanisms import leverage_cap
from tests.economy.agents.cases import Case, check_with_mechanisms, given, table
from tests.economy.mechanisms.battery import Battery
from tests.worlds import planned, with_mechanisms

CASES = [
    Case("debt_allowed", "what lenders give", (given(leverage=0.7, leverage_cap=0.9),), 0.7),
    Case("debt_allowed", "no more than the supervisor allows", (given(leverage=0.7, leverage_cap=0.4),), 0.4),
]


@table(CASES)
def test_lenders_decide_under_a_cap_as_worked_out_by_hand(case: Case) -> None:
    check_with_mechanisms(case)


class TestLeverageCap(Battery):
    mechanism = leverage_cap
    active = {"leverage_cap": 0.2}
    sign = ("operators_debt", 6, -1.0)  # a cap binds lenders


def test_a_cap_on_debt_makes_a_rich_owner_pay_and_a_poor_one_build_less() -> None:
    world, p, operator, owner = planned(purse=1e9)
    p.leverage_cap = 0.2
    with_mechanisms(projects.start)(world, operator, owner, p)
    assert operator.debt == pytest.approx(3.2e6)  # a fifth of 16 million
    assert operator.equity == pytest.approx(12.8e6 + 2e6)
    assert operator.cash == pytest.approx(22e6)
    world, p, operator, owner = planned(purse=5e6)
    p.leverage_cap = 0.2
    with_mechanisms(projects.start)(world, operator, owner, p)
    assert operator.gpus_planned == pytest.approx(5e6 / 148_000)  # 128 000 a GPU and ten months' cost
    assert owner.cash == pytest.approx(0.0, abs=1e-6)
