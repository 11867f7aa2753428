"""Time before the first month has been simulated in a new process, machine code being kept from before."""

import os
import resource
import subprocess
import sys
import tempfile
import time

from tests.benchmarks.line import Line, at_most

REPEATS = 3
FIRST_MONTH = "from bubble_abm.engine.simulation import Simulation; Simulation(seed=1).advance(1)"
COMMAND = """
import os, sys
from bubble_abm.command.main import main
from bubble_abm.engine.simulation import Simulation
run_to = Simulation.run_to
def first_month(run, month):
    run_to(run, 1)
    os._exit(0)
Simulation.run_to = first_month
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
COMPILED = 30.0  # seconds
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


def processor_seconds(**environment):
    """Processor seconds of a new process up to the end of its first month."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", FIRST_MONTH], check=True, capture_output=True, env=os.environ | environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def compiling():
    """Processor seconds of the first compilation: of a process with an empty cache, less one with a full one."""
    with tempfile.TemporaryDirectory() as folder:
        first, second = (processor_seconds(NUMBA_CACHE_DIR=folder) for _ in range(2))
    spent = first - second
    return at_most("first compilation", spent, COMPILED, f"{spent:.1f} s of a processor", "{:g} s")


def measure():
    wall(PROCESSES["bubble-abm run --seed 1 up to the end of its first month"])  # compile
    lines = [compiling()]
    for what, arguments in PROCESSES.items():
        fastest, wanted = min(wall(arguments) for _ in range(REPEATS)), SECONDS.get(what)
        text = f"{fastest:.2f} s"
        lines.append(at_most(what, fastest, wanted, text, "{:g} s") if wanted else Line(what, text))
    return lines
