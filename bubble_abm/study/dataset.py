"""The folder of an experiment: a Parquet data set in chunks, each complete or absent, and its provenance.

``experiment.json`` has the experiment, code and versions; ``runs/part-00000.parquet`` and so on have one row for each
point and seed; ``series/`` has the months, if the experiment keeps them; ``report.json`` has times and failures. A
chunk is written under a temporary name, flushed to the disk and renamed, so that after any interruption it is complete
or absent; then its checksum is listed in ``SHA256SUMS``, so that it is noticed if it is cut or changed later.
"""

from __future__ import annotations

import math
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bubble_abm.economy.declare import InvalidInput
from bubble_abm.economy.outside import FIRST_YEAR
from bubble_abm.study.atomic_writing import CannotWrite, check_writable, reason, write_json, write_table
from bubble_abm.study.experiment import Experiment
from bubble_abm.study.manifest import MANIFEST, add, listed, problem, write
from bubble_abm.study.provenance import EXPERIMENT, compare, load, origin, shorten

try:
    import fcntl
except ImportError:  # not available on Windows, where two batches can write to the same folder
    fcntl = None  # type: ignore[assignment]

if TYPE_CHECKING:
    import pandas as pd

REPORT, LOCK = "report.json", ".lock"
RUNS, SERIES = "runs", "series"
PART = re.compile(r"part-(\d{5,9})\.parquet")


@dataclass(frozen=True)
class Chunk:
    """Results of the runs of one chunk.

    Attributes
    ----------
    columns : dict of str to list or ndarray
        One entry per run: ``row``, ``seed``, ``scenario``, factors, outcomes, ``verdict`` and ``error``.
    series : dict of str to ndarray, optional
        One entry per run and month.
    seconds : float
        Time that the worker spent on it [s].
    """

    columns: dict[str, Any]
    series: dict[str, Any] | None
    seconds: float

    @property
    def failed(self) -> int:
        """Number of runs that ended in an error."""
        return sum(error is not None for error in self.columns["error"])


