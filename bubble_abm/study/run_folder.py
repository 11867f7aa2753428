"""The folder of results of ``bubble-abm run``: series, facts, provenance and overview, all or none."""

from __future__ import annotations

import csv
import io
import os
import platform
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from bubble_abm.economy.declare import InvalidInput
from bubble_abm.economy.measures import Measures
from bubble_abm.economy.outside import EVENTS, label
from bubble_abm.engine.scenario import Runs
from bubble_abm.observe.facts import Check
from bubble_abm.observe.headline import headline
from bubble_abm.observe.monthly import RESIDUALS
from bubble_abm.study.atomic_writing import check_writable, complete_folder, reason, write_json, write_table
from bubble_abm.study.dataset import month_ends
from bubble_abm.study.manifest import add, files_in
from bubble_abm.study.provenance import MODEL, RUN, is_of_this_model, origin
from bubble_abm.study.scenario_run import experiment_of


def check_folder(folder: Path, overwrite: bool, provenance: str = RUN) -> None:
    """Refuse, before anything is simulated, a folder that cannot or must not be written.

    Parameters
    ----------
    folder : Path
        Folder for the results.
    overwrite : bool
        Whether an existing result may be replaced.
    provenance : str
        File by which a result of this kind is known.

    Raises
    ------
    InvalidInput
        If the folder exists and ``overwrite`` is False, holds something other than a result, or cannot be written.
    """
    try:
        if there := os.path.lexists(folder):
            check_contents(folder, overwrite, provenance)
    except OSError as error:
        raise InvalidInput(f"out = {folder}: cannot be written, {reason(error)}; give another folder") from None
    check_writable(Path(os.path.realpath(folder)).parent if there else folder)


def check_contents(folder: Path, overwrite: bool, provenance: str) -> None:
    """Refuse to overwrite anything but a result of this kind, and a result without ``overwrite``."""
    if not folder.is_dir():
        raise InvalidInput(f"out = {folder}: is not a folder, give another name")
    if not any(folder.iterdir()):
        return
    if not is_of_this_model(folder / provenance):
        raise InvalidInput(f"out = {folder}: holds something other than a result of {MODEL}, give another name")
    if not overwrite:
        raise InvalidInput(f"out = {folder}: exists, give another name or add --overwrite")


def write_results(
    folder: Path,
    runs: Runs,
    checks: Sequence[Check],
    *,
    overwrite: bool = False,
    notes: dict[str, Any] | None = None,
    draw: Callable[[Path, Runs, Sequence[Check]], None],
) -> None:
    """Write a result folder: ``series.parquet``, ``facts.csv``, ``run.json``, ``overview.png`` and their checksums.

    Parameters
    ----------
    folder : Path
        Folder for the results; must not exist unless ``overwrite``.
    runs : Runs
        The runs.
    checks : sequence of Check
        Their comparison with the facts.
    overwrite : bool
        Replace an existing result.
    notes : dict, optional
        Further entries of ``run.json``, for instance the wall time.
    draw : callable
        Writes the overview, as :func:`bubble_abm.paper.overview.save_overview` does.

    Raises
    ------
    InvalidInput
        If the folder must not be written.
    CannotWrite
        If it could not be; nothing is left behind then.
    """
    check_folder(folder, overwrite)
    with complete_folder(folder, overwrite) as staging:
        write_series(staging, runs)
        (staging / "facts.csv").write_text(facts_table(checks), encoding="utf-8")
        draw(staging / "overview.png", runs, checks)
        write_json(staging / RUN, origin(experiment_of(runs.scenario, runs.points)) | summary(runs) | (notes or {}))
        add(staging, *files_in(staging))


def write_series(folder: Path, runs: Runs) -> None:
    """Write the measures with and, if there are twins, without the shock, one row for each run and month."""
    months = runs.scenario.months
    each = len(runs.seeds) // max(len(runs.points), 1)
    member = {"member": [name for name in runs.points for _ in range(each * months)]} if runs.points else {}
    keys: dict[str, Any] = member | {
        "seed": np.repeat(runs.seeds, months),
        "month": np.tile(np.arange(months), len(runs.seeds)),
    }
    date = {"date": month_ends(keys["month"])}
    for name, series in (("series.parquet", runs.series), ("series_without_shock.parquet", runs.twin_series)):
        if series:
            measures = {name: np.concatenate([run[name] for run in series]) for name in Measures.columns}
            write_table(folder / name, keys | measures | date)


def facts_table(checks: Sequence[Check]) -> str:
    """Return the comparison with the facts as CSV."""
    rows = io.StringIO()
    names = ["id", "fact", "low", "high", "unit", "from", "to", "simulated", "spread_low", "spread_high"]
    writer = csv.writer(rows, lineterminator="\n")
    writer.writerow([*names, "peak", "verdict", "source", "remark"])
    for check in checks:
        fact = check.fact
        simulated = ["" if value is None else repr(value) for value in (check.median, check.low, check.high)]
        bounds = ["" if value is None else f"{value:g}" for value in (fact.low, fact.high)]
        peak = "" if check.month is None else label(check.month)
        about = [fact.id, fact.text, *bounds, fact.unit, label(fact.first), label(fact.last)]
        writer.writerow([*about, *simulated, peak, check.verdict, fact.source, check.remark])
    return rows.getvalue()


def summary(runs: Runs) -> dict[str, Any]:
    """Return the full specification of the runs, and their headline."""
    scenario = runs.scenario
    found = headline(runs)
    return {
        "title": scenario.title,
        "seeds": found.seeds,
        "months": scenario.months,
        "parameters": asdict(scenario.parameters),
        "shocks": [{"kind": type(event).__name__} | asdict(event) for event in scenario.events],
        "calendar": [asdict(event) for event in EVENTS],
        "platform": platform.platform(),
        "largest_residuals": largest_residuals(runs),
        "headline": found.as_dict(),
    }


def largest_residuals(runs: Runs) -> dict[str, float]:
    """Return the largest residual of each accounting identity over all months, seeds and twins."""
    months = (*runs.series, *runs.twin_series)
    return {
        name.removeprefix(f"{RESIDUALS}."): float(max(np.abs(run[name]).max() for run in months))
        for name in months[0]
        if name.startswith(f"{RESIDUALS}.")
    }
