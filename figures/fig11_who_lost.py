"""Figure 11: who lost the money, balance sheets of the sectors over time, flows at the peak and at the trough."""

import numpy as np
import pandas as pd

from bubble_abm.economy.accounts import FLOWS, SECTORS, STOCKS
from bubble_abm.economy.outside import label
from bubble_abm.observe.monthly import unpack_table
from bubble_abm.paper.captions import Needs, Sentence
from bubble_abm.paper.figures import PaperFigure
from bubble_abm.paper.plots.paper import grouped, mean_table, panel, paper, timeline, zero_line
from bubble_abm.style.figure import (
    BLACK,
    BLUE,
    GREEN,
    ORANGE,
    PURPLE,
    SKY,
    VERMILION,
    readable,
)  # fmt: skip

BILLION = 1e9
SHEETS = {"operators": "data centres", "startups": "startups", "smugglers": "smugglers"}
COLOURS = {
    "deposits": SKY, "loans": VERMILION, "prepayments": ORANGE, "equity": PURPLE, "venture_claims": "#7B4F9E",
    "unearned_rent": "#C9B458", "chips": "#B8E0D2", "other_capital": BLUE, "circular_stakes": GREEN,
    "fund_stakes": "#5A6B2F",
}  # fmt: skip
# Holders of claims on data centres and startups: what they paid in, what came back, the part of that which others got,
# and the remaining claim.
CLAIMS = {  # each flow with the sector in whose column it is read
    "owners": (
        [("equity", "operators")],
        [("dividends", "operators"), ("liquidation", "operators"), ("state_capital", "households")],
        [("liquidation", "bank")], ("equity", "households"),
    ),
    "bank": (
        [("new_loans", "operators")], [("repayment", "operators"), ("liquidation", "bank")], [], ("loans", "bank"),
    ),
    "venture funds": (
        [("venture_funding", "startups")], [("liquidation", "startups")], [], ("venture_claims", "households"),
    ),
    "governments": (
        [("subsidies", "operators"), ("state_capital", "households"), ("rescues", "operators"),
         ("take_overs", "operators"), ("vouchers", "startups")], [], [], None,
    ),
}  # fmt: skip
LINES = {"owners": VERMILION, "bank": BLUE, "venture funds": GREEN, "governments": BLACK, "prepaid orders": ORANGE}
DASHES = {"owners": "-", "bank": (0, (5, 1.5)), "venture funds": (0, (3, 1, 1, 1)), "governments": (0, (1, 1)),
          "prepaid orders": (0, (6, 2, 1, 2))}  # fmt: skip
QUARTER = 3


def tables(anatomy):
    series = anatomy.series[anatomy.series["shock"]]
    balances = unpack_table(series, "balances", ["seed", "month"])
    flows = unpack_table(series, "flows", ["seed", "month"])
    sheets = balances.groupby(["month", "row", "column"], sort=False)["value"].mean().reset_index()
    return {
        "balances": sheets.rename(columns={"row": "stock", "column": "sector", "value": "mean"}),
        "losses": losses(series, balances, flows),
        "flows": at_turning_points(series, flows),
    }


def losses(series, balances, flows):
    """What each holder of claims paid in, minus what came back and the book value of the remaining claim."""
    paid = flows.pivot_table(index=["seed", "month"], columns=["row", "column"], values="value").abs()
    stock = balances.pivot_table(index=["seed", "month"], columns=["row", "column"], values="value")
    lost = {}
    for holder, (given, returned, others, claim) in CLAIMS.items():
        net = paid[given + others].sum(axis=1) - paid[returned].sum(axis=1)
        net[net.index.get_level_values("month") == 0] = 0.0  # books are compared from the end of the first month
        total = net.groupby("seed").cumsum()
        if claim:
            left = stock[claim]
            total -= left - left.groupby("seed").transform("first")
        lost[holder] = total
    months = series.set_index(["seed", "month"])["prepayments_lost"].sort_index()
    lost["prepaid orders"] = months.groupby("seed").cumsum()
    table = pd.DataFrame(lost).reset_index().melt(["seed", "month"], var_name="holder", value_name="loss")
    return mean_table(table, "loss", ["holder", "month"])


