"""Investors: state firms, listed makers of seasoning or dye, and a few who know data centres."""

from __future__ import annotations

import math
from typing import Any

from bubble_abm.economy.declare import decision
from bubble_abm.economy.tables import Row, column, draw

ANNUITY_MONTHS = 60


class InvestorRow(Row):
    """A potential owner of one data-centre project."""

    id: int = column("", "the project that he announces carries the same number")
    sector: int = column("", "sector in the flow matrix: households and funds")
    experienced: int = column("", "1 if he ran a data centre before")
    deep_pocket: int = column("", "1 for state firms and listed groups that can carry a losing site")
    extrapolation: float = column("1", "strength of trend-following")
    neglect: float = column("share", "share of the others' pipeline that he leaves out")
    taste: float = column("1", "his liking for the business, constant")
    home: int = column("", "province of his seat")
    gpus_intended: float = column("GPU", "size of the project that he has in mind")
    cash: float = column("CNY", "what he can put in")
    stake: float = column("CNY", "equity in his project, at cost")
    social: float = column(
        "share", "neighbours with a live project less twice those with a bankrupt one, when he last decided"
    )
    profitability: float = column("ratio", "profitability index of a project at home as he saw it when he last decided")


class InvestorLuck(Row):
    """What chance decides about an investor in one month."""

    announce: float = draw(0, "announces when under the hazard")
    leave_home: float = draw(1, "looks for a site away from home when over the home probability")
    site: float = draw(2, "which of the best-subsidised provinces")
    pace: float = draw(3, "how fast the site would be built")


@decision
def rent_seen(investor: Any, market: Any) -> float:
    """Rent that an investor takes for today's: the spot for the experienced, contracts in force for the others."""
    return market.rent if investor.experienced else market.contract_rent


@decision
def pipeline_neglected(investor: Any, p: Any) -> float:
    """Share of the others' pipeline that an investor leaves out of the forecast [share]."""
    return investor.neglect


@decision
def expected_rent(investor: Any, market: Any, p: Any) -> float:
    """Rent expected at completion [CNY/(GPU month)].

    The trend is carried over the time to plan and build; the others' pipeline is discounted by competition neglect.

    Notes
    -----
    Extrapolation and competition neglect after Greenwood and Hanson 2015, "Waves in ship prices and investment".
    """
    horizon = p.planning_time + p.building_time
    growth = min(max(market.rent_growth, -0.10), 0.10)
    trend = math.exp(investor.extrapolation * market.trend_weight * growth * horizon / 3.0)
    supply = 1.0 + (1.0 - pipeline_neglected(investor, p)) * market.pipeline / max(market.installed, 1.0)
    demand = math.exp(investor.experienced * min(max(market.demand_growth, -0.04), 0.04) * horizon)
    elasticity = 0.3 + p.training_elasticity
    return rent_seen(investor, market) * trend * (demand / supply) ** (1.0 / elasticity)


@decision
def expected_utilisation(investor: Any, market: Any, p: Any) -> float:
    """Utilisation expected of an own site: the market's, inflated by brokers for the inexperienced [share]."""
    bias = 0.0 if investor.experienced else p.broker_bias
    return min(market.utilisation * (1.0 + bias), 0.95)


def annuity(monthly_rate: float, months: float) -> float:
    """Present value of one yuan a month over ``months``."""
    return (1.0 - math.exp(-months * math.log(1.0 + monthly_rate))) / monthly_rate


@decision
def discount_rate(investor: Any, p: Any) -> float:
    """Rate at which an investor discounts a month; the experienced count obsolescence of 1.5 % a month [1/month]."""
    return p.loan_rate / 12.0 + 0.004 + (0.015 if investor.experienced else 0.0)


@decision
def grant_expected(subsidy: float, p: Any) -> float:
    """Share of capex that an investor counts on being granted at the start, at a given subsidy rate [share]."""
    return subsidy


@decision
def present_value(investor: Any, cost: float, subsidy: float, market: Any, p: Any) -> float:
    """Present value of expected margins per GPU of a site that costs so much and is subsidised so highly [CNY/GPU]."""
    margin = expected_utilisation(investor, market, p) * expected_rent(investor, market, p) - p.running_cost
    return annuity(discount_rate(investor, p), ANNUITY_MONTHS) * margin


@decision
def profitability(investor: Any, subsidy: float, market: Any, p: Any) -> float:
    """Profitability index: present value of a site over the capex left after grants [ratio]."""
    cost = market.chip_price + p.other_capex
    value = present_value(investor, cost, subsidy, market, p)
    return value / (cost * (1.0 - grant_expected(subsidy, p)))


@decision
def announcement_hazard(investor: Any, centre: Any, p: Any) -> float:
    """Probability of announcing a project this month: a logit in profit, neighbours and the central call.

    Every month a share of the investors, the announcement rate, comes to a decision; the logit is how likely it is
    positive. So no hazard exceeds the rate.
    """
    profit = p.choice_intensity * math.log(max(investor.profitability, 0.01) / p.hurdle)
    utility = profit + p.herding * investor.social + p.call_weight * centre.call + p.reluctance + investor.taste
    return p.announcement_rate / (1.0 + math.exp(-utility))


@decision
def goes_ahead(investor: Any, index: float, p: Any) -> bool:
    """Whether a planned project still pays: 0.9 of the hurdle, 0.72 for the inexperienced."""
    return index > (0.9 if investor.experienced else 0.72) * p.hurdle


@decision
def cancellation_hazard(pays: bool, p: Any) -> float:
    """Probability that a plan is given up this month: likely when it does not pay, rare when it does."""
    return p.cancellation_rate * (0.2 if pays else 2.5)
