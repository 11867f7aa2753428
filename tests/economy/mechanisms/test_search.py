"""Search: neutral is absent; what tenants do not find, and how a site fills."""

# ruff: noqa: E501 - a case is a line, a sentence is a name

from __future__ import annotations

import math

import numpy as np
import pytest

from bubble_abm.economy.agents.operator import DISTRESSED, OPERATING, TAKEN_OVER, gpus_leased, gpus_on_show
from bubble_abm.economy.markets import leasing
from bubble_abm.economy.mechanisms import search
from bubble_abm.economy.parameters import Parameters
from bubble_abm.engine.simulation import Simulation
from bubble_abm.paper.plain import plain
from tests.economy.agents.cases import Case, check, given, table
from tests.economy.agents.test_operator import market, site
from tests.economy.markets.test_leasing import let, market_of, site_of, tenant_of
from tests.economy.mechanisms.battery import Battery

TWO_MONTHS = given(search_time=2.0)
KEPT = math.exp(-0.5)
CASES = [
    Case("not_found", "what a search of two months leaves", (site(gpus_installed=100), market(month=1), TWO_MONTHS), 100 * KEPT),
    Case("not_found", "of what is not let", (site(gpus_installed=100, training_leased=60), market(month=1), TWO_MONTHS), 40 * KEPT),
    Case("not_found", "nor was known to become free", (site(gpus_installed=100, training_leased=60, gpus_expired=30), market(month=1), TWO_MONTHS), 10 * KEPT),
    Case("not_found", "nothing where all of it was known", (site(gpus_installed=100, training_leased=60, gpus_expired=50), market(month=1), TWO_MONTHS), 0.0),
    Case("not_found", "clouds enter 2023 let like the market", (site(gpus_installed=100, incumbent=1), market(month=0, utilisation=0.7), TWO_MONTHS), 30.0),
    Case("not_found", "and are searched like others later", (site(gpus_installed=100, incumbent=1), market(month=1, utilisation=0.7), TWO_MONTHS), 100 * KEPT),
    Case("not_found", "a new site from the first month", (site(gpus_installed=100), market(month=0, utilisation=0.7), TWO_MONTHS), 100 * KEPT),
    Case("not_found", "nothing without search", (site(gpus_installed=100), market(month=1), given(search_time=0.0)), 0.0),
]  # fmt: skip


@table(CASES)
def test_what_is_not_found_is_worked_out_by_hand(case: Case) -> None:
    check(case)


class TestSearch(Battery):
    mechanism = search
    active = {"search_time": 2}
    sign = ("gpus_leased", 0, -1.0)

    def test_it_moves_what_it_should_in_the_right_direction(self) -> None:
        """Halls that fill slowly are seen in the boom, before fewer of them are built."""
        fill = [np.mean([first_year_fill(parameters, seed) for seed in range(1, 5)]) for parameters in self.ends()]
        assert fill[1] < fill[0] - 0.1


def first_year_fill(parameters: Parameters, seed: int) -> float:
    """Mean occupancy of new sites in the month of their opening, in 2023."""
    run = Simulation(parameters, months=12, seed=seed)
    found = []
    for month in range(12):
        run.advance(1)
        sites = np.asarray(run.world.operators)
        opened = sites[(sites["month_opened"] == month) & (sites["gpus_installed"] > 0)]
        found.extend((opened["training_leased"] + opened["inference_leased"]) / opened["gpus_installed"])
    return float(np.mean(found))


@pytest.mark.whole_runs
def test_nobody_is_ever_full() -> None:
    run = Simulation(plain(search_time=2), months=36, seed=2)
    for _ in range(36):
        run.advance(1)
        sites = np.asarray(run.world.operators)
        is_open = np.isin(sites["stage"], (OPERATING, DISTRESSED, TAKEN_OVER)) & (sites["gpus_installed"] > 0)
        fill = ((sites["training_leased"] + sites["inference_leased"]) / np.maximum(sites["gpus_installed"], 1))[
            is_open
        ]
        assert fill.max() < 1.0 - 1e-9
    assert fill.size > 100


def test_a_site_fills_over_months_and_what_expires_is_let_again_at_once() -> None:
    world, p = market_of([100.0], [1_000.0])
    p.search_time, world.market.month = 1.0, 1
    tenant_of(world, 0).lease_term = 3
    let_so_far = []
    for _ in range(3):
        leasing.leases_end(world, p)
        search.tenants_search(world, p)
        leasing.tenants_and_operators_match(world, p)
        let_so_far.append(gpus_leased(site_of(world, 0)))
    assert let_so_far == pytest.approx([100 * (1 - math.exp(-months)) for months in (1, 2, 3)])
    leasing.leases_end(world, p)  # the first lease has come to its end
    assert site_of(world, 0).gpus_expired == pytest.approx(let_so_far[0])
    search.tenants_search(world, p)
    assert gpus_on_show(site_of(world, 0)) == pytest.approx(let_so_far[0] + (100 - let_so_far[2]) * (1 - math.exp(-1)))
    leasing.leases_end(world, p)
    assert site_of(world, 0).gpus_expired == pytest.approx(let_so_far[1] - let_so_far[0])


def test_when_search_becomes_easy_all_is_found() -> None:
    world, p = market_of([100.0, 50.0])
    let(world, 20.0)
    p.search_time, world.market.month = 3.0, 5
    search.tenants_search(world, p)
    assert 0.0 < gpus_on_show(site_of(world, 0)) < 80.0
    p.search_time = 0.0
    search.tenants_search(world, p)
    assert [gpus_on_show(site_of(world, number)) for number in (0, 1)] == [80.0, 50.0]
    assert world.market.searching == 0
