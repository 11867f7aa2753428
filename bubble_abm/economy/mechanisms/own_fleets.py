"""Own fleets: platforms serve their users on their own chips first, and rent what does not fit.

They rent in large lots near the users only, and go without where there are none. How large their fleets are follows
from their plans and from which chips are to be had.
Without it, platforms rent a fixed share of inference, wherever tenants do and whatever their fleets.
"""

from __future__ import annotations

from typing import Any

from bubble_abm.economy.agents.operator import gpus_free, gpus_on_show, lease_pull
from bubble_abm.economy.agents.platform import PlatformRow
from bubble_abm.economy.agents.tenant import CRUMB
from bubble_abm.economy.declare import ASSUMED, decision, parameters, section
from bubble_abm.economy.markets.leasing import INFERENCE, PLATFORM, compute_for, sign, unmet
from bubble_abm.economy.markets.signals import Market
from bubble_abm.economy.tables import Row, column


@parameters
class Parameters:
    """Whether platforms serve themselves first, what else their fleets do, and what they rent."""

    # fmt: off
    parameter = section("own fleets")
    own_fleets: float = parameter(
        0, unit="1", low=0, high=1, role="fixed", whole=True, neutral=0, source="switch of an experiment",
        meaning="1 if platforms serve inference on their own fleets first; 0 if they rent a fixed share of it")
    busy_share: float = parameter(
        0.85, unit="share", low=0, high=1, role="fixed", source="assumption, with fact C32: short of chips in 2025",
        meaning="share of platforms' fleets that is busy with other work: recommendation, advertising, pre-training")
    smallest_lot: float = parameter(
        10_000, unit="GPU", low=0, high=1e6, role="fixed", source="assumption: clusters of ten thousand cards",
        meaning="GPUs of the smallest site from which a platform rents")
    dearest_lot: float = parameter(
        2, unit="ratio", low=0, high=10, role="fixed", source=ASSUMED,
        meaning="rent of compute above which a platform goes without, relative to the replacement rent")
    del parameter
    # fmt: on


class PlatformColumns(Row, extends=PlatformRow):
    """What a platform cannot rent."""

    unserved: float = column("GPU", "compute that it wants to rent and does not find on its terms")


class MarketColumns(Row, extends=Market):
    """What platforms do not look at."""

    gpus_shunned: float = column("GPU", "free at open sites from which platforms do not rent")


# --- Decisions ------------------------------------------------------------------------------------------------------


@decision
def fleet_for_inference(platform: Any, p: Any) -> float:
    """Compute of its own fleet with which a platform serves inference: what is not busy with other work [GPU]."""
    return (1.0 - p.busy_share) * platform.compute


@decision
def is_lot(operator: Any, province: Any, p: Any) -> bool:
    """Whether a platform rents from a site: near the users, and large enough to be worth its engineers' time."""
    return province.hub == 1 and operator.gpus_installed >= p.smallest_lot


@decision
def is_worth_renting(operator: Any, market: Any, p: Any) -> bool:
    """Whether a platform would rather rent at a site than go without, and wait for chips of its own."""
    return operator.rent <= p.dearest_lot * operator.inference_chips * market.replacement_rent


# --- What it changes in decisions of the core (wired in month.py) ---------------------------------------------------


def overflow_of_fleet(rented: float, platform: Any, inference: float, p: Any) -> float:
    """Compute that a platform wants to rent: all its inference, less what its fleet serves [GPU].

    All its inference is what it rents as a fixed share, and the rest, which its fleet serves in any case.
    """
    if p.own_fleets < 1.0:
        return rented
    at_home = platform.relative_size * (1.0 / p.rented_share - 1.0) * inference
    return max(rented + at_home - fleet_for_inference(platform, p), 0.0)


# --- Steps ----------------------------------------------------------------------------------------------------------


def platforms_rent_lots(world: Any, p: Any) -> None:
    """Platforms, one after another, rent the more attractive lots and then the rest; what they do not find is unserved.

    Each takes all that is free before it turns to the next lot. Another one begins every month.
    """
    if p.own_fleets < 1.0:
        return
    lots = list_lots(world, p)
    place = 0
    for turn in range(len(world.platforms)):
        row = (world.market.month + turn) % len(world.platforms)
        platform = world.platforms[row]
        need = unmet(platform.gpus_wanted, platform.inference_leased)
        while need >= CRUMB and place < lots:
            operator = world.operators[world.open_sites[place]]
            compute = compute_for(operator, INFERENCE)
            gpus = min(need / compute, gpus_on_show(operator))
            sign(world, operator, row, PLATFORM, INFERENCE, gpus, platform.lease_term)
            need -= gpus * compute
            if gpus_on_show(operator) <= CRUMB:
                place += 1
        platform.unserved = max(need, 0.0)
        platform.gpus_wanted -= platform.unserved  # what is no lot is no substitute


def list_lots(world: Any, p: Any) -> int:
    """List the lots with free GPUs, those first whose pull is not below the average; returns their number."""
    free = pull = 0.0
    for k in range(world.live_count[0]):
        operator = world.operators[world.live[k]]
        operator.inference_weight = pull_of_lot(world, operator, p)
        if operator.inference_weight > 0.0:
            free += gpus_on_show(operator)
            pull += gpus_on_show(operator) * operator.inference_weight
    lots = 0
    for attractive in (True, False):
        for k in range(world.live_count[0]):
            operator = world.operators[world.live[k]]
            if operator.inference_weight > 0.0 and (operator.inference_weight * free >= pull) == attractive:
                world.open_sites[lots] = operator.row
                lots += 1
    return lots


def pull_of_lot(world: Any, operator: Any, p: Any) -> float:
    """Pull of a free GPU at a site on platforms; zero where nothing is free, at no large lot, or too dear."""
    if gpus_on_show(operator) <= CRUMB or not is_lot(operator, world.provinces[operator.province], p):
        return 0.0
    if not is_worth_renting(operator, world.market, p):
        return 0.0
    return lease_pull(operator.inference_suitability, operator.inference_chips, operator, world.market, p)


def shunned_sites_are_counted(world: Any, p: Any) -> None:
    """What is free at open sites from which platforms do not rent is counted, beside what they lack."""
    if p.own_fleets < 1.0:
        return
    world.market.gpus_shunned = 0.0
    for k in range(world.live_count[0]):
        operator = world.operators[world.live[k]]
        if not is_lot(operator, world.provinces[operator.province], p):
            world.market.gpus_shunned += gpus_free(operator)
