"""Figure 3: the twin, six measures with and without the shock under the same luck, and the difference."""

import pandas as pd

from bubble_abm.economy.outside import label
from bubble_abm.paper.captions import Needs, Sentence, first_true
from bubble_abm.paper.figures import PaperFigure
from bubble_abm.paper.plots.paper import (
    DASHED,
    fan_table,
    from_first_sites,
    grouped,
    mean_table,
    number_of_seeds,
    panel,
    paper,
    timeline,
    zero_line,
)  # fmt: skip
from bubble_abm.style.figure import BLACK, BLUE, VERMILION

PANELS = {  # measure: title, unit, divisor
    "rent_per_server": ("rent of a server", "thousand CNY a month", 1e3),
    "gpu_price": ("price of a GPU", "thousand CNY", 1e3),
    "idle_share_new": ("new capacity idle", "share of GPUs", 1.0),
    "startups_pretraining": ("startups that pre-train", "startups", 1.0),
    "projects_bankrupt": ("sites wound up, cumulative", "projects", 1.0),
    "operators_debt": ("debt of data centres", "billion CNY", 1e9),
}
TOPIC = "The same luck with and without the efficiency shock"
KEYS = ["row", "seed", "month"]


def tables(baseline):
    series = from_first_sites(baseline.series, "idle_share_new")
    levels = pd.concat([fan_table(series, name, ("shock", "month")) for name in PANELS], ignore_index=True).dropna()
    whole, twin = (series[series["shock"] == shock].set_index(KEYS)[list(PANELS)] for shock in (True, False))
    difference = (whole - twin).reset_index()
    means = pd.concat([mean_table(difference, measure, ["month"]) for measure in PANELS], ignore_index=True).dropna()
    return {"levels": levels, "difference": means}


def message(tables):
    table = tables["difference"]
    last = table[table["month"] == table["month"].max()].set_index("measure")
    makers, rent = last.loc["startups_pretraining"], last.loc["rent_per_server"]
    levels = tables["levels"]
    without = levels[(levels["measure"] == "rent_per_server") & ~levels["shock"]].set_index("month")["median"]
    share = max(abs(rent["low"]), abs(rent["high"])) / without.max()
    return first_true(
        [
            Sentence(
                "The shock ends pre-training at many startups and hardly moves the rent",
                [Needs("difference of pre-training startups, upper end", makers["high"], most=-1.0),
                 Needs("difference of the rent over its peak, in absolute terms", share, most=0.05)],
            ),
            Sentence(
                "The shock ends pre-training at many startups",
                [Needs("difference of pre-training startups, upper end", makers["high"], most=-1.0)],
            ),
        ],
        TOPIC,
    )  # fmt: skip


def draw(tables, baseline):
    levels, differences = tables["levels"], tables["difference"]
    note = (
        f"{number_of_seeds(differences)}, each with and without the shock under the same luck. Upper panels: medians, "
        "solid with, dashed without the shock; pale band: nine of ten seeds with the shock. Lower panels: with minus "
        "without, mean and its 95 % interval (Student's t over seeds). Dotted: export ban, DeepSeek V2, the shock."
    )
    with paper(message(tables), note, 5.6) as figure:
        grid = figure.subplots(4, 3, height_ratios=[1.5, 1, 1.5, 1])
        for place, (measure, (title, unit, divisor)) in enumerate(PANELS.items()):
            upper, lower = grid[2 * (place // 3), place % 3], grid[2 * (place // 3) + 1, place % 3]
            panel(upper, "abcdef"[place], title, unit)
            draw_levels(upper, levels[levels["measure"] == measure], divisor)
            draw_difference(lower, differences[differences["measure"] == measure], divisor)
            lower.set_ylabel(f"difference\n[{unit}]", fontsize=6.5)
            for axes in (upper, lower):
                timeline(axes, baseline.experiment.months, baseline.shock_month, names=axes is upper)
                grouped(axes)
        grid[0, 0].legend(loc="upper right", fontsize=6.3, handlelength=1.6)
    return figure


def draw_levels(axes, table, divisor):
    whole, twin = table[table["shock"]], table[~table["shock"]]
    band = whole["q05"] / divisor, whole["q95"] / divisor
    axes.fill_between(whole["month"], *band, color=BLUE, alpha=0.16, linewidth=0)
    axes.plot(whole["month"], whole["median"] / divisor, color=BLUE, linewidth=1.4, label="with")
    axes.plot(twin["month"], twin["median"] / divisor, color=BLACK, linewidth=1.0, linestyle=DASHED, label="without")
    axes.set_ylim(0, None)


def draw_difference(axes, table, divisor):
    axes.fill_between(
        table["month"], table["low"] / divisor, table["high"] / divisor, color=VERMILION, alpha=0.3, linewidth=0
    )
    axes.plot(table["month"], table["mean"] / divisor, color=VERMILION, linewidth=1.2)
    zero_line(axes)
    axes.grid(axis="y")
    axes.margins(y=0.15)


def at(tables, measure, month):
    table = tables["difference"]
    return table[(table["measure"] == measure) & (table["month"] == month)].iloc[0]


def caption(tables, baseline):
    shock = baseline.shock_month
    before = tables["difference"].query("month < @shock")[["mean", "low", "high"]].abs().to_numpy().max()
    year = min(shock + 11, baseline.experiment.months - 1)
    rent, idle, failed = (at(tables, name, year) for name in ("rent_per_server", "idle_share_new", "projects_bankrupt"))
    makers = at(tables, "startups_pretraining", year)
    return [
        Sentence(
            "Before the shock the twins are the same, bit for bit.", [Needs("largest difference", before, most=0.0)]
        ),
        Sentence(
            f"In {label(year)} the shock has taken {-makers['mean']:.0f} startups from pre-training "
            f"({-makers['high']:.0f} to {-makers['low']:.0f}); the rent differs by {rent['mean'] / 1e3:+.1f} thousand "
            f"CNY a month ({rent['low'] / 1e3:+.1f} to {rent['high'] / 1e3:+.1f}), the idle share by "
            f"{100 * idle['mean']:+.1f} points ({100 * idle['low']:+.1f} to {100 * idle['high']:+.1f}).",
            [Needs("difference of pre-training startups, upper end", makers["high"], most=0.0)],
        ),
        Sentence(
            f"Bankruptcies differ by {failed['mean']:+.1f} ({failed['low']:+.1f} to {failed['high']:+.1f}) in a bust "
            "that also happens without it.",
            [Needs("twins that pop without the shock", baseline.runs["popped_without_shock"].mean(), least=0.9)],
            full=True,
        ),
    ]  # fmt: skip


FIGURE = PaperFigure(
    title=TOPIC, experiments=("e01_baseline",), tables=tables, draw=draw, caption=caption, message=message,
    seen="Six measures over time, each with and without the shock, and below it the difference with its interval.",
)  # fmt: skip
