"""Designs for sensitivity analysis and scenario discovery: the points at which the model is run.

A design is made in two steps. :func:`unit_design` draws points of the unit cube with SALib, with one column per factor
and a last one for an inert dummy; :func:`design` converts them to values of the factors. Both depend on the sampling
and the factors only, so an analysis draws the unit design again instead of reading a stored copy.

Notes
-----
SALib only gets points of the unit cube, so that logarithmic and whole factors are a part of the model that it analyses
and need no special treatment. Sobol indices and Shapley effects do not depend on the scale of a factor. A Morris effect
is the change of the output per width of the factor's range, in logarithms for a logarithmic factor. For a whole factor,
several points of the unit interval give the same number.

Indices are computed from differences between rows within a *block*: a base sample of a Sobol design, or a trajectory.
Rows of a block are run with the same seeds, and each block has seeds of its own. So the luck that a seed deals to all
points drops out of every difference, and averages out over blocks instead of remaining in all of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from bubble_abm.economy.declare import InvalidInput, checked_count, checked_name, shown, unknown_name
from bubble_abm.economy.parameters import MAX_SEED
from bubble_abm.study.sensitivity.factors import DUMMY, Factor

MAX_SAMPLES = 10_000_000

__all__ = [
    "DUMMY", "METHODS", "Factor", "Sampling", "block_rows", "check", "default_samples", "design", "fingerprint",
    "has_dummy", "problem", "replicates_of", "rows_needed", "seeded_together",
    "unit_design", "units",
]  # fmt: skip

# Smallest number of samples by method. Fewer Morris or Shapley trajectories give no usable interval.
METHODS = {"morris": 10, "sobol": 16, "shapley": 8, "latin": 2, "oat": 1}
WITHOUT_DUMMY = ("latin", "oat")
SCRAMBLES = 8  # enough for Student's t with seven degrees of freedom, whose quantile is a fifth above the normal one
# Options and the methods that use them; with other methods they are refused rather than ignored.
OPTIONS = {
    "second_order": ("sobol",),
    "scrambles": ("sobol",),
    "levels": ("morris", "oat"),
    "groups": ("morris", "sobol", "shapley"),
    "base": ("oat",),
}


@dataclass(frozen=True)
class Sampling:
    """How a design is drawn: everything that is needed to draw it, and to analyse its runs.

    ``dataclasses.asdict`` can be stored as JSON, from which ``Sampling(**stored)`` makes the same sampling.

    Parameters
    ----------
    method : str
        ``morris``, ``sobol`` or ``shapley`` for sensitivity; ``latin``, a plain Latin hypercube, for scenario
        discovery; ``oat``, one factor at a time from a base point.
    samples : int
        Size N of the method: trajectories (morris, shapley), base samples (sobol) or rows (latin); 1 for oat.
    seed : int
        Seed of the sampler [1 or more].
    second_order : bool
        Sobol: also indices of pairs, for nearly twice the rows.
    scrambles : int
        Sobol: number of independently scrambled designs into which the base samples are divided, a power of two. The
        spread of their indices gives the intervals.
    levels : int
        Morris: levels of the grid, an even number. Oat: values per factor.
    groups : mapping of str to sequence of str, optional
        Morris, Sobol and Shapley: name of each group and its factors. Every factor belongs to one group.
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
    scrambles: int = SCRAMBLES
    levels: int = 4
    groups: Mapping[str, tuple[str, ...]] | None = None
    base: Mapping[str, float] | None = None

    def __post_init__(self) -> None:
        checked_name("method", self.method, METHODS)
        # SALib's samplers treat a seed of 0 as no seed.
        bounds = {"samples": (METHODS[self.method], MAX_SAMPLES), "seed": (1, MAX_SEED)}
        bounds |= {"levels": (2, 1000), "scrambles": (4, 1024)}
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
    if method == "sobol" and samples < 2 * sampling.scrambles:
        why = f"sobol needs two base samples for each of {sampling.scrambles} scrambles"
        raise InvalidInput(f"samples = {samples}: {why}: give {2 * sampling.scrambles} or more")


