"""The figure of scenario discovery: boxes as ranges of factors, and the trajectories from which they were chosen."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from bubble_abm.economy.declare import InvalidInput
from bubble_abm.style.figure import (
    BLACK,
    BLUE,
    DUMMY,
    GREEN,
    GREY,
    INK,
    LIGHT,
    ORANGE,
    PURPLE,
    VERMILION,
    FigureText,
    checked_table,
    fix_layout,
    message_figure,
    number,
    style,
    titled_figure,
    with_unit,
)  # fmt: skip

BOXES = (
    "class", "method", "box", "factor", "low", "high", "coverage", "density", "mass", "coverage_out", "density_out",
    "cases", "base_rate",
)  # fmt: skip
TRAJECTORY = ("class", "step", "coverage", "density", "mass", "restricted")
COLOURS = (BLUE, ORANGE, GREEN, PURPLE, BLACK)
MARKS = ("o", "s", "^", "D", "v")
NARROW = 5.0  # width below which the two panels of a class are placed below each other [inches]
RIGHT_PANEL = 1.75  # width of the right panel [inches]


def prim_boxes(
    boxes: pd.DataFrame,
    trajectory: pd.DataFrame,
    ranges: Mapping[str, tuple[float, float]],
    *,
    method: str = "PRIM",
    classes: Sequence[str] | None = None,
    units: Mapping[str, str] | None = None,
    log_factors: Collection[str] = (),
    width: float = 7.0,
    title: str = "",
) -> Any:
    """Draw for each class the ranges of its boxes, and coverage against density along the trajectory.

    Parameters
    ----------
    boxes, trajectory : DataFrame
        Tables of :class:`bubble_abm.study.discovery.Found`.
    ranges : mapping of str to (low, high)
        Range of each factor in the design, in its units.
    method : str
        ``"PRIM"`` or ``"CART"``; the latter has no trajectory.
    classes : sequence of str, optional
        Classes, in this order; by default all that have a box or a trajectory.
    units : mapping of str to str, optional
        Units of factors.
    log_factors : collection of str, optional
        Factors whose ranges are drawn on a logarithmic scale.
    width : float
        Width of the figure [inches].
    title : str
        Title of the figure; by default the method.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    InvalidInput
        If a table lacks a column, or a factor in a box has no range.
    """
    boxes = checked_table(boxes, "boxes", BOXES)
    boxes = boxes[boxes["method"] == method]
    trajectory = checked_table(trajectory, "trajectory", TRAJECTORY)
    trajectory = trajectory if method == "PRIM" else trajectory.iloc[:0]
    names = list(classes) if classes is not None else list(dict.fromkeys([*boxes["class"], *trajectory["class"]]))
    words = headline(boxes, method, title or f"Scenario discovery with {method}")
    with style():
        if not names:
            return message_figure(words, f"{method} found no box in any class", width)
        heights = [height(boxes[boxes["class"] == name], width) for name in names]
        figure = titled_figure(words, width, sum(heights) + (RIGHT_PANEL * len(names) if width < NARROW else 0))
        for name, left, right in zip(names, *panels(figure, heights, width)):
            mine = boxes[boxes["class"] == name]
            draw_ranges(left, mine, ranges, units or {}, log_factors)
            left.set_title(class_title(name, mine, width), loc="left", fontsize=8, fontweight="bold")
            draw_trajectory(right, mine, trajectory[trajectory["class"] == name])
        return fix_layout(figure)


def headline(boxes: pd.DataFrame, method: str, title: str) -> FigureText:
    """Return the text around the figure."""
    runs = sorted({int(cases) for cases in boxes["cases"]})
    count = f"n = {', '.join(f'{cases:,}' for cases in runs)} runs. " if runs else ""
    note = "Bars: range of a factor inside the box, relative to its range in the design, with limits in its units. "
    note += "Filled marks: each box on the runs from which it was made; open marks, brackets: out of sample. "
    note += "Lines: peeling trajectories; grey: boxes that are not reported." if method == "PRIM" else ""
    return FigureText(title, f"{count}Coverage: share of the class inside. "
                 "Density: share of the class among the runs inside.", note=note)  # fmt: skip


def panels(figure: Any, heights: Sequence[float], width: float) -> tuple[list[Any], list[Any]]:
    """Add two panels for each class, side by side or, if the figure is narrow, one below the other."""
    if width < NARROW:
        tall = [height for pair in ((one, RIGHT_PANEL) for one in heights) for height in pair]
        grid = figure.subplots(len(tall), 1, height_ratios=tall, squeeze=False)[:, 0]
        return list(grid[::2]), list(grid[1::2])
    grid = figure.subplots(
        len(heights), 2, height_ratios=heights, width_ratios=[width - 3.1, RIGHT_PANEL], squeeze=False
    )
    return list(grid[:, 0]), list(grid[:, 1])


def height(boxes: pd.DataFrame, width: float) -> float:
    """Return the height of the left panel of a class [inches]."""
    rows, count = boxes["factor"].nunique(), boxes["box"].nunique()
    needed = 0.55 + rows * max(0.27, 0.15 * count) + 0.14 * count
    return max(needed, 0.8 if width < NARROW else RIGHT_PANEL)


def class_title(name: str, boxes: pd.DataFrame, width: float) -> str:
    """Return a class with its base rate, on two lines if the figure is narrow."""
    if boxes.empty:
        return name
    return f"{name}{chr(10) if width < NARROW else ' '}(base rate {boxes['base_rate'].iloc[0]:.0%})"


def box_words(number: Any, box: pd.Series) -> str:
    """Return coverage and density of a box, with their values out of sample in brackets."""
    parts = [f"{what} {box[what]:.0%} ({box[what + '_out']:.0%})" for what in ("coverage", "density")]
    return f"box {number}: {', '.join(parts)}"


def draw_ranges(
    axes: Any,
    boxes: pd.DataFrame,
    ranges: Mapping[str, tuple[float, float]],
    units: Mapping[str, str],
    log_factors: Collection[str],
) -> None:
    """Draw each limited factor as a pale bar, with its range in each box as a coloured bar on top."""
    axes.set(xlim=(-0.02, 1.02), xticks=[])
    axes.spines[:].set_visible(False)
    if boxes.empty:
        axes.set_yticks([])
        axes.text(0.0, 0.5, "no box", transform=axes.transAxes, color=INK, va="center")
        return
    factors, numbers = list(dict.fromkeys(boxes["factor"])), sorted(set(boxes["box"]))
    axes.barh(range(len(factors)), 1.0, height=0.8, color=LIGHT, zorder=1)
    thick = 0.8 / len(numbers)
    for line in boxes.to_dict("records"):
        place = numbers.index(line["box"])
        low, high = scaled(line, ranges, log_factors)
        y = factors.index(line["factor"]) - 0.4 + (place + 0.5) * thick
        axes.barh(y, high - low, left=low, height=0.86 * thick, color=COLOURS[place % len(COLOURS)], zorder=2)
        write_limits(axes, line, (low, high), y, 7 if len(numbers) < 3 else 5.5)
    axes.set_yticks(range(len(factors)), [with_unit(name, units) for name in factors])
    axes.set_ylim(max(len(factors), 3) - 0.5 + 0.5 * len(numbers), -0.5)
    words = "\n".join(box_words(number, box.iloc[0]) for number, box in boxes.groupby("box"))
    axes.text(1.0, len(factors) - 0.45, words, ha="right", va="top", fontsize=6.8, color=INK)
    axes.tick_params(axis="y", length=0)
    for label, name in zip(axes.get_yticklabels(), factors):
        if name == DUMMY:
            label.set(color=VERMILION, fontstyle="italic")


def scaled(
    line: Mapping[Any, Any], ranges: Mapping[str, tuple[float, float]], log_factors: Collection[str]
) -> tuple[float, float]:
    """Return the limits of a factor relative to its range in the design; without a limit, the end of the range."""
    name = line["factor"]
    if name not in ranges:
        raise InvalidInput(f"ranges: have no {name!r}, give the range of every factor that a box limits")
    low, high = ranges[name]
    ends = np.array([low if np.isnan(line["low"]) else line["low"], high if np.isnan(line["high"]) else line["high"]])
    bounds = np.array([low, high], dtype=float)
    if name in log_factors:
        ends, bounds = np.log(ends), np.log(bounds)
    relative = np.clip((ends - bounds[0]) / (bounds[1] - bounds[0]), 0.0, 1.0)
    return float(relative[0]), float(relative[1])


def write_limits(axes: Any, line: Mapping[Any, Any], ends: tuple[float, float], y: float, size: float) -> None:
    """Write the limits of a bar beside it, in the unit of the factor."""
    looks = {"va": "center", "fontsize": size, "color": INK, "zorder": 4}
    box = {"facecolor": "white", "alpha": 0.75, "edgecolor": "none", "pad": 0.6}
    for side, end, shift, away in (("low", ends[0], -3, "right"), ("high", ends[1], 3, "left")):
        if not np.isnan(line[side]):
            place = {"xytext": (shift, 0), "textcoords": "offset points", "ha": away}
            axes.annotate(number(line[side]), (end, y), bbox=box, **place, **looks)


def draw_trajectory(axes: Any, boxes: pd.DataFrame, trajectory: pd.DataFrame) -> None:
    """Draw coverage and density of each step, and of the boxes, in and out of sample."""
    axes.set(xlim=(-0.03, 1.05), ylim=(-0.03, 1.05), xlabel="coverage", ylabel="density")
    axes.set_xticks([0, 0.5, 1])
    axes.set_yticks([0, 0.5, 1])
    axes.grid()
    if len(boxes):
        rate = float(boxes["base_rate"].iloc[0])
        axes.axhline(rate, color=GREY, linewidth=0.8, linestyle=":", zorder=1)
        axes.annotate("base rate", (0.0, rate), xytext=(0, 2), textcoords="offset points", fontsize=6.5, color=GREY)
    runs = trajectory["box"] if "box" in trajectory else pd.Series(1, index=trajectory.index)
    for place, (_, steps) in enumerate(trajectory.groupby(runs)):
        colour = COLOURS[place % len(COLOURS)] if place < boxes["box"].nunique() else LIGHT
        axes.plot(steps["coverage"], steps["density"], color=colour, linewidth=1.0, zorder=2)
    for place, (name, box) in enumerate(boxes.groupby("box")):
        one, looks = box.iloc[0], {"marker": MARKS[place % len(MARKS)], "edgecolor": COLOURS[place % len(COLOURS)]}
        axes.plot([one["coverage"], one["coverage_out"]], [one["density"], one["density_out"]],
                  color=looks["edgecolor"], linewidth=0.7, linestyle="--", zorder=3)  # fmt: skip
        axes.scatter(one["coverage"], one["density"], s=26, color=looks["edgecolor"], marker=looks["marker"], zorder=5,
                     label=f"box {name}")  # fmt: skip
        axes.scatter(one["coverage_out"], one["density_out"], s=26, facecolor="white", zorder=4, **looks)
    if boxes["box"].nunique() > 1:  # framed, so that its marks are not taken for boxes
        axes.legend(loc="best", fontsize=6.5, handletextpad=0.2, frameon=True, edgecolor=LIGHT, fancybox=False)
