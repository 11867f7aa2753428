"""The compiled month against the same month over ordinary Mesa agents: same world, same seed, one core, CPU time."""

import time

from bubble_abm import simulate
from bubble_abm.engine.plain import PlainBubbleModel
from bubble_abm.engine.simulation import Simulation
from tests.benchmarks.line import Line

MONTHS = 48
REPEATS = 3  # of the slow one; of the fast one ten times as many
TARGET = 200


def seconds(work):
    begin = time.process_time()
    work()
    return time.process_time() - begin


def plain_seconds(luck_compiled):
    """Seconds for the whole run and for the bare months, on ordinary agents."""
    begin = time.process_time()
    model = PlainBubbleModel(months=MONTHS, luck_compiled=luck_compiled)
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
    plain_seconds(True), compiled_seconds()  # compile and warm up
    plain, plain_helped, fast = [], [], []
    for _ in range(REPEATS):  # interleaved, so that a busy moment of the machine meets all
        plain.append(plain_seconds(False))
        plain_helped.append(plain_seconds(True))
        fast += [compiled_seconds() for _ in range(10)]
    return [
        line(what, min(pair[place] for pair in slow), min(pair[place] for pair in fast))
        for slow, what, place in (
            (plain, "one run, founding included: plain Mesa agents over compiled rows", 0),
            (plain, "the bare months: plain Mesa agents over compiled rows", 1),
            (plain_helped, "the bare months, when plain agents are handed luck drawn by compiled code", 1),
        )
    ]


def line(what, slow, quick):
    """One row of the table."""
    measured = f"{slow / quick:.0f}x ({1e3 * slow:.0f} ms / {1e3 * quick:.1f} ms, {MONTHS} months)"
    return Line(what, measured, f">= {TARGET}x, aim 500x", slow / quick >= TARGET)
