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
    stock_withheld,
    takings,
    used_chips_wanted,
    usual_orders,
)
from bubble_abm.economy.agents.tenant import CRUMB
from bubble_abm.economy.chip_classes import H100, all_in_price
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
    chip: int = column("", "class of the chips")
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
        smuggler.orders = smuggler.withheld = 0.0
        if smuggler.active:
            smuggler.foreign_price = world.chips[smuggler.chip].abroad
            smuggler.landed_cost = landed_cost(smuggler, p)
            smuggler.quote = smuggler.landed_cost * (1.0 + smuggler.markup)
            world.market.imported += smuggler.in_transit
            smuggler.inventory += smuggler.in_transit
            smuggler.in_transit = 0.0
            smuggler.withheld = stock_withheld(smuggler, p)


def contact(smugglers: Any, chip: int, draw: float) -> int:
    """Row of an active smuggler of a class of chips, each with the same chance, from one draw; -1 if none was found."""
    if not is_dealt_in(smugglers, chip):
        return -1  # as all attempts would find, one after the other
    slots = slots_for(len(smugglers))
    for attempt in range(ATTEMPTS):
        row = slot_drawn(draw, attempt, slots)
        if row < len(smugglers) and smugglers[row].active and smugglers[row].chip == chip:
            return row
    return -1


def is_dealt_in(smugglers: Any, chip: int) -> bool:
    """Whether any active smuggler deals in a class of chips."""
    for smuggler in smugglers:  # noqa: SIM110 - compiled code has no generators
        if smuggler.active and smuggler.chip == chip:
            return True
    return False


def cheapest_contact(smugglers: Any, chip: int, luck: Any) -> int:
    """Row of the cheapest of three contacts who deal in a class of chips, -1 if nobody answers."""
    best = contact(smugglers, chip, luck.contact_1)
    for draw in (luck.contact_2, luck.contact_3):
        other = contact(smugglers, chip, draw)
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
        if not world.chips[operator.chip].on_sale:
            operator.chip = substitute(world, p)
        if not world.chips[operator.chip].restricted:
            buy_openly(world, operator, wanted, p)
            continue
        row = cheapest_contact(world.smugglers, operator.chip, luck.operators[k])
        if row >= 0:
            place_order(world, operator, row, wanted, p)


def substitute(world: Any, p: Any) -> int:
    """Class that takes the place of one that is not to be had: the most effective compute per yuan."""
    best, most = H100, 0.0
    for number in range(len(world.chips)):
        chip = world.chips[number]
        value = chip.worth / all_in_price(chip, p)
        if chip.on_sale and value > most:
            best, most = number, value
    return best


def buy_openly(world: Any, operator: Any, wanted: float, p: Any) -> None:
    """Buy chips that are sold openly, at the price of the list, as many as cash can pay for."""
    if operator.stage == PLANNED:
        return  # what is on sale openly need not be hoarded
    chip = world.chips[operator.chip]
    gpus = min(wanted, max(operator.cash, 0.0) / chip.price)
    if gpus < 1.0:
        return
    if chip.abroad > 0.0:
        tariff = gpus * chip.abroad * p.tariff
        transfer(world.flows, IMPORTS, operator, world.abroad, gpus * chip.price - tariff)
        transfer(world.flows, TARIFFS, operator, world.centre, tariff)
    else:
        transfer(world.flows, CHIP_PURCHASES, operator, world.suppliers, gpus * chip.price)
    world.books.chips_legal += gpus
    receive(world, operator, operator.chip, gpus)


# --- What a site holds ----------------------------------------------------------------------------------------------


def receive(world: Any, operator: Any, chip: int, gpus: float) -> None:
    """Chips of a class are delivered to a site."""
    operator.gpus_installed += gpus
    world.fleets[operator.row, chip] += gpus
    world.chips[chip].bought += gpus
    site_is_fitted(world, operator)


def give_away(world: Any, operator: Any, chip: int, gpus: float) -> None:
    """Chips of a class leave a site."""
    operator.gpus_installed -= gpus
    world.fleets[operator.row, chip] -= gpus


