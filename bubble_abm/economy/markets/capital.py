"""Capital: operators pay costs and dividends, idle, fall into distress, are rescued or wound up."""

from __future__ import annotations

from typing import Any

from bubble_abm.economy.agents.investor import money_at_hand
from bubble_abm.economy.agents.local_government import rescues
from bubble_abm.economy.agents.operator import (
    BANKRUPT,
    DISTRESSED,
    IDLE,
    OPERATING,
    TAKEN_OVER,
    arrears_made_good,
    dividend,
    fails,
    going_rent,
    idles,
    is_complete,
    is_given_up,
    is_mothballed,
    is_stranded,
    is_under_construction,
    operating_cost,
    owner_support,
    restarts,
)
from bubble_abm.economy.ledger import (
    COLOCATION,
    CONSUMPTION,
    DIVIDENDS,
    INTEREST,
    LIQUIDATION,
    POWER,
    RESCUES,
    WAGES,
    lend,
    pay_bank,
    pay_in_equity,
    repay,
    transfer,
    write_off_capital,
    write_off_equity,
    write_off_loan,
)
from bubble_abm.economy.markets.construction import pledge_ends


def operators_pay_costs(world: Any, p: Any) -> None:
    """Operators pay for power, colocation, staff, interest and repayment; owners or the bank cover shortfalls."""
    for k in range(world.live_count[0]):
        operator = world.operators[world.live[k]]
        operator.ponzi = 0
        if is_under_construction(operator):
            interest = operator.debt * p.loan_rate / 12.0
            lend(world, operator, max(interest - operator.cash, 0.0))
            transfer(world.flows, INTEREST, operator, world.bank, interest)
        elif is_complete(operator):
            pay_costs(world, operator, p)


def pay_costs(world: Any, operator: Any, p: Any) -> None:
    """Pay a month's costs, interest and repayment; what nobody can pay becomes arrears."""
    cost = operating_cost(operator, p)
    interest = operator.debt * p.loan_rate / 12.0
    operator.ponzi = 1 if operator.revenue - cost < interest else 0
    principal = min(operator.principal, operator.debt)
    owner_steps_in(world, operator, cost + interest + principal - operator.cash, p)
    shortfall = cost + interest - operator.cash
    if shortfall > 0.0:
        lend(world, operator, shortfall)
        operator.arrears += shortfall
    transfer(world.flows, POWER, operator, world.suppliers, p.power_share * cost)
    transfer(world.flows, WAGES, operator, world.households, p.wage_share * cost)
    transfer(world.flows, COLOCATION, operator, world.suppliers, (1.0 - p.power_share - p.wage_share) * cost)
    transfer(world.flows, INTEREST, operator, world.bank, interest)
    repay_loan(world, operator, p)


def repay_loan(world: Any, operator: Any, p: Any) -> None:
    """Repay what is due; the rest is overdue, and is made good from spare cash or by the owner."""
    due = min(operator.principal, operator.debt)
    paid = max(min(due, operator.cash), 0.0)
    repay(world, operator, paid)
    operator.arrears = min(operator.arrears + due - paid, operator.debt)
    if operator.arrears > 0.0:
        pay_bank(world, operator, arrears_made_good(operator, p))
        pay_bank(world, operator, owner_steps_in(world, operator, operator.arrears, p))


def owner_steps_in(world: Any, operator: Any, shortfall: float, p: Any) -> float:
    """An owner with deep pockets pays in what the site is short of, as far as the purse goes; returns the sum [CNY]."""
    if shortfall <= 0.0 or not operator.patient or operator.owner < 0:
        return 0.0
    investor = world.investors[operator.owner]
    support = owner_support(operator, shortfall, money_at_hand(investor), p)
    pay_in_equity(world, investor, operator, support)
    return support


def operators_pay_dividends(world: Any, p: Any) -> None:
    """Operators without arrears pay out part of the cash that they do not need, to their owner or the state."""
    for k in range(world.live_count[0]):
        operator = world.operators[world.live[k]]
        if (operator.stage != OPERATING and operator.stage != TAKEN_OVER) or operator.arrears > 0.0:
            continue
        amount = dividend(operator, p)
        if operator.owner >= 0:
            transfer(world.flows, DIVIDENDS, operator, world.investors[operator.owner], amount)
        elif operator.stage == TAKEN_OVER:
            transfer(world.flows, DIVIDENDS, operator, world.centre, amount)
        else:
            transfer(world.flows, DIVIDENDS, operator, world.households, amount)


