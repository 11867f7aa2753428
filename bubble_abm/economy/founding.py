"""How the economy of January 2023 is founded: who exists, what they own, what the market shows. Also compiled."""

from __future__ import annotations

import math
from typing import Any

from bubble_abm.economy.agents.operator import BUILDING, INCUMBENT_ID, OPERATING, PRIME, debt_allowed, nearness
from bubble_abm.economy.agents.smuggler import landed_cost
from bubble_abm.economy.agents.startup import NOT_FOUNDED, PRETRAINING
from bubble_abm.economy.arithmetic import exp
from bubble_abm.economy.audit import fill_balance_sheet
from bubble_abm.economy.chip_classes import H100, found_chip_classes
from bubble_abm.economy.kinds import CHAT, INVESTOR, OPERATOR, SMUGGLER, STARTUP
from bubble_abm.economy.ledger import (
    ABROAD,
    BANK,
    GOVERNMENTS,
    HOUSEHOLDS,
    OPERATORS,
    PLATFORMS,
    SMUGGLERS,
    STARTUPS,
    SUPPLIERS,
    change_equity,
    change_loan,
    endow,
    pay_in_venture,
)
from bubble_abm.economy.luck import BIRTH, draw_block, lognormal, slots_for
from bubble_abm.economy.markets.beliefs import replacement_rent
from bubble_abm.economy.markets.chips import chips_are_alike, receive
from bubble_abm.economy.markets.construction import pledge
from bubble_abm.economy.markets.projects import announce
from bubble_abm.economy.mechanisms.adverse_selection import harvesters_are_among_newcomers
from bubble_abm.economy.mechanisms.application_firms import application_firms_are_possible
from bubble_abm.economy.mechanisms.attention import nothing_is_seen_yet
from bubble_abm.economy.mechanisms.circular_finance import startups_have_no_patron
from bubble_abm.economy.mechanisms.engineering import some_sponsors_bundle_teams
from bubble_abm.economy.mechanisms.enterprises import some_newcomers_are_enterprises
from bubble_abm.economy.mechanisms.industry_fund import funds_choose_firms
from bubble_abm.economy.mechanisms.later_answer import centre_has_seen_use
from bubble_abm.economy.mechanisms.non_users import shells_are_among_listed_newcomers
from bubble_abm.economy.mechanisms.option_value import owners_differ_in_pricing
from bubble_abm.economy.mechanisms.take_over import centre_sets_fund_aside
from bubble_abm.economy.mechanisms.users import first_users_are_there
from bubble_abm.economy.sponsors import ABLE, NEWCOMER, PUBLIC


def found_world(world: Any, p: Any, seed: int, balance: Any) -> None:
    """Found the economy of January 2023: who exists, what they own, what the market shows; draw its balance sheet."""
    found_chip_classes(world, p)
    found_state(world, p)
    centre_sets_fund_aside(world, p)
    found_market(world, p)
    centre_has_seen_use(world, p)
    nothing_is_seen_yet(world, p)
    first_users_are_there(world, p)
    found_investors(world, p, seed)
    harvesters_are_among_newcomers(world, p, seed)
    shells_are_among_listed_newcomers(world, p, seed)
    owners_differ_in_pricing(world, p, seed)
    some_newcomers_are_enterprises(world, p, seed)
    some_sponsors_bundle_teams(world, p, seed)
    found_incumbents(world, p, seed)
    found_projects(world, p, seed)
    found_smugglers(world, p, seed)
    found_startups(world, p, seed)
    application_firms_are_possible(world, p, seed)
    startups_have_no_patron(world, p)
    funds_choose_firms(world, p, seed)
    found_platforms(world, p)
    found_closure(world, p)
    fill_balance_sheet(world, balance)


def found_state(world: Any, p: Any) -> None:
    """Provinces start with their envelope in cash and a small subsidy rate, the centre with many envelopes."""
    for province in world.provinces:
        province.sector = GOVERNMENTS
        province.envelope = p.fiscal_envelope * province.weight * p.scale
        province.cash = province.envelope
        province.subsidy = p.first_subsidy * p.maximum_subsidy
    world.centre.sector = GOVERNMENTS
    world.centre.cash = p.central_funds * p.fiscal_envelope * p.scale


