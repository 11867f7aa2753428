"""Non-users: neutral is absent; who signs for the news, what it counts as, who pays, and when they leave."""

# ruff: noqa: E501 - a case is a line, a sentence is a name

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from bubble_abm.economy.agents.investor import InvestorRow
from bubble_abm.economy.agents.operator import gpus_leased
from bubble_abm.economy.ledger import PENALTIES, RENT
from bubble_abm.economy.markets import leasing
from bubble_abm.economy.markets.counting import gpus_are_counted
from bubble_abm.economy.markets.leasing import SHELL, Lease
from bubble_abm.economy.markets.signals import Market
from bubble_abm.economy.mechanisms import non_users
from bubble_abm.economy.sponsors import NEWCOMER
from bubble_abm.engine.simulation import simulate
from bubble_abm.paper.plain import plain
from tests.economy.agents.cases import Case, check, given, table
from tests.economy.markets.test_leasing import RENT_NOW, market_of, site_of
from tests.economy.mechanisms.battery import Battery
from tests.worlds import booked, filled, founded, held_money, measured

NEWS = {"news": 1.0, "rent_growth": 0.01}
HEARD = {"shell": 1, "news_needed": 1.0}
TWO_MONTHS = given(break_penalty=2.0)


def shell(**columns: float) -> Any:
    return filled(InvestorRow, **columns)


def market(**columns: float) -> Any:
    return filled(Market, **columns)


def left(months: int) -> Any:
    return filled(Lease, months_left=months, rent=RENT_NOW)


CASES = [
    Case("signs_for_news", "in the news, while rents rise", (shell(**HEARD), market(**NEWS)), True),
    Case("signs_for_news", "not before it has heard", (shell(**(HEARD | {"news_needed": 1.1})), market(**NEWS)), False),
    Case("signs_for_news", "not while rents stand", (shell(**HEARD), market(news=1.0)), False),
    Case("signs_for_news", "once", (shell(**HEARD, news_made=1), market(**NEWS)), False),
    Case("signs_for_news", "who is no shell does not", (shell(), market(**NEWS)), False),
    Case("leaves_after_news", "out of patience", (left(3), shell(patience=2.5), market(months_flat=3), TWO_MONTHS), True),
    Case("leaves_after_news", "patient still", (left(3), shell(patience=3.0), market(months_flat=3), TWO_MONTHS), False),
    Case("leaves_after_news", "the penalty is all that is left", (left(2), shell(), market(months_flat=3), TWO_MONTHS), False),
]  # fmt: skip


@table(CASES)
def test_who_has_no_use_decides_as_worked_out_by_hand(case: Case) -> None:
    check(case)


class TestNonUsers(Battery):
    mechanism = non_users
    active = {"non_user_share": 0.2}
    sign = ("leases_broken", 0, 1.0)


@pytest.mark.whole_runs
def test_they_let_halls_and_use_nothing() -> None:
    runs = [[simulate(plain(non_user_share=share), seed=seed).series for seed in range(1, 9)] for share in (0, 0.2)]
    assert all(
        (run["real_utilisation"] == run["utilisation"]).all() and not run["gpus_unused"].any() for run in runs[0]
    )
    for run in runs[1]:
        unused = 1.0 - run["real_utilisation"] / run["utilisation"]
        assert unused.max() > 0.1
        assert run["gpus_unused"].iloc[24:36].min() < 0.05 * run["gpus_unused"].iloc[:24].max()
    signed = [[run["contracts_signed"].sum() / run["rent_recognised"].sum() for run in some] for some in runs]
    assert np.greater(signed[1], signed[0]).all()


def test_they_are_listed_newcomers_and_the_more_the_larger_the_share() -> None:
    world, _ = founded(plain(investors=2_000, startups=12, smugglers=3, incumbents=3, non_user_share=0.3))
    shells = world.investors["shell"] == 1
    listed = (world.investors["sponsor"] == NEWCOMER) & (world.investors["deep_pocket"] == 1)
    assert 0.25 < shells.sum() / listed.sum() < 0.35
    assert listed[shells].all()
    assert world.investors["patience"].mean() == pytest.approx(3.0, rel=0.1)
    fewer, _ = founded(plain(investors=2_000, startups=12, smugglers=3, incumbents=3, non_user_share=0.1))
    assert shells[fewer.investors["shell"] == 1].all()  # the same ones


