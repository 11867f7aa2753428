"""Capital: costs, loans, dividends, circular finance, distress, rescue, take-over, liquidation."""

# ruff: noqa: E501 - a case is a line, a sentence is a name

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from bubble_abm.economy.agents.operator import (
    BANKRUPT,
    BUILDING,
    CANCELLED,
    DISTRESSED,
    IDLE,
    OPERATING,
    PLANNED,
    TAKEN_OVER,
)
from bubble_abm.economy.agents.startup import DEAD, PRETRAINING
from bubble_abm.economy.ledger import (
    CIRCULAR_INVESTMENT,
    COLOCATION,
    INTEREST,
    OPERATORS,
    POWER,
    REPAYMENT,
    WAGES,
    build,
    lend,
    pay_in_circular,
    pay_in_equity,
    prepay,
)
from bubble_abm.economy.markets import capital, projects, ventures
from bubble_abm.economy.parameters import Parameters
from tests.worlds import SCATTERED, TENANTS, booked, founded, held_money, luck_of, owner_of, project

PRICE = 100_000.0
LUCK = SimpleNamespace(sell=0.0, bidder=0.0, take_over=0.5, rescue=1.0, bankrupt=0.0, idle=0.0)


def site(*, cash: float = 0.0, debt: float = 0.0, equity: float = 0.0, gpus: float = 100.0) -> tuple[Any, Any, Any]:
    """A finished interior site with these books; nobody else buys chips, so they go abroad."""
    world, p = founded(SCATTERED)
    world.smugglers["active"] = 0
    world.market.chip_price = PRICE
    p.foreign_chip_price = PRICE
    p.running_cost = 2_600
    interior = int(np.flatnonzero(world.provinces["hub"] == 0)[0])
    operator = project(
        world, stage=OPERATING, gpus_planned=gpus, running_cost=2_600, rent=9_000, province=interior, month_opened=0
    )
    world.books.chips_initial += gpus
    operator.gpus_installed = gpus
    lend(world, operator, debt)
    pay_in_equity(world, owner_of(world, operator), operator, equity)
    world.households.cash += operator.cash - cash
    operator.cash = cash
    return world, p, operator


def draws(world: Any, operator: Any, **values: float) -> Any:
    return luck_of(world, operator, **(vars(LUCK) | values))


def claims_agree(world: Any) -> None:
    """Both sides of every claim, and what was recorded of it, agree."""
    books = world.books
    assert world.operators["debt"].sum() == pytest.approx(world.bank.loans) == pytest.approx(books.loans)
    assert (
        world.operators["equity"].sum() == pytest.approx(world.investors["stake"].sum()) == pytest.approx(books.equity)
    )
    assert world.operators["stakes"].sum() == pytest.approx(world.startups["patron_stake"].sum())
    assert (
        world.operators["prepaid"].sum()
        == pytest.approx(world.smugglers["prepaid"].sum())
        == pytest.approx(books.prepayments)
    )
    assert world.operators["capital"].sum() == pytest.approx(books.capital)


# --- Costs and loans -------------------------------------------------------------------------------------------------------


def test_an_empty_site_pays_standby_and_a_let_one_the_whole_cost() -> None:
    _world, p, operator = site()
    assert capital.operating_cost(operator, p) == pytest.approx(0.35 * 260_000)
    operator.training_leased = 100.0
    assert capital.operating_cost(operator, p) == pytest.approx(260_000)
    operator.training_leased, operator.stage, p.idle_cost_share = 0.0, IDLE, 0.12
    assert capital.operating_cost(operator, p) == pytest.approx(0.12 * 260_000)


def test_costs_interest_and_repayment_leave_by_their_shares() -> None:
    world, p, operator = site(cash=1e6, debt=1.2e6)
    p.loan_rate, p.power_share, p.wage_share = 0.1, 0.2, 0.3
    operator.training_leased, operator.principal = 100.0, 50_000.0
    before = world.suppliers.cash, world.households.cash, held_money(world)
    capital.pay_costs(world, operator, p)
    assert world.suppliers.cash - before[0] == pytest.approx(0.7 * 260_000)
    assert world.households.cash - before[1] == pytest.approx(0.3 * 260_000)
    assert operator.cash == pytest.approx(1e6 - 260_000 - 10_000 - 50_000)
    assert operator.debt == pytest.approx(1.15e6)
    assert operator.arrears == 0
    assert operator.ponzi == 1  # no revenue
    paid = {
        (POWER, "suppliers"): 52_000,
        (WAGES, "households"): 78_000,
        (COLOCATION, "suppliers"): 130_000,
        (INTEREST, "bank"): 10_000,
        (REPAYMENT, "bank"): 50_000,
    }
    for (flow, receiver), amount in paid.items():
        assert booked(world, flow) == pytest.approx({"operators": -amount, receiver: amount})
    assert held_money(world) == pytest.approx(before[2], abs=1e-3)


