"""Investors: state firms, listed makers of seasoning or dye, and a few who know data centres, one project each."""

from __future__ import annotations

import math
from typing import Any

from bubble_abm.economy.arithmetic import exp
from bubble_abm.economy.declare import ASSUMED, decision, parameters, section
from bubble_abm.economy.tables import Row, column, draw

LEAST_PROFITABILITY = 0.01  # not behaviour: keeps the logarithm finite for a project that earns nothing


@parameters
class Parameters:
    """How investors forecast, appraise a project and decide."""

    # fmt: off
    parameter = section("investors")
    inexperienced_share: float = parameter(
        0.75, unit="share", low=0, high=1, role="uncertain", founding=True, source="fact C26",
        meaning="share of investors who have never run a data centre")
    extrapolation: float = parameter(
        1.7, unit="1", low=0, high=3, role="uncertain", founding=True,
        source="Anufriev and Hommes 2012: 0.4-1.3 in learning-to-forecast experiments", reported=(0.4, 1.3),
        departs="set by hand so that the boom reaches facts C01 and C09",
        meaning="strength with which the trend rule extrapolates the growth of the rent")
    extrapolation_spread: float = parameter(
        0.5, unit="share", low=0, high=1, role="fixed", founding=True, source=ASSUMED,
        meaning="spread of extrapolation across investors, in either direction, relative to the mean")
    growth_memory: float = parameter(
        0.2, unit="1/month", low=0.05, high=0.5, role="uncertain", sampled=(0.1, 0.5), source=ASSUMED,
        meaning="weight of the latest month in the growth signal")
    error_memory: float = parameter(
        0.15, unit="1/month", low=0.01, high=1, role="fixed", source=ASSUMED,
        meaning="weight of the latest month in the error records of the forecasting rules")
    reversion_speed: float = parameter(
        0.1, unit="1/month", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="share of the gap to the replacement rent that the mean-reverting rule expects to close in a month")
    rule_switching: float = parameter(
        4.0, unit="1", low=0, high=10, role="uncertain", source="Anufriev and Hommes 2012",
        meaning="intensity of choice: how fast investors move to the forecasting rule that has erred less")
    trend_bias: float = parameter(
        1.0, unit="1", low=-4, high=4, role="fixed", source=ASSUMED,
        meaning="predisposition towards the trend rule when both rules have erred alike")
    trend_horizon: float = parameter(
        3.0, unit="ratio", low=1, high=12, role="fixed", source=ASSUMED,
        meaning="time to plan and build, over the time for which the trend is extrapolated")
    believed_growth: float = parameter(
        0.1, unit="1/month", low=0.01, high=0.5, role="fixed", source=ASSUMED,
        meaning="largest monthly growth of the rent, up or down, that investors extrapolate")
    demand_memory: float = parameter(
        0.1, unit="1/month", low=0.01, high=1, role="fixed", source=ASSUMED,
        meaning="weight of the latest month in the demand-growth signal")
    believed_demand_growth: float = parameter(
        0.04, unit="1/month", low=0, high=0.2, role="fixed", source=ASSUMED,
        meaning="largest monthly growth of demand, up or down, that experienced investors extrapolate")
    other_elasticity: float = parameter(
        0.3, unit="1", low=0.05, high=2, role="fixed", source=ASSUMED,
        meaning="added to the training elasticity to give the elasticity of all demand that investors reckon with")
    competition_neglect: float = parameter(
        0.85, unit="share", low=0, high=1, role="uncertain", founding=True, source="Greenwood and Hanson 2015",
        meaning="share of competitors' pipeline that inexperienced investors leave out of their forecast")
    experienced_extrapolation: float = parameter(
        0.3, unit="share", low=0, high=1, role="fixed", founding=True, source=ASSUMED,
        meaning="extrapolation by experienced investors, relative to the inexperienced")
    experienced_neglect: float = parameter(
        0.25, unit="share", low=0, high=1, role="fixed", founding=True,
        source="assumption, after Greenwood and Hanson 2015",
        meaning="competition neglect of experienced investors, never above that of the inexperienced")
    broker_bias: float = parameter(
        0.1, unit="share", low=0, high=0.35, role="uncertain", source="assumption: brokers inflate forecasts of use",
        meaning="by how much brokers inflate the utilisation that inexperienced investors expect")
    believed_utilisation: float = parameter(
        0.95, unit="share", low=0.3, high=1, role="fixed", source=ASSUMED,
        meaning="highest utilisation that an investor counts on")
    investment_horizon: float = parameter(
        60.0, unit="months", low=12, high=180, role="fixed", source=ASSUMED,
        meaning="months of margins that an investor counts")
    discount_spread: float = parameter(
        0.004, unit="1/month", low=0.0005, high=0.05,  # at no discount at all an annuity would be divided by nothing
        role="fixed", source=ASSUMED,
        meaning="added to the monthly loan rate in discount rates and in the user cost of capital")
    obsolescence: float = parameter(
        0.015, unit="1/month", low=0, high=0.1, role="fixed", source=ASSUMED,
        meaning="added to the discount rate by experienced investors, because chips lose value")
    hurdle: float = parameter(
        1.4, unit="ratio", low=1.0, high=2.2, role="uncertain", sampled=(1.1, 2.2), source="Dixit 1992",
        meaning="profitability index that an investor requires before committing")
    choice_intensity: float = parameter(
        1.5, unit="1", low=0.5, high=4, role="uncertain", source=ASSUMED,
        meaning="sensitivity of the decision to announce to expected profitability")
    herding: float = parameter(
        4.2, unit="1", low=0, high=8, role="uncertain", source=ASSUMED,
        meaning="weight of neighbours' live and failed projects in the decision to announce")
    call_weight: float = parameter(
        2.8, unit="1", low=0, high=3.5, role="uncertain", source="fact C02",
        meaning="weight of the central call in the decision to announce")
    reluctance: float = parameter(
        -1.75, unit="1", low=-6, high=3, role="fixed", source=ASSUMED,
        meaning="utility of announcing when nothing speaks for or against it")
    taste_spread: float = parameter(
        1.0, unit="1", low=0, high=6, role="fixed", founding=True, source=ASSUMED,
        meaning="width of the uniform distribution of tastes for a project")
    neighbours: float = parameter(
        10.0, unit="investors", low=1, high=100, role="fixed", whole=True, founding=True, source=ASSUMED,
        meaning="other investors whose projects an investor hears about")
    failure_weight: float = parameter(
        2.0, unit="ratio", low=0, high=10, role="fixed", source=ASSUMED,
        meaning="weight of a neighbour's failed project, relative to a live one")
    announcement_rate: float = parameter(
        0.082, unit="1/month", low=0, high=0.3, role="fixed", source=ASSUMED,
        meaning="share of investors who come to a decision in a month, the upper bound of the hazard")
    home_bias: float = parameter(
        0.65, unit="share", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="chance that a project is planned in the investor's own province")
    provinces_considered: float = parameter(
        6.0, unit="provinces", low=1, high=31, role="fixed", whole=True, founding=True, source=ASSUMED,
        meaning="best-subsidised provinces among which a project away from home is placed")
    start_hurdle: float = parameter(
        0.9, unit="ratio", low=0, high=2, role="fixed", source=ASSUMED,
        meaning="part of the hurdle that a plan of experienced investors must exceed to start")
    inexperienced_start_hurdle: float = parameter(
        0.72, unit="ratio", low=0, high=2, role="fixed", source=ASSUMED,
        meaning="part of the hurdle that a plan of inexperienced investors must exceed to start")
    cancellation_rate: float = parameter(
        0.05, unit="1/month", low=0, high=0.3, role="fixed", source=ASSUMED,
        meaning="base hazard of giving up a plan")
    cancellation_if_paying: float = parameter(
        0.2, unit="ratio", low=0, high=5, role="fixed", source=ASSUMED,
        meaning="hazard of giving up a plan that pays, relative to the base hazard")
    cancellation_if_losing: float = parameter(
        2.5, unit="ratio", low=0, high=3,  # at the highest rate still a probability
        role="fixed", source=ASSUMED,
        meaning="hazard of giving up a plan that does not pay, relative to the base hazard")
    go_ahead_memory: float = parameter(
        0.9, unit="share", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="weight of the past in the share of plans that start, for each plan decided")
    deep_pocket_share: float = parameter(
        0.5, unit="share", low=0, high=1, role="uncertain", founding=True,
        source="assumption; fact C26: 109 listed firms among the owners",
        meaning="share of investors with deep pockets (state firms, listed groups), who can carry a losing site")
    smallest_purse: float = parameter(
        0.8, unit="ratio", low=0, high=5, role="fixed", founding=True, source=ASSUMED,
        meaning="smallest purse, relative to the equity that the intended site requires")
    purse_spread: float = parameter(
        0.8, unit="ratio", low=0, high=5, role="fixed", founding=True, source=ASSUMED,
        meaning="largest purse less the smallest, in the same units")
    deep_pocket_depth: float = parameter(
        2.5, unit="ratio", low=1, high=20, role="fixed", founding=True, source=ASSUMED,
        meaning="purse of an investor with deep pockets, relative to one without")
    del parameter
    # fmt: on


