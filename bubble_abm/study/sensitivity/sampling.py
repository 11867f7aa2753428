"""Designs for sensitivity analysis and scenario discovery: the points at which the model is run.

A design is made in two steps. :func:`unit_design` draws points of the unit cube with SALib, with one column per factor
and a last one for an inert dummy; :func:`design` converts them to values of the factors. Both depend on the sampling
and the factors only, so an analysis draws the unit design again instead of reading a stored copy.

Notes
-----
SALib only gets points of the unit cube, so that logarithmic and whole factors are a part of the model that it analyses
and need no special treatment. Sobol, FAST and Shapley indices do not depend on the scale of a factor. PAWN and delta
use only the ranks of a column, which an increasing transformation does not change. A Morris effect is the change of the
output per width of the factor's range, in logarithms for a logarithmic factor. For a whole factor, several points of
the unit interval give the same number.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from bubble_abm.economy.declare import InvalidInput, checked_count, unknown_name
from bubble_abm.economy.parameters import MAX_SEED
from bubble_abm.study.sensitivity.factors import DUMMY, Factor

MAX_SAMPLES = 10_000_000

__all__ = [
    "DUMMY", "METHODS", "Factor", "Sampling", "check", "default_samples", "design", "fingerprint", "has_dummy",
    "problem", "rows_needed", "unit_design", "units",
]  # fmt: skip

# Smallest number of samples by method. Convergence compares half of the samples with all of them, so half must be
# enough to estimate indices. Four or eight Sobol points mirror each other: a single factor then gets a total index of 2
# and an interval of zero width. Four Morris trajectories may all make the same steps. Delta has few classes with fewer
# than 2000 rows, and underestimates strong factors by a fifth.
METHODS = {"morris": 10, "sobol": 16, "fast": 5, "pawn": 200, "delta": 2000, "shapley": 4, "latin": 2, "oat": 1}
WITHOUT_DUMMY = ("latin", "oat")
# Options and the methods that use them; with other methods they are refused rather than ignored.
OPTIONS = {
    "second_order": ("sobol",),
    "levels": ("morris", "oat"),
    "harmonics": ("fast",),
    "curves": ("fast",),
    "groups": ("morris", "sobol"),
    "base": ("oat",),
}


@dataclass(frozen=True)
class Sampling:
    """How a design is drawn: everything that is needed to draw it, and to analyse its runs.

    ``dataclasses.asdict`` can be stored as JSON, from which ``Sampling(**stored)`` makes the same sampling.

    Parameters
    ----------
    method : str
        ``morris``, ``sobol``, ``fast``, ``pawn``, ``delta`` or ``shapley`` for sensitivity; ``latin``, a plain Latin
        hypercube, for scenario discovery; ``oat``, one factor at a time from a base point.
    samples : int
        Size N of the method: trajectories (morris, shapley), base samples (sobol), points on a search curve (fast) or
        rows (pawn, delta, latin); 1 for oat.
    seed : int
        Seed of the sampler and of the bootstrap [1 or more].
    second_order : bool
        Sobol: also indices of pairs, for nearly twice the rows.
    levels : int
        Morris: levels of the grid, an even number. Oat: values per factor.
    harmonics : int
        FAST: number of harmonics that are attributed to a factor (M in the literature).
    curves : int
        FAST: independent search curves per factor, whose spread gives the interval.
    groups : mapping of str to sequence of str, optional
        Morris and Sobol: name of each group and its factors. Every factor belongs to one group.
    base : mapping of str to float, optional
        Oat: values at the base point; by default the middle of a factor's range.

    Raises
    ------
    InvalidInput
        If SALib would refuse the sampling, or would silently draw another design.

    Examples
    --------
    >>> Sampling("sobol", 1000)
    Traceback (most recent call last):
    ...
    bubble_abm.InvalidInput: samples = 1000: sobol needs a power of two: give 512 or 1024
    """

    method: str
    samples: int
    seed: int = 1
    second_order: bool = False
    levels: int = 4
    harmonics: int = 4
    curves: int = 4
    groups: Mapping[str, tuple[str, ...]] | None = None
    base: Mapping[str, float] | None = None

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise InvalidInput(unknown_name("method", str(self.method), METHODS))
        # SALib's analysers treat a seed of 0 as no seed.
        bounds = {"samples": (METHODS[self.method], MAX_SAMPLES), "seed": (1, MAX_SEED)}
        bounds |= {"levels": (2, 1000), "harmonics": (1, 100), "curves": (2, 1000)}
        for name, (low, high) in bounds.items():
            object.__setattr__(self, name, checked_count(name, getattr(self, name), low, high))
        for name, methods in OPTIONS.items():
            if self.method not in methods and getattr(self, name) != DEFAULTS[name]:
                raise InvalidInput(f"{name} = {getattr(self, name)}: only {' and '.join(methods)} can use it")
        check_samples(self)
        check_options(self)
        if self.groups is not None:
            plain = {name: tuple(members) for name, members in self.groups.items()}
            object.__setattr__(self, "groups", plain)
        if self.base is not None:
            object.__setattr__(self, "base", dict(self.base))


DEFAULTS: dict[str, Any] = {item.name: item.default for item in fields(Sampling)}


def check_samples(sampling: Sampling) -> None:
    """Refuse a number of samples that the method cannot use; the message names the nearest valid one."""
    samples, method = sampling.samples, sampling.method
    below = 1 << (samples.bit_length() - 1)
    if method == "sobol" and samples != below:
        raise InvalidInput(f"samples = {samples}: sobol needs a power of two: give {below} or {2 * below}")
    if method == "oat" and samples != 1:
        raise InvalidInput(f"samples = {samples}: oat has one base point: give 1, and levels for more values")
    if method == "fast" and samples <= 4 * sampling.harmonics**2:
        least = 4 * sampling.harmonics**2 + 1
        raise InvalidInput(f"samples = {samples}: fast needs more than 4 harmonics squared: give {least} or more")


def check_options(sampling: Sampling) -> None:
    """Refuse values of options that the method cannot use."""
    if not isinstance(sampling.second_order, bool):
        raise InvalidInput(f"second_order = {sampling.second_order}: give True or False")
    if sampling.method == "morris" and sampling.levels % 2:
        near = f"{max(sampling.levels - 1, 2)} or {sampling.levels + 1}"
        raise InvalidInput(f"levels = {sampling.levels}: morris needs an even number: give {near}")
    for name in ("groups", "base"):
        value = getattr(sampling, name)
        if value is not None and (not isinstance(value, Mapping) or not value):
            raise InvalidInput(f"{name} = {value}: give a mapping with at least one entry, or leave it out")


def check(sampling: Sampling, factors: Sequence[Factor]) -> None:
    """Refuse factors, groups or a base point with which no design can be drawn.

    Raises
    ------
    InvalidInput
        If they are not valid.
    """
    names = [factor.name for factor in factors]
    if not names:
        raise InvalidInput("factors: empty, give at least one")
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise InvalidInput(f"factors: {doubled[0]!r} is given more than once, give each factor a different name")
    if sampling.groups is not None:
        check_groups(sampling.groups, names)
    if sampling.base is not None:
        check_base(sampling.base, {factor.name: factor for factor in factors})
    if sampling.method == "fast":
        check_frequencies(sampling, len(names))


def check_groups(groups: Mapping[str, tuple[str, ...]], names: Sequence[str]) -> None:
    """Refuse groups that do not contain every factor exactly once."""
    seen: dict[str, str] = {}
    for group, members in groups.items():
        if group == DUMMY or not members:
            why = "has no factor" if not members else "has the name of the inert factor, which is added automatically"
            raise InvalidInput(f"groups: {group!r} {why}: leave it out or rename it")
        for name in members:
            if name not in names:
                raise InvalidInput(f"groups: {group!r}: {unknown_name('factor', name, names)}")
            if name in seen:
                raise InvalidInput(f"groups: {name!r} is in {seen[name]!r} and in {group!r}, give it one group")
            seen[name] = group
    missing = [name for name in names if name not in seen]
    if missing:
        raise InvalidInput(f"groups: {', '.join(missing[:5])} in no group, give each factor a group")


def check_base(base: Mapping[str, float], factors: Mapping[str, Factor]) -> None:
    """Refuse a base point outside the ranges of its factors."""
    for name, value in base.items():
        if name not in factors:
            raise InvalidInput(f"base: {unknown_name('factor', name, factors)}")
        low, high = factors[name].low, factors[name].high
        number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
        if not number or not low <= value <= high or (factors[name].whole and value != round(value)):
            kind = "whole number" if factors[name].whole else "number"
            raise InvalidInput(f"base: {name} = {value}: give a {kind} from {low:g} to {high:g}")


def check_frequencies(sampling: Sampling, factors_count: int) -> None:
    """Refuse search curves that are too short for every factor to have its own frequency.

    SALib lets factors share a frequency and phase, and with them the same value in every row.
    """
    least = 4 * sampling.harmonics**2 * factors_count + 1
    if sampling.samples < least:
        why = f"fast needs a different frequency for each of {factors_count} factors"
        raise InvalidInput(f"samples = {sampling.samples}: {why}: give {least} or more")


def has_dummy(sampling: Sampling) -> bool:
    """Whether the method's design includes the dummy."""
    return sampling.method not in WITHOUT_DUMMY


