"""Application firms: neutral is absent; who enters when, what they want and earn, who pays for them, how they end."""

# ruff: noqa: E501 - a case is a line, a sentence is a name

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from bubble_abm.economy.agents.startup import (
    APPLICATION,
    APPLICATION_ID,
    DEAD,
    NOT_FOUNDED,
    OPEN_WEIGHTS,
    PRETRAINING,
    StartupRow,
)
from bubble_abm.economy.ledger import SALES, VENTURE_FUNDING
from bubble_abm.economy.markets import leasing, ventures
from bubble_abm.economy.markets.leasing import INFERENCE
from bubble_abm.economy.markets.signals import Market
from bubble_abm.economy.mechanisms import application_firms
from bubble_abm.economy.world import clear, counts, empty_world, extent
from bubble_abm.engine.simulation import simulate
from bubble_abm.paper.plain import plain
from tests.economy.agents.cases import Case, check, check_with_mechanisms, given, table
from tests.economy.markets.test_leasing import RENT_NOW, let, market_of
from tests.economy.mechanisms.battery import SEEDS, Battery
from tests.worlds import BY_HAND, booked, filled, founded, held_money, measured, with_mechanisms


def firm(**columns: float) -> Any:
    return filled(StartupRow, **({"state": APPLICATION, "relative_size": 0.2, "compute_intensity": 5.0} | columns))


def market(**columns: float) -> Any:
    return filled(Market, **({"funding_climate": 1.0, "rent": 10_000, "efficiency": 1, "service_price": 1} | columns))


HALF_KEPT = given(inference_margin=1.25, application_pricing=0.5)
INNOVATION = given(startup_innovation=0.02, founding_climate=1.2)
FUNDS = given(funding_rate=0.1, round_runway=24.0, startup_payroll=10.0, fund_attention=0.0)
THREEFOLD = given(open_weights_inference=3.0)
MARGIN = given(inference_margin=1.25)
DEMAND = given(
    inference_base=2_000, scale=1, inference_trend=0.0, inference_fading=1e12, month=0, inference_elasticity=1.0,
    induced_inference=2.0, application_bottleneck=6.0, application_reach=0.5, fitness_elasticity=0.0,
    potential_users=0.0,
)  # fmt: skip
CASES = [
    Case("application_margin", "that of all others at the token cost of January 2023", (1.0, HALF_KEPT), 1.25),
    Case("application_margin", "twice as much at a quarter", (0.25, HALF_KEPT), 2.5),
    Case("application_margin", "a loss where a token is dear", (4.0, HALF_KEPT), 0.625),
    Case("application_margin", "nothing kept", (0.25, given(inference_margin=1.25, application_pricing=0.0)), 1.25),
    Case("application_hazard", "two in a hundred", (1.0, market(), INNOVATION), 0.02),
    Case("application_hazard", "four where a token costs half", (0.5, market(), INNOVATION), 0.04),
    Case("application_hazard", "as ready as funds are", (1.0, market(funding_climate=0.5), INNOVATION), 0.01),
    Case("application_hazard", "and no more than some", (1.0, market(funding_climate=2.0), INNOVATION), 0.024),
    Case("application_hazard", "a probability", (1e-3, market(), INNOVATION), 1.0),
]
AMENDED = [
    Case("round_hazard", "as far as it earns on its compute", (firm(), market(application_margin=1.4), FUNDS), 0.04),
    Case("round_hazard", "no more than others", (firm(), market(application_margin=5.0), FUNDS), 0.1),
    Case("round_hazard", "not at a loss", (firm(), market(application_margin=0.9), FUNDS), 0.0),
    Case("round_hazard", "others are not asked what they earn", (firm(state=OPEN_WEIGHTS), market(application_margin=0.9), FUNDS), 0.1),
    Case("inference_weight", "five times that of its staff on open weights", (firm(), THREEFOLD), 3.0),
    Case("inference_weight", "none when it is gone", (firm(state=DEAD), THREEFOLD), 0.0),
    Case("inference_weight", "others have their own", (firm(state=PRETRAINING), THREEFOLD), 0.2),
    Case("sales", "its own margin", (firm(), 1_000.0, market(application_margin=2.0), MARGIN), 2_000.0),
    Case("sales", "others have theirs", (firm(state=OPEN_WEIGHTS), 1_000.0, market(application_margin=2.0), MARGIN), 1_250.0),
    Case("inference_wanted", "half of the places taken: a quarter more", (market(applications=0.5), DEMAND), 2_500.0),
    Case("inference_wanted", "none taken", (market(), DEMAND), 2_000.0),
]  # fmt: skip


