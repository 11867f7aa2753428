"""What the facts say of the parameters: how far each is narrowed, by which fact, and at the cost of which others."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bubble_abm.economy.parameters import DECLARED
from bubble_abm.observe.targets import TARGETS
from bubble_abm.study.calibration.prior import defaults
from bubble_abm.study.ensemble import Ensemble, squared_distances

QUANTILES = (0.05, 0.5, 0.95)
WIDTH = QUANTILES[-1] - QUANTILES[0]  # of the middle nine tenths, if all values are equally likely
CHANCE = (
    3.3  # standard errors of a rank correlation below which it is not told from none: some 5 000 pairs are looked at
)
IDENTIFIED, LEANING = 0.5, 0.8  # width left, relative to before, below which a parameter is identified, or leans


@dataclass(frozen=True)
class Narrowed:
    """A parameter before and after matching.

    Attributes
    ----------
    name : str
        The parameter.
    low, high : float
        Range that was searched.
    quantiles : tuple of float
        Values that 5, 50 and 95 % of the members do not exceed.
    left : float
        Width of the middle nine tenths, relative to that of the range, on the scale on which it was drawn.
    distance : float
        Kolmogorov-Smirnov distance between the members and the range.
    default, central : float
        The default, and the value of the most central member.
    """

    name: str
    low: float
    high: float
    quantiles: tuple[float, float, float]
    left: float
    distance: float
    default: float
    central: float

    @property
    def verdict(self) -> str:
        """Whether the facts identify it."""
        if self.left < IDENTIFIED:
            return "identified"
        return "narrowed" if self.left < LEANING else "not identified"


def narrowed(ensemble: Ensemble) -> list[Narrowed]:
    """Return every parameter before and after matching, the most narrowed first."""
    found = []
    for column, one in enumerate(ensemble.factors):
        values, places = ensemble.values[:, column], ensemble.places[:, column]
        low, middle, high = (float(value) for value in np.quantile(values, QUANTILES))
        ends = np.quantile(places, QUANTILES)
        default = float(DECLARED[one.name].default) if one.name in DECLARED else math.nan
        left = float(ends[-1] - ends[0]) / WIDTH
        central = float(values[ensemble.central])
        found.append(
            Narrowed(one.name, one.low, one.high, (low, middle, high), left, from_uniform(places), default, central)
        )
    return sorted(found, key=lambda one: one.left)


def from_uniform(places: np.ndarray) -> float:
    """Return the largest distance between the distribution of places and the uniform one (Kolmogorov and Smirnov).

    Examples
    --------
    >>> from_uniform(np.array([0.5, 0.5]))
    0.5
    """
    ordered, count = np.sort(places), len(places)
    above = np.arange(1, count + 1) / count - ordered
    below = ordered - np.arange(count) / count
    return float(max(above.max(), below.max()))


def trade_offs(ensemble: Ensemble, most: int = 12) -> list[tuple[str, str, float]]:
    """Return the pairs of parameters with the largest rank correlations over members that are not chance."""
    from scipy.stats import rankdata

    ranks = rankdata(ensemble.places, axis=0)
    varied = np.flatnonzero(ranks.std(axis=0) > 0.0)
    if len(varied) < 2:
        return []
    table = np.atleast_2d(np.corrcoef(ranks[:, varied], rowvar=False))
    one, other = np.triu_indices(len(varied), 1)
    order = np.argsort(-np.abs(table[one, other]), kind="stable")[:most]
    least = CHANCE / math.sqrt(max(len(ensemble) - 1, 1))
    names = ensemble.names
    pairs = [(names[varied[one[k]]], names[varied[other[k]]], float(table[one[k], other[k]])) for k in order]
    return [pair for pair in pairs if abs(pair[2]) > least]


def drivers(ensemble: Ensemble, target: str, most: int = 3) -> list[tuple[str, float]]:
    """Return the parameters that move what members give for a fact, with their rank correlations."""
    from scipy.stats import rankdata

    given = rankdata(ensemble.simulated[:, ensemble.targets.index(target)])
    ranks = rankdata(ensemble.places, axis=0)
    varied = np.flatnonzero(ranks.std(axis=0) > 0.0)
    if given.std() == 0.0 or not len(varied):
        return []
    found = [float(np.corrcoef(ranks[:, column], given)[0, 1]) for column in varied]
    least = CHANCE / math.sqrt(max(len(ensemble) - 1, 1))
    order = sorted(range(len(varied)), key=lambda place: -abs(found[place]))[:most]
    return [(ensemble.names[varied[place]], found[place]) for place in order if abs(found[place]) > least]


def conflicts(ensemble: Ensemble, target: str, most: int = 2) -> list[tuple[str, float]]:
    """Return the facts from which members are farther, the nearer they come to one, with rank correlations.

    Distances are those from the middle of the range, on the scale on which it is judged. The correlation is that of
    minus the one distance and the other, above what chance would make of so many pairs.
    """
    from scipy.stats import rankdata

    away = {
        name: rankdata([TARGETS[name].distance(value) for value in ensemble.simulated[:, column].tolist()])
        for column, name in enumerate(ensemble.targets)
        if name in TARGETS and TARGETS[name].half_width > 0.0
    }
    known = {name: ranks for name, ranks in away.items() if ranks.std() > 0.0}
    if target not in known:
        return []
    found = [(name, -float(np.corrcoef(known[target], ranks)[0, 1])) for name, ranks in known.items() if name != target]
    least = CHANCE / math.sqrt(max(len(ensemble) - 1, 1))
    return [pair for pair in sorted(found, key=lambda pair: -pair[1])[:most] if pair[1] > least]


def diversity(ensemble: Ensemble) -> dict[str, float]:
    """Return how far members are from each other and from the defaults, as root mean squares over parameters.

    Distances are in widths of the ranges. Points that fill all ranges evenly are ``evenly`` apart: the root of a sixth.
    ``smallest`` shows copies: it is 0 if two members are the same.
    """
    count = len(ensemble.factors)
    square = squared_distances(ensemble.places) / count
    pairs = np.sqrt(square[np.triu_indices(len(ensemble), 1)])
    found = {
        "smallest": float(pairs.min()),
        "median": float(np.median(pairs)),
        "largest": float(pairs.max()),
        "evenly": math.sqrt(1.0 / 6.0),
    }
    if all(one.name in DECLARED for one in ensemble.factors):
        away = np.sqrt(((ensemble.places - defaults(ensemble.factors)) ** 2).mean(axis=1))
        found |= {"nearest to the defaults": float(away.min()), "from the defaults": float(np.median(away))}
    return found


def dropped(
    targets: Sequence[str],
    names: Sequence[str],
    places: np.ndarray,
    implausibility: np.ndarray,
    threshold: float,
    most: int = 3,
) -> dict[str, dict[str, Any]]:
    """Return what each fact rules out that no other does, from points near the region that were run.

    Parameters
    ----------
    targets, names : sequence of str
        Names of facts and of parameters.
    places : ndarray, shape (points, parameters)
        Places of the points.
    implausibility : ndarray, shape (points, targets)
        Their implausibility by fact.
    threshold : float
        The largest that is allowed.
    most : int
        Number of parameters to name.

    Returns
    -------
    dict
        For each fact ``alone``, the share of points allowed by all others that it rules out, and ``wider``, the
        parameters whose standard deviation is larger without it, with the ratio.

    Notes
    -----
    The points were proposed around those that all facts allow, so both numbers say at least how much a fact does.
    """
    allowed = implausibility <= threshold
    inside = allowed.all(axis=1)
    found: dict[str, dict[str, Any]] = {}
    for column, target in enumerate(targets):
        without = np.delete(allowed, column, axis=1).all(axis=1)
        alone = 1.0 - inside.sum() / without.sum() if without.any() else 0.0
        ratio = np.ones(len(names))
        if inside.sum() > 1:
            ratio = places[without].std(axis=0) / np.maximum(places[inside].std(axis=0), 1e-12)
        order = np.argsort(-ratio, kind="stable")[:most]
        wider = {names[place]: round(float(ratio[place]), 3) for place in order if ratio[place] > 1.02}
        found[target] = {"alone": round(float(alone), 4), "wider": wider}
    return found
