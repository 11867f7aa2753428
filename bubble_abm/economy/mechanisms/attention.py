"""Attention: sponsors, lenders and funds watch what tenants do, and how full sites like theirs are.

They see model makers stop pre-training, inference grow and halls stand empty, with a delay. A model release itself
touches none of them; what it makes others do does. Each strength is zero if nobody looks.
Without it, the shock reaches nobody but tenants, and others only through rents and prices.
"""

from __future__ import annotations

import math
from typing import Any

from bubble_abm.economy.agents.startup import PRETRAINING
from bubble_abm.economy.arithmetic import exp
from bubble_abm.economy.declare import ASSUMED, parameters, section
from bubble_abm.economy.markets.counting import share
from bubble_abm.economy.markets.signals import Market
from bubble_abm.economy.sponsors import mean_building_time
from bubble_abm.economy.tables import Row, column

MOST_EXITS = 0.95  # not behaviour: keeps the logarithm finite when hardly anybody pre-trains


@parameters
class Parameters:
    """Who watches, how closely, and how late."""

    # fmt: off
    parameter = section("attention")
    sponsor_attention: float = parameter(
        0.54, unit="share", low=0, high=1, role="uncertain", neutral=0, source=ASSUMED,
        meaning="weight that sponsors give to exits, inference and the use of sites like theirs in their forecasts")
    lender_attention: float = parameter(
        1.91, unit="1", low=0, high=5, role="uncertain", sampled=(0, 3), neutral=0, source=ASSUMED,
        meaning="how much lenders tighten for a share of model makers of one that stopped pre-training lately")
    fund_attention: float = parameter(
        0.332, unit="1", low=0, high=5, role="uncertain", sampled=(0, 2), neutral=0, source="assumption, with fact C38",
        meaning="how far funds move from model makers to firms on open weights when model makers stop pre-training")
    attention_delay: float = parameter(
        1.78, unit="months", low=1, high=12, role="uncertain", sampled=(1, 4), source="assumption: 1-3 months",
        meaning="mean delay with which what others do is seen")
    exits_memory: float = parameter(
        0.85, unit="share", low=0, high=0.99, role="fixed", source=ASSUMED,
        meaning="share of the exits from pre-training of the past that still counts as lately after a month")
    del parameter
    # fmt: on


class MarketColumns(Row, extends=Market):
    """What can be seen of tenants and sites."""

    exits_lately: float = column("share", "model makers that stopped pre-training lately, fading with time")
    exits_seen: float = column("share", "the same, as it is seen")
    inference_growth_seen: float = column("1/month", "growth of leased inference, as it is seen")
    fill_hub_seen: float = column("share", "use of new sites near the users, as it is seen")
    fill_interior_seen: float = column("share", "use of other new sites, as it is seen")


# --- What it changes in decisions of the core (wired in month.py) ---------------------------------------------------


def rent_with_attention(rent: float, investor: Any, market: Any, p: Any) -> float:
    """Rent expected by a sponsor who sees demand for training leave and demand for inference grow [CNY/(GPU month)].

    Growth of inference counts as far as it exceeds the trend to which everybody is used.
    """
    months = p.planning_time + mean_building_time(investor.sponsor, p)
    inference = share(market.inference_gpus, market.inference_gpus + market.training_gpus)
    left = math.log(1.0 - min(market.exits_seen, MOST_EXITS))
    faster = min(max(market.inference_growth_seen - p.inference_trend, -p.believed_growth), p.believed_growth)
    demand = (1.0 - inference) * left + inference * faster * months
    return rent * exp(p.sponsor_attention * demand / (p.other_elasticity + p.training_elasticity))


def use_with_attention(use: float, investor: Any, market: Any, p: Any) -> float:
    """Utilisation expected by a sponsor who sees how full new sites like the planned one are [share]."""
    fill = market.fill_hub_seen if investor.near_users else market.fill_interior_seen
    return use + p.sponsor_attention * (min(fill, p.believed_utilisation) - use)


def strain_with_attention(strain: float, distress: float, market: Any, p: Any) -> float:
    """What makes lenders strict, including that model makers, the tenants of their debtors, stop pre-training [1]."""
    return strain + p.lender_attention * market.exits_seen


def hazard_with_attention(hazard: float, startup: Any, market: Any, p: Any) -> float:
    """Hazard of a funding round: money moves from model makers to firms on open weights [1/month]."""
    moved = min(p.fund_attention * market.exits_seen, 1.0)
    return hazard * (1.0 - moved if startup.state == PRETRAINING else 1.0 + moved)


# --- Steps ----------------------------------------------------------------------------------------------------------


def nothing_is_seen_yet(world: Any, p: Any) -> None:
    """At the founding, new sites are believed to be as full as the market."""
    world.market.fill_hub_seen = world.market.utilisation
    world.market.fill_interior_seen = world.market.utilisation


def signs_are_seen(world: Any, p: Any) -> None:
    """What tenants did this month, and how full new sites are, becomes known little by little."""
    market = world.market
    pretraining = 0.0
    for startup in world.startups:
        pretraining += startup.state == PRETRAINING
    left = market.exits / max(market.exits + pretraining, 1.0)
    market.exits_lately = min(p.exits_memory * market.exits_lately + left, 1.0)
    market.exits_seen += (market.exits_lately - market.exits_seen) / p.attention_delay
    market.inference_growth_seen += (market.inference_growth - market.inference_growth_seen) / p.attention_delay
    use_is_seen(world, p)


def use_is_seen(world: Any, p: Any) -> None:
    """How full new sites are becomes known, apart for those near the users; without any, the market's use is seen."""
    market = world.market
    installed_hub = leased_hub = installed = leased = 0.0
    for province in world.provinces:
        if province.hub:
            installed_hub += province.gpus_installed_new
            leased_hub += province.gpus_leased_new
        else:
            installed += province.gpus_installed_new
            leased += province.gpus_leased_new
    hub = share(leased_hub, installed_hub) if installed_hub >= 1.0 else market.utilisation
    interior = share(leased, installed) if installed >= 1.0 else market.utilisation
    market.fill_hub_seen += (hub - market.fill_hub_seen) / p.attention_delay
    market.fill_interior_seen += (interior - market.fill_interior_seen) / p.attention_delay
