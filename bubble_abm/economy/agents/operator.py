"""Operators: one data-centre project each, from its announcement to its end, and the incumbent clouds."""

from __future__ import annotations

import math
from typing import Any

from bubble_abm.economy.arithmetic import exp
from bubble_abm.economy.declare import ASSUMED, decision, parameters, section
from bubble_abm.economy.sponsors import ABLE, PUBLIC, mean_building_time
from bubble_abm.economy.tables import Row, column, draw

# Stages of a project. Every announced project is in exactly one of 1-9.
NONE, PLANNED, BUILDING, OPERATING, IDLE, DISTRESSED, BANKRUPT, CANCELLED, TAKEN_OVER, PAUSED = range(10)
STAGES = (
    "none", "planned", "building", "operating", "idle", "distressed", "bankrupt", "cancelled", "taken_over", "paused",
)  # fmt: skip
PRIME, SECONDARY = 0, 1
UNTRIED, CONVERTING, CONVERTED, UNCONVERTED = range(4)  # what has become of its conversion to inference
PROJECT_STEP = 1 << 32  # not behaviour: an investor's projects have its number plus as many times this as came before
INCUMBENT_ID = 1 << 40  # not behaviour: incumbents' numbers start here, so that none is another project's


@parameters
class Parameters:
    """Time to plan and build, finance, costs, rents, distress."""

    # fmt: off
    parameter = section("projects")
    planning_time: float = parameter(
        2.59, unit="months", low=2.5, high=8, role="uncertain", source="fact C19",
        meaning="inverse of the monthly chance that a plan that pays starts; counted in forecasts as time to plan")
    building_time: float = parameter(
        6.19, unit="months", low=3, high=12, role="uncertain", sampled=(4, 9),
        source="fact C19: prefabricated and colocated sites 5 months", reported=(3, 9),
        meaning="mean construction time of newcomers, who use halls that stand")
    public_building_time: float = parameter(
        15.8, unit="months", low=5, high=30, role="uncertain", sampled=(14, 19),
        source="fact C19: Guian 16-18, Lanzhou 19, Zhongwei 14", reported=(14, 19),
        meaning="mean construction time of public sponsors")
    able_building_time: float = parameter(
        7.78, unit="months", low=3, high=24, role="uncertain", sampled=(6, 14), source="fact C19", reported=(5, 19),
        meaning="mean construction time of able sponsors")
    building_spread: float = parameter(
        0.3, unit="share", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="spread of construction time in either direction, relative to the mean")
    shortest_building: float = parameter(
        3.0, unit="months", low=0, high=12, role="fixed", source=ASSUMED,
        meaning="shortest construction time")
    opening_share: float = parameter(
        0.5, unit="share", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="share of the planned chips that must be in before a site opens")
    longest_wait: float = parameter(
        12.0, unit="months", low=0, high=60, role="fixed", source=ASSUMED,
        meaning="time after construction at which a site without enough chips is given up")
    median_size: float = parameter(
        2_310.0, unit="GPU", low=8, high=5_000, role="fixed", founding=True,
        source="fact C36: 1-3.4 bn CNY a project; chips of all classes",
        meaning="median size of a public sponsor's intended project")
    newcomer_size: float = parameter(
        0.732, unit="ratio", low=0.05, high=5, role="fixed", founding=True, source=ASSUMED,
        meaning="median size of a newcomer's project, relative to a public one")
    able_size: float = parameter(
        1.75, unit="ratio", low=0.05, high=5, role="fixed", founding=True, source=ASSUMED,
        meaning="median size of an able sponsor's project, relative to a public one")
    size_spread: float = parameter(
        1.1, unit="1", low=0, high=2, role="fixed", founding=True, source=ASSUMED,
        meaning="log standard deviation of project sizes")
    other_capex: float = parameter(
        90_500.0, unit="CNY/GPU", low=0, high=400_000, role="fixed", source="fact C17, less the chips",
        meaning="capex besides chips: building, power, cooling and the rest of the server")
    leverage: float = parameter(
        0.509, unit="share", low=0, high=0.9, role="uncertain", sampled=(0.4, 0.8),
        source="assumption: lenders' loan-to-value of 0.5-0.7", reported=(0.5, 0.7),
        meaning="debt of newcomers in the part of capex that no grant covers")
    public_leverage: float = parameter(
        0.7, unit="share", low=0, high=0.9, role="fixed", source="assumption: capital rules for public investment",
        meaning="debt of public sponsors in that part: bonds and policy loans, decided with the plan")
    able_leverage: float = parameter(
        0.5, unit="share", low=0, high=0.9, role="fixed", source=ASSUMED,
        meaning="debt of able sponsors in that part")
    smallest_start: float = parameter(
        0.3, unit="share", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="share of the planned size for which there must be equity, or the plan waits")
    longest_pause: float = parameter(
        6.0, unit="months", low=0, high=36, role="fixed", source=ASSUMED,
        meaning="time after which a paused site is given up and what it has is sold")
    milestones: float = parameter(
        3.0, unit="payments", low=1, high=12, role="fixed", whole=True, source=ASSUMED,
        meaning="equal parts in which a grant is paid: the first at the start, the last before the opening")
    loan_tenor: float = parameter(
        34.2, unit="months", low=24, high=72, role="uncertain", sampled=(30, 60),
        source="assumption: equipment leases of 3-5 years", reported=(36, 60),
        departs="the most central economy of the ensemble has a little less; most others are within",
        meaning="time over which a loan is repaid, in equal parts")
    loan_rate: float = parameter(
        0.07, unit="1/year", low=0, high=0.2, role="fixed", source=ASSUMED,
        meaning="interest on loans")
    working_capital: float = parameter(
        12, unit="months", low=0, high=24, role="fixed", source=ASSUMED,
        meaning="months of running cost that a project raises as cash at its start")
    cash_reserve: float = parameter(
        3.0, unit="months", low=0, high=24, role="fixed", source=ASSUMED,
        meaning="months of running cost that an operator keeps in cash before it makes arrears good")
    dividend_reserve: float = parameter(
        12.0, unit="months", low=0, high=60, role="fixed", source=ASSUMED,
        meaning="months of running cost and debt service that an operator keeps before it pays dividends")
    operator_payout: float = parameter(
        0.5, unit="share", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="share of the cash beyond the reserve that is paid out in a month")
    running_cost: float = parameter(
        2_600, unit="CNY/(GPU month)", low=400, high=10_000,  # at less than the power, nothing keeps rents from falling
        role="fixed", source="fact C16",
        meaning="power, colocation and staff for a GPU in use")
    power_share: float = parameter(
        0.22, unit="share", low=0, high=0.6,  # with the highest share of staff, the whole running cost
        role="fixed", source="10 kW a server at the mean price of fact C18",
        meaning="share of power in the running cost, at the mean power price")
    wage_share: float = parameter(
        0.25, unit="share", low=0, high=0.4,  # with the highest share of power, the whole running cost
        role="fixed", source=ASSUMED,
        meaning="share of staff in the running cost")
    standby_cost_share: float = parameter(
        0.35, unit="share", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="cost of a GPU that is on but not leased, relative to the running cost")
    idle_cost_share: float = parameter(
        0.198, unit="share", low=0, high=1, role="fixed", source="fact C48 for its power, assumption for the rest",
        reported=(0.1, 0.25),
        meaning="cost of a GPU at a site that is switched off, relative to the running cost")

    parameter = section("leasing")
    natural_occupancy: float = parameter(
        0.8, unit="share", low=0.3, high=0.98, role="fixed", source=ASSUMED,
        meaning="occupancy at which posted rents neither rise nor fall")
    occupancy_width: float = parameter(
        0.25, unit="share", low=0.05, high=1, role="fixed", source=ASSUMED,
        meaning="gap to the natural occupancy at which the response of rents begins to saturate")
    rent_adjustment: float = parameter(
        0.137, unit="1/month", low=0, high=0.3, role="uncertain", sampled=(0.05, 0.2),
        source="fact C12",
        plausible=(0.111, 0.194),
        meaning="monthly response of a posted rent to occupancy")
    rent_anchoring: float = parameter(
        0.25, unit="1/month", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="monthly drift of a posted rent towards the rent index of its quality segment")
    hold_out: float = parameter(
        0.974, unit="1", low=0, high=1.3, role="uncertain", source="facts C10, C11",
        plausible=(0.734, 1.29),
        meaning="share of debt service that an owner with enough money demands on top of avoidable cost")
    patience: float = parameter(
        10.7, unit="months", low=0.1, high=60, role="fixed", source=ASSUMED,
        meaning="months of an empty site's cost, in cash and purse, with which an owner holds out in full")
    incumbent_floor: float = parameter(
        0.6, unit="share", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="lowest rent that incumbents accept, relative to the replacement rent")
    rent_sensitivity: float = parameter(
        4.0, unit="1", low=0, high=10, role="fixed", source=ASSUMED,
        meaning="elasticity of a site's pull on new tenants with respect to its rent, in absolute value")
    lemons_discount: float = parameter(
        0.45, unit="share", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="share by which the pull of secondary sites on tenants is lower, whatever their rent")
    interior_suitability: float = parameter(
        0.209, unit="share", low=0.02, high=1, role="uncertain", sampled=(0.05, 0.8), source="facts C04, C05",
        meaning="fitness of interior sites for inference")
    hub_suitability: float = parameter(
        0.9, unit="share", low=0.1, high=1, role="fixed", source=ASSUMED,
        meaning="fitness for inference of sites near the users")
    inexperienced_skill: float = parameter(
        0.6, unit="share", low=0.1, high=1, role="fixed", source=ASSUMED,
        meaning="fitness for training of a site of inexperienced owners; 1 for the experienced")
    inexperienced_engineering: float = parameter(
        0.8, unit="share", low=0.1, high=1, role="fixed", source=ASSUMED,
        meaning="fitness for inference of a site of inexperienced owners, relative to the experienced")

    rent_abroad: float = parameter(
        8.0, unit="ratio", low=1, high=10,  # without any limit, whoever needs compute would pay whatever is asked
        role="fixed",
        source="assumption: 6 at the list price of large clouds abroad in 2024, 12 USD/h for an H100; and the detour",
        meaning="rent of compute abroad, all it takes to use it included, relative to the replacement rent")

    parameter = section("distress")
    idling_occupancy: float = parameter(
        0.1, unit="share", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="occupancy below which a site may be switched off")
    idling_service: float = parameter(
        0.3, unit="ratio", low=0, high=2, role="fixed", source=ASSUMED,
        meaning="share of debt service, times the hold-out, that the rent must cover for a site to stay on")
    idling_hazard: float = parameter(
        0.3, unit="1/month", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="monthly chance that a site that meets both conditions is switched off")
    restart_service: float = parameter(
        0.6, unit="ratio", low=0, high=2, role="fixed", source=ASSUMED,
        meaning="share of debt service, times the hold-out, that the rent must cover for a site to be switched on")
    restart_margin: float = parameter(
        1.1, unit="ratio", low=1, high=3, role="fixed", source=ASSUMED,
        meaning="rent at which an idle site is switched on, relative to what it must cover")
    fire_sale_speed: float = parameter(
        0.0618, unit="1/month", low=0, high=0.3, role="uncertain", sampled=(0.02, 0.2), source=ASSUMED,
        meaning="share of its chips that a distressed operator sells in a month")
    bank_share: float = parameter(
        0.6, unit="share", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="share of the proceeds of a fire sale that goes to the bank")
    public_patience: float = parameter(
        0.15, unit="ratio", low=0, high=1, role="fixed", source="assumption: a soft budget constraint, Kornai 1986",
        meaning="chance that proceedings are opened against a public site in arrears, relative to others")
    forced_sale_value: float = parameter(
        0.85, unit="share", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="value of a chip in the test of insolvency, relative to its price")
    months_to_proceedings: float = parameter(
        3.0, unit="months", low=0, high=36, role="fixed", source=ASSUMED,
        meaning="months in arrears before proceedings may be opened against an insolvent site")
    proceedings_hazard: float = parameter(
        0.25, unit="1/month", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="monthly chance that proceedings are then opened")
    longest_distress: float = parameter(
        9.0, unit="months", low=1, high=60, role="fixed", source=ASSUMED,
        meaning="months in arrears after which proceedings are opened in any case")
    least_chips: float = parameter(
        0.2, unit="share", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="share of the planned chips below which proceedings are opened against a site in arrears in any case")
    del parameter
    # fmt: on


