"""Opaque contracts: some sites let petaflops, and do not say of which chips or where.

Who rents there pays the average rent of all such sites, learns in use what a petaflop is worth, and breaks off if that
disappoints. Then it is free again, and the good is not: what is on offer is worse than what is let (Akerlof 1970).
The repute of all of them falls together, because nobody can tell them apart, and more tenants insist on a name.
Without it, every contract names the class of chips and the site.
"""

from __future__ import annotations

import math
from typing import Any

from bubble_abm.economy.agents.operator import is_complete
from bubble_abm.economy.agents.tenant import CRUMB, penalty_due, rent_to_come
from bubble_abm.economy.arithmetic import exp
from bubble_abm.economy.declare import ASSUMED, decision, parameters, section
from bubble_abm.economy.kinds import OPERATOR
from bubble_abm.economy.luck import BIRTH, draw_block
from bubble_abm.economy.markets.leasing import (
    INFERENCE,
    SHELL,
    STARTUP,
    TRAINING,
    break_off,
    list_open_sites,
    share_out,
    sign_leases,
    unmet_demand,
)
from bubble_abm.economy.markets.signals import Market
from bubble_abm.economy.tables import Row, column


@parameters
class Parameters:
    """How many sites let petaflops, and how fast tenants learn what these are worth."""

    # fmt: off
    parameter = section("opaque contracts")
    opaque_share: float = parameter(
        0.148, unit="share", low=0, high=1, role="fixed", plausible=(0, 0.5), neutral=0, source=ASSUMED,
        meaning="share of new sites that let petaflops without saying of which chips or where")
    opaque_learning: float = parameter(
        0.25, unit="1/month", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="weight of a month's experience in the repute of such contracts")
    del parameter
    # fmt: on


class MarketColumns(Row, extends=Market):
    """What everybody knows of such sites."""

    shortfall: float = column("share", "compute that tenants expect a petaflop to lack, at sites that let petaflops")
    petaflop_rent: float = column(
        "CNY/(GPU month)", "average rent there of the compute of the H100 class; 0 without any"
    )
    leases_disappointed: float = column(
        "GPU", "leases broken off this month because what was rented was worth too little"
    )


def lets_petaflops(operator: Any) -> bool:
    """Whether a site stands, has chips and does not say which."""
    return operator.opaque and is_complete(operator) and operator.best_chips > 0.0


# --- Decisions ------------------------------------------------------------------------------------------------------


@decision
def quality_in_use(operator: Any, use: int) -> float:
    """Compute that a petaflop of a site delivers in a use: what its chips and the site are fit for [share]."""
    if use == TRAINING:
        return operator.training_suitability * operator.training_chips / operator.best_chips
    return operator.inference_suitability * operator.inference_chips / operator.best_chips


@decision
def is_disappointed(lease: Any, delivered: float, p: Any) -> bool:
    """Whether a tenant breaks off: the rent to come buys so little that the penalty is less than the loss."""
    return penalty_due(lease, p) < rent_to_come(lease) * (1.0 - delivered / lease.promised)


@decision
def wary_tenants(market: Any) -> float:
    """Share of new demand that insists on a name: what tenants need of a petaflop is evenly spread [share].

    Notes
    -----
    As the quality of used cars and the tastes of their buyers in Akerlof 1970.
    """
    return market.shortfall


# --- What it changes in decisions of the core (wired in month.py) ---------------------------------------------------


def pull_in_disguise(pull: float, suitability: float, compute: float, operator: Any, market: Any, p: Any) -> float:
    """Pull of a free GPU on new tenants: by the repute of all sites that let petaflops, for who lets petaflops [1]."""
    if not operator.opaque:
        return pull
    best = operator.best_chips
    return (1.0 - market.shortfall) * best * exp(-p.rent_sensitivity * math.log(operator.rent / (best * market.rent)))


# --- Steps ----------------------------------------------------------------------------------------------------------


