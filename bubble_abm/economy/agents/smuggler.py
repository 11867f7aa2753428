"""Smugglers: dealers who bring restricted chips into the country, mark them up, and come and go with the margin."""

from __future__ import annotations

import math
from typing import Any

from bubble_abm.economy.chip_classes import H200
from bubble_abm.economy.declare import ASSUMED, POLICY, decision, parameters, section
from bubble_abm.economy.tables import Row, column, draw

LAST_CHANNELS = 0.95  # not behaviour: a ban never closes a channel entirely, or nothing would be left to grow again


@parameters
class Parameters:
    """How dealers calculate, ship, price, enter and leave."""

    # fmt: off
    parameter = section("black market")
    foreign_chip_price: float = parameter(
        122_000.0, unit="CNY/GPU", low=50_000, high=400_000, role="fixed",
        source="assumption: the price before the ban, fact C07, less risk, layers and mark-up",
        meaning="price of an H100 abroad, delivered to a reseller")
    risk_premium: float = parameter(
        0.203, unit="share", low=0.05, high=0.4, role="uncertain", sampled=(0.05, 0.3),
        source="facts C06-C08",
        plausible=(0.0694, 0.286),
        meaning="cost of risk at the full stage of export control, relative to the foreign price")
    layer_margin: float = parameter(
        0.02, unit="share", low=0, high=0.2, role="fixed", source=ASSUMED,
        meaning="margin of each layer of resale, relative to the foreign price")
    most_layers: float = parameter(
        3.0, unit="layers", low=1, high=10, role="fixed", whole=True, founding=True, source=ASSUMED,
        meaning="largest number of hands through which chips pass")
    channel_capacity: float = parameter(
        4_760.0, unit="GPU/month", low=1, high=1e6, role="fixed", founding=True, source="fact C23",
        meaning="chips that all smugglers together can import at first")
    channel_spread: float = parameter(
        0.5, unit="1", low=0, high=2, role="fixed", founding=True, source=ASSUMED,
        meaning="log standard deviation of channel sizes")
    first_stock: float = parameter(
        0.2, unit="months", low=0, high=12, role="fixed", founding=True, source=ASSUMED,
        meaning="stock, and expected monthly orders, in January 2023, in months of the channel")
    dealer_cash: float = parameter(
        4.0, unit="months", low=0, high=36, role="fixed", founding=True, source=ASSUMED,
        meaning="cash in January 2023, in months of the channel at landed cost")
    order_memory: float = parameter(
        0.3, unit="1/month", low=0.01, high=1, role="fixed", source=ASSUMED,
        meaning="weight of the latest month in the orders that a dealer expects")
    stock_target: float = parameter(
        1.2, unit="ratio", low=0, high=10, role="fixed", source=ASSUMED,
        meaning="stock and shipments wanted, relative to backlog and expected orders")
    import_markup: float = parameter(
        -0.02, unit="share", low=-1, high=1, role="fixed", source=ASSUMED,
        meaning="mark-up below which nothing is shipped")
    normal_markup: float = parameter(
        0.0185, unit="share", low=0, high=0.5, role="fixed", source=ASSUMED,
        meaning="mark-up at which channels neither grow nor shrink")
    markup_adjustment: float = parameter(
        0.0837, unit="1/month", low=0.02, high=0.3, role="uncertain", sampled=(0.02, 0.16),
        source="fact C06",
        plausible=(0.0459, 0.144),
        meaning="monthly response of the mark-up to orders over supply")
    order_scale: float = parameter(
        800.0, unit="GPU", low=0.1, high=1000, role="fixed", source=ASSUMED,
        meaning="added to orders and supply, so that small numbers count little")
    markup_reversion: float = parameter(
        0.32, unit="1/month", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="return of the mark-up to the normal one while orders do not exceed supply")
    markup_noise: float = parameter(
        0.02, unit="share", low=0, high=0.5, role="fixed", source=ASSUMED,
        meaning="width of the monthly noise in mark-ups")
    lowest_markup: float = parameter(
        -0.6, unit="share", low=-0.95, high=0, role="fixed", source=ASSUMED,
        meaning="lowest mark-up")
    highest_markup: float = parameter(
        0.939, unit="share", low=0, high=10, role="fixed", source=ASSUMED,
        meaning="highest mark-up; also the one that entrants ask when nobody is in business")
    smuggler_entry_speed: float = parameter(
        1.53, unit="1/month", low=0, high=3, role="uncertain", sampled=(0.3, 3),
        source="fact C08",
        plausible=(0.635, 2.77),
        meaning="growth of channels per unit of mark-up above the normal one")
    fastest_growth: float = parameter(
        0.5, unit="1/month", low=0, high=5, role="fixed", source=ASSUMED,
        meaning="largest monthly growth of a channel")
    channel_reversion: float = parameter(
        0.04, unit="1/month", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="return of a channel to its first size while the mark-up is not above the normal one")
    dealer_entry: float = parameter(
        0.1, unit="ratio", low=0, high=5, role="fixed", source=ASSUMED,
        meaning="hazard of a new dealer, relative to the growth of channels")
    seed_money: float = parameter(
        3.0, unit="months", low=0, high=36, role="fixed", source=ASSUMED,
        meaning="cash of a new dealer, in months of the channel at landed cost")
    exit_markup: float = parameter(
        -0.15, unit="share", low=-1, high=0, role="fixed", source=ASSUMED,
        meaning="mark-up below which a dealer without orders and stock leaves")
    exit_patience: float = parameter(
        6.0, unit="months", low=1, high=1_000, role="fixed", source=ASSUMED,
        meaning="months without an order after which a dealer sells its stock abroad and leaves")
    glut_weight: float = parameter(
        0.628, unit="ratio", low=0, high=3, role="fixed", source=ASSUMED,
        meaning="weight of second-hand chips that nobody wanted in the supply that dealers see")
    dealer_reserve: float = parameter(
        6.0, unit="months", low=0, high=36, role="fixed", source=ASSUMED,
        meaning="cash that a dealer keeps, in months of the channel at landed cost")
    dealer_payout: float = parameter(
        0.5, unit="share", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="share of the cash beyond the reserve that a dealer takes out in a month")
    prepayment: float = parameter(
        0.5, unit="share", low=0, high=1, role="fixed", source="fact C24",
        meaning="share of an order that is paid in advance")
    seizure_share: float = parameter(
        0.03, unit="share", low=0, high=0.5, role="fixed", source=ASSUMED,
        meaning="average share of shipments seized at the full stage of export control")
    ban_channel_cut: float = parameter(
        0.832, unit="share", low=0, high=0.95, role="uncertain", sampled=(0.1, 0.95), source="fact C24",
        meaning="share of every channel that closes when export control is tightened by one full stage")
    ban_loss: float = parameter(
        0.56, unit="probability", low=0, high=1, role="fixed", source="fact C24: 318 of 330 servers",
        meaning="chance that a prepaid order, and share of transit, is lost at a tightening by one full stage")
    panic_orders: float = parameter(
        0.316, unit="share", low=0, high=1, role="uncertain",
        source="assumption: buyers rushed orders in before October 2023, fact C27",
        meaning="share of a planned project's chips that is ordered at once when export control is tightened")
    panic_memory: float = parameter(
        0.6, unit="1/month", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="share of the panic that is left after a month")
    panic_equity: float = parameter(
        0.5, unit="share", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="largest share of an investor's purse that is paid in for a panic order")
    export_control_strength: float = parameter(
        1, unit="ratio", low=0, high=2, role="lever", source=POLICY,
        meaning="stage of export control relative to the calendar's; 0 is a world without control, 1 is history")
    resale_months: float = parameter(
        6.0, unit="months", low=0, high=36, role="fixed", source=ASSUMED,
        meaning="months of expected orders within which a dealer wants to resell used chips")
    dealer_bid: float = parameter(
        0.85, unit="share", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="bid of a dealer for used chips, relative to its own quote")
    reexport_markup: float = parameter(
        -0.35, unit="share", low=-1, high=0, role="fixed", source=ASSUMED,
        meaning="mark-up below which a dealer sells its stock abroad")
    reexport_price: float = parameter(
        0.6, unit="share", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="price of chips sold abroad, relative to the foreign price")
    del parameter
    # fmt: on


