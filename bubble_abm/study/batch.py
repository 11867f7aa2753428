"""Batches of any size: chunks of runs are handed out to workers, and kept one by one.

A chunk is a pure function of the experiment. The parent hands chunks out, a few more than there are workers, and keeps
what comes back: in a folder, where its memory stays flat, or in memory for the few runs of a scenario.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Future, wait
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bubble_abm.economy.declare import InvalidInput, checked_count
from bubble_abm.engine.simulation import simulate
from bubble_abm.study.dataset import REPORT, Chunk, Dataset, read
from bubble_abm.study.experiment import ECONOMY, Experiment
from bubble_abm.study.workers import (
    ATTEMPTS,
    DASK,
    EXECUTORS,
    THREADS,
    RunFailed,
    Task,
    Workers,
    WorkersLost,
    environment,
    start_workers,
)

if TYPE_CHECKING:
    import pandas as pd

Progress = Callable[[int, int, int], None]  # runs done, runs in all, failures seen so far

MAX_WORKERS = 1024
AHEAD = 2  # chunks under way or waiting for each worker: one more than it can work on
CHECK_EVERY, GIVE_UP_AFTER = (
    5.0,
    600.0,
)  # seconds between two looks at whether anybody works; until nobody does for good
FAILURES_LISTED = 100  # that a report describes


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


def task_of(experiment: Experiment, chunk: int) -> Task:
    """Return the task of a chunk."""
    design, span = experiment.design, np.array(experiment.span(chunk))
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
    progress: Progress = lambda done, total, failed: None,
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
    data = Dataset(Path(folder), experiment)
    count = checked_workers(workers, executor)
    began = time.perf_counter()
    with data.opened(overwrite):
        computed = sum(len(experiment.span(chunk)) for chunk in data.missing())
        try:
            options: Any = {"workers": count, "executor": executor, "scheduler": scheduler, "progress": progress}
            busy = compute(experiment, data, **options)
        except WorkersLost as error:
            raise WorkersLost(f"{error}; what is done is kept in {folder}") from None
        failures = data.failures()
        report = Report(data.folder, experiment.runs, len(failures), computed, time.perf_counter() - began, busy)
        if computed or not (data.folder / REPORT).exists():
            how = {"executor": DASK if scheduler else executor, "workers": None if scheduler else count}
            numbers = {"runs": report.runs, "failed": report.failed, "computed": computed, **how}
            seconds = {"seconds": round(report.seconds, 3), "busy_seconds": round(busy, 3)}
            data.finish(numbers | seconds | {"failures": failures[:FAILURES_LISTED]})
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


def execute_in_memory(experiment: Experiment, **options: Any) -> list[Chunk]:
    """Run a small experiment and return its chunks in the order of the design.

    Parameters
    ----------
    experiment : Experiment
        What is to be run.
    **options
        ``workers``, ``executor``, ``scheduler``, ``progress``: see :func:`execute`.

    Raises
    ------
    RunFailed
        At the first run that ends in an error.
    """
    memory = InMemoryStore(experiment)
    compute(experiment, memory, **options)
    return [memory.found[chunk] for chunk in range(experiment.chunks)]


# --- How ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class InMemoryStore:
    """Chunks of a small experiment, none of whose runs may fail."""

    experiment: Experiment
    found: dict[int, Chunk] = field(default_factory=dict)

    def missing(self) -> list[int]:
        """Return the chunks that are not there."""
        return [chunk for chunk in range(self.experiment.chunks) if chunk not in self.found]

    def write(self, chunk: int, found: Chunk) -> None:
        """Keep a chunk."""
        for seed, error in zip(found.columns["seed"], found.columns["error"], strict=True):
            if error is not None:
                raise RunFailed(int(seed), error)
        self.found[chunk] = found


def compute(
    experiment: Experiment,
    store: Dataset | InMemoryStore,
    *,
    workers: int | None = None,
    executor: str = THREADS,
    scheduler: str | None = None,
    progress: Progress = lambda done, total, failed: None,
) -> float:
    """Compute the chunks that a store lacks; return the seconds that all workers together spent on runs."""
    count = checked_workers(workers, executor)
    if scheduler is None and executor == THREADS and experiment.model == ECONOMY and store.missing():
        compile_month()
    for _ in range(ATTEMPTS):
        try:
            with suppress(BrokenExecutor), start_workers(executor, count, scheduler) as team:
                return hand_out(experiment, store, team, progress)
        except CancelledError:
            raise WorkersLost(f"scheduler {scheduler} has gone") from None
    raise WorkersLost(f"workers died {ATTEMPTS} times; {len(store.missing())} chunks are missing")


def compile_month() -> None:
    """Compile the month, or load it, before the threads start: here an interruption ends it at once."""
    with suppress(Exception):  # the runs will tell
        simulate(months=1)


def hand_out(experiment: Experiment, store: Dataset | InMemoryStore, team: Workers, progress: Progress) -> float:
    """Hand chunks out, a few more than can be worked on, and keep what comes back; return the workers' seconds."""
    missing = store.missing()
    done = experiment.runs - sum(len(experiment.span(chunk)) for chunk in missing)
    waiting = iter(missing)
    under_way: dict[Future[Chunk], int] = {}
    busy, idle, failed = 0.0, 0.0, 0
    while True:
        while len(under_way) < AHEAD * team.count and (chunk := next(waiting, None)) is not None:
            under_way[team.pool.submit(team.evaluate, task_of(experiment, chunk))] = chunk
        if not under_way:
            return busy
        finished, _ = wait(under_way, CHECK_EVERY, return_when=FIRST_COMPLETED)
        idle = 0.0 if finished or team.present() else idle + CHECK_EVERY
        if idle >= GIVE_UP_AFTER:
            raise WorkersLost(f"no worker for {idle:.0f} seconds")
        for future in finished:
            chunk, found = under_way.pop(future), future.result()
            store.write(chunk, found)
            busy += found.seconds
            done += len(experiment.span(chunk))
            failed += found.failed
            progress(done, experiment.runs, failed)


def checked_workers(workers: int | None = None, executor: str = THREADS) -> int:
    """Return how many workers there are to be, as many as there are processors by default; refuse what cannot be.

    Raises
    ------
    InvalidInput
        If the number is out of bounds or the kind unknown.
    """
    if executor not in EXECUTORS:
        raise InvalidInput(f"executor = {executor}: give one of {', '.join(EXECUTORS)}")
    return checked_count("workers", available() if workers is None else workers, 1, MAX_WORKERS)


def available() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


__all__ = ["Report", "execute", "execute_in_memory", "read", "run"]
