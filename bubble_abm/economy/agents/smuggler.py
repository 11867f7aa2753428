"""Smugglers: dealers who bring restricted chips in, mark them up, and come and go with the margin."""

from __future__ import annotations

import math
from typing import Any

from bubble_abm.economy.declare import decision
from bubble_abm.economy.tables import Row, column, draw

STOCK_TARGET = 1.2  # stock and shipments wanted over orders
SCALE_FREE_ORDERS = 20.0  # GPUs that keep the ratio of orders to supply finite


class SmugglerRow(Row):
    """A dealer in restricted chips: his stock, channel, mark-up and cash."""

    id: int = column("", "number of the smuggler")
    sector: int = column("", "sector in the flow matrix")
    active: int = column("", "1 while in business")
    layers: int = column("", "hands through which his chips pass")
    inventory: float = column("GPU", "in stock")
    in_transit: float = column("GPU", "shipped, not arrived")
    capacity: float = column("GPU/month", "what his channel can carry")
    normal_capacity: float = column("GPU/month", "what his channel carried at first")
    markup: float = column("share", "quote over landed cost, less one")
    landed_cost: float = column("CNY/GPU", "cost of a chip brought into the country")
    quote: float = column("CNY/GPU", "price asked")
    orders: float = column("GPU", "ordered from him this month")
    expected_orders: float = column("GPU/month", "smoothed orders")
    backlog: float = column("GPU", "ordered, not delivered")
    prepaid: float = column("CNY", "received for chips not delivered")
    cash: float = column("CNY", "deposits")


class SmugglerLuck(Row):
    """What chance decides about a smuggler in one month."""

    enter: float = draw(0, "opens a channel when under the hazard")
    markup: float = draw(1, "noise in the mark-up")
    seizure: float = draw(2, "how much of the shipment is seized")


@decision
def landed_cost(smuggler: Any, p: Any) -> float:
    """Cost of a chip in the country: price abroad, risk, layers of resale and tariff [CNY/GPU]."""
    return p.foreign_chip_price * (
        1.0 + p.risk_premium * p.export_control + smuggler.layers * p.layer_margin + p.tariff
    )


@decision
def gpus_to_import(smuggler: Any, p: Any) -> float:
    """Chips to ship this month: towards orders and a stock, within channel and cash, not at a loss [GPU]."""
    if smuggler.markup < -0.02:
        return 0.0
    wanted = STOCK_TARGET * (smuggler.backlog + smuggler.expected_orders) - smuggler.inventory - smuggler.in_transit
    affordable = smuggler.cash / smuggler.landed_cost
    return max(min(wanted, smuggler.capacity, affordable), 0.0)


@decision
def used_chips_wanted(smuggler: Any, price: float) -> float:
    """Second-hand chips a dealer takes at a price: what he can sell in half a year, and pay from his own cash [GPU]."""
    saleable = 6.0 * smuggler.expected_orders + smuggler.backlog - smuggler.inventory - smuggler.in_transit
    return max(min(saleable, (smuggler.cash - smuggler.prepaid) / price), 0.0)


@decision
def channels_closed(p: Any) -> float:
    """Share of the channels that close when export control is tightened: in proportion to the step, never all."""
    return min(p.ban_channel_cut * p.control_step, 0.95)


@decision
def shipments_lost(p: Any) -> float:
    """Share of chips in transit, and of prepaid orders, that are lost when export control is tightened."""
    return min(p.ban_loss * p.control_step, 1.0)


@decision
def seized_share(p: Any, luck: Any) -> float:
    """Share of a shipment that customs seize: twice a uniform draw around the mean [share]."""
    return min(2.0 * luck.seizure * p.seizure_share * p.export_control, 1.0)


@decision
def next_markup(smuggler: Any, p: Any, luck: Any) -> float:
    """Mark-up over landed cost: up with orders over supply, back to normal when the backlog is gone [share].

    Notes
    -----
    A mark-up, not a price, adjusts: a price would reach zero and kill the supply for good.
    """
    supply = smuggler.inventory + smuggler.in_transit
    tightness = math.log((smuggler.backlog + SCALE_FREE_ORDERS) / (supply + SCALE_FREE_ORDERS))
    reversion = 0.0 if smuggler.backlog > supply else p.markup_reversion * (smuggler.markup - p.normal_markup)
    noise = 0.02 * (luck.markup - 0.5)
    markup = smuggler.markup + p.markup_adjustment * math.tanh(tightness) - reversion + noise
    return min(max(markup, -0.6), 1.0)


@decision
def next_capacity(smuggler: Any, p: Any) -> float:
    """Channel for next month: it grows with the margin above normal, else it returns slowly to normal [GPU/month].

    Notes
    -----
    It grows no further than the dealer's cash would fill it in a month: a dealer who has lost his money asks a high
    price for what he owes, but earns no margin and has nothing to extend his channel with.
    """
    excess = smuggler.markup - p.normal_markup
    if excess > 0.0:
        grown = smuggler.capacity * (1.0 + min(p.smuggler_entry_speed * excess, 0.5))
        return max(min(grown, smuggler.cash / smuggler.landed_cost), smuggler.capacity)
    return smuggler.capacity - 0.04 * (smuggler.capacity - smuggler.normal_capacity)


@decision
def enters(average_markup: float, p: Any, luck: Any) -> bool:
    """Whether a new dealer opens a channel: a hazard in the margin above normal."""
    return luck.enter < 0.1 * p.smuggler_entry_speed * max(average_markup - p.normal_markup, 0.0)


@decision
def leaves(smuggler: Any) -> bool:
    """Whether a dealer leaves: under water, without orders, without stock."""
    return smuggler.markup < -0.15 and smuggler.backlog < 0.5 and smuggler.inventory + smuggler.in_transit < 1.0
