"""Whether a sensitivity analysis had samples enough, judged by its intervals, its order of factors and its dummy.

An index is *converged* if three things hold.

1. The widest 95 % interval among the first five factors is narrow: its half-width is at most 0.05 where the index is a
   share or a distance between 0 and 1, and a tenth of the largest mu_star for Morris. Two shares 0.1 apart can then be
   told apart. Sarrazin, Pianosi and Wagener (2016) ask for half of that.
2. Half of the base samples give the first five the same order. A change of places counts only between factors whose
   intervals, with all samples, do not overlap: others are tied, and ties are named, not counted.
   Nor may one of the five have moved by more than the width allowed since then, or be more than all of the variance:
   the bootstrap does not see the bias that delta and PAWN have with few rows, and it sees no spread where very few
   quasi-random points mirror each other.
3. The dummy looks inert. Sobol, Shapley and Morris give an inert factor exactly zero as long as runs that differ in it
   alone are equal, so its interval must hold zero, or it must be below 1 % of the variance (of the largest mu_star).
   FAST gives it what harmonics above those counted leave behind, whatever the samples; up to 0.05 is let pass. The
   statistics of PAWN and delta are above zero for an inert factor too: there the dummy is the threshold, and the
   strongest factor must stand out from it.

In all methods, factors whose interval reaches down to the dummy's upper end are listed as indistinguishable from inert.
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
    """What speaks for and against the indices of one output.

    Parameters
    ----------
    widest, threshold : float
        Largest half-width of the main index among the first five factors, and the largest allowed.
    moved : float
        Largest change of the main index among the first five from half of the samples to all; not-a-number where half
        of them give none.
    dummy, dummy_high : float
        Main index of the dummy and the upper end of its interval.
    dummy_compatible : bool
        The dummy looks inert.
    ranks_stable : bool, optional
        Half of the samples give the same order; None where they give none.
    inert : tuple of str
        Factors that cannot be told from the dummy.
    tied : tuple of str
        Neighbours among the first five whose intervals overlap.
    reasons : tuple of str
        Why it is not converged; empty if it is.
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
    """Return the index that convergence is judged by."""
    return next(index for index in indices if index.name == MAIN[data.sampling.method])


def allowed_width(data: Data, main: Index, width: float | None = None) -> float:
    """Largest half-width that counts as converged [unit of the main index]."""
    if data.sampling.method == "morris":
        return (MORRIS_WIDTH if width is None else width) * float(main.value[:-1].max())
    return WIDTH if width is None else width


def judge(data: Data, indices: list[Index], width: float | None = None) -> Convergence:
    """Judge whether the samples were enough.

    Parameters
    ----------
    data : Data
        Design and output.
    indices : list of Index
        What was estimated from them.
    width : float, optional
        Largest half-width allowed instead of the standard one; for Morris relative to the largest mu_star.
    """
    main = main_index(data, indices)
    names = [name for name, _ in main.factors]
    first = np.argsort(-main.value[:-1], kind="stable")[:LEADERS]  # the dummy is the last and leads nothing
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
    """Say whether two factors' intervals overlap."""
    return bool(abs(index.value[one] - index.value[two]) <= index.half_width[one] + index.half_width[two])


def value_at_half(data: Data) -> np.ndarray | None:
    """Main index from the first half of the samples; None if they give none."""
    half = data.half()
    if is_constant(half.output) or reason_not_estimable(half):
        return None
    return main_index(half, estimate(half)).value


def swaps(main: Index, before: np.ndarray, first: np.ndarray) -> list[str]:
    """Pairs whose order half of the samples turn round, without pairs that are tied with all samples."""
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
    """Say whether the dummy looks inert, and if not, what it looks like."""
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
