"""Option value: an owner takes any tenant who pays avoidable cost and what it is worth to wait for a better one.

The debt is sunk and no reason to refuse a tenant. Waiting is worth the less, the sooner the chips are obsolete. What
such an owner asks above that comes down while halls are empty. Other owners price by debt service.
Without it, all owners price by debt service, as long as their money lasts.
"""

from __future__ import annotations

import math
from typing import Any

from bubble_abm.economy.agents.investor import InvestorRow
from bubble_abm.economy.agents.operator import OperatorRow, avoidable_cost, going_rent, is_complete, occupancy
from bubble_abm.economy.declare import ASSUMED, decision, parameters, section
from bubble_abm.economy.kinds import INVESTOR
from bubble_abm.economy.luck import BIRTH, draw_block
from bubble_abm.economy.markets.signals import Market
from bubble_abm.economy.tables import Row, column


@parameters
class Parameters:
    """Who prices by debt service, and what it is worth to the others to wait."""

    # fmt: off
    parameter = section("option value")
    debt_pricing: float = parameter(
        0.332, unit="share", low=0, high=1, role="fixed", plausible=(0.3, 1), neutral=1, founding=True,
        source="assumption: business plans of banks", meaning="share of owners who price by debt service")
    rent_volatility: float = parameter(
        0.1, unit="1/month", low=0, high=0.3, role="fixed", source="assumption, with fact C12",
        meaning="standard deviation of the monthly change of rents that owners expect, in logarithms")
    chip_life: float = parameter(
        48, unit="months", low=12, high=120, role="fixed", source=f"{ASSUMED}: depreciated over 4-5 years",
        meaning="time after its opening at which owners expect a site's chips to be obsolete")
    concession: float = parameter(
        0.3, unit="1/month", low=0, high=0.9, role="fixed", source=ASSUMED,
        meaning="share of what it asks above its reservation rent that the owner of an empty site gives up in a month")
    del parameter
    # fmt: on


class InvestorColumns(Row, extends=InvestorRow):
    """How an owner prices."""

    waits: int = column("", "1 if it prices by what it is worth to wait, 0 if by debt service")


class OperatorColumns(Row, extends=OperatorRow):
    """What follows for its sites."""

    waiting: float = column("ratio", "reservation rent over avoidable cost, of owners who do not price by debt service")


class MarketColumns(Row, extends=Market):
    """How many of them there are."""

    waiting_owners: int = column("investors", "who do not price by debt service")


# --- Decisions ------------------------------------------------------------------------------------------------------


@decision
def waiting_value(age: float, p: Any) -> float:
    """Lowest rent for which it is not worth waiting, relative to avoidable cost [ratio].

    Parameters
    ----------
    age : float
        Time since the site opened [months].

    Notes
    -----
    Trigger of a perpetual option on a rent without trend that can end any month by obsolescence, Dixit 1992:
    ``b / (b - 1)``, where ``b > 1`` solves ``volatility**2 / 2 * b * (b - 1) = rate + 1 / months left``. A lease
    ends, and an option exercised does not, so this is the most that waiting can be worth.
    """
    variance = p.rent_volatility * p.rent_volatility
    if variance <= 0.0:
        return 1.0
    decay = p.loan_rate / 12.0 + 1.0 / max(p.chip_life - age, 1.0)
    root = (1.0 + math.sqrt(1.0 + 8.0 * decay / variance)) / 2.0  # of the quadratic above
    return root / (root - 1.0)


# --- What it changes in decisions of the core (wired in month.py) ---------------------------------------------------


def asked_with_option(asked: float, operator: Any, purse: float, market: Any, p: Any) -> float:
    """Rent below which GPUs are left idle: avoidable cost and the value of waiting [CNY/(GPU month)]."""
    return operator.waiting * max(avoidable_cost(operator, p), 0.0) if operator.waiting > 0.0 else asked


def rent_with_concession(rent: float, operator: Any, market: Any, p: Any) -> float:
    """Rent posted for next month: the emptier the site, the nearer to what the owner would accept [CNY/(GPU month)]."""
    if operator.waiting <= 0.0:
        return rent
    empty = max(1.0 - occupancy(operator) / p.natural_occupancy, 0.0)
    return rent - p.concession * empty * max(rent - operator.reservation_rent, 0.0)


def idles_with_option(idles: bool, operator: Any, market: Any, p: Any, luck: Any) -> bool:
    """Whether a site is switched off: by who knows that debt is sunk only if rents are below avoidable cost."""
    return idles and (operator.waiting <= 0.0 or going_rent(operator, market) < avoidable_cost(operator, p))


def restarts_with_option(restarts: bool, operator: Any, market: Any, p: Any) -> bool:
    """Whether an idle site is switched on: by who knows that debt is sunk as soon as rents cover avoidable cost."""
    if operator.waiting <= 0.0:
        return restarts
    return going_rent(operator, market) > p.restart_margin * avoidable_cost(operator, p)


# --- Steps ----------------------------------------------------------------------------------------------------------


def owners_differ_in_pricing(world: Any, p: Any, seed: int) -> None:
    """At the founding, each owner belongs to those who price by debt service, or to the others."""
    if p.debt_pricing >= 1.0:
        return
    for i in range(len(world.investors)):
        _, _, _, pricing = draw_block(seed, INVESTOR, i, BIRTH, 4)  # of which others draw the rest
        world.investors[i].waits = 1 if pricing >= p.debt_pricing else 0
        world.market.waiting_owners += world.investors[i].waits


def owners_value_waiting(world: Any, p: Any) -> None:
    """Owners who do not price by debt service work out what it is worth to wait for a better tenant."""
    if world.market.waiting_owners == 0:
        return
    for k in range(world.live_count[0]):
        operator = world.operators[world.live[k]]
        operator.waiting = 0.0
        new = is_complete(operator) and not operator.incumbent
        if new and operator.owner >= 0 and world.investors[operator.owner].waits:
            operator.waiting = waiting_value(world.market.month - operator.month_opened, p)
