"""A small world for tests that run it several times over, and what a run leaves behind as one string."""

import hashlib

from bubble_abm import Parameters

MONTHS = 30
SMALL = Parameters(scale=0.1)

# The same run in another process, for instance under switches that Numba reads when it is imported.
SCRIPT = """
import hashlib
from bubble_abm import Parameters, simulate
records = simulate(Parameters(scale=0.1), months=30, seed=1).records
print(hashlib.sha256(b"".join(table.tobytes() for table in records)).hexdigest())
"""


def fingerprint(records):
    """Every bit of a run's measures, flows, balance sheets and residuals."""
    return hashlib.sha256(b"".join(table.tobytes() for table in records)).hexdigest()
