"""The batch engine against the runs themselves, two workers against one, and mesa.batch_run of plain Mesa agents."""

import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path
from statistics import median

from bubble_abm import Experiment, Parameters, twin
from bubble_abm.engine.horizon import STANDARD_MONTHS
from bubble_abm.study import workers
from bubble_abm.study.batch import available, execute, task_of
from bubble_abm.study.declared_experiments import find
from bubble_abm.study.workers import EXECUTORS, PROCESSES, THREADS
from tests.benchmarks.clock import machine_seconds, queue_seconds
from tests.benchmarks.line import Line, at_least, at_most

ADDED, PLAIN, MEMORY = 0.10, 200, 200
PAIR, SHARE, PARALLEL = 12.5, 0.08, 1.8  # ms, part of the time, times as fast
POINTS = {"herding": (0, 2, 4, 6), "shock_openness": (0.0, 0.3, 0.6, 0.9)}
MANY = 100_000

FLAT = """
import resource, tempfile
from bubble_abm import Experiment
from bubble_abm.study.batch import execute
outcomes = tuple(f"m{place}" for place in range(30))
def batch(points):
    return Experiment(name="many", question="?", levers={"x": range(points)}, seeds=8, outcomes=outcomes, twins=False,
                      model="tests.models:wide")
with tempfile.TemporaryDirectory() as folder:
    execute(batch(250), folder + "/few")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    execute(batch(%d), folder + "/many")
    print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
"""


def grid(seeds):
    """Sixteen points under some seeds, each with its twin."""
    return Experiment(name="grid", question="?", levers=POINTS, seeds=seeds)


def wall(experiment, **options):
    """Seconds for a batch, and for its workers together."""
    with tempfile.TemporaryDirectory() as folder:
        report = execute(experiment, Path(folder) / "out", **options)
    return report.seconds, report.busy


def pairs():
    """Cost of a pair of twins to a worker, Python's share of it, calls of ``twin`` beside it, and what files add."""
    experiment = grid(16)
    points = [Parameters(**dict(zip(experiment.design.factors, row))) for row in experiment.design.values]
    tasks = [task_of(experiment, chunk) for chunk in range(experiment.chunks)]
    costs, shares, calls, batches = [], [], [], []
    for _ in range(5):  # interleaved, so that a busy moment of the machine meets all
        with machine_seconds() as inside:
            costs.append(spent(lambda: [workers.evaluate(task) for task in tasks]))
        shares.append(1.0 - inside[0] / costs[-1])
        calls.append(spent(lambda: [twin(point, seed=seed) for point in points for seed in range(1, 17)]))
        batches.append(spent(lambda: wall(experiment, workers=1)))
    cost, call, batch = (1e3 * median(seconds) / experiment.runs for seconds in (costs, calls, batches))
    share, added = median(shares), cost / call - 1.0
    files = (batch - cost) * experiment.runs / experiment.chunks
    return [
        at_most("batch: a pair of twins", cost, PAIR, f"{cost:.1f} ms", "{:g} ms"),
        at_most("batch: Python's share, outcomes included", share, SHARE, f"{share:.1%}", "{:.0%}"),
        at_most("batch: what a worker adds to calls of twin", added, ADDED, f"{added:.1%} of {call:.1f} ms", "{:.0%}"),
        Line("batch: handing out a chunk, and its file", f"{files:.1f} ms for 8 to 256 pairs"),
    ]


def spent(work):
    """Processor seconds of some work."""
    begin = time.process_time()
    work()
    return time.process_time() - begin


def parallel():
    """Compare two workers with one, threads and processes, each the better of three interleaved tries."""
    experiment, tries, free = grid(32), {}, {}
    for _ in range(3):
        for count in (1, 2):
            with queue_seconds() as waited:
                seconds, _ = wall(experiment, workers=count)
            tries.setdefault((THREADS, count), []).append(seconds)
            free.setdefault(count, []).append(seconds - sum(waited) / count)
            tries.setdefault((PROCESSES, count), []).append(wall(experiment, executor=PROCESSES, workers=count)[0])
    lines = []
    for kind in EXECUTORS:
        one, two = (min(tries[kind, count]) for count in (1, 2))
        text = f"{one / two:.2f}x ({one:.2f} s / {two:.2f} s, {experiment.runs} pairs)"
        lines.append(at_least(f"batch: two {kind} against one", one / two, PARALLEL, text, "{:g}x"))
    faster = min(free[1]) / min(free[2])
    what = "batch: two threads against one, less the time in the queue for a processor"
    return [*lines, at_least(what, faster, PARALLEL, f"{faster:.2f}x", "{:g}x")]