def units(sampling: Sampling, factors: Sequence[Factor]) -> list[str]:
    """Return the names of the groups, if there are any, or else of the factors; the dummy is last.

    Notes
    -----
    SALib returns the indices of groups in the order in which their first factors appear in the design, and not in the
    order in which groups are declared.
    """
    names = [factor.name for factor in factors]
    if sampling.groups:
        home = {name: group for group, members in sampling.groups.items() for name in members}
        names = list(dict.fromkeys(home[name] for name in names))
    return [*names, DUMMY] if has_dummy(sampling) else names


def problem(sampling: Sampling, factors: Sequence[Factor]) -> dict[str, Any]:
    """Return SALib's description of the unit cube, a new dictionary each time because SALib modifies it."""
    names = [factor.name for factor in factors] + [DUMMY] * has_dummy(sampling)
    found: dict[str, Any] = {"num_vars": len(names), "names": names, "bounds": [[0.0, 1.0]] * len(names)}
    if sampling.groups:
        home = {name: group for group, members in sampling.groups.items() for name in members}
        found["groups"] = [home.get(name, DUMMY) for name in names]
    return found


def rows_needed(sampling: Sampling, factors_count: int) -> int:
    """Return the number of rows of the design; each is run with every seed.

    Parameters
    ----------
    sampling : Sampling
        The sampling.
    factors_count : int
        Number of factors without the dummy, whose rows are included in the result.

    Examples
    --------
    >>> rows_needed(Sampling("sobol", 1024), 10), rows_needed(Sampling("morris", 40), 10)
    (13312, 480)
    """
    moved = len(sampling.groups) if sampling.groups else factors_count
    moved += has_dummy(sampling)
    each = {
        "morris": moved + 1,
        "sobol": 2 * moved + 2 if sampling.second_order else moved + 2,
        "fast": moved * sampling.curves,
        "shapley": moved + 1,
        "oat": 1 + moved * sampling.levels,
    }
    return sampling.samples * each.get(sampling.method, 1)


