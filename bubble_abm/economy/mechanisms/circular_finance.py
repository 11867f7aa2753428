"""Circular finance: operators put a share of their revenue into startups, which then rent from them first.

What a startup pays to its patron comes back to it as equity: the site looks let, and part of the demand is the
operators' own money.
Without it, startups are financed by venture funds alone and rent where fitness and rent are best.
"""

from __future__ import annotations

from typing import Any

from bubble_abm.economy.accounts import claim, flow
from bubble_abm.economy.agents.operator import OperatorRow, is_open
from bubble_abm.economy.agents.startup import StartupLuck, StartupRow, is_active
from bubble_abm.economy.declare import ASSUMED, decision, parameters, section
from bubble_abm.economy.ledger import OPERATORS, STARTUPS, record_write_off, transfer
from bubble_abm.economy.markets.leasing import INFERENCE, STARTUP, TRAINING, gpus_sought, sign
from bubble_abm.economy.markets.ventures import open_site_drawn
from bubble_abm.economy.tables import Row, column, draw


@parameters
class Parameters:
    """How much of their revenue operators invest in tenants."""

    # fmt: off
    parameter = section("circular finance")
    circular_share: float = parameter(
        0.0474, unit="share", low=0, high=0.5, role="uncertain", sampled=(0, 0.3), neutral=0,
        source="assumption, after press reports on circular deals",
        meaning="share of operators' revenue that goes as equity into the startups they back")
    patron_rent_limit: float = parameter(
        1.1, unit="ratio", low=0, high=3, role="fixed", source=ASSUMED,
        meaning="rent of a patron, relative to the market's, up to which the startups it backs rent there first")
    del parameter
    # fmt: on


class OperatorColumns(Row, extends=OperatorRow):
    """What an operator holds in startups."""

    stakes: float = column("CNY", "stakes in startups, at cost")
    tenants_backed: int = column("", "startups in which it holds a stake")


class StartupColumns(Row, extends=StartupRow):
    """What a startup has received from its patron."""

    patron: int = column("", "row of the operator that took a stake in it, -1 without one")
    patron_stake: float = column("CNY", "paid in by the patron")


class StartupDraws(Row, extends=StartupLuck):
    """What chance decides about a startup's patron."""

    patron: float = draw(6, "which operator takes a stake in it")


CIRCULAR_INVESTMENT = flow("circular_investment")
change_stake = claim(
    "circular_stakes", "what operators have paid into startups that rent from them",
    creditor=("operators", "stakes", OPERATORS), debtor=("startups", "patron_stake", STARTUPS),
)  # fmt: skip


# --- Decisions ------------------------------------------------------------------------------------------------------


@decision
def stake_taken(operator: Any, p: Any) -> float:
    """What a patron pays this month into each startup it backs: a share of its revenue, if it can [CNY]."""
    stake = p.circular_share * operator.revenue / operator.tenants_backed
    return stake if operator.arrears <= 0.0 and operator.cash > stake else 0.0


@decision
def prefers_patron(patron_rent: float, market: Any, p: Any) -> bool:
    """Whether a startup rents first from its patron: if compute there is not much dearer than in the market."""
    return patron_rent <= p.patron_rent_limit * market.rent


# --- Steps ----------------------------------------------------------------------------------------------------------


def startups_have_no_patron(world: Any, p: Any) -> None:
    """At the founding, nobody has a stake in a startup."""
    for startup in world.startups:
        startup.patron = -1


def patrons_serve_first(world: Any, p: Any) -> None:
    """A startup rents first from the operator that invested in it."""
    for i in range(len(world.startups)):
        startup = world.startups[i]
        if startup.patron < 0 or not is_active(startup):
            continue
        operator = world.operators[startup.patron]
        best = operator.best_chips
        if best <= 0.0 or not prefers_patron(operator.rent / best, world.market, p):
            continue
        for use in (TRAINING, INFERENCE):
            sign(world, operator, i, STARTUP, use, gpus_sought(startup, operator, use), startup.lease_term)


def operators_invest_in_tenants(world: Any, p: Any, luck: Any) -> None:
    """Stakes that have ended are written off, startups without a patron find one, and patrons pay in."""
    for startup in world.startups:
        if startup.patron >= 0 and not is_active(startup):
            release(world, startup)
    if p.circular_share <= 0.0:
        return
    for i in range(len(world.startups)):
        startup = world.startups[i]
        if not is_active(startup):
            continue
        if startup.patron >= 0 and not is_open(world.operators[startup.patron]):
            release(world, startup)
        if startup.patron < 0:
            startup.patron = open_site_drawn(world, luck.startups[i].patron)
            if startup.patron >= 0:
                world.operators[startup.patron].tenants_backed += 1
    for startup in world.startups:
        if is_active(startup) and startup.patron >= 0:
            operator = world.operators[startup.patron]
            stake = stake_taken(operator, p)
            transfer(world.flows, CIRCULAR_INVESTMENT, operator, startup, stake)
            change_stake(world, operator, startup, stake)


def release(world: Any, startup: Any) -> None:
    """Write off the stake in a startup, because the startup or its patron has ended."""
    operator = world.operators[startup.patron]
    record_write_off(world, startup.patron_stake)
    change_stake(world, operator, startup, -startup.patron_stake)
    operator.tenants_backed -= 1
    startup.patron = -1