class OperatorRow(Row):
    """A project or an incumbent cloud: its site, its chips, its leases, its money."""

    # Columns read in every pass over operators or leases come first, so that they lie together in memory.
    id: int = column("", "number of the project: its announcer's plus 2**32 for each that came before")
    row: int = column("", "its row in the table")
    sector: int = column("", "sector in the flow matrix")
    stage: int = column("", "stage of the project, see STAGES")
    incumbent: int = column("", "1 for clouds that existed in January 2023")
    quality: int = column("", "0 prime, 1 secondary: the segment in which rents are compared")
    owner: int = column("", "row of the investor; -1 for sites that the state has taken over")
    province: int = column("", "row of the province")
    gpus_installed: float = column("GPU", "delivered to the site")
    training_leased: float = column("GPU", "leased for pre-training")
    inference_leased: float = column("GPU", "leased for inference")
    rent: float = column("CNY/(GPU month)", "posted rent")
    revenue: float = column("CNY/month", "rent received this month")
    cash: float = column("CNY", "deposits")
    debt: float = column("CNY", "loans")
    arrears: float = column("CNY", "costs and repayments overdue, carried by the bank as part of the debt")
    # Columns read in decisions about one site.
    sponsor: int = column("", "kind of sponsor that announced it: 0 public, 1 newcomer, 2 able")
    announcer: int = column("", "row of the investor that announced it")
    patient: int = column("", "1 if the owner has deep pockets and can carry a losing site")
    training_suitability: float = column("share", "fitness for pre-training: the operator's skill")
    inference_suitability: float = column("share", "fitness for inference: nearness to users and engineering")
    chip: int = column("", "class of the chips that it orders")
    training_chips: float = column("ratio", "effective compute of its chips in pre-training, that of the weakest class")
    inference_chips: float = column("ratio", "effective compute of its chips in inference, on average")
    running_chips: float = column("ratio", "running cost of its chips, relative to the H100 class")
    best_chips: float = column("ratio", "effective compute of its chips in what they are best at")
    chip_price: float = column("CNY/GPU", "price of its chips today, on average")
    month_announced: int = column("month", "month of the announcement")
    month_started: int = column("month", "month in which construction was financed and began, -1 before")
    month_opened: int = column("month", "month in which the site opened, -1 before")
    months_to_build: float = column("months", "until construction is finished; negative afterwards")
    months_building: float = column("months", "planned length of construction")
    months_paused: int = column("months", "in a row without the next round of money")
    gpus_planned: float = column("GPU", "size of the project")
    gpus_on_order: float = column("GPU", "ordered, not delivered")
    order: int = column("", "row of its order in the table of orders, -1 without one")
    running_cost: float = column("CNY/(GPU month)", "power, colocation and staff at the site's power price")
    reservation_rent: float = column("CNY/(GPU month)", "rent below which the owner would rather leave GPUs idle")
    opaque: int = column("", "1 if its contracts name petaflops alone, not the class of chips or the site")
    gpus_expired: float = column("GPU", "in leases that expired this month")
    gpus_hidden: float = column("GPU", "free, and not found this month by tenants who look for compute")
    gpus_brought: float = column("GPU", "of the leased ones let to tenants that came with the site")
    training_offered: float = column("GPU", "allotted to new training leases this month")
    inference_offered: float = column("GPU", "allotted to new inference leases this month")
    training_weight: float = column("1", "pull of a free GPU on new training demand")
    inference_weight: float = column("1", "pull of a free GPU on new inference demand")
    principal: float = column("CNY/month", "repayment due each month")
    failed: int = column("", "1 once proceedings are open; the site is wound up or taken over before the month ends")
    months_in_red: int = column("months", "months in a row with arrears")
    ponzi: int = column("", "1 if this month's margin does not cover the interest")
    prepaid: float = column("CNY", "paid in advance for chips on order")
    unearned_rent: float = column("CNY", "received from tenants for months to come")
    equity: float = column("CNY", "paid in by the owner")
    equity_pledged: float = column("CNY", "equity promised by the owner, not paid in yet")
    loan_promised: float = column("CNY", "loan agreed, not drawn yet")
    subsidy_committed: float = column("CNY", "subsidy that the province committed at the start of construction")
    grant: float = column("CNY", "part of it that is granted, paid at milestones")
    grant_paid: float = column("CNY", "of this paid")
    capital: float = column("CNY", "buildings and equipment at cost")


