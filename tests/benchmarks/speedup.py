"""The compiled month against the same month over ordinary Mesa agents: same world, same seed, one core, CPU time."""

import time

from bubble_abm import simulate
from bubble_abm.plain import PlainBubbleModel
from bubble_abm.simulation import Simulation
from tests.benchmarks.line import Line

MONTHS = 48
REPEATS = 3  # of the slow one; of the fast one ten times as many
TARGET = 200


def seconds(work):
    begin = time.process_time()
    work()
    return time.process_time() - begin


def plain_seconds():
    """Seconds for the whole run and for the bare months, on ordinary agents."""
    begin = time.process_time()
    model = PlainBubbleModel(months=MONTHS)
    founded = time.process_time()
    model.run_for(MONTHS)
    end = time.process_time()
    return end - begin, end - founded


def compiled_seconds():
    """Seconds for one call of ``simulate`` and for the bare months, on rows."""
    call = seconds(lambda: simulate(months=MONTHS))
    run = Simulation(months=MONTHS)
    return call, seconds(lambda: run.advance(MONTHS))


def measure():
    plain_seconds(), compiled_seconds()  # compile and warm up
    plain, fast = [], []
    for _ in range(REPEATS):  # interleaved, so that a busy moment of the machine meets both
        plain.append(plain_seconds())
        fast += [compiled_seconds() for _ in range(10)]
    lines = []
    for place, what in enumerate(("one run, founding included", "the bare months")):
        slow, quick = min(pair[place] for pair in plain), min(pair[place] for pair in fast)
        lines.append(
            Line(
                f"{what}: plain Mesa agents over compiled rows",
                f"{slow / quick:.0f}x ({1e3 * slow:.0f} ms / {1e3 * quick:.1f} ms, {MONTHS} months)",
                f">= {TARGET}x, aim 500x",
                slow / quick >= TARGET,
            )
        )
    return lines
