"""Figure 13: waterfall, what each cause adds to the fall of the rent, to idle capacity and to bankruptcies."""

import pandas as pd

from bubble_abm.paper.captions import Needs, Sentence, first_true
from bubble_abm.paper.figures import PaperFigure
from bubble_abm.paper.plots.paper import SMALL, panel, paper, zero_column
from bubble_abm.study.causes import CAUSES, REST, shares
from bubble_abm.style.figure import BLACK, BLUE, GREY, VERMILION, axis_label, number

PANELS = {  # measure, window: title, unit, divisor
    ("rent", ""): ("fall of the rent", "thousand CNY a month", 1e3),
    ("idle", ""): ("rise of the idle share", "share of new GPUs", 1.0),
    ("bankruptcies", "_to_trough"): ("bankruptcies", "sites", 1.0),
}
OF_SHOCK = [name for name, cause in CAUSES.items() if cause.title.startswith("shock")]
ORDER = (REST, *(name for name in CAUSES if name not in OF_SHOCK), *OF_SHOCK)  # from top to bottom
TITLE = "What made rents fall, halls stand empty and owners fail"


def tables(causes):
    return {"shares": shares(causes.runs)}


def message(tables):
    rent = chosen(tables["shares"], ("rent", ""))
    named = rent.loc[list(CAUSES)]
    first = named["part"].idxmax()
    of_shock = abs(rent.loc[OF_SHOCK, "part"].sum()) / rent["fall"].iloc[0]
    loudest = rent.loc[OF_SHOCK, "share"].abs().max()
    least = rent.loc[first, "low"] - named["share"].drop(first).max()
    name = CAUSES[first].title
    most = f"{name[0].upper()}{name[1:]} explains {percent(rent.loc[first, 'share'])} of the fall of rents"
    ahead = Needs("lower end of the largest share, less the next", least, least=0.0)
    return first_true(
        [
            Sentence(
                f"{most}; the parts of the shock cancel out",
                [ahead, Needs("share of all parts of the shock", of_shock, most=0.05),
                 Needs("largest of them", loudest, least=0.05)],
            ),
            Sentence(most, [ahead]),
        ],
        TITLE,
    )  # fmt: skip


def draw(tables, causes):
    table = tables["shares"]
    count, over = int(table["n"].iloc[0]), table["over"].iloc[0]
    note = (
        f"n = {count} {over}. Each bar begins where the one above ends: mean part of a cause over all orders in which "
        "the eight can be added (Shapley), from 288 runs with the same luck; numbers: its share of the whole. "
        f"Whiskers: 95 % interval of the part (Student's t over {over}). Rent and idle share: from the peak before the "
        f"shock to June 2025; bankruptcies: to the end of {causes.experiment.months} months. Red: the shock."
    )
    with paper(message(tables), note, 2.9) as figure:
        grid = figure.subplots(1, len(PANELS), sharey=True)
        for axes, letter, (where, (title, unit, divisor)) in zip(grid, "abc", PANELS.items()):
            panel(axes, letter, title)
            axes.grid(axis="x")
            axes.grid(visible=False, axis="y")
            axes.set_xlabel(axis_label(unit, 2.0), fontsize=7)
            axes.locator_params(axis="x", nbins=5)
            waterfall(axes, chosen(table, where), divisor)
            zero_column(axes)
        names = ["without any of them", *(CAUSES[name].title for name in ORDER[1:]), "all together"]
        grid[0].set_yticks(range(len(names)), names, fontsize=7)
        grid[0].invert_yaxis()
    return figure


