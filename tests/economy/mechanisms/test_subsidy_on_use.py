"""Subsidy on use: neutral is absent; what is promised, earned, and lapses."""

# ruff: noqa: E501 - a case is a line, a sentence is a name

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from bubble_abm.economy.agents.operator import BANKRUPT, OPERATING
from bubble_abm.economy.ledger import OPERATORS, SUBSIDIES
from bubble_abm.economy.markets import capital, projects, state
from bubble_abm.economy.mechanisms import subsidy_on_use
from tests.economy.agents.cases import Case, check, check_with_mechanisms, given, table
from tests.economy.agents.test_investor import BUSINESS, HALF_FULL, novice
from tests.economy.agents.test_local_government import province
from tests.economy.agents.test_operator import BAND, HOLDS, INDEBTED, market, site
from tests.economy.mechanisms.battery import Battery
from tests.worlds import founded, held_money, planned, with_mechanisms

# The nation's register does not show the pipeline, and sponsors do not look at what tenants do.
BLIND = {"public_register": 0.0, "sponsor_attention": 0.0, "inference_trend": 0.06, "forecast_checks": 0.0}
SUBSIDISED = {**vars(BUSINESS), **BLIND, "natural_occupancy": 0.8, "support_period": 36.0}
ON_USE, HALF_ON_USE = (given(**SUBSIDISED, subsidy_on_use=share) for share in (1.0, 0.5))
THREE_YEARS = (1 - 1.01**-36) / 0.01
ALL, QUARTER, NONE = (given(subsidy_on_use=share) for share in (1.0, 0.25, 0.0))
SEEN = {"gpus_announced": 900, "gpus_leased_new": 100}
PERIOD = given(support_period=36.0)
TWO_MONTHS, TWICE_AS_FULL = (given(natural_occupancy=share, support_period=2.0) for share in (0.8, 0.4))
TEN_MONTHS = given(natural_occupancy=0.8, support_period=10.0)
LET = {"training_leased": 30, "inference_leased": 20, "subsidy_per_gpu": 10}
CASES = [
    Case("promise_value", "two halves in two months at 25 %", (0.8, 0.25, TWO_MONTHS), 0.72),
    Case("promise_value", "half of that in a site half as full", (0.4, 0.25, TWO_MONTHS), 0.36),
    Case("promise_value", "all of it in a month in one twice as full", (0.8, 0.25, TWICE_AS_FULL), 0.8),
    Case("promise_value", "nothing in one that stands empty", (0.0, 0.25, TWO_MONTHS), 0.0),
    Case("subsidy_per_gpu", "80 of 100 GPUs over ten months", (8_000.0, 100.0, TEN_MONTHS), 10.0),
    Case("subsidy_per_gpu", "nothing without a promise", (0.0, 100.0, TEN_MONTHS), 0.0),
    Case("subsidy_per_gpu", "no GPU counts as one", (8.0, 0.0, TEN_MONTHS), 1.0),
    Case("subsidy_earned", "for each leased GPU", (site(**LET, subsidy_promised=1_000), None), 500.0),
    Case("subsidy_earned", "within the promise", (site(**LET, subsidy_promised=400), None), 400.0),
    Case("support_is_over", "not in its last month but one", (site(month_opened=10, subsidy_promised=1), 44, PERIOD), False),
    Case("support_is_over", "after three years", (site(month_opened=10, subsidy_promised=1), 45, PERIOD), True),
    Case("support_is_over", "when all is earned", (site(month_opened=10), 11, PERIOD), True),
]  # fmt: skip
AMENDED = [
    Case("visible_score", "announced capacity", (province(**SEEN), NONE), 900.0),
    Case("visible_score", "use, where all subsidies are paid for it", (province(**SEEN), ALL), 100.0),
    Case("visible_score", "some of each between", (province(**SEEN), QUARTER), 700.0),
    Case("grant_expected", "the part that is not paid for use", (0.2, QUARTER), 0.15),
    Case("grant_paid", "the part that is not paid for use", (80.0, QUARTER), 60.0),
    Case("present_value", "with what use will earn", (novice(neglect=1.0), 260_000.0, 0.2, HALF_FULL, ON_USE), 2_400 * 44.95503840622437 + 52_000 * 0.625 * THREE_YEARS / 36),
    Case("profitability", "paid for use, a fifth comes over three years, for five eighths of the GPUs", (novice(neglect=1.0), 0.2, HALF_FULL, ON_USE), (2_400 * 44.95503840622437 + 52_000 * 0.625 * THREE_YEARS / 36) / 260_000),
    Case("profitability", "half on use is half of each", (novice(neglect=1.0), 0.2, HALF_FULL, HALF_ON_USE), (2_400 * 44.95503840622437 + 26_000 * 0.625 * THREE_YEARS / 36) / 234_000),
    Case("avoidable_cost", "less the subsidy on use", (site(running_cost=2_600, subsidy_per_gpu=3_000), given()), -400.0),
    Case("reservation_rent", "an owner asks less where use is paid for, as that is lost with the tenant", (site(**INDEBTED, subsidy_per_gpu=1_000), 0.0, market(replacement_rent=9_000), HOLDS), 1_600.0),
    Case("reservation_rent", "but pays no tenant", (site(**INDEBTED, subsidy_per_gpu=3_000), 0.0, market(replacement_rent=9_000), HOLDS), 0.0),
    Case("idles", "not while use is paid for", (site(gpus_installed=100, running_cost=2_600, subsidy_per_gpu=200), market(prime_rent=2_500), BAND, given(idle=0.0)), False),
    Case("restarts", "sooner where use is paid for", (site(gpus_installed=100, running_cost=2_600, subsidy_per_gpu=600), market(prime_rent=2_201), BAND), True),
]  # fmt: skip


