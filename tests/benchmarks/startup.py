"""Time before the first month has been simulated in a new process, machine code being kept from before."""

import importlib.util
import subprocess
import sys
import time

from tests.benchmarks.line import Line

REPEATS = 3
FIRST_MONTH = "from bubble_abm.simulation import Simulation; Simulation(seed=1).advance(1)"
PROCESSES = {
    "an empty Python process": ["-c", ""],
    "a new process that imports NumPy and Numba": ["-c", "import numpy, numba"],
    "a new process up to the end of its first month": ["-c", FIRST_MONTH],
    "the same as BubbleModel, Mesa included": ["-c", "from bubble_abm import BubbleModel; BubbleModel(rng=1).step()"],
}
COMMANDS = {
    "bubble-abm --help": ["-m", "bubble_abm.cli", "--help"],
}


def wall(arguments):
    """Seconds of a new Python process from start to end."""
    begin = time.perf_counter()
    subprocess.run([sys.executable, *arguments], capture_output=True, check=True)
    return time.perf_counter() - begin


def measure():
    there = importlib.util.find_spec("bubble_abm.cli") is not None
    processes = {**PROCESSES, **(COMMANDS if there else {})}
    lines = [
        Line(what, f"{min(wall(arguments) for _ in range(REPEATS)):.2f} s") for what, arguments in processes.items()
    ]
    return lines if there else [*lines, Line("bubble-abm --help", "there is no command line yet")]
