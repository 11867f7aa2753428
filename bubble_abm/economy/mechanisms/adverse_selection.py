"""Adverse selection: brokers inflate forecasts where nobody checks, and some apply who never need the compute.

Harvesters want land, power, loans and grants. They announce and build where that is worth what they put in, and let
nothing. Who pays on measured use, or lends strictly, has a reason to check; use is then inflated in its turn.
Without it, brokers inflate all forecasts alike, and who builds wants to let.
"""

from __future__ import annotations

from typing import Any

from bubble_abm.economy.agents.investor import InvestorRow, grant_expected
from bubble_abm.economy.agents.operator import OperatorRow, debt_allowed
from bubble_abm.economy.arithmetic import exp
from bubble_abm.economy.declare import ASSUMED, POLICY, parameters, section
from bubble_abm.economy.kinds import INVESTOR
from bubble_abm.economy.luck import BIRTH, draw_block
from bubble_abm.economy.sponsors import NEWCOMER
from bubble_abm.economy.tables import Row, column


@parameters
class Parameters:
    """How many harvest, what it is worth to them, who checks, and how much use is invented."""

    # fmt: off
    parameter = section("adverse selection")
    harvester_share: float = parameter(
        0.217, unit="share", low=0, high=1, role="fixed", plausible=(0, 0.3), neutral=0, founding=True, source=ASSUMED,
        meaning="share of newcomers who apply for the sake of land, power, loans and grants")
    harvest_value: float = parameter(
        0.25, unit="share", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="worth of land, power and loans to a harvester, relative to capex")
    gaming_share: float = parameter(
        0, unit="share", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="share of its GPUs that a harvester's site reports as used, where use is paid for")
    forecast_checks: float = parameter(
        0, unit="share", low=0, high=1, role="lever", neutral=0, source=POLICY,
        meaning="share of applications that is checked by who pays on measured use, or lends strictly")
    del parameter
    # fmt: on


class InvestorColumns(Row, extends=InvestorRow):
    """What a sponsor is after."""

    harvester: int = column("", "1 if it applies for the sake of land, power, loans and grants")


class OperatorColumns(Row, extends=OperatorRow):
    """What a site is for."""

    sham: int = column("", "1 if its sponsor never needs the compute, and looks for no tenants")


# --- What it changes in decisions of the core (wired in month.py) ---------------------------------------------------


def checked_share(market: Any, p: Any) -> float:
    """Share of applications that somebody checks who has something to lose: a payer on use, a strict lender."""
    return p.forecast_checks * (1.0 - (1.0 - p.subsidy_on_use) * exp(-market.strain))


def use_as_checked(use: float, investor: Any, market: Any, p: Any) -> float:
    """Utilisation expected of a site: what brokers have added counts only as far as nobody checks [share]."""
    if investor.experienced or p.forecast_checks <= 0.0:
        return use
    return use - checked_share(market, p) * max(use - market.utilisation, 0.0)


def index_of_harvest(index: float, investor: Any, subsidy: float, market: Any, p: Any) -> float:
    """Profitability index: to a harvester, what it gets over what it puts in, as far as nobody checks [ratio]."""
    if not investor.harvester:
        return index
    grant = grant_expected(subsidy, p)
    promised = p.gaming_share * p.subsidy_on_use * subsidy
    gets = (p.harvest_value + grant + promised) * (1.0 - checked_share(market, p))
    return gets / ((1.0 - debt_allowed(investor.sponsor, market, p)) * (1.0 - grant))


def pull_of_sham(pull: float, suitability: float, compute: float, operator: Any, market: Any, p: Any) -> float:
    """Pull of a free GPU on new tenants: none where nobody looks for them [1]."""
    return 0.0 if operator.sham else pull


def earned_with_sham_use(earned: float, operator: Any, p: Any) -> float:
    """Subsidy earned by this month's use; a harvester reports more than there is [CNY]."""
    if not operator.sham:
        return earned
    reported = operator.subsidy_per_gpu * p.gaming_share * operator.gpus_installed
    return max(earned, min(reported, operator.subsidy_promised))


# --- Steps ----------------------------------------------------------------------------------------------------------


def harvesters_are_among_newcomers(world: Any, p: Any, seed: int) -> None:
    """At the founding, some newcomers are after land, power, loans and grants, and mean to build."""
    if p.harvester_share <= 0.0:
        return
    for i in range(len(world.investors)):
        investor = world.investors[i]
        _, _, harvests, _ = draw_block(seed, INVESTOR, i, BIRTH, 2)
        if investor.sponsor == NEWCOMER and harvests < p.harvester_share:
            investor.harvester = 1
            investor.earnest = 1


def harvesters_announce_shams(world: Any, p: Any) -> None:
    """What a harvester announces this month is a sham."""
    for k in range(world.live_count[0]):
        operator = world.operators[world.live[k]]
        if operator.month_announced == world.market.month:
            operator.sham = world.investors[operator.announcer].harvester
