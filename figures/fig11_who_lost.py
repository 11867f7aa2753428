"""Figure 11: who lost the money, as a waterfall for each holder: paid in, paid back, claim left, lost."""

import pandas as pd

from bubble_abm.observe.seeds import ratio
from bubble_abm.paper.captions import Needs, Sentence, first_true
from bubble_abm.paper.figures import PaperFigure
from bubble_abm.paper.money import BILLION, BUYERS, HOLDERS, LEFT, LOST, PAID_BACK, PAID_IN, PARTS, outcome_of_claims
from bubble_abm.paper.plots.paper import grouped, mean_table, number_of_seeds, panel, paper, zero_line
from bubble_abm.style.figure import BLACK, BLUE, GREY, SKY, VERMILION

LOOKS = {PAID_IN: BLUE, PAID_BACK: SKY, LEFT: "#D9D9D9", LOST: VERMILION}
TOPIC = "Who lost the money"


def tables(anatomy):
    each = outcome_of_claims(anatomy.series[anatomy.series["shock"]])
    parts = [mean_table(each.rename(columns={name: "value"}), "value", ["holder"]).assign(part=name)
             for name in (*PARTS, "income")]  # fmt: skip
    return {
        "holders": pd.concat(parts, ignore_index=True).drop(columns="measure"),
        "shares": pd.DataFrame([lost_share(name, mine) for name, mine in each.groupby("holder", sort=False)]),
    }


def lost_share(name, mine):
    """Share of what was paid in that is lost, with its interval over seeds."""
    share = ratio(mine[LOST], mine[PAID_IN])
    return {"holder": name, "n": share.seeds, "share": share.value, "low": share.low, "high": share.high}


def message(tables):
    lost = lost_of(tables).drop("state")
    share = shares_of(tables).drop("state")
    first, second = lost["mean"].nlargest(2).index
    gap = lost.loc[first, "low"] - lost.loc[second, "high"]
    return first_true(
        [
            Sentence(
                f"The {first} lose most, {amount(lost.loc[first, 'mean'])} billion CNY, {share[first]:.0%} of what "
                "they paid in",
                [Needs("lower end of the greatest loss less the upper end of the next [CNY]", gap, least=0.0)],
            ),
            Sentence(
                f"Of what they paid in, the {share.idxmax()} lose most: {share.max():.0%}",
                [
                    Needs(
                        "greatest share less the next",
                        share.nlargest(2).iloc[0] - share.nlargest(2).iloc[1],
                        least=0.01,
                    )
                ],
            ),
        ],
        TOPIC,
    )


def amount(value):
    return f"{value / BILLION:.1f}".replace("-", "\N{MINUS SIGN}")


def lost_of(tables):
    table = tables["holders"]
    return table[table["part"] == LOST].set_index("holder")


def shares_of(tables):
    return tables["shares"].set_index("holder")["share"]


def draw(tables, anatomy):
    table = tables["holders"]
    note = (
        f"{number_of_seeds(table)}; sums over {anatomy.experiment.months} months, mean over seeds with its 95 % "
        "interval (Student's t). Paid in: with the claim at the end of January 2023, before the boom. Claim left: at "
        "book value in the last month. Owners: of data centres, the old clouds included; the state gives some of them "
        "capital. The state: subsidies, rescues, take-overs and vouchers, for which it holds no claim. Dividends and "
        "interest are income, which pays nothing back. Prepaid orders: of data centres, from smugglers. There are no "
        "facts to compare these with."
    )
    with paper(message(tables), note, 2.9) as figure:
        grid = figure.subplots(1, len(HOLDERS) + 1, sharey=True)
        for axes, letter, holder in zip(grid, "abcde", (*HOLDERS, BUYERS)):
            panel(axes, letter, holder)
            mine = table[table["holder"] == holder].set_index("part")
            draw_steps(axes, mine)
            grouped(axes)
            income = mine.loc["income", "mean"]
            if income:
                kind = "interest" if holder == "bank" else "dividends"
                axes.text(1.0, 0.985, f"and {kind}: {amount(income)}", ha="right", va="top", fontsize=6.5,
                          transform=axes.transAxes, color=BLACK)  # fmt: skip
        grid[0].set_ylabel("billion CNY", fontsize=7.5)
        grid[0].set_ylim(None, 1.22 * table[table["part"] == PAID_IN]["high"].max() / BILLION)
    return figure