class OperatorLuck(Row):
    """What chance decides about a project in one month."""

    start: float = draw(0, "construction starts if below the hazard")
    cancel: float = draw(1, "the plan is given up if below the hazard")
    contact_1: float = draw(2, "first smuggler asked for a quote")
    contact_2: float = draw(3, "second smuggler asked for a quote")
    contact_3: float = draw(4, "third smuggler asked for a quote")
    idle: float = draw(5, "the site is switched off if below the hazard")
    rescue: float = draw(6, "the province rescues if below the probability")
    bankrupt: float = draw(7, "the court opens proceedings if below the hazard")
    lost: float = draw(9, "prepaid orders are lost at a ban if below the probability")
    sell: float = draw(10, "which dealer is offered second-hand chips")
    lend: float = draw(12, "the lender pays out the next part of the loan if below its readiness")
    bidder: float = draw(11, "which platform is offered second-hand chips")


def is_open(operator: Any) -> bool:
    """Whether the site takes tenants."""
    return (operator.stage == OPERATING) | (operator.stage == DISTRESSED) | (operator.stage == TAKEN_OVER)


def is_live(operator: Any) -> bool:
    """Whether the project is under way, or has ended and still holds chips."""
    ended = operator.stage == NONE or operator.stage == CANCELLED or operator.stage == BANKRUPT
    return not ended or operator.gpus_installed > 0.0


