"""Figure 10: the map of empty capacity, province by province, at six dates."""

import numpy as np
import pandas as pd

from bubble_abm.economy.outside import label, month_number
from bubble_abm.economy.provinces import PROVINCES
from bubble_abm.engine.tiles import COLUMNS, ROWS, TILES
from bubble_abm.observe.monthly import unpack_table
from bubble_abm.paper.captions import Needs, Sentence
from bubble_abm.paper.figures import PaperFigure
from bubble_abm.paper.plots.paper import paper
from bubble_abm.style.figure import BLACK, LIGHT, PALE, number

DATES = ("2023-12", "2024-06", "2024-12", "2025-06", "2025-12", "2026-06")
HUBS = [place.name for place in PROVINCES if place.hub]


def tables(anatomy):
    series = anatomy.series[anatomy.series["shock"]]
    dates = [month_number(date) for date in DATES if month_number(date) < anatomy.experiment.months]
    cells = unpack_table(series[series["month"].isin(dates)], "provinces", ["seed", "month"])
    wide = cells.pivot_table(index=["month", "column", "seed"], columns="row", values="value")
    idle = (wide["gpus_installed_new"] - wide["gpus_leased_new"]).groupby(level=[0, 1])
    sums = wide.groupby(level=[0, 1]).sum()
    found = pd.DataFrame({
        "n": idle.size(), "idle_gpus": idle.mean(), "idle_low": idle.quantile(0.05), "idle_high": idle.quantile(0.95),
        "idle_share": (1 - sums["gpus_leased_new"] / sums["gpus_installed_new"].where(sums["gpus_installed_new"] > 0)),
        "subsidy": wide["subsidy"].groupby(level=[0, 1]).mean(),
    })  # fmt: skip
    return {"provinces": found.reset_index().rename(columns={"column": "province"})}


def draw(tables, anatomy):
    table = tables["provinces"]
    most = float(table["idle_gpus"].max())
    note = (
        f"n = {int(table['n'].min())} seeds. Area of the inner square: new GPUs that are not leased, mean over seeds "
        f"(the largest: {number(most)}; the 90 % interval over seeds is in the table). Shade: their share of the new "
        "capacity in the province. Thick frame: near the users of inference. One tile for each province, at its "
        "approximate position; letters of ISO 3166-2."
    )
    with paper("Where the new capacity stands empty", note, 4.1) as figure:
        panels = figure.subplots(2, 3).ravel()
        months = sorted(table["month"].unique())
        for axes, month in zip(panels, months):
            mesh = draw_map(axes, table[table["month"] == month], most)
            total = table[table["month"] == month]["idle_gpus"].sum()
            axes.set_title(f"{label(int(month))}: {total / 1e3:.1f} thousand idle", loc="left", fontsize=8)
        for axes in panels[len(months) :]:
            axes.axis("off")
        figure.colorbar(mesh, ax=list(panels), shrink=0.6, aspect=24, pad=0.01, label="share of new capacity idle")
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
        side = 0.68 * np.sqrt(max(line["idle_gpus"], 0.0) / most)
        share = line["idle_share"]
        if side > 0 and share == share:
            corner = (column + 0.95 - side, row + 0.95 - side)
            axes.add_patch(Rectangle(corner, side, side, facecolor=mesh.to_rgba(share), linewidth=0, zorder=4))
        looks = {"fontsize": 4.6, "color": BLACK, "zorder": 5}
        axes.text(column + 0.08, row + 0.07, letters, ha="left", va="top", **looks)
    return mesh


def caption(tables, anatomy):
    table = tables["provinces"]
    worst = int(table.groupby("month")["idle_gpus"].sum().idxmax())
    then = table[table["month"] == worst].set_index("province")
    hub = then.loc[then.index.isin(HUBS)]
    rest = then.loc[~then.index.isin(HUBS)]
    order = then["idle_gpus"].nlargest(3)
    span = then["idle_share"].max() - then["idle_share"].min()
    return [
        Sentence(
            f"Of the dates shown, most capacity is idle in {label(worst)}: {then['idle_gpus'].sum() / 1e3:.0f} "
            f"thousand GPUs, the largest numbers in {order.index[0]}, {order.index[1]} and {order.index[2]}."
        ),
        Sentence(
            f"Idle capacity is not confined to the interior: {hub['idle_share'].mean():.0%} of the new capacity is "
            f"idle in an average province near the users, {rest['idle_share'].mean():.0%} in the others, and no two "
            f"provinces differ by more than {100 * span:.0f} points.",
            [Needs("idle share near the users", hub["idle_share"].mean(), least=0.4),
             Needs("largest difference between provinces", span, most=0.5)],
            full=True,
        ),
    ]  # fmt: skip


FIGURE = PaperFigure(
    title="Where the new capacity stands empty", experiments=("e08_anatomy",), tables=tables, draw=draw, caption=caption
)
