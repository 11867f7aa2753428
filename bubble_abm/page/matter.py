"""Which parameters matter: how far each moves the pop, by Morris' elementary effects without luck.

``matter.csv`` is made by ``python -m bubble_abm.page.matter`` (two minutes of one processor) and is the order in which
the page shows parameters. It is ``bubble-abm sensitivity morris --ranges plausible --outcomes pop_month``: all
uncertain parameters and those of the shock, together, through what their sources allow. Policies have their own part.
"""

from __future__ import annotations

import csv
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from bubble_abm.page.settings import OFFERED

if TYPE_CHECKING:
    from bubble_abm.study.experiment import Experiment

TABLE = Path(__file__).parent / "matter.csv"
SAMPLES, SEEDS = 40, 2
FIRST = 10  # parameters that the page shows first
OUTCOME, INDEX = "pop_month", "rms_luck_free"
COLUMNS = ("parameter", "low", "high", "months", "at_least", "at_most")


def screening() -> Experiment:
    """Return the study from which the table is made."""
    from bubble_abm.study.sensitivity.study import study  # the page, which reads the table, does without

    return study("morris", name="matter", ranges="plausible", outcomes=(OUTCOME,), samples=SAMPLES, seeds=SEEDS,
                 twins=False)  # fmt: skip


def ranges() -> dict[str, tuple[str, str]]:
    """Return the parameters of the study with their ranges, as the table writes them."""
    return {one.name: (f"{one.low:.6g}", f"{one.high:.6g}") for one in screening().uncertain if one.name in OFFERED}


def measured() -> list[tuple[str, ...]]:
    """Run the study, and return the rows of the table: parameters, ranges and indices with 95 % intervals [months]."""
    from bubble_abm.study.batch import run_in_memory
    from bubble_abm.study.sensitivity import analyse

    plan = screening()
    assert plan.sampling is not None
    found = analyse(plan.sampling, plan.uncertain, run_in_memory(plan), [OUTCOME])
    print(found.quality["verdict"].item(), file=sys.stderr)
    table = found.indices[found.indices["index"] == INDEX].set_index("factor")[["value", "low", "high"]]
    bounds, rows = ranges(), table.loc[list(ranges())].sort_values("value", ascending=False, kind="stable")
    return [(name, *bounds[name], *(f"{index:.1f}" for index in indices)) for name, *indices in rows.itertuples()]


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
        writer.writerow(COLUMNS)
        writer.writerows(table)


if __name__ == "__main__":
    main()
