"""Subsidy on use: neutral is absent; what is promised, earned, and lapses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from bubble_abm.economy.agents.operator import BANKRUPT, OPERATING
from bubble_abm.economy.ledger import OPERATORS, SUBSIDIES
from bubble_abm.economy.markets import capital, projects, state
from bubble_abm.economy.mechanisms import subsidy_on_use
from tests.economy.mechanisms.battery import Battery
from tests.worlds import founded, held_money, planned, with_mechanisms


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
    assert operator.debt == pytest.approx(10e6)  # half of 20 million, as without a subsidy
    assert operator.equity == pytest.approx(12e6)
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
