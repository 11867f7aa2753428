"""Opaque contracts: neutral is absent; one rent, what is promised and delivered, who leaves, who insists on a name."""

# ruff: noqa: E501 - a case is a line, a sentence is a name

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from bubble_abm.economy.agents.operator import gpus_leased
from bubble_abm.economy.ledger import PENALTIES
from bubble_abm.economy.markets import leasing
from bubble_abm.economy.markets.leasing import INFERENCE, SHELL, TRAINING, Lease
from bubble_abm.economy.mechanisms import opaque_contracts
from bubble_abm.engine.simulation import simulate
from bubble_abm.paper.plain import plain
from tests.economy.agents.cases import Case, check, check_with_mechanisms, given, table
from tests.economy.agents.test_operator import market, site
from tests.economy.markets.test_leasing import RENT_NOW, leases, let, market_of, site_of, tenant_of
from tests.economy.mechanisms.battery import Battery
from tests.worlds import booked, filled, with_mechanisms


def promised(months: int, share: float, paid_ahead: float = 0.0) -> Any:
    return filled(Lease, months_left=months, promised=share, paid_ahead=paid_ahead, rent=1_000.0)


H20 = site(
    training_chips=0.15, inference_chips=0.9, best_chips=0.9, training_suitability=0.6, inference_suitability=0.4
)
TWO = given(break_penalty=2.0, contract_penalty=0.0)
SQUARE = given(rent_sensitivity=2.0, lemons_discount=0.4)
CASES = [
    Case("quality_in_use", "a sixth of the chip, six tenths of the skill", (H20, TRAINING), 0.1),
    Case("quality_in_use", "all of the chip, far from the users", (H20, INFERENCE), 0.4),
    Case("is_disappointed", "half of six months is more than two", (promised(6, 0.8), 0.4, TWO), True),
    Case("is_disappointed", "a third is not", (promised(6, 0.9), 0.6, TWO), False),
    Case("is_disappointed", "nor half of three months", (promised(3, 0.8), 0.4, TWO), False),
    Case("is_disappointed", "what was paid in advance cannot be saved", (promised(6, 0.8, 0.5), 0.4, TWO), False),
    Case("is_disappointed", "more than was promised disappoints nobody", (promised(6, 0.5), 0.9, given(break_penalty=0.0)), False),
    Case("wary_tenants", "nobody while a petaflop is one", (market(),), 0.0),
    Case("wary_tenants", "four in ten who need more than six tenths", (market(shortfall=0.4),), 0.4),
    Case("wary_tenants", "all", (market(shortfall=1.0),), 1.0),
]  # fmt: skip
AMENDED = [
    Case("lease_pull", "by repute and petaflops, not by fitness or chips", (0.9, 0.1, site(opaque=1, rent=10, best_chips=1.0), market(rent=10, shortfall=0.4), SQUARE), 0.6),
    Case("lease_pull", "not shunned: nobody knows", (0.9, 1.0, site(opaque=1, rent=10, quality=1), market(rent=10, shortfall=0.4), SQUARE), 0.6),
    Case("lease_pull", "by the rent of a petaflop", (0.9, 1.0, site(opaque=1, rent=10, best_chips=0.5), market(rent=10, shortfall=0.4), SQUARE), 0.6 * 0.5 / 4),
    Case("lease_pull", "who names its chips is judged by them", (0.9, 1.0, site(rent=10), market(rent=10, shortfall=0.4), SQUARE), 0.9),
]  # fmt: skip


@table(CASES)
def test_disappointment_is_worked_out_by_hand(case: Case) -> None:
    check(case)


@table(AMENDED)
def test_what_draws_tenants_is_worked_out_by_hand(case: Case) -> None:
    check_with_mechanisms(case)


class TestOpaqueContracts(Battery):
    mechanism = opaque_contracts
    active = {"opaque_share": 0.5}
    sign = ("leases_broken", 0, 1.0)


@pytest.mark.whole_runs
def test_use_falls_and_break_offs_grow_with_the_share_and_learning_saves_tenants_from_some() -> None:
    def sums(measure: str, **values: float) -> np.ndarray:
        return np.array([simulate(plain(**values), seed=seed).series[measure].sum() for seed in range(1, 9)])

    shares = (0.0, 0.4, 0.8)
    used = [sums("gpus_leased", opaque_share=share) for share in shares]
    broken = [sums("leases_broken", opaque_share=share) for share in shares]
    assert (used[0] > used[1]).all() and (used[1] > used[2]).all()
    assert (broken[0] < broken[1]).all() and (broken[1] < broken[2]).all()
    assert (sums("leases_broken", opaque_share=0.4, opaque_learning=0) > broken[1]).all()


def pool(**columns: list[float]) -> tuple[Any, Any]:
    """A site that names its chips, and two that let petaflops, of which the second is fit for nothing."""
    world, p = market_of([100.0] * 3, [0.0], opaque=[0, 1, 1], training_suitability=[1.0, 1.0, 0.1], **columns)
    p.opaque_share, p.opaque_learning, p.break_penalty, p.contract_penalty = 0.5, 0.5, 2.0, 0.0
    world.market.petaflop_rent = RENT_NOW
    return world, p


