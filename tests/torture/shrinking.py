"""From a point that fails to the smallest one that fails likewise: fewer inputs, fewer months, rounder values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bubble_abm.economy.declare import InvalidInput
from bubble_abm.economy.parameters import DECLARED
from tests.torture.checks import trial
from tests.torture.points import SIZES, Point

DIGITS = (1, 2, 3)


def fails_likewise(name: str) -> Callable[[Point], bool]:
    """Return the question whether a point fails under this name."""

    def fails(point: Point) -> bool:
        try:
            return name in trial(point).failures
        except InvalidInput:
            return False

    return fails


def shrunk(point: Point, fails: Callable[[Point], bool]) -> Point:
    """Return the smallest point that still fails, found greedily.

    Parameters
    ----------
    point : Point
        A point that fails.
    fails : function
        Whether a smaller point fails in the same way.
    """
    for name in ("shocks", "changes"):
        point = fewer_events(point, name, fails)
    point = fewer_values(point, fails)
    point = fewer_months(point, fails)
    point = fewer_values(point, fails)
    standard = replace(point, values={name: value for name, value in point.values.items() if name not in SIZES})
    point = standard if fails(standard) else point
    for name in point.values:
        point = rounder(point, name, fails)
    return replace(point, seed=1) if fails(replace(point, seed=1)) else point


def fewer_events(point: Point, name: str, fails: Callable[[Point], bool]) -> Point:
    """Leave out every shock or change that is not needed."""
    for event in getattr(point, name):
        smaller = replace(point, **{name: tuple(one for one in getattr(point, name) if one is not event)})
        point = smaller if fails(smaller) else point
    return point


def fewer_values(point: Point, fails: Callable[[Point], bool]) -> Point:
    """Return parameters to their defaults: many at once, then fewer, then one by one; the world stays small."""
    part = max(len(point.values) // 2, 1)
    while True:
        names = [name for name in point.values if name not in SIZES]
        for start in range(0, len(names), part):
            dropped = names[start : start + part]
            smaller = replace(point, values={name: point.values[name] for name in point.values if name not in dropped})
            point = smaller if fails(smaller) else point
        if part == 1:
            return point
        part = max(part // 2, 1)


def fewer_months(point: Point, fails: Callable[[Point], bool]) -> Point:
    """Find the shortest run that fails, by halving."""
    low, high = 0, point.months
    while high - low > 1:
        middle = (low + high) // 2
        if fails(replace(point, months=middle)):
            high = middle
        else:
            low = middle
    return replace(point, months=high)


def rounder(point: Point, name: str, fails: Callable[[Point], bool]) -> Point:
    """Round a value to as few digits as will do."""
    about = DECLARED[name].metadata
    for digits in DIGITS:
        value = float(f"{point.values[name]:.{digits}g}")
        if not about["low"] <= value <= about["high"]:
            continue
        smaller = replace(point, values={**point.values, name: value})
        if fails(smaller):
            return smaller
    return point
