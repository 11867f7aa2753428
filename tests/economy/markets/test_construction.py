"""Construction: rounds of money, pauses, grants at milestones, building as far as it is paid for, opening."""

# ruff: noqa: E501 - a sentence is a name

from __future__ import annotations

from typing import Any

import pytest

from bubble_abm.economy.agents.investor import present_value
from bubble_abm.economy.agents.operator import BANKRUPT, BUILDING, OPERATING, PAUSED, SECONDARY
from bubble_abm.economy.chip_classes import H100
from bubble_abm.economy.ledger import CONSTRUCTION, EQUITY, INTEREST, NEW_LOANS, OPERATORS, SUBSIDIES
from bubble_abm.economy.markets import capital, chips, construction, projects
from bubble_abm.economy.sponsors import PUBLIC
from tests.worlds import booked, claims_agree, held_money, luck_of, planned, project


def started(*, purse: float = 1e9, months: float = 6.0) -> tuple[Any, Any, Any, Any]:
    """A site of 20 million: a grant of 4, a loan of 8, equity of 8 and 2 more to work with; owner and lender go on."""
    world, p, operator, owner = planned(purse=purse)
    operator.months_building, p.refusal, p.opening_share = months, 0.0, 0.5
    assert projects.start(world, operator, owner, p)
    return world, p, operator, owner


def a_month(world: Any, p: Any, operator: Any) -> None:
    """One month of construction."""
    world.flows[:] = 0.0
    world.market.subsidies = world.market.public_spending = 0.0
    construction.sites_raise_rounds(world, p, luck_of(world, operator))
    construction.sites_are_built(world, p)
    construction.sites_open(world, p)


# --- Rounds ----------------------------------------------------------------------------------------------------------


def test_loan_and_equity_are_drawn_in_equal_rounds_as_construction_proceeds() -> None:
    world, p, operator, owner = started()
    money = held_money(world)
    assert (operator.debt, operator.equity, owner.pledged, operator.loan_promised) == pytest.approx((0, 0, 10e6, 8e6))
    for month in range(1, 7):
        a_month(world, p, operator)
        assert operator.debt == pytest.approx(8e6 * month / 6)
        assert operator.equity == owner.stake == pytest.approx(10e6 * month / 6)
        assert 1e9 - owner.cash == pytest.approx(10e6 * month / 6)
        assert owner.pledged == operator.equity_pledged == pytest.approx(10e6 * (6 - month) / 6, abs=1e-6)
        assert booked(world, NEW_LOANS) == pytest.approx({"bank": -8e6 / 6, "operators": 8e6 / 6})
        assert booked(world, EQUITY) == pytest.approx({"households": -10e6 / 6, "operators": 10e6 / 6})
        claims_agree(world)
    assert operator.loan_promised == operator.equity_pledged == owner.pledged == 0.0
    a_month(world, p, operator)  # nothing is left to draw while the site waits for chips
    assert (operator.stage, operator.debt) == (BUILDING, pytest.approx(8e6))
    assert held_money(world) == pytest.approx(money, abs=1e-2)


def test_interest_runs_on_what_is_drawn() -> None:
    world, p, operator, _owner = started()
    p.loan_rate = 0.12
    for month in (1, 2, 3):
        a_month(world, p, operator)
        capital.operators_pay_costs(world, p)
        assert -world.flows[INTEREST, OPERATORS] == pytest.approx(0.01 * 8e6 * month / 6)


def test_an_owner_refuses_a_round_once_the_site_is_worth_less_than_it_still_costs() -> None:
    world, p, operator, owner = started()
    market, province = world.market, world.provinces[operator.province]
    market.contract_rent = market.rent = 9_000.0
    value = 100 * present_value(owner, market.chip_price + p.other_capex, province.subsidy, market, p)
    assert value > 0.0
    p.refusal = 1.001 * value / 18e6  # 18 million are still to pay
    a_month(world, p, operator)
    assert (operator.stage, operator.debt, operator.equity, owner.pledged) == (PAUSED, 0, 0, 10e6)
    p.refusal = 0.999 * value / 18e6
    a_month(world, p, operator)
    assert (operator.stage, operator.months_paused) == (BUILDING, 0)
    p.refusal = 1.001 * value / 15e6  # what has been paid is sunk and does not count
    a_month(world, p, operator)
    assert operator.stage == PAUSED
    p.refusal = 0.999 * value / 15e6
    a_month(world, p, operator)
    assert operator.stage == BUILDING
    assert operator.debt == pytest.approx(8e6 / 3)


def test_a_public_sponsor_pays_on_whatever_the_site_is_worth() -> None:
    for sponsor, stage in ((PUBLIC, BUILDING), (1, PAUSED)):
        world, p, operator, owner = started()
        owner.sponsor = sponsor
        p.refusal = 1.0
        world.market.contract_rent = world.market.rent = 1.0
        a_month(world, p, operator)
        assert operator.stage == stage


