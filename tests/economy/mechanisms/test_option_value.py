"""Option value: neutral is absent; what waiting is worth, who waits, and that empty sites become cheap."""

# ruff: noqa: E501 - a case is a line, a sentence is a name

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from bubble_abm.economy.agents.operator import DISTRESSED, IDLE, OPERATING, TAKEN_OVER
from bubble_abm.economy.markets import leasing
from bubble_abm.economy.mechanisms import option_value
from bubble_abm.economy.parameters import Parameters
from bubble_abm.engine.simulation import Simulation
from bubble_abm.paper.plain import plain
from tests.economy.agents.cases import Case, check, check_with_mechanisms, given, table
from tests.economy.agents.test_operator import BAND, CALM, CARRY, DEAR, HOLDS, INDEBTED, market, site
from tests.economy.markets.test_leasing import market_of, site_of
from tests.economy.mechanisms.battery import Battery
from tests.worlds import OWNERS, founded

#: With this variance the root is 3 when a year is left, and 2 at a third of that decay.
LIFE = given(rent_volatility=(1 / 36) ** 0.5, chip_life=48.0, loan_rate=0.0)
CONCEDES = given(**vars(CALM), concession=0.5)
# 2 600 to run and 1 000 of debt service for each GPU.
OWES = {"gpus_installed": 100, "gpus_planned": 100, "running_cost": 2_600, "debt": 1e6, "principal": 100_000}
RENT = {"gpus_installed": 100, "rent": 8_000.0}
CASES = [
    Case("waiting_value", "half as much again when a year is left", (36.0, LIFE), 1.5),
    Case("waiting_value", "twice the cost with three years", (12.0, LIFE), 2.0),
    Case("waiting_value", "the interest counts like decay", (12.0, given(rent_volatility=(1 / 36) ** 0.5, chip_life=48.0, loan_rate=12 * (1 / 12 - 1 / 36))), 1.5),
    Case("waiting_value", "in its last month as little as there is", (47.0, LIFE), 1 / (1 - 1 / ((1 + 289**0.5) / 2))),
    Case("waiting_value", "and beyond", (80.0, LIFE), 1 / (1 - 1 / ((1 + 289**0.5) / 2))),
    Case("waiting_value", "nothing where rents stand still", (12.0, given(rent_volatility=0.0)), 1.0),
]  # fmt: skip
AMENDED = [
    Case("reservation_rent", "half as much again as it costs, whatever the debt", (site(**INDEBTED, cash=8 * CARRY, waiting=1.5), 0.0, market(**DEAR), HOLDS), 3_900.0),
    Case("reservation_rent", "others price by debt service", (site(**INDEBTED, cash=8 * CARRY), 0.0, market(**DEAR), HOLDS), 7_600.0),
    Case("next_rent", "an empty site comes half way down", (site(**RENT, reservation_rent=3_000, waiting=1.2), market(prime_rent=8_000, **DEAR), CONCEDES), (8_000 * np.exp(-0.1 * np.tanh(3.0)) + 3_000) / 2),
    Case("next_rent", "a full one does not", (site(**RENT, training_leased=75, reservation_rent=3_000, waiting=1.2), market(prime_rent=8_000, **DEAR), CONCEDES), 8_000.0),
    Case("next_rent", "nor who prices by debt service", (site(**RENT, reservation_rent=3_000), market(prime_rent=8_000, **DEAR), CONCEDES), 8_000 * np.exp(-0.1 * np.tanh(3.0))),
    Case("idles", "not above cost, whatever the debt", (site(**OWES, waiting=1.5), market(prime_rent=2_700), BAND, given(idle=0.0)), False),
    Case("idles", "below cost as ever", (site(**OWES, waiting=1.5), market(prime_rent=2_599), BAND, given(idle=0.0)), True),
    Case("idles", "others in a band of debt service", (site(**OWES), market(prime_rent=2_700), BAND, given(idle=0.0)), True),
    Case("restarts", "a tenth above cost, whatever the debt", (site(**OWES, waiting=1.5), market(prime_rent=2_861), BAND), True),
    Case("restarts", "not below", (site(**OWES, waiting=1.5), market(prime_rent=2_859), BAND), False),
    Case("restarts", "others in a band of debt service", (site(**OWES), market(prime_rent=2_861), BAND), False),
    Case("next_rent", "never below what the owner accepts", (site(gpus_installed=100, rent=1_000.0, reservation_rent=3_000, waiting=1.2), market(prime_rent=1_000, **DEAR), CONCEDES), 3_000.0),
]  # fmt: skip


