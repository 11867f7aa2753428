"""Beliefs: signals of growth, the record of the forecasting rules, the replacement rent, the growth of demand."""

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


def trend_weight(trend_error: float, reversion_error: float, p: Any) -> float:
    """Weight of the trend rule: a logit in the relative size of the two rules' root mean squared errors.

    Notes
    -----
    After Brock and Hommes 1998, "Heterogeneous beliefs and routes to chaos". Errors are compared relative to their
    sum, because absolute log errors of a few per cent would hardly move the logit.
    """
    trend = math.sqrt(trend_error)
    reversion = math.sqrt(reversion_error)
    better = (reversion - trend) / (trend + reversion + 1e-6)  # neither rule erred: no division by zero
    return 1.0 / (1.0 + exp(-p.rule_switching * better - p.trend_bias))


def beliefs_are_formed(world: Any, p: Any) -> None:
    """Last month's rent is compared with what the two forecasting rules expected, and signals are updated."""
    market = world.market
    market.replacement_rent = replacement_rent(market, p)
    if market.last_rent > 0.0:
        growth = math.log(market.rent / market.last_rent)
        by_trend = growth - market.rent_growth
        by_reversion = growth - p.reversion_speed * math.log(market.replacement_rent / market.last_rent)
        market.trend_error += p.error_memory * (by_trend * by_trend - market.trend_error)
        market.reversion_error += p.error_memory * (by_reversion * by_reversion - market.reversion_error)
        market.trend_weight = trend_weight(market.trend_error, market.reversion_error, p)
        market.rent_growth += p.growth_memory * (growth - market.rent_growth)
        demand = demand_at_first_rent(market, p)
        if market.last_demand > 0.0 and demand > 0.0:
            market.demand_growth += p.demand_memory * (math.log(demand / market.last_demand) - market.demand_growth)
        market.last_demand = demand
    market.last_rent = market.rent


def demand_at_first_rent(market: Any, p: Any) -> float:
    """Compute that tenants would have wanted last month if its rent had been that of January 2023 [GPU]."""
    return market.demand * exp(p.training_elasticity * math.log(market.last_rent / p.first_rent))


def a_new_month_begins(world: Any, p: Any) -> None:
    """Clear all counts that are kept month by month."""
    market = world.market
    market.month = int(p.month)
    market.lease_cancellations = 0.0
    market.write_offs = 0.0
    market.subsidies = 0.0
    market.imported = 0.0
    market.seized = 0.0
    market.second_hand = 0.0
    market.prepayments_lost = 0.0
    market.ban_loss_share = 0.0
    for flow in range(world.flows.shape[0]):
        for sector in range(world.flows.shape[1]):
            world.flows[flow, sector] = 0.0
