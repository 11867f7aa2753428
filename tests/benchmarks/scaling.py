"""Cost of a month for each agent [processor time], up to a million agents, and what memory alone would take."""

import time

import numpy as np

from bubble_abm import Parameters
from bubble_abm.economy.tables import table_of
from bubble_abm.engine.simulation import Simulation
from tests.benchmarks.line import Line, at_most

FIRST, LAST = 24, 36  # the same months at every size: the market is then at its fullest
SIZES = {0.5: 20, 1.0: 20, 50.0: 3, 100.0: 2, 500.0: 1}  # scale and repetitions
GOAL = 4.0  # times the floor
KINDS = ("provinces", "investors", "operators", "smugglers", "startups", "platforms")
BYTES = 2**28  # copied to measure the bandwidth of memory: more than caches hold


def bandwidth():
    """Bytes that one processor moves in a second between memory and itself, from copying a large vector."""
    source, target = np.ones(BYTES // 8), np.ones(BYTES // 8)
    times = []
    for _ in range(5):
        begin = time.process_time()
        np.copyto(target, source)
        times.append(time.process_time() - begin)
    return 2 * BYTES / min(times)  # read once, written once


def bytes_of(member, rows=None):
    """Bytes of a table, a row by itself, an array, or a named tuple of them; of a table, perhaps only some rows."""
    if isinstance(member, np.ndarray):
        return member[:rows].nbytes
    if isinstance(member, tuple):
        return sum(map(bytes_of, member))
    table = table_of(member)
    return sum(column[:rows].nbytes for column in table.columns.values())


def bytes_in_use(run):
    """Bytes of the state and of a month's luck: all tables, of contracts only those in force."""
    world, luck = run.world, run.luck
    contracts = {"leases": int(world.lease_count[0]), "orders": int(world.order_count[0])}
    state = sum(bytes_of(member, contracts.get(name)) for name, member in world._asdict().items())
    return state + bytes_of(luck) - bytes_of(luck.numbers)  # which are the same memory as its tables


def cost(scale):
    """Agents, bytes of state and luck for each of them, and seconds for each agent and month."""
    run = Simulation(Parameters(scale=scale), months=LAST)
    agents = sum(len(getattr(run.world, kind)) for kind in KINDS)
    run.advance(FIRST)
    begin = time.process_time()
    run.advance(LAST - FIRST)
    seconds = (time.process_time() - begin) / (LAST - FIRST) / agents
    return agents, bytes_in_use(run) / agents, seconds


def measure():
    cost(0.5)  # load the machine code
    speed, default = [], None
    lines = []
    for scale, repetitions in SIZES.items():
        speed.append(bandwidth())
        agents, size, _ = (runs := [cost(scale) for _ in range(repetitions)])[0]
        seconds = min(seconds for _, _, seconds in runs)
        default = seconds if scale == 1.0 else default
        floor = size / max(speed)
        text = f"{1e9 * seconds:.0f} ns, {seconds / floor:.1f}x the {1e9 * floor:.0f} ns that memory takes"
        text += f", {seconds / default:.1f}x the default size's" if default and scale > 1.0 else ""
        lines.append(
            at_most(
                f"month of one agent among {agents:,} (scale {scale:g})", seconds / floor, GOAL, text, "{:g}x memory"
            )
        )
    about = f"{size:.0f} bytes of state and luck an agent, {max(speed) / 1e9:.1f} GB/s by one processor"
    return [*lines, Line("what memory takes", about)]
