"""The figure of emulators: what they predict at points left out, against what the model gave there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from bubble_abm.style.figure import (
    BLUE,
    GREY,
    VERMILION,
    FigureText,
    axis_label,
    checked_table,
    fix_layout,
    message_figure,
    style,
    titled_figure,
    with_unit,
)

PANEL = 1.75  # width of a panel [inches]
ACROSS = 4


def left_out(table: pd.DataFrame, quality: pd.DataFrame, *, units: Mapping[str, str] | None = None) -> Any:
    """Draw for each outcome the predictions at points left out against the means over seeds.

    Parameters
    ----------
    table : DataFrame
        Columns ``outcome, observed, predicted``.
    quality : DataFrame
        Columns ``outcome, points, seeds, constant, converged, q2, q2_low``.
    units : mapping of str to str, optional
        Units of outcomes.

    Returns
    -------
    matplotlib.figure.Figure
        Refused outcomes are red; constant ones are left out.

    Raises
    ------
    InvalidInput
        If a table lacks a column.
    """
    table = checked_table(table, "table", ("outcome", "observed", "predicted"))
    quality = checked_table(quality, "quality", ("outcome", "points", "seeds", "constant", "converged", "q2", "q2_low"))
    shown = quality[~quality["constant"]]
    note = "Each point: one point of the design, predicted by an emulator that has not seen it. Line: equality. Q2: "
    note += "share of the variance, without that of luck, that is predicted. Red: refused, no indices are computed."
    sizes = "; ".join(dict.fromkeys(f"n = {row.points:,} points x {row.seeds} seeds" for row in shown.itertuples()))
    words = FigureText("Predictions at points left out, against the model", sizes, note=note)
    across = min(ACROSS, max(len(shown), 2))
    with style():
        if shown.empty:
            return message_figure(words, "all outcomes are constant", across * PANEL)
        down = -(-len(shown) // across)
        figure = titled_figure(words, across * PANEL, 0.2 + 1.75 * down)
        panels = figure.subplots(down, across, squeeze=False).ravel()
        for place, (axes, row) in enumerate(zip(panels, shown.itertuples())):
            mine = table[table["outcome"] == row.outcome]
            colour = BLUE if row.converged else VERMILION
            axes.plot(mine["observed"], mine["predicted"], ".", color=colour, markersize=1.6, alpha=0.5)
            ends = mine["observed"].min(), mine["observed"].max()
            axes.plot(ends, ends, color=GREY, linewidth=0.8, zorder=0)
            name = axis_label(with_unit(str(row.outcome), units), PANEL - 0.2)
            axes.set_title(f"{name}\nQ2 {row.q2:.2f}, at least {row.q2_low:.2f}", fontsize=7.2)
            axes.set_xlabel("mean over seeds" * (place >= len(shown) - across), fontsize=7)
            axes.set_ylabel("prediction" * (place % across == 0), fontsize=7)
            axes.tick_params(labelsize=6.3, pad=1.5, length=2)
        for axes in panels[len(shown) :]:
            axes.axis("off")
        return fix_layout(figure)
