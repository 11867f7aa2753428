"""Re-equipment: halls of sites that were wound up are bought, for less than building, and equipped again.

A sponsor that has a project in mind, newcomer or able, looks for a hall that stands, near the users first; it pays the
bank for the hall and for the chips that are left, and orders what is missing.
Without it, a hall whose site was wound up stands empty for ever.
"""

from __future__ import annotations

from typing import Any

from bubble_abm.economy.agents.investor import considers_project, goes_ahead, money_at_hand, present_value
from bubble_abm.economy.agents.operator import BANKRUPT, BUILDING, OperatorRow, debt_allowed
from bubble_abm.economy.chip_classes import server_price
from bubble_abm.economy.declare import ASSUMED, decision, parameters, section
from bubble_abm.economy.ledger import LIQUIDATION, pay_in_equity, transfer
from bubble_abm.economy.markets.chips import chips_are_alike
from bubble_abm.economy.markets.construction import pledge
from bubble_abm.economy.markets.projects import class_chosen, fit_out
from bubble_abm.economy.sponsors import PUBLIC
from bubble_abm.economy.tables import Row, column


@parameters
class Parameters:
    """Who looks for a hall, what it costs, and what it takes to equip it."""

    # fmt: off
    parameter = section("re-equipment")
    re_equipment: float = parameter(
        0.0405, unit="probability", low=0, high=0.5, role="fixed", plausible=(0, 0.2), neutral=0, source=ASSUMED,
        meaning="monthly chance that a newcomer or able sponsor with a project in mind looks for a hall that stands")
    hall_price: float = parameter(
        0.1, unit="share", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="price of such a hall, relative to the capex besides chips of a new one")
    refit_cost: float = parameter(
        0.6, unit="share", low=0.05, high=1, role="fixed", source=f"{ASSUMED}: servers go with the chips",
        meaning="capex of equipping it besides chips, in the same units")
    refit_time: float = parameter(
        3.0, unit="months", low=1, high=24, role="fixed", source=ASSUMED,
        meaning="time that this takes")
    del parameter
    # fmt: on


class OperatorColumns(Row, extends=OperatorRow):
    """How often a hall has changed hands."""

    re_equipped: int = column("", "times that somebody has bought the hall, to equip it again")


# --- Decisions ------------------------------------------------------------------------------------------------------


@decision
def looks_for_hall(investor: Any, market: Any, p: Any, luck: Any) -> bool:
    """Whether a sponsor looks for a hall this month: with a project in mind, in earnest, and not told to build.

    The draw is that for an announcement, counted from above, so that nobody does both in a month.
    """
    if luck.announce <= 1.0 - p.re_equipment or investor.sponsor == PUBLIC or not investor.earnest:
        return False
    return considers_project(investor, market, p)


@decision
def hall_is_worth_it(investor: Any, cost: float, market: Any, p: Any) -> bool:
    """Whether a hall is worth its price and equipment, by the sponsor's own hurdle for a start."""
    return goes_ahead(investor, present_value(investor, cost, 0.0, market, p) / cost, p)


@decision
def price_of_estate(operator: Any, p: Any) -> float:
    """What is paid for a hall and the chips that are left in it, at their value in a forced sale [CNY]."""
    chips = p.forced_sale_value * operator.gpus_installed * operator.chip_price
    return p.hall_price * p.other_capex * operator.gpus_planned + chips


# --- Steps ----------------------------------------------------------------------------------------------------------


def investors_buy_halls(world: Any, p: Any, luck: Any) -> None:
    """Sponsors with a project in mind buy halls of sites that were wound up, and begin to equip them."""
    if p.re_equipment <= 0.0:
        return
    for i in range(len(world.investors)):
        if looks_for_hall(world.investors[i], world.market, p, luck.investors[i]):
            row = best_hall(world, i)
            if row >= 0:
                consider_hall(world, world.operators[row], i, (1.0 - luck.investors[i].announce) / p.re_equipment, p)


def best_hall(world: Any, buyer: int) -> int:
    """Row of the hall that somebody else left: near the users if possible, that with the lowest number; -1 if none."""
    best = -1
    for row in range(world.operator_count[0]):
        operator = world.operators[row]
        stands = operator.stage == BANKRUPT and operator.months_to_build <= 0.0 and operator.sham == 0
        if not stands or operator.announcer == buyer or operator.owner == buyer:
            continue
        if best < 0 or is_better(world, operator, world.operators[best]):
            best = row
    return best


def is_better(world: Any, operator: Any, other: Any) -> bool:
    """Whether a hall is preferred to another: near the users, else by number."""
    hub, other_hub = world.provinces[operator.province].hub, world.provinces[other.province].hub
    return hub > other_hub or (hub == other_hub and operator.id < other.id)


def consider_hall(world: Any, operator: Any, buyer: int, chance: float, p: Any) -> None:
    """A sponsor buys a hall if it is worth it and there is money; its equity limits how much of it is equipped."""
    investor, market = world.investors[buyer], world.market
    held = operator.gpus_installed
    chip = operator.chip if held >= 1.0 else class_chosen(world, investor, chance, p)
    new_chip, refit = world.chips[chip].price, p.refit_cost * server_price(world.chips[chip], p)
    if not hall_is_worth_it(investor, new_chip + refit + p.hall_price * p.other_capex, market, p):
        return
    own = 1.0 - debt_allowed(investor.sponsor, market, p)
    each = own * (new_chip + refit) + p.working_capital * p.running_cost
    price = price_of_estate(operator, p)
    money = money_at_hand(investor) - price
    gpus = min((money + own * new_chip * held) / each, operator.gpus_planned)
    if money <= 0.0 or gpus < max(p.smallest_start * operator.gpus_planned, held):
        return
    pay_in_equity(world, investor, operator, price)
    transfer(world.flows, LIQUIDATION, operator, world.bank, price)
    begin_again(world, operator, buyer, chip, p)
    operator.gpus_planned = gpus
    pledge(investor, operator, max(min(each * gpus - own * new_chip * held, money_at_hand(investor)), 0.0))
    operator.loan_promised = (1.0 - own) * (refit * gpus + new_chip * (gpus - held))


def begin_again(world: Any, operator: Any, buyer: int, chip: int, p: Any) -> None:
    """A hall is under construction once more, in other hands, and as far built as it needs no new equipment."""
    investor = world.investors[buyer]
    if operator.gpus_installed <= 0.0:
        list_again(world, operator)
    if operator.gpus_installed < 1.0:
        operator.running_cost /= operator.running_chips
        chips_are_alike(operator)
    operator.re_equipped += 1
    operator.owner = buyer
    operator.patient = investor.deep_pocket
    operator.chip = chip
    operator.stage = BUILDING
    operator.month_started = world.market.month
    operator.months_to_build = p.refit_time
    operator.months_building = p.refit_time / p.refit_cost
    operator.months_paused = 0
    operator.principal = 0.0
    operator.subsidy_committed = operator.grant = operator.grant_paid = 0.0
    operator.rent = world.market.rent
    fit_out(operator, world.provinces[operator.province], investor, p)


def list_again(world: Any, operator: Any) -> None:
    """A hall that held nothing is listed once more among the projects under way, in its place by number."""
    place = world.live_count[0]
    while place > 0 and world.operators[world.live[place - 1]].id > operator.id:
        world.live[place] = world.live[place - 1]
        place -= 1
    world.live[place] = operator.row
    world.live_count[0] += 1
