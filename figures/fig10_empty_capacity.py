"""Figure 10: where capacity stands empty, a map at four dates and every seed of every province at the worst of them."""

import numpy as np
import pandas as pd

from bubble_abm.economy.outside import label, month_number
from bubble_abm.economy.provinces import PROVINCES
from bubble_abm.engine.tiles import COLUMNS, ROWS, TILES
from bubble_abm.observe.monthly import unpack_table
from bubble_abm.observe.seeds import reach
from bubble_abm.paper.captions import Needs, Sentence, first_true
from bubble_abm.paper.figures import PaperFigure
from bubble_abm.paper.plots.paper import paper
from bubble_abm.style.figure import BLACK, BLUE, INK, LIGHT, PALE, number

DATES = ("2023-12", "2024-12", "2025-12", "2026-12")
HUBS = [place.name for place in PROVINCES if place.hub]
TOPIC = "Where the new capacity stands empty"


def tables(anatomy):
    series = anatomy.series[anatomy.series["shock"]]
    dates = [month_number(date) for date in DATES if month_number(date) < anatomy.experiment.months]
    cells = unpack_table(series[series["month"].isin(dates)], "provinces", ["seed", "month"])
    wide = cells.pivot_table(index=["month", "column", "seed"], columns="row", values="value")
    each = wide["gpus_installed_new"] - wide["gpus_leased_new"]
    idle = each.groupby(level=[0, 1])
    sums = wide.groupby(level=[0, 1]).sum()
    width = reach(idle.std(ddof=1), idle.size()).fillna(0.0)
    found = pd.DataFrame({
        "n": idle.size(), "idle_gpus": idle.mean(), "idle_low": idle.mean() - width, "idle_high": idle.mean() + width,
        "idle_share": (1 - sums["gpus_leased_new"] / sums["gpus_installed_new"].where(sums["gpus_installed_new"] > 0)),
        "subsidy": wide["subsidy"].groupby(level=[0, 1]).mean(),
    })  # fmt: skip
    provinces = found.reset_index().rename(columns={"column": "province"})
    seeds = each.loc[worst(provinces)].rename("idle_gpus").reset_index().rename(columns={"column": "province"})
    return {"provinces": provinces, "seeds": seeds}


def worst(provinces):
    """Month in which the sum of idle GPUs is the largest."""
    return int(provinces.groupby("month")["idle_gpus"].sum().idxmax())


def message(tables):
    table = tables["provinces"]
    month = worst(table)
    then = table[table["month"] == month].set_index("province")
    inland = then[~then.index.isin(HUBS)]["idle_gpus"].sum() / then["idle_gpus"].sum()
    first, second = then["idle_gpus"].nlargest(2).index
    gap = then.loc[first, "idle_low"] - then.loc[second, "idle_high"]
    return first_true(
        [
            Sentence(
                f"Most of what stands empty in {label(month)}, {inland:.0%}, is in provinces away from the users",
                [Needs("share of idle capacity that is not near the users", inland, least=0.55)],
            ),
            Sentence(
                f"Most of what stands empty in {label(month)}, {1 - inland:.0%}, is in provinces near the users",
                [Needs("share of idle capacity that is near the users", 1 - inland, least=0.55)],
            ),
            Sentence(
                f"In {label(month)} most capacity is idle in {first}",
                [Needs("its interval above that of the next [GPU]", gap, least=0.0)],
            ),
        ],
        TOPIC,
    )


def draw(tables, anatomy):
    table, seeds = tables["provinces"], tables["seeds"]
    most = float(table["idle_gpus"].max())
    months = sorted(table["month"].unique())
    note = (
        f"n = {int(table['n'].min())} seeds. Maps: one tile for each province at its approximate position, letters of "
        "ISO 3166-2; area of the inner square: new GPUs that are not leased, mean over seeds (the largest: "
        f"{number(most)}); shade: their share of the new capacity in the province; thick frame, bold name: near the "
        "users of inference. e: a dot for each seed, the mean as a line, its 95 % interval (Student's t) as a bar."
    )
    with paper(message(tables), note, 4.6) as figure:
        left, right = figure.subfigures(1, 2, width_ratios=[1.75, 1.0])
        panels = left.subplots(2, 2).ravel()
        for letter, axes, month in zip("abcd", panels, months):
            mine = table[table["month"] == month]
            mesh = draw_map(axes, mine, most)
            title = f"{label(int(month))}: {mine['idle_gpus'].sum() / 1e3:.1f} thousand idle"
            axes.set_title(f"{letter}  {title}", loc="left", fontsize=8, fontweight="bold")
        for axes in panels[len(months) :]:
            axes.axis("off")
        bar = left.colorbar(mesh, ax=list(panels), location="bottom", shrink=0.6, aspect=30, pad=0.01)
        bar.set_label("share of new capacity idle", fontsize=7)
        bar.ax.tick_params(labelsize=6.5)
        draw_strip(right.subplots(), table[table["month"] == worst(table)], seeds)
    return figure