def waterfall(axes, rows, divisor):
    """Draw the parts of a fall, one below the other, and the whole at the bottom."""
    begin = 0.0
    ends = []
    for place, cause in enumerate(ORDER):
        row = rows.loc[cause]
        part = row["part"] / divisor
        colour = GREY if cause == REST else VERMILION if cause in OF_SHOCK else BLUE
        axes.barh(place, part, left=begin, height=0.62, color=colour, zorder=3)
        if place:
            axes.plot([begin, begin], [place - 1.31, place + 0.31], color=BLACK, linewidth=0.5, zorder=2)
        begin += part
        reach = [(row["part"] - row["part_low"]) / divisor], [(row["part_high"] - row["part"]) / divisor]
        axes.errorbar(begin, place, xerr=reach, color=BLACK, linewidth=0.8, capsize=1.6, zorder=4)
        ends.append(max(begin - part, begin + reach[1][0]))
    whole = rows["fall"].iloc[0] / divisor
    axes.barh(len(ORDER), whole, height=0.62, color=BLACK, zorder=3)
    axes.plot([begin, begin], [len(ORDER) - 1.31, len(ORDER) + 0.31], color=BLACK, linewidth=0.5, zorder=2)
    axes.margins(x=0.2)
    for place, (cause, end) in enumerate(zip(ORDER, ends)):
        axes.annotate(percent(rows.loc[cause, "share"]), (end, place), (3, 0), textcoords="offset points",
                      va="center", **SMALL)  # fmt: skip
    axes.annotate(number(whole), (whole, len(ORDER)), (3, 0), textcoords="offset points", va="center", **SMALL)


def percent(share):
    """A share as a percentage with a proper minus; empty if there is no fall to have a share of."""
    return (
        ""
        if pd.isna(share)
        else f"{100 * share:.0f} %".replace("-", "\N{MINUS SIGN}").replace("\N{MINUS SIGN}0 ", "0 ")
    )


def chosen(table, where):
    """The rows of one panel by cause."""
    measure, window = where
    return table[(table["measure"] == measure) & (table["window"] == window)].set_index("cause")


def caption(tables, causes):
    table = tables["shares"]
    rent, idle, failed = (chosen(table, where) for where in PANELS)
    named = rent.loc[list(CAUSES)]
    first = named["part"].idxmax()
    second = named["share"].drop(first).max()
    shock = rent.loc[OF_SHOCK, "part"].sum() / rent["fall"].iloc[0]
    return [
        Sentence(
            "The parts, and what remains without any of the causes, add up to the fall.",
            [Needs("largest difference between the parts and the fall, relative to it", largest_gap(table), most=1e-6)],
        ),
        Sentence(
            f"Of the fall of the rent to June 2025, '{CAUSES[first].title}' explains most, "
            f"{interval(rent.loc[first])}; the four parts of the shock add up to {100 * shock:.0f} %.",
            [Needs("lower end of its share, less the next largest share", rent.loc[first, "low"] - second, least=0.0)],
            full=True,
        ),
        Sentence(
            f"Capacity that arrived has {interval(idle.loc['capacity'])} of the rise of the idle share and "
            f"{interval(failed.loc['capacity'])} of the bankruptcies; exit from pre-training has "
            f"{interval(idle.loc['exit'])} and {interval(failed.loc['exit'])}.",
            [Needs("smallest of these shares", min(one.loc[name, "low"] for one in (idle, failed)
                                                   for name in ("capacity", "exit")), least=0.0)],
            full=True,
        ),
        Sentence(
            "A part above 100 % means that without the cause there would have been a rise. Sites that "
            "arrive after November 2023 bring tenants of their own in runs without that cause, and are let up to the "
            "natural occupancy."
        ),
    ]  # fmt: skip


def largest_gap(table):
    """How far the parts of a fall miss it at most, relative to it."""
    sums = table.groupby(["measure", "window"]).agg(parts=("part", "sum"), fall=("fall", "first"))
    return float(((sums["parts"] - sums["fall"]).abs() / sums["fall"].abs().clip(lower=1e-9)).max())


def interval(row):
    """A share with its interval, in per cent."""
    return f"{100 * row['share']:.0f} % ({100 * row['low']:.0f} to {100 * row['high']:.0f})".replace(
        "-", "\N{MINUS SIGN}"
    )


FIGURE = PaperFigure(
    title=TITLE, experiments=("e12_causes",), tables=tables, draw=draw, caption=caption, message=message
)
