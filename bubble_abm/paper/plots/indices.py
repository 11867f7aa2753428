"""Figures of sensitivity analysis, drawn from its tables.

Every function takes tidy tables and returns a Matplotlib figure, which :func:`bubble_abm.style.figure.save` writes.
Indices are a table with the columns ``outcome, factor, factor_2, index, value, low, high`` (95 % intervals); quality is
a table with a row for each outcome. If an outcome does not vary, the figure says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    INTERVAL,
    LIGHT,
    ORANGE,
    SKY,
    VERMILION,
    FigureText,
    axis_label,
    checked_table,
    fix_layout,
    message_figure,
    number,
    one_of,
    place_labels,
    readable,
    style,
    titled_figure,
    with_unit,
)

INDICES = ("outcome", "factor", "index", "value", "low", "high")
QUALITY = ("outcome", "rows", "seeds", "variance", "noise_share", "screening_settled", "indices_settled", "verdict")
NAMES = {
    "S1": "first-order index", "ST": "total index", "S2": "second-order index", "mu_star": "mean absolute effect",
    "mu": "mean effect", "sigma": "spread of effects", "shapley": "Shapley effect",
    "S1_luck_free": "first-order index without luck", "ST_luck_free": "total index without luck",
    "S2_luck_free": "second-order index without luck", "shapley_luck_free": "Shapley effect without luck",
    "rms_luck_free": "root mean square effect without luck",
}  # fmt: skip
SHARES = tuple(f"{name}{ending}" for name in ("S1", "ST", "S2", "shapley") for ending in ("", "_luck_free"))
# Colour and thickness of bars: light and broad behind, dark and thin in front, also distinguishable in grey.
LOOKS = ((SKY, 0.72), (BLUE, 0.36), (ORANGE, 0.2))
NAMED = 0.04  # share of the largest effect below which factors are not labelled, because labels would overlap
WEDGES = (0.1, 0.5, 1.0)  # spread over mean (Garcia Sanchez et al. 2014)


# --- Reading the tables --------------------------------------------------------------------------------------------


def chosen(indices: pd.DataFrame, outcome: str, index: str) -> pd.DataFrame:
    """Return one index of one outcome, by factor or pair: value and interval; empty if there is none."""
    table = checked_table(indices, "indices", INDICES)
    table = table[(table["outcome"] == outcome) & (table["index"] == index)]
    if index.startswith("S2"):
        table = table.assign(factor=table["factor"] + " x " + checked_table(table, "indices", ["factor_2"])["factor_2"])
    table = table.drop_duplicates("factor").set_index("factor")[["value", "low", "high"]]
    return table.astype(float).dropna(subset="value")


def is_constant(quality: pd.DataFrame, outcome: str) -> bool:
    """Whether an outcome does not vary."""
    row = about(quality, outcome)
    return bool(row.get("constant", False)) or not row["variance"] > 0


def about(quality: pd.DataFrame, outcome: str) -> dict[str, Any]:
    """Return the row of an outcome in the table of quality."""
    table = checked_table(quality, "quality", QUALITY)
    one_of("outcome", outcome, table["outcome"])
    return {str(name): value for name, value in table[table["outcome"] == outcome].iloc[0].items()}


def heading(
    quality: pd.DataFrame, outcome: str, what: str, units: Mapping[str, str] | None, note: str, part: str
) -> FigureText:
    """Return the text of a figure about one outcome: sample size, variance, and verdict; in red if a part is open."""
    row = about(quality, outcome)
    title, size = f"{what}: {readable(outcome)}", f"n = {int(row['rows']):,} rows x {int(row['seeds'])} seeds"
    if is_constant(quality, outcome):
        return FigureText(title, f"{size}.")
    unit = (units or {}).get(outcome, "")
    square = f" [({unit})²]" if unit not in ("", "1") else ""
    noise = f"{row['noise_share']:.0%} of it noise" if np.isfinite(row["noise_share"]) else "noise not known"
    size += f"; variance {number(row['variance'])}{square}, {noise}."
    verdict = str(row["verdict"])
    if bool(row[part]):
        return FigureText(title, f"{size} {verdict[:1].upper()}{verdict[1:]}.", note=note)
    return FigureText(title, size, f"NOT SETTLED: {verdict}", note)


# --- Bars -----------------------------------------------------------------------------------------------------------


def bars(
    indices: pd.DataFrame,
    quality: pd.DataFrame,
    outcome: str,
    which: Sequence[str] = ("ST", "S1"),
    *,
    units: Mapping[str, str] | None = None,
    most: int = 40,
    width: float = 5.0,
) -> Any:
    """Draw indices of one outcome as bars with intervals, the largest on top, and mark the dummy.

    Parameters
    ----------
    indices, quality : DataFrame
        Tables of indices and of their quality.
    outcome : str
        Name of the outcome.
    which : sequence of str, at most three
        Names of indices. The first determines the order of factors and is drawn broad and light, the others over it.
    units : mapping of str to str, optional
        Units of outcomes.
    most : int
        Largest number of factors, always including the dummy.
    width : float
        Width of the figure [inches].

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    InvalidInput
        If a table lacks a column, or the outcome is not in it.
    """
    if not 1 <= len(which) <= len(LOOKS):
        raise InvalidInput(f"which = {list(which)}: give one to {len(LOOKS)} of {', '.join(NAMES)}")
    what = " and ".join(NAMES.get(name, name) for name in which)
    note = f"Whiskers: {INTERVAL}."
    if DUMMY in set(checked_table(indices, "indices", INDICES)["factor"]):
        note += " Dotted line: upper end of the interval of the dummy, which has no effect."
    with style():
        words = heading(quality, outcome, what[:1].upper() + what[1:], units, note, "indices_settled")
        tables = [chosen(indices, outcome, name) for name in which]
        if is_constant(quality, outcome) or tables[0].empty:
            return message_figure(words, nothing(quality, outcome, which[0]), width)
        order = ranked(tables[0]["value"], most)
        figure = titled_figure(words, width, 0.55 + 0.19 * max(len(order), 3))
        axes = figure.subplots()
        for table, name, (colour, thickness) in zip(tables, which, LOOKS):
            draw_bars(axes, table.reindex(order), NAMES.get(name, name), colour, thickness)
        label_rows(axes, order)
        mark_dummy(axes, tables[0], order)
        axes.set_xlabel(axis_label(scale_of(which, outcome, units), width - 1.8))
        return fix_layout(figure)


def nothing(quality: pd.DataFrame, outcome: str, index: str) -> str:
    """Return the reason why there is nothing to draw."""
    if is_constant(quality, outcome):
        return f"{readable(outcome)} is constant: there is no variance to attribute to factors"
    return f"the table has no {NAMES.get(index, index)} of {readable(outcome)}"


def ranked(values: pd.Series, most: int) -> list[str]:
    """Return at most ``most`` factors, from the largest value to the smallest, always including the dummy."""
    order = values.sort_values(ascending=False, kind="stable").index.tolist()
    kept = order[:most]
    return kept if DUMMY not in order or DUMMY in kept else [*kept[:-1], DUMMY]


def draw_bars(axes: Any, table: pd.DataFrame, name: str, colour: str, thickness: float) -> None:
    """Draw one index of all factors, from top to bottom, with its whiskers."""
    rows = np.arange(len(table))
    shift = {0.72: -0.2, 0.36: 0.0, 0.2: 0.2}[thickness]  # so that whiskers of two indices do not overlap
    axes.barh(rows, table["value"], height=thickness, color=colour, label=name, zorder=2)
    ends = np.abs(table[["low", "high"]].to_numpy().T - table["value"].to_numpy())
    looks = {"fmt": "none", "ecolor": BLACK, "elinewidth": 0.8, "capsize": 1.5, "capthick": 0.8, "zorder": 3}
    axes.errorbar(table["value"], rows + shift, xerr=np.nan_to_num(ends), **looks)


def label_rows(axes: Any, order: Sequence[str]) -> None:
    """Label the rows with the names of factors, the largest on top."""
    axes.set_yticks(range(len(order)), [readable(name) for name in order])
    axes.set_ylim(len(order) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x")
    axes.axvline(0, color=BLACK, linewidth=0.7, zorder=4)
    axes.spines["left"].set_visible(False)
    axes.legend(loc="lower right", reverse=True, frameon=True, framealpha=0.9, edgecolor="none")
    for label, name in zip(axes.get_yticklabels(), order):
        if name == DUMMY:
            label.set(color=VERMILION, fontstyle="italic")


def mark_dummy(axes: Any, table: pd.DataFrame, order: Sequence[str]) -> None:
    """Mark the upper end of the interval of the dummy."""
    if DUMMY in order and table.loc[[DUMMY]].notna().any(axis=None):
        axes.axvline(
            float(np.nanmax(table.loc[[DUMMY]].to_numpy())), color=VERMILION, linewidth=1.0, linestyle=":", zorder=5
        )


def scale_of(which: Sequence[str], outcome: str, units: Mapping[str, str] | None) -> str:
    """Return the label of the axis of indices, with its unit."""
    if all(name in SHARES for name in which):
        return "share of variance"
    if any(name in ("mu_star", "mu", "sigma", "rms_luck_free") for name in which):
        return f"effect on {with_unit(outcome, units)}"
    return "index (0 to 1)"


# --- Morris ---------------------------------------------------------------------------------------------------------


def morris_plane(
    indices: pd.DataFrame,
    quality: pd.DataFrame,
    outcome: str,
    *,
    units: Mapping[str, str] | None = None,
    labels: int = 10,
    width: float = 5.0,
) -> Any:
    """Draw the mean absolute elementary effect of each factor against the spread of its effects.

    Parameters
    ----------
    indices, quality : DataFrame
        Tables of indices, with ``mu_star`` and ``sigma``, and of their quality.
    outcome : str
        Name of the outcome.
    units : mapping of str to str, optional
        Units of outcomes.
    labels : int
        Largest number of factors with a label: those with the largest effects, besides the dummy.
    width : float
        Width of the figure [inches].

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    InvalidInput
        If a table lacks a column, or the outcome is not in it.
    """
    note = f"Bars: {INTERVAL} of the mean. Lines: spread over mean; under 0.1 a factor is almost linear, under 0.5 "
    note += "monotone, under 1 almost monotone, above it non-monotone or interacting (Garcia Sanchez et al. 2014)."
    with style():
        words = heading(quality, outcome, "Elementary effects (Morris)", units, note, "screening_settled")
        means, spreads = (chosen(indices, outcome, name) for name in ("mu_star", "sigma"))
        order = [name for name in ranked(means["value"], len(means)) if name in spreads.index]
        if is_constant(quality, outcome) or not order:
            return message_figure(words, nothing(quality, outcome, "mu_star"), width)
        figure = titled_figure(words, width, 0.72 * width)
        axes = figure.subplots()
        great = [name for name in order[:labels] if means.loc[name, "value"] >= NAMED * means["value"].max()]
        named = [*(name for name in great if name != DUMMY), *([DUMMY] if DUMMY in order else [])]
        rest = [name for name in order if name not in named]
        draw_effects(axes, means.loc[named + rest], spreads.loc[named + rest, "value"], len(named))
        axes.set_xlabel(axis_label(f"mean absolute effect on {with_unit(outcome, units)}", width - 1.0))
        axes.set_ylabel("spread of effects (same unit)")
        fix_layout(figure)
        points = list(zip(means.loc[named + rest, "value"], spreads.loc[named + rest, "value"]))
        place_labels(axes, points, [readable(name) for name in named], fontsize=7.5)
        return figure


def draw_effects(axes: Any, means: pd.DataFrame, spreads: pd.Series, named: int) -> None:
    """Draw the wedges and the factors; those without a label are grey."""
    ends = np.abs(means[["low", "high"]].to_numpy().T - means["value"].to_numpy())
    colours = [BLUE] * named + [GREY] * (len(means) - named)
    for place, name in enumerate(means.index):
        dummy = name == DUMMY
        looks = {"marker": "D" if dummy else "o", "color": VERMILION if dummy else colours[place], "zorder": 3}
        point = (means["value"].iloc[place], spreads.iloc[place])
        interval = np.nan_to_num(ends[:, [place]])
        axes.errorbar(*point, xerr=interval, markersize=4 if place < named else 3, elinewidth=0.7, **looks)
    right = 1.05 * max(float(np.nanmax(means[["value", "high"]].to_numpy())), 1e-300)
    top = 1.12 * max(float(spreads.max()), 0.3 * right)
    axes.set(xlim=(-0.02 * right, right), ylim=(-0.02 * top, top))
    for ratio, dashes in zip(WEDGES, ((0, (1, 1.5)), (0, (3, 2)), "-")):
        axes.plot([0, right], [0, ratio * right], color=GREEN, linewidth=0.8, linestyle=dashes, zorder=1, clip_on=True)
        within = ratio * right < top
        end = (right, ratio * right) if within else (top / ratio, top)
        looks = {"textcoords": "offset points", "fontsize": 7, "color": GREEN, "annotation_clip": False}
        away = {"xytext": (2, 0), "va": "center"} if within else {"xytext": (0, 2), "va": "bottom"}
        axes.annotate(f"{ratio:g}", end, **away, **looks)


# --- Heat map -------------------------------------------------------------------------------------------------------


def heat_map(
    indices: pd.DataFrame,
    quality: pd.DataFrame,
    index: str = "ST",
    *,
    outcomes: Sequence[str] | None = None,
    most: int = 40,
    width: float | None = None,
) -> Any:
    """Draw one index of all factors and outcomes, with shades relative to the largest value of each outcome.

    Parameters
    ----------
    indices, quality : DataFrame
        Tables of indices and of their quality.
    index : str
        Name of the index.
    outcomes : sequence of str, optional
        Outcomes, one per column; by default those in the table of quality, in its order.
    most : int
        Largest number of factors, always including the dummy.
    width : float, optional
        Width of the figure [inches]; by default as the columns need.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    InvalidInput
        If a table lacks a column, or an outcome is not in the table of quality.
    """
    names = list(outcomes) if outcomes is not None else checked_table(quality, "quality", QUALITY)["outcome"].tolist()
    tables = {name: chosen(indices, name, index)["value"] for name in names if not is_constant(quality, name)}
    tables = {name: table for name, table in tables.items() if len(table)}
    width = width or 2.2 + 0.42 * max(len(names), 5)
    seen = "Numbers: the index; shades: relative to the largest of the outcome. Hatched: the outcome is constant."
    words = FigureText(
        f"{NAMES.get(index, index)[:1].upper()}{NAMES.get(index, index)[1:]} by factor and outcome",
        sizes(quality, names),
        note=f"{seen} Red and *: indices not settled."
        + " The dummy has no effect." * (DUMMY in set(indices["factor"])),
    )
    with style():
        if not tables:
            return message_figure(
                words, f"no outcome has a {NAMES.get(index, index)}: all are constant or missing", width
            )
        values = pd.DataFrame(tables).reindex(columns=names)
        relative = values / values.max().where(lambda greatest: greatest > 0)
        order = ranked(relative.mean(axis=1), most)
        order = [name for name in order if name != DUMMY] + [DUMMY] * (DUMMY in order)
        figure = titled_figure(words, width, 1.25 + 0.185 * len(order))
        draw_cells(figure, figure.subplots(), values.loc[order], relative.loc[order].clip(lower=0), quality)
        return fix_layout(figure)


def sizes(quality: pd.DataFrame, outcomes: Sequence[str]) -> str:
    """Return the numbers of rows and seeds behind the indices of several outcomes."""
    found = {(int(row["rows"]), int(row["seeds"])) for row in (about(quality, name) for name in outcomes)}
    return "n = " + ", ".join(f"{rows:,} rows x {seeds} seeds" for rows, seeds in sorted(found))


def draw_cells(figure: Any, axes: Any, values: pd.DataFrame, relative: pd.DataFrame, quality: pd.DataFrame) -> None:
    """Draw the cells with their numbers and labels, and mark outcomes whose indices are not settled."""
    mesh = axes.pcolormesh(relative.to_numpy(), cmap="Blues", vmin=0, vmax=1, edgecolors="white", linewidth=0.6)
    axes.invert_yaxis()
    for (row, column), share in np.ndenumerate(relative.to_numpy()):
        if share >= 0.05:
            looks = {"fontsize": 6.2, "color": "white" if share > 0.6 else BLACK, "ha": "center", "va": "center"}
            axes.text(column + 0.5, row + 0.5, short(float(values.to_numpy()[row, column])), **looks)
    axes.set_yticks(np.arange(len(values)) + 0.5, [readable(name) for name in values.index])
    name_columns(axes, values, quality)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    if values.index[-1] == DUMMY:
        axes.get_yticklabels()[-1].set(color=VERMILION, fontstyle="italic")
        axes.axhline(len(values) - 1, color=VERMILION, linewidth=0.9)
    figure.colorbar(mesh, ax=axes, shrink=0.35, aspect=14, pad=0.02, label="relative to the largest")


def name_columns(axes: Any, values: pd.DataFrame, quality: pd.DataFrame) -> None:
    """Label the columns, in red if its indices are not settled, and hatch those that are constant."""
    empty = [is_constant(quality, name) or bool(values[name].isna().all()) for name in values.columns]
    doubtful = [
        not bare and not bool(about(quality, name)["indices_settled"]) for name, bare in zip(values.columns, empty)
    ]
    labels = [readable(name) + " *" * doubt for name, doubt in zip(values.columns, doubtful)]
    looks = {"rotation": 45, "ha": "right", "rotation_mode": "anchor"}
    axes.set_xticks(np.arange(len(labels)) + 0.5, labels, **looks)
    for column, label in enumerate(axes.get_xticklabels()):
        label.set_color(VERMILION if doubtful[column] else GREY if empty[column] else BLACK)
        if empty[column]:
            fill = {"facecolor": LIGHT, "edgecolor": "white", "hatch": "////", "linewidth": 0}
            axes.bar(column + 0.5, len(values), width=1, **fill)


def short(value: float) -> str:
    """Return a number in a form that fits into a cell."""
    return f"{value:.2f}".lstrip("0") if 0 <= value < 1 else f"{value:.2g}".replace("e+0", "e")
