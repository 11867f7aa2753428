"""Noise: how much of the variance of an outcome is due to its seeds, and how many seeds are enough.

Every row of a design is run with every seed. The outcome of a run is then the sum of the row's level, a shift common to
all rows with that seed, and the interaction of the row with the seed. Indices are computed from means over seeds. The
shift is the same in all means and cancels in every comparison between rows; the interaction falls with the number of
seeds.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from bubble_abm.economy.declare import InvalidInput
from bubble_abm.study.sensitivity.responses import read_runs

if TYPE_CHECKING:
    import pandas as pd

TOLERANCE = 0.05  # share by which luck may raise the variance between rows


@dataclass(frozen=True)
class Noise:
    """Decomposition of the variance of an outcome over rows and seeds.

    Parameters
    ----------
    share : float
        Share of the variance of single runs that is due to the seed, shift included [0 to 1].
    left : float
        Share of the variance between rows' means over seeds that is still due to luck [0 to 1].
    needed : int
        Number of seeds from which the variance between means stays within 5 % of that with all seeds.
    advised : int, optional
        Number of seeds from which luck adds less than 5 % to the variance between means. It may exceed the number that
        was run; None if rows do not differ by more than luck.
    standard_error : float
        Root mean square of the standard errors of rows' means [unit of the outcome].
    """

    share: float
    left: float
    needed: int
    advised: int | None
    standard_error: float


def variance_by_seeds(values: np.ndarray) -> np.ndarray:
    """Variance between rows of means over k of the seeds, for k from 1 to all of them.

    Parameters
    ----------
    values : ndarray, shape (rows, seeds)
        One outcome.

    Notes
    -----
    It is the mean over all ways to choose k of the K seeds, so the order of seeds plays no part. With the covariance
    between seeds over the rows it has a closed form: (mean of the diagonal) / k + (mean off it) (k - 1) / k.

    Examples
    --------
    >>> variance_by_seeds(np.array([[1.0, 1.0], [1.0, 3.0]])).tolist()
    [1.0, 0.5]
    """
    seeds = values.shape[1]
    deviations = values - values.mean(axis=0)
    covariance = deviations.T @ deviations / (len(values) - 1)
    own = float(np.trace(covariance)) / seeds
    shared = (float(covariance.sum()) / seeds - own) / (seeds - 1) if seeds > 1 else 0.0
    k = np.arange(1, seeds + 1)
    return np.asarray(own / k + shared * (k - 1) / k)


def noise(values: np.ndarray) -> Noise | None:
    """Decompose the variance of one outcome over rows and seeds; None with a single seed or row.

    Parameters
    ----------
    values : ndarray, shape (rows, seeds)
        One outcome.

    Notes
    -----
    Two-way layout with one run per cell, both ways random (Searle, Casella and McCulloch 1992): mean squares of rows,
    seeds and the rest give the three variances; an estimate below zero counts as zero.
    """
    rows, seeds = values.shape
    if rows < 2 or seeds < 2:
        return None
    by_row, by_seed = values.mean(axis=1), values.mean(axis=0)
    rest = values - by_row[:, None] - by_seed[None, :] + values.mean()
    of_rest = float((rest**2).sum()) / ((rows - 1) * (seeds - 1))
    of_rows = seeds * float(by_row.var(ddof=1))
    of_seeds = rows * float(by_seed.var(ddof=1))
    luck = of_rest + max(of_seeds - of_rest, 0.0) / rows
    level = max(of_rows - of_rest, 0.0) / seeds
    # Differences as small as rounding errors of the level count as zero.
    nothing = (1e-12 * float(np.abs(values).max())) ** 2
    needed = np.flatnonzero(variance_by_seeds(values) * seeds <= (1 + TOLERANCE) * of_rows + nothing)
    return Noise(
        share=luck / (luck + level) if luck + level > nothing else 0.0,
        left=min(of_rest / of_rows, 1.0) if of_rows > nothing else float(of_rest > nothing),
        needed=int(needed[0]) + 1,
        advised=seeds_advised(of_rest, level, nothing),
        standard_error=math.sqrt(float(values.var(axis=1, ddof=1).mean()) / seeds),
    )


def seeds_advised(of_rest: float, level: float, nothing: float) -> int | None:
    """Number of seeds from which luck adds less than 5 % to the variance between rows; None if all of it is luck."""
    if of_rest <= nothing:
        return 1
    if level <= nothing:
        return None
    return max(math.ceil(of_rest / (TOLERANCE * level) - 1e-9), 1)


def stability(outcome: str, values: np.ndarray) -> list[dict[str, Any]]:
    """Return the variance between rows for each number of seeds, as rows of a table.

    Returns
    -------
    list of dict
        ``outcome``; ``seeds``: k; ``variance`` between rows of means over k seeds; ``relative`` to that over all seeds,
        1 where nothing varies.
    """
    found = variance_by_seeds(values)
    last = found[-1] if found[-1] > 0 else 1.0
    relative = found / last if found[-1] > 0 else np.ones(len(found))
    return [
        {"outcome": outcome, "seeds": k + 1, "variance": float(found[k]), "relative": float(relative[k])}
        for k in range(len(found))
    ]


def replicates(runs: Any, outcomes: Sequence[str]) -> pd.DataFrame:
    """Return for each outcome of a pilot how many seeds a study needs.

    Parameters
    ----------
    runs : DataFrame or mapping
        Runs of a small design, every row with the same seeds: ``row``, ``seed``, outcomes, perhaps ``error``.
    outcomes : sequence of str
        Columns to look at.

    Returns
    -------
    DataFrame
        One line per outcome: ``outcome``, ``rows``, ``seeds``, ``noise_share``, ``noise_left``, ``seeds_needed`` and
        ``seeds_advised`` as :class:`Noise` defines them. Take the largest advised among the outcomes that matter.

    Raises
    ------
    InvalidInput
        If runs are missing or failed, or there are fewer than two rows or two seeds.

    Examples
    --------
    >>> pilot = {"row": [0, 0, 1, 1], "seed": [1, 2, 1, 2], "rent": [10.0, 12.0, 20.0, 22.0]}
    >>> replicates(pilot, ["rent"])[["noise_share", "noise_left", "seeds_advised"]].round(3).values.tolist()
    [[0.038, 0.0, 1]]
    """
    import pandas as pd

    found = read_runs(runs, outcomes)
    seeds = found.seeds.shape[1]
    if found.rows < 2 or seeds < 2:
        raise InvalidInput(f"pilot of {found.rows} rows and {seeds} seeds: give at least two of each")
    lines = []
    for outcome, values in found.values.items():
        parts = noise(values)
        assert parts is not None
        lines.append({"outcome": outcome, "rows": found.rows, "seeds": seeds} | noise_columns(parts))
    return pd.DataFrame(lines).astype({"seeds_needed": "Int64", "seeds_advised": "Int64"})


def noise_columns(parts: Noise | None) -> dict[str, Any]:
    """Return the columns of a table that describe the noise; empty cells if it cannot be measured."""
    import pandas as pd

    if parts is None:
        nothing = dict.fromkeys(("noise_share", "noise_left"), math.nan)
        return nothing | dict.fromkeys(("seeds_needed", "seeds_advised"), pd.NA)
    return {
        "noise_share": parts.share,
        "noise_left": parts.left,
        "seeds_needed": parts.needed,
        "seeds_advised": pd.NA if parts.advised is None else parts.advised,
    }