class Dataset:
    """The folder in which the runs of an experiment are stored.

    Parameters
    ----------
    folder : Path
        The folder, which need not exist.
    experiment : Experiment
        The experiment.
    """

    def __init__(self, folder: Path, experiment: Experiment) -> None:
        self.folder, self.experiment = Path(folder), experiment
        self._sound: set[str] = set()  # files whose checksums agreed, or that were written since

    # --- Opening ----------------------------------------------------------------------------------------------------

    @contextmanager
    def opened(self, overwrite: bool = False) -> Iterator[None]:
        """Lock the folder, and create it or check that it belongs to this experiment.

        Raises
        ------
        InvalidInput
            If it holds another design, was made by other code or versions, or another process is writing to it.
        CannotWrite
            If the folder cannot be written.
        """
        try:
            self._make_folder()
            with locked(self.folder):
                if overwrite:
                    self._clear()
                self._begin()
                yield
        except OSError as error:
            raise CannotWrite(
                f"out = {self.folder}: cannot be written, {reason(error)}; finished runs are kept"
            ) from error

    def _make_folder(self) -> None:
        """Create the folder, unless its name is taken by something else."""
        if os.path.exists(self.folder) and not self.folder.is_dir():  # false if the name is too long
            raise InvalidInput(f"out = {self.folder}: is not a folder, give another name")
        if os.path.isdir(self.folder) and not self._ours():
            raise InvalidInput(f"out = {self.folder}: holds something other than an experiment, give another name")
        check_writable(self.folder)
        self.folder.mkdir(parents=True, exist_ok=True)

    def _ours(self) -> bool:
        """Whether the folder is empty apart from a lock, or is that of an experiment."""
        return (self.folder / EXPERIMENT).exists() or all(path.name == LOCK for path in self.folder.iterdir())

    def _clear(self) -> None:
        """Remove an earlier result, its provenance last, so that an interrupted removal can be recognised."""
        for name in (RUNS, SERIES, "analysis", "emulator"):
            shutil.rmtree(self.folder / name, ignore_errors=True)
        for name in (MANIFEST, REPORT, EXPERIMENT):
            (self.folder / name).unlink(missing_ok=True)

    def _begin(self) -> None:
        """Write the provenance, or compare it with that of an existing result."""
        path = self.folder / EXPERIMENT
        if path.exists():
            if differences := compare(load(self.folder), self.identity):
                raise InvalidInput(
                    f"out = {self.folder}: holds {'; and '.join(differences)}: give another folder or add --overwrite"
                )
        else:
            write_json(path, self.identity)
        sums = listed(self.folder)
        write(self.folder, sums)  # without lines that an interruption left half written
        if EXPERIMENT not in sums:
            add(self.folder, path)
        (self.folder / RUNS).mkdir(exist_ok=True)
        if self.experiment.series:
            (self.folder / SERIES).mkdir(exist_ok=True)

    @cached_property
    def identity(self) -> dict[str, Any]:
        """Provenance: everything that the values of the data set depend on."""
        return origin(self.experiment)

    # --- Chunks -----------------------------------------------------------------------------------------------------

    def part(self, chunk: int, kind: str = RUNS) -> Path:
        """Return the file of a chunk."""
        return self.folder / kind / f"part-{chunk:05d}.parquet"

    def missing(self) -> list[int]:
        """Return the numbers of the chunks that are missing, not complete, or not as they were written."""
        sums = listed(self.folder)
        return [chunk for chunk in range(self.experiment.chunks) if not self._complete(chunk, sums)]

    def _complete(self, chunk: int, sums: Mapping[str, str]) -> bool:
        """Whether the runs of a chunk, and their months if the experiment keeps them, are as they were written."""
        import pyarrow.parquet as parquet

        if not all(self.sound(f"{kind}/{self.part(chunk).name}", sums) for kind in self.kinds):
            return False
        try:
            return parquet.read_metadata(self.part(chunk)).num_rows == len(self.experiment.span(chunk))
        except (OSError, ValueError):  # the checksum is that of something else; pyarrow's errors derive from ValueError
            return False

    def sound(self, name: str, sums: Mapping[str, str]) -> bool:
        """Whether a file is as it was written; it is read once."""
        if name not in self._sound and not problem(self.folder, name, sums):
            self._sound.add(name)
        return name in self._sound

    @property
    def kinds(self) -> tuple[str, ...]:
        """Folders that have a part for each chunk; the last marks the chunk as complete."""
        return (SERIES, RUNS) if self.experiment.series else (RUNS,)

    def strays(self) -> list[str]:
        """Return the names of files among the parts that are none, and that no reader of this package reads."""
        parts = {f"{kind}/{self.part(chunk).name}" for kind in self.kinds for chunk in range(self.experiment.chunks)}
        there = (path for kind in (RUNS, SERIES) for path in (self.folder / kind).glob("*"))
        names = {f"{path.parent.name}/{path.name}" for path in there if not path.name.startswith(".")}
        return sorted(names - parts)

    def write(self, chunk: int, found: Chunk) -> None:
        """Write a chunk, and list it when it is complete."""
        tables = {SERIES: dated(found.series or {}), RUNS: found.columns}
        for kind in self.kinds:
            path = self.part(chunk, kind)
            write_table(path, tables[kind])
            add(self.folder, path)
            self._sound.add(f"{kind}/{path.name}")

    def failures(self) -> list[dict[str, Any]]:
        """Return the failed runs, each with its point, seed and message."""
        import pyarrow.compute as compute
        import pyarrow.parquet as parquet

        found: list[dict[str, Any]] = []
        kept = ["row", "seed", "scenario", *self.experiment.design.factors, "error"]
        for chunk in range(self.experiment.chunks):
            try:
                errors = parquet.read_table(self.part(chunk), columns=["error"])["error"]
                if errors.null_count < len(errors):
                    table = parquet.read_table(self.part(chunk), columns=kept)
                    found += table.filter(compute.is_valid(table["error"])).to_pylist()
            except (OSError, ValueError, KeyError) as error:
                text = f"{self.part(chunk).name} is damaged, {shorten(error)}: add --overwrite to run it again"
                raise InvalidInput(f"result = {self.folder}: {text}") from None
        return found

    def finish(self, report: Mapping[str, Any]) -> None:
        """Write the report."""
        write_json(self.folder / REPORT, report)
        add(self.folder, self.folder / REPORT)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Lock a folder against other processes; the system releases the lock when this process ends.

    Raises
    ------
    InvalidInput
        If another process is writing to it.
    """
    with open(folder / LOCK, "a+b") as lock:  # never removed, or two processes could lock different files
        if fcntl is not None:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise InvalidInput(f"out = {folder}: another run is writing to it, wait or give another name") from None
        yield


def dated(series: Mapping[str, Any]) -> dict[str, Any]:
    """Return the months of some runs with the date beside the number of each month."""
    columns = dict(series)
    later = {name: columns.pop(name) for name in list(columns)[list(columns).index("month") + 1 :]} if columns else {}
    return columns | {"date": month_ends(columns["month"])} | later if columns else columns


def month_ends(months: np.ndarray) -> np.ndarray:
    """Return the last day of each of some months, counted from January 2023 on [ms].

    Examples
    --------
    >>> month_ends(np.array([0, 13])).astype("M8[D]").tolist()
    [datetime.date(2023, 1, 31), datetime.date(2024, 2, 29)]
    """
    following = (months + 12 * (FIRST_YEAR - 1970) + 1).astype("datetime64[M]")
    return (following.astype("datetime64[D]") - np.timedelta64(1, "D")).astype("datetime64[ms]")


# --- Reading --------------------------------------------------------------------------------------------------------


def read(folder: str | Path, kind: str = RUNS, columns: list[str] | None = None) -> pd.DataFrame:
    """Return the runs or the months of an experiment as a table in the order of the design.

    Parameters
    ----------
    folder : str or Path
        Folder of the experiment.
    kind : {'runs', 'series'}
        Which table.
    columns : list of str, optional
        Only these columns.

    Raises
    ------
    InvalidInput
        If the folder has no such table, or a part of it is not as it was written.
    """
    import pyarrow.dataset as dataset

    folder = Path(folder)
    parts = [folder / kind / name for name in checked_parts(folder, kind)]
    if not parts:
        raise InvalidInput(f"result = {folder}: has no {kind}")
    try:
        return dataset.dataset(parts, format="parquet").to_table(columns=columns).to_pandas()
    except (OSError, ValueError) as error:
        raise InvalidInput(f"result = {folder}: a part of its {kind} is damaged, {shorten(error)}") from None


def checked_parts(folder: Path, kind: str) -> list[str]:
    """Return the names of the parts of a table, in order, after a look at their checksums.

    Raises
    ------
    InvalidInput
        If a part is not as it was written, or is not listed although it is one of the experiment's.
    """
    sums = listed(folder)
    there = [path.name for path in (folder / kind).glob("part-*.parquet")]
    if there and not (folder / MANIFEST).exists():
        raise InvalidInput(
            f"result = {folder}: has no {MANIFEST}, so its parts are unchecked: run the experiment again"
        )
    names = {name.removeprefix(f"{kind}/") for name in sums if name.startswith(f"{kind}/")}
    chunks = chunks_in(folder)
    names |= {name for name in there if number_of(name) < chunks}  # others are strays
    found = sorted((name for name in names if PART.fullmatch(name)), key=number_of)
    for name in found:
        if text := problem(folder, f"{kind}/{name}", sums):
            raise InvalidInput(f"result = {folder}: {kind}/{name} {text}: the same experiment computes it again")
    return found


def number_of(name: str) -> float:
    """Return the number of a part; infinity for another name."""
    found = PART.fullmatch(name)
    return int(found[1]) if found else math.inf


def chunks_in(folder: Path) -> float:
    """Return the number of chunks of the experiment in a folder, 0 if that is not known."""
    if not (folder / EXPERIMENT).exists():
        return 0
    about = load(folder)
    try:
        return -(-about["runs"] // about["chunk_size"])
    except (KeyError, TypeError, ArithmeticError):
        raise InvalidInput(f"result = {folder}: its {EXPERIMENT} is damaged, give another folder") from None
