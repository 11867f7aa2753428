"""Operators: one data-centre project each, from its announcement to its end, and the incumbent clouds."""

from __future__ import annotations

import math
from typing import Any

from bubble_abm.economy.declare import ASSUMED, decision, parameters, section
from bubble_abm.economy.tables import Row, column, draw

# Stages of a project. Every announced project is in exactly one of 1-8.
NONE, PLANNED, BUILDING, OPERATING, IDLE, DISTRESSED, BANKRUPT, CANCELLED, TAKEN_OVER = range(9)
STAGES = (
    "none", "planned", "building", "operating", "idle", "distressed", "bankrupt", "cancelled", "taken_over",
)  # fmt: skip
PRIME, SECONDARY = 0, 1
INCUMBENT_ID = 1 << 40  # not behaviour: incumbents' numbers start here, so that they never meet an investor's


@parameters
class Parameters:
    """Time to plan and build, finance, costs, rents, distress."""

    # fmt: off
    parameter = section("projects")
    planning_time: float = parameter(
        5, unit="months", low=2.5, high=8, role="uncertain", source="fact C19",
        meaning="mean time from announcement to start of construction")
    building_time: float = parameter(
        7, unit="months", low=3, high=12, role="uncertain", sampled=(4, 10), source="facts C19, C03",
        meaning="mean time of construction")
    building_spread: float = parameter(
        0.3, unit="share", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="how far construction may take less or more than the mean")
    shortest_building: float = parameter(
        3.0, unit="months", low=0, high=12, role="fixed", source=ASSUMED,
        meaning="shortest time of construction")
    opening_share: float = parameter(
        0.5, unit="share", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="chips that must be in before a site opens")
    longest_wait: float = parameter(
        12.0, unit="months", low=0, high=60, role="fixed", source=ASSUMED,
        meaning="time after construction at which a site without chips is given up")
    median_size: float = parameter(
        350, unit="GPU", low=8, high=5_000, role="fixed", founding=True,
        source="assumption: a typical interior centre has 300-500 cards", reported=(300, 500),
        meaning="median size of a project")
    size_spread: float = parameter(
        0.8, unit="1", low=0, high=2, role="fixed", founding=True, source=ASSUMED,
        meaning="log standard deviation of project sizes")
    other_capex: float = parameter(
        110_000, unit="CNY/GPU", low=0, high=400_000, role="fixed", source="fact C17, less the chips",
        meaning="building, power, cooling and the rest of the server")
    leverage: float = parameter(
        0.7, unit="share", low=0, high=0.9, role="uncertain", sampled=(0.4, 0.8),
        source="assumption: lenders' loan-to-value of 0.5-0.7", reported=(0.5, 0.7),
        meaning="debt in the part of capex that the subsidy does not cover")
    loan_tenor: float = parameter(
        42, unit="months", low=24, high=72, role="uncertain", sampled=(30, 60),
        source="assumption: equipment leases of 3-5 years", reported=(36, 60),
        meaning="time over which a loan is repaid")
    loan_rate: float = parameter(
        0.07, unit="1/year", low=0, high=0.2, role="fixed", source=ASSUMED,
        meaning="interest on loans")
    working_capital: float = parameter(
        12, unit="months", low=0, high=24, role="fixed", source=ASSUMED,
        meaning="running cost that a project raises as cash at its start")
    cash_reserve: float = parameter(
        3.0, unit="months", low=0, high=24, role="fixed", source=ASSUMED,
        meaning="running cost that an operator keeps before it makes arrears good")
    dividend_reserve: float = parameter(
        12.0, unit="months", low=0, high=60, role="fixed", source=ASSUMED,
        meaning="cost and debt service that an operator keeps before it pays dividends")
    operator_payout: float = parameter(
        0.5, unit="share", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="part of the cash beyond the reserve that is paid out in a month")
    running_cost: float = parameter(
        2_600, unit="CNY/(GPU month)", low=0, high=10_000, role="fixed", source="fact C16",
        meaning="power, colocation and staff of a running GPU")
    power_share: float = parameter(
        0.22, unit="share", low=0, high=1, role="fixed", source="10 kW a server at the mean price of fact C18",
        meaning="power in the running cost at the mean power price")
    wage_share: float = parameter(
        0.25, unit="share", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="staff in the running cost")
    standby_cost_share: float = parameter(
        0.35, unit="share", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="running cost of a GPU that is on and not leased")
    idle_cost_share: float = parameter(
        0.12, unit="share", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="running cost that remains when a site is switched off")

    parameter = section("leasing")
    natural_occupancy: float = parameter(
        0.8, unit="share", low=0.3, high=0.98, role="fixed", source=ASSUMED,
        meaning="occupancy at which posted rents neither rise nor fall")
    occupancy_width: float = parameter(
        0.25, unit="share", low=0.05, high=1, role="fixed", source=ASSUMED,
        meaning="distance from the natural occupancy at which rents respond with full speed")
    rent_adjustment: float = parameter(
        0.135, unit="1/month", low=0, high=0.3, role="uncertain", sampled=(0.05, 0.2), source="fact C12",
        meaning="monthly response of a posted rent to vacancy")
    rent_anchoring: float = parameter(
        0.25, unit="1/month", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="drift of a posted rent towards the market rent of its quality")
    hold_out: float = parameter(
        1.15, unit="1", low=0, high=1.3, role="uncertain", source="facts C10, C11",
        meaning="share of debt service below which an owner with cash would rather leave the site empty")
    patience: float = parameter(
        8.0, unit="months", low=0.1, high=60, role="fixed", source=ASSUMED,
        meaning="money in hand, in months of cost, with which an owner holds out in full")
    incumbent_floor: float = parameter(
        0.6, unit="share", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="replacement rent under which incumbents do not go")
    rent_sensitivity: float = parameter(
        4.0, unit="1", low=0, high=10, role="fixed", source=ASSUMED,
        meaning="elasticity of a site's share in new leases with respect to its rent")
    lemons_discount: float = parameter(
        0.45, unit="share", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="how far tenants stay away from sites of the lower quality, whatever their rent")
    interior_suitability: float = parameter(
        0.27, unit="share", low=0.02, high=1, role="uncertain", sampled=(0.05, 0.8), source="facts C04, C05",
        meaning="suitability of interior sites for inference")
    hub_suitability: float = parameter(
        0.9, unit="share", low=0.1, high=1, role="fixed", source=ASSUMED,
        meaning="suitability for inference of sites near the users")
    inexperienced_skill: float = parameter(
        0.6, unit="share", low=0.1, high=1, role="fixed", source=ASSUMED,
        meaning="suitability for training of a site run by the inexperienced, the experienced having 1")
    inexperienced_engineering: float = parameter(
        0.8, unit="share", low=0.1, high=1, role="fixed", source=ASSUMED,
        meaning="suitability for inference of a site run by the inexperienced, relative to the experienced")

    parameter = section("distress")
    idling_occupancy: float = parameter(
        0.1, unit="share", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="leased share under which a site may be switched off")
    idling_service: float = parameter(
        0.3, unit="ratio", low=0, high=2, role="fixed", source=ASSUMED,
        meaning="debt service that the rent must cover for a site to stay on, times the hold-out")
    idling_hazard: float = parameter(
        0.3, unit="1/month", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="chance that a site for which both hold is switched off")
    restart_service: float = parameter(
        0.6, unit="ratio", low=0, high=2, role="fixed", source=ASSUMED,
        meaning="debt service that the rent must cover for a site to be switched on, times the hold-out")
    restart_margin: float = parameter(
        1.1, unit="ratio", low=1, high=3, role="fixed", source=ASSUMED,
        meaning="how far above that the rent must be")
    fire_sale_speed: float = parameter(
        0.08, unit="1/month", low=0, high=0.3, role="uncertain", sampled=(0.02, 0.2), source=ASSUMED,
        meaning="chips that a distressed operator sells in a month")
    bank_share: float = parameter(
        0.6, unit="share", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="proceeds of a fire sale that go to the bank")
    forced_sale_value: float = parameter(
        0.85, unit="share", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="what courts take a chip for, over its price")
    months_to_proceedings: float = parameter(
        3.0, unit="months", low=0, high=36, role="fixed", source=ASSUMED,
        meaning="months in the red before courts look at a site")
    proceedings_hazard: float = parameter(
        0.25, unit="1/month", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="chance that proceedings are opened against a site with liabilities above assets")
    longest_distress: float = parameter(
        9.0, unit="months", low=1, high=60, role="fixed", source=ASSUMED,
        meaning="months in the red after which proceedings are opened in any case")
    least_chips: float = parameter(
        0.2, unit="share", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="chips left, over those planned, under which proceedings are opened in any case")
    del parameter
    # fmt: on


