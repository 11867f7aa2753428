"""Hoarding: dealers hold stock back and import for it while prices rise, and dump it when they turn.

They dump it, too, when a successor of their class is announced.
Without it, whatever a dealer has in stock is for sale, and it imports for orders only.
"""

from __future__ import annotations

from typing import Any

from bubble_abm.economy.agents.smuggler import SmugglerRow
from bubble_abm.economy.chip_classes import ChipClassRow
from bubble_abm.economy.declare import ASSUMED, parameters, section
from bubble_abm.economy.tables import Row, column


@parameters
class Parameters:
    """How much is held back, and what a rise of prices is."""

    # fmt: off
    parameter = section("hoarding")
    hoarding: float = parameter(
        0.24, unit="share", low=0, high=0.9, role="fixed", plausible=(0, 0.5), neutral=0, source=ASSUMED,
        meaning="share of stock that dealers hold back while prices rise, and more stock that they then import for")
    hoarding_memory: float = parameter(
        0.3, unit="1/month", low=0.01, high=1, role="fixed", source=ASSUMED,
        meaning="weight of the latest month in the rise of prices that dealers see")
    del parameter
    # fmt: on


class ChipClassColumns(Row, extends=ChipClassRow):
    """What dealers see of the price of a class."""

    price_before: float = column("CNY/GPU", "price at the end of the month before")
    price_rise: float = column("1/month", "smoothed rise of the price, relative")


class SmugglerColumns(Row, extends=SmugglerRow):
    """What a dealer expects."""

    hopeful: int = column("", "1 while the price of its class rises and no successor has been announced lately")


# --- What it changes in decisions of the core (wired in month.py) ---------------------------------------------------


def withheld_in_hope(withheld: float, smuggler: Any, p: Any) -> float:
    """Stock that a dealer does not sell this month: part of it while it is hopeful [GPU]."""
    return p.hoarding * smuggler.inventory if smuggler.hopeful else withheld


def imports_in_hope(gpus: float, smuggler: Any, p: Any) -> float:
    """Chips to ship this month: a hopeful dealer ships for a larger stock, within channel and cash [GPU]."""
    if not smuggler.hopeful or smuggler.markup < p.import_markup:
        return gpus
    stock = (1.0 + p.hoarding) * p.stock_target * (smuggler.backlog + smuggler.expected_orders)
    wanted = stock - smuggler.inventory - smuggler.in_transit
    return max(min(wanted, smuggler.capacity, smuggler.cash / smuggler.landed_cost), gpus)


def markup_in_dump(markup: float, smuggler: Any, rivals: float, fear: float, p: Any, luck: Any) -> float:
    """Mark-up over landed cost: who has lost hope asks less, the more stock it has beyond what it sells [share]."""
    if p.hoarding <= 0.0 or smuggler.hopeful:
        return markup
    stock = smuggler.inventory + smuggler.in_transit + p.order_scale
    needed = p.stock_target * (smuggler.backlog + smuggler.expected_orders) + p.order_scale
    excess = max(1.0 - needed / stock, 0.0)
    return max(markup - p.hoarding * p.markup_adjustment * excess, p.lowest_markup)


# --- Steps ----------------------------------------------------------------------------------------------------------


def dealers_watch_prices(world: Any, p: Any) -> None:
    """Dealers see whether the price of their class has risen lately, and hope that it will go on."""
    if p.hoarding <= 0.0:
        return
    for chip in world.chips:
        if chip.price_before > 0.0:
            rise = chip.price / chip.price_before - 1.0
            chip.price_rise += p.hoarding_memory * (rise - chip.price_rise)
        chip.price_before = chip.price
    for smuggler in world.smugglers:
        chip = world.chips[smuggler.chip]
        smuggler.hopeful = 1 if chip.price_rise > 0.0 and chip.fear <= 0.0 else 0
