"""Who may move money, claims and chips: transfers that move both sides and record the flow in one breath.

Nothing else in the package changes a ``cash`` column, a claim, or the national count of chips. Once a month
:func:`audit` compares the stocks that agents hold with the flows recorded here; the two are kept apart on purpose,
so that a yuan or a GPU that moves outside this file is noticed.
"""

from __future__ import annotations

from typing import Any

from bubble_abm.economy.tables import Row, column

# Sectors: the columns of the flow matrix and of the balance sheet.
SECTORS = (
    "operators",
    "startups",
    "smugglers",
    "platforms",
    "bank",
    "governments",
    "households",
    "suppliers",
    "abroad",
)
OPERATORS, STARTUPS, SMUGGLERS, PLATFORMS, BANK, GOVERNMENTS, HOUSEHOLDS, SUPPLIERS, ABROAD = range(9)

# Flows: the rows of the flow matrix. Every row sums to zero over the sectors.
FLOWS = (
    "subsidies", "fiscal_transfers", "rescues", "equity", "venture_funding", "new_loans", "repayment", "interest",
    "prepayments", "chip_purchases", "imports", "tariffs", "construction", "power", "colocation", "wages", "rent",
    "penalties", "circular_investment", "sales", "second_hand_sales", "reexports", "liquidation", "dividends",
    "take_overs",
)  # fmt: skip
(
    SUBSIDIES, FISCAL_TRANSFERS, RESCUES, EQUITY, VENTURE_FUNDING, NEW_LOANS, REPAYMENT, INTEREST,
    PREPAYMENTS, CHIP_PURCHASES, IMPORTS, TARIFFS, CONSTRUCTION, POWER, COLOCATION, WAGES, RENT,
    PENALTIES, CIRCULAR_INVESTMENT, SALES, SECOND_HAND_SALES, REEXPORTS, LIQUIDATION, DIVIDENDS,
    TAKE_OVERS,
) = range(25)  # fmt: skip

# Stocks: the rows of the balance sheet.
STOCKS = ("deposits", "loans", "prepayments", "equity", "venture_claims", "circular_stakes", "chips", "other_capital")
DEPOSITS, LOANS, PREPAID, SHARES, VENTURE_CLAIMS, CIRCULAR_STAKES, CHIPS, OTHER_CAPITAL = range(8)


class Account(Row):
    """A sector that is one aggregate: the bank, households and funds, suppliers, the rest of the world."""

    id: int = column("", "number of the sector")
    sector: int = column("", "sector in the flow matrix")
    cash: float = column("CNY", "deposits; the bank's are what it owes, and negative")
    loans: float = column("CNY", "loans to operators (bank only)")
    venture_claims: float = column("CNY", "claims on startups at cost (households and funds only)")


class Books(Row):
    """What was recorded since January 2023: changes of claims, and chips in and out of the country."""

    loans: float = column("CNY", "lent less repaid less written off")
    prepayments: float = column("CNY", "prepaid less delivered less lost")
    equity: float = column("CNY", "paid in by owners less written off")
    venture_claims: float = column("CNY", "paid in by funds less written off")
    circular_stakes: float = column("CNY", "paid in by operators less written off")
    capital: float = column("CNY", "buildings and equipment put in place less written off")
    chips_initial: float = column("GPU", "in the country in January 2023")
    chips_smuggled: float = column("GPU", "shipped by smugglers, seized ones included")
    chips_legal: float = column("GPU", "imported by platforms")
    chips_seized: float = column("GPU", "seized on the way")
    chips_lost: float = column("GPU", "lost in transit at a ban")
    chips_reexported: float = column("GPU", "sold abroad")
    loans_written_off: float = column("CNY", "loans written off")
    claims_written_off: float = column("CNY", "equity, venture claims, stakes and prepayments written off")
    loans_drawn: float = column("CNY", "loans drawn since January 2023")


def transfer(flows: Any, flow: int, payer: Any, payee: Any, amount: float) -> None:
    """Pay ``amount`` [CNY] from one agent to another and record it on both sides of the flow matrix."""
    payer.cash -= amount
    payee.cash += amount
    flows[flow, payer.sector] -= amount
    flows[flow, payee.sector] += amount


# --- Loans ----------------------------------------------------------------------------------------------------------


def lend(world: Any, operator: Any, amount: float) -> None:
    """Lend to an operator: the loan creates the deposit."""
    transfer(world.flows, NEW_LOANS, world.bank, operator, amount)
    operator.debt += amount
    world.bank.loans += amount
    world.books.loans += amount
    world.books.loans_drawn += amount


