"""Leverage cap: neutral is absent; a cap binds lenders and makes no owner richer."""

# ruff: noqa: E501 - a case is a line, a sentence is a name

from __future__ import annotations

import pytest

from bubble_abm.economy.markets import projects
from bubble_abm.economy.markets.signals import Market
from bubble_abm.economy.mechanisms import leverage_cap
from bubble_abm.economy.sponsors import ABLE, NEWCOMER, PUBLIC
from tests.economy.agents.cases import Case, check_with_mechanisms, given, table
from tests.economy.mechanisms.battery import Battery
from tests.worlds import filled, planned, with_mechanisms

CALM = filled(Market)  # lenders are as ready as ever
CASES = [
    Case("debt_allowed", "what lenders give", (NEWCOMER, CALM, given(leverage=0.7, leverage_cap=0.9)), 0.7),
    Case("debt_allowed", "no more than the supervisor allows", (NEWCOMER, CALM, given(leverage=0.7, leverage_cap=0.4)), 0.4),
    Case("debt_allowed", "to public sponsors neither", (PUBLIC, CALM, given(public_leverage=0.7, leverage_cap=0.4)), 0.4),
    Case("debt_allowed", "nor able ones", (ABLE, CALM, given(able_leverage=0.5, leverage_cap=0.4)), 0.4),
    Case("debt_allowed", "to who gets less anyway as much as before", (ABLE, CALM, given(able_leverage=0.3, leverage_cap=0.4)), 0.3),
]  # fmt: skip


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
    assert operator.loan_promised == pytest.approx(3.2e6)  # a fifth of 16 million
    assert operator.equity_pledged == owner.pledged == pytest.approx(12.8e6 + 2e6)
    world, p, operator, owner = planned(purse=5e6)
    p.leverage_cap = 0.2
    with_mechanisms(projects.start)(world, operator, owner, p)
    assert operator.gpus_planned == pytest.approx(5e6 / 148_000)  # 128 000 a GPU and ten months' cost
    assert owner.pledged == pytest.approx(5e6)
