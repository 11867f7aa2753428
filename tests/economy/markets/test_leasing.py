"""The leasing market: sharing demand out, laying leases, ending and breaking them, paying, quoting rents."""

# ruff: noqa: E501 - a case is a line, a sentence is a name

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bubble_abm.economy.agents.operator import (
    IDLE,
    OPERATING,
    SECONDARY,
    gpus_leased,
    next_rent,
    reservation_rent,
)
from bubble_abm.economy.agents.startup import DEAD, OPEN_WEIGHTS, PRETRAINING
from bubble_abm.economy.ledger import PENALTIES, RENT, SALES, STARTUPS
from bubble_abm.economy.markets import leasing
from bubble_abm.economy.markets.leasing import CRUMB, INFERENCE, TRAINING
from tests.worlds import ROWS, SCATTERED, SMALL, TENANTS, founded, held_money, project

RENT_NOW = 1_000.0


def market_of(sizes: list[float], wanted: list[float] = (), **columns: list[float]) -> tuple[Any, Any]:
    """A world with these open sites, all alike unless said otherwise, and startups that want so much training."""
    world, p = founded(SCATTERED)
    p.rent_sensitivity, p.lemons_discount = 4.0, 0.35
    world.operators["stage"] = 0
    world.operators["incumbent"] = 0
    world.market.rent = world.market.prime_rent = world.market.secondary_rent = RENT_NOW
    alike = {"stage": OPERATING, "rent": RENT_NOW, "training_suitability": 1.0, "inference_suitability": 1.0}
    for number, size in enumerate(sizes):
        mine = {name: values[number] for name, values in columns.items()}
        project(world, number, **(alike | {"gpus_installed": size} | mine))
    world.startups["state"] = 0
    for number, gpus in enumerate(wanted):
        startup = tenant_of(world, number)
        startup.state, startup.gpus_wanted_training, startup.lease_term = PRETRAINING, gpus, 6
        world.households.cash -= 1e9
        startup.cash += 1e9
    return world, p


def site_of(world: Any, number: int) -> Any:
    return world.operators[ROWS[number]]


def tenant_of(world: Any, number: int) -> Any:
    return world.startups[TENANTS[number]]


def share_out(world: Any, p: Any, training: float, inference: float = 0.0) -> tuple[list[float], list[float], float]:
    """New leases of the sites by use, and what nobody could take."""
    sites = leasing.list_open_sites(world, p)
    left = sum(leasing.share_out(world, sites, training, inference))
    rows = [site_of(world, number) for number in range((world.operators["stage"] == OPERATING).sum())]
    return [row.training_offered for row in rows], [row.inference_offered for row in rows], left


def leases(world: Any) -> Any:
    return world.leases[: world.lease_count[0]]


# --- Sharing out ---------------------------------------------------------------------------------------------------------


def test_equal_sites_get_equal_shares() -> None:
    world, p = market_of([100.0] * 4)
    training, _, left = share_out(world, p, 200.0)
    assert training == pytest.approx([50.0] * 4)
    assert left == 0.0


def test_shares_go_by_free_capacity_among_sites_otherwise_alike() -> None:
    world, p = market_of([300.0, 100.0], training_leased=[0.0, 0.0])
    assert share_out(world, p, 100.0)[0] == pytest.approx([75.0, 25.0])
    site_of(world, 0).training_leased = 200.0
    assert share_out(world, p, 100.0)[0] == pytest.approx([50.0, 50.0])


def test_two_sites_share_by_fitness_and_rent_in_closed_form() -> None:
    world, p = market_of([1e6, 1e6], rent=[RENT_NOW, 2 * RENT_NOW], training_suitability=[0.5, 1.0])
    p.rent_sensitivity = 2.0
    training, _, _ = share_out(world, p, 300.0)
    assert training == pytest.approx([200.0, 100.0])  # 0.5 against 1 / 2 ** 2


def test_secondary_sites_are_shunned_beyond_their_rent() -> None:
    world, p = market_of([1e6, 1e6], quality=[0, SECONDARY])
    p.lemons_discount = 0.75
    assert share_out(world, p, 500.0)[0] == pytest.approx([400.0, 100.0])


