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
