"""Figure 17: what is left of the verdict under other structures of the model and other definitions of a pop."""

import pandas as pd

from bubble_abm.engine.structure import STANDARD
from bubble_abm.observe.verdict import (
    AVERTED,
    CAUSED,
    DEFINITIONS,
    DELAYED,
    ENDOGENOUS,
    HASTENED,
    MAIN,
    SURVIVED,
    UNDECIDED,
)
from bubble_abm.paper.captions import Needs, Sentence, first_true
from bubble_abm.paper.figures import PaperFigure
from bubble_abm.paper.plots.paper import inside_segment, panel, paper, segment
from bubble_abm.paper.robustness import answers, changes, with_members
from bubble_abm.style.figure import BLACK, BLUE, GREEN, INK, LIGHT, ORANGE, SKY, VERMILION

LOOKS = {  # verdict: colour, hatching; the shock on the left, none of it on the right
    CAUSED: (VERMILION, ""), HASTENED: (ORANGE, ""), UNDECIDED: (LIGHT, ""), ENDOGENOUS: (BLUE, ""),
    DELAYED: (SKY, "////"), AVERTED: (GREEN, "...."), SURVIVED: ("white", "xxxx"),
}  # fmt: skip
WINDOWS = {"peak": ("to June 2025, from the peak", BLACK, "o"), "eve": ("from December 2024", VERMILION, "D")}
PARTS = {"structure": STANDARD, "pop": MAIN}  # part of the rows: which of them is usual
ROW = 0.2  # height of a row [inches]
TOPIC = "What is left of the verdict"


def tables(robustness):
    found = answers(with_members(robustness.experiment, robustness.runs), None, {})
    usual = found[f"structure: {STANDARD}"]
    rows = []
    for key, one in found.items():
        part, _, name = key.partition(": ")
        is_usual = name == PARTS[part]
        row = {"part": part, "name": name, "runs": one.runs, "members": one.members, "usual": is_usual}
        row |= {"changed": "" if is_usual else "; ".join(changes(one, usual))}
        row |= {kind: one.kinds.get(kind, 0.0) for kind in LOOKS}
        row |= ends("without", one.popped_without)
        for window, share in zip(WINDOWS, one.shares):
            row |= ends(window, share)
        rows.append(row)
    return {"answers": pd.DataFrame(rows)}


def ends(name, found):
    """A number and its interval; nothing where there is no fall."""
    value, low, high = (None, None, None) if found is None else (found.value, found.low, found.high)
    return {name: value, f"{name}_low": low, f"{name}_high": high}


def others(table, part):
    return table[(table["part"] == part) & ~table["usual"]]


def message(tables):
    table = tables["answers"]
    structures, pops = (others(table, part) for part in PARTS)
    kept = int((structures["changed"] == "").sum())
    usual = table[table["usual"]].iloc[0]
    most = 100 * table.loc[table["part"] == "structure", "peak"].max()
    return first_true(
        [
            Sentence(
                f"In no structure does the shock explain more than {most:.0f} % of the fall of rents",
                [Needs("largest share of the fall from the peak", most, most=10.0),
                 Needs("structures", len(structures), least=4)],
            ),
            Sentence(
                f"The verdict survives {kept} of {len(structures)} other structures and "
                f"{int((pops['changed'] == '').sum())} of {len(pops)} other definitions of a pop",
                [Needs("most frequent verdict, usual", float(usual[list(LOOKS)].astype(float).max()), least=0.0)],
            ),
        ],
        TOPIC,
    )  # fmt: skip


