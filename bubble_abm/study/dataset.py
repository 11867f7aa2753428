"""The folder of an experiment: a Parquet data set in chunks, each whole or absent, and where it came from.

``experiment.json`` says what was run, by which code and versions; ``runs/part-00000.parquet`` and its successors hold
one row for each point and seed; ``series/`` the months, where an experiment asks for them; ``report.json`` what it
took. A chunk is written under another name, flushed to the disk and renamed, so at any interruption it is there or not.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bubble_abm.economy.declare import InvalidInput
from bubble_abm.engine.sources import OUTCOMES, source_hash
from bubble_abm.study.experiment import ECONOMY, Experiment, find_model
from bubble_abm.study.provenance import MODEL, commit, processor, versions
from bubble_abm.study.results import CannotWrite, reason

try:
    import fcntl
except ImportError:  # not on Windows: nobody is kept from writing to the same folder twice there
    fcntl = None  # type: ignore[assignment]

if TYPE_CHECKING:
    import pandas as pd

EXPERIMENT, REPORT, LOCK = "experiment.json", "report.json", ".lock"
RUNS, SERIES = "runs", "series"
PART = re.compile(r"part-(\d{5,})\.parquet")
LARGEST_CHUNK, SMALLEST_CHUNK, CHUNKS = 256, 8, 64
ASKING = ("name", "question", "quick", "discover")  # fields of an experiment that no run depends on
SHOWN = 60  # characters of a value in a message


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

    @cached_property
    def chunk_size(self) -> int:
        """Runs in a chunk: it depends on the design alone, so that the files do not depend on who computed them."""
        return int(np.clip(-(-self.experiment.runs // CHUNKS), SMALLEST_CHUNK, LARGEST_CHUNK))

    @property
    def chunks(self) -> int:
        """Number of chunks."""
        return -(-self.experiment.runs // self.chunk_size)

    def span(self, chunk: int) -> range:
        """Return the runs of a chunk; run ``n`` is point ``n // seeds`` under seed ``n % seeds``."""
        return range(chunk * self.chunk_size, min((chunk + 1) * self.chunk_size, self.experiment.runs))

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
            text = json.dumps(self.identity, indent=2, allow_nan=False, ensure_ascii=False, default=plain)
            write_whole(path, (text + "\n").encode())
        (self.folder / RUNS).mkdir(exist_ok=True)
        if self.experiment.series:
            (self.folder / SERIES).mkdir(exist_ok=True)

    @cached_property
    def identity(self) -> dict[str, Any]:
        """Everything that the values of the data set depend on."""
        return {
            "model": MODEL,
            "experiment": self.experiment.as_dict(),
            "design": self.experiment.design.hash(),
            "runs": self.experiment.runs,
            "chunk_size": self.chunk_size,
            "code": code_of(self.experiment.model),
            "versions": versions(),
            "processor": processor(),
            "commit": commit(),
        }

    # --- Chunks -----------------------------------------------------------------------------------------------------

    def part(self, chunk: int, kind: str = RUNS) -> Path:
        """Return the file of a chunk."""
        return self.folder / kind / f"part-{chunk:05d}.parquet"

    def missing(self) -> list[int]:
        """Return the chunks that are not there, or not whole."""
        return [chunk for chunk in range(self.chunks) if not self._whole(chunk)]

    def _whole(self, chunk: int) -> bool:
        """Whether a chunk is there, readable, and has as many rows as it should."""
        import pyarrow.parquet as parquet

        path = self.part(chunk)
        try:
            return parquet.read_metadata(path).num_rows == len(self.span(chunk))
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
        for chunk in range(self.chunks):
            errors = parquet.read_table(self.part(chunk), columns=["error"])["error"]
            if errors.null_count < len(errors):
                table = parquet.read_table(self.part(chunk))
                found += table.filter(compute.is_valid(table["error"])).to_pylist()
        kept = ("row", "seed", "scenario", *self.experiment.design.factors, "error")
        return [{name: failure[name] for name in kept} for failure in found]

    def finish(self, report: Mapping[str, Any]) -> None:
        """Write what the experiment took."""
        write_whole(self.folder / REPORT, (json.dumps(report, indent=2, default=plain) + "\n").encode())


def compare(there: Mapping[str, Any], here: Mapping[str, Any]) -> list[str]:
    """Say in what two results differ that must not differ if one is to be continued, or repeated, as the other."""
    old, new = there["experiment"], json.loads(json.dumps(here["experiment"], default=plain))
    changed = [
        f"{name} = {shorten(old.get(name))} there, {shorten(new[name])} here"
        for name in new
        if name not in ASKING and old.get(name) != new[name]
    ]
    if not changed and there["design"] != here["design"]:
        changed = [f"points {there['design']} there, {here['design']} here"]
    differences = [f"another design ({', '.join(changed)})"] if changed else []
    if there["code"] != here["code"]:
        differences.append(f"runs of other code ({there['code']} there, {here['code']} here)")
    libraries = sorted({*there["versions"], *here["versions"]})
    others = [
        f"{name} {there['versions'].get(name)} there, {here['versions'].get(name)} here"
        for name in libraries
        if there["versions"].get(name) != here["versions"].get(name)
    ]
    if there["processor"] != here["processor"]:
        others.append(f"{there['processor']} there, {here['processor']} here")
    return [*differences, f"runs of other versions ({', '.join(others)})"] if others else differences


def shorten(value: Any) -> str:
    """Return a value in few characters."""
    text = str(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."


def code_of(model: str) -> str:
    """Return the hash of the package's sources, and of the file of a model of the user's."""
    if model == ECONOMY:
        return source_hash(*OUTCOMES)
    import hashlib
    import inspect

    home = inspect.getsourcefile(find_model(model))
    own = hashlib.sha256(Path(home).read_bytes()).hexdigest()[:16] if home else "unknown"
    return f"{source_hash(*OUTCOMES)}+{own}"


def plain(value: Any) -> Any:
    """Return what JSON can hold of a value of NumPy or of a mapping that cannot be changed."""
    if isinstance(value, Mapping):
        return dict(value)
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"{value!r} cannot be written as JSON")


# --- Files ----------------------------------------------------------------------------------------------------------


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that at any interruption it is there whole, or as it was before."""
    staging = path.with_name(f".{path.name}.tmp")
    try:
        with open(staging, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        staging.replace(path)
    except BaseException:
        with suppress(OSError):
            staging.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def write_table(path: Path, columns: Mapping[str, Any]) -> None:
    """Write a table as Parquet: the same values give the same bytes."""
    import pyarrow as pa
    import pyarrow.parquet as parquet

    arrays = [
        pa.array(values, pa.string()) if isinstance(values, list) else pa.array(values) for values in columns.values()
    ]
    sink = pa.BufferOutputStream()
    parquet.write_table(pa.Table.from_arrays(arrays, names=list(columns)), sink, compression="zstd")
    write_whole(path, sink.getvalue().to_pybytes())


def load(folder: Path) -> dict[str, Any]:
    """Return where a result comes from.

    Raises
    ------
    InvalidInput
        If the folder is not that of an experiment, or its provenance is damaged.
    """
    path = Path(folder) / EXPERIMENT
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if found["model"] == MODEL and {"experiment", "design", "code", "versions", "processor"} <= set(found):
            return found
    except FileNotFoundError:
        raise InvalidInput(f"result = {folder}: is not the folder of an experiment, it has no {EXPERIMENT}") from None
    except (OSError, ValueError, KeyError, TypeError):
        pass
    raise InvalidInput(f"result = {folder}: its {EXPERIMENT} is damaged, give another folder")


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
