"""The identities of section 6 of the design: every yuan, every GPU, every lease and every project is accounted for.

Stocks are summed over agents at the end of the month and compared with the flows and changes that the ledger recorded
on its own. What is left over is a residual; it is stored with the run.
"""

from __future__ import annotations

from typing import Any

from bubble_abm.economy.agents.operator import NONE, TAKEN_OVER, gpus_leased, is_complete
from bubble_abm.economy.ledger import (
    ABROAD,
    BANK,
    CHIPS,
    CIRCULAR_STAKES,
    DEPOSITS,
    GOVERNMENTS,
    HOUSEHOLDS,
    LOANS,
    OPERATORS,
    OTHER_CAPITAL,
    PLATFORMS,
    PREPAID,
    SHARES,
    SMUGGLERS,
    STARTUPS,
    SUPPLIERS,
    VENTURE_CLAIMS,
)
from bubble_abm.economy.tables import Row, column


class Residuals(Row):
    """What is left over in each identity at the end of a month; all should be zero up to rounding."""

    flows: float = column("CNY", "largest row sum of the flow matrix")
    deposits: float = column("CNY", "largest sector residual: change of agents' deposits less recorded flows")
    money: float = column("CNY", "sum of all deposits, the bank's being negative")
    loans: float = column("CNY", "operators' debt less recorded loans, or less the bank's claims")
    prepayments: float = column("CNY", "buyers' prepayments less recorded ones, or less smugglers' obligations")
    equity: float = column("CNY", "owners' equity less recorded payments, or less operators' paid-in capital")
    venture: float = column("CNY", "startups' venture capital less recorded payments, or less the funds' claims")
    stakes: float = column("CNY", "operators' stakes less recorded payments, or less what startups owe to patrons")
    capital: float = column("CNY", "buildings and equipment less recorded investment")
    chips: float = column("GPU", "chips in stock, in transit and installed less those recorded as come in and not gone")
    leases_of_operators: float = column("GPU", "largest gap between an operator's leased GPUs and its contracts")
    leases_of_tenants: float = column("GPU", "largest gap between a tenant's leased GPUs and its contracts")
    overfull: float = column("GPU", "largest excess of leased over installed GPUs")
    orders: float = column("GPU", "chips on order at buyers less smugglers' backlogs")
    projects: float = column("projects", "announced projects that are in no stage or in two")
    negative: float = column("1", "most negative of all amounts that must not be")
    not_finite: float = column("1", "columns of the month that are not finite numbers")


def fill_balance_sheet(world: Any, balance: Any) -> None:
    """Sum the agents' stocks by sector into ``balance`` (one row per stock, one column per sector)."""
    for stock in range(balance.shape[0]):
        for sector in range(balance.shape[1]):
            balance[stock, sector] = 0.0
    price = world.market.chip_price
    for operator in world.operators:
        balance[DEPOSITS, OPERATORS] += operator.cash
        balance[LOANS, OPERATORS] -= operator.debt
        balance[PREPAID, OPERATORS] += operator.prepaid
        balance[SHARES, OPERATORS] -= operator.equity
        balance[CIRCULAR_STAKES, OPERATORS] += operator.stakes
        balance[CHIPS, OPERATORS] += operator.gpus_installed * price
        balance[OTHER_CAPITAL, OPERATORS] += operator.capital
    for investor in world.investors:
        balance[DEPOSITS, HOUSEHOLDS] += investor.cash
        balance[SHARES, HOUSEHOLDS] += investor.stake
    for startup in world.startups:
        balance[DEPOSITS, STARTUPS] += startup.cash
        balance[VENTURE_CLAIMS, STARTUPS] -= startup.venture_capital
        balance[CIRCULAR_STAKES, STARTUPS] -= startup.patron_stake
    for smuggler in world.smugglers:
        balance[DEPOSITS, SMUGGLERS] += smuggler.cash
        balance[PREPAID, SMUGGLERS] -= smuggler.prepaid
        balance[CHIPS, SMUGGLERS] += (smuggler.inventory + smuggler.in_transit) * price
    for platform in world.platforms:
        balance[DEPOSITS, PLATFORMS] += platform.cash
        balance[CHIPS, PLATFORMS] += platform.gpus * price
    for province in world.provinces:
        balance[DEPOSITS, GOVERNMENTS] += province.cash
    balance[DEPOSITS, GOVERNMENTS] += world.centre.cash
    balance[DEPOSITS, BANK] += world.bank.cash
    balance[LOANS, BANK] += world.bank.loans
    balance[DEPOSITS, HOUSEHOLDS] += world.households.cash
    balance[VENTURE_CLAIMS, HOUSEHOLDS] += world.households.venture_claims
    balance[DEPOSITS, SUPPLIERS] += world.suppliers.cash
    balance[DEPOSITS, ABROAD] += world.abroad.cash


def audit(world: Any, before: Any, after: Any, residuals: Any) -> None:
    """Check every identity at the end of a month; ``before`` and ``after`` are the balance sheets around it."""
    audit_money(world, before, after, residuals)
    audit_claims(world, after, residuals)
    audit_operators(world, residuals)
    audit_leases(world, residuals)
    audit_amounts(world, residuals)


def audit_money(world: Any, before: Any, after: Any, residuals: Any) -> None:
    """Rows of the flow matrix sum to zero; deposits of every sector change by its recorded flows."""
    flows = world.flows
    for flow in range(flows.shape[0]):
        total = 0.0
        for sector in range(flows.shape[1]):
            total += flows[flow, sector]
        residuals.flows = max(residuals.flows, abs(total))
    money = 0.0
    for sector in range(flows.shape[1]):
        recorded = 0.0
        for flow in range(flows.shape[0]):
            recorded += flows[flow, sector]
        change = after[DEPOSITS, sector] - before[DEPOSITS, sector]
        residuals.deposits = max(residuals.deposits, abs(change - recorded))
        money += after[DEPOSITS, sector]
    residuals.money = abs(money)


