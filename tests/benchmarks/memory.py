"""Peak memory of a default run in a new process."""

import subprocess
import sys

from tests.benchmarks.line import Line, at_most

GOAL = 300  # MB
# The kernel's high-water mark of this program. Not ru_maxrss: a new process inherits that from the one that started it.
PEAK = "print(next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')))"
RUNS = {
    "a default run": "from bubble_abm import simulate; simulate()",
    "a default run and its table of series": "from bubble_abm import simulate; simulate().series",
    "a default run as BubbleModel": "from bubble_abm import BubbleModel; m = BubbleModel(rng=1); m.run_for(m.months)",
}


def peak(code):
    """Peak resident memory of a new process that runs some code [MB]."""
    done = subprocess.run([sys.executable, "-c", f"{code}\n{PEAK}"], capture_output=True, text=True, check=True)
    return int(done.stdout) / 1024


def measure():
    if not sys.platform.startswith("linux"):
        return [Line("peak memory", "measured on Linux only")]
    lines = []
    for what, code in RUNS.items():
        megabytes = peak(code)
        lines.append(at_most(f"peak memory of {what}", megabytes, GOAL, f"{megabytes:.0f} MB", "{:g} MB"))
    return lines