@table(CASES)
def test_what_is_promised_is_earned_as_worked_out_by_hand(case: Case) -> None:
    check(case)


@table(AMENDED)
def test_decisions_change_with_a_subsidy_on_use_as_worked_out_by_hand(case: Case) -> None:
    check_with_mechanisms(case)


class TestSubsidyOnUse(Battery):
    mechanism = subsidy_on_use
    active = {"subsidy_on_use": 1.0}
    sign = ("subsidies_paid", 6, -1.0)  # empty sites earn nothing


def test_provinces_compete_in_use_as_far_as_they_pay_for_it() -> None:
    world, p = founded(call=1.0)
    p.subsidy_on_use = 1.0
    world.provinces["gpus_announced"] = np.arange(31.0)
    world.provinces["gpus_leased_new"] = 31.0 - np.arange(31.0)
    with_mechanisms(state.provinces_set_subsidies)(world, p)
    assert (world.provinces["score"] == world.provinces["gpus_leased_new"]).all()
    assert world.provinces[0].rank_gap < 0.0 < world.provinces[30].rank_gap


def supported() -> tuple[Any, Any, Any]:
    """A site of 100 GPUs that opened with a promise of 4 million for a year's use at four fifths."""
    world, p, operator, owner = planned(purse=1e9)
    p.subsidy_on_use, p.support_period, p.natural_occupancy = 1.0, 12.0, 0.8
    world.provinces[operator.province].envelope = 5e6
    with_mechanisms(projects.start)(world, operator, owner, p)
    subsidy_on_use.provinces_promise_for_use(world, p)
    operator.stage, operator.month_opened, operator.gpus_installed = OPERATING, 0, 100.0
    operator.training_leased = 80.0
    world.flows[:], world.market.subsidies = 0.0, 0.0
    return world, p, operator


def test_a_promise_finances_nothing_but_is_committed() -> None:
    world, _, operator = supported()
    assert operator.loan_promised == pytest.approx(10e6)  # half of 20 million, as without a subsidy
    assert operator.equity_pledged == pytest.approx(12e6)
    assert operator.grant == operator.grant_paid == operator.cash == 0.0
    assert operator.subsidy_promised == pytest.approx(4e6)
    assert operator.subsidy_per_gpu == pytest.approx(4e6 / (80 * 12))
    assert world.provinces[operator.province].outlay == pytest.approx(4e6)


def test_a_site_in_normal_use_earns_the_grant_in_its_support_period() -> None:
    world, p, operator = supported()
    money, cash = held_money(world), operator.cash
    for month in range(15):
        world.market.month = month
        subsidy_on_use.provinces_pay_for_use(world, p)
        assert world.market.subsidies == pytest.approx(4e6 * min(month + 1, 12) / 12)
    assert operator.cash - cash == pytest.approx(4e6)
    assert (operator.subsidy_promised, operator.subsidy_per_gpu) == (0.0, 0.0)
    assert world.flows[SUBSIDIES, OPERATORS] == pytest.approx(4e6)
    assert held_money(world) == pytest.approx(money, abs=1e-2)


def test_a_fuller_site_earns_it_sooner_and_no_more() -> None:
    world, p, operator = supported()
    operator.training_leased = 100.0
    paid = []
    for month in range(12):
        world.market.month, world.market.subsidies = month, 0.0
        subsidy_on_use.provinces_pay_for_use(world, p)
        paid.append(world.market.subsidies)
    assert paid == pytest.approx([4e6 / 9.6] * 9 + [4e6 * 0.6 / 9.6] + [0.0] * 2)


def test_what_an_empty_site_does_not_earn_goes_back_to_the_centre() -> None:
    world, p, operator = supported()
    operator.training_leased = 20.0
    money, centre = held_money(world), world.centre.cash
    for month in range(12):
        world.market.month = month
        subsidy_on_use.provinces_pay_for_use(world, p)
    assert world.market.subsidies == pytest.approx(1e6)
    assert world.centre.cash - centre == pytest.approx(3e6)
    assert (operator.subsidy_promised, operator.subsidy_per_gpu) == (0.0, 0.0)
    assert held_money(world) == pytest.approx(money, abs=1e-2)


def test_the_promise_ends_with_the_site() -> None:
    world, _, operator = supported()
    centre = world.centre.cash
    capital.liquidate(world, operator)
    subsidy_on_use.promises_to_the_ended_lapse(world)
    assert world.centre.cash - centre == pytest.approx(4e6)
    assert (operator.stage, operator.subsidy_promised) == (BANKRUPT, 0.0)
