"""What a design costs and promises before anything runs: runs to compute, and expected widths of intervals."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from bubble_abm.study.sensitivity.estimators import CONFIDENCE, SHARES
from bubble_abm.study.sensitivity.sampling import Sampling, replicates_of

if TYPE_CHECKING:
    from bubble_abm.study.experiment import Experiment

SHARE = 0.25  # index for which a width is stated unless another one is asked for
NOISE_SHARE = 0.3  # share of the variance of single runs that is luck, unless a pilot says otherwise


def simulations(experiment: Experiment) -> int:
    """Return the number of simulations that an experiment needs; a run and its twin are two.

    Runs of a chunk with the same point and seed are computed once (:func:`bubble_abm.study.workers.evaluate`), so it is
    less than the number of runs in the data set, most of all in designs with the inert factor.
    """
    runs = np.arange(experiment.runs)
    rows, seeds = experiment.places(runs)
    points = np.unique(experiment.design.values, axis=0, return_inverse=True)[1].reshape(-1)
    keys = np.stack([runs // experiment.chunk_size, points[rows], seeds], axis=1)
    return len(np.unique(keys, axis=0)) * (2 if experiment.twins else 1)


def expected_half_width(
    sampling: Sampling, seeds: int, *, share: float = SHARE, noise_share: float = NOISE_SHARE
) -> float:
    """Return the half-width that the 95 % interval of the main index will have, roughly.

    Parameters
    ----------
    sampling : Sampling
        The design; Sobol, Shapley or Morris.
    seeds : int
        Number of seeds of every row.
    share : float
        Index for which the width is asked: a share of variance [0 to 1]; for Morris the square of the effect relative
        to the largest.
    noise_share : float
        Share of the variance of single runs that is luck, as a pilot measures it [0 to 1].

    Returns
    -------
    float
        Half-width: of a share of variance for Sobol and Shapley, relative to the largest effect for Morris.

    Notes
    -----
    Theory, not measurement: differences between rows are taken as normal, base points as independent, and luck as dealt
    anew at every row. Of a mean product of differences, with variance 2 S of the effect and 2 L of luck (L: luck over
    the variance of the mean outcome), the variance per block is 8 S^2 + 16 S L / K + 8 L^2 / (K (K - 1)) for K seeds.
    Quasi-random points, and luck that rows share, make intervals narrower; skewed effects make them wider.
    ``docs/coverage.md`` has measured widths.

    Examples
    --------
    >>> round(expected_half_width(Sampling("sobol", 4096), 2), 3)
    0.027
    """
    from scipy.stats import t as student

    luck = noise_share / (1 - noise_share)
    own = luck / seeds if seeds > 1 else 0.0
    pairs = luck**2 / (seeds * (seeds - 1)) if seeds > 1 else 0.0
    if sampling.method == "shapley":  # a part of a walk: half a square, and a product with the rest of the walk
        variance = 2 * share + 3 * own + 3 * pairs
    else:
        variance = 2 * share**2 + 4 * share * own + 2 * pairs
    quantile = float(student.ppf(0.5 + CONFIDENCE / 2, replicates_of(sampling) - 1))
    reach = quantile * math.sqrt(variance / sampling.samples)
    return reach if sampling.method in SHARES else reach / (2 * math.sqrt(share))
