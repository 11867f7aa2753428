"""Projects: finance at the start, neighbours, building, opening; the state; the founding of startups."""

# ruff: noqa: E501 - a case is a line, a sentence is a name

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from bubble_abm.economy.agents.investor import profitability
from bubble_abm.economy.agents.operator import (
    BANKRUPT,
    BUILDING,
    CANCELLED,
    OPERATING,
    PLANNED,
    PRIME,
    SECONDARY,
    TAKEN_OVER,
)
from bubble_abm.economy.agents.startup import NOT_FOUNDED, OPEN_WEIGHTS, PRETRAINING
from bubble_abm.economy.ledger import CONSTRUCTION, IMPORTS, OPERATORS, PLATFORMS, VENTURE_FUNDING
from bubble_abm.economy.markets import beliefs, platforms, projects, state, ventures
from bubble_abm.economy.world import World
from tests.worlds import booked, constants, founded, held_money, luck_of, planned, project


def test_a_start_is_financed_by_subsidy_debt_and_equity() -> None:
    world, p, operator, owner = planned(purse=1e9)
    money = held_money(world)
    projects.start(world, operator, owner, p)
    assert world.market.subsidies == pytest.approx(4e6)  # a fifth of 20 million
    assert operator.debt == pytest.approx(8e6)  # half of the rest
    assert operator.equity == owner.stake == pytest.approx(8e6 + 100 * 10 * 2_000)
    assert operator.cash == pytest.approx(22e6)  # capex and ten months' cost
    assert operator.principal == pytest.approx(200_000)
    assert (operator.stage, operator.months_to_build) == (BUILDING, 6.0)
    assert held_money(world) == pytest.approx(money, abs=1e-2)


def test_equity_in_hand_limits_the_size() -> None:
    world, p, operator, owner = planned(purse=5e6)
    projects.start(world, operator, owner, p)
    assert operator.gpus_planned == pytest.approx(50.0)  # equity of 100 000 a GPU
    assert owner.cash == pytest.approx(0.0, abs=1e-6)
    assert operator.debt == pytest.approx(4e6)


def test_an_overspent_province_grants_what_is_left_and_the_owner_pays_more() -> None:
    world, p, operator, owner = planned(purse=1e9)
    world.provinces[operator.province].envelope = 1e6
    projects.start(world, operator, owner, p)
    assert world.provinces[operator.province].outlay == pytest.approx(1e6)
    assert operator.debt == pytest.approx(9.5e6)
    assert operator.equity == pytest.approx(9.5e6 + 2e6)


def test_construction_is_paid_month_by_month_and_takes_its_time() -> None:
    world, p, operator, owner = planned(purse=1e9)
    projects.start(world, operator, owner, p)
    operator.gpus_installed = 100.0
    months = 0
    while operator.stage == BUILDING:
        world.flows[:] = 0.0
        projects.sites_are_built(world, p)
        assert -world.flows[CONSTRUCTION, OPERATORS] == pytest.approx(8e6 / 6)
        months += 1
    assert months == 6
    assert operator.capital == pytest.approx(8e6)
    assert operator.stage == OPERATING


def test_a_part_of_a_month_counts_as_a_month_but_costs_a_part() -> None:
    world, p, operator, owner = planned(purse=1e9)
    operator.months_building = 4.5
    projects.start(world, operator, owner, p)
    operator.gpus_installed = 100.0
    months = 0
    while operator.stage == BUILDING:
        projects.sites_are_built(world, p)
        months += 1
    assert months == 5
    assert operator.capital == pytest.approx(8e6)


def test_a_site_waits_for_half_of_its_chips_and_opens_at_the_going_rent_of_its_quality() -> None:
    world, p, operator, owner = planned(purse=1e9)
    projects.start(world, operator, owner, p)
    operator.quality, operator.gpus_installed = SECONDARY, 49.0
    world.market.secondary_rent, world.market.month = 7_777.0, 11
    for _ in range(12):
        projects.sites_are_built(world, p)
    assert operator.stage == BUILDING
    operator.gpus_installed = 50.0
    projects.sites_are_built(world, p)
    assert (operator.stage, operator.rent, operator.month_opened) == (OPERATING, 7_777.0, 11)


