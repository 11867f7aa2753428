"""Re-equipment: neutral is absent; who looks for which hall, what is paid, and how it becomes a site again."""

# ruff: noqa: E501 - a case is a line, a sentence is a name

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from bubble_abm.economy.agents.operator import BANKRUPT, BUILDING, OPERATING, PRIME
from bubble_abm.economy.chip_classes import H100
from bubble_abm.economy.ledger import LIQUIDATION
from bubble_abm.economy.markets import chips, construction, projects
from bubble_abm.economy.mechanisms import re_equipment
from bubble_abm.economy.sponsors import ABLE, PUBLIC
from bubble_abm.engine.simulation import simulate
from bubble_abm.paper.plain import plain
from tests.economy.agents.cases import Case, check, given, table
from tests.economy.agents.test_investor import BUSINESS, HALF_FULL, STARTS, expert, market, novice, official, showman
from tests.economy.agents.test_operator import site as row
from tests.economy.mechanisms.battery import Battery
from tests.worlds import PRICE, booked, claims_agree, held_money, measured, number_of, owner_of, site

LOOKS = given(re_equipment=0.2, most_projects=4.0, most_under_way=2.0, expansion_fill=0.8)
HURDLE = given(**(vars(BUSINESS) | vars(STARTS)))
WORTH = 74_180.5717869882  # 2 400 a month for 60 months at 2.5 %
CASES = [
    Case("looks_for_hall", "a fifth of newcomers with the subject in mind", (novice(), market(), LOOKS, given(announce=0.801)), True),
    Case("looks_for_hall", "no more", (novice(), market(), LOOKS, given(announce=0.799)), False),
    Case("looks_for_hall", "not without news", (novice(news_needed=1.0), market(), LOOKS, given(announce=0.9)), False),
    Case("looks_for_hall", "not who is told to build", (official(), market(), LOOKS, given(announce=0.9)), False),
    Case("looks_for_hall", "nor who only announces", (showman(), market(), LOOKS, given(announce=0.9)), False),
    Case("hall_is_worth_it", "at a hurdle of 0.9 times 1.3", (expert(neglect=1.0), WORTH / 1.171, HALF_FULL, HURDLE), True),
    Case("hall_is_worth_it", "not if it is a bit dearer", (expert(neglect=1.0), WORTH / 1.169, HALF_FULL, HURDLE), False),
    Case("price_of_estate", "the hall, and ten chips at half of their price", (row(gpus_planned=100, gpus_installed=10, chip_price=150_000), given(hall_price=0.1, other_capex=100_000, forced_sale_value=0.5)), 1.75e6),
]  # fmt: skip


@table(CASES)
def test_buyers_decide_as_worked_out_by_hand(case: Case) -> None:
    check(case)


#: Where newcomers build, many fail, and others would build.
PRIVATE = {"public_share": 0.05, "hurdle": 1.1, "deep_pocket_share": 0.3}


class TestReEquipment(Battery):
    mechanism = re_equipment
    active = {"re_equipment": 0.5}
    around = PRIVATE
    sign = ("halls_equipped_again", 48, 1.0)


@pytest.mark.whole_runs
def test_halls_are_equipped_again_and_open() -> None:
    bought = []
    for seed in range(1, 9):
        world = simulate(plain(**PRIVATE, re_equipment=0.5), seed=seed, months=84)
        bought.append(world.series["halls_equipped_again"].iloc[-1])
    assert np.mean(bought) > 5.0


def hall(gpus: float = 0.0) -> tuple[Any, Any, Any]:
    """A hall for 100 GPUs whose site was wound up, with so many left, and a sponsor with money who looks for one."""
    world, p, operator = site(cash=0.0, gpus=gpus)
    p.re_equipment, p.hall_price, p.refit_cost, p.refit_time, p.forced_sale_value = 0.2, 0.1, 0.5, 4.0, 0.5
    p.able_leverage, p.leverage_cap, p.other_capex, p.working_capital, p.lender_strictness = 0.5, 0.9, 100_000, 2.0, 0.0
    p.most_projects, p.expansion_fill, p.interior_suitability = 4.0, 0.8, 0.3
    operator.stage, operator.gpus_planned, operator.months_to_build, operator.month_opened = BANKRUPT, 100.0, -3.0, 5
    operator.running_cost, operator.running_chips, operator.capital = 2_000.0, 0.8, 0.0
    world.market.month, world.market.rent, world.market.contract_rent = 30, 60_000.0, 60_000.0
    world.market.utilisation = 0.9
    world.investors["news_needed"] = 1e9
    buyer = world.investors[11]
    buyer.sponsor, buyer.earnest, buyer.experienced, buyer.news_needed, buyer.neglect = ABLE, 1, 1, 0.0, 1.0
    buyer.deep_pocket, buyer.pledged = 1, 0.0
    world.households.cash += buyer.cash - 2e8
    buyer.cash = 2e8
    if not gpus:
        listed = world.live[: world.live_count[0]].tolist()
        world.live[: world.live_count[0] - 1] = [place for place in listed if place != operator.row]
        world.live_count[0] -= 1
    return world, p, operator


