"""The chip market: quotes, orders, imports, seizures, deliveries first come first served, mark-ups, second hand."""

from __future__ import annotations

from typing import Any

from bubble_abm.economy.agents.investor import money_at_hand
from bubble_abm.economy.agents.operator import (
    BANKRUPT,
    BUILDING,
    CANCELLED,
    DISTRESSED,
    PLANNED,
    gpus_to_order,
    gpus_to_sell,
)
from bubble_abm.economy.agents.platform import bid
from bubble_abm.economy.agents.smuggler import (
    channels_closed,
    enters,
    gpus_to_import,
    gpus_to_reexport,
    landed_cost,
    leaves,
    next_capacity,
    next_markup,
    seized_share,
    shipments_lost,
    takings,
    used_chips_wanted,
    usual_orders,
)
from bubble_abm.economy.ledger import (
    CHIP_PURCHASES,
    DIVIDENDS,
    IMPORTS,
    LIQUIDATION,
    REEXPORTS,
    SECOND_HAND_SALES,
    TARIFFS,
    lose_prepayment,
    pay_bank,
    pay_in_equity,
    prepay,
    transfer,
    use_prepayment,
)
from bubble_abm.economy.luck import ATTEMPTS, slot_drawn, slots_for
from bubble_abm.economy.markets.counting import share
from bubble_abm.economy.tables import Row, column


class Order(Row):
    """Chips that an operator has ordered from a smuggler and not received; the table is the queue for deliveries."""

    operator: int = column("", "row of the operator")
    smuggler: int = column("", "row of the smuggler")
    gpus: float = column("GPU", "ordered, not delivered; 0 for a struck order, taken out at the next delivery")
    price: float = column("CNY/GPU", "agreed price")


# --- The ban --------------------------------------------------------------------------------------------------------


def ban_cuts_channels(world: Any, p: Any, luck: Any) -> None:
    """When export control is tightened, channels shrink, and chips in transit and prepaid orders are lost."""
    market = world.market
    market.panic = max(p.panic_memory * market.panic, min(p.control_step, 1.0))
    if p.control_step <= 0.0:
        return
    lost = shipments_lost(p)
    for smuggler in world.smugglers:
        smuggler.capacity *= 1.0 - channels_closed(p)
        world.books.chips_lost += lost * smuggler.in_transit
        smuggler.in_transit *= 1.0 - lost
    caught, lost_before = 0.0, market.prepayments_lost
    for k in range(world.live_count[0]):
        operator = world.operators[world.live[k]]
        if operator.gpus_on_order > 0.0:
            caught += operator.prepaid
            if luck.operators[k].lost < lost:
                cancel_order(world, operator)
    market.ban_loss_share = share(market.prepayments_lost - lost_before, caught)


def cancel_order(world: Any, operator: Any) -> None:
    """Strike an order; the prepayment is lost. A new order before the next delivery takes its place in the queue."""
    order = world.orders[operator.order]
    smuggler = world.smugglers[order.smuggler]
    smuggler.backlog -= order.gpus
    forfeit_prepayment(world, operator, smuggler, operator.prepaid)
    operator.gpus_on_order = 0.0
    order.gpus = 0.0


def forfeit_prepayment(world: Any, operator: Any, smuggler: Any, amount: float) -> None:
    """A prepayment stays with the dealer, who delivers nothing for it."""
    lose_prepayment(world, operator, smuggler, amount)
    world.market.prepayments_lost += amount


def orders_of_the_ended_are_struck(world: Any) -> None:
    """Orders of sites that have been wound up are struck from the queue."""
    for k in range(world.live_count[0]):
        operator = world.operators[world.live[k]]
        if operator.stage == BANKRUPT and operator.gpus_on_order > 0.0:
            cancel_order(world, operator)


# --- Quotes and orders ----------------------------------------------------------------------------------------------


def smugglers_quote(world: Any, p: Any) -> None:
    """Every smuggler quotes landed cost plus a mark-up; chips shipped last month arrive."""
    for smuggler in world.smugglers:
        smuggler.orders = 0.0
        if smuggler.active:
            smuggler.landed_cost = landed_cost(smuggler, p)
            smuggler.quote = smuggler.landed_cost * (1.0 + smuggler.markup)
            world.market.imported += smuggler.in_transit
            smuggler.inventory += smuggler.in_transit
            smuggler.in_transit = 0.0


def contact(smugglers: Any, draw: float) -> int:
    """Row of an active smuggler, each with the same chance, from one draw; -1 if nobody was found."""
    slots = slots_for(len(smugglers))
    for attempt in range(ATTEMPTS):
        row = slot_drawn(draw, attempt, slots)
        if row < len(smugglers) and smugglers[row].active:
            return row
    return -1


def cheapest_contact(smugglers: Any, luck: Any) -> int:
    """Row of the cheapest of three contacts, -1 if nobody answers."""
    best = contact(smugglers, luck.contact_1)
    for draw in (luck.contact_2, luck.contact_3):
        other = contact(smugglers, draw)
        if other >= 0 and (best < 0 or smugglers[other].quote < smugglers[best].quote):
            best = other
    return best


