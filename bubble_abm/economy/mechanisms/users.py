"""Users: people begin to use generative AI by imitation, and inference follows from how many they are.

Who uses most begins first, so use grows less than in proportion to users. What each of them uses grows as tokens become
cheaper. An efficient open model makes others begin sooner, instead of multiplying the use of all.
Without it, users times use per user grow on a trend that fades.
"""

from __future__ import annotations

import math
from typing import Any

from bubble_abm.economy.agents.startup import (
    compute_in_use,
    induced_by_release,
    months_of_growth,
    pull_of_price,
)
from bubble_abm.economy.arithmetic import exp
from bubble_abm.economy.declare import decision, parameters, section
from bubble_abm.economy.markets.signals import Market
from bubble_abm.economy.tables import Row, column

CNNIC = "assumption, with CNNIC 2026: 249 m users at the end of 2024, 515 m half a year later, 602 m after a year"


@parameters
class Parameters:
    """How many will use generative AI, how many do at first, how fast others follow, and how much they use."""

    # fmt: off
    parameter = section("users")
    potential_users: float = parameter(
        0, unit="million", low=0, high=5_000, role="fixed", neutral=0, founding=True, source=CNNIC,
        meaning="most who will use generative AI; 0 is inference on a trend")
    first_users: float = parameter(
        12, unit="million", low=0.01, high=1_000, role="fixed", founding=True, source=CNNIC,
        meaning="users in January 2023")
    user_imitation: float = parameter(
        0.15, unit="1/month", low=0, high=1, role="fixed", source=f"{CNNIC}; in the form of Bass 1969",
        meaning="hazard of beginning to use it, per share of potential users who do")
    use_concentration: float = parameter(
        0.45, unit="1", low=0, high=1, role="fixed",
        source="assumption: use is Pareto distributed, the heaviest users come first",
        meaning="growth of use relative to the growth of users, in logarithms; 1 is an even use")
    del parameter
    # fmt: on


class MarketColumns(Row, extends=Market):
    """Who uses generative AI."""

    users: float = column("million", "users of generative AI")


def all_users(p: Any) -> float:
    """How many will use it, in a world of this size [million]."""
    return p.potential_users * p.scale


def users_at_first(p: Any) -> float:
    """Users in January 2023 [million]."""
    return min(p.first_users * p.scale, all_users(p))


# --- Decisions ------------------------------------------------------------------------------------------------------


@decision
def beginning_hazard(market: Any, p: Any) -> float:
    """Hazard that somebody begins to use generative AI, who imitates users, sooner if an open model is efficient."""
    return p.user_imitation * induced_by_release(market, p) * market.users / all_users(p)


# --- What it changes in decisions of the core (wired in month.py) ---------------------------------------------------


def inference_of_users(wanted: float, market: Any, p: Any) -> float:
    """Rented GPUs wanted for inference: users take the place of the trend, who begins sooner that of who uses more."""
    if p.potential_users <= 0.0:
        return wanted
    pull = pull_of_price(market, p)
    use = exp(p.use_concentration * math.log(market.users / users_at_first(p)))
    trend = exp(p.inference_trend * months_of_growth(p))
    return wanted * compute_in_use(use, pull, p) / compute_in_use(trend, pull * induced_by_release(market, p), p)


# --- Steps ----------------------------------------------------------------------------------------------------------


def first_users_are_there(world: Any, p: Any) -> None:
    """At the founding, some use generative AI."""
    world.market.users = users_at_first(p)


def users_adopt(world: Any, p: Any) -> None:
    """Some of those who do not use generative AI begin, as many as the hazard says."""
    if p.potential_users <= 0.0:
        return
    market = world.market
    market.users += (all_users(p) - market.users) * (1.0 - exp(-beginning_hazard(market, p)))
