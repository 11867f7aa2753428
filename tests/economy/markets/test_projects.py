"""Projects: who announces, what is agreed at the start, what neighbours see; the state; the founding of startups."""

# ruff: noqa: E501 - a case is a line, a sentence is a name

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from bubble_abm.economy.agents.investor import profitability
from bubble_abm.economy.agents.operator import (
    BANKRUPT,
    BUILDING,
    CANCELLED,
    INCUMBENT_ID,
    OPERATING,
    PAUSED,
    PLANNED,
    PRIME,
    PROJECT_STEP,
    SECONDARY,
    TAKEN_OVER,
)
from bubble_abm.economy.agents.startup import DEAD, NOT_FOUNDED, OPEN_WEIGHTS, PRETRAINING
from bubble_abm.economy.ledger import (
    CONSTRUCTION,
    EXPORTS,
    IMPORTS,
    PLATFORMS,
    STATE_CAPITAL,
    TAXES,
    VENTURE_FUNDING,
    transfer,
)
from bubble_abm.economy.markets import beliefs, platforms, projects, state, trade, ventures
from bubble_abm.economy.markets.signals import Market
from bubble_abm.economy.sponsors import ABLE, NEWCOMER, PUBLIC
from tests.worlds import booked, constants, filled, founded, held_money, luck_of, owner_of, place_of, planned, project


def test_grant_loan_and_equity_are_agreed_at_the_start_and_only_the_first_part_of_the_grant_is_paid() -> None:
    world, p, operator, owner = planned(purse=1e9)
    money = held_money(world)
    assert projects.start(world, operator, owner, p)
    assert operator.grant == operator.subsidy_committed == pytest.approx(4e6)  # a fifth of 20 million
    assert world.provinces[operator.province].outlay == pytest.approx(4e6)
    assert operator.loan_promised == pytest.approx(8e6)  # half of the rest
    assert operator.equity_pledged == owner.pledged == pytest.approx(8e6 + 100 * 10 * 2_000)  # and ten months' cost
    assert operator.cash == operator.grant_paid == world.market.subsidies == pytest.approx(1e6)  # one of four payments
    assert (operator.debt, operator.equity, operator.principal, owner.cash) == (0.0, 0.0, 0.0, 1e9)
    assert (operator.stage, operator.months_to_build, operator.month_started) == (BUILDING, 6.0, 1)
    assert held_money(world) == pytest.approx(money, abs=1e-2)


def test_equity_in_hand_limits_the_size() -> None:
    world, p, operator, owner = planned(purse=5e6)
    assert projects.start(world, operator, owner, p)
    assert operator.gpus_planned == pytest.approx(50.0)  # equity of 100 000 a GPU
    assert owner.pledged == pytest.approx(5e6)
    assert operator.loan_promised == pytest.approx(4e6)


@pytest.mark.parametrize(("purse", "starts"), [(2.9e6, False), (3.1e6, True)])
def test_a_plan_for_which_there_is_hardly_any_money_waits(purse: float, starts: bool) -> None:
    world, p, operator, owner = planned(purse=purse)  # three tenths of ten million
    assert projects.start(world, operator, owner, p) is starts
    assert operator.stage == (BUILDING if starts else PLANNED)
    assert operator.gpus_planned == pytest.approx(31.0 if starts else 100.0)
    assert (world.provinces[operator.province].outlay > 0.0) is starts


def test_what_an_owner_has_paid_into_a_plan_counts_as_equity() -> None:
    world, p, operator, owner = planned(purse=1e9)
    operator.equity = 3e6
    assert projects.start(world, operator, owner, p)
    assert operator.equity_pledged == pytest.approx(10e6 - 3e6)


def test_an_overspent_province_grants_what_is_left_and_the_owner_pays_more() -> None:
    world, p, operator, owner = planned(purse=1e9)
    world.provinces[operator.province].envelope = 1e6
    projects.start(world, operator, owner, p)
    assert world.provinces[operator.province].outlay == pytest.approx(1e6)
    assert operator.loan_promised == pytest.approx(9.5e6)
    assert operator.equity_pledged == pytest.approx(9.5e6 + 2e6)


