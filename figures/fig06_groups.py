"""Figure 6: which groups of parameters matter, by grouped Sobol indices and Shapley shares of the same groups."""

from bubble_abm.paper.captions import Needs, Sentence
from bubble_abm.paper.figures import PaperFigure
from bubble_abm.paper.plots.indices import chosen, draw_bars, is_constant, mark_dummy
from bubble_abm.paper.plots.paper import panel, paper
from bubble_abm.style.figure import BLUE, DUMMY, INK, ORANGE, SKY, VERMILION

OUTCOMES = {
    "popped": "pop",
    "pop_month": "month of the pop",
    "pop_month_effect": "effect on that month",
    "idle_share_effect": "effect on idleness",
}
LOOKS = {"ST_luck_free": (SKY, 0.72, "total"), "S1_luck_free": (BLUE, 0.36, "first order")}


def tables(groups, shapley):
    found = {"groups": groups.analysis("indices"), "shapley": shapley.analysis("indices")}
    found |= {"groups_quality": groups.analysis("quality"), "shapley_quality": shapley.analysis("quality")}
    return {name: table[table["outcome"].isin(OUTCOMES)].reset_index(drop=True) for name, table in found.items()}


def draw(tables, groups, shapley):
    order = [*groups.experiment.sampling.groups, DUMMY]
    note = (
        f"{sizes('Sobol', tables['groups_quality'])}; {sizes('Shapley', tables['shapley_quality'])}. Whiskers: 95 % "
        "intervals over scrambled designs and trajectories. Shares are free of luck. The dummy has no effect; dotted: "
        "upper end of its interval. Effect: with minus without the shock (idleness: idle share of "
        "new capacity over the last year), under the same luck. "
        f"Intervals too wide: {doubtful(tables['groups_quality'])} (Sobol), {doubtful(tables['shapley_quality'])} "
        "(Shapley)."
    )
    with paper("Which groups of parameters matter", note, 0.5 + 2 * (0.55 + 0.2 * len(order))) as figure:
        grid = figure.subplots(2, len(OUTCOMES))
        for place, (outcome, title) in enumerate(OUTCOMES.items()):
            upper, lower = grid[:, place]
            panel(upper, "abcd"[place], title)
            bars(upper, tables["groups"], tables["groups_quality"], outcome, order, LOOKS)
            looks = {"shapley_luck_free": (ORANGE, 0.72, "Shapley")}
            bars(lower, tables["shapley"], tables["shapley_quality"], outcome, order, looks)
            lower.set_xlabel("share of variance", fontsize=7)
        for row, name in zip(grid, ("grouped indices", "Shapley shares")):
            row[0].set_yticks(range(len(order)), order, fontsize=7)
            row[0].get_yticklabels()[-1].set(color=VERMILION, fontstyle="italic")
            row[0].set_ylabel(name, fontsize=7.5)
            for axes in [one for one in row if one.get_legend_handles_labels()[0]][:1]:  # the first with bars
                axes.legend(loc="lower right", fontsize=6, reverse=True)
    return figure


def sizes(method, quality):
    row = quality.iloc[0]
    return f"{method}: n = {int(row['rows']):,} points of {int(row['seeds'])} seeds"


def doubtful(quality):
    return ", ".join(OUTCOMES[row.outcome] for row in quality.itertuples() if not row.indices_settled) or "none"


def bars(axes, indices, quality, outcome, order, looks):
    axes.grid(visible=False)
    axes.grid(axis="x")
    found = {index: chosen(indices, outcome, index) for index in looks}
    if all(table.empty for table in found.values()):
        words = "constant" if is_constant(quality, outcome) else "no more than luck"
        axes.text(0.5, 0.5, words, transform=axes.transAxes, ha="center", color=INK, fontsize=7)
        axes.set_xticks([])
    else:
        for index, (colour, thickness, name) in looks.items():
            draw_bars(axes, found[index].reindex(order), name, colour, thickness)
        mark_dummy(axes, next(iter(found.values())).reindex(order), order)
    axes.set_yticks(range(len(order)), [""] * len(order))
    axes.set_ylim(len(order) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.tick_params(axis="x", labelsize=6.3)
    axes.spines["left"].set_visible(False)


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
        sentences = [Sentence("No outcome has Shapley shares: points of this design differ by no more than luck.")]
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
                f"The effect of the shock on idle capacity is due to {in_words(effect, 'demand')} and "
                f"{in_words(effect, 'shock', name='the shock itself')}.",
                [Needs("share of shock and demand", effect.loc[["shock", "demand"], "value"].sum(), least=0.5),
                 Needs("lower end of the shock's share", effect.loc["shock", "low"], least=0.0)],
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
    span = f"{100 * one['low']:.0f} to {100 * one['high']:.0f}".replace("-", "\N{MINUS SIGN}")
    return f"{group if name is None else name} {100 * one['value']:.0f} % ({span})".lstrip()


FIGURE = PaperFigure(
    title="Which groups of parameters matter",
    experiments=("e09_groups", "e10_shapley"),
    tables=tables,
    draw=draw,
    caption=caption,
)
