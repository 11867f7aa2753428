"""Luck at the defaults, of the search and of members: ``python -m tests.study.calibration.luck``, for docs/checks.md.

Each member is the world once, under one seed and seen with an error of observation, and is then judged by what it gives
under other seeds. How many are ruled out by their own world depends on whose luck the criterion allows for.
"""

import csv
from pathlib import Path

import numpy as np

from bubble_abm.economy.parameters import Parameters
from bubble_abm.engine.simulation import simulate
from bubble_abm.observe.targets import TARGETS
from bubble_abm.study.calibration.calibrate import LUCK_SEEDS
from bubble_abm.study.calibration.criterion import OBSERVATION, Criterion, distances, months_needed
from bubble_abm.study.ensemble import Ensemble

MEASURED = Path(__file__).parents[3] / "docs" / "measured"
SEEDS, FIRST_SEED = 20, 200_001
ALL_KNOWN = {"strong": 0.0, "weak": 0.0}  # the world is the model


def main() -> None:
    """Write variances between seeds, and how many members their own world rules out."""
    ensemble = Ensemble.load()
    targets = tuple(TARGETS[name] for name in ensemble.matched)
    months = months_needed(targets)

    def read(parameters: Parameters, seeds: range) -> np.ndarray:
        runs = [simulate(parameters, seed=seed, months=months).records.measures for seed in seeds]
        return distances(targets, np.array([[target.read(run) for target in targets] for run in runs])[None])[0]

    def seeds_of(place: int) -> range:
        return range(FIRST_SEED + place * (SEEDS + 1), FIRST_SEED + (place + 1) * (SEEDS + 1))

    # members, seeds, facts [half-widths]
    away = np.array([read(ensemble.parameters(member), seeds_of(member)) for member in range(len(ensemble))])
    world, judged = away[:, 0], away[:, 1:]
    world = world + OBSERVATION * np.random.default_rng(1).standard_normal(world.shape)
    allowed = {
        "the defaults": read(Parameters(), range(1, 1 + LUCK_SEEDS)).var(axis=0, ddof=1),
        "the search": np.array(ensemble.origin["luck"]),
        "members": away.var(axis=1, ddof=1).mean(axis=0),
    }
    usual, searched, among = allowed.values()
    heading = ["fact", *(f"variance, {whose}" for whose in allowed), "members over defaults"]
    order = np.argsort(-among / usual)
    numbers = np.column_stack([usual, searched, among])[order]
    save("luck", heading, [
        [targets[place].name, *(f"{one:.3f}" for one in row), f"{row[2] / row[0]:.1f}"]
        for place, row in zip(order, numbers, strict=True)
    ])  # fmt: skip
    rows = []
    for whose, luck, own in (*((whose, luck, False) for whose, luck in allowed.items()), ("each its own", among, True)):
        spread = np.sqrt(Criterion(targets, luck, ALL_KNOWN, own).variances(judged))
        out = (np.abs(judged.mean(axis=1) - world) / spread).max(axis=1) > 3.0
        rows.append([whose, int(out.sum()), len(ensemble)])
    save("own_world", ["luck of", "members ruled out by their own world", "of"], rows)


def save(name: str, heading: list[str], rows: list[list[object]]) -> None:
    """Write a table of the documentation."""
    with (MEASURED / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([heading, *rows])


if __name__ == "__main__":
    main()
