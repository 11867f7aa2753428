"""How parameters and decisions are declared, and how values given by users are checked."""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, dataclass_transform

import numpy as np


class InvalidInput(ValueError):
    """A value that the model cannot take: the message names it and says in one line what would be valid."""

    __module__ = "bubble_abm"  # the name by which users import it


LINEAR, LOG = "linear", "log"
ASSUMED = "assumption"
POLICY = "policy to be tried; neutral at the default"


def section(group: str) -> Callable[..., Any]:
    """Open a section of the table: return the function that declares the parameters of one group.

    That function takes a parameter's default, unit, inclusive bounds, role, source and meaning. ``sampled`` is the
    range from which designs draw, by default the bounds; uncertain monthly rates are drawn evenly in logarithms,
    everything else evenly. ``whole`` says that only whole numbers make sense, ``neutral`` at which value a mechanism is
    as if it did not exist, and ``founding`` that the value belongs to the world as it is founded and cannot change
    later. ``reported`` is the range that the source gives; ``departs`` says why a default lies outside it.
    ``plausible`` is the part of ``sampled`` that agrees with the source. By default it is what the source reports,
    stretched to the default, or all of ``sampled`` if the source gives no numbers. Where the source is a fact that runs
    are compared with, it is given: within it the fact is met, all else at the defaults.
    """

    def parameter(
        default: float,
        *,
        unit: str,
        low: float,
        high: float,
        role: str,
        source: str,
        meaning: str,
        sampled: tuple[float, float] | None = None,
        whole: bool = False,
        neutral: float | None = None,
        founding: bool = False,
        reported: tuple[float, float] | None = None,
        departs: str = "",
        plausible: tuple[float, float] | None = None,
    ) -> Any:
        scale = LOG if role == "uncertain" and unit.startswith("1/month") else LINEAR
        about = {"group": group, "unit": unit, "low": low, "high": high, "role": role, "source": source}
        wide = sampled or (low, high)
        narrow = plausible or agreeing(wide, reported, default)
        design = {"sampled": wide, "plausible": narrow, "scale": scale, "whole": whole}
        more = {"meaning": meaning, "neutral": neutral, "founding": founding, "reported": reported, "departs": departs}
        return field(default=default, metadata={**about, **design, **more})

    return parameter


def agreeing(sampled: tuple[float, float], reported: tuple[float, float] | None, default: float) -> tuple[float, float]:
    """Return the part of a range that was reported, stretched to the default; all of it if nothing was.

    Examples
    --------
    >>> agreeing((0, 3), (0.4, 1.3), 1.7), agreeing((0, 3), None, 1.7)
    ((0.4, 1.7), (0, 3))
    """
    if reported is None:
        return sampled
    return min(max(sampled[0], reported[0]), default), max(min(sampled[1], reported[1]), default)


@dataclass_transform(kw_only_default=True, frozen_default=True)
def parameters[Section](section: type[Section]) -> type[Section]:
    """Turn a class of declared parameters into one from which :class:`bubble_abm.Parameters` can be built."""
    return dataclass(frozen=True, kw_only=True)(section)


def decision[Rule: Callable[..., Any]](rule: Rule) -> Rule:
    """Mark what an agent decides: it can be replaced, as in ``Rules(next_rent=...)``, and is then always asked."""
    rule.is_decision = True  # type: ignore[attr-defined]
    return rule


def spares[Rule: Callable[..., Any]](decided: Callable[..., Any]) -> Callable[[Rule], Rule]:
    """Mark a test that skips a decision whose answer is known; a replaced decision is asked all the same.

    Parameters
    ----------
    decided : function
        The decision.
    """

    def mark(test: Rule) -> Rule:
        test.spares = decided  # type: ignore[attr-defined]
        return test

    return mark


def checked(item: Any, value: Any) -> float:
    """Return a parameter's value as a number within its bounds, or refuse it in one line."""
    low, high, unit, whole = (item.metadata[key] for key in ("low", "high", "unit", "whole"))
    valid = f"give a {'whole ' if whole else ''}number from {low:g} to {high:g} [{unit}]"
    try:
        number = float(value) if not isinstance(value, bool | complex) else math.nan
    except (TypeError, ValueError):
        number = math.nan
    if not low <= number <= high or (whole and number != int(number)):
        raise InvalidInput(f"{item.name} = {value}: {valid}")
    return number


def checked_count(name: str, value: Any, low: int, high: int) -> int:
    """Return a whole number within bounds, or refuse it in one line."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or not low <= value <= high:
        raise InvalidInput(f"{name} = {value}: give a whole number from {low} to {high}")
    return int(value)


def unknown_name(kind: str, name: str, valid: Any) -> str:
    """Say that a name is unknown and which valid one is nearest."""
    near = difflib.get_close_matches(name, list(valid), n=1, cutoff=0.4)
    hint = f"did you mean {near[0]!r}?" if near else f"valid are {', '.join(list(valid)[:12])}"
    return f"unknown {kind} {name!r}: {hint}"
