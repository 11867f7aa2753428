"""Ventures: startups are founded and funded, adopt an open model, pay their staff, close down."""

from __future__ import annotations

from typing import Any

from bubble_abm.economy.agents.startup import (
    DEAD,
    NOT_FOUNDED,
    OPEN_WEIGHTS,
    PRETRAINING,
    adoption_hazard,
    closes_down,
    closes_round,
    founding_hazard,
    funding_climate,
    is_active,
    round_raised,
    stops_training,
)
from bubble_abm.economy.ledger import LIQUIDATION, WAGES, pay_in_venture, transfer, write_off_venture


def startups_are_founded_and_funded(world: Any, p: Any, luck: Any) -> None:
    """The more startups there are, the more are founded; funds pay rounds as the growth of rents suggests."""
    market = world.market
    market.funding_climate = funding_climate(market, p)
    founded = share_founded(world)
    for i in range(len(world.startups)):
        startup = world.startups[i]
        draw = luck.startups[i]
        if startup.state == NOT_FOUNDED:
            if draw.enter < founding_hazard(founded, market, p):
                startup.state = PRETRAINING
                startup.efficiency = 1.0
                pay_in_venture(world, startup, round_raised(startup, p, draw))
        elif is_active(startup):
            startup.age += 1
            if closes_round(market, p, draw):
                pay_in_venture(world, startup, round_raised(startup, p, draw))


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
    adopters_are_counted(world, p)


def adopters_are_counted(world: Any, p: Any) -> None:
    """Share of startups on the best open model, and the mean efficiency of their models."""
    active = adopters = 0
    efficiency = 0.0
    for startup in world.startups:
        if is_active(startup):
            active += 1
            adopters += startup.efficiency >= p.frontier_efficiency > 1.0
            efficiency += startup.efficiency
    world.market.adopters = adopters / active if active else 0.0
    world.market.efficiency = efficiency / active if active else 1.0


def startups_pay_wages(world: Any, p: Any) -> None:
    """Startups pay their staff, as far as their cash allows; those out of money close down."""
    for startup in world.startups:
        if not is_active(startup):
            continue
        wages = min(p.startup_payroll * startup.relative_size, startup.cash)
        transfer(world.flows, WAGES, startup, world.households, wages)
        if closes_down(startup, p):
            close_down(world, startup)


def close_down(world: Any, startup: Any) -> None:
    """A startup ends: claims of venture funds are written off, and what cash is left goes back to them."""
    write_off_venture(world, startup)
    transfer(world.flows, LIQUIDATION, startup, world.households, startup.cash)
    startup.state = DEAD
