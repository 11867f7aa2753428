"""Lending standards: lenders tighten when they see distress and falling rents, and stop paying out what was agreed.

A tightened standard means less debt for new sites and, for some that are under construction, no next round. Bonds and
policy loans of public sponsors are decided with the plan and are not touched.
Without it, lenders give what they are used to giving, whatever they see.
"""

from __future__ import annotations

from typing import Any

from bubble_abm.economy.agents.operator import DISTRESSED, PAUSED, is_complete
from bubble_abm.economy.arithmetic import exp
from bubble_abm.economy.declare import ASSUMED, decision, parameters, section
from bubble_abm.economy.markets.signals import Market
from bubble_abm.economy.sponsors import PUBLIC
from bubble_abm.economy.tables import Row, column


@parameters
class Parameters:
    """How strict lenders become, and how fast."""

    # fmt: off
    parameter = section("lending standards")
    lender_strictness: float = parameter(
        0.514, unit="1", low=0, high=5, role="uncertain", sampled=(0, 3), neutral=0, source=ASSUMED,
        meaning="how much lenders tighten for a share of sites in distress, or a yearly fall of rents, of one")
    standards_memory: float = parameter(
        0.3, unit="1/month", low=0.05, high=1, role="fixed", source=ASSUMED,
        meaning="speed at which standards follow what lenders see")
    refusal_rate: float = parameter(
        0.15, unit="1/month", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="chance that the next part of a loan is refused, times the part of readiness that is lost")
    resumption_rate: float = parameter(
        0.5, unit="1/month", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="chance that a refused loan is paid on, times readiness")
    del parameter
    # fmt: on


class MarketColumns(Row, extends=Market):
    """How ready lenders are."""

    strain: float = column(
        "1", "what makes lenders strict, smoothed: distress, falling rents, and what else they watch"
    )


# --- Decisions ------------------------------------------------------------------------------------------------------


@decision
def lenders_strain(distress: float, market: Any, p: Any) -> float:
    """What makes lenders strict: the share of sites in distress, and falling rents over a year [1]."""
    return p.lender_strictness * (distress + max(-12.0 * market.rent_growth, 0.0))


def readiness(market: Any) -> float:
    """Readiness of lenders to lend what they lend in good times [share]."""
    return exp(-market.strain)


# --- What it changes in decisions of the core (wired in month.py) ---------------------------------------------------


def debt_by_standards(debt: float, sponsor: int, market: Any, p: Any) -> float:
    """Debt in the part of capex that no grant covers, at the standards of the day; not for public sponsors [share]."""
    return debt if sponsor == PUBLIC else debt * readiness(market)


def lends_by_standards(lends: bool, operator: Any, market: Any, p: Any, luck: Any) -> bool:
    """Whether the lender pays out the next part of a loan: seldom refused, and seldom resumed, at strict standards."""
    if operator.sponsor == PUBLIC or market.strain <= 0.0:
        return lends
    ready = readiness(market)
    if operator.stage == PAUSED:
        return lends and luck.lend < p.resumption_rate * ready
    return lends and luck.lend >= p.refusal_rate * (1.0 - ready)


# --- Steps ----------------------------------------------------------------------------------------------------------


def lenders_set_standards(world: Any, p: Any) -> None:
    """Lenders look at distress and rents, and move their standards towards what they see."""
    sites = distressed = 0.0
    for k in range(world.live_count[0]):
        operator = world.operators[world.live[k]]
        sites += is_complete(operator)
        distressed += operator.stage == DISTRESSED or operator.stage == PAUSED
    seen = lenders_strain(distressed / max(sites, 1.0), world.market, p)
    world.market.strain += p.standards_memory * (seen - world.market.strain)
