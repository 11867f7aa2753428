"""Compiled, compiled with bounds checks, and interpreted: the same bits."""

import os
import subprocess
import sys

import pytest

from bubble_abm import simulate
from bubble_abm.engine.simulation import Simulation
from tests.small import MONTHS, SCRIPT, SMALL, fingerprint

#: Prints how much machine code is kept for the next process that runs under the same switches.
KEPT = """
from bubble_abm.engine.machine_code import cache_folder
print(len([*cache_folder().glob("*.nbc")]))
"""


@pytest.mark.parametrize("switch", ["NUMBA_DISABLE_JIT", "NUMBA_BOUNDSCHECK"])
def test_a_run_under_a_switch_of_numba_gives_the_same_bits(switch):
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT + KEPT],
        env={**os.environ, switch: "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    bits, kept = done.stdout.split()
    assert bits == fingerprint(simulate(SMALL, months=MONTHS, seed=1).records)
    assert switch == "NUMBA_DISABLE_JIT" or int(kept) == 2, "one for each root"


def test_the_interpreted_month_over_rows_gives_the_same_bits():
    run = Simulation(SMALL, months=12, seed=2, interpreted=True)
    run.advance(12)
    assert fingerprint(run.records) == fingerprint(simulate(SMALL, months=12, seed=2).records)
