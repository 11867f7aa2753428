"""Figure 9: policies, what each costs the public and what it prevents, with and without the shock."""

import pandas as pd

from bubble_abm.paper.captions import Needs, Sentence, first_true
from bubble_abm.paper.figures import PaperFigure
from bubble_abm.paper.plots.paper import (
    GOOD,
    better,
    by_shock,
    dots,
    grouped,
    mean_table,
    panel,
    paper,
    shock_legend,
    zero_column,
    zero_line,
)
from bubble_abm.style.figure import BLUE, INK, axis_label, number, place_labels

PREVENTED = "gpu_months_idle"
PANELS = {  # outcome: title, unit, divisor, whether more of it is better
    PREVENTED: ("idle", "million GPU months", 1e6, False),
    "public_cost": ("public cost", "billion CNY", 1e9, False),
    "gpu_months_leased": ("leased", "million GPU months", 1e6, True),
    "failures": ("failures", "projects", 1.0, False),
    "loans_written_off": ("written off", "billion CNY", 1e9, False),
}
STANDARD = "standard"
NAMES = {"the same, forecasts checked": "on use, forecasts checked"}  # called after the one before it
TOPIC = "Policies: what they cost and what they prevent"


def tables(policies):
    runs = policies.runs
    levels, differences = [], []
    for name in PANELS:
        values = by_shock(runs, name)
        levels.append(mean_table(values, name, ["scenario", "shock"]))
        usual = values[values["scenario"] == STANDARD].set_index(["shock", "seed"])[name]
        paired = values[name] - usual.loc[list(zip(values["shock"], values["seed"]))].to_numpy()
        others = values.assign(**{name: paired})[values["scenario"] != STANDARD]
        differences.append(mean_table(others, name, ["scenario", "shock"]))
    return {
        "levels": pd.concat(levels, ignore_index=True),
        "differences": pd.concat(differences, ignore_index=True),
    }


def message(tables):
    idle, cost = (changes(tables, name) for name in (PREVENTED, "public_cost"))
    best, next_ = idle["mean"].nsmallest(2).index
    name = NAMES.get(best, best)
    share = -idle.loc[best, "mean"] / usual_level(tables, PREVENTED)
    return first_true(
        [
            Sentence(
                f"'{name}' prevents most idle capacity, {share:.0%} of it, and saves public money",
                [Needs("share of idle capacity prevented", share, least=0.05),
                 Needs("its interval below that of the next", idle.loc[next_, "low"] - idle.loc[best, "high"],
                       least=0.0),
                 Needs("its public cost, upper end of the difference [CNY]", cost.loc[best, "high"], most=0.0)],
            ),
            Sentence(
                f"'{name}' prevents most idle capacity: {share:.0%} of it",
                [Needs("share of idle capacity prevented", share, least=0.05),
                 Needs("less than the next", idle.loc[next_, "mean"] - idle.loc[best, "mean"], least=1.0)],
            ),
        ],
        TOPIC,
    )  # fmt: skip


def changes(tables, measure):
    """Differences that policies make to a measure, with the shock."""
    table = tables["differences"]
    return table[(table["measure"] == measure) & table["shock"]].set_index("scenario")


def usual_level(tables, measure):
    """Mean of a measure without a policy, with the shock."""
    levels = tables["levels"]
    return levels[(levels["measure"] == measure) & (levels["scenario"] == STANDARD) & levels["shock"]]["mean"].item()


