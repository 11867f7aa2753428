"""Result folders: series, facts, provenance and the overview, written whole or not at all."""

from __future__ import annotations

import csv
import io
import json
import os
import platform
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from bubble_abm.economy.declare import InvalidInput
from bubble_abm.economy.outside import EVENTS, FIRST_YEAR, label
from bubble_abm.engine.scenario import Runs
from bubble_abm.observe.facts import Check
from bubble_abm.observe.headline import headline
from bubble_abm.study.provenance import MODEL, commit, versions

PROVENANCE = "run.json"


class CannotWrite(OSError):
    """A result folder could not be written; whatever was there before is still there."""


# --- Folders --------------------------------------------------------------------------------------------------------


def check_folder(folder: Path, overwrite: bool) -> None:
    """Refuse, before anything is simulated, a folder that cannot or must not be written.

    Parameters
    ----------
    folder : Path
        Where the results are to go.
    overwrite : bool
        Whether a result that is there may be replaced.

    Raises
    ------
    InvalidInput
        If the folder exists without ``overwrite``, is not a result, or cannot be made.
    """
    try:
        if os.path.lexists(folder):
            check_contents(folder, overwrite)
        parent = next(parent for parent in Path(os.path.realpath(folder)).parents if os.path.lexists(parent))
        os.rmdir(tempfile.mkdtemp(prefix=".bubble_abm.", dir=parent))
    except OSError as error:
        raise InvalidInput(f"out = {folder}: cannot be written, {reason(error)}; give another folder") from None


def check_contents(folder: Path, overwrite: bool) -> None:
    """Refuse to write over anything but a result, and over that without being told to."""
    if not folder.is_dir():
        raise InvalidInput(f"out = {folder}: is not a folder, give another name")
    if not any(folder.iterdir()):
        return
    if not is_result(folder):
        raise InvalidInput(f"out = {folder}: holds something else than a result of {MODEL}, give another name")
    if not overwrite:
        raise InvalidInput(f"out = {folder}: exists, give another name or add --overwrite")


def is_result(folder: Path) -> bool:
    """Whether a folder holds a result of this model."""
    try:
        return json.loads((folder / PROVENANCE).read_text(encoding="utf-8"))["model"] == MODEL
    except (OSError, ValueError, KeyError, TypeError):
        return False


@contextmanager
def whole_folder(folder: Path, overwrite: bool) -> Iterator[Path]:
    """Give a folder to write into that takes its place only when everything is on the disk.

    Notes
    -----
    At any interruption there is the old result or none under the folder's name, never half of one: files go into a
    hidden sibling, are flushed to the disk, and the sibling is renamed. Between the two renames of an overwrite the old
    result is a hidden sibling whose name ends in ``.old``.
    """
    folder = Path(os.path.realpath(folder))
    missing = [parent for parent in folder.parents if not parent.exists()]
    staging: Path | None = None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
        yield staging
        staging.chmod(0o777 & ~current_umask())
        flush(staging)
        take_place(staging, folder, overwrite)
    except BaseException as error:
        if staging is not None:
            shutil.rmtree(staging, ignore_errors=True)
        for parent in missing:
            with suppress(OSError):  # somebody else's by now, or never made
                parent.rmdir()
        if isinstance(error, OSError):
            raise CannotWrite(f"out = {folder}: not written, {reason(error)}") from error
        raise


def flush(folder: Path) -> None:
    """Have the disk confirm every file of a folder, then the folder."""
    for path in (*folder.iterdir(), folder):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def take_place(staging: Path, folder: Path, overwrite: bool) -> None:
    """Rename the written folder to its name; an old result steps aside first and comes back if that fails."""
    if not overwrite or not folder.exists():
        staging.rename(folder)  # fails on a folder that has been filled meanwhile
        return
    aside = staging.with_name(f"{staging.name}.old")
    folder.rename(aside)
    try:
        staging.rename(folder)
    except BaseException:
        if not folder.exists():
            aside.rename(folder)
        raise
    shutil.rmtree(aside, ignore_errors=True)


