"""Users: neutral is absent; how they become more, what they use, and that a release makes them begin sooner."""

# ruff: noqa: E501 - a case is a line, a sentence is a name

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from bubble_abm.economy.markets.signals import Market
from bubble_abm.economy.mechanisms import users
from bubble_abm.engine.simulation import simulate, twin
from bubble_abm.paper.plain import plain
from tests.economy.agents.cases import Case, check, check_with_mechanisms, given, table
from tests.economy.agents.test_startup import inference
from tests.economy.mechanisms.battery import Battery
from tests.worlds import filled, founded

ON = {"potential_users": 700.0, "first_users": 12.0, "user_imitation": 0.15, "use_concentration": 0.45}


def now(**columns: float) -> Any:
    return filled(Market, **({"rent": 10_000, "efficiency": 1, "service_price": 1, "users": 40.0} | columns))


def wanted(**values: float) -> SimpleNamespace:
    """Parameters of inference at the prices of January 2023, with ten million users then."""
    counted = {"potential_users": 100.0, "first_users": 10.0, "use_concentration": 0.5, "user_imitation": 0.25}
    counted |= {"application_reach": 0.0, "fitness_elasticity": 0.0}  # of mechanisms that amend the same decision
    return given(**vars(inference()) | {"induced_inference": 2.0} | counted | values)


CASES = [
    Case("beginning_hazard", "a quarter, where two fifths use it", (now(), wanted()), 0.1),
    Case("beginning_hazard", "twice as soon with a model that is cheap and open", (now(serving=1.0), wanted()), 0.2),
    Case("beginning_hazard", "half of that while half of startups serve with it", (now(serving=0.5), wanted()), 0.15),
    Case("beginning_hazard", "the same in a world of three times the size", (now(users=120.0), wanted(scale=3)), 0.1),
    Case("beginning_hazard", "whom nobody imitates finds no users", (now(users=0.0), wanted()), 0.0),
]  # fmt: skip
AMENDED = [
    Case("inference_wanted", "four times the users use twice as much", (now(), wanted()), 4_000.0),
    Case("inference_wanted", "or four times, if all use as much", (now(), wanted(use_concentration=1.0)), 8_000.0),
    Case("inference_wanted", "the trend is no concern of theirs", (now(), wanted(inference_trend=0.05, inference_fading=60.0, month=30)), 4_000.0),
    Case("inference_wanted", "half the price doubles the pull, less the bottleneck", (now(service_price=0.5), wanted()), 7_000.0),
    Case("inference_wanted", "a release brings users, who use what others do", (now(serving=1.0), wanted()), 4_000.0),
    Case("inference_wanted", "with the size of the world", (now(users=120.0), wanted(scale=3)), 12_000.0),
    Case("inference_wanted", "nobody is missed who will never come", (now(users=5.0), wanted(potential_users=5.0)), 2_000.0),
    Case("inference_wanted", "without users, what the trend says", (now(serving=1.0), wanted(potential_users=0.0)), 3_500.0),
]  # fmt: skip


@table(CASES)
def test_users_begin_as_worked_out_by_hand(case: Case) -> None:
    check(case)


@table(AMENDED)
def test_inference_of_users_is_as_worked_out_by_hand(case: Case) -> None:
    check_with_mechanisms(case)


class TestUsers(Battery):
    mechanism = users
    active = ON
    sign = ("gpus_wanted", 48, -1.0)  # who will use it does by then, while the trend goes on


def test_users_become_more_on_an_s_curve_and_never_more_than_there_are() -> None:
    world, p = founded(plain(investors=40, startups=12, smugglers=3, incumbents=3, **ON))
    counted = [world.market.users]
    for _ in range(120):
        users.users_adopt(world, p)
        counted.append(world.market.users)
    growth = np.diff(counted)
    fastest = int(growth.argmax())
    assert counted[0] == 12.0
    assert (growth > 0.0).all() and counted[-1] < 700.0
    assert 0.4 < counted[fastest] / 700.0 < 0.6
    assert (np.diff(growth[:fastest]) > 0.0).all() and (np.diff(growth[fastest:]) < 0.0).all()
    assert counted[1] == pytest.approx(12.0 + 688.0 * (1.0 - math.exp(-0.15 * 12.0 / 700.0)))


def test_without_them_nobody_is_counted() -> None:
    world, p = founded()
    users.users_adopt(world, p)
    assert world.market.users == 0.0


@pytest.mark.whole_runs
def test_there_are_as_many_as_were_counted_and_a_release_makes_them_begin_sooner() -> None:
    pair = twin(plain(**ON), seed=2)
    found, alone = pair.with_shock.series["users"], pair.without_shock.series["users"]
    for month, count in {23: 249.0, 29: 515.0, 35: 602.0}.items():
        assert found.iloc[month] == pytest.approx(count, rel=0.2)
    assert (found - alone).iloc[30:38].min() > 10.0
    assert abs((found - alone).iloc[-1]) < 1.0  # in the end all use it


@pytest.mark.whole_runs
def test_a_second_wave_and_none_are_both_possible() -> None:
    even = plain(
        potential_users=700,
        serving_progress=0.1,
        use_concentration=0.9,
        inference_elasticity=1.2,
        application_bottleneck=15,
    )
    uneven = plain(potential_users=700, serving_progress=0.1, use_concentration=0.3, inference_elasticity=0.8)
    for seed in (1, 2, 3):
        fill = [simulate(one, seed=seed, months=72).series["utilisation_new"].iloc[24:] for one in (even, uneven)]
        assert fill[0].iloc[-1] > fill[0].min() + 0.1
        assert fill[0].iloc[-1] > 2.0 * fill[1].iloc[-1]
        assert fill[1].iloc[-1] < fill[1].min() + 0.05
