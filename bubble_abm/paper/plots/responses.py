"""The figure of responses of an outcome to one factor at a time."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import pandas as pd

from bubble_abm.style.figure import (
    BLACK,
    BLUE,
    DUMMY,
    INTERVAL,
    SKY,
    VERMILION,
    FigureText,
    axis_label,
    checked_table,
    fix_layout,
    message_figure,
    readable,
    style,
    titled_figure,
    with_unit,
    wrapped,
)

PANEL = 1.16  # width of a panel [inches]


def response_curves(
    table: pd.DataFrame,
    outcome: str,
    *,
    base: Mapping[str, float] | None = None,
    units: Mapping[str, str] | None = None,
    seeds: int | None = None,
    log_factors: Collection[str] = (),
    width: float = 7.0,
) -> Any:
    """Draw the response of an outcome to one factor at a time, as small multiples on one scale.

    Parameters
    ----------
    table : DataFrame
        Columns ``factor, value, outcome, mean, low, high``.
    outcome : str
        Name of the outcome.
    base : mapping of str to float, optional
        Values of the factors at the base point, which are marked.
    units : mapping of str to str, optional
        Units of factors and outcomes.
    seeds : int, optional
        Number of seeds, for the subtitle.
    log_factors : collection of str, optional
        Factors drawn on a logarithmic axis.
    width : float
        Width of the figure [inches].

    Returns
    -------
    matplotlib.figure.Figure
        The factor that moves the outcome most comes first.

    Raises
    ------
    InvalidInput
        If the table lacks a column.
    """
    table = checked_table(table, "table", ("factor", "value", "outcome", "mean", "low", "high"))
    number_of = f"n = {seeds} seeds under common luck; " if seeds else "Seeds under common luck; "
    words = FigureText(
        f"Response of {readable(outcome)} to one factor at a time",
        f"{number_of}line: mean, band: {INTERVAL}" + ("; dotted: base value" if base else ""),
        note="The factor that moves the mean most comes first. All panels share their vertical axis.",
    )
    with style():
        table = table[table["outcome"] == outcome]
        if table.empty:
            return message_figure(words, f"the table has no response of {readable(outcome)}", width)
        moved = table.groupby("factor")["mean"].agg(np.ptp).sort_values(ascending=False, kind="stable")
        if not moved.max() > 0:
            return message_figure(words, f"{readable(outcome)} is constant: no factor moves it", width)
        across = max(min(int(width / PANEL), len(moved)), 1)
        down = -(-len(moved) // across)
        figure = titled_figure(words, width, 0.3 + 1.28 * down)
        panels = figure.subplots(down, across, sharey=True, squeeze=False).ravel()
        for axes, factor in zip(panels, map(str, moved.index)):
            draw_response(axes, table[table["factor"] == factor].sort_values("value"), (units or {}).get(factor, ""))
            name_panel(axes, factor, (width - 0.9) / across - 0.1)
            if factor in log_factors:
                axes.set_xscale("log")
            if base and factor in base:
                axes.axvline(base[factor], color=VERMILION, linewidth=1.0, linestyle=":", zorder=1)
        for axes in panels[len(moved) :]:
            axes.axis("off")
        figure.supylabel(axis_label(with_unit(outcome, units), 1.28 * down), fontsize=8)
        return fix_layout(figure)


def name_panel(axes: Any, factor: str, room: float) -> None:
    """Write the name of a factor above its panel, wrapped to ``room`` inches."""
    dummy = factor == DUMMY
    lines = wrapped("dummy (no effect)" if dummy else readable(factor), room, fontsize=7.2)
    looks = {"fontsize": 7.2, "loc": "left", "pad": 3, "linespacing": 1.0}
    axes.set_title("\n".join(lines), color=VERMILION if dummy else BLACK, **looks)


def draw_response(axes: Any, table: pd.DataFrame, unit: str) -> None:
    """Draw one panel: mean and band over the range of one factor."""
    from matplotlib.ticker import MaxNLocator

    axes.fill_between(table["value"], table["low"], table["high"], color=SKY, alpha=0.45, linewidth=0)
    axes.plot(table["value"], table["mean"], color=BLUE, linewidth=1.3, marker="o", markersize=1.8)
    axes.set_xlabel("" if unit == "1" else unit, fontsize=6.5, labelpad=1)
    axes.xaxis.set_major_locator(MaxNLocator(3))
    axes.yaxis.set_major_locator(MaxNLocator(4))
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.6g}")
    axes.tick_params(labelsize=6.5, pad=1.5, length=2)
    axes.grid(axis="y")