def current_umask() -> int:
    """Return the mask of permissions for new files, which can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


def reason(error: OSError) -> str:
    """Say in a few words why the system refused."""
    return (error.strerror or str(error)).lower()


# --- Contents -------------------------------------------------------------------------------------------------------


def write_results(
    folder: Path,
    runs: Runs,
    checks: Sequence[Check],
    *,
    overwrite: bool = False,
    notes: dict[str, Any] | None = None,
    draw: Callable[[Path, Runs, Sequence[Check]], None],
) -> None:
    """Write a result folder: ``series.parquet``, ``facts.csv``, ``run.json`` and ``overview.png``.

    Parameters
    ----------
    folder : Path
        Where to; must not exist unless ``overwrite``.
    runs : Runs
        What was run.
    checks : sequence of Check
        The facts held against it.
    overwrite : bool
        Replace a result that is there.
    notes : dict, optional
        More for ``run.json``, for instance the wall time.
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
    with whole_folder(folder, overwrite) as staging:
        write_series(staging / "series.parquet", runs.whole)
        if runs.twins:
            write_series(staging / "series_without_shock.parquet", runs.twins)
        (staging / "facts.csv").write_text(facts_table(checks), encoding="utf-8")
        draw(staging / "overview.png", runs, checks)
        text = json.dumps(provenance(runs) | (notes or {}), indent=2, allow_nan=False, ensure_ascii=False)
        (staging / PROVENANCE).write_text(text + "\n", encoding="utf-8")


def write_series(path: Path, results: Sequence[Any]) -> None:
    """Write the measures, one row for each seed and month."""
    import pyarrow as pa
    import pyarrow.parquet as parquet

    months = results[0].months
    measures = np.concatenate([np.asarray(result.records.measures) for result in results])
    seeds = np.array([result.seed for result in results], dtype=np.int64)
    columns = {"seed": np.repeat(seeds, months), "month": np.tile(np.arange(months, dtype=np.int64), len(results))}
    columns |= {name: measures[name] for name in measures.dtype.names or ()}
    columns["date"] = np.tile(month_ends(months), len(results))
    kinds = [
        pa.timestamp("ms") if values.dtype.kind == "M" else pa.from_numpy_dtype(values.dtype)
        for values in columns.values()
    ]
    arrays = [
        # From the bytes: given an array, pyarrow would import pandas, which takes longer than the run.
        pa.Array.from_buffers(kind, len(values), [None, pa.py_buffer(np.ascontiguousarray(values).tobytes())])
        for kind, values in zip(kinds, columns.values())
    ]
    parquet.write_table(pa.Table.from_arrays(arrays, names=list(columns)), path)


def month_ends(months: int) -> np.ndarray:
    """Return the last day of each month from January 2023 on [ms]."""
    first = 12 * (FIRST_YEAR - 1970) + 1
    following = np.arange(first, first + months).astype("datetime64[M]")
    return (following.astype("datetime64[D]") - np.timedelta64(1, "D")).astype("datetime64[ms]")


def facts_table(checks: Sequence[Check]) -> str:
    """Return the facts and what the model gives for them, as CSV."""
    rows = io.StringIO()
    names = ["id", "fact", "low", "high", "unit", "from", "to", "simulated", "interval_low", "interval_high"]
    writer = csv.writer(rows, lineterminator="\n")
    writer.writerow([*names, "peak", "verdict", "source", "remark"])
    for check in checks:
        fact = check.fact
        simulated = ["" if value is None else repr(value) for value in (check.median, check.low, check.high)]
        bounds = ["" if value is None else f"{value:g}" for value in (fact.low, fact.high)]
        peak = "" if check.month is None else label(check.month)
        window = [label(fact.first), label(fact.last)]
        writer.writerow(
            [
                fact.id,
                fact.text,
                *bounds,
                fact.unit,
                *window,
                *simulated,
                peak,
                check.verdict,
                fact.source,
                check.remark,
            ]
        )
    return rows.getvalue()


def provenance(runs: Runs) -> dict[str, Any]:
    """Return all that is needed to make a result again, and what it came to."""
    scenario = runs.scenario
    summary = headline(runs)
    return {
        "model": MODEL,
        "title": scenario.title,
        "seeds": summary.seeds,
        "months": scenario.months,
        "parameters": asdict(scenario.parameters),
        "shocks": [{"kind": type(event).__name__} | asdict(event) for event in scenario.events],
        "calendar": [asdict(event) for event in EVENTS],
        "versions": versions(),
        "platform": platform.platform(),
        "commit": commit(),
        "largest_residuals": largest_residuals(runs),
        "headline": summary.as_dict(),
    }


def largest_residuals(runs: Runs) -> dict[str, float]:
    """Return the largest residual of each accounting identity over all months, seeds and twins."""
    tables = [result.records.residuals for result in (*runs.whole, *runs.twins)]
    return {name: float(max(np.abs(table[name]).max() for table in tables)) for name in tables[0].dtype.names}