def found_market(world: Any, p: Any) -> None:
    """The market shows the first rent, the chip price of the day, and a utilisation near the natural one."""
    market = world.market
    market.rent = p.first_rent
    market.prime_rent = p.first_rent
    market.secondary_rent = p.first_rent
    market.contract_rent = p.first_rent
    market.chip_price = world.chips[H100].price
    market.replacement_rent = replacement_rent(market, p)
    market.utilisation = p.first_occupancy * p.natural_occupancy
    market.installed = p.installed_base * p.scale
    market.go_ahead = p.first_go_ahead
    market.news = p.first_news
    market.efficiency = 1.0
    market.funding_climate = 1.0


def found_investors(world: Any, p: Any, seed: int) -> None:
    """Draw the investors, and the others whose projects each of them hears about; the first own an incumbent cloud."""
    cost = world.market.chip_price + p.other_capex
    for i in range(len(world.investors)):
        investor = world.investors[i]
        investor.id = i
        investor.sector = HOUSEHOLDS
        kind, pocket, home, strength = draw_block(seed, INVESTOR, i, BIRTH, 0)
        size_1, size_2, purse, taste = draw_block(seed, INVESTOR, i, BIRTH, 1)
        news, earnest, _, _ = draw_block(seed, INVESTOR, i, BIRTH, 2)
        investor.sponsor = kind_of_sponsor(kind, p) if i >= world.incumbent_count[0] else ABLE
        investor.experienced = 1 if investor.sponsor == ABLE else 0
        investor.earnest = 0 if investor.sponsor == NEWCOMER and earnest < p.show_share else 1
        investor.deep_pocket = 1 if investor.sponsor != NEWCOMER or pocket < p.deep_pocket_share else 0
        investor.extrapolation = p.extrapolation * (
            1.0 - p.extrapolation_spread + 2.0 * p.extrapolation_spread * strength
        )
        investor.neglect = p.competition_neglect
        if investor.experienced:
            investor.extrapolation *= p.experienced_extrapolation
            investor.neglect = min(p.experienced_neglect, p.competition_neglect)
        investor.news_needed = -math.log(news) if investor.sponsor == NEWCOMER else 0.0
        investor.home = home_province(world.provinces, home, False)
        investor.near_users = world.provinces[investor.home].hub
        median = p.median_size * relative_size(investor.sponsor, p)
        investor.gpus_intended = lognormal(median, p.size_spread, size_1, size_2)
        investor.taste = p.taste_spread * (taste - 0.5)  # a draw around zero
        depth = p.deep_pocket_depth if investor.deep_pocket else 1.0
        equity = (1.0 - debt_allowed(investor.sponsor, world.market, p)) * cost + p.working_capital * p.running_cost
        investor.cash = depth * (p.smallest_purse + p.purse_spread * purse) * equity * investor.gpus_intended
        investor.purse = investor.cash
        find_neighbours(world.neighbours, i, seed)


def kind_of_sponsor(draw: float, p: Any) -> int:
    """Kind of an investor, from one draw."""
    if draw < p.public_share:
        return PUBLIC
    return ABLE if draw >= 1.0 - p.able_share else NEWCOMER


def relative_size(sponsor: int, p: Any) -> float:
    """Median size of a kind of sponsor's projects, relative to public ones [ratio]."""
    if sponsor == PUBLIC:
        return 1.0
    return p.able_size if sponsor == ABLE else p.newcomer_size


def home_province(provinces: Any, draw: float, hubs_only: bool) -> int:
    """Row of a home: drawn with probability proportional to budgets among all provinces, or those near the users."""
    total = 0.0
    for province in provinces:
        if province.hub or not hubs_only:
            total += province.weight
    home = -1
    for row in range(len(provinces)):
        if draw >= 0.0 and (provinces[row].hub or not hubs_only):
            draw -= provinces[row].weight / total
            home = row
    return home


def find_neighbours(neighbours: Any, row: int, seed: int) -> None:
    """Choose the investors about whose projects one investor hears: draws over fixed slots, redrawn when empty."""
    investors = neighbours.shape[0]
    slots = slots_for(investors)
    found = block = 0
    while found < neighbours.shape[1]:
        draws = draw_block(seed, CHAT, row, BIRTH, block)
        for draw in draws:
            other = int(draw * slots)
            if found < neighbours.shape[1] and ((other < investors and other != row) or block > 60):
                neighbours[row, found] = other if block <= 60 else row
                found += 1
        block += 1


