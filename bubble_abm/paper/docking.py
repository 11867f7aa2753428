"""The docking kit: what a second implementation of the model can be compared with (Axtell et al. 1996).

``python -m bubble_abm.paper.docking`` writes it into ``docs/docking``: the agents of January 2023 under one seed,
worked examples of every rule, and quantiles of every measure over forty seeds, month by month.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bubble_abm.economy.kinds import KINDS
from bubble_abm.economy.measures import Measures
from bubble_abm.economy.tables import table_of
from bubble_abm.engine.horizon import STANDARD_MONTHS
from bubble_abm.engine.simulation import Simulation, simulate
from bubble_abm.paper.watched import examples

FOLDER = Path(__file__).parents[2] / "docs" / "docking"
SEED = 1  # of the agents
SEEDS = range(1, 41)  # of the quantiles
LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
TABLES = {kind.table: kind.table for kind in KINDS} | {"chips": "chip_classes", "market": "market"}


def agents() -> dict[str, list[list[Any]]]:
    """Return the tables of January 2023, before the first month: a heading, and a line for each row in use.

    Columns that are zero in all rows are left out, and so are empty rows of projects. ``neighbours`` has, for each
    investor, the numbers of those about whose projects it hears.
    """
    world = Simulation(seed=SEED).world
    used = {"operators": int(world.operator_count[0])}
    found = {}
    for name, file in TABLES.items():
        columns = {column: rows[: used.get(name)] for column, rows in table_of(getattr(world, name)).columns.items()}
        shown = {column: rows for column, rows in columns.items() if column == "id" or rows.any()}
        found[file] = [list(shown), *([plain(value) for value in row] for row in zip(*shown.values(), strict=True))]
    heard = [f"neighbour_{place}" for place in range(world.neighbours.shape[1])]
    found["neighbours"] = [["id", *heard], *([row, *line] for row, line in enumerate(world.neighbours.tolist()))]
    return found


def quantiles(months: int = STANDARD_MONTHS) -> list[list[Any]]:
    """Return the quantiles of every measure over forty seeds: a heading, and a line for each measure and month.

    Measures that are zero throughout, because their mechanism is neutral, are left out.
    """
    runs = np.array([simulate(months=months, seed=seed).records.measures for seed in SEEDS])
    lines: list[list[Any]] = [["measure", "month", *(f"q{100 * level:02.0f}" for level in LEVELS)]]
    for name in Measures.columns:
        values = np.asarray(runs[name], float)
        if values.any():
            by_month = np.quantile(values, LEVELS, axis=0).T
            lines += [[name, month, *(f"{value:.6g}" for value in found)] for month, found in enumerate(by_month)]
    return lines


def rules() -> dict[str, list[dict[str, Any]]]:
    """Return worked examples: for every rule and amendment what it was given, and what it answered."""
    return {name: [{"given": one.given, "answer": one.answer} for one in found] for name, found in examples().items()}


def plain(value: Any) -> Any:
    """Return a number as it is written: whole, or with ten digits."""
    return int(value) if isinstance(value, np.integer) else f"{value:.10g}"


def write(path: Path, lines: Iterable[Sequence[Any]]) -> None:
    """Write lines as CSV."""
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows(lines)


def main(folder: Path = FOLDER) -> None:
    """Write the kit."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, lines in agents().items():
        write(folder / f"{name}.csv", lines)
    write(folder / "quantiles.csv", quantiles())
    blocks = (f"{json.dumps(name)}: {json.dumps(found)}" for name, found in rules().items())
    (folder / "rules.json").write_text("{\n" + ",\n".join(blocks) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
