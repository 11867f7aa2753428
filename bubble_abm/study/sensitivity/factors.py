"""Factors: uncertain quantities with the ranges from which they are drawn."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from bubble_abm.economy.declare import InvalidInput, checked_kind, number_of, shown, unknown_name

DUMMY = "dummy"  # inert factor, last in every design for sensitivity, whose apparent effect is estimation error
SCALES = ("linear", "log")


@dataclass(frozen=True)
class Factor:
    """One uncertain quantity and the range from which it is drawn.

    Parameters
    ----------
    name : str
        Name in tables.
    low, high : float
        Ends of the range, which are included, in the unit of the quantity.
    scale : str
        ``linear``: all values are equally likely. ``log``: all logarithms are, so ``low`` must be positive.
    whole : bool
        Whole numbers only. On a linear scale all of them, including the ends, are equally likely.

    Raises
    ------
    InvalidInput
        If the range is empty or infinite, or does not fit the scale.

    Examples
    --------
    >>> Factor("herding", 8, 2)
    Traceback (most recent call last):
    ...
    bubble_abm.InvalidInput: herding: low = 8, high = 2: give a low end below the high end
    """

    name: str
    low: float
    high: float
    scale: str = "linear"
    whole: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name.strip() or self.name == DUMMY:
            raise InvalidInput(f"factor {self.name!r}: give a name that is not empty and not {DUMMY!r}")
        for end in ("low", "high"):
            value = getattr(self, end)
            number = math.nan if isinstance(value, str) else number_of(value)
            if not math.isfinite(number):
                raise InvalidInput(f"{self.name}: {end} = {shown(value)}: give a finite number")
            object.__setattr__(self, end, number)
        checked_kind(f"{self.name}: whole", self.whole, bool, "True or False")
        if self.scale not in SCALES:
            raise InvalidInput(f"{self.name}: {unknown_name('scale', str(self.scale), SCALES)}")
        self.check_range()

    def check_range(self) -> None:
        """Refuse a range that is empty, or does not fit the scale or whole numbers."""
        ends = f"{self.name}: low = {self.low:g}, high = {self.high:g}"
        if not self.low < self.high:
            raise InvalidInput(f"{ends}: give a low end below the high end")
        if not math.isfinite(self.high - self.low):
            raise InvalidInput(f"{ends}: give a range whose width is a finite number")
        if self.scale == "log" and self.low <= 0:
            raise InvalidInput(f"{ends}: give a low end above zero for a logarithmic scale")
        if self.whole and (self.low != round(self.low) or self.high != round(self.high)):
            raise InvalidInput(f"{ends}: give whole numbers for a whole factor")

    def values(self, unit: np.ndarray) -> np.ndarray:
        """Values of the factor at points of the unit interval.

        Examples
        --------
        >>> Factor("scale", 0.1, 10, "log").values(np.array([0, 0.5, 1])).round(9).tolist()
        [0.1, 1.0, 10.0]
        >>> Factor("platforms", 1, 3, whole=True).values(np.array([0, 0.3, 0.4, 0.7, 1])).tolist()
        [1.0, 1.0, 2.0, 3.0, 3.0]
        """
        # A whole number v has the interval from v to v + 1, so that the ends are as likely as the others.
        high = self.high + 1 if self.whole else self.high
        if self.scale == "log":
            real = self.low * np.exp(unit * math.log(high / self.low))
        else:
            real = self.low + unit * (high - self.low)
        if self.whole:  # a grid point may be below a whole number by a rounding error
            real = np.floor(real + 1e-9)
        return np.clip(real, self.low, self.high)