def test_sites_that_nobody_wants_get_nothing_and_break_nothing() -> None:
    world, p = market_of([100.0], quality=[SECONDARY])
    p.lemons_discount = 1.0
    assert share_out(world, p, 50.0, 50.0) == ([0.0], [0.0], 100.0)


def test_what_a_full_site_cannot_take_is_offered_to_the_others() -> None:
    world, p = market_of([10.0, 1_000.0], training_suitability=[1.0, 0.01])
    training, _, left = share_out(world, p, 100.0)
    assert training == pytest.approx([10.0, 90.0], abs=2 * CRUMB)
    assert left < CRUMB


def test_both_uses_compete_for_the_same_free_chips() -> None:
    world, p = market_of([90.0])
    training, inference, left = share_out(world, p, 120.0, 60.0)
    assert (training, inference) == (pytest.approx([60.0]), pytest.approx([30.0]))
    assert left == pytest.approx(90.0)


SITE = st.tuples(
    st.floats(0.1, 5_000), st.floats(0.1, 1), st.floats(0.016, 1), st.floats(300, 3_000), st.integers(0, 1)
)


@given(st.lists(SITE, min_size=1, max_size=30), st.floats(0, 20_000), st.floats(0, 20_000))
def test_no_site_is_overfilled_and_nothing_is_let_twice(sites: list[tuple], training: float, inference: float) -> None:
    sizes, fit_training, fit_inference, rents, quality = (list(column) for column in zip(*sites, strict=True))
    world, p = market_of(
        sizes, training_suitability=fit_training, inference_suitability=fit_inference, rent=rents, quality=quality
    )
    for_training, for_inference, left = share_out(world, p, training, inference)
    let = sum(for_training) + sum(for_inference)
    assert let + left == pytest.approx(training + inference, abs=1e-6)
    assert sum(for_training) <= training + 1e-6
    assert sum(for_inference) <= inference + 1e-6
    for one, other, size in zip(for_training, for_inference, sizes, strict=True):
        assert one >= 0.0
        assert other >= 0.0
        assert one + other <= size * (1 + 1e-9)


@given(st.lists(st.floats(10, 5_000), min_size=1, max_size=30), st.floats(0.0, 3.0))
def test_sites_alike_in_all_but_size_meet_all_demand_or_are_all_full(sizes: list[float], tightness: float) -> None:
    world, p = market_of(sizes)
    demand = tightness * sum(sizes)
    training, _, left = share_out(world, p, demand)
    assert sum(training) == pytest.approx(min(demand, sum(sizes)), abs=0.1)
    assert left == pytest.approx(max(demand - sum(sizes), 0.0), abs=0.1)


@given(st.lists(SITE, min_size=2, max_size=30), st.floats(1.5, 20))
def test_where_demand_exceeds_supply_many_times_everything_is_let(sites: list[tuple], excess: float) -> None:
    sizes, fit, _, _, _ = (list(column) for column in zip(*sites, strict=True))
    world, p = market_of(sizes, training_suitability=fit)
    worst = min(fit)  # in the first pass the least fit site wins at least that share of what it would take
    training, _, _ = share_out(world, p, excess * sum(sizes) / worst)
    assert sum(training) == pytest.approx(sum(sizes), rel=1e-9)


# --- Laying leases ----------------------------------------------------------------------------------------------------------


