"""Non-users: listed shells sign large leases for the news, have no use for the compute, and break them off later.

Each signs once, while the subject is in the news and rents rise, where most is free, and what it signs counts as let.
Its shareholders pay. When rents have not risen for a while it leaves, if that costs less than staying.
Without it, who leases compute uses it.
"""

from __future__ import annotations

import math
from typing import Any

from bubble_abm.economy.agents.investor import InvestorRow
from bubble_abm.economy.agents.operator import gpus_free
from bubble_abm.economy.agents.tenant import CRUMB, penalty_due, rent_to_come
from bubble_abm.economy.declare import ASSUMED, decision, parameters, section
from bubble_abm.economy.kinds import INVESTOR
from bubble_abm.economy.luck import BIRTH, draw_block
from bubble_abm.economy.markets.leasing import INFERENCE, SHELL, break_off, sign
from bubble_abm.economy.markets.signals import Market
from bubble_abm.economy.sponsors import NEWCOMER
from bubble_abm.economy.tables import Row, column


@parameters
class Parameters:
    """How many sign for the news, how much, for how long, and when they leave."""

    # fmt: off
    parameter = section("non-users")
    non_user_share: float = parameter(
        0.0459, unit="share", low=0, high=1, role="fixed", plausible=(0, 0.3),
        neutral=0, founding=True, source=f"{ASSUMED}, with fact C25",
        meaning="share of listed newcomers that lease compute for the news")
    non_user_size: float = parameter(
        0.5, unit="ratio", low=0, high=5, role="fixed", source=ASSUMED,
        meaning="GPUs of such a lease, relative to the project that the newcomer has in mind")
    non_user_term: float = parameter(
        24, unit="months", low=1, high=60, role="fixed", whole=True, source=ASSUMED,
        meaning="term of such a lease")
    non_user_patience: float = parameter(
        3, unit="months", low=0, high=36, role="fixed", founding=True, source=ASSUMED,
        meaning="mean time for which such a tenant stays after rents have stopped rising")
    del parameter
    # fmt: on


class InvestorColumns(Row, extends=InvestorRow):
    """What a newcomer leases without a use for it."""

    shell: int = column("", "1 if it leases compute for the news")
    news_made: int = column("", "1 if it has signed such a lease")
    patience: float = column("months", "for which it stays a tenant after rents have stopped rising")
    compute_leased: float = column("GPU", "leased as a tenant, with a use for it or without")


class MarketColumns(Row, extends=Market):
    """How long the news has been stale."""

    months_flat: int = column("months", "since the growth signal of rents was last above zero")


# --- Decisions ------------------------------------------------------------------------------------------------------


@decision
def signs_for_news(investor: Any, market: Any) -> bool:
    """Whether a shell signs a lease: it has heard of the subject, rents rise, and it has not signed one before."""
    in_the_news = market.news >= investor.news_needed and market.rent_growth > 0.0
    return investor.shell == 1 and investor.news_made == 0 and in_the_news


@decision
def leaves_after_news(lease: Any, investor: Any, market: Any, p: Any) -> bool:
    """Whether a shell breaks its lease off: the news is stale, and the penalty is less than the rent to come."""
    return market.months_flat > investor.patience and penalty_due(lease, p) < rent_to_come(lease)


# --- Steps ----------------------------------------------------------------------------------------------------------


def shells_are_among_listed_newcomers(world: Any, p: Any, seed: int) -> None:
    """At the founding, some listed newcomers are tenants for the news, each with a patience of its own."""
    if p.non_user_share <= 0.0:
        return
    for i in range(len(world.investors)):
        investor = world.investors[i]
        shell, patience, _, _ = draw_block(seed, INVESTOR, i, BIRTH, 4)  # a block that nothing else uses
        investor.shell = investor.sponsor == NEWCOMER and investor.deep_pocket == 1 and shell < p.non_user_share
        investor.patience = -math.log(patience) * p.non_user_patience


def shells_leave(world: Any, p: Any) -> None:
    """Shells break off what they have leased, once the news is stale."""
    if p.non_user_share <= 0.0:
        return
    market = world.market
    market.months_flat = 0 if market.rent_growth > 0.0 else market.months_flat + 1
    for place in range(world.lease_count[0]):
        lease = world.leases[place]
        if lease.tenant_kind == SHELL and leaves_after_news(lease, world.investors[lease.tenant], market, p):
            break_off(world, lease, world.operators[lease.operator], 1.0, p)


def shells_sign(world: Any, p: Any) -> None:
    """Shells in the news sign leases in large lots, each where most is free."""
    if p.non_user_share <= 0.0:
        return
    for i in range(len(world.investors)):
        investor = world.investors[i]
        if signs_for_news(investor, world.market):
            row = roomiest_site(world)
            if row < 0:
                return
            operator = world.operators[row]
            gpus = min(p.non_user_size * investor.gpus_intended, gpus_free(operator))
            sign(world, operator, i, SHELL, INFERENCE, gpus, int(p.non_user_term))
            investor.news_made = 1


def roomiest_site(world: Any) -> int:
    """Row of the open site with most free GPUs; -1 if there is none."""
    roomiest, most = -1, CRUMB
    for k in range(world.live_count[0]):
        operator = world.operators[world.live[k]]
        free = gpus_free(operator)
        if free > most:
            roomiest, most = operator.row, free
    return roomiest
