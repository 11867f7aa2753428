"""Figure 6: which groups of parameters matter, as one bar of Shapley shares for each outcome."""

import numpy as np

from bubble_abm.paper.captions import Needs, Sentence, first_true
from bubble_abm.paper.figures import PaperFigure
from bubble_abm.paper.plots.indices import chosen, is_constant
from bubble_abm.paper.plots.paper import inside_segment, paper, segment
from bubble_abm.style.figure import BLACK, BLUE, DUMMY, GREEN, INK, LIGHT, ORANGE, PURPLE, SKY, VERMILION

OUTCOMES = {
    "popped": "pop",
    "pop_month": "month of the pop",
    "pop_month_effect": "effect on that month",
    "idle_share_effect": "effect on idleness",
}
SHARE, ALONE = "shapley_luck_free", "S1_luck_free"
FILLS = ((BLUE, ""), (ORANGE, ""), (GREEN, "...."), (SKY, "\\\\\\\\"), (PURPLE, "////"), (VERMILION, ""), (LIGHT, ""),
         ("white", "xxxx"))  # fmt: skip
LETTER = 0.011  # room for a letter in the bar, of the width of the axis
TOPIC = "Which groups of parameters matter"


def tables(groups, shapley):
    found = {"groups": groups.analysis("indices"), "shapley": shapley.analysis("indices")}
    found |= {"groups_quality": groups.analysis("quality"), "shapley_quality": shapley.analysis("quality")}
    return {name: table[table["outcome"].isin(OUTCOMES)].reset_index(drop=True) for name, table in found.items()}


def message(tables):
    pop, effect = (chosen(tables["shapley"], name, SHARE).drop(index=DUMMY, errors="ignore")
                   for name in ("pop_month", "idle_share_effect"))  # fmt: skip
    messages = []
    for table, what in ((pop, "When the bubble pops"), (effect, "What the shock does to idle capacity")):
        if len(table) < 2:
            continue
        order = table.sort_values("value", ascending=False)
        (first, one), (_, other) = list(order.iterrows())[:2]
        messages.append(
            Sentence(
                f"{what} depends most on {first}: {one['value']:.0%} of the variance",
                [Needs("lower end of the largest share less the next", one["low"] - other["value"], least=0.0)],
            )
        )
    return first_true(messages, TOPIC)


def draw(tables, groups, shapley):
    order = ranked(tables["shapley"], list(shapley.experiment.sampling.groups))
    note = (
        f"{sizes('Shapley', tables['shapley_quality'])}; {sizes('Sobol', tables['groups_quality'])}. Segments: Shapley "
        "shares of variance without luck, in the order of their mean over outcomes; in brackets: 95 % intervals over "
        "trajectories. Diamond: what the groups explain without interactions (sum of first-order indices). The dummy, "
        "which has no effect, has shares of "
        f"{dummy_range(tables['shapley'])}. Effect: with minus without the shock (idleness: idle share of new capacity "
        f"over the last year), under the same luck. Intervals too wide: {doubtful(tables['shapley_quality'])} "
        f"(Shapley), {doubtful(tables['groups_quality'])} (Sobol)."
    )
    with paper(message(tables), note, 0.55 + 0.62 * len(OUTCOMES)) as figure:
        axes = figure.subplots()
        left, right = reach(tables["shapley"], order)
        for row, outcome in enumerate(OUTCOMES):
            draw_outcome(axes, tables, outcome, row, order, LETTER * (right - left))
        axes.set_yticks(range(len(OUTCOMES)), OUTCOMES.values(), fontsize=7.5)
        axes.set_ylim(len(OUTCOMES) - 0.45, -0.5)
        axes.set_xlabel("share of variance", fontsize=7.5)
        axes.set_xlim(left - 0.01, right + 0.01)
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        draw_key(axes, order)
    return figure


def ranked(table, names):
    """Groups by their mean share, the largest first."""
    means = table[table["index"] == SHARE].groupby("factor")["value"].mean()
    return sorted(names, key=lambda name: -np.nan_to_num(means.get(name, 0.0)))


def reach(table, order):
    """Ends of the axis: the bars, and at least from nothing to all of the variance."""
    values = table[(table["index"] == SHARE) & table["factor"].isin(order)].set_index("outcome")["value"]
    ends = [values.clip(**side).groupby("outcome").sum() for side in ({"upper": 0.0}, {"lower": 0.0})]
    return min(0.0, ends[0].min()), max(1.0, ends[1].max())


def draw_outcome(axes, tables, outcome, row, order, letter):
    """Segments from zero to the right, and what is below zero to the left."""
    shares = chosen(tables["shapley"], outcome, SHARE).reindex(order)
    if shares["value"].isna().all():
        words = "constant" if is_constant(tables["shapley_quality"], outcome) else "no more than luck"
        axes.text(0.5, row, words, ha="center", va="center", color=INK, fontsize=7)
        return
    ends = {True: 0.0, False: 0.0}
    for (name, share), (colour, hatch) in zip(shares.fillna(0.0).iterrows(), FILLS[: len(order)], strict=True):
        value = share["value"]
        axes.barh(row - 0.08, value, left=ends[value >= 0], height=0.5, gid=f"{outcome} {name}",
                  **segment(colour, hatch))  # fmt: skip
        write_share(axes, name, share, (ends[True] + value / 2, row), letter, (colour, hatch))
        ends[value >= 0] += value
    alone = chosen(tables["groups"], outcome, ALONE).drop(index=DUMMY, errors="ignore")["value"]
    if len(alone):
        looks = {"marker": "D", "markersize": 4, "markerfacecolor": "white", "markeredgecolor": BLACK}
        axes.plot(alone.sum(), row - 0.41, linestyle="none", zorder=5, clip_on=False, gid=f"{outcome} alone", **looks)