def audit_claims(world: Any, after: Any, residuals: Any) -> None:
    """Every claim is somebody's liability and equals what was recorded."""
    books = world.books
    residuals.loans = gap(-after[LOANS, OPERATORS], after[LOANS, BANK], books.loans)
    residuals.prepayments = gap(after[PREPAID, OPERATORS], -after[PREPAID, SMUGGLERS], books.prepayments)
    residuals.equity = gap(-after[SHARES, OPERATORS], after[SHARES, HOUSEHOLDS], books.equity)
    residuals.venture = gap(-after[VENTURE_CLAIMS, STARTUPS], after[VENTURE_CLAIMS, HOUSEHOLDS], books.venture_claims)
    residuals.stakes = gap(after[CIRCULAR_STAKES, OPERATORS], -after[CIRCULAR_STAKES, STARTUPS], books.circular_stakes)
    residuals.capital = abs(after[OTHER_CAPITAL, OPERATORS] - books.capital)


def gap(one_side: float, other_side: float, recorded: float) -> float:
    """Largest distance of either side of a claim from what was recorded."""
    return max(abs(one_side - recorded), abs(other_side - recorded))


def audit_operators(world: Any, residuals: Any) -> None:
    """Chips that came in and have not gone are somewhere; orders equal backlogs; a project is in exactly one stage."""
    books = world.books
    held = ordered = backlog = worst = total = 0.0
    for operator in world.operators:
        held += operator.gpus_installed
        ordered += operator.gpus_on_order
        leased = gpus_leased(operator)
        residuals.overfull = max(residuals.overfull, leased - operator.gpus_installed)
        announced = operator.month_announced >= 0 and not operator.incumbent
        if announced != (NONE < operator.stage <= TAKEN_OVER) and not operator.incumbent:
            residuals.projects += 1.0
        if is_complete(operator) and operator.rent <= 0.0:
            worst = -1.0
        worst = min(worst, operator.cash, operator.debt, operator.gpus_installed, operator.gpus_on_order)
        worst = min(worst, operator.training_leased, operator.inference_leased, operator.arrears, operator.prepaid)
        total += operator.cash + operator.debt + operator.rent + operator.gpus_installed + leased
    for smuggler in world.smugglers:
        held += smuggler.inventory + smuggler.in_transit
        backlog += smuggler.backlog
    for platform in world.platforms:
        held += platform.gpus
    came = books.chips_initial + books.chips_smuggled + books.chips_legal
    gone = books.chips_seized + books.chips_lost + books.chips_reexported
    residuals.chips = abs(came - gone - held)
    residuals.orders = abs(ordered - backlog)
    note_amounts(residuals, worst, total)


def note_amounts(residuals: Any, worst: float, total: float) -> None:
    """Note the most negative of amounts that must not be, and whether their sum is a number."""
    residuals.negative = min(residuals.negative, worst)
    if not abs(total) < 1e300:
        residuals.not_finite += 1.0


def audit_leases(world: Any, residuals: Any) -> None:
    """What an operator has let and what a tenant has rented are the sums of their contracts.

    The contracts are taken out of a copy of both parties' totals; what remains on either side is the residual.
    """
    for row in range(len(world.operators)):
        world.operator_check[row] = gpus_leased(world.operators[row])
    startups = len(world.startups)
    for row in range(startups):
        startup = world.startups[row]
        world.tenant_check[row] = startup.training_leased + startup.inference_leased
    for row in range(len(world.platforms)):
        world.tenant_check[startups + row] = world.platforms[row].inference_leased
    for place in range(world.lease_count[0]):
        lease = world.leases[place]
        world.operator_check[lease.operator] -= lease.gpus
        world.tenant_check[lease.tenant + (startups if lease.by_platform else 0)] -= lease.gpus
    for row in range(len(world.operators)):
        residuals.leases_of_operators = max(residuals.leases_of_operators, abs(world.operator_check[row]))
    for row in range(startups + len(world.platforms)):
        residuals.leases_of_tenants = max(residuals.leases_of_tenants, abs(world.tenant_check[row]))


def audit_amounts(world: Any, residuals: Any) -> None:
    """No amount of the others is negative; nothing is NaN or infinite."""
    worst = 0.0
    total = world.market.rent + world.market.chip_price
    for smuggler in world.smugglers:
        worst = min(worst, smuggler.cash, smuggler.inventory, smuggler.in_transit, smuggler.backlog, smuggler.quote)
        total += smuggler.cash + smuggler.quote + smuggler.inventory
    for startup in world.startups:
        worst = min(worst, startup.cash, startup.training_leased, startup.inference_leased)
        total += startup.cash + startup.gpus_wanted_training + startup.gpus_wanted_inference
    for investor in world.investors:
        worst = min(worst, investor.cash)
        total += investor.cash + investor.profitability
    for platform in world.platforms:
        worst = min(worst, platform.cash, platform.gpus)
        total += platform.cash + platform.gpus
    for province in world.provinces:
        worst = min(worst, province.cash, province.outlay, province.subsidy)
        total += province.cash + province.subsidy
    worst = min(worst, world.centre.cash, world.centre.fund)
    worst = min(worst, world.households.cash, world.suppliers.cash)
    note_amounts(residuals, worst, total)
