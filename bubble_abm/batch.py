"""Batches of any size: chunks of runs, computed by threads, by processes or by a Dask cluster, and kept one by one.

A chunk is a pure function of the experiment, so who computes it, when, and how often does not matter. The parent hands
chunks out, a few more than there are workers, and writes what comes back; it keeps nothing, so its memory stays flat.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bubble_abm.anatomy import series_columns
from bubble_abm.dataset import Chunk, Dataset, code_of, read
from bubble_abm.experiment import Experiment, Setup, find_model
from bubble_abm.parameters import InvalidInput, checked_count
from bubble_abm.provenance import WrongWorker, processor, versions

if TYPE_CHECKING:
    import pandas as pd

THREADS, PROCESSES, DASK = "threads", "processes", "dask"
EXECUTORS = (THREADS, PROCESSES)
MOST_WORKERS = 1024
AHEAD = 2  # chunks under way or waiting for each worker: one more than it can work on
ATTEMPTS = 3  # pools of processes, each lost with one of its workers
PATIENCE = 30.0  # seconds until a scheduler must have workers


class Stopped(RuntimeError):
    """The batch was interrupted while a chunk was being computed."""


@dataclass(frozen=True)
class Task:
    """One chunk of runs, as it travels to a worker.

    Attributes
    ----------
    model : str
        ``module:function`` that runs a point.
    setup : Setup
        What all runs have in common.
    factors, outputs : tuple of str
        Names of the values of a point, and of the numbers that a run gives.
    rows, seeds : ndarray of shape (runs,)
        Row of the design and seed of each run.
    values : ndarray of shape (runs, factors)
        Point of each run.
    scenarios : tuple of str
        Scenario of each run.
    environment : tuple
        Code, versions and processor that the worker must have.
    """

    model: str
    setup: Setup
    factors: tuple[str, ...]
    outputs: tuple[str, ...]
    rows: np.ndarray
    seeds: np.ndarray
    values: np.ndarray
    scenarios: tuple[str, ...]
    environment: tuple[Any, ...]


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


# --- A worker's part ------------------------------------------------------------------------------------------------

never = threading.Event()  # not set: where nobody can interrupt, a chunk is computed to its end
stop: Any = never


def set_stop(event: Any) -> None:
    """Tell this process which event interrupts its chunks; the terminal's interrupt is for the parent."""
    import signal

    global stop
    stop = event
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def environment(model: str) -> tuple[Any, ...]:
    """Return what a worker must have in common with the parent."""
    return code_of(model), tuple(versions().items()), processor()


def check_environment(task: Task) -> None:
    """Refuse to compute for a parent with other code or versions."""
    own = environment(task.model)
    if own != task.environment:
        wanted, here = (dict(one[1]) | {"code": one[0], "processor": one[2]} for one in (task.environment, own))
        name = next(name for name in wanted if wanted[name] != here.get(name))
        raise WrongWorker(f"a worker has {name} {here.get(name)}, and the batch {wanted[name]}")


def evaluate(task: Task, halt: Any = None) -> Chunk:
    """Compute a chunk: each point under its seed; a run that fails leaves its message and no numbers.

    Parameters
    ----------
    task : Task
        The chunk.
    halt : event, optional
        Interrupts the chunk between two runs when set.
    """
    check_environment(task)
    halt = halt or stop
    began = time.perf_counter()
    model = find_model(task.model)
    numbers = np.full((len(task.rows), len(task.outputs)), np.nan)
    verdicts: list[str | None] = [None] * len(task.rows)
    errors: list[str | None] = [None] * len(task.rows)
    series: list[Any] = []
    for run, (seed, values) in enumerate(zip(task.seeds.tolist(), task.values.tolist(), strict=True)):
        if halt.is_set():
            raise Stopped
        try:
            found = model(dict(zip(task.factors, values, strict=True)), seed, task.setup)
            outcomes, months = found if isinstance(found, tuple) else (found, [])
            numbers[run] = [outcomes[name] for name in task.outputs]
            verdicts[run] = outcomes.get("verdict")
            series += [(run, place, table) for place, table in enumerate(months)]
        except Exception as error:  # whatever it is, it belongs to this run and must not end the others
            errors[run] = f"{type(error).__name__}: {' '.join(str(error).split())}"
    columns: dict[str, Any] = {"row": task.rows, "seed": task.seeds, "scenario": list(task.scenarios)}
    columns |= {name: np.ascontiguousarray(task.values[:, place]) for place, name in enumerate(task.factors)}
    columns |= {name: np.ascontiguousarray(numbers[:, place]) for place, name in enumerate(task.outputs)}
    columns |= {"verdict": verdicts, "error": errors}
    return Chunk(columns, stacked(task, series), time.perf_counter() - began)


