"""Take-over: the state buys failed sites and has them run by abler operators, as far as its fund allows.

Without it, every failed site goes to the liquidator. A take-over keeps the site, its tenants and its capacity; the bank
writes off what the price does not cover.
"""

from __future__ import annotations

from typing import Any

from bubble_abm.economy.accounts import flow
from bubble_abm.economy.agents.central_government import CentralGovernmentRow
from bubble_abm.economy.agents.operator import TAKEN_OVER, OperatorLuck, is_open
from bubble_abm.economy.declare import ASSUMED, POLICY, decision, parameters, section
from bubble_abm.economy.ledger import endow, transfer
from bubble_abm.economy.markets.capital import bank_settles_for, owner_loses_site
from bubble_abm.economy.tables import Row, column, draw


@parameters
class Parameters:
    """When the state takes sites over, and with how much money."""

    # fmt: off
    parameter = section("take-over")
    take_over_probability: float = parameter(
        0.35, unit="probability", low=0, high=1, role="lever", source=ASSUMED, neutral=0,
        meaning="chance, times the call, that a failed open site goes to the state instead of the liquidator")
    take_over_mandate: float = parameter(
        0, unit="probability", low=0, high=1, role="lever", neutral=0,
        source=POLICY,
        meaning="least chance of a take-over, whatever the call; at 1 every failed open site, while the fund lasts")
    take_over_fund: float = parameter(
        160e9, unit="CNY", low=0, high=1e12, role="fixed", source=ASSUMED, neutral=0, founding=True,
        meaning="what the centre can spend on take-overs")
    take_over_price: float = parameter(
        0.5, unit="share", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="price the state pays for a failed site, relative to the price of its chips")
    take_over_skill: float = parameter(
        0.2, unit="share", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="gain in fitness for inference of a site in abler hands")
    del parameter
    # fmt: on


class CentreColumns(Row, extends=CentralGovernmentRow):
    """The fund that the centre sets aside."""

    fund: float = column("CNY", "what is left for taking sites over")


class OperatorDraws(Row, extends=OperatorLuck):
    """What chance decides about a failed site."""

    take_over: float = draw(8, "the state takes the site over if below the probability")


TAKE_OVERS = flow("take_overs")


# --- Decisions ------------------------------------------------------------------------------------------------------


@decision
def takes_over(centre: Any, price: float, p: Any, luck: Any) -> bool:
    """Whether the state buys a failed site: likely while it calls for compute, or as mandated, within its fund.

    Notes
    -----
    Sites fail in numbers when utilisation is low, and then the centre brakes and hardly calls. A probability of 1 alone
    would therefore leave most of them to the liquidator; a mandate does not depend on the call.
    """
    chance = max(p.take_over_probability * centre.call, p.take_over_mandate)
    return luck.take_over < chance and price <= min(centre.fund, centre.cash)


@decision
def price_offered(operator: Any, market: Any, p: Any) -> float:
    """What the state pays for a failed site: part of what its chips would cost new [CNY]."""
    return p.take_over_price * operator.gpus_installed * operator.chip_price


@decision
def inference_suitability_taken_over(operator: Any, p: Any) -> float:
    """Fitness for inference of a site in abler hands [share]."""
    return min(operator.inference_suitability + p.take_over_skill, 1.0)


# --- Steps ----------------------------------------------------------------------------------------------------------


def centre_sets_fund_aside(world: Any, p: Any) -> None:
    """At the founding, the centre sets the fund aside."""
    world.centre.fund = p.take_over_fund * p.scale
    endow(world.centre, world.centre.fund)


def state_takes_over_sites(world: Any, p: Any, luck: Any) -> None:
    """The state buys failed sites that are open, before the liquidator closes them."""
    for k in range(world.live_count[0]):
        operator = world.operators[world.live[k]]
        if not operator.failed or not is_open(operator) or operator.stage == TAKEN_OVER:
            continue
        price = price_offered(operator, world.market, p)
        if takes_over(world.centre, price, p, luck.operators[k]):
            take_over(world, operator, price, p)


def take_over(world: Any, operator: Any, price: float, p: Any) -> None:
    """The state buys a site from the bank; the owner's equity and the rest of the loan are written off."""
    owner_loses_site(world, operator)
    transfer(world.flows, TAKE_OVERS, world.centre, operator, price)
    world.centre.fund -= price
    bank_settles_for(world, operator, price)
    operator.patient = 0
    operator.inference_suitability = inference_suitability_taken_over(operator, p)
    operator.training_suitability = 1.0
    operator.stage = TAKEN_OVER
