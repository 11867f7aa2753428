"""Figure 5: which parameters matter, by Morris effects and Sobol indices of the pop and of the effect of the shock."""

from bubble_abm.paper.captions import Needs, Sentence, first_true
from bubble_abm.paper.figures import PaperFigure
from bubble_abm.paper.plots.indices import chosen, draw_bars, draw_effects, is_constant, mark_dummy, ranked
from bubble_abm.paper.plots.paper import panel, paper
from bubble_abm.study.analysis import units
from bubble_abm.style.figure import BLUE, DUMMY, INK, SKY, VERMILION, fix_layout, place_labels, readable

OUTCOMES = {  # outcome: title
    "popped": "pop",
    "pop_month": "month of the pop",
    "pop_month_effect": "effect on that month",
    "idle_share_effect": "effect on idleness",
}
TOPIC = "Which parameters matter"
NAMED = 4  # factors named in a Morris plane
LOOKS = {"ST_luck_free": (SKY, 0.72, "total"), "S1_luck_free": (BLUE, 0.36, "first order")}


def tables(screening, variance):
    parts = {"morris": screening, "sobol": variance}
    found = {name: mine(result.analysis("indices")) for name, result in parts.items()}
    return found | {f"{name}_quality": mine(result.analysis("quality")) for name, result in parts.items()}


def mine(table):
    return table[table["outcome"].isin(OUTCOMES)].reset_index(drop=True)


def message(tables):
    total = chosen(tables["sobol"], "pop_month", "ST_luck_free").drop(index=DUMMY, errors="ignore")
    if total.empty:
        return TOPIC
    first = total["value"].idxmax()
    share = total.loc[first, "value"]
    return first_true(
        [
            Sentence(
                f"When the bubble pops depends on many: {readable(first)} leads with {share:.0%} of the variance",
                [Needs("total index of the leader, lower end", total.loc[first, "low"], least=0.05),
                 Needs("total index of the leader", share, most=0.5)],
            ),
            Sentence(
                f"When the bubble pops depends most on {readable(first)}: {share:.0%} of the variance",
                [Needs("total index of the leader, lower end", total.loc[first, "low"], least=0.5)],
            ),
        ],
        TOPIC,
    )  # fmt: skip


def draw(tables, screening, variance):
    order = ranked(mean_total(tables["sobol"]), 40)
    note = (
        f"{sizes('Morris', tables['morris_quality'])}; {sizes('Sobol', tables['sobol_quality'])}. Bars and whiskers: "
        "95 % intervals over trajectories and scrambled designs. Shares are free of luck, effects are not. Red: the "
        "dummy, a parameter without any effect; dotted: upper end of its interval. Lines in the planes: spread over "
        "mean of 0.1, 0.5 and 1. Effect: with minus without the "
        "shock (idleness: idle share of new capacity over the last year), under the same luck. "
        f"Intervals too wide: {doubtful(tables['morris_quality'])} (Morris), {doubtful(tables['sobol_quality'])} "
        "(Sobol)."
    )
    known = units(screening.experiment)
    with paper(message(tables), note, 1.9 + 0.35 + 0.155 * len(order) + 0.5) as figure:
        ratios = [1.75, 0.35 + 0.155 * len(order)]
        grid = figure.subplots(2, len(OUTCOMES), height_ratios=ratios)
        for place, (outcome, title) in enumerate(OUTCOMES.items()):
            panel(grid[0, place], "abcd"[place], title)
            plane(grid[0, place], tables, outcome, known.get(outcome, ""), first=place == 0)
            bars(grid[1, place], tables, outcome, order, first=place == 0)
        fix_layout(figure)
        for place, outcome in enumerate(OUTCOMES):
            name_points(grid[0, place], tables, outcome)
    return figure


def mean_total(indices):
    totals = indices[indices["index"] == "ST_luck_free"]
    return totals.groupby("factor")["value"].mean()


def sizes(method, quality):
    row = quality.iloc[0]
    return f"{method}: n = {int(row['rows']):,} points of {int(row['seeds'])} seeds"


def doubtful(quality):
    names = [OUTCOMES[row.outcome] for row in quality.itertuples() if not row.indices_settled]
    return ", ".join(names) or "none"


