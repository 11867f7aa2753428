"""Enterprises: neutral is absent; who they are, what they need, where they lease it first, and who pays."""

# ruff: noqa: E501 - a case is a line, a sentence is a name

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from bubble_abm.economy.agents.investor import InvestorRow
from bubble_abm.economy.audit import audit_leases
from bubble_abm.economy.ledger import RENT
from bubble_abm.economy.markets import leasing
from bubble_abm.economy.markets.leasing import ENTERPRISE, TRAINING
from bubble_abm.economy.markets.signals import Market
from bubble_abm.economy.mechanisms import enterprises
from bubble_abm.economy.sponsors import NEWCOMER
from bubble_abm.economy.world import empty_records
from bubble_abm.engine.simulation import simulate
from bubble_abm.paper.plain import plain
from tests.economy.agents.cases import Case, check, check_with_mechanisms, given, table
from tests.economy.markets.test_leasing import RENT_NOW, leases, market_of, site_of
from tests.economy.mechanisms.battery import SEEDS, Battery
from tests.worlds import OWNERS, booked, filled, founded, held_money

NEED = given(enterprise_need=0.5)
QUARTER = given(enterprise_lot=0.25)
CASES = [
    Case("compute_needed", "half of what it has in mind", (filled(InvestorRow, gpus_intended=80, news_needed=1), filled(Market, news=1), NEED), 40.0),
    Case("compute_needed", "nothing before it has heard", (filled(InvestorRow, gpus_intended=80, news_needed=1.1), filled(Market, news=1), NEED), 0.0),
    Case("lot_taken", "what it lacks", (30.0, 90.0, 40.0, QUARTER), 30.0),
    Case("lot_taken", "as far as it is free", (30.0, 10.0, 40.0, QUARTER), 10.0),
    Case("lot_taken", "no less than a quarter", (30.0, 9.9, 40.0, QUARTER), 0.0),
    Case("lot_taken", "not for the last bit either", (9.9, 90.0, 40.0, QUARTER), 0.0),
    Case("lot_taken", "nothing when it has enough", (-1.0, 90.0, 40.0, QUARTER), 0.0),
    Case("lot_taken", "nothing for who needs nothing", (0.0, 90.0, 0.0, QUARTER), 0.0),
]  # fmt: skip

OWN_USE = given(
    broker_bias=0.1, believed_utilisation=0.95, sponsor_attention=0.0, forecast_checks=0.0, enterprise_need=0.7
)
ALL_OF_IT = given(
    broker_bias=0.1, believed_utilisation=0.95, sponsor_attention=0.0, forecast_checks=0.0, enterprise_need=2.0
)
AMENDED = [
    Case("expected_utilisation", "what it needs itself", (filled(InvestorRow, enterprise=1), filled(Market, utilisation=0.5), OWN_USE), 0.7),
    Case("expected_utilisation", "or what others let, if that is more", (filled(InvestorRow, enterprise=1), filled(Market, utilisation=0.8), OWN_USE), 0.88),
    Case("expected_utilisation", "no more than anybody believes", (filled(InvestorRow, enterprise=1), filled(Market, utilisation=0.5), ALL_OF_IT), 0.95),
    Case("expected_utilisation", "others have no need of their own", (filled(InvestorRow), filled(Market, utilisation=0.5), OWN_USE), 0.55),
]  # fmt: skip


@table(AMENDED)
def test_they_count_on_their_own_use_as_worked_out_by_hand(case: Case) -> None:
    check_with_mechanisms(case)


@table(CASES)
def test_enterprises_decide_as_worked_out_by_hand(case: Case) -> None:
    check(case)


class TestEnterprises(Battery):
    mechanism = enterprises
    active = {"enterprise_share": 0.1}
    sign = ("rent_per_server", 12, 1.0)  # they compete with model makers


@pytest.mark.whole_runs
def test_they_rent_first_and_move_to_sites_of_their_own_in_2025() -> None:
    runs = [simulate(plain(enterprise_share=0.1), seed=seed).series for seed in SEEDS]
    for run in runs:
        own = run["gpus_self_served"] / run["gpus_of_enterprises"]
        assert (run["gpus_self_served"] <= run["gpus_of_enterprises"] * (1 + 1e-12)).all()
        assert run["gpus_of_enterprises"].iloc[18] > 1_000
        assert own.iloc[:12].max() < 0.02
        assert own.iloc[35] > own.iloc[23]
    assert np.median([run["gpus_self_served"].iloc[35] for run in runs]) > 3_000


