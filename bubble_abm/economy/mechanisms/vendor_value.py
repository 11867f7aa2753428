"""Vendor value: the stock market values the orders that the chip vendor can expect from this economy.

It reads a release on the day: compute that will be saved in training, and what cheaper tokens add to inference. Nobody
in the economy acts on it; it is a measure.
Without it, the vendor has no price.
"""

from __future__ import annotations

import math
from typing import Any

from bubble_abm.economy.agents.investor import annuity
from bubble_abm.economy.agents.startup import is_active
from bubble_abm.economy.arithmetic import exp
from bubble_abm.economy.declare import ASSUMED, decision, parameters, section
from bubble_abm.economy.ledger import ABROAD, IMPORTS
from bubble_abm.economy.markets.counting import share
from bubble_abm.economy.markets.signals import Market
from bubble_abm.economy.tables import Row, column


@parameters
class Parameters:
    """What an order is worth, and how closely the stock market reads a release."""

    # fmt: off
    parameter = section("vendor value")
    vendor_margin: float = parameter(
        0.5, unit="share", low=0, high=0.8, role="fixed", neutral=0, source=ASSUMED,
        meaning="share of an order that is the vendor's profit; 0 is no valuation")
    vendor_attention: float = parameter(
        0.75, unit="share", low=0, high=1, role="fixed", source="assumption, with fact C51",
        meaning="how far the stock market counts the savings of a release before they are adopted")
    vendor_memory: float = parameter(
        0.1, unit="1/month", low=0.01, high=1, role="fixed", source=ASSUMED,
        meaning="weight of the latest month in the orders that are expected to go on")
    del parameter
    # fmt: on


class MarketColumns(Row, extends=Market):
    """What the vendor sells, and is worth."""

    vendor_orders: float = column("CNY/month", "chips bought abroad, smoothed")
    vendor_value: float = column("CNY", "present value of the profit on the orders that are expected")


# --- Decisions ------------------------------------------------------------------------------------------------------


@decision
def orders_outlook(gain: float, market: Any, p: Any) -> float:
    """Orders expected relative to those of late, given how much better the best open model is than those in use.

    In training and in inference, a saving of compute is used again as far as demand is elastic.
    """
    inference = share(market.inference_gpus, market.inference_gpus + market.training_gpus)
    log_gain = math.log(max(gain, 1.0))
    training = exp((p.training_elasticity - 1.0) * log_gain)
    serving = exp((p.inference_elasticity - 1.0) * log_gain)
    return 1.0 + p.vendor_attention * ((1.0 - inference) * training + inference * serving - 1.0)


# --- Steps ----------------------------------------------------------------------------------------------------------


def vendor_is_valued(world: Any, p: Any) -> None:
    """The stock market values the vendor's orders as they have been of late, and what a release will make of them."""
    market = world.market
    orders = world.flows[IMPORTS, ABROAD]
    weight = p.vendor_memory if market.vendor_orders > 0.0 else 1.0
    market.vendor_orders += weight * (orders - market.vendor_orders)
    profit = p.vendor_margin * market.vendor_orders * orders_outlook(gain_of_best_model(world, p), market, p)
    market.vendor_value = profit * annuity(p.loan_rate / 12.0 + p.discount_spread, p.investment_horizon)


def gain_of_best_model(world: Any, p: Any) -> float:
    """Efficiency of the best open model relative to the mean of the models in use [ratio]."""
    active = efficiency = 0.0
    for startup in world.startups:
        if is_active(startup):
            active += 1.0
            efficiency += startup.efficiency
    return p.frontier_efficiency * active / efficiency if active > 0.0 else 1.0