@table(CASES)
def test_what_waiting_is_worth_is_worked_out_by_hand(case: Case) -> None:
    check(case)


@table(AMENDED)
def test_rents_with_it_are_worked_out_by_hand(case: Case) -> None:
    check_with_mechanisms(case)


class TestOptionValue(Battery):
    mechanism = option_value
    active = {"debt_pricing": 0}
    sign = ("rent_per_server", 24, -1.0)


def test_the_share_of_owners_who_price_by_debt_service_is_that_of_the_parameter() -> None:
    world, _ = founded(plain(investors=2_000, startups=12, smugglers=3, incumbents=3, debt_pricing=0.3))
    waits = world.investors["waits"] == 1
    assert 0.66 < waits.mean() < 0.74
    assert world.market.waiting_owners == waits.sum()
    more, _ = founded(plain(investors=2_000, startups=12, smugglers=3, incumbents=3, debt_pricing=0.6))
    assert waits[more.investors["waits"] == 1].all()  # the same ones


def test_only_new_sites_of_owners_who_wait_are_priced_so() -> None:
    world, p = market_of([100.0] * 4, stage=[OPERATING, OPERATING, OPERATING, 2])
    p.rent_volatility, p.chip_life, p.loan_rate = (1 / 36) ** 0.5, 48.0, 0.0
    world.market.waiting_owners = 1
    world.market.month = 40
    world.operators["month_opened"] = 4
    world.investors["waits"] = 1
    world.investors[OWNERS[1]].waits = 0
    site_of(world, 2).owner = -1
    world.operators["waiting"] = 9.0
    option_value.owners_value_waiting(world, p)
    assert [site_of(world, number).waiting for number in range(4)] == [pytest.approx(1.5), 0.0, 0.0, 0.0]
    assert leasing.is_complete(site_of(world, 0)) and not leasing.is_complete(site_of(world, 3))


def longest_refusals(parameters: Parameters, seed: int, months: int = 60) -> tuple[np.ndarray, bool]:
    """Months for which each new site, below a tenth let, asked twice its running cost; whether any was switched off."""
    run = Simulation(parameters, months=months, seed=seed)
    spell = np.zeros(len(run.world.operators), int)
    longest, idle = spell.copy(), False
    for _ in range(months):
        run.advance(1)
        sites: Any = np.asarray(run.world.operators)
        is_open = np.isin(sites["stage"], (OPERATING, DISTRESSED, TAKEN_OVER)) & (sites["incumbent"] == 0)
        fill = (sites["training_leased"] + sites["inference_leased"]) / np.maximum(sites["gpus_installed"], 1.0)
        spell = np.where(is_open & (fill < 0.1) & (sites["rent"] > 2 * sites["running_cost"]), spell + 1, 0)
        longest = np.maximum(longest, spell)
        idle = idle or bool((sites["stage"] == IDLE).any())
    return longest, idle


@pytest.mark.whole_runs
def test_no_site_below_a_tenth_let_asks_twice_its_cost_for_more_than_six_months() -> None:
    for seed in range(1, 7):
        longest, idle = longest_refusals(plain(debt_pricing=0, cost_to_cover=1), seed)
        assert longest.max() <= 6 and idle
    assert longest_refusals(plain(debt_pricing=0), 1)[0].max() <= 6
    assert (longest_refusals(plain(), 1)[0] > 6).sum() > 5  # as all of them do who price by debt service
