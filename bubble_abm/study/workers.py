"""Workers of a batch, which are threads, processes or a Dask cluster, and the tasks that they compute.

A chunk of runs is a pure function of its task, so it does not matter which worker computes it, when, or how often.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from bubble_abm.economy.declare import InvalidInput
from bubble_abm.engine.rules import Named
from bubble_abm.observe.monthly import series_columns
from bubble_abm.study.dataset import Chunk
from bubble_abm.study.experiment import Setup, find_model, values_at
from bubble_abm.study.provenance import code_of, processor, versions

THREADS, PROCESSES, DASK = "threads", "processes", "dask"
EXECUTORS = (THREADS, PROCESSES)
ATTEMPTS = 3  # number of workers that may die while computing a chunk
ANSWER_WITHIN = 30.0  # seconds within which a scheduler must answer and have workers


class WrongWorker(RuntimeError):
    """A worker has different code or versions from the batch, so its results would not be comparable."""


class WorkersLost(RuntimeError):
    """All workers have stopped, and no new ones have started."""


class RunFailed(RuntimeError):
    """A run ended in an error in a batch that stops at the first error.

    Parameters
    ----------
    seed : int
        Seed of the run.
    error : str
        Kind of the error and its message, separated by a colon.
    """

    def __init__(self, seed: int, error: str) -> None:
        self.kind, _, text = error.partition(": ")
        super().__init__(f"seed {seed}, {text}")


class Stopped(RuntimeError):
    """The batch was interrupted while a chunk was being computed."""


def kind_of(error: BaseException) -> str:
    """Return the name of an error's class; subclasses of ``MemoryError``, such as NumPy's, have its name."""
    return "MemoryError" if isinstance(error, MemoryError) else type(error).__name__


@dataclass(frozen=True)
class Task:
    """One chunk of runs, as it is sent to a worker.

    Attributes
    ----------
    model : str
        ``module:function`` that runs a point.
    setups : mapping of str to Setup
        Settings of the runs of each scenario.
    factors, columns : tuple of str
        Names of the values of a point, and of the outcomes.
    rows, seeds : ndarray of shape (runs,)
        Row of the design and seed of each run.
    values : ndarray of shape (runs, factors)
        Point of each run.
    economies : tuple of mapping of str to float
        Values from which each run starts.
    scenarios : tuple of str
        Scenario of each run.
    rules : tuple of pairs of str
        Replaced rules of all scenarios of the batch.
    environment : tuple
        Code, versions and processor that the worker must have.
    """

    model: str
    setups: Mapping[str, Setup]
    factors: tuple[str, ...]
    columns: tuple[str, ...]
    rows: np.ndarray
    seeds: np.ndarray
    values: np.ndarray
    economies: tuple[Mapping[str, float], ...]
    scenarios: tuple[str, ...]
    rules: Named
    environment: tuple[Any, ...]


# --- Computing a task ------------------------------------------------------------------------------------------------

stop: Any = threading.Event()  # never set unless `set_stop` replaces it


def set_stop(event: Any) -> None:
    """Set the event that interrupts chunks in this process, and ignore Ctrl-C, which the main process handles."""
    import signal

    global stop
    stop = event
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def environment(model: str, rules: Named = ()) -> tuple[Any, ...]:
    """Return the code, versions and processor, which must be the same for a worker as for the batch."""
    return code_of(model, rules), tuple(versions().items()), processor()


def check_environment(task: Task) -> None:
    """Refuse a task from a batch with different code, versions or processor."""
    own = environment(task.model, task.rules)
    if own != task.environment:
        wanted, here = (dict(one[1]) | {"code": one[0], "processor": one[2]} for one in (task.environment, own))
        name = next(name for name in wanted if wanted[name] != here.get(name))
        raise WrongWorker(f"a worker has {name} {here.get(name)}, but the batch has {wanted[name]}")


def evaluate(task: Task, halt: Any = None) -> Chunk:
    """Compute a chunk; a run that fails has an error message and no numbers.

    Runs of the chunk with the same point and seed are computed once and copied: in designs of sensitivity analysis,
    rows that differ only in the inert factor, or in a whole factor by less than one.

    Parameters
    ----------
    task : Task
        The chunk.
    halt : event, optional
        If it is set, computing stops before the next run.
    """
    check_environment(task)
    halt = halt or stop
    began = time.perf_counter()
    model = find_model(task.model)
    numbers = np.full((len(task.rows), len(task.columns)), np.nan)
    verdicts: list[str | None] = [None] * len(task.rows)
    errors: list[str | None] = [None] * len(task.rows)
    series: list[Any] = []
    known: dict[tuple[Any, ...], tuple[Any, ...]] = {}
    runs = zip(task.seeds.tolist(), task.values.tolist(), task.economies, strict=True)
    for run, (seed, point, economy) in enumerate(runs):
        if halt.is_set():
            raise Stopped
        setup, values = task.setups[task.scenarios[run]], values_at(task.factors, point)
        same = (setup.changes, setup.rules, seed, *values.items())  # and the same economy, which depends on the seed
        if same not in known:
            known[same] = one_run(task, model, {**economy, **values}, seed, setup)
        numbers[run], verdicts[run], errors[run], months = known[same]
        series += [(run, place, table) for place, table in enumerate(months)]
    columns: dict[str, Any] = {"row": task.rows, "seed": task.seeds, "scenario": list(task.scenarios)}
    columns |= {name: np.ascontiguousarray(task.values[:, place]) for place, name in enumerate(task.factors)}
    columns |= {name: np.ascontiguousarray(numbers[:, place]) for place, name in enumerate(task.columns)}
    columns |= {"verdict": verdicts, "error": errors}
    return Chunk(columns, stacked(task, series), time.perf_counter() - began)


def one_run(
    task: Task, model: Callable[..., Any], values: dict[str, float], seed: int, setup: Setup
) -> tuple[list[float], str | None, str | None, list[Any]]:
    """Run a point with a seed; return its outcomes, verdict, error message and months."""
    try:
        found = model(values, seed, setup)
        outcomes, months = found if isinstance(found, tuple) else (found, [])
        return [float(outcomes[name]) for name in task.columns], outcomes.get("verdict"), None, months
    except Exception as error:  # any error is recorded for its run, and the other runs continue
        message = f"{kind_of(error)}: {' '.join(str(error).split())}"
        return [math.nan] * len(task.columns), None, message, []


def stacked(task: Task, series: list[Any]) -> dict[str, Any] | None:
    """Return the months of all runs of a chunk as one table, None if no months are kept."""
    setup = next(iter(task.setups.values()))  # length and series are those of all
    if not setup.series:
        return None
    months = setup.months
    runs = np.array([run for run, _, _ in series], dtype=np.int64)
    columns: dict[str, Any] = {
        "row": np.repeat(task.rows[runs], months),
        "seed": np.repeat(task.seeds[runs], months),
        "shock": np.repeat(np.array([place == 0 for _, place, _ in series], dtype=bool), months),
        "month": np.tile(np.arange(months), len(runs)),
    }
    for name in series_columns(setup.series):
        tables = [np.ascontiguousarray(table[name]) for _, _, table in series]
        columns[name] = np.concatenate(tables) if tables else np.zeros(0)
    return columns


# --- Kinds of workers -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Workers:
    """The workers of a batch.

    Attributes
    ----------
    pool : Executor
        Executor to which tasks are submitted.
    count : int
        Number of tasks that can be computed at the same time.
    evaluate : callable
        Function that computes a task.
    present : callable
        Whether there is any worker.
    """

    pool: Executor
    count: int
    evaluate: Callable[[Task], Chunk]
    present: Callable[[], bool] = lambda: True


@contextmanager
def threads(workers: int) -> Iterator[Workers]:
    """Start threads of this process; compiled months release Python's global lock."""
    halt = threading.Event()
    pool = ThreadPoolExecutor(workers, thread_name_prefix="bubble_abm")
    try:
        yield Workers(pool, workers, lambda task: evaluate(task, halt))
    finally:
        halt.set()
        pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def processes(workers: int) -> Iterator[Workers]:
    """Start processes, which run until the end of the batch; each loads the compiled month once."""
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
    """Use the workers of a Dask scheduler, on any machine; if one dies, another computes its chunks."""
    from distributed import Client

    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # it reports each lost connection at length
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
    """Start threads or processes, or use the workers of a scheduler if one is given."""
    if scheduler is not None:
        return cluster(scheduler)
    return (threads if executor == THREADS else processes)(count)
