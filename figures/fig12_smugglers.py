"""Figure 12: smugglers around the ban and the bust, their margins, number, stock, and second-hand supply."""

import pandas as pd

from bubble_abm.economy.outside import label
from bubble_abm.paper.captions import Needs, Sentence, first_true
from bubble_abm.paper.figures import PaperFigure
from bubble_abm.paper.plots.paper import (
    DASHED,
    SEEDS_SHOWN,
    events,
    fact,
    fact_table,
    fan,
    fan_table,
    grouped,
    number_of_seeds,
    panel,
    paper,
    timeline,
)  # fmt: skip
from bubble_abm.style.figure import BLACK, BLUE, GREEN, ORANGE, PURPLE, VERMILION

PANELS = {  # measure: title, unit, divisor, colour
    "mean_markup": ("margin over the landed cost", "share of that cost", 1.0, VERMILION),
    "gpu_price": ("price of a GPU", "thousand CNY", 1e3, BLUE),
    "smugglers_active": ("smugglers in business", "smugglers", 1.0, PURPLE),
    "smugglers_stock": ("their stock, shipments included", "thousand GPUs", 1e3, GREEN),
    "gpus_imported": ("smuggled chips that arrive", "thousand GPUs a month", 1e3, BLUE),
    "chips_sold_second_hand": ("second-hand supply", "thousand GPUs a month", 1e3, ORANGE),
}
FACTS = ("C06", "C07", "C08")
TOPIC = "Smugglers around the ban and the bust"


def tables(baseline):
    series = baseline.series
    fans = pd.concat([fan_table(series, name, ("shock", "month")) for name in PANELS], ignore_index=True)
    return {"fan": fans, "facts": fact_table(FACTS)}


def message(tables):
    fans = tables["fan"]
    median = fans[fans["shock"]].set_index(["measure", "month"])["median"]
    margin, number = (median[name] for name in ("mean_markup", "smugglers_active"))
    left = number.iloc[-1] / number.max()
    return first_true(
        [
            Sentence(
                f"The ban feeds smugglers, the bust drives {1 - left:.0%} of them out",
                [Needs("month of the highest margin", int(margin.idxmax()), least=events(None)[0][0]),
                 Needs("share of the most smugglers that is left", left, most=0.5)],
            ),
        ],
        TOPIC,
    )  # fmt: skip


def draw(tables, baseline):
    fans, months = tables["fan"], baseline.experiment.months
    note = (
        f"{number_of_seeds(fans)}; {SEEDS_SHOWN}; dashed: median of the twins without the shock. Yellow: facts C06 to "
        "C08. Dotted: export ban of October 2023, DeepSeek V2, the shock. The steps in the price in April 2025 and "
        "January 2026 are due to the tariff and the relaxed control, which change the landed cost."
    )
    with paper(message(tables), note, 4.0) as figure:
        for axes, letter, (measure, about) in zip(figure.subplots(2, 3).ravel(), "abcdef", PANELS.items()):
            title, unit, divisor, colour = about
            panel(axes, letter, title, unit)
            mine = fans[fans["measure"] == measure]
            fan(axes, mine[mine["shock"]], colour, divisor=divisor)
            twin = mine[~mine["shock"]]
            axes.plot(twin["month"], twin["median"] / divisor, color=BLACK, linewidth=0.8, linestyle=DASHED, zorder=5)
            for number in FACTS if measure == "gpu_price" else ():
                fact(axes, tables["facts"], number, months, divisor=divisor)
            if measure != "mean_markup":
                axes.set_ylim(0, None)
            timeline(axes, months, baseline.shock_month)
            grouped(axes)
    return figure


def caption(tables, baseline):
    fans = tables["fan"]
    median = fans[fans["shock"]].set_index(["measure", "month"])["median"]
    ban = events(None)[0][0]
    margin, number, used = (median[name] for name in ("mean_markup", "smugglers_active", "chips_sold_second_hand"))
    stock = median["smugglers_stock"]
    top, low, most = int(margin.idxmax()), int(margin.idxmin()), int(used.idxmax())
    return [
        Sentence(
            f"After the ban of {label(ban)} the smugglers' margin rises to {margin[top]:.0%} of the landed cost in "
            f"{label(top)} and their number from {number[ban - 1]:.0f} to {number.max():.0f}.",
            [Needs("month of the highest margin", top, least=ban),
             Needs("smugglers at most over those before the ban", number.max() / number[ban - 1], least=1.0)],
        ),
        Sentence(
            f"In the bust the margin turns negative ({margin.min():.0%} in {label(low)}, with a stock of "
            f"{stock[low] / 1e3:.0f} thousand GPUs), and in the end {number.iloc[-1]:.0f} smugglers are left.",
            [Needs("lowest margin", margin.min(), most=0.0),
             Needs("smugglers at the end over the most", number.iloc[-1] / number.max(), most=0.8)],
        ),
        Sentence(
            f"Second-hand supply comes late: its peak of {used[most] / 1e3:.1f} thousand GPUs a month is in "
            f"{label(most)}.",
            [Needs("months from the highest margin to the peak", most - top, least=6)],
        ),
    ]  # fmt: skip


FIGURE = PaperFigure(
    title=TOPIC, experiments=("e01_baseline",), tables=tables, draw=draw,
    caption=caption, message=message, supplement=True,
    seen="Six panels over time, each a fan over seeds with the median of the twins.",
)  # fmt: skip
