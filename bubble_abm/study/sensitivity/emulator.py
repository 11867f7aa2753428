"""Emulation: a Gaussian process stands in for the model, and indices are computed from it.

Sobol's designs spend most of their runs on pairs of points. An emulator learns the outcome as a smooth function of the
factors from points that fill the space, or from those of any finished design, and answers as many questions as indices
need. It is believed only as far as it predicts points that were left out.

Notes
-----
The outcome at a point is the sum of two parts. The *level* is a Gaussian process with a Matérn kernel (5/2) that has
one length scale per factor, and a nugget, the part that is too rough to be learned; length scales are those of the
largest likelihood (Rasmussen and Williams 2006, chapters 2 and 5), learned by scikit-learn. *Luck* differs between the
seeds. Its variance is different in each place (stochastic kriging, Ankenman et al. 2010); as two or eight seeds tell
little about one point, it is averaged over the nearest points, as the length scales measure distance.

All points of a design that fills the space have the same seeds, so that luck may favour whole regions, and an emulator
of the means over seeds would learn it with the level. Therefore each seed has an emulator, with the same length scales,
and whatever is squared is instead multiplied between different seeds: variances, the differences from which indices
follow, and the errors at points left out. The level is common to the seeds and remains, luck is not and cancels. With
one seed this is not possible.

Indices are those of the means of the processes given the runs, by pick-freeze on several scrambles of a Sobol sequence.
Their intervals have three parts. The error of the emulator is that of a jackknife which leaves out one fold of the
points at a time: unlike the variance that the process itself states, it does not rest on the kernel. The spread over
scrambles is the error of integration. The share of the variance that is not predicted at points left out, 1 - Q2, may
be due to any factor: with an index I of the mean, that of the outcome lies between Q2 I and Q2 I + 1 - Q2 if what is
not predicted is uncorrelated with what is. Q2 is here the low end of its own interval, as it is where an emulator is
judged: an outcome that is mostly luck has a Q2 that nobody knows. Length scales stay as they are when points are left
out.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from bubble_abm.economy.declare import InvalidInput
from bubble_abm.study.sensitivity.estimators import across_seeds
from bubble_abm.study.sensitivity.factors import Factor

if TYPE_CHECKING:
    import pandas as pd

EMULATE = "emulate"
LEAST_Q2 = 0.7  # customary lower limit of a useful emulator (Marrel et al. 2009)
MOST_POINTS = 2000  # time grows with the cube, memory with the square: 2000 points take seconds, 20 000 hours
LEARNING = 400  # points from which length scales are learned: each step of that search costs the cube again
LEAST_POINTS_PER_FACTOR, POINTS_PER_FACTOR, USUAL_POINTS = 4, 25, 512
STEPS = 60
FOLDS = 10
NEIGHBOURS = 30  # points over which the variance of rough luck is averaged
SCRAMBLES, SCRAMBLE_POINTS = 8, 512
LENGTHS = (0.05, 100.0)  # bounds of length scales, in widths of the range; at the upper one a factor has no effect
SMOOTHNESS = 2.5
INDICES = ("S1", "ST")
LUCKY = 0.05  # share of luck in the variance from which it is mentioned
NORMAL = 1.959963984540054  # 97.5 % quantile of the normal distribution
NEGLIGIBLE = 1e-8  # share of the variance below which a nugget only keeps the arithmetic stable


@dataclass(frozen=True)
class Points:
    """Points at which the model was run, and what it gave.

    Parameters
    ----------
    factors : sequence of Factor
        The factors.
    values : ndarray, shape (rows, factors)
        Their values.
    block : int
        Number of consecutive rows that were drawn together, and are left out together.
    """

    factors: Sequence[Factor]
    values: np.ndarray
    block: int = 1

    def chosen(self, most: int, seed: int) -> np.ndarray:
        """Return the positions of at most so many points, drawn evenly and without replacement, in ascending order."""
        rows = len(self.values)
        if rows <= most:
            return np.arange(rows)
        return np.sort(np.random.default_rng(seed).choice(rows, most, replace=False))


@dataclass(frozen=True)
class Emulator:
    """What was learned of one outcome.

    Parameters
    ----------
    length_scale : ndarray, shape (factors,)
        Length scale of the level by factor [widths of its range].
    q2, q2_low : float
        Share of the variance of the level that is predicted at points left out, and the low end of its 95 % interval.
    q2_observed : float
        Share of the variance of means over seeds, luck included, that is predicted.
    luck : float
        Share of the variance of the means over seeds that is luck.
    observed, predicted : ndarray, shape (points,)
        Means over seeds, and their predictions at points left out [unit of the outcome, from the mean].
    indices : dict of str to ndarray, shape (3, factors)
        First-order and total indices by factor (``S1``, ``ST``): value, and low and high end of the 95 % interval.
    """

    length_scale: np.ndarray
    q2: float
    q2_low: float
    q2_observed: float
    luck: float
    observed: np.ndarray
    predicted: np.ndarray
    indices: dict[str, np.ndarray]


def positions(factors: Sequence[Factor], values: np.ndarray) -> np.ndarray:
    """Positions of values in the ranges of their factors, on their scales: the inverse of ``Factor.values``.

    A whole number has the middle of the interval from which it is drawn.

    Examples
    --------
    >>> positions([Factor("scale", 0.1, 10, "log"), Factor("platforms", 1, 4, whole=True)], np.array([[1.0, 1.0]]))
    array([[0.5  , 0.125]])
    """
    columns = []
    for factor, column in zip(factors, np.asarray(values, dtype=float).T, strict=True):
        high = factor.high + 1 if factor.whole else factor.high
        real = column + 0.5 * factor.whole
        if factor.scale == "log":
            columns.append(np.log(real / factor.low) / math.log(high / factor.low))
        else:
            columns.append((real - factor.low) / (high - factor.low))
    return np.column_stack(columns)


def emulate(
    points: Points, outputs: np.ndarray, block: np.ndarray, *, seed: int = 1, least_q2: float = LEAST_Q2
) -> Emulator:
    """Learn one outcome, predict points left out, and compute the indices of what was learned if it predicts well.

    Parameters
    ----------
    points : Points
        The points, at most some thousands.
    outputs : ndarray, shape (points, seeds)
        The outcome, which varies.
    block : ndarray of int, shape (points,)
        Points of the same block, which were drawn together, are left out together.
    seed : int
        Seed of the choice of points and of scrambles.
    least_q2 : float
        Low end of the interval of Q2 below which indices are refused: they are then not-a-number.

    Notes
    -----
    Linear algebra uses one thread: the same bits on every machine, and threads that share processors wait for each
    other most of the time.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        return emulator_of(points, outputs, block, seed, least_q2)