def found_incumbents(world: Any, p: Any, seed: int) -> None:
    """Incumbent clouds: without debt, skilled, near the users; the first investors own them."""
    number = world.incumbent_count[0]
    total = 0.0
    for row in range(number):
        operator = world.operators[row]
        size_1, size_2, place, _ = draw_block(seed, OPERATOR, INCUMBENT_ID + row, BIRTH, 0)
        operator.id = INCUMBENT_ID + row
        operator.row = row
        operator.sector = OPERATORS
        operator.owner = row if row < len(world.investors) else -1
        operator.announcer = operator.owner
        operator.sponsor = ABLE
        operator.order = -1
        operator.incumbent = 1
        operator.patient = 1
        operator.stage = OPERATING
        operator.province = home_province(world.provinces, place, True)
        operator.quality = PRIME
        operator.training_suitability = 1.0
        operator.inference_suitability = nearness(world.provinces[operator.province], p)
        operator.month_announced = -1
        operator.month_started = -1
        operator.month_opened = -1
        operator.gpus_planned = lognormal(1.0, p.incumbent_spread, size_1, size_2)
        total += operator.gpus_planned
        world.live[row] = row
    world.operator_count[0] = number
    world.live_count[0] = number
    for row in range(number):
        operator = world.operators[row]
        operator.gpus_planned *= p.installed_base * p.scale / total
        operator.running_cost = p.running_cost
        chips_are_alike(operator)
        receive(world, operator, H100, operator.gpus_planned)
        operator.rent = p.first_rent
        operator.cash = p.incumbent_cash * p.running_cost * operator.gpus_installed
        world.books.chips_initial += operator.gpus_installed


def found_projects(world: Any, p: Any, seed: int) -> None:
    """The programme of 2022: sites under construction, of all ages, most of them public, with some of their chips in.

    Notes
    -----
    Public sponsors come first, and able ones if there are not enough of them. A site of which construction is half done
    has drawn half of its loan and equity and has half of its chips.
    """
    left = p.first_projects * p.scale
    for sponsor in (PUBLIC, ABLE):
        for i in range(len(world.investors)):
            if left >= 0.5 and world.investors[i].sponsor == sponsor:  # less than half a site is none
                age, pace, leave_home, place = draw_block(seed, INVESTOR, i, BIRTH, 3)  # the fourth block
                at_home = leave_home < p.home_bias
                province = world.investors[i].home if at_home else home_province(world.provinces, place, False)
                found_project(world, i, province, age, pace, p)
                endow(world.investors[i], max(world.investors[i].pledged - world.investors[i].cash, 0.0))
                left -= 1.0
    list_live(world)


def found_project(world: Any, row: int, province: int, progress: float, pace: float, p: Any) -> None:
    """Found one site under construction, of which a share is done; what is left to pay is promised."""
    investor = world.investors[row]
    operator = announce(world, row, province, pace, p)
    operator.stage = BUILDING
    operator.months_to_build = (1.0 - progress) * operator.months_building
    operator.month_started = -1 - int(progress * operator.months_building)
    operator.month_announced = operator.month_started - int(p.planning_time)
    cost = world.market.chip_price + p.other_capex
    loan = debt_allowed(investor.sponsor, world.market, p) * cost * operator.gpus_planned
    equity = cost * operator.gpus_planned - loan
    receive(world, operator, H100, progress * operator.gpus_planned)
    world.books.chips_initial += operator.gpus_installed
    operator.capital = progress * p.other_capex * operator.gpus_planned
    world.books.other_capital += operator.capital
    change_loan(world, world.bank, operator, progress * loan)
    change_equity(world, investor, operator, progress * equity)
    operator.loan_promised = (1.0 - progress) * loan
    pledge(investor, operator, (1.0 - progress) * equity + p.working_capital * p.running_cost * operator.gpus_planned)


def list_live(world: Any) -> None:
    """List the projects under way by number, incumbents last."""
    incumbents = world.live_count[0]
    projects = world.operator_count[0] - incumbents
    for k in range(incumbents):
        world.live[projects + k] = k
    for k in range(projects):
        place = k
        while place > 0 and world.operators[world.live[place - 1]].id > world.operators[incumbents + k].id:
            world.live[place] = world.live[place - 1]
            place -= 1
        world.live[place] = incumbents + k
    world.live_count[0] = world.operator_count[0]


