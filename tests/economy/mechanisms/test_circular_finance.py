"""Circular finance: neutral is absent; stakes, who may become a patron, and what ends with either side."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy import stats

from bubble_abm.economy.agents.operator import BANKRUPT, OPERATING, OperatorRow
from bubble_abm.economy.agents.startup import DEAD, PRETRAINING
from bubble_abm.economy.agents.tenant import CRUMB
from bubble_abm.economy.ledger import OPERATORS, transfer
from bubble_abm.economy.markets import leasing, ventures
from bubble_abm.economy.markets.projects import announce
from bubble_abm.economy.markets.signals import Market
from bubble_abm.economy.mechanisms import circular_finance
from bubble_abm.economy.mechanisms.circular_finance import CIRCULAR_INVESTMENT, change_stake
from bubble_abm.economy.world import empty_world
from bubble_abm.paper.plain import plain
from tests.economy.agents.cases import Case, check, given, table
from tests.economy.markets.test_leasing import RENT_NOW, market_of, site_of, tenant_of
from tests.economy.mechanisms.battery import Battery
from tests.worlds import OWNERS, ROWS, SCATTERED, TENANTS, filled, founded, held_money, project, site


def patron(**values: float) -> object:
    return filled(OperatorRow, **({"revenue": 50_000, "tenants_backed": 2, "cash": 1e6} | values))


TENTH = given(circular_share=0.1)
LIMIT = given(patron_rent_limit=1.1)
CASES = [
    Case("stake_taken", "a tenth of revenue, shared by two tenants", (patron(), TENTH), 2_500.0),
    Case("stake_taken", "nothing with costs overdue", (patron(arrears=10), TENTH), 0.0),
    Case("stake_taken", "nothing that it does not have", (patron(cash=2_499), TENTH), 0.0),
    Case("prefers_patron", "at the market rent and a bit above", (10_900.0, filled(Market, rent=10_000), LIMIT), True),
    Case("prefers_patron", "not at any price", (11_100.0, filled(Market, rent=10_000), LIMIT), False),
]  # fmt: skip


@table(CASES)
def test_patrons_and_tenants_decide_as_worked_out_by_hand(case: Case) -> None:
    check(case)


class TestCircularFinance(Battery):
    mechanism = circular_finance
    active = {"circular_share": 0.3}
    sign = ("startups_cash", 6, 1.0)  # startups live on operators' money


def pay_in(world: Any, operator: Any, startup: Any, amount: float) -> None:
    transfer(world.flows, CIRCULAR_INVESTMENT, operator, startup, amount)
    change_stake(world, operator, startup, amount)


def backed(world: Any, operator: Any, startups: int) -> None:
    for row in TENANTS[:startups]:
        world.startups[row].state, world.startups[row].patron = PRETRAINING, operator.row
        operator.tenants_backed += 1


def luck_in_patrons(world: Any, number: int, draw: float) -> Any:
    """Luck in which only this startup has drawn who might back it."""
    rows = [SimpleNamespace() for _ in world.startups]
    rows[TENANTS[number]] = SimpleNamespace(patron=draw)
    return SimpleNamespace(startups=rows)


def test_operators_share_the_circular_part_of_revenue_among_their_tenants() -> None:
    world, p, operator = site(cash=1e6)
    world.startups["state"] = 0
    backed(world, operator, 2)
    operator.revenue, p.circular_share = 50_000.0, 0.1
    circular_finance.operators_invest_in_tenants(world, p, None)
    assert list(world.startups["patron_stake"][list(TENANTS[:2])]) == [2_500, 2_500]
    assert operator.stakes == 5_000
    assert operator.cash == 1e6 - 5_000


def test_no_more_than_the_circular_part_is_invested_when_a_tenant_joins() -> None:
    world, p, operator = site(cash=1e6)
    world.operators["stage"] = 0
    operator.stage = OPERATING
    world.startups["state"] = 0
    backed(world, operator, 1)
    newcomer = world.startups[TENANTS[1]]
    newcomer.state, newcomer.patron = PRETRAINING, -1
    operator.revenue, p.circular_share = 50_000.0, 0.1
    draw = next(draw for draw in np.arange(0.0005, 1.0, 0.001) if ventures.open_site_drawn(world, draw) == operator.row)
    circular_finance.operators_invest_in_tenants(world, p, luck_in_patrons(world, 1, draw))
    assert newcomer.patron == operator.row
    assert operator.tenants_backed == 2
    assert -world.flows[CIRCULAR_INVESTMENT, OPERATORS] == 5_000


def test_operators_in_arrears_invest_nothing() -> None:
    world, p, operator = site(cash=1e6, debt=1e6)
    world.startups["state"] = 0
    backed(world, operator, 1)
    operator.revenue, operator.arrears = 50_000.0, 10.0
    circular_finance.operators_invest_in_tenants(world, p, None)
    assert operator.stakes == 0


def test_a_patron_that_has_closed_is_released_and_its_stake_written_off() -> None:
    world, p, operator = site(cash=1e6)
    world.operators["stage"] = 0
    world.startups["state"] = 0
    backed(world, operator, 1)
    startup = world.startups[TENANTS[0]]
    pay_in(world, operator, startup, 700.0)
    operator.stage = BANKRUPT
    written_off = world.books.written_off
    circular_finance.operators_invest_in_tenants(world, p, luck_in_patrons(world, 0, 0.0))
    assert (operator.stakes, operator.tenants_backed) == (0, 0)
    assert (startup.patron, startup.patron_stake, world.books.circular_stakes) == (-1, 0, 0)
    assert world.books.written_off - written_off == 700


def test_a_startup_that_closes_down_leaves_no_claims_and_no_cash() -> None:
    world, p, operator = site(cash=1e6)
    world.startups["state"] = 0
    backed(world, operator, 1)
    startup = world.startups[TENANTS[0]]
    pay_in(world, operator, startup, 700.0)
    money, venture = held_money(world), startup.venture_capital
    ventures.close_down(world, startup)
    circular_finance.operators_invest_in_tenants(world, p, None)
    assert (startup.state, startup.cash, startup.venture_capital, startup.patron_stake, operator.stakes) == (
        DEAD,
        0,
        0,
        0,
        0,
    )
    assert world.books.written_off == pytest.approx(700 + venture)
    assert held_money(world) == pytest.approx(money, abs=1e-3)


@pytest.mark.parametrize("row", [0, 2])
def test_every_open_incumbent_can_become_a_patron(row: int) -> None:
    world, _, _ = site()
    world.operators["stage"] = 0
    world.operators[row].stage = OPERATING
    found = [ventures.open_site_drawn(world, draw) for draw in np.arange(0.005, 1.0, 0.01)]
    assert set(found) == {row}


@pytest.mark.parametrize("number", [0, 5, 29])
def test_every_open_project_can_become_a_patron(number: int) -> None:
    world, _ = founded(SCATTERED)
    world.operators["stage"] = 0
    operator = project(world, number, stage=OPERATING)
    found = [ventures.open_site_drawn(world, draw) for draw in np.arange(0.005, 1.0, 0.01)]
    assert set(found) == {operator.row}


@pytest.mark.parametrize("investors", [500, 1_012, 1_013, 2_036, 2_037, 2_100])
def test_every_open_site_is_found_with_the_same_chance_however_many_investors_there_are(investors: int) -> None:
    world = empty_world(plain(investors=investors))
    some = range(0, investors, investors // 30)
    for place, owner in enumerate(some):
        world.holdings[owner, :2] = 12 + place, 12 + len(some)  # the newest is not open yet
        world.investors[owner].projects = 2
        world.operators[12 + place].stage = OPERATING
    for incumbent in range(12):
        world.operators[incumbent].stage = OPERATING
    found = [ventures.open_site_drawn(world, draw) for draw in np.arange(0.0005, 1.0, 0.001)]
    assert stats.chisquare(np.bincount(found, minlength=12 + len(some))).pvalue > 0.001  # a -1 is refused


def test_a_sponsor_that_plans_another_site_backs_tenants_with_the_one_that_is_open() -> None:
    world, p = founded(SCATTERED)
    world.operators["stage"] = 0
    operator = project(world, 5, stage=OPERATING)
    world.operator_count[0] = 40
    announce(world, operator.owner, 0, 0.5, p)
    found = [ventures.open_site_drawn(world, draw) for draw in np.arange(0.005, 1.0, 0.01)]
    assert set(found) == {operator.row}


def test_patrons_are_dealt_again_only_to_who_finds_a_newcomer() -> None:
    world, _ = founded(SCATTERED)
    bigger, _ = founded(replace(SCATTERED, investors=41))
    for each in (world, bigger):
        for number in range(len(OWNERS)):
            project(each, number, stage=OPERATING)
    newcomer = bigger.operators[len(bigger.operators) - 1]
    newcomer.stage, newcomer.id, bigger.holdings[40, 0] = OPERATING, 40, len(bigger.operators) - 1
    bigger.investors[40].projects = 1
    for draw in np.arange(0.0005, 1.0, 0.001):
        one, other = (ventures.open_site_drawn(each, draw) for each in (world, bigger))
        name, new = (each.operators[row].id if row >= 0 else -1 for each, row in ((world, one), (bigger, other)))
        assert new in (name, 40), draw


def test_a_tenant_rents_first_from_the_operator_that_owns_a_stake_in_it() -> None:
    world, p = market_of([100.0, 100.0], [60.0, 0.0], rent=[0.5 * RENT_NOW, 1.05 * RENT_NOW])
    tenant_of(world, 0).patron = ROWS[1]
    tenant_of(world, 0).gpus_wanted_inference = 70.0
    circular_finance.patrons_serve_first(world, p)
    leasing.tenants_and_operators_match(world, p)
    assert site_of(world, 1).training_leased == 60
    assert site_of(world, 1).inference_leased == 40
    assert site_of(world, 0).inference_leased == pytest.approx(30.0, abs=CRUMB)


def test_what_a_patron_asks_is_compared_by_its_compute() -> None:
    """A GPU of twice the compute at 2.1 times the rent is 5 % dearer than the market."""
    world, p = market_of([100.0, 100.0], [60.0], rent=[RENT_NOW, 2.1 * RENT_NOW])
    site_of(world, 1).best_chips = site_of(world, 1).training_chips = 2.0
    tenant_of(world, 0).patron = ROWS[1]
    circular_finance.patrons_serve_first(world, p)
    assert site_of(world, 1).training_leased > CRUMB


def test_a_patron_who_is_too_dear_is_left() -> None:
    world, p = market_of([100.0, 100.0], [60.0], rent=[RENT_NOW, 50 * RENT_NOW])
    tenant_of(world, 0).patron = ROWS[1]
    circular_finance.patrons_serve_first(world, p)
    leasing.tenants_and_operators_match(world, p)
    assert site_of(world, 1).training_leased < CRUMB