class SmugglerRow(Row):
    """A dealer in restricted chips: stock, channel, mark-up and cash."""

    id: int = column("", "number of the smuggler")
    sector: int = column("", "sector in the flow matrix")
    chip: int = column("", "class of chips in which it deals")
    foreign_price: float = column("CNY/GPU", "price of that class abroad")
    months_idle: int = column("months", "in a row without an order")
    active: int = column("", "1 while in business")
    layers: int = column("", "number of hands through which the chips pass")
    inventory: float = column("GPU", "in stock")
    withheld: float = column("GPU", "of this held back from buyers this month")
    in_transit: float = column("GPU", "shipped, not arrived")
    capacity: float = column("GPU/month", "imports that the channel can carry")
    normal_capacity: float = column("GPU/month", "imports that the channel carried at first, to which it returns")
    markup: float = column("share", "quote over landed cost, less one")
    landed_cost: float = column("CNY/GPU", "cost of a chip brought into the country")
    quote: float = column("CNY/GPU", "price asked")
    orders: float = column("GPU", "ordered this month")
    expected_orders: float = column("GPU/month", "expected, from smoothed orders")
    backlog: float = column("GPU", "ordered, not delivered")
    prepaid: float = column("CNY", "received for chips not delivered")
    cash: float = column("CNY", "deposits")


