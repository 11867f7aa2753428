"""Who may move money, claims and chips: transfers that move both sides and record the flow at the same time.

Nothing else in the package changes a ``cash`` column, a claim, or the national count of chips. Every month
``audit.py`` compares the stocks that agents hold with the flows recorded here; the two are kept separate on purpose, so
that a yuan that moves outside this file is noticed.
"""

from __future__ import annotations

from typing import Any

from bubble_abm.economy.accounts import asset, claim, flow, sector
from bubble_abm.economy.tables import Row, column

# Sectors, and the tables whose deposits belong to them.
OPERATORS = sector("operators", "operators")
STARTUPS = sector("startups", "startups")
SMUGGLERS = sector("smugglers", "smugglers")
PLATFORMS = sector("platforms", "platforms")
BANK = sector("bank", "bank")
GOVERNMENTS = sector("governments", "provinces", "centre")
HOUSEHOLDS = sector("households", "investors", "households")
SUPPLIERS = sector("suppliers", "suppliers")
ABROAD = sector("abroad", "abroad")

# Flows.
SUBSIDIES = flow("subsidies")
FISCAL_TRANSFERS = flow("fiscal_transfers")
TAXES = flow("taxes")
RESCUES = flow("rescues")
STATE_CAPITAL = flow("state_capital")
EQUITY = flow("equity")
VENTURE_FUNDING = flow("venture_funding")
NEW_LOANS = flow("new_loans")
REPAYMENT = flow("repayment")
INTEREST = flow("interest")
PREPAYMENTS = flow("prepayments")
CHIP_PURCHASES = flow("chip_purchases")
IMPORTS = flow("imports")
EXPORTS = flow("exports")
TARIFFS = flow("tariffs")
CONSTRUCTION = flow("construction")
POWER = flow("power")
COLOCATION = flow("colocation")
WAGES = flow("wages")
RENT = flow("rent")
PENALTIES = flow("penalties")
SALES = flow("sales")
SECOND_HAND_SALES = flow("second_hand_sales")
REEXPORTS = flow("reexports")
LIQUIDATION = flow("liquidation")
DIVIDENDS = flow("dividends")
CONSUMPTION = flow("consumption")

# Claims of one sector on another, and assets that nobody owes.
change_loan = claim(
    "loans", "what operators owe the bank",
    creditor=("bank", "loans", BANK), debtor=("operators", "debt", OPERATORS),
)  # fmt: skip
change_prepayment = claim(
    "prepayments", "what smugglers owe for chips paid in advance",
    creditor=("operators", "prepaid", OPERATORS), debtor=("smugglers", "prepaid", SMUGGLERS),
)  # fmt: skip
change_equity = claim(
    "equity", "what owners have paid into their projects",
    creditor=("investors", "stake", HOUSEHOLDS), debtor=("operators", "equity", OPERATORS),
)  # fmt: skip
change_venture = claim(
    "venture_claims", "what funds have paid into startups",
    creditor=("households", "venture_claims", HOUSEHOLDS), debtor=("startups", "venture_capital", STARTUPS),
)  # fmt: skip
change_unearned_rent = claim(
    "unearned_rent", "what operators owe tenants who have paid rent in advance",
    creditor=("startups", "rent_ahead", STARTUPS), debtor=("operators", "unearned_rent", OPERATORS),
    others=(("platforms", PLATFORMS), ("households", HOUSEHOLDS)),
)  # fmt: skip
asset(
    "chips", "GPUs in stock, in transit and installed",
    ("operators", "gpus_installed", OPERATORS), ("smugglers", "inventory", SMUGGLERS),
    ("smugglers", "in_transit", SMUGGLERS), ("platforms", "gpus", PLATFORMS), price="chip_price",
)  # fmt: skip
asset("other_capital", "buildings and equipment", ("operators", "capital", OPERATORS))


class Account(Row):
    """A sector that is one aggregate: the bank, households and funds, suppliers, the rest of the world."""

    id: int = column("", "number of the sector")
    sector: int = column("", "sector in the flow matrix")
    cash: float = column("CNY", "deposits; the bank's are what it owes, hence negative")
    loans: float = column("CNY", "loans to operators (bank only)")
    venture_claims: float = column("CNY", "claims on startups at cost (households and funds only)")
    savings: float = column("CNY", "deposits of January 2023 (households and funds only)")
    rent_ahead: float = column("CNY", "rent paid in advance for firms that households own (households and funds only)")


