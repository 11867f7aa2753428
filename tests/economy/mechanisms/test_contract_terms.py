"""Contract terms: neutral is absent; what is paid in advance and by whom, what is lost, and what tenants make of it."""

# ruff: noqa: E501 - a case is a line, a sentence is a name

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from bubble_abm.economy.agents.operator import IDLE, OPERATING
from bubble_abm.economy.agents.startup import DEAD
from bubble_abm.economy.ledger import PENALTIES, RENT, SALES
from bubble_abm.economy.markets import leasing
from bubble_abm.economy.markets.leasing import INFERENCE, PLATFORM, SHELL, Lease
from bubble_abm.economy.mechanisms import contract_terms
from bubble_abm.engine.simulation import simulate
from bubble_abm.paper.plain import plain
from tests.economy.agents.cases import Case, check, check_with_mechanisms, given, table
from tests.economy.markets.test_leasing import RENT_NOW, leases, let, market_of, site_of, tenant_of
from tests.economy.mechanisms.battery import Battery
from tests.worlds import booked, filled, held_money


def lease(months: int, paid_ahead: float = 0.0) -> Any:
    return filled(Lease, months_left=months, gpus=10.0, rent=1_000.0, paid_ahead=paid_ahead)


SIX_TENTHS = given(contract_prepayment=0.6)
SHARE = given(break_penalty=0.0, contract_penalty=0.3, break_threshold=1.0)
BOTH = given(break_penalty=2.0, contract_penalty=0.25, break_threshold=1.0)
MONTHS = given(break_penalty=2.0, contract_penalty=0.0, break_threshold=1.0)
CASES = [
    Case("paid_in_advance", "six tenths", (1_000.0, 5_000.0, SIX_TENTHS), 600.0),
    Case("paid_in_advance", "as far as cash goes", (1_000.0, 70.0, SIX_TENTHS), 70.0),
    Case("paid_in_advance", "nothing from nothing", (1_000.0, -1e-9, SIX_TENTHS), 0.0),
    Case(
        "compensation_due",
        "a twentieth of the five months to come",
        (lease(6), 1e6, given(lessor_penalty=0.05)),
        2_500.0,
    ),
    Case("compensation_due", "as far as cash goes", (lease(6), 700.0, given(lessor_penalty=0.05)), 700.0),
    Case("compensation_due", "nothing at the end of a lease", (lease(1), 1e6, given(lessor_penalty=0.05)), 0.0),
    Case("compensation_due", "nothing from nothing", (lease(6), -1e-9, given(lessor_penalty=0.05)), 0.0),
]
AMENDED = [
    Case("penalty_due", "three tenths of ten months", (lease(10), SHARE), 3.0),
    Case("penalty_due", "and two months besides", (lease(8), BOTH), 4.0),
    Case("penalty_due", "within what is left", (lease(2), BOTH), 2.0),
    Case("penalty_due", "or months alone", (lease(9), MONTHS), 2.0),
    Case("breaks_lease", "seven tenths saved are more than three", (lease(10), 650.0, SHARE), True),
    Case("breaks_lease", "a quarter is less", (lease(10), 750.0, SHARE), False),
    Case("breaks_lease", "months and share add up to half", (lease(8), 490.0, BOTH), True),
    Case("breaks_lease", "which must be exceeded", (lease(8), 510.0, BOTH), False),
    Case("breaks_lease", "what was paid in advance cannot be saved", (lease(10, 0.5), 150.0, SHARE), True),
    Case("breaks_lease", "not even with a penalty of months", (lease(10, 0.5), 400.0, MONTHS), False),
    Case("breaks_lease", "as ever without terms", (lease(5), 590.0, MONTHS), True),
    Case("leases_cut", "a quarter, times the tenth that is not lost", (40.0, 80.0, given(cut_speed=0.5, contract_prepayment=0.6, contract_penalty=0.3)), 0.025),
    Case("leases_cut", "nothing where nothing is saved", (40.0, 80.0, given(cut_speed=0.5, contract_prepayment=0.8, contract_penalty=0.3)), 0.0),
]  # fmt: skip


@table(CASES)
def test_what_is_paid_in_advance_is_worked_out_by_hand(case: Case) -> None:
    check(case)