def test_what_cannot_be_paid_is_carried_by_the_bank_as_arrears() -> None:
    world, p, operator = site(cash=10_000, debt=1.2e6)
    p.loan_rate = 0.1
    operator.principal = 50_000.0
    cost = 0.35 * 260_000
    capital.pay_costs(world, operator, p)
    short = cost + 10_000 - 10_000
    assert operator.cash == pytest.approx(0.0, abs=1e-6)
    assert operator.debt == pytest.approx(1.2e6 + short)
    assert operator.arrears == pytest.approx(short + 50_000)
    claims_agree(world)


def test_a_patient_owner_steps_in_before_the_bank() -> None:
    world, p, operator = site(cash=10_000, debt=1.2e6)
    operator.patient, operator.principal = 1, 50_000.0
    owner = owner_of(world, operator)
    world.households.cash += owner.cash - 1e9
    owner.cash = 1e9
    capital.pay_costs(world, operator, p)
    assert operator.arrears == 0
    assert operator.debt == pytest.approx(1.15e6)
    assert 1e9 - owner.cash == owner.stake == operator.equity > 0
    claims_agree(world)


def test_arrears_never_exceed_the_debt_that_they_are_part_of() -> None:
    world, _, operator = site(cash=0, debt=100.0)
    operator.principal, operator.arrears = 80.0, 100.0
    capital.repay_loan(world, operator)
    assert operator.arrears == 100.0


def test_a_site_that_has_repaid_its_loan_is_no_longer_in_arrears() -> None:
    world, p, operator = site(cash=100.0, debt=100.0)
    operator.principal, operator.arrears, operator.stage, operator.months_in_red = 100.0, 30.0, DISTRESSED, 8
    capital.repay_loan(world, operator)
    capital.operators_in_distress(world, p, draws(world, operator))
    assert (operator.debt, operator.arrears, operator.months_in_red, operator.stage) == (0, 0, 0, OPERATING)


def test_cash_beyond_three_months_of_cost_makes_good_what_is_overdue() -> None:
    world, _, operator = site(cash=3 * 260_000 + 7_000, debt=1e6)
    operator.arrears = 20_000.0
    capital.repay_loan(world, operator)
    assert operator.arrears == pytest.approx(13_000)
    assert operator.debt == pytest.approx(1e6 - 7_000)


def test_half_of_what_is_beyond_a_year_is_paid_out_to_the_owner() -> None:
    world, p, operator = site(cash=12 * 260_000 + 1_000.0)
    owner = owner_of(world, operator)
    purse = owner.cash
    capital.operators_pay_dividends(world, p)
    assert operator.cash == pytest.approx(12 * 260_000 + 500)
    assert owner.cash - purse == pytest.approx(500)


# --- Circular finance -------------------------------------------------------------------------------------------------------


def backed(world: Any, operator: Any, startups: int) -> None:
    for row in TENANTS[:startups]:
        world.startups[row].state, world.startups[row].patron = PRETRAINING, operator.row
        operator.tenants_backed += 1


def luck_in_patrons(world: Any, number: int, draw: float) -> Any:
    """Luck in which only this startup has drawn who might back it."""
    rows = [SimpleNamespace() for _ in world.startups]
    rows[TENANTS[number]] = SimpleNamespace(patron=draw)
    return SimpleNamespace(startups=rows)


def test_operators_share_the_circular_part_of_revenue_among_their_tenants() -> None:
    world, p, operator = site(cash=1e6)
    world.startups["state"] = 0
    backed(world, operator, 2)
    operator.revenue, p.circular_share = 50_000.0, 0.1
    capital.operators_invest_in_tenants(world, p, None)
    assert list(world.startups["patron_stake"][list(TENANTS[:2])]) == [2_500, 2_500]
    assert operator.stakes == 5_000
    assert operator.cash == 1e6 - 5_000


def test_no_more_than_the_circular_part_is_invested_when_a_tenant_joins() -> None:
    world, p, operator = site(cash=1e6)
    world.operators["stage"] = 0
    operator.stage = OPERATING
    world.startups["state"] = 0
    backed(world, operator, 1)
    newcomer = world.startups[TENANTS[1]]
    newcomer.state, newcomer.patron = PRETRAINING, -1
    operator.revenue, p.circular_share = 50_000.0, 0.1
    draw = next(draw for draw in np.arange(0.0005, 1.0, 0.001) if capital.find_patron(world, draw) == operator.row)
    capital.operators_invest_in_tenants(world, p, luck_in_patrons(world, 1, draw))
    assert newcomer.patron == operator.row
    assert operator.tenants_backed == 2
    assert -world.flows[CIRCULAR_INVESTMENT, OPERATORS] == 5_000


