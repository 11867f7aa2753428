"""The chip market: contacts, orders, deliveries, the ban, second hand."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy import stats

from bubble_abm.economy.agents.operator import BANKRUPT, BUILDING, CANCELLED, DISTRESSED, PLANNED
from bubble_abm.economy.agents.smuggler import SmugglerRow
from bubble_abm.economy.chip_classes import H100
from bubble_abm.economy.ledger import (
    CHIP_PURCHASES,
    DIVIDENDS,
    IMPORTS,
    REEXPORTS,
    SECOND_HAND_SALES,
    TARIFFS,
    lend,
    pay_in_equity,
)
from bubble_abm.economy.markets import chips
from tests.worlds import ROWS, SMALL, booked, chips_cost, founded, held_money, luck_of, owner_of, place_of, project


def queue(world: Any) -> list[int]:
    """Rows of those who wait for a delivery, in their order."""
    return list(world.orders["operator"][: world.order_count[0]])


def dealers(active: list[int]) -> np.ndarray:
    rows = SmugglerRow.rows(len(active))
    rows["active"] = active
    return rows


def building_site(world: Any, number: int, gpus: float, cash: float = 1e9) -> Any:
    """A site under construction that lacks all of its chips and has borrowed its cash."""
    operator = project(world, number, stage=BUILDING, gpus_planned=gpus, months_to_build=5, months_building=5)
    lend(world, operator, cash)
    return operator


SELLER = 5  # row of the only smuggler in business


def one_seller(world: Any, stock: float = 1e9, quote: float = 1_000.0) -> Any:
    """One smuggler is in business, and not the first."""
    world.smugglers["active"] = 0
    seller = world.smugglers[SELLER]
    seller.active, seller.inventory, seller.quote = 1, stock, quote
    return seller


# The smuggler in row 5 of nine is in the sixth of sixteen slots, the platform in row 3 of five in the fourth of eight.
LUCK = SimpleNamespace(contact_1=0.33, contact_2=0.33, contact_3=0.33, sell=0.33, bidder=0.4)


@pytest.mark.parametrize(("draw", "row"), [(0.0, 0), (0.24, 0), (0.25, 1), (0.5, 2), (0.7, 2)])
def test_a_draw_finds_its_slot(draw: float, row: int) -> None:
    assert chips.contact(dealers([1, 1, 1]), H100, draw) == row  # four slots, the last one empty


@pytest.mark.parametrize("rows", [15, 16, 17, 60, 66])
def test_every_dealer_in_business_is_found_with_the_same_chance_however_many_rows_there_are(rows: int) -> None:
    active = [int(row % 3 == 0) for row in range(rows)]
    found = [chips.contact(dealers(active), H100, draw) for draw in np.arange(0.00025, 1.0, 0.0005)]
    counts = np.bincount(found, minlength=rows)  # which refuses -1
    assert (counts[np.array(active) == 0] == 0).all()
    assert stats.chisquare(counts[np.array(active) == 1]).pvalue > 0.001


def test_nobody_is_found_where_nobody_is() -> None:
    assert chips.contact(dealers([0, 0]), H100, 0.3) == chips.contact(dealers([]), H100, 0.3) == -1


def test_one_more_dealer_moves_only_the_buyers_who_find_him() -> None:
    draws = np.arange(0.00005, 1.0, 0.0001)
    before = [chips.contact(dealers([1] * 20 + [0] * 40), H100, draw) for draw in draws]
    after = [chips.contact(dealers([1] * 21 + [0] * 39), H100, draw) for draw in draws]
    moved = [new for old, new in zip(before, after, strict=True) if old != new]
    assert set(moved) == {20}
    assert len(moved) / len(draws) == pytest.approx(1 / 21, rel=0.1)


def test_buyers_take_the_cheapest_of_three_contacts() -> None:
    rows = dealers([1, 1, 1, 1])
    rows["quote"] = [40.0, 10.0, 30.0, 20.0]
    ask = SimpleNamespace(contact_1=0.0, contact_2=0.6, contact_3=0.9)
    assert chips.cheapest_contact(rows, H100, ask) == 3
    ask.contact_1 = 0.3
    assert chips.cheapest_contact(rows, H100, ask) == 1


def test_a_dealer_quotes_his_landed_cost_and_the_markup_on_it() -> None:
    world, p = founded(tariff=0.1, export_control=0.0)
    seller = one_seller(world, stock=40.0)
    seller.markup, seller.orders, seller.in_transit, world.market.imported = 0.3, 7.0, 5.0, 11.0
    chips.smugglers_quote(world, p)
    assert seller.landed_cost == pytest.approx(p.foreign_chip_price * (1.1 + seller.layers * p.layer_margin))
    assert seller.quote == pytest.approx(1.3 * seller.landed_cost)
    assert (seller.orders, seller.in_transit, seller.inventory, world.market.imported) == (0, 0, 45, 16)


def test_sites_order_what_they_lack_each_from_the_dealer_that_it_finds() -> None:
    world, p = founded()
    p.panic_orders, world.market.panic = 0.0, 0.0
    world.smugglers["active"] = 0
    for row in (2, 5):
        world.smugglers[row].active, world.smugglers[row].quote = 1, 1_000.0
    one, other = building_site(world, 3, 100), building_site(world, 1, 60)
    plan = project(world, 0, stage=PLANNED, gpus_planned=80)
    other.gpus_installed = 20.0
    draws = luck_of(world, one, contact_1=2.5 / 16, contact_2=2.5 / 16, contact_3=2.5 / 16)
    draws.operators[place_of(world, other)] = SimpleNamespace(
        contact_1=5.5 / 16, contact_2=5.5 / 16, contact_3=5.5 / 16
    )
    chips.operators_order_chips(world, p, draws)
    assert [(row.gpus_on_order, world.orders[row.order].smuggler) for row in (one, other)] == [(100, 2), (40, 5)]
    assert list(world.smugglers["backlog"]) == [0, 0, 100, 0, 0, 40, 0, 0, 0]
    assert (plan.gpus_on_order, world.market.chip_orders) == (0, 140)
    assert set(queue(world)) == {one.row, other.row}


def test_an_order_takes_a_prepayment_and_joins_the_queue_once() -> None:
    world, p = founded()
    p.prepayment = 0.5
    seller, operator = one_seller(world), building_site(world, 3, 100, cash=1e6)
    cash = seller.cash
    chips.place_order(world, operator, SELLER, 100.0, p)
    assert operator.gpus_on_order == seller.backlog == 100
    assert operator.cash == 1e6 - 50_000
    assert operator.prepaid == seller.prepaid == seller.cash - cash == 50_000
    assert queue(world) == [ROWS[3]]


def test_an_order_is_no_larger_than_what_can_be_paid() -> None:
    world, p = founded()
    one_seller(world, quote=1_000.0)
    operator = building_site(world, 3, 100, cash=40_000)
    chips.place_order(world, operator, SELLER, 100.0, p)
    assert operator.gpus_on_order == 40


def test_a_panic_order_is_paid_by_the_owner_and_by_half_of_his_purse_at_most() -> None:
    world, p = founded()
    p.prepayment = 1.0
    one_seller(world, quote=1_000.0)
    operator = project(world, 3, stage=PLANNED, gpus_planned=100)
    owner = owner_of(world, operator)
    transfer_to_purse(world, owner, 30_000.0)
    chips.place_order(world, operator, SELLER, 100.0, p)
    assert owner.cash == owner.stake == operator.equity == 15_000
    assert operator.gpus_on_order == 15
    assert operator.prepaid == 15_000


def test_an_owner_is_asked_only_for_what_an_order_that_was_lost_has_left_unpaid() -> None:
    world, p = founded()
    p.prepayment, p.panic_equity = 0.3, 1.0
    one_seller(world, quote=1_000.0)
    operator = project(world, 3, stage=PLANNED, gpus_planned=100)
    owner = owner_of(world, operator)
    transfer_to_purse(world, owner, 200_000.0)
    chips.place_order(world, operator, SELLER, 100.0, p)
    assert (owner.cash, operator.cash) == (100_000, 70_000)
    chips.cancel_order(world, operator)
    chips.place_order(world, operator, SELLER, 100.0, p)
    assert (owner.cash, operator.cash) == (70_000, 70_000)
    assert operator.gpus_on_order == 100


def transfer_to_purse(world: Any, owner: Any, amount: float) -> None:
    """Leave an owner with so much money and give the rest to households."""
    world.households.cash += owner.cash - amount
    owner.cash = amount


def test_deliveries_are_first_come_first_served() -> None:
    world, p = founded()
    p.prepayment = 0.5
    seller = one_seller(world, stock=150.0)
    early, late = building_site(world, 7, 100), building_site(world, 2, 100)
    for operator in (early, late):
        chips.place_order(world, operator, SELLER, 100.0, p)
    money = held_money(world)
    chips.smugglers_deliver(world, p)
    assert (early.gpus_installed, early.gpus_on_order, early.prepaid) == (100, 0, 0)
    assert (late.gpus_installed, late.gpus_on_order, late.prepaid) == (50, 50, 25_000)
    assert (seller.inventory, seller.backlog, seller.prepaid) == (0, 50, 25_000)
    assert booked(world, CHIP_PURCHASES) == {"operators": -75_000, "smugglers": 75_000}
    assert early.cash == 1e9 - 100_000
    assert late.cash == 1e9 - 50_000 - 25_000
    assert queue(world) == [ROWS[2]]
    assert (early.order, late.order) == (-1, 0)
    assert held_money(world) == pytest.approx(money, abs=1e-3)


def test_who_waited_longer_is_served_before_a_newcomer_next_month() -> None:
    world, p = founded()
    seller = one_seller(world, stock=150.0)
    for number in (7, 2, 5):
        chips.place_order(world, building_site(world, number, 100), SELLER, 100.0, p)
    chips.smugglers_deliver(world, p)
    seller.inventory = 60.0
    chips.smugglers_deliver(world, p)
    assert [world.operators[ROWS[number]].gpus_installed for number in (7, 2, 5)] == [100, 100, 10]
    assert queue(world) == [ROWS[5]]


@pytest.mark.parametrize(("cash", "delivered"), [(0.0, 0.0), (10_000.0, 20.0), (20_000.0, 40.0), (90_000.0, 40.0)])
def test_of_a_delivery_only_what_cannot_be_paid_is_struck_and_the_rest_of_the_order_waits(
    cash: float, delivered: float
) -> None:
    world, p = founded()
    p.prepayment = 0.5
    seller, operator = one_seller(world, stock=40.0), building_site(world, 3, 100, cash=60_000)
    chips.place_order(world, operator, SELLER, 60.0, p)
    world.households.cash += operator.cash - cash
    operator.cash = cash
    written_off, money = world.books.written_off, held_money(world)
    chips.smugglers_deliver(world, p)
    lost = (40.0 - delivered) * 500
    assert (operator.gpus_installed, seller.inventory) == (delivered, 40.0 - delivered)
    assert operator.gpus_on_order == seller.backlog == 20
    assert operator.prepaid == seller.prepaid == world.books.prepayments == 10_000
    assert world.books.written_off - written_off == world.market.prepayments_lost == lost
    assert operator.cash == max(cash - 20_000, 0.0)
    assert queue(world) == [operator.row]
    assert held_money(world) == pytest.approx(money, abs=1e-3)


def test_an_order_of_which_nothing_can_be_paid_leaves_the_queue() -> None:
    world, p = founded()
    seller, operator = one_seller(world), building_site(world, 3, 100, cash=60_000)
    chips.place_order(world, operator, SELLER, 60.0, p)
    world.households.cash += operator.cash
    operator.cash = 0.0
    chips.smugglers_deliver(world, p)
    assert (operator.gpus_installed, operator.gpus_on_order, operator.prepaid) == (0, 0, 0)
    assert (seller.backlog, seller.prepaid, world.books.prepayments) == (0, 0, 0)
    assert world.order_count[0] == 0


def test_a_ban_cuts_channels_loses_shipments_and_the_orders_of_the_unlucky() -> None:
    world, p = founded(control_step=0.5)
    p.ban_channel_cut, p.ban_loss, p.prepayment = 0.4, 0.6, 0.5
    seller = one_seller(world)
    seller.in_transit = 100.0
    capacity = world.smugglers["capacity"].copy()
    unlucky, lucky = building_site(world, 1, 100), building_site(world, 2, 100)
    for operator in (unlucky, lucky):
        chips.place_order(world, operator, SELLER, 100.0, p)
    draws = SimpleNamespace(
        operators=[SimpleNamespace(lost=0.29 if row == unlucky.row else 0.31) for row in world.live.tolist()]
    )
    chips.ban_cuts_channels(world, p, draws)
    assert world.smugglers["capacity"] == pytest.approx(0.8 * capacity)  # 0.4 of half a stage
    assert seller.in_transit == pytest.approx(70.0)
    assert world.books.chips_lost == pytest.approx(30.0)
    assert (unlucky.gpus_on_order, unlucky.prepaid, lucky.gpus_on_order, lucky.prepaid) == (0, 0, 100, 50_000)
    assert (world.market.prepayments_lost, world.market.ban_loss_share) == (50_000, 0.5)
    assert (seller.backlog, seller.prepaid, world.books.prepayments) == (100, 50_000, 50_000)
    assert world.market.panic == 0.5


def test_the_tightest_ban_leaves_a_twentieth_of_the_channels_and_nothing_in_transit() -> None:
    world, p = founded(control_step=1.3)
    p.ban_loss, p.ban_channel_cut = 1.0, 0.95
    world.smugglers["in_transit"] = 10.0
    before = world.smugglers["capacity"].copy()
    world.live_count[0] = 0
    chips.ban_cuts_channels(world, p, None)
    assert world.smugglers["capacity"] == pytest.approx(0.05 * before)
    assert (world.smugglers["in_transit"] == 0.0).all()
    assert world.market.panic == 1.0


def test_panic_fades_when_control_stays_as_it_is() -> None:
    world, p = founded()
    world.market.panic = 0.5
    capacity = world.smugglers["capacity"].copy()
    chips.ban_cuts_channels(world, p, None)
    chips.ban_cuts_channels(world, p, None)
    assert world.market.panic == pytest.approx(0.18)
    assert (world.smugglers["capacity"] == capacity).all()


def test_shipments_cost_the_landed_price_and_arrive_less_what_customs_seize() -> None:
    world, p = founded(export_control=1.0, tariff=0.1)
    p.seizure_share = 0.05
    seller = one_seller(world, stock=0.0)
    seller.capacity, seller.backlog, seller.landed_cost, seller.cash, seller.expected_orders = 100, 1e4, 2e5, 1e9, 10
    seller.orders = 30.0
    before = world.abroad.cash, world.centre.cash
    draws = SimpleNamespace(smugglers=[SimpleNamespace() for _ in world.smugglers])
    draws.smugglers[SELLER] = SimpleNamespace(seizure=0.5)
    chips.smugglers_import(world, p, draws)
    tariff = 100 * p.foreign_chip_price * 0.1
    assert seller.expected_orders == pytest.approx(16.0)  # three tenths of the way from 10 to 30
    assert seller.in_transit == pytest.approx(95.0)
    assert seller.cash == pytest.approx(1e9 - 100 * 2e5)
    assert world.centre.cash - before[1] == pytest.approx(tariff)
    assert world.abroad.cash - before[0] == pytest.approx(100 * 2e5 - tariff)
    assert (world.books.chips_smuggled, world.books.chips_seized) == (100, pytest.approx(5.0))
    assert booked(world, IMPORTS) == pytest.approx({"smugglers": tariff - 100 * 2e5, "abroad": 100 * 2e5 - tariff})
    assert booked(world, TARIFFS) == pytest.approx({"smugglers": -tariff, "governments": tariff})
    chips.smugglers_quote(world, p)
    assert (seller.inventory, seller.in_transit) == (pytest.approx(95.0), 0)
    assert (world.market.imported, world.market.seized) == (pytest.approx(95.0), pytest.approx(5.0))


def second_hand(hub: int, stock: float, dealer_cash: float) -> tuple[Any, Any, Any]:
    world, p = founded()
    one_seller(world, stock=0.0, quote=150_000.0)
    dealer = world.smugglers[SELLER]
    dealer.cash = dealer_cash
    dealer.expected_orders = 1e6  # he can sell whatever he buys
    operator = building_site(world, 3, stock, cash=0.0)
    operator.province = int(np.flatnonzero(world.provinces["hub"] == hub)[0])
    chips.receive(world, operator, H100, stock)
    world.platforms["budget"] = 0.0
    chips_cost(world, 150_000.0)
    return world, p, operator


def test_used_chips_go_to_a_dealer_at_85_per_cent_and_the_rest_waits() -> None:
    world, p, operator = second_hand(hub=0, stock=100.0, dealer_cash=40 * 0.85 * 150_000.0)
    proceeds = chips.sell_chips(world, operator, 100.0, p, LUCK)
    assert operator.cash == pytest.approx(proceeds)
    assert proceeds == pytest.approx(40 * 0.85 * 150_000)
    assert operator.gpus_installed == pytest.approx(60.0)
    assert world.smugglers[SELLER].inventory == world.market.second_hand == pytest.approx(40.0)
    assert world.books.chips_reexported == 0
    assert booked(world, SECOND_HAND_SALES) == pytest.approx({"operators": proceeds, "smugglers": -proceeds})
    assert booked(world, REEXPORTS) == {}


def test_used_chips_go_abroad_at_the_floor_when_dealers_pay_less() -> None:
    world, p, operator = second_hand(hub=0, stock=100.0, dealer_cash=1e12)
    chips_cost(world, 150_000.0, abroad=300_000.0)
    chips.sell_chips(world, operator, 70.0, p, LUCK)
    assert operator.cash == pytest.approx(70 * 180_000)
    assert operator.gpus_installed == 30
    assert world.books.chips_reexported == 70
    assert booked(world, REEXPORTS) == pytest.approx({"operators": 70 * 180_000, "abroad": -70 * 180_000})


def adjusted(world: Any, p: Any, markup: float) -> None:
    """Dealers adjust in a month in which nothing moves the mark-up of the only one in business."""
    p.markup_adjustment = p.markup_reversion = 0.0
    world.smugglers[SELLER].markup = markup
    draws = SimpleNamespace(smugglers=[SimpleNamespace(enter=1.0, chip=0.5) for _ in world.smugglers])
    draws.smugglers[SELLER] = SimpleNamespace(markup=0.5, chip=0.5)
    chips.smugglers_adjust(world, p, draws)


def test_a_dealer_without_hope_sells_his_stock_abroad_and_is_paid_for_it() -> None:
    world, p = founded()
    dealer = one_seller(world, stock=40.0)
    chips_cost(world, 150_000.0, abroad=200_000.0)
    dealer.cash, before = 1_000.0, world.abroad.cash
    adjusted(world, p, -0.4)
    assert (dealer.cash, booked(world, DIVIDENDS)["smugglers"]) == (0, pytest.approx(-1_000 - 40 * 120_000))
    assert world.abroad.cash - before == pytest.approx(-40 * 120_000)
    assert booked(world, REEXPORTS) == pytest.approx({"smugglers": 40 * 120_000, "abroad": -40 * 120_000})
    assert (dealer.inventory, world.books.chips_reexported, dealer.active) == (0, 40, 0)


def test_new_dealers_open_channels_by_their_own_luck_at_the_going_markup() -> None:
    world, p = founded()
    one_seller(world).markup = 0.5
    p.smuggler_entry_speed, p.normal_markup = 1.0, 0.1
    draws = SimpleNamespace(smugglers=[SimpleNamespace(enter=0.05, markup=0.5, chip=0.5) for _ in world.smugglers])
    draws.smugglers[7].enter = 0.03  # the hazard is 0.04
    chips.smugglers_adjust(world, p, draws)
    assert list(np.flatnonzero(world.smugglers["active"])) == [SELLER, 7]
    newcomer = world.smugglers[7]
    assert (newcomer.markup, newcomer.capacity) == (pytest.approx(0.5), newcomer.normal_capacity)
    assert newcomer.quote == pytest.approx(1.5 * newcomer.landed_cost)


def test_a_dealer_with_some_hope_keeps_his_stock() -> None:
    world, p = founded()
    dealer = one_seller(world, stock=40.0)
    dealer.cash = 1_000.0
    adjusted(world, p, -0.3)
    assert (dealer.inventory, dealer.cash, world.books.chips_reexported) == (40, 1_000, 0)
    assert world.market.chip_price == pytest.approx(0.7 * dealer.landed_cost)
    assert booked(world, REEXPORTS) == {}


def test_an_ended_project_sells_what_it_still_holds_for_the_bank_or_for_the_owner() -> None:
    for stage, receiver in ((BANKRUPT, "bank"), (CANCELLED, "investor")):
        world, p, operator = second_hand(hub=0, stock=100.0, dealer_cash=1e12)
        operator.stage = stage
        account = world.bank if receiver == "bank" else owner_of(world, operator)
        before = account.cash
        chips.operators_sell_chips(world, p, luck_of(world, operator, **vars(LUCK)))
        assert account.cash - before == pytest.approx(100 * 0.85 * 150_000)
        assert (operator.cash, operator.gpus_installed) == (0, 0)


def test_a_platform_bids_first_near_the_users_within_budget_and_cash() -> None:
    world, p, operator = second_hand(hub=1, stock=100.0, dealer_cash=0.0)
    platform = world.platforms[3]
    platform.budget, platform.cash, fleet = 30 * 135_000.0, 20 * 135_000.0, platform.gpus
    chips.sell_chips(world, operator, 100.0, p, LUCK)
    assert platform.gpus - fleet == platform.gpus_bought == pytest.approx(20.0)
    assert platform.cash == pytest.approx(0.0, abs=1e-6)
    assert operator.gpus_installed == pytest.approx(80.0)


def test_one_more_platform_moves_only_the_sellers_who_find_it() -> None:
    draws = np.arange(0.0005, 1.0, 0.001)
    before = [chips.platform_asked(5, draw) for draw in draws]
    after = [chips.platform_asked(6, draw) for draw in draws]
    assert {new for old, new in zip(before, after, strict=True) if old != new} == {5}
    assert set(before) == set(range(5))
    assert chips.platform_asked(0, 0.5) == -1


def test_a_distressed_site_sells_free_chips_and_pays_most_of_the_proceeds_to_the_bank() -> None:
    world, p, operator = second_hand(hub=0, stock=100.0, dealer_cash=1e12)
    p.fire_sale_speed = 0.1
    operator.stage, operator.training_leased = DISTRESSED, 95.0
    lend(world, operator, 5e6)
    world.households.cash += operator.cash
    operator.cash = 0.0
    chips.operators_sell_chips(world, p, luck_of(world, operator, **vars(LUCK)))
    proceeds = 5 * 0.85 * 150_000
    assert operator.gpus_installed == 95
    assert operator.cash == pytest.approx(0.4 * proceeds)
    assert operator.debt == pytest.approx(5e6 - 0.6 * proceeds)


def test_dealers_chips_and_orders_are_the_sums_of_what_others_see() -> None:
    world, p = founded(SMALL, seed=3)
    one_seller(world, stock=120.0)
    for number in range(5):
        chips.place_order(world, building_site(world, number, 50), SELLER, 50.0, p)
    chips.smugglers_deliver(world, p)
    assert world.operators["gpus_on_order"].sum() == world.smugglers["backlog"].sum() == 130
    assert world.operators["prepaid"].sum() == pytest.approx(world.smugglers["prepaid"].sum())
    pay_in_equity(world, world.investors[0], world.operators[ROWS[0]], 1.0)
    assert world.books.equity == world.investors["stake"].sum() == world.operators["equity"].sum()
