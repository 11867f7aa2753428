"""Boxes in the space of factors: the cases inside them, how well they match a class, and whether that is chance.

A *case* is one run: a row of the design with one seed. All seeds of a design row have the same factors, so a box
contains all of them or none, and they are one observation about the factors. Therefore

* coverage, density and mass are shares of **runs**, because they describe how many runs of a class are in a box;
* tests of significance (quasi-p, cross-validation, the smallest size of a class) count **design rows**.

A row cannot be treated as one case, because its seeds may differ: a row that pops with three of five seeds is neither
in the class nor outside it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from bubble_abm.economy.declare import InvalidInput

LOW, HIGH = 0, 1
SHUFFLE = 1  # seed with which design rows are assigned to folds; fixed, as a part of the method


@dataclass(frozen=True, eq=False)
class Cases:
    """Runs with their factors, the design row that each belongs to, and whether it is in the class of interest.

    Attributes
    ----------
    factors : tuple of str
        Names of the factors.
    values : ndarray of shape (cases, factors)
        Their values; logarithms of those on a logarithmic scale.
    wanted : ndarray of bool, shape (cases,)
        Whether the run is in the class.
    rows : ndarray of int, shape (cases,)
        Number of the design row, from zero.
    """

    factors: tuple[str, ...]
    values: np.ndarray
    wanted: np.ndarray
    rows: np.ndarray

    def __len__(self) -> int:
        return len(self.wanted)

    @property
    def base_rate(self) -> float:
        """Share of the runs that are in the class."""
        return float(self.wanted.mean())

    def rows_with(self, wanted: bool) -> int:
        """Return how many design rows have a run in the class, or outside it."""
        return len(np.unique(self.rows[self.wanted == wanted]))

    def only(self, kept: np.ndarray) -> Cases:
        """Return the cases that are marked."""
        return Cases(self.factors, self.values[kept], self.wanted[kept], self.rows[kept])


def make_cases(points: pd.DataFrame, wanted: Any, rows: Any = None, log_factors: Collection[str] = ()) -> Cases:
    """Check the user's tables and return them as cases.

    Parameters
    ----------
    points : DataFrame
        One row per run, one numeric column per factor.
    wanted : array of bool, shape (runs,)
        Whether each run is in the class of interest.
    rows : array, shape (runs,), optional
        Design row of each run; by default, runs with equal factors belong to the same row.
    log_factors : collection of str, optional
        Factors on a logarithmic scale, on which a limit between two values is their geometric mean.

    Raises
    ------
    InvalidInput
        If there are no runs or factors, a value is not a finite number, or the lengths differ.
    """
    values = checked_values(points, log_factors)
    mask = np.asarray(wanted)
    if mask.shape != (len(values),) or mask.dtype != bool:
        raise InvalidInput(
            f"wanted = {mask.dtype} of shape {mask.shape}: give {len(values)} truth values, one per point"
        )
    labels = np.asarray(rows) if rows is not None else np.unique(values, axis=0, return_inverse=True)[1]
    if labels.shape != (len(values),):
        raise InvalidInput(f"rows = array of shape {labels.shape}: give {len(values)} numbers, one per point")
    return Cases(tuple(map(str, points.columns)), values, mask, np.unique(labels, return_inverse=True)[1])


def checked_values(points: pd.DataFrame, log_factors: Collection[str]) -> np.ndarray:
    """Return the factors as an array of finite numbers, with logarithms of ``log_factors``, or refuse them."""
    if not isinstance(points, pd.DataFrame) or points.empty:
        raise InvalidInput("points = empty or not a table: give a DataFrame, one row per run, one column per factor")
    if points.columns.has_duplicates:
        raise InvalidInput(f"points = column {points.columns[points.columns.duplicated()][0]!r} twice: give it once")
    for name in log_factors:
        if name not in points.columns:
            raise InvalidInput(f"log_factors = {name!r}: give names from {', '.join(map(str, points.columns))}")
    values = np.empty(points.shape)
    for place, name in enumerate(points.columns):
        try:
            column = points[name].to_numpy(dtype=float)
        except (TypeError, ValueError):
            column = np.array([np.nan])
        if not np.isfinite(column).all() or (name in log_factors and (column <= 0).any()):
            what = "finite numbers above zero" if name in log_factors else "finite numbers"
            raise InvalidInput(f"points[{name!r}] = not a number in some row: give {what}")
        values[:, place] = np.log10(column) if name in log_factors else column
    return values


# --- Boxes ----------------------------------------------------------------------------------------------------------
# A box is an array of shape (2, factors): lower and upper limits, infinite where there is none. Limits are included.


def open_box(factors: int) -> np.ndarray:
    """Return the box without limits."""
    return np.array([np.full(factors, -np.inf), np.full(factors, np.inf)])


def restricted(box: np.ndarray) -> np.ndarray:
    """Return the positions of the factors that a box limits."""
    return np.flatnonzero(np.isfinite(box).any(axis=0))


def inside(box: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Mark the cases that are inside a box."""
    held = np.ones(len(values), dtype=bool)
    for factor in restricted(box):
        held &= (values[:, factor] >= box[LOW, factor]) & (values[:, factor] <= box[HIGH, factor])
    return held


@dataclass(frozen=True)
class Fit:
    """How well a set of cases matches a class.

    Attributes
    ----------
    coverage : float
        Share of the class that is inside.
    density : float
        Share of the cases inside that are in the class; not-a-number if there are none.
    mass : float
        Share of all cases that are inside.
    correlation : float
        Correlation of being inside with being in the class, -1 to 1; zero for the whole space (Matthews 1975).
    """

    coverage: float
    density: float
    mass: float
    correlation: float