def default_samples(method: str, factors: Sequence[Factor] | int) -> int:
    """Return a number of samples that usually suffices for a smooth output; the analysis says whether it did.

    Parameters
    ----------
    method : str
        One of the methods of :class:`Sampling`.
    factors : sequence of Factor or int
        The factors or their number, without the dummy.

    Notes
    -----
    Elementary effects of ten to fifty trajectories rank factors (Campolongo et al. 2007). Half-widths of total indices
    and Shapley effects fall with the square root of N and are near 0.05 at about a thousand. PAWN and delta need about
    a hundred rows in each of their ten to twenty slices (Pianosi and Wagener 2018). FAST needs a different frequency
    for every factor.

    Examples
    --------
    >>> default_samples("fast", 3), default_samples("fast", 30)
    (513, 1921)
    """
    if method not in METHODS:
        raise InvalidInput(unknown_name("method", str(method), METHODS))
    count = factors if isinstance(factors, int) else len(factors)
    if method == "fast":
        return int(max(513, 4 * DEFAULTS["harmonics"] ** 2 * count + 1))
    usual = {"morris": 40, "sobol": 1024, "pawn": 2000, "delta": 4000, "shapley": 1500, "latin": 1000, "oat": 1}
    return usual[method]


def unit_design(sampling: Sampling, factors: Sequence[Factor]) -> np.ndarray:
    """Return points of the unit cube in the sampler's order.

    Returns
    -------
    ndarray of float, shape (rows, factors + 1)
        One column per factor, in their order, and the dummy's column last, except for latin and oat. In an oat design,
        a factor at its base point is not-a-number, because the base point is given in the factor's unit.
    """
    check(sampling, factors)
    if sampling.method == "oat":
        return one_at_a_time(sampling, len(factors))
    drawn = sampler(sampling)(problem(sampling, factors))
    # Sums of grid steps may miss the end of the interval by a rounding error.
    return np.clip(drawn, 0.0, 1.0)