def test_neighbours_see_live_sites_failures_and_nothing_where_a_plan_was_given_up() -> None:
    world, p = founded()
    seen = {
        PLANNED: projects.LIVE,
        OPERATING: projects.LIVE,
        BANKRUPT: projects.FAILED,
        CANCELLED: projects.NO_PROJECT,
        TAKEN_OVER: projects.FAILED,
    }
    owners = [project(world, number, stage=stage).owner for number, stage in enumerate(seen)]
    taken_over = world.operators[world.holdings[owners[4]]]
    taken_over.owner = -1
    projects.neighbours_are_seen(world)
    assert list(world.standing[owners]) == list(seen.values())
    others = [row for row in range(40) if row not in owners]
    assert (world.standing[others] == projects.NO_PROJECT).all()
    world.neighbours[9] = [*owners, *others[:5]]
    assert projects.social_pull(world, 9, p) == pytest.approx((2 - 2 * 2) / 10)


def test_a_project_is_what_its_owner_and_its_place_make_of_it() -> None:
    world, p = founded()
    p.interior_suitability, p.hub_suitability, p.running_cost, p.power_share = 0.25, 0.9, 2_000, 0.5
    p.inexperienced_skill, p.inexperienced_engineering = 0.6, 0.8
    hub, interior = (int(np.flatnonzero(world.provinces["hub"] == flag)[0]) for flag in (1, 0))
    expected = {
        (1, hub): (1.0, 0.9, PRIME),
        (0, hub): (0.6, 0.72, PRIME),
        (1, interior): (1.0, 0.25, PRIME),
        (0, interior): (0.6, 0.2, SECONDARY),
    }
    for owner, ((experienced, place), (training, inference, quality)) in zip(
        (5, 2, 9, 7), expected.items(), strict=True
    ):
        world.investors[owner].experienced = experienced
        world.provinces[place].power_price = 2.0 * world.mean_power_price[0]
        before = world.provinces[place].gpus_announced
        projects.announce(world, owner, place, 0.5, p)
        operator = world.operators[world.holdings[owner]]
        assert (operator.id, operator.owner, operator.stage) == (owner, owner, PLANNED)
        assert operator.training_suitability == pytest.approx(training)
        assert operator.inference_suitability == pytest.approx(inference)
        assert operator.quality == quality
        assert operator.running_cost == pytest.approx(3_000)  # half of it power at twice the price
        assert world.provinces[place].gpus_announced - before == pytest.approx(world.investors[owner].gpus_intended)
    assert list(world.operators["owner"][: world.operator_count[0]]) == [-1, -1, -1, 5, 2, 9, 7]


def test_no_plan_starts_in_the_month_of_its_announcement() -> None:
    world, p, operator, _owner = planned(purse=1e9)
    p.hurdle = 0.0
    chance = luck_of(world, operator, start=0.0, cancel=0.0)
    world.market.month = operator.month_announced
    projects.projects_start(world, p, chance)
    assert operator.stage == PLANNED
    world.market.month += 1
    projects.projects_start(world, p, chance)
    assert operator.stage == BUILDING


def test_a_project_away_from_home_is_judged_by_the_subsidy_of_the_province_where_it_would_stand() -> None:
    world, p = founded()
    p.home_bias = 0.5
    world.provinces["subsidy"] = 0.1
    world.provinces[9].subsidy = 0.5
    world.best_provinces[:] = 9
    investor = world.investors[7]
    investor.home = 2
    for leave_home, subsidy in ((0.4, 0.1), (0.6, 0.5)):
        chances = [SimpleNamespace(announce=1.0) for _ in world.investors]
        chances[7] = SimpleNamespace(announce=0.0819, leave_home=leave_home, site=0.01, pace=0.5)
        investor.taste = -1e2  # nothing is announced
        projects.investors_announce_projects(world, p, SimpleNamespace(investors=chances))
        assert investor.profitability == profitability(investor, subsidy, world.market, p)
    assert profitability(investor, 0.5, world.market, p) > profitability(investor, 0.1, world.market, p)