def operators_order_chips(world: Any, p: Any, luck: Any) -> None:
    """Sites under construction, and plans in a panic, order from the cheapest of three contacts."""
    market = world.market
    market.chip_orders = 0.0
    for k in range(world.live_count[0]):
        operator = world.operators[world.live[k]]
        if (operator.stage != BUILDING and operator.stage != PLANNED) or operator.gpus_on_order > 0.0:
            continue
        wanted = gpus_to_order(operator, market, p)
        if wanted <= 0.0:
            continue
        row = cheapest_contact(world.smugglers, luck.operators[k])
        if row >= 0:
            place_order(world, operator, row, wanted, p)


def place_order(world: Any, operator: Any, row: int, wanted: float, p: Any) -> None:
    """Order chips at today's quote, as many as cash can pay for, and prepay part of them; the order joins the queue."""
    smuggler = world.smugglers[row]
    if operator.stage == PLANNED:
        investor = world.investors[operator.owner]
        lacking = max(wanted * smuggler.quote - operator.cash, 0.0)
        pay_in_equity(world, investor, operator, min(lacking, p.panic_equity * money_at_hand(investor)))
    gpus = min(wanted, operator.cash / smuggler.quote)
    if gpus < 1.0:
        return
    if operator.order < 0:
        operator.order = world.order_count[0]
        world.order_count[0] += 1
    order = world.orders[operator.order]
    order.operator = operator.row
    order.smuggler = row
    order.gpus = gpus
    order.price = smuggler.quote
    operator.gpus_on_order = gpus
    smuggler.orders += gpus
    smuggler.backlog += gpus
    world.market.chip_orders += gpus
    prepay(world, operator, smuggler, p.prepayment * gpus * smuggler.quote)


# --- Deliveries and imports -----------------------------------------------------------------------------------------


def smugglers_deliver(world: Any, p: Any) -> None:
    """Orders are delivered from stock, first come, first served; the rest of the price is paid on delivery."""
    kept = 0
    for place in range(world.order_count[0]):
        order = world.orders[place]
        operator = world.operators[order.operator]
        if order.gpus > 0.0:
            deliver(world, order, operator, world.smugglers[order.smuggler])
        operator.order = kept if order.gpus > 0.0 else -1
        if order.gpus > 0.0:
            keep_order(world.orders[kept], order)
            kept += 1
    world.order_count[0] = kept


def deliver(world: Any, order: Any, operator: Any, smuggler: Any) -> None:
    """Deliver what is in stock for one order; what the buyer cannot pay for is struck, the rest of the order waits."""
    ready = min(order.gpus, smuggler.inventory)
    if ready <= 0.0:
        return
    prepaid = operator.prepaid / order.gpus
    due = order.price - prepaid
    gpus = min(ready, max(operator.cash, 0.0) / due) if due > 0.0 else ready
    transfer(world.flows, CHIP_PURCHASES, operator, smuggler, gpus * due)
    use_prepayment(world, operator, smuggler, gpus * prepaid)
    smuggler.inventory -= gpus
    operator.gpus_installed += gpus
    if gpus < ready:
        forfeit_prepayment(world, operator, smuggler, (ready - gpus) * prepaid)
    order.gpus -= ready
    smuggler.backlog -= ready
    if order.gpus < 0.5:  # less than half a chip is none
        smuggler.backlog -= order.gpus
        use_prepayment(world, operator, smuggler, operator.prepaid)
        order.gpus = 0.0
    operator.gpus_on_order = order.gpus


def keep_order(kept: Any, order: Any) -> None:
    """Move an order that is still open to its new place in the table."""
    kept.operator = order.operator
    kept.smuggler = order.smuggler
    kept.gpus = order.gpus
    kept.price = order.price


def smugglers_import(world: Any, p: Any, luck: Any) -> None:
    """Dealers ship chips towards orders and target stock; customs seize a part, the rest arrives next month."""
    for i in range(len(world.smugglers)):
        smuggler = world.smugglers[i]
        if not smuggler.active:
            continue
        smuggler.expected_orders = usual_orders(smuggler, p)
        gpus = gpus_to_import(smuggler, p)
        tariff = gpus * p.foreign_chip_price * p.tariff
        transfer(world.flows, IMPORTS, smuggler, world.abroad, gpus * smuggler.landed_cost - tariff)
        transfer(world.flows, TARIFFS, smuggler, world.centre, tariff)
        seized = gpus * seized_share(p, luck.smugglers[i])
        world.books.chips_smuggled += gpus
        world.books.chips_seized += seized
        world.market.seized += seized
        smuggler.in_transit += gpus - seized


