"""Plans: how many runs an experiment needs, how long they take, and how precise its indices will be."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

import numpy as np

from bubble_abm.study.experiment import Experiment, find_model, values_at
from bubble_abm.study.sensitivity.estimators import CONFIDENCE, SHARES, main_index
from bubble_abm.study.sensitivity.sampling import Sampling, replicates_of

SHARE = 0.25  # index for which a width is stated unless another one is asked for
NOISE_SHARE = 0.3  # share of the variance of single runs that is luck, unless a pilot says otherwise
TIMED = 6  # runs that are timed
#: Values of the main index at which its expected precision is stated: a leading factor and a weak one.
TYPICAL = {"morris": (1.0, 0.3), "sobol": (0.5, 0.1), "shapley": (0.3, 0.1)}


@dataclass(frozen=True)
class Plan:
    """What an experiment costs and promises.

    Parameters
    ----------
    rows : int
        Points of the design.
    seeds : int
        Seeds of each point.
    computed : int
        Runs that are computed; the others are copies of them. A run and its twin count as one.
    twins : bool
        Whether each run has a twin without the shock.
    seconds_each : float
        Measured time of a run with its twin on one processor [s].
    workers : int
        Number of processors.
    half_widths : tuple of (str, float, float)
        Index, its value, and the expected half-width of its 95 % interval.
    """

    rows: int
    seeds: int
    computed: int
    twins: bool
    seconds_each: float
    workers: int
    half_widths: tuple[tuple[str, float, float], ...]

    @property
    def runs(self) -> int:
        """Number of runs in the data set; a run and its twin count as one."""
        return self.rows * self.seeds

    @property
    def seconds(self) -> float:
        """Time of all runs that are computed [s]."""
        return self.computed * self.seconds_each / self.workers


def plan(experiment: Experiment, workers: int) -> Plan:
    """Plan an experiment: count its runs, time a few of them, and work out its precision.

    Parameters
    ----------
    experiment : Experiment
        The experiment.
    workers : int
        Number of processors.
    """
    sampling, seeds = experiment.sampling, experiment.seeds
    return Plan(
        rows=experiment.design.rows,
        seeds=seeds,
        computed=simulations(experiment) // (2 if experiment.twins else 1),
        twins=experiment.twins,
        seconds_each=timed(experiment),
        workers=workers,
        half_widths=() if sampling is None else expected_half_widths(sampling, seeds),
    )


def simulations(experiment: Experiment) -> int:
    """Return the number of simulations that an experiment needs; a run and its twin are two.

    Runs of a chunk with the same point and seed are computed once (:func:`bubble_abm.study.workers.evaluate`), so it is
    less than the number of runs in the data set, most of all in designs with the inert factor.
    """
    runs = np.arange(experiment.runs)
    rows, seeds = experiment.places(runs)
    design = experiment.design
    points = np.unique(np.nan_to_num(design.values, nan=np.inf), axis=0, return_inverse=True)[1].reshape(-1)
    setups = [experiment.setup_of(name) for name in design.scenarios]
    setup = np.array([setups.index(one) for one in setups])[design.scenario]
    keys = np.stack([runs // experiment.chunk_size, points[rows], setup[rows], seeds], axis=1)
    return len(np.unique(keys, axis=0)) * (2 if experiment.twins else 1)


def timed(experiment: Experiment) -> float:
    """Measure the time of a run, and of its twin, at points spread over the design [s]."""
    model, design, setup = find_model(experiment.model), experiment.design, experiment.setup
    spread = design.values[np.linspace(0, design.rows - 1, TIMED).astype(int)]
    starts = experiment.economies_of(experiment.first_seed + np.arange(TIMED))
    points = [{**start, **values_at(design.factors, row.tolist())} for start, row in zip(starts, spread, strict=True)]
    model(points[0], experiment.first_seed, setup)  # compiles or loads the month
    began = time.perf_counter()
    for point in points:
        model(point, experiment.first_seed, setup)
    return (time.perf_counter() - began) / TIMED


def expected_half_widths(sampling: Sampling, seeds: int) -> tuple[tuple[str, float, float], ...]:
    """Return the main index of a method, typical values of it, and the half-widths that theory expects.

    Examples
    --------
    >>> found = expected_half_widths(Sampling("sobol", 1024), seeds=2)
    >>> [(index, value, round(reach, 3)) for index, value, reach in found]
    [('ST_luck_free', 0.5, 0.078), ('ST_luck_free', 0.1, 0.04)]
    """
    return tuple(
        (
            main_index(sampling.method, seeds),
            value,
            expected_half_width(sampling, seeds, share=share_of(sampling, value)),
        )
        for value in TYPICAL.get(sampling.method, ())
    )


def share_of(sampling: Sampling, value: float) -> float:
    """Return the share of variance, relative to the largest for Morris, to which a value of the main index belongs."""
    return value if sampling.method in SHARES else value**2


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
