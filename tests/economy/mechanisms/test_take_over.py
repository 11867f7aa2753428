"""Take-over: neutral is absent; when the state buys a failed site, what it pays and what becomes of the site."""

# ruff: noqa: E501 - a case is a line, a sentence is a name

from __future__ import annotations

import pytest

from bubble_abm.economy.agents.central_government import CentralGovernmentRow
from bubble_abm.economy.agents.operator import BANKRUPT, TAKEN_OVER, OperatorRow
from bubble_abm.economy.markets.capital import failed_sites_are_wound_up
from bubble_abm.economy.markets.signals import Market
from bubble_abm.economy.mechanisms import take_over
from bubble_abm.economy.mechanisms.take_over import state_takes_over_sites
from tests.economy.agents.cases import Case, check, given, table
from tests.economy.mechanisms.battery import Battery
from tests.worlds import PRICE, claims_agree, draws, filled, held_money, site


def state(**values: float) -> object:
    return filled(CentralGovernmentRow, **({"fund": 100, "cash": 200} | values))


EAGER = given(take_over_probability=0.4, take_over_mandate=0.0)
MANDATED = given(take_over_probability=0.4, take_over_mandate=0.7)
SKILL = given(take_over_skill=0.2)
CASES = [
    Case("takes_over", "with luck, as loudly as it calls", (state(call=0.5), 90.0, EAGER, given(take_over=0.19)), True),
    Case("takes_over", "not with less", (state(call=0.5), 90.0, EAGER, given(take_over=0.21)), False),
    Case("takes_over", "as mandated when it does not call", (state(), 90.0, MANDATED, given(take_over=0.69)), True),
    Case("takes_over", "a mandate and a call do not add up", (state(call=1.0), 90.0, MANDATED, given(take_over=0.71)), False),
    Case("takes_over", "not beyond the fund", (state(call=1.0), 101.0, EAGER, given(take_over=0.0)), False),
    Case("takes_over", "nor beyond the purse", (state(call=1.0, cash=80), 90.0, EAGER, given(take_over=0.0)), False),
    Case("price_offered", "half of what the chips cost new", (filled(OperatorRow, gpus_installed=100, chip_price=8), filled(Market), given(take_over_price=0.5)), 400.0),
    Case("inference_suitability_taken_over", "a fifth more", (filled(OperatorRow, inference_suitability=0.25), SKILL), 0.45),
    Case("inference_suitability_taken_over", "no more than perfect", (filled(OperatorRow, inference_suitability=0.9), SKILL), 1.0),
]  # fmt: skip


@table(CASES)
def test_the_state_decides_as_worked_out_by_hand(case: Case) -> None:
    check(case)


class TestTakeOver(Battery):
    mechanism = take_over
    active = {"take_over_mandate": 1.0}
    sign = ("projects_taken_over", 24, 1.0)  # failed sites go to the state


def test_the_state_takes_over_at_half_price_and_brings_an_abler_hand() -> None:
    world, p, operator = site(cash=0.0, debt=8e6, equity=1e6)
    world.centre.call, p.take_over_probability = 1.0, 0.6
    operator.inference_suitability, operator.training_suitability, operator.months_in_red = 0.25, 0.6, 4
    operator.arrears = 10_000.0
    fund, money = world.centre.fund, held_money(world)
    operator.failed = 1
    state_takes_over_sites(world, p, draws(world, operator))
    assert operator.stage == TAKEN_OVER
    assert fund - world.centre.fund == 0.5 * 100 * PRICE
    assert (operator.debt, operator.arrears, operator.months_in_red, operator.owner) == (0, 0, 0, -1)
    assert world.books.loans_written_off == pytest.approx(8e6 - 5e6)
    assert (operator.inference_suitability, operator.training_suitability) == (pytest.approx(0.45), 1.0)
    assert operator.gpus_installed == 100
    assert held_money(world) == pytest.approx(money, abs=1e-3)
    claims_agree(world)


@pytest.mark.parametrize("hindrance", ["no call", "no fund", "no luck", "already taken over"])
def test_a_take_over_needs_a_call_a_fund_luck_and_happens_once(hindrance: str) -> None:
    world, p, operator = site(debt=8e6)
    world.centre.call, p.take_over_probability, luck = 1.0, 0.6, draws(world, operator)
    if hindrance == "no call":
        world.centre.call = 0.0
    elif hindrance == "no fund":
        world.centre.fund = 0.5 * 100 * PRICE - 1.0
    elif hindrance == "no luck":
        luck = draws(world, operator, take_over=0.6)
    else:
        operator.stage, operator.owner = TAKEN_OVER, -1
    operator.failed = 1
    state_takes_over_sites(world, p, luck)
    failed_sites_are_wound_up(world)
    assert operator.stage == BANKRUPT
