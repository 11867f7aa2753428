"""Hand-over: neutral is absent; which sites go to whom, what is paid, and what becomes of owner, bank and site."""

# ruff: noqa: E501 - a case is a line, a sentence is a name

from __future__ import annotations

from typing import Any

import pytest

from bubble_abm.economy.agents.operator import (
    BANKRUPT,
    BUILDING,
    DISTRESSED,
    IDLE,
    OPERATING,
    PRIME,
    SECONDARY,
    is_public,
)
from bubble_abm.economy.markets import capital, projects
from bubble_abm.economy.mechanisms import hand_over
from bubble_abm.economy.sponsors import ABLE, NEWCOMER, PUBLIC
from tests.economy.agents.cases import Case, check, given, table
from tests.economy.agents.test_investor import BUSINESS, HALF_FULL, expert, novice
from tests.economy.agents.test_operator import site as row
from tests.economy.mechanisms.battery import Battery
from tests.worlds import PRICE, claims_agree, held_money, luck_of, measured, owner_of, site

LONG = given(longest_distress=9.0)
ROOM = given(hand_over_capacity=0.5)
HALF_PRICE = given(**vars(BUSINESS), forced_sale_value=0.5)
LOW_PRICE = given(**(vars(HALF_PRICE) | {"forced_sale_value": 0.1}))


def able(**values: float) -> object:
    return expert(**({"gpus_installed": 300, "gpus_leased": 200, "gpus_taken": 100, "cash": 1e6} | values))


CASES = [
    Case("is_to_be_handed_over", "a failed site", (row(failed=1), LONG), True),
    Case("is_to_be_handed_over", "not one that lives", (row(months_in_red=20), LONG), False),
    Case("is_to_be_handed_over", "a public one after nine months in arrears", (row(sponsor=PUBLIC, months_in_red=9, stage=IDLE), LONG), True),
    Case("is_to_be_handed_over", "not after eight", (row(sponsor=PUBLIC, months_in_red=8), LONG), False),
    Case("is_to_be_handed_over", "not one that a public sponsor has lost", (row(sponsor=PUBLIC, months_in_red=9, owner=1, announcer=2), LONG), False),
    Case("is_to_be_handed_over", "not before it is built", (row(failed=1, stage=BUILDING), LONG), False),
    Case("is_to_be_handed_over", "no incumbent", (row(failed=1, incumbent=1), LONG), False),
    Case("can_take", "half of the 200 that it has built up", (able(gpus_taken=0, gpus_installed=200), 100.0, 1e6, ROOM), True),
    Case("can_take", "not more", (able(gpus_taken=0, gpus_installed=200), 101.0, 1e6, ROOM), False),
    Case("can_take", "what it has taken counts", (able(), 1.0, 1e6, ROOM), False),
    Case("can_take", "not without the money", (able(gpus_taken=0), 100.0, 1.01e6, ROOM), False),
    Case("can_take", "nor with money that is promised", (able(gpus_taken=0, pledged=1.0), 100.0, 1e6, ROOM), False),
    Case("can_take", "nobody but able sponsors", (novice(gpus_installed=300, cash=1e6), 100.0, 1e6, ROOM), False),
    Case("price_paid", "half of 150 000 a GPU", (expert(neglect=1.0, gpus_installed=100, gpus_leased=90), row(gpus_installed=100, chip_price=150_000), HALF_FULL, HALF_PRICE), 7.5e6),
    Case("price_paid", "what it is worth, if that is less: 2 400 a month at 2.5 %", (expert(neglect=1.0), row(gpus_installed=100, chip_price=150_000), HALF_FULL, HALF_PRICE), 240_000 * 30.908656487907734),
    Case("price_paid", "no more than its chips would bring", (expert(neglect=1.0), row(gpus_installed=100, chip_price=150_000), HALF_FULL, LOW_PRICE), 1.5e6),
]  # fmt: skip


@table(CASES)
def test_the_state_and_able_operators_decide_as_worked_out_by_hand(case: Case) -> None:
    check(case)


class TestHandOver(Battery):
    mechanism = hand_over
    active = {"hand_over": 0.3}
    sign = ("projects_distressed", 36, -1.0)  # sites in arrears find owners who owe nothing