def design(sampling: Sampling, factors: Sequence[Factor]) -> np.ndarray:
    """Return the values of the factors in every row, in their units and in the sampler's order.

    Returns
    -------
    ndarray of float, shape (rows, factors)
        Without the dummy, which enters no run. Rows that differ only in the dummy are equal here.

    Raises
    ------
    InvalidInput
        If the sampling does not fit the factors.

    Examples
    --------
    >>> design(Sampling("oat", 1, levels=2, base={"x": 3}), [Factor("x", 0, 4), Factor("y", 1, 9)]).tolist()
    [[3.0, 5.0], [0.0, 5.0], [4.0, 5.0], [3.0, 1.0], [3.0, 9.0]]
    """
    unit = unit_design(sampling, factors)
    base = sampling.base or {}
    columns = []
    for factor, points in zip(factors, unit.T):
        stays = base.get(factor.name, factor.values(np.array(0.5)))
        columns.append(np.where(np.isnan(points), stays, factor.values(points)))
    return np.column_stack(columns)


def fingerprint(sampling: Sampling, factors: Sequence[Factor]) -> str:
    """Return a hash of a design's values, which shows if another version of SALib draws another design.

    Examples
    --------
    >>> recipe = Sampling("latin", 10)
    >>> fingerprint(recipe, [Factor("x", 0, 1)]) == fingerprint(recipe, [Factor("x", 0, 2)])
    False
    """
    # Nine digits, because processors may differ in the last digits of a logarithm.
    text = ",".join(f"{value:.9g}" for value in design(sampling, factors).ravel())
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def one_at_a_time(sampling: Sampling, factors_count: int) -> np.ndarray:
    """Return the points of a one-at-a-time design; not-a-number if a factor is at its base point."""
    steps = np.linspace(0.0, 1.0, sampling.levels)
    unit = np.full((1 + factors_count * sampling.levels, factors_count), np.nan)
    for column in range(factors_count):
        first = 1 + column * sampling.levels
        unit[first : first + sampling.levels, column] = steps
    return unit


def sampler(sampling: Sampling) -> Callable[[dict[str, Any]], np.ndarray]:
    """Return SALib's sampler for the method, with its options."""
    from SALib.sample import fast_sampler, latin, morris, shapley, sobol

    samples, seed = sampling.samples, sampling.seed
    chosen: dict[str, Callable[[dict[str, Any]], np.ndarray]] = {
        "morris": lambda space: morris.sample(space, samples, num_levels=sampling.levels, seed=seed),
        "sobol": lambda space: sobol.sample(space, samples, calc_second_order=sampling.second_order, seed=seed),
        "fast": lambda space: np.concatenate(
            [fast_sampler.sample(space, samples, M=sampling.harmonics, seed=curve) for curve in curve_seeds(sampling)]
        ),
        "shapley": lambda space: shapley.sample(space, samples, seed=seed),
    }
    return chosen.get(sampling.method, lambda space: latin.sample(space, samples, seed=seed))


def curve_seeds(sampling: Sampling) -> list[int]:
    """Return one seed for each search curve of FAST."""
    return [int(state) for state in np.random.SeedSequence(sampling.seed).generate_state(sampling.curves)]
