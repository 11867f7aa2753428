"""Batches of any size: workers compute chunks of runs, which are stored one by one.

A chunk is a pure function of the experiment. The main process submits slightly more chunks than there are workers and
stores the results: in a folder, so that its use of memory does not grow, or in memory for the few runs of a scenario.
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

from bubble_abm.economy.declare import InvalidInput, checked_count, shown
from bubble_abm.engine.rules import Named, rules_named
from bubble_abm.engine.simulation import simulate
from bubble_abm.study.dataset import REPORT, Chunk, Dataset, read
from bubble_abm.study.experiment import ECONOMY, Experiment, import_code
from bubble_abm.study.manifest import listed
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
AHEAD = 2  # chunks submitted for each worker: the one it computes, and one that waits
CHECK_EVERY = 5.0  # seconds between checks whether any worker is present
GIVE_UP_AFTER = 600.0  # seconds without any worker after which the batch stops
FAILURES_LISTED = 100  # largest number of failures that a report describes


@dataclass(frozen=True)
class Report:
    """Summary of a batch.

    Attributes
    ----------
    folder : Path
        Folder of the data set.
    runs, failed : int
        Number of runs in it, and number of those that ended in an error.
    computed : int
        Number of runs computed by this call.
    seconds, busy : float
        Duration of this call, and total time that all workers spent on runs [s].
    strays : tuple of str
        Files among its parts that are none and are not read.
    """

    folder: Path
    runs: int
    failed: int
    computed: int
    seconds: float
    busy: float
    strays: tuple[str, ...] = ()


def task_of(experiment: Experiment, chunk: int) -> Task:
    """Return the task of a chunk."""
    design = experiment.design
    rows, seeds = experiment.places(np.array(experiment.span(chunk)))
    scenarios = tuple(design.scenarios[place] for place in design.scenario[rows])
    return Task(
        model=experiment.model,
        setups={name: experiment.setup_of(name) for name in dict.fromkeys(scenarios)},
        factors=design.factors,
        columns=experiment.outcome_columns,
        rows=rows,
        seeds=seeds,
        values=design.values[rows],
        economies=experiment.economies_of(seeds),
        scenarios=scenarios,
        rules=experiment.named_rules,
        environment=environment(experiment.model, experiment.named_rules),
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
    """Run an experiment and store its data set, or continue one that was interrupted.

    Parameters
    ----------
    experiment : Experiment
        The experiment.
    folder : str or Path
        Folder of the data set. Chunks that it already has are kept if experiment, code and versions are the same.
    workers : int, optional
        Number of threads or processes; by default the number of processors.
    executor : {'threads', 'processes'}
        Kind of workers.
    scheduler : str, optional
        Address of a Dask scheduler whose workers are used instead, for instance ``tcp://host:8786``.
    overwrite : bool
        Remove an existing result first.
    progress : callable, optional
        Called with the numbers of runs done, of all runs, and of failures so far.

    Returns
    -------
    Report
        Summary. The values in the data set, and their order, depend on the experiment only.

    Raises
    ------
    InvalidInput
        If the folder contains something else, or a scheduler does not answer.
    CannotWrite
        If a file cannot be written; finished chunks are kept, and the same call continues.
    """
    data = Dataset(Path(folder), experiment)
    count = checked_workers(workers, executor)
    import_code(experiment)  # before anything is written
    if scheduler is not None:  # likewise an address that does not answer
        check_address(scheduler)
        with start_workers(executor, count, scheduler):
            pass
    began = time.perf_counter()
    with data.opened(overwrite):
        computed = sum(len(experiment.span(chunk)) for chunk in data.missing())
        try:
            options: Any = {"workers": count, "executor": executor, "scheduler": scheduler, "progress": progress}
            busy = compute(experiment, data, **options)
        except WorkersLost as error:
            raise WorkersLost(f"{error}; finished runs are kept in {folder}") from None
        failures = data.failures()
        spent, strays = time.perf_counter() - began, tuple(data.strays())
        report = Report(data.folder, experiment.runs, len(failures), computed, spent, busy, strays)
        if computed or not data.sound(REPORT, listed(data.folder)):
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
        The experiment.
    out : str or Path, optional
        Folder of the Parquet data set, by default ``out/NAME``. An unfinished data set of the same experiment is
        continued.
    **options
        ``workers``, ``executor``, ``scheduler``, ``overwrite``: see :func:`execute`.

    Returns
    -------
    DataFrame
        Columns ``row``, ``seed``, ``scenario``, the factors, the outcomes, ``verdict`` and ``error``; a failed run has
        an error and no numbers.
    """
    folder = Path(out) if out is not None else Path("out") / experiment.name
    execute(experiment, folder, **options)
    return read(folder)