def failing(buyers: int = 1, **columns: float) -> tuple[Any, Any, Any]:
    """A failed site of 100 GPUs, and able sponsors with money and 1 000 GPUs of their own, each fuller than the last."""
    world, p, operator = site(cash=0.0, debt=8e6, equity=1e6)
    p.hand_over, p.hand_over_capacity, p.forced_sale_value, p.cash_reserve = 0.5, 1.0, 0.5, 3.0
    p.interior_suitability, p.inexperienced_engineering, p.running_cost, world.centre.answers = 0.3, 0.8, 2_600, 1
    world.market.rent = world.market.contract_rent = 20_000.0
    world.investors["sponsor"] = NEWCOMER
    for number in range(buyers):
        buyer = world.investors[5 + number]
        buyer.sponsor, buyer.experienced, buyer.neglect = ABLE, 1, 1.0
        buyer.gpus_installed, buyer.gpus_leased = 1_000.0, 700.0 + 100.0 * number
        world.households.cash -= 1e8
        buyer.cash += 1e8
    operator.failed, operator.arrears, operator.months_in_red = 1, 10_000.0, 4
    operator.inference_suitability, operator.quality = 0.24, SECONDARY
    for name, value in columns.items():
        operator[name] = value
    return world, p, operator


def test_a_failed_site_goes_to_the_able_operator_whose_own_sites_are_fullest() -> None:
    world, p, operator = failing(buyers=3)
    before, owner, money = world.investors[7].cash, owner_of(world, operator), held_money(world)
    hand_over.state_hands_sites_over(world, p, luck_of(world, operator, hand_over=0.49))
    capital.failed_sites_are_wound_up(world)
    assert (operator.stage, operator.owner, operator.failed, operator.patient) == (OPERATING, 7, 0, 1)
    price, reserve = 0.5 * 100 * PRICE, 3 * 2_600 * 100
    assert before - world.investors[7].cash == pytest.approx(price + reserve)
    assert world.investors[7].stake == operator.equity == pytest.approx(price + reserve)
    assert (operator.cash, owner.stake) == (pytest.approx(reserve), 0.0)
    assert (operator.debt, operator.arrears, operator.months_in_red) == (0, 0, 0)
    assert world.books.loans_written_off == pytest.approx(8e6 - price)
    assert (operator.inference_suitability, operator.training_suitability, operator.quality) == (0.3, 1.0, PRIME)
    assert (world.investors[7].gpus_installed, world.investors[7].gpus_taken) == (1_100.0, 100.0)
    assert held_money(world) == pytest.approx(money, abs=1e-3)
    assert measured(world, p).projects_handed_over == 1
    claims_agree(world)


def test_who_has_lost_a_site_has_failed_and_who_has_taken_it_counts_it() -> None:
    world, p, operator = failing()
    announcer = operator.announcer
    hand_over.state_hands_sites_over(world, p, luck_of(world, operator, hand_over=0.0))
    projects.investors_take_stock(world, p)
    assert world.standing[announcer] == projects.FAILED
    assert (world.investors[announcer].failed, world.investors[announcer].gpus_installed) == (1, 0.0)
    assert world.investors[5].gpus_installed == 100.0
    hand_over.sponsors_count_what_they_took(world)
    assert (world.investors[5].gpus_taken, world.investors["gpus_taken"].sum()) == (100.0, 100.0)


def test_a_public_site_long_in_arrears_is_no_longer_public() -> None:
    world, p, operator = failing(failed=0, sponsor=PUBLIC, stage=DISTRESSED, months_in_red=9)
    p.longest_distress = 9.0
    assert is_public(operator)
    hand_over.state_hands_sites_over(world, p, luck_of(world, operator, hand_over=0.0))
    assert (operator.stage, operator.owner) == (OPERATING, 5)
    assert not is_public(operator)


@pytest.mark.parametrize("hindrance", ["no answer", "no luck", "nobody able", "no money", "no capacity", "worthless"])
def test_a_hand_over_needs_an_answer_luck_an_able_operator_money_capacity_and_worth(hindrance: str) -> None:
    world, p, operator = failing()
    luck = luck_of(world, operator, hand_over=0.5 if hindrance == "no luck" else 0.0)
    if hindrance == "no answer":
        world.centre.answers = 0
    elif hindrance == "nobody able":
        world.investors[5].sponsor = NEWCOMER
    elif hindrance == "no money":
        world.investors[5].pledged = world.investors[5].cash - 1e6
    elif hindrance == "no capacity":
        world.investors[5].gpus_installed = 99.0
    elif hindrance == "worthless":
        world.market.rent = 1_000.0
    hand_over.state_hands_sites_over(world, p, luck)
    capital.failed_sites_are_wound_up(world)
    assert operator.stage == BANKRUPT
