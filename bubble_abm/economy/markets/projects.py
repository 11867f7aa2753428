"""Projects: announced, financed and started, or given up."""

from __future__ import annotations

from typing import Any

from bubble_abm.economy.agents.investor import (
    announcement_hazard,
    announces_in_earnest,
    cancellation_hazard,
    class_appeal,
    considers_project,
    goes_ahead,
    money_at_hand,
    profitability,
)
from bubble_abm.economy.agents.local_government import approves_site, approves_start, grant_paid, subsidy_granted
from bubble_abm.economy.agents.operator import (
    BANKRUPT,
    BUILDING,
    CANCELLED,
    PLANNED,
    PRIME,
    PROJECT_STEP,
    SECONDARY,
    building_time,
    debt_allowed,
    engineering,
    gpus_leased,
    is_complete,
    is_live,
    is_under_construction,
    nearness,
)
from bubble_abm.economy.chip_classes import H100, all_in_price
from bubble_abm.economy.declare import spares
from bubble_abm.economy.ledger import (
    LIQUIDATION,
    OPERATORS,
    STATE_CAPITAL,
    transfer,
    write_off_equity,
)
from bubble_abm.economy.markets.chips import cancel_order, chips_are_alike
from bubble_abm.economy.markets.construction import pay_grant, pledge
from bubble_abm.economy.sponsors import PUBLIC

NO_PROJECT, LIVE, FAILED = 0, 1, 2  # what neighbours see of an investor


def investors_announce_projects(world: Any, p: Any, luck: Any) -> None:
    """Investors with a project in mind consider profit where it would be, neighbours and the call; some announce."""
    list_best_subsidised(world.provinces, world.best_provinces, False)
    list_best_subsidised(world.provinces, world.best_hubs, True)
    for i in range(len(world.investors)):
        investor = world.investors[i]
        draw = luck.investors[i]
        if will_not_announce(draw, p) or not considers_project(investor, world.market, p):
            continue
        province = province_chosen(world, investor, draw, p)
        if province < 0:
            continue
        investor.profitability = profitability(investor, world.provinces[province].subsidy, world.market, p)
        investor.social = social_pull(world, i, p)
        if not announces_in_earnest(investor, investor.profitability, p):
            continue
        rank_gap = world.provinces[investor.home].rank_gap
        if draw.announce < announcement_hazard(investor, rank_gap, world.centre, p):
            announce(world, i, province, draw.pace, p)


@spares(announcement_hazard)
def will_not_announce(luck: Any, p: Any) -> bool:
    """Whether an investor cannot announce this month whatever the hazard, because it never exceeds the rate."""
    return luck.announce >= p.announcement_rate


def investors_take_stock(world: Any, p: Any) -> None:
    """Everybody sees, at the start of the month, who has a live project and whose has failed; news adds up.

    Sponsors count what they have planned, built, let and lost.
    """
    for i in range(len(world.investors)):
        investor = world.investors[i]
        investor.under_way = investor.failed = 0
        investor.gpus_installed = investor.gpus_leased = 0.0
        world.standing[i] = NO_PROJECT
    live = 0
    for row in range(world.operator_count[0]):
        operator = world.operators[row]
        if operator.announcer < 0:
            continue
        seen = standing(operator)
        if seen != NO_PROJECT:
            world.standing[operator.announcer] = seen
        live += seen == LIVE
        take_stock(world, operator, seen)
    world.market.news += p.news_rate * (world.centre.call + live / max(len(world.investors), 1))


def take_stock(world: Any, operator: Any, seen: int) -> None:
    """Count one project among those of its sponsor, and the site with its owner."""
    sponsor = world.investors[operator.announcer]
    sponsor.failed += seen == FAILED
    sponsor.under_way += operator.stage == PLANNED or is_under_construction(operator)
    if is_complete(operator) and operator.owner >= 0:
        owner = world.investors[operator.owner]
        owner.gpus_installed += operator.gpus_installed
        owner.gpus_leased += gpus_leased(operator)


def standing(operator: Any) -> int:
    """What neighbours see of a project that was announced; who has lost the site to somebody else has failed."""
    if operator.stage == CANCELLED:
        return NO_PROJECT
    return FAILED if operator.stage == BANKRUPT or operator.owner != operator.announcer else LIVE


def list_best_subsidised(provinces: Any, best: Any, hubs_only: bool) -> None:
    """List the provinces, or the hubs only, with the highest subsidy rates, highest first."""
    for k in range(len(best)):
        best[k] = -1
        for row in range(len(provinces)):
            taken = hubs_only and not provinces[row].hub
            for earlier in range(k):
                taken = taken or best[earlier] == row
            if not taken and (best[k] < 0 or provinces[row].subsidy > provinces[best[k]].subsidy):
                best[k] = row