def test_they_are_listed_newcomers_who_are_no_shells_and_the_more_the_larger_the_share() -> None:
    size = {"investors": 2_000, "startups": 12, "smugglers": 3, "incumbents": 3, "non_user_share": 0.2}
    world, _ = founded(plain(**size, enterprise_share=0.3))
    they = world.investors["enterprise"] == 1
    listed = (world.investors["sponsor"] == NEWCOMER) & (world.investors["deep_pocket"] == 1)
    others = listed & (world.investors["shell"] == 0)
    assert others[they].all()
    assert 0.25 < they.sum() / others.sum() < 0.35
    fewer, _ = founded(plain(**size, enterprise_share=0.1))
    assert they[fewer.investors["enterprise"] == 1].all()
    none, _ = founded(plain(**size))
    assert not none.investors["enterprise"].any()


def in_need(own: float, other: float) -> tuple[Any, Any, Any]:
    """An enterprise that needs 40 GPUs and owns the first of two sites, with so many free in each."""
    world, p = market_of([100.0, 200.0], training_leased=[100.0 - own, 200.0 - other])
    p.enterprise_share, p.enterprise_need, p.enterprise_term, p.enterprise_lot = 0.3, 0.5, 12.0, 0.25
    world.investors["enterprise"] = 0
    world.market.news = 1.0
    one = world.investors[OWNERS[0]]
    one.enterprise, one.gpus_intended, one.news_needed = 1, 80.0, 0.5
    return world, p, one


@pytest.mark.parametrize(
    ("own", "other", "expected"),
    [
        (60.0, 90.0, [(0, 40.0)]),
        (25.0, 90.0, [(0, 25.0), (1, 15.0)]),
        (5.0, 90.0, [(1, 40.0)]),
        (35.0, 90.0, [(0, 35.0)]),
        (0.0, 8.0, []),
    ],
)
def test_their_own_site_comes_first_and_the_rest_is_rented_where_most_is_free(
    own: float, other: float, expected: list
) -> None:
    world, p, one = in_need(own, other)
    for _ in range(2):
        enterprises.enterprises_serve_themselves(world, p)
    rows = {site_of(world, number).row: number for number in (0, 1)}
    assert [(rows[lease.operator], lease.gpus) for lease in leases(world)] == expected
    assert one.compute_leased == sum(gpus for _, gpus in expected)
    assert world.market.gpus_of_enterprises == one.compute_leased
    assert world.market.gpus_self_served == sum(gpus for number, gpus in expected if number == 0)
    for lease in leases(world):
        assert (lease.tenant, lease.tenant_kind, lease.use, lease.months_left) == (OWNERS[0], ENTERPRISE, TRAINING, 12)


def test_their_compute_counts_as_training_and_their_shareholders_pay() -> None:
    world, p, one = in_need(60.0, 90.0)
    enterprises.enterprises_serve_themselves(world, p)
    money = held_money(world)
    leasing.tenants_pay_rent(world, p)
    assert booked(world, RENT) == {"operators": 40 * RENT_NOW, "households": -40 * RENT_NOW}
    assert held_money(world) == pytest.approx(money, abs=1e-3)
    leasing.contracts_are_averaged(world)
    assert (world.market.training_gpus, world.market.inference_gpus, world.market.gpus_unused) == (40.0, 0.0, 0.0)
    residuals = empty_records(1).residuals[0]
    audit_leases(world, residuals)
    assert residuals.leases_of_tenants == 0.0
    one.compute_leased += 3.0
    audit_leases(world, residuals)
    assert residuals.leases_of_tenants == 3.0


def test_a_dear_lease_runs_out_and_a_site_without_chips_for_training_is_passed_over() -> None:
    world, p, one = in_need(60.0, 90.0)
    site_of(world, 0).training_chips = 0.0
    enterprises.enterprises_serve_themselves(world, p)
    assert [lease.operator for lease in leases(world)] == [site_of(world, 1).row]
    world.market.prime_rent = world.market.secondary_rent = 1.0
    for _ in range(11):
        leasing.leases_end(world, p)
        assert one.compute_leased == 40.0
    leasing.leases_end(world, p)
    assert (one.compute_leased, world.lease_count[0]) == (0.0, 0)
