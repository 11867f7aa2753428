"""Workers of a batch: threads of this process, processes, or a Dask cluster; and what they are asked to do.

A chunk of runs is a pure function of its task, so who computes it, when, and how often does not matter.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from bubble_abm.economy.declare import InvalidInput
from bubble_abm.observe.monthly import series_columns
from bubble_abm.study.dataset import Chunk
from bubble_abm.study.experiment import Setup, find_model
from bubble_abm.study.provenance import code_of, processor, versions

THREADS, PROCESSES, DASK = "threads", "processes", "dask"
EXECUTORS = (THREADS, PROCESSES)
ATTEMPTS = 3  # how often a chunk whose worker died is given to another
ANSWER_WITHIN = 30.0  # seconds until a scheduler must have answered and have workers


class WrongWorker(RuntimeError):
    """A worker runs other code or other versions than the batch: its results would not be comparable."""


class WorkersLost(RuntimeError):
    """All workers have gone and none took their place."""


class RunFailed(RuntimeError):
    """A run ended in an error, where none may.

    Parameters
    ----------
    seed : int
        Seed of the run.
    error : str
        Kind of the error and its message, with a colon between them.
    """

    def __init__(self, seed: int, error: str) -> None:
        self.kind, _, text = error.partition(": ")
        super().__init__(f"seed {seed}, {text}")


class Stopped(RuntimeError):
    """The batch was interrupted while a chunk was being computed."""


def kind_of(error: BaseException) -> str:
    """Return the name of an error's kind; NumPy has one of its own for what is a ``MemoryError``."""
    return "MemoryError" if isinstance(error, MemoryError) else type(error).__name__


@dataclass(frozen=True)
class Task:
    """One chunk of runs, as it travels to a worker.

    Attributes
    ----------
    model : str
        ``module:function`` that runs a point.
    setup : Setup
        What all runs have in common.
    factors, columns : tuple of str
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
    columns: tuple[str, ...]
    rows: np.ndarray
    seeds: np.ndarray
    values: np.ndarray
    scenarios: tuple[str, ...]
    environment: tuple[Any, ...]


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
    numbers = np.full((len(task.rows), len(task.columns)), np.nan)
    verdicts: list[str | None] = [None] * len(task.rows)
    errors: list[str | None] = [None] * len(task.rows)
    series: list[Any] = []
    for run, (seed, values) in enumerate(zip(task.seeds.tolist(), task.values.tolist(), strict=True)):
        if halt.is_set():
            raise Stopped
        try:
            found = model(dict(zip(task.factors, values, strict=True)), seed, task.setup)
            outcomes, months = found if isinstance(found, tuple) else (found, [])
            numbers[run] = [outcomes[name] for name in task.columns]
            verdicts[run] = outcomes.get("verdict")
            series += [(run, place, table) for place, table in enumerate(months)]
        except Exception as error:  # whatever it is, it belongs to this run and must not end the others
            errors[run] = f"{kind_of(error)}: {' '.join(str(error).split())}"
    columns: dict[str, Any] = {"row": task.rows, "seed": task.seeds, "scenario": list(task.scenarios)}
    columns |= {name: np.ascontiguousarray(task.values[:, place]) for place, name in enumerate(task.factors)}
    columns |= {name: np.ascontiguousarray(numbers[:, place]) for place, name in enumerate(task.columns)}
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


# --- Who computes ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Workers:
    """The workers of a batch.

    Attributes
    ----------
    pool : Executor
        Takes tasks.
    count : int
        How many tasks can be worked on at once.
    evaluate : callable
        What is done with a task.
    present : callable
        Whether any worker is there.
    """

    pool: Executor
    count: int
    evaluate: Callable[[Task], Chunk]
    present: Callable[[], bool] = lambda: True


@contextmanager
def threads(workers: int) -> Iterator[Workers]:
    """Threads of this process: the months are compiled and let the others run."""
    halt = threading.Event()
    pool = ThreadPoolExecutor(workers, thread_name_prefix="bubble_abm")
    try:
        yield Workers(pool, workers, lambda task: evaluate(task, halt))
    finally:
        halt.set()
        pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def processes(workers: int) -> Iterator[Workers]:
    """Worker processes that live as long as the batch; each loads the compiled month once."""
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    context = multiprocessing.get_context("spawn")
    halt = context.Event()
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=set_stop, initargs=(halt,))
    try:
        yield Workers(pool, workers, evaluate)
    finally:
        halt.set()
        pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def cluster(address: str) -> Iterator[Workers]:
    """Workers of a Dask scheduler, on this machine or on others; one that dies has its chunks done by another."""
    from distributed import Client

    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # it would tell each lost connection at length
    try:
        client = Client(address, timeout=ANSWER_WITHIN, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        detail = " ".join(str(error).split())
        raise InvalidInput(
            f"scheduler = {address}: does not answer, give one such as tcp://host:8786 ({detail})"
        ) from None
    try:
        try:
            client.wait_for_workers(1, timeout=ANSWER_WITHIN)
        except TimeoutError:
            raise InvalidInput(
                f"scheduler = {address}: has no workers, start some with dask worker {address}"
            ) from None
        pool = client.get_executor(pure=False, retries=ATTEMPTS)
        yield Workers(pool, sum(client.ncores().values()), evaluate, lambda: bool(client.ncores()))
        pool.shutdown(wait=False)
    finally:
        client.close()


def start_workers(executor: str, count: int, scheduler: str | None) -> AbstractContextManager[Workers]:
    """Start threads or processes, or turn to those of a scheduler if there is one."""
    if scheduler is not None:
        return cluster(scheduler)
    return (threads if executor == THREADS else processes)(count)
