"""Adverse selection: neutral is absent; who harvests, who checks, what is invented, and what paying on use does."""

# ruff: noqa: E501 - a case is a line, a sentence is a name

from __future__ import annotations

import math

import numpy as np
import pytest

from bubble_abm.economy.agents.operator import CANCELLED, PLANNED
from bubble_abm.economy.markets.signals import Market
from bubble_abm.economy.mechanisms import adverse_selection
from bubble_abm.economy.sponsors import NEWCOMER
from bubble_abm.engine.simulation import simulate
from bubble_abm.paper.plain import plain
from tests.economy.agents.cases import Case, check, check_with_mechanisms, given, table
from tests.economy.agents.test_investor import BROKERS, HALF_FULL, expert, novice
from tests.economy.agents.test_investor import market as rents
from tests.economy.agents.test_operator import market, site
from tests.economy.mechanisms.battery import Battery
from tests.economy.mechanisms.test_subsidy_on_use import SUBSIDISED
from tests.worlds import filled, founded, measured, project

HALF = math.log(2.0)  # strain at which lenders are half as ready as in good times
CALM, STRICT = filled(Market), filled(Market, strain=HALF)
CHECKS = given(forecast_checks=0.8, subsidy_on_use=0.0)
HALF_ON_USE = given(forecast_checks=0.8, subsidy_on_use=0.5)
NOBODY = given(**vars(BROKERS), forecast_checks=0.0, sponsor_attention=0.0)
SOMEBODY = given(**vars(BROKERS), forecast_checks=0.5, subsidy_on_use=1.0, sponsor_attention=0.0)
HARVEST = given(
    harvest_value=0.1, gaming_share=0.5, subsidy_on_use=0.0, forecast_checks=0.0, leverage=0.75, leverage_cap=0.9
)
APPLIES = given(**(SUBSIDISED | vars(HARVEST)))
SHAM = {"sham": 1, "gpus_installed": 100, "training_leased": 10, "subsidy_per_gpu": 10}
GAMES, HONEST = (given(gaming_share=share) for share in (0.5, 0.0))
CASES = [
    Case("checked_share", "nobody has a reason to", (CALM, CHECKS), 0.0),
    Case("checked_share", "lenders half as ready", (STRICT, CHECKS), 0.4),
    Case("checked_share", "who pays half on use", (CALM, HALF_ON_USE), 0.4),
    Case("checked_share", "both, one after the other", (STRICT, HALF_ON_USE), 0.6),
    Case("checked_share", "if anybody could", (STRICT, given(forecast_checks=0.0, subsidy_on_use=1.0)), 0.0),
    Case("index_of_harvest", "who wants to let looks at profit", (1.4, novice(), 0.2, CALM, HARVEST), 1.4),
    Case("index_of_harvest", "three tenths for a fifth", (1.4, novice(harvester=1), 0.2, CALM, HARVEST), 0.3 / (0.25 * 0.8)),
    Case("index_of_harvest", "without a grant two fifths are left", (1.4, novice(harvester=1), 0.0, CALM, HARVEST), 0.4),
    Case("index_of_harvest", "half as ready lenders ask for more", (1.4, novice(harvester=1), 0.0, STRICT, HARVEST), 0.4),
]  # fmt: skip
AMENDED = [
    Case("expected_utilisation", "inflated where nobody checks", (novice(), rents(utilisation=0.6), NOBODY), 0.75),
    Case("expected_utilisation", "by half where half is checked", (novice(), rents(utilisation=0.6), SOMEBODY), 0.675),
    Case("expected_utilisation", "the experienced need no check", (expert(gpus_installed=100, gpus_leased=90), rents(utilisation=0.6), SOMEBODY), 0.9),
    Case("profitability", "of a harvest, three tenths for a fifth", (novice(harvester=1), 0.2, HALF_FULL, APPLIES), 0.3 / (0.25 * 0.8)),
    Case("profitability", "with half of what is promised for use, for a quarter", (novice(harvester=1), 0.2, HALF_FULL, given(**(vars(APPLIES) | {"subsidy_on_use": 1.0}))), 0.2 / 0.25),
    Case("profitability", "half of it where half is checked", (novice(harvester=1), 0.2, HALF_FULL, given(**(vars(APPLIES) | {"subsidy_on_use": 1.0, "forecast_checks": 0.5}))), 0.1 / 0.25),
    Case("subsidy_earned", "for half of the GPUs, whoever uses them", (site(**SHAM, subsidy_promised=1_000), GAMES), 500.0),
    Case("subsidy_earned", "within the promise", (site(**SHAM, subsidy_promised=400), GAMES), 400.0),
    Case("subsidy_earned", "for use where none is invented", (site(**SHAM, subsidy_promised=1_000), HONEST), 100.0),
    Case("subsidy_earned", "nor where somebody wants to let", (site(**(SHAM | {"sham": 0}), subsidy_promised=1_000), GAMES), 100.0),
    Case("lease_pull", "nobody looks for tenants", (0.9, 1.0, site(rent=5, sham=1), market(rent=5), given(lemons_discount=0.4, rent_sensitivity=2.0)), 0.0),
    Case("lease_pull", "others do", (0.9, 1.0, site(rent=5), market(rent=5), given(lemons_discount=0.4, rent_sensitivity=2.0)), 0.9),
]  # fmt: skip


