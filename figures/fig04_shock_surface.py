"""Figure 4: the surface of the shock, efficiency by openness by timing, and what becomes of the bubble."""

import numpy as np
import pandas as pd

from bubble_abm.calendar import label
from bubble_abm.captions import Needs, Sentence
from bubble_abm.figures import PaperFigure
from bubble_abm.plots.paper import paper
from bubble_abm.plots.style import BLACK, INK
from bubble_abm.verdict import ATTRIBUTIONS, AVERTED, ENDOGENOUS, HASTENED, LATE, POPPED, SURVIVED

EFFICIENCY, OPENNESS, MONTH = "shock_efficiency", "shock_openness", "shock_month"
KINDS = {  # what became of the bubble: verdicts, letter
    "popped by the shock": ((POPPED, LATE), "P"),
    "hastened by it": ((HASTENED,), "H"),
    "endogenous": ((ENDOGENOUS,), "E"),
    "survived": ((SURVIVED, AVERTED), "S"),
}


def tables(surface):
    runs = surface.runs
    shares = pd.DataFrame({
        kind: runs["verdict"].isin(verdicts) for kind, (verdicts, *_) in KINDS.items()
    }).astype(float)  # fmt: skip
    points = [MONTH, EFFICIENCY, OPENNESS]
    table = shares.groupby([runs[name] for name in points]).mean()
    table.insert(0, "n", runs.groupby(points).size())
    effect = runs.groupby(points)[["idle_share_effect", "pop_month_effect"]].agg(["mean", "sem"])
    effect.columns = ["_".join(pair) for pair in effect.columns]
    return {"surface": pd.concat([table, effect], axis=1).reset_index()}


def draw(tables, surface):
    table = tables["surface"]
    months = sorted(table[MONTH].unique())
    n = int(table["n"].min())
    note = (
        f"n = {n} seeds a cell, each with its twin. Shade: share of runs that the shock pops or hastens; a share of so "
        f"many seeds is known to \N{PLUS-MINUS SIGN}{1.96 * np.sqrt(0.25 / n):.2f} or better (95 % interval). Letter: "
        "the most frequent verdict (P popped by the shock, H hastened by it, E endogenous: ends by itself, no later "
        "without, S survived), small where it holds in under four of five seeds. Thick lines: where the "
        "verdict changes."
    )
    with paper("What a shock does, by its efficiency, openness and date", note, 2.5) as figure:
        panels = figure.subplots(1, len(months), sharey=True, squeeze=False)[0]
        for axes, month in zip(panels, months):
            mesh = draw_panel(axes, table[table[MONTH] == month])
            axes.set_title(f"shock in {label(int(month))}", loc="left", fontsize=7.5)
        panels[0].set_ylabel("openness: share of adopters that\nstop pre-training", fontsize=7.5)
        panels[len(panels) // 2].set_xlabel("efficiency: training compute before / after [ratio]", fontsize=7.5)
        figure.colorbar(
            mesh, ax=list(panels), shrink=0.85, aspect=22, pad=0.01, label="share popped or hastened\nby the shock"
        )
    return figure


def draw_panel(axes, table):
    kinds = list(KINDS)
    grid = table.set_index([OPENNESS, EFFICIENCY]).sort_index()
    caused = (grid["popped by the shock"] + grid["hastened by it"]).unstack()
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
    """How far the share that the shock pops or hastens moves with one lever, on average over the rest."""
    real = table[table[EFFICIENCY] > 1]
    other = OPENNESS if lever == EFFICIENCY else EFFICIENCY
    caused = real["popped by the shock"] + real["hastened by it"]
    groups = caused.groupby([real[MONTH], real[other]])
    return float((groups.max() - groups.min()).mean())


def caption(tables, surface):
    table = tables["surface"]
    neutral = table[(table[EFFICIENCY] == 1)]
    months = sorted(table[MONTH].unique())
    first, last = table[table[MONTH] == months[0]], table[table[MONTH] == months[-1]]
    early, late = (part["endogenous"].mean() for part in (first, last))
    return [
        Sentence(
            f"{len(table)} shocks of {int(table['n'].min())} seeds each, from {label(int(months[0]))} to "
            f"{label(int(months[-1]))}."
        ),
        Sentence(
            f"A shock in {label(int(months[-1]))} finds a bubble that ends by itself in {late:.0%} of the runs; one in "
            f"{label(int(months[0]))} does so in {early:.0%}, and pops or hastens it in "
            f"{(first['popped by the shock'] + first['hastened by it']).mean():.0%}.",
        ),
        Sentence(
            f"Where the shock counts it hastens an end that comes anyway: alone it pops at most "
            f"{table['popped by the shock'].max():.0%} of the runs of a cell, and at most "
            f"{table['survived'].max():.0%} "
            "survive; openness moves the boundary more than efficiency does.",
            [Needs("range over openness less that over efficiency", span(table, OPENNESS) - span(table, EFFICIENCY),
                   least=0.0),
             Needs("largest share popped by the shock alone", table["popped by the shock"].max(), most=0.5),
             Needs("largest share that survives", table["survived"].max(), most=0.5)],
            full=True,
        ),
        Sentence(
            "Without a gain in efficiency the shock does nothing at all.",
            [Needs("largest effect at efficiency 1", neutral["idle_share_effect_mean"].abs().max(), most=0.0)],
        ),
    ]  # fmt: skip


FIGURE = PaperFigure(
    title="What a shock does, by its efficiency, openness and date", experiments=("e02_shock_surface",), tables=tables,
    draw=draw, caption=caption,
)  # fmt: skip

assert set(ATTRIBUTIONS) == {verdict for verdicts, *_ in KINDS.values() for verdict in verdicts}