@table(CASES)
def test_application_firms_decide_as_worked_out_by_hand(case: Case) -> None:
    check(case)


@table(AMENDED)
def test_funds_and_users_treat_them_as_worked_out_by_hand(case: Case) -> None:
    check_with_mechanisms(case)


class TestApplicationFirms(Battery):
    mechanism = application_firms
    active = {"application_firms": 600}
    sign = ("inference_gpus", 24, 1.0)  # they find uses for what has become cheap


@pytest.mark.whole_runs
def test_they_multiply_and_money_moves_to_them_from_model_makers() -> None:
    runs = [simulate(plain(application_firms=600), seed=seed).series for seed in SEEDS]
    services = np.array([run["services_registered"].to_numpy() for run in runs])
    in_business = np.array([run["application_firms"].to_numpy() for run in runs])
    assert (np.diff(services) >= 0).all()
    assert in_business.max() <= 600
    assert (in_business <= services).all()
    assert (services[:, 23] > 1.5 * services[:, 11]).all()
    assert (services[:, 30] > 4 * services[:, 11]).all()

    def deals(name: str, first: int) -> np.ndarray:
        return np.array([run[name].iloc[first : first + 3].sum() for run in runs])

    assert (
        np.median(deals("funding_rounds", 30) / deals("funding_rounds", 12)) > 1.5
    )  # third quarter of 2025, first of 2024
    assert np.median(deals("funding_rounds_makers", 30) / deals("funding_rounds_makers", 12)) < 0.8
    assert np.median(deals("funding_rounds_applications", 30) / deals("funding_rounds_makers", 30)) > 1.5


@pytest.mark.whole_runs
def test_they_enter_and_live_longer_where_compute_is_cheap() -> None:
    large = plain(application_firms=600, application_size=0.5)
    dear, cheap = (
        [simulate(large.with_values({"shock_efficiency": gain}), seed=seed).series for seed in SEEDS] for gain in (1, 6)
    )
    for one, other in zip(dear, cheap, strict=True):
        assert other["services_registered"].iloc[35] > one["services_registered"].iloc[35]

    def closed(runs: list[Any]) -> float:
        """Firms that closed down from 2025 on, over the firm-months in which they might have."""
        ended = [(run["services_registered"] - run["application_firms"]).to_numpy() for run in runs]
        return float(
            sum(one[59] - one[23] for one in ended) / sum(run["application_firms"].iloc[24:].sum() for run in runs)
        )

    assert closed(cheap) < 0.6 * closed(dear)


WITH_FIRMS = plain(**BY_HAND, investors=40, startups=12, smugglers=3, incumbents=3, application_firms=8)
MAKERS = 12


def luck_of_firms(world: Any, *enter: float) -> Any:
    """Luck in which only the first application firms have drawn."""
    rows = [SimpleNamespace() for _ in world.startups]
    rows[MAKERS : MAKERS + len(enter)] = [SimpleNamespace(enter=draw, round_size=0.5) for draw in enter]
    return SimpleNamespace(startups=rows)


def test_there_are_places_for_them_beyond_those_of_model_makers_and_scale_makes_room() -> None:
    world, p = founded(WITH_FIRMS)
    assert (len(world.startups), world.maker_count[0]) == (20, MAKERS)
    assert world.startups["id"].tolist() == [*range(MAKERS), *range(APPLICATION_ID, APPLICATION_ID + 8)]
    assert (world.startups["state"][MAKERS:] == NOT_FOUNDED).all()
    sizes = world.startups["relative_size"] * world.startups["compute_intensity"]
    assert (world.startups["compute_intensity"][MAKERS:] == 1 / p.application_size).all()
    assert np.log(sizes[MAKERS:]).std() > 0.2
    assert counts(plain(scale=3, application_firms=8)).application_firms == 24
    assert counts(plain(scale=0.02, application_firms=8)).application_firms == 1
    assert counts(plain()).application_firms == 0
    assert extent(plain()) != extent(plain(application_firms=8))
    clear(world)
    assert world.maker_count[0] == MAKERS
    assert len(empty_world(WITH_FIRMS).leases) > len(
        empty_world(WITH_FIRMS.with_values({"application_firms": 0})).leases
    )


