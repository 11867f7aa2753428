"""Own tenants: neutral is absent; who brings them, how many, at what rent, who pays, and what does not notice."""

from __future__ import annotations

from typing import Any

import pytest

from bubble_abm.economy.agents.operator import gpus_leased, gpus_on_show
from bubble_abm.economy.audit import audit_leases
from bubble_abm.economy.ledger import RENT
from bubble_abm.economy.markets import leasing
from bubble_abm.economy.markets.leasing import BROUGHT
from bubble_abm.economy.mechanisms import own_tenants
from bubble_abm.economy.parameters import MAX_MONTHS
from bubble_abm.economy.world import empty_records
from tests.economy.markets.test_leasing import RENT_NOW, leases, market_of, site_of
from tests.economy.mechanisms.battery import Battery
from tests.worlds import booked, held_money


class TestOwnTenants(Battery):
    mechanism = own_tenants
    active = {"own_tenants_from": 11}
    sign = ("rent_per_server", 12, 1.0)  # nobody competes with those who came before


def early_and_late() -> tuple[Any, Any]:
    """Two sites, of which the second has opened this month and brings tenants."""
    world, p = market_of([100.0, 200.0], month_opened=[3, 12])
    p.month, p.own_tenants_from, p.natural_occupancy = 12.0, 12.0, 0.75
    own_tenants.sites_bring_tenants(world, p)
    return world, p


def test_neutral_is_after_the_end_of_the_longest_run() -> None:
    assert own_tenants.Parameters().own_tenants_from == MAX_MONTHS  # the last month is one before


def test_a_late_site_is_let_to_its_own_up_to_the_natural_occupancy_and_offers_nothing() -> None:
    world, _ = early_and_late()
    early, late = site_of(world, 0), site_of(world, 1)
    (lease,) = leases(world)
    assert (lease.operator, lease.tenant, lease.tenant_kind) == (late.row, late.announcer, BROUGHT)
    assert (lease.gpus, lease.rent, lease.months_left) == (150.0, RENT_NOW, 1)
    assert (gpus_leased(early), gpus_on_show(early)) == (0.0, 100.0)
    assert (gpus_leased(late), late.gpus_brought, gpus_on_show(late)) == (150.0, 150.0, 0.0)


def test_they_stay_month_by_month_and_a_cloud_of_2023_brings_none() -> None:
    world, p = early_and_late()
    leasing.leases_end(world, p)
    assert len(leases(world)) == 0
    own_tenants.sites_bring_tenants(world, p)
    assert [lease.gpus for lease in leases(world)] == [150.0]
    leasing.leases_end(world, p)
    site_of(world, 1).incumbent = 1
    own_tenants.sites_bring_tenants(world, p)
    assert len(leases(world)) == 0


def test_households_pay_and_neither_rents_nor_uses_count_them() -> None:
    world, p = early_and_late()
    money = held_money(world)
    leasing.tenants_pay_rent(world, p)
    assert booked(world, RENT) == {"operators": 150 * RENT_NOW, "households": -150 * RENT_NOW}
    assert held_money(world) == pytest.approx(money, abs=1e-3)
    world.market.contract_rent = 7.0
    site_of(world, 1).rent = 9 * RENT_NOW
    leasing.rents_are_quoted(world, p)
    market = world.market
    assert (market.rent, market.contract_rent) == (RENT_NOW, 7.0)
    assert (market.training_gpus, market.inference_gpus, market.gpus_unused) == (0.0, 0.0, 0.0)
    residuals = empty_records(1).residuals[0]
    audit_leases(world, residuals)
    assert residuals.leases_of_tenants == residuals.leases_of_operators == 0.0