def in_the_news() -> tuple[Any, Any, Any]:
    """Two sites, of which the second has more room, and a shell that wants forty GPUs for a year."""
    world, p = market_of([100.0, 60.0], training_leased=[70.0, 0.0])
    p.non_user_share, p.non_user_size, p.non_user_term, p.break_penalty = 0.3, 0.5, 12.0, 2.0
    world.market.news, world.market.rent_growth = 5.0, 0.01
    world.investors["shell"] = 0
    one = world.investors[17]
    one.shell, one.news_needed, one.patience, one.gpus_intended = 1, 1.0, 1.5, 80.0
    return world, p, one


def test_they_sign_once_where_most_is_free_and_what_they_sign_counts_as_let() -> None:
    world, p, one = in_the_news()
    for _ in range(2):
        non_users.shells_sign(world, p)
    lease = world.leases[0]
    assert world.lease_count[0] == 1
    assert (lease.operator, lease.tenant, lease.tenant_kind) == (site_of(world, 1).row, 17, SHELL)
    assert (lease.gpus, lease.months_left, lease.rent) == (40.0, 12, RENT_NOW)
    assert world.market.contracts_signed == 40 * 12 * RENT_NOW
    assert gpus_leased(site_of(world, 1)) == one.compute_leased == 40
    leasing.rents_are_quoted(world, p)
    gpus_are_counted(world)
    assert (world.market.gpus_unused, world.market.training_gpus, world.market.inference_gpus) == (40, 0, 0)
    found = measured(world, p)
    assert (found.utilisation, found.real_utilisation) == (pytest.approx(110 / 160), pytest.approx(70 / 160))


def test_they_take_no_more_than_there_is_and_nothing_where_all_is_full() -> None:
    world, p, one = in_the_news()
    one.gpus_intended = 1_000.0
    world.investors[18].shell, world.investors[18].gpus_intended = 1, 1_000.0
    world.investors[18].news_needed = world.investors[19].news_needed = 0.0
    world.investors[19].shell, world.investors[19].gpus_intended = 1, 1_000.0
    non_users.shells_sign(world, p)
    assert world.leases["gpus"][: world.lease_count[0]].tolist() == [60.0, 30.0]
    assert world.investors[19].compute_leased == 0.0


def test_their_shareholders_pay_rent_and_penalty() -> None:
    world, p, one = in_the_news()
    non_users.shells_sign(world, p)
    money, purse, cash = held_money(world), world.households.cash, site_of(world, 1).cash
    leasing.tenants_pay_rent(world, p)
    assert booked(world, RENT) == {"operators": 40 * RENT_NOW, "households": -40 * RENT_NOW}
    world.market.rent_growth = 0.0
    for months in (1, 2):
        assert one.compute_leased == 40
        non_users.shells_leave(world, p)
        assert world.market.months_flat == months
    assert one.compute_leased == gpus_leased(site_of(world, 1)) == 0
    assert world.market.leases_broken == world.market.lease_cancellations == 40
    assert booked(world, PENALTIES) == {"operators": 80 * RENT_NOW, "households": -80 * RENT_NOW}
    assert site_of(world, 1).cash - cash == purse - world.households.cash == 120 * RENT_NOW
    assert held_money(world) == pytest.approx(money, abs=1e-3)
    leasing.leases_end(world, p)
    assert world.lease_count[0] == 0
    assert world.market.leases_broken == 40


def test_rising_rents_are_news_again_and_a_dear_lease_alone_is_no_reason_to_leave() -> None:
    world, p, one = in_the_news()
    non_users.shells_sign(world, p)
    world.market.months_flat = 7
    non_users.shells_leave(world, p)
    assert world.market.months_flat == 0
    world.market.prime_rent = world.market.secondary_rent = 1.0
    leasing.leases_end(world, p)
    assert one.compute_leased == 40
