"""Designs for sensitivity analysis and scenario discovery: which worlds are run, drawn from a recipe.

A design is made in two steps. :func:`unit_design` asks SALib for points of the unit cube, one column per factor and a
last one for an inert dummy; :func:`design` turns them into real values. Both are functions of the recipe alone, so an
analysis draws the unit design again instead of trusting a stored copy.

Notes
-----
Why SALib never sees real values: a logarithmic or whole factor is then just a part of the model, and every analyser is
right about it as it stands. Sobol, FAST and Shapley indices do not depend on how a factor is scaled. PAWN and delta
read the ranks of a column only, which a rising transformation leaves alone. A Morris effect is the change of the output
per width of the factor's range: of its logarithm for a logarithmic factor. For a whole factor the unit column is finer
than the number the model gets; several points then share one number, which is what the model makes of them.
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

# Method: fewest samples. Convergence compares half of the samples with all, so half must still be analysable. Four or
# eight Sobol points mirror each other: a factor that is alone gets a total index of 2, and an interval without width.
# Four Morris trajectories may all step alike. Delta has few classes below 2000 rows, and strong factors lose a fifth.
METHODS = {"morris": 10, "sobol": 16, "fast": 5, "pawn": 200, "delta": 2000, "shapley": 4, "latin": 2, "oat": 1}
WITHOUT_DUMMY = ("latin", "oat")
# Options that mean something to some methods only; with any other they are refused, not ignored.
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
    """The recipe of a design: everything that drawing it and analysing it must agree on.

    ``dataclasses.asdict`` of it can be stored as JSON; ``Sampling(**stored)`` is the same recipe again.

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
        Sobol: indices of pairs too, for nearly twice the rows.
    levels : int
        Morris: levels of the grid, an even number. Oat: values per factor.
    harmonics : int
        FAST: harmonics that are counted as a factor's own (M in the literature).
    curves : int
        FAST: independent search curves per factor. Their spread is the only honest interval FAST has.
    groups : mapping of str to sequence of str, optional
        Morris and Sobol: name of each group and its factors. Every factor is in one group.
    base : mapping of str to float, optional
        Oat: values of the base point; a factor that is not named stays in the middle of its range.

    Raises
    ------
    InvalidInput
        If SALib would refuse the recipe, or would take it and give something else.

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
        # SALib's analysers take a seed of 0 for no seed at all.
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
    """Refuse a number of samples that the method cannot use, and name the nearest that it can."""
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
    """Refuse values of a method's own options that it cannot use."""
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
    """Refuse factors, groups or a base point that the recipe cannot be drawn with.

    Raises
    ------
    InvalidInput
        In one line, before anything is drawn.
    """
    names = [factor.name for factor in factors]
    if not names:
        raise InvalidInput("factors: there is none, give at least one")
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise InvalidInput(f"factors: {doubled[0]!r} is there more than once, give each factor one name of its own")
    if sampling.groups is not None:
        check_groups(sampling.groups, names)
    if sampling.base is not None:
        check_base(sampling.base, {factor.name: factor for factor in factors})
    if sampling.method == "fast":
        check_frequencies(sampling, len(names))


def check_groups(groups: Mapping[str, tuple[str, ...]], names: Sequence[str]) -> None:
    """Refuse groups that do not hold every factor exactly once."""
    seen: dict[str, str] = {}
    for group, members in groups.items():
        if group == DUMMY or not members:
            why = "holds no factor" if not members else "has the name of the inert factor, which is added by itself"
            raise InvalidInput(f"groups: {group!r} {why}: leave it out or rename it")
        for name in members:
            if name not in names:
                raise InvalidInput(f"groups: {group!r}: {unknown_name('factor', name, names)}")
            if name in seen:
                raise InvalidInput(f"groups: {name!r} is in {seen[name]!r} and in {group!r}, give it one group")
            seen[name] = group
    missing = [name for name in names if name not in seen]
    if missing:
        raise InvalidInput(f"groups: {', '.join(missing[:5])} in no group, give every factor one")


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
    """Refuse search curves too short to give every factor a frequency of its own.

    SALib lets factors share a frequency, and they share the phase: in every row such factors then have one and the same
    value, as if there were only one of them.
    """
    least = 4 * sampling.harmonics**2 * factors_count + 1
    if sampling.samples < least:
        why = f"fast needs a frequency of its own for each of {factors_count} factors"
        raise InvalidInput(f"samples = {sampling.samples}: {why}: give {least} or more")


