"""Estimators of sensitivity indices with 95 % intervals, each in its usual form and in a form free of luck.

A design consists of base samples (Sobol) or trajectories (Morris, Shapley): short blocks of rows that are compared with
one another. Every index here is a mean over blocks of products of differences between rows, for shares of variance
divided by the mean over blocks of products that estimate the variance.

**Usual form.** Products are taken of the means over seeds. If a factor only deals luck anew, rows differ although the
factor has no effect: squared differences count this luck as an effect, however many blocks there are.

**Luck-free form.** Products are taken of a difference under one seed and of a difference under another, and averaged
over all pairs of different seeds. Write the output as f(x) + e(x, s) with luck e of mean zero, independent between
seeds. Then E[d_s d_t] = E[d_f]^2 + E[d_e,s] E[d_e,t] = E[d_f^2], so the product estimates the index of f(x), the mean
over all luck, without bias, for any luck that a seed deals to a block. It costs no run, needs two seeds, and may be
below zero.

**Intervals.** The deviation of each block from the estimate (linearised, as usual for a ratio of means; Cochran 1977)
is averaged within independent replicates of the design, and Student's t is applied to these averages. A trajectory is a
replicate. The base samples of a Sobol design are not, because quasi-random points are spread more evenly than
independent ones; there, replicates are independently scrambled designs (Owen 1997; L'Ecuyer et al. 2023). Blocks have
their own seeds, so the spread between replicates includes luck. ``docs/coverage.md`` shows how often these intervals
contain known indices.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from bubble_abm.study.sensitivity.sampling import Factor, Sampling, block_rows, replicates_of, units

CONFIDENCE = 0.95
LUCK_FREE = "_luck_free"

#: Indices of each method in the order of the table; ``second_order`` adds Sobol's S2.
INDICES = {
    "morris": ("mu_star", "mu", "sigma", "rms_luck_free"),
    "sobol": ("S1", "ST", "S1_luck_free", "ST_luck_free"),
    "shapley": ("shapley", "shapley_luck_free"),
}
#: The index by which the verdict is made: with one seed, and with several.
MAIN = {
    "morris": ("mu_star", "rms_luck_free"),
    "sobol": ("ST", "ST_luck_free"),
    "shapley": ("shapley", "shapley_luck_free"),
}
SHARES = ("sobol", "shapley")  # methods whose main index is a share of variance


def main_index(method: str, seeds: int) -> str:
    """Return the name of the index by which a method screens and ranks: the luck-free one if there are two seeds."""
    return MAIN[method][seeds > 1]


@dataclass(frozen=True)
class Index:
    """One index of all factors or groups, or of all pairs of them.

    Parameters
    ----------
    name : str
        Name of the index.
    factors : tuple of (str, str)
        Factor, and the second factor of a pair or an empty string.
    value, low, high : ndarray, shape (factors,)
        Estimates, and ends of their 95 % intervals.
    deviations : ndarray, shape (replicates, factors)
        Deviations of the replicates from the estimates, for intervals of differences between factors.
    """

    name: str
    factors: tuple[tuple[str, str], ...]
    value: np.ndarray
    low: np.ndarray
    high: np.ndarray
    deviations: np.ndarray

    def difference(self, one: int, two: int) -> tuple[float, float]:
        """Return the difference between two factors, and the half-width of its interval."""
        reach = half_width(self.deviations[:, [one]] - self.deviations[:, [two]])
        return float(self.value[one] - self.value[two]), float(reach[0])


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
    output : ndarray, shape (rows, seeds)
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
    def seeds(self) -> int:
        """Number of seeds of every row."""
        return self.output.shape[1]

    @property
    def blocks(self) -> np.ndarray:
        """Output by base sample or trajectory, shape (blocks, rows of a block, seeds)."""
        return self.output.reshape(-1, block_rows(self.sampling, len(self.factors)), self.seeds)

    @property
    def moves(self) -> np.ndarray:
        """Direction in which each step of a trajectory moves each factor or group, shape (blocks, steps, units)."""
        names = [factor.name for factor in self.factors]
        groups = self.sampling.groups or {}
        firsts = [names.index(groups[unit][0] if unit in groups else unit) for unit in self.units[:-1]]
        paths = self.unit.reshape(len(self.blocks), -1, self.unit.shape[1])[:, :, [*firsts, -1]]
        return np.sign(np.diff(paths, axis=1))


Product = Callable[[np.ndarray, np.ndarray], np.ndarray]


def of_means(one: np.ndarray, two: np.ndarray) -> np.ndarray:
    """Product of the means over seeds, which are the last axis."""
    return np.asarray(one.mean(axis=-1) * two.mean(axis=-1))


def across_seeds(one: np.ndarray, two: np.ndarray) -> np.ndarray:
    """Mean product of one value under a seed and the other under another seed, over all ordered pairs of seeds.

    Examples
    --------
    >>> across_seeds(np.array([1.0, 2.0, 4.0]), np.array([1.0, 0.0, 0.0])).item()  # (2 + 4) / 6
    1.0
    """
    seeds = one.shape[-1]
    return np.asarray((one.sum(axis=-1) * two.sum(axis=-1) - (one * two).sum(axis=-1)) / (seeds * (seeds - 1)))


def is_constant(output: np.ndarray) -> bool:
    """Whether an output is the same in every row, apart from rounding errors, or too small to be squared."""
    return bool(np.ptp(output) <= max(1e-12 * np.abs(output).max(), 1e-100))


def reason_not_estimable(data: Data) -> str:
    """Return the reason why indices of an output that varies cannot be estimated; empty if they can."""
    method = data.sampling.method
    blocks = data.blocks.mean(axis=2)
    if method == "sobol" and is_constant(blocks[:, [0, -1]]):
        return "the output is the same in all base samples; give more samples"
    if method == "morris" and (blocks == blocks[:, :1]).all():
        return "the output does not change along any trajectory; give more trajectories or levels"
    if method == "shapley" and np.array_equal(blocks[:, 0], blocks[:, -1]):
        return "the output is the same at both ends of all trajectories; give more samples"
    return ""


def estimate(data: Data) -> list[Index]:
    """Estimate all indices of a method; the luck-free ones are not-a-number with one seed.

    Parameters
    ----------
    data : Data
        Design and output; the output varies, and :func:`reason_not_estimable` returns no reason.
    """
    return {"morris": morris, "sobol": sobol, "shapley": shapley}[data.sampling.method](data)


def sobol(data: Data) -> list[Index]:
    """Sobol indices, shares of variance: S1 alone, ST with all interactions, S2 of pairs (Saltelli et al. 2010)."""
    indices = sobol_by(data, of_means, "")
    return indices + (sobol_by(data, across_seeds, LUCK_FREE) if data.seeds > 1 else empty(data, LUCK_FREE))


def sobol_by(data: Data, product: Product, ending: str) -> list[Index]:
    """Sobol indices with one kind of product.

    Notes
    -----
    With rows A, B and A with column i of B: S1 by Saltelli et al. (2010), ST by Jansen (1999), S2 by Saltelli (2002).
    The output is centred for each seed, which leaves the indices of variance as they are and reduces their error.
    """
    width = len(data.units)
    centred = data.blocks - data.blocks[:, [0, -1]].mean(axis=(0, 1))
    first, mixed, last = centred[:, :1], centred[:, 1 : width + 1], centred[:, -1:]
    variance = (product(first, first) + product(last, last))[:, 0] / 2
    alone = product(last, mixed - first)
    total = product(mixed - first, mixed - first) / 2
    indices = [share(data, f"S1{ending}", alone, variance), share(data, f"ST{ending}", total, variance, squares=True)]
    if data.sampling.second_order:
        reverse = centred[:, width + 1 : -1]
        one, two = np.triu_indices(width, k=1)
        both = product(reverse[:, one], mixed[:, two]) - product(first, last)
        indices.append(share(data, f"S2{ending}", both - alone[:, one] - alone[:, two], variance))
    return indices


def shapley(data: Data) -> list[Index]:
    """Shapley effects, shares of variance that sum to one, with interactions divided evenly (Goda 2021).

    With groups, a whole group joins at once, and the shares are those of groups as players.
    """
    indices = shapley_by(data, of_means, "")
    return indices + (shapley_by(data, across_seeds, LUCK_FREE) if data.seeds > 1 else empty(data, LUCK_FREE))


def shapley_by(data: Data, product: Product, ending: str) -> list[Index]:
    """Shapley effects with one kind of product; the parts of a trajectory sum to an estimate of the variance."""
    before, after = data.blocks[:, :-1], data.blocks[:, 1:]
    steps = product(data.blocks[:, :1] - (before + after) / 2, before - after)
    parts = np.einsum("ts,tsf->tf", steps, np.abs(data.moves))
    return [share(data, f"shapley{ending}", parts, parts.sum(axis=1), squares=True)]


def morris(data: Data) -> list[Index]:
    """Elementary effects: mean size mu_star, mean mu, spread sigma (Campolongo et al. 2007), and their luck-free size.

    In units of the output, for a step over the whole range. ``rms_luck_free`` is the root mean square effect, from
    products across seeds; its square is the sum of the squares of mu and of sigma without luck. Groups of several
    factors have no mu and no sigma, because their members move up and down at the same time.
    """
    effects = elementary_effects(data)
    means = effects.mean(axis=2)
    count = len(means)
    spread = (means - means.mean(axis=0)) ** 2 * count / (count - 1)
    groups = data.sampling.groups or {}
    single = np.array([len(groups.get(name, (name,))) == 1 for name in data.units])
    indices = [
        mean_index(data, "mu_star", np.abs(means), squares=True),
        mean_index(data, "mu", means, kept=single),
        root(mean_index(data, "sigma", spread, kept=single)),
    ]
    if data.seeds == 1:
        return indices + empty(data, LUCK_FREE)
    return [*indices, root(mean_index(data, "rms_luck_free", across_seeds(effects, effects), squares=True))]


def elementary_effects(data: Data) -> np.ndarray:
    """Elementary effect of every trajectory, factor or group, and seed, shape (trajectories, units, seeds)."""
    step = data.sampling.levels / (2 * (data.sampling.levels - 1))
    return np.asarray(np.einsum("tsk,tsf->tfk", np.diff(data.blocks, axis=1), data.moves) / step)


def empty(data: Data, ending: str = "", value: float = math.nan) -> list[Index]:
    """Return placeholders for indices that were not estimated: not-a-number, or zero."""
    names = data.units
    single = tuple((name, "") for name in names)
    about = dict.fromkeys(INDICES[data.sampling.method], single)
    if data.sampling.second_order:
        about |= dict.fromkeys(("S2", f"S2{LUCK_FREE}"), tuple(combinations(names, 2)))
    return [
        Index(name, pairs, nothing, nothing, nothing, np.zeros((2, len(pairs))))
        for name, pairs in about.items()
        if name.endswith(ending)
        for nothing in [np.full(len(pairs), value)]
    ]


# --- Means, ratios and their intervals ------------------------------------------------------------------------------


def share(data: Data, name: str, parts: np.ndarray, variance: np.ndarray, *, squares: bool = False) -> Index:
    """Return an index that is the mean of parts over the mean of the variance, shapes (blocks, factors), (blocks,).

    It is not-a-number if the interval of the variance includes zero: then rows differ by no more than luck.
    """
    spread = variance.mean()
    if spread <= half_width(averaged(data, (variance - spread)[:, None]))[0]:
        return next(index for index in empty(data) if index.name == name)
    value = parts.mean(axis=0) / spread
    deviations = averaged(data, (parts - value * variance[:, None]) / spread)
    return with_interval(data, name, value, deviations, parts / spread if squares else None)


def mean_index(
    data: Data, name: str, parts: np.ndarray, *, squares: bool = False, kept: np.ndarray | None = None
) -> Index:
    """Return an index that is a mean over blocks, of the factors that are kept."""
    value = parts.mean(axis=0)
    found = with_interval(data, name, value, averaged(data, parts - value), parts if squares else None)
    if kept is None:
        return found
    factors = tuple(pair for pair, keep in zip(found.factors, kept) if keep)
    return Index(name, factors, value[kept], found.low[kept], found.high[kept], found.deviations[:, kept])


def with_interval(data: Data, name: str, value: np.ndarray, deviations: np.ndarray, sizes: np.ndarray | None) -> Index:
    """Return an index with its interval; ``sizes`` are parts of which zero means that two rows do not differ.

    Notes
    -----
    If no pair of rows differs in any block, the estimate and its spread are zero. The upper end is then that of the
    share of blocks with a difference (0 of n, Clopper and Pearson 1934) times the largest part of any factor. The dummy
    is excepted, because its rows are copies.
    """
    reach = half_width(deviations)
    high = value + reach
    if sizes is not None:
        never = ~sizes.any(axis=0)
        never[-1] = False
        unseen = 1 - ((1 - CONFIDENCE) / 2) ** (1 / len(sizes))
        high = np.where(never, unseen * float(sizes.max()), high)
    names = data.units
    factors = tuple((one, "") for one in names) if len(value) == len(names) else tuple(combinations(names, 2))
    return Index(name, factors, value, value - reach, high, deviations)


def root(index: Index) -> Index:
    """Return the index whose square is given; what is below zero counts as zero."""
    value, low, high = (np.sqrt(np.clip(part, 0, None)) for part in (index.value, index.low, index.high))
    slope = np.where(value > 0, 2 * value, np.inf)
    return Index(index.name, index.factors, value, low, high, index.deviations / slope)


def averaged(data: Data, parts: np.ndarray) -> np.ndarray:
    """Average parts of blocks within the independent replicates of the design, shape (replicates, factors)."""
    return np.asarray(parts.reshape(replicates_of(data.sampling), -1, parts.shape[1]).mean(axis=1))


def half_width(deviations: np.ndarray) -> np.ndarray:
    """Half-width of the 95 % interval of a mean over replicates, by Student's t."""
    from scipy.stats import t as student

    count = len(deviations)
    quantile = float(student.ppf(0.5 + CONFIDENCE / 2, count - 1))
    return np.asarray(quantile * deviations.std(axis=0, ddof=1) / math.sqrt(count))