def test_the_centre_gives_a_public_sponsor_part_of_the_equity_that_it_lacks_as_loudly_as_it_calls() -> None:
    world, p, operator, owner = planned(purse=6e6)
    p.state_capital, world.centre.call, owner.sponsor = 0.5, 0.8, PUBLIC
    money = held_money(world)
    assert projects.start(world, operator, owner, p)
    assert booked(world, STATE_CAPITAL) == pytest.approx({"governments": -1.6e6, "households": 1.6e6})  # of 4 million
    assert world.market.public_spending == pytest.approx(1.6e6 + 0.76e6)  # and a quarter of the grant
    assert operator.gpus_planned == pytest.approx(76.0)
    assert owner.pledged == owner.cash == pytest.approx(7.6e6)
    assert held_money(world) == pytest.approx(money, abs=1e-2)


def test_state_capital_is_neither_for_others_nor_out_of_the_fund_for_take_overs() -> None:
    world, p, operator, owner = planned(purse=6e6)
    p.state_capital, world.centre.call = 0.5, 0.8
    assert projects.start(world, operator, owner, p)
    assert (booked(world, STATE_CAPITAL), operator.gpus_planned) == ({}, pytest.approx(60.0))
    world, p, operator, owner = planned(purse=6e6)
    p.state_capital, world.centre.call, owner.sponsor = 0.5, 0.8, PUBLIC
    world.centre.fund = world.centre.cash - 1e6
    assert projects.start(world, operator, owner, p)
    assert booked(world, STATE_CAPITAL) == pytest.approx({"governments": -1e6, "households": 1e6})


def test_state_capital_is_for_the_equity_that_is_still_lacking() -> None:
    world, p, operator, owner = planned(purse=6e6)
    p.state_capital, world.centre.call, owner.sponsor, operator.equity = 0.5, 0.8, PUBLIC, 1e6
    assert projects.start(world, operator, owner, p)
    assert booked(world, STATE_CAPITAL) == pytest.approx({"governments": -1.2e6, "households": 1.2e6})  # of 3 million


def test_every_kind_of_sponsor_gets_its_own_share_of_debt() -> None:
    for sponsor, loan in ((PUBLIC, 12.8e6), (NEWCOMER, 8e6), (ABLE, 4e6)):
        world, p, operator, owner = planned(purse=1e9)
        p.public_leverage, p.leverage, p.able_leverage, owner.sponsor = 0.8, 0.5, 0.25, sponsor
        assert projects.start(world, operator, owner, p)
        assert operator.loan_promised == pytest.approx(loan)


def test_neighbours_see_live_sites_failures_and_nothing_where_a_plan_was_given_up() -> None:
    world, p = founded()
    seen = {
        PLANNED: projects.LIVE,
        OPERATING: projects.LIVE,
        BANKRUPT: projects.FAILED,
        CANCELLED: projects.NO_PROJECT,
        TAKEN_OVER: projects.FAILED,
        PAUSED: projects.LIVE,
    }
    owners = [project(world, number, stage=stage).owner for number, stage in enumerate(seen)]
    taken_over = world.operators[world.holdings[owners[4], 0]]
    taken_over.owner = -1
    projects.investors_take_stock(world, p)
    assert list(world.standing[owners]) == list(seen.values())
    assert (world.standing[[0, 2]] == projects.LIVE).all()  # they own incumbents
    others = [row for row in range(3, 40) if row not in owners]
    assert (world.standing[others] == projects.NO_PROJECT).all()
    world.neighbours[9] = [*owners, *others[:4]]
    p.failure_weight = 2.0
    assert projects.social_pull(world, 9, p) == pytest.approx((3 - 2 * 2) / 10)


def test_sponsors_count_what_they_have_under_way_lost_built_and_let() -> None:
    world, p = founded()
    stages = [PLANNED, BUILDING, PAUSED, OPERATING, TAKEN_OVER, BANKRUPT, CANCELLED]
    sites = [project(world, number, stage=stage, gpus_installed=100) for number, stage in enumerate(stages)]
    for site in sites:  # all of one sponsor; one that was taken over has another owner now
        site.announcer, site.owner, site.training_leased, site.inference_leased = 5, 5, 20.0, 30.0
    sites[4].owner = -1
    incumbent = world.operators[1]
    incumbent.training_leased = 7.0
    sponsor, cloud = world.investors[5], world.investors[1]
    for _ in range(2):  # counted anew every month
        projects.investors_take_stock(world, p)
        assert (sponsor.under_way, sponsor.failed) == (3, 2)
        assert (sponsor.gpus_installed, sponsor.gpus_leased) == (100, 50)
        assert (cloud.gpus_installed, cloud.gpus_leased) == (incumbent.gpus_installed, 7)