@table(CASES)
def test_harvests_and_checks_are_worked_out_by_hand(case: Case) -> None:
    check(case)


@table(AMENDED)
def test_decisions_change_with_checks_and_harvesters_as_worked_out_by_hand(case: Case) -> None:
    check_with_mechanisms(case)


HARVESTERS = {"harvester_share": 0.3, "gaming_share": 0.0}


class TestAdverseSelection(Battery):
    mechanism = adverse_selection
    active = HARVESTERS | {"forecast_checks": 0.3}
    sign = ("projects_bankrupt", 30, 1.0)  # what nobody lets fails


def test_harvesters_are_newcomers_who_mean_to_build() -> None:
    world, _ = founded(plain(investors=2_000, startups=12, smugglers=3, incumbents=3, harvester_share=0.3))
    harvesters = world.investors["harvester"] == 1
    newcomers = world.investors["sponsor"] == NEWCOMER
    assert 0.26 < harvesters.sum() / newcomers.sum() < 0.34
    assert newcomers[harvesters].all() and (world.investors["earnest"][harvesters] == 1).all()
    fewer, _ = founded(plain(investors=2_000, startups=12, smugglers=3, incumbents=3, harvester_share=0.1))
    assert harvesters[fewer.investors["harvester"] == 1].all()  # the same ones
    assert (fewer.investors["earnest"] <= world.investors["earnest"]).all()


def test_what_a_harvester_announces_is_a_sham_and_is_counted_for_good() -> None:
    world, p = founded()
    world.market.month = 7
    sites = [project(world, number, stage=PLANNED, month_announced=month) for number, month in enumerate((7, 7, 6))]
    for number in (0, 2):
        world.investors[sites[number].announcer].harvester = 1
    adverse_selection.harvesters_announce_shams(world, p)
    assert [operator.sham for operator in sites] == [1, 0, 0]
    sites[0].stage = CANCELLED
    assert measured(world, p).projects_of_harvesters == 1


def test_the_honest_share_of_applicants_falls_over_the_boom_and_paying_on_use_answers() -> None:
    honest = {}
    for on_use in (0.0, 1.0):
        runs = [simulate(plain(**HARVESTERS, subsidy_on_use=on_use), months=24, seed=seed) for seed in range(1, 7)]
        shams, all_of_them = (
            np.array([run.series[name].to_numpy()[[0, 11, 23]] for run in runs])
            for name in ("projects_of_harvesters", "projects_announced")
        )
        honest[on_use] = (1.0 - np.diff(shams) / np.diff(all_of_them)).mean(axis=0)
    assert honest[0.0][0] > honest[0.0][1] + 0.03
    assert honest[1.0] == pytest.approx([1.0, 1.0])
