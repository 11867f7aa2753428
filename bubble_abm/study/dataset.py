"""The folder of an experiment: a Parquet data set in chunks, each complete or absent, and where it came from.

``experiment.json`` says what was run, by which code and versions; ``runs/part-00000.parquet`` and its successors hold
one row for each point and seed; ``series/`` the months, where an experiment asks for them; ``report.json`` what it
took. A chunk is written under another name, flushed to the disk and renamed, so at any interruption it is there or not.
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
except ImportError:  # not on Windows: nobody is kept from writing to the same folder twice there
    fcntl = None  # type: ignore[assignment]

if TYPE_CHECKING:
    import pandas as pd

REPORT, LOCK = "report.json", ".lock"
RUNS, SERIES = "runs", "series"
PART = re.compile(r"part-(\d{5,})\.parquet")


@dataclass(frozen=True)
class Chunk:
    """What the runs of one chunk gave.

    Attributes
    ----------
    columns : dict of str to list or ndarray
        One entry per run: ``row``, ``seed``, ``scenario``, factors, outcomes, ``verdict`` and ``error``.
    series : dict of str to ndarray, optional
        One entry per run and month.
    seconds : float
        Time that the worker spent on it.
    """

    columns: dict[str, Any]
    series: dict[str, Any] | None
    seconds: float

    @property
    def failed(self) -> int:
        """Runs that ended in an error."""
        return sum(error is not None for error in self.columns["error"])


class Dataset:
    """The folder in which an experiment leaves its runs.

    Parameters
    ----------
    folder : Path
        Where it is, or is to be.
    experiment : Experiment
        Whose it is.
    """

    def __init__(self, folder: Path, experiment: Experiment) -> None:
        self.folder, self.experiment = Path(folder), experiment

    # --- Opening ----------------------------------------------------------------------------------------------------

    @contextmanager
    def opened(self, overwrite: bool = False) -> Iterator[None]:
        """Take the folder for this experiment alone: start it, or go on where it was.

        Raises
        ------
        InvalidInput
            If it holds another design, or was made by other code or other versions; or somebody is writing to it.
        CannotWrite
            If the disk refuses.
        """
        try:
            self._make_folder()
            with open(self.folder / LOCK, "a+b") as lock:  # stays: were it removed, two could hold a lock of that name
                self._take(lock)
                if overwrite:
                    self._clear()
                self._begin()
                yield
        except OSError as error:
            raise CannotWrite(f"out = {self.folder}: not written, {reason(error)}; what is there is kept") from error

    def _make_folder(self) -> None:
        """Make the folder, unless something else has its name."""
        if self.folder.exists() and not self.folder.is_dir():
            raise InvalidInput(f"out = {self.folder}: is not a folder, give another name")
        if self.folder.is_dir() and not self._ours():
            raise InvalidInput(f"out = {self.folder}: holds something else than an experiment, give another name")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InvalidInput(f"out = {self.folder}: cannot be made, {reason(error)}; give another name") from None

    def _ours(self) -> bool:
        """Whether the folder is empty but for our files, or is that of an experiment."""
        return (self.folder / EXPERIMENT).exists() or all(path.name == LOCK for path in self.folder.iterdir())

    def _take(self, lock: Any) -> None:
        """Keep others from writing here at the same time; the system lets go of the lock when a process dies."""
        if fcntl is None:
            return
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InvalidInput(
                f"out = {self.folder}: another run is writing to it, wait or give another name"
            ) from None

    def _clear(self) -> None:
        """Remove an earlier result; its provenance last, so that what remains is still known for what it is."""
        for name in (RUNS, SERIES, "analysis"):
            shutil.rmtree(self.folder / name, ignore_errors=True)
        for name in (REPORT, EXPERIMENT):
            (self.folder / name).unlink(missing_ok=True)

    def _begin(self) -> None:
        """Write where the result comes from, or compare it with what is there."""
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
        """Everything that the values of the data set depend on."""
        return origin(self.experiment)

    # --- Chunks -----------------------------------------------------------------------------------------------------

    def part(self, chunk: int, kind: str = RUNS) -> Path:
        """Return the file of a chunk."""
        return self.folder / kind / f"part-{chunk:05d}.parquet"

    def missing(self) -> list[int]:
        """Return the chunks that are not there, or not complete."""
        return [chunk for chunk in range(self.experiment.chunks) if not self._complete(chunk)]

    def _complete(self, chunk: int) -> bool:
        """Whether a chunk is there, with as many runs as it should have, and with their months if they are kept."""
        import pyarrow.parquet as parquet

        try:
            if self.experiment.series:
                parquet.read_metadata(self.part(chunk, SERIES))
            return parquet.read_metadata(self.part(chunk)).num_rows == len(self.experiment.span(chunk))
        except (OSError, ValueError):  # pyarrow's errors on damaged files derive from ValueError
            return False

    def write(self, chunk: int, found: Chunk) -> None:
        """Write a chunk; its months first, because the file of the runs says that the chunk is there."""
        if found.series is not None:
            write_table(self.part(chunk, SERIES), found.series)
        write_table(self.part(chunk), found.columns)

    def failures(self) -> list[dict[str, Any]]:
        """Return the runs that failed, with their point, seed and message."""
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
        """Write what the experiment took."""
        write_json(self.folder / REPORT, report)


# --- Reading --------------------------------------------------------------------------------------------------------


def read(folder: str | Path, kind: str = RUNS, columns: list[str] | None = None) -> pd.DataFrame:
    """Return the runs of an experiment, or its months, as a table in the order of the design.

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
