"""Figure 2: the boom and the bust, as fans over seeds with the facts as boxes."""

import pandas as pd

from bubble_abm.economy.outside import label
from bubble_abm.economy.parameters import Parameters
from bubble_abm.paper.captions import Needs, Sentence, first_true
from bubble_abm.paper.figures import PaperFigure
from bubble_abm.paper.plots.paper import (
    FACT_EDGE,
    SEEDS_SHOWN,
    fact,
    fact_table,
    fan,
    fan_table,
    from_first_sites,
    grouped,
    number_of_seeds,
    panel,
    paper,
    timeline,
)  # fmt: skip
from bubble_abm.style.figure import BLUE, GREEN, ORANGE, VERMILION

PANELS = {  # measure: title, unit, divisor, colour, facts
    "rent_per_server": ("rent of an eight-GPU server", "thousand CNY a month", 1e3, VERMILION, ("C09", "C10", "C11")),
    "gpu_price": ("black-market price of a GPU", "thousand CNY", 1e3, BLUE, ("C06", "C07", "C08")),
    "projects_announced": ("projects announced, cumulative", "projects", 1.0, GREEN, ("C01",)),
    "idle_share_new": ("new capacity that is not leased", "share of GPUs", 1.0, ORANGE, ("C04",)),
}


TOPIC = "The boom and the bust"


def tables(baseline):
    months = from_first_sites(baseline.series[baseline.series["shock"]], "idle_share_new")
    fans = pd.concat([fan_table(months, measure) for measure in PANELS], ignore_index=True).dropna()
    return {"fan": fans, "facts": fact_table([number for *_, numbers in PANELS.values() for number in numbers])}


def message(tables):
    rent, idle = table_of(tables, "rent_per_server"), table_of(tables, "idle_share_new")
    shock = int(Parameters().shock_month)
    fall = 1 - rent[shock - 1] / rent[:shock].max()
    return first_true(
        [
            Sentence(
                f"Before the efficiency shock, rents have fallen by {fall:.0%} and {idle[shock - 1]:.0%} of the new "
                "capacity is idle",
                [Needs("fall of the rent before the shock", fall, least=0.3),
                 Needs("share that is idle before the shock", idle[shock - 1], least=0.4)],
            ),
        ],
        TOPIC,
    )  # fmt: skip


def draw(tables, baseline):
    fans, months = tables["fan"], baseline.experiment.months
    note = (
        f"{number_of_seeds(fans)}; {SEEDS_SHOWN}. Yellow boxes: facts, with their ranges and windows (ids as in the "
        "table of facts). Dotted: export ban of October 2023, DeepSeek V2, the efficiency shock. d begins when every "
        "run has a new site. The step in b in April 2025 is the tariff."
    )
    with paper(message(tables), note, 4.4) as figure:
        for axes, letter, (measure, about) in zip(figure.subplots(2, 2).ravel(), "abcd", PANELS.items()):
            title, unit, divisor, colour, numbers = about
            panel(axes, letter, title, unit)
            fan(axes, fans[fans["measure"] == measure], colour, divisor=divisor)
            for number in numbers:
                fact(axes, tables["facts"], number, months, divisor=divisor)
            if measure == "projects_announced":
                mark_fact(axes, tables["facts"], months)
            axes.set_ylim(0, 1.06 * axes.get_ylim()[1] if unit != "share of GPUs" else 1)
            timeline(axes, months, baseline.shock_month)
            grouped(axes)
    return figure


def mark_fact(axes, facts, months):
    """Mark a fact of one month, for which a box would be too narrow."""
    one = facts[facts["id"] == "C01"].iloc[0]
    if one["last"] < months:
        axes.plot(one["last"], (one["low"] + one["high"]) / 2, marker="<", color=FACT_EDGE, markersize=3, zorder=6)


def caption(tables, baseline):
    rent = table_of(tables, "rent_per_server")
    peak = int(rent.idxmax())
    before_it = baseline.shock_month - 1
    before = rent[before_it] / rent[peak] - 1
    idle = table_of(tables, "idle_share_new")
    worst = int(idle[12:].idxmax())
    price = table_of(tables, "gpu_price")
    announced = table_of(tables, "projects_announced")
    return [
        Sentence(
            f"The median rent peaks at {rent[peak] / 1e3:.0f} thousand CNY a month in {label(peak)} and has lost "
            f"{-before:.0%} of that in the month before the efficiency shock.",
            [Needs("fall of the rent before the shock", -before, least=0.3),
             Needs("month of the peak before that of the shock", peak, most=baseline.shock_month - 6)],
        ),
        Sentence(
            f"The price of a GPU peaks at {price.max() / 1e3:.0f} thousand CNY after the ban. By the end of 2024, "
            f"{announced[23]:.0f} projects have been announced, and {idle[23]:.0%} of the new capacity stands idle.",
            [Needs("idle share at the end of 2024", idle[23], least=0.5),
             Needs("projects at the end of 2024", announced[23], least=300)],
        ),
        Sentence(
            f"The bust precedes the shock, after which even more capacity stands idle, {idle[worst]:.0%} in "
            f"{label(worst)}; at the end it is {idle.iloc[-1]:.0%}.",
            [Needs("rise of the idle share after the shock", idle[worst] - idle[before_it], least=0.0),
             Needs("month in which most is idle", worst, least=baseline.shock_month)],
        ),
    ]  # fmt: skip


def table_of(tables, measure):
    fans = tables["fan"]
    return fans[fans["measure"] == measure].set_index("month")["median"]


FIGURE = PaperFigure(
    title=TOPIC,
    experiments=("e01_baseline",),
    tables=tables,
    draw=draw,
    caption=caption,
    message=message,
    seen="Four panels over time, each a fan over seeds with the facts as boxes.",
)