def test_projects_under_way_are_listed_by_their_numbers_whenever_they_were_announced() -> None:
    world, p = founded()
    for month, owners in enumerate(((8, 30), (2, 9, 31), ())):
        world.market.month = month
        for owner in owners:
            projects.announce(world, owner, 0, 0.5, p)
        if month == 1:  # one is given up, one has ended and holds chips
            world.operators[world.holdings[30]].stage = CANCELLED
            world.operators[world.holdings[8]].stage = BANKRUPT
            world.operators[world.holdings[8]].gpus_installed = 7.0
        projects.live_projects_are_listed(world)
    rows = world.live[: world.live_count[0]]
    assert list(world.operators["id"][rows][:4]) == [2, 8, 9, 31]
    assert list(rows[4:]) == [0, 1, 2]  # the incumbents


def test_projects_leave_home_for_the_six_provinces_that_subsidise_most() -> None:
    world, _ = founded()
    world.provinces["subsidy"] = np.arange(31) % 7 / 100
    projects.list_best_subsidised(world.provinces, world.best_provinces, False)
    assert list(world.best_provinces) == [6, 13, 20, 27, 5, 12]
    projects.list_best_subsidised(world.provinces, world.best_hubs, True)
    assert world.provinces["hub"][world.best_hubs].all()
    rates = world.provinces["subsidy"]
    assert list(rates[world.best_hubs]) == sorted(rates[world.provinces["hub"] == 1], reverse=True)[:6]


# --- The state --------------------------------------------------------------------------------------------------------------------


def test_the_leaders_are_the_eight_largest_ties_included() -> None:
    world, p = founded()
    world.provinces["score"] = 100.0
    assert state.scores_to_reach(world, p) == (100.0, 100.0)
    world.provinces["score"] = np.arange(31.0)
    assert state.scores_to_reach(world, p) == (pytest.approx(np.mean(np.arange(23, 31))), 15.0)
    world.provinces["score"] = 0.0
    world.provinces[5].score = 80.0
    assert state.scores_to_reach(world, p) == (10.0, pytest.approx(80 / 31))


def test_the_centre_brakes_after_three_low_months_and_lets_go_after_one_good_one() -> None:
    world, p = founded(call=1.0)
    p.brake_threshold = 0.5
    calls = []
    for utilisation in (0.4, 0.4, 0.4, 0.4, 0.6, 0.4):
        world.market.utilisation = utilisation
        state.centre_calls(world, p)
        calls.append(world.centre.call)
    assert calls == pytest.approx([1.0, 1.0, 0.15, 0.15, 1.0, 1.0])


def test_a_new_budget_makes_good_four_per_cent_of_what_was_committed() -> None:
    world, p = founded()
    world.provinces["outlay"] = 1_000.0
    before = world.provinces["cash"].copy()
    state.provinces_set_subsidies(world, p)
    assert world.provinces["outlay"] == pytest.approx(960.0)
    assert world.provinces["cash"] - before == pytest.approx(40.0)


def test_a_centre_without_money_makes_nothing_good() -> None:
    world, p = founded()
    world.provinces["outlay"] = 1_000.0
    world.centre.cash = 100.0  # 40 for each of two provinces, and half of that for a third
    before = world.provinces["cash"].copy()
    state.provinces_set_subsidies(world, p)
    assert world.centre.cash == 0.0
    assert world.provinces["cash"] - before == pytest.approx([40.0, 40.0, 20.0] + [0.0] * 28)
    assert world.provinces["outlay"] == pytest.approx([960.0, 960.0, 980.0] + [1_000.0] * 28)


def test_what_was_announced_fades_by_a_twelfth_a_month_and_the_gap_to_the_leaders_is_seen() -> None:
    world, p = founded(call=1.0)
    world.provinces["gpus_announced"] = 120.0 * np.arange(31.0)
    state.centre_calls(world, p)
    state.provinces_set_subsidies(world, p)
    assert world.provinces["gpus_announced"] == pytest.approx(110.0 * np.arange(31.0))
    leaders, average = 120.0 * np.mean(np.arange(23, 31)), 120.0 * 15.0
    assert world.provinces["rank_gap"] == pytest.approx(np.tanh((leaders - 120.0 * np.arange(31.0)) / average))
    assert (np.diff(world.provinces["subsidy"]) < 0.0).all()