@table(AMENDED)
def test_tenants_weigh_what_they_lose_as_worked_out_by_hand(case: Case) -> None:
    check_with_mechanisms(case)


class TestContractTerms(Battery):
    mechanism = contract_terms
    active = {"contract_prepayment": 0.3, "contract_penalty": 0.3}
    sign = ("leases_broken", 0, -1.0)


@pytest.mark.whole_runs
def test_the_higher_the_penalty_the_fewer_leases_are_broken_off() -> None:
    broken = [
        np.array(
            [
                simulate(plain(contract_penalty=penalty), months=48, seed=seed).series["leases_broken"].sum()
                for seed in range(1, 9)
            ]
        )
        for penalty in (0.2, 0.3, 0.6)
    ]
    assert broken[0].mean() > broken[1].mean() > broken[2].mean()


def signed() -> tuple[Any, Any]:
    """Leases of a startup, another without much cash, a platform and a shell, signed this month, and an older one."""
    world, p = market_of([200.0], [0.0, 0.0])
    p.contract_prepayment, p.contract_penalty, p.break_penalty = 0.5, 0.0, 0.0
    world.households.cash += tenant_of(world, 1).cash - 30_000.0
    tenant_of(world, 1).cash = 30_000.0
    let(world, 10.0, months=6)
    let(world, 20.0, months=6, tenant=1)
    let(world, 30.0, months=6, tenant=2, tenant_kind=PLATFORM, use=INFERENCE)
    let(world, 40.0, months=6, tenant=7, tenant_kind=SHELL, use=INFERENCE)
    let(world, 50.0, months=6)
    world.leases[4].months_left = 5
    return world, p


def test_tenants_pay_in_advance_once_and_as_far_as_they_can_and_the_rest_month_by_month() -> None:
    world, p = signed()
    money = held_money(world)
    contract_terms.tenants_pay_in_advance(world, p)
    assert leases(world)["paid_ahead"].tolist() == pytest.approx([0.5, 0.25, 0.5, 0.5, 0.0])
    assert booked(world, RENT) == {
        "startups": pytest.approx(-60 * RENT_NOW),
        "platforms": pytest.approx(-90 * RENT_NOW),
        "households": pytest.approx(-120 * RENT_NOW),
        "operators": pytest.approx(270 * RENT_NOW),
    }
    assert booked(world, SALES) == {
        "households": pytest.approx(-90 * RENT_NOW),
        "platforms": pytest.approx(90 * RENT_NOW),
    }
    assert tenant_of(world, 1).cash == 0.0
    owed = np.array([30.0, 30.0, 90.0, 120.0]) * RENT_NOW
    assert leases(world)["advance"].tolist() == pytest.approx([*owed, 0.0])
    assert site_of(world, 0).unearned_rent == pytest.approx(owed.sum()) == world.books.unearned_rent
    assert (tenant_of(world, 0).rent_ahead, tenant_of(world, 1).rent_ahead) == pytest.approx(owed[:2])
    assert (world.platforms[2].rent_ahead, world.households.rent_ahead) == pytest.approx(owed[2:])
    world.flows[:] = 0.0
    leasing.tenants_pay_rent(world, p)
    assert booked(world, RENT)["operators"] == pytest.approx((5 + 0 + 15 + 20 + 50) * RENT_NOW)
    assert world.market.rent_recognised == pytest.approx((10 + 5 + 30 + 40 + 50) * RENT_NOW)  # earned, not received
    assert site_of(world, 0).revenue == world.market.rent_recognised
    assert leases(world)["advance"].tolist() == pytest.approx([*(owed * 5 / 6), 0.0])
    assert site_of(world, 0).unearned_rent == pytest.approx(owed.sum() * 5 / 6)
    assert held_money(world) == pytest.approx(money, abs=1e-3)


