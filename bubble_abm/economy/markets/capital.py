"""Capital: operators pay their way, invest in their tenants, idle, fail, are rescued, taken over or wound up."""

from __future__ import annotations

from typing import Any

from bubble_abm.economy.agents.central_government import takes_over
from bubble_abm.economy.agents.local_government import rescues
from bubble_abm.economy.agents.operator import (
    BANKRUPT,
    BUILDING,
    DISTRESSED,
    IDLE,
    OPERATING,
    STANDBY_COST_SHARE,
    TAKEN_OVER,
    debt_service,
    fails,
    gpus_leased,
    idles,
    is_complete,
    is_open,
    is_stranded,
    restarts,
)
from bubble_abm.economy.agents.startup import is_active
from bubble_abm.economy.ledger import (
    COLOCATION,
    DIVIDENDS,
    INTEREST,
    LIQUIDATION,
    POWER,
    RESCUES,
    TAKE_OVERS,
    WAGES,
    lend,
    pay_bank,
    pay_in_circular,
    pay_in_equity,
    release_patron,
    repay,
    transfer,
    write_off_capital,
    write_off_equity,
    write_off_loan,
)
from bubble_abm.economy.luck import slots_for
from bubble_abm.economy.markets.chips import cancel_order
from bubble_abm.economy.markets.state import promise_lapses


def operators_pay_costs(world: Any, p: Any) -> None:
    """Power, colocation, wages, interest and repayment; owners or the bank step in when the cash is short."""
    for k in range(world.live_count[0]):
        operator = world.operators[world.live[k]]
        operator.ponzi = 0
        if operator.stage == BUILDING:
            interest = operator.debt * p.loan_rate / 12.0
            lend(world, operator, max(interest - operator.cash, 0.0))
            transfer(world.flows, INTEREST, operator, world.bank, interest)
        elif is_complete(operator):
            pay_costs(world, operator, p)


def operating_cost(operator: Any, p: Any) -> float:
    """Running cost of the month: full for leased GPUs, standby for free ones, little for a site switched off [CNY]."""
    leased = gpus_leased(operator)
    if operator.stage == IDLE:
        return p.idle_cost_share * operator.running_cost * operator.gpus_installed
    return operator.running_cost * (leased + STANDBY_COST_SHARE * (operator.gpus_installed - leased))


def pay_costs(world: Any, operator: Any, p: Any) -> None:
    """Pay a month's costs, interest and repayment; what cannot be paid becomes arrears."""
    cost = operating_cost(operator, p)
    interest = operator.debt * p.loan_rate / 12.0
    operator.ponzi = 1 if operator.revenue - cost < interest else 0
    shortfall = cost + interest - operator.cash
    if shortfall > 0.0 and operator.patient and operator.owner >= 0:
        investor = world.investors[operator.owner]
        support = min(shortfall + min(operator.principal, operator.debt), investor.cash)
        pay_in_equity(world, investor, operator, support)
        shortfall -= support
    if shortfall > 0.0:
        lend(world, operator, shortfall)
        operator.arrears += shortfall
    transfer(world.flows, POWER, operator, world.suppliers, p.power_share * cost)
    transfer(world.flows, WAGES, operator, world.households, p.wage_share * cost)
    transfer(world.flows, COLOCATION, operator, world.suppliers, (1.0 - p.power_share - p.wage_share) * cost)
    transfer(world.flows, INTEREST, operator, world.bank, interest)
    repay_loan(world, operator)


def repay_loan(world: Any, operator: Any) -> None:
    """Repay what is due; the rest is overdue, and made good from cash beyond three months' cost."""
    due = min(operator.principal, operator.debt)
    paid = max(min(due, operator.cash), 0.0)
    repay(world, operator, paid)
    operator.arrears = min(operator.arrears + due - paid, operator.debt)
    spare = operator.cash - 3.0 * operator.running_cost * operator.gpus_installed
    if operator.arrears > 0.0 and spare > 0.0:
        pay_bank(world, operator, min(spare, operator.arrears))


def operators_pay_dividends(world: Any, p: Any) -> None:
    """Operators with a year's cost and debt service in hand pay out half of what is beyond."""
    for k in range(world.live_count[0]):
        operator = world.operators[world.live[k]]
        if operator.stage != OPERATING or operator.arrears > 0.0:
            continue
        kept = 12.0 * (operator.running_cost * operator.gpus_installed + debt_service(operator, p))
        surplus = 0.5 * (operator.cash - kept)
        if surplus <= 0.0:
            continue
        if operator.owner >= 0:
            transfer(world.flows, DIVIDENDS, operator, world.investors[operator.owner], surplus)
        else:
            transfer(world.flows, DIVIDENDS, operator, world.households, surplus)