def against_mesa():
    """Run a design by mesa.batch_run of plain Mesa agents and by the engine: the same points and seeds, one process."""
    import mesa

    from bubble_abm.engine.plain import PlainBubbleModel

    class Plain(PlainBubbleModel):
        """The run on ordinary Mesa agents, with a parameter that mesa.batch_run can set."""

        def __init__(self, herding, rng):
            super().__init__(Parameters(herding=herding), rng=rng, luck_compiled=False)
            self.datacollector = mesa.DataCollector({"rent": last_rent})

        def step(self):
            super().step()
            self.datacollector.collect(self)

    def last_rent(model):
        return model.records.measures["rent_per_server"][model.simulation.month - 1]

    points, seeds = (1.0, 5.0), (1, 2)
    begin = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        options = {"number_processes": 1, "max_steps": STANDARD_MONTHS, "display_progress": False}
        mesa.batch_run(Plain, {"herding": points}, rng=seeds, **options)
    slow = (time.perf_counter() - begin) / 4
    experiment = Experiment(name="same", question="?", levers={"herding": points}, seeds=100, twins=False)
    seconds, _ = wall(experiment, workers=1)
    fast = seconds / experiment.runs
    measured = f"{slow / fast:.0f}x ({1e3 * slow:.0f} ms / {1e3 * fast:.1f} ms a run, one worker each)"
    what = "batch: mesa.batch_run of plain Mesa agents over this engine"
    return at_least(what, slow / fast, PLAIN, measured, "{:g}x")


def against_mesa_of_views():
    """Run a design by mesa.batch_run of BubbleModel and by the engine: what keeping a script around it costs."""
    import mesa

    from bubble_abm import BubbleModel

    points, seeds = (1.0, 3.0, 5.0), (1, 2, 3)
    begin = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        mesa.batch_run(BubbleModel, {"herding": points}, rng=seeds, number_processes=1, display_progress=False)
    slow = (time.perf_counter() - begin) / 9
    experiment = Experiment(name="same", question="?", levers={"herding": points}, seeds=100, twins=False)
    seconds, _ = wall(experiment, workers=1)
    fast = seconds / experiment.runs
    measured = f"{slow / fast:.0f}x ({1e3 * slow:.0f} ms / {1e3 * fast:.1f} ms a run, one worker each)"
    return Line("batch: mesa.batch_run of BubbleModel over this engine", measured)


def memory():
    """Let the parent of a hundred thousand runs say how far its memory grew after the first two thousand."""
    told = subprocess.run([sys.executable, "-c", FLAT % (MANY // 8)], capture_output=True, text=True, check=True)
    grown = float(told.stdout)
    what = f"batch: memory that {MANY:,} runs add to the parent"
    return at_most(what, grown, MEMORY, f"{grown:.0f} MB", "{:g} MB")


def projection():
    """Project the time of the full design of e06_sobol from a sample of its own points."""
    import dataclasses

    whole = find("e06_sobol")
    sampling = dataclasses.replace(whole.sampling, samples=32)
    sample = dataclasses.replace(whole, sampling=sampling)
    begin, count = time.process_time(), available()
    seconds, _ = wall(sample)
    busy = (time.process_time() - begin) / count
    hours, free = (total / sample.runs * whole.runs / 3600 for total in (seconds, busy))
    text = f"{hours:.2f} hours, {free:.2f} of free processors, from {sample.runs:,} of them"
    return Line(f"batch: {whole.runs:,} pairs (e06_sobol) on {count} processors", text)


def measure():
    """All lines."""
    wall(grid(1))  # compile and warm up
    return [*pairs(), *parallel(), against_mesa(), against_mesa_of_views(), memory(), projection()]