def found_smugglers(world: Any, p: Any, seed: int) -> None:
    """Smugglers: a third of the rows are in business at first; channels differ in size and layers of resale."""
    first = len(world.smugglers) // 3  # a third of the rows is in business
    for i in range(len(world.smugglers)):
        smuggler = world.smugglers[i]
        size_1, size_2, layers, _ = draw_block(seed, SMUGGLER, i, BIRTH, 0)
        smuggler.id = i
        smuggler.sector = SMUGGLERS
        smuggler.active = 1 if i < first else 0
        smuggler.layers = 1 + int(p.most_layers * layers)
        smuggler.normal_capacity = (
            lognormal(p.channel_capacity * p.scale / first, p.channel_spread, size_1, size_2)
            / exp(p.channel_spread * p.channel_spread / 2.0)  # the mean of such draws, over their median
        )
        smuggler.capacity = smuggler.normal_capacity
        smuggler.chip = H100
        smuggler.foreign_price = world.chips[H100].abroad
        smuggler.markup = p.normal_markup
        smuggler.landed_cost = landed_cost(smuggler, p)
        smuggler.quote = smuggler.landed_cost * (1.0 + smuggler.markup)
        if smuggler.active:
            smuggler.inventory = p.first_stock * smuggler.capacity
            smuggler.expected_orders = p.first_stock * smuggler.capacity
            smuggler.cash = p.dealer_cash * smuggler.capacity * smuggler.landed_cost
            world.books.chips_initial += smuggler.inventory


def found_startups(world: Any, p: Any, seed: int) -> None:
    """Model makers: some were founded before 2023 and have some funding rounds in cash."""
    for i in range(world.maker_count[0]):
        startup = world.startups[i]
        size_1, size_2, founded, age = draw_block(seed, STARTUP, i, BIRTH, 0)
        startup.id = i
        startup.sector = STARTUPS
        startup.state = NOT_FOUNDED
        startup.relative_size = lognormal(1.0, p.startup_spread, size_1, size_2)
        startup.efficiency = startup.usual_efficiency = 1.0
        if founded < p.first_startups:
            startup.state = PRETRAINING
            startup.age = int(12.0 * age)
            pay_in_venture(world, startup, p.first_rounds * p.round_size * startup.relative_size)


def found_platforms(world: Any, p: Any) -> None:
    """Platforms: fleets of their own, of unequal size."""
    total = 0.0
    for i in range(len(world.platforms)):
        total += 1.0 / (1.0 + i % 5)  # as 1, 1/2, 1/3, 1/4, 1/5, and so on in turn
    for i in range(len(world.platforms)):
        platform = world.platforms[i]
        platform.id = i
        platform.sector = PLATFORMS
        platform.relative_size = 1.0 / (1.0 + i % 5) / total  # the same
        platform.gpus = p.platform_fleet * p.scale * platform.relative_size
        platform.compute = platform.gpus * world.chips[H100].inference
        platform.cash = p.platform_budget
        world.books.chips_initial += platform.gpus


def found_closure(world: Any, p: Any) -> None:
    """Households and funds, suppliers, the rest of the world; the bank owes what all of them have deposited."""
    world.households.id, world.households.sector = HOUSEHOLDS, HOUSEHOLDS
    world.suppliers.id, world.suppliers.sector = SUPPLIERS, SUPPLIERS
    world.abroad.id, world.abroad.sector = ABROAD, ABROAD
    world.bank.id, world.bank.sector = BANK, BANK
    world.centre.reserve = world.centre.cash
    world.households.savings = p.household_savings * p.scale
    world.households.cash += world.households.savings
    deposits = world.households.cash + world.centre.cash
    for province in world.provinces:
        deposits += province.cash
    for investor in world.investors:
        deposits += investor.cash
    for operator in world.operators:
        deposits += operator.cash
    for smuggler in world.smugglers:
        deposits += smuggler.cash
    for startup in world.startups:
        deposits += startup.cash
    for platform in world.platforms:
        deposits += platform.cash
    world.bank.cash = -deposits
    for row in range(world.flows.shape[0]):
        for sector in range(world.flows.shape[1]):
            world.flows[row, sector] = 0.0
