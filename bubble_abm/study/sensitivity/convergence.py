"""Verdict on a sensitivity analysis in three parts: screening, ranking, and the indices themselves.

Which factors have no effect, in which order the others stand, and how large their indices are: these are three
questions, and each needs more runs than the one before (Sarrazin, Pianosi and Wagener 2016). So each has its own
criterion. All three use the main index of the method, which is free of luck if there are two seeds.

1. *Screening* is settled if every factor either acts or is without effect. A factor acts if its interval is above zero,
   which luck alone would bring about in one of forty cases. It is without effect, for practical purposes, if its
   interval ends below 0.05 of the variance, or for Morris below a fifth of the largest effect.
2. *Ranking* is settled if among the five leading factors and the next, each stands apart from its neighbour: the
   interval of their difference excludes zero, or is so near zero that they are equal for practical purposes.
   Differences are taken within replicates, because the errors of two factors are correlated. Factors without effect
   need no order.
3. *Indices* are settled if the half-width of the interval of each of the five is at most 0.05, or for Morris a tenth of
   the largest effect, and if enough runs differ: where almost all have the same outcome, no interval can be trusted.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from bubble_abm.study.sensitivity.estimators import SHARES, Data, Index, main_index
from bubble_abm.study.sensitivity.factors import DUMMY

LEADERS = 5
WIDTH = 0.05  # largest half-width of a share of variance
MORRIS_WIDTH = 0.1  # the same for Morris, relative to the largest effect
NEGLIGIBLE = 0.05  # share of variance below which a factor is without effect
MORRIS_NEGLIGIBLE = 0.2  # the same for Morris, relative to the largest effect; its square is the share of variance
SCARCE = 30  # smallest number of runs in the base points whose outcome is not the most common one
NAMED = 8  # largest number of factors that a verdict names


@dataclass(frozen=True)
class Part:
    """One part of the verdict.

    Parameters
    ----------
    reasons : tuple of str
        Reasons why the question is not answered; empty if it is.
    """

    reasons: tuple[str, ...]

    @property
    def settled(self) -> bool:
        """Whether the question is answered."""
        return not self.reasons


@dataclass(frozen=True)
class Verdict:
    """The verdict on the indices of one output.

    Parameters
    ----------
    screening, ranking, indices : Part
        Its three parts.
    acting, inert, undecided : tuple of str
        Factors that act, factors without effect, and factors of which neither is certain.
    tied : tuple of str
        Neighbours in the order that are neither apart nor equal.
    widest, allowed : float
        Largest half-width among the five leading factors, and the largest allowed.
    """

    screening: Part
    ranking: Part
    indices: Part
    acting: tuple[str, ...]
    inert: tuple[str, ...]
    undecided: tuple[str, ...]
    tied: tuple[str, ...]
    widest: float
    allowed: float

    @property
    def words(self) -> str:
        """The verdict in words."""
        parts = {"screening": self.screening, "ranking": self.ranking, "indices": self.indices}
        return "; ".join(
            f"{name} {'settled' if part.settled else f'open ({", ".join(part.reasons)})'}"
            for name, part in parts.items()
        )


def main_of(data: Data, indices: list[Index]) -> Index:
    """Return the index by which the verdict is made."""
    return next(index for index in indices if index.name == main_index(data.sampling.method, data.seeds))


def judge(data: Data, indices: list[Index], width: float | None = None) -> Verdict:
    """Judge what the indices of one output settle.

    Parameters
    ----------
    data : Data
        Design and output.
    indices : list of Index
        Indices estimated from them; the main one is not not-a-number.
    width : float, optional
        Largest half-width allowed instead of the standard one; for Morris relative to the largest effect.
    """
    main = main_of(data, indices)
    names = [name for name, _ in main.factors]
    largest = 1.0 if data.sampling.method in SHARES else float(main.value[:-1].max())
    allowed = largest * ((WIDTH if data.sampling.method in SHARES else MORRIS_WIDTH) if width is None else width)
    negligible = largest * (NEGLIGIBLE if data.sampling.method in SHARES else MORRIS_NEGLIGIBLE)
    inert = main.high <= negligible
    acting = (main.low > 0) & ~inert
    undecided = tuple(name for name, known in zip(names[:-1], inert | acting) if not known)
    order = np.argsort(-main.value[:-1], kind="stable")  # without the dummy, which is last
    ranked = [int(one) for one in order[: LEADERS + 1] if not inert[one]]
    tied = tuple(f"{names[a]} ~ {names[b]}" for a, b in pairwise(ranked) if not told_apart(main, a, b, allowed))
    reach = np.maximum(main.high - main.value, main.value - main.low)
    widest = int(order[:LEADERS][np.argmax(reach[order[:LEADERS]])])
    return Verdict(
        screening=Part((f"undecided: {some(undecided)}",) if undecided else ()),
        ranking=Part((f"not told apart: {', '.join(tied)}",) if tied else ()),
        indices=Part(reasons_of_width(data, main, widest, float(reach[widest]), allowed)),
        acting=tuple(name for name, acts in zip(names, acting) if acts and name != DUMMY),
        inert=tuple(name for name, still in zip(names, inert) if still and name != DUMMY),
        undecided=undecided,
        tied=tied,
        widest=float(reach[widest]),
        allowed=allowed,
    )


def told_apart(main: Index, one: int, two: int, allowed: float) -> bool:
    """Whether two factors differ for certain, or by no more than the allowed width for certain."""
    difference, reach = main.difference(one, two)
    return abs(difference) > reach or abs(difference) + reach <= allowed


def reasons_of_width(data: Data, main: Index, widest: int, reach: float, allowed: float) -> tuple[str, ...]:
    """Return the reasons why the indices themselves are not settled."""
    reasons = []
    if reach > allowed:
        reasons.append(f"half-width {reach:.2g} > {allowed:.2g} ({main.factors[widest][0]})")
    if data.sampling.method in SHARES:
        above = [name for (name, _), low in zip(main.factors, main.low) if low > 1]
        reasons += [f"{main.name} of {name} exceeds all of the variance" for name in above]
    other, total = uncommon(data)
    if other < SCARCE:
        reasons.append(f"only {other:,} of {total:,} runs at the base points differ from the most common outcome")
    return tuple(reasons)


def uncommon(data: Data) -> tuple[int, int]:
    """Return the number of runs at base points whose outcome is not the most common one, and that of all of them."""
    base = data.blocks[:, [0, -1]]
    counts = np.unique(base, return_counts=True)[1]
    return int(counts.sum() - counts.max()), int(counts.sum())


def some(names: tuple[str, ...]) -> str:
    """Return the first few names."""
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more} more" if more > 0 else "")


def nothing(reason: str) -> Verdict:
    """Return the verdict where no index can be estimated."""
    none = Part((reason,))
    return Verdict(none, none, none, (), (), (), (), math.nan, math.nan)
