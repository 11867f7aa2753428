"""Vouchers: neutral is absent; who gets how much, in which order, and when pots are empty."""

# ruff: noqa: E501 - a case is a line, a sentence is a name

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from bubble_abm.economy.markets import leasing
from bubble_abm.economy.mechanisms import vouchers
from bubble_abm.economy.mechanisms.vouchers import VOUCHERS
from bubble_abm.engine.simulation import simulate
from bubble_abm.paper.plain import plain
from tests.economy.agents.cases import Case, check, check_with_mechanisms, given, table
from tests.economy.agents.test_operator import market, site
from tests.economy.markets.test_leasing import RENT_NOW, let, market_of, site_of, tenant_of
from tests.economy.mechanisms.battery import Battery
from tests.worlds import booked, held_money

FIFTH = given(voucher_share=0.2, voucher_on_use=0.0)
QUARTER_ON_USE, ON_USE = (given(voucher_share=0.2, voucher_on_use=share) for share in (0.25, 1.0))
PULL = given(lemons_discount=0.0, rent_sensitivity=2.0)
CASES = [
    Case("voucher_due", "a fifth of six months at the signing", (1_000.0, 6, True, FIFTH), 1_200.0),
    Case("voucher_due", "nothing later", (1_000.0, 5, False, FIFTH), 0.0),
    Case("voucher_due", "on use a fifth of the month", (1_000.0, 5, False, ON_USE), 200.0),
    Case("voucher_due", "not more at the signing", (1_000.0, 6, True, ON_USE), 200.0),
    Case("voucher_due", "three quarters of six months and a quarter of one", (1_000.0, 6, True, QUARTER_ON_USE), 950.0),
]  # fmt: skip
AMENDED = [
    Case("lease_pull", "half the rent, four times the pull", (0.5, 1.0, site(rent=10, voucher=0.5), market(rent=10), PULL), 2.0),
    Case("lease_pull", "no voucher, no change", (0.5, 1.0, site(rent=10), market(rent=10), PULL), 0.5),
]  # fmt: skip


@table(CASES)
def test_what_is_due_is_worked_out_by_hand(case: Case) -> None:
    check(case)


@table(AMENDED)
def test_tenants_are_drawn_as_worked_out_by_hand(case: Case) -> None:
    check_with_mechanisms(case)


class TestVouchers(Battery):
    mechanism = vouchers
    active = {"voucher_pot": 200e6}
    sign = ("startups_active", 24, 1.0)  # startups live on them


@pytest.mark.whole_runs
def test_paid_on_use_they_keep_startups_alive_as_well() -> None:
    on_use = TestVouchers()
    on_use.active = {"voucher_pot": 200e6, "voucher_on_use": 1.0}  # type: ignore[misc]
    on_use.test_it_moves_what_it_should_in_the_right_direction()


@pytest.mark.whole_runs
def test_an_unfit_interior_stays_empty_in_spite_of_them() -> None:
    """Fact C22: with pots, share and cap at the upper end of fact C21, use away from the users hardly moves."""
    generous = {"voucher_pot": 600e6, "voucher_share": 0.6, "voucher_cap": 10e6}
    off, on = (
        np.array(
            [
                simulate(plain(**values), months=36, seed=seed)
                .series[["utilisation_interior", "utilisation_hub"]]
                .iloc[26]
                for seed in range(1, 9)
            ]
        )
        for values in ({}, generous)
    )
    assert abs((on - off)[:, 0].mean()) < 0.03
    assert on[:, 0].mean() < on[:, 1].mean() - 0.1


def offered(*, pot: float = 1e9, cap: float = 1e9, wanted: tuple[float, ...] = (60.0, 30.0, 10.0)) -> tuple[Any, Any]:
    """Two sites in two provinces with pots, and startups that want so much; a fifth of rents is paid at the signing."""
    world, p = market_of([100.0, 100.0], list(wanted))
    p.voucher_pot, p.voucher_share, p.voucher_cap, p.voucher_on_use, p.scale = pot, 0.2, cap, 0.0, 1.0
    world.provinces["weight"], world.market.month = 1.0, 5
    site_of(world, 0).province, site_of(world, 1).province = 3, 4
    for province in (3, 4):
        world.households.cash -= 1e9
        world.provinces[province].cash += 1e9
    vouchers.provinces_offer_vouchers(world, p)
    return world, p