def transfer(flows: Any, flow: int, payer: Any, payee: Any, amount: float) -> None:
    """Pay ``amount`` [CNY] from one agent to another and record it on both sides of the flow matrix."""
    payer.cash -= amount
    payee.cash += amount
    flows[flow, payer.sector] -= amount
    flows[flow, payee.sector] += amount


def endow(account: Any, amount: float) -> None:
    """Give an account deposits of January 2023 [CNY]; the bank owes them as soon as everybody has been founded."""
    account.cash += amount


def record_write_off(world: Any, amount: float) -> None:
    """Record that claims were lowered on both sides without payment: a revaluation, not a flow [CNY]."""
    world.books.written_off += amount


# --- Loans ----------------------------------------------------------------------------------------------------------


def lend(world: Any, operator: Any, amount: float) -> None:
    """Lend to an operator: the loan creates the deposit."""
    transfer(world.flows, NEW_LOANS, world.bank, operator, amount)
    change_loan(world, world.bank, operator, amount)
    world.books.loans_drawn += amount


def repay(world: Any, operator: Any, amount: float) -> None:
    """Repay a loan: the deposit that repays it disappears."""
    transfer(world.flows, REPAYMENT, operator, world.bank, amount)
    change_loan(world, world.bank, operator, -amount)


def pay_bank(world: Any, operator: Any, amount: float) -> None:
    """Pay off debt, overdue amounts first, within the given amount, cash and debt."""
    paid = max(min(amount, operator.cash, operator.debt), 0.0)
    repay(world, operator, paid)
    operator.arrears = max(operator.arrears - paid, 0.0)


def write_off_loan(world: Any, operator: Any) -> None:
    """Write off what is left of a loan."""
    world.books.loans_written_off += operator.debt
    world.market.write_offs += operator.debt
    record_write_off(world, operator.debt)
    change_loan(world, world.bank, operator, -operator.debt)


# --- Equity and venture capital -------------------------------------------------------------------------------------


def pay_in_equity(world: Any, investor: Any, operator: Any, amount: float) -> None:
    """Pay an owner's equity into a project."""
    transfer(world.flows, EQUITY, investor, operator, amount)
    change_equity(world, investor, operator, amount)


def write_off_equity(world: Any, investor: Any, operator: Any) -> None:
    """Write off the owner's equity in a project that has ended."""
    record_write_off(world, operator.equity)
    change_equity(world, investor, operator, -operator.equity)


def pay_in_venture(world: Any, startup: Any, amount: float) -> None:
    """Pay a funding round into a startup."""
    transfer(world.flows, VENTURE_FUNDING, world.households, startup, amount)
    change_venture(world, world.households, startup, amount)


def write_off_venture(world: Any, startup: Any) -> None:
    """Write off the funds' claims on a startup that has ended."""
    record_write_off(world, startup.venture_capital)
    change_venture(world, world.households, startup, -startup.venture_capital)


# --- Prepayments ----------------------------------------------------------------------------------------------------


def prepay(world: Any, operator: Any, smuggler: Any, amount: float) -> None:
    """Pay part of an order of chips in advance."""
    transfer(world.flows, PREPAYMENTS, operator, smuggler, amount)
    change_prepayment(world, operator, smuggler, amount)


def use_prepayment(world: Any, operator: Any, smuggler: Any, amount: float) -> None:
    """Set a prepayment off against a delivery."""
    change_prepayment(world, operator, smuggler, -amount)


def lose_prepayment(world: Any, operator: Any, smuggler: Any, amount: float) -> None:
    """Write off a prepayment that will not be honoured."""
    record_write_off(world, amount)
    change_prepayment(world, operator, smuggler, -amount)


# --- Rent paid in advance -------------------------------------------------------------------------------------------


def refund_rent(world: Any, tenant: Any, operator: Any, amount: float) -> None:
    """Pay rent back that was paid in advance."""
    transfer(world.flows, RENT, operator, tenant, amount)
    change_unearned_rent(world, tenant, operator, -amount)


# --- Buildings and equipment ----------------------------------------------------------------------------------------


def build(world: Any, operator: Any, amount: float) -> None:
    """Pay suppliers for buildings and equipment, which the operator then owns at cost."""
    transfer(world.flows, CONSTRUCTION, operator, world.suppliers, amount)
    operator.capital += amount
    world.books.other_capital += amount


def write_off_capital(world: Any, operator: Any) -> None:
    """Write off the buildings and equipment of a project that has ended."""
    world.books.other_capital -= operator.capital
    operator.capital = 0.0
