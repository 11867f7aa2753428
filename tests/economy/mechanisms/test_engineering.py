"""Engineering: neutral is absent; milliseconds, who bundles a team, and which sites fill."""

# ruff: noqa: E501 - a case is a line, a sentence is a name

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from bubble_abm.economy.agents.investor import InvestorRow
from bubble_abm.economy.agents.local_government import LocalGovernmentRow
from bubble_abm.economy.agents.operator import CONVERTED, DISTRESSED, IDLE, OPERATING, UNCONVERTED, OperatorRow
from bubble_abm.economy.markets import projects
from bubble_abm.economy.markets.counting import has_team
from bubble_abm.economy.markets.signals import Market
from bubble_abm.economy.mechanisms import engineering
from bubble_abm.economy.mechanisms.engineering import FAR, NEAR
from bubble_abm.economy.provinces import PROVINCES
from bubble_abm.engine.simulation import simulate
from bubble_abm.paper.plain import plain
from tests.economy.agents.cases import Case, check_with_mechanisms, given, table
from tests.economy.mechanisms.battery import SEEDS, Battery
from tests.worlds import filled, founded, project, with_mechanisms

TEAMS = {"latency_weight": 1.0, "bare_engineering": 0.4}


def place(hub: int, latency: float) -> Any:
    return filled(LocalGovernmentRow, hub=hub, latency=latency)


def owner(**columns: float) -> Any:
    return filled(InvestorRow, **columns)


def site(**columns: float) -> Any:
    return filled(OperatorRow, **columns)


FIT = {"hub_suitability": 0.8, "interior_suitability": 0.2}
BY_CLASS, BY_LATENCY, HALF_WAY = (given(**FIT, latency_weight=weight) for weight in (0.0, 1.0, 0.5))
NEARLY_ALL = given(hub_suitability=0.96, interior_suitability=0.02, latency_weight=1.0)
BARE = given(inexperienced_engineering=0.8, bare_engineering=0.5)
TRIED = {
    "inference_base": 2_000, "scale": 1, "inference_trend": 0.0, "inference_fading": 1e12, "month": 0,
    "inference_elasticity": 1.0, "induced_inference": 2.0, "application_bottleneck": 6.0, "application_reach": 0.0,
    "hub_suitability": 0.8,
}  # fmt: skip
SERVED = {"rent": 10_000, "efficiency": 1, "service_price": 1}
SQUARE, INDIFFERENT = (given(**TRIED, fitness_elasticity=elasticity, potential_users=0.0) for elasticity in (2.0, 0.0))
CASES: list[Case] = []
AMENDED = [
    Case("inference_wanted", "a quarter of it at half the fitness", (filled(Market, **SERVED, fitness=0.4), SQUARE), 500.0),
    Case("inference_wanted", "all of it near the users", (filled(Market, **SERVED, fitness=0.8), SQUARE), 2_000.0),
    Case("inference_wanted", "all of it before anything is served", (filled(Market, **SERVED), SQUARE), 2_000.0),
    Case("inference_wanted", "all of it where users do not mind", (filled(Market, **SERVED, fitness=0.4), INDIFFERENT), 2_000.0),
    Case("nearness", "two classes, whatever the delay", (place(0, 45.0), BY_CLASS), 0.2),
    Case("nearness", "near the users, at their mean delay", (place(1, NEAR), BY_LATENCY), 0.8),
    Case("nearness", "away from them, at theirs", (place(0, FAR), BY_LATENCY), 0.2),
    Case("nearness", "half-way in between, half of what is near", (place(0, (NEAR + FAR) / 2), BY_LATENCY), 0.4),
    Case("nearness", "farther away, still less", (place(0, FAR + (FAR - NEAR) / 2), BY_LATENCY), 0.1),
    Case("nearness", "no more than perfect", (place(1, 0.0), NEARLY_ALL), 1.0),
    Case("nearness", "half of the way from class to delay", (place(0, (NEAR + FAR) / 2), HALF_WAY), 0.3),
    Case("engineering", "cards and electricity alone", (site(), owner(experienced=1), BARE), 0.5),
    Case("engineering", "by who has never run a site", (site(), owner(), BARE), 0.4),
    Case("engineering", "a team", (site(), owner(experienced=1, bundles=1), BARE), 1.0),
    Case("engineering", "a team of who has never run a site", (site(), owner(bundles=1), BARE), 0.8),
    Case("engineering", "a site that has been converted", (site(conversion=CONVERTED), owner(experienced=1), BARE), 1.0),
    Case("engineering", "and one where that failed", (site(conversion=UNCONVERTED), owner(experienced=1), BARE), 0.5),
]  # fmt: skip