def is_under_construction(operator: Any) -> bool:
    """Whether the site has been started and is not open yet, be it that its construction stands still."""
    return (operator.stage == BUILDING) | (operator.stage == PAUSED)


def is_complete(operator: Any) -> bool:
    """Whether the site stands: completed, switched on or off, and not wound up."""
    return (operator.stage == IDLE) | is_open(operator)


def is_public(operator: Any) -> bool:
    """Whether the site is still in the hands of the public sponsor that announced it."""
    return operator.sponsor == PUBLIC and operator.owner >= 0 and operator.owner == operator.announcer


def gpus_leased(operator: Any) -> float:
    """GPUs under lease."""
    return operator.training_leased + operator.inference_leased


def gpus_free(operator: Any) -> float:
    """GPUs on offer: installed, not leased, at an open site."""
    return max(operator.gpus_installed - gpus_leased(operator), 0.0) if is_open(operator) else 0.0


def gpus_on_show(operator: Any) -> float:
    """GPUs on offer that tenants have found."""
    return max(gpus_free(operator) - operator.gpus_hidden, 0.0)


def occupancy(operator: Any) -> float:
    """Leased share of the installed GPUs."""
    return gpus_leased(operator) / operator.gpus_installed if operator.gpus_installed > 0.0 else 0.0