def operators_invest_in_tenants(world: Any, p: Any, luck: Any) -> None:
    """Circular finance: operators put a share of their revenue into a startup, which then rents from them first."""
    if p.circular_share <= 0.0:
        return
    for i in range(len(world.startups)):
        startup = world.startups[i]
        if not is_active(startup):
            continue
        if startup.patron >= 0 and not is_open(world.operators[startup.patron]):
            release_patron(world, world.operators[startup.patron], startup)
        if startup.patron < 0:
            startup.patron = find_patron(world, luck.startups[i].patron)
            if startup.patron < 0:
                continue
            world.operators[startup.patron].tenants_backed += 1
    for startup in world.startups:
        if not is_active(startup) or startup.patron < 0:
            continue
        operator = world.operators[startup.patron]
        stake = p.circular_share * operator.revenue / operator.tenants_backed
        if operator.arrears <= 0.0 and operator.cash > stake:
            pay_in_circular(world, operator, startup, stake)


def find_patron(world: Any, draw: float) -> int:
    """Row of an open site, from one draw over fixed slots; -1 if the draw finds none.

    Projects take the slots from the first on, incumbents from the last backwards: one more investor moves no incumbent.
    """
    projects = len(world.investors)
    slots = slots_for(len(world.operators))
    for _ in range(3):
        slot = int(draw * slots)
        draw = draw * slots - slot
        row = slot if slot < projects else projects + slots - 1 - slot
        if row < len(world.operators) and world.operators[row].stage == OPERATING:
            return row
    return -1


# --- Idling, distress, rescue, bankruptcy, take-over ----------------------------------------------------------------


def sites_idle_and_restart(world: Any, p: Any, luck: Any) -> None:
    """Sites that hardly let anything are switched off; idle ones come back at a higher rent than they left."""
    for k in range(world.live_count[0]):
        i = world.live[k]
        operator = world.operators[i]
        if operator.stage == OPERATING and not operator.incumbent:
            if idles(operator, world.market, p, luck.operators[i]):
                operator.stage = IDLE
        elif operator.stage == IDLE and restarts(operator, world.market, p):
            operator.stage = OPERATING
            operator.rent = max(world.market.secondary_rent, operator.running_cost)


def operators_in_distress(world: Any, p: Any, luck: Any) -> None:
    """Arrears put an operator into distress; provinces may rescue him, courts may close him."""
    for k in range(world.live_count[0]):
        i = world.live[k]
        operator = world.operators[i]
        if is_stranded(operator):
            wind_up(world, operator, p, luck.operators[i])
        if not is_complete(operator):
            continue
        if operator.arrears <= 1.0:
            operator.months_in_red = 0
            if operator.stage == DISTRESSED:
                operator.stage = OPERATING
            continue
        draw = luck.operators[i]
        operator.months_in_red += 1
        province = world.provinces[operator.province]
        if rescues(province, operator, p, draw):
            rescue(world, operator, province)
            continue
        if operator.stage == OPERATING:
            operator.stage = DISTRESSED
        if fails(operator, world.market, draw):
            wind_up(world, operator, p, draw)


def rescue(world: Any, operator: Any, province: Any) -> None:
    """The province pays the arrears."""
    amount = operator.arrears
    transfer(world.flows, RESCUES, province, operator, amount)
    province.outlay += amount
    pay_bank(world, operator, amount)
    operator.arrears = 0.0
    operator.months_in_red = 0


def wind_up(world: Any, operator: Any, p: Any, luck: Any) -> None:
    """A failed site goes to the state and an abler operator, or to the liquidator."""
    if operator.owner >= 0:
        investor = world.investors[operator.owner]
        write_off_equity(world, investor, operator)
    price = 0.5 * operator.gpus_installed * world.market.chip_price
    if is_open(operator) and operator.stage != TAKEN_OVER and takes_over(world.centre, price, p, luck):
        take_over(world, operator, price)
    else:
        liquidate(world, operator)


def take_over(world: Any, operator: Any, price: float) -> None:
    """The state buys a site from the bank at half of its chips' price; the rest of the loan is written off."""
    transfer(world.flows, TAKE_OVERS, world.centre, operator, price)
    world.centre.fund -= price
    pay_bank(world, operator, price)
    write_off_loan(world, operator)
    operator.arrears = 0.0
    operator.principal = 0.0
    operator.months_in_red = 0
    operator.owner = -1
    operator.patient = 0
    operator.inference_suitability = min(operator.inference_suitability + 0.2, 1.0)
    operator.training_suitability = 1.0
    operator.stage = TAKEN_OVER


def liquidate(world: Any, operator: Any) -> None:
    """Close the site: the bank takes the cash, the rest of the loan is written off, the chips wait for a buyer."""
    if operator.gpus_on_order > 0.0:
        cancel_order(world, operator)
    promise_lapses(world, operator)
    pay_bank(world, operator, operator.cash)
    write_off_loan(world, operator)
    transfer(world.flows, LIQUIDATION, operator, world.households, operator.cash)
    write_off_capital(world, operator)
    operator.arrears = 0.0
    operator.stage = BANKRUPT
