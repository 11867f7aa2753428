"""Figure 15: every number that was observed, its range, and what the members give."""

import numpy as np

from bubble_abm.observe.outcomes import FACT
from bubble_abm.observe.targets import STRONG, TARGETS
from bubble_abm.paper.calibration import between
from bubble_abm.paper.captions import Needs, Sentence
from bubble_abm.paper.figures import PaperFigure
from bubble_abm.paper.plots.ensemble import MEMBERS, READ, RUNS, counted, who
from bubble_abm.paper.plots.paper import FACT_COLOUR, FACT_EDGE, paper
from bubble_abm.paper.predictions import spreads
from bubble_abm.style.figure import BLACK, BLUE, INK, VERMILION

ENDS = 3.0  # half-widths of a range that are shown
LONGEST = 62  # letters of a fact's name
BILLION = 1e9
NUMBERS = ("median", "low", "high", "member_low", "member_high")


def tables(predictions):
    found = spreads(predictions.runs, [FACT + name for name in TARGETS])
    found["name"] = found["name"].str.removeprefix(FACT)
    known = [TARGETS[name] for name in found["name"]]
    for field in ("meaning", "unit", "weight"):
        found[field] = [getattr(one, field) for one in known]
    found["range_low"], found["range_high"] = [one.low for one in known], [one.high for one in known]
    for number in NUMBERS:
        found[f"{number}_away"] = [
            (one.scaled(value) - one.middle) / one.half_width if one.half_width > 0.0 else np.nan
            for one, value in zip(known, found[number])
        ]
    found["hit"] = (found["range_low"] <= found["median"]) & (found["median"] <= found["range_high"])
    return {"facts": found}


def draw(tables, predictions):
    table = tables["facts"]
    note = (
        f"{counted(predictions.experiment)}. Distance of each number from the middle of its observed range, in "
        "half-widths (of logarithms where the range is positive): the range is the box from \N{MINUS SIGN}1 to 1. Blue "
        f"{READ}. Red dots: the median is outside the range, a miss. What lies beyond the axis is drawn at its end "
        "as a triangle. Right: the observed range in its unit."
    )
    hits = int(table["hit"].sum())
    with paper(
        f"The median of {who(predictions.experiment)} is in {hits} of {len(table)} observed ranges", note, 6.6
    ) as figure:
        groups = [table[table["weight"] == STRONG], table[table["weight"] != STRONG]]
        panels = figure.subplots(2, 1, height_ratios=[max(len(group), 1) for group in groups])
        for axes, group, name in zip(panels, groups, ("strong facts", "weak facts")):
            draw_group(axes, group.reset_index(drop=True), name)
        panels[-1].set_xlabel("distance from the middle of the observed range [half-widths]", fontsize=7)
    return figure


def draw_group(axes, table, name):
    rows = np.arange(len(table))
    axes.axvspan(-1, 1, color=FACT_COLOUR, zorder=0)
    for place in (-1, 1):
        axes.axvline(place, color=FACT_EDGE, linewidth=0.7, zorder=1)
    for low, high, looks in (("low_away", "high_away", RUNS), ("member_low_away", "member_high_away", MEMBERS)):
        axes.hlines(rows, table[low].clip(-ENDS, ENDS), table[high].clip(-ENDS, ENDS), **looks)
    shown = table["median_away"].clip(-ENDS, ENDS)
    for hit, colour in ((True, BLUE), (False, VERMILION)):
        for marker, some in (("o", shown == table["median_away"]), (">", shown == ENDS), ("<", shown == -ENDS)):
            mine = (table["hit"] == hit) & some
            if marker != "o":
                mine &= shown != table["median_away"]
            axes.plot(shown[mine], rows[mine], marker, color=colour, markersize=4, zorder=4)
    names = [f"{one['name']}  {shortened(one['meaning'])}" for one in table.to_dict("records")]
    axes.set_yticks(rows, names, fontsize=6)
    axes.set(xlim=(-ENDS * 1.03, ENDS * 1.03), ylim=(len(table) - 0.4, -0.6))
    axes.tick_params(axis="y", length=0)
    axes.tick_params(axis="x", labelsize=6.5)
    axes.set_title(name, loc="left", fontsize=8, fontweight="bold", color=BLACK)
    place = {"transform": axes.get_yaxis_transform(), "fontsize": 6, "va": "center", "color": INK}
    for row, one in enumerate(table.to_dict("records")):
        axes.text(1.01, row, observed(one), **place)


def observed(one):
    """The observed range in its unit, large sums in billions."""
    low, high, unit = one["range_low"], one["range_high"], one["unit"]
    if low >= BILLION:
        low, high, unit = low / BILLION, high / BILLION, f"bn {unit}"
    return between(low, high) + (f" {unit}" if unit not in ("", "share", "ratio", "1") else "")


def shortened(text):
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1].rsplit(' ', 1)[0]}\N{HORIZONTAL ELLIPSIS}"


def caption(tables, predictions):
    table = tables["facts"]
    strong = table[table["weight"] == STRONG]
    missed = table.loc[~table["hit"], "name"]
    sentences = [
        Sentence(
            f"Of {len(table)} numbers that were observed, the median over members and seeds is inside the range of "
            f"{int(table['hit'].sum())}, of {len(strong)} strong ones of {int(strong['hit'].sum())}."
        )
    ]
    if len(missed):
        far = table.assign(away=table["median_away"].abs()).sort_values("away").iloc[-1]
        sentences += [
            Sentence(f"Missed are {', '.join(missed)}."),
            Sentence(
                f"Farthest out is {far['name']} ({far['meaning']}), {far['away']:.1f} half-widths from the middle.",
                [Needs("its distance [half-widths]", far["away"], least=1.0)],
            ),
        ]
    return sentences


FIGURE = PaperFigure(
    title="What was observed and what the members give", experiments=("e14_predictions",), tables=tables, draw=draw,
    caption=caption,
)  # fmt: skip
