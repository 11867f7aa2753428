"""Recovery: whether a known point, from which the facts are simulated, is among what they do not rule out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from bubble_abm.economy.declare import InvalidInput
from bubble_abm.observe.targets import SMALLEST, STRONG, WEAK, Target
from bubble_abm.study.calibration.calibrate import Calibration, Search, calibrate
from bubble_abm.study.calibration.criterion import OBSERVATION, months_needed
from bubble_abm.study.calibration.prior import values_at
from bubble_abm.study.calibration.steps import Steps

WORLD = 1  # seed of the run that is the world; waves and judges have others


@dataclass(frozen=True)
class Recovery:
    """What a calibration on facts of the model's own says of the point that they are from.

    Attributes
    ----------
    implausibility : float
        Of the true point, under the seeds of the last judgement.
    lucky : float
        The same, if the point is allowed luck of its own.
    members : int
        Members that were found.
    covered : float
        Share of the parameters whose true value lies within nine tenths of the members.
    nearest, typical : float
        Distance from the true point to the nearest member, and the median distance between members, as root mean
        squares over parameters [widths of ranges].
    runs : int
        Number of runs.
    """

    implausibility: float
    lucky: float
    members: int
    covered: float
    nearest: float
    typical: float
    runs: int

    @property
    def inside(self) -> bool:
        """Whether the true point is not ruled out."""
        return self.implausibility <= 3.0


def facts_of(targets: Sequence[Target], world: np.ndarray, seed: int) -> tuple[Target, ...]:
    """Return targets around what a run gave, each as wide as it is, missed by an error of observation.

    Targets that are measured in logarithms and of which the run has nothing are left out.
    """
    errors = OBSERVATION * np.random.default_rng(seed).standard_normal(len(targets))
    found = []
    for target, value, error in zip(targets, world.tolist(), errors.tolist(), strict=True):
        if target.logarithmic and value <= SMALLEST:
            continue
        middle = target.scaled(value) + error * target.half_width
        ends = (middle - target.half_width, middle + target.half_width)
        low, high = (math.exp(end) for end in ends) if target.logarithmic else ends
        if (low > 0.0) == target.logarithmic:  # a share that may be negative keeps its scale
            found.append(replace(target, low=low, high=high))
    return tuple(found)


def recover(plan: Calibration, place: np.ndarray, folder: str | Path, **computing: Any) -> Recovery:
    """Calibrate on facts that the model gives at a place of the space, and say whether that place is found.

    Nothing is left out by a model that is the world, so the discrepancy is zero. Nothing is found where all points are
    ruled out at which the search could begin.

    Parameters
    ----------
    plan : Calibration
        What is matched; ranges of facts say only how wide they are.
    place : ndarray, shape (parameters,)
        The true point, in the unit cube.
    folder : str or Path
        Folder for the calibration.
    **computing
        See :func:`calibrate`.
    """
    values = values_at(plan.factors, place[None, :])
    seed = plan.waves.design
    steps = Steps(Path(folder) / "truth", plan.names, model=plan.model, **computing)
    with steps.at_work():
        months = months_needed(plan.targets)
        world = steps.run("world", values, range(WORLD, WORLD + 1), plan.targets, months)[0, 0]
        if not np.isfinite(world).all():
            raise InvalidInput("truth: the run at this point fails, give another point")
        own = replace(plan, targets=facts_of(plan.targets, world, seed), kept=(), discrepancy={STRONG: 0.0, WEAK: 0.0})
        search = Search(own, steps)
        judges = range(plan.first_judge, plan.first_judge + plan.judges)
        judged = steps.run("judged", values, judges, own.targets, months_needed(own.targets))
        criteria = (search.criterion, replace(search.criterion, own=True))
        truth, lucky = (float(criterion.implausibilities(judged).max()) for criterion in criteria)
    nothing = Recovery(truth, lucky, members=0, covered=0.0, nearest=math.inf, typical=math.inf, runs=0)
    try:
        found = calibrate(own, Path(folder) / "calibration", **computing)
    except InvalidInput:
        if own.begin is None:
            raise
        return nothing  # all points are ruled out at which it could begin
    if found.ensemble is None:
        return replace(nothing, runs=found.runs)
    places = found.ensemble.places
    low, high = np.quantile(places, (0.05, 0.95), axis=0)
    covered = float(((low <= place) & (place <= high)).mean())
    away = np.sqrt(((places - place) ** 2).mean(axis=1))
    pairs = np.sqrt(((places[:, None] - places[None]) ** 2).mean(axis=2))[np.triu_indices(len(places), 1)]
    return Recovery(truth, lucky, len(places), covered, float(away.min()), float(np.median(pairs)), found.runs)
