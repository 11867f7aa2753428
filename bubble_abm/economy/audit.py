"""The identities: every yuan, every GPU, every lease and every project is accounted for.

Stocks are summed over agents at the end of the month and compared with flows and changes that were recorded separately.
What is left over is a residual, which is stored with the run.
"""

from __future__ import annotations

from typing import Any

from bubble_abm.economy.accounts import ASSETS, CLAIMS, PURSES, STOCKS
from bubble_abm.economy.agents.operator import NONE, PAUSED, gpus_leased, is_complete
from bubble_abm.economy.generate import function
from bubble_abm.economy.markets.leasing import PLATFORM, SHELL

DEPOSITS = STOCKS.index("deposits")
SINGLES = ("bank", "households", "suppliers", "abroad", "centre")  # tables of one row


# --- Sums over agents, written from what is declared in accounts.py -------------------------------------------------


def entries() -> list[tuple[str, str, int, int, str, str | None]]:
    """List what enters the balance sheet: table, column, stock, sector, sign and the signal that prices it."""
    found: list[tuple[str, str, int, int, str, str | None]] = []
    for table, sector in PURSES:
        found.append((table, "cash", DEPOSITS, sector, "+", None))
    for claim in CLAIMS:
        for side, sign in ((claim.creditor, "+"), (claim.debtor, "-")):
            found.append((side.table, side.column, STOCKS.index(claim.name), side.sector, sign, None))
    for asset in ASSETS:
        for side in asset.holdings:
            found.append((side.table, side.column, STOCKS.index(asset.name), side.sector, "+", asset.price))
    return found


def sums_of_stocks() -> str:
    """Write the function that sums agents' stocks by sector: one pass over each table, sums in local variables."""
    lines = ["def fill_balance_sheet(world, balance):"]
    cells = {(stock, sector): price for _, _, stock, sector, _, price in entries()}
    lines += [f"    sum_{stock}_{sector} = 0.0" for stock, sector in cells]
    for table in dict.fromkeys(table for table, *_ in entries()):
        single = table in SINGLES
        if table == "operators":
            lines += ["    for i in range(world.operator_count[0]):", "        row = world.operators[i]"]
        else:
            lines += [f"    row = world.{table}"] if single else [f"    for row in world.{table}:"]
        for _, name, stock, sector, sign, _ in (entry for entry in entries() if entry[0] == table):
            lines.append(f"    {'' if single else '    '}sum_{stock}_{sector} {sign}= row.{name}")
    lines += [
        "    for stock in range(balance.shape[0]):",
        "        for sector in range(balance.shape[1]):",
        "            balance[stock, sector] = 0.0",
    ]
    for (stock, sector), price in cells.items():
        value = f" * world.market.{price}" if price else ""
        lines.append(f"    balance[{stock}, {sector}] = sum_{stock}_{sector}{value}")
    return "\n".join(lines)


def residuals_of_claims() -> str:
    """Write the function that compares both sides of every claim, and every other asset, with what was recorded."""
    lines = ["def audit_claims(world, after, residuals):"]
    for claim in CLAIMS:
        stock, owed = STOCKS.index(claim.name), claim.debtor.sector
        held = f"after[{stock}, {claim.creditor.sector}]"
        lines.append(f"    residuals.{claim.name} = gap({held}, -after[{stock}, {owed}], world.books.{claim.name})")
    for asset in ASSETS:
        if asset.price is None:
            sectors = dict.fromkeys(side.sector for side in asset.holdings)
            held = " + ".join(f"after[{STOCKS.index(asset.name)}, {sector}]" for sector in sectors)
            lines.append(f"    residuals.{asset.name} = abs({held} - world.books.{asset.name})")
    return "\n".join(lines)


def gap(one_side: float, other_side: float, recorded: float) -> float:
    """Largest distance of either side of a claim from the recorded amount."""
    return max(abs(one_side - recorded), abs(other_side - recorded))


fill_balance_sheet = function(sums_of_stocks(), __name__)
fill_balance_sheet.__doc__ = "Sum the agents' stocks by sector into ``balance`` (a row a stock, a column a sector)."
audit_claims = function(residuals_of_claims(), __name__, gap=gap)
audit_claims.__doc__ = "Every claim is somebody's liability and equals what was recorded."


# --- Identities -----------------------------------------------------------------------------------------------------


def audit(world: Any, before: Any, after: Any, residuals: Any) -> None:
    """Check every identity at the end of a month; ``before`` and ``after`` are the balance sheets around it."""
    audit_money(world, before, after, residuals)
    audit_claims(world, after, residuals)
    audit_operators(world, residuals)
    audit_leases(world, residuals)
    audit_amounts(world, residuals)


def audit_money(world: Any, before: Any, after: Any, residuals: Any) -> None:
    """Rows of the flow matrix sum to zero; deposits of every sector change by its flows, their sum does not."""
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
        money += change
    residuals.money = abs(money)