class SmugglerLuck(Row):
    """What chance decides about a smuggler in one month."""

    enter: float = draw(0, "a channel is opened if below the hazard")
    markup: float = draw(1, "noise in the mark-up")
    seizure: float = draw(2, "how much of the shipment is seized")
    chip: float = draw(3, "class in which a new channel deals")


def stage_of_control(smuggler: Any, p: Any) -> float:
    """Stage of export control on the class of chips in which a dealer deals [ratio]."""
    return p.control_h200 if smuggler.chip == H200 else p.export_control


@decision
def landed_cost(smuggler: Any, p: Any) -> float:
    """Cost of a chip brought into the country: foreign price, risk, layers of resale and tariff [CNY/GPU]."""
    risk = p.risk_premium * stage_of_control(smuggler, p)
    return smuggler.foreign_price * (1.0 + risk + smuggler.layers * p.layer_margin + p.tariff)


@decision
def gpus_to_import(smuggler: Any, p: Any) -> float:
    """Chips to ship this month: towards orders and target stock, within channel and cash, not at a loss [GPU]."""
    if smuggler.markup < p.import_markup:
        return 0.0
    wanted = p.stock_target * (smuggler.backlog + smuggler.expected_orders) - smuggler.inventory - smuggler.in_transit
    affordable = smuggler.cash / smuggler.landed_cost
    return max(min(wanted, smuggler.capacity, affordable), 0.0)


@decision
def stock_withheld(smuggler: Any, p: Any) -> float:
    """Stock that a dealer holds back from buyers this month [GPU]."""
    return 0.0


@decision
def used_chips_wanted(smuggler: Any, price: float, p: Any) -> float:
    """Second-hand chips that a dealer buys at a price: what it can resell in time and pay itself [GPU]."""
    saleable = p.resale_months * smuggler.expected_orders + smuggler.backlog - smuggler.inventory - smuggler.in_transit
    return max(min(saleable, (smuggler.cash - smuggler.prepaid) / price), 0.0)


@decision
def channels_closed(p: Any) -> float:
    """Share of every channel that closes when export control is tightened: proportional, but never all [share]."""
    return min(p.ban_channel_cut * p.control_step, LAST_CHANNELS)


@decision
def shipments_lost(p: Any) -> float:
    """Share of chips in transit, and of prepaid orders, lost when export control is tightened [share]."""
    return min(p.ban_loss * p.control_step, 1.0)


