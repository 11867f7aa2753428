"""Investors: state firms, listed makers of seasoning or dye, and a few who know data centres."""

from __future__ import annotations

import math
from typing import Any

from bubble_abm.economy.declare import ASSUMED, decision, parameters, section
from bubble_abm.economy.tables import Row, column, draw

LEAST_PROFITABILITY = 0.01  # not behaviour: keeps the logarithm of a project that earns nothing finite


@parameters
class Parameters:
    """How investors forecast, calculate and make up their minds."""

    # fmt: off
    parameter = section("investors")
    inexperienced_share: float = parameter(
        0.75, unit="share", low=0, high=1, role="uncertain", founding=True, source="fact C26",
        meaning="investors who never ran a data centre before")
    extrapolation: float = parameter(
        1.7, unit="1", low=0, high=3, role="uncertain", founding=True,
        source="Anufriev and Hommes 2012: 0.4-1.3 in learning-to-forecast experiments", reported=(0.4, 1.3),
        departs="set by hand so that the boom reaches facts C01 and C09",
        meaning="strength with which the trend rule carries the rent's growth forward")
    extrapolation_spread: float = parameter(
        0.5, unit="share", low=0, high=1, role="fixed", founding=True, source=ASSUMED,
        meaning="how far investors differ in extrapolation, on both sides of the mean")
    growth_memory: float = parameter(
        0.2, unit="1/month", low=0.05, high=0.5, role="uncertain", sampled=(0.1, 0.5), source=ASSUMED,
        meaning="weight of the latest month in the growth signal")
    error_memory: float = parameter(
        0.15, unit="1/month", low=0.01, high=1, role="fixed", source=ASSUMED,
        meaning="weight of the latest month in the record of the rules' forecast errors")
    reversion_speed: float = parameter(
        0.1, unit="1/month", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="part of the gap to the replacement rent that the mean-reverting rule expects to close in a month")
    rule_switching: float = parameter(
        4.0, unit="1", low=0, high=10, role="uncertain", source="Anufriev and Hommes 2012",
        meaning="intensity with which investors move to the forecasting rule that erred less")
    trend_bias: float = parameter(
        1.0, unit="1", low=-4, high=4, role="fixed", source=ASSUMED,
        meaning="how far investors prefer the trend rule when both rules erred alike")
    trend_horizon: float = parameter(
        3.0, unit="ratio", low=1, high=12, role="fixed", source=ASSUMED,
        meaning="time to plan and build over the time for which the trend is carried forward")
    believed_growth: float = parameter(
        0.1, unit="1/month", low=0.01, high=0.5, role="fixed", source=ASSUMED,
        meaning="largest monthly growth of the rent that is believed to last")
    demand_memory: float = parameter(
        0.1, unit="1/month", low=0.01, high=1, role="fixed", source=ASSUMED,
        meaning="weight of the latest month in the growth of demand that the experienced see")
    believed_demand_growth: float = parameter(
        0.04, unit="1/month", low=0, high=0.2, role="fixed", source=ASSUMED,
        meaning="largest monthly growth of demand that the experienced believe to last")
    other_elasticity: float = parameter(
        0.3, unit="1", low=0.05, high=2, role="fixed", source=ASSUMED,
        meaning="what investors add to the elasticity of training to get that of all demand")
    competition_neglect: float = parameter(
        0.85, unit="share", low=0, high=1, role="uncertain", founding=True, source="Greenwood and Hanson 2015",
        meaning="share of the others' pipeline that inexperienced investors leave out of their forecast")
    experienced_extrapolation: float = parameter(
        0.3, unit="share", low=0, high=1, role="fixed", founding=True, source=ASSUMED,
        meaning="extrapolation of the experienced, relative to the inexperienced")
    experienced_neglect: float = parameter(
        0.25, unit="share", low=0, high=1, role="fixed", founding=True,
        source="assumption, after Greenwood and Hanson 2015",
        meaning="competition neglect of the experienced")
    broker_bias: float = parameter(
        0.1, unit="share", low=0, high=0.35, role="uncertain", source="assumption: brokers inflate forecasts of use",
        meaning="by how much brokers inflate the utilisation that inexperienced investors believe")
    believed_utilisation: float = parameter(
        0.95, unit="share", low=0.3, high=1, role="fixed", source=ASSUMED,
        meaning="highest utilisation that an investor counts on")
    investment_horizon: float = parameter(
        60.0, unit="months", low=12, high=180, role="fixed", source=ASSUMED,
        meaning="time over which an investor counts margins")
    discount_spread: float = parameter(
        0.004, unit="1/month", low=0, high=0.05, role="fixed", source=ASSUMED,
        meaning="what investors add to the loan rate when they discount")
    obsolescence: float = parameter(
        0.015, unit="1/month", low=0, high=0.1, role="fixed", source=ASSUMED,
        meaning="what the experienced add for the fall of a chip's worth")
    hurdle: float = parameter(
        1.4, unit="ratio", low=1.0, high=2.2, role="uncertain", sampled=(1.1, 2.2), source="Dixit 1992",
        meaning="profitability index that an investor demands before he commits")
    choice_intensity: float = parameter(
        1.5, unit="1", low=0.5, high=4, role="uncertain", source=ASSUMED,
        meaning="sensitivity of the decision to announce to expected profitability")
    herding: float = parameter(
        4.2, unit="1", low=0, high=8, role="uncertain", source=ASSUMED,
        meaning="weight of neighbours' live and bankrupt projects in the decision to announce")
    call_weight: float = parameter(
        2.8, unit="1", low=0, high=3.5, role="uncertain", source="fact C02",
        meaning="weight of the central call to build in the decision to announce")
    reluctance: float = parameter(
        -1.75, unit="1", low=-6, high=3, role="fixed", source=ASSUMED,
        meaning="utility of announcing when nothing speaks for or against it")
    taste_spread: float = parameter(
        1.0, unit="1", low=0, high=6, role="fixed", founding=True, source=ASSUMED,
        meaning="width of the differences in taste for a project")
    neighbours: float = parameter(
        10.0, unit="investors", low=1, high=100, role="fixed", whole=True, founding=True, source=ASSUMED,
        meaning="others of whose projects an investor hears")
    failure_weight: float = parameter(
        2.0, unit="ratio", low=0, high=10, role="fixed", source=ASSUMED,
        meaning="weight of a neighbour's failed project against that of a live one")
    announcement_rate: float = parameter(
        0.082, unit="1/month", low=0, high=0.3, role="fixed", source=ASSUMED,
        meaning="hazard of announcing when everything speaks for it")
    home_bias: float = parameter(
        0.65, unit="share", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="projects announced in the investor's own province")
    provinces_considered: float = parameter(
        6.0, unit="provinces", low=1, high=31, role="fixed", whole=True, founding=True, source=ASSUMED,
        meaning="best-subsidised provinces among which a project away from home chooses")
    start_hurdle: float = parameter(
        0.9, unit="ratio", low=0, high=2, role="fixed", source=ASSUMED,
        meaning="part of the hurdle above which the experienced start a plan")
    inexperienced_start_hurdle: float = parameter(
        0.72, unit="ratio", low=0, high=2, role="fixed", source=ASSUMED,
        meaning="part of the hurdle above which the inexperienced start a plan")
    cancellation_rate: float = parameter(
        0.05, unit="1/month", low=0, high=0.3, role="fixed", source=ASSUMED,
        meaning="hazard of giving up a plan, times 2.5 when it does not pay and 0.2 when it does")
    cancellation_if_paying: float = parameter(
        0.2, unit="ratio", low=0, high=5, role="fixed", source=ASSUMED,
        meaning="hazard of giving up a plan that pays, relative to the rate")
    cancellation_if_losing: float = parameter(
        2.5, unit="ratio", low=0, high=10, role="fixed", source=ASSUMED,
        meaning="hazard of giving up a plan that does not pay, relative to the rate")
    go_ahead_memory: float = parameter(
        0.9, unit="share", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="what the share of plans that start remembers of the past when one more is decided")
    deep_pocket_share: float = parameter(
        0.5, unit="share", low=0, high=1, role="uncertain", founding=True,
        source="assumption; fact C26: 109 listed firms among the owners",
        meaning="investors (state firms, listed groups) who can carry a losing site")
    smallest_purse: float = parameter(
        0.8, unit="ratio", low=0, high=5, role="fixed", founding=True, source=ASSUMED,
        meaning="smallest purse over the equity that the intended site needs")
    purse_spread: float = parameter(
        0.8, unit="ratio", low=0, high=5, role="fixed", founding=True, source=ASSUMED,
        meaning="largest purse less the smallest, in the same measure")
    deep_pocket_depth: float = parameter(
        2.5, unit="ratio", low=1, high=20, role="fixed", founding=True, source=ASSUMED,
        meaning="purse of an owner who can carry a losing site, over that of another")
    del parameter
    # fmt: on


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
    growth = min(max(market.rent_growth, -p.believed_growth), p.believed_growth)
    trend = math.exp(investor.extrapolation * market.trend_weight * growth * horizon / p.trend_horizon)
    supply = 1.0 + (1.0 - pipeline_neglected(investor, p)) * market.pipeline / max(market.installed, 1.0)
    more = min(max(market.demand_growth, -p.believed_demand_growth), p.believed_demand_growth)
    demand = math.exp(investor.experienced * more * horizon)
    elasticity = p.other_elasticity + p.training_elasticity
    return rent_seen(investor, market) * trend * (demand / supply) ** (1.0 / elasticity)


