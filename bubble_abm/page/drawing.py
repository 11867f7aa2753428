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
from bubble_abm.page.words import say

WIDTH, LEFT, RIGHT, BOTTOM = 360, 44, 12, 24
PLOT = 150  # height of the plot itself; legend and names of events take what they need above it
SIZE, LETTER = 12.0, 7.0  # of text, and the width of a letter of it in the widest of the fonts below
TITLE = 36  # height of title and unit
WIDE = "\u2e80"  # the first of the characters that are as wide as high: Chinese, Japanese and Korean
#: Charts are text, drawn with the fonts of the reader: of Chinese ones the first that is there, else whatever the
#: system has. A system without any shows boxes, on this page as on all others.
FONT = (
    "system-ui, -apple-system, 'Segoe UI', Roboto, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', "
    "'Source Han Sans SC', 'WenQuanYi Micro Hei', 'DejaVu Sans', sans-serif"
)

#: Colours by name in the light theme, lines darker than those of the figures so that they stand out on a screen
#: (3 to 1); ``style.css`` also has those of the dark one.
LIGHT = {
    "ink": "#1B2430", "quiet": "#5A6675", "rule": "#E3E7EC", "paper": "#FFFFFF", "event": "#8A94A3",
    "fact": "#FFE9A8", "fact-edge": "#8F6A08", "blue": "#0072B2", "sky": "#3B95C9", "green": "#00875F",
    "orange": "#B97A00", "vermilion": "#CB5500", "purple": "#A8578A", "mint": "#6FB39E", "ash": "#9AA3AF",
    "slate": "#6B7684", "kept": "#7D8794",
}  # fmt: skip


class Scale:
    """Converts months and values to positions on a chart.

    Parameters
    ----------
    months : int
        Length of the run, which is the width of the chart [months].
    highest : float
        Highest value; the axis ends at a round number above it.
    above : float
        Height of what stands above the plot.
    """

    def __init__(self, months: int, highest: float, above: float = 60.0) -> None:
        self.months = months
        self.step = round_step(highest)
        self.top = self.step * max(math.ceil(highest / self.step - 1e-9), 1)
        self.ceiling = above
        self.base = above + PLOT

    @property
    def height(self) -> float:
        """Height of the chart."""
        return self.base + BOTTOM

    def x(self, month: float) -> float:
        """Horizontal position of a month."""
        return LEFT + (WIDTH - LEFT - RIGHT) * (month + 0.5) / self.months

    def y(self, value: float) -> float:
        """Vertical position of a value."""
        return self.base - PLOT * value / self.top

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


def text(x: float, y: float, words: str, *, size: float = SIZE, fill: str = "quiet", more: str = "") -> str:
    """Return a text element at a position."""
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" fill="var(--{fill})" {more}>{escape(words)}</text>'


def width_of(words: str) -> float:
    """Width of a text.

    Examples
    --------
    >>> width_of("租金") > width_of("rent") - 2 * LETTER
    True
    """
    return sum(SIZE if letter >= WIDE else LETTER for letter in words)


def axes(scale: Scale) -> str:
    """Draw the grid, with values on the left and years below."""
    parts = []
    for value in scale.ticks:
        y = scale.y(value)
        line = f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="var(--rule)"/>'
        parts += [line, text(LEFT - 6, y + 4, f"{value:,.6g}", more='text-anchor="end"')]
    every = max(1, math.ceil(scale.months / 84))
    for year in range(0, math.ceil(scale.months / 12), every):
        x = scale.x(12 * year - 0.5)
        parts.append(
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{scale.base:.1f}" y2="{scale.base + 5:.1f}" stroke="var(--event)"/>'
        )
        parts.append(text(x + 3, scale.height - 8, str(FIRST_YEAR + year)))
    return "".join(parts)


def line(
    scale: Scale, values: Sequence[float] | np.ndarray, colour: str, *, dashed: bool = False, wide: float = 2.4
) -> str:
    """Draw a series, with a gap where it is not a number; dashed for the twin."""
    looks = 'stroke-width="1.6" stroke-dasharray="5 3"' if dashed else f'stroke-width="{wide:g}"'
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