@decision
def seized_share(smuggler: Any, p: Any, luck: Any) -> float:
    """Share of a shipment that customs seize: uniform between zero and twice the mean [share]."""
    return min(2.0 * luck.seizure * p.seizure_share * stage_of_control(smuggler, p), 1.0)


@decision
def next_markup(smuggler: Any, rivals: float, fear: float, p: Any, luck: Any) -> float:
    """Mark-up over landed cost: up with orders over supply, down with unsold chips, else back towards normal [share].

    Supply is what the dealer has for sale and what of the second-hand chips that nobody wanted falls to it, ``rivals``;
    a successor that has been announced counts as more of it. The return from below to the normal mark-up weakens the
    more supply exceeds orders: stock is not held back for ever.

    Notes
    -----
    It is the mark-up that adjusts, not the price: a price could fall to zero and end supply for good.
    """
    supply = smuggler.inventory - smuggler.withheld + smuggler.in_transit + p.glut_weight * rivals
    tightness = math.log((smuggler.backlog + p.order_scale) / (supply + p.order_scale)) - fear
    reversion = 0.0 if smuggler.backlog > supply else p.markup_reversion * (smuggler.markup - p.normal_markup)
    if reversion < 0.0:
        reversion *= 1.0 + math.tanh(tightness)
    noise = p.markup_noise * (luck.markup - 0.5)  # a draw around zero
    markup = smuggler.markup + p.markup_adjustment * math.tanh(tightness) - reversion + noise
    return min(max(markup, p.lowest_markup), p.highest_markup)


@decision
def next_capacity(smuggler: Any, p: Any) -> float:
    """Capacity of the channel next month: grows with the mark-up above normal, or returns to normal [GPU/month].

    Notes
    -----
    It grows no larger than the dealer's cash can fill in a month: a dealer who has lost all money may ask a high price
    for chips already ordered, but earns no margin and has nothing with which to extend the channel.
    """
    excess = smuggler.markup - p.normal_markup
    if excess > 0.0:
        grown = smuggler.capacity * (1.0 + min(p.smuggler_entry_speed * excess, p.fastest_growth))
        return max(min(grown, smuggler.cash / smuggler.landed_cost), smuggler.capacity)
    return smuggler.capacity - p.channel_reversion * (smuggler.capacity - smuggler.normal_capacity)


@decision
def enters(average_markup: float, p: Any, luck: Any) -> bool:
    """Whether a new dealer opens a channel: a hazard that rises with the average mark-up above normal."""
    return luck.enter < p.dealer_entry * p.smuggler_entry_speed * max(average_markup - p.normal_markup, 0.0)


@decision
def leaves(smuggler: Any, p: Any) -> bool:
    """Whether a dealer leaves, deep in the red or long without business, when there are neither orders nor stock."""
    no_orders = smuggler.backlog < 0.5  # less than half a chip is none
    no_business = smuggler.markup < p.exit_markup or smuggler.months_idle >= p.exit_patience
    return no_business and no_orders and smuggler.inventory + smuggler.in_transit < 1.0


@decision
def usual_orders(smuggler: Any, p: Any) -> float:
    """Monthly orders that a dealer expects, updated with this month's [GPU/month]."""
    return smuggler.expected_orders + p.order_memory * (smuggler.orders - smuggler.expected_orders)


@decision
def gpus_to_reexport(smuggler: Any, p: Any) -> float:
    """Chips that a dealer sells abroad: the whole stock, once it sells far below cost or not at all [GPU]."""
    given_up = smuggler.markup < p.reexport_markup or smuggler.months_idle >= p.exit_patience
    return smuggler.inventory if given_up else 0.0


@decision
def takings(smuggler: Any, p: Any) -> float:
    """Profit that a dealer takes out: part of the cash beyond prepayments and a reserve for the channel [CNY]."""
    surplus = smuggler.cash - smuggler.prepaid - p.dealer_reserve * smuggler.capacity * smuggler.landed_cost
    return max(p.dealer_payout * surplus, 0.0)