class OperatorRow(Row):
    """A project or an incumbent cloud: its site, its chips, its leases, its money."""

    # What every pass over operators or leases reads comes first, so that it lies together in memory.
    id: int = column("", "number of the project, its owner's; incumbents count from 2**40")
    row: int = column("", "place in the table")
    sector: int = column("", "sector in the flow matrix")
    stage: int = column("", "stage of the project, see STAGES")
    incumbent: int = column("", "1 for clouds that were there in January 2023")
    quality: int = column("", "0 prime, 1 secondary: the segment in which rents are compared")
    owner: int = column("", "row of the investor, -1 for incumbents and the state")
    province: int = column("", "row of the province")
    gpus_installed: float = column("GPU", "delivered to the site")
    training_leased: float = column("GPU", "leased for pre-training")
    inference_leased: float = column("GPU", "leased for inference")
    rent: float = column("CNY/(GPU month)", "posted rent")
    revenue: float = column("CNY/month", "rent received this month")
    cash: float = column("CNY", "deposits")
    debt: float = column("CNY", "loans")
    arrears: float = column("CNY", "costs and repayments overdue, carried by the bank")
    # What decisions about one site read.
    patient: int = column("", "1 if the owner can carry a losing site")
    training_suitability: float = column("share", "fitness for pre-training: the operator's skill")
    inference_suitability: float = column("share", "fitness for inference: latency and engineering")
    month_announced: int = column("month", "month of the announcement")
    month_started: int = column("month", "month in which construction was financed and began, -1 before")
    month_opened: int = column("month", "month of completion")
    months_to_build: float = column("months", "left until construction is finished")
    months_building: float = column("months", "planned length of construction")
    gpus_planned: float = column("GPU", "size of the project")
    gpus_on_order: float = column("GPU", "ordered, not delivered")
    order: int = column("", "place of its order in the table of orders, -1 without one")
    running_cost: float = column("CNY/(GPU month)", "power, colocation and staff at the site's power price")
    reservation_rent: float = column("CNY/(GPU month)", "rent under which the owner would rather leave GPUs idle")
    training_offered: float = column("GPU", "given to new training leases this month")
    inference_offered: float = column("GPU", "given to new inference leases this month")
    training_weight: float = column("1", "pull on new training demand per free GPU")
    inference_weight: float = column("1", "pull on new inference demand per free GPU")
    principal: float = column("CNY/month", "repayment due in a month")
    failed: int = column("", "1 while proceedings are open: before the month ends the site is wound up or taken over")
    months_in_red: int = column("months", "months in a row with arrears")
    ponzi: int = column("", "1 if this month's margin does not cover the interest")
    prepaid: float = column("CNY", "paid in advance for chips on order")
    equity: float = column("CNY", "paid in by the owner")
    subsidy_committed: float = column("CNY", "subsidy that the province committed at the start of construction")
    capital: float = column("CNY", "buildings and equipment at cost")


