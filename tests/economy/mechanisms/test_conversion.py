"""Conversion: neutral is absent; which sites try, what it costs and who pays, and how it ends."""

# ruff: noqa: E501 - a case is a line, a sentence is a name

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from bubble_abm.economy.agents.operator import (
    CONVERTED,
    CONVERTING,
    DISTRESSED,
    OPERATING,
    PRIME,
    UNCONVERTED,
    UNTRIED,
)
from bubble_abm.economy.ledger import EQUITY
from bubble_abm.economy.markets.signals import Market
from bubble_abm.economy.mechanisms import conversion
from bubble_abm.economy.mechanisms.conversion import CONVERSIONS
from bubble_abm.engine.simulation import simulate
from bubble_abm.paper.plain import plain
from tests.economy.agents.cases import Case, check, given, table
from tests.economy.agents.test_operator import site as row
from tests.economy.mechanisms.battery import SEEDS, Battery
from tests.worlds import (
    SCATTERED,
    booked,
    claims_agree,
    filled,
    founded,
    held_money,
    luck_of,
    owner_of,
    project,
    with_mechanisms,
)

UNFIT = {"bare_engineering": 0.4}

# At no discount but the spread of 2.5 %, sixty months are worth 30.9: a tenth of the hall let at 9 000 - 0.65 * 2 000.
MONEY = {"loan_rate": 0.0, "discount_spread": 0.025, "investment_horizon": 60.0, "standby_cost_share": 0.35}
MORE = given(**MONEY, conversion_failure=0.5, conversion_cost=11_899.0)
DEARER = given(**MONEY, conversion_failure=0.5, conversion_cost=11_900.0)
SURE = given(**MONEY, conversion_failure=0.0, conversion_cost=23_799.0)
HALF_LET = row(gpus_installed=100.0, training_leased=50.0, running_cost=2_000.0, quality=PRIME)
SEEN = filled(Market, fill_with_team=0.6, prime_rent=9_000.0)
COST = given(conversion_cost=12_000.0, conversion_time=6.0)
CASES = [
    Case("conversion_pays", "a tenth more let, in half of the cases", (HALF_LET, SEEN, MORE), True),
    Case("conversion_pays", "not at any cost", (HALF_LET, SEEN, DEARER), False),
    Case("conversion_pays", "twice as much if it cannot fail", (HALF_LET, SEEN, SURE), True),
    Case("conversion_pays", "not where others are no fuller", (HALF_LET, filled(Market, fill_with_team=0.5, prime_rent=9_000.0), given(**MONEY, conversion_failure=0.0, conversion_cost=0.0)), False),
    Case("conversion_pays", "not to let at a loss", (HALF_LET, filled(Market, fill_with_team=0.6, prime_rent=1_000.0), SURE), False),
    Case("conversion_due", "a sixth of 1.2 m", (row(gpus_installed=100.0, months_to_convert=6.0), COST), 200_000.0),
    Case("conversion_due", "half of that in half a month", (row(gpus_installed=100.0, months_to_convert=0.5), COST), 100_000.0),
]  # fmt: skip


@table(CASES)
def test_what_a_conversion_costs_and_brings_is_worked_out_by_hand(case: Case) -> None:
    check(case)


class TestConversion(Battery):
    mechanism = conversion
    active = {"conversion_rate": 0.1}
    around = UNFIT | {"fitness_elasticity": 1.0}
    sign = ("inference_gpus", 36, 1.0)  # who is served better uses more


@pytest.mark.whole_runs
def test_sites_are_converted_and_some_fail_to_be() -> None:
    def ended(failure: float) -> tuple[np.ndarray, np.ndarray]:
        values = UNFIT | {"conversion_rate": 0.1, "conversion_failure": failure}
        last = [simulate(plain(**values), seed=seed).series.iloc[-1] for seed in SEEDS]
        return np.array([run["projects_converted"] for run in last]), np.array(
            [run["conversions_failed"] for run in last]
        )

    never, sometimes, always = (ended(failure) for failure in (0.0, 0.4, 1.0))
    assert (never[0] > 0).all() and (never[1] == 0).all()
    assert (sometimes[0] > 0).all() and (sometimes[1] > 0).all()
    assert (always[0] == 0).all() and (always[1] == 0).all()  # nobody begins what cannot succeed


@pytest.mark.whole_runs
def test_where_every_site_is_fit_nobody_converts() -> None:
    series = simulate(plain(conversion_rate=1.0), months=36, seed=1).series
    assert not series["projects_converted"].any() and not series["conversions_failed"].any()


