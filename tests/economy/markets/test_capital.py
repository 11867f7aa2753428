"""Capital: costs, loans, dividends, circular finance, distress, rescue, take-over, liquidation."""

# ruff: noqa: E501 - a case is a line, a sentence is a name

from __future__ import annotations

import pytest

from bubble_abm.economy.agents.operator import (
    BANKRUPT,
    BUILDING,
    CANCELLED,
    DISTRESSED,
    IDLE,
    OPERATING,
    PLANNED,
    operating_cost,
)
from bubble_abm.economy.ledger import (
    COLOCATION,
    DIVIDENDS,
    INTEREST,
    POWER,
    REPAYMENT,
    RESCUES,
    WAGES,
    build,
    prepay,
)
from bubble_abm.economy.markets import capital, chips, projects
from tests.worlds import booked, claims_agree, draws, held_money, owner_of, project, site

# --- Costs and loans -------------------------------------------------------------------------------------------------------


def test_an_empty_site_pays_standby_and_a_let_one_the_whole_cost() -> None:
    _world, p, operator = site()
    assert operating_cost(operator, p) == pytest.approx(0.35 * 260_000)
    operator.training_leased = 100.0
    assert operating_cost(operator, p) == pytest.approx(260_000)
    operator.training_leased, operator.stage, p.idle_cost_share = 0.0, IDLE, 0.12
    assert operating_cost(operator, p) == pytest.approx(0.12 * 260_000)


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


@pytest.mark.parametrize(
    ("cash", "arrears"),
    [(10_000, 0.0), (0.35 * 260_000 + 20_000, 0.0), (500_000, 60_000.0), (0.0, 60_000.0)],
    ids=["short of costs", "short of the principal only", "with old arrears only", "short of everything"],
)
def test_a_patient_owner_pays_whatever_is_short_before_the_bank_does(cash: float, arrears: float) -> None:
    world, p, operator = site(cash=cash, debt=1.2e6)
    p.loan_rate = 0.1
    operator.patient, operator.principal, operator.arrears = 1, 50_000.0, arrears
    owner = owner_of(world, operator)
    world.households.cash += owner.cash - 1e9
    owner.cash = 1e9
    due = 0.35 * 260_000 + 10_000 + 50_000
    kept = max(cash - due, 0.0)  # less than the reserve from which arrears are made good
    capital.pay_costs(world, operator, p)
    assert operator.arrears == pytest.approx(0.0, abs=1e-6)
    assert operator.cash == pytest.approx(kept, abs=1e-6)
    assert operator.debt == pytest.approx(1.15e6 - arrears)
    assert 1e9 - owner.cash == pytest.approx(max(due - cash, 0.0) + arrears)
    assert 1e9 - owner.cash == owner.stake == operator.equity
    claims_agree(world)


def test_an_owner_pays_as_far_as_the_purse_goes_and_costs_come_first() -> None:
    world, p, operator = site(cash=0.0, debt=1.2e6)
    p.loan_rate = 0.1
    operator.patient, operator.principal, operator.arrears = 1, 50_000.0, 60_000.0
    owner = owner_of(world, operator)
    purse = 0.35 * 260_000 + 10_000 + 30_000.0
    world.households.cash += owner.cash - purse
    owner.cash = purse
    capital.pay_costs(world, operator, p)
    assert owner.cash == pytest.approx(0.0, abs=1e-6)
    assert operator.debt == pytest.approx(1.17e6)  # 30 000 of the principal, nothing lent
    assert operator.arrears == pytest.approx(80_000.0)
    claims_agree(world)


def test_arrears_never_exceed_the_debt_that_they_are_part_of() -> None:
    world, p, operator = site(cash=0, debt=100.0)
    operator.principal, operator.arrears = 80.0, 100.0
    capital.repay_loan(world, operator, p)
    assert operator.arrears == 100.0


def test_a_site_that_has_repaid_its_loan_is_no_longer_in_arrears() -> None:
    world, p, operator = site(cash=100.0, debt=100.0)
    operator.principal, operator.arrears, operator.stage, operator.months_in_red = 100.0, 30.0, DISTRESSED, 8
    capital.repay_loan(world, operator, p)
    capital.operators_in_distress(world, p, draws(world, operator))
    assert (operator.debt, operator.arrears, operator.months_in_red, operator.stage) == (0, 0, 0, OPERATING)


def test_cash_beyond_three_months_of_cost_makes_good_what_is_overdue() -> None:
    world, p, operator = site(cash=3 * 260_000 + 7_000, debt=1e6)
    operator.arrears = 20_000.0
    capital.repay_loan(world, operator, p)
    assert operator.arrears == pytest.approx(13_000)
    assert operator.debt == pytest.approx(1e6 - 7_000)


def test_half_of_what_is_beyond_a_year_is_paid_out_to_the_owner() -> None:
    world, p, operator = site(cash=12 * 260_000 + 1_000.0)
    owner = owner_of(world, operator)
    purse = owner.cash
    capital.operators_pay_dividends(world, p)
    assert operator.cash == pytest.approx(12 * 260_000 + 500)
    assert owner.cash - purse == pytest.approx(500)