def site_is_fitted(world: Any, operator: Any) -> None:
    """What a site can do follows from its chips: pre-training from its weakest class, all else from their average."""
    weakest = inference = running = total = 0.0
    for number in range(len(world.chips)):
        gpus = world.fleets[operator.row, number]
        if gpus >= CRUMB:
            chip = world.chips[number]
            weakest = min(weakest, chip.training) if total > 0.0 else chip.training
            inference += gpus * chip.inference
            running += gpus * chip.running
            total += gpus
    if total > 0.0:
        operator.training_chips = weakest
        operator.inference_chips = inference / total
        operator.best_chips = max(operator.training_chips, operator.inference_chips)
        operator.running_cost *= running / total / operator.running_chips
        operator.running_chips = running / total


def chips_are_alike(operator: Any) -> None:
    """A site without chips counts as one of the H100 class."""
    operator.training_chips = 1.0
    operator.inference_chips = 1.0
    operator.running_chips = 1.0
    operator.best_chips = 1.0


def chips_are_valued(world: Any) -> None:
    """What a site's chips cost today, for banks, buyers and courts."""
    for k in range(world.live_count[0]):
        operator = world.operators[world.live[k]]
        main = world.fleets[operator.row, operator.chip]
        operator.chip_price = world.chips[operator.chip].price
        if main < operator.gpus_installed - CRUMB:
            price = 0.0
            for number in range(len(world.chips)):
                price += world.fleets[operator.row, number] * world.chips[number].price
            operator.chip_price = price / operator.gpus_installed


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
    order.chip = operator.chip
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
    ready = min(order.gpus, smuggler.inventory - smuggler.withheld)
    if ready <= 0.0:
        return
    prepaid = operator.prepaid / order.gpus
    due = order.price - prepaid
    gpus = min(ready, max(operator.cash, 0.0) / due) if due > 0.0 else ready
    transfer(world.flows, CHIP_PURCHASES, operator, smuggler, gpus * due)
    use_prepayment(world, operator, smuggler, gpus * prepaid)
    smuggler.inventory -= gpus
    receive(world, operator, order.chip, gpus)
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
    kept.chip = order.chip
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
        tariff = gpus * smuggler.foreign_price * p.tariff
        transfer(world.flows, IMPORTS, smuggler, world.abroad, gpus * smuggler.landed_cost - tariff)
        transfer(world.flows, TARIFFS, smuggler, world.centre, tariff)
        seized = gpus * seized_share(smuggler, p, luck.smugglers[i])
        world.books.chips_smuggled += gpus
        world.books.chips_seized += seized
        world.market.seized += seized
        smuggler.in_transit += gpus - seized


def smugglers_adjust(world: Any, p: Any, luck: Any) -> None:
    """Mark-ups and channels adjust; dealers leave and enter, take profits out and re-export stock they cannot sell."""
    for number in range(len(world.chips)):
        if world.chips[number].restricted:
            dealers_adjust(world, number, p, luck)
    world.market.chip_price = world.chips[H100].price


def dealers_adjust(world: Any, number: int, p: Any, luck: Any) -> None:
    """Those who deal in one class adjust, and its price is quoted."""
    chip = world.chips[number]
    average, dealers = average_markup(world.smugglers, number, p)
    asked = average if dealers > 0 else markup_of_all(world.smugglers, p)
    rivals = chip.unsold / max(dealers, 1)
    price = 0.0
    weight = 0.0
    for i in range(len(world.smugglers)):
        smuggler = world.smugglers[i]
        draw = luck.smugglers[i]
        if not smuggler.active:
            if class_entered(world.chips, draw.chip) == number and enters(average, p, draw):
                open_channel(world, smuggler, number, asked, p)
            continue
        if smuggler.chip != number:
            continue
        ordered = smuggler.orders + smuggler.backlog >= 0.5  # less than half a chip is none
        smuggler.months_idle = 0 if ordered else smuggler.months_idle + 1
        smuggler.markup = next_markup(smuggler, rivals, chip.fear, p, draw)
        smuggler.capacity = next_capacity(smuggler, p)
        reexport(world, smuggler, gpus_to_reexport(smuggler, p), p)
        if leaves(smuggler, p):
            smuggler.active = 0
        taken = takings(smuggler, p) if smuggler.active else max(smuggler.cash, 0.0)
        transfer(world.flows, DIVIDENDS, smuggler, world.households, taken)
        stall = smuggler.inventory + smuggler.expected_orders
        price += stall * smuggler.landed_cost * (1.0 + smuggler.markup)
        weight += stall
    if weight > 0.0:
        chip.price = price / weight
    chip.unsold = 0.0