def hall(*, cash: float = 0.0, purse: float = 0.0, **columns: float) -> tuple[Any, Any, Any]:
    """An empty site of 100 GPUs without a team, whose owner can pay, beside a full one with a team; 1.2 m in six months."""
    world, p = founded(SCATTERED)
    p.conversion_rate, p.conversion_cost, p.conversion_time, p.conversion_failure = 0.1, 12_000.0, 6.0, 0.4
    p.bare_engineering, p.inexperienced_engineering, p.interior_suitability = 0.5, 0.8, 0.3
    world.operators["stage"] = 0
    world.operators["incumbent"] = 0
    world.market.prime_rent = world.market.secondary_rent = 9_000.0
    world.investors["bundles"] = 0
    world.investors["experienced"] = 0
    about = {
        "stage": OPERATING,
        "gpus_installed": 100.0,
        "gpus_planned": 100.0,
        "running_cost": 2_000.0,
        "province": 30,
    }
    other = project(world, 1, **about | {"inference_leased": 90.0})
    owner_of(world, other).bundles = 1
    operator = project(world, 0, **about | {"patient": 1} | columns)
    owner = owner_of(world, operator)
    world.households.cash += operator.cash - cash + owner.cash - purse
    operator.cash, owner.cash, owner.pledged = cash, purse, 0.0
    return world, p, operator


def month(world: Any, p: Any, operator: Any, convert: float) -> None:
    """A month in which this site, and the other, draw the same luck."""
    luck = luck_of(world, operator, convert=convert)
    luck.operators = [SimpleNamespace(convert=convert) for _ in luck.operators]
    with_mechanisms(conversion.sites_are_converted)(world, p, luck)


def test_a_conversion_takes_money_and_months_and_brings_a_team() -> None:
    world, p, operator = hall(cash=0.5e6, purse=1e6)
    money, purse = held_money(world), owner_of(world, operator).cash
    month(world, p, operator, 0.09)
    assert (operator.conversion, operator.months_to_convert) == (CONVERTING, 6.0)
    assert world.market.fill_with_team == pytest.approx(0.9)
    for left in range(5, 0, -1):
        month(world, p, operator, 0.09)
        assert (operator.conversion, operator.months_to_convert) == (CONVERTING, left)
    month(world, p, operator, 0.41)
    assert (operator.conversion, operator.months_to_convert) == (CONVERTED, 0.0)
    assert operator.inference_suitability == pytest.approx(0.3 * 0.8)
    assert booked(world, CONVERSIONS) == {"operators": pytest.approx(-1.2e6), "suppliers": pytest.approx(1.2e6)}
    assert booked(world, EQUITY)["operators"] == pytest.approx(0.7e6)
    assert owner_of(world, operator).cash == pytest.approx(purse - 0.7e6)
    assert held_money(world) == pytest.approx(money, abs=1e-3)
    claims_agree(world)
    month(world, p, operator, 0.0)
    assert operator.conversion == CONVERTED


def test_it_may_fail_and_nobody_tries_twice() -> None:
    world, p, operator = hall(cash=3e6)
    for _ in range(7):
        month(world, p, operator, 0.09)
    assert operator.conversion == UNCONVERTED
    assert operator.inference_suitability == pytest.approx(0.3 * 0.8 * 0.5)
    assert operator.cash == pytest.approx(3e6 - 1.2e6)
    month(world, p, operator, 0.0)
    assert operator.conversion == UNCONVERTED


def test_it_stands_still_while_nobody_can_pay() -> None:
    world, p, operator = hall(cash=1.3e6)
    month(world, p, operator, 0.0)
    world.households.cash += operator.cash - 100_000.0
    operator.cash = 100_000.0
    month(world, p, operator, 0.0)
    assert (operator.months_to_convert, operator.cash) == (6.0, 100_000.0)


@pytest.mark.parametrize(
    "hindrance",
    [
        "no luck",
        "no money",
        "an impatient owner",
        "a team",
        "distress",
        "an incumbent",
        "not worth it",
        "nothing to gain",
    ],
)
def test_who_does_not_begin(hindrance: str) -> None:
    world, p, operator = hall(cash=0.3e6, purse=1e6)
    luck = 0.0
    if hindrance == "no luck":
        luck = 0.1
    elif hindrance == "no money":
        owner_of(world, operator).pledged = 0.2e6
    elif hindrance == "an impatient owner":
        operator.patient = 0
    elif hindrance == "a team":
        owner_of(world, operator).bundles = 1
    elif hindrance == "distress":
        operator.stage = DISTRESSED
    elif hindrance == "an incumbent":
        operator.incumbent = 1
    elif hindrance == "not worth it":
        operator.inference_leased = 90.0
    else:
        p.bare_engineering = 1.0
    month(world, p, operator, luck)
    assert (operator.conversion, operator.months_to_convert) == (UNTRIED, 0.0)


def test_with_money_and_luck_it_begins() -> None:
    world, p, operator = hall(cash=0.3e6, purse=1e6)
    month(world, p, operator, 0.0)
    assert operator.conversion == CONVERTING
