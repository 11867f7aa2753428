"""Application firms: startups that build on open weights or an API enter all along, and want inference only.

More enter the cheaper a token is, and they live longer then, because what users pay follows the cost of compute only in
part. Funds pay them on as far as they earn. The more there are, the more uses are found for inference.
Without it, startups are founded to train models, or on open weights that they would else have trained themselves.
"""

from __future__ import annotations

import math
from typing import Any

from bubble_abm.economy.agents.startup import APPLICATION, APPLICATION_ID, DEAD, NOT_FOUNDED, StartupRow
from bubble_abm.economy.arithmetic import exp
from bubble_abm.economy.declare import ASSUMED, decision, parameters, section
from bubble_abm.economy.kinds import STARTUP
from bubble_abm.economy.ledger import STARTUPS
from bubble_abm.economy.luck import BIRTH, draw_block, lognormal
from bubble_abm.economy.markets.signals import Market
from bubble_abm.economy.markets.ventures import raise_round
from bubble_abm.economy.tables import Row, column


@parameters
class Parameters:
    """How many there can be, how large they are, what they earn, and what they do for inference."""

    # fmt: off
    parameter = section("application firms")
    application_firms: float = parameter(
        0, unit="agents", low=0, high=1e6, role="size", neutral=0, whole=True,
        source="switch of an experiment; 600 for fact C42",
        meaning="most application firms in business at once, at scale 1")
    application_size: float = parameter(
        0.2, unit="ratio", low=0.01, high=2, role="fixed", founding=True, source=ASSUMED,
        meaning="staff and rounds of an application firm, relative to a startup on open weights with as much inference")
    application_pricing: float = parameter(
        0.3, unit="share", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="part of a change in the cost of a token, in logarithms, that they do not pass on to users")
    application_reach: float = parameter(
        0.3, unit="ratio", low=0, high=5, role="fixed", source=ASSUMED,
        meaning="inference if there are as many application firms as there can be, relative to none, less one")
    del parameter
    # fmt: on


class StartupColumns(Row, extends=StartupRow):
    """What sets an application firm apart."""

    compute_intensity: float = column("ratio", "inference of an application firm, relative to others of its staff")


class MarketColumns(Row, extends=Market):
    """What is known of application firms."""

    applications: float = column("share", "application firms in business, of the most there can be")
    application_margin: float = column("ratio", "what users pay them, relative to the rent of the compute")
    services: float = column("startups", "application firms founded since January 2023")


# --- What it changes in decisions of the core (wired in month.py) ---------------------------------------------------


def hazard_if_it_earns(hazard: float, startup: Any, market: Any, p: Any) -> float:
    """Hazard of a funding round: funds pay an application firm on as far as it earns on its compute [1/month]."""
    if startup.state != APPLICATION:
        return hazard
    return hazard * min(max(market.application_margin - 1.0, 0.0), 1.0)


def weight_of_application(weight: float, startup: Any, p: Any) -> float:
    """Weight of a startup in inference: application firms have as much as larger startups on open weights."""
    return weight * p.open_weights_inference * startup.compute_intensity if startup.state == APPLICATION else weight


def sales_of_application(sales: float, startup: Any, rent: float, market: Any, p: Any) -> float:
    """What users pay for inference on compute of this rent: application firms keep part of what gets cheaper [CNY]."""
    return rent * market.application_margin if startup.state == APPLICATION else sales


def wanted_with_applications(wanted: float, market: Any, p: Any) -> float:
    """Rented GPUs wanted for inference: the more application firms, the more uses are found for it [GPU]."""
    return wanted * (1.0 + p.application_reach * market.applications)


# --- Decisions ------------------------------------------------------------------------------------------------------


@decision
def application_margin(token_cost: float, p: Any) -> float:
    """What users pay an application firm, relative to the rent of its compute: more, the cheaper a token is [ratio]."""
    return p.inference_margin * exp(-p.application_pricing * math.log(token_cost))


@decision
def application_hazard(token_cost: float, market: Any, p: Any) -> float:
    """Probability that a place for an application firm is taken this month: higher, the cheaper a token is."""
    climate = min(market.funding_climate, p.founding_climate)
    return min(p.startup_innovation * climate / token_cost, 1.0)


# --- Steps ----------------------------------------------------------------------------------------------------------


def application_firms_are_possible(world: Any, p: Any, seed: int) -> None:
    """At the founding, there are places for application firms, and nobody has taken one."""
    makers = int(world.maker_count[0])
    for row in range(makers, len(world.startups)):
        firm = world.startups[row]
        number = APPLICATION_ID + row - makers
        size_1, size_2, _, _ = draw_block(seed, STARTUP, number, BIRTH, 0)
        firm.id = number
        firm.sector = STARTUPS
        firm.compute_intensity = 1.0 / p.application_size
        firm.relative_size = p.application_size * lognormal(1.0, p.startup_spread, size_1, size_2)


def application_firms_are_founded(world: Any, p: Any, luck: Any) -> None:
    """Application firms take places that are free, on the best model of the day, and raise a first round."""
    makers = world.maker_count[0]
    places = len(world.startups) - makers
    if places == 0:
        return
    market = world.market
    token_cost = market.rent / (p.first_rent * market.efficiency)  # relative to January 2023
    market.application_margin = application_margin(token_cost, p)
    hazard = application_hazard(token_cost, market, p)
    active = 0.0
    for row in range(makers, len(world.startups)):
        firm = world.startups[row]
        is_free = firm.state == NOT_FOUNDED or firm.state == DEAD
        if is_free and luck.startups[row].enter < hazard:
            firm.state = APPLICATION
            firm.age = 0
            firm.efficiency = p.frontier_efficiency
            firm.usual_efficiency = p.usual_efficiency
            market.services += 1.0
            raise_round(world, firm, p, luck.startups[row])
        active += firm.state == APPLICATION
    market.applications = active / places
