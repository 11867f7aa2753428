"""How the economy of January 2023 is founded."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from bubble_abm.economy.accounts import STOCKS
from bubble_abm.economy.agents.operator import BUILDING, INCUMBENT_ID, PROJECT_STEP
from bubble_abm.economy.founding import found_world, home_province
from bubble_abm.economy.parameters import Parameters
from bubble_abm.economy.shocks import build_paths
from bubble_abm.economy.sponsors import ABLE, NEWCOMER, PUBLIC
from bubble_abm.economy.world import empty_records, empty_world
from tests.worlds import BY_HAND, claims_agree, founded, held_money

SPONSORS = Parameters(**BY_HAND | dict(
    investors=2_000, startups=0, first_projects=45, public_share=0.3, able_share=0.1, show_share=0.4, size_spread=0.0,
    median_size=400, newcomer_size=0.5, able_size=2.0, public_building_time=16, able_building_time=10,
    building_spread=0.25, leverage=0.5, public_leverage=0.6, able_leverage=0.4, most_projects=3,
    incumbents=12, scale=1,
))  # fmt: skip


def of_2022(world: object) -> np.ndarray:
    """The sites of the programme of 2022."""
    operators = np.asarray(world.operators)
    return operators[(operators["incumbent"] == 0) & (operators["stage"] == BUILDING)]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_incumbents_stand_near_the_users(seed: int) -> None:
    world, _ = founded(Parameters(investors=5, incumbents=40), seed=seed)
    places = world.operators["province"][:40]
    assert (world.provinces["hub"][places] == 1).all()
    assert len(set(places)) > 5


@pytest.mark.parametrize("hubs_only", [False, True])
def test_homes_are_drawn_in_proportion_to_budgets(hubs_only: bool) -> None:
    world, _ = founded()
    draws = np.arange(0.00005, 1.0, 0.0001)
    counts = np.bincount([home_province(world.provinces, draw, hubs_only) for draw in draws], minlength=31)
    weights = world.provinces["weight"] * (world.provinces["hub"] if hubs_only else 1)
    assert counts / len(draws) == pytest.approx(weights / weights.sum(), abs=2e-4)


# --- Sponsors ---------------------------------------------------------------------------------------------------------


def test_kinds_of_sponsor_have_their_shares_sizes_and_pockets() -> None:
    world, _ = founded(SPONSORS)
    investors = np.asarray(world.investors)[12:]  # the first twelve own the incumbents
    shares = np.bincount(investors["sponsor"], minlength=3) / len(investors)
    assert shares == pytest.approx([0.3, 0.6, 0.1], abs=0.03)
    for sponsor, size in ((PUBLIC, 400.0), (NEWCOMER, 200.0), (ABLE, 800.0)):
        assert investors["gpus_intended"][investors["sponsor"] == sponsor] == pytest.approx(size)
    newcomers, others = (investors[(investors["sponsor"] == NEWCOMER) == new] for new in (True, False))
    assert (others["earnest"] == 1).all() and (others["deep_pocket"] == 1).all() and (others["news_needed"] == 0).all()
    assert 1.0 - newcomers["earnest"].mean() == pytest.approx(0.4, abs=0.05)
    assert newcomers["deep_pocket"].mean() == pytest.approx(0.5, abs=0.05)
    assert newcomers["news_needed"].mean() == pytest.approx(1.0, abs=0.1)
    assert (newcomers["news_needed"] < np.log(2)).mean() == pytest.approx(0.5, abs=0.05)
    assert ((investors["experienced"] == 1) == (investors["sponsor"] == ABLE)).all()


def test_a_purse_is_measured_by_the_equity_that_the_kind_of_sponsor_has_to_bring() -> None:
    certain = SPONSORS.with_values({"smallest_purse": 0.5, "purse_spread": 0.0, "deep_pocket_depth": 2.0})
    world, p = founded(certain)
    cost = world.market.chip_price + p.other_capex
    rows = world.investors["under_way"] + world.investors["pledged"] == 0.0
    for sponsor, debt, size in ((PUBLIC, 0.6, 400.0), (NEWCOMER, 0.5, 200.0), (ABLE, 0.4, 800.0)):
        equity = ((1.0 - debt) * cost + p.working_capital * p.running_cost) * size
        mine = rows & (world.investors["sponsor"] == sponsor)
        depth = np.where(world.investors["deep_pocket"][mine] == 1, 2.0, 1.0)
        assert world.investors["cash"][mine] == pytest.approx(0.5 * depth * equity)


def test_incumbents_belong_to_the_first_investors_who_are_able() -> None:
    world, _ = founded(SPONSORS)
    operators, investors = np.asarray(world.operators), np.asarray(world.investors)
    clouds = operators[operators["incumbent"] == 1]
    assert list(clouds["owner"]) == list(clouds["announcer"]) == list(range(12))
    assert list(clouds["id"]) == [INCUMBENT_ID + row for row in range(12)]
    assert (investors["sponsor"][:12] == ABLE).all() and (clouds["sponsor"] == ABLE).all()
    assert (investors["experienced"][:12] == 1).all()
    assert (clouds["debt"] == 0.0).all() and (clouds["equity"] == 0.0).all()


def test_incumbents_beyond_the_investors_belong_to_nobody() -> None:
    world, _ = founded(Parameters(investors=2, incumbents=5, first_projects=0))
    assert list(world.operators["owner"][:5]) == [0, 1, -1, -1, -1]


# --- The programme of 2022 --------------------------------------------------------------------------------------------


def test_sites_of_2022_are_public_of_all_ages_and_not_counted_as_announced_since() -> None:
    world, _ = founded(SPONSORS)
    sites = of_2022(world)
    assert len(sites) == 45
    assert (sites["sponsor"] == PUBLIC).all()
    assert (world.investors["sponsor"][sites["owner"]] == PUBLIC).all()
    assert len(set(sites["owner"])) == 45 and (world.investors["projects"][sites["owner"]] == 1).all()
    done = 1.0 - sites["months_to_build"] / sites["months_building"]
    assert 0.0 <= done.min() < 0.1 and 0.9 < done.max() <= 1.0
    assert np.histogram(done, bins=3, range=(0, 1))[0].min() >= 8
    assert 12.0 <= sites["months_building"].min() < 14.0 < 18.0 < sites["months_building"].max() <= 20.0
    assert (sites["month_started"] == -1 - np.floor(done * sites["months_building"] + 1e-9)).all()
    assert (sites["month_announced"] == sites["month_started"] - 5).all()


def test_a_site_half_done_has_half_of_its_chips_loan_and_equity() -> None:
    world, p = founded(SPONSORS)
    sites = of_2022(world)
    done = 1.0 - sites["months_to_build"] / sites["months_building"]
    cost = (world.market.chip_price + p.other_capex) * sites["gpus_planned"]
    assert sites["gpus_installed"] == pytest.approx(done * sites["gpus_planned"])
    assert sites["capital"] == pytest.approx(done * p.other_capex * sites["gpus_planned"])
    assert sites["debt"] == pytest.approx(done * 0.6 * cost)
    assert sites["equity"] == pytest.approx(done * 0.4 * cost)
    assert sites["debt"] + sites["loan_promised"] == pytest.approx(0.6 * cost)
    working = p.working_capital * p.running_cost * sites["gpus_planned"]
    assert sites["equity"] + sites["equity_pledged"] == pytest.approx(0.4 * cost + working)


@pytest.mark.parametrize("first_projects", [0, 45])
def test_the_first_books_balance_and_owners_have_what_they_have_promised(first_projects: int) -> None:
    parameters = SPONSORS.with_values({"first_projects": first_projects})
    world, p = empty_world(parameters), build_paths(parameters, (), 1)[0]
    balance = empty_records(1).balances[0]
    found_world(world, p, 3, balance)
    claims_agree(world)
    assert len(of_2022(world)) == first_projects == (world.investors["pledged"] > 0.0).sum()
    assert (world.investors["cash"] >= world.investors["pledged"]).all()
    owners = of_2022(world)["owner"]
    assert world.investors["pledged"][owners] == pytest.approx(of_2022(world)["equity_pledged"])
    held = world.operators["gpus_installed"].sum() + world.smugglers["inventory"].sum() + world.platforms["gpus"].sum()
    assert world.books.chips_initial == pytest.approx(held)
    assert held_money(world) == pytest.approx(0.0, abs=1.0)
    for claim in ("deposits", "loans", "equity"):
        row = balance[STOCKS.index(claim)]
        assert row.sum() == pytest.approx(0.0, abs=1e-12 * abs(row).max() + 1e-9), claim
    assert not world.flows.any()


def test_who_has_no_purse_has_what_it_has_promised_to_a_site_of_2022_and_nothing_else() -> None:
    world, _ = founded(SPONSORS.with_values({"smallest_purse": 0.0, "purse_spread": 0.0}))
    assert world.investors["pledged"].max() > 1e6
    assert (world.investors["cash"] == world.investors["pledged"]).all()


def test_able_sponsors_fill_the_programme_where_public_ones_are_too_few() -> None:
    world, _ = founded(SPONSORS.with_values({"public_share": 0.01, "able_share": 0.5}))
    sites = of_2022(world)
    public = (world.investors["sponsor"] == PUBLIC).sum()
    assert 0 < public < 45
    assert list(np.bincount(sites["sponsor"], minlength=3)) == [public, 0, 45 - public]
    assert len(of_2022(founded(SPONSORS.with_values({"public_share": 0.0, "able_share": 0.0}))[0])) == 12


def test_the_programme_grows_with_the_world_and_is_listed_by_number_before_the_incumbents() -> None:
    world, _ = founded(SPONSORS.with_values({"scale": 2.0}))
    assert len(of_2022(world)) == 90
    numbers = world.operators["id"][world.live[: world.live_count[0]]]
    assert world.live_count[0] == 90 + 24
    assert (np.diff(numbers) > 0).all()
    assert (of_2022(world)["id"] < PROJECT_STEP).all()  # everybody's first


def test_places_of_2022_have_nothing_to_do_with_the_time_it_takes_to_build() -> None:
    world, _ = founded(SPONSORS.with_values({"first_projects": 200.0, "home_bias": 0.0, "scale": 2.0}))
    sites = of_2022(world)
    sites = sites[sites["sponsor"] == PUBLIC]
    assert stats.spearmanr(sites["province"], sites["months_building"]).pvalue > 0.01
    assert len(np.unique(sites["province"])) > 20