class OperatorLuck(Row):
    """What chance decides about a project in one month."""

    start: float = draw(0, "construction starts when under the hazard")
    cancel: float = draw(1, "the plan is given up when under the hazard")
    contact_1: float = draw(2, "first smuggler asked for a quote")
    contact_2: float = draw(3, "second smuggler asked for a quote")
    contact_3: float = draw(4, "third smuggler asked for a quote")
    idle: float = draw(5, "switches the site off when under the hazard")
    rescue: float = draw(6, "the province rescues when under the probability")
    bankrupt: float = draw(7, "the court opens proceedings when under the hazard")
    lost: float = draw(9, "prepaid orders are lost at a ban when under the probability")
    sell: float = draw(10, "which dealer is offered second-hand chips")
    bidder: float = draw(11, "which platform is offered second-hand chips")


def is_open(operator: Any) -> bool:
    """Whether the site takes tenants."""
    return operator.stage == OPERATING or operator.stage == DISTRESSED or operator.stage == TAKEN_OVER


def is_live(operator: Any) -> bool:
    """Whether the project is under way, or has ended and still holds chips."""
    ended = operator.stage == NONE or operator.stage == CANCELLED or operator.stage == BANKRUPT
    return not ended or operator.gpus_installed > 0.0


def is_complete(operator: Any) -> bool:
    """Whether the site stands, with or without tenants."""
    return operator.stage == IDLE or is_open(operator)


def gpus_leased(operator: Any) -> float:
    """GPUs under lease."""
    return operator.training_leased + operator.inference_leased