def test_news_comes_from_the_call_and_from_projects_under_way() -> None:
    world, p = founded()
    p.news_rate, world.centre.call, world.market.news = 0.1, 0.5, 0.2
    for number, stage in enumerate([PLANNED, OPERATING, BANKRUPT, CANCELLED, BUILDING]):
        project(world, number, stage=stage)
    projects.investors_take_stock(world, p)
    assert world.market.news == pytest.approx(0.2 + 0.1 * (0.5 + 6 / 40))  # with the three incumbents


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
        operator = world.operators[world.holdings[owner, world.investors[owner].projects - 1]]
        assert (operator.id, operator.owner, operator.stage) == (owner, owner, PLANNED)
        assert (operator.announcer, operator.sponsor) == (owner, world.investors[owner].sponsor)
        assert operator.training_suitability == pytest.approx(training)
        assert operator.inference_suitability == pytest.approx(inference)
        assert operator.quality == quality
        assert operator.running_cost == pytest.approx(3_000)  # half of it power at twice the price
        assert world.provinces[place].gpus_announced - before == pytest.approx(world.investors[owner].gpus_intended)
    assert list(world.operators["owner"][: world.operator_count[0]]) == [0, 1, 2, 5, 2, 9, 7]


def test_a_sponsor_s_projects_have_numbers_of_their_own_and_each_its_row() -> None:
    world, p = founded()
    before = world.investors["projects"].copy()
    for owner in (5, 9, 5, 5):
        projects.announce(world, owner, 0, 0.5, p)
    assert list(world.operators["id"][3:7]) == [5, 9, 5 + PROJECT_STEP, 5 + 2 * PROJECT_STEP]
    assert list(world.operators["row"][3:7]) == [3, 4, 5, 6]
    assert list((world.investors["projects"] - before)[[5, 9]]) == [3, 1]
    assert (list(world.holdings[5]), list(world.holdings[9])) == ([3, 5, 6, -1], [4, -1, -1, -1])


@pytest.mark.parametrize(("sponsor", "months"), [(PUBLIC, 15.0), (NEWCOMER, 6.0), (ABLE, 9.0)])
def test_every_kind_of_sponsor_builds_at_its_own_pace(sponsor: int, months: float) -> None:
    world, p = founded()
    p.public_building_time, p.building_time, p.able_building_time, p.shortest_building = 15.0, 6.0, 9.0, 3.0
    world.investors[7].sponsor = sponsor
    assert projects.announce(world, 7, 0, 0.5, p).months_building == pytest.approx(months)


def announcements(world: Any, p: Any, **draws: float) -> list[int]:
    """Investors who announce a project in a month in which all of them draw the same."""
    before = world.operator_count[0]
    chance = SimpleNamespace(**({"announce": 0.0, "leave_home": 0.0, "site": 0.0, "pace": 0.5} | draws))
    projects.investors_announce_projects(world, p, SimpleNamespace(investors=[chance] * len(world.investors)))
    return list(world.operators["owner"][before : world.operator_count[0]])


def test_who_has_a_subject_in_mind_that_would_not_start_announces_it_only_for_show_or_as_told() -> None:
    world, p = founded()
    world.investors["news_needed"], world.investors["sponsor"], world.investors["earnest"] = 0.0, NEWCOMER, 1
    world.investors[7].earnest = 0
    world.investors[9].sponsor = PUBLIC
    world.investors[11].sponsor, world.investors[11].experienced = ABLE, 1
    world.market.rent = world.market.contract_rent = 1.0  # nothing pays
    assert announcements(world, p) == [7, 9]
    world.market.rent = world.market.contract_rent = 1e6  # everything does
    world.investors["under_way"][[7, 9]] = 99
    assert announcements(world, p) == [row for row in range(40) if row not in (7, 9)]


def test_who_has_not_heard_enough_of_the_subject_announces_nothing() -> None:
    world, p = founded()
    world.market.rent = world.market.contract_rent = 1e6
    world.market.news, world.investors["sponsor"], world.investors["earnest"] = 0.5, NEWCOMER, 1
    world.investors["news_needed"] = 0.6
    world.investors[17].news_needed = 0.4
    assert announcements(world, p) == [17]


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