def test_a_share_of_the_sites_that_open_lets_petaflops_the_same_in_both_worlds() -> None:
    world, p = market_of([100.0] * 30)
    world.market.month = 5
    world.operators["month_opened"] = 5
    luck = SimpleNamespace(seed=[1])
    chosen = []
    assert world.market.petaflop_rent == 0.0
    for share in (0.3, 0.6, 0.0):
        p.opaque_share = share
        opaque_contracts.sites_choose_contracts(world, p, luck)
        chosen.append(world.operators["opaque"].astype(bool).copy())
    assert 0 < chosen[0].sum() < chosen[1].sum() < 30
    assert chosen[1][chosen[0]].all() and (chosen[2] == chosen[1]).all()
    assert world.market.petaflop_rent == RENT_NOW
    world.operators["month_opened"] = 4
    p.opaque_share = 1.0
    opaque_contracts.sites_choose_contracts(world, p, luck)
    assert (world.operators["opaque"].astype(bool) == chosen[1]).all()  # only when they open


def test_who_joins_them_asks_what_they_ask() -> None:
    world, p = pool(rent=[5_000.0, 1_000.0, 2_000.0])
    p.opaque_share, world.market.month, world.market.petaflop_rent = 1.0, 5, 3_000.0
    site_of(world, 0).month_opened, site_of(world, 0).best_chips = 5, 0.6
    opaque_contracts.sites_choose_contracts(world, p, SimpleNamespace(seed=[1]))
    assert [site_of(world, number).rent for number in range(3)] == pytest.approx([1_800.0, 1_000.0, 2_000.0])


def test_petaflops_have_the_average_rent_but_nobody_lets_below_what_it_accepts() -> None:
    world, p = pool(rent=[5_000.0, 1_000.0, 2_000.0])
    site_of(world, 2).gpus_installed = 300.0
    site_of(world, 2).best_chips = 0.5
    site_of(world, 1).reservation_rent, site_of(world, 2).reservation_rent = 3_000.0, 10.0
    opaque_contracts.petaflops_have_one_rent(world, p)
    average = (100 * 1_000 + 300 * 2_000) / (100 + 300 * 0.5)
    assert world.market.petaflop_rent == pytest.approx(average)
    assert [site_of(world, number).rent for number in range(3)] == [5_000.0, 3_000.0, pytest.approx(average / 2)]


def test_who_finds_less_than_was_promised_breaks_off_and_the_repute_of_all_falls() -> None:
    world, p = pool()
    let(world, 10.0, site=0)
    let(world, 30.0, site=1)
    let(world, 20.0, site=2)
    let(world, 40.0, site=2, tenant=7, tenant_kind=SHELL, use=INFERENCE)
    opaque_contracts.petaflops_are_promised(world)
    assert leases(world)["promised"].tolist() == [0.0, 1.0, 1.0, 0.0]
    opaque_contracts.disappointed_tenants_leave(world, p)
    assert [gpus_leased(site_of(world, number)) for number in range(3)] == [10.0, 30.0, 40.0]
    assert world.market.leases_disappointed == world.market.leases_broken == 20.0
    assert booked(world, PENALTIES)["operators"] == pytest.approx(2 * 20 * RENT_NOW)
    assert world.market.shortfall == pytest.approx(0.5 * 20 * 0.9 / 50)
    opaque_contracts.disappointed_tenants_leave(world, p)  # who is left has what was promised
    assert world.market.leases_disappointed == 0.0
    assert leases(world)["gpus"].tolist() == [10.0, 30.0, 0.0, 40.0]


def test_a_patron_has_told_its_tenant_what_it_rents() -> None:
    world, _ = pool()
    world.startups["patron"] = -1
    tenant_of(world, 0).patron = site_of(world, 2).row
    let(world, 20.0, site=2)
    let(world, 20.0, site=1)
    world.leases[1].months_left = 5  # signed before
    opaque_contracts.petaflops_are_promised(world)
    assert leases(world)["promised"].tolist() == [0.0, 0.0]


def test_wary_tenants_rent_by_name_and_wait_where_that_is_full() -> None:
    world, p = pool()
    world.market.shortfall = 0.75
    tenant_of(world, 0).state, tenant_of(world, 0).gpus_wanted_training, tenant_of(world, 0).lease_term = 1, 200.0, 6
    opaque_contracts.wary_tenants_match(world, p)
    assert gpus_leased(site_of(world, 0)) == pytest.approx(100.0)
    assert world.market.training_waiting == pytest.approx(50.0)  # of the 150 who insist
    with_mechanisms(leasing.tenants_and_operators_match)(world, p)
    assert tenant_of(world, 0).training_leased == pytest.approx(150.0)
    assert [gpus_leased(site_of(world, number)) for number in (1, 2)] == pytest.approx([25.0, 25.0])
    world.market.shortfall = 0.0
    opaque_contracts.wary_tenants_match(world, p)
    assert world.market.training_waiting == world.market.inference_waiting == 0.0


def test_a_contract_in_petaflops_counts_what_the_chips_are_best_at() -> None:
    world, p = pool()
    one = site_of(world, 1)
    one.training_chips, one.inference_chips, one.best_chips = 0.0, 0.6, 0.6
    site_of(world, 0).gpus_installed = site_of(world, 2).gpus_installed = 0.0
    tenant_of(world, 0).state, tenant_of(world, 0).gpus_wanted_training, tenant_of(world, 0).lease_term = 1, 30.0, 6
    with_mechanisms(leasing.tenants_and_operators_match)(world, p)
    assert leases(world)["gpus"].tolist() == pytest.approx([50.0])
    assert tenant_of(world, 0).training_leased == pytest.approx(30.0)