def sites_choose_contracts(world: Any, p: Any, luck: Any) -> None:
    """Some of the sites that open let petaflops, at the rent of those that do already."""
    if p.opaque_share <= 0.0:
        return
    market = world.market
    for k in range(world.live_count[0]):
        operator = world.operators[world.live[k]]
        if operator.month_opened == market.month and operator.best_chips > 0.0:
            draw, _, _, _ = draw_block(int(luck.seed[0]), OPERATOR, operator.id, BIRTH, 0)
            if draw < p.opaque_share:
                operator.opaque = 1
                if market.petaflop_rent <= 0.0:
                    market.petaflop_rent = operator.rent / operator.best_chips
                operator.rent = market.petaflop_rent * operator.best_chips


def disappointed_tenants_leave(world: Any, p: Any) -> None:
    """Who has rented petaflops knows by now what they are worth; so does everybody who asks."""
    market = world.market
    market.leases_disappointed = 0.0
    if market.petaflop_rent <= 0.0:
        return
    gpus = worth = 0.0
    for place in range(world.lease_count[0]):
        lease = world.leases[place]
        if lease.promised <= 0.0 or lease.gpus < CRUMB:
            continue
        operator = world.operators[lease.operator]
        delivered = quality_in_use(operator, lease.use)
        gpus += lease.gpus
        worth += lease.gpus * delivered
        if is_disappointed(lease, delivered, p):
            market.leases_disappointed += lease.gpus
            break_off(world, lease, operator, 1.0, p)
    if gpus > 0.0:
        market.shortfall += p.opaque_learning * (1.0 - worth / gpus - market.shortfall)


def wary_tenants_match(world: Any, p: Any) -> None:
    """Tenants who insist on a name look among the sites that give it; who finds nothing there waits."""
    market = world.market
    market.training_waiting = market.inference_waiting = 0.0
    wary = wary_tenants(market)
    if wary <= 0.0:
        return
    named = 0
    for k in range(list_open_sites(world, p)):
        if not world.operators[world.open_sites[k]].opaque:
            world.open_sites[named] = world.open_sites[k]
            named += 1
    training, inference = unmet_demand(world)
    no_training, no_inference = share_out(world, named, wary * training, wary * inference)
    sign_leases(world, named, TRAINING, wary - no_training / max(training, CRUMB))
    sign_leases(world, named, INFERENCE, wary - no_inference / max(inference, CRUMB))
    market.training_waiting, market.inference_waiting = no_training, no_inference


def petaflops_are_promised(world: Any) -> None:
    """Tenants of petaflops remember what they expect, unless a patron has told them more, or they are investors."""
    market = world.market
    if market.petaflop_rent <= 0.0:
        return
    for place in range(world.lease_count[0]):
        lease = world.leases[place]
        if lease.months_left < lease.term or lease.tenant_kind >= SHELL:
            continue
        patron = lease.tenant_kind == STARTUP and world.startups[lease.tenant].patron == lease.operator
        if world.operators[lease.operator].opaque and not patron:
            lease.promised = 1.0 - market.shortfall


def petaflops_have_one_rent(world: Any, p: Any) -> None:
    """Who lets petaflops asks for the average of all of them, or stays idle if that is too little."""
    market = world.market
    if p.opaque_share <= 0.0 and market.petaflop_rent <= 0.0:
        return
    value = petaflops = 0.0
    for k in range(world.live_count[0]):
        operator = world.operators[world.live[k]]
        if lets_petaflops(operator):
            value += operator.rent * operator.gpus_installed
            petaflops += operator.best_chips * operator.gpus_installed
    if petaflops <= 0.0:
        return
    market.petaflop_rent = value / petaflops
    for k in range(world.live_count[0]):
        operator = world.operators[world.live[k]]
        if lets_petaflops(operator):
            operator.rent = max(market.petaflop_rent * operator.best_chips, operator.reservation_rent)