def at_turning_points(series, flows):
    """Flows a month, mean over seeds and a quarter, around the peak of the rent and its trough after it."""
    rent = series.groupby("month")["rent_per_server"].median()
    peak = int(rent.idxmax())
    trough = int(rent.loc[peak:].idxmin())
    found = []
    for name, month in (("peak", peak), ("trough", trough)):
        near = flows[(flows["month"] - month).abs() <= QUARTER // 2]
        mean = near.groupby(["row", "column"], sort=False)["value"].mean().reset_index()
        found.append(mean.assign(point=name, month_of_it=month, n=series["seed"].nunique()))
    return pd.concat(found).rename(columns={"row": "flow", "column": "sector", "value": "mean"})


def draw(tables, anatomy):
    months = anatomy.experiment.months
    seeds = int(tables["losses"]["n"].min())
    note = (
        f"n = {seeds} seeds, means. a to c: assets above zero, liabilities below (hatched); white line: net worth; "
        "dotted: export ban of October 2023, DeepSeek V2, the shock. "
        "d: paid in since January 2023, minus what came back, minus the book value of remaining claims (owners also "
        "get the dividends of incumbent clouds, and capital from the state; the bank's recoveries come after its "
        "write-offs); governments: subsidies, capital, rescues, take-overs; bands: 95 % interval of the mean. e, f: "
        "billion CNY a month over a quarter, received + and paid \N{MINUS SIGN}; rows sum to zero; flows under 20 "
        "million CNY a month are left out; shades end at one billion. There are no facts to compare these with."
    )
    with paper("Who lost the money", note, 6.0) as figure:
        upper, lower = figure.subfigures(2, 1, height_ratios=[1.0, 1.75])
        panels = upper.subplots(1, 4)
        for axes, letter, (sector, name) in zip(panels, "abc", SHEETS.items()):
            panel(axes, letter, name, "billion CNY")
            draw_sheet(axes, tables["balances"], sector)
        panel(panels[3], "d", "losses", "billion CNY")
        draw_losses(panels[3], tables["losses"])
        for axes in panels:
            timeline(axes, months, anatomy.shock_month, names=False)
            axes.set_xticks([0, 24], ["2023", "2025"], ha="left")
            grouped(axes)
        for axes, letter, point in zip(lower.subplots(1, 2, sharey=True), "ef", ("peak", "trough")):
            draw_flows(axes, letter, tables["flows"], point)
    return figure


def draw_sheet(axes, table, sector):
    mine = table[table["sector"] == sector].pivot_table(index="month", columns="stock", values="mean") / BILLION
    above = below = np.zeros(len(mine))
    for stock in STOCKS:
        values = mine[stock].to_numpy()
        if np.abs(values).max() < 0.005 * np.abs(mine.to_numpy()).max():
            continue
        base = above if values.sum() > 0 else below
        looks = {"facecolor": COLOURS[stock], "linewidth": 0, "label": readable(stock), "zorder": 2}
        if values.sum() < 0:
            looks |= {"hatch": "/////", "edgecolor": "white"}
        axes.fill_between(mine.index, base, base + values, **looks)
        above, below = (above + values, below) if values.sum() > 0 else (above, below + values)
    axes.plot(mine.index, mine.sum(axis=1), color=BLACK, linewidth=2.0, zorder=3)
    axes.plot(mine.index, mine.sum(axis=1), color="white", linewidth=1.1, zorder=4)
    zero_line(axes)
    axes.set_ylim(1.1 * below.min(), 1.95 * above.max())
    axes.legend(fontsize=5.2, loc="upper left", ncols=2, handlelength=1, borderpad=0.1, labelspacing=0.2,
                columnspacing=0.6, handletextpad=0.4)  # fmt: skip


def draw_losses(axes, table):
    for holder, colour in LINES.items():
        mine = table[table["holder"] == holder]
        low, high = mine["low"] / BILLION, mine["high"] / BILLION
        axes.fill_between(mine["month"], low, high, color=colour, alpha=0.2, linewidth=0)
        looks = {"color": colour, "linewidth": 1.2, "linestyle": DASHES[holder], "label": holder}
        axes.plot(mine["month"], mine["mean"] / BILLION, **looks)
    zero_line(axes)
    axes.set_ylim(None, 1.6 * table["high"].max() / BILLION)
    axes.legend(fontsize=5.2, loc="upper left", handlelength=2.2, borderpad=0.1, labelspacing=0.2)


def draw_flows(axes, letter, table, point):
    kept = [flow for flow in FLOWS if table[table["flow"] == flow]["mean"].abs().max() >= 0.02 * BILLION]
    mine = table[table["point"] == point]
    grid = mine.pivot_table(index="flow", columns="sector", values="mean").loc[kept, list(SECTORS)] / BILLION
    panel(axes, letter, f"flows at the {point} of the rent ({label(int(mine['month_of_it'].iloc[0]))})")
    axes.grid(visible=False)
    axes.pcolormesh(grid.to_numpy(), cmap="PuOr", vmin=-1, vmax=1, edgecolors="white", linewidth=0.5)
    for (row, column), value in np.ndenumerate(grid.to_numpy()):
        if abs(value) >= 0.005:
            text = f"{value:+.2f}" if abs(value) < 9.95 else f"{value:+.0f}"
            looks = {"fontsize": 5.2, "color": "white" if abs(value) > 0.75 else BLACK}
            axes.text(column + 0.5, row + 0.5, text.replace("-", "\N{MINUS SIGN}"), ha="center", va="center", **looks)
    axes.set_yticks(np.arange(len(kept)) + 0.5, [readable(flow) for flow in kept], fontsize=6.5)
    axes.set_xticks(
        np.arange(len(SECTORS)) + 0.5, SECTORS, rotation=45, ha="right", rotation_mode="anchor", fontsize=6.5
    )
    axes.set_ylim(len(kept), 0)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)