def test_an_owner_without_the_money_for_a_round_pays_none_and_the_lender_neither() -> None:
    world, p, operator, owner = started(purse=10e6)
    world.households.cash += owner.cash - 1.66e6
    owner.cash = 1.66e6  # a sixth of ten million is more
    a_month(world, p, operator)
    assert (operator.stage, operator.debt, owner.cash) == (PAUSED, 0, 1.66e6)
    world.households.cash -= 0.01e6
    owner.cash = 1.67e6
    a_month(world, p, operator)
    assert (operator.stage, operator.debt) == (BUILDING, pytest.approx(8e6 / 6))


def test_an_owner_who_lacks_a_rounding_for_the_last_round_pays_it() -> None:
    """Owners whose whole cash is pledged have as much as is due, but for the last digit of a sum."""
    world, p, operator, owner = started(purse=10e6)
    operator.months_to_build = 1.0
    due = operator.equity_pledged
    world.households.cash += owner.cash - (due - 1e-8)
    owner.cash = due - 1e-8
    a_month(world, p, operator)
    assert (operator.stage, owner.cash, operator.equity_pledged) == (BUILDING, 0.0, 0.0)
    assert operator.equity == pytest.approx(due)


def test_a_lender_who_refuses_pauses_the_site(monkeypatch: pytest.MonkeyPatch) -> None:
    world, p, operator, owner = started()
    monkeypatch.setattr(construction, "lends_on", lambda operator, market, p, luck: False)
    a_month(world, p, operator)
    assert (operator.stage, operator.debt, operator.equity, owner.cash) == (PAUSED, 0, 0, 1e9)


def test_a_paused_site_is_not_built_and_after_some_months_it_is_wound_up_and_sells_its_chips() -> None:
    world, p, operator, owner = started()
    p.longest_pause, p.loan_rate = 2.0, 0.12
    a_month(world, p, operator)
    chips.receive(world, operator, H100, 40.0)
    world.books.chips_initial += 40.0
    p.refusal, world.market.contract_rent, world.market.rent = 1.0, 1.0, 1.0
    world.provinces[operator.province].cash = 0.0  # rescues nobody
    for month in (1, 2, 3):
        a_month(world, p, operator)
        capital.operators_pay_costs(world, p)
        assert (operator.stage, operator.months_paused) == (PAUSED, month)
        assert (operator.months_to_build, operator.capital) == pytest.approx((5.0, 8e6 / 6))
        assert -world.flows[INTEREST, OPERATORS] == pytest.approx(0.01 * 8e6 / 6)
        capital.operators_in_distress(world, p, luck_of(world, operator))
        assert operator.failed == (month > 2)
    capital.failed_sites_are_wound_up(world)
    assert (operator.stage, operator.debt, operator.gpus_installed) == (BANKRUPT, 0, 40)
    assert (owner.pledged, operator.equity_pledged, operator.loan_promised) == (0, 0, 0)
    assert operator.grant == operator.grant_paid
    claims_agree(world)
    world.smugglers["active"] = 0  # nobody buys but abroad
    world.market.second_hand = 0.0
    chips.operators_sell_chips(world, p, luck_of(world, operator, sell=0.0, bidder=0.99))
    assert operator.gpus_installed < 40
    assert world.market.second_hand == pytest.approx(40 - operator.gpus_installed)


def test_a_pause_that_ends_is_forgotten() -> None:
    world, p, operator, _owner = started()
    world.market.contract_rent = world.market.rent = 1.0
    for refusal, paused in ((1.0, 1), (1.0, 2), (-1e9, 0), (1.0, 1)):
        p.refusal = refusal
        a_month(world, p, operator)
        assert operator.months_paused == paused


def test_a_paused_site_orders_no_chips() -> None:
    world, p, operator, _owner = started()
    a_month(world, p, operator)
    luck = luck_of(world, operator, contact_1=0.0, contact_2=0.0, contact_3=0.0)
    operator.stage = PAUSED
    chips.operators_order_chips(world, p, luck)
    assert operator.gpus_on_order == 0
    operator.stage = BUILDING
    chips.operators_order_chips(world, p, luck)
    assert operator.gpus_on_order > 0


def test_money_promised_to_one_site_is_not_there_for_another() -> None:
    world, p, operator, owner = started(purse=15e6)
    second = project(world, 1, gpus_planned=100.0, months_building=6.0, province=operator.province, stage=1)
    second.owner = second.announcer = operator.owner
    world.provinces[operator.province].envelope = 0.0  # no more grants: 100 000 of equity and 20 000 to work with
    assert projects.start(world, second, owner, p)
    assert second.gpus_planned == pytest.approx(5e6 / 120_000)
    assert owner.pledged == pytest.approx(15e6)
    owner.purse = 4e6  # what was promised is kept besides
    capital.owners_spend(world)
    assert owner.cash == pytest.approx(15e6)
    owner.pledged = 5e6
    capital.owners_spend(world)
    assert owner.cash == pytest.approx(5e6 + 4e6)