@given(
    st.lists(SITE, min_size=1, max_size=30),
    st.lists(st.floats(0, 3_000), min_size=1, max_size=12),
    st.lists(st.floats(0, 3_000), min_size=5, max_size=5),
    st.integers(0, 600),
)
def test_leases_add_up_to_what_tenants_want_and_operators_offer(
    sites: list, wanted: list, overflow: list, month: int
) -> None:
    sizes, fit_training, fit_inference, rents, quality = (list(column) for column in zip(*sites, strict=True))
    world, p = market_of(
        sizes,
        wanted,
        training_suitability=fit_training,
        inference_suitability=fit_inference,
        rent=rents,
        quality=quality,
    )
    world.platforms["gpus_wanted"] = overflow
    world.platforms["lease_term"] = 9
    world.market.month = month
    leasing.tenants_and_operators_match(world, p)
    table = leases(world)
    for row, operator in enumerate(world.operators):
        mine = table[table["operator"] == row]
        assert mine["gpus"][mine["use"] == TRAINING].sum() == pytest.approx(operator.training_leased, abs=1e-9)
        assert mine["gpus"][mine["use"] == INFERENCE].sum() == pytest.approx(operator.inference_leased, abs=1e-9)
        assert operator.training_leased <= operator.training_offered + 1e-9
        assert operator.inference_leased <= operator.inference_offered + 1e-9
        assert gpus_leased(operator) <= operator.gpus_installed + 1e-9
        assert (mine["rent"] == operator.rent).all()
    for row, startup in enumerate(world.startups):
        mine = table[(table["tenant"] == row) & (table["tenant_kind"] == 0)]
        assert mine["gpus"].sum() == pytest.approx(startup.training_leased + startup.inference_leased, abs=1e-9)
        assert startup.training_leased <= startup.gpus_wanted_training + 1e-9
    for row, platform in enumerate(world.platforms):
        mine = table[(table["tenant"] == row) & (table["tenant_kind"] == 1)]
        assert mine["gpus"].sum() == pytest.approx(platform.inference_leased, abs=1e-9)
        assert platform.inference_leased <= platform.gpus_wanted + 1e-9
    offered = world.operators["training_offered"].sum() + world.operators["inference_offered"].sum()
    crumbs = CRUMB * (len(sizes) + len(wanted) + 10)
    assert offered - crumbs <= table["gpus"].sum() <= offered + 1e-6
    assert (table["gpus"] >= CRUMB).all()


def test_rationed_tenants_are_served_in_proportion() -> None:
    world, p = market_of([60.0], [40.0, 80.0])
    leasing.tenants_and_operators_match(world, p)
    assert [tenant_of(world, number).training_leased for number in (0, 1)] == pytest.approx([20.0, 40.0])


def test_without_a_patron_nobody_rents_at_fifty_times_the_rent() -> None:
    world, p = market_of([100.0, 100.0], [60.0], rent=[RENT_NOW, 50 * RENT_NOW])
    leasing.tenants_and_operators_match(world, p)
    assert site_of(world, 1).training_leased < CRUMB


# --- Leases end --------------------------------------------------------------------------------------------------------------


def let(
    world: Any,
    gpus: float,
    *,
    rent: float = RENT_NOW,
    months: int = 6,
    use: int = TRAINING,
    tenant: int = 0,
    site: int = 0,
    tenant_kind: int = 0,
) -> None:
    operator = site_of(world, site)
    posted, operator.rent = operator.rent, rent
    leasing.sign(world, operator, tenant if tenant_kind else TENANTS[tenant], tenant_kind, use, gpus, months)
    operator.rent = posted


def test_a_lease_lasts_its_months_and_frees_the_chips() -> None:
    world, p = market_of([100.0], [0.0])
    tenant_of(world, 0).gpus_wanted_training = 40.0
    let(world, 40.0, months=3)
    for left in (2, 1):
        leasing.leases_end(world, p)
        assert list(leases(world)["months_left"]) == [left]
        assert site_of(world, 0).training_leased == 40
    leasing.leases_end(world, p)
    assert world.lease_count[0] == 0
    assert site_of(world, 0).training_leased == tenant_of(world, 0).training_leased == 0
    assert world.market.lease_cancellations == 0


def test_a_tenant_who_needs_less_breaks_off_half_of_the_gap_at_the_penalty() -> None:
    world, p = market_of([100.0], [0.0])
    p.break_penalty = 2.0
    let(world, 80.0, months=10)
    tenant_of(world, 0).training_cut = 0.25
    money = held_money(world)
    leasing.leases_end(world, p)
    assert site_of(world, 0).training_leased == pytest.approx(60.0)
    assert world.market.lease_cancellations == world.market.leases_broken == pytest.approx(20.0)
    assert world.flows[PENALTIES, STARTUPS] == pytest.approx(-20 * RENT_NOW * 2)
    assert held_money(world) == pytest.approx(money, abs=1e-3)