# --- Building -------------------------------------------------------------------------------------------------------


@decision
def building_time(sponsor: int, p: Any, pace: float) -> float:
    """Construction time: around the mean of the kind of sponsor, and never below the shortest [months]."""
    mean = mean_building_time(sponsor, p)
    return max(mean * (1.0 - p.building_spread + 2.0 * p.building_spread * pace), p.shortest_building)


@decision
def nearness(province: Any, p: Any) -> float:
    """Fitness for inference that a site owes to its place: near the users, or away from them [share]."""
    return p.hub_suitability if province.hub else p.interior_suitability


@decision
def engineering(operator: Any, investor: Any, p: Any) -> float:
    """Fitness for inference that a site owes to who runs it, relative to an experienced owner [share]."""
    return 1.0 if investor.experienced else p.inexperienced_engineering


@decision
def gpus_to_order(operator: Any, market: Any, p: Any) -> float:
    """Chips to order now [GPU].

    A site under construction orders what it still lacks. A planned one waits, unless export control has just been
    tightened: then it orders part of its chips at once, in a panic.
    """
    lacking = operator.gpus_planned - operator.gpus_installed - operator.gpus_on_order
    if operator.stage == PLANNED:
        lacking = (
            p.panic_orders * market.panic * operator.gpus_planned - operator.gpus_installed - operator.gpus_on_order
        )
    return lacking if lacking >= 1.0 else 0.0


@decision
def opens(operator: Any, p: Any) -> bool:
    """Whether the site opens: construction is finished and enough chips have been delivered."""
    return operator.months_to_build <= 0.0 and operator.gpus_installed >= p.opening_share * operator.gpus_planned


@decision
def is_given_up(operator: Any, p: Any) -> bool:
    """Whether a paused site is given up for good, because the next round of money was refused for too long."""
    return operator.stage == PAUSED and operator.months_paused > p.longest_pause