def draw_map(axes, table, most):
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize
    from matplotlib.patches import Rectangle

    mesh = ScalarMappable(Normalize(0, 1), "cividis_r")
    axes.set(xlim=(0, COLUMNS), ylim=(ROWS + 0.1, -0.1), aspect="equal")
    axes.axis("off")
    for line in table.to_dict("records"):
        column, row, letters = TILES[line["province"]]
        hub = line["province"] in HUBS
        frame = {"facecolor": PALE, "edgecolor": BLACK if hub else LIGHT, "linewidth": 0.9 if hub else 0.6}
        axes.add_patch(Rectangle((column + 0.04, row + 0.04), 0.92, 0.92, zorder=2 + hub, **frame))
        side = 0.62 * np.sqrt(max(line["idle_gpus"], 0.0) / most)
        share = line["idle_share"]
        if side > 0 and share == share:
            corner = (column + 0.95 - side, row + 0.95 - side)
            axes.add_patch(Rectangle(corner, side, side, facecolor=mesh.to_rgba(share), linewidth=0, zorder=4))
        looks = {"fontsize": 6, "color": BLACK, "zorder": 5}
        axes.text(column + 0.08, row + 0.06, letters, ha="left", va="top", **looks)
    return mesh


def draw_strip(axes, table, seeds):
    """Idle GPUs of each province, one dot a seed, the largest mean on top."""
    order = table.sort_values("idle_gpus", ascending=False, kind="stable").reset_index(drop=True)
    places = dict(zip(order["province"], order.index))
    axes.plot(seeds["idle_gpus"] / 1e3, seeds["province"].map(places), linestyle="none", marker="o", markersize=2,
              color=INK, markeredgewidth=0, zorder=4, gid="seeds")  # fmt: skip
    ends = np.clip([order["idle_gpus"] - order["idle_low"], order["idle_high"] - order["idle_gpus"]], 0, None) / 1e3
    axes.errorbar(order["idle_gpus"] / 1e3, order.index, xerr=ends, linestyle="none", marker="|", markersize=5,
                  color=BLUE, elinewidth=1.0, zorder=3)  # fmt: skip
    names = [f"{name} {TILES[name].letters}" for name in order["province"]]
    axes.set_yticks(range(len(names)), names, fontsize=6)
    for name, text in zip(order["province"], axes.get_yticklabels()):
        text.set(fontweight="bold" if name in HUBS else "normal", color=BLACK if name in HUBS else INK)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0, pad=1)
    axes.tick_params(axis="x", labelsize=6.5)
    axes.grid(axis="x")
    axes.spines["left"].set_visible(False)
    month = int(table["month"].iloc[0])
    axes.set_title(f"e  {label(month)}, seed by seed", loc="left", fontsize=8, fontweight="bold")
    axes.set_xlabel("idle [thousand GPUs]", fontsize=7)


def caption(tables, anatomy):
    table = tables["provinces"]
    month = worst(table)
    then = table[table["month"] == month].set_index("province")
    hub = then.loc[then.index.isin(HUBS)]
    rest = then.loc[~then.index.isin(HUBS)]
    order = then["idle_gpus"].nlargest(3)
    span = then["idle_share"].max() - then["idle_share"].min()
    return [
        Sentence(
            f"Of the dates shown, most capacity is idle in {label(month)}: {then['idle_gpus'].sum() / 1e3:.0f} "
            f"thousand GPUs, the largest numbers in {order.index[0]}, {order.index[1]} and {order.index[2]}.",
            [Needs("idle in the third over the fourth", order.iloc[2] / then["idle_gpus"].nlargest(4).iloc[3],
                   least=1.0),
             Needs("dates shown", table["month"].nunique(), least=2)],
        ),
        Sentence(
            f"Idle capacity is not confined to the interior: {hub['idle_share'].mean():.0%} of the new capacity is "
            f"idle in an average province near the users, {rest['idle_share'].mean():.0%} in the others, and the "
            f"means over seeds of no two provinces differ by more than {100 * span:.0f} points.",
            [Needs("idle share near the users", hub["idle_share"].mean(), least=0.4),
             Needs("largest difference between provinces", span, most=0.5)],
            full=True,
        ),
    ]  # fmt: skip


FIGURE = PaperFigure(
    title=TOPIC, experiments=("e08_anatomy",), tables=tables, draw=draw, caption=caption, message=message,
    seen="Four maps of the provinces as tiles, and a strip with a dot for each seed of each province.",
)  # fmt: skip