def test_what_was_paid_in_advance_is_kept_with_the_lease_and_lost_with_it() -> None:
    world, p = signed()
    contract_terms.tenants_pay_in_advance(world, p)
    tenant_of(world, 0).training_cut = 1.0
    world.flows[:] = 0.0
    leasing.leases_end(world, p)
    assert leases(world)["paid_ahead"].tolist() == pytest.approx([0.25, 0.5, 0.5])
    assert leases(world)["term"].tolist() == [6, 6, 6]
    assert leases(world)["months_left"].tolist() == [5, 5, 5]
    assert booked(world, PENALTIES) == {}
    assert tenant_of(world, 0).rent_ahead == 0.0  # forfeited
    assert site_of(world, 0).unearned_rent == pytest.approx(240 * RENT_NOW)
    assert world.books.written_off == pytest.approx(30 * RENT_NOW)
    let(world, 10.0, months=6)
    assert leases(world)["paid_ahead"].tolist()[-1] == 0.0  # its place was another's


def test_part_of_a_lease_forfeits_its_part_and_the_rest_is_used_up_at_the_end() -> None:
    world, p = signed()
    contract_terms.tenants_pay_in_advance(world, p)
    leasing.break_off(world, world.leases[2], site_of(world, 0), 0.25, p)
    assert leases(world)["advance"][2] == world.platforms[2].rent_ahead == pytest.approx(67.5 * RENT_NOW)
    assert world.books.written_off == pytest.approx(22.5 * RENT_NOW)
    for _ in range(6):
        leasing.tenants_pay_rent(world, p)
        leasing.leases_end(world, p)
    assert world.lease_count[0] == 0
    assert site_of(world, 0).unearned_rent == pytest.approx(0.0, abs=1e-6)
    assert world.platforms[2].rent_ahead == pytest.approx(0.0, abs=1e-6)


def closed(cash: float) -> tuple[Any, Any]:
    """The site of those leases has been switched off, with so much in cash; the startup without money is gone."""
    world, p = signed()
    p.lessor_penalty = 0.05
    contract_terms.tenants_pay_in_advance(world, p)
    tenant_of(world, 1).state = DEAD
    operator = site_of(world, 0)
    world.households.cash += operator.cash - cash
    operator.cash, operator.stage = cash, IDLE
    world.flows[:] = 0.0
    return world, p


def test_who_closes_pays_back_what_it_has_not_earned_and_a_penalty() -> None:
    world, p = closed(1e9)
    contract_terms.lessors_compensate(world, p)
    assert booked(world, RENT) == {
        "operators": pytest.approx(-240 * RENT_NOW),
        "startups": pytest.approx(30 * RENT_NOW),
        "platforms": pytest.approx(90 * RENT_NOW),
        "households": pytest.approx(120 * RENT_NOW),
    }
    months_left = np.array([5 * 10, 5 * 30, 5 * 40, 4 * 50])  # of the first, the third, the fourth and the last
    assert booked(world, PENALTIES)["operators"] == pytest.approx(-0.05 * months_left.sum() * RENT_NOW)
    assert booked(world, PENALTIES)["startups"] == pytest.approx(0.05 * (50 + 200) * RENT_NOW)
    leasing.leases_of_the_ended_end(world)
    assert site_of(world, 0).unearned_rent == world.books.unearned_rent == pytest.approx(0.0, abs=1e-6)
    assert world.books.written_off == pytest.approx(30 * RENT_NOW)  # nobody is there to claim it


def test_who_closes_without_money_pays_as_far_as_it_goes_in_the_order_of_the_contracts() -> None:
    world, p = closed(50 * RENT_NOW)
    contract_terms.lessors_compensate(world, p)
    assert site_of(world, 0).cash == pytest.approx(0.0)
    paid = {"startups": pytest.approx(30 * RENT_NOW), "platforms": pytest.approx(17.5 * RENT_NOW)}
    assert booked(world, RENT) == paid | {"operators": pytest.approx(-47.5 * RENT_NOW)}
    assert booked(world, PENALTIES)["startups"] == pytest.approx(2.5 * RENT_NOW)
    leasing.leases_of_the_ended_end(world)
    assert world.books.unearned_rent == pytest.approx(0.0, abs=1e-6)
    assert world.books.written_off == pytest.approx((270 - 47.5) * RENT_NOW)


def test_an_open_site_owes_nobody_compensation() -> None:
    world, p = closed(1e9)
    site_of(world, 0).stage = OPERATING
    contract_terms.lessors_compensate(world, p)
    assert booked(world, RENT) == booked(world, PENALTIES) == {}