@decision
def expected_utilisation(investor: Any, market: Any, p: Any) -> float:
    """Utilisation expected of an own site: the market's, inflated by brokers for the inexperienced [share]."""
    bias = 0.0 if investor.experienced else p.broker_bias
    return min(market.utilisation * (1.0 + bias), p.believed_utilisation)


def annuity(monthly_rate: float, months: float) -> float:
    """Present value of one yuan a month over ``months``."""
    return (1.0 - math.exp(-months * math.log(1.0 + monthly_rate))) / monthly_rate


@decision
def discount_rate(investor: Any, p: Any) -> float:
    """Rate at which an investor discounts a month; the experienced count obsolescence, too [1/month]."""
    return p.loan_rate / 12.0 + p.discount_spread + (p.obsolescence if investor.experienced else 0.0)


@decision
def grant_expected(subsidy: float, p: Any) -> float:
    """Share of capex that an investor counts on being granted at the start, at a given subsidy rate [share]."""
    return subsidy


@decision
def present_value(investor: Any, cost: float, subsidy: float, market: Any, p: Any) -> float:
    """Present value of expected margins per GPU of a site that costs so much and is subsidised so highly [CNY/GPU]."""
    margin = expected_utilisation(investor, market, p) * expected_rent(investor, market, p) - p.running_cost
    return annuity(discount_rate(investor, p), p.investment_horizon) * margin


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
    profit = p.choice_intensity * math.log(max(investor.profitability, LEAST_PROFITABILITY) / p.hurdle)
    utility = profit + p.herding * investor.social + p.call_weight * centre.call + p.reluctance + investor.taste
    return p.announcement_rate / (1.0 + math.exp(-utility))


@decision
def goes_ahead(investor: Any, index: float, p: Any) -> bool:
    """Whether a planned project still pays: a part of the hurdle, less for the inexperienced."""
    return index > (p.start_hurdle if investor.experienced else p.inexperienced_start_hurdle) * p.hurdle


@decision
def cancellation_hazard(pays: bool, p: Any) -> float:
    """Probability that a plan is given up this month: likely when it does not pay, rare when it does."""
    return p.cancellation_rate * (p.cancellation_if_paying if pays else p.cancellation_if_losing)
