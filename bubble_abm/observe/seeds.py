"""Numbers over seeds: the spread of single runs, and the interval of an estimate, which are two things.

The *spread* says how much runs differ: nine of ten lie in it, however many are made. The *interval* says how well a
mean over seeds is known: it narrows as seeds are added, and in 95 of 100 repetitions it contains the mean of all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

SPREAD = (0.05, 0.95)  # quantiles between which nine of ten runs lie
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Estimate:
    """A mean over seeds, or a ratio of two; the interval is missing for one seed, from which no error can be told."""

    value: float
    low: float | None
    high: float | None
    seeds: int


def spread(values: Sequence[float] | np.ndarray) -> tuple[float, float, float]:
    """Median of values over seeds, and the bounds between which nine of ten of them lie."""
    low, high = np.quantile(values, SPREAD)
    return float(np.median(values)), float(low), float(high)


def reach(deviation: Any, seeds: Any) -> Any:
    """Half the width of the 95 % interval of a mean over seeds (Student's t), not a number for one seed.

    Parameters
    ----------
    deviation : float or array
        Standard deviation over seeds, with ``seeds - 1`` in the denominator.
    seeds : int or array
        Number of seeds.
    """
    from scipy.stats import t  # slow to import, and not needed for one seed

    return t.ppf(0.5 + CONFIDENCE / 2, np.maximum(np.subtract(seeds, 1), 1)) * deviation / np.sqrt(seeds)


def ratio(parts: Sequence[float] | np.ndarray, wholes: Sequence[float] | np.ndarray) -> Estimate:
    """Ratio of the means of two numbers over seeds, with its 95 % interval.

    Parameters
    ----------
    parts, wholes : sequence of float
        Both numbers of each seed; the mean of ``wholes`` is not zero.

    Notes
    -----
    The ratio of means, not the mean of ratios, which single seeds with a small whole would rule. To first order its
    error is the mean of ``(part - ratio * whole) / mean(whole)``, to which Student's t applies (Cochran 1977, "Sampling
    Techniques", section 6.4). With wholes that are all one it is the mean and its usual interval.

    Examples
    --------
    >>> ratio([1.0, 2.0, 3.0], [10.0, 20.0, 30.0])
    Estimate(value=0.1, low=0.1, high=0.1, seeds=3)
    """
    part, whole = np.asarray(parts, dtype=float), np.asarray(wholes, dtype=float)
    value = float(part.mean() / whole.mean())
    if len(part) == 1:
        return Estimate(value, None, None, 1)
    width = float(reach(((part - value * whole) / whole.mean()).std(ddof=1), len(part)))
    return Estimate(value, value - width, value + width, len(part))


def mean(values: Sequence[float] | np.ndarray) -> Estimate:
    """Mean over seeds with its 95 % interval.

    Examples
    --------
    >>> mean([5.0])
    Estimate(value=5.0, low=None, high=None, seeds=1)
    """
    return ratio(values, np.ones(len(values)))


def members_first(table: Any, members: Any) -> Any:
    """Average the seeds of each member of an ensemble, so that members are compared; one member's seeds stay apart.

    Parameters
    ----------
    table : DataFrame
        Numbers, a row for each member and seed.
    members : Series
        Member of each row.
    """
    return table.groupby(members, sort=False).mean() if members.nunique() > 1 else table