def test_the_penalty_is_no_more_than_the_rent_left_and_than_the_tenants_cash() -> None:
    world, p = market_of([100.0], [0.0])
    p.break_penalty = 5.0
    let(world, 80.0, months=3)
    tenant_of(world, 0).training_cut = 0.5
    leasing.leases_end(world, p)  # two months are left
    assert world.flows[PENALTIES, STARTUPS] == pytest.approx(-40 * RENT_NOW * 2)
    world.households.cash += tenant_of(world, 0).cash - 7.0
    tenant_of(world, 0).cash = 7.0
    tenant_of(world, 0).training_cut = 1.0
    world.flows[:] = 0.0
    leasing.leases_end(world, p)
    assert world.flows[PENALTIES, STARTUPS] == pytest.approx(-7.0)
    assert world.lease_count[0] == 0


def test_leases_end_with_a_closed_site_and_with_a_dead_tenant() -> None:
    world, p = market_of([100.0, 100.0], [0.0, 0.0])
    let(world, 10.0, tenant=0, site=0)
    let(world, 20.0, tenant=1, site=0)
    let(world, 30.0, tenant=1, site=1)
    let(world, 50.0, tenant=0, site=1)
    let(world, 40.0, tenant=2, site=1, tenant_kind=1, use=INFERENCE)
    site_of(world, 0).stage = IDLE
    tenant_of(world, 1).state = DEAD
    leasing.leases_of_the_ended_end(world)
    assert list(leases(world)["gpus"]) == [0.0, 0.0, 0.0, 50.0, 40.0]
    assert (gpus_leased(site_of(world, 0)), gpus_leased(site_of(world, 1))) == (0, 90)
    assert tenant_of(world, 0).training_leased == world.startups["training_leased"].sum() == 50
    assert world.platforms[2].inference_leased == 40
    assert world.market.lease_cancellations == 60
    assert (world.market.leases_closed, world.market.leases_of_the_dead, world.market.leases_broken) == (30, 30, 0)
    leasing.leases_end(world, p)
    assert list(leases(world)["gpus"]) == [50.0, 40.0]
    assert world.market.lease_cancellations == 60


# --- Rent ------------------------------------------------------------------------------------------------------------------------


def test_rent_is_paid_as_far_as_the_tenants_cash_goes_and_users_pay_for_inference() -> None:
    world, p = market_of([100.0, 100.0], [0.0], revenue=[999.0, 777.0])
    world.households.cash += tenant_of(world, 0).cash - 5_000.0
    tenant_of(world, 0).cash = 5_000.0
    let(world, 10.0, use=TRAINING)  # 10 000 due, 5 000 there
    let(world, 8.0, use=INFERENCE)  # 8 000 due, users pay 10 000
    let(world, 4.0, use=INFERENCE, tenant=1, tenant_kind=1)  # 4 000 passed on
    money, cash = held_money(world), site_of(world, 0).cash
    leasing.tenants_pay_rent(world, p)
    assert site_of(world, 0).revenue == site_of(world, 0).cash - cash == 5_000 + 8_000 + 4_000
    assert site_of(world, 1).revenue == 0
    assert world.market.rent_recognised == 17_000
    assert world.market.contracts_signed == 6 * 22_000
    assert tenant_of(world, 0).cash == 2_000
    assert world.flows[SALES].sum() == world.flows[RENT].sum() == 0.0
    assert held_money(world) == pytest.approx(money, abs=1e-3)


