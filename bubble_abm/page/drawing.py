"""Small charts as SVG text: axes, lines, stacked areas, facts as boxes, and dated events.

The server makes the charts as text of a few kilobytes. Their colours are names (``var(--blue)``) that the theme of the
page defines; a downloaded chart has the colours of the light theme.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from html import escape

import numpy as np

from bubble_abm.economy.outside import FIRST_YEAR
from bubble_abm.style.figure import BLUE, GREEN, ORANGE, PURPLE, SKY, VERMILION

WIDTH, HEIGHT = 430, 270
LEFT, RIGHT, TOP, BOTTOM = 44, 14, 70, 24
BASE = HEIGHT - BOTTOM
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif"

#: Colours by name in the light theme; ``style.css`` also has those of the dark one.
LIGHT = {
    "ink": "#1B2430", "quiet": "#5A6675", "rule": "#E3E7EC", "paper": "#FFFFFF", "event": "#8A94A3",
    "fact": "#FFE9A8", "fact-edge": "#B8860B", "blue": BLUE, "sky": SKY, "green": GREEN, "orange": ORANGE,
    "vermilion": VERMILION, "purple": PURPLE, "mint": "#B8E0D2", "ash": "#C9CED6", "slate": "#6B7684",
}  # fmt: skip


class Scale:
    """Converts months and values to positions on a chart.

    Parameters
    ----------
    months : int
        Length of the run, which is the width of the chart [months].
    highest : float
        Highest value; the axis ends at a round number above it.
    """

    def __init__(self, months: int, highest: float) -> None:
        self.months = months
        self.step = round_step(highest)
        self.top = self.step * max(math.ceil(highest / self.step - 1e-9), 1)

    def x(self, month: float) -> float:
        """Horizontal position of a month."""
        return LEFT + (WIDTH - LEFT - RIGHT) * (month + 0.5) / self.months

    def y(self, value: float) -> float:
        """Vertical position of a value."""
        return BASE - (BASE - TOP) * value / self.top

    @property
    def ticks(self) -> list[float]:
        """Round values for the labels of the axis."""
        return [self.step * number for number in range(round(self.top / self.step) + 1)]


def round_step(highest: float) -> float:
    """Return the round step that divides an axis up to a value into about four parts.

    Examples
    --------
    >>> round_step(163.0), round_step(0.71)
    (50.0, 0.2)
    """
    if not (math.isfinite(highest) and highest > 0.0):
        return 1.0
    rough = highest / 4.0
    power = float(10.0 ** math.floor(math.log10(rough)))
    return next(float(f"{factor * power:.6g}") for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough * 0.999)


def place(x: float, y: float) -> str:
    """Format a point to a tenth of a pixel."""
    return f"{x:.1f},{y:.1f}"


def text(x: float, y: float, words: str, *, size: float = 11, fill: str = "quiet", more: str = "") -> str:
    """Return a text element at a position."""
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" fill="var(--{fill})" {more}>{escape(words)}</text>'


def axes(scale: Scale) -> str:
    """Draw the grid, with values on the left and years below."""
    parts = []
    for value in scale.ticks:
        y = scale.y(value)
        line = f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="var(--rule)"/>'
        parts += [line, text(LEFT - 6, y + 4, f"{value:,.6g}", more='text-anchor="end"')]
    every = 1 if scale.months <= 84 else 2
    for year in range(0, math.ceil(scale.months / 12), every):
        x = scale.x(12 * year - 0.5)
        parts.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{BASE}" y2="{BASE + 5}" stroke="var(--event)"/>')
        parts.append(text(x + 3, HEIGHT - 8, str(FIRST_YEAR + year)))
    return "".join(parts)


def line(scale: Scale, values: Sequence[float] | np.ndarray, colour: str, *, dashed: bool = False) -> str:
    """Draw a series, with a gap where it is not a number; dashed for the twin."""
    looks = 'stroke-width="1.6" stroke-dasharray="5 3"' if dashed else 'stroke-width="2.4"'
    points, parts = [], []
    for month, value in enumerate([*values, math.nan]):
        if math.isfinite(value):
            points.append(place(scale.x(month), scale.y(value)))
        elif points:
            parts.append("M" + " L".join(points))
            points = []
    if not parts:
        return ""
    return f'<path d="{" ".join(parts)}" fill="none" stroke="var(--{colour})" stroke-linejoin="round" {looks}/>'


def area(scale: Scale, low: np.ndarray, high: np.ndarray, colour: str) -> str:
    """Fill the area between two series."""
    if len(low) == 0:
        return ""
    months = [*range(len(low)), len(low) - 0.5]  # so that the first month can be seen
    above = [place(scale.x(month), scale.y(value)) for month, value in zip(months, [*high, high[-1]])]
    below = [place(scale.x(month), scale.y(value)) for month, value in zip(months, [*low, low[-1]])]
    return f'<path d="M{" L".join([*above, *reversed(below)])}Z" fill="var(--{colour})"/>'


def box(scale: Scale, first: int, last: int, low: float, high: float, name: str) -> str:
    """Draw a fact as a box: its window is the width, its range the height."""
    x, width = scale.x(first - 0.5), scale.x(last + 0.5) - scale.x(first - 0.5)
    y, height = scale.y(high), max(scale.y(low) - scale.y(high), 3.0)
    shape = f'x="{x:.1f}" y="{y:.1f}" width="{max(width, 6.0):.1f}" height="{height:.1f}"'
    looks = 'rx="1.5" fill="var(--fact)" stroke="var(--fact-edge)" fill-opacity="0.85"'
    return f"<rect {shape} {looks}><title>{escape(name)}</title></rect>"


def events(scale: Scale, dated: Sequence[tuple[int, str]]) -> str:
    """Draw dated events as thin lines with names above; a name that would overlap the previous one is placed higher."""
    parts, ends = [], [-math.inf, -math.inf]
    for month, name in sorted(dated):
        x, wide = scale.x(month), 2.6 * len(name) + 3
        row = 0 if x - wide > ends[0] else 1
        ends[row] = x + wide
        x_text = min(max(x, LEFT + wide), WIDTH - RIGHT - wide + 6)
        y = TOP - 4 - 11 * row
        stroke = 'stroke="var(--event)" stroke-dasharray="1.5 2.5"'
        parts.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{y + 2:.1f}" y2="{BASE}" {stroke}/>')
        parts.append(text(x_text, y, name, size=9.5, more='text-anchor="middle"'))
    return "".join(parts)


def legend(entries: Sequence[tuple[str, str]], *, twin: str = "") -> str:
    """Draw the legend below the title, in smaller letters if it has many entries; the twin has a dashed line."""
    many = len(entries) > 3
    parts, x, y, letter = [], 2.0, 28.0, 5.0 if many else 5.6
    for number, (name, colour) in enumerate([*entries, *([("without shock", twin)] if twin else [])]):
        if many and number == 5:
            x, y = 2.0, 39.0
        dashes = f'x1="{x:.1f}" x2="{x + 15:.1f}" y1="{y:.1f}" y2="{y:.1f}" stroke-width="1.6" stroke-dasharray="4 2"'
        square = f'<rect x="{x:.1f}" y="{y - 4:.1f}" width="11" height="8" rx="2" fill="var(--{colour})"/>'
        parts.append(square if number < len(entries) else f'<line {dashes} stroke="var(--{colour})"/>')
        wide = 15.0 if number < len(entries) else 19.0
        parts.append(text(x + wide, y + 4, name, size=9.5 if many else 10.5))
        x += wide + letter * len(name) + 10
    return "".join(parts)


def chart(title: str, unit: str, about: str, parts: Sequence[str]) -> str:
    """Combine the parts of a chart; ``about`` describes it in words, for screen readers."""
    head = text(2, 15, title, size=14, fill="ink", more='font-weight="650"')
    unit = text(WIDTH - RIGHT, 15, unit, size=10.5, more='text-anchor="end"')
    frame = f'viewBox="0 0 {WIDTH} {HEIGHT}" role="img" font-family="{FONT}" xmlns="http://www.w3.org/2000/svg"'
    words = f'aria-label="{escape(title)}. {escape(about)}"'
    return f"<svg {frame} {words}><desc>{escape(about)}</desc>{''.join(parts)}{head}{unit}</svg>"


def saved(svg: str) -> str:
    """Return a chart as a separate file, in the colours of the light theme."""
    sheet = f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{LIGHT["paper"]}"/>'
    whole = svg.replace("<desc>", f"{sheet}<desc>", 1)
    return re.sub(r"var\(--([a-z-]+)\)", lambda found: LIGHT[found[1]], whole)