def gpus_free(operator: Any) -> float:
    """GPUs on offer: installed, not leased, at an open site."""
    return max(operator.gpus_installed - gpus_leased(operator), 0.0) if is_open(operator) else 0.0


def occupancy(operator: Any) -> float:
    """Leased share of the site."""
    return gpus_leased(operator) / operator.gpus_installed if operator.gpus_installed > 0.0 else 0.0


# --- Building -------------------------------------------------------------------------------------------------------


@decision
def building_time(p: Any, pace: float) -> float:
    """Months of construction: around the mean, never under the shortest."""
    return max(p.building_time * (1.0 - p.building_spread + 2.0 * p.building_spread * pace), p.shortest_building)


@decision
def gpus_to_order(operator: Any, market: Any, p: Any) -> float:
    """Chips to order now [GPU].

    A site under construction orders what it still lacks. A planned one waits, unless supply is about to be cut: then
    it orders part of its chips at once, in a panic.
    """
    lacking = operator.gpus_planned - operator.gpus_installed - operator.gpus_on_order
    if operator.stage == PLANNED:
        lacking = (
            p.panic_orders * market.panic * operator.gpus_planned - operator.gpus_installed - operator.gpus_on_order
        )
    return lacking if lacking >= 1.0 else 0.0


@decision
def opens(operator: Any, p: Any) -> bool:
    """Whether the site opens: construction is finished and enough of its chips are in."""
    return operator.months_to_build <= 0.0 and operator.gpus_installed >= p.opening_share * operator.gpus_planned


@decision
def is_stranded(operator: Any, p: Any) -> bool:
    """Whether a site will never open: long after construction ended it still lacks chips, and nothing is on order."""
    return operator.stage == BUILDING and operator.months_to_build <= -p.longest_wait and operator.gpus_on_order <= 0.0


@decision
def debt_allowed(p: Any) -> float:
    """Debt that lenders give in the part of capex that no grant covers [share]."""
    return p.leverage


# --- Rent -----------------------------------------------------------------------------------------------------------


def debt_service(operator: Any, p: Any) -> float:
    """Interest and repayment due in a month [CNY]."""
    return operator.debt * p.loan_rate / 12.0 + min(operator.principal, operator.debt)


def service_per_gpu(operator: Any, p: Any) -> float:
    """Debt service per GPU as planned: chips that were sold do not raise it [CNY/(GPU month)]."""
    return debt_service(operator, p) / max(operator.gpus_planned, 1.0)


@decision
def avoidable_cost(operator: Any, p: Any) -> float:
    """Cost of letting a GPU [CNY/(GPU month)]."""
    return operator.running_cost


def going_rent(operator: Any, market: Any) -> float:
    """Rent index among sites of the operator's quality [CNY/(GPU month)]."""
    return market.prime_rent if operator.quality == PRIME else market.secondary_rent


def holding_months(operator: Any, purse: float, p: Any) -> float:
    """Months that the owner can carry the empty site from the site's cash and his own purse."""
    burn = p.standby_cost_share * operator.running_cost * operator.gpus_installed + debt_service(operator, p)
    return (operator.cash + purse) / max(burn, 1.0)


@decision
def reservation_rent(operator: Any, purse: float, market: Any, p: Any) -> float:
    """Rent under which the owner would rather leave a GPU idle [CNY/(GPU month)].

    Avoidable cost plus debt service while the money lasts: "rather idle than at a loss". As it runs out, so does the
    hold-out, and the rent falls to avoidable cost. Debt service is spread over the natural occupancy, as in the plan
    that the bank was shown. Incumbents without debt defend a share of the replacement rent, and nobody holds out
    for more than that rent. Debt service counts per GPU as planned: chips sold do not raise the claim. A subsidy on use
    lowers the rent that is borne, as it is lost with the tenant.
    """
    if operator.incumbent:
        return max(operator.running_cost, p.incumbent_floor * market.replacement_rent * min(p.hold_out, 1.0))
    patience = min(holding_months(operator, purse, p) / p.patience, 1.0)
    service = service_per_gpu(operator, p) / p.natural_occupancy
    most = max(market.replacement_rent - operator.running_cost, 0.0)
    return max(avoidable_cost(operator, p) + min(p.hold_out * patience * service, most), 0.0)


