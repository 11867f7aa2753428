"""Batches of any size: chunks of runs are handed out to those who compute, and kept one by one.

A chunk is a pure function of the experiment. The parent hands chunks out, a few more than there are workers, and writes
what comes back; it keeps nothing, so its memory stays flat.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Future, wait
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bubble_abm.economy.parameters import InvalidInput, checked_count
from bubble_abm.study.dataset import Chunk, Dataset, read
from bubble_abm.study.experiment import Experiment
from bubble_abm.study.provenance import WorkersLost
from bubble_abm.study.workers import ATTEMPTS, DASK, EXECUTORS, THREADS, Staff, Task, environment, staff

if TYPE_CHECKING:
    import pandas as pd

MOST_WORKERS = 1024
AHEAD = 2  # chunks under way or waiting for each worker: one more than it can work on
LOOK, FORBEARANCE = 5.0, 600.0  # seconds between two looks at whether anybody works, and until nobody does for good


@dataclass(frozen=True)
class Report:
    """What a batch came to.

    Attributes
    ----------
    folder : Path
        Where the data set is.
    runs, failed : int
        Runs in it, and how many of them ended in an error.
    computed : int
        Runs computed by this call; the others were there.
    seconds, busy : float
        Time of this call, and time that all workers together spent on runs.
    """

    folder: Path
    runs: int
    failed: int
    computed: int
    seconds: float
    busy: float


def task_of(data: Dataset, chunk: int) -> Task:
    """Return the task of a chunk."""
    experiment, span = data.experiment, np.array(data.span(chunk))
    design = experiment.design
    rows = span // experiment.seeds
    return Task(
        model=experiment.model,
        setup=experiment.setup,
        factors=design.factors,
        columns=experiment.outcome_columns,
        rows=rows,
        seeds=experiment.first_seed + span % experiment.seeds,
        values=design.values[rows],
        scenarios=tuple(design.scenarios[place] for place in design.scenario[rows]),
        environment=environment(experiment.model),
    )


def execute(
    experiment: Experiment,
    folder: str | Path,
    *,
    workers: int | None = None,
    executor: str = THREADS,
    scheduler: str | None = None,
    overwrite: bool = False,
    progress: Callable[[int, int, int], None] | None = None,
) -> Report:
    """Run an experiment into a folder, or go on where an interrupted run left off.

    Parameters
    ----------
    experiment : Experiment
        What is to be run.
    folder : str or Path
        Where the data set is left; what is there of the same experiment, code and versions is kept.
    workers : int, optional
        Threads or processes; as many as there are processors by default.
    executor : {'threads', 'processes'}
        Who computes.
    scheduler : str, optional
        Address of a Dask scheduler whose workers compute instead, for instance ``tcp://host:8786``.
    overwrite : bool
        Remove a result that is there.
    progress : callable, optional
        Called with the runs done, the runs in all, and the failures seen so far.

    Returns
    -------
    Report
        What it came to; the values and their order in the data set depend on the experiment alone.

    Raises
    ------
    InvalidInput
        If the folder belongs to something else, or a scheduler does not answer.
    CannotWrite
        If the disk refuses; what has been written is kept, and the same call goes on from there.
    """
    if executor not in EXECUTORS:
        raise InvalidInput(f"executor = {executor}: give one of {', '.join(EXECUTORS)}")
    count = checked_count("workers", available() if workers is None else workers, 1, MOST_WORKERS)
    data = Dataset(Path(folder), experiment)
    began = time.perf_counter()
    with data.opened(overwrite):
        missing = data.missing()
        busy = 0.0
        computed = sum(len(data.span(chunk)) for chunk in missing)
        tell = Teller(experiment.runs, experiment.runs - computed, progress)
        for attempt in range(ATTEMPTS):
            try:
                with staff(executor, count, scheduler) as team:
                    busy += hand_out(data, missing, team, tell)
                break
            except BrokenExecutor:
                missing = data.missing()
                if attempt + 1 == ATTEMPTS:
                    raise WorkersLost(f"workers died {ATTEMPTS} times; {len(missing)} chunks are missing") from None
            except CancelledError:
                raise WorkersLost(f"scheduler {scheduler} has gone; what is done is kept in {folder}") from None
        failures = data.failures()
        report = Report(data.folder, experiment.runs, len(failures), computed, time.perf_counter() - began, busy)
        if computed or not (data.folder / "report.json").exists():
            how = {"executor": DASK if scheduler else executor, "workers": None if scheduler else count}
            numbers = {"runs": report.runs, "failed": report.failed, "computed": computed, **how}
            seconds = {"seconds": round(report.seconds, 3), "busy_seconds": round(busy, 3)}
            data.finish(numbers | seconds | {"failures": failures[:100]})
    return report


def run(experiment: Experiment, out: str | Path | None = None, **options: Any) -> pd.DataFrame:
    """Run an experiment and return a table with one row for each point and seed.

    Parameters
    ----------
    experiment : Experiment
        What is to be run.
    out : str or Path, optional
        Folder of the Parquet data set, by default ``out/NAME``; a folder that holds the same experiment is continued.
    **options
        ``workers``, ``executor``, ``scheduler``, ``overwrite``: see :func:`execute`.

    Returns
    -------
    DataFrame
        Columns ``row``, ``seed``, ``scenario``, the factors, the outcomes, ``verdict`` and ``error``; a run that
        failed has an error and no numbers.
    """
    folder = Path(out) if out is not None else Path("out") / experiment.name
    execute(experiment, folder, **options)
    return read(folder)


def hand_out(data: Dataset, missing: list[int], team: Staff, tell: Teller) -> float:
    """Hand chunks out, a few more than can be worked on, and write what comes back; return the workers' seconds."""
    waiting = iter(missing)
    under_way: dict[Future[Chunk], int] = {}
    busy, idle = 0.0, 0.0
    while True:
        while len(under_way) < AHEAD * team.size and (chunk := next(waiting, None)) is not None:
            under_way[team.pool.submit(team.work, task_of(data, chunk))] = chunk
        if not under_way:
            return busy
        done, _ = wait(under_way, LOOK, return_when=FIRST_COMPLETED)
        idle = 0.0 if done or team.present() else idle + LOOK
        if idle >= FORBEARANCE:
            raise WorkersLost(f"no worker for {idle:.0f} seconds; what is done is kept in {data.folder}")
        for future in done:
            chunk = under_way.pop(future)
            found = future.result()
            data.write(chunk, found)
            busy += found.seconds
            tell(len(data.span(chunk)), found.failed)


class Teller:
    """Counts what is done and tells whoever wants to know."""

    def __init__(self, total: int, done: int, progress: Callable[[int, int, int], None] | None) -> None:
        self.total, self.done, self.failed, self.progress = total, done, 0, progress

    def __call__(self, runs: int, failed: int) -> None:
        """Count a chunk."""
        self.done += runs
        self.failed += failed
        if self.progress is not None:
            self.progress(self.done, self.total, self.failed)


def available() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


__all__ = ["Report", "execute", "read", "run"]