# --- Startups and platforms ------------------------------------------------------------------------------------------------------


def test_startups_are_founded_under_the_bass_hazard_with_a_round() -> None:
    world, p = founded()
    old, lucky = [0, 3, 4, 7, 8, 10], [1, 5, 11]
    world.startups["state"] = NOT_FOUNDED
    world.startups["state"][old] = PRETRAINING
    p.startup_innovation, p.startup_imitation, p.round_size = 0.01, 0.4, 1e6
    world.startups["relative_size"] = 1.0
    money, raised = held_money(world), world.startups["venture_capital"].copy()
    chance = [SimpleNamespace(enter=0.2 if row in lucky else 0.22, fund=1.0, round_size=0.5) for row in range(12)]
    ventures.startups_are_founded_and_funded(world, p, SimpleNamespace(startups=chance))  # the hazard is 0.21
    assert set(np.flatnonzero(world.startups["state"] == PRETRAINING)) == {*old, *lucky}
    assert set(np.flatnonzero(world.startups["state"] == NOT_FOUNDED)) == {2, 6, 9}
    assert (world.startups["venture_capital"] - raised) == pytest.approx(
        [1e6 if row in lucky else 0.0 for row in range(12)]
    )
    assert held_money(world) == pytest.approx(money, abs=1e-2)


def test_startups_in_business_raise_a_round_when_their_number_comes_up_and_grow_older() -> None:
    world, p = founded()
    world.startups["state"] = [PRETRAINING, OPEN_WEIGHTS, NOT_FOUNDED] * 4
    world.startups["age"], world.startups["relative_size"], world.startups["efficiency"] = 5, 2.0, 3.0
    p.funding_rate, p.round_size, p.round_spread, p.venture_extrapolation = 0.1, 1e6, 0.5, 0.0
    p.startup_innovation, p.startup_imitation = 0.0, 0.3  # two thirds have been founded: a hazard of 0.2
    raised, cash = world.startups["venture_capital"].copy(), world.startups["cash"].copy()
    chance = [
        SimpleNamespace(enter=0.19 if row == 2 else 0.21, fund=0.09 if row < 3 else 0.11, round_size=0.25)
        for row in range(12)
    ]
    ventures.startups_are_founded_and_funded(world, p, SimpleNamespace(startups=chance))
    assert list(world.startups["venture_capital"] - raised) == pytest.approx([1.5e6] * 3 + [0.0] * 9)
    assert list(world.startups["cash"] - cash) == pytest.approx([1.5e6] * 3 + [0.0] * 9)
    assert list(world.startups["age"][:4]) == [6, 6, 5, 6]
    assert list(world.startups["efficiency"][:4]) == [3.0, 3.0, 1.0, 3.0]  # a newcomer works with the common model
    assert booked(world, VENTURE_FUNDING) == pytest.approx({"startups": 4.5e6, "households": -4.5e6})


def test_adopters_take_the_frontier_and_some_give_up_training() -> None:
    world, p = founded(frontier_efficiency=4.0, frontier_openness=0.5, frontier_imitation=0.0)
    p.adoption_innovation = 0.4
    world.startups["state"] = PRETRAINING
    adopts, stops = [1, 2, 5, 6, 9, 11], [2, 5, 11]
    chance = [
        SimpleNamespace(adopt=0.1 if row in adopts else 0.9, stop=0.4 if row in stops else 0.6) for row in range(12)
    ]
    ventures.startups_adopt(world, p, SimpleNamespace(startups=chance))
    assert list(world.startups["state"]) == [OPEN_WEIGHTS if row in stops else PRETRAINING for row in range(12)]
    assert list(world.startups["efficiency"]) == [4.0 if row in adopts else 1.0 for row in range(12)]
    assert (world.market.adopters, world.market.efficiency) == (0.5, 2.5)


