"""The space that is searched: every parameter that is not known, with the range that it may have.

These are the uncertain parameters and those of the shock, in their sampled ranges, and all that are called fixed but
have a range narrower than their bounds: one that is declared, or one of the search of the defaults. A parameter that a
new mechanism declares is searched without a line here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from bubble_abm.economy.declare import InvalidInput, checked_name
from bubble_abm.economy.parameters import DECLARED
from bubble_abm.study.experiment import factor
from bubble_abm.study.search import SEARCHED
from bubble_abm.study.sensitivity.emulator import positions
from bubble_abm.study.sensitivity.factors import Factor
from bubble_abm.study.sensitivity.study import ranged

#: Parameters with a range that are not searched, and why.
GIVEN = {
    "shock_month": "the day of the release is known",
    "voucher_share": "there are no vouchers unless a policy brings them",
    "voucher_cap": "there are no vouchers unless a policy brings them",
}


def range_of(name: str) -> tuple[float, float] | None:
    """Return the range in which a parameter is searched, None if it is not.

    Examples
    --------
    >>> range_of("hold_out"), range_of("median_size"), range_of("household_savings")
    ((0, 1.3), (800, 2500), None)
    """
    about = DECLARED[name].metadata
    bounds = (about["low"], about["high"])
    if name in GIVEN or about["role"] not in ("uncertain", "shock", "fixed"):
        return None
    low, high = about["sampled"]
    if about["role"] != "fixed":
        return low, high
    for low, high in (about["plausible"], about["sampled"]):
        if (low, high) != bounds:
            return low, high
    return SEARCHED.get(name)


def space(ranges: Mapping[str, Any] | None = None, fixed: Sequence[str] = ()) -> tuple[Factor, ...]:
    """Return the parameters that are searched, in the order of the table, with their ranges and scales.

    Parameters
    ----------
    ranges : mapping of str to (low, high) or to a mapping with ``low``, ``high``, ``scale``, optional
        Ranges that replace these, or add parameters.
    fixed : sequence of str
        Parameters that stay at their defaults.

    Raises
    ------
    InvalidInput
        If a name is unknown, a range not within the bounds, or nothing is left.
    """
    given = dict(ranges or {})
    for name in (*given, *fixed):
        checked_name("parameter", name, DECLARED)
    if both := [name for name in fixed if name in given]:
        raise InvalidInput(f"{both[0]}: has a range and is to be fixed, give one of the two")
    chosen = []
    for name in DECLARED:
        found = ranged(name, given[name]) if name in given else own(name)
        if found is not None and name not in fixed:
            chosen.append(found)
    if not chosen:
        raise InvalidInput("parameters: all are fixed, leave at least one to be searched")
    return tuple(chosen)


def own(name: str) -> Factor | None:
    """Return a parameter with the range in which it is searched, None if it is not."""
    found = range_of(name)
    return None if found is None else ranged(name, {"low": found[0], "high": found[1], "scale": factor(name).scale})


def values_at(factors: Sequence[Factor], places: np.ndarray) -> np.ndarray:
    """Return the values of the parameters at places of the unit cube, one row each."""
    return np.column_stack([one.values(column) for one, column in zip(factors, places.T, strict=True)])


def places_of(factors: Sequence[Factor], values: np.ndarray) -> np.ndarray:
    """Return the places in the unit cube of values; those out of range are outside it."""
    return positions(factors, np.asarray(values, dtype=float))


def defaults(factors: Sequence[Factor]) -> np.ndarray:
    """Return the place of the defaults."""
    return places_of(factors, np.array([[DECLARED[one.name].default for one in factors]]))[0]
