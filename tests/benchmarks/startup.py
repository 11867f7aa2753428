"""Time before the first month has been simulated in a new process, machine code being kept from before."""

import subprocess
import sys
import tempfile
import time

from tests.benchmarks.line import Line

REPEATS = 3
FIRST_MONTH = "from bubble_abm.engine.simulation import Simulation; Simulation(seed=1).advance(1)"
COMMAND = """
import os, sys
from bubble_abm.command.main import main
from bubble_abm.engine.simulation import Simulation
advance = Simulation.advance
def first_month(run, months):
    advance(run, 1)
    os._exit(0)
Simulation.advance = first_month
main(["run", "--seed", "1", "--out", sys.argv[1]])
"""
PROCESSES = {
    "an empty Python process": ["-c", ""],
    "a new process that imports NumPy and Numba": ["-c", "import numpy, numba"],
    "a new process up to the end of its first month": ["-c", FIRST_MONTH],
    "the same as BubbleModel, Mesa included": ["-c", "from bubble_abm import BubbleModel; BubbleModel(rng=1).step()"],
    "bubble-abm run --seed 1 up to the end of its first month": ["-c", COMMAND],
    "bubble-abm --help": ["-m", "bubble_abm", "--help"],
}
SECONDS = {"bubble-abm run --seed 1 up to the end of its first month": 2.0, "bubble-abm --help": 1.0}


def wall(arguments):
    """Seconds of a new Python process from start to end."""
    with tempfile.TemporaryDirectory() as folder:
        begin = time.perf_counter()
        subprocess.run(
            [sys.executable, *arguments, *([f"{folder}/run"] if COMMAND in arguments else [])],
            check=True,
            capture_output=True,
        )
        return time.perf_counter() - begin


def measure():
    wall(PROCESSES["bubble-abm run --seed 1 up to the end of its first month"])  # compile
    lines = []
    for what, arguments in PROCESSES.items():
        fastest, wanted = min(wall(arguments) for _ in range(REPEATS)), SECONDS.get(what)
        target = (f"<= {wanted:g} s", fastest <= wanted) if wanted else ()
        lines.append(Line(what, f"{fastest:.2f} s", *target))
    return lines
