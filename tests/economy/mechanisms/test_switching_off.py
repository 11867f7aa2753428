"""Switching off: neutral is absent; when a site has earned too little for too long, and what makes it return."""

# ruff: noqa: E501 - a case is a line, a sentence is a name

from __future__ import annotations

from typing import Any

import pytest

from bubble_abm.economy.agents.operator import DISTRESSED, IDLE, OPERATING
from bubble_abm.economy.markets import capital
from bubble_abm.economy.mechanisms import switching_off
from bubble_abm.engine.simulation import simulate
from bubble_abm.paper.plain import plain
from tests.economy.agents.cases import Case, check, check_with_mechanisms, given, table
from tests.economy.agents.test_operator import BAND, market, site
from tests.economy.markets.test_leasing import market_of, site_of
from tests.economy.mechanisms.battery import Battery
from tests.worlds import luck

COVER = given(**vars(BAND), cost_to_cover=1.0, months_short=6.0, own_experience=0.5)
OLD = given(**vars(BAND), cost_to_cover=0.0, months_short=6.0, own_experience=0.5)
RUNS = {"gpus_installed": 100, "running_cost": 2_000}
LATE = given(idle=0.9)
CASES = [
    Case("falls_short", "below the cost of all its GPUs", (site(**RUNS, revenue=199_999), COVER), True),
    Case("falls_short", "not at that cost", (site(**RUNS, revenue=200_000), COVER), False),
    Case("falls_short", "of the share that must be covered", (site(**RUNS, revenue=120_000), given(cost_to_cover=0.5)), False),
    Case("fill_expected", "half of it by what was let there", (site(relative_fill=0.0), market(utilisation=0.6), COVER), 0.3),
    Case("fill_expected", "as elsewhere", (site(relative_fill=1.0), market(utilisation=0.6), COVER), 0.6),
    Case("fill_expected", "never more than all", (site(relative_fill=3.0), market(utilisation=0.8), COVER), 1.0),
]  # fmt: skip
AMENDED = [
    Case("idles", "after seven months, although much is let", (site(**RUNS, training_leased=30, short=7), market(prime_rent=9_000), COVER, LATE), True),
    Case("idles", "not after six", (site(**RUNS, training_leased=30, short=6), market(prime_rent=9_000), COVER, LATE), False),
    Case("idles", "nor without the mechanism", (site(**RUNS, training_leased=30, short=7), market(prime_rent=9_000), OLD, LATE), False),
    Case("idles", "as ever, when rents are below cost", (site(**RUNS), market(prime_rent=1_900), COVER, given(idle=0.1)), True),
    Case("restarts", "half full at five times the cost", (site(**RUNS, short=7, relative_fill=0.5), market(utilisation=0.4, prime_rent=7_400), COVER), True),
    Case("restarts", "not for less than cost and margin", (site(**RUNS, short=7, relative_fill=0.5), market(utilisation=0.4, prime_rent=7_300), COVER), False),
    Case("restarts", "others as ever", (site(**RUNS, relative_fill=0.5), market(utilisation=0.4, prime_rent=2_300), COVER), True),
    Case("restarts", "nor below the band of debt", (site(**RUNS, short=7, relative_fill=1.0), market(utilisation=1.0, prime_rent=2_190), COVER), False),
]  # fmt: skip


@table(CASES)
def test_what_an_owner_sees_is_worked_out_by_hand(case: Case) -> None:
    check(case)


@table(AMENDED)
def test_who_stops_and_who_returns_is_worked_out_by_hand(case: Case) -> None:
    check_with_mechanisms(case)


class TestSwitchingOff(Battery):
    mechanism = switching_off
    active = {"cost_to_cover": 1}
    sign = ("projects_idle", 24, 1.0)


def losing() -> tuple[Any, Any]:
    """Three sites of which the first earns its cost, the second does not, the third is in arrears."""
    world, p = market_of([100.0] * 3, stage=[OPERATING, OPERATING, DISTRESSED], running_cost=[2_000.0] * 3)
    p.cost_to_cover, p.months_short, p.own_experience = 1.0, 2.0, 0.5
    world.market.utilisation = 0.5
    site_of(world, 0).revenue = 200_000.0
    site_of(world, 1).training_leased = 20.0
    return world, p


def test_months_are_counted_while_a_site_is_on_and_begin_again_when_it_returns() -> None:
    world, p = losing()
    site_of(world, 0).short = 5
    for months in (1, 2, 3):
        switching_off.owners_see_fill(world, p)
        assert [site_of(world, number).short for number in range(3)] == [0, months, 0]
    assert site_of(world, 1).relative_fill == pytest.approx(0.4)
    site_of(world, 1).stage, site_of(world, 1).training_leased = IDLE, 0.0
    switching_off.owners_see_fill(world, p)
    assert (site_of(world, 1).short, site_of(world, 1).was_off) == (3, 1)
    assert site_of(world, 1).relative_fill == pytest.approx(0.4)  # as it was when it was last on
    site_of(world, 1).stage = OPERATING
    switching_off.owners_see_fill(world, p)
    assert (site_of(world, 1).short, site_of(world, 1).was_off) == (1, 0)


def test_where_nothing_is_let_anywhere_a_site_is_like_all_others() -> None:
    world, p = losing()
    world.market.utilisation = 0.0
    switching_off.owners_see_fill(world, p)
    assert site_of(world, 1).relative_fill == 1.0


def test_it_is_off_from_the_step_that_switches_sites() -> None:
    world, p = losing()
    site_of(world, 1).short = 2
    switching_off.owners_see_fill(world, p)
    draws = luck(operators=[luck(idle=0.99)] * int(world.live_count[0]))
    capital.sites_idle_and_restart(world, p, draws)  # by itself, the core has no reason
    assert site_of(world, 1).stage == OPERATING


@pytest.mark.whole_runs
def test_most_busts_reach_idle_in_time() -> None:
    idle = [simulate(plain(cost_to_cover=1), seed=seed).series["projects_idle"].iloc[:36].max() for seed in range(1, 9)]
    assert min(idle) > 10