def test_a_new_model_is_imitated_by_its_own_adopters_not_by_those_of_the_model_before() -> None:
    world, p = founded(frontier_efficiency=4.0, frontier_openness=1.0, frontier_imitation=1.0)
    p.adoption_innovation = 0.0
    world.startups["state"] = PRETRAINING
    world.startups["efficiency"] = 1.74  # everybody is on the model before
    world.market.adopters = 1.0
    chance = SimpleNamespace(startups=[SimpleNamespace(adopt=1e-9, stop=0.9) for _ in world.startups])
    ventures.startups_adopt(world, p, chance)
    assert (world.startups["efficiency"] == 1.74).all()
    assert world.market.adopters == 0.0


def test_platforms_spend_their_plan_on_chips_and_buildings() -> None:
    world, p = founded(platform_capex=1e9)
    money, fleet = held_money(world), world.platforms["gpus"].sum()
    platforms.platforms_invest(world, p)
    assert world.flows[IMPORTS, PLATFORMS] == pytest.approx(-0.3e9)
    assert world.flows[CONSTRUCTION, PLATFORMS] == pytest.approx(-0.7e9)
    assert world.platforms["gpus"].sum() - fleet == pytest.approx(0.3e9 / p.foreign_chip_price)
    assert (world.platforms["cash"] >= world.platforms["budget"] - 1e-3).all()
    assert held_money(world) == pytest.approx(money, abs=1e-2)


# --- Beliefs -------------------------------------------------------------------------------------------------------------------------


def test_the_replacement_rent_pays_cost_and_an_annuity_at_natural_occupancy() -> None:
    p = constants(running_cost=2_600, other_capex=100_000, loan_rate=0.072, natural_occupancy=0.8)
    annuity = 44.95503840622437  # 60 months at 0.6 + 0.4 per cent
    rent = beliefs.replacement_rent(SimpleNamespace(chip_price=150_000), p)
    assert rent == pytest.approx((2_600 + 250_000 / annuity) / 0.8)


def test_investors_move_to_the_rule_that_erred_less() -> None:
    p = constants(rule_switching=4.0)
    even = beliefs.trend_weight(0.01, 0.01, p)
    assert even == pytest.approx(1 / (1 + np.exp(-1.0)))
    assert beliefs.trend_weight(0.0, 0.01, p) == pytest.approx(1 / (1 + np.exp(-5.0)), rel=1e-4)
    assert beliefs.trend_weight(0.01, 0.0, p) == pytest.approx(1 / (1 + np.exp(3.0)), rel=1e-4)
    assert beliefs.trend_weight(0.0, 1.0, constants(rule_switching=0.0)) == pytest.approx(even)


def test_a_steady_rise_becomes_the_growth_signal() -> None:
    world, p = founded()
    for _ in range(200):
        beliefs.beliefs_are_formed(world, p)
        world.market.rent *= np.exp(0.02)
    assert world.market.rent_growth == pytest.approx(0.02)
    assert world.market.trend_error == pytest.approx(0.0, abs=1e-9)
    assert world.market.trend_weight > 0.9


def test_growing_demand_is_told_from_demand_that_a_lower_rent_brings() -> None:
    world, p = founded()
    market = world.market
    p.training_elasticity, p.demand_memory = 0.5, 0.25
    months = [  # the rent at which tenants want compute, what they want, and the growth that is seen a month later
        (10_000.0, 1_000.0, 0.0),
        (2_500.0, 2_000.0, 0.0),  # a quarter of the rent, at an elasticity of a half: twice the demand
        (40_000.0, 500.0 * np.exp(0.04), 0.25 * 0.04),
        (40_000.0, 500.0 * np.exp(0.08), 0.25 * 0.04 + 0.75 * 0.25 * 0.04),
    ]
    market.demand = 0.0
    for rent, demand, growth in months:
        market.rent = rent
        beliefs.beliefs_are_formed(world, p)
        market.demand = demand  # worked out during the month, after which operators post other rents
        market.rent = 7_777.0
        later = World(*(member.copy() for member in world))
        beliefs.beliefs_are_formed(later, p)
        assert later.market.demand_growth == pytest.approx(growth, abs=1e-12)
