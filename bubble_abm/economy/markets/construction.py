"""Construction: money comes in rounds as it proceeds, sites are built as far as it goes, pause, and open."""

from __future__ import annotations

from typing import Any

from bubble_abm.economy.agents.investor import pays_on, present_value
from bubble_abm.economy.agents.operator import (
    BUILDING,
    OPERATING,
    PAUSED,
    going_rent,
    is_under_construction,
    lends_on,
    opens,
)
from bubble_abm.economy.chip_classes import all_in_price, server_price, tariff_on
from bubble_abm.economy.declare import spares
from bubble_abm.economy.ledger import FISCAL_TRANSFERS, SUBSIDIES, TARIFFS, build, lend, pay_in_equity, transfer
from bubble_abm.economy.sponsors import PUBLIC

FEN = 0.01  # not behaviour: CNY by which cash may fall short of a round because sums are rounded


def pledge(investor: Any, operator: Any, equity: float) -> None:
    """An owner promises equity, which is paid in as construction proceeds."""
    operator.equity_pledged += equity
    investor.pledged += equity


def pledge_ends(world: Any, operator: Any) -> None:
    """What was promised to a site that has ended is owed no more, by its owner, lender and province."""
    if operator.owner >= 0:
        world.investors[operator.owner].pledged -= operator.equity_pledged
    operator.equity_pledged = 0.0
    operator.loan_promised = 0.0
    subsidy_lapses(world, operator, operator.grant - operator.grant_paid)
    operator.grant = operator.grant_paid


def subsidy_lapses(world: Any, operator: Any, amount: float) -> None:
    """What a province committed and never paid goes back to the centre, which refunds commitments."""
    province = world.provinces[operator.province]
    transfer(world.flows, FISCAL_TRANSFERS, province, world.centre, min(amount, province.cash))


def sites_raise_rounds(world: Any, p: Any, luck: Any) -> None:
    """Owner and lender pay the next round of every site under construction, or refuse; then the site pauses."""
    for k in range(world.live_count[0]):
        operator = world.operators[world.live[k]]
        if not is_under_construction(operator):
            continue
        investor = world.investors[operator.owner]
        if operator.equity_pledged + operator.loan_promised <= 0.0:
            continue
        if refuses(world, operator, investor, p, luck.operators[k]):
            operator.months_paused += 1
            operator.stage = PAUSED
        else:
            operator.stage = BUILDING
            operator.months_paused = 0
            pay_round(world, operator, investor)


def refuses(world: Any, operator: Any, investor: Any, p: Any, luck: Any) -> bool:
    """Whether the owner or the lender refuses the next round of a site, or the owner does not have it."""
    if investor.cash < share_due(operator) * operator.equity_pledged - FEN:
        return True
    return not (owner_pays_on(world, operator, investor, p) and lends_on(operator, world.market, p, luck))


def owner_pays_on(world: Any, operator: Any, investor: Any, p: Any) -> bool:
    """Whether the owner goes on paying for a site, given what it expects of it."""
    if finishes_anyway(investor):
        return True
    market = world.market
    cost = all_in_price(world.chips[operator.chip], p)
    subsidy = world.provinces[operator.province].subsidy
    value = operator.gpus_planned * present_value(investor, cost, subsidy, market, p)
    return pays_on(investor, value, operator.equity_pledged + operator.loan_promised, p)


@spares(pays_on)
def finishes_anyway(investor: Any) -> bool:
    """Whether an owner pays on whatever it expects of a site, as public sponsors do."""
    return investor.sponsor == PUBLIC


def share_due(operator: Any) -> float:
    """Share of what was agreed that this month has in the rest of construction."""
    return 1.0 / max(operator.months_to_build, 1.0)


def pay_round(world: Any, operator: Any, investor: Any) -> None:
    """Owner and lender pay this month's share of what was agreed."""
    share = share_due(operator)
    equity = share * operator.equity_pledged
    pay_in_equity(world, investor, operator, min(equity, investor.cash))
    investor.pledged -= equity
    operator.equity_pledged -= equity
    lend(world, operator, share * operator.loan_promised)
    operator.loan_promised -= share * operator.loan_promised


def pay_grant(world: Any, operator: Any, p: Any) -> None:
    """The province pays the part of a grant that is due at the milestones reached so far, as far as it has money."""
    province = world.provinces[operator.province]
    progress = (
        1.0 - max(operator.months_to_build, 0.0) / operator.months_building if operator.month_started >= 0 else 0.0
    )
    reached = min(1.0 + int(progress * (p.milestones - 1.0)), p.milestones) / p.milestones
    due = max(min(reached * operator.grant - operator.grant_paid, province.cash), 0.0)
    transfer(world.flows, SUBSIDIES, province, operator, due)
    operator.grant_paid += due
    world.market.subsidies += due
    world.market.public_spending += due


def sites_are_built(world: Any, p: Any) -> None:
    """Construction proceeds as far as it is paid for; grants are paid at milestones."""
    for k in range(world.live_count[0]):
        operator = world.operators[world.live[k]]
        if operator.stage != BUILDING:
            continue
        if operator.months_to_build > 0.0:
            months = min(operator.months_to_build, 1.0)
            chip = world.chips[operator.chip]
            due = months / operator.months_building * server_price(chip, p) * operator.gpus_planned
            paid = min(due, operator.cash)
            tariff = paid * tariff_on(chip, p) / (1.0 + tariff_on(chip, p))
            build(world, operator, paid - tariff)
            transfer(world.flows, TARIFFS, operator, world.centre, tariff)
            operator.months_to_build -= months * paid / due if due > 0.0 else months
            if operator.months_to_build < 1e-9:  # what rounding leaves of the last month
                operator.months_to_build = 0.0
        else:
            operator.months_to_build -= 1.0
        pay_grant(world, operator, p)


def sites_open(world: Any, p: Any) -> None:
    """A site opens when it is finished and enough chips are in; from then on the loan is repaid."""
    for k in range(world.live_count[0]):
        operator = world.operators[world.live[k]]
        if operator.stage == BUILDING and opens(operator, p):
            operator.stage = OPERATING
            operator.month_opened = world.market.month
            operator.principal = operator.debt / p.loan_tenor
            operator.rent = max(going_rent(operator, world.market), operator.running_cost)