@decision
def next_rent(operator: Any, market: Any, p: Any) -> float:
    """Rent the operator posts for next month [CNY/(GPU month)].

    Posted rents rise when the site is fuller than the natural occupancy and fall when it is emptier, drift towards
    the market's for sites of the same quality, and stop at what the owner can bear to accept.
    """
    going = going_rent(operator, market)
    pressure = math.tanh((occupancy(operator) - p.natural_occupancy) / p.occupancy_width)
    asked = operator.rent * math.exp(p.rent_adjustment * pressure + p.rent_anchoring * math.log(going / operator.rent))
    return max(asked, operator.reservation_rent)


@decision
def lease_pull(suitability: float, operator: Any, market: Any, p: Any) -> float:
    """Pull of a free GPU on new tenants: fitness for the use times the rent's attraction [1].

    Tenants stay away from sites of secondary quality beyond what the rent can make up for: they do not compete with
    a hub cloud for the same workload.
    """
    shunned = 1.0 - p.lemons_discount if operator.quality == SECONDARY else 1.0
    return shunned * suitability * math.exp(-p.rent_sensitivity * math.log(operator.rent / market.rent))


# --- Idling, distress -----------------------------------------------------------------------------------------------


@decision
def idles(operator: Any, market: Any, p: Any, luck: Any) -> bool:
    """Whether the site is switched off: hardly let, and the going rent under avoidable cost plus a band."""
    service = service_per_gpu(operator, p)
    worthless = market.secondary_rent < avoidable_cost(operator, p) + p.idling_service * p.hold_out * service
    return occupancy(operator) < p.idling_occupancy and worthless and luck.idle < p.idling_hazard


@decision
def restarts(operator: Any, market: Any, p: Any) -> bool:
    """Whether an idle site is switched on: the rent is above a higher band than the one at which it stopped.

    Notes
    -----
    Hysteresis of entry and exit under uncertainty: Dixit 1989.
    """
    service = service_per_gpu(operator, p)
    enough = avoidable_cost(operator, p) + p.restart_service * p.hold_out * service
    return market.secondary_rent > p.restart_margin * enough


@decision
def gpus_to_sell(operator: Any, p: Any) -> float:
    """Chips a distressed operator sells this month: a share of his chips, none that are leased [GPU]."""
    return min(p.fire_sale_speed * operator.gpus_installed, operator.gpus_installed - gpus_leased(operator))


def is_insolvent(operator: Any, market: Any, p: Any) -> bool:
    """Whether cash and chips at a forced-sale price fall short of the debt."""
    return operator.cash + p.forced_sale_value * operator.gpus_installed * market.chip_price < operator.debt


@decision
def fails(operator: Any, market: Any, p: Any, luck: Any) -> bool:
    """Whether proceedings are opened this month.

    Some months in the red with liabilities above assets, by chance; long in the red or hardly a chip left, in any case.
    """
    if operator.months_in_red >= p.longest_distress or operator.gpus_installed < p.least_chips * operator.gpus_planned:
        return True
    in_reach = operator.months_in_red >= p.months_to_proceedings and is_insolvent(operator, market, p)
    return in_reach and luck.bankrupt < p.proceedings_hazard


# --- Money ----------------------------------------------------------------------------------------------------------


@decision
def operating_cost(operator: Any, p: Any) -> float:
    """Running cost of the month: full for leased GPUs, standby for free ones, little for a site switched off [CNY]."""
    leased = gpus_leased(operator)
    if operator.stage == IDLE:
        return p.idle_cost_share * operator.running_cost * operator.gpus_installed
    return operator.running_cost * (leased + p.standby_cost_share * (operator.gpus_installed - leased))


@decision
def owner_support(operator: Any, shortfall: float, purse: float, p: Any) -> float:
    """What an owner who can carry a losing site pays in when its cash is short: all that is due, if possible [CNY]."""
    return min(shortfall + min(operator.principal, operator.debt), purse)


@decision
def arrears_made_good(operator: Any, p: Any) -> float:
    """What an operator pays on its arrears: the cash beyond a reserve for running costs [CNY]."""
    spare = operator.cash - p.cash_reserve * operator.running_cost * operator.gpus_installed
    return max(min(spare, operator.arrears), 0.0)


@decision
def dividend(operator: Any, p: Any) -> float:
    """What an operator pays out: a part of the cash beyond a reserve for running costs and debt service [CNY]."""
    kept = p.dividend_reserve * (operator.running_cost * operator.gpus_installed + debt_service(operator, p))
    return max(p.operator_payout * (operator.cash - kept), 0.0)