def emulator_of(points: Points, outputs: np.ndarray, block: np.ndarray, seed: int, least_q2: float) -> Emulator:
    """Learn one outcome, as :func:`emulate` describes."""
    at = positions(points.factors, points.values)
    outputs = outputs - outputs.mean(axis=0)  # what a seed adds everywhere tells nothing about the factors
    scale = float(outputs.mean(axis=1).std())
    generator = np.random.default_rng(seed)
    process = learned(at, outputs / scale, generator)
    predicted, weights = process.leave_out(folds(block))
    missed = process.outputs - predicted
    varied = crossed(process.outputs, process.outputs)
    q2, slack = share_predicted(crossed(missed, missed), varied, block)
    indices = dict.fromkeys(INDICES, np.full((3, at.shape[1]), math.nan))
    q2_low = max(q2 - slack, 0.0)
    if q2_low >= least_q2:
        indices = indices_of(process, weights, points.factors, q2_low, generator)
    return Emulator(
        length_scale=process.level.k2.length_scale,
        q2=q2,
        q2_low=q2_low,
        q2_observed=1.0 - float((missed.mean(axis=1) ** 2).mean()),
        luck=min(max(1.0 - float(varied.mean()), 0.0), 1.0),
        observed=scale * process.outputs.mean(axis=1),
        predicted=scale * predicted.mean(axis=1),
        indices=indices,
    )


