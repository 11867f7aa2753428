"""Ventures: startups are founded and funded, adopt an open model, pay their staff, close down."""

from __future__ import annotations

from typing import Any

from bubble_abm.economy.agents.operator import OPERATING
from bubble_abm.economy.agents.startup import (
    DEAD,
    NOT_FOUNDED,
    OPEN_WEIGHTS,
    PRETRAINING,
    adoption_hazard,
    closes_down,
    founded_on_open_weights,
    founding_hazard,
    funding_climate,
    is_active,
    profit_paid_out,
    round_hazard,
    round_raised,
    stops_training,
)
from bubble_abm.economy.ledger import DIVIDENDS, LIQUIDATION, WAGES, pay_in_venture, transfer, write_off_venture
from bubble_abm.economy.luck import ATTEMPTS, slot_drawn, slots_for


def startups_are_founded_and_funded(world: Any, p: Any, luck: Any) -> None:
    """The more startups there are, the more are founded; funds pay rounds as the growth of demand suggests."""
    market = world.market
    market.funding_climate = funding_climate(market, p)
    founded = share_founded(world)
    for i in range(len(world.startups)):
        startup = world.startups[i]
        draw = luck.startups[i]
        if startup.state == NOT_FOUNDED:
            if draw.enter < founding_hazard(founded, market, p):
                built = founded_on_open_weights(market, p, draw)
                startup.state = OPEN_WEIGHTS if built else PRETRAINING
                startup.efficiency = p.frontier_efficiency if built else 1.0
                raise_round(world, startup, p, draw)
        elif is_active(startup):
            startup.age += 1
            if draw.fund < round_hazard(startup, market, p):
                raise_round(world, startup, p, draw)


def raise_round(world: Any, startup: Any, p: Any, luck: Any) -> None:
    """Funds pay a round into a startup."""
    amount = round_raised(startup, p, luck)
    pay_in_venture(world, startup, amount)
    world.market.venture_money += amount
    world.market.rounds += 1.0


def share_founded(world: Any) -> float:
    """Share of potential startups that have been founded so far."""
    founded = 0
    for startup in world.startups:
        founded += startup.state != NOT_FOUNDED
    return founded / max(len(world.startups), 1)


def startups_adopt(world: Any, p: Any, luck: Any) -> None:
    """Startups adopt the best open model, imitating those who have; some then stop pre-training for good."""
    adopters_are_counted(world, p)  # of the model that is best now, not of the one before it
    market = world.market
    for i in range(len(world.startups)):
        startup = world.startups[i]
        draw = luck.startups[i]
        if is_active(startup) and draw.adopt < adoption_hazard(startup, market, p):
            startup.efficiency = p.frontier_efficiency
            if startup.state == PRETRAINING and stops_training(p, draw):
                startup.state = OPEN_WEIGHTS
                market.exits += 1.0
    adopters_are_counted(world, p)


def adopters_are_counted(world: Any, p: Any) -> None:
    """Share of startups on the best open model, and how far their models make inference cheaper."""
    active = adopters = serving = 0
    efficiency = 0.0
    for startup in world.startups:
        if is_active(startup):
            active += 1
            adopters += startup.efficiency >= p.frontier_efficiency > 1.0
            serving += startup.efficiency >= p.frontier_inference > 1.0
            efficiency += min(startup.efficiency, p.frontier_inference)
    world.market.adopters = adopters / active if active else 0.0
    world.market.serving = serving / active if active else 0.0
    world.market.efficiency = efficiency / active if active else 1.0


def startups_pay_wages(world: Any, p: Any) -> None:
    """Startups pay their staff as far as their cash allows, pay out what they do not need, or close down."""
    for startup in world.startups:
        if not is_active(startup):
            continue
        wages = min(p.startup_payroll * startup.relative_size, startup.cash)
        transfer(world.flows, WAGES, startup, world.households, wages)
        transfer(world.flows, DIVIDENDS, startup, world.households, profit_paid_out(startup, p))
        if closes_down(startup, p):
            close_down(world, startup)


def close_down(world: Any, startup: Any) -> None:
    """A startup ends: claims of venture funds are written off, and what cash is left goes back to them."""
    write_off_venture(world, startup)
    world.market.exits += startup.state == PRETRAINING
    transfer(world.flows, LIQUIDATION, startup, world.households, startup.cash)
    startup.state = DEAD


# --- Operators as owners ---------------------------------------------------------------------------------------------


def open_site_drawn(world: Any, luck: float) -> int:
    """Row of an open site, each sponsor and incumbent with the same chance, from one draw; -1 if none was found.

    Investors take the slots from the first upwards, incumbents from the last downwards, so that one more investor moves
    no incumbent.
    """
    owners = len(world.investors)
    incumbents = world.incumbent_count[0]
    slots = slots_for(owners + incumbents)
    for attempt in range(ATTEMPTS):
        slot = slot_drawn(luck, attempt, slots)
        row = -1
        if slot < owners:
            row = newest_open_site(world, slot)
        elif slots - 1 - slot < incumbents:
            row = slots - 1 - slot
        if row >= 0 and world.operators[row].stage == OPERATING:
            return row
    return -1


def newest_open_site(world: Any, owner: int) -> int:
    """Row of the site that an investor announced last among those that are open; -1 without one."""
    for number in range(world.investors[owner].projects - 1, -1, -1):
        row = world.holdings[owner, number]
        if world.operators[row].stage == OPERATING:
            return row
    return -1
