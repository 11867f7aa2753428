"""Renew the golden tables: ``python -m tests.regression.renew``. The only command that changes them; it prints what changed.

A renewal goes into a commit of its own, with "Results change: ..." in the changelog. Columns are known by name: the order
of measures, flows, stocks and sectors may change.
"""

# ruff: noqa: E501 - a case is a line, a sentence is a name

from __future__ import annotations

from functools import cache
from pathlib import Path

import pandas as pd

from bubble_abm.economy.measures import Measures
from bubble_abm.engine.simulation import Result, simulate

SEED, MONTHS, QUARTER, DIGITS = 1, 48, 3, 10
MEASURES = tuple(Measures.columns)
TABLES = ("measures", "flows", "balances")
FILES = {"measures": "golden.csv", "flows": "golden_flows.csv", "balances": "golden_balances.csv"}
TOLERANCE = 1e-6
CRUMBS = {"measures": 1e-9, "flows": 0.5, "balances": 0.5}  # what counts as nothing, in money CNY


def path_of(table: str) -> Path:
    return Path(__file__).with_name(FILES[table])


def golden(table: str = "measures") -> pd.DataFrame:
    """A table as it was when the golden results were last renewed."""
    return pd.read_csv(path_of(table), index_col="date").astype(float)


@cache
def standard_run() -> Result:
    return simulate(months=MONTHS, seed=SEED)


def present(table: str = "measures") -> pd.DataFrame:
    """The same table as it is now, to ten significant digits."""
    return rounded({"measures": measures, "flows": flows, "balances": balances}[table](standard_run()))


def measures(result: Result) -> pd.DataFrame:
    """All measures of every third month."""
    return result.series.iloc[::QUARTER][["month", *MEASURES]]


def flows(result: Result) -> pd.DataFrame:
    """What every sector received of every flow, summed over each quarter [CNY]; no column for what never flows."""
    by_month = result.flows.unstack("flow")
    by_month.columns = pd.Index([f"{flow}.{sector}" for sector, flow in by_month.columns])
    quarter = pd.Series(range(len(by_month)), by_month.index) // QUARTER
    table = by_month.groupby(quarter).sum().set_axis(by_month.index[QUARTER - 1 :: QUARTER])
    return table.loc[:, (table != 0.0).any()]


def balances(result: Result) -> pd.DataFrame:
    """Every stock of every sector at the end of each quarter [CNY]; no column for what nobody has."""
    by_month = result.balances.unstack("stock")
    by_month.columns = pd.Index([f"{stock}.{sector}" for sector, stock in by_month.columns])
    table = by_month.iloc[QUARTER - 1 :: QUARTER]
    return table.loc[:, (table != 0.0).any()]


def rounded(table: pd.DataFrame) -> pd.DataFrame:
    """A table with dates as text and numbers as they are written."""
    values = table.map(lambda value: float(f"{value:.{DIGITS}g}"))
    return values.set_axis(pd.Index([f"{date:%Y-%m-%d}" for date in table.index], name="date"))


def differences(old: pd.DataFrame, new: pd.DataFrame, crumb: float = CRUMBS["measures"]) -> list[str]:
    """One line per series that is new, gone, or has moved by more than the tolerance."""
    lines = [f"gone: {name}" for name in old.columns.difference(new.columns, sort=False)]
    lines += [f"new: {name}" for name in new.columns.difference(old.columns, sort=False)]
    if list(old.index) != list(new.index):
        return [*lines, f"months: {len(old)} before, {len(new)} now"]
    for name in new.columns.intersection(old.columns, sort=False):
        gap = (new[name] - old[name]).abs()
        moved = ~(gap <= TOLERANCE * old[name].abs() + crumb)
        if moved.any():
            at = gap.idxmax()
            lines.append(
                f"{name}: {moved.sum()} of {len(new)} months, most in {at}: {old[name][at]:.6g} -> {new[name][at]:.6g}"
            )
    return lines


def main() -> None:
    """Write the golden tables anew and say what changed."""
    for table in TABLES:
        new = present(table)
        changed = differences(golden(table), new, CRUMBS[table]) if path_of(table).exists() else ["first of its kind"]
        if changed:
            new.to_csv(path_of(table), float_format=f"%.{DIGITS}g", lineterminator="\n")
        print("\n".join(f"{table}: {line}" for line in changed or ["nothing changed"]))


if __name__ == "__main__":
    main()
