"""Arithmetic that is the same compiled and interpreted."""

from __future__ import annotations

import math

LARGEST_EXPONENT = 709.0  # not behaviour: just below the logarithm of the largest number there is


def exp(power: float) -> float:
    """Exponential; infinite, rather than an error of the interpreter, where it is larger than any number.

    Examples
    --------
    >>> exp(0.0), exp(1e9), exp(-1e9)
    (1.0, inf, 0.0)
    """
    return math.inf if power > LARGEST_EXPONENT else math.exp(power)


def between(closed: float, opened: float, share: float) -> float:
    """Value a share of the way from one to the other; exact at both ends, and where the two agree.

    Examples
    --------
    >>> between(1.0, 3.0, 0.0), between(1.0, 3.0, 0.5), between(1.0, 3.0, 1.0)
    (1.0, 2.0, 3.0)
    """
    return opened if share == 1.0 else closed + share * (opened - closed)


def between_in_logarithms(closed: float, opened: float, share: float) -> float:
    """Positive value a share of the way from one to the other, in logarithms; exact where ``between`` is.

    Examples
    --------
    >>> between_in_logarithms(1.0, 4.0, 0.0), between_in_logarithms(1.0, 4.0, 0.5), between_in_logarithms(1.0, 4.0, 1.0)
    (1.0, 2.0, 4.0)
    """
    return opened if share == 1.0 else closed * math.pow(opened / closed, share)
