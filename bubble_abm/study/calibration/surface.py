"""Emulation: a quadratic surface for each fact stands in for the model where steps are proposed.

It is learned from all points that were run lately, and judged by the next ones before it has seen them. It decides
nothing: where it leads is run, and accepted so that the points stay evenly distributed whatever it says. A poor surface
costs runs, and is not used; a good one lets points go far between two runs.

Notes
-----
Steps on a substitute whose end is accepted by the ratio of the true density to the substitute's: surrogate transitions
(Liu 2001, section 9.4.3), a form of delayed acceptance (Christen and Fox 2005).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

LATEST = 8000  # points from which a surface is learned
FARTHEST = 4.0  # thresholds beyond which a point is too far away to learn from
LEAST_Q2 = 0.5  # share of the variance of the median fact that must be predicted at points that were not seen
POINTS_PER_TERM = 2
STIFFNESS = 1.0  # weight of the penalty on squared coefficients, in points
NARROWEST = 1e-3
LEAST_ERROR = 0.05  # in standard deviations of a fact


@dataclass(frozen=True)
class Surface:
    """A quadratic surface without products for each fact.

    Parameters
    ----------
    middle, width : ndarray, shape (dimensions,)
        Mean and standard deviation of the points that it was learned from.
    coefficients : ndarray, shape (1 + 2 dimensions, facts)
        Of one, and of the standardised places and their squares.
    error : ndarray, shape (facts,)
        Root mean square of its errors at points that it had not seen [standard deviations of the fact].
    q2 : float
        Share of the variance that it predicts there: median over facts that vary.
    """

    middle: np.ndarray
    width: np.ndarray
    coefficients: np.ndarray
    error: np.ndarray
    q2: float

    def predict(self, places: np.ndarray) -> np.ndarray:
        """Return the signed implausibilities by fact, of shape (points, facts)."""
        return terms((places - self.middle) / self.width) @ self.coefficients

    def log_chance(self, places: np.ndarray, threshold: float) -> np.ndarray:
        """Return the logarithm of the chance that all facts are below the threshold, if errors are independent."""
        from scipy.special import ndtr

        away = self.predict(places)
        chance = ndtr((threshold - away) / self.error) - ndtr((-threshold - away) / self.error)
        return np.asarray(np.log(np.maximum(chance, 1e-300)).sum(axis=1))


def terms(standardised: np.ndarray) -> np.ndarray:
    """Return the terms of the surface at points.

    Examples
    --------
    >>> terms(np.array([[2.0, 3.0]])).tolist()
    [[1.0, 2.0, 3.0, 4.0, 9.0]]
    """
    return np.column_stack([np.ones(len(standardised)), standardised, standardised**2])


class Memory:
    """The points that were run lately, and the surface that was learned from them."""

    def __init__(self) -> None:
        self.places: list[np.ndarray] = []
        self.away: list[np.ndarray] = []

    def add(self, places: np.ndarray, away: np.ndarray, threshold: float) -> None:
        """Add points with their signed implausibilities by fact, but those that are too far away."""
        near = np.abs(away).max(axis=1) <= FARTHEST * threshold
        self.places.append(places[near])
        self.away.append(away[near])
        while len(self.places) > 2 and sum(map(len, self.places[1:])) > LATEST:
            del self.places[0], self.away[0]

    def learned(self) -> Surface | None:
        """Return the surface, None if there are too few points, or it predicts the latest, left out, too badly."""
        from threadpoolctl import threadpool_limits

        if len(self.places) < 2:
            return None
        seen, unseen = np.concatenate(self.places[:-1]), self.places[-1]
        dimensions = seen.shape[1]
        if len(seen) < POINTS_PER_TERM * (1 + 2 * dimensions) or len(unseen) < 10:
            return None
        with threadpool_limits(1):  # the same bits on every machine
            given = np.concatenate(self.away[:-1])
            missed = self.away[-1] - fitted(seen, given, np.ones(given.shape[1]), 0.0).predict(unseen)
            spread = self.away[-1].var(axis=0)
            square = (missed**2).mean(axis=0)
            varied = spread > 0.0
            q2 = float(np.median(1.0 - square[varied] / spread[varied])) if varied.any() else -math.inf
            if q2 < LEAST_Q2:
                return None
            error = np.maximum(np.sqrt(square), LEAST_ERROR)
            return fitted(np.concatenate(self.places), np.concatenate(self.away), error, q2)


def fitted(places: np.ndarray, away: np.ndarray, error: np.ndarray, q2: float) -> Surface:
    """Return the surface of least squares through points, with a small penalty."""
    middle, width = places.mean(axis=0), np.maximum(places.std(axis=0), NARROWEST)
    known = terms((places - middle) / width)
    penalty = STIFFNESS * np.eye(known.shape[1])
    penalty[0, 0] = 0.0
    return Surface(middle, width, np.linalg.solve(known.T @ known + penalty, known.T @ away), error, q2)
