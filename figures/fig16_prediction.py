"""Figure 16: what the members say of things on which they were not matched."""

import numpy as np

from bubble_abm.observe import predicted
from bubble_abm.paper.captions import Needs, Sentence
from bubble_abm.paper.figures import PaperFigure
from bubble_abm.paper.plots.ensemble import READ, counted, upright
from bubble_abm.paper.plots.paper import grouped, panel, paper
from bubble_abm.paper.predictions import numbers
from bubble_abm.style.figure import BLACK, BLUE, GREEN, ORANGE, PURPLE, VERMILION

PANELS = (  # group, title, unit on the axis, divisor, rows that are drawn
    (predicted.RENTS, "rent of a server", "thousand CNY a month", 1e3, "rent"),
    (predicted.GIVEN_UP, "given up and wound up", "projects a year", 1.0, ""),
    (predicted.NEWS_GROUP, "news in early 2025", "projects", 1.0, "projects"),
    (predicted.USE, "use by kind of operator", "share of GPUs", 1.0, ""),
    (predicted.PRICES, "chips around the shock", "thousand CNY a GPU", 1e3, ""),
    (predicted.MARGINS, "dealers' mark-up", "share of landed cost", 1.0, "share"),
    (predicted.POOLS, "idle pools of June 2025 that fill", "share of sites", 1.0, "share"),
    (predicted.SIGNED, "signed over recognised rent", "ratio", 1.0, ""),
    (predicted.GROSS, "gross margin of lessors", "share of rent", 1.0, ""),
    (predicted.SPENDING, "spending by sponsor", "bn CNY a year", 1.0, ""),
)
COLOURS = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, BLACK)


def tables(predictions):
    return {"predictions": numbers(predictions.runs)}


def draw(tables, predictions):
    table = tables["predictions"]
    note = (
        f"{counted(predictions.experiment)}; none of these numbers was matched. White {READ}. Pools: sites under "
        f"{predicted.EMPTY:.0%} let in June 2025 that are at least {predicted.FILLED:.0%} let so many months later. "
        "Margins: after running costs, and after writing capital down over five years at today's prices. Spending: "
        "capital cost of the projects whose construction began in the year."
    )
    with paper(headline(table), note, 8.2) as figure:
        axes = figure.subplots(5, 2).ravel()
        for place, (group, title, unit, divisor, some) in enumerate(PANELS):
            mine = table[table["group"] == group]
            if some:
                mine = mine[(mine["unit"] == some) | mine["name"].str.startswith(some)]
            panel(axes[place], "abcdefghij"[place], title, unit)
            draw_panel(axes[place], mine, divisor, pools=group == predicted.POOLS)
    return figure


def draw_panel(axes, table, divisor, *, pools):
    names, dates = zip(*(apart(one, pools) for one in table.to_dict("records")))
    kinds, places = list(dict.fromkeys(names)), list(dict.fromkeys(dates))
    for number, kind in enumerate(kinds):
        mine = table[[name == kind for name in names]]
        x = np.array([places.index(date) for name, date in zip(names, dates) if name == kind], dtype=float)
        shift = (number - (len(kinds) - 1) / 2) * min(0.2, 0.7 / len(kinds))
        colour = COLOURS[number % len(COLOURS)]
        upright(axes, x + shift, mine, divisor, color=colour)
        axes.plot([], [], "o", color=colour, markersize=3, label=kind)
    crowded = len(places) > 6
    axes.set_xticks(range(len(places)), [one.replace(" ", "\n") if crowded else one for one in places], fontsize=6.2)
    axes.tick_params(axis="y", labelsize=6.5)
    axes.set_xlim(-0.6, len(places) - 0.4)
    low, high = axes.get_ylim()
    axes.set_ylim(min(low, 0.0), high + (0.22 * (high - low) if len(kinds) > 1 else 0.0))
    grouped(axes)
    if len(kinds) > 1:
        columns = 2 if len(kinds) > 2 else len(kinds)
        place = {"loc": "upper center", "handletextpad": 0.1, "columnspacing": 0.8, "borderpad": 0.1}
        axes.legend(fontsize=6, ncols=columns, labelspacing=0.2, **place)


def apart(one, pools):
    """What a row is about, and its place on the axis of time."""
    if pools:
        return "", f"{one['name'].rpartition('_')[2]} months"
    what, comma, date = one["what"].rpartition(", ")
    if not comma:
        return "", one["what"].replace("given up or wound up", "ended")
    return what, date


def value(table, name, column="median"):
    return float(table.set_index("name").loc[name, column])


def headline(table):
    first, last = (value(table, f"rent_{quarter}") for quarter in ("2025_Q1", "2026_Q4"))
    way = "fall" if last < first else "rise"
    return f"Unmatched: rents {way} by {abs(last / first - 1):.0%} from early 2025 to late 2026"


def caption(tables, predictions):
    table = tables["predictions"]
    first, last = value(table, "rent_2025_Q1"), value(table, "rent_2026_Q4")
    ends = [value(table, "rent_2026_Q4", column) / 1e3 for column in ("low", "high")]
    filled = value(table, f"filled_{predicted.LATER[-1]}")
    return [
        Sentence(
            f"A server rents for {first / 1e3:.0f} thousand CNY a month in the first quarter of 2025 and for "
            f"{last / 1e3:.0f} thousand in the last of 2026 (nine of ten runs: {ends[0]:.0f} to {ends[1]:.0f})."
        ),
        Sentence(
            f"Of the sites under {predicted.EMPTY:.0%} let in June 2025, {filled:.0%} are at least half let "
            f"{predicted.LATER[-1]} months later.",
            [Needs("share of pools that fill", filled, 0.0, 1.0)],
        ),
        Sentence("None of these numbers was matched, and facts that are found later are held against them."),
    ]


FIGURE = PaperFigure(
    title="What the members say of what they were not matched on", experiments=("e14_predictions",), tables=tables,
    draw=draw, caption=caption,
)  # fmt: skip