def crossed(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Mean product of two quantities over all pairs of different seeds, which are last; with one seed, the product.

    Examples
    --------
    >>> crossed(np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 3.0])).round(3).item()    # (2 + 3 + 6) / 3
    3.667
    """
    return across_seeds(one, other) if one.shape[-1] > 1 else np.asarray((one * other)[..., 0])


def share_predicted(missed: np.ndarray, varied: np.ndarray, block: np.ndarray) -> tuple[float, float]:
    """Return Q2, from 0 to 1, and by how much its 95 % interval extends below it.

    Parameters
    ----------
    missed, varied : ndarray, shape (points,)
        Squared errors, and squared deviations from the mean, both multiplied between seeds.
    block : ndarray of int, shape (points,)
        Points of the same block are not independent of each other.

    Notes
    -----
    Q2 is one minus a ratio of means, whose error follows from the spread of the residuals (Cochran 1977, section 6.4).
    """
    if varied.sum() <= 0:
        return 0.0, 0.0
    ratio = missed.sum() / varied.sum()
    residual = np.bincount(np.unique(block, return_inverse=True)[1], missed - ratio * varied)
    slack = NORMAL * float(residual.std(ddof=1)) * math.sqrt(len(residual)) / float(varied.sum())
    return min(max(1.0 - float(ratio), 0.0), 1.0), slack


# --- Learning -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Process:
    """The process that was learned, which has the same kernel for each seed.

    Parameters
    ----------
    at : ndarray, shape (points, factors)
        Positions of the points in the unit cube.
    outputs : ndarray, shape (points, seeds)
        The outcome in standard deviations of the means over seeds, with mean zero for each seed.
    level : kernel
        Kernel of the level.
    errors : ndarray, shape (points,)
        Variance of luck and of the nugget in the means over seeds.
    """

    at: np.ndarray
    outputs: np.ndarray
    level: Any
    errors: np.ndarray

    def leave_out(self, fold: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Leave out every fold in turn.

        Parameters
        ----------
        fold : ndarray of int, shape (points,)
            Number of each point's fold.

        Returns
        -------
        ndarray, shape (points, seeds)
            The outcome as predicted from the other folds.
        ndarray, shape (points, 1 + folds, seeds)
            Weights of the points in predictions, with all of them and without each fold.

        Notes
        -----
        One inverse serves all folds (Rasmussen and Williams 2006, equation 5.12).
        """
        kernel = self.level(self.at)
        inverse = np.linalg.inv(kernel + np.diag(self.errors))
        predicted = np.empty(self.outputs.shape)
        weights = np.repeat((inverse @ self.outputs)[:, None], 2 + fold.max(), axis=1)
        for mine in range(fold.max() + 1):
            out = np.flatnonzero(fold == mine)
            missed = np.linalg.solve(inverse[np.ix_(out, out)], weights[out, 0])
            weights[:, 1 + mine] -= inverse[:, out] @ missed
            weights[out, 1 + mine] = 0.0  # but for rounding errors it is
            predicted[out] = kernel[out] @ weights[:, 1 + mine]
        return predicted, weights


def folds(block: np.ndarray) -> np.ndarray:
    """Return the fold of each point, by its block.

    Examples
    --------
    >>> folds(np.array([0, 0, 3, 3, 4, 4])).tolist()
    [0, 0, 1, 1, 2, 2]
    """
    return np.asarray(np.unique(block, return_inverse=True)[1] % FOLDS)


def learned(at: np.ndarray, outputs: np.ndarray, generator: np.random.Generator) -> Process:
    """Learn luck from the differences between seeds, then the level from their mean."""
    seeds = outputs.shape[1]
    few = np.sort(generator.permutation(len(at))[:LEARNING])
    luck, differences = np.zeros(len(at)), contrasts(outputs)
    if differences.std() > math.sqrt(NEGLIGIBLE):
        kernel, nugget = fitted(at[few], differences[few], luck[few])
        rough = nugget / (nugget + kernel.k1.constant_value)  # the rest favours regions, and is learned with the level
        luck = rough * averaged((differences**2).mean(axis=1), at / kernel.k2.length_scale) / seeds
    kernel, nugget = fitted(at[few], outputs.mean(axis=1)[few, None], luck[few])
    return Process(at, outputs, kernel, luck + nugget)


def contrasts(outputs: np.ndarray) -> np.ndarray:
    """Differences between seeds that are free of the level: each has a run's variance; zero with one seed.

    Examples
    --------
    >>> contrasts(np.array([[3.0, 1.0]])).round(3).tolist()
    [[1.414]]
    """
    from scipy.linalg import helmert

    if outputs.shape[1] == 1:
        return np.zeros(outputs.shape)
    return np.asarray(outputs @ helmert(outputs.shape[1]).T)