class InvestorRow(Row):
    """A potential owner of one data-centre project."""

    id: int = column("", "number of the investor; its project carries the same number")
    sector: int = column("", "sector in the flow matrix: households and funds")
    experienced: int = column("", "1 if it has run a data centre before")
    deep_pocket: int = column("", "1 for state firms and listed groups that can carry a losing site")
    extrapolation: float = column("1", "strength of trend extrapolation")
    neglect: float = column("share", "share of competitors' pipeline that it leaves out")
    taste: float = column("1", "liking for the business, constant")
    home: int = column("", "row of its own province")
    gpus_intended: float = column("GPU", "size of the project it has in mind")
    cash: float = column("CNY", "deposits, out of which equity is paid in")
    purse: float = column("CNY", "deposits of January 2023; what dividends bring beyond them it spends")
    stake: float = column("CNY", "equity in its project, at cost")
    social: float = column(
        "share", "neighbours with a live project less those with a failed one, weighted, at its last decision"
    )
    profitability: float = column("ratio", "profitability index of the project it had in mind, at its last decision")


class InvestorLuck(Row):
    """What chance decides about an investor in one month."""

    announce: float = draw(0, "a project is announced if below the hazard")
    leave_home: float = draw(1, "the site is away from home unless below the home bias")
    site: float = draw(2, "which of the best-subsidised provinces; the remainder decides on a refusal")
    pace: float = draw(3, "how long construction would take")