def run_in_memory(experiment: Experiment, **options: Any) -> pd.DataFrame:
    """Run a small experiment and return the table of :func:`run`, without a folder; see :func:`execute_in_memory`."""
    import pandas as pd

    chunks = execute_in_memory(experiment, **options)
    return pd.concat([pd.DataFrame(chunk.columns) for chunk in chunks], ignore_index=True)


def execute_in_memory(experiment: Experiment, **options: Any) -> list[Chunk]:
    """Run a small experiment and return its chunks in the order of the design.

    Parameters
    ----------
    experiment : Experiment
        The experiment.
    **options
        ``workers``, ``executor``, ``scheduler``, ``progress``: see :func:`execute`.

    Raises
    ------
    RunFailed
        If a run ends in an error.
    """
    import_code(experiment)
    memory = InMemoryStore(experiment)
    compute(experiment, memory, **options)
    return [memory.found[chunk] for chunk in range(experiment.chunks)]


# --- Computing -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class InMemoryStore:
    """The chunks of a small experiment in memory; no run may fail."""

    experiment: Experiment
    found: dict[int, Chunk] = field(default_factory=dict)

    def missing(self) -> list[int]:
        """Return the numbers of the chunks that are missing."""
        return [chunk for chunk in range(self.experiment.chunks) if chunk not in self.found]

    def write(self, chunk: int, found: Chunk) -> None:
        """Store a chunk."""
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
    """Compute the chunks that are missing in a store; return the total time that workers spent on runs [s]."""
    count = checked_workers(workers, executor)
    if scheduler is None and experiment.model == ECONOMY and store.missing():
        for rules in dict.fromkeys(experiment.setup_of(name).rules for name in experiment.scenarios):
            compile_month(rules, shared=executor == THREADS)
    for _ in range(ATTEMPTS):
        try:
            with suppress(BrokenExecutor), start_workers(executor, count, scheduler) as team:
                return hand_out(experiment, store, team, progress)
        except CancelledError:
            raise WorkersLost(f"scheduler {scheduler} has stopped") from None
    raise WorkersLost(f"workers died {ATTEMPTS} times; {len(store.missing())} chunks are missing")


def compile_month(rules: Named = (), *, shared: bool = True) -> None:
    """Compile or load the month before workers start: it is done once, and an interruption takes effect at once.

    Parameters
    ----------
    rules : tuple of pairs of str
        Replaced rules.
    shared : bool
        Whether workers share the memory of this process; those that do not load what is kept on disk, if it can be.
    """
    with suppress(Exception):  # the runs will report it
        found = rules_named(rules)
        if shared or found.linked_month().key is not None:
            simulate(months=1, rules=found)


def hand_out(experiment: Experiment, store: Dataset | InMemoryStore, team: Workers, progress: Progress) -> float:
    """Submit the missing chunks to workers and store the results; return the total time spent on runs [s]."""
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
    """Return a valid number of workers, by default the number of processors, or refuse the options.

    Raises
    ------
    InvalidInput
        If the number is out of bounds or the kind of workers unknown.
    """
    if executor not in EXECUTORS:
        raise InvalidInput(f"executor = {executor}: give one of {', '.join(EXECUTORS)}")
    return checked_count("workers", available() if workers is None else workers, 1, MAX_WORKERS)


def check_address(scheduler: str) -> None:
    """Refuse the address of a scheduler that cannot be one; Dask's client would try to close it for a minute.

    Raises
    ------
    InvalidInput
        If Dask cannot read the address.
    """
    from distributed.comm.addressing import get_address_host_port, parse_address
    from distributed.comm.registry import get_backend

    try:
        get_backend(parse_address(scheduler)[0])
        get_address_host_port(scheduler)
    except (ValueError, TypeError) as error:
        raise InvalidInput(
            f"scheduler = {scheduler}: does not answer, give one such as tcp://host:8786 ({shown(error)})"
        ) from None


def available() -> int:
    """Return the number of processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


__all__ = ["Report", "execute", "execute_in_memory", "read", "run", "run_in_memory"]
