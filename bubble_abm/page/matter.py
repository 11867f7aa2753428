"""Which parameters matter: how far each moves the pop when it alone goes through its range.

``matter.csv`` is made by ``python -m bubble_abm.page.matter`` (about a minute) and is only an order in which the page
shows parameters: one at a time, around the standard values. Indices that count interactions come from
``bubble-abm sensitivity``.
"""

from __future__ import annotations

import csv
import sys
from functools import cache
from pathlib import Path

from bubble_abm.economy.identities import BrokenIdentity
from bubble_abm.economy.parameters import DECLARED, Parameters
from bubble_abm.engine.simulation import simulate
from bubble_abm.observe.verdict import pop
from bubble_abm.page.settings import OFFERED

TABLE = Path(__file__).parent / "matter.csv"
SEEDS = 8
FIRST = 10  # parameters that the page shows first
ROLES = ("uncertain", "lever", "shock")  # the others are fixed by what is known


def popping(values: dict[str, float]) -> float | None:
    """Mean month of the pop over seeds, the length of the run where there is none; None if a run breaks."""
    dates = []
    for seed in range(1, SEEDS + 1):
        try:
            run = simulate(Parameters().with_values(values), seed=seed)
        except BrokenIdentity:
            return None
        found = pop(run.records.measures)
        dates.append(found.months if found.composite is None else found.composite)
    return sum(dates) / len(dates)


def ends_of(name: str) -> tuple[float, float]:
    """Range through which a parameter goes: what its source allows, and of a policy or the shock all of it."""
    about = DECLARED[name].metadata
    low, high = about["plausible"] if about["role"] == "uncertain" else (about["low"], about["high"])
    return low, high


def measured() -> list[tuple[str, float]]:
    """Return uncertain parameters, policies and properties of the shock with their moves, the largest first."""
    middle = popping({})
    assert middle is not None
    found = []
    for name in (name for name in OFFERED if DECLARED[name].metadata["role"] in ROLES):
        ends = [popping({name: end}) for end in ends_of(name)]
        moves = [abs(end - middle) for end in ends if end is not None]
        found.append((name, round(max(moves, default=0.0), 1)))
        print(name, found[-1][1], file=sys.stderr, flush=True)
    return sorted(found, key=lambda one: (-one[1], one[0]))


@cache
def moves() -> dict[str, float]:
    """Months by which each parameter moves the pop, the largest first, as the table has them."""
    with TABLE.open(encoding="utf-8") as file:
        return {row["parameter"]: float(row["months"]) for row in csv.DictReader(file) if row["parameter"] in OFFERED}


def first_of_all() -> tuple[str, ...]:
    """Return the parameters that the page shows first."""
    return tuple(moves())[:FIRST]


def main() -> None:
    """Measure again and write the table."""
    table = measured()
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("parameter", "months"))
        writer.writerows(table)


if __name__ == "__main__":
    main()