def repay(world: Any, operator: Any, amount: float) -> None:
    """Repay a loan: the deposit that repays it disappears."""
    transfer(world.flows, REPAYMENT, operator, world.bank, amount)
    lower_debt(world, operator, amount)


def pay_bank(world: Any, operator: Any, amount: float) -> None:
    """Pay the bank what is overdue, then the loan, up to the amount, the cash and the debt."""
    paid = max(min(amount, operator.cash, operator.debt), 0.0)
    repay(world, operator, paid)
    operator.arrears = max(operator.arrears - paid, 0.0)


def lower_debt(world: Any, operator: Any, amount: float) -> None:
    """Reduce what an operator owes and what the bank is owed by the same amount."""
    operator.debt -= amount
    world.bank.loans -= amount
    world.books.loans -= amount


def write_off_loan(world: Any, operator: Any) -> None:
    """Write off the rest of a loan: a revaluation, not a flow."""
    world.books.loans_written_off += operator.debt
    world.market.write_offs += operator.debt
    lower_debt(world, operator, operator.debt)
    operator.debt = 0.0


# --- Equity, venture capital, circular stakes -----------------------------------------------------------------------


def pay_in_equity(world: Any, investor: Any, operator: Any, amount: float) -> None:
    """Pay an owner's equity into his project."""
    transfer(world.flows, EQUITY, investor, operator, amount)
    investor.stake += amount
    operator.equity += amount
    world.books.equity += amount


def write_off_equity(world: Any, investor: Any, operator: Any) -> None:
    """Write off the owner's equity in a project that has ended."""
    world.books.equity -= operator.equity
    world.books.claims_written_off += operator.equity
    investor.stake -= operator.equity
    operator.equity = 0.0


def pay_in_venture(world: Any, startup: Any, amount: float) -> None:
    """Pay a funding round into a startup."""
    transfer(world.flows, VENTURE_FUNDING, world.households, startup, amount)
    startup.venture_capital += amount
    world.households.venture_claims += amount
    world.books.venture_claims += amount


def pay_in_circular(world: Any, operator: Any, startup: Any, amount: float) -> None:
    """Pay an operator's revenue back into a startup that rents from it."""
    transfer(world.flows, CIRCULAR_INVESTMENT, operator, startup, amount)
    operator.stakes += amount
    startup.patron_stake += amount
    world.books.circular_stakes += amount


def release_patron(world: Any, operator: Any, startup: Any) -> None:
    """Write off the stake that a startup's present patron holds in it, because one of the two has ended."""
    operator.stakes -= startup.patron_stake
    operator.tenants_backed -= 1
    world.books.circular_stakes -= startup.patron_stake
    world.books.claims_written_off += startup.patron_stake
    startup.patron_stake = 0.0
    startup.patron = -1


def write_off_venture(world: Any, startup: Any) -> None:
    """Write off the funds' claims on a startup that has ended."""
    world.households.venture_claims -= startup.venture_capital
    world.books.venture_claims -= startup.venture_capital
    world.books.claims_written_off += startup.venture_capital
    startup.venture_capital = 0.0


# --- Prepayments ----------------------------------------------------------------------------------------------------


def prepay(world: Any, operator: Any, smuggler: Any, amount: float) -> None:
    """Pay part of an order of chips in advance."""
    transfer(world.flows, PREPAYMENTS, operator, smuggler, amount)
    operator.prepaid += amount
    smuggler.prepaid += amount
    world.books.prepayments += amount


def use_prepayment(world: Any, operator: Any, smuggler: Any, amount: float) -> None:
    """Set a prepayment off against a delivery."""
    operator.prepaid -= amount
    smuggler.prepaid -= amount
    world.books.prepayments -= amount


def lose_prepayment(world: Any, operator: Any, smuggler: Any) -> None:
    """Write off a prepayment that will not be honoured."""
    amount = operator.prepaid
    world.books.claims_written_off += amount
    use_prepayment(world, operator, smuggler, amount)
    operator.prepaid = 0.0


# --- Buildings and equipment ----------------------------------------------------------------------------------------


def build(world: Any, operator: Any, amount: float) -> None:
    """Pay suppliers for buildings and equipment, which the operator then owns at cost."""
    transfer(world.flows, CONSTRUCTION, operator, world.suppliers, amount)
    operator.capital += amount
    world.books.capital += amount


def write_off_capital(world: Any, operator: Any) -> None:
    """Write off the buildings and equipment of a project that has ended."""
    world.books.capital -= operator.capital
    operator.capital = 0.0
