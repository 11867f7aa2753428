"""Classes of chips: when they are on sale, what a site of several is good for, and which a sponsor orders."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from bubble_abm.economy import chip_classes
from bubble_abm.economy.agents.operator import BUILDING, DISTRESSED, OPERATING, PLANNED, PRIME
from bubble_abm.economy.chip_classes import B200, CHIP_CLASSES, DOMESTIC, H20, H100, H200, all_in_price
from bubble_abm.economy.ledger import CHIP_PURCHASES, IMPORTS, TARIFFS, lend
from bubble_abm.economy.markets import chips, construction, leasing, platforms, projects
from bubble_abm.economy.outside import month_number, outside
from bubble_abm.economy.parameters import DECLARED, Parameters
from bubble_abm.economy.sponsors import NEWCOMER, PUBLIC
from bubble_abm.engine.simulation import simulate
from tests.worlds import SMALL, booked, founded, held_money, luck_of, project

FIVE = replace(SMALL, chip_classes=5)


def on_sale(*classes: int) -> tuple[Any, Any]:
    """A world of five classes of which these are to be had."""
    world, p = founded(FIVE)
    world.chips["on_sale"] = 0
    world.chips["on_sale"][list(classes)] = 1
    return world, p


def site_of(world: Any, number: int = 3, stage: int = BUILDING, **gpus: float) -> Any:
    """A site that holds these GPUs of these classes."""
    operator = project(
        world, number, stage=stage, gpus_planned=1_000.0, months_to_build=5, months_building=5, running_cost=2_000.0,
        rent=5_000.0, quality=PRIME, training_suitability=1.0, inference_suitability=1.0,
    )  # fmt: skip
    for name, amount in gpus.items():
        chips.receive(world, operator, CHIP_CLASSES.index(name), amount)
        world.books.chips_initial += amount
    return operator


# --- Calendar --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "month", "level"),
    [
        ("sale_h20", "2023-11", 0), ("sale_h20", "2024-06", 1), ("sale_h20", "2025-05", 0), ("sale_h20", "2025-08", 1),
        ("sale_h200", "2024-08", 0), ("sale_h200", "2024-09", 1),
        ("sale_b200", "2025-04", 0), ("sale_b200", "2025-05", 1),
    ],
)  # fmt: skip
def test_classes_are_on_sale_by_the_calendar(path: str, month: str, level: int) -> None:
    assert outside(60)[path][month_number(month)] == level


def test_there_is_nothing_but_the_first_class_in_a_world_of_one() -> None:
    """Bit for bit, whatever the others would cost or compute."""
    small = Parameters(investors=60, startups=25, smugglers=4, incumbents=3, scale=0.1)
    one = small.with_values({"chip_classes": 1})
    others = {
        name: DECLARED[name].metadata["low"]
        for name in DECLARED
        if name.startswith(("h20_", "h200_", "b200_", "domestic_"))
    }
    assert len(others) > 12
    plain, moved, five = (
        simulate(parameters, seed=4, months=30).records for parameters in (one, one.with_values(others), small)
    )
    for name in plain.measures.dtype.names:
        if not name.endswith(("_h20", "_domestic", "_h200", "_b200")):
            assert (plain.measures[name] == moved.measures[name]).all(), name
    assert plain.flows.tobytes() == moved.flows.tobytes() != five.flows.tobytes()
    assert sum(plain.measures[f"bought_{name.lower()}"].sum() for name in CHIP_CLASSES[1:]) == 0


# --- What a site can do ----------------------------------------------------------------------------------------------


def test_a_mixed_site_trains_like_its_weakest_class_and_serves_like_their_average() -> None:
    world, p = on_sale(H100, H20, DOMESTIC)
    operator = site_of(world, H100=300.0)
    assert (operator.training_chips, operator.inference_chips, operator.running_cost) == (1.0, 1.0, 2_000.0)
    chips.receive(world, operator, H20, 100.0)
    assert operator.training_chips == p.h20_training
    assert operator.inference_chips == pytest.approx((3 + p.h20_inference) / 4)
    assert operator.best_chips == operator.inference_chips
    running = (3 + 1 + p.power_share * (p.h20_power - 1)) / 4
    assert operator.running_cost == pytest.approx(2_000 * running)
    chips.receive(world, operator, DOMESTIC, 1.0)
    assert operator.training_chips == 0.0


def test_chips_of_all_classes_are_sold_in_proportion_and_those_sold_openly_find_no_dealer() -> None:
    world, p = on_sale(H100, DOMESTIC)
    world.smugglers["active"] = 0
    operator = site_of(world, stage=DISTRESSED, H100=300.0, domestic=100.0)
    operator.province = int(np.flatnonzero(world.provinces["hub"] == 0)[0])  # no platform bids there
    chips.sell_chips(world, operator, 40.0, p, SimpleNamespace(sell=0.3, bidder=0.4))
    assert list(world.fleets[operator.row]) == [270, 0, 100, 0, 0]
    assert (operator.gpus_installed, world.books.chips_reexported) == (370, 30)
    assert list(world.chips["unsold"]) == [0, 0, 10, 0, 0]
    assert operator.cash == pytest.approx(30 * p.reexport_price * p.foreign_chip_price)


def test_the_price_of_a_mixed_site_s_chips_is_their_average() -> None:
    world, _ = on_sale(H100, H20)
    operator = site_of(world, H100=300.0, H20=100.0)
    world.chips["price"][[H100, H20]] = 200_000, 80_000
    chips.chips_are_valued(world)
    assert operator.chip_price == pytest.approx(170_000)


# --- Buying ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("chip", "flow", "seller"), [(H20, IMPORTS, "abroad"), (DOMESTIC, CHIP_PURCHASES, "suppliers")]
)
def test_what_is_sold_openly_is_bought_at_the_list_price_without_a_dealer(chip: int, flow: int, seller: str) -> None:
    world, p = on_sale(H100, chip)
    world.smugglers["active"] = 0
    operator = site_of(world)
    operator.chip = chip
    lend(world, operator, 400 * world.chips[chip].price)
    money = held_money(world)
    chips.operators_order_chips(world, p, luck_of(world, operator))  # draws nothing
    assert (operator.gpus_installed, operator.cash) == (pytest.approx(400), pytest.approx(0, abs=1e-6))
    assert (
        world.fleets[operator.row, chip]
        == world.chips[chip].bought
        == world.books.chips_legal
        == operator.gpus_installed
    )
    paid = 400 * world.chips[chip].price
    assert booked(world, flow) == pytest.approx({"operators": -paid, seller: paid})
    assert held_money(world) == pytest.approx(money)


def test_who_cannot_have_its_class_takes_the_most_compute_per_yuan_and_ends_up_mixed() -> None:
    world, p = on_sale(H100, DOMESTIC)
    operator = site_of(world, H20=200.0)
    operator.chip = H20
    lend(world, operator, 1e9)
    for number, worth in ((H100, 0.01), (DOMESTIC, 0.6)):
        world.chips[number].worth = worth
    chips.operators_order_chips(world, p, luck_of(world, operator))
    assert operator.chip == DOMESTIC
    assert list(world.fleets[operator.row, [H20, DOMESTIC]]) == [200, 800]
    assert operator.training_chips == 0.0


@pytest.mark.parametrize(("chip", "rate"), [(H20, 0.25), (DOMESTIC, 0.0)])
def test_a_tariff_is_due_on_foreign_chips_and_their_servers_and_on_no_domestic_ones(chip: int, rate: float) -> None:
    world, p = founded(FIVE, sale_h20=1.0, sale_domestic=1.0, tariff=0.25)
    operator = site_of(world)
    operator.chip = chip
    price = {H20: p.h20_price, DOMESTIC: p.domestic_price}[chip]
    server = world.chips[chip].server * p.other_capex
    assert all_in_price(world.chips[chip], p) == pytest.approx((1 + rate) * (price + server))
    lend(world, operator, 1e9)
    chips.operators_order_chips(world, p, luck_of(world, operator))
    assert operator.gpus_installed == pytest.approx(1_000)
    construction.sites_are_built(world, p)  # a fifth of a site of 1 000 GPUs
    assert operator.capital == pytest.approx(200 * server)
    duty = rate * (1_000 * price + 200 * server)
    assert booked(world, TARIFFS).get("governments", 0.0) == pytest.approx(duty)
    assert 1e9 - operator.cash == pytest.approx(duty + 1_000 * price + 200 * server)


def test_platforms_pay_the_tariff_out_of_what_they_spend() -> None:
    world, p = founded(FIVE, sale_h20=1.0, tariff=0.25)
    p.platform_capex, p.platform_chip_share = 1e9, 0.5
    platforms.platforms_invest(world, p)
    assert booked(world, TARIFFS) == pytest.approx({"platforms": -0.1e9, "governments": 0.1e9})
    assert world.chips[H20].bought == pytest.approx(0.4e9 / p.h20_price)


def test_platforms_import_what_is_legal_and_keep_the_money_while_nothing_is() -> None:
    world, p = on_sale(H100, DOMESTIC)
    p.platform_capex, p.platform_chip_share, p.platform_domestic, p.export_control = 1e9, 0.5, 0.2, 1.0
    world.chips[DOMESTIC].price = 1e5
    fleets = world.platforms["gpus"].sum()
    platforms.platforms_invest(world, p)
    assert world.platforms["unspent"].sum() == pytest.approx(0.4e9)
    assert world.platforms["gpus"].sum() - fleets == pytest.approx(0.1e9 / 1e5)
    world.chips[H20].on_sale = 1
    platforms.platforms_invest(world, p)
    assert world.platforms["unspent"].sum() == 0.0
    assert world.chips[H20].bought == pytest.approx(0.8e9 / p.h20_price)
    assert world.books.chips_legal == pytest.approx(world.platforms["gpus"].sum() - fleets)


@pytest.mark.parametrize("sponsor", [PUBLIC, NEWCOMER])
def test_classes_are_chosen_as_often_as_their_compute_per_yuan_and_the_terms_of_subsidies_say(sponsor: int) -> None:
    world, p = on_sale(H100, H20, DOMESTIC)
    p.class_choice, p.domestic_terms = 2.0, 1.5
    world.chips["worth"] = [1.0, 0.4, 0.2, 1.3, 2.2]
    investor = world.investors[5]
    investor.sponsor = sponsor
    draws = np.arange(0.0005, 1.0, 0.001)
    chosen = np.bincount([projects.class_chosen(world, investor, draw, p) for draw in draws], minlength=5)
    weights = np.array([(chip.worth / all_in_price(chip, p)) ** 2 * chip.on_sale for chip in world.chips])
    weights[DOMESTIC] *= np.exp(1.5) if sponsor == PUBLIC else 1.0
    assert chosen / 1_000 == pytest.approx(weights / weights.sum(), abs=0.002)


def test_a_plan_has_a_class_in_mind_from_its_announcement_and_hoards_only_what_is_restricted() -> None:
    world, p = on_sale(H100, DOMESTIC)
    p.class_choice, p.domestic_terms, p.call_weight, p.announcement_rate, p.home_bias = 0.0, 0.0, 0.0, 0.1, 1.0
    world.investors["sponsor"], world.investors["news_needed"] = PUBLIC, 0.0
    world.chips["worth"] = 1.0
    lots = [SimpleNamespace(announce=9.0, leave_home=0.0, site=0.5, pace=0.5) for _ in world.investors]
    hazard = 0.1 / (1 + np.exp(-(p.public_reluctance + p.ambition * world.provinces[world.investors[3].home].rank_gap
                                 + world.investors[3].taste)))  # fmt: skip
    for row, part in ((3, 0.49), (4, 0.51)):  # of two classes as good as each other
        world.investors[row].home, world.investors[row].taste = world.investors[3].home, world.investors[3].taste
        lots[row].announce = part * hazard
    first = world.operator_count[0]
    projects.investors_announce_projects(world, p, SimpleNamespace(investors=lots))
    plans = [world.operators[row] for row in range(first, world.operator_count[0])]
    assert {plan.owner: plan.chip for plan in plans} == {3: H100, 4: DOMESTIC}
    world.market.panic, p.panic_orders = 1.0, 0.5
    projects.live_projects_are_listed(world)
    draws = [SimpleNamespace(contact_1=0.1, contact_2=0.4, contact_3=0.7) for _ in world.operators]
    world.smugglers["active"], world.smugglers["quote"] = 1, 100_000.0
    chips.operators_order_chips(world, p, SimpleNamespace(operators=draws))
    assert [plan.gpus_on_order > 0 for plan in plans] == [True, False]


def test_a_plan_that_has_hoarded_chips_keeps_to_their_class() -> None:
    world, _ = on_sale(H100)
    plan = site_of(world, stage=PLANNED)
    assert not projects.has_chips(plan)
    plan.gpus_on_order = 3.0
    assert projects.has_chips(plan)


# --- Dealers ---------------------------------------------------------------------------------------------------------


def test_buyers_find_those_who_deal_in_their_class() -> None:
    world, _ = on_sale(H100, H200)
    world.smugglers["active"] = 1
    world.smugglers["chip"] = [H100, H200, H100, H100, H200, H100, H100, H100, H100]
    found = {chips.contact(world.smugglers, H200, draw) for draw in np.arange(0.005, 1.0, 0.01)}
    assert found == {1, 4}
    assert chips.contact(world.smugglers, B200, 0.5) == -1


@pytest.mark.parametrize(("classes", "draw", "entered"), [
    ((H100, H20), 0.99, H100), ((H100, H200), 0.49, H100), ((H100, H200), 0.51, H200),
    ((H100, H20, H200, B200), 0.99, B200),
])  # fmt: skip
def test_new_channels_deal_in_restricted_classes_that_are_on_sale(classes: Any, draw: float, entered: int) -> None:
    world, _ = on_sale(*classes)
    assert chips.class_entered(world.chips, draw) == entered


def test_each_class_has_the_price_of_its_own_dealers() -> None:
    world, p = on_sale(H100, H200)
    p.markup_adjustment = p.markup_reversion = p.smuggler_entry_speed = 0.0
    p.exit_patience = 9.0
    world.smugglers["active"] = 0
    for row, chip, cost in ((2, H100, 100_000.0), (5, H200, 130_000.0)):
        dealer = world.smugglers[row]
        dealer.active, dealer.chip, dealer.landed_cost, dealer.markup, dealer.inventory = 1, chip, cost, 0.5, 10.0
    draw = SimpleNamespace(enter=1.0, markup=0.5, chip=0.0)
    chips.smugglers_adjust(world, p, SimpleNamespace(smugglers=[draw] * len(world.smugglers)))
    assert world.chips["price"][[H100, H200]] == pytest.approx([150_000, 195_000])
    assert world.market.chip_price == world.chips[H100].price


def test_who_first_deals_in_a_class_asks_the_going_markup_of_all_dealers() -> None:
    world, p = on_sale(H100, H200)
    p.markup_adjustment = p.markup_reversion = p.normal_markup = p.markup_noise = 0.0
    p.smuggler_entry_speed, p.dealer_entry, p.highest_markup, p.channel_reversion = 1.0, 0.1, 0.5, 0.0
    world.smugglers["active"] = 0
    for row, markup, capacity in ((1, 0.1, 300.0), (2, 0.2, 100.0)):
        dealer = world.smugglers[row]
        dealer.active, dealer.chip, dealer.markup, dealer.capacity = 1, H100, markup, capacity
        dealer.landed_cost, dealer.backlog, dealer.inventory, dealer.cash = 100_000.0, 10.0, 10.0, 0.0
    draws = [SimpleNamespace(enter=0.049, markup=0.5, chip=0.9) for _ in world.smugglers]  # the hazard is 0.05
    chips.smugglers_adjust(world, p, SimpleNamespace(smugglers=draws))
    entrants = [dealer for dealer in world.smugglers if dealer.active and dealer.chip == H200]
    assert len(entrants) == len(world.smugglers) - 2
    assert [dealer.markup for dealer in entrants] == pytest.approx([0.125] * len(entrants))
    world.smugglers["active"] = 0
    chips.smugglers_adjust(world, p, SimpleNamespace(smugglers=draws))
    assert max(world.smugglers["markup"][world.smugglers["active"] == 1]) == pytest.approx(0.5)  # nobody to learn from


# --- Leases ----------------------------------------------------------------------------------------------------------


def test_who_needs_compute_rents_as_many_more_chips_as_they_are_weaker() -> None:
    world, p = on_sale(H100, DOMESTIC)
    for row in range(len(world.operators)):
        world.operators[row].stage = 0
    operator = site_of(world, stage=OPERATING, domestic=1_000.0)
    for name in ("gpus_wanted_training", "gpus_wanted_inference"):
        world.startups[name] = 0.0
    world.platforms["gpus_wanted"] = 0.0
    startup = world.startups[2]
    startup.gpus_wanted_training, startup.gpus_wanted_inference, startup.lease_term = 50.0, 60.0, 6
    leasing.tenants_and_operators_match(world, p)
    assert operator.training_leased == startup.training_leased == 0.0  # domestic chips cannot
    assert operator.inference_leased == pytest.approx(60 / p.domestic_inference)
    assert startup.inference_leased == pytest.approx(60)
    lease = world.leases[0]
    assert (world.lease_count[0], lease.compute) == (1, p.domestic_inference)
    leasing.release(world, lease, operator, lease.gpus)
    assert (operator.inference_leased, startup.inference_leased) == (pytest.approx(0), pytest.approx(0))


def test_the_first_price_of_a_class_follows_from_its_own_control() -> None:
    """The H200 was controlled before the H100 and its like were throughout."""
    world, p = founded(FIVE)
    p.risk_premium, p.normal_markup, p.export_control, p.control_h200 = 0.2, 0.1, 0.35, 1.0
    chip_classes.found_chip_classes(world, p)
    chips = world.chips
    assert chips[H100].price == pytest.approx(chips[H100].abroad * 1.07 * 1.1)
    assert chips[H200].price == pytest.approx(chips[H200].abroad * 1.2 * 1.1)