def month(world: Any, p: Any, announce: float = 0.9) -> None:
    """A month in which all draw the same."""
    draws = [SimpleNamespace(announce=announce) for _ in world.investors]
    re_equipment.investors_buy_halls(world, p, SimpleNamespace(investors=draws))


def test_an_empty_hall_is_bought_from_the_bank_for_less_than_building_and_equipped() -> None:
    world, p, operator = hall()
    announcer, money, buyer = operator.announcer, held_money(world), world.investors[11]
    month(world, p)
    assert (operator.stage, operator.owner, operator.announcer, operator.re_equipped) == (BUILDING, 11, announcer, 1)
    price, refit, chip = 0.1 * 100_000, 0.5 * 100_000, world.chips[H100].price
    assert booked(world, LIQUIDATION)["bank"] == pytest.approx(100 * price)
    each = 0.5 * (chip + refit) + 2 * p.running_cost
    assert (operator.equity, operator.equity_pledged) == (pytest.approx(100 * price), pytest.approx(100 * each))
    assert operator.loan_promised == pytest.approx(100 * 0.5 * (chip + refit))
    assert buyer.pledged == operator.equity_pledged
    assert (operator.months_to_build, operator.running_cost, operator.quality) == (4.0, 2_500.0, PRIME)
    listed = world.live[: world.live_count[0]].tolist()
    assert listed == sorted(listed, key=number_of(world))
    assert operator.row in listed
    for _ in range(4):
        construction.sites_raise_rounds(world, p, SimpleNamespace(operators=[None] * len(world.operators)))
        construction.sites_are_built(world, p)
    assert operator.capital == pytest.approx(100 * refit)
    chips.receive(world, operator, H100, 100.0)
    world.books.chips_initial += 100
    construction.sites_open(world, p)
    assert operator.stage == OPERATING
    assert held_money(world) == pytest.approx(money, abs=1e-3)
    assert measured(world, p).halls_equipped_again == 1
    claims_agree(world)


def test_chips_that_are_left_are_bought_with_the_hall_and_settle_its_class() -> None:
    world, p, operator = hall(gpus=60.0)
    operator.chip = H100
    listed = world.live[: world.live_count[0]].tolist()
    month(world, p)
    assert (operator.stage, operator.gpus_installed, operator.gpus_planned) == (BUILDING, 60.0, 100.0)
    assert booked(world, LIQUIDATION)["bank"] == pytest.approx(100 * 0.1 * 100_000 + 60 * 0.5 * PRICE)
    assert operator.loan_promised == pytest.approx(0.5 * (100 * 50_000 + 40 * world.chips[H100].price))
    assert world.live[: world.live_count[0]].tolist() == listed  # it was under way while it held chips


def test_equity_limits_how_much_of_a_hall_is_equipped() -> None:
    world, p, operator = hall()
    each = 0.5 * (world.chips[H100].price + 50_000) + 2 * p.running_cost
    world.households.cash += world.investors[11].cash
    world.investors[11].cash = 1e6 + 50 * each
    world.households.cash -= world.investors[11].cash
    month(world, p)
    assert (operator.stage, operator.gpus_planned) == (BUILDING, pytest.approx(50.0))


@pytest.mark.parametrize("hindrance", ["neutral", "no luck", "own hall", "unfinished", "sham", "worthless", "no money"])
def test_a_hall_stands_empty_without_somebody_else_who_wants_it(hindrance: str) -> None:
    world, p, operator = hall()
    if hindrance == "neutral":
        p.re_equipment = 0.0
    elif hindrance == "own hall":
        operator.announcer = 11
    elif hindrance == "unfinished":
        operator.months_to_build = 0.5
    elif hindrance == "sham":
        operator.sham = 1
    elif hindrance == "worthless":
        world.market.rent = world.market.contract_rent = 3_000.0
    elif hindrance == "no money":
        world.investors[11].pledged = world.investors[11].cash
    before = held_money(world)
    month(world, p, announce=0.79 if hindrance == "no luck" else 0.9)
    assert (operator.stage, operator.re_equipped) == (BANKRUPT, 0)
    assert held_money(world) == before


def test_halls_near_the_users_go_first_and_then_the_oldest_number() -> None:
    world, _, _ = hall()
    inland, hub = (int(np.flatnonzero(world.provinces["hub"] == kind)[0]) for kind in (0, 1))
    halls = [filled_hall(world, number, place) for number, place in ((5, inland), (3, hub), (4, hub))]
    assert re_equipment.best_hall(world, 11) == min(halls[1:], key=number_of(world))


def filled_hall(world: Any, row: int, province: int) -> int:
    """An empty hall in a row of its own."""
    operator = world.operators[row]
    operator.stage, operator.province, operator.announcer, operator.owner, operator.id = BANKRUPT, province, 2, 2, row
    return row


def test_the_site_counts_with_its_new_owner_and_as_a_failure_of_the_old_one() -> None:
    world, p, operator = hall()
    announcer, old = operator.announcer, owner_of(world, operator)
    month(world, p)
    projects.investors_take_stock(world, p)
    assert (world.investors[11].under_way, old.under_way, old.failed) == (1, 0, 1)
    assert world.standing[announcer] == projects.FAILED
    assert operator.sponsor != PUBLIC
