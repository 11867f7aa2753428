"""The batch engine against the runs themselves, two workers against one, and mesa.batch_run of plain Mesa agents."""

import subprocess
import sys
import tempfile
import time
import warnings
from contextlib import contextmanager
from pathlib import Path

from bubble_abm import Experiment, Parameters, twin
from bubble_abm.engine.horizon import STANDARD_MONTHS
from bubble_abm.engine.rules import Rules
from bubble_abm.study.batch import available, execute
from bubble_abm.study.declared_experiments import find
from tests.benchmarks.line import Line

OVERHEAD, EFFICIENCY, PLAIN, MEMORY = 0.10, 0.85, 200, 200
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


@contextmanager
def bare_seconds():
    """Add up the time inside compiled code: founding and months, the run itself."""
    machine, spent = Rules().linked_month(), [0.0]
    plain = machine.found_world, machine.run_months

    def timed(function):
        def call(*arguments):
            begin = time.perf_counter()
            function(*arguments)
            spent[0] += time.perf_counter() - begin

        return call

    machine.found_world, machine.run_months = map(timed, plain)
    try:
        yield spent
    finally:
        machine.found_world, machine.run_months = plain


def overhead():
    """Compare a batch by one worker with plain calls of ``twin`` at its points, and with the compiled code alone."""
    experiment = grid(32)
    points = [Parameters(**dict(zip(experiment.design.factors, row))) for row in experiment.design.values]
    batches, calls, bare = [], [], []
    for _ in range(3):  # interleaved, so that a busy moment of the machine meets all
        batches.append(wall(experiment, workers=1)[0])
        with bare_seconds() as inside:
            begin = time.perf_counter()
            for point in points:
                for seed in range(1, experiment.seeds + 1):
                    twin(point, seed=seed)
            calls.append(time.perf_counter() - begin)
        bare.append(inside[0])
    batch, call, compiled = (1e3 * min(seconds) / experiment.runs for seconds in (batches, calls, bare))
    share = batch / call - 1.0
    numbers = f"({batch:.2f} ms a pair of twins, {call:.2f} ms by calling twin, {compiled:.2f} ms of it compiled)"
    return [
        Line("batch: what the engine adds to calls of twin", f"{share:.1%} {numbers}", f"<= {OVERHEAD:.0%}",
             share <= OVERHEAD),
        Line("batch: what is not compiled, outcomes and files included", f"{batch / compiled - 1.0:.1%} of what is"),
    ]  # fmt: skip


def parallel():
    """Compare two workers with one, threads and processes, each the better of three interleaved tries."""
    lines, tries = [], {}
    experiment = grid(64)
    for _ in range(3):
        for executor in ("threads", "processes"):
            for workers in (1, 2):
                seconds, _ = wall(experiment, executor=executor, workers=workers)
                tries.setdefault((executor, workers), []).append(seconds)
    best = {key: min(seconds) for key, seconds in tries.items()}
    for executor in ("threads", "processes"):
        one, two = best[executor, 1], best[executor, 2]
        share = one / two / 2.0
        measured = f"{share:.2f} ({one:.2f} s / {two:.2f} s, {experiment.runs} pairs)"
        reached = share >= EFFICIENCY
        lines.append(Line(f"batch: efficiency of two {executor}", measured, f">= {EFFICIENCY}", reached))
    ratio = best["processes", 2] / best["threads", 2]
    lines.append(Line("batch: two processes over two threads, their start included", f"{ratio:.2f}x"))
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
        options = {"number_processes": 1, "max_steps": STANDARD_MONTHS, "display_progress": False}
        mesa.batch_run(Plain, {"herding": points}, rng=seeds, **options)
    slow = (time.perf_counter() - begin) / 4
    experiment = Experiment(name="same", question="?", levers={"herding": points}, seeds=100, twins=False)
    seconds, _ = wall(experiment, workers=1)
    fast = seconds / experiment.runs
    measured = f"{slow / fast:.0f}x ({1e3 * slow:.0f} ms / {1e3 * fast:.1f} ms a run, one worker each)"
    return Line(
        "batch: mesa.batch_run of plain Mesa agents over this engine", measured, f">= {PLAIN}x", slow / fast >= PLAIN
    )


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
    return Line(
        f"batch: memory that {MANY:,} runs add to the parent", f"{grown:.0f} MB", f"<= {MEMORY} MB", grown <= MEMORY
    )


def projection():
    """Project the full Sobol design of e06_sobol from a sample of its own points."""
    import dataclasses

    whole = find("e06_sobol")
    sampling = dataclasses.replace(whole.sampling, samples=32)
    sample = dataclasses.replace(whole, sampling=sampling, seeds=2)
    seconds, _ = wall(sample)
    minutes = seconds / sample.runs * whole.runs / 60
    text = f"{minutes:.1f} min for {whole.runs:,} pairs on {available()} processors, from {sample.runs:,} of them"
    return Line("batch: projected time of e06_sobol (N = 1024, 14 factors, 8 seeds)", text)


def measure():
    """All lines."""
    wall(grid(1))  # compile and warm up
    return [*overhead(), *parallel(), against_mesa(), against_mesa_of_views(), memory(), projection()]
