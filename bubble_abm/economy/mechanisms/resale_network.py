"""Resale network: when it answers to low use, the state has idle compute pooled and sold through one network.

Tenants of the network need not know the site, so that nobody is shunned; members ask for what covers their running
cost, and sites that were switched off return. What is far from the users stays far.
Without it, every site looks for tenants by itself.
"""

from __future__ import annotations

import math
from typing import Any

from bubble_abm.economy.agents.operator import SECONDARY, avoidable_cost, going_rent, service_per_gpu
from bubble_abm.economy.arithmetic import exp
from bubble_abm.economy.declare import POLICY, parameters, section
from bubble_abm.economy.markets.signals import Market
from bubble_abm.economy.tables import Row, column


@parameters
class Parameters:
    """How much of the idle compute is pooled."""

    # fmt: off
    parameter = section("resale network")
    resale_network: float = parameter(
        0, unit="share", low=0, high=1, role="lever", neutral=0, source=POLICY,
        meaning="share of compute on offer at new sites that a network sells when the state answers to low use")
    del parameter
    # fmt: on


class MarketColumns(Row, extends=Market):
    """How much is pooled."""

    pooled: float = column("share", "compute on offer at new sites that a network sells for them")


# --- What it changes in decisions of the core (wired in month.py) ---------------------------------------------------


def asked_in_network(asked: float, operator: Any, purse: float, market: Any, p: Any) -> float:
    """Rent below which GPUs are left idle; what is pooled is sold for its avoidable cost [CNY/(GPU month)]."""
    if operator.incumbent:
        return asked
    return asked - market.pooled * (asked - max(avoidable_cost(operator, p), 0.0))


def pull_in_network(pull: float, suitability: float, compute: float, operator: Any, market: Any, p: Any) -> float:
    """Pull of a free GPU on new tenants, who shun no site of which they do not know the name [1]."""
    if operator.incumbent or operator.quality != SECONDARY or market.pooled <= 0.0 or compute <= 0.0:
        return pull
    regained = market.pooled * p.lemons_discount * suitability * compute
    return pull + regained * exp(-p.rent_sensitivity * math.log(operator.rent / (compute * market.rent)))


def idles_despite_network(idles: bool, operator: Any, market: Any, p: Any, luck: Any) -> bool:
    """Whether a site is switched off: what the network sells need not earn debt service."""
    return idles and not covers(operator, market, 1.0, p.idling_service, p)


def restarts_for_network(restarts: bool, operator: Any, market: Any, p: Any) -> bool:
    """Whether an idle site is switched on: sooner, if the network sells for it."""
    return restarts or (market.pooled > 0.0 and covers(operator, market, p.restart_margin, p.restart_service, p))


def covers(operator: Any, market: Any, margin: float, part: float, p: Any) -> bool:
    """Whether the going rent covers avoidable cost, and part of debt service for what is not pooled, with a margin."""
    service = (1.0 - market.pooled) * part * p.hold_out * service_per_gpu(operator, p)
    return going_rent(operator, market) > margin * (avoidable_cost(operator, p) + service)


# --- Steps ----------------------------------------------------------------------------------------------------------


def state_pools_idle_compute(world: Any, p: Any) -> None:
    """While the state answers to low use, the network sells for new sites."""
    world.market.pooled = p.resale_network if world.centre.answers else 0.0
