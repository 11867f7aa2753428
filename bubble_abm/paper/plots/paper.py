"""What the figures of the paper share: panels, time axes with dated events, fans over seeds, and facts as boxes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import pandas as pd

from bubble_abm.economy.outside import EVENTS, FIRST_YEAR
from bubble_abm.observe.facts import Fact, facts
from bubble_abm.observe.outcomes import WITHOUT
from bubble_abm.observe.seeds import reach
from bubble_abm.style.figure import (
    BLACK,
    BLUE,
    DOUBLE,
    GREEN,
    GREY,
    INK,
    PALE,
    PRINT,
    VERMILION,
    FigureText,
    fix_layout,
    style,
    titled_figure,
)

FACT_COLOUR, FACT_EDGE = "#FFE9A8", "#8A6400"
BELOW = ("C07",)  # facts with the label below the box, because a curve runs above it
FAN = (0.05, 0.25, 0.75, 0.95)  # ends of the wide and of the narrow band
SEEDS_SHOWN = "line: median over seeds; dark band: half of the seeds; pale band: nine of ten"
DASHED = (0, (3.5, 1.8))
GOOD = "#00664B"  # words that mark the good direction
SMALL = {"fontsize": 6.3, "color": INK}
DARK = (BLUE, VERMILION, GREEN)  # fills on which text is white


@contextmanager
def paper(title: str, note: str, height: float, width: float = DOUBLE) -> Iterator[Any]:
    """Open a figure with the width of a journal's columns, and fix its layout at the end.

    Parameters
    ----------
    title : str
        Title, in bold above the figure.
    note : str
        Note below the figure: n, kind of interval, how to read it.
    height, width : float
        Height without the text, and width [inches].
    """
    with style(PRINT):
        figure = titled_figure(FigureText(title, note=note), width, height)
        yield figure
        if figure.get_layout_engine() is not None:
            fix_layout(figure)


def panel(axes: Any, letter: str, title: str, unit: str = "") -> None:
    """Write the letter and title of a panel, and the unit of its vertical axis."""
    axes.set_title(f"{letter}  {title}", loc="left", fontsize=8, fontweight="bold", pad=11)
    if unit:
        axes.set_ylabel(unit, fontsize=7.5)
    axes.grid(axis="y")


def grouped(axes: Any) -> None:
    """Group the thousands in the labels of the vertical axis."""
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.6g}".replace("-", "\N{MINUS SIGN}"))


def segment(colour: str, hatch: str) -> dict[str, Any]:
    """Return the looks of a segment of a stacked bar: its fill, and a frame that is also the colour of its hatching."""
    edge = "white" if hatch and colour != "white" else BLACK
    return {"facecolor": colour, "hatch": hatch, "edgecolor": edge, "linewidth": 0.5}


def inside_segment(colour: str, hatch: str) -> dict[str, Any]:
    """Return the looks of a text inside a segment, with a box where hatching would make it hard to read."""
    box = {"facecolor": colour, "edgecolor": "none", "pad": 0.6} if hatch else None
    return {"color": "white" if colour in DARK else BLACK, "bbox": box, "ha": "center", "va": "center"}


# --- Time -----------------------------------------------------------------------------------------------------------


def events(shock: int | None) -> list[tuple[int, str]]:
    """Return month and short name of the events in figures: the ban, the first open model, the shock."""
    ban = max((event for event in EVENTS if event.path == "export_control"), key=lambda event: event.value).month
    model = min(event.month for event in EVENTS if event.path == "efficiency")
    known = [(ban, "ban"), (model, "V2")]
    return known if shock is None else [*known, (shock, "shock")]


def timeline(axes: Any, months: int, shock: int | None, *, names: bool = True) -> None:
    """Set a horizontal axis of months with labels for years, and draw the dated events as thin lines."""
    years = np.arange(0, months + 1, 12)
    axes.set_xlim(-0.5, months - 0.5)
    axes.set_xticks(years[years < months], [str(FIRST_YEAR + year // 12) for year in years[years < months]], ha="left")
    axes.set_xticks(np.arange(0, months, 3), minor=True)
    axes.tick_params(axis="x", which="minor", length=1.5)
    axes.tick_params(axis="x", which="major", length=4)
    for month, name in events(shock):
        if month < months:
            axes.axvline(month, color=GREY, linewidth=0.7, linestyle=":", zorder=1)
            if names:
                place = {"transform": axes.get_xaxis_transform(), "ha": "center", "va": "bottom"}
                axes.text(month, 1.005, name, **place, **SMALL)


# --- Seeds ----------------------------------------------------------------------------------------------------------


def fan_table(series: pd.DataFrame, measure: str, keys: Sequence[str] = ("month",)) -> pd.DataFrame:
    """Return a measure over seeds: number of seeds, median, and the ends of the two bands.

    Returns
    -------
    DataFrame
        The keys, ``measure``, ``n``, ``q05``, ``q25``, ``median``, ``q75``, ``q95``.
    """
    groups = series.groupby(list(keys), sort=True)[measure]
    found = groups.quantile(np.array(FAN)).unstack()
    found.columns = [f"q{round(100 * share):02d}" for share in FAN]
    found.insert(0, "measure", measure)
    found.insert(1, "n", groups.size())
    found.insert(4, "median", groups.median())
    return found.reset_index()


def fan(axes: Any, table: pd.DataFrame, colour: str, *, divisor: float = 1.0, name: str = "", **looks: Any) -> None:
    """Draw the median over seeds as a line, with two bands around it."""
    months = table["month"]
    for low, high, depth in (("q05", "q95", 0.16), ("q25", "q75", 0.3)):
        band = {"color": colour, "alpha": depth, "linewidth": 0, "zorder": 2}
        axes.fill_between(months, table[low] / divisor, table[high] / divisor, **band)
    line = {"color": colour, "linewidth": 1.3, "zorder": 4} | looks
    axes.plot(months, table["median"] / divisor, label=name or None, **line)


def from_first_sites(series: pd.DataFrame, *measures: str) -> pd.DataFrame:
    """Remove measures of new sites in the first months, in which some run has no such sites yet."""
    some = series.groupby("month")["projects_completed"].min() > 0
    blank = ~series["month"].map(some.cummax())
    return series.assign(**{name: series[name].mask(blank) for name in measures})


def mean_table(values: pd.DataFrame, measure: str, keys: Sequence[str]) -> pd.DataFrame:
    """Return the mean of a measure over seeds with its 95 % interval (Student's t).

    Returns
    -------
    DataFrame
        The keys, ``measure``, ``n``, ``mean``, ``low``, ``high``.
    """
    groups = values.groupby(list(keys), sort=False)[measure]
    found = pd.DataFrame({"n": groups.size(), "mean": groups.mean()})
    width = reach(groups.std(ddof=1), found["n"]).fillna(0.0)
    found["low"], found["high"] = found["mean"] - width, found["mean"] + width
    found.insert(0, "measure", measure)
    return found.reset_index()


def number_of_seeds(table: pd.DataFrame) -> str:
    """Return the number of seeds behind a table, in words."""
    smallest, largest = int(table["n"].min()), int(table["n"].max())
    return f"n = {largest} seeds" if smallest == largest else f"n = {smallest} to {largest} seeds"


# --- Rows of dots ---------------------------------------------------------------------------------------------------

MARKS: dict[bool, dict[str, Any]] = {  # with the shock, and without
    True: {"marker": "o", "color": BLUE, "markersize": 3.2, "zorder": 4},
    False: {"marker": "s", "color": BLACK, "markersize": 3.0, "markerfacecolor": "white", "zorder": 3},
}


def dots(axes: Any, table: pd.DataFrame, order: Sequence[str], *, divisor: float = 1.0) -> None:
    """Draw the mean and interval of each scenario, with the shock and, slightly below, without it.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        Axes of the panel.
    table : DataFrame
        ``scenario``, ``shock``, ``mean``, ``low``, ``high``.
    order : sequence of str
        Scenarios from top to bottom.
    divisor : float
        Unit in which values are shown.
    """
    for shock, shift in ((True, -0.16), (False, 0.16)):
        mine = table[table["shock"] == shock].set_index("scenario").loc[list(order)] if len(table) else table
        ends = np.abs(mine[["low", "high"]].to_numpy().T - mine["mean"].to_numpy()) / divisor
        looks = {"linestyle": "none", "elinewidth": 0.8, "capsize": 0} | MARKS[shock]
        axes.errorbar(mine["mean"] / divisor, np.arange(len(order)) + shift, xerr=ends, **looks)
    for row in range(0, len(order), 2):
        axes.axhspan(row - 0.5, row + 0.5, color=PALE, linewidth=0, zorder=0)
    axes.set_ylim(len(order) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)
    axes.tick_params(axis="x", labelsize=6.5)
    axes.spines["left"].set_visible(False)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.6g}".replace("-", "\N{MINUS SIGN}"))


def sorted_by(table: pd.DataFrame, measure: str) -> list[str]:
    """Return the scenarios by the mean of a measure with the shock, the largest first."""
    mine = table[(table["measure"] == measure) & table["shock"]]
    return list(mine.sort_values("mean", ascending=False, kind="stable")["scenario"])


def better(axes: Any, more: bool) -> None:
    """Mark the good direction of a horizontal axis, above the panel."""
    words = "better \N{RIGHTWARDS ARROW}" if more else "\N{LEFTWARDS ARROW} better"
    place = {"ha": "right" if more else "left", "va": "bottom", "transform": axes.transAxes}
    axes.text(1.0 if more else 0.0, 1.003, words, fontsize=6.3, color=GOOD, fontstyle="italic", **place)


def shock_legend(axes: Any) -> None:
    """Draw the legend of marks with and without the shock, above the names of the rows at the left of a panel."""
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], linestyle="none", label=name, **MARKS[shock])
        for shock, name in ((True, "with the shock"), (False, "without"))
    ]
    place = {"loc": "lower right", "bbox_to_anchor": (0.0, 1.0), "ncols": 2, "handletextpad": 0.1, "borderpad": 0.0}
    axes.legend(handles=handles, fontsize=7, columnspacing=1.0, **place)


def by_shock(runs: pd.DataFrame, measure: str) -> pd.DataFrame:
    """Return an outcome of runs and twins, one row each, with ``row``, ``seed``, ``scenario`` and ``shock``."""
    keys = ["row", "seed", "scenario"]
    parts = [
        runs[keys].assign(shock=shock, **{measure: runs[column]})
        for shock, column in ((True, measure), (False, measure + WITHOUT))
    ]
    return pd.concat(parts, ignore_index=True)


# --- Facts ----------------------------------------------------------------------------------------------------------


def known_facts() -> Mapping[str, Fact]:
    """Return the facts by their ids."""
    return {fact.id: fact for fact in facts()}


def fact_table(numbers: Sequence[str]) -> pd.DataFrame:
    """Return the facts in a figure: id, range, unit, window, source."""
    chosen = [known_facts()[number] for number in numbers]
    names = ("id", "text", "low", "high", "unit", "first", "last", "source")
    return pd.DataFrame([{name: getattr(fact, name) for name in names} for fact in chosen])


def draw_fact(
    axes: Any, low: float, high: float, first: float, last: float, name: str = "", *, below: bool = False
) -> None:
    """Draw a fact as a box, with its window as the width and its range as the height, and its name above or below."""
    from matplotlib.patches import Rectangle

    looks: dict[str, Any] = {
        "facecolor": FACT_COLOUR,
        "edgecolor": FACT_EDGE,
        "linewidth": 0.7,
        "zorder": 3,
        "alpha": 0.85,
    }
    box = Rectangle((first - 0.5, low), last - first + 1, high - low, **looks)
    axes.add_patch(box)
    if name:
        place = {"xytext": (0, -1 if below else 1), "va": "top" if below else "bottom", "ha": "center"}
        axes.annotate(name, ((first + last) / 2, low if below else high), textcoords="offset points", fontsize=6,
                      color=FACT_EDGE, zorder=6, **place)  # fmt: skip


def fact(axes: Any, table: pd.DataFrame, number: str, months: int, *, divisor: float = 1.0) -> None:
    """Draw one of the facts in a table, if the run is long enough."""
    one = table[table["id"] == number].iloc[0]
    if one[["low", "high"]].notna().all() and one["last"] < months:
        low, high = one["low"] / divisor, one["high"] / divisor
        draw_fact(axes, low, high, one["first"], one["last"], number, below=number in BELOW)


def zero_line(axes: Any) -> None:
    """Draw a horizontal line at zero."""
    axes.axhline(0, color=BLACK, linewidth=0.7, zorder=1.5)


def zero_column(axes: Any) -> None:
    """Draw a vertical line at zero."""
    axes.axvline(0, color=BLACK, linewidth=0.7, zorder=1.5)
