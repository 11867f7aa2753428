"""The batch engine against the runs themselves, two workers against one, and mesa.batch_run of plain Mesa agents."""

import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path
from statistics import median

from bubble_abm import Experiment, Parameters, twin
from bubble_abm.study.batch import available, execute
from bubble_abm.study.declared_experiments import find
from bubble_abm.study.workers import EXECUTORS, THREADS
from tests.benchmarks.clock import machine_seconds, queue_seconds
from tests.benchmarks.line import Line, at_least, at_most

OVERHEAD, PLAIN, MEMORY = 0.10, 200, 200
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
    """Cost of a pair of twins in a batch by one worker, Python's share of it, and plain calls of ``twin`` beside it."""
    experiment = grid(16)
    points = [Parameters(**dict(zip(experiment.design.factors, row))) for row in experiment.design.values]
    batches, shares, calls = [], [], []
    for _ in range(5):  # interleaved, so that a busy moment of the machine meets all
        with machine_seconds() as inside:
            begin = time.process_time()
            wall(experiment, workers=1)
            batches.append(time.process_time() - begin)
        shares.append(1.0 - inside[0] / batches[-1])
        begin = time.process_time()
        for point in points:
            for seed in range(1, experiment.seeds + 1):
                twin(point, seed=seed)
        calls.append(time.process_time() - begin)
    batch, call = (1e3 * median(seconds) / experiment.runs for seconds in (batches, calls))
    share, added = median(shares), batch / call - 1.0
    return [
        at_most("batch: a pair of twins", batch, PAIR, f"{batch:.1f} ms", "{:g} ms"),
        at_most("batch: Python's share, outcomes and files included", share, SHARE, f"{share:.1%}", "{:.0%}"),
        at_most(
            "batch: what the engine adds to calls of twin", added, OVERHEAD, f"{added:.1%} of {call:.1f} ms", "{:.0%}"
        ),
    ]


def parallel():
    """Compare two workers with one, threads and processes, each the better of three interleaved tries."""
    experiment, tries, free = grid(32), {}, {}
    for _ in range(3):
        for kind in EXECUTORS:
            for count in (1, 2):
                with queue_seconds() as waited:
                    seconds, _ = wall(experiment, executor=kind, workers=count)
                tries.setdefault((kind, count), []).append(seconds)
                free.setdefault((kind, count), []).append(seconds - sum(waited) / count)
    best, least = ({key: min(seconds) for key, seconds in one.items()} for one in (tries, free))
    lines = []
    for kind in EXECUTORS:
        faster = best[kind, 1] / best[kind, 2]
        text = f"{faster:.2f}x ({best[kind, 1]:.2f} s / {best[kind, 2]:.2f} s, {experiment.runs} pairs)"
        lines.append(at_least(f"batch: two {kind} against one", faster, PARALLEL, text, "{:g}x"))
    faster = least[THREADS, 1] / least[THREADS, 2]
    what = "batch: two threads against one, without waiting for processors that other programs used"
    lines.append(at_least(what, faster, PARALLEL, f"{faster:.2f}x", "{:g}x"))
    return lines


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
        mesa.batch_run(Plain, {"herding": points}, rng=seeds, number_processes=1, max_steps=48, display_progress=False)
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
    begin = time.process_time()
    seconds, _ = wall(sample)
    spent, count = time.process_time() - begin, available()
    hours, free = (total / sample.runs * whole.runs / 3600 for total in (seconds, spent / count))
    text = f"{hours:.2f} hours, {free:.2f} of free processors, from {sample.runs:,} of them"
    return Line(f"batch: {whole.runs:,} pairs (e06_sobol) on {count} processors", text)


def measure():
    """All lines."""
    wall(grid(1))  # compile and warm up
    return [*pairs(), *parallel(), against_mesa(), against_mesa_of_views(), memory(), projection()]
