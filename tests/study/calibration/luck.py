"""Luck at the defaults and among members: ``python -m tests.study.calibration.luck`` prints it by fact, as CSV.

Each member is the world once, under one seed and seen with an error of observation, and is then judged by what it gives
under other seeds. How many are ruled out by their own world depends on whose luck the criterion allows for.
"""

import csv
import sys

import numpy as np

from bubble_abm.engine.simulation import simulate
from bubble_abm.observe.targets import TARGETS
from bubble_abm.study.calibration.criterion import OBSERVATION, distances, months_needed
from bubble_abm.study.ensemble import Ensemble

MEMBERS, SEEDS, FIRST_SEED = 60, 20, 200_001


def main() -> None:
    """Print variances between seeds, and how many members their own world rules out."""
    ensemble = Ensemble.load()
    targets = tuple(TARGETS[name] for name in ensemble.matched)
    months = months_needed(targets)
    chosen = np.linspace(0, len(ensemble) - 1, MEMBERS).round().astype(int)
    found = []
    for place, member in enumerate(chosen.tolist()):
        seeds = range(FIRST_SEED + place * (SEEDS + 1), FIRST_SEED + (place + 1) * (SEEDS + 1))
        runs = [simulate(ensemble.parameters(member), seed=seed, months=months).records.measures for seed in seeds]
        found.append(distances(targets, np.array([[target.read(run) for target in targets] for run in runs])[None])[0])
    away = np.array(found)  # members, seeds, facts [half-widths]
    world, judged = away[:, 0], away[:, 1:]
    world = world + OBSERVATION * np.random.default_rng(1).standard_normal(world.shape)
    allowed = {"the defaults": np.array(ensemble.origin["luck"]), "members": away.var(axis=1, ddof=1).mean(axis=0)}
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(["fact", *(f"variance, {whose}" for whose in allowed), "ratio"])
    usual, among = allowed.values()
    for place in np.argsort(-among / usual):
        writer.writerow([targets[place].name, f"{usual[place]:.3f}", f"{among[place]:.3f}",
                         f"{among[place] / usual[place]:.1f}"])  # fmt: skip
    for whose, luck in allowed.items():
        spread = np.sqrt(OBSERVATION**2 + luck * (1.0 + 1.0 / (SEEDS)))
        out = (np.abs(judged.mean(axis=1) - world) / spread).max(axis=1) > 3.0
        print(f"{out.sum()} of {MEMBERS} members are ruled out by their own world with the luck of {whose}",
              file=sys.stderr)  # fmt: skip


if __name__ == "__main__":
    main()
