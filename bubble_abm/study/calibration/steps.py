"""Steps: the runs of some points under some seeds, computed by a batch's workers and kept in one file each.

A step is complete or absent. The points of a step follow from those before it, so a search that was interrupted does
the same again and finds the finished steps in their files.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import numpy as np

from bubble_abm.economy.declare import InvalidInput
from bubble_abm.observe.outcomes import FACT
from bubble_abm.observe.targets import Target
from bubble_abm.study.atomic_writing import write_table, writing
from bubble_abm.study.batch import InMemoryStore, check_address, checked_workers, compile_month, hand_out
from bubble_abm.study.dataset import Chunk
from bubble_abm.study.experiment import ECONOMY, Experiment
from bubble_abm.study.manifest import add, listed, problem
from bubble_abm.study.provenance import shorten
from bubble_abm.study.workers import THREADS, Workers, start_workers

STEPS = "steps"
KEPT = np.float32  # seven digits: what a step gives is rounded before it is judged, so that its file says the same
#: Told the numbers of runs done, of all runs of a step, and of failures.
Progress = Callable[[int, int, int], None]


class Tolerant(InMemoryStore):
    """The chunks of a step in memory; a run that fails has no numbers."""

    def write(self, chunk: int, found: Chunk) -> None:
        """Store a chunk."""
        self.found[chunk] = found

    def columns(self) -> dict[str, Any]:
        """Return the runs in the order of the design."""
        parts = [self.found[chunk].columns for chunk in range(self.experiment.chunks)]
        return {name: joined([part[name] for part in parts]) for name in parts[0]}


def joined(parts: list[Any]) -> Any:
    """Return the parts of a column as one."""
    return [one for part in parts for one in part] if isinstance(parts[0], list) else np.concatenate(parts)


class Steps:
    """Computes steps, and keeps their files in a folder.

    Parameters
    ----------
    folder : Path
        The folder.
    names : sequence of str
        Parameters that the points set.
    workers, executor, scheduler
        See :func:`bubble_abm.study.batch.execute`.
    progress : callable
        Returns a context that is told of the runs done.
    model : str
        ``module:function`` that runs a point; by default the economy.

    Attributes
    ----------
    runs, reused : int
        Number of runs of all steps so far, and of those that were found in files.
    seconds : float
        Time that workers spent on them, in this call or before [s].
    """

    def __init__(
        self,
        folder: Path,
        names: Sequence[str],
        *,
        workers: int | None = None,
        executor: str = THREADS,
        scheduler: str | None = None,
        progress: Callable[[], AbstractContextManager[Progress]] = lambda: nullcontext(
            lambda done, total, failed: None
        ),
        model: str = ECONOMY,
    ) -> None:
        self.folder, self.names, self.model = folder, tuple(names), model
        self.count, self.executor, self.scheduler = checked_workers(workers, executor), executor, scheduler
        self.progress = progress
        if scheduler is not None:
            check_address(scheduler)
        self.runs, self.reused, self.seconds = 0, 0, 0.0
        self.team: Workers | None = None

    @contextmanager
    def at_work(self) -> Iterator[Steps]:
        """Start the workers when they are first needed, and end them at the end."""
        self.staff: Any = None
        try:
            yield self
        finally:
            if self.staff is not None:
                self.staff.__exit__(None, None, None)
            self.staff = self.team = None

    def hire(self) -> Workers:
        """Return the workers."""
        if self.team is None:
            if self.scheduler is None and self.model == ECONOMY:
                compile_month()
            self.staff = start_workers(self.executor, self.count, self.scheduler)
            self.team = self.staff.__enter__()
        return self.team

    def run(self, name: str, values: np.ndarray, seeds: range, targets: Sequence[Target], months: int) -> np.ndarray:
        """Return what the runs of some points give, and keep it.

        Parameters
        ----------
        name : str
            Name of the step.
        values : ndarray, shape (points, parameters)
            The points.
        seeds : range
            Seeds of each.
        targets : sequence of Target
            What is read off the runs.
        months : int
            Length of the runs [months].

        Returns
        -------
        ndarray, shape (points, seeds, targets)
            Not-a-number where a run failed.
        """
        path = self.folder / STEPS / f"{name}.parquet"
        shape = (len(values), len(seeds), len(targets))
        self.runs += len(values) * len(seeds)
        if path.exists() and not problem(self.folder, f"{STEPS}/{path.name}", listed(self.folder)):
            self.reused += len(values) * len(seeds)
            return self.read(path, values, targets).reshape(shape)
        began = time.perf_counter()
        columns, seconds = self.computed(name, values, seeds, targets, months)
        found = {target.name: columns[FACT + target.name].astype(KEPT) for target in targets}
        about = {"seconds": f"{seconds:.3f}", "elapsed": f"{time.perf_counter() - began:.3f}"}
        points = {one: columns[one].astype(KEPT) for one in self.names}
        with writing(self.folder):
            path.parent.mkdir(parents=True, exist_ok=True)
            kept = {"point": columns["row"], "seed": columns["seed"]} | points | found | {"error": columns["error"]}
            write_table(path, kept, about)
            add(self.folder, path)
        self.seconds += seconds
        return np.column_stack(list(found.values())).astype(float).reshape(shape)

    def read(self, path: Path, values: np.ndarray, targets: Sequence[Target]) -> np.ndarray:
        """Return what a finished step gave, or refuse it if it is that of other points."""
        import pyarrow.parquet as parquet

        try:
            table = parquet.read_table(path)
            found = np.column_stack([table[target.name].to_numpy() for target in targets])
            points = np.column_stack([table[one].to_numpy() for one in self.names])
            self.seconds += float(table.schema.metadata[b"seconds"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InvalidInput(f"out = {self.folder}: {path.name} is damaged, {shorten(error)}: remove it") from None
        each = len(found) // max(len(values), 1)
        if not np.array_equal(points, np.repeat(values.astype(KEPT), each, axis=0)):
            raise InvalidInput(f"out = {self.folder}: {path.name} is of other points: give another folder")
        return found.astype(float)

    def computed(
        self, name: str, values: np.ndarray, seeds: range, targets: Sequence[Target], months: int
    ) -> tuple[dict[str, Any], float]:
        """Run the points; return the columns of the runs, and the time that workers spent on them [s]."""
        experiment = Experiment(
            name=name,
            question="Is this economy implausible?",
            scenarios={f"{place:06d}": dict(zip(self.names, point)) for place, point in enumerate(values.tolist())},
            seeds=len(seeds),
            first_seed=seeds[0],
            months=months,
            outcomes=tuple(FACT + target.name for target in targets),
            twins=False,
            model=self.model,
        )
        store = Tolerant(experiment)
        with self.progress() as progress:
            seconds = hand_out(experiment, store, self.hire(), progress)
        return store.columns(), seconds