def audit_operators(world: Any, residuals: Any) -> None:
    """Chips that came in and have not left are somewhere; orders equal backlogs; every project is in a stage."""
    books = world.books
    held = ordered = backlog = money = gpus = overfull = total = 0.0
    for row in range(world.operator_count[0]):
        operator = world.operators[row]
        held += operator.gpus_installed
        ordered += operator.gpus_on_order
        leased = gpus_leased(operator)
        overfull = max(overfull, leased - operator.gpus_installed)
        if not NONE < operator.stage <= PAUSED:
            residuals.projects += 1.0
        if is_complete(operator) and operator.rent <= 0.0:
            residuals.negative += 1.0
        paid = min(operator.cash, operator.debt, operator.arrears, operator.prepaid)
        money = min(money, paid, min(operator.equity_pledged, operator.loan_promised))
        chips = min(operator.gpus_installed, operator.gpus_on_order)
        gpus = min(gpus, chips, min(operator.training_leased, operator.inference_leased))
        total += operator.cash + operator.debt + operator.rent + operator.gpus_installed + leased
    for smuggler in world.smugglers:
        held += smuggler.inventory + smuggler.in_transit
        backlog += smuggler.backlog
    for platform in world.platforms:
        held += platform.gpus
    came = books.chips_initial + books.chips_smuggled + books.chips_legal
    gone = books.chips_seized + books.chips_lost + books.chips_reexported
    residuals.overfull = overfull
    residuals.chips = abs(came - gone - held)
    residuals.orders = abs(ordered - backlog)
    note_amounts(residuals, money, gpus, total)


def note_amounts(residuals: Any, money: float, gpus: float, total: float) -> None:
    """Note the most negative amounts of money and of GPUs, and whether the sum of amounts is a finite number."""
    residuals.overdrawn = min(residuals.overdrawn, money)
    residuals.oversold = min(residuals.oversold, gpus)
    if not abs(total) < 1e300:
        residuals.not_finite += 1.0


def audit_leases(world: Any, residuals: Any) -> None:
    """GPUs let by an operator and GPUs rented by a tenant are the sums of their contracts.

    Contracts are subtracted from a copy of both parties' totals; what remains on either side is the residual.
    """
    for row in range(world.operator_count[0]):
        world.operator_check[row] = gpus_leased(world.operators[row])
    startups = len(world.startups)
    for row in range(startups):
        startup = world.startups[row]
        world.tenant_check[row] = startup.training_leased + startup.inference_leased
    for row in range(len(world.platforms)):
        world.tenant_check[startups + row] = world.platforms[row].inference_leased
    others = startups + len(world.platforms)
    for row in range(len(world.investors)):
        world.tenant_check[others + row] = world.investors[row].compute_leased
    for place in range(world.lease_count[0]):
        lease = world.leases[place]
        world.operator_check[lease.operator] -= lease.gpus
        place_of_tenant = lease.tenant
        if lease.tenant_kind == PLATFORM:
            place_of_tenant += startups
        elif lease.tenant_kind >= SHELL:
            place_of_tenant += others
        world.tenant_check[place_of_tenant] -= lease.gpus * lease.compute
    residuals.leases_of_operators = largest(world.operator_check, world.operator_count[0])
    residuals.leases_of_tenants = largest(world.tenant_check, others + len(world.investors))


def largest(gaps: Any, count: int) -> float:
    """Largest of some gaps of either sign."""
    found = 0.0
    for row in range(count):
        found = max(found, abs(gaps[row]))
    return found


def audit_amounts(world: Any, residuals: Any) -> None:
    """No amount of the other agents is negative; nothing is NaN or infinite."""
    money = gpus = 0.0
    total = world.market.rent + world.market.chip_price
    for smuggler in world.smugglers:
        money = min(money, smuggler.cash)
        gpus = min(gpus, smuggler.inventory, smuggler.in_transit, smuggler.backlog)
        residuals.negative += smuggler.quote <= 0.0
        total += smuggler.cash + smuggler.quote + smuggler.inventory
    for startup in world.startups:
        money = min(money, startup.cash)
        gpus = min(gpus, startup.training_leased, startup.inference_leased)
        total += startup.cash + startup.gpus_wanted_training + startup.gpus_wanted_inference
    for investor in world.investors:
        money = min(money, investor.cash)
        total += investor.cash + investor.profitability
    for platform in world.platforms:
        money = min(money, platform.cash)
        gpus = min(gpus, platform.gpus)
        total += platform.cash + platform.gpus
    for province in world.provinces:
        money = min(money, province.cash, province.outlay)
        residuals.negative += province.subsidy < 0.0
        total += province.cash + province.subsidy
    money = min(money, world.centre.cash, world.centre.fund, world.suppliers.cash, world.households.cash)
    note_amounts(residuals, money, gpus, total)
