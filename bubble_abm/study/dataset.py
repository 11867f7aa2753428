"""The folder of an experiment: a Parquet data set in chunks, each complete or absent, and its provenance.

``experiment.json`` has the experiment, code and versions; ``runs/part-00000.parquet`` and so on have one row for each
point and seed; ``series/`` has the months, if the experiment keeps them; ``report.json`` has times and failures. A
chunk is written under a temporary name, flushed to the disk and renamed, so that after any interruption it is complete
or absent.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bubble_abm.economy.declare import InvalidInput
from bubble_abm.study.atomic_writing import CannotWrite, reason, write_json, write_table
from bubble_abm.study.experiment import Experiment
from bubble_abm.study.provenance import EXPERIMENT, compare, load, origin, shorten

try:
    import fcntl
except ImportError:  # not available on Windows, where two batches can write to the same folder
    fcntl = None  # type: ignore[assignment]

if TYPE_CHECKING:
    import pandas as pd

REPORT, LOCK = "report.json", ".lock"
RUNS, SERIES = "runs", "series"
PART = re.compile(r"part-(\d{5,})\.parquet")


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
            with open(self.folder / LOCK, "a+b") as lock:  # never removed, or two processes could lock different files
                self._take(lock)
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
        if self.folder.exists() and not self.folder.is_dir():
            raise InvalidInput(f"out = {self.folder}: is not a folder, give another name")
        if self.folder.is_dir() and not self._ours():
            raise InvalidInput(f"out = {self.folder}: holds something other than an experiment, give another name")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InvalidInput(f"out = {self.folder}: cannot be created, {reason(error)}; give another name") from None

    def _ours(self) -> bool:
        """Whether the folder is empty apart from a lock, or is that of an experiment."""
        return (self.folder / EXPERIMENT).exists() or all(path.name == LOCK for path in self.folder.iterdir())

    def _take(self, lock: Any) -> None:
        """Lock the folder against other processes; the system releases the lock when this process ends."""
        if fcntl is None:
            return
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InvalidInput(
                f"out = {self.folder}: another run is writing to it, wait or give another name"
            ) from None

    def _clear(self) -> None:
        """Remove an earlier result, its provenance last, so that an interrupted removal can be recognised."""
        for name in (RUNS, SERIES, "analysis", "emulator"):
            shutil.rmtree(self.folder / name, ignore_errors=True)
        for name in (REPORT, EXPERIMENT):
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
        """Return the numbers of the chunks that are missing or not complete."""
        return [chunk for chunk in range(self.experiment.chunks) if not self._complete(chunk)]

    def _complete(self, chunk: int) -> bool:
        """Whether a chunk has the right number of runs, and their months if the experiment keeps them."""
        import pyarrow.parquet as parquet

        try:
            if self.experiment.series:
                parquet.read_metadata(self.part(chunk, SERIES))
            return parquet.read_metadata(self.part(chunk)).num_rows == len(self.experiment.span(chunk))
        except (OSError, ValueError):  # pyarrow's errors on damaged files derive from ValueError
            return False

    def write(self, chunk: int, found: Chunk) -> None:
        """Write a chunk, its months first, because the file of runs marks the chunk as complete."""
        if found.series is not None:
            write_table(self.part(chunk, SERIES), found.series)
        write_table(self.part(chunk), found.columns)

    def failures(self) -> list[dict[str, Any]]:
        """Return the failed runs, each with its point, seed and message."""
        import pyarrow.compute as compute
        import pyarrow.parquet as parquet

        found: list[dict[str, Any]] = []
        for chunk in range(self.experiment.chunks):
            errors = parquet.read_table(self.part(chunk), columns=["error"])["error"]
            if errors.null_count < len(errors):
                table = parquet.read_table(self.part(chunk))
                found += table.filter(compute.is_valid(table["error"])).to_pylist()
        kept = ("row", "seed", "scenario", *self.experiment.design.factors, "error")
        return [{name: failure[name] for name in kept} for failure in found]

    def finish(self, report: Mapping[str, Any]) -> None:
        """Write the report."""
        write_json(self.folder / REPORT, report)


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
    """
    import pyarrow.dataset as dataset

    parts = sorted(path for path in (Path(folder) / kind).glob("part-*.parquet") if PART.fullmatch(path.name))
    if not parts:
        raise InvalidInput(f"result = {folder}: has no {kind}")
    try:
        return dataset.dataset(parts, format="parquet").to_table(columns=columns).to_pandas()
    except (OSError, ValueError) as error:
        raise InvalidInput(f"result = {folder}: a part of its {kind} is damaged, {shorten(error)}") from None
