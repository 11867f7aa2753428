"""Tenants: lengths of leases, what is cut back, when a dear lease is left."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from bubble_abm.economy.agents import tenant
from tests.worlds import constants

RENT_NOW = 1_000.0


@pytest.mark.parametrize(
    ("going", "months", "walks"), [(500.0, 9, True), (500.0, 8, False), (999.0, 600, False), (1_500.0, 60, False)]
)
def test_a_tenant_walks_away_when_the_saving_exceeds_twice_the_penalty(going: float, months: int, walks: bool) -> None:
    lease = SimpleNamespace(months_left=months, rent=RENT_NOW)
    assert tenant.breaks_lease(lease, going, constants(break_penalty=2.0)) is walks


@pytest.mark.parametrize(
    ("wanted", "leased", "share"), [(40, 80, 0.25), (80, 80, 0.0), (90, 80, 0.0), (0, 80, 0.5), (0, 0, 0.0)]
)
def test_half_of_what_is_too_much_is_cut(wanted: float, leased: float, share: float) -> None:
    assert tenant.leases_cut(wanted, leased, constants()) == pytest.approx(share)


@pytest.mark.parametrize(
    ("length", "draw", "months"), [(9, 0.5, 9), (9, 0.0, 5), (9, 1.0, 14), (18, 1.0, 27), (0.5, 0.0, 1)]
)
def test_leases_run_from_half_to_one_and_a_half_of_the_mean(length: float, draw: float, months: int) -> None:
    assert tenant.lease_term(SimpleNamespace(contract_length=length, contract_spread=0.5), draw) == months
