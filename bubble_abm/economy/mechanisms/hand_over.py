"""Hand-over: when it answers to low use, the state hands failed sites, and public ones in arrears, to able operators.

A site goes to a named sponsor with the money to buy it, the capacity to run it, and full sites of its own.
Without it, public sites in arrears stay where they are, and failed ones go to the state's own fund or are wound up.
"""

from __future__ import annotations

from typing import Any

from bubble_abm.economy.agents.investor import InvestorRow, money_at_hand, present_value
from bubble_abm.economy.agents.operator import OPERATING, OperatorLuck, is_complete, is_public
from bubble_abm.economy.declare import ASSUMED, POLICY, decision, parameters, section
from bubble_abm.economy.ledger import pay_in_equity
from bubble_abm.economy.markets.capital import bank_settles_for, owner_loses_site
from bubble_abm.economy.markets.construction import pledge_ends
from bubble_abm.economy.markets.projects import fit_out
from bubble_abm.economy.sponsors import ABLE
from bubble_abm.economy.tables import Row, column, draw


@parameters
class Parameters:
    """How many sites are handed over, and how many an able operator can carry."""

    # fmt: off
    parameter = section("hand-over")
    hand_over: float = parameter(
        0, unit="probability", low=0, high=1, role="lever", neutral=0, source=POLICY,
        meaning="monthly chance that, when the state answers, a failed site or a public one long in arrears is offered")
    hand_over_capacity: float = parameter(
        1.0, unit="ratio", low=0, high=10, role="fixed", source=ASSUMED,
        meaning="GPUs that an able operator can take over, relative to those that it has built up itself")
    del parameter
    # fmt: on


class InvestorColumns(Row, extends=InvestorRow):
    """What a sponsor has taken over from others."""

    gpus_taken: float = column("GPU", "at its completed sites that others have announced")


class OperatorDraws(Row, extends=OperatorLuck):
    """What chance decides about a site that may be handed over."""

    hand_over: float = draw(13, "the site is offered to an able operator if below the probability")


# --- Decisions ------------------------------------------------------------------------------------------------------


@decision
def is_to_be_handed_over(operator: Any, p: Any) -> bool:
    """Whether the state wants a site in abler hands: it has failed, or is public and has been in arrears for long."""
    if not is_complete(operator) or operator.incumbent:
        return False
    return operator.failed == 1 or (is_public(operator) and operator.months_in_red >= p.longest_distress)


@decision
def can_take(investor: Any, gpus: float, money: float, p: Any) -> bool:
    """Whether a sponsor can take a site: it is able, has the money, and runs enough that it has built up itself."""
    built_up = investor.gpus_installed - investor.gpus_taken
    has_room = investor.gpus_taken + gpus <= p.hand_over_capacity * built_up
    return investor.sponsor == ABLE and has_room and money_at_hand(investor) >= money


@decision
def price_paid(investor: Any, operator: Any, market: Any, p: Any) -> float:
    """What an able operator pays for a site: its worth to it, and no more than its chips would bring [CNY]."""
    worth = operator.gpus_installed * present_value(investor, operator.chip_price, 0.0, market, p)
    return min(worth, chips_would_bring(operator, market, p))


def chips_would_bring(operator: Any, market: Any, p: Any) -> float:
    """Value of a site's chips in a forced sale [CNY]."""
    return p.forced_sale_value * operator.gpus_installed * operator.chip_price


# --- Steps ----------------------------------------------------------------------------------------------------------


def state_hands_sites_over(world: Any, p: Any, luck: Any) -> None:
    """While it answers to low use, the state offers sites to able operators, who pay what a site is worth to them."""
    if p.hand_over <= 0.0 or not world.centre.answers:
        return
    sponsors_count_what_they_took(world)
    for k in range(world.live_count[0]):
        operator = world.operators[world.live[k]]
        if not is_to_be_handed_over(operator, p) or luck.operators[k].hand_over >= p.hand_over:
            continue
        reserve = p.cash_reserve * operator.running_cost * operator.gpus_installed
        row = named_operator(world, operator, chips_would_bring(operator, world.market, p) + reserve, p)
        if row < 0:
            continue
        price = price_paid(world.investors[row], operator, world.market, p)
        if price > 0.0:
            hand_over(world, operator, row, price, reserve, p)


def sponsors_count_what_they_took(world: Any) -> None:
    """Sponsors count the GPUs at sites that others have announced."""
    for investor in world.investors:
        investor.gpus_taken = 0.0
    for k in range(world.live_count[0]):
        operator = world.operators[world.live[k]]
        if operator.owner >= 0 and operator.owner != operator.announcer and is_complete(operator):
            world.investors[operator.owner].gpus_taken += operator.gpus_installed


def named_operator(world: Any, operator: Any, money: float, p: Any) -> int:
    """Row of the sponsor, among those who can take a site, whose own sites are fullest; -1 if nobody can."""
    named, fullest = -1, -1.0
    for i in range(len(world.investors)):
        investor = world.investors[i]
        if i == operator.owner or not can_take(investor, operator.gpus_installed, money, p):
            continue
        fill = investor.gpus_leased / max(investor.gpus_installed, 1.0)
        if fill > fullest:
            named, fullest = i, fill
    return named


def hand_over(world: Any, operator: Any, row: int, price: float, reserve: float, p: Any) -> None:
    """A sponsor buys a site from the bank, pays in a reserve, and runs it like one of its own.

    The rest of the loan is written off.
    """
    investor = world.investors[row]
    pledge_ends(world, operator)
    owner_loses_site(world, operator)
    pay_in_equity(world, investor, operator, price + reserve)
    bank_settles_for(world, operator, price)
    fit_out(operator, world.provinces[operator.province], investor, p)
    investor.gpus_installed += operator.gpus_installed
    investor.gpus_taken += operator.gpus_installed
    operator.owner = row
    operator.patient = 1
    operator.stage = OPERATING