def class_entered(chips: Any, draw: float) -> int:
    """Class in which somebody may open a channel this month: one of the restricted ones on sale, from one draw."""
    open_to = 0
    for chip in chips:
        open_to += chip.on_sale * chip.restricted
    left = int(draw * open_to)
    for number in range(len(chips)):
        if chips[number].on_sale and chips[number].restricted:
            if left == 0:
                return number
            left -= 1
    return H100


def average_markup(smugglers: Any, chip: int, p: Any) -> tuple:
    """Mean mark-up of those who deal in a class, weighted by their channels, and their number.

    It is the highest while nobody does.
    """
    total = 0.0
    weight = 0.0
    dealers = 0
    for smuggler in smugglers:
        if smuggler.active and smuggler.chip == chip:
            dealers += 1
            total += smuggler.capacity * smuggler.markup
            weight += smuggler.capacity
    return (total / weight if weight > 0.0 else p.highest_markup), dealers


def markup_of_all(smugglers: Any, p: Any) -> float:
    """Mean mark-up of dealers in all classes, weighted by their channels; the highest if nobody is in business."""
    total = 0.0
    weight = 0.0
    for smuggler in smugglers:
        if smuggler.active:
            total += smuggler.capacity * smuggler.markup
            weight += smuggler.capacity
    return total / weight if weight > 0.0 else p.highest_markup


def open_channel(world: Any, smuggler: Any, chip: int, markup: float, p: Any) -> None:
    """A new dealer starts with a channel of its first size, at the going mark-up, on money from households."""
    smuggler.active = 1
    smuggler.months_idle = 0
    smuggler.chip = chip
    smuggler.foreign_price = world.chips[chip].abroad
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
    transfer(world.flows, REEXPORTS, world.abroad, smuggler, gpus * p.reexport_price * smuggler.foreign_price)
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
    """Offer part of an operator's chips of all classes; what nobody takes stays. Returns the proceeds [CNY]."""
    before = operator.cash
    held = operator.gpus_installed
    for number in range(len(world.chips)):
        if world.fleets[operator.row, number] > 0.0:
            sell_class(world, operator, number, offered * (world.fleets[operator.row, number] / held), p, luck)
    return operator.cash - before


def sell_class(world: Any, operator: Any, number: int, offered: float, p: Any, luck: Any) -> None:
    """Offer chips of one class to a platform, then to a dealer in it.

    Only if the dealer asked would pay no more than buyers abroad are chips sold there: the floor under the price.
    Dealers do not trade in what is sold openly.
    """
    chip = world.chips[number]
    left = offered
    price = bid(operator, world.provinces[operator.province], chip, p)
    bidder = platform_asked(len(world.platforms), luck.bidder)
    if bidder >= 0 and price > 0.0:
        platform = world.platforms[bidder]
        bought = max(min(left, min(platform.budget, platform.cash) / price), 0.0)
        transfer(world.flows, SECOND_HAND_SALES, platform, operator, bought * price)
        platform.budget -= bought * price
        platform.gpus += bought
        platform.gpus_bought += bought
        left -= bought
    if chip.restricted:
        left -= sell_to_dealers(world, operator, number, left, p, luck)
    give_away(world, operator, number, offered - left)
    chip.unsold += left
    world.market.second_hand += offered - left


def sell_to_dealers(world: Any, operator: Any, number: int, offered: float, p: Any, luck: Any) -> float:
    """Offer chips of one class to a dealer in it, or sell them abroad; returns how many are sold [GPU]."""
    row = contact(world.smugglers, number, luck.sell)
    price = p.dealer_bid * world.smugglers[row].quote if row >= 0 else 0.0
    floor = p.reexport_price * world.chips[number].abroad
    if price > floor:
        dealer = world.smugglers[row]
        bought = min(offered, used_chips_wanted(dealer, price, p))
        transfer(world.flows, SECOND_HAND_SALES, dealer, operator, bought * price)
        dealer.inventory += bought
        return bought
    transfer(world.flows, REEXPORTS, world.abroad, operator, offered * floor)
    world.books.chips_reexported += offered
    return offered


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
