"""Estimators of sensitivity indices, method by method, using those of SALib that are reliable.

Every estimator takes a sampling, its unit design and the output in the sampler's order, and returns the value of each
index and the half-width of its 95 % interval. As in SALib, intervals are symmetric: 1.96 standard deviations of the
bootstrap, for Shapley SALib's normal approximation, and for FAST Student's t over independent search curves.

Notes
-----
Two of SALib 1.6's analysers are not used, and one is used in part:

- ``delta.analyze`` computes its estimate from a resample instead of the data, so the bias correction of Plischke et al.
  (2013) has no effect: an inert factor gets 0.06 instead of 0.03. It also changes the warning filters and the global
  random state, and is forty times slower if BLAS uses threads on few processors.
- ``fast.analyze`` bootstraps pieces of a search curve, against which its own documentation warns.
- ``pawn.analyze`` provides the values but no intervals.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Any

import numpy as np

from bubble_abm.study.sensitivity.sampling import Factor, Sampling, problem, units

RESAMPLES = 200
DELTA_RESAMPLES = 100  # density estimates are slow
NORMAL = 1.959963984540054  # 97.5 % quantile of the normal distribution
SLICES = 10  # conditioning intervals of PAWN
TIED = 0.05  # share of rows with the same output above which a density is meaningless

#: The index by which convergence is judged.
MAIN = {
    "morris": "mu_star",
    "sobol": "ST",
    "fast": "ST",
    "pawn": "pawn_median",
    "delta": "delta",
    "shapley": "shapley",
}


@dataclass(frozen=True)
class Index:
    """One index of all factors or groups, or of all pairs of them.

    Parameters
    ----------
    name : str
        Name of the index.
    factors : tuple of (str, str)
        Factor, and the second factor of a pair or an empty string.
    value, half_width : ndarray
        Estimates and half-widths of their 95 % intervals, one per factor or pair.
    """

    name: str
    factors: tuple[tuple[str, str], ...]
    value: np.ndarray
    half_width: np.ndarray


@dataclass(frozen=True)
class Data:
    """The input of an estimator: sampling, factors, unit design and one output, in the sampler's order.

    Parameters
    ----------
    sampling : Sampling
        The sampling.
    factors : sequence of Factor
        The factors without the dummy.
    unit : ndarray, shape (rows, factors + 1)
        Unit design.
    output : ndarray, shape (rows,)
        The output.
    """

    sampling: Sampling
    factors: Sequence[Factor]
    unit: np.ndarray
    output: np.ndarray

    @property
    def units(self) -> list[str]:
        """Names of the factors or groups that have indices."""
        return units(self.sampling, self.factors)

    @property
    def block(self) -> int:
        """Number of rows in a base sample, a trajectory or a set of search curves."""
        width = len(self.units)
        pairs = 2 * width + 2 if self.sampling.second_order else width + 2
        of_method = {"morris": width + 1, "shapley": width + 1, "sobol": pairs, "fast": width * self.sampling.samples}
        return of_method.get(self.sampling.method, 1)

    def half(self) -> Data:
        """Return the first half of the base samples, trajectories, search curves or rows."""
        rows = len(self.output) // self.block // 2 * self.block
        return Data(self.sampling, self.factors, self.unit[:rows], self.output[:rows])

    def index(self, name: str, value: Any, half_width: Any) -> Index:
        """Return an index of all factors."""
        names = tuple((unit, "") for unit in self.units)
        return Index(name, names, np.asarray(value, dtype=float), np.asarray(half_width, dtype=float))


class SalibChanged(RuntimeError):
    """The installed version of SALib returns results in a form that this package cannot read."""


def entry(result: Any, key: str, width: int) -> np.ndarray:
    """Return an entry of a result of SALib, or raise :class:`SalibChanged`."""
    if key not in result or np.shape(result[key])[:1] != (width,):
        from importlib.metadata import version

        has = ", ".join(sorted(str(name) for name in result))
        raise SalibChanged(f"SALib {version('SALib')} gives no {key!r} for {width} factors, but: {has}; use SALib 1.6")
    return np.asarray(result[key], dtype=float)


def is_constant(output: np.ndarray) -> bool:
    """Whether an output is the same in every row, apart from rounding errors, or too small to be squared."""
    return bool(np.ptp(output) <= max(1e-12 * np.abs(output).max(), 1e-100))


def reason_not_estimable(data: Data) -> str:
    """Return the reason why indices of an output that varies cannot be estimated; empty if they can.

    In such a case SALib divides by zero, returns zeros for all factors, or leaves out rows that it cannot use.
    """
    output, method = data.output, data.sampling.method
    blocks = output.reshape(-1, data.block)
    if method == "sobol" and is_constant(blocks[:, [0, -1]]):
        return "the output is the same in all base samples; give more samples"
    if method == "morris" and (blocks == blocks[:, :1]).all():
        return "the output does not change along any trajectory; give more trajectories or levels"
    if method == "shapley" and np.array_equal(blocks[:, 0], blocks[:, -1]):
        return "the output is the same at both ends of all trajectories; give more samples"
    if method == "fast" and any(is_constant(curve) for curve in output.reshape(-1, data.sampling.samples)):
        return "the output does not vary along one of the search curves; give more samples"
    if method == "delta":
        tied = np.unique(output, return_counts=True)[1].max() / len(output)
        if tied > TIED:
            return f"{tied:.0%} of the rows have the same output, and delta compares densities; use pawn"
    return ""


def estimate(data: Data) -> list[Index]:
    """Estimate all indices of a method; the main one (:data:`MAIN`) is among them.

    Parameters
    ----------
    data : Data
        Design and output; the output varies, and :func:`reason_not_estimable` returns no reason.

    Raises
    ------
    SalibChanged
        If SALib's result lacks an entry.
    """
    methods: dict[str, Callable[[Data], list[Index]]] = {
        "morris": morris,
        "sobol": sobol,
        "fast": fast,
        "pawn": pawn,
        "delta": delta,
        "shapley": shapley,
    }
    return methods[data.sampling.method](data)


def sobol(data: Data) -> list[Index]:
    """Sobol indices, shares of variance: S1 alone, ST with all interactions, S2 of pairs (Saltelli et al. 2010)."""
    from SALib.analyze import sobol as salib

    sampling, names = data.sampling, data.units
    found = salib.analyze(
        problem(sampling, data.factors),
        data.output,
        calc_second_order=sampling.second_order,
        num_resamples=RESAMPLES,
        seed=sampling.seed,
    )
    width = len(names)
    indices = [data.index(key, entry(found, key, width), entry(found, f"{key}_conf", width)) for key in ("S1", "ST")]
    if sampling.second_order:
        upper = np.triu_indices(width, k=1)
        value, half_width = entry(found, "S2", width)[upper], entry(found, "S2_conf", width)[upper]
        indices.append(Index("S2", tuple(combinations(names, 2)), value, half_width))
    return indices


def morris(data: Data) -> list[Index]:
    """Elementary effects: mean size mu_star, mean mu, spread sigma (Campolongo et al. 2007).

    In units of the output, for a step over the whole range. Groups of several factors have no mu and no sigma, because
    their members move up and down at the same time: there, these two are left out.
    """
    from SALib.analyze import morris as salib

    sampling, names = data.sampling, data.units
    found = salib.analyze(
        problem(sampling, data.factors),
        data.unit,
        data.output,
        num_levels=sampling.levels,
        num_resamples=2,
        seed=sampling.seed,
    )
    effects = elementary_effects(data)
    count = len(effects)
    weights = resampling_weights(count, sampling.seed)
    mean = weights @ effects
    spread = np.sqrt(np.clip(weights @ effects**2 - mean**2, 0, None) * count / (count - 1))
    resampled = {"mu_star": weights @ np.abs(effects), "mu": mean, "sigma": spread}
    sizes = [len(sampling.groups.get(name, (name,))) if sampling.groups else 1 for name in names]
    single = np.array([size == 1 for size in sizes])
    indices = []
    for key, values in resampled.items():
        kept = np.ones(len(names), dtype=bool) if key == "mu_star" else single
        about = tuple((name, "") for name, keep in zip(names, kept) if keep)
        value = entry(found, key, len(names))[kept]
        indices.append(Index(key, about, value, NORMAL * values.std(axis=0, ddof=1)[kept]))
    return indices


def elementary_effects(data: Data) -> np.ndarray:
    """Elementary effect of every trajectory and factor or group, shape (trajectories, units)."""
    sampling, names = data.sampling, data.units
    space = problem(sampling, data.factors)
    homes = space.get("groups", space["names"])
    firsts = [homes.index(name) for name in names]
    paths = data.unit.reshape(-1, data.block, data.unit.shape[1])[:, :, firsts]
    changes = np.diff(data.output.reshape(-1, data.block), axis=1)
    step = sampling.levels / (2 * (sampling.levels - 1))
    return np.asarray(np.einsum("ts,tsf->tf", changes, np.sign(np.diff(paths, axis=1))) / step)


def resampling_weights(count: int, seed: int) -> np.ndarray:
    """Weights that resample base samples with replacement, shape (resamples, count); each row sums to one."""
    draws = np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), size=RESAMPLES)
    return np.asarray(draws / count)


def shapley(data: Data) -> list[Index]:
    """Shapley effects, shares of variance that sum to one, with interactions divided evenly (Goda 2021)."""
    from SALib.analyze import shapley as salib

    found = salib.analyze(problem(data.sampling, data.factors), data.unit, data.output)
    width = len(data.units)
    value, half_width = (entry(found, f"shapley_normalized{end}", width) for end in ("", "_conf"))
    return [data.index("shapley", value, half_width)]


def fast(data: Data) -> list[Index]:
    """Shares of variance from the spectrum along search curves: S1 alone, ST with interactions (Saltelli et al. 1999).

    Notes
    -----
    Each set of search curves gives an estimate; the value is their mean, and the interval is Student's. It does not
    include the error due to harmonics that are not counted, which all curves share and which the dummy's ST shows.
    """
    from SALib.analyze.fast import compute_orders
    from scipy.stats import t as student

    samples, harmonics = data.sampling.samples, data.sampling.harmonics
    curves = data.output.reshape(-1, len(data.units), samples)
    frequency = (samples - 1) // (2 * harmonics)
    orders = np.array([[compute_orders(curve, samples, harmonics, frequency) for curve in of_set] for of_set in curves])
    count = len(orders)
    half_width = np.full(orders.shape[1:], np.inf)
    if count > 1:
        half_width = student.ppf(0.975, count - 1) * orders.std(axis=0, ddof=1) / math.sqrt(count)
    return [data.index(key, orders.mean(axis=0)[:, at], half_width[:, at]) for at, key in enumerate(("S1", "ST"))]


def pawn(data: Data) -> list[Index]:
    """Distance between the output's distribution in slices of a factor and overall (Pianosi and Wagener 2018).

    Kolmogorov-Smirnov distances from 0 to 1: median, mean, smallest and largest over ten slices. They are positive for
    an inert factor too.

    Notes
    -----
    Rows are resampled with replacement. Repeated rows increase distances, so the resamples determine the width of the
    interval but not its position.
    """
    from SALib.analyze import pawn as salib

    found = salib.analyze(problem(data.sampling, data.factors), data.unit, data.output, S=SLICES)
    generator = np.random.default_rng(data.sampling.seed)
    count = len(data.output)
    resampled = np.array([pawn_statistics(data, generator.integers(count, size=count)) for _ in range(RESAMPLES)])
    half_width = NORMAL * resampled.std(axis=0, ddof=1)
    keys = ("median", "mean", "minimum", "maximum")
    return [
        data.index(f"pawn_{key}", entry(found, key, len(data.units)), half_width[at]) for at, key in enumerate(keys)
    ]


def pawn_statistics(data: Data, chosen: np.ndarray) -> np.ndarray:
    """PAWN's statistics of some rows, as SALib defines them: median, mean, minimum, maximum, shape (4, factors).

    SALib computes a significance test for every slice and is a hundred times slower; a test compares the two.
    """
    unit, output = data.unit[chosen], data.output[chosen]
    order = np.argsort(output, kind="stable")
    ascending = output[order]
    last_of_ties = np.append(ascending[1:] != ascending[:-1], True)
    overall = np.arange(1, len(output) + 1) / len(output)
    edges = np.quantile(unit, np.arange(SLICES + 1) / SLICES, axis=0)
    distances = np.empty((SLICES, unit.shape[1]))
    for column in range(unit.shape[1]):
        # As in SALib a slice has no upper end, and the largest value is in none.
        slices = np.searchsorted(edges[:, column], unit[order, column], side="right") - 1
        below = np.cumsum(slices[:, None] == np.arange(SLICES), axis=0)
        gaps = np.abs(below / below[-1] - overall[:, None])
        distances[:, column] = gaps[last_of_ties].max(axis=0)
    statistics = (np.median, np.mean, np.min, np.max)
    return np.array([statistic(distances, axis=0) for statistic in statistics])


def delta(data: Data) -> list[Index]:
    """Shift of the output's density by knowing a factor, delta from 0 to 1, and S1 (Plischke et al. 2013).

    Notes
    -----
    The mean of the bootstrap exceeds the estimate by about as much as the estimate exceeds the true value, so twice the
    estimate minus that mean is reported (their equation 30). A small bias remains: an inert factor is above zero.
    """
    generator = np.random.default_rng(data.sampling.seed)
    count = len(data.output)
    draws = (generator.integers(count, size=count) for _ in range(DELTA_RESAMPLES))
    resampled = np.array([delta_statistics(data, drawn) for drawn in draws])
    value = 2 * delta_statistics(data, np.arange(count)) - resampled.mean(axis=0)
    half_width = NORMAL * resampled.std(axis=0, ddof=1)
    return [data.index(key, value[at], half_width[at]) for at, key in enumerate(("delta", "S1"))]


def delta_statistics(data: Data, chosen: np.ndarray) -> np.ndarray:
    """Delta and S1 from some rows, without bias correction, shape (2, factors).

    The classes of equal size, their number, the bandwidths and the grid are those of SALib; a test compares the two.
    """
    unit, output = data.unit[chosen], data.output[chosen]
    count = len(output)
    exponent = 2.0 / (7.0 + math.tanh((1500.0 - count) / 500.0))
    ends = np.linspace(0, count, min(math.ceil(count**exponent), 48) + 1).astype(int)
    grid = np.linspace(data.output.min(), data.output.max(), 100)
    overall, mean = density(output, grid), output.mean()
    shift, explained = np.zeros((2, unit.shape[1]))
    for column in range(unit.shape[1]):
        ordered = output[np.argsort(unit[:, column], kind="stable")]
        for start, end in pairwise(ends):
            part = ordered[start:end]
            share = len(part) / count
            explained[column] += share * (part.mean() - mean) ** 2
            if np.ptp(part) > 0:
                shift[column] += share / 2 * np.trapezoid(np.abs(overall - density(part, grid)), grid)
    return np.array([shift, explained / output.var()])


def density(values: np.ndarray, grid: np.ndarray) -> np.ndarray:
    """Gaussian estimate of a density on a grid, with Silverman's bandwidth."""
    width = values.std(ddof=1) * (len(values) * 0.75) ** -0.2
    kernels = np.exp(-0.5 * ((grid[:, None] - values[None, :]) / width) ** 2)
    return np.asarray(kernels.mean(axis=1) / (width * math.sqrt(2 * math.pi)))
