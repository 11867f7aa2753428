"""Figure 4: what a shock does to the bubble, by its efficiency, openness and date, in three worlds."""

import numpy as np
import pandas as pd

from bubble_abm.economy.outside import label
from bubble_abm.observe.verdict import (
    ATTRIBUTIONS,
    AVERTED,
    CAUSED,
    DELAYED,
    ENDOGENOUS,
    HASTENED,
    SURVIVED,
    UNDECIDED,
)
from bubble_abm.paper.captions import Needs, Sentence, first_true
from bubble_abm.paper.figures import PaperFigure
from bubble_abm.paper.plots.paper import mean_table, paper
from bubble_abm.style.figure import BLACK, INK, number, readable

WORLD, EFFICIENCY, OPENNESS, MONTH = "scenario", "shock_efficiency", "shock_openness", "shock_month"
KINDS = {  # what became of the bubble: verdict
    "caused by the shock": CAUSED, "hastened by it": HASTENED, "undecided by date": UNDECIDED,
    "endogenous": ENDOGENOUS, "delayed by it": DELAYED, "survived": SURVIVED, "averted by it": AVERTED,
}  # fmt: skip
SHADED = ["caused by the shock", "hastened by it"]
EFFECTS = ("pop_month_effect", "idle_share_effect")
MOVED = "pop_month_effect_mean"
CONTOURS = {0.5: "solid", 0.9: "dashed"}  # share of runs that pop: line
TOPIC = "What a shock does, by its efficiency, openness and date"


def tables(surface):
    runs = surface.runs
    shares = pd.DataFrame({
        kind: runs["verdict"] == verdict for kind, verdict in KINDS.items()
    }).astype(float)  # fmt: skip
    points = [WORLD, MONTH, EFFICIENCY, OPENNESS]
    table = shares.groupby([runs[name] for name in points], sort=False).mean()
    table.insert(0, "n", runs.groupby(points, sort=False).size())
    table["popped"] = runs.groupby(points, sort=False)["popped"].mean()
    parts = [table]
    for name in EFFECTS:
        found = mean_table(runs, name, points).set_index(points)[["mean", "low", "high"]]
        parts.append(found.add_prefix(f"{name}_"))
    return {"surface": pd.concat(parts, axis=1).reset_index()}


def message(tables):
    table = tables["surface"]
    real = table[table[EFFICIENCY] > 1]
    first, *_, last = sorted(table[MONTH].unique())
    early, late = (-real[real[MONTH] == month][MOVED].mean() for month in (first, last))
    most = -real[MOVED].min()
    closed, open_ = (real[real[OPENNESS] == end][MOVED].mean() for end in
                     (real[OPENNESS].min(), real[OPENNESS].max()))  # fmt: skip
    return first_true(
        [
            Sentence(
                f"An open shock ends the boom, {-open_:.0f} months sooner on average; one that few can copy does not",
                [Needs("months sooner at the highest openness", -open_, least=3.0),
                 Needs("months sooner at the lowest", -closed, most=0.5)],
            ),
            Sentence(
                f"The earlier a shock, the sooner it ends the boom: {early:.1f} months sooner in {label(int(first))}, "
                f"{in_months(late)} in {label(int(last))}",
                [Needs("months by which the first shocks hasten the pop", early, least=1.0),
                 Needs("the first shocks less the last", early - late, least=0.5)],
            ),
            Sentence(
                f"No shock moves the pop by more than {max(most, real[MOVED].max()):.0f} months on average",
                [Needs("months moved at most", max(most, real[MOVED].max()), most=6.0)],
            ),
            Sentence(
                f"A shock that few can copy puts the pop off, by {closed:.1f} months; one that is open does not",
                [Needs("months later at the lowest openness", closed, least=1.0),
                 Needs("months later at the highest", open_, most=0.5)],
            ),
        ],
        TOPIC,
    )  # fmt: skip


def in_months(value):
    """Months sooner, or later if negative."""
    return f"{abs(value):.1f} {'sooner' if value >= 0 else 'later'}"


