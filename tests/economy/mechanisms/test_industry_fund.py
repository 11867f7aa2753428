"""Industry funds: neutral is absent; who is in a portfolio, what its firms pay, who pays it for them, and what ends."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from bubble_abm.economy.agents.operator import BANKRUPT, OperatorRow
from bubble_abm.economy.agents.startup import DEAD, StartupRow
from bubble_abm.economy.ledger import VENTURE_FUNDING
from bubble_abm.economy.mechanisms import industry_fund
from bubble_abm.economy.mechanisms.industry_fund import FUND_INVESTMENT
from bubble_abm.paper.plain import plain
from tests.economy.agents.cases import Case, check, given, table
from tests.economy.markets.test_leasing import RENT_NOW, leases, market_of, site_of, tenant_of
from tests.economy.mechanisms.battery import Battery
from tests.worlds import booked, filled, founded, held_money, measured

THIRD = given(fund_cover=0.5, fund_partner=0.3)
CASES = [
    Case("fund_payment", "half of the rent", (filled(StartupRow, partner_rent=8_000.0), THIRD), 4_000.0),
    Case("partner_payment", "three tenths of it", (filled(OperatorRow, cash=1e6), 4_000.0, THIRD), 1_200.0),
    Case("partner_payment", "nothing in arrears", (filled(OperatorRow, cash=1e6, arrears=1.0), 4_000.0, THIRD), 0.0),
    Case("partner_payment", "nothing that it has not got", (filled(OperatorRow, cash=1_200), 4_000.0, THIRD), 0.0),
]


@table(CASES)
def test_funds_and_partners_decide_as_worked_out_by_hand(case: Case) -> None:
    check(case)


class TestIndustryFund(Battery):
    mechanism = industry_fund
    active = {"industry_fund": 0.4}
    sign = ("gpus_circular", 6, 1.0)


def test_portfolios_are_drawn_at_the_founding_and_the_larger_hold_the_smaller() -> None:
    sizes = {"investors": 40, "startups": 2_000, "smugglers": 3, "incumbents": 3}
    few, many = (founded(plain(**sizes, industry_fund=share))[0].startups["portfolio"] for share in (0.1, 0.3))
    assert 0.27 < many.mean() < 0.33
    assert many[few == 1].all()
    assert not founded(plain(**sizes))[0].startups["portfolio"].any()


def partnership() -> tuple[Any, Any, Any, Any]:
    """Two sites, of which the dearer is partner of a fund, and one firm of the fund that wants 30 GPUs."""
    world, p = market_of([100.0, 100.0], [30.0], rent=[RENT_NOW, 2 * RENT_NOW])
    p.industry_fund, p.fund_rent, p.fund_cover, p.fund_partner = 0.5, 0.6, 1.0, 0.3
    world.platforms["gpus_wanted"] = 0.0
    world.startups["partner"] = -1
    operator, startup = site_of(world, 1), tenant_of(world, 0)
    startup.portfolio, startup.partner = 1, operator.row
    world.households.cash -= 1e9
    operator.cash += 1e9
    return world, p, operator, startup


def invest(world: Any, p: Any, partner: float = 0.5) -> None:
    industry_fund.funds_invest(world, p, SimpleNamespace(startups=[SimpleNamespace(partner=partner)] * 25))


def test_a_firm_rents_from_the_partner_however_dear_at_a_low_price() -> None:
    world, p, operator, startup = partnership()
    industry_fund.portfolio_firms_rent(world, p)
    (lease,) = leases(world)
    assert (lease.operator, lease.gpus, lease.rent) == (operator.row, 30.0, pytest.approx(1.2 * RENT_NOW))
    assert startup.training_leased == 30.0
    assert world.market.contracts_signed == pytest.approx(30 * 1.2 * RENT_NOW * startup.lease_term)


def test_the_fund_pays_the_rent_part_of_it_with_the_partner_s_money_and_demand_is_not_independent() -> None:
    world, p, operator, startup = partnership()
    industry_fund.portfolio_firms_rent(world, p)
    money, cash, rent = held_money(world), startup.cash, 30 * 1.2 * RENT_NOW
    invest(world, p)
    assert startup.cash - cash == pytest.approx(rent)
    assert booked(world, FUND_INVESTMENT) == pytest.approx({"operators": -0.3 * rent, "startups": 0.3 * rent})
    assert booked(world, VENTURE_FUNDING)["startups"] == pytest.approx(0.7 * rent)
    assert operator.fund_stakes == startup.partner_stake == world.books.fund_stakes == pytest.approx(0.3 * rent)
    assert held_money(world) == pytest.approx(money)
    found = measured(world, p)
    assert (found.gpus_circular, found.gpus_leased, found.independent_utilisation) == (30.0, 30.0, 0.0)


def test_a_stake_in_a_firm_or_of_a_site_that_has_ended_is_written_off() -> None:
    for ended in ("firm", "site"):
        world, p, operator, startup = partnership()
        industry_fund.portfolio_firms_rent(world, p)
        invest(world, p)
        stake, before = startup.partner_stake, world.books.written_off
        if ended == "firm":
            startup.state = DEAD
        else:
            operator.stage = BANKRUPT
        p.fund_cover = 0.0
        invest(world, p)
        assert world.books.written_off - before == pytest.approx(stake)
        assert (operator.fund_stakes, startup.partner_stake) == (pytest.approx(0), pytest.approx(0))
        assert startup.partner == (-1 if ended == "firm" else site_of(world, 0).row)


def test_only_firms_of_a_portfolio_find_a_partner() -> None:
    world, p, _, startup = partnership()
    startup.partner = -1
    other = tenant_of(world, 1)
    other.state = startup.state
    invest(world, p)
    assert startup.partner in [site_of(world, number).row for number in (0, 1)]
    assert other.partner == -1
    assert np.count_nonzero(world.startups["partner"] >= 0) == 1
