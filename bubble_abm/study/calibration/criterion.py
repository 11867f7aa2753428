"""Implausibility: how far a set of parameters is from each fact, in standard deviations of all that is not known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bubble_abm.economy.declare import InvalidInput, checked_count, checked_name
from bubble_abm.economy.outside import month_number
from bubble_abm.economy.parameters import MAX_MONTHS
from bubble_abm.observe.targets import STRONG, TARGETS, Target

ALL = "all"
#: Standard deviation of the observation, in half-widths of the range of a fact: the range holds what its sources allow,
#: so its ends are three standard deviations away from its middle.
OBSERVATION = 1 / 3
#: Standard deviation of what the model leaves out, in half-widths, by the weight of the fact.
DISCREPANCY = {"strong": 0.25, "weak": 0.5}
#: Seeds for which the mean luck counts where a point has luck of its own: with so many of its own it has half of each.
SEEDS_OF_MEAN = 20


@dataclass(frozen=True)
class Criterion:
    """The facts that are matched, and how exactly.

    Parameters
    ----------
    targets : tuple of Target
        What is matched.
    luck : ndarray, shape (targets,)
        Variance between seeds of what a run gives [half-widths squared].
    discrepancy : mapping of str to float
        Standard deviation of what the model leaves out, by the weight of a fact [half-widths].
    own : bool
        Whether a point is allowed luck of its own: between ``luck`` and the variance between its seeds, the nearer to
        this the more seeds it has. Few seeds tell a variance badly, and a mean over points is too little for those with
        more luck than others.
    """

    targets: tuple[Target, ...]
    luck: np.ndarray
    discrepancy: Mapping[str, float]
    own: bool = False

    def variances(self, away: np.ndarray) -> np.ndarray:
        """Return the variance of the mean distance of each point from each fact [half-widths squared].

        Observation, discrepancy, and luck twice: that of the world, which happened once, and that of the mean.

        Parameters
        ----------
        away : ndarray, shape (points, seeds, targets)
            Distances [half-widths].

        Returns
        -------
        ndarray, shape (points, targets)
        """
        left_out = np.array([self.discrepancy[target.weight] for target in self.targets])
        return np.asarray(OBSERVATION**2 + left_out**2 + self.luck_of(away) * (1.0 + 1.0 / away.shape[1]))

    def luck_of(self, away: np.ndarray) -> np.ndarray:
        """Return the variance between seeds that each point is allowed, of shape (points, targets)."""
        points, seeds, _ = away.shape
        if not self.own or seeds < 2:
            return np.broadcast_to(self.luck, (points, len(self.luck)))
        return np.asarray(
            (SEEDS_OF_MEAN * self.luck + (seeds - 1) * away.var(axis=1, ddof=1)) / (SEEDS_OF_MEAN + seeds - 1)
        )

    def implausibilities(self, values: np.ndarray) -> np.ndarray:
        """Return the implausibility of points by fact; see :meth:`signed`."""
        return np.abs(self.signed(values))

    def signed(self, values: np.ndarray) -> np.ndarray:
        """Return the signed implausibility of points by fact, below 0 if a run gives less than was observed.

        Parameters
        ----------
        values : ndarray, shape (points, seeds, targets)
            What runs gave; not-a-number where a run failed.

        Returns
        -------
        ndarray, shape (points, targets)
            Infinite where a run failed.
        """
        away = self.distances(values)
        found = away.mean(axis=1) / np.sqrt(self.variances(away))
        return np.where(np.isfinite(found), found, np.inf)

    def distances(self, values: np.ndarray) -> np.ndarray:
        """Return signed distances from the middle of each fact's range [half-widths]."""
        return distances(self.targets, values)


def distances(targets: Sequence[Target], values: np.ndarray) -> np.ndarray:
    """Return signed distances of values, whose last axis is that of targets, from the middles of ranges [half-widths].

    Examples
    --------
    >>> distances([Target("share", 0.0, 2.0, float)], np.array([[3.0], [0.0]])).tolist()
    [[2.0], [-1.0]]
    """
    found = np.empty(values.shape)
    for place, target in enumerate(targets):
        one = values[..., place]
        scaled = np.log(np.maximum(one, 1e-9)) if target.logarithmic else one
        found[..., place] = (scaled - target.middle) / target.half_width
    return found


def chosen(facts: str = ALL, without: Sequence[str] = (), until: str | None = None) -> tuple[Target, ...]:
    """Return the targets that are matched.

    Parameters
    ----------
    facts : str
        ``all``, ``strong``, or names separated by commas; the name of a fact stands for all its targets.
    without : sequence of str
        Facts that are left out.
    until : str, optional
        Last month of facts that are matched, as in ``2024-06``.

    Raises
    ------
    InvalidInput
        If a name or the month is not valid, or no target is left.

    Examples
    --------
    >>> [target.name for target in chosen("C06,C10", without=["C06.month"])]
    ['C06', 'C10']
    """
    heads = {name: [other for other in TARGETS if other == name or other.startswith(f"{name}.")] for name in TARGETS}
    groups = {STRONG: [name for name, target in TARGETS.items() if target.weight == STRONG], ALL: list(TARGETS)}
    wanted: set[str] = set()
    for name in (part.strip() for part in facts.split(",")):
        wanted |= set(groups[name] if name in groups else heads[checked_name("fact", name, (*TARGETS, *groups))])
    for name in without:
        wanted -= set(heads[checked_name("fact", name, TARGETS)])
    last = MAX_MONTHS if until is None else last_month(until)
    found = tuple(target for name, target in TARGETS.items() if name in wanted and target.last <= last)
    if not found:
        raise InvalidInput(f"facts = {facts}: none is left, give others{' or a later month' if until else ''}")
    return found


def last_month(text: str) -> int:
    """Return a month, counted from January 2023, or refuse its text."""
    try:
        return checked_count("until", month_number(text), 0, MAX_MONTHS)
    except ValueError:
        raise InvalidInput(f"until = {text}: give a month such as 2024-06") from None


def months_needed(targets: Sequence[Target]) -> int:
    """Return the length of the shortest run off which all targets can be read."""
    return max(target.last for target in targets) + 1


def about(targets: Sequence[Target]) -> list[dict[str, Any]]:
    """Return targets as plain values, for provenance."""
    return [{"name": one.name, "low": one.low, "high": one.high, "weight": one.weight} for one in targets]