def draw_steps(axes, parts):
    """From what was paid in down to what is lost; below zero it is a gain."""
    level = 0.0
    steps = parts.loc[list(PARTS), ["mean", "low", "high"]] / BILLION
    for place, (name, value, low, high) in enumerate(steps.itertuples()):
        top = value if name in (PAID_IN, LOST) else level
        bottom = 0.0 if name in (PAID_IN, LOST) else level - value
        axes.bar(place, top - bottom, bottom=bottom, width=0.74, color=LOOKS[name], edgecolor=BLACK, linewidth=0.5)
        end = top if name in (PAID_IN, LOST) else bottom
        axes.plot([place, place], [end - (value - low), end + (high - value)], color=BLACK, linewidth=1.0, zorder=4)
        words = amount(value * BILLION) if value else ""
        axes.annotate(words, (place, max(top, end + high - value)), xytext=(0, 1.5), textcoords="offset points",
                      va="bottom", ha="center", fontsize=6.8)  # fmt: skip
        level = value if name == PAID_IN else bottom
        if place < len(PARTS) - 1:
            axes.plot([place - 0.37, place + 1.37], [level, level], color=GREY, linewidth=0.6, zorder=1)
    zero_line(axes)
    words = [name.replace(" ", "\n") for name in PARTS]
    if (parts["holder"] == BUYERS).all():
        words[1] = "chips\nsent"
    if steps.loc[LOST, "mean"] < 0:
        words[-1] = "gained"
    elif not steps.loc[[PAID_BACK, LEFT], "mean"].any():
        words[-1] = "spent"
    axes.set_xticks(range(len(PARTS)), words, fontsize=6.5)
    axes.tick_params(axis="x", length=0)


def caption(tables, anatomy):
    lost, shares = lost_of(tables), shares_of(tables)
    bank, owners = lost.loc["bank"], lost.loc["owners"]
    return [
        Sentence(
            f"By the end, owners have lost {within(owners)} billion CNY, {shares['owners']:.0%} of what they paid in, "
            f"venture funds {within(lost.loc['venture funds'])} ({shares['venture funds']:.0%}) and the bank "
            f"{within(bank)} ({shares['bank']:.0%}).",
            [Needs("loss of owners, lower end [CNY]", owners["low"], least=0.0),
             Needs("loss of the bank, lower end [CNY]", bank["low"], least=0.0),
             Needs("loss of venture funds, lower end [CNY]", lost.loc["venture funds", "low"], least=0.0)],
            full=True,
        ),
        Sentence(
            f"The state has paid {within(lost.loc['state'])} billion CNY, for which it holds no claim.",
            [Needs("payments of the state, lower end [CNY]", lost.loc["state", "low"], least=0.0)],
        ),
        Sentence(
            "Claims left are at book value, so that losses which nobody has written off by then are not in them.",
            [Needs("claims left over what was paid in", left_over(tables), least=0.05)],
        ),
    ]  # fmt: skip


def within(line):
    """A mean with its interval."""
    return f"{amount(line['mean'])} ({amount(line['low'])} to {amount(line['high'])})"


def left_over(tables):
    sums = tables["holders"].groupby("part")["mean"].sum()
    return sums[LEFT] / sums[PAID_IN]


FIGURE = PaperFigure(
    title=TOPIC, experiments=("e08_anatomy",), tables=tables, draw=draw, caption=caption, message=message,
    seen="For each holder of claims, bars step down from what was paid in, by what was paid back and by the claim "
    "left, to what is lost.",
)  # fmt: skip