@pytest.mark.parametrize(("earnest", "draw", "stage"), [(1, 0.24, BUILDING), (0, 0.24, PLANNED), (0, 0.024, BUILDING)])
def test_a_plan_for_show_starts_with_a_tenth_of_the_chance(earnest: int, draw: float, stage: int) -> None:
    world, p, operator, owner = planned(purse=1e9)
    p.hurdle, p.planning_time, p.show_effort, p.cancellation_rate, owner.earnest = 0.0, 4.0, 0.1, 0.0, earnest
    projects.projects_start(world, p, luck_of(world, operator, start=draw, cancel=0.5))
    assert operator.stage == stage
    assert world.market.starts == (stage == BUILDING)


def test_what_became_of_plans_lately_is_remembered_as_the_share_that_starts() -> None:
    world, p, operator, _owner = planned(purse=1e9)
    p.hurdle, p.go_ahead_memory, world.market.go_ahead, world.market.starts = 0.0, 0.9, 0.5, 0.0
    given_up = project(world, 1, stage=PLANNED, gpus_planned=100.0, months_building=6.0)
    owner_of(world, given_up).sponsor, owner_of(world, given_up).earnest = NEWCOMER, 1
    chance = luck_of(world, operator, start=0.0, cancel=0.5)
    chance.operators[place_of(world, given_up)] = SimpleNamespace(start=1.0, cancel=0.0)
    projects.projects_start(world, p, chance)
    assert (operator.stage, given_up.stage) == (BUILDING, CANCELLED)
    assert world.market.go_ahead == pytest.approx(0.81 * 0.5 + 0.19 * 0.5)
    project(world, 2, stage=PLANNED, gpus_planned=100.0, months_building=6.0)
    third = project(world, 2, stage=PLANNED, gpus_planned=100.0)
    owner_of(world, third).sponsor, owner_of(world, third).earnest = NEWCOMER, 1
    chance.operators[place_of(world, third)] = SimpleNamespace(start=1.0, cancel=0.0)
    projects.projects_start(world, p, chance)
    assert world.market.go_ahead == pytest.approx(0.9 * 0.5)


def test_a_project_away_from_home_is_judged_by_the_subsidy_of_the_province_where_it_would_stand() -> None:
    world, p = founded()
    p.home_bias = 0.5
    world.provinces["subsidy"] = 0.1
    world.provinces[9].subsidy = 0.5
    world.best_provinces[:] = 9
    investor = world.investors[7]
    investor.home, investor.sponsor, investor.earnest, investor.news_needed = 2, NEWCOMER, 0, 0.0
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
            world.operators[world.holdings[30, 0]].stage = CANCELLED
            world.operators[world.holdings[8, 0]].stage = BANKRUPT
            world.operators[world.holdings[8, 0]].gpus_installed = 7.0
        projects.live_projects_are_listed(world)
    rows = world.live[: world.live_count[0]]
    assert list(world.operators["id"][rows][:4]) == [2, 8, 9, 31]
    assert list(rows[4:]) == [0, 1, 2]  # the incumbents
    world.market.month = 3
    for owner in (1, 2, 9, 12):  # first projects, and second ones between them
        projects.announce(world, owner, 0, 0.5, p)
    projects.live_projects_are_listed(world)
    rows = world.live[: world.live_count[0]]
    again = [2 + PROJECT_STEP, 9 + PROJECT_STEP]
    assert list(world.operators["id"][rows]) == [1, 2, 8, 9, 12, 31, *again, *range(INCUMBENT_ID, INCUMBENT_ID + 3)]


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


def test_households_pay_taxes_for_what_the_centre_has_spent() -> None:
    world, p = founded()
    p.tax_lag, spent, money = 10.0, 30e6, held_money(world)
    transfer(world.flows, STATE_CAPITAL, world.centre, world.investors[0], spent)
    state.centre_levies_taxes(world, p)
    assert booked(world, TAXES) == pytest.approx({"households": -3e6, "governments": 3e6})
    world.centre.cash += 50e6
    world.households.cash -= 50e6
    world.flows[:] = 0.0
    state.centre_levies_taxes(world, p)  # who has more than at first levies nothing
    assert booked(world, TAXES) == {}
    world.centre.cash -= 80e6
    world.households.cash, world.bank.cash = 100.0, world.bank.cash + 80e6 + world.households.cash - 100.0
    state.centre_levies_taxes(world, p)  # nobody pays what he does not have
    assert booked(world, TAXES) == {"households": -100.0, "governments": 100.0}
    assert held_money(world) == pytest.approx(money, abs=1e-1)