@decision
def rent_seen(investor: Any, market: Any) -> float:
    """Rent taken as today's: the spot index by the experienced, average contracts by the others [CNY/(GPU month)]."""
    return market.rent if investor.experienced else market.contract_rent


@decision
def pipeline_neglected(investor: Any, p: Any) -> float:
    """Share of competitors' pipeline that an investor leaves out of the forecast [share]."""
    return investor.neglect


@decision
def expected_rent(investor: Any, market: Any, p: Any) -> float:
    """Rent expected at completion [CNY/(GPU month)].

    Today's rent is extrapolated over the time to plan and build, and corrected for the supply and demand that the
    investor foresees; competition neglect hides part of competitors' pipeline.

    Notes
    -----
    Extrapolation and competition neglect after Greenwood and Hanson 2015, "Waves in ship prices and investment".
    """
    horizon = p.planning_time + p.building_time
    growth = min(max(market.rent_growth, -p.believed_growth), p.believed_growth)
    trend = exp(investor.extrapolation * market.trend_weight * growth * horizon / p.trend_horizon)
    supply = 1.0 + (1.0 - pipeline_neglected(investor, p)) * market.pipeline / max(market.installed, 1.0)
    more = min(max(market.demand_growth, -p.believed_demand_growth), p.believed_demand_growth)
    demand = exp(investor.experienced * more * horizon)
    elasticity = p.other_elasticity + p.training_elasticity
    return rent_seen(investor, market) * trend * exp(math.log(demand / supply) / elasticity)


@decision
def expected_utilisation(investor: Any, market: Any, p: Any) -> float:
    """Utilisation expected of an investor's own site: the market's, inflated by brokers if inexperienced [share]."""
    bias = 0.0 if investor.experienced else p.broker_bias
    return min(market.utilisation * (1.0 + bias), p.believed_utilisation)


def annuity(monthly_rate: float, months: float) -> float:
    """Present value of one yuan a month, paid for ``months`` months [CNY]."""
    return (1.0 - exp(-months * math.log(1.0 + monthly_rate))) / monthly_rate


@decision
def discount_rate(investor: Any, p: Any) -> float:
    """Monthly rate at which an investor discounts; the experienced allow for obsolescence [1/month]."""
    return p.loan_rate / 12.0 + p.discount_spread + (p.obsolescence if investor.experienced else 0.0)


@decision
def grant_expected(subsidy: float, p: Any) -> float:
    """Share of capex that an investor expects to be granted at the start, given the subsidy rate [share]."""
    return subsidy


@decision
def present_value(investor: Any, cost: float, subsidy: float, market: Any, p: Any) -> float:
    """Present value of the margins expected per GPU, given its cost and the subsidy rate [CNY/GPU]."""
    margin = expected_utilisation(investor, market, p) * expected_rent(investor, market, p) - p.running_cost
    return annuity(discount_rate(investor, p), p.investment_horizon) * margin


@decision
def profitability(investor: Any, subsidy: float, market: Any, p: Any) -> float:
    """Profitability index: present value of a site over the capex that grants do not cover [ratio]."""
    cost = market.chip_price + p.other_capex
    value = present_value(investor, cost, subsidy, market, p)
    return value / (cost * (1.0 - grant_expected(subsidy, p)))


@decision
def announcement_hazard(investor: Any, centre: Any, p: Any) -> float:
    """Probability of announcing a project this month: a logit in profit, neighbours and the central call.

    Every month a share of investors, the announcement rate, comes to a decision; the logit is the chance that the
    decision is to announce. So no hazard exceeds the rate.
    """
    profit = p.choice_intensity * math.log(max(investor.profitability, LEAST_PROFITABILITY) / p.hurdle)
    utility = profit + p.herding * investor.social + p.call_weight * centre.call + p.reluctance + investor.taste
    return p.announcement_rate / (1.0 + exp(-utility))


@decision
def goes_ahead(investor: Any, index: float, p: Any) -> bool:
    """Whether a planned project still pays: its index exceeds part of the hurdle, a smaller part if inexperienced."""
    return index > (p.start_hurdle if investor.experienced else p.inexperienced_start_hurdle) * p.hurdle


@decision
def cancellation_hazard(pays: bool, p: Any) -> float:
    """Probability that a plan is given up this month: high if it does not pay, low if it does."""
    return p.cancellation_rate * (p.cancellation_if_paying if pays else p.cancellation_if_losing)