def draw(tables, surface):
    table = tables["surface"]
    months, worlds = sorted(table[MONTH].unique()), list(surface.experiment.scenarios)
    most = float(np.ceil(table[MOVED].abs().max())) or 1.0
    width = (table[f"{MOVED.removesuffix('_mean')}_high"] - table[f"{MOVED.removesuffix('_mean')}_low"]) / 2
    note = (
        f"n = {int(table['n'].min())} seeds a cell, each with its twin. Shade: months by which the shock moves the "
        "pop, mean over seeds; a run without a pop counts with its length. Dot: the 95 % interval (Student's t) "
        f"contains zero; its half-width is {number(width.median())} months in the median cell and "
        f"{number(width.max())} in the widest. Contours: half, and nine tenths, of the runs with the shock pop "
        "(share over all cells in "
        f"brackets). Worlds: {'; '.join(in_words(surface, world) for world in worlds)}."
    )
    with paper(message(tables), note, 0.5 + 1.8 * len(worlds)) as figure:
        grid = figure.subplots(len(worlds), len(months), sharex=True, sharey=True, squeeze=False)
        for row, world in zip(grid, worlds):
            mine = table[table[WORLD] == world]
            for axes, month in zip(row, months):
                mesh = draw_panel(axes, mine[mine[MONTH] == month], most)
            row[0].set_ylabel("openness: adopters that\nstop pre-training [share]", fontsize=7)
            above = {"xycoords": "axes fraction", "xytext": (0, 15 if world == worlds[0] else 3), "va": "bottom"}
            words = f"{world} ({mine['popped'].mean():.0%} pop)"
            name = row[0].annotate(words, (0, 1), textcoords="offset points", fontsize=7.5, fontweight="bold", **above)
            name.set_in_layout(False)  # it may be wider than its panel
        figure.get_layout_engine().set(hspace=0.09)
        for axes, month in zip(grid[0], months):
            axes.set_title(f" \nshock in {label(int(month))}", loc="left", fontsize=7, pad=4)
        grid[-1][len(months) // 2].set_xlabel("efficiency: training compute before / after [ratio]", fontsize=7.5)
        words = "pop moved by [months]: earlier \N{LEFTWARDS ARROW}   \N{RIGHTWARDS ARROW} later"
        figure.colorbar(mesh, ax=grid, shrink=0.7, aspect=36, pad=0.01, label=words)
    return figure


def in_words(surface, world):
    """Describe how a world differs from the standard one."""
    values = surface.experiment.scenarios[world]
    return f"{world}: {', '.join(f'{readable(name)} {value:g}' for name, value in values.items()) or 'no change'}"


def draw_panel(axes, table, most):
    grid = table.set_index([OPENNESS, EFFICIENCY]).sort_index()
    moved, popped = (grid[name].unstack() for name in (MOVED, "popped"))
    looks = {"cmap": "PuOr", "vmin": -most, "vmax": most, "edgecolors": "white", "linewidth": 0.3}
    mesh = axes.pcolormesh(moved.to_numpy(), **looks)
    name = MOVED.removesuffix("_mean")
    unsure = ((grid[f"{name}_low"] <= 0) & (grid[f"{name}_high"] >= 0)).unstack().to_numpy()
    rows, columns = np.nonzero(unsure)
    axes.plot(columns + 0.5, rows + 0.5, linestyle="none", marker="o", markersize=1.6, color=INK, gid="unsure")
    shares = popped.to_numpy()
    for level, dashes in CONTOURS.items():
        if min(shares.shape) > 1 and shares.min() < level < shares.max():
            places = np.arange(shares.shape[1]) + 0.5, np.arange(shares.shape[0]) + 0.5
            lines = axes.contour(*places, shares, levels=[level], colors=[BLACK], linestyles=[dashes], linewidths=1.2)
            axes.clabel(lines, fmt=lambda share: f"{share:.0%}", fontsize=6, inline_spacing=1)
    axes.set_xticks(np.arange(moved.shape[1]) + 0.5, [f"{value:g}" for value in moved.columns], fontsize=6)
    axes.set_yticks(np.arange(moved.shape[0]) + 0.5, [f"{value:g}" for value in moved.index], fontsize=6.5)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    return mesh


def span(table, lever):
    """Range over one lever of the share of runs whose pop the shock causes or hastens, averaged over all else."""
    real = table[table[EFFICIENCY] > 1]
    other = OPENNESS if lever == EFFICIENCY else EFFICIENCY
    caused = real[SHADED].sum(axis=1)
    groups = caused.groupby([real[WORLD], real[MONTH], real[other]])
    return float((groups.max() - groups.min()).mean())


def caption(tables, surface):
    table = tables["surface"]
    worlds = list(surface.experiment.scenarios)
    neutral, real = table[table[EFFICIENCY] == 1], table[table[EFFICIENCY] > 1]
    months = sorted(table[MONTH].unique())
    first, last = label(int(months[0])), label(int(months[-1]))
    standard, half, faster = worlds
    usual = real[real[WORLD] == standard]
    sooner = {month: -usual[usual[MONTH] == month][MOVED].mean() for month in months}
    open_, closed = (-usual[usual[OPENNESS] == end][MOVED].mean() for end in
                     (usual[OPENNESS].max(), usual[OPENNESS].min()))  # fmt: skip
    ends = surface.runs.groupby(WORLD)["pop_month_without_shock"].mean()
    decided = real[real[WORLD] == half][["caused by the shock", "averted by it"]].to_numpy().max()
    popped = real[real[WORLD] == faster]["popped"].mean()
    over_openness, over_efficiency = span(table, OPENNESS), span(table, EFFICIENCY)
    return [
        Sentence(
            f"In the standard world the most open shock ends bubbles {open_:.0f} months sooner, one that nobody copies "
            f"{in_months(closed)}. The date matters less: {sooner[months[0]]:.1f} months on average in {first}, "
            f"{sooner[months[-1]]:.1f} in {last}.",
            [Needs("months sooner with the most open shock", open_, least=3),
             Needs("months sooner with a closed one", closed, most=0.5),
             Needs("span over openness less that over dates", open_ - closed - np.ptp(list(sooner.values())), least=3)],
            full=True,
        ),
        Sentence(
            "Where competitors' plans are half seen, bubbles without a shock last "
            f"{ends[half] - ends[standard]:.0f} months longer, and the shock decides whether they pop in up to "
            f"{decided:.0%} of the runs of a cell. If demand also grows faster, hardly any pops, whatever the shock "
            f"({popped:.1%} of the runs).",
            [Needs("months longer, competition half seen", ends[half] - ends[standard], least=3),
             Needs("share decided by the shock in a cell", decided, least=0.1),
             Needs("share of the runs that pop, demand faster", popped, most=0.05)],
            full=True,
        ),
        Sentence(
            "Among shocks that make training cheaper, openness matters more than efficiency: over the openness that is "
            "shown, the share of bubbles that the shock causes or hastens spans "
            f"{100 * over_openness:.0f} points on average, over the efficiency {100 * over_efficiency:.0f}. Without a "
            "gain in efficiency the shock has no effect at all.",
            [Needs("range over openness less that over efficiency", over_openness - over_efficiency, least=0.0),
             Needs("largest effect at efficiency 1", neutral["idle_share_effect_mean"].abs().max(), most=0.0)],
            full=True,
        ),
        Sentence(
            f"{len(table)} shocks with {int(table['n'].min())} seeds each; the {len(worlds)} worlds differ in what "
            "investors see of each other's plans and in the growth of demand.",
            [Needs("worlds", len(worlds), least=3, most=3)],
        ),
    ]  # fmt: skip


FIGURE = PaperFigure(
    title=TOPIC, experiments=("e02_shock_surface",), tables=tables, draw=draw, caption=caption, message=message,
    seen="Maps of efficiency and openness, one for each date and world, shaded by the months that the pop moves.",
)  # fmt: skip

assert set(ATTRIBUTIONS) == set(KINDS.values())