def test_model_makers_are_who_they_are_without_them() -> None:
    world, _ = founded(WITH_FIRMS)
    alone, _ = founded(WITH_FIRMS.with_values({"application_firms": 0}))
    for name in ("id", "state", "relative_size", "age", "cash"):
        assert world.startups[name][:MAKERS].tolist() == alone.startups[name].tolist()
    assert ventures.share_founded(world) == ventures.share_founded(alone)


def test_they_take_free_places_on_the_best_model_and_raise_a_first_round() -> None:
    world, p = founded(WITH_FIRMS, frontier_efficiency=4.0)
    p.startup_innovation, p.application_pricing, p.inference_margin = 0.02, 0.5, 1.25
    world.market.rent, world.market.efficiency, world.market.funding_climate = 2 * p.first_rent, 4.0, 1.0
    gone = world.startups[MAKERS + 1]
    gone.state, gone.age = DEAD, 30
    makers = world.startups["state"][:MAKERS].tolist()
    money = held_money(world)
    application_firms.application_firms_are_founded(world, p, luck_of_firms(world, 0.039, 0.039, *[0.041] * 6))
    assert world.startups["state"][MAKERS:].tolist() == [APPLICATION, APPLICATION, *[NOT_FOUNDED] * 6]
    assert world.startups["state"][:MAKERS].tolist() == makers
    assert (gone.age, gone.efficiency) == (0, 4.0)
    assert gone.cash == pytest.approx(p.round_size * gone.relative_size)
    assert booked(world, VENTURE_FUNDING)["startups"] == pytest.approx(world.startups["cash"][MAKERS:].sum())
    market = world.market
    assert (market.services, market.applications) == (2.0, 0.25)
    assert (market.rounds, market.application_rounds, market.maker_rounds) == (2.0, 2.0, 0.0)
    assert market.application_margin == pytest.approx(1.25 * 2**0.5)
    assert held_money(world) == pytest.approx(money, abs=1e-3)
    found = measured(world, p)
    assert (found.application_firms, found.services_registered, found.funding_rounds_applications) == (2, 2, 2)
    assert found.startups_active == sum(state == PRETRAINING for state in makers)


def test_they_want_inference_alone_and_users_pay_what_they_pay() -> None:
    world, p = market_of([100.0], [0.0, 0.0])
    world.startups["state"] = 0
    one = world.startups[3]
    one.state, one.relative_size, one.compute_intensity, one.lease_term = APPLICATION, 0.5, 4.0, 6
    world.households.cash -= 1e9
    one.cash += 1e9
    p.platform_share, p.inference_base, p.inference_trend, p.first_rent = 0.25, 1_000.0, 0.0, RENT_NOW
    world.market.applications, p.application_reach = 0.5, 0.4
    draws = SimpleNamespace(startups=[SimpleNamespace(term=0.5)] * len(world.startups))
    with_mechanisms(leasing.tenants_want_compute)(world, p, draws)
    assert (one.gpus_wanted_training, one.gpus_wanted_inference) == (0.0, pytest.approx(0.75 * 1_200.0))
    world.market.application_margin = 3.0
    let(world, 10.0, use=INFERENCE, tenant=0)
    world.leases[0].tenant = 3
    with_mechanisms(leasing.tenants_pay_rent)(world, p)
    assert booked(world, SALES) == {"startups": 30 * RENT_NOW, "households": -30 * RENT_NOW}
    assert one.rent_paid == 10 * RENT_NOW


def test_nobody_enters_where_there_are_no_places() -> None:
    world, p = founded()
    application_firms.application_firms_are_founded(world, p, None)
    assert (world.market.services, world.market.applications, world.market.application_margin) == (0.0, 0.0, 0.0)