@table(AMENDED)
def test_fitness_for_inference_is_worked_out_by_hand(case: Case) -> None:
    check_with_mechanisms(case)


def test_the_delays_to_which_the_fitnesses_belong_are_those_of_the_provinces() -> None:
    assert pytest.approx(np.mean([one.latency for one in PROVINCES if one.hub])) == NEAR
    assert pytest.approx(np.mean([one.latency for one in PROVINCES if not one.hub])) == FAR
    assert NEAR < FAR


class TestEngineering(Battery):
    mechanism = engineering
    active = TEAMS
    sign = ("utilisation_teams", 24, 1.0)


@pytest.mark.whole_runs
def test_hubs_and_teams_fill_first_and_fitness_moves_where_is_idle() -> None:
    def use(name: str, **values: float) -> np.ndarray:
        runs = [simulate(plain(**TEAMS | values), seed=seed).series for seed in SEEDS]
        return np.array([run[name].iloc[24:].mean() for run in runs])

    assert np.median(use("utilisation_teams") - use("utilisation_bare")) > 0.05
    assert np.median(use("utilisation_hub") - use("utilisation_interior")) > 0.1
    minding = {"fitness_elasticity": 1.0}
    for name, values, more in (("utilisation_interior", {}, 0.05), ("idle_share_new", minding, -0.02)):
        fit, unfit = (use(name, interior_suitability=fitness, **values) for fitness in (0.8, 0.05))
        assert np.median(fit - unfit) * np.sign(more) > abs(more)


def test_a_share_of_sponsors_bundles_the_same_ones_at_every_share() -> None:
    size = {"investors": 2_000, "startups": 12, "smugglers": 3, "incumbents": 3}
    some, most = (founded(plain(**size, bundling_share=share))[0] for share in (0.3, 0.8))
    assert 0.26 < some.investors["bundles"].mean() < 0.34
    assert most.investors["bundles"][some.investors["bundles"] == 1].all()
    assert some.investors["cash"].tolist() == most.investors["cash"].tolist()


def test_a_site_is_fitted_out_by_its_delay_and_team_and_incumbents_by_their_delay() -> None:
    values = {"latency_weight": 1.0, "bare_engineering": 0.5, "hub_suitability": 0.8, "interior_suitability": 0.2}
    world, p = founded(plain(investors=40, startups=12, smugglers=3, incumbents=3, **values))
    province = world.provinces[30]
    province.latency = FAR
    investor = world.investors[5]
    investor.experienced, investor.bundles = 0, 0
    operator = project(world, 0, province=30)
    fit_out = with_mechanisms(projects.fit_out)
    fit_out(operator, province, investor, p)
    assert operator.inference_suitability == pytest.approx(0.2 * p.inexperienced_engineering * 0.5)
    investor.bundles = 1
    fit_out(operator, province, investor, p)
    assert operator.inference_suitability == pytest.approx(0.2 * p.inexperienced_engineering)


def test_a_team_comes_with_the_owner_or_with_a_conversion() -> None:
    world, _ = founded()
    operator = project(world, 0)
    investor = world.investors[operator.owner]
    found = []
    for bundles, conversion, owned in (
        (0, 0, True),
        (1, 0, True),
        (0, CONVERTED, True),
        (0, UNCONVERTED, True),
        (1, 0, False),
        (1, CONVERTED, False),
    ):
        investor.bundles, operator.conversion = bundles, conversion
        row, operator.owner = operator.owner, operator.owner if owned else -1
        found.append(bool(has_team(world, operator)))
        operator.owner = row
    assert found == [False, True, True, False, False, True]


def test_users_see_the_fitness_of_where_inference_runs() -> None:
    world, p = founded()
    world.operators["stage"] = 0
    world.operators["incumbent"] = 0
    for number, (stage, leased, fitness) in enumerate(
        [(OPERATING, 30.0, 0.9), (DISTRESSED, 10.0, 0.1), (OPERATING, 0.0, 0.5), (IDLE, 50.0, 0.2)]
    ):
        project(world, number, stage=stage, gpus_installed=60.0, inference_leased=leased, inference_suitability=fitness)
    engineering.users_see_how_they_are_served(world, p)
    assert world.market.fitness == 0.0  # nobody minds
    p.fitness_elasticity = 1.0
    engineering.users_see_how_they_are_served(world, p)
    assert world.market.fitness == pytest.approx((30 * 0.9 + 10 * 0.1) / 40)
    world.operators["inference_leased"] = 0.0
    engineering.users_see_how_they_are_served(world, p)
    assert world.market.fitness == 0.0