def write_share(axes, name, share, place, letter, fill):
    """Name of a segment and its share, inside, and the interval below it, as far as there is room."""
    percent = f"{100 * share['value']:.0f}"
    if share["value"] < len(percent) * letter:
        return
    text = next((text for text in (f"{name}\n{percent} %", f"{percent} %", percent)
                 if share["value"] >= letter * max(map(len, text.split("\n")))), percent)  # fmt: skip
    axes.text(place[0], place[1] - 0.08, text, fontsize=6.3, linespacing=1.05, **inside_segment(*fill))
    ends = f"[{100 * share['low']:.0f} to {100 * share['high']:.0f}]".replace("-", "\N{MINUS SIGN}")
    if share["value"] >= letter * len(ends):
        axes.text(place[0], place[1] + 0.27, ends, fontsize=6, color=INK, ha="center", va="center")


def draw_key(axes, order):
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles = [Patch(label=name, **segment(*fill)) for name, fill in zip(order, FILLS[: len(order)], strict=True)]
    handles.append(Line2D([], [], linestyle="none", marker="D", markersize=4, markerfacecolor="white",
                          markeredgecolor=BLACK, label="without interactions"))  # fmt: skip
    axes.legend(handles=handles, loc="lower center", bbox_to_anchor=(0.45, 1.0), ncols=len(handles), fontsize=6.5,
                handlelength=1.1, columnspacing=0.9, handletextpad=0.4)  # fmt: skip


def dummy_range(table):
    """Range over outcomes of the share of the dummy."""
    values = table[(table["index"] == SHARE) & (table["factor"] == DUMMY)]["value"].dropna()
    if values.empty:
        return "no number"
    return f"{values.min():.3f} to {values.max():.3f}".replace("-", "\N{MINUS SIGN}")


def sizes(method, quality):
    row = quality.iloc[0]
    return f"{method}: n = {int(row['rows']):,} points of {int(row['seeds'])} seeds"


def doubtful(quality):
    return ", ".join(OUTCOMES[row.outcome] for row in quality.itertuples() if not row.indices_settled) or "none"


def caption(tables, groups, shapley):
    shares = tables["shapley"][tables["shapley"]["index"] == "shapley_luck_free"].set_index(["outcome", "factor"])
    total = tables["groups"][tables["groups"]["index"] == "ST_luck_free"].set_index(["outcome", "factor"])
    pop, effect = (
        shares.loc[name].drop(index=DUMMY).sort_values("value", ascending=False)
        for name in ("pop_month", "idle_share_effect")
    )
    joint, alone = total.loc["pop_month_effect", "value"], tables["groups"].query("index == 'S1_luck_free'")
    sums = shares["value"].groupby("outcome").sum()  # zero where points differ by no more than luck
    sums = sums[sums != 0]
    single = alone[alone["outcome"] == "pop_month_effect"]["value"].sum()
    if sums.empty:
        sentences = [
            Sentence(
                "No outcome has Shapley shares: points of this design differ by no more than luck.",
                [Needs("outcomes with Shapley shares", len(sums), most=0)],
            )
        ]
    else:
        sentences = [
            Sentence(
                "The Shapley shares of all groups sum to one.",
                [Needs("smallest sum of Shapley shares", sums.min(), least=0.9),
                 Needs("largest", sums.max(), most=1.1)],
            ),
        ]  # fmt: skip
    if pop["value"].notna().all():  # else its points differ by no more than luck
        sentences.append(
            Sentence(
                f"The month of the pop is due to {in_words(pop, pop.index[0])} and {in_words(pop, pop.index[1])}; the "
                f"share of the shock is {in_words(pop, 'shock', name='')} (Shapley shares without luck, 95 % "
                "intervals).",
                [Needs("lower end of the largest share", pop.iloc[0]["low"], least=pop.loc["shock", "value"]),
                 Needs("share of the shock in the month of the pop", pop.loc["shock", "high"], most=0.5)],
                full=True,
            )
        )  # fmt: skip
    if effect["value"].notna().all():
        sentences.append(
            Sentence(
                f"The effect of the shock on idle capacity is due to {in_words(effect, effect.index[0])} and "
                f"{in_words(effect, effect.index[1])}; the share of the shock itself is "
                f"{in_words(effect, 'shock', name='')}.",
                [Needs("the two largest shares", effect["value"].iloc[:2].sum(), least=0.5),
                 Needs("share of the shock less that of the second", effect.loc["shock", "value"]
                       - effect["value"].iloc[1], most=0.0)],
                full=True,
            )
        )  # fmt: skip
    if joint.notna().all():
        sentences.append(
            Sentence(
                f"Its effect on the month of the pop is an interaction: first-order indices of the groups sum to "
                f"{single:.0%}, while {int((joint > 0.2).sum())} of them have total indices above 0.2.",
                [Needs("sum of first-order indices", single, most=0.8),
                 Needs("groups with total indices above 0.2", float((joint > 0.2).sum()), least=3)],
                full=True,
            )
        )  # fmt: skip
    return sentences


def in_words(shares, group, name=None):
    """A group and its share with its interval."""
    one = shares.loc[group]
    value, low, high = (round(100 * one[end]) for end in ("value", "low", "high"))  # whole, so that no zero has a sign
    text = f"{group if name is None else name} {value} % ({low} to {high})".lstrip()
    return text.replace("-", "\N{MINUS SIGN}")


FIGURE = PaperFigure(
    title=TOPIC,
    experiments=("e09_groups", "e10_shapley"),
    tables=tables,
    draw=draw,
    caption=caption,
    message=message,
    seen="One bar for each outcome, divided into the shares of the groups.",
)
