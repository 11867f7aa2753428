"""Monthly tables that a batch can keep besides measures: flows, balance sheets, provinces, residuals.

Each of these tables is named in ``Experiment.series`` like a measure, and each of its cells becomes a column, for
instance ``flows.rent.operators``, ``balances.loans.bank``, ``provinces.gpus_installed_new.Henan`` or
``residuals.loans``.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from bubble_abm.economy.accounts import FLOWS, SECTORS, STOCKS, Residuals
from bubble_abm.economy.agents.local_government import LocalGovernmentRow
from bubble_abm.economy.declare import InvalidInput, unknown_name
from bubble_abm.economy.measures import Measures
from bubble_abm.economy.provinces import PROVINCE_NAMES
from bubble_abm.observe.verdict import column

if TYPE_CHECKING:
    import pandas as pd

    from bubble_abm.engine.simulation import Result

STATE_OF_PROVINCES = ("subsidy", "outlay", "gpus_announced", "gpus_installed_new", "gpus_leased_new")
RESIDUALS = "residuals"
#: Tables that can be kept for every month: names of their rows and columns.
TABLES: dict[str, tuple[Sequence[str], ...]] = {
    "flows": (FLOWS, SECTORS),
    "balances": (STOCKS, SECTORS),
    "provinces": (STATE_OF_PROVINCES, PROVINCE_NAMES),
    RESIDUALS: (tuple(Residuals.columns),),
}


def check_series(series: Sequence[str]) -> None:
    """Refuse a name that is neither a measure nor a table.

    Raises
    ------
    InvalidInput
        If a name is unknown; the message suggests the nearest valid one.
    """
    for name in series:
        if name not in Measures.columns and name not in TABLES:
            raise InvalidInput(unknown_name("measure in series", name, (*Measures.columns, *TABLES)))


def series_columns(series: Iterable[str]) -> tuple[str, ...]:
    """Return the names of the columns in which measures and tables are kept.

    Examples
    --------
    >>> series_columns(("gpu_price", "balances"))[:3]
    ('gpu_price', 'balances.deposits.operators', 'balances.deposits.startups')
    """
    columns: list[str] = []
    for name in series:
        columns += [".".join((name, *cell)) for cell in itertools.product(*TABLES.get(name, ()))]
    return tuple(columns)


def months_kept(result: Result, series: Sequence[str]) -> dict[str, np.ndarray]:
    """Return the measures and tables kept of a run, as columns.

    Parameters
    ----------
    result : Result
        The run.
    series : sequence of str
        Measures and tables.

    Returns
    -------
    dict of str to ndarray of shape (months,)
        In the order of :func:`series_columns`.
    """
    kept: dict[str, np.ndarray] = {}
    for name in series:
        if name in TABLES:
            table = table_of(result, name).reshape(result.months, -1)
            kept |= dict(zip(series_columns((name,)), table.T, strict=True))
        else:
            kept[name] = result.records.measures[name]
    return kept


def table_of(result: Result, name: str) -> np.ndarray:
    """Return a table of each month, as one array."""
    if name == "provinces":
        return np.stack([result.provinces[column] for column in STATE_OF_PROVINCES], axis=1)
    if name == RESIDUALS:
        return np.ascontiguousarray(result.records.residuals).view("f8")
    return result.records.flows if name == "flows" else result.records.balances[1:]


def unpack_table(series: pd.DataFrame, name: str, keys: Sequence[str]) -> pd.DataFrame:
    """Return a table that an experiment kept, with one row for each cell and month.

    Parameters
    ----------
    series : DataFrame
        Months of an experiment.
    name : str
        Table: flows, balances or provinces.
    keys : sequence of str
        Columns of ``series`` that identify a month, such as ``seed`` and ``month``.

    Returns
    -------
    DataFrame
        The keys, ``row``, ``column`` and ``value``.

    Raises
    ------
    InvalidInput
        If the experiment did not keep the table.
    """
    columns = series_columns((name,))
    if missing := [column for column in columns if column not in series]:
        raise InvalidInput(f"series: has no column {missing[0]}: add {name!r} to the series of the experiment")
    table = series[[*keys, *columns]].melt(list(keys), var_name="cell")
    cells = table.pop("cell").str.split(".", expand=True)
    return table.assign(row=cells[1], column=cells[2])


def units() -> dict[str, str]:
    """Return the units of the tables."""
    about = LocalGovernmentRow.columns
    return {"flows": "CNY/month", "balances": "CNY"} | {name: about[name].unit for name in STATE_OF_PROVINCES}


# --- Measures of several runs ---------------------------------------------------------------------------------------


def stack(runs: Sequence[Any], measure: str) -> np.ndarray:
    """Return one measure of all runs, one row each."""
    return np.array([column(series, measure) for series in runs])


def stack_where_defined(runs: Sequence[Any], measure: str) -> np.ndarray:
    """Return one measure of all runs; utilisation of new sites is missing until every run has such sites."""
    values = stack(runs, measure)
    if measure == "utilisation_new":
        values[:, ~np.maximum.accumulate((stack(runs, "gpus_installed_new") > 0).all(axis=0))] = np.nan
    return values
