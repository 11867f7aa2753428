"""Enterprises: firms of other trades with a use for compute serve themselves on sites of their own, and rent the rest.

Each needs about what it has in mind to build, and counts on that use. Until its own site opens it rents in large lots
where most is free; then it moves there as its leases expire. Its shareholders pay.
Without it, sponsors of sites let to others whatever they have built.
"""

from __future__ import annotations

from typing import Any

from bubble_abm.economy.agents.investor import InvestorRow
from bubble_abm.economy.agents.operator import gpus_free
from bubble_abm.economy.declare import ASSUMED, decision, parameters, section
from bubble_abm.economy.kinds import INVESTOR
from bubble_abm.economy.luck import BIRTH, draw_block
from bubble_abm.economy.markets.leasing import ENTERPRISE, TRAINING, compute_for, sign
from bubble_abm.economy.markets.signals import Market
from bubble_abm.economy.sponsors import NEWCOMER
from bubble_abm.economy.tables import Row, column


@parameters
class Parameters:
    """How many there are, how much they need, and how they rent."""

    # fmt: off
    parameter = section("enterprises")
    enterprise_share: float = parameter(
        0.0196, unit="share", low=0, high=1, role="fixed", plausible=(0, 0.03),
        neutral=0, founding=True, source=f"{ASSUMED}, with fact C45",
        meaning="share of listed newcomers that have a use for compute of their own, such as car makers")
    enterprise_need: float = parameter(
        1, unit="ratio", low=0, high=5, role="fixed", source=ASSUMED,
        meaning="GPUs that an enterprise needs for training, relative to the project that it has in mind")
    enterprise_term: float = parameter(
        12, unit="months", low=1, high=60, role="fixed", whole=True, source=ASSUMED,
        meaning="term of the leases of an enterprise")
    enterprise_lot: float = parameter(
        0.25, unit="share", low=0.1, high=1, role="fixed", source=ASSUMED,
        meaning="smallest lease of an enterprise, relative to what it needs")
    del parameter
    # fmt: on


class InvestorColumns(Row, extends=InvestorRow):
    """Whether a sponsor has a use for compute."""

    enterprise: int = column("", "1 if it needs compute for itself")


class MarketColumns(Row, extends=Market):
    """What enterprises lease."""

    gpus_of_enterprises: float = column("GPU", "leased by enterprises")
    gpus_self_served: float = column("GPU", "of these at sites of their own")


# --- What it changes in decisions of the core (wired in month.py) ---------------------------------------------------


def use_with_own_need(use: float, investor: Any, market: Any, p: Any) -> float:
    """Utilisation expected of an investor's next site: an enterprise counts on what it needs itself [share]."""
    return max(use, min(p.enterprise_need, p.believed_utilisation)) if investor.enterprise else use


# --- Decisions ------------------------------------------------------------------------------------------------------


@decision
def compute_needed(investor: Any, market: Any, p: Any) -> float:
    """Compute that an enterprise needs from when it has heard of the subject [GPU]."""
    return p.enterprise_need * investor.gpus_intended if market.news >= investor.news_needed else 0.0


@decision
def lot_taken(lacking: float, free: float, need: float, p: Any) -> float:
    """Compute that an enterprise leases at a site: what it lacks and is free there, or nothing if too little [GPU]."""
    lot = min(lacking, free)
    return lot if lot > 0.0 and lot >= p.enterprise_lot * need else 0.0


# --- Steps ----------------------------------------------------------------------------------------------------------


def some_newcomers_are_enterprises(world: Any, p: Any, seed: int) -> None:
    """At the founding, some listed newcomers who are no tenants for the news have a use for compute."""
    if p.enterprise_share <= 0.0:
        return
    for i in range(len(world.investors)):
        investor = world.investors[i]
        _, _, enterprise, _ = draw_block(seed, INVESTOR, i, BIRTH, 4)  # of which the first two make shells
        listed = investor.sponsor == NEWCOMER and investor.deep_pocket == 1 and investor.shell == 0
        investor.enterprise = listed and enterprise < p.enterprise_share


def enterprises_serve_themselves(world: Any, p: Any) -> None:
    """Enterprises lease what they lack, first at sites of their own, then where most is free."""
    if p.enterprise_share <= 0.0:
        return
    for i in range(len(world.investors)):
        investor = world.investors[i]
        if not investor.enterprise:
            continue
        need = compute_needed(investor, world.market, p)
        for number in range(investor.projects):
            row = world.holdings[i, number]
            if world.operators[row].owner == i:
                take_lot(world, row, i, need, p)
        row = roomiest_for_training(world)
        if row >= 0:
            take_lot(world, row, i, need, p)
    count_leases(world)


def take_lot(world: Any, row: int, tenant: int, need: float, p: Any) -> None:
    """An enterprise leases what it lacks at one site."""
    operator = world.operators[row]
    lacking = need - world.investors[tenant].compute_leased
    compute = compute_for(operator, TRAINING)
    lot = lot_taken(lacking, gpus_free(operator) * compute, need, p)
    if lot > 0.0:
        sign(world, operator, tenant, ENTERPRISE, TRAINING, lot / compute, int(p.enterprise_term))


def roomiest_for_training(world: Any) -> int:
    """Row of the open site with most compute for training free; -1 if there is none."""
    roomiest, most = -1, 0.0
    for k in range(world.live_count[0]):
        operator = world.operators[world.live[k]]
        free = gpus_free(operator) * compute_for(operator, TRAINING)
        if free > most:
            roomiest, most = operator.row, free
    return roomiest


def count_leases(world: Any) -> None:
    """Count what enterprises lease, and how much of it at sites of their own."""
    leased = own = 0.0
    for place in range(world.lease_count[0]):
        lease = world.leases[place]
        if lease.tenant_kind == ENTERPRISE:
            leased += lease.gpus
            own += lease.gpus if world.operators[lease.operator].owner == lease.tenant else 0.0
    world.market.gpus_of_enterprises = leased
    world.market.gpus_self_served = own
