"""Cost of a month for each agent [CPU time], from one thousand agents to one million."""

import time

from bubble_abm import Parameters
from bubble_abm.engine.simulation import Simulation
from tests.benchmarks.line import Line

FIRST, LAST = 24, 36  # the same months at every size: the market is then at its fullest
SIZES = {0.5: 20, 1.0: 20, 5.0: 5, 50.0: 3, 100.0: 2, 500.0: 1}  # scale and repetitions
TARGET = {100.0: 1.5}  # of the default size's cost
KINDS = ("provinces", "investors", "operators", "smugglers", "startups", "platforms")


def cost(scale):
    """Agents, and seconds for each agent and month."""
    run = Simulation(Parameters(scale=scale), months=LAST)
    agents = sum(len(getattr(run.world, kind)) for kind in KINDS)
    run.advance(FIRST)
    begin = time.process_time()
    run.advance(LAST - FIRST)
    return agents, (time.process_time() - begin) / (LAST - FIRST) / agents


def measure():
    cost(0.5)  # load the machine code
    agents, costs = {}, {}
    for scale, repetitions in SIZES.items():
        runs = [cost(scale) for _ in range(repetitions)]
        agents[scale], costs[scale] = runs[0][0], min(seconds for _, seconds in runs)
    lines = []
    for scale in SIZES:
        ratio = costs[scale] / costs[1.0]
        target = TARGET.get(scale)
        lines.append(
            Line(
                f"month of one agent among {agents[scale]:,} (scale {scale:g})",
                f"{1e9 * costs[scale]:.0f} ns, {ratio:.2f}x the default size's",
                f"<= {target}x" if target else "none set",
                ratio <= target if target else None,
            )
        )
    return lines
