"""Convergence: whether a sensitivity analysis had enough samples, judged by intervals, ranks and the dummy.

An index has *converged* if three conditions hold.

1. The widest 95 % interval among the five leading factors is narrow: its half-width is at most 0.05 if the index is a
   share or a distance between 0 and 1, and at most a tenth of the largest mu_star for Morris. Shares that differ by 0.1
   can then be distinguished. Sarrazin, Pianosi and Wagener (2016) demand half of that.
2. Half of the base samples give the five leading factors the same order. A change of order counts only between factors
   whose intervals with all samples do not overlap; factors with overlapping intervals are listed as tied. Moreover,
   none of the five may differ by more than the allowed width from its value at half the samples, or exceed the whole
   variance. The bootstrap does not show the bias of delta and PAWN with few rows, and it shows no spread if there are
   so few quasi-random points that they mirror each other.
3. The dummy looks inert. Sobol, Shapley and Morris give an inert factor exactly zero if runs that differ only in it are
   equal, so its interval must contain zero, or it must be below 1 % of the variance (of the largest mu_star). FAST
   gives it the effect of harmonics that are not counted, with any number of samples; up to 0.05 is accepted. The
   statistics of PAWN and delta are above zero even for an inert factor; there the dummy is the threshold, which the
   interval of the strongest factor must exceed.

In all methods, factors whose interval overlaps that of the dummy are listed as indistinguishable from inert.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from bubble_abm.study.sensitivity.estimators import MAIN, Data, Index, estimate, is_constant, reason_not_estimable
from bubble_abm.study.sensitivity.factors import DUMMY

LEADERS = 5
WIDTH = 0.05
MORRIS_WIDTH = 0.1
SHARES = ("sobol", "shapley", "fast")
NEGLIGIBLE = {"morris": 0.01, "sobol": 0.01, "shapley": 0.01, "fast": 0.05}


@dataclass(frozen=True)
class Convergence:
    """The evidence on the convergence of the indices of one output.

    Parameters
    ----------
    widest, threshold : float
        Largest half-width of the main index among the five leading factors, and the largest allowed.
    moved : float
        Largest change of the main index among the five leading factors from half of the samples to all; not-a-number
        if half of the samples give no index.
    dummy, dummy_high : float
        Main index of the dummy and the upper end of its interval.
    dummy_compatible : bool
        The dummy looks inert.
    ranks_stable : bool, optional
        Half of the samples give the same order; None if they give no index.
    inert : tuple of str
        Factors that cannot be distinguished from the dummy.
    tied : tuple of str
        Neighbours among the five leading factors whose intervals overlap.
    reasons : tuple of str
        Reasons why the index has not converged; empty if it has.
    """

    widest: float
    threshold: float
    moved: float
    dummy: float
    dummy_high: float
    dummy_compatible: bool
    ranks_stable: bool | None
    inert: tuple[str, ...]
    tied: tuple[str, ...]
    reasons: tuple[str, ...]


def main_index(data: Data, indices: list[Index]) -> Index:
    """Return the index by which convergence is judged."""
    return next(index for index in indices if index.name == MAIN[data.sampling.method])


def allowed_width(data: Data, main: Index, width: float | None = None) -> float:
    """Largest half-width that counts as converged [unit of the main index]."""
    if data.sampling.method == "morris":
        return (MORRIS_WIDTH if width is None else width) * float(main.value[:-1].max())
    return WIDTH if width is None else width


def judge(data: Data, indices: list[Index], width: float | None = None) -> Convergence:
    """Judge whether there were enough samples.

    Parameters
    ----------
    data : Data
        Design and output.
    indices : list of Index
        Indices estimated from them.
    width : float, optional
        Largest half-width allowed instead of the standard one; for Morris relative to the largest mu_star.
    """
    main = main_index(data, indices)
    names = [name for name, _ in main.factors]
    first = np.argsort(-main.value[:-1], kind="stable")[:LEADERS]  # without the dummy, which is last
    widest = first[np.argmax(main.half_width[first])]
    threshold = allowed_width(data, main, width)
    reasons = []
    if main.half_width[widest] > threshold:
        reasons.append(f"widest half-width {main.half_width[widest]:.2g} > {threshold:.2g} ({names[widest]})")
    reasons += [
        f"{main.name} of {names[leader]} is {main.value[leader]:.2g}, more than all of the variance"
        for leader in first
        if data.sampling.method in SHARES and main.value[leader] - main.half_width[leader] > 1
    ]
    before = value_at_half(data)
    stable, moved = None, math.nan
    if before is None:
        reasons.append("order not assessed: half of the samples give no indices")
    else:
        swapped, changes = swaps(main, before, first), np.abs(main.value - before)[first]
        stable, moved = not swapped, float(changes.max())
        if swapped:
            reasons.append(f"order differs at half the samples: {', '.join(swapped)}")
        if moved > threshold:
            mover = names[first[np.argmax(changes)]]
            reasons.append(f"{main.name} moved by {moved:.2g} since half the samples ({mover})")
    compatible, complaint = judge_dummy(data, main)
    if not compatible:
        reasons.append(complaint)
    high = float(main.value[-1] + main.half_width[-1])
    inert = tuple(name for name, low in zip(names, main.value - main.half_width) if low <= high and name != DUMMY)
    return Convergence(
        widest=float(main.half_width[widest]),
        threshold=threshold,
        moved=moved,
        dummy=float(main.value[-1]),
        dummy_high=high,
        dummy_compatible=compatible,
        ranks_stable=stable,
        inert=inert,
        tied=tuple(f"{names[a]} ~ {names[b]}" for a, b in pairwise(first) if overlap(main, a, b)),
        reasons=tuple(reasons),
    )


def overlap(index: Index, one: int, two: int) -> bool:
    """Whether the intervals of two factors overlap."""
    return bool(abs(index.value[one] - index.value[two]) <= index.half_width[one] + index.half_width[two])


def value_at_half(data: Data) -> np.ndarray | None:
    """Main index from the first half of the samples; None if they give no index."""
    half = data.half()
    if is_constant(half.output) or reason_not_estimable(half):
        return None
    return main_index(half, estimate(half)).value


def swaps(main: Index, before: np.ndarray, first: np.ndarray) -> list[str]:
    """Pairs of factors whose order is reversed at half the samples, without pairs that are tied with all samples."""
    names = [name for name, _ in main.factors]
    return [
        f"{names[leader]} before {names[other]}"
        for leader in first
        for other in range(len(names))
        if main.value[leader] > main.value[other]
        and before[leader] < before[other]
        and not overlap(main, leader, other)
    ]


def judge_dummy(data: Data, main: Index) -> tuple[bool, str]:
    """Return whether the dummy looks inert, and a message for the case that it does not."""
    method = data.sampling.method
    value, half_width = float(main.value[-1]), float(main.half_width[-1])
    seen = f"{main.name} of the dummy is {value:.2g} ± {half_width:.2g}"
    if method in ("pawn", "delta"):
        leader = int(np.argmax(main.value[:-1]))
        stands_out = bool(main.value[leader] - main.half_width[leader] > value + half_width)
        return stands_out, f"no factor stands out from an inert one: {seen}"
    largest = float(main.value[:-1].max()) if method == "morris" else 1.0
    holds_zero = value - half_width <= 0 <= value + half_width
    why = "rows differ by more than their factors and every index is inflated; give every row the same seeds"
    if method == "fast":
        why = "harmonics beyond those counted, or luck of single rows, inflate every index; give more harmonics"
    complaint = f"{seen}, not zero: {why}"
    return holds_zero or value <= NEGLIGIBLE[method] * largest, complaint
