"""Industry funds: an operator is partner of a fund, and the firms in its portfolio rent from it, at a low price.

It is circular finance in its second form: the fund pays its firms the rent that they owe the partner, part of it with
the partner's own money. The site fills, and looks as if it were wanted.
Without it, funds have no say in where the firms rent that they own.
"""

from __future__ import annotations

from typing import Any

from bubble_abm.economy.accounts import claim, flow
from bubble_abm.economy.agents.operator import OperatorRow, is_open
from bubble_abm.economy.agents.startup import StartupLuck, StartupRow, is_active
from bubble_abm.economy.declare import ASSUMED, decision, parameters, section
from bubble_abm.economy.kinds import STARTUP as STREAM
from bubble_abm.economy.ledger import OPERATORS, STARTUPS, pay_in_venture, record_write_off, transfer
from bubble_abm.economy.luck import BIRTH, draw_block
from bubble_abm.economy.markets.leasing import INFERENCE, STARTUP, TRAINING, gpus_sought, sign
from bubble_abm.economy.markets.ventures import open_site_drawn
from bubble_abm.economy.tables import Row, column, draw


@parameters
class Parameters:
    """Which firms are in a fund's portfolio, what they pay, and who pays it for them."""

    # fmt: off
    parameter = section("industry fund")
    industry_fund: float = parameter(
        0.0154, unit="share", low=0, high=1, role="fixed", plausible=(0, 0.2), neutral=0, founding=True, source=ASSUMED,
        meaning="share of startups in the portfolio of a fund of which an operator is partner")
    fund_rent: float = parameter(
        0.6, unit="ratio", low=0.1, high=1, role="fixed", source=ASSUMED,
        meaning="rent that such a firm pays the partner, relative to the rent that the partner posts")
    fund_cover: float = parameter(
        1, unit="share", low=0, high=2, role="fixed", source=ASSUMED,
        meaning="what the fund pays into such a firm in a month, relative to the rent that it owes the partner")
    fund_partner: float = parameter(
        0.3, unit="share", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="share of the partner in what the fund pays")
    del parameter
    # fmt: on


class OperatorColumns(Row, extends=OperatorRow):
    """What an operator holds in a fund."""

    fund_stakes: float = column("CNY", "stakes in startups through industry funds, at cost")


class StartupColumns(Row, extends=StartupRow):
    """Who is behind a startup."""

    portfolio: int = column("", "1 if it is in the portfolio of an industry fund")
    partner: int = column("", "row of the operator that is partner of its fund, -1 without one")
    partner_stake: float = column("CNY", "paid in by the partner through the fund")
    partner_rent: float = column("CNY", "rent of this month that it owes the partner")


class StartupDraws(Row, extends=StartupLuck):
    """What chance decides about a fund."""

    partner: float = draw(7, "which operator becomes partner of its fund")


FUND_INVESTMENT = flow("fund_investment")
change_fund_stake = claim(
    "fund_stakes", "what operators have paid, through industry funds, into startups that rent from them",
    creditor=("operators", "fund_stakes", OPERATORS), debtor=("startups", "partner_stake", STARTUPS),
)  # fmt: skip


# --- Decisions ------------------------------------------------------------------------------------------------------


@decision
def fund_payment(startup: Any, p: Any) -> float:
    """What a fund pays into one of its firms this month: the rent that it owes the partner, or part of it [CNY]."""
    return p.fund_cover * startup.partner_rent


@decision
def partner_payment(operator: Any, payment: float, p: Any) -> float:
    """The partner's share in this; none if it is in arrears or has not got it [CNY]."""
    due = p.fund_partner * payment
    return due if operator.arrears <= 0.0 and operator.cash > due else 0.0


# --- Steps ----------------------------------------------------------------------------------------------------------


def funds_choose_firms(world: Any, p: Any, seed: int) -> None:
    """At the founding, some startups are meant for the portfolios of industry funds; no fund has a partner yet."""
    for i in range(len(world.startups)):
        world.startups[i].partner = -1
        if p.industry_fund > 0.0:
            chosen, _, _, _ = draw_block(seed, STREAM, i, BIRTH, 1)  # a block that nothing else uses
            world.startups[i].portfolio = 1 if chosen < p.industry_fund else 0


def portfolio_firms_rent(world: Any, p: Any) -> None:
    """The firms of a fund rent from its partner first, at a low price."""
    if p.industry_fund <= 0.0:
        return
    for i in range(len(world.startups)):
        startup = world.startups[i]
        if startup.partner < 0 or not is_active(startup):
            continue
        operator = world.operators[startup.partner]
        for use in (TRAINING, INFERENCE):
            sign_at_low_price(world, operator, i, use, gpus_sought(startup, operator, use), p)


def sign_at_low_price(world: Any, operator: Any, tenant: int, use: int, gpus: float, p: Any) -> None:
    """Sign a lease with a firm of the fund."""
    before, term = world.lease_count[0], world.startups[tenant].lease_term
    sign(world, operator, tenant, STARTUP, use, gpus, term)
    if world.lease_count[0] > before:
        lease = world.leases[before]
        lease.rent = p.fund_rent * operator.rent
        world.market.contracts_signed -= lease.gpus * (operator.rent - lease.rent) * term


def funds_invest(world: Any, p: Any, luck: Any) -> None:
    """Stakes that have ended are written off, funds find partners, and pay their firms the rent they owe them."""
    if p.industry_fund <= 0.0:
        return
    for i in range(len(world.startups)):
        startup = world.startups[i]
        startup.partner_rent = 0.0
        if startup.partner >= 0 and not (is_active(startup) and is_open(world.operators[startup.partner])):
            partner = world.operators[startup.partner]
            record_write_off(world, startup.partner_stake)
            change_fund_stake(world, partner, startup, -startup.partner_stake)
            startup.partner = -1
        if startup.partner < 0 and startup.portfolio and is_active(startup):
            startup.partner = open_site_drawn(world, luck.startups[i].partner)
    for place in range(world.lease_count[0]):
        lease = world.leases[place]
        if lease.tenant_kind == STARTUP and world.startups[lease.tenant].partner == lease.operator:
            world.startups[lease.tenant].partner_rent += lease.gpus * lease.rent
    for startup in world.startups:
        if startup.partner >= 0:
            pay_in(world, startup, p)


def pay_in(world: Any, startup: Any, p: Any) -> None:
    """A fund pays into one of its firms, the partner its share, other partners the rest."""
    payment = fund_payment(startup, p)
    operator = world.operators[startup.partner]
    share = partner_payment(operator, payment, p)
    transfer(world.flows, FUND_INVESTMENT, operator, startup, share)
    change_fund_stake(world, operator, startup, share)
    pay_in_venture(world, startup, payment - share)