@decision
def is_stranded(operator: Any, p: Any) -> bool:
    """Whether a site will never open: long after construction ended, it lacks chips and has none on order."""
    return operator.stage == BUILDING and operator.months_to_build <= -p.longest_wait and operator.gpus_on_order <= 0.0


@decision
def debt_allowed(sponsor: int, market: Any, p: Any) -> float:
    """Share of debt that lenders give a kind of sponsor in the capex that no grant covers [share]."""
    if sponsor == PUBLIC:
        return p.public_leverage
    return p.able_leverage if sponsor == ABLE else p.leverage


@decision
def lends_on(operator: Any, market: Any, p: Any, luck: Any) -> bool:
    """Whether the lender pays out the next part of a loan that was agreed."""
    return True


# --- Rent -----------------------------------------------------------------------------------------------------------


def debt_service(operator: Any, p: Any) -> float:
    """Interest and repayment due in a month [CNY]."""
    return operator.debt * p.loan_rate / 12.0 + min(operator.principal, operator.debt)


def service_per_gpu(operator: Any, p: Any) -> float:
    """Debt service per GPU as planned; selling chips does not raise it [CNY/(GPU month)]."""
    return debt_service(operator, p) / max(operator.gpus_planned, 1.0)


@decision
def avoidable_cost(operator: Any, p: Any) -> float:
    """Cost that has to be earned on a GPU that is let [CNY/(GPU month)]."""
    return operator.running_cost


def going_rent(operator: Any, market: Any) -> float:
    """Rent index of the operator's quality segment, for the compute of its chips [CNY/(GPU month)]."""
    return operator.best_chips * (market.prime_rent if operator.quality == PRIME else market.secondary_rent)


def holding_months(operator: Any, purse: float, p: Any) -> float:
    """Time for which the owner can carry the empty site out of its cash and the owner's purse [months]."""
    burn = p.standby_cost_share * operator.running_cost * operator.gpus_installed + debt_service(operator, p)
    return (operator.cash + purse) / max(burn, 1.0)


@decision
def reservation_rent(operator: Any, purse: float, market: Any, p: Any) -> float:
    """Rent below which the owner would rather leave a GPU idle [CNY/(GPU month)].

    Avoidable cost plus debt service while the money lasts: "rather idle than at a loss". As money runs out, so does
    patience, and the reservation rent falls to avoidable cost. Debt service is spread over the natural occupancy, as in
    a bank's business plan, and over GPUs as planned, so that selling chips does not raise it. Incumbents, who have no
    debt, defend a share of the replacement rent, and nobody holds out for more than that rent, as
    far as the compute of its chips goes. A subsidy on use lowers
    the rent that is accepted, because it is lost with the tenant.
    """
    if operator.incumbent:
        return max(operator.running_cost, p.incumbent_floor * market.replacement_rent * min(p.hold_out, 1.0))
    patience = min(holding_months(operator, purse, p) / p.patience, 1.0)
    service = service_per_gpu(operator, p) / p.natural_occupancy
    most = max(operator.best_chips * market.replacement_rent - operator.running_cost, 0.0)
    return max(avoidable_cost(operator, p) + min(p.hold_out * patience * service, most), 0.0)


@decision
def next_rent(operator: Any, market: Any, p: Any) -> float:
    """Rent the operator posts for next month [CNY/(GPU month)].

    Posted rents rise when the site is fuller than the natural occupancy and fall when it is emptier, drift towards
    the index of the site's quality segment, and never fall below the reservation rent. Nobody asks for more than
    compute costs abroad: there tenants find as much as they want, and what does not fit at home is rented there.
    """
    going = going_rent(operator, market)
    pressure = math.tanh((occupancy(operator) - p.natural_occupancy) / p.occupancy_width)
    asked = operator.rent * exp(p.rent_adjustment * pressure + p.rent_anchoring * math.log(going / operator.rent))
    return max(min(asked, p.rent_abroad * operator.best_chips * market.replacement_rent), operator.reservation_rent)


@decision
def lease_pull(suitability: float, compute: float, operator: Any, market: Any, p: Any) -> float:
    """Pull of a free GPU on new tenants: fitness for the use times the attraction of the rent of its compute [1].

    Tenants shun sites of secondary quality more than their rent can make up for: such sites do not compete with a hub
    cloud for the same workload.
    """
    if compute <= 0.0:
        return 0.0
    shunned = 1.0 - p.lemons_discount if operator.quality == SECONDARY else 1.0
    attraction = exp(-p.rent_sensitivity * math.log(operator.rent / (compute * market.rent)))
    return shunned * suitability * compute * attraction