def stacked(task: Task, series: list[Any]) -> dict[str, Any] | None:
    """Return the months of all runs of a chunk in one table, None if no months are kept."""
    if not task.setup.series:
        return None
    months = task.setup.months
    runs = np.array([run for run, _, _ in series], dtype=np.int64)
    columns: dict[str, Any] = {
        "row": np.repeat(task.rows[runs], months),
        "seed": np.repeat(task.seeds[runs], months),
        "shock": np.repeat(np.array([place == 0 for _, place, _ in series], dtype=bool), months),
        "month": np.tile(np.arange(months), len(runs)),
    }
    for name in series_columns(task.setup.series):
        tables = [np.ascontiguousarray(table[name]) for _, _, table in series]
        columns[name] = np.concatenate(tables) if tables else np.zeros(0)
    return columns


# --- The parent's part ----------------------------------------------------------------------------------------------


def task_of(data: Dataset, chunk: int) -> Task:
    """Return the task of a chunk."""
    experiment, span = data.experiment, np.array(data.span(chunk))
    design = experiment.design
    rows = span // experiment.seeds
    return Task(
        model=experiment.model,
        setup=experiment.setup,
        factors=design.factors,
        outputs=experiment.outputs,
        rows=rows,
        seeds=experiment.first_seed + span % experiment.seeds,
        values=design.values[rows],
        scenarios=tuple(design.scenarios[place] for place in design.scenario[rows]),
        environment=environment(experiment.model),
    )


@contextmanager
def threads(workers: int) -> Iterator[tuple[Executor, int, Callable[[Task], Chunk]]]:
    """Threads of this process: the months are compiled and let the others run."""
    halt = threading.Event()
    pool = ThreadPoolExecutor(workers, thread_name_prefix="bubble_abm")
    try:
        yield pool, workers, lambda task: evaluate(task, halt)
    finally:
        halt.set()
        pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def processes(workers: int) -> Iterator[tuple[Executor, int, Callable[[Task], Chunk]]]:
    """Worker processes that live as long as the batch; each loads the compiled month once."""
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    context = multiprocessing.get_context("spawn")
    halt = context.Event()
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=set_stop, initargs=(halt,))
    try:
        yield pool, workers, evaluate
    finally:
        halt.set()
        pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def cluster(address: str) -> Iterator[tuple[Executor, int, Callable[[Task], Chunk]]]:
    """Workers of a Dask scheduler, on this machine or on others; one that dies has its chunks done by another."""
    from distributed import Client

    try:
        client = Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        detail = " ".join(str(error).split())
        raise InvalidInput(
            f"scheduler = {address}: does not answer, give one such as tcp://host:8786 ({detail})"
        ) from None
    try:
        try:
            client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError:
            raise InvalidInput(
                f"scheduler = {address}: has no workers, start some with dask worker {address}"
            ) from None
        pool = client.get_executor(pure=False, retries=ATTEMPTS)
        yield pool, sum(client.ncores().values()), evaluate
        pool.shutdown(wait=False)
    finally:
        client.close()


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
                with staff(executor, count, scheduler) as (pool, size, work):
                    busy += hand_out(data, missing, pool, AHEAD * size, work, tell)
                break
            except BrokenExecutor:
                missing = data.missing()
                if attempt + 1 == ATTEMPTS:
                    raise WrongWorker(f"workers died {ATTEMPTS} times; {len(missing)} chunks are missing") from None
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


def staff(executor: str, workers: int, scheduler: str | None) -> Any:
    """Return those who compute: an executor, how many can work at once, and what they are asked to do."""
    if scheduler is not None:
        return cluster(scheduler)
    return (threads if executor == THREADS else processes)(workers)


def hand_out(
    data: Dataset, missing: list[int], pool: Executor, most: int, work: Callable[[Task], Chunk], tell: Teller
) -> float:
    """Hand chunks out, no more than ``most`` at a time, and write what comes back; return the workers' seconds."""
    waiting = iter(missing)
    under_way: dict[Future[Chunk], int] = {}
    busy = 0.0
    while True:
        while len(under_way) < most and (chunk := next(waiting, None)) is not None:
            under_way[pool.submit(work, task_of(data, chunk))] = chunk
        if not under_way:
            return busy
        done, _ = wait(under_way, return_when=FIRST_COMPLETED)
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