def test_what_is_paid_for_imports_comes_back_for_exports() -> None:
    world, p = founded()
    p.export_lag, world.abroad.cash = 10.0, 5e6
    world.households.cash -= 5e6
    trade.abroad_buys_exports(world, p)
    assert booked(world, EXPORTS) == pytest.approx({"abroad": -0.5e6, "households": 0.5e6})
    assert world.abroad.cash == pytest.approx(4.5e6)


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
    p.startup_innovation, p.startup_imitation, p.round_size, p.venture_extrapolation = 0.01, 0.4, 1e6, 0.0
    world.startups["relative_size"] = 1.0
    money, raised = held_money(world), world.startups["venture_capital"].copy()
    chance = [
        SimpleNamespace(enter=0.2 if row in lucky else 0.22, fund=1.0, round_size=0.5, stop=0.0) for row in range(12)
    ]
    ventures.startups_are_founded_and_funded(world, p, SimpleNamespace(startups=chance))  # the hazard is 0.21
    assert set(np.flatnonzero(world.startups["state"] == PRETRAINING)) == {*old, *lucky}
    assert set(np.flatnonzero(world.startups["state"] == NOT_FOUNDED)) == {2, 6, 9}
    assert (world.startups["venture_capital"] - raised) == pytest.approx(
        [1e6 if row in lucky else 0.0 for row in range(12)]
    )
    assert (world.market.venture_money, world.market.rounds) == (pytest.approx(3e6), 3.0)
    assert held_money(world) == pytest.approx(money, abs=1e-2)


def test_once_others_have_adopted_an_open_model_some_are_founded_on_it_and_never_train() -> None:
    world, p = founded(frontier_efficiency=4.0, frontier_openness=0.5, shock_exit=0.8)
    p.startup_innovation, p.startup_imitation, p.venture_extrapolation = 0.1, 0.0, 0.0
    world.startups["state"], world.market.adopters = NOT_FOUNDED, 0.25  # a tenth of those who are founded
    chance = [
        SimpleNamespace(enter=0.09, fund=1.0, round_size=0.5, stop=0.09 if row % 3 else 0.11) for row in range(12)
    ]
    ventures.startups_are_founded_and_funded(world, p, SimpleNamespace(startups=chance))
    assert list(world.startups["state"]) == [PRETRAINING, OPEN_WEIGHTS, OPEN_WEIGHTS] * 4
    assert list(world.startups["efficiency"]) == [1.0, 4.0, 4.0] * 4


def test_startups_in_business_raise_a_round_when_their_number_comes_up_and_grow_older() -> None:
    world, p = founded()
    world.startups["state"] = [PRETRAINING, OPEN_WEIGHTS, NOT_FOUNDED] * 4
    world.startups["age"], world.startups["relative_size"], world.startups["efficiency"] = 5, 2.0, 3.0
    p.funding_rate, p.round_size, p.round_spread, p.venture_extrapolation = 0.1, 1e6, 0.5, 0.0
    p.startup_innovation, p.startup_imitation = 0.0, 0.3  # two thirds have been founded: a hazard of 0.2
    world.startups["cash"], p.round_runway, p.startup_payroll = 1e6, 2.0, 1e6  # less than two months of wages for two
    world.startups["cash"][1] = 4.1e6  # and more
    raised, cash = world.startups["venture_capital"].copy(), world.startups["cash"].copy()
    chance = [
        SimpleNamespace(enter=0.19 if row == 2 else 0.21, fund=0.09 if row < 3 else 0.11, round_size=0.25, stop=1.0)
        for row in range(12)
    ]
    ventures.startups_are_founded_and_funded(world, p, SimpleNamespace(startups=chance))
    assert list(world.startups["venture_capital"] - raised) == pytest.approx([1.5e6, 0.0, 1.5e6] + [0.0] * 9)
    assert list(world.startups["cash"] - cash) == pytest.approx([1.5e6, 0.0, 1.5e6] + [0.0] * 9)
    assert list(world.startups["age"][:4]) == [6, 6, 5, 6]
    assert list(world.startups["efficiency"][:4]) == [3.0, 3.0, 1.0, 3.0]  # a newcomer works with the common model
    assert booked(world, VENTURE_FUNDING) == pytest.approx({"startups": 3e6, "households": -3e6})


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
    assert world.market.exits == 3.0


