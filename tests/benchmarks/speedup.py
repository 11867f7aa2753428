"""The compiled month against the same month over ordinary Mesa agents: same world, same seed, one core, CPU time."""

import time

from bubble_abm import BubbleModel, simulate
from bubble_abm.engine.plain import PlainBubbleModel
from bubble_abm.engine.simulation import Simulation
from tests.benchmarks.line import Line, at_least

MONTHS = 48
REPEATS = 3  # of the slow one; of the fast one ten times as many
INTERPRETED, LUCK_COMPILED = 500, 200  # goals


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


def views_seconds():
    """Seconds for the bare months, compiled on rows, with Mesa's views and data collector."""
    model = BubbleModel(months=MONTHS, rng=1)
    return seconds(lambda: model.run_for(MONTHS))


def measure():
    plain_seconds(True), compiled_seconds()  # compile and warm up
    plain, helped, views, fast = [], [], [], []
    for _ in range(REPEATS):  # interleaved, so that a busy moment of the machine meets all
        plain.append(plain_seconds(False))
        helped.append(plain_seconds(True))
        views.append(views_seconds())
        fast += [compiled_seconds() for _ in range(10)]
    run, months = (min(pair[place] for pair in fast) for place in (0, 1))
    return [
        line("one run, founding included: plain Mesa agents, interpreted throughout", min(plain)[0], run, INTERPRETED),
        line("its months alone: the same", min(pair[1] for pair in plain), months, INTERPRETED),
        line("its months alone: luck compiled for both", min(pair[1] for pair in helped), months, LUCK_COMPILED),
        Line("its months alone: both compiled, with Mesa's views and data collector", ratio(min(views), months)),
    ]


def ratio(slow, quick):
    """How many times as long the first takes."""
    return f"{slow / quick:.{0 if slow > 10 * quick else 1}f}x ({1e3 * slow:.0f} ms / {1e3 * quick:.1f} ms)"


def line(what, slow, quick, goal):
    """One row of the table."""
    return at_least(what, slow / quick, goal, ratio(slow, quick), "{:g}x")