def fit(held: np.ndarray, wanted: np.ndarray) -> Fit:
    """Measure how well the cases inside a box match a class.

    Examples
    --------
    >>> fit(np.array([True, True, False, False]), np.array([True, False, True, True])).coverage
    0.3333333333333333
    """
    total, count, class_size, hits = len(wanted), int(held.sum()), int(wanted.sum()), int((held & wanted).sum())
    spread = float(count) * (total - count) * class_size * (total - class_size)
    return Fit(
        coverage=hits / class_size if class_size else 0.0,
        density=hits / count if count else float("nan"),
        mass=count / total,
        correlation=(total * hits - count * class_size) / spread**0.5 if spread else 0.0,
    )


def chance(share: float, rows: int, expected: float) -> float:
    """Probability that at least ``share`` of some rows are in a class, if each is in it with probability ``expected``.

    Notes
    -----
    The upper tail of the binomial distribution. The incomplete beta function extends it to counts that are not whole,
    because a row counts with its share of seeds; for whole counts it is the exact test.

    Examples
    --------
    >>> round(chance(1.0, 3, 0.5), 6)
    0.125
    """
    from scipy.special import betainc

    hits = share * rows
    return float(betainc(hits, rows - hits + 1.0, expected)) if hits > 0 and expected < 1 else 1.0


def quasi_p(box: np.ndarray, cases: Cases) -> np.ndarray:
    """Probability that a limit without any effect would raise the density as much as it does, for each limit of a box.

    The quasi-p of Bryant and Lempert (2010): the box is compared with the same box without that limit. *Quasi*, because
    the limits were fitted to the same runs.

    Returns
    -------
    ndarray of shape (2, factors)
        Not-a-number where the box has no limit. Design rows are counted, not runs.
    """
    values = np.full(box.shape, np.nan)
    held = inside(box, cases.values)
    share = cases.wanted[held].mean() if held.any() else 0.0
    rows = len(np.unique(cases.rows[held]))
    for side, factor in np.argwhere(np.isfinite(box)):
        opened = without(box, side, factor)
        values[side, factor] = chance(share, rows, cases.wanted[inside(opened, cases.values)].mean())
    return values


def without(box: np.ndarray, side: int, factor: int) -> np.ndarray:
    """Return a box with one limit removed."""
    opened = box.copy()
    opened[side, factor] = -np.inf if side == LOW else np.inf
    return opened


def prune(box: np.ndarray, cases: Cases, level: float) -> np.ndarray:
    """Remove the least significant limit of a box repeatedly, until all remaining limits are significant."""
    while len(restricted(box)):
        values = quasi_p(box, cases)
        side, factor = np.unravel_index(np.nanargmax(values), values.shape)
        if values[side, factor] <= level:
            break
        box = without(box, int(side), int(factor))
    return box


# --- Out of sample -----------------------------------------------------------------------------------


def assign_folds(cases: Cases, folds: int) -> np.ndarray:
    """Assign design rows, with all their runs, to folds that have about the same share of the class.

    Returns
    -------
    ndarray of int, shape (cases,)
        Fold of each case. Rows are sorted by their share of runs in the class, in random order if equal, and assigned
        to the folds in turn.
    """
    rows = np.unique(cases.rows, return_inverse=True)[1]
    share = np.bincount(rows, weights=cases.wanted) / np.bincount(rows)
    order = np.lexsort((np.random.default_rng(SHUFFLE).permutation(len(share)), share))
    fold = np.empty(len(share), dtype=int)
    fold[order] = np.arange(len(share)) % folds
    return fold[rows]


@dataclass(frozen=True)
class OutOfSample:
    """How well the boxes of one rank match the class on design rows from which they were not made.

    Attributes
    ----------
    coverage, density : float
        As in :class:`Fit`, over all folds.
    rows : int
        Number of design rows inside.
    refound : ndarray of shape (2, factors)
        Share of the folds whose box of this rank has the limit.
    """

    coverage: float
    density: float
    rows: int
    refound: np.ndarray


Procedure = Callable[[Cases], Sequence[np.ndarray]]


def out_of_sample(procedure: Procedure, cases: Cases, boxes: int, folds: int) -> list[OutOfSample]:
    """Cross-validate a procedure: for each fold in turn, make boxes from all other folds and measure them on this one.

    Parameters
    ----------
    procedure : callable
        Returns boxes from cases, in order of rank.
    cases : Cases
        All cases.
    boxes : int
        Number of ranks to judge.
    folds : int
        Number of folds.

    Returns
    -------
    list of OutOfSample
        One for each rank. This judges the *procedure*, because each fold has its own boxes. Their order is determined
        without the runs that are left out.
    """
    fold = assign_folds(cases, folds)
    hits, held_cases, held_rows = (np.zeros(boxes, dtype=int) for _ in range(3))
    refound = np.zeros((boxes, 2, len(cases.factors)))
    for number in range(folds):
        unseen = cases.only(fold == number)
        taken = np.zeros(len(unseen), dtype=bool)
        for rank, box in enumerate(procedure(cases.only(fold != number))[:boxes]):
            held = inside(box, unseen.values) & ~taken
            taken |= held
            hits[rank] += (held & unseen.wanted).sum()
            held_cases[rank] += held.sum()
            held_rows[rank] += len(np.unique(unseen.rows[held]))
            refound[rank] += np.isfinite(box) / folds
    total = max(int(cases.wanted.sum()), 1)
    density = np.divide(hits, held_cases, out=np.full(boxes, np.nan), where=held_cases > 0)
    return [
        OutOfSample(hits[rank] / total, float(density[rank]), int(held_rows[rank]), refound[rank])
        for rank in range(boxes)
    ]
