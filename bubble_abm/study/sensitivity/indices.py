"""Sensitivity analysis of finished runs: indices with intervals, and a verdict on their convergence.

Nothing is simulated here: :mod:`bubble_abm.study.sensitivity.sampling` defines the runs, and :func:`analyse` reads the
table of finished runs. It computes indices of the mean over seeds of every row. This requires the same seeds in every
row, so that the luck common to all rows cancels.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from bubble_abm.economy.declare import InvalidInput
from bubble_abm.study.sensitivity.convergence import Convergence, judge
from bubble_abm.study.sensitivity.estimators import Data, Index, estimate, is_constant, reason_not_estimable
from bubble_abm.study.sensitivity.noise import TOLERANCE, Noise, noise, noise_columns, stability
from bubble_abm.study.sensitivity.responses import check_factors, read_runs
from bubble_abm.study.sensitivity.sampling import (
    Factor,
    Sampling,
    design,
    fingerprint,
    has_dummy,
    rows_needed,
    unit_design,
)

if TYPE_CHECKING:
    import pandas as pd

#: Indices of each method in the order of the table; ``second_order`` adds Sobol's S2.
INDICES = {
    "morris": ("mu_star", "mu", "sigma"),
    "sobol": ("S1", "ST"),
    "fast": ("S1", "ST"),
    "pawn": ("pawn_median", "pawn_mean", "pawn_minimum", "pawn_maximum"),
    "delta": ("delta", "S1"),
    "shapley": ("shapley",),
}
QUALITY_TYPES = {
    "seeds_needed": "Int64",
    "seeds_advised": "Int64",
    "dummy_compatible": "boolean",
    "ranks_stable": "boolean",
}


@dataclass(frozen=True)
class Analysis:
    """Sensitivity indices of every outcome, their quality, and the part of luck.

    Parameters
    ----------
    indices : DataFrame
        One line per outcome, factor and index: ``outcome``, ``factor``, ``factor_2`` (second of a pair, else empty),
        ``index``, ``value``, ``low`` and ``high`` (95 % interval). The dummy is a factor like any other; with groups,
        factors are the groups. Zero where the output is constant, not-a-number where indices cannot be estimated.
    quality : DataFrame
        One line per outcome. ``rows``, ``seeds``, ``mean``, ``variance`` (of rows' means over seeds; shares of it are
        shares of this), ``standard_error`` (of a row's mean), ``noise_share``, ``noise_left``, ``seeds_needed``,
        ``seeds_advised`` (see ``noise.py``; empty with one seed), ``constant``, ``widest``, ``widest_allowed``,
        ``moved``, ``dummy``, ``dummy_high``, ``dummy_compatible``, ``ranks_stable``, ``converged``, ``inert`` (factors
        that cannot be distinguished from the dummy), ``tied``, ``verdict`` (in words); they are defined in
        :class:`bubble_abm.study.sensitivity.convergence.Convergence`. Cells are empty if nothing was estimated.
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
    """Compute the indices of every outcome and judge their convergence.

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
        Largest half-width that counts as converged, instead of 0.05 (Morris: 0.1 of the largest mu_star).
    drawn : str, optional
        :func:`bubble_abm.study.sensitivity.sampling.fingerprint` of the design that was run.

    Raises
    ------
    InvalidInput
        If the runs are not those of the design, if any is missing, repeated or failed, or a value is not finite.
    SalibChanged
        If SALib returns results in a form other than that of version 1.6.

    Examples
    --------
    >>> recipe, factors = Sampling("morris", 10), [Factor("x", 0, 1), Factor("y", 0, 1)]
    >>> values = design(recipe, factors)
    >>> runs = {"row": range(len(values)), "seed": 1, "output": 3 * values[:, 0] + values[:, 1]}
    >>> found = analyse(recipe, factors, runs, ["output"])
    >>> found.indices.query("index == 'mu_star'")[["factor", "value"]].round(6).values.tolist()
    [['x', 3.0], ['y', 1.0], ['dummy', 0.0]]
    >>> found.quality["verdict"].item()
    'converged; luck not measurable with one seed'
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
    if found.factors:
        check_factors(found, dict(zip(names, design(sampling, factors).T)))
    if drawn is not None and drawn != fingerprint(sampling, factors):
        here = fingerprint(sampling, factors)
        raise InvalidInput(f"drawn = {drawn}: the sampling gives the design {here}; give the sampling of the runs")
    indices, quality, steps = [], [], []
    for outcome, values in found.values.items():
        data = Data(sampling, factors, unit, values.mean(axis=1))
        estimates, line = analyse_one(data, noise(values), width)
        indices += lines_of(outcome, estimates)
        quality.append({"outcome": outcome, "rows": found.rows, "seeds": len(found.seeds)} | line)
        steps += stability(outcome, values)
    return Analysis(pd.DataFrame(indices), pd.DataFrame(quality).astype(QUALITY_TYPES), pd.DataFrame(steps))


def analyse_one(data: Data, luck: Noise | None, width: float | None) -> tuple[list[Index], dict[str, Any]]:
    """Return the indices of one output, and its row of the table of quality."""
    output, judged = data.output, None
    if is_constant(output):
        indices = without_estimate(data, 0.0)
        verdict = f"constant: the output is {output.mean():.6g} in every row, nothing is left to explain"
    elif reason_not_estimable(data):
        indices = without_estimate(data, math.nan)
        verdict = f"not converged: not estimable: {reason_not_estimable(data)}"
    else:
        indices = estimate(data)
        judged = judge(data, indices, width)
        verdict = f"not converged: {'; '.join(judged.reasons)}" if judged.reasons else "converged"
    line = {
        "mean": float(output.mean()),
        "variance": 0.0 if is_constant(output) else float(output.var(ddof=1)),
        "standard_error": math.nan if luck is None else luck.standard_error,
    }
    line |= noise_columns(luck) | {"constant": is_constant(output)} | judgement_columns(judged)
    return indices, line | {"verdict": "; ".join([verdict, *words_on_luck(luck)])}


def judgement_columns(judged: Convergence | None) -> dict[str, Any]:
    """Return the columns of the table of quality that describe convergence; empty cells if there are no indices."""
    import pandas as pd

    if judged is None:
        numbers = dict.fromkeys(("widest", "widest_allowed", "moved", "dummy", "dummy_high"), math.nan)
        unknown = dict.fromkeys(("dummy_compatible", "ranks_stable"), pd.NA)
        return numbers | unknown | {"converged": False, "inert": "", "tied": ""}
    return {
        "widest": judged.widest,
        "widest_allowed": judged.threshold,
        "moved": judged.moved,
        "dummy": judged.dummy,
        "dummy_high": judged.dummy_high,
        "dummy_compatible": judged.dummy_compatible,
        "ranks_stable": pd.NA if judged.ranks_stable is None else judged.ranks_stable,
        "converged": not judged.reasons,
        "inert": ", ".join(judged.inert),
        "tied": ", ".join(judged.tied),
    }


def words_on_luck(luck: Noise | None) -> list[str]:
    """Describe the share of luck in the differences between rows; empty if it is negligible."""
    if luck is None:
        return ["luck not measurable with one seed"]
    if luck.left <= TOLERANCE:
        return []
    enough = (
        "no number of seeds is known to suffice"
        if luck.advised is None
        else f"about {luck.advised} seeds would suffice"
    )
    return [f"{luck.left:.0%} of the variance between rows is the luck of these seeds: {enough}"]


def without_estimate(data: Data, value: float) -> list[Index]:
    """Return placeholders for indices that were not estimated: all zero, or not-a-number."""
    names = data.units
    single = tuple((name, "") for name in names)
    about = dict.fromkeys(INDICES[data.sampling.method], single)
    if data.sampling.second_order:
        about["S2"] = tuple(combinations(names, 2))
    return [Index(name, pairs, *[np.full(len(pairs), value)] * 2) for name, pairs in about.items()]


def lines_of(outcome: str, indices: Sequence[Index]) -> list[dict[str, Any]]:
    """Return the rows of an outcome in the table of indices."""
    return [
        {
            "outcome": outcome,
            "factor": factor,
            "factor_2": second,
            "index": index.name,
            "value": float(value),
            "low": float(value - half_width),
            "high": float(value + half_width),
        }
        for index in indices
        for (factor, second), value, half_width in zip(index.factors, index.value, index.half_width)
    ]