def test_dividends_go_to_owners_or_households_and_not_out_of_sites_in_arrears_or_switched_off() -> None:
    world, p, operator = site(cash=12 * 260_000 + 1_000.0)
    p.operator_payout = 0.5
    others = {}
    for number, (stage, arrears) in {1: (OPERATING, 5.0), 2: (IDLE, 0.0), 3: (OPERATING, 0.0)}.items():
        others[number] = project(
            world, number, stage=stage, gpus_planned=100, gpus_installed=100, running_cost=2_600, rent=9_000,
            cash=12 * 260_000 + 1_000.0, arrears=arrears, province=operator.province, month_opened=0,
        )  # fmt: skip
    cloud = world.operators[1]
    world.operators["cash"][world.operators["incumbent"] == 1] = 0.0
    cloud.cash = 12 * cloud.running_cost * cloud.gpus_installed + 3_000.0
    owners = world.investors["cash"].copy()
    capital.operators_pay_dividends(world, p)
    assert world.investors["cash"][[operator.owner, others[3].owner]] - owners[[operator.owner, others[3].owner]] == (
        pytest.approx([500.0, 500.0])
    )
    assert [other.cash - 12 * 260_000 for other in others.values()] == pytest.approx([1_000.0, 1_000.0, 500.0])
    # Owners and households are one sector, so both kinds of dividend show in it.
    assert booked(world, DIVIDENDS) == pytest.approx({"operators": -2_500.0, "households": 2_500.0})


# --- Distress ------------------------------------------------------------------------------------------------------------------


def test_a_rescue_pays_the_arrears_out_of_the_envelope() -> None:
    world, p, operator = site(debt=1e6)
    operator.arrears = 4_000.0
    province = world.provinces[operator.province]
    p.rescue_probability, money, cash = 0.5, held_money(world), province.cash
    capital.operators_in_distress(world, p, draws(world, operator, rescue=0.4))
    assert (operator.arrears, operator.months_in_red, operator.debt) == (0, 0, 1e6 - 4_000)
    assert booked(world, RESCUES) == pytest.approx({"governments": -4_000, "operators": 4_000})
    assert cash - province.cash == province.outlay == 4_000
    assert held_money(world) == pytest.approx(money, abs=1e-3)


def test_arrears_make_a_site_distressed_month_after_month() -> None:
    world, p, operator = site(debt=1e6)
    operator.arrears = 4_000.0
    for month in (1, 2):
        capital.operators_in_distress(world, p, draws(world, operator))
        assert (operator.stage, operator.months_in_red) == (DISTRESSED, month)


def test_liquidation_pays_the_bank_first_and_writes_the_rest_off() -> None:
    world, _p, operator = site(cash=50_000, debt=20e6, equity=3e6)
    build(world, operator, 40_000)
    money, bank = held_money(world), world.bank.cash
    owner = owner_of(world, operator)
    operator.failed = 1
    capital.failed_sites_are_wound_up(world)
    assert operator.failed == 0
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
    assert world.books.written_off == pytest.approx(3e6 + 20e6 - 10_000)
    assert owner.stake == 0
    assert held_money(world) == pytest.approx(money, abs=1e-3)
    claims_agree(world)


def test_a_site_that_will_never_open_is_wound_up() -> None:
    world, p, operator = site(debt=1e6, gpus=10.0)
    operator.stage, operator.months_to_build = BUILDING, -12.0
    capital.operators_in_distress(world, p, draws(world, operator))
    capital.failed_sites_are_wound_up(world)
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
    operator.order, world.order_count[0] = 1, 2
    order = world.orders[1]
    order.operator, order.smuggler, order.gpus = operator.row, 2, 5.0
    operator.gpus_on_order, seller.backlog = 5.0, 5.0
    prepay(world, operator, seller, 500.0)
    capital.liquidate(world, operator)
    chips.orders_of_the_ended_are_struck(world)
    assert (operator.gpus_on_order, seller.backlog, operator.prepaid, seller.prepaid) == (0, 0, 0, 0)
    claims_agree(world)


def test_a_plan_given_up_returns_what_is_left_to_the_owner() -> None:
    world, _p, operator = site(cash=5_000, equity=9_000, gpus=10.0)
    operator.stage = PLANNED
    owner = owner_of(world, operator)
    purse, money = owner.cash, held_money(world)
    projects.cancel(world, operator, owner)
    assert operator.stage == CANCELLED
    assert owner.cash - purse == pytest.approx(5_000)
    assert (operator.cash, operator.equity, owner.stake) == (0, 0, 0)
    assert world.books.written_off == pytest.approx(9_000)
    assert held_money(world) == pytest.approx(money, abs=1e-3)


def test_incumbents_are_never_switched_off_and_sites_come_back_at_a_rent_that_pays() -> None:
    world, p, operator = site()
    world.market.prime_rent, world.market.secondary_rent = 100.0, 20_000.0
    capital.sites_idle_and_restart(world, p, draws(world, operator))
    assert operator.stage == IDLE
    assert (world.operators["stage"][world.operators["incumbent"] == 1] == OPERATING).all()
    world.market.prime_rent, world.market.secondary_rent = 20_000.0, 100.0
    capital.sites_idle_and_restart(world, p, draws(world, operator))
    assert (operator.stage, operator.rent) == (OPERATING, 20_000)


def test_a_site_in_arrears_comes_back_in_distress() -> None:
    world, p, operator = site(debt=1e6)
    operator.stage, operator.arrears, world.market.prime_rent = IDLE, 50_000.0, 20_000.0
    capital.operators_in_distress(world, p, draws(world, operator))
    capital.sites_idle_and_restart(world, p, draws(world, operator))
    assert operator.stage == DISTRESSED


def test_a_site_under_construction_borrows_the_interest_that_it_cannot_pay() -> None:
    world, p, operator = site(cash=300.0, debt=1.2e6)
    operator.stage, p.loan_rate, bank = BUILDING, 0.1, world.bank.cash
    capital.operators_pay_costs(world, p)
    assert operator.cash == pytest.approx(0.0)
    assert operator.debt == pytest.approx(1.2e6 + 10_000.0 - 300.0)  # a twelfth of 10 % on 1.2 million, less the cash
    assert world.bank.cash == pytest.approx(bank + 300.0)