def test_rents_are_posted_by_what_each_site_and_its_owner_can_bear() -> None:
    world, p = market_of([100.0, 100.0], rent=[900.0, 1_100.0], patient=[1, 0], running_cost=[200.0, 300.0])
    world.market.replacement_rent = 5_000.0
    world.investors["cash"] = 0.0
    for site in (site_of(world, 0), site_of(world, 1)):
        site.gpus_planned, site.debt, site.principal, site.cash = 100.0, 1e6, 50_000.0, 100_000.0
        world.investors[site.owner].cash = 200_000.0
    expected = []
    for site, purse in ((site_of(world, 0), 200_000.0), (site_of(world, 1), 0.0)):
        site.reservation_rent = reservation_rent(site, purse, world.market, p)
        expected.append((site.reservation_rent, next_rent(site, world.market, p)))
        assert site.reservation_rent != reservation_rent(site, 200_000.0 - purse, world.market, p)
        site.reservation_rent = 0.0
    leasing.operators_post_rents(world, p)
    assert [(site.reservation_rent, site.rent) for site in (site_of(world, 0), site_of(world, 1))] == expected


def test_indices_are_weighted_by_what_is_let() -> None:
    world, p = market_of([100.0, 100.0, 100.0], [0.0], rent=[1_000.0, 2_000.0, 400.0], quality=[0, 0, SECONDARY])
    let(world, 30.0, site=0, rent=700.0)
    let(world, 10.0, site=1, rent=900.0, use=INFERENCE)
    let(world, 60.0, site=2, rent=500.0)
    leasing.rents_are_quoted(world, p)
    market = world.market
    assert market.prime_rent == pytest.approx(1_250.0)
    assert market.secondary_rent == pytest.approx(400.0)
    assert market.rent == pytest.approx(740.0)
    assert market.contract_rent == pytest.approx((30 * 700 + 10 * 900 + 60 * 500) / 100)
    assert (market.training_gpus, market.inference_gpus) == (90, 10)


def test_an_index_without_leases_stays_and_secondary_sites_follow_the_prime_ones() -> None:
    world, p = market_of([100.0], [0.0], rent=[1_234.0])
    world.market.replacement_rent = 2.0 * RENT_NOW
    leasing.rents_are_quoted(world, p)
    assert world.market.rent == RENT_NOW
    let(world, 30.0)
    leasing.rents_are_quoted(world, p)
    assert world.market.secondary_rent == world.market.prime_rent == world.market.rent == 1_234.0


def test_an_index_without_leases_is_not_above_what_compute_costs_abroad() -> None:
    """Nobody lets at home, and chips have become cheap."""
    world, p = market_of([100.0], [0.0])
    world.market.replacement_rent, world.market.prime_rent = 0.05 * RENT_NOW, 0.3 * RENT_NOW
    leasing.rents_are_quoted(world, p)
    assert world.market.rent == p.rent_abroad * 0.05 * RENT_NOW
    assert world.market.prime_rent == world.market.secondary_rent == 0.3 * RENT_NOW


def test_tenants_want_what_the_pool_of_inference_and_their_weight_give_them() -> None:
    world, p = market_of([100.0], [0.0, 0.0])
    p.platform_share, p.inference_base, p.inference_trend, p.first_rent = 0.25, 1_000.0, 0.0, RENT_NOW
    world.startups["relative_size"] = 1.0
    tenant_of(world, 1).state = OPEN_WEIGHTS
    p.contract_length = 10.0
    draws = SimpleNamespace(startups=[SimpleNamespace(term=row / 10) for row in range(len(world.startups))])
    leasing.tenants_want_compute(world, p, draws)
    assert [tenant_of(world, number).lease_term for number in (0, 1)] == [5 + row for row in TENANTS[:2]]
    assert [tenant_of(world, number).gpus_wanted_inference for number in (0, 1)] == pytest.approx([187.5, 562.5])
    assert world.platforms["gpus_wanted"].sum() == pytest.approx(250.0)
    assert world.market.demand == pytest.approx(1_000.0 + world.startups["gpus_wanted_training"].sum())


def test_there_is_room_for_every_lease_that_a_month_can_sign() -> None:
    world, _ = founded(SMALL)
    tenants = len(world.startups) + len(world.platforms)
    a_month = 2 * (tenants + len(world.operators)) + 2 * len(world.startups) + len(world.platforms)
    assert len(world.leases) >= 27 * a_month
