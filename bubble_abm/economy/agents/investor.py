"""Investors, the sponsors of projects: public ones, newcomers such as makers of seasoning or dye, and able ones.

Public sponsors (platforms of local governments, telecoms, state firms) follow the call and their province's ambition;
their money is decided with the plan. Newcomers look at profit as it appears to them, or announce for the
announcement's sake. Able sponsors (clouds, carriers' wholesale arms, incumbents among them) expand when their own
sites are full, and see the pipeline. A sponsor may have several projects, in turn or at once.
"""

from __future__ import annotations

import math
from typing import Any

from bubble_abm.economy.arithmetic import exp
from bubble_abm.economy.chip_classes import DOMESTIC
from bubble_abm.economy.declare import ASSUMED, decision, parameters, section
from bubble_abm.economy.sponsors import ABLE, PUBLIC, mean_building_time
from bubble_abm.economy.tables import Row, column, draw

LEAST_PROFITABILITY = 0.01  # not behaviour: keeps the logarithm finite for a project that earns nothing


@parameters
class Parameters:
    """How investors forecast, appraise a project and decide."""

    # fmt: off
    parameter = section("investors")
    public_share: float = parameter(
        0.424, unit="share", low=0, high=1, role="uncertain", founding=True, sampled=(0.15, 0.5), source="fact C34",
        plausible=(0.182, 0.461),
        meaning="share of public sponsors (platforms of local governments, telecoms, state firms) among investors")
    able_share: float = parameter(
        0.137, unit="share", low=0, high=1, role="uncertain", founding=True, sampled=(0.02, 0.2), source=ASSUMED,
        meaning="share of able sponsors (clouds, carriers' wholesale arms, experienced operators) among investors")
    show_share: float = parameter(
        0.224, unit="share", low=0, high=1, role="uncertain", founding=True,
        source="assumption, with fact C26: announcing is cheap and pays by itself",
        plausible=(0.124, 0.928),
        meaning="share of newcomers who announce for the announcement's sake: attention, share price, loans, land")
    first_news: float = parameter(
        0.942, unit="1", low=0, high=5, role="fixed", founding=True, source=ASSUMED,
        meaning="news of the subject up to January 2023; an investor needs an exponential amount with mean one")
    news_rate: float = parameter(
        0.102, unit="1/month", low=0, high=1, role="uncertain", sampled=(0.02, 0.2), source=ASSUMED,
        meaning="news in a month in which the centre calls with full force; projects under way make as much")
    extrapolation: float = parameter(
        0.555, unit="1", low=0, high=3, role="uncertain", founding=True, sampled=(0, 2),
        source="Anufriev and Hommes 2012: 0.4-1.3 in learning-to-forecast experiments", reported=(0.4, 1.3),
        meaning="strength with which newcomers extrapolate the growth of the rent")
    extrapolation_spread: float = parameter(
        0.5, unit="share", low=0, high=1, role="fixed", founding=True, source=ASSUMED,
        meaning="spread of extrapolation across investors, in either direction, relative to the mean")
    growth_memory: float = parameter(
        0.141, unit="1/month", low=0.05, high=0.5, role="uncertain", sampled=(0.1, 0.5), source=ASSUMED,
        meaning="weight of the latest month in the growth signal")
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
        0.0479, unit="1/month", low=0, high=0.2, role="fixed", source=ASSUMED,
        meaning="largest monthly growth of demand, up or down, that able sponsors extrapolate")
    other_elasticity: float = parameter(
        0.3, unit="1", low=0.05, high=2, role="fixed", source=ASSUMED,
        meaning="added to the training elasticity to give the elasticity of all demand that investors reckon with")
    competition_neglect: float = parameter(
        0.862, unit="share", low=0, high=1, role="uncertain", founding=True, source="Greenwood and Hanson 2015",
        meaning="share of competitors' pipeline that newcomers leave out of their forecast")
    experienced_extrapolation: float = parameter(
        0.3, unit="share", low=0, high=1, role="fixed", founding=True, source=ASSUMED,
        meaning="extrapolation by able sponsors, relative to newcomers")
    experienced_neglect: float = parameter(
        0.749, unit="share", low=0, high=1, role="fixed", founding=True,
        source="assumption, after Greenwood and Hanson 2015",
        meaning="competition neglect of able sponsors, never above that of newcomers")
    broker_bias: float = parameter(
        0.143, unit="share", low=0, high=0.35, role="uncertain", source="assumption: brokers inflate forecasts of use",
        meaning="by how much brokers inflate the utilisation that newcomers expect")
    believed_utilisation: float = parameter(
        0.95, unit="share", low=0.3, high=1, role="fixed", source=ASSUMED,
        meaning="highest utilisation that an investor counts on")
    investment_horizon: float = parameter(
        60.0, unit="months", low=12, high=180, role="fixed", source=ASSUMED,
        meaning="months of margins that an investor counts")
    discount_spread: float = parameter(
        0.00447, unit="1/month", low=0.0005, high=0.05,  # at no discount at all an annuity would be divided by nothing
        role="fixed", source=ASSUMED,
        meaning="added to the monthly loan rate in discount rates and in the user cost of capital")
    obsolescence: float = parameter(
        0.0126, unit="1/month", low=0, high=0.1, role="fixed", source=ASSUMED,
        meaning="added to the discount rate by able sponsors, because chips lose value")
    hurdle: float = parameter(
        1.37, unit="ratio", low=1.0, high=2.2, role="uncertain", sampled=(1.1, 2.2), source="Dixit 1992",
        meaning="profitability index that an investor requires before committing")
    choice_intensity: float = parameter(
        3.65, unit="1", low=0.5, high=4, role="uncertain", source=ASSUMED,
        meaning="sensitivity of the decision to announce to expected profitability")
    herding: float = parameter(
        7.05, unit="1", low=0, high=8, role="uncertain", source=ASSUMED,
        meaning="weight of neighbours' live and failed projects in the decision to announce")
    ambition: float = parameter(
        2.14, unit="1", low=0, high=5, role="uncertain", sampled=(0, 3), source="assumption, after Xiong 2018",
        meaning="weight of its province's gap to the leaders in a public sponsor's decision to announce")
    public_reluctance: float = parameter(
        -1.44, unit="1", low=-8, high=3, role="uncertain", sampled=(-6, 0), source="assumption, with fact C34",
        plausible=(-3.06, -0.218),
        meaning="utility to a public sponsor of announcing when nothing speaks for or against it")
    show_value: float = parameter(
        -0.737, unit="1", low=-5, high=5, role="uncertain", sampled=(-2, 2), source=ASSUMED,
        meaning="what an announcement alone is worth, in place of profit, to those who announce for its sake")
    show_effort: float = parameter(
        0.1, unit="ratio", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="chance that a plan announced for show starts, relative to one in earnest, if it pays")
    call_weight: float = parameter(
        0.817, unit="1", low=0, high=3.5, role="uncertain", source="fact C02",
        plausible=(0.27, 3.38),
        meaning="weight of the central call in the decision to announce")
    reluctance: float = parameter(
        -0.761, unit="1", low=-6, high=3, role="fixed", source=ASSUMED,
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
        0.0551, unit="1/month", low=0, high=0.3, role="fixed", source=ASSUMED,
        meaning="share of investors who come to a decision in a month, the upper bound of the hazard")
    home_bias: float = parameter(
        0.65, unit="share", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="chance that a project is planned in the investor's own province")
    provinces_considered: float = parameter(
        6.0, unit="provinces", low=1, high=31, role="fixed", whole=True, founding=True, source=ASSUMED,
        meaning="best-subsidised provinces among which a project away from home is placed")
    start_hurdle: float = parameter(
        0.793, unit="ratio", low=0, high=2, role="fixed", source=ASSUMED,
        meaning="part of the hurdle that a plan of able sponsors must exceed to start")
    newcomer_start_hurdle: float = parameter(
        0.633, unit="ratio", low=0, high=2, role="fixed", source=ASSUMED,
        meaning="part of the hurdle that a plan of newcomers must exceed to start")
    cancellation_rate: float = parameter(
        0.0542, unit="1/month", low=0, high=0.3, role="fixed", source=ASSUMED,
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
    expansion_fill: float = parameter(
        0.665, unit="share", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="use of its own sites above which an able sponsor or a newcomer considers another")
    most_projects: float = parameter(
        4.0, unit="projects", low=1, high=20, role="fixed", whole=True, founding=True, source=ASSUMED,
        meaning="projects that a sponsor announces at most")
    most_under_way: float = parameter(
        2.0, unit="projects", low=1, high=20, role="fixed", source=ASSUMED,
        meaning="plans and sites under construction that an able or public sponsor has at once; a newcomer has one")
    refusal: float = parameter(
        0.567, unit="ratio", low=0, high=3, role="uncertain", sampled=(0.5, 1.5), source=ASSUMED,
        meaning="value expected of a site, over what it still costs to finish it, below which its owner pays no more")
    deep_pocket_share: float = parameter(
        0.93, unit="share", low=0, high=1, role="uncertain", founding=True,
        source="assumption; fact C26: 109 listed firms among the owners",
        plausible=(0.358, 0.957),
        meaning="share of newcomers with deep pockets (listed groups), who can carry a losing site; all others can")
    smallest_purse: float = parameter(
        0.8, unit="ratio", low=0, high=5, role="fixed", founding=True, source=ASSUMED,
        meaning="smallest purse, relative to the equity that the intended site requires")
    purse_spread: float = parameter(
        0.8, unit="ratio", low=0, high=5, role="fixed", founding=True, source=ASSUMED,
        meaning="largest purse less the smallest, in the same units")
    deep_pocket_depth: float = parameter(
        2.5, unit="ratio", low=1, high=20, role="fixed", founding=True, source=ASSUMED,
        meaning="purse of an investor with deep pockets, relative to one without")
    state_capital: float = parameter(
        0.571, unit="share", low=0, high=1, role="fixed", source="assumption: special bonds and policy funds",
        meaning="share of the equity a public sponsor lacks that the centre provides at the start, times its call")
    del parameter
    # fmt: on


class InvestorRow(Row):
    """A potential sponsor of data-centre projects."""

    id: int = column("", "number of the investor, from which its projects have theirs")
    sector: int = column("", "sector in the flow matrix: households and funds")
    sponsor: int = column("", "kind of sponsor: 0 public, 1 newcomer, 2 able")
    earnest: int = column("", "0 if it announces for the announcement's sake")
    experienced: int = column("", "1 if it has run a data centre before, as able sponsors have")
    deep_pocket: int = column("", "1 for public and able sponsors, and listed groups, who can carry a losing site")
    news_needed: float = column("1", "news it takes until the investor considers a project")
    projects: int = column("projects", "announced so far; those of 2022 are included")
    under_way: int = column("projects", "of these planned, under construction or paused")
    failed: int = column("projects", "of these wound up or taken over")
    gpus_installed: float = column("GPU", "at its completed sites")
    gpus_leased: float = column("GPU", "of these let")
    pledged: float = column("CNY", "equity promised to sites under construction, not paid in yet")
    extrapolation: float = column("1", "strength of trend extrapolation")
    neglect: float = column("share", "share of competitors' pipeline that it leaves out")
    taste: float = column("1", "liking for the business, constant")
    home: int = column("", "row of its own province")
    near_users: int = column("", "1 if that province is near the users of inference")
    gpus_intended: float = column("GPU", "size of the project it has in mind")
    cash: float = column("CNY", "deposits, out of which equity is paid in")
    purse: float = column("CNY", "deposits of January 2023; what dividends bring beyond them it spends")
    stake: float = column("CNY", "equity in its projects, at cost")
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
    horizon = p.planning_time + mean_building_time(investor.sponsor, p)
    growth = min(max(market.rent_growth, -p.believed_growth), p.believed_growth)
    trend = exp(investor.extrapolation * growth * horizon / p.trend_horizon)
    supply = 1.0 + (1.0 - pipeline_neglected(investor, p)) * market.pipeline / max(market.installed, 1.0)
    more = min(max(market.demand_growth, -p.believed_demand_growth), p.believed_demand_growth)
    demand = exp(investor.experienced * more * horizon)
    elasticity = p.other_elasticity + p.training_elasticity
    return rent_seen(investor, market) * trend * exp(math.log(demand / supply) / elasticity)


@decision
def expected_utilisation(investor: Any, market: Any, p: Any) -> float:
    """Utilisation expected of an investor's next site [share].

    The market's, inflated by brokers if inexperienced; able sponsors count on what their own sites have, if it is more.
    """
    use = market.utilisation
    if not investor.experienced:
        use *= 1.0 + p.broker_bias
    elif investor.gpus_installed > 0.0:
        use = max(use, investor.gpus_leased / investor.gpus_installed)
    return min(use, p.believed_utilisation)


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


def money_at_hand(investor: Any) -> float:
    """Cash that is not promised to sites under construction [CNY]."""
    return max(investor.cash - investor.pledged, 0.0)


@decision
def considers_project(investor: Any, market: Any, p: Any) -> bool:
    """Whether a sponsor has the subject and a project in mind.

    New sponsors come in as there is more news. Able ones expand when their own sites are fuller than a target, and so
    does a newcomer that has built; one whose project has failed does not come back. Public ones go on as they are told.
    """
    if market.news < investor.news_needed or investor.projects >= p.most_projects:
        return False
    if investor.sponsor == PUBLIC:
        return investor.under_way < p.most_under_way
    full = investor.gpus_leased >= p.expansion_fill * investor.gpus_installed
    if investor.sponsor == ABLE:
        return full and investor.under_way < p.most_under_way
    return full and investor.under_way == 0 and investor.failed == 0


@decision
def announces_in_earnest(investor: Any, index: float, p: Any) -> bool:
    """Whether a sponsor may announce a project of this index; in earnest only what it would start if financed.

    Public sponsors are told to build, and who announces for the announcement's sake does not ask whether it pays.
    """
    return investor.sponsor == PUBLIC or not investor.earnest or goes_ahead(investor, index, p)


@decision
def announcement_hazard(investor: Any, rank_gap: float, centre: Any, p: Any) -> float:
    """Probability of announcing a project this month: a logit in profit, neighbours and the central call.

    Every month a share of investors, the announcement rate, comes to a decision; the logit is the chance that the
    decision is to announce. So no hazard exceeds the rate. In place of profit, public sponsors see the gap between
    their province and the leaders, and who announces for the announcement's sake sees its worth.
    """
    reason = p.reluctance
    if investor.sponsor == PUBLIC:
        reason = p.public_reluctance + p.ambition * rank_gap
    elif investor.earnest:
        reason += p.choice_intensity * math.log(max(investor.profitability, LEAST_PROFITABILITY) / p.hurdle)
    else:
        reason += p.show_value
    utility = reason + p.herding * investor.social + p.call_weight * centre.call + investor.taste
    return p.announcement_rate / (1.0 + exp(-utility))


@decision
def goes_ahead(investor: Any, index: float, p: Any) -> bool:
    """Whether a planned project is worth starting: its index exceeds part of the hurdle, a smaller part for newcomers.

    Part of the hurdle, because preparation is sunk. A public plan goes ahead as soon as its money is there.
    """
    if investor.sponsor == PUBLIC:
        return True
    return index > (p.start_hurdle if investor.experienced else p.newcomer_start_hurdle) * p.hurdle


@decision
def pays_on(investor: Any, value: float, cost_to_finish: float, p: Any) -> bool:
    """Whether an owner pays the next round of a site under construction: it is worth more than it still costs.

    Public sponsors finish what was decided.
    """
    return investor.sponsor == PUBLIC or value >= p.refusal * cost_to_finish


@decision
def cancellation_hazard(investor: Any, pays: bool, p: Any) -> float:
    """Probability that a plan is given up this month: high if it does not pay, low if it does.

    Who announced for the announcement's sake drops the plan at the base rate, whether it pays or not.
    """
    if not investor.earnest:
        return p.cancellation_rate
    return p.cancellation_rate * (p.cancellation_if_paying if pays else p.cancellation_if_losing)


@decision
def class_appeal(investor: Any, chip: Any, cost: float, p: Any) -> float:
    """Weight of a class of chips in the choice for a new site: effective compute per yuan, as uses are today [1].

    Subsidies to public sponsors ask for domestic chips.
    """
    if not chip.on_sale or chip.worth <= 0.0:
        return 0.0
    terms = p.domestic_terms if investor.sponsor == PUBLIC and chip.id == DOMESTIC else 0.0
    return exp(p.class_choice * math.log(chip.worth / cost) + terms)
