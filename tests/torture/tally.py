"""What many points showed: how many were run, what failed and by which smallest input, how near the books came."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from bubble_abm.economy.accounts import Residuals
from tests.torture.checks import trial
from tests.torture.points import point
from tests.torture.shrinking import fails_likewise, shrunk

SHRUNK = 2  # failures of a name that each portion shrinks; the others are counted


@dataclass
class Tally:
    """What some points showed."""

    points: Counter = field(default_factory=Counter)
    months: Counter = field(default_factory=Counter)
    broken: Counter = field(default_factory=Counter)
    failed: Counter = field(default_factory=Counter)
    lines: dict[str, list[str]] = field(default_factory=dict)
    closest: np.ndarray = field(default_factory=lambda: np.zeros(len(Residuals.columns)))

    def add(self, other: Tally) -> None:
        """Add what other points showed."""
        for name in ("points", "months", "broken", "failed"):
            getattr(self, name).update(getattr(other, name))
        for name, lines in other.lines.items():
            self.lines.setdefault(name, []).extend(lines)
        self.closest = np.maximum(self.closest, other.closest)


def tortured(seed: int, first: int, last: int) -> Tally:
    """Run the points with these numbers, and shrink what fails."""
    tally = Tally()
    for number in range(first, last):
        one = point(seed, number)
        found = trial(one)
        tally.points[one.kind] += 1
        tally.months[one.kind] += found.month
        tally.broken[one.kind] += bool(found.failures)
        if not found.failures:
            tally.closest = np.maximum(tally.closest, found.closest)
        for name, text in found.failures.items():
            tally.failed[name] += 1
            if len(tally.lines.setdefault(name, [])) < SHRUNK:
                smallest = shrunk(one, fails_likewise(name))
                text = trial(smallest).failures.get(name, text)
                tally.lines[name].append(f"{smallest.command}  # {name}: {' '.join(text.split())}")
    return tally