def band(scale: Scale, low: np.ndarray, high: np.ndarray, colour: str) -> str:
    """Fill lightly between two bounds, as far as both are numbers."""
    known = np.flatnonzero(np.isfinite(low) & np.isfinite(high))
    if len(known) == 0:
        return ""
    above = [place(scale.x(month), scale.y(high[month])) for month in known.tolist()]
    below = [place(scale.x(month), scale.y(low[month])) for month in known[::-1].tolist()]
    return f'<path d="M{" L".join([*above, *below])}Z" fill="var(--{colour})" fill-opacity="0.16"/>'


def rows_of(names: Sequence[tuple[float, str]]) -> list[tuple[float, int]]:
    """Place names along an axis so that none touches another: where each has its middle, and in which row above it."""
    found, ends = [], list[float]()
    for x, name in names:
        wide = width_of(name) / 2 + 3
        middle = min(max(x, LEFT + wide), WIDTH - RIGHT - wide + 6)
        row = next((row for row, end in enumerate(ends) if middle - wide > end), len(ends))
        ends[row : row + 1] = [middle + wide]
        found.append((middle, row))
    return found


def events(scale: Scale, dated: Sequence[tuple[int, str]]) -> str:
    """Draw dated events as thin lines with names above."""
    parts = []
    ordered = sorted(dated)
    for (month, name), (middle, row) in zip(ordered, rows_of([(scale.x(month), name) for month, name in ordered])):
        x, y = scale.x(month), scale.ceiling - 4 - 13 * row
        stroke = 'stroke="var(--event)" stroke-dasharray="1.5 2.5"'
        parts.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{y + 2:.1f}" y2="{scale.base:.1f}" {stroke}/>')
        parts.append(text(middle, y, name, more='text-anchor="middle"'))
    return "".join(parts)


def height_of_events(months: int, dated: Sequence[tuple[int, str]]) -> float:
    """Height of the names of events."""
    scale = Scale(months, 1.0)
    rows = [row for _, row in rows_of([(scale.x(month), name) for month, name in sorted(dated)])]
    return 13.0 * (max(rows, default=-1) + 1)


def legend(entries: Sequence[tuple[str, str]], *, twin: str = "", kept: bool = False) -> tuple[str, float]:
    """Draw the legend below the title, and return it with its height; twin and kept run have lines."""
    named = [(name, colour, "") for name, colour in entries]
    named += [(say("without R1"), twin, "4 2")] if twin else []
    named += [(say("kept run"), "kept", "1 0")] if kept else []
    parts, x, y = [], 2.0, TITLE + 9.0
    for name, colour, dashes in named:
        wide = 16.0 + width_of(name) + 9
        if x + wide > WIDTH + 6 and x > 2.0:
            x, y = 2.0, y + 15
        line = (
            f'<line x1="{x:.1f}" x2="{x + 13:.1f}" y1="{y:.1f}" y2="{y:.1f}" stroke-width="2" stroke="var(--{colour})"'
        )
        square = f'<rect x="{x:.1f}" y="{y - 4:.1f}" width="11" height="8" rx="2" fill="var(--{colour})"/>'
        parts.append(f'{line} stroke-dasharray="{dashes}"/>' if dashes else square)
        parts.append(text(x + 16, y + 4, name))
        x += wide
    return "".join(parts), y + 8 - TITLE


def chart(scale: Scale, title: str, unit: str, about: str, parts: Sequence[str]) -> str:
    """Combine the parts of a chart; ``about`` describes it in words, for screen readers."""
    head = text(2, 15, title, size=14, fill="ink", more='font-weight="650"')
    unit = text(2, 31, unit)
    frame = (
        f'viewBox="0 0 {WIDTH} {scale.height:.0f}" role="img" font-family="{FONT}" xmlns="http://www.w3.org/2000/svg"'
    )
    words = f'aria-label="{escape(say("{title}. {about}", title=title, about=about))}"'
    return f"<svg {frame} {words}><desc>{escape(about)}</desc>{''.join(parts)}{head}{unit}</svg>"


def saved(svg: str) -> str:
    """Return a chart as a separate file, in the colours of the light theme."""
    sheet = f'<rect width="100%" height="100%" fill="{LIGHT["paper"]}"/>'
    whole = svg.replace("<desc>", f"{sheet}<desc>", 1)
    return re.sub(r"var\(--([a-z-]+)\)", lambda found: LIGHT[found[1]], whole)
