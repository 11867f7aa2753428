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
from bubble_abm.paper.captions import Needs, Sentence
from bubble_abm.paper.figures import PaperFigure
from bubble_abm.paper.plots.paper import paper
from bubble_abm.style.figure import BLACK, INK, readable

WORLD, EFFICIENCY, OPENNESS, MONTH = "scenario", "shock_efficiency", "shock_openness", "shock_month"
KINDS = {  # what became of the bubble: verdict, letter
    "caused by the shock": (CAUSED, "C"),
    "hastened by it": (HASTENED, "H"),
    "undecided by date": (UNDECIDED, "U"),
    "endogenous": (ENDOGENOUS, "E"),
    "delayed by it": (DELAYED, "D"),
    "survived": (SURVIVED, "S"),
    "averted by it": (AVERTED, "A"),
}
SHADED = ["caused by the shock", "hastened by it"]


def tables(surface):
    runs = surface.runs
    shares = pd.DataFrame({
        kind: runs["verdict"] == verdict for kind, (verdict, _) in KINDS.items()
    }).astype(float)  # fmt: skip
    points = [WORLD, MONTH, EFFICIENCY, OPENNESS]
    table = shares.groupby([runs[name] for name in points], sort=False).mean()
    table.insert(0, "n", runs.groupby(points, sort=False).size())
    effect = runs.groupby(points, sort=False)[["idle_share_effect", "pop_month_effect"]].agg(["mean", "sem"])
    effect.columns = ["_".join(pair) for pair in effect.columns]
    return {"surface": pd.concat([table, effect], axis=1).reset_index()}


