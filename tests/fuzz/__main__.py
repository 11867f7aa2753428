"""Fuzzing: ``make fuzz MINUTES=10``, or ``python -m tests.fuzz --minutes 10``.

Runs the tests of this folder with new random examples, round after round, until the time is over or one fails. What
fails is shrunk and printed; Hypothesis tries it again first in the next call. Repair it, and add it as an example.
"""

from __future__ import annotations

import argparse
import secrets
import subprocess
import sys
import time
from pathlib import Path


def main() -> int:
    """Run rounds of examples; return the exit code of the last."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=3.0, help="time after which no new round begins (3)")
    until = time.monotonic() + 60 * parser.parse_args().minutes
    code, rounds = 0, 0
    while code == 0 and (rounds == 0 or time.monotonic() < until):
        words = [sys.executable, "-m", "pytest", "-q", "-n", "auto", str(Path(__file__).parent)]
        seed = secrets.randbelow(2**32)
        code = subprocess.run([*words, "--hypothesis-profile", "fuzz", "--hypothesis-seed", str(seed)]).returncode
        rounds += 1
    print(f"{rounds} rounds of new examples, {'nothing found' if code == 0 else 'the last one FAILED'}")
    return code


if __name__ == "__main__":
    sys.exit(main())