def check_options(sampling: Sampling) -> None:
    """Refuse values of options that the method cannot use."""
    if not isinstance(sampling.second_order, bool):
        raise InvalidInput(f"second_order = {sampling.second_order}: give True or False")
    if sampling.scrambles & (sampling.scrambles - 1):
        below = 1 << (sampling.scrambles.bit_length() - 1)
        raise InvalidInput(f"scrambles = {sampling.scrambles}: give a power of two: {below} or {2 * below}")
    if sampling.method == "morris" and sampling.levels % 2:
        near = f"{max(sampling.levels - 1, 2)} or {sampling.levels + 1}"
        raise InvalidInput(f"levels = {sampling.levels}: morris needs an even number: give {near}")
    for name in ("groups", "base"):
        value = getattr(sampling, name)
        if value is not None and (not isinstance(value, Mapping) or not value):
            raise InvalidInput(f"{name} = {value}: give a mapping with at least one entry, or leave it out")
    for name, members in (sampling.groups or {}).items():
        if not isinstance(name, str) or not isinstance(members, list | tuple):
            raise InvalidInput(f"groups: {shown(name)} = {shown(members)}: give names of factors by names of groups")


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
    return sampling.samples * block_rows(sampling, factors_count)


def block_rows(sampling: Sampling, factors_count: int) -> int:
    """Return the number of rows in a base sample or trajectory; 1 in a design whose rows are not compared in blocks."""
    moved = len(sampling.groups) if sampling.groups else factors_count
    moved += has_dummy(sampling)
    each = {
        "morris": moved + 1,
        "sobol": 2 * moved + 2 if sampling.second_order else moved + 2,
        "shapley": moved + 1,
        "oat": 1 + moved * sampling.levels,
    }
    return each.get(sampling.method, 1)


def seeded_together(sampling: Sampling, factors_count: int) -> int:
    """Return the number of consecutive rows that have the same seeds: a block, or all rows where there are none."""
    return (block_rows if has_dummy(sampling) else rows_needed)(sampling, factors_count)


def replicates_of(sampling: Sampling) -> int:
    """Return the number of independent parts of a design, whose spread gives the intervals."""
    return sampling.scrambles if sampling.method == "sobol" else sampling.samples


def default_samples(method: str) -> int:
    """Return a number of samples that usually suffices for a smooth output; the analysis says whether it did.

    Parameters
    ----------
    method : str
        One of the methods of :class:`Sampling`.

    Notes
    -----
    Elementary effects of ten to fifty trajectories rank the leading factors (Campolongo et al. 2007); more are needed
    to tell small ones from luck. Half-widths of total indices and Shapley effects fall with the square root of N, and
    are near 0.05 at some two thousand; see :func:`bubble_abm.study.sensitivity.planning.expected_half_width`.

    Examples
    --------
    >>> default_samples("sobol")
    2048
    """
    if method not in METHODS:
        raise InvalidInput(unknown_name("method", str(method), METHODS))
    return {"morris": 100, "sobol": 2048, "shapley": 2048, "latin": 1000, "oat": 1}[method]


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
    """Return the sampler for the method, with its options; all but Shapley's are SALib's."""
    from SALib.sample import latin, morris, sobol

    samples, seed = sampling.samples, sampling.seed

    def scrambled(space: dict[str, Any]) -> np.ndarray:
        size, seeds = samples // sampling.scrambles, np.random.SeedSequence(seed).generate_state(sampling.scrambles)
        options = {"calc_second_order": sampling.second_order}
        return np.concatenate([sobol.sample(space, size, seed=int(one), **options) for one in seeds])

    chosen: dict[str, Callable[[dict[str, Any]], np.ndarray]] = {
        "morris": lambda space: morris.sample(space, samples, num_levels=sampling.levels, seed=seed),
        "sobol": scrambled,
        "shapley": lambda space: walks(space, samples, seed),
    }
    return chosen.get(sampling.method, lambda space: latin.sample(space, samples, seed=seed))


def walks(space: Mapping[str, Any], samples: int, seed: int) -> np.ndarray:
    """Return trajectories from one random point to another, in each of which factors or groups switch in random order.

    SALib's sampler for Shapley effects (Goda 2021) has no groups.
    """
    generator = np.random.default_rng(seed)
    homes = space.get("groups", space["names"])
    names = list(dict.fromkeys(homes))
    start, end = generator.random((2, samples, 1, len(homes)))
    order = generator.permuted(np.tile(np.arange(len(names)), (samples, 1)), axis=1)
    rank = np.argsort(order, axis=1)[:, [names.index(home) for home in homes]]
    switched = rank[:, None, :] < np.arange(len(names) + 1)[:, None]
    return np.asarray(np.where(switched, end, start).reshape(-1, len(homes)))