def has_dummy(sampling: Sampling) -> bool:
    """Say whether the method's design has the inert factor."""
    return sampling.method not in WITHOUT_DUMMY


def units(sampling: Sampling, factors: Sequence[Factor]) -> list[str]:
    """Names that indices are about: the groups if there are any, else the factors; the dummy comes last.

    Notes
    -----
    SALib returns the indices of groups in the order in which their first factors stand in the design, whatever order
    the groups were declared in.
    """
    names = [factor.name for factor in factors]
    if sampling.groups:
        home = {name: group for group, members in sampling.groups.items() for name in members}
        names = list(dict.fromkeys(home[name] for name in names))
    return [*names, DUMMY] if has_dummy(sampling) else names


def problem(sampling: Sampling, factors: Sequence[Factor]) -> dict[str, Any]:
    """Describe the unit cube the way SALib wants it; a new dictionary each time, for SALib writes into it."""
    names = [factor.name for factor in factors] + [DUMMY] * has_dummy(sampling)
    found: dict[str, Any] = {"num_vars": len(names), "names": names, "bounds": [[0.0, 1.0]] * len(names)}
    if sampling.groups:
        home = {name: group for group, members in sampling.groups.items() for name in members}
        found["groups"] = [home.get(name, DUMMY) for name in names]
    return found


def rows_needed(sampling: Sampling, factors_count: int) -> int:
    """Rows of the design; each is run once for every seed.

    Parameters
    ----------
    sampling : Sampling
        The recipe.
    factors_count : int
        Factors, the dummy not counted; what it costs is in the result.

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
    """Samples N that usually suffice for a smooth output; the verdict of the analysis says whether they did.

    Parameters
    ----------
    method : str
        One of the methods of :class:`Sampling`.
    factors : sequence of Factor or int
        The factors or how many there are, the dummy not counted.

    Notes
    -----
    Elementary effects of ten to fifty trajectories rank factors (Campolongo et al. 2007). Half-widths of total indices
    and Shapley effects shrink with the root of N and are near 0.05 at about a thousand. PAWN and delta need some
    hundred rows in each of their ten to twenty slices (Pianosi and Wagener 2018). FAST needs a frequency for every
    factor.

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
    """Points of the unit cube in the sampler's order, the same for the same recipe.

    Returns
    -------
    ndarray of float, shape (rows, factors + 1)
        One column per factor, in their order, and the dummy's last; without it for latin and oat. In an oat design a
        factor that stays at the base point is not-a-number: the base point is given in real values.
    """
    check(sampling, factors)
    if sampling.method == "oat":
        return one_at_a_time(sampling, len(factors))
    drawn = sampler(sampling)(problem(sampling, factors))
    # Sums of grid steps may miss the end of the interval by a rounding error.
    return np.clip(drawn, 0.0, 1.0)


def design(sampling: Sampling, factors: Sequence[Factor]) -> np.ndarray:
    """Values of the factors in every row, in their own units and in the sampler's order.

    Returns
    -------
    ndarray of float, shape (rows, factors)
        Without the dummy: it goes into no run. Rows that differ in the dummy alone are equal here.

    Raises
    ------
    InvalidInput
        If the recipe does not fit the factors.

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
    """Short name of a design's values: stored with results, it shows when another SALib draws another design.

    Examples
    --------
    >>> recipe = Sampling("latin", 10)
    >>> fingerprint(recipe, [Factor("x", 0, 1)]) == fingerprint(recipe, [Factor("x", 0, 2)])
    False
    """
    # Nine digits: processors may differ in the last ones of a logarithm.
    text = ",".join(f"{value:.9g}" for value in design(sampling, factors).ravel())
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def one_at_a_time(sampling: Sampling, factors_count: int) -> np.ndarray:
    """Points of a one-at-a-time design; not-a-number where a factor stays at the base point."""
    steps = np.linspace(0.0, 1.0, sampling.levels)
    unit = np.full((1 + factors_count * sampling.levels, factors_count), np.nan)
    for column in range(factors_count):
        first = 1 + column * sampling.levels
        unit[first : first + sampling.levels, column] = steps
    return unit


def sampler(sampling: Sampling) -> Callable[[dict[str, Any]], np.ndarray]:
    """SALib's sampler for the method, with the recipe's options filled in."""
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
    """One seed for each search curve of FAST."""
    return [int(state) for state in np.random.SeedSequence(sampling.seed).generate_state(sampling.curves)]