# --- Grants ----------------------------------------------------------------------------------------------------------


def test_a_grant_is_paid_at_milestones_the_first_at_the_start_the_last_at_the_end() -> None:
    world, p, operator, _owner = started()
    assert operator.grant_paid == pytest.approx(1e6)
    paid = []
    for _ in range(7):
        a_month(world, p, operator)
        paid.append(world.market.subsidies)
        assert world.market.public_spending == world.market.subsidies
        assert booked(world, SUBSIDIES).get("operators", 0.0) == pytest.approx(paid[-1])
    # Four payments, one for each third of construction that is done.
    assert paid == pytest.approx([0, 1e6, 0, 1e6, 0, 1e6, 0], abs=1e-3)
    assert operator.grant_paid == pytest.approx(operator.grant)


def test_a_province_without_money_pays_a_grant_later() -> None:
    world, p, operator, _owner = started()
    province = world.provinces[operator.province]
    world.households.cash += province.cash
    province.cash = 0.0
    for _ in range(2):
        a_month(world, p, operator)
    assert operator.grant_paid == pytest.approx(1e6)
    world.households.cash -= 0.4e6
    province.cash = 0.4e6
    a_month(world, p, operator)
    assert (operator.grant_paid, province.cash) == (pytest.approx(1.4e6), 0.0)


def test_what_was_not_paid_of_a_grant_goes_back_to_the_centre_when_the_site_ends() -> None:
    world, _p, operator, _owner = started()
    province = world.provinces[operator.province]
    before = province.cash, world.centre.cash
    capital.liquidate(world, operator)
    assert operator.grant == operator.grant_paid == pytest.approx(1e6)
    assert (before[0] - province.cash, world.centre.cash - before[1]) == (pytest.approx(3e6), pytest.approx(3e6))


# --- Building and opening ------------------------------------------------------------------------------------------------


def test_construction_is_paid_month_by_month_and_takes_its_time() -> None:
    world, p, operator, _owner = started()
    operator.gpus_installed = 100.0
    months = 0
    while operator.stage == BUILDING:
        a_month(world, p, operator)
        assert -world.flows[CONSTRUCTION, OPERATORS] == pytest.approx(8e6 / 6)
        months += 1
    assert months == 6
    assert operator.capital == pytest.approx(8e6)
    assert operator.stage == OPERATING
    assert operator.principal == pytest.approx(200_000)  # eight million over 40 months
    assert operator.cash == pytest.approx(22e6 - 8e6)


def test_a_part_of_a_month_counts_as_a_month_but_costs_a_part() -> None:
    world, p, operator, _owner = started(months=4.5)
    operator.gpus_installed = 100.0
    months = 0
    while operator.stage == BUILDING:
        a_month(world, p, operator)
        months += 1
    assert months == 5
    assert operator.capital == pytest.approx(8e6)
    assert (operator.debt, operator.equity) == pytest.approx((8e6, 10e6))


def test_a_site_is_built_as_far_as_there_is_money() -> None:
    world, p, operator, _owner = started()
    world.households.cash += operator.cash - 1e6
    operator.cash = 1e6  # three quarters of what a month costs
    construction.sites_are_built(world, p)
    assert (operator.cash, operator.capital, operator.months_to_build) == pytest.approx((0.0, 1e6, 5.25))
    construction.sites_are_built(world, p)
    assert (operator.capital, operator.months_to_build) == pytest.approx((1e6, 5.25))


def test_a_site_waits_for_half_of_its_chips_and_opens_at_the_going_rent_of_its_quality() -> None:
    world, p, operator, _owner = started()
    operator.quality, operator.gpus_installed = SECONDARY, 49.0
    world.market.secondary_rent, world.market.month = 7_777.0, 11
    for _ in range(12):
        a_month(world, p, operator)
    assert (operator.stage, operator.months_to_build) == (BUILDING, -6.0)
    operator.gpus_installed = 50.0
    construction.sites_open(world, p)
    assert (operator.stage, operator.rent, operator.month_opened) == (OPERATING, 7_777.0, 11)


def test_no_site_opens_below_its_running_cost() -> None:
    world, p, operator, _owner = started()
    operator.months_to_build, operator.gpus_installed, operator.running_cost = 0.0, 100.0, 3_000.0
    world.market.prime_rent = world.market.secondary_rent = 2_000.0
    construction.sites_open(world, p)
    assert (operator.stage, operator.rent) == (OPERATING, 3_000.0)