def smugglers_adjust(world: Any, p: Any, luck: Any) -> None:
    """Mark-ups and channels adjust; dealers leave and enter, take profits out and re-export stock they cannot sell."""
    market = world.market
    average = average_markup(world.smugglers, p)
    price = 0.0
    weight = 0.0
    for i in range(len(world.smugglers)):
        smuggler = world.smugglers[i]
        if not smuggler.active:
            if enters(average, p, luck.smugglers[i]):
                open_channel(world, smuggler, average, p)
            continue
        smuggler.markup = next_markup(smuggler, p, luck.smugglers[i])
        smuggler.capacity = next_capacity(smuggler, p)
        reexport(world, smuggler, gpus_to_reexport(smuggler, p), p)
        if leaves(smuggler, p):
            smuggler.active = 0
        transfer(world.flows, DIVIDENDS, smuggler, world.households, takings(smuggler, p))
        stall = smuggler.inventory + smuggler.expected_orders
        price += stall * smuggler.landed_cost * (1.0 + smuggler.markup)
        weight += stall
    if weight > 0.0:
        market.chip_price = price / weight


def average_markup(smugglers: Any, p: Any) -> float:
    """Mean mark-up of active smugglers, weighted by their channels; the highest if nobody is in business."""
    total = 0.0
    weight = 0.0
    for smuggler in smugglers:
        if smuggler.active:
            total += smuggler.capacity * smuggler.markup
            weight += smuggler.capacity
    return total / weight if weight > 0.0 else p.highest_markup


def open_channel(world: Any, smuggler: Any, markup: float, p: Any) -> None:
    """A new dealer starts with a channel of its first size, at the going mark-up, on money from households."""
    smuggler.active = 1
    smuggler.markup = markup
    smuggler.capacity = smuggler.normal_capacity
    smuggler.expected_orders = 0.0
    smuggler.landed_cost = landed_cost(smuggler, p)
    smuggler.quote = smuggler.landed_cost * (1.0 + markup)
    if smuggler.cash < smuggler.capacity * smuggler.landed_cost:
        seed = p.seed_money * smuggler.capacity * smuggler.landed_cost
        transfer(world.flows, DIVIDENDS, world.households, smuggler, seed)


def reexport(world: Any, smuggler: Any, gpus: float, p: Any) -> None:
    """Sell stock abroad."""
    transfer(world.flows, REEXPORTS, world.abroad, smuggler, gpus * p.reexport_price * p.foreign_chip_price)
    smuggler.inventory -= gpus
    world.books.chips_reexported += gpus


# --- Second hand ----------------------------------------------------------------------------------------------------


def platform_asked(platforms: int, draw: float) -> int:
    """Row of the platform that is offered chips, each with the same chance, from one draw; -1 without platforms."""
    slots = slots_for(platforms)
    for attempt in range(ATTEMPTS):
        row = slot_drawn(draw, attempt, slots)
        if row < platforms:
            return row
    return -1


def sell_chips(world: Any, operator: Any, offered: float, p: Any, luck: Any) -> float:
    """Offer an operator's chips to a platform, then to a dealer; what neither takes stays. Returns the proceeds [CNY].

    Only if the dealer asked would pay no more than buyers abroad are chips sold there: the floor under the price.
    """
    before = operator.cash
    left = offered
    price = bid(operator, world.provinces[operator.province], world.market, p)
    bidder = platform_asked(len(world.platforms), luck.bidder)
    if bidder >= 0 and price > 0.0:
        platform = world.platforms[bidder]
        bought = min(left, min(platform.budget, platform.cash) / price)
        transfer(world.flows, SECOND_HAND_SALES, platform, operator, bought * price)
        platform.budget -= bought * price
        platform.gpus += bought
        platform.gpus_bought += bought
        left -= bought
    row = contact(world.smugglers, luck.sell)
    price = p.dealer_bid * world.smugglers[row].quote if row >= 0 else 0.0
    floor = p.reexport_price * p.foreign_chip_price
    if price > floor:
        dealer = world.smugglers[row]
        bought = min(left, used_chips_wanted(dealer, price, p))
        transfer(world.flows, SECOND_HAND_SALES, dealer, operator, bought * price)
        dealer.inventory += bought
        left -= bought
    else:
        transfer(world.flows, REEXPORTS, world.abroad, operator, left * floor)
        world.books.chips_reexported += left
        left = 0.0
    operator.gpus_installed -= offered - left
    world.market.second_hand += offered - left
    return operator.cash - before


def operators_sell_chips(world: Any, p: Any, luck: Any) -> None:
    """Distressed operators sell some of their chips, mostly for the bank; ended projects sell all they hold."""
    for k in range(world.live_count[0]):
        operator = world.operators[world.live[k]]
        if operator.stage == DISTRESSED:
            gpus = gpus_to_sell(operator, p)
            if gpus > 0.0:
                proceeds = sell_chips(world, operator, gpus, p, luck.operators[k])
                pay_bank(world, operator, p.bank_share * proceeds)
        elif (operator.stage == BANKRUPT or operator.stage == CANCELLED) and operator.gpus_installed > 0.0:
            proceeds = sell_chips(world, operator, operator.gpus_installed, p, luck.operators[k])
            settle_estate(world, operator, proceeds)


def settle_estate(world: Any, operator: Any, proceeds: float) -> None:
    """Proceeds of an ended project go to the bank if it was wound up, to the owner if it was given up as a plan."""
    if operator.stage == CANCELLED:
        transfer(world.flows, LIQUIDATION, operator, world.investors[operator.owner], proceeds)
    else:
        transfer(world.flows, LIQUIDATION, operator, world.bank, proceeds)