def caption(tables, anatomy):
    lost = tables["losses"]
    end = lost[lost["month"] == lost["month"].max()].set_index("holder")
    order = end["mean"].sort_values(ascending=False)
    private = order.drop("governments")
    words = [f"{name} {value / BILLION:.1f}".replace("-", "\N{MINUS SIGN}") for name, value in order.items()]
    flows = tables["flows"].set_index(["point", "flow", "sector"])["mean"]
    return [
        Sentence(
            f"Losses by the end, in billion CNY (below zero: gains): {', '.join(words)}.",
            [Needs("loss of governments, lower end [CNY]", end.loc["governments", "low"], least=0.0)],
        ),
        Sentence(
            f"At the peak of the rent, data centres borrow {flows['peak', 'new_loans', 'operators'] / BILLION:.2f} "
            f"billion CNY a month and earn {flows['peak', 'rent', 'operators'] / BILLION:.2f} in rent; at the trough "
            f"they still borrow {flows['trough', 'new_loans', 'operators'] / BILLION:.2f} and earn "
            f"{flows['trough', 'rent', 'operators'] / BILLION:.2f}.",
            [Needs("new loans at the trough over those at the peak",
                   flows["trough", "new_loans", "operators"] / flows["peak", "new_loans", "operators"], least=0.2)],
        ),
        Sentence(
            f"Of those who are not the state, the {private.index[0]} lose most, not the bank.",
            [Needs("loss of the bank over the greatest", private["bank"] / private.iloc[0], most=0.999)],
        ),
    ]  # fmt: skip


FIGURE = PaperFigure(
    title="Who lost the money", experiments=("e08_anatomy",), tables=tables, draw=draw, caption=caption
)