def effects(tables, outcome):
    means, spreads = (chosen(tables["morris"], outcome, index) for index in ("mu_star", "sigma"))
    order = ranked(means["value"], len(means))
    named = [*[name for name in order if name != DUMMY][:NAMED], DUMMY]
    return means.loc[[*named, *[name for name in order if name not in named]]], spreads["value"], named


def plane(axes, tables, outcome, unit, *, first):
    axes.grid(visible=False)
    if is_constant(tables["morris_quality"], outcome):
        empty(axes)
        return
    means, spreads, named = effects(tables, outcome)
    draw_effects(axes, means, spreads.loc[means.index], len(named))
    for text in list(axes.texts):  # the note explains the lines
        text.remove()
    axes.tick_params(labelsize=6.3)
    axes.locator_params(nbins=4)
    axes.set_xlabel(f"mean absolute effect\n[{unit}]", fontsize=6.5)
    if first:
        axes.set_ylabel("spread of effects\n(same unit)", fontsize=7)


def name_points(axes, tables, outcome):
    if is_constant(tables["morris_quality"], outcome):
        return
    means, spreads, named = effects(tables, outcome)
    points = list(zip(means["value"], spreads.loc[means.index]))
    place_labels(axes, points, [readable(name) for name in named], fontsize=6)


def bars(axes, tables, outcome, order, *, first):
    total = chosen(tables["sobol"], outcome, "ST_luck_free")
    if is_constant(tables["sobol_quality"], outcome):
        empty(axes)
    elif total.empty:
        empty(axes, "no more than luck")
    for index, (colour, thickness, name) in LOOKS.items():
        table = chosen(tables["sobol"], outcome, index)
        if len(table):
            draw_bars(axes, table.reindex(order), name, colour, thickness)
    if len(total):
        mark_dummy(axes, total, order)
    axes.set_yticks(range(len(order)), [readable(name) for name in order] if first else [""] * len(order), fontsize=6.5)
    axes.set_ylim(len(order) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.tick_params(axis="x", labelsize=6.3)
    axes.grid(axis="x")
    axes.set_xlim(-0.02, None)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("share of variance", fontsize=6.5)
    if first:
        axes.get_yticklabels()[order.index(DUMMY)].set(color=VERMILION, fontstyle="italic")
        if axes.get_legend_handles_labels()[0]:  # none where the outcome is constant
            axes.legend(loc="lower right", fontsize=6, reverse=True)


def empty(axes, words="constant"):
    axes.text(0.5, 0.5, words, transform=axes.transAxes, ha="center", color=INK, fontsize=7)


def caption(tables, screening, variance):
    sentences = []
    for outcome, what in (
        ("pop_month", "the month of the pop"),
        ("idle_share_effect", "the shock's effect on idleness"),
    ):
        total = chosen(tables["sobol"], outcome, "ST_luck_free")
        if total.empty:  # its points differ by no more than luck
            continue
        total = total.drop(index=DUMMY)
        first = chosen(tables["sobol"], outcome, "S1_luck_free").drop(index=DUMMY)["value"].sum()
        order = total["value"].nlargest(3)
        names = ", ".join(f"{readable(name)} {value:.2f}" for name, value in order.items())
        sentences.append(
            Sentence(
                f"Most variance of {what} is due to {names} (total indices without luck). First-order effects sum "
                f"to {first:.0%} of it; the rest are interactions.",
                [Needs("largest total index, lower end", total.loc[order.index[0], "low"], least=0.05),
                 Needs("sum of first-order indices", first, most=0.95)],
                full=True,
            )
        )  # fmt: skip
    leader = chosen(tables["morris"], "pop_month", "rms_luck_free").drop(index=DUMMY)["value"].nlargest(3)
    sentences.append(
        Sentence(
            f"Screening of all {len(screening.experiment.uncertain)} parameters puts "
            f"{', '.join(readable(name) for name in leader.index)} first for the month of the pop.",
            [Needs("parameters that were screened", len(screening.experiment.uncertain), least=10)],
        )
    )
    return sentences


FIGURE = PaperFigure(
    title=TOPIC, experiments=("e05_morris", "e06_sobol"), tables=tables, draw=draw, caption=caption,
    message=message, supplement=True,
    seen="Above, planes of the spread over the mean of effects; below, bars of indices, a row for each parameter.",
)  # fmt: skip
