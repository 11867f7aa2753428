"""The two searches for boxes: PRIM, which peels the space of factors, and CART, which cuts it.

The EMA Workbench peels and pastes, and scikit-learn grows the trees. This file chooses boxes from their results.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from bubble_abm.economy.declare import InvalidInput
from bubble_abm.study.discovery.boxes import (
    HIGH,
    LOW,
    Cases,
    Fit,
    assign_folds,
    fit,
    inside,
    open_box,
    prune,
    restricted,
)

ROWS_IN_BOX = 10  # smallest number of design rows in a box
PEEL = 0.05  # share of the runs in the box that one peel removes
PRUNINGS = 10  # number of pruning strengths among which cross-validation chooses


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How boxes are searched, chosen and judged.

    Attributes
    ----------
    boxes : int
        Largest number of boxes for a class.
    level : float
        Significance level of limits and boxes.
    folds : int
        Number of folds for cross-validation.
    min_mass : float or None
        Smallest share of the runs in a box or leaf; None means 5 %, or half the base rate if that is less.
    pruning : float or None
        Complexity parameter with which a tree is pruned; None means that cross-validation chooses it.
    log_factors : collection of str
        Factors on a logarithmic scale.
    inert : collection of str
        Factors known to have no effect; a box that limits one is reported with a warning.

    Raises
    ------
    InvalidInput
        If a number is out of bounds.
    """

    boxes: int = 3
    level: float = 0.05
    folds: int = 5
    min_mass: float | None = None
    pruning: float | None = None
    log_factors: Collection[str] = ()
    inert: Collection[str] = ("dummy",)

    def __post_init__(self) -> None:
        for name, low, high in (("boxes", 1, 20), ("folds", 2, 20)):
            if not isinstance(value := getattr(self, name), int) or not low <= value <= high:
                raise InvalidInput(f"{name} = {value}: give a whole number from {low} to {high}")
        for name in ("level", "min_mass", "pruning"):
            if (value := getattr(self, name)) is not None and not 0 < value < 1:
                raise InvalidInput(f"{name} = {value}: give a number between 0 and 1")

    def mass(self, cases: Cases) -> float:
        """Return the smallest share of the runs in a box, for enough design rows but small enough for a rare class."""
        wish = self.min_mass if self.min_mass is not None else min(0.05, cases.base_rate / 2)
        return min(max(wish, ROWS_IN_BOX / len(np.unique(cases.rows))), 0.5)


STANDARD = Settings()


# --- PRIM -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Peeled:
    """A box of PRIM, and the trajectory from which it was chosen.

    Attributes
    ----------
    steps : list of ndarray of shape (2, factors)
        Boxes of the trajectory.
    fits : list of Fit
        How well each box matches the class, among the cases outside earlier boxes.
    chosen : int
        Number of the chosen step.
    box : ndarray of shape (2, factors)
        The box of that step without limits that are not significant.
    left : ndarray of bool, shape (cases,)
        The cases outside earlier boxes.
    """

    steps: list[np.ndarray]
    fits: list[Fit]
    chosen: int
    box: np.ndarray
    left: np.ndarray


def peel_boxes(cases: Cases, settings: Settings) -> list[Peeled]:
    """Find boxes one after another; the last one is the whole space if the search finds nothing more."""
    left = np.ones(len(cases), dtype=bool)
    peeled: list[Peeled] = []
    while len(peeled) < settings.boxes:
        rest = cases.only(left)
        if min(rest.rows_with(True), rest.rows_with(False)) < ROWS_IN_BOX:
            break
        steps = trajectory(rest, min(settings.mass(cases) * len(cases) / len(rest), 0.5))
        fits = [fit(inside(box, rest.values), rest.wanted) for box in steps]
        chosen = max(range(len(steps)), key=lambda step: (fits[step].correlation, -len(restricted(steps[step])), -step))
        box = prune(steps[chosen], rest, settings.level)
        peeled.append(Peeled(steps, fits, chosen, box, left))
        if not len(restricted(box)):
            break
        left = left & ~inside(box, cases.values)
    return peeled