def province_chosen(world: Any, investor: Any, luck: Any, p: Any) -> int:
    """Row of the province of a new project: home, or one of those that subsidise most.

    If approval is refused, an investor that looked away from home goes to one of the best-subsidised hubs instead; one
    that wanted to build at home does not build, -1. The refusal is decided by what is left of the draw for the place,
    which is as random as a draw of its own and shifts nobody's luck.
    """
    places = len(world.best_provinces)
    slot = int(luck.site * places)
    at_home = luck.leave_home < p.home_bias
    province = investor.home if at_home else world.best_provinces[slot]
    chance = luck.site * places - slot
    if approves_site(world.provinces[province], chance, p):
        return province
    hub = world.best_hubs[slot]
    return hub if not at_home and hub >= 0 and approves_site(world.provinces[hub], chance, p) else -1


def social_pull(world: Any, row: int, p: Any) -> float:
    """Share of neighbours with a live project, less the share with a failed one, which has its own weight."""
    contacts = world.neighbours.shape[1]
    pull = 0.0
    for k in range(contacts):
        standing = world.standing[world.neighbours[row, k]]
        pull += (standing == LIVE) - p.failure_weight * (standing == FAILED)
    return pull / contacts


def announce(world: Any, owner: int, province: int, pace: float, p: Any) -> Any:
    """Announce a project, which counts from now on, for the province's score above all; returns its row."""
    investor = world.investors[owner]
    row = world.operator_count[0]
    world.operator_count[0] += 1
    world.holdings[owner, investor.projects] = row
    operator = world.operators[row]
    place = world.provinces[province]
    operator.id = investor.id + investor.projects * PROJECT_STEP
    investor.projects += 1
    operator.row = row
    operator.sector = OPERATORS
    operator.owner = owner
    operator.announcer = owner
    operator.sponsor = investor.sponsor
    operator.order = -1
    operator.patient = investor.deep_pocket
    operator.stage = PLANNED
    operator.month_announced = world.market.month
    operator.month_started = -1
    operator.month_opened = -1
    operator.province = province
    operator.gpus_planned = investor.gpus_intended
    operator.months_building = building_time(investor.sponsor, p, pace)
    operator.running_cost = p.running_cost * (
        1.0 + p.power_share * (place.power_price / world.mean_power_price[0] - 1.0)
    )
    fit_out(operator, place, investor, p)
    operator.rent = world.market.rent
    operator.chip = H100
    chips_are_alike(operator)
    place.gpus_announced += operator.gpus_planned
    return operator


def fit_out(operator: Any, place: Any, investor: Any, p: Any) -> None:
    """A site is as fit as its place and its owner's experience make it."""
    operator.training_suitability = 1.0 if investor.experienced else p.inexperienced_skill
    operator.inference_suitability = nearness(place, p) * engineering(operator, investor, p)
    operator.quality = PRIME if place.hub or investor.experienced else SECONDARY


