"""Conversion: sites without a development team hire one and are rebuilt from training to inference, or fail to be.

Owners compare how full sites with a team are with their own. A conversion takes money and months, and the money is lost
where it fails. Nobody tries twice.
Without it, a site that was built for training stays what it is.
"""

from __future__ import annotations

from typing import Any

from bubble_abm.economy.accounts import flow
from bubble_abm.economy.agents.investor import annuity, money_at_hand
from bubble_abm.economy.agents.operator import (
    CONVERTED,
    CONVERTING,
    OPERATING,
    UNCONVERTED,
    UNTRIED,
    OperatorLuck,
    OperatorRow,
    going_rent,
    gpus_leased,
    is_complete,
    occupancy,
)
from bubble_abm.economy.declare import ASSUMED, decision, parameters, section
from bubble_abm.economy.ledger import transfer
from bubble_abm.economy.markets.capital import owner_steps_in
from bubble_abm.economy.markets.counting import has_team, share
from bubble_abm.economy.markets.projects import fit_out
from bubble_abm.economy.markets.signals import Market
from bubble_abm.economy.tables import Row, column, draw


@parameters
class Parameters:
    """How often owners consider it, what it takes, and how often it fails."""

    # fmt: off
    parameter = section("conversion")
    conversion_rate: float = parameter(
        0.0302, unit="1/month", low=0, high=1, role="fixed", plausible=(0, 0.05), neutral=0, source=ASSUMED,
        meaning="monthly chance that a site without a team, to which it would pay, is converted to inference")
    conversion_cost: float = parameter(
        15_000, unit="CNY/GPU", low=0, high=400_000, role="fixed", source=ASSUMED,
        meaning="network, software and engineers that turn a training site into one for inference")
    conversion_time: float = parameter(
        6, unit="months", low=1, high=36, role="fixed", source=ASSUMED,
        meaning="time that it takes, in months in which the site can pay")
    conversion_failure: float = parameter(
        0.4, unit="probability", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="chance that the site serves inference no better afterwards")
    del parameter
    # fmt: on


class OperatorColumns(Row, extends=OperatorRow):
    """How far a site has been converted."""

    conversion: int = column("", "0 never tried, 1 under way, 2 converted to inference, 3 failed")
    months_to_convert: float = column("months", "until the conversion is finished")


class OperatorDraws(Row, extends=OperatorLuck):
    """What chance decides about a conversion."""

    convert: float = draw(15, "a conversion begins if below its rate; at its end, it has failed if below the chance")


class MarketColumns(Row, extends=Market):
    """What can be seen of sites with a team."""

    fill_with_team: float = column("share", "use of new sites with a development team")


CONVERSIONS = flow("conversions")


# --- Decisions ------------------------------------------------------------------------------------------------------


@decision
def conversion_pays(operator: Any, market: Any, p: Any) -> bool:
    """Whether a conversion is worth its cost: the rent of what sites with a team let more, if it does not fail."""
    more = market.fill_with_team - occupancy(operator)
    margin = going_rent(operator, market) - (1.0 - p.standby_cost_share) * operator.running_cost
    value = more * margin * annuity(p.loan_rate / 12.0 + p.discount_spread, p.investment_horizon)
    return more > 0.0 and (1.0 - p.conversion_failure) * value > p.conversion_cost


@decision
def conversion_due(operator: Any, p: Any) -> float:
    """What a month of conversion costs, less in the last one if less is left to do [CNY]."""
    months = min(operator.months_to_convert, 1.0)
    return months * p.conversion_cost * operator.gpus_installed / p.conversion_time


# --- Steps ----------------------------------------------------------------------------------------------------------


def sites_are_converted(world: Any, p: Any, luck: Any) -> None:
    """Owners of sites without a team begin conversions that pay, pay for them month by month, and see how they end."""
    if p.conversion_rate <= 0.0 or p.bare_engineering >= 1.0:
        return
    teams_are_seen(world)
    for k in range(world.live_count[0]):
        operator = world.operators[world.live[k]]
        if operator.stage != OPERATING or operator.owner < 0 or operator.incumbent:
            continue
        if operator.conversion == CONVERTING:
            proceed(world, operator, p, luck.operators[k].convert)
        elif may_convert(world, operator, p) and luck.operators[k].convert < p.conversion_rate:
            operator.conversion = CONVERTING
            operator.months_to_convert = p.conversion_time


def teams_are_seen(world: Any) -> None:
    """How full new sites with a development team are."""
    installed = leased = 0.0
    for k in range(world.live_count[0]):
        operator = world.operators[world.live[k]]
        if is_complete(operator) and not operator.incumbent and has_team(world, operator):
            installed += operator.gpus_installed
            leased += gpus_leased(operator)
    world.market.fill_with_team = share(leased, installed)


def may_convert(world: Any, operator: Any, p: Any) -> bool:
    """Whether a site without a team has never tried, and has the money for a conversion that pays."""
    if operator.conversion != UNTRIED or has_team(world, operator) or not conversion_pays(operator, world.market, p):
        return False
    purse = money_at_hand(world.investors[operator.owner]) if operator.patient else 0.0
    return operator.cash + purse >= p.conversion_cost * operator.gpus_installed


def proceed(world: Any, operator: Any, p: Any, luck: float) -> None:
    """A month of conversion, if site and owner can pay for it; at the end it has succeeded or failed."""
    due = conversion_due(operator, p)
    owner_steps_in(world, operator, due - operator.cash, p)
    if operator.cash < due:
        return
    transfer(world.flows, CONVERSIONS, operator, world.suppliers, due)
    operator.months_to_convert -= 1.0
    if operator.months_to_convert > 0.0:
        return
    operator.months_to_convert = 0.0
    operator.conversion = UNCONVERTED if luck < p.conversion_failure else CONVERTED
    fit_out(operator, world.provinces[operator.province], world.investors[operator.owner], p)