def averaged(values: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Average positive values over the nearest points."""
    from sklearn.neighbors import NearestNeighbors

    count = min(NEIGHBOURS, len(values))
    return np.asarray(values[NearestNeighbors(n_neighbors=count).fit(at).kneighbors(at)[1]].mean(axis=1))


def fitted(at: np.ndarray, outputs: np.ndarray, luck: np.ndarray) -> tuple[Any, float]:
    """Return the kernel with the largest likelihood, and the variance of its nugget.

    Parameters
    ----------
    at : ndarray, shape (points, factors)
        Positions.
    outputs : ndarray, shape (points, columns)
        Columns that share a kernel.
    luck : ndarray, shape (points,)
        Variance of luck, which is known.
    """
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel

    variance, width = float(outputs.var()), at.shape[1]
    begin = np.full(width, math.sqrt(width) / 2)  # about the distance between two points
    kernel = ConstantKernel(variance, (1e-4 * variance, 1e3 * variance)) * Matern(begin, LENGTHS, nu=SMOOTHNESS)
    total = kernel + WhiteKernel(0.1 * variance, (NEGLIGIBLE * variance, 10.0 * variance))
    process = GaussianProcessRegressor(total, alpha=luck + NEGLIGIBLE * variance, optimizer=climb)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # length scales at their upper bound: inert factors
        found = process.fit(at, outputs).kernel_
    return found.k1, float(found.k2.noise_level) + NEGLIGIBLE * variance


def climb(minus_likelihood: Any, begin: np.ndarray, bounds: np.ndarray) -> tuple[np.ndarray, float]:
    """Maximise the likelihood, by a number of steps after which it hardly grows."""
    from scipy.optimize import minimize

    found = minimize(minus_likelihood, begin, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": STEPS})
    return found.x, float(found.fun)


# --- Indices --------------------------------------------------------------------------------------------------------


def indices_of(
    process: Process, weights: np.ndarray, factors: Sequence[Factor], q2: float, generator: np.random.Generator
) -> dict[str, np.ndarray]:
    """Return first-order and total indices of the level by name: value, low and high, shape (3, factors).

    Parameters
    ----------
    process : Process
        The process.
    weights : ndarray, shape (points, 1 + folds, seeds)
        Weights of the points in predictions, with all of them and without each fold.
    factors : sequence of Factor
        The factors.
    q2 : float
        Share of the variance that is predicted at least.
    generator : numpy.random.Generator
        Source of the scrambles.
    """
    from scipy.stats import t as student
    from scipy.stats.qmc import Sobol

    def means(at: np.ndarray) -> np.ndarray:
        return np.tensordot(process.level(at, process.at), weights, axes=1)

    found = np.empty((2, SCRAMBLES, len(factors), weights.shape[1]))
    for scramble in range(SCRAMBLES):
        pair = Sobol(2 * len(factors), rng=generator).random(SCRAMBLE_POINTS)
        one, other = (placed(factors, half) for half in np.split(pair, 2, axis=1))
        found[:, scramble] = pick_freeze(means, one, other)
    value, without = found[..., 0].mean(axis=1), found[..., 1:].mean(axis=1)
    count = without.shape[2]
    jackknife = (count - 1) / count * ((without - without.mean(axis=2, keepdims=True)) ** 2).sum(axis=2)
    integration = found[..., 0].var(axis=1, ddof=1) / SCRAMBLES
    reach = student.ppf(0.975, count - 1) * np.sqrt(jackknife + integration)
    low, high = q2 * value - reach, q2 * value + 1 - q2 + reach
    return {name: np.stack(ends) for name, *ends in zip(INDICES, value, low, high)}


def placed(factors: Sequence[Factor], unit: np.ndarray) -> np.ndarray:
    """Move points of the unit cube to where values of the factors can be: whole numbers to the middles."""
    return positions(factors, np.column_stack([factor.values(column) for factor, column in zip(factors, unit.T)]))


def pick_freeze(function: Any, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """First-order and total indices of functions, shape (2, factors, functions) (Saltelli et al. 2010, Jansen 1999).

    Parameters
    ----------
    function : callable
        From points, shape (points, factors), to values, shape (points, functions, seeds).
    one, other : ndarray, shape (points, factors)
        Two independent samples.

    Examples
    --------
    >>> one, other = np.random.default_rng(1).uniform(size=(2, 4096, 2))
    >>> found = pick_freeze(lambda at: (at @ [1.0, 2.0])[:, None, None], one, other)    # 1 and 4 parts of 5
    >>> found[1].round(1).ravel().tolist()
    [0.2, 0.8]
    """
    here, there = function(one), function(other)
    centre = (here.mean(axis=0) + there.mean(axis=0)) / 2
    here, there = here - centre, there - centre
    variance = (crossed(here, here) + crossed(there, there)).mean(axis=0) / 2
    found = np.empty((2, one.shape[1], here.shape[1]))
    for place in range(one.shape[1]):
        moved = one.copy()
        moved[:, place] = other[:, place]
        change = function(moved) - centre - here
        found[0, place] = crossed(there, change).mean(axis=0) / variance
        found[1, place] = crossed(change, change).mean(axis=0) / (2 * variance)
    return found


# --- Tables ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Emulation:
    """Emulators of the outcomes of finished runs, as tables.

    Parameters
    ----------
    indices : DataFrame
        ``outcome``, ``factor``, ``factor_2`` (empty), ``index``, ``value``, ``low``, ``high``: one line per outcome,
        factor and index; zero for a constant outcome, not-a-number for a refused one.
    relevance : DataFrame
        ``outcome``, ``factor``, ``length_scale`` [widths of the factor's range], and ``relevance``, its inverse: zero
        for a factor without effect.
    quality : DataFrame
        One line per outcome: ``rows`` and ``points`` (of the design, and learned from), ``seeds``, ``mean``,
        ``variance`` (of means over seeds), ``noise_share`` (of the variance of single runs), ``luck`` (share of
        ``variance``), ``q2``, ``q2_low``, ``q2_observed``, ``constant``, ``converged`` (indices were computed),
        ``verdict``.
    left_out : DataFrame
        ``outcome``, ``row``, ``observed``, ``predicted``: means over seeds, and predictions without the point.
    """

    indices: pd.DataFrame
    relevance: pd.DataFrame
    quality: pd.DataFrame
    left_out: pd.DataFrame


def check_points(count: int, factors: int) -> None:
    """Refuse too few or too many points to learn from.

    Raises
    ------
    InvalidInput
        If their number is out of bounds.
    """
    least = LEAST_POINTS_PER_FACTOR * factors
    if not least <= count <= MOST_POINTS:
        raise InvalidInput(
            f"samples = {count}: an emulator of {factors} factors learns from {least} to {MOST_POINTS} points, because "
            "its time grows with their cube"
        )


def default_points(factors: int) -> int:
    """Return a number of points from which a smooth outcome is usually learned; its Q2 says whether it was."""
    return min(max(USUAL_POINTS, POINTS_PER_FACTOR * factors), MOST_POINTS)


def check_q2(value: Any) -> float:
    """Return a least Q2, or refuse it in one line."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1:
        raise InvalidInput(f"q2 = {value}: give a number from 0 to less than 1")
    return float(value)


def emulation(
    points: Points, runs: Any, outcomes: Sequence[str], *, seed: int = 1, least_q2: float = LEAST_Q2
) -> Emulation:
    """Emulate every outcome of finished runs.

    Parameters
    ----------
    points : Points
        The points of the design.
    runs : DataFrame or mapping of str to sequence
        One line per row of the design and seed, in any order: ``row`` (from 0), ``seed``, the outcomes, and if there is
        one ``error``, the message of a failed run.
    outcomes : sequence of str
        Columns to emulate.
    seed : int
        Seed of the choice of points and of scrambles.
    least_q2 : float
        Low end of the interval of Q2 below which an outcome is refused.

    Raises
    ------
    InvalidInput
        If there are too few points, any run is missing, repeated or failed, or a value is not finite.

    Examples
    --------
    >>> from bubble_abm.study.sensitivity.sampling import Sampling, design
    >>> factors = [Factor("x", 0, 1), Factor("y", 0, 1)]
    >>> values = design(Sampling("latin", 60), factors)
    >>> runs = {"row": range(60), "seed": 1, "output": 2 * values[:, 0] + values[:, 1]}    # shares of 0.8 and 0.2
    >>> found = emulation(Points(factors, values), runs, ["output"])
    >>> found.indices.query("index == 'ST'")[["factor", "value"]].round(2).values.tolist()
    [['x', 0.8], ['y', 0.2]]
    """
    import pandas as pd

    from bubble_abm.study.sensitivity.responses import read_runs

    found = read_runs(runs, outcomes, rows=len(points.values))
    check_points(min(found.rows, MOST_POINTS), len(points.factors))
    kept = points.chosen(MOST_POINTS, seed)
    fewer = Points(points.factors, points.values[kept], points.block)
    lines: dict[str, list[dict[str, Any]]] = {"indices": [], "relevance": [], "quality": [], "left_out": []}
    for outcome, values in found.values.items():
        about = described(values, len(kept))
        learned_from = values[kept]
        emulator = None
        if not about["constant"]:
            emulator = emulate(fewer, learned_from, kept // points.block, seed=seed, least_q2=least_q2)
        said = in_words(emulator, learned_from, len(kept), found.rows, least_q2)
        lines["quality"].append({"outcome": outcome, **about, **judged(emulator, least_q2), "verdict": said})
        for place, factor in enumerate(points.factors):
            which = {"outcome": outcome, "factor": factor.name}
            for name in INDICES:
                ends = np.zeros(3) if emulator is None else emulator.indices[name][:, place]
                numbers = dict(zip(("value", "low", "high"), map(float, ends)))
                lines["indices"].append({**which, "factor_2": "", "index": name, **numbers})
            if emulator is not None:
                length = float(emulator.length_scale[place])
                lines["relevance"].append({**which, "length_scale": length, "relevance": 1.0 / length})
        if emulator is not None:
            level = float(learned_from.mean())
            lines["left_out"] += [
                {"outcome": outcome, "row": int(row), "observed": level + seen, "predicted": level + told}
                for row, seen, told in zip(kept, emulator.observed, emulator.predicted)
            ]
    return Emulation(**{name: pd.DataFrame(rows) for name, rows in lines.items()})


def described(values: np.ndarray, points: int) -> dict[str, Any]:
    """Return what a table says of an outcome before it is emulated."""
    from bubble_abm.study.sensitivity.estimators import is_constant
    from bubble_abm.study.sensitivity.noise import noise

    mean, luck = values.mean(axis=1), noise(values)
    constant = is_constant(mean)
    return {
        "rows": len(values),
        "points": points,
        "seeds": values.shape[1],
        "mean": float(mean.mean()),
        "variance": 0.0 if constant else float(mean.var(ddof=1)),
        "noise_share": math.nan if luck is None else luck.share,
        "constant": constant,
    }


def judged(emulator: Emulator | None, least_q2: float) -> dict[str, Any]:
    """Return what a table says of an emulator; empty cells for a constant outcome."""
    if emulator is None:
        return dict.fromkeys(("luck", "q2", "q2_low", "q2_observed"), math.nan) | {"converged": False}
    numbers = {name: getattr(emulator, name) for name in ("luck", "q2", "q2_low", "q2_observed")}
    return numbers | {"converged": emulator.q2_low >= least_q2}


def in_words(emulator: Emulator | None, values: np.ndarray, points: int, rows: int, least_q2: float) -> str:
    """Say in one line how far an emulator is to be believed."""
    if emulator is None:
        return f"constant: the output is {values.mean():.6g} at every point, nothing is left to explain"
    parts = [f"Q2 {emulator.q2:.2f}, at least {emulator.q2_low:.2f}"]
    if emulator.q2_low < least_q2:
        parts = [f"refused: {parts[0]} instead of {least_q2:g}, points left out are not predicted well enough"]
    if np.isin(values, (0.0, 1.0)).all():
        parts.append("either 0 or 1: its probability is emulated")
    if values.shape[1] == 1:
        parts.append("luck not measurable with one seed")
    elif emulator.luck >= LUCKY:
        parts.append(f"luck, which is left out, is {emulator.luck:.0%} of the variance between points")
    if points < rows:
        parts.append(f"learned from {points:,} of {rows:,} points, because its time grows with their cube")
    return "; ".join(parts)