def test_the_first_who_sign_are_served_until_the_pot_is_empty() -> None:
    world, p = offered(pot=50_000.0)
    money, outlay = held_money(world), world.provinces[3].outlay
    for number, gpus in enumerate((30.0, 20.0, 10.0)):  # 36 000, 24 000 and 12 000 over six months
        let(world, gpus, tenant=number)
    vouchers.provinces_pay_vouchers(world, p)
    drawn = [tenant_of(world, number).vouchers for number in range(3)]
    assert drawn == pytest.approx([36_000.0, 14_000.0, 0.0])
    assert (world.provinces[3].pot, world.provinces[4].pot) == (0.0, 50_000.0)
    assert world.provinces[3].outlay - outlay == pytest.approx(50_000.0)
    assert world.market.subsidies == world.market.public_spending == pytest.approx(50_000.0)
    assert booked(world, VOUCHERS) == {"startups": pytest.approx(50_000.0), "governments": pytest.approx(-50_000.0)}
    assert held_money(world) == pytest.approx(money, abs=1e-3)


def test_a_firm_draws_up_to_the_cap_in_a_year_from_all_provinces() -> None:
    world, p = offered(cap=40_000.0)
    let(world, 30.0, site=0)
    let(world, 30.0, site=1)
    vouchers.provinces_pay_vouchers(world, p)
    assert tenant_of(world, 0).vouchers == pytest.approx(40_000.0)
    assert (world.provinces[3].pot, world.provinces[4].pot) == (pytest.approx(1e9 - 36_000), pytest.approx(1e9 - 4_000))


def test_related_parties_and_platforms_get_nothing() -> None:
    world, p = offered()
    patron, sister = site_of(world, 0), site_of(world, 1)
    tenant_of(world, 0).patron = patron.row
    let(world, 30.0, site=0)
    let(world, 20.0, site=0, tenant=0, tenant_kind=1, use=leasing.INFERENCE)
    vouchers.provinces_pay_vouchers(world, p)
    assert world.startups["vouchers"].sum() == 0.0
    let(world, 30.0, site=1)
    sister.owner = patron.owner
    vouchers.provinces_pay_vouchers(world, p)
    assert tenant_of(world, 0).vouchers == 0.0
    sister.owner = patron.owner + 1
    vouchers.provinces_pay_vouchers(world, p)
    assert tenant_of(world, 0).vouchers == pytest.approx(36_000.0)
    patron.owner = sister.owner = -1  # the state's sites are not one party
    assert not vouchers.are_related(world, tenant_of(world, 0), sister)
    assert vouchers.are_related(world, tenant_of(world, 0), patron)


def test_contracts_of_earlier_months_are_paid_for_use_only() -> None:
    world, p = offered()
    let(world, 30.0)
    vouchers.provinces_offer_vouchers(world, p)
    vouchers.provinces_pay_vouchers(world, p)
    assert tenant_of(world, 0).vouchers == 0.0
    p.voucher_on_use = 1.0
    for months in (1, 2):
        vouchers.provinces_pay_vouchers(world, p)
        assert tenant_of(world, 0).vouchers == pytest.approx(months * 0.2 * 30 * RENT_NOW)


def test_tenants_reckon_with_vouchers_where_there_are_any_and_as_far_as_they_are_entitled() -> None:
    world, p = offered(cap=1e6)
    tenant_of(world, 0).vouchers, world.provinces[4].pot = 1e6, 0.0
    vouchers.provinces_offer_vouchers(world, p)
    assert site_of(world, 0).voucher == pytest.approx(0.2 * 40 / 100)  # sixty of a hundred GPUs are beyond the cap
    assert site_of(world, 1).voucher == 0.0


def test_pots_are_filled_when_the_scheme_begins_and_each_january_and_lapse_when_it_ends() -> None:
    world, p = offered(pot=1e6)
    assert (world.provinces["pot"] == 1e6).all()
    tenant_of(world, 0).vouchers, world.provinces["pot"] = 5.0, 300.0
    for month, pot, drawn in ((11, 300.0, 5.0), (12, 1e6, 0.0)):
        world.market.month = month
        vouchers.provinces_offer_vouchers(world, p)
        assert (world.provinces[3].pot, tenant_of(world, 0).vouchers) == (pot, drawn)
    p.voucher_pot = 0.0
    vouchers.provinces_offer_vouchers(world, p)
    assert (world.provinces["pot"] == 0.0).all() and (world.operators["voucher"] == 0.0).all()
    let(world, 30.0)
    vouchers.provinces_pay_vouchers(world, p)
    assert tenant_of(world, 0).vouchers == 0.0
