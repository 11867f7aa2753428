"""Sensitivity analysis of finished runs: indices with intervals, and a verdict on what they settle.

Nothing is simulated here: :mod:`bubble_abm.study.sensitivity.sampling` defines the runs, and :func:`analyse` reads the
table of finished runs. All rows of a base sample or trajectory must have the same seeds, so that luck common to them
cancels.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from bubble_abm.economy.declare import InvalidInput
from bubble_abm.study.sensitivity.convergence import Verdict, judge, main_of
from bubble_abm.study.sensitivity.convergence import nothing as without_verdict
from bubble_abm.study.sensitivity.estimators import (
    INDICES,
    Data,
    Index,
    empty,
    estimate,
    is_constant,
    reason_not_estimable,
)
from bubble_abm.study.sensitivity.noise import TOLERANCE, Noise, noise, noise_columns, stability
from bubble_abm.study.sensitivity.responses import check_factors, check_seeds, read_runs
from bubble_abm.study.sensitivity.sampling import (
    Factor,
    Sampling,
    block_rows,
    design,
    fingerprint,
    has_dummy,
    rows_needed,
    unit_design,
)

if TYPE_CHECKING:
    import pandas as pd

QUALITY_TYPES = {"seeds_needed": "Int64", "seeds_advised": "Int64"}
ONLY_LUCK = "rows differ by no more than luck; give more samples or seeds"

__all__ = ["INDICES", "Analysis", "analyse"]


@dataclass(frozen=True)
class Analysis:
    """Sensitivity indices of every outcome, their quality, and the part of luck.

    Parameters
    ----------
    indices : DataFrame
        One line per outcome, factor and index: ``outcome``, ``factor``, ``factor_2`` (second of a pair, else empty),
        ``index``, ``value``, ``low`` and ``high`` (95 % interval). The dummy is a factor like any other; with groups,
        factors are the groups. Zero where the output is constant, not-a-number where indices cannot be estimated, as
        luck-free ones with one seed.
    quality : DataFrame
        One line per outcome. ``rows``, ``seeds``, ``mean``, ``variance`` (of rows' means over seeds; usual shares are
        shares of it), ``standard_error`` (of a row's mean), ``noise_share``, ``noise_left``, ``seeds_needed``,
        ``seeds_advised`` (see ``noise.py``; empty with one seed), ``constant``; the verdict:
        ``screening_settled``, ``ranking_settled``, ``indices_settled``, ``acting``, ``inert``, ``undecided``, ``tied``,
        ``widest``, ``widest_allowed``, and in words ``verdict``; they are defined in
        :mod:`bubble_abm.study.sensitivity.convergence`.
    stability : DataFrame
        Variance between rows against the number of seeds: ``outcome``, ``seeds``, ``variance``, ``relative``.
    """

    indices: pd.DataFrame
    quality: pd.DataFrame
    stability: pd.DataFrame


def analyse(
    sampling: Sampling,
    factors: Sequence[Factor],
    runs: Any,
    outcomes: Sequence[str],
    *,
    width: float | None = None,
    drawn: str | None = None,
) -> Analysis:
    """Compute the indices of every outcome, and judge what they settle.

    Parameters
    ----------
    sampling : Sampling
        The sampling of the design that was run.
    factors : sequence of Factor
        Its factors, without the dummy.
    runs : DataFrame or mapping of str to sequence
        One line per row of the design and seed, in any order: ``row`` (from 0), ``seed``, the outcomes, and if there is
        one ``error``, the message of a failed run. Columns with the names of factors are compared with the design.
    outcomes : sequence of str
        Columns to analyse.
    width : float, optional
        Largest half-width of a settled index, instead of 0.05 (Morris: 0.1 of the largest effect).
    drawn : str, optional
        :func:`bubble_abm.study.sensitivity.sampling.fingerprint` of the design that was run.

    Raises
    ------
    InvalidInput
        If the runs are not those of the design, if any is missing, repeated or failed, or a value is not finite.

    Examples
    --------
    >>> recipe, factors = Sampling("morris", 40), [Factor("x", 0, 1), Factor("y", 0, 1)]
    >>> values = design(recipe, factors)
    >>> runs = {"row": range(len(values)), "seed": 1, "output": 3 * values[:, 0] + values[:, 1]}
    >>> found = analyse(recipe, factors, runs, ["output"])
    >>> found.indices.query("index == 'mu_star'")[["factor", "value"]].round(6).values.tolist()
    [['x', 3.0], ['y', 1.0], ['dummy', 0.0]]
    >>> found.quality["verdict"].item()
    'screening settled; ranking settled; indices settled; luck not measurable with one seed'
    """
    import pandas as pd

    if not has_dummy(sampling):
        raise InvalidInput(
            f"method = {sampling.method!r}: has no indices, give a method of sensitivity analysis such as 'sobol'"
        )
    if width is not None and not (isinstance(width, int | float) and 0 < width < math.inf):
        raise InvalidInput(f"width = {width}: give a number above zero")
    unit = unit_design(sampling, factors)
    names = [factor.name for factor in factors]
    found = read_runs(runs, outcomes, rows=rows_needed(sampling, len(factors)), factors=names)
    check_seeds(found, block_rows(sampling, len(factors)))
    if found.factors:
        check_factors(found, dict(zip(names, design(sampling, factors).T)))
    if drawn is not None and drawn != fingerprint(sampling, factors):
        here = fingerprint(sampling, factors)
        raise InvalidInput(f"drawn = {drawn}: the sampling gives the design {here}; give the sampling of the runs")
    indices, quality, steps = [], [], []
    for outcome, values in found.values.items():
        estimates, line = analyse_one(Data(sampling, factors, unit, values), noise(values), width)
        indices += lines_of(outcome, estimates)
        quality.append({"outcome": outcome, "rows": found.rows, "seeds": values.shape[1]} | line)
        steps += stability(outcome, values)
    return Analysis(pd.DataFrame(indices), pd.DataFrame(quality).astype(QUALITY_TYPES), pd.DataFrame(steps))


def analyse_one(data: Data, luck: Noise | None, width: float | None) -> tuple[list[Index], dict[str, Any]]:
    """Return the indices of one output, and its row of the table of quality."""
    means = data.output.mean(axis=1)
    constant = is_constant(means)
    if constant:
        indices = empty(data, value=0.0)
        judged = without_verdict("the output is constant")
        words = [f"constant: the output is {means.mean():.6g} in every row, nothing is left to explain"]
    elif reason := reason_not_estimable(data):
        indices, judged, words = empty(data), without_verdict(reason), [f"not estimable: {reason}"]
    else:
        indices = estimate(data)
        known = bool(np.isfinite(main_of(data, indices).value).all())
        judged = judge(data, indices, width) if known else without_verdict(ONLY_LUCK)
        words = [judged.words if known else f"not estimable: {ONLY_LUCK}"]
    line = {
        "mean": float(means.mean()),
        "variance": 0.0 if constant else float(means.var(ddof=1)),
        "standard_error": math.nan if luck is None else luck.standard_error,
    }
    line |= noise_columns(luck) | {"constant": constant} | verdict_columns(judged)
    return indices, line | {"verdict": "; ".join([*words, *words_on_luck(luck)])}


def verdict_columns(judged: Verdict) -> dict[str, Any]:
    """Return the columns of the table of quality that have the verdict."""
    return {
        "screening_settled": judged.screening.settled,
        "ranking_settled": judged.ranking.settled,
        "indices_settled": judged.indices.settled,
        "acting": ", ".join(judged.acting),
        "inert": ", ".join(judged.inert),
        "undecided": ", ".join(judged.undecided),
        "tied": ", ".join(judged.tied),
        "widest": judged.widest,
        "widest_allowed": judged.allowed,
    }


def words_on_luck(luck: Noise | None) -> list[str]:
    """Describe the share of luck in the differences between rows; empty if it is negligible."""
    if luck is None:
        return ["luck not measurable with one seed"]
    if luck.left <= TOLERANCE:
        return []
    return [f"{luck.left:.0%} of the variance between rows is luck, which the usual indices count as effect"]


def lines_of(outcome: str, indices: Sequence[Index]) -> list[dict[str, Any]]:
    """Return the rows of an outcome in the table of indices."""
    return [
        {
            "outcome": outcome,
            "factor": factor,
            "factor_2": second,
            "index": index.name,
            "value": float(value),
            "low": float(low),
            "high": float(high),
        }
        for index in indices
        for (factor, second), value, low, high in zip(index.factors, index.value, index.low, index.high)
    ]