@pytest.mark.parametrize(
    ("exit", "inference", "stops", "efficiency", "serving"),
    [(0.0, 1.0, 0, 4.0, 1.0), (0.5, 1.0, 1, 4.0, 1.0), (1.0, 0.5, 2, 2.0, 0.5), (1.0, 0.0, 2, 1.0, 0.0)],
)
def test_exit_and_cheaper_inference_are_channels_of_their_own(
    exit: float, inference: float, stops: int, efficiency: float, serving: float
) -> None:
    world, p = founded(frontier_efficiency=4.0, frontier_openness=0.5, shock_exit=exit, shock_inference=inference)
    p.adoption_innovation, world.startups["state"] = 0.4, PRETRAINING
    chance = [SimpleNamespace(adopt=0.1, stop={0: 0.2, 1: 0.4}.get(row, 0.6)) for row in range(12)]
    ventures.startups_adopt(world, p, SimpleNamespace(startups=chance))
    assert (world.startups["state"] == OPEN_WEIGHTS).sum() == world.market.exits == stops
    assert (world.startups["efficiency"] == 4.0).all() and (world.startups["usual_efficiency"] == 1.0).all()
    assert (world.market.efficiency, world.market.serving, world.market.adopters) == (efficiency, serving, 1.0)


def test_behind_closed_channels_startups_adopt_what_they_would_have_without_the_release() -> None:
    usual = dict(usual_efficiency=2.0, usual_openness=0.5, usual_imitation=0.0)
    world, p = founded(frontier_efficiency=8.0, frontier_openness=0.9, shock_exit=0.0, shock_inference=0.0, **usual)
    p.adoption_innovation, world.startups["state"] = 0.4, PRETRAINING
    # 1 - 1/2 of the hazard for the usual model, 1 - 1/8 of it for the released one
    chance = [
        SimpleNamespace(adopt={0: 0.19, 1: 0.19, 2: 0.34}.get(row, 0.36), stop=0.4 + 0.2 * row) for row in range(12)
    ]
    ventures.startups_adopt(world, p, SimpleNamespace(startups=chance))
    assert list(world.startups["efficiency"][:4]) == [8.0, 8.0, 8.0, 1.0]
    assert list(world.startups["usual_efficiency"][:4]) == [2.0, 2.0, 1.0, 1.0]
    assert list(world.startups["state"][:4]) == [OPEN_WEIGHTS, PRETRAINING, PRETRAINING, PRETRAINING]
    assert (world.market.adopters, world.market.usual_adopters) == (3 / 12, 2 / 12)
    assert (world.market.efficiency, world.market.serving) == (14 / 12, 2 / 12)


def test_startups_pay_out_what_they_do_not_need_and_closing_down_is_an_exit_of_those_who_train() -> None:
    world, p = founded()
    p.startup_payroll, p.round_runway, p.startup_payout, p.startup_grace = 1e6, 10.0, 0.1, 6.0
    startups = world.startups
    startups["state"], startups["relative_size"], startups["rent_paid"] = NOT_FOUNDED, 1.0, 0.5e6
    startups["cash"], startups["age"] = 0.0, 7
    startups["state"][:3] = [OPEN_WEIGHTS, PRETRAINING, OPEN_WEIGHTS]
    startups["cash"][0] = 1e6 + 15e6 + 2e6  # wages, ten months of wages and rent, and two million more
    ventures.startups_pay_wages(world, p)
    assert startups["cash"][0] == pytest.approx(15e6 + 1.8e6)
    assert list(startups["state"][:3]) == [OPEN_WEIGHTS, DEAD, DEAD]
    assert world.market.exits == 1.0


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


def test_a_steady_rise_becomes_the_growth_signal() -> None:
    world, p = founded()
    p.growth_memory = 0.2
    for month in range(200):
        if month == 2:
            assert world.market.rent_growth == pytest.approx(0.2 * 0.02)
        beliefs.beliefs_are_formed(world, p)
        world.market.rent *= np.exp(0.02)
    assert world.market.rent_growth == pytest.approx(0.02)


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
        market_then = market.copy()
        beliefs.beliefs_are_formed(SimpleNamespace(market=market_then), p)
        assert market_then.demand_growth == pytest.approx(growth, abs=1e-12)


def test_the_growth_of_inference_in_use_is_smoothed_and_begins_with_the_first_gpu() -> None:
    market, p = filled(Market, rent=10_000), constants(demand_memory=0.25)
    for gpus, growth in ((0.0, 0.0), (100.0, 0.0), (100.0 * np.exp(0.04), 0.25 * 0.04), (0.0, 0.25 * 0.04)):
        market.inference_gpus = gpus
        beliefs.beliefs_are_formed(SimpleNamespace(market=market), p)
        assert market.inference_growth == pytest.approx(growth, abs=1e-12)
