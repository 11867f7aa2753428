"""Ventures: startups are founded and funded, adopt an open model, pay their staff, close down."""

from __future__ import annotations

from typing import Any

from bubble_abm.economy.agents.startup import (
    APPLICATION,
    DEAD,
    NOT_FOUNDED,
    OPEN_WEIGHTS,
    PRETRAINING,
    adoption_hazard,
    closes_down,
    efficiency_through,
    founded_on_open_weights,
    founding_hazard,
    funding_climate,
    is_active,
    profit_paid_out,
    round_hazard,
    round_raised,
    stops_training,
)
from bubble_abm.economy.arithmetic import between
from bubble_abm.economy.ledger import DIVIDENDS, LIQUIDATION, WAGES, pay_in_venture, transfer, write_off_venture


def startups_are_founded_and_funded(world: Any, p: Any, luck: Any) -> None:
    """The more model makers there are, the more are founded; funds pay rounds as the growth of demand suggests."""
    market = world.market
    market.funding_climate = funding_climate(market, p)
    founded = share_founded(world)
    usually_built = p.usual_openness * market.usual_adopters
    built = between(usually_built, p.frontier_openness * market.adopters, p.shock_exit)
    for i in range(len(world.startups)):
        startup = world.startups[i]
        draw = luck.startups[i]
        if startup.state == NOT_FOUNDED and i < world.maker_count[0]:
            if draw.enter < founding_hazard(founded, market, p):
                on_weights = founded_on_open_weights(built, draw)
                startup.state = OPEN_WEIGHTS if on_weights else PRETRAINING
                startup.efficiency = p.frontier_efficiency if on_weights else 1.0
                usually_on_weights = founded_on_open_weights(usually_built, draw)
                startup.usual_efficiency = p.usual_efficiency if usually_on_weights else 1.0
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
    world.market.maker_rounds += startup.state == PRETRAINING
    world.market.application_rounds += startup.state == APPLICATION


def share_founded(world: Any) -> float:
    """Share of potential model makers that have been founded so far."""
    founded = 0
    for i in range(world.maker_count[0]):
        founded += world.startups[i].state != NOT_FOUNDED
    return founded / max(world.maker_count[0], 1)


def startups_adopt(world: Any, p: Any, luck: Any) -> None:
    """Startups adopt the best open model, imitating those who have; some then stop pre-training for good.

    What they would have adopted without the shocks of the run is followed beside it, with the same luck: a shock of
    which every channel is closed leaves them with that, and changes nothing.
    """
    adopters_are_counted(world, p)  # of the model that is best now, not of the one before it
    market = world.market
    imitation = p.frontier_imitation * p.frontier_openness
    usual_imitation = p.usual_imitation * p.usual_openness
    for i in range(len(world.startups)):
        startup = world.startups[i]
        draw = luck.startups[i]
        if not is_active(startup):
            continue
        stops = usually_stops = 0.0
        usual, efficiency = startup.usual_efficiency, startup.efficiency
        if draw.adopt < adoption_hazard(usual, p.usual_efficiency, usual_imitation, market.usual_adopters, p):
            startup.usual_efficiency = p.usual_efficiency
            usually_stops = p.usual_openness
        if draw.adopt < adoption_hazard(efficiency, p.frontier_efficiency, imitation, market.adopters, p):
            startup.efficiency = p.frontier_efficiency
            stops = p.frontier_openness
        if startup.state == PRETRAINING and stops_training(between(usually_stops, stops, p.shock_exit), draw):
            startup.state = OPEN_WEIGHTS
            market.exits += 1.0
    adopters_are_counted(world, p)


def adopters_are_counted(world: Any, p: Any) -> None:
    """Share of startups on the best open model, and how far their models make inference cheaper."""
    active = adopters = usual_adopters = 0
    efficiency = 0.0
    for startup in world.startups:
        if is_active(startup):
            active += 1
            adopters += startup.efficiency >= p.frontier_efficiency > 1.0
            usual_adopters += startup.usual_efficiency >= p.usual_efficiency > 1.0
            efficiency += efficiency_through(startup, p.shock_inference)
    market = world.market
    market.adopters = adopters / active if active else 0.0
    market.usual_adopters = usual_adopters / active if active else 0.0
    market.serving = between(market.usual_adopters, market.adopters, p.shock_inference)
    market.efficiency = efficiency / active if active else 1.0


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
