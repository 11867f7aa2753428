"""The picture of a comparison: scenarios month by month, and what each outcome differs by from the first of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bubble_abm.economy.outside import FIRST_YEAR
from bubble_abm.observe.seeds import SPREAD
from bubble_abm.study.comparison import what_differs
from bubble_abm.style.figure import (
    BLACK,
    BLUE,
    DOUBLE,
    GREEN,
    GREY,
    INTERVAL,
    ORANGE,
    PURPLE,
    SKY,
    VERMILION,
    FigureText,
    fix_layout,
    number,
    readable,
    save,
    style,
    titled_figure,
)

if TYPE_CHECKING:
    from bubble_abm.study.comparison import Comparison

COLOURS = (BLACK, VERMILION, BLUE, GREEN, ORANGE, PURPLE, SKY, GREY)
DASHES: tuple[Any, ...] = ("-", (0, (5, 1.5)), (0, (2, 1)), (0, (6, 1, 1, 1)))  # for who sees no colours
#: Measure, title, unit and divisor of each panel.
PANELS = (
    ("rent_per_server", "Rent of a server", "thousand CNY a month", 1e3),
    ("gpu_price", "Price of a GPU (H100 class)", "thousand CNY", 1e3),
    ("idle_share_new", "Idle share of new capacity", "%", 0.01),
    ("projects_building", "Sites under construction", "sites", 1.0),
    ("projects_announced", "Projects announced so far", "projects", 1.0),
    ("startups_pretraining", "Startups that pre-train", "startups", 1.0),
)
BILLION = 1e9
ROW = 0.13  # inches for a scenario in the panel of differences


def save_comparison(path: Path, comparison: Comparison) -> None:
    """Draw a comparison and write it as PNG, SVG or PDF.

    Parameters
    ----------
    path : Path
        File to write.
    comparison : Comparison
        What was compared.
    """
    with style():
        save(draw_comparison(comparison), path)


def draw_comparison(comparison: Comparison) -> Any:
    """Return the picture: six measures over time, and paired differences of all outcomes."""
    scenarios = comparison.scenarios
    others = len(scenarios) - 1
    rows = len(comparison.names) * (others + 0.8)
    words = FigureText(
        title=f"{scenarios[0].title}, compared with {' and with '.join(one.title for one in scenarios[1:])}",
        subtitle=f"Medians of {scenarios[0].seeds} seeds, and bands that hold 90 % of them. Below: mean differences "
        f"from {scenarios[0].title} under the same luck, in standard deviations of {scenarios[0].title} over seeds, "
        f"with the {INTERVAL}.",
        note="; ".join(f"{one.title}: {what_differs(one)}" for one in scenarios) + ".",
    )
    below = ROW * rows + 0.5
    figure = titled_figure(words, DOUBLE, 4.0 + below)
    above, table = figure.subfigures(2, 1, height_ratios=(4.0, below))
    panels = above.subplots(2, 3).ravel()
    for axes, panel in zip(panels, PANELS, strict=True):
        draw_panel(axes, comparison, *panel)
    lines, names = panels[0].get_legend_handles_labels()
    above.legend(lines, names, loc="outside upper left", ncols=min(len(names), 4), handlelength=2.6)
    draw_differences(table.subplots(), comparison)
    return fix_layout(figure)


def draw_panel(axes: Any, comparison: Comparison, measure: str, title: str, unit: str, divisor: float) -> None:
    """Draw one measure of every scenario: the median over seeds, and a band that holds 90 % of them."""
    months = np.arange(comparison.scenarios[0].months)
    for place, (scenario, series) in enumerate(zip(comparison.scenarios, comparison.series, strict=True)):
        values = series[measure] / divisor
        colour = COLOURS[place]
        look = {"color": colour, "linestyle": DASHES[place % len(DASHES)], "label": scenario.title}
        axes.plot(months, np.median(values, axis=0), linewidth=1.4, zorder=4, **look)
        if len(values) > 1:
            low, high = np.quantile(values, SPREAD, axis=0)
            axes.fill_between(months, low, high, color=colour, alpha=0.12, linewidth=0, zorder=2)
    axes.set_title(title, loc="left")
    axes.set_ylabel(unit)
    axes.set_ylim(bottom=0)
    axes.set_xlim(0, max(len(months) - 1, 1))
    years = months[::12]
    axes.set_xticks(years, [str(FIRST_YEAR + month // 12) for month in years], ha="left")


def draw_differences(axes: Any, comparison: Comparison) -> None:
    """Draw what each outcome differs by from the first scenario, and write it in the outcome's own unit beside it."""
    table = comparison.table()
    scale = comparison.outcomes[0].std(axis=0, ddof=1) if len(comparison.outcomes[0]) > 1 else None
    axes.axvline(0.0, color=GREY, linewidth=0.7, zorder=1)
    height, ticks = 0.0, []
    for place, name in enumerate(comparison.names):
        ticks.append((height, readable(name)))
        rows = table[(table["outcome"] == name) & table["difference"].notna()]
        for number_of, (_, row) in enumerate(rows.iterrows(), start=1):
            size = float(scale[place]) if scale is not None else 0.0
            at, low, high = (float(row[column]) for column in ("difference", "difference_low", "difference_high"))
            if size > 0.0:
                width = [[(at - low) / size], [(high - at) / size]]
                axes.errorbar(at / size, height, xerr=width, fmt="o", ms=3, color=COLOURS[number_of], linewidth=1.1)
            beside = {"transform": axes.get_yaxis_transform(), "va": "center", "fontsize": 6.5}
            axes.text(1.01, height, with_sign(at, row["unit"]), color=COLOURS[number_of], **beside)
            height += 1.0
        height += 0.8
    axes.set_yticks([at for at, _ in ticks], [name for _, name in ticks], va="center")
    axes.set_ylim(height - 0.8, -1.0)
    axes.set_xlabel(f"difference from {comparison.scenarios[0].title} [standard deviations over seeds]")
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)


def with_sign(value: float, unit: str) -> str:
    """Write a difference with its sign and unit, large sums of money in billions.

    Examples
    --------
    >>> with_sign(-5.77e10, "CNY"), with_sign(0.0124, "share"), with_sign(12.0, "1")
    ('-57.7 bn CNY', '+0.0124 share', '+12')
    """
    if abs(value) >= BILLION:
        value, unit = value / BILLION, f"bn {unit}"
    return f"{'+' if value > 0 else ''}{number(value)}{'' if unit == '1' else ' ' + unit}"
