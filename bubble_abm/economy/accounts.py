"""What is accounted for: sectors, flows between them, claims of one on another, and real assets.

Each is declared once, where it belongs: those of the core in ``ledger.py``, those of a mechanism in its own file. The
flow matrix, the balance sheet and the identities of ``audit.py`` are derived from the declarations.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bubble_abm.economy.generate import function
from bubble_abm.economy.tables import Row, column

#: Names of the sectors, the columns of the flow matrix and of the balance sheet.
SECTORS: list[str] = []
#: Names of the flows, the rows of the flow matrix; every row sums to zero over the sectors.
FLOWS: list[str] = []
#: Names of the stocks, the rows of the balance sheet.
STOCKS: list[str] = ["deposits"]
#: Tables whose agents hold deposits, and the sector to which they belong.
PURSES: list[tuple[str, int]] = []
CLAIMS: list[Claim] = []
ASSETS: list[Asset] = []


class Books(Row):
    """What was recorded since January 2023: changes of claims, and chips in and out of the country."""

    chips_initial: float = column("GPU", "in the country in January 2023")
    chips_smuggled: float = column("GPU", "shipped by smugglers, including those seized")
    chips_legal: float = column("GPU", "imported by platforms")
    chips_seized: float = column("GPU", "seized on the way")
    chips_lost: float = column("GPU", "lost in transit when export control was tightened")
    chips_reexported: float = column("GPU", "sold abroad")
    written_off: float = column("CNY", "claims written off, including loans")
    loans_written_off: float = column("CNY", "loans written off")
    loans_drawn: float = column("CNY", "loans drawn since January 2023")


class Residuals(Row):
    """What is left over in each identity at the end of a month; all of it should be zero up to rounding."""

    flows: float = column("CNY", "largest row sum of the flow matrix")
    deposits: float = column("CNY", "largest sector residual: change of agents' deposits less recorded flows")
    money: float = column("CNY", "change of the sum of all deposits, the bank's being negative")
    chips: float = column("GPU", "chips in stock, in transit and installed, less recorded arrivals net of departures")
    leases_of_operators: float = column("GPU", "largest gap between an operator's leased GPUs and its contracts")
    leases_of_tenants: float = column("GPU", "largest gap between a tenant's leased GPUs and its contracts")
    overfull: float = column("GPU", "largest excess of leased over installed GPUs")
    orders: float = column("GPU", "chips on order at buyers less smugglers' backlogs")
    projects: float = column("projects", "announced projects that are in no stage")
    overdrawn: float = column("CNY", "most negative of all purses, loans, overdue amounts and prepayments")
    oversold: float = column("GPU", "most negative number of GPUs installed, leased, in stock or on order")
    negative: float = column("1", "rents and quotes that are not positive, and negative rates of subsidy")
    not_finite: float = column("1", "sums over columns that are not finite numbers")


@dataclass(frozen=True)
class Side:
    """One side of a claim: a table, its column, and the sector that the table belongs to."""

    table: str
    column: str
    sector: int


@dataclass(frozen=True)
class Claim:
    """What debtors owe creditors: the column in which a creditor holds it, and the one in which a debtor owes it.

    Creditors of other kinds hold it in a column of the same name.
    """

    name: str
    creditor: Side
    debtor: Side
    others: tuple[Side, ...] = ()

    @property
    def creditors(self) -> tuple[Side, ...]:
        """Everybody who may hold it."""
        return (self.creditor, *self.others)


@dataclass(frozen=True)
class Asset:
    """What somebody owns and nobody owes: where it is held, and its price (a signal of the market)."""

    name: str
    holdings: tuple[Side, ...]
    price: str | None


def sector(name: str, *purses: str) -> int:
    """Declare a sector and the tables whose deposits belong to it; returns its number."""
    SECTORS.append(name)
    PURSES.extend((table, len(SECTORS) - 1) for table in purses)
    return len(SECTORS) - 1


def flow(name: str) -> int:
    """Declare a flow of money; returns its number."""
    FLOWS.append(name)
    return len(FLOWS) - 1


def claim(
    name: str,
    meaning: str,
    creditor: tuple[str, str, int],
    debtor: tuple[str, str, int],
    others: tuple[tuple[str, int], ...] = (),
) -> Any:
    """Declare a claim; returns the function that changes it on both sides and in the books.

    Parameters
    ----------
    name : str
        Name of the stock, and of the columns of books and residuals.
    meaning : str
        Who owes what to whom, in words.
    creditor, debtor : tuple of str, str, int
        Table, column and sector of each side.
    others : tuple of (str, int)
        Tables, and their sectors, of creditors of other kinds.

    Returns
    -------
    function
        ``change(world, creditor, debtor, amount)`` [CNY].
    """
    more = tuple(Side(table, creditor[1], sector) for table, sector in others)
    one = Claim(name, Side(*creditor), Side(*debtor), more)
    CLAIMS.append(one)
    STOCKS.append(name)
    add_columns(name, f"changes recorded: {meaning}", f"{meaning}: both sides less what was recorded")
    return function(
        f"""
        def change_{name}(world, creditor, debtor, amount):
            creditor.{one.creditor.column} += amount
            debtor.{one.debtor.column} += amount
            world.books.{name} += amount
        """,
        __name__,
    )


def asset(name: str, meaning: str, *holdings: tuple[str, str, int], price: str | None = None) -> None:
    """Declare a real asset: where it is held, as tuples of table, column and sector, and the signal that prices it."""
    ASSETS.append(Asset(name, tuple(Side(*one) for one in holdings), price))
    STOCKS.append(name)
    if price is None:
        add_columns(name, f"changes recorded: {meaning}", f"{meaning}: less what was recorded")


def add_columns(name: str, recorded: str, residual: str) -> None:
    """Give a stock its column in the books and among the residuals."""
    for table, meaning in ((Books, recorded), (Residuals, residual)):
        body = {"__module__": __name__, "__annotations__": {name: "float"}, name: column("CNY", meaning)}
        type(table.__name__, (Row,), body, extends=table)