def test_operators_in_arrears_invest_nothing() -> None:
    world, p, operator = site(cash=1e6, debt=1e6)
    world.startups["state"] = 0
    backed(world, operator, 1)
    operator.revenue, operator.arrears = 50_000.0, 10.0
    capital.operators_invest_in_tenants(world, p, None)
    assert operator.stakes == 0


def test_a_patron_that_has_closed_is_released_and_its_stake_written_off() -> None:
    world, p, operator = site(cash=1e6)
    world.operators["stage"] = 0
    world.startups["state"] = 0
    backed(world, operator, 1)
    startup = world.startups[TENANTS[0]]
    pay_in_circular(world, operator, startup, 700.0)
    operator.stage = BANKRUPT
    written_off = world.books.claims_written_off
    capital.operators_invest_in_tenants(world, p, luck_in_patrons(world, 0, 0.0))
    assert (operator.stakes, operator.tenants_backed) == (0, 0)
    assert (startup.patron, startup.patron_stake, world.books.circular_stakes) == (-1, 0, 0)
    assert world.books.claims_written_off - written_off == 700


def test_a_startup_that_closes_down_leaves_no_claims_and_no_cash() -> None:
    world, _, operator = site(cash=1e6)
    world.startups["state"] = 0
    backed(world, operator, 1)
    startup = world.startups[TENANTS[0]]
    pay_in_circular(world, operator, startup, 700.0)
    money, venture = held_money(world), startup.venture_capital
    ventures.close_down(world, startup)
    assert (startup.state, startup.cash, startup.venture_capital, startup.patron_stake, operator.stakes) == (
        DEAD,
        0,
        0,
        0,
        0,
    )
    assert world.books.claims_written_off == pytest.approx(700 + venture)
    assert held_money(world) == pytest.approx(money, abs=1e-3)


@pytest.mark.parametrize("row", [5, 39, 40, 42])
def test_every_open_site_can_become_a_patron(row: int) -> None:
    world, _, _ = site()
    world.operators["stage"] = 0
    world.operators[row].stage = OPERATING
    found = [capital.find_patron(world, draw) for draw in np.arange(0.0005, 1.0, 0.001)]
    assert set(found) == {row, -1}


def test_patrons_are_dealt_again_only_to_who_finds_a_newcomer() -> None:
    world, _ = founded(SCATTERED)
    bigger, _ = founded(Parameters(investors=41, startups=25, smugglers=3, incumbents=3))
    for each in (world, bigger):
        each.operators["stage"] = OPERATING
    for draw in np.arange(0.0005, 1.0, 0.001):
        one, other = capital.find_patron(world, draw), capital.find_patron(bigger, draw)
        name, new = (each.operators[row].id if row >= 0 else -1 for each, row in ((world, one), (bigger, other)))
        assert new in (name, 40), draw


# --- Distress ------------------------------------------------------------------------------------------------------------------


def test_a_rescue_pays_the_arrears_out_of_the_envelope() -> None:
    world, p, operator = site(debt=1e6)
    operator.arrears = 4_000.0
    province = world.provinces[operator.province]
    p.rescue_probability, money, cash = 0.5, held_money(world), province.cash
    capital.operators_in_distress(world, p, draws(world, operator, rescue=0.4))
    assert (operator.arrears, operator.months_in_red, operator.debt) == (0, 0, 1e6 - 4_000)
    assert cash - province.cash == province.outlay == 4_000
    assert held_money(world) == pytest.approx(money, abs=1e-3)


def test_arrears_make_a_site_distressed_month_after_month() -> None:
    world, p, operator = site(debt=1e6)
    operator.arrears = 4_000.0
    for month in (1, 2):
        capital.operators_in_distress(world, p, draws(world, operator))
        assert (operator.stage, operator.months_in_red) == (DISTRESSED, month)