def owners_spend(world: Any) -> None:
    """Owners keep the purse with which they began and what they have promised, and spend what exceeds them."""
    for investor in world.investors:
        spare = money_at_hand(investor) - investor.purse
        if spare > 0.0:
            transfer(world.flows, CONSUMPTION, investor, world.households, spare)


# --- Idling, distress, rescue, bankruptcy ---------------------------------------------------------------------------


def sites_idle_and_restart(world: Any, p: Any, luck: Any) -> None:
    """Sites that are hardly let are switched off; idle ones return at a higher rent than they left at."""
    for k in range(world.live_count[0]):
        operator = world.operators[world.live[k]]
        if operator.stage == OPERATING and not operator.incumbent:
            if idles(operator, world.market, p, luck.operators[k]):
                operator.stage = IDLE
        elif operator.stage == IDLE and restarts(operator, world.market, p):
            operator.stage = OPERATING if operator.months_in_red == 0 else DISTRESSED
            operator.rent = max(going_rent(operator, world.market), operator.running_cost)


def operators_in_distress(world: Any, p: Any, luck: Any) -> None:
    """Arrears put an operator into distress; provinces may rescue it, and courts may open proceedings."""
    for k in range(world.live_count[0]):
        operator = world.operators[world.live[k]]
        if is_stranded(operator, p) or is_given_up(operator, p):
            operator.failed = 1
        if not is_complete(operator):
            continue
        if operator.arrears <= 1.0:
            operator.months_in_red = 0
            if operator.stage == DISTRESSED:
                operator.stage = OPERATING
            continue
        draw = luck.operators[k]
        operator.months_in_red += 1
        province = world.provinces[operator.province]
        if rescues(province, operator, p, draw):
            rescue(world, operator, province)
            continue
        if operator.stage == OPERATING:
            operator.stage = DISTRESSED
        if operator.stage == DISTRESSED and is_mothballed(operator, p):
            operator.stage = IDLE
        if fails(operator, world.market, p, draw):
            operator.failed = 1


def rescue(world: Any, operator: Any, province: Any) -> None:
    """The province pays the arrears."""
    amount = operator.arrears
    transfer(world.flows, RESCUES, province, operator, amount)
    province.outlay += amount
    world.market.public_spending += amount
    pay_bank(world, operator, amount)
    operator.arrears = 0.0
    operator.months_in_red = 0


def failed_sites_are_wound_up(world: Any) -> None:
    """Sites in proceedings that the state has not taken over go to the liquidator."""
    for k in range(world.live_count[0]):
        operator = world.operators[world.live[k]]
        if operator.failed:
            liquidate(world, operator)


def liquidate(world: Any, operator: Any) -> None:
    """Close the site: the bank takes the cash, the rest of the loan is written off, the chips wait for a buyer."""
    if operator.owner >= 0:
        write_off_equity(world, world.investors[operator.owner], operator)
    pledge_ends(world, operator)
    pay_bank(world, operator, operator.cash)
    write_off_loan(world, operator)
    transfer(world.flows, LIQUIDATION, operator, world.households, operator.cash)
    write_off_capital(world, operator)
    operator.arrears = 0.0
    operator.failed = 0
    operator.stage = BANKRUPT


def owner_loses_site(world: Any, operator: Any) -> None:
    """A site goes to somebody else: its owner loses it, and the equity paid in."""
    if operator.owner >= 0:
        write_off_equity(world, world.investors[operator.owner], operator)
    operator.owner = -1


def bank_settles_for(world: Any, operator: Any, price: float) -> None:
    """The bank gets the price of a site that goes to somebody else, and writes off the rest of the loan."""
    pay_bank(world, operator, price)
    write_off_loan(world, operator)
    operator.arrears = 0.0
    operator.principal = 0.0
    operator.months_in_red = 0
    operator.failed = 0