def draw(tables, policies):
    table = tables["differences"]
    order = list(changes(tables, PREVENTED).sort_values("mean", kind="stable").index)
    note = (
        f"n = {policies.experiment.sample} of the ensemble, each with a seed of its own, the same for every policy. "
        f"Policy minus none under the same luck, summed over {policies.experiment.months} months: mean and its 95 % "
        "interval (Student's t over economies). a: with the shock; numbers as in the list, which is sorted by the idle "
        "capacity that is prevented. Below the other titles: without a policy, with the shock, in the same unit. Idle "
        "and leased: GPU months of new sites, and of all. Public cost: subsidies, vouchers, rescues and take-overs. "
        "Policies act from January 2023 and are complied with; that a register costs nothing is assumed. There are no "
        "facts to compare these with."
    )
    with paper(message(tables), note, 2.7 + 0.75 + 0.165 * len(order)) as figure:
        upper, lower = figure.subfigures(2, 1, height_ratios=[2.7, 0.75 + 0.165 * len(order)])
        draw_plane(upper.subplots(), tables, order)
        grid = lower.subplots(1, len(PANELS), sharey=True)
        for axes, letter, (measure, (title, unit, divisor, more)) in zip(grid, "bcdef", PANELS.items()):
            panel(axes, letter, title)
            axes.set_title(axes.get_title(loc="left"), loc="left", fontsize=8, fontweight="bold", pad=22)
            place = {"transform": axes.transAxes, "va": "bottom", "fontsize": 6.3, "color": INK}
            axes.text(0.0, 1.045, f"standard: {number(usual_level(tables, measure) / divisor)}", **place)
            axes.grid(axis="x")
            axes.grid(visible=False, axis="y")
            axes.set_xlabel(axis_label(f"difference [{unit}]", 1.05), fontsize=7)
            axes.locator_params(axis="x", nbins=4)
            dots(axes, table[table["measure"] == measure], order, divisor=divisor)
            zero_column(axes)
            better(axes, more)
        names = [f"{NAMES.get(name, name)}  {place}" for place, name in enumerate(order, start=1)]
        grid[0].set_yticks(range(len(order)), names, fontsize=6.8)
        shock_legend(grid[0])
    return figure


def draw_plane(axes, tables, order):
    """What each policy costs the public against the idle capacity that it prevents."""
    cost, idle = (changes(tables, name).loc[order] for name in ("public_cost", PREVENTED))
    panel(axes, "a", "what it costs against what it prevents", "idle capacity prevented\n[million GPU months]")
    axes.grid(axis="x")
    looks = {"linestyle": "none", "marker": "o", "markersize": 3.2, "color": BLUE, "elinewidth": 0.6, "zorder": 3}
    x, y = cost["mean"].to_numpy() / 1e9, -idle["mean"].to_numpy() / 1e6
    reach = {"xerr": half_width(cost) / 1e9, "yerr": half_width(idle) / 1e6}
    axes.errorbar(x, y, **reach, **looks)
    zero_line(axes)
    zero_column(axes)
    axes.set_xlabel("public cost less that without a policy [billion CNY]", fontsize=7.5)
    axes.margins(0.06, 0.12)
    words = "better: cheaper, and prevents more"
    axes.annotate(words, (0.005, 0.985), xycoords="axes fraction", va="top", fontsize=6.5, color=GOOD,
                  fontstyle="italic")  # fmt: skip
    grouped(axes)
    place_labels(axes, list(zip(x, y)), [str(place) for place in range(1, len(order) + 1)], fontsize=6.5)


def half_width(table):
    """Half of the width of each interval."""
    return ((table["high"] - table["low"]) / 2).to_numpy()


def caption(tables, policies):
    idle, cost = (changes(tables, name) for name in (PREVENTED, "public_cost"))
    best = idle["mean"].idxmin()
    dearest = cost["mean"].idxmax()
    share = -idle.loc[best, "mean"] / usual_level(tables, PREVENTED)
    return [
        Sentence(
            f"The policy '{NAMES.get(best, best)}' prevents most idle capacity: {share:.0%} of it, at a public cost "
            "that differs "
            f"by {cost.loc[best, 'mean'] / 1e9:+.1f} billion CNY.",
            [Needs("idle capacity prevented, share", share, least=0.2)],
        ),
        Sentence(
            f"The most expensive policy is '{NAMES.get(dearest, dearest)}' ({cost.loc[dearest, 'mean'] / 1e9:+.1f} "
            "billion CNY, "
            f"{cost.loc[dearest, 'low'] / 1e9:+.1f} to {cost.loc[dearest, 'high'] / 1e9:+.1f}).",
            [Needs("cost of it, lower end [CNY]", cost.loc[dearest, "low"], least=0.0)],
            full=True,
        ),
    ]


FIGURE = PaperFigure(
    title=TOPIC, experiments=("e04_policies",), tables=tables, draw=draw, caption=caption, message=message,
    seen="A plane of what each policy costs against what it prevents, and a row for each policy with five outcomes.",
)  # fmt: skip
