"""Beliefs: signals of growth of rents, demand and inference, and the replacement rent."""

from __future__ import annotations

import math
from typing import Any

from bubble_abm.economy.agents.investor import annuity
from bubble_abm.economy.arithmetic import exp


def replacement_rent(market: Any, p: Any) -> float:
    """Rent that covers running cost and the user cost of capital at the natural occupancy [CNY/(GPU month)]."""
    user_cost = (market.chip_price + p.other_capex) / annuity(
        p.loan_rate / 12.0 + p.discount_spread, p.investment_horizon
    )
    return (p.running_cost + user_cost) / p.natural_occupancy


def beliefs_are_formed(world: Any, p: Any) -> None:
    """Signals of the growth of rents, demand and inference are updated with last month's."""
    market = world.market
    market.replacement_rent = replacement_rent(market, p)
    if market.last_rent > 0.0:
        growth = math.log(market.rent / market.last_rent)
        market.rent_growth += p.growth_memory * (growth - market.rent_growth)
        demand = demand_at_first_rent(market, p)
        if market.last_demand > 0.0 and demand > 0.0:
            market.demand_growth += p.demand_memory * (math.log(demand / market.last_demand) - market.demand_growth)
        market.last_demand = demand
    if market.last_inference >= 1.0 and market.inference_gpus >= 1.0:
        growth = math.log(market.inference_gpus / market.last_inference)
        market.inference_growth += p.demand_memory * (growth - market.inference_growth)
    market.last_inference = market.inference_gpus
    market.last_rent = market.rent


def demand_at_first_rent(market: Any, p: Any) -> float:
    """Compute that tenants would have wanted last month if its rent had been that of January 2023 [GPU]."""
    return market.demand * exp(p.training_elasticity * math.log(market.last_rent / p.first_rent))


def a_new_month_begins(world: Any, p: Any) -> None:
    """Clear all counts that are kept month by month."""
    market = world.market
    market.month = int(p.month)
    market.lease_cancellations = 0.0
    market.leases_broken = 0.0
    market.leases_closed = 0.0
    market.leases_of_the_dead = 0.0
    market.contracts_signed = 0.0
    market.rent_recognised = 0.0
    market.write_offs = 0.0
    market.starts = 0.0
    market.public_spending = 0.0
    market.exits = 0.0
    market.venture_money = 0.0
    market.rounds = 0.0
    market.maker_rounds = 0.0
    market.application_rounds = 0.0
    market.subsidies = 0.0
    market.imported = 0.0
    market.seized = 0.0
    market.second_hand = 0.0
    market.prepayments_lost = 0.0
    market.ban_loss_share = 0.0
    for flow in range(world.flows.shape[0]):
        for sector in range(world.flows.shape[1]):
            world.flows[flow, sector] = 0.0
