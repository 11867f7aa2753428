"""Checks of the table of finished runs, and its arrangement by rows and seeds.

Estimators read runs by position and silently return nonsense for a table that is shuffled, incomplete or contains
not-a-number. Therefore an incomplete table is refused here, and a shuffled one is sorted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bubble_abm.economy.declare import InvalidInput, unknown_name

ROW, SEED, ERROR = "row", "seed", "error"
LARGEST = 1e100  # largest value whose squares are safely finite
NAMED = 5  # largest number of rows that a message names


@dataclass(frozen=True)
class Outcomes:
    """Outcomes of every row of a design with every seed.

    Parameters
    ----------
    rows : int
        Rows of the design.
    seeds : ndarray of int, shape (rows, seeds)
        Seeds of each row, ascending; all rows have the same number of them.
    values : dict of str to ndarray
        Values of each outcome, shape (rows, seeds), in the sampler's order of rows.
    factors : dict of str to ndarray
        Values of the factors in the table, of the same shape; empty if the table has none.
    """

    rows: int
    seeds: np.ndarray
    values: dict[str, np.ndarray]
    factors: dict[str, np.ndarray]


def read_runs(runs: Any, outcomes: Sequence[str], *, rows: int | None = None, factors: Sequence[str] = ()) -> Outcomes:
    """Check a table of runs, and arrange it by rows and seeds.

    Parameters
    ----------
    runs : DataFrame or mapping of str to sequence
        One line per row of the design and seed, in any order: columns ``row`` (from 0), ``seed``, the outcomes, and
        ``error`` if there is one: the message of a failed run, else empty.
    outcomes : sequence of str
        Columns of outcomes to read.
    rows : int, optional
        Number of rows of the design; None if the table may have any number.
    factors : sequence of str
        Columns of factors to read if the table has them.

    Raises
    ------
    InvalidInput
        If a column is missing, a run failed, a row or a seed is missing or repeated, or a value is not a finite number.

    Examples
    --------
    >>> read_runs({"row": [1, 0], "seed": [1, 1], "rent": [20.0, 10.0]}, ["rent"]).values["rent"].tolist()
    [[10.0], [20.0]]
    """
    import pandas as pd

    table = pd.DataFrame(runs).reset_index(drop=True)
    check_columns(table, outcomes)
    check_errors(table)
    place = {name: whole_numbers(table, name) for name in (ROW, SEED)}
    order, count = check_cells(place[ROW], place[SEED], rows)
    shape = (count, len(order) // count)
    values = {name: numbers(table, name, place[ROW])[order].reshape(shape) for name in outcomes}
    stated = [name for name in factors if name in table.columns]
    return Outcomes(
        rows=count,
        seeds=place[SEED][order].reshape(shape),
        values=values,
        factors={name: numbers(table, name, place[ROW])[order].reshape(shape) for name in stated},
    )


def check_columns(table: Any, outcomes: Sequence[str]) -> None:
    """Refuse a table without runs, without a necessary column, or with two columns of the same name."""
    if isinstance(outcomes, str) or not len(outcomes):
        raise InvalidInput(f"outcomes = {outcomes!r}: give a list with at least one name")
    for name in (ROW, SEED):
        if name not in table.columns:
            raise InvalidInput(f"runs: have no column {name!r}, give the row and the seed of every run")
    for name in outcomes:
        if name in (ROW, SEED, ERROR) or name not in table.columns:
            others = [column for column in table.columns if column not in (ROW, SEED, ERROR)]
            raise InvalidInput(f"runs: {unknown_name('outcome', str(name), others)}")
    doubled = [name for name in (ROW, SEED, *outcomes) if list(table.columns).count(name) > 1]
    if doubled:
        raise InvalidInput(f"runs: have two columns {doubled[0]!r}, leave one out")
    if not len(table):
        raise InvalidInput("runs: the table is empty, run the design first")


def check_errors(table: Any) -> None:
    """Refuse a table with failed runs, because the design is useless without them."""
    if ERROR not in table.columns:
        return
    failed = table[ERROR].notna() & (table[ERROR].astype(str).str.strip() != "")
    if failed.any():
        where = some(sorted(set(table.loc[failed, ROW].tolist())))
        cure = "run them again, or narrow the range of the factor that makes them fail"
        raise InvalidInput(f"runs: {int(failed.sum())} of {len(table)} runs failed (rows {where}): {cure}")


def whole_numbers(table: Any, name: str) -> np.ndarray:
    """Return a column of whole numbers from zero, or refuse it."""
    found = numeric(table, name)
    if not np.isfinite(found).all() or (found != np.round(found)).any() or (found < 0).any():
        raise InvalidInput(f"runs: {name} has values that are not whole numbers, give whole numbers from 0")
    # Not converted from floats, which cannot distinguish seeds of more than 53 bits.
    return np.asarray(table[name]).astype(np.int64)


def numeric(table: Any, name: str) -> np.ndarray:
    """Return a column as floats, or refuse it."""
    try:
        return np.asarray(table[name], dtype=float)
    except (TypeError, ValueError):
        raise InvalidInput(f"runs: {name} has values that are not numbers, give numbers") from None


def numbers(table: Any, name: str, row: np.ndarray) -> np.ndarray:
    """Return a column of finite numbers, or refuse it."""
    found = numeric(table, name)
    bad = ~np.isfinite(found)
    if bad.any():
        where = some(np.unique(row[bad]).tolist())
        cure = "give an outcome that every run has"
        raise InvalidInput(f"{name}: {int(bad.sum())} of {len(found)} runs have no finite value (rows {where}): {cure}")
    if np.abs(found).max() > LARGEST:
        raise InvalidInput(f"{name}: its largest value is {np.abs(found).max():g}: give it in a larger unit")
    return found


def check_cells(row: np.ndarray, seed: np.ndarray, rows: int | None) -> tuple[np.ndarray, int]:
    """Refuse missing and repeated runs; return the order by row and seed, and the number of rows."""
    count = int(row.max()) + 1 if rows is None else rows
    if row.max() >= count:
        raise InvalidInput(f"runs: row {row.max()} is not in the design, give rows from 0 to {count - 1}")
    order = np.lexsort((seed, row))
    row, seed = row[order], seed[order]
    twice = np.flatnonzero((row[1:] == row[:-1]) & (seed[1:] == seed[:-1]))
    if len(twice):
        first = f"row {row[twice[0]]} with seed {seed[twice[0]]}"
        raise InvalidInput(f"runs: {len(twice)} runs are repeated (first: {first}), leave the repetitions out")
    missing = np.setdiff1d(np.arange(count), row)
    if len(missing):
        raise InvalidInput(f"runs: {len(missing)} of {count} rows are missing (rows {some(missing.tolist())})")
    each = np.bincount(row, minlength=count)
    if (each != each.max()).any():
        short = np.flatnonzero(each != each.max()).tolist()
        cure = "give every row the same number of seeds"
        raise InvalidInput(f"runs: {len(short)} rows lack one of {each.max()} seeds (rows {some(short)}): {cure}")
    return order, count


def check_seeds(found: Outcomes, block: int) -> None:
    """Refuse runs in which rows that are compared with one another have different seeds.

    Parameters
    ----------
    found : Outcomes
        The runs.
    block : int
        Number of rows in a base sample or trajectory.

    Raises
    ------
    InvalidInput
        If rows of a block have different seeds: their luck would be taken for an effect of the factors.
    """
    seeds = found.seeds.reshape(-1, block, found.seeds.shape[1])
    different = np.flatnonzero((seeds != seeds[:, :1]).any(axis=(1, 2)))
    if len(different):
        first = int(different[0]) * block
        cure = "give all rows of a base sample or trajectory the same seeds"
        raise InvalidInput(f"runs: rows {first} to {first + block - 1} have different seeds: {cure}")


def some(items: Sequence[Any]) -> str:
    """Return a list of the first few items."""
    return ", ".join(str(item) for item in items[:NAMED]) + (" ..." if len(items) > NAMED else "")


def check_factors(found: Outcomes, values: Mapping[str, np.ndarray]) -> None:
    """Refuse runs whose values of factors differ from those of the design.

    Parameters
    ----------
    found : Outcomes
        The runs.
    values : mapping of str to ndarray
        Values of the factors in the design, one per row.

    Raises
    ------
    InvalidInput
        If a run has other values, because of another sampling, another order or another version of SALib.
    """
    for name, stated in found.factors.items():
        wrong = ~np.isclose(stated, values[name][:, None], rtol=1e-6, atol=1e-12).all(axis=1)
        if wrong.any():
            why = f"in {int(wrong.sum())} of {found.rows} rows the runs have other values than the design"
            raise InvalidInput(f"{name}: {why} (first: row {int(np.argmax(wrong))}): give the sampling of the runs")
