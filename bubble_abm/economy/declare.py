"""How parameters and decisions are declared, and how values given by users are checked."""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, dataclass_transform

import numpy as np

SHOWN = 60  # largest number of characters of a user's value in a message
MESSAGE = 800  # largest number of characters of a message


class InvalidInput(ValueError):
    """A value that the model cannot take: the message names it and says in one line what would be valid.

    Whatever the value contains, the message is one printable line of at most ``MESSAGE`` characters.
    """

    __module__ = "bubble_abm"  # the name by which users import it

    def __init__(self, message: str) -> None:
        super().__init__(clipped(printable(message), MESSAGE))


def printable(text: str) -> str:
    r"""Return a text as one line in which control characters and other unprintable ones are escaped.

    Examples
    --------
    >>> printable("two\nlines \x1b[31m")
    'two lines \\x1b[31m'
    """
    line = " ".join(text.split())
    return line if line.isprintable() else "".join(c if c.isprintable() else ascii(c)[1:-1] for c in line)


def clipped(text: str, length: int) -> str:
    """Return a text that is too long without its middle: its ends name the value and say what would be valid."""
    if len(text) <= length:
        return text
    half = (length - 5) // 2
    return f"{text[:half]} ... {text[-half:]}"


def shown(value: Any, *, quoted: bool = False) -> str:
    """Return a user's value for a message, as one printable line of at most ``SHOWN`` characters.

    ``quoted`` puts texts in quotes, to tell them from numbers.

    Examples
    --------
    >>> shown("x" * 20_000)
    'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...'
    """
    try:
        text = repr(value) if quoted else str(value)
    except Exception:  # a whole number of thousands of digits, tables nested too deeply, an object of the user's
        text = f"a value of type {type(value).__name__}"
    line = printable(text[: 20 * SHOWN])
    return line if len(line) <= SHOWN else f"{line[: SHOWN - 3]}..."


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


def checked(item: Any, value: Any, *, text: bool = True) -> float:
    """Return a parameter's value as a number within its bounds, or refuse it in one line.

    Parameters
    ----------
    item : dataclass field
        The parameter's declaration.
    value : float or str
        The value.
    text : bool
        Whether the value may be the text of a number, as on the command line.
    """
    low, high, unit, whole = (item.metadata[key] for key in ("low", "high", "unit", "whole"))
    number = number_of(value) if text or not isinstance(value, str) else math.nan
    if not low <= number <= high or (whole and number != int(number)):
        valid = f"give a {'whole ' if whole else ''}number from {low:g} to {high:g} [{unit}]"
        raise InvalidInput(f"{item.name} = {shown(value)}: {valid}")
    return number


def number_of(value: Any) -> float:
    """Return a single real number, or the text of one, as a float; not-a-number for anything else."""
    truth = isinstance(value, bool | np.bool_)
    if truth or getattr(value, "ndim", 0) != 0 or not (isinstance(value, str) or hasattr(value, "__float__")):
        return math.nan
    try:
        return float(value)
    except (TypeError, ValueError, ArithmeticError):
        return math.nan


def checked_count(name: str, value: Any, low: int, high: int) -> int:
    """Return a whole number within bounds, or refuse it in one line."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or not low <= value <= high:
        raise InvalidInput(f"{name} = {shown(value)}: give a whole number from {low} to {high}")
    return int(value)


def checked_kind(name: str, value: Any, kind: type | tuple[type, ...], wanted: str) -> None:
    """Refuse a value that is not of a kind; ``wanted`` says in words, or by an example, what would be."""
    if not isinstance(value, kind):
        raise InvalidInput(f"{name} = {shown(value, quoted=True)}: give {wanted}")


def checked_name(kind: str, name: Any, valid: Iterable[str]) -> str:
    """Return a name that is one of the valid ones, or refuse it with the nearest of them."""
    if not isinstance(name, str) or name not in valid:
        raise InvalidInput(unknown_name(kind, name, valid))
    return name


def unknown_name(kind: str, name: Any, valid: Iterable[str]) -> str:
    """Say that a name is unknown and which valid one is nearest."""
    text, names = shown(name), list(valid)
    near = difflib.get_close_matches(text, names, n=1, cutoff=0.4)
    hint = (
        f"did you mean {near[0]!r}?"
        if near
        else f"valid are {', '.join(names[:12])}{', ...' if len(names) > 12 else ''}"
    )
    return f"unknown {kind} {text!r}: {hint}"
