"""Engineering: sites near the users, in milliseconds, and sites with a development team serve inference best.

Some sponsors bundle the team that brings a tenant's model to work with the compute; all others offer cards and
electricity. What is served badly is used less.
Without it, sites near the users are all alike, the rest are all alike, and the owner's experience is all that counts.
"""

from __future__ import annotations

import math
from typing import Any

from bubble_abm.economy.agents.investor import InvestorRow
from bubble_abm.economy.agents.operator import CONVERTED, is_open
from bubble_abm.economy.agents.tenant import CRUMB
from bubble_abm.economy.arithmetic import exp
from bubble_abm.economy.declare import ASSUMED, parameters, section
from bubble_abm.economy.kinds import INVESTOR
from bubble_abm.economy.luck import BIRTH, draw_block
from bubble_abm.economy.markets.signals import Market
from bubble_abm.economy.provinces import PROVINCES
from bubble_abm.economy.tables import Row, column


@parameters
class Parameters:
    """How far milliseconds and teams count, who has a team, and what users make of it."""

    # fmt: off
    parameter = section("engineering")
    latency_weight: float = parameter(
        0, unit="share", low=0, high=1, role="fixed", neutral=0, source=ASSUMED,
        meaning="how far fitness for inference follows the delay to the users rather than two classes of provinces")
    bare_engineering: float = parameter(
        0.95, unit="share", low=0.05, high=1, role="fixed", plausible=(0.4, 1), neutral=1, source=ASSUMED,
        meaning="fitness for inference of a site that offers cards and electricity, relative to one with a team")
    bundling_share: float = parameter(
        0.3, unit="share", low=0, high=1, role="fixed", founding=True, source=ASSUMED,
        meaning="share of sponsors who bundle a development team with the compute")
    fitness_elasticity: float = parameter(
        0.341, unit="1", low=0, high=3, role="fixed", plausible=(0, 1), neutral=0, source=ASSUMED,
        meaning="elasticity of inference wanted with respect to the mean fitness of the sites that serve it")
    del parameter
    # fmt: on


class InvestorColumns(Row, extends=InvestorRow):
    """What a sponsor offers with its compute."""

    bundles: int = column("", "1 if it bundles a development team with the compute")


class MarketColumns(Row, extends=Market):
    """How well inference is served."""

    fitness: float = column("share", "mean fitness of the sites that serve inference, 0 before there are any")


def mean_latency(hub: int) -> float:
    """Mean delay to the large cities, of the provinces near the users or of the others [ms]."""
    delays = [province.latency for province in PROVINCES if province.hub == hub]
    return sum(delays) / len(delays)


NEAR, FAR = mean_latency(1), mean_latency(0)  # not behaviour: the delays to which the two fitnesses belong


# --- What it changes in decisions of the core (wired in month.py) ---------------------------------------------------


def nearness_by_latency(nearness: float, province: Any, p: Any) -> float:
    """Fitness for inference that a site owes to its place: it falls by the same share with every millisecond [share].

    At the mean delay of the provinces near the users, and at that of the others, it is what it is in two classes.
    """
    if p.latency_weight <= 0.0:
        return nearness
    steps = (province.latency - NEAR) / (FAR - NEAR)
    by_latency = p.hub_suitability * exp(steps * math.log(p.interior_suitability / p.hub_suitability))
    return nearness + p.latency_weight * (min(by_latency, 1.0) - nearness)


def engineering_of_team(engineering: float, operator: Any, investor: Any, p: Any) -> float:
    """Fitness for inference that a site owes to who runs it: less without a development team [share]."""
    has_team = investor.bundles or operator.conversion == CONVERTED
    return engineering if has_team else engineering * p.bare_engineering


def wanted_as_served(wanted: float, market: Any, p: Any) -> float:
    """Rented GPUs wanted for inference: less where it is served worse than by able owners near the users [GPU]."""
    if p.fitness_elasticity <= 0.0 or market.fitness <= 0.0:
        return wanted
    return wanted * exp(p.fitness_elasticity * math.log(market.fitness / p.hub_suitability))


# --- Steps ----------------------------------------------------------------------------------------------------------


def some_sponsors_bundle_teams(world: Any, p: Any, seed: int) -> None:
    """At the founding, a share of sponsors has engineers to offer with the compute."""
    for i in range(len(world.investors)):
        _, _, _, bundles = draw_block(seed, INVESTOR, i, BIRTH, 2)
        world.investors[i].bundles = bundles < p.bundling_share


def users_see_how_they_are_served(world: Any, p: Any) -> None:
    """Users learn how fit the sites are that serve inference."""
    if p.fitness_elasticity <= 0.0:
        return
    served = fitness = 0.0
    for k in range(world.live_count[0]):
        operator = world.operators[world.live[k]]
        if is_open(operator):
            served += operator.inference_leased
            fitness += operator.inference_leased * operator.inference_suitability
    world.market.fitness = fitness / served if served > CRUMB else 0.0