def trajectory(cases: Cases, min_mass: float) -> list[np.ndarray]:
    """Peel and paste with the EMA Workbench, from the whole space to the smallest mass; return the box at each step."""
    x = pd.DataFrame(cases.values, columns=range(len(cases.factors)))
    with quiet():
        from ema_workbench.analysis.prim import Prim

        steps = Prim(x, cases.wanted, peel_alpha=PEEL, paste_alpha=PEEL, mass_min=min_mass).find_box().box_lims
    whole = steps[0].to_numpy(dtype=float)
    boxes = []
    for step in steps:
        box = step.to_numpy(dtype=float, copy=True)
        box[LOW, box[LOW] <= whole[LOW]] = -np.inf
        box[HIGH, box[HIGH] >= whole[HIGH]] = np.inf
        boxes.append(box)
    return boxes


@contextmanager
def quiet() -> Iterator[None]:
    """Silence warnings of the EMA Workbench 3.0 about optional packages and a keyword that pandas deprecates."""
    log = logging.getLogger("EMA")
    propagate, log.propagate = log.propagate, False
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "ipyparallel not installed", UserWarning)
        warnings.filterwarnings("ignore", "altair based interactive inspection", ImportWarning)
        warnings.filterwarnings("ignore", "The inplace keyword in DataFrame.drop", DeprecationWarning)
        try:
            yield
        finally:
            log.propagate = propagate


# --- CART -----------------------------------------------------------------------------------------------------------


def leaf_boxes(cases: Cases, settings: Settings) -> list[np.ndarray]:
    """Grow and prune the tree, and return the leaves denser than the base rate, the best first."""
    leaf = settings.mass(cases)
    pruning = settings.pruning if settings.pruning is not None else chosen_pruning(cases, leaf, settings.folds)
    boxes = [box for box in leaves(grown(cases, leaf, pruning).tree_, len(cases.factors)) if len(restricted(box))]
    fits = [fit(inside(box, cases.values), cases.wanted) for box in boxes]
    order = sorted(range(len(boxes)), key=lambda place: (-fits[place].correlation, place))
    return [boxes[place] for place in order if fits[place].density > cases.base_rate][: settings.boxes]


def grown(cases: Cases, leaf: float, pruning: float = 0.0) -> Any:
    """Grow a tree whose leaves contain at least the share ``leaf`` of the cases, and prune it."""
    from sklearn.tree import DecisionTreeClassifier

    smallest = max(int(np.ceil(leaf * len(cases))), 1)
    tree = DecisionTreeClassifier(min_samples_leaf=smallest, ccp_alpha=pruning, random_state=0)
    return tree.fit(cases.values, cases.wanted)


def chosen_pruning(cases: Cases, leaf: float, folds: int) -> float:
    """Choose the strongest pruning whose squared error on left-out rows is within one standard error of the best."""
    costs = np.unique(grown(cases, leaf).cost_complexity_pruning_path(cases.values, cases.wanted).ccp_alphas.clip(0))
    between = np.append(np.sqrt(costs[:-1] * costs[1:]), 2 * costs[-1])  # the last one prunes to the root
    strengths = between[-PRUNINGS:]
    fold = assign_folds(cases, folds)
    errors = np.array(
        [[squared_error(cases, fold == number, leaf, cost) for number in range(folds)] for cost in strengths]
    )
    mean = errors.mean(axis=1)
    best = int(mean.argmin())
    bound = mean[best] + errors[best].std(ddof=1) / np.sqrt(folds)
    return float(strengths[mean <= bound].max())


def squared_error(cases: Cases, unseen: np.ndarray, leaf: float, pruning: float) -> float:
    """Mean squared error of a tree's probabilities on cases from which it was not grown (the Brier score)."""
    tree = grown(cases.only(~unseen), leaf, pruning)
    probability = tree.predict_proba(cases.values[unseen])[:, list(tree.classes_).index(True)]
    return float(np.mean((cases.wanted[unseen] - probability) ** 2))


def leaves(tree: Any, factors: int) -> list[np.ndarray]:
    """Return the leaves of scikit-learn's tree as boxes, from left to right.

    Notes
    -----
    Thresholds are halfway between neighbouring values, so the threshold itself can be the limit on both sides.
    """
    found: list[np.ndarray] = []
    waiting = [(0, open_box(factors))]
    while waiting:
        node, box = waiting.pop()
        factor, threshold = tree.feature[node], tree.threshold[node]
        if tree.children_left[node] < 0:
            found.append(box)
            continue
        left, right = box.copy(), box.copy()
        left[HIGH, factor], right[LOW, factor] = threshold, threshold
        waiting += [(tree.children_right[node], right), (tree.children_left[node], left)]
    return found