def test_liquidation_pays_the_bank_first_and_writes_the_rest_off() -> None:
    world, p, operator = site(cash=50_000, debt=20e6, equity=3e6)
    build(world, operator, 40_000)
    money, bank = held_money(world), world.bank.cash
    owner = owner_of(world, operator)
    capital.wind_up(world, operator, p, SimpleNamespace(**(vars(LUCK) | {"take_over": 1.0})))
    assert operator.stage == BANKRUPT
    assert (operator.debt, operator.cash, operator.gpus_installed, operator.capital, operator.equity) == (
        0,
        0,
        100,
        0,
        0,
    )
    assert world.bank.cash - bank == pytest.approx(10_000)
    assert world.books.loans_written_off == world.market.write_offs == pytest.approx(20e6 - 10_000)
    assert world.books.claims_written_off == pytest.approx(3e6)
    assert owner.stake == 0
    assert held_money(world) == pytest.approx(money, abs=1e-3)
    claims_agree(world)


def test_a_site_that_will_never_open_is_wound_up() -> None:
    world, p, operator = site(debt=1e6, gpus=10.0)
    operator.stage, operator.months_to_build = BUILDING, -12.0
    capital.operators_in_distress(world, p, draws(world, operator))
    assert (operator.stage, operator.debt) == (BANKRUPT, 0)


def test_what_the_bank_does_not_need_is_left_to_households() -> None:
    world, _p, operator = site(cash=50_000, debt=10_000)
    households = world.households.cash
    capital.liquidate(world, operator)
    assert world.households.cash - households == pytest.approx(40_000)
    assert world.books.loans_written_off == 0


def test_open_orders_end_with_the_site_however_much_was_prepaid() -> None:
    world, _p, operator = site(cash=500.0, debt=1e6)
    seller = world.smugglers[2]
    operator.supplier, operator.gpus_on_order, seller.backlog = 2, 5.0, 5.0
    prepay(world, operator, seller, 500.0)
    capital.liquidate(world, operator)
    assert (operator.gpus_on_order, seller.backlog, operator.prepaid, seller.prepaid) == (0, 0, 0, 0)
    claims_agree(world)


def test_the_state_takes_over_at_half_price_and_brings_an_abler_hand() -> None:
    world, p, operator = site(cash=0.0, debt=8e6, equity=1e6)
    world.centre.call, p.take_over_probability = 1.0, 0.6
    operator.inference_suitability, operator.training_suitability, operator.months_in_red = 0.25, 0.6, 4
    operator.arrears = 10_000.0
    fund, money = world.centre.fund, held_money(world)
    capital.wind_up(world, operator, p, LUCK)
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
    world.centre.call, p.take_over_probability, luck = 1.0, 0.6, LUCK
    if hindrance == "no call":
        world.centre.call = 0.0
    elif hindrance == "no fund":
        world.centre.fund = 0.5 * 100 * PRICE - 1.0
    elif hindrance == "no luck":
        luck = SimpleNamespace(**(vars(LUCK) | {"take_over": 0.6}))
    else:
        operator.stage, operator.owner = TAKEN_OVER, -1
    capital.wind_up(world, operator, p, luck)
    assert operator.stage == BANKRUPT


def test_a_plan_given_up_returns_what_is_left_to_the_owner() -> None:
    world, _p, operator = site(cash=5_000, equity=9_000, gpus=10.0)
    operator.stage = PLANNED
    owner = owner_of(world, operator)
    purse, money = owner.cash, held_money(world)
    projects.cancel(world, operator, owner)
    assert operator.stage == CANCELLED
    assert owner.cash - purse == pytest.approx(5_000)
    assert (operator.cash, operator.equity, owner.stake) == (0, 0, 0)
    assert world.books.claims_written_off == pytest.approx(9_000)
    assert held_money(world) == pytest.approx(money, abs=1e-3)


def test_incumbents_are_never_switched_off_and_sites_come_back_at_a_rent_that_pays() -> None:
    world, p, operator = site()
    world.market.secondary_rent = 100.0
    capital.sites_idle_and_restart(world, p, draws(world, operator))
    assert operator.stage == IDLE
    assert (world.operators["stage"][world.operators["incumbent"] == 1] == OPERATING).all()
    world.market.secondary_rent = 20_000.0
    capital.sites_idle_and_restart(world, p, draws(world, operator))
    assert (operator.stage, operator.rent) == (OPERATING, 20_000)


def test_a_site_under_construction_borrows_the_interest_that_it_cannot_pay() -> None:
    world, p, operator = site(cash=300.0, debt=1.2e6)
    operator.stage, p.loan_rate, bank = BUILDING, 0.1, world.bank.cash
    capital.operators_pay_costs(world, p)
    assert operator.cash == pytest.approx(0.0)
    assert operator.debt == pytest.approx(1.2e6 + 10_000.0 - 300.0)  # a twelfth of 10 % on 1.2 million, less the cash
    assert world.bank.cash == pytest.approx(bank + 300.0)