def live_projects_are_listed(world: Any) -> None:
    """Projects under way, which the rest of the month is about, are listed by number, incumbents last.

    Notes
    -----
    Rows are in order of announcement, so that one project more or less shifts them; numbers are the same in twins, and
    so is the order in which sites are asked, served and paid. This month's projects are merged in from the end: those
    that are a sponsor's third, then those that are its second, and so on, each group being in order already.
    """
    kept = 0
    for k in range(world.live_count[0]):
        if is_live(world.operators[world.live[k]]):
            world.live[kept] = world.live[k]
            kept += 1
    new = world.operator_count[0]
    while new > 0 and world.operators[new - 1].month_announced == world.market.month:
        new -= 1
    place = kept + world.operator_count[0] - new
    world.live_count[0] = place
    most = 0
    for row in range(new, world.operator_count[0]):
        most = max(most, world.operators[row].id // PROJECT_STEP)
    for before in range(most, -1, -1):
        for row in range(world.operator_count[0] - 1, new - 1, -1):
            if world.operators[row].id // PROJECT_STEP != before:
                continue
            place -= 1
            while kept > 0 and world.operators[world.live[kept - 1]].id > world.operators[row].id:
                kept -= 1
                world.live[place] = world.live[kept]
                place -= 1
            world.live[place] = row


def projects_start(world: Any, p: Any, luck: Any) -> None:
    """Earlier plans that still pay are financed and, if approved, started after a while; others are mostly given up."""
    market = world.market
    started = decided = 0.0
    for k in range(world.live_count[0]):
        operator = world.operators[world.live[k]]
        if operator.stage != PLANNED or operator.month_announced == market.month:
            continue
        investor = world.investors[operator.owner]
        draw = luck.operators[k]
        hazard = (1.0 if investor.earnest else p.show_effort) / p.planning_time
        prepared = draw.start < hazard
        if not prepared and draw.cancel >= highest_cancellation_hazard(investor, p):
            continue  # whether it pays or not
        province = world.provinces[operator.province]
        pays = goes_ahead(investor, profitability(investor, province.subsidy, market, p), p)
        begins = pays and prepared and approves_start(province, market, p)
        if begins and not has_chips(operator):
            operator.chip = class_chosen(world, investor, draw.start / hazard, p)
        if begins and start(world, operator, investor, p):
            started += 1.0
            decided += 1.0
        elif draw.cancel < cancellation_hazard(investor, pays, p):
            cancel(world, operator, investor)
            decided += 1.0
    market.starts += started
    if decided > 0.0:
        memory = p.go_ahead_memory**decided
        market.go_ahead = memory * market.go_ahead + (1.0 - memory) * started / decided


def has_chips(operator: Any) -> bool:
    """Whether a project has chips or has ordered some, so that its class is settled."""
    return operator.gpus_installed + operator.gpus_on_order > 0.0


def class_chosen(world: Any, investor: Any, chance: float, p: Any) -> int:
    """Class of chips for a site that starts: a logit among those on sale, by what is left of the draw for the start."""
    total = 0.0
    for chip in world.chips:
        total += class_appeal(investor, chip, all_in_price(chip, p), p)
    left = chance * total
    for number in range(len(world.chips)):
        chip = world.chips[number]
        left -= class_appeal(investor, chip, all_in_price(chip, p), p)
        if left < 0.0:
            return number
    return H100


def highest_cancellation_hazard(investor: Any, p: Any) -> float:
    """Probability that a plan is given up this month if it pays or if it does not, whichever is higher."""
    return max(cancellation_hazard(investor, True, p), cancellation_hazard(investor, False, p))


def start(world: Any, operator: Any, investor: Any, p: Any) -> bool:
    """Agree on grant, loan and equity, which are paid as construction proceeds, and begin; equity limits the size.

    Returns whether there is money for a site worth the name; otherwise the plan waits.
    """
    market = world.market
    cost = all_in_price(world.chips[operator.chip], p)
    province = world.provinces[operator.province]
    grant_rate = grant_paid(subsidy_granted(province, cost * operator.gpus_planned), p) / (cost * operator.gpus_planned)
    leverage = debt_allowed(investor.sponsor, market, p)
    needed = (1.0 - leverage) * (1.0 - grant_rate) * cost + p.working_capital * p.running_cost
    if investor.sponsor == PUBLIC:
        centre_provides_capital(world, investor, needed * operator.gpus_planned - operator.equity, p)
    in_hand = operator.gpus_installed + operator.gpus_on_order
    affordable = (money_at_hand(investor) + operator.equity) / needed
    gpus = max(min(operator.gpus_planned, affordable), in_hand)
    if gpus < p.smallest_start * operator.gpus_planned:
        return False
    operator.gpus_planned = gpus
    capex = cost * gpus
    operator.subsidy_committed = subsidy_granted(province, capex)
    operator.grant = grant_paid(operator.subsidy_committed, p)
    province.outlay += operator.subsidy_committed
    pledge(investor, operator, max(min(needed * gpus - operator.equity, money_at_hand(investor)), 0.0))
    operator.loan_promised = leverage * (capex - operator.grant)
    pay_grant(world, operator, p)
    operator.months_to_build = operator.months_building
    operator.month_started = market.month
    operator.stage = BUILDING
    return True


def centre_provides_capital(world: Any, investor: Any, equity: float, p: Any) -> None:
    """The centre provides part of the equity that a public sponsor lacks, as it calls and as far as it has money."""
    lacking = max(equity - money_at_hand(investor), 0.0)
    amount = min(p.state_capital * world.centre.call * lacking, max(world.centre.cash - world.centre.fund, 0.0))
    transfer(world.flows, STATE_CAPITAL, world.centre, investor, amount)
    world.market.public_spending += amount


def cancel(world: Any, operator: Any, investor: Any) -> None:
    """Give a plan up: its order is struck, its cash goes back to the owner, its chips will be sold."""
    if operator.gpus_on_order > 0.0:
        cancel_order(world, operator)
    transfer(world.flows, LIQUIDATION, operator, investor, operator.cash)
    write_off_equity(world, investor, operator)
    operator.stage = CANCELLED