# --- Idling, distress -----------------------------------------------------------------------------------------------


@decision
def idles(operator: Any, market: Any, p: Any, luck: Any) -> bool:
    """Whether the site is switched off: hardly let, and the going rent below avoidable cost plus a band."""
    service = service_per_gpu(operator, p)
    worthless = going_rent(operator, market) < avoidable_cost(operator, p) + p.idling_service * p.hold_out * service
    return occupancy(operator) < p.idling_occupancy and worthless and luck.idle < p.idling_hazard


@decision
def is_mothballed(operator: Any, p: Any) -> bool:
    """Whether a public site that is overdue and does not earn its running cost is switched off instead of wound up."""
    overdue = operator.months_in_red >= p.longest_distress
    return is_public(operator) and overdue and operator.revenue < operating_cost(operator, p)


@decision
def restarts(operator: Any, market: Any, p: Any) -> bool:
    """Whether an idle site is switched on: the rent is above a higher band than the one at which it stopped.

    Notes
    -----
    Hysteresis of entry and exit under uncertainty: Dixit 1989.
    """
    service = service_per_gpu(operator, p)
    enough = avoidable_cost(operator, p) + p.restart_service * p.hold_out * service
    return going_rent(operator, market) > p.restart_margin * enough


@decision
def gpus_to_sell(operator: Any, p: Any) -> float:
    """Chips that a distressed operator sells this month: part of its chips, and none that are leased [GPU].

    A public site, whose budget constraint is soft, sells as much more slowly as courts are slower with it.
    """
    speed = p.fire_sale_speed * (p.public_patience if is_public(operator) else 1.0)
    return min(speed * operator.gpus_installed, operator.gpus_installed - gpus_leased(operator))


def is_insolvent(operator: Any, market: Any, p: Any) -> bool:
    """Whether cash and chips, at a forced-sale price, fall short of the debt and of rent received but not earned."""
    assets = operator.cash + p.forced_sale_value * operator.gpus_installed * operator.chip_price
    return assets < operator.debt + operator.unearned_rent


@decision
def fails(operator: Any, market: Any, p: Any, luck: Any) -> bool:
    """Whether insolvency proceedings are opened this month.

    By chance for a site that is insolvent after some months in arrears; in any case after too many months in arrears,
    or when hardly a chip is left. Public sites are spared for longer: the bank carries their arrears.
    """
    public = is_public(operator)
    overdue = operator.months_in_red >= p.longest_distress and not public
    if overdue or operator.gpus_installed < p.least_chips * operator.gpus_planned:
        return True
    in_reach = operator.months_in_red >= p.months_to_proceedings and is_insolvent(operator, market, p)
    return in_reach and luck.bankrupt < p.proceedings_hazard * (p.public_patience if public else 1.0)


# --- Money ----------------------------------------------------------------------------------------------------------


@decision
def operating_cost(operator: Any, p: Any) -> float:
    """Operating cost of the month: full for leased GPUs, standby for free ones, little for a site that is off [CNY]."""
    leased = gpus_leased(operator)
    if operator.stage == IDLE:
        return p.idle_cost_share * operator.running_cost * operator.gpus_installed
    return operator.running_cost * (leased + p.standby_cost_share * (operator.gpus_installed - leased))


@decision
def owner_support(operator: Any, shortfall: float, purse: float, p: Any) -> float:
    """What an owner with deep pockets pays into a site that is short of cash: all that is short, if possible [CNY]."""
    return min(shortfall, purse)


@decision
def arrears_made_good(operator: Any, p: Any) -> float:
    """What an operator pays towards its arrears: cash beyond a reserve for running costs [CNY]."""
    spare = operator.cash - p.cash_reserve * operator.running_cost * operator.gpus_installed
    return max(min(spare, operator.arrears), 0.0)


@decision
def dividend(operator: Any, p: Any) -> float:
    """Dividend of the month: part of the cash beyond a reserve for costs, debt service and unearned rent [CNY]."""
    kept = p.dividend_reserve * (operator.running_cost * operator.gpus_installed + debt_service(operator, p))
    return max(p.operator_payout * (operator.cash - kept - operator.unearned_rent), 0.0)