def draw(tables, robustness):
    table = tables["answers"]
    note = (
        f"n = {int(table['runs'].iloc[0])} runs of {int(table['members'].iloc[0])} economies a row, each with its twin "
        "without the shock and seeds of its own. Whiskers: 95 % intervals of the mean over economies (Student's t). "
        "Bold: as published. Asterisk: whether most pop without the shock, the most frequent verdict, or the share of "
        "the fall of rents is another one (intervals have nothing in common)."
    )
    with paper(message(tables), note, 0.7 + ROW * len(table)) as figure:
        grid = figure.subplots(1, 3, sharey=True, width_ratios=(2.2, 0.9, 1.2))
        heads = ("verdict on the shock", "pop without it", "rents: due to it")
        for axes, letter, title in zip(grid, "abc", heads):
            panel(axes, letter, title)
            axes.grid(visible=False, axis="y")
            axes.grid(axis="x")
            axes.tick_params(axis="y", length=0)
        places = [place + 0.7 * (part == "pop") for place, part in enumerate(table["part"])]
        bars(grid[0], table, places)
        dots(grid[1], table, places, "without", BLACK, "o")
        for window, (words, colour, marker) in WINDOWS.items():
            shift = 0.14 if window == "eve" else -0.14
            dots(grid[2], table, [place + shift for place in places], window, colour, marker, words)
        grid[0].set_yticks(places, [called(row) for row in table.itertuples()], fontsize=7)
        for text, usual in zip(grid[0].get_yticklabels(), table["usual"]):
            text.set_fontweight("bold" if usual else "normal")
        grid[0].set_ylim(places[-1] + 0.6, -0.6)
        for axes, unit in zip(grid, ("share of runs", "share of runs", "share of their fall")):
            axes.set_xlabel(unit, fontsize=7.5)
        grid[0].set_xlim(0, 1)
        grid[1].set_xlim(-0.03, 1.03)
        grid[2].axvline(0.0, color=INK, linewidth=0.6)
        under = -0.42 / (ROW * len(table))  # below the label of the axis
        below = {"loc": "upper center", "bbox_to_anchor": (0.5, under), "fontsize": 6.3, "columnspacing": 0.9}
        grid[0].legend(ncols=4, handlelength=1.1, handletextpad=0.4, **below)
        grid[2].legend(ncols=1, handletextpad=0.2, **below)
    return figure


def called(row):
    return f"{row.name}{' *' if row.changed else ''}"


def bars(axes, table, places):
    left = pd.Series(0.0, table.index)
    for kind, fill in LOOKS.items():
        shares = table[kind].astype(float)
        axes.barh(places, shares, left=left, height=0.66, label=kind, zorder=3, **segment(*fill))
        for place, begin, share in zip(places, left, shares):
            if share >= 0.08:
                words = f"{100 * share:.0f}"
                axes.text(begin + share / 2, place, words, fontsize=6.3, zorder=5, **inside_segment(*fill))
        left += shares


def dots(axes, table, places, name, colour, marker, words=None):
    value, low, high = (pd.to_numeric(table[f"{name}{end}"]) for end in ("", "_low", "_high"))
    reach = [value - low.fillna(value), high.fillna(value) - value]
    axes.errorbar(value, places, xerr=reach, fmt=marker, color=colour, markersize=3.2, linewidth=0.8, capsize=1.5,
                  label=words, zorder=4)  # fmt: skip


def caption(tables, robustness):
    table = tables["answers"]
    structures, pops = (others(table, part) for part in PARTS)
    usual = table[table["usual"]].iloc[0]
    first = usual[list(LOOKS)].astype(float).idxmax()
    kept = [row.name for row in structures.itertuples() if not row.changed]
    lost = [row.name for row in structures.itertuples() if row.changed]
    least, most = structures["without"].min(), structures["without"].max()
    return [
        Sentence(
            f"As published, most runs pop without the shock ({usual['without']:.0%}) and the verdict is most often "
            f"'{first}' ({usual[first]:.0%}).",
            [Needs("share that pops without the shock", usual["without"], least=0.5)],
            full=True,
        ),
        Sentence(
            f"In other structures {least:.0%} to {most:.0%} pop without it"
            + (f"; the answer survives in {', '.join(kept)}" if kept else "; the answer survives in none")
            + (f" and not in {', '.join(lost)}." if lost else "."),
            [Needs("smallest share that pops without the shock", least, least=0.5)],
            full=True,
        ),
        Sentence(
            f"Of {len(pops)} other definitions of a pop, it survives {int((pops['changed'] == '').sum())}: by the "
            f"strictest, {pops['without'].min():.0%} of the runs pop without the shock, by the mildest "
            f"{pops['without'].max():.0%}.",
            [Needs("other definitions", len(pops), least=len(DEFINITIONS) - 1, most=len(DEFINITIONS) - 1)],
        ),
    ]  # fmt: skip


FIGURE = PaperFigure(
    title=TOPIC, experiments=("e15_robustness",), tables=tables, draw=draw, caption=caption, message=message,
    seen="Bars of shares of verdicts, a row for each structure and definition, beside dots with intervals.",
)  # fmt: skip