def draw(tables, surface):
    table = tables["surface"]
    months, worlds = sorted(table[MONTH].unique()), list(surface.experiment.scenarios)
    n = int(table["n"].min())
    note = (
        f"n = {n} seeds a cell, each with its twin. Shade: share of runs whose pop the shock causes or hastens; a "
        f"share of so many seeds is known to \N{PLUS-MINUS SIGN}{1.96 * np.sqrt(0.25 / n):.2f} or better (95 % "
        "interval). Letter: the most frequent verdict (C caused by the shock, H hastened, U undecided: in its month or "
        "the one before, E endogenous, D delayed, S survived, A averted), small if fewer than four of five have it. "
        f"Thick lines: boundaries between verdicts. Worlds: {'; '.join(in_words(surface, world) for world in worlds)}."
    )
    with paper("What a shock does, by its efficiency, openness and date", note, 0.5 + 1.8 * len(worlds)) as figure:
        grid = figure.subplots(len(worlds), len(months), sharex=True, sharey=True, squeeze=False)
        for row, world in zip(grid, worlds):
            for axes, month in zip(row, months):
                mesh = draw_panel(axes, table[(table[WORLD] == world) & (table[MONTH] == month)])
            row[0].set_ylabel("openness: adopters that\nstop pre-training [share]", fontsize=7)
            above = {"xycoords": "axes fraction", "xytext": (0, 15 if world == worlds[0] else 3), "va": "bottom"}
            name = row[0].annotate(world, (0, 1), textcoords="offset points", fontsize=7.5, fontweight="bold", **above)
            name.set_in_layout(False)  # it may be wider than its panel
        figure.get_layout_engine().set(hspace=0.09)
        for axes, month in zip(grid[0], months):
            axes.set_title(f" \nshock in {label(int(month))}", loc="left", fontsize=7, pad=4)
        grid[-1][len(months) // 2].set_xlabel("efficiency: training compute before / after [ratio]", fontsize=7.5)
        figure.colorbar(mesh, ax=grid, shrink=0.7, aspect=36, pad=0.01, label="share caused or hastened by the shock")
    return figure


def in_words(surface, world):
    """Describe how a world differs from the standard one."""
    values = surface.experiment.scenarios[world]
    return f"{world}: {', '.join(f'{readable(name)} {value:g}' for name, value in values.items()) or 'no change'}"


def draw_panel(axes, table):
    kinds = list(KINDS)
    grid = table.set_index([OPENNESS, EFFICIENCY]).sort_index()
    caused = grid[SHADED].sum(axis=1).unstack()
    shares = np.stack([grid[kind].unstack().to_numpy() for kind in kinds], axis=-1)
    leading = shares.argmax(axis=-1)
    mesh = axes.pcolormesh(caused.to_numpy(), cmap="Blues", vmin=0, vmax=1, edgecolors="white", linewidth=0.3)
    for (row, column), kind in np.ndenumerate(leading):
        sure = shares[row, column, kind] >= 0.8
        dark = caused.to_numpy()[row, column] > 0.6
        looks = {"fontsize": 6.8, "fontweight": "bold"} if sure else {"fontsize": 5}
        colour = "white" if dark else BLACK if sure else INK
        axes.text(
            column + 0.5, row + 0.5, KINDS[kinds[kind]][1], ha="center", va="center_baseline", color=colour, **looks
        )
    draw_boundary(axes, leading)
    axes.set_xticks(np.arange(caused.shape[1]) + 0.5, [f"{value:g}" for value in caused.columns], fontsize=6)
    axes.set_yticks(np.arange(caused.shape[0]) + 0.5, [f"{value:g}" for value in caused.index], fontsize=6.5)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    return mesh


def draw_boundary(axes, leading):
    """A thick line between neighbouring cells with different verdicts."""
    rows, columns = leading.shape
    for row in range(rows):
        for column in range(columns):
            if column + 1 < columns and leading[row, column] != leading[row, column + 1]:
                axes.plot([column + 1, column + 1], [row, row + 1], color=BLACK, linewidth=1.5, zorder=4)
            if row + 1 < rows and leading[row, column] != leading[row + 1, column]:
                axes.plot([column, column + 1], [row + 1, row + 1], color=BLACK, linewidth=1.5, zorder=4)


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
    hastened = {
        (world, month): real[(real[WORLD] == world) & (real[MONTH] == month)][SHADED].sum(axis=1).mean()
        for world in worlds
        for month in months
    }
    standard, later, faster = worlds
    lasting, ending = real[real[WORLD] == faster], real[real[WORLD] != faster]
    decided = ending[["caused by the shock", "averted by it"]].to_numpy().max()
    popped, averted = lasting["caused by the shock"], lasting["averted by it"]
    open_, closed = (lasting[lasting[OPENNESS] == end]["averted by it"].mean() for end in
                     (lasting[OPENNESS].max(), lasting[OPENNESS].min()))  # fmt: skip
    ends = surface.runs.groupby(WORLD)["pop_month_without_shock"].mean()
    return [
        Sentence(
            f"In the standard world a shock that makes training cheaper in {first} causes or hastens the end of "
            f"{hastened[standard, months[0]]:.0%} of the bubbles, averaged over its efficiency and openness, one in "
            f"{last} {hastened[standard, months[-1]]:.0%}: by then they have ended by themselves.",
            [Needs("difference between first and last date, standard",
                   hastened[standard, months[0]] - hastened[standard, months[-1]], least=0.3)],
            full=True,
        ),
        Sentence(
            f"Where investors see half of the competition, bubbles last {ends[later] - ends[standard]:.0f} months "
            f"longer without a shock, and even one in {last} hastens the end of {hastened[later, months[-1]]:.0%}; but "
            f"in neither world does the shock decide whether a bubble pops in more than {decided:.0%} of the runs of a "
            "cell.",
            [Needs("months that bubbles last longer", ends[later] - ends[standard], least=3),
             Needs("caused at the last date, half seen less standard",
                   hastened[later, months[-1]] - hastened[standard, months[-1]], least=0.1),
             Needs("share caused by the shock, or averted, in both worlds", decided, most=0.25)],
            full=True,
        ),
        Sentence(
            f"If demand also grows faster, some booms would survive, and a shock can pop these (in up to "
            f"{popped.max():.0%} of the runs of a cell); but a shock that nobody can copy tends to avert the pop "
            f"({closed:.0%} of the runs at the lowest openness, {open_:.0%} at the highest).",
            [Needs("largest share caused by the shock", popped.max(), least=0.1),
             Needs("averted at the lowest openness less at the highest", closed - open_, least=0.1),
             Needs("largest share averted", averted.max(), least=0.2)],
            full=True,
        ),
        Sentence(
            "Openness moves the boundary more than efficiency does; without a gain in efficiency the shock has no "
            "effect at all.",
            [Needs("range over openness less that over efficiency", span(table, OPENNESS) - span(table, EFFICIENCY),
                   least=0.0),
             Needs("largest effect at efficiency 1", neutral["idle_share_effect_mean"].abs().max(), most=0.0)],
            full=True,
        ),
        Sentence(
            f"{len(table)} shocks with {int(table['n'].min())} seeds each; the three worlds differ in what investors "
            "see of each other's plans and in the growth of demand."
        ),
    ]  # fmt: skip


FIGURE = PaperFigure(
    title="What a shock does, by its efficiency, openness and date", experiments=("e02_shock_surface",), tables=tables,
    draw=draw, caption=caption,
)  # fmt: skip

assert set(ATTRIBUTIONS) == {verdict for verdict, _ in KINDS.values()}
