"""Figure 9: policies, what each costs the public and what it prevents, with and without the shock."""

import pandas as pd

from bubble_abm.paper.captions import Needs, Sentence
from bubble_abm.paper.figures import PaperFigure
from bubble_abm.paper.plots.paper import (
    by_shock,
    dots,
    mean_table,
    number_of_seeds,
    panel,
    paper,
    shock_legend,
    zero_column,
)
from bubble_abm.style.figure import INK, axis_label, number

PANELS = {  # outcome: title, unit, divisor
    "public_cost": ("public cost", "billion CNY", 1e9),
    "gpu_months_idle": ("idle", "thousand GPU months", 1e3),
    "gpu_months_leased": ("leased", "thousand GPU months", 1e3),
    "failures": ("failures", "projects", 1.0),
    "loans_written_off": ("written off", "billion CNY", 1e9),
}
STANDARD = "standard"


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


def draw(tables, policies):
    table, levels = tables["differences"], tables["levels"]
    order = [name for name in policies.experiment.scenarios if name != STANDARD]
    note = (
        f"{number_of_seeds(table)} for each row, the same for all. Marks: policy minus standard run under the same "
        f"luck, summed over {policies.experiment.months} months, mean over seeds; bars: 95 % interval of that mean "
        "(Student's t). Below each title: the standard run with the shock, in the same unit. Idle and leased: GPU "
        "months of new sites, and of all. Public cost: subsidies, vouchers, rescues and take-overs. There are no "
        "facts to compare these with."
    )
    with paper("Policies: what they cost and what they prevent", note, 0.9 + 0.21 * len(order)) as figure:
        grid = figure.subplots(1, len(PANELS), sharey=True)
        for axes, letter, (measure, (title, unit, divisor)) in zip(grid, "abcdef", PANELS.items()):
            usual = levels[(levels["measure"] == measure) & (levels["scenario"] == STANDARD) & levels["shock"]]
            panel(axes, letter, title)
            place = {"transform": axes.transAxes, "va": "bottom", "fontsize": 6.3, "color": INK}
            axes.text(0.0, 1.01, f"standard: {number(usual['mean'].item() / divisor)}", **place)
            axes.grid(axis="x")
            axes.grid(visible=False, axis="y")
            axes.set_xlabel(axis_label(f"difference [{unit}]", 1.05), fontsize=7)
            axes.locator_params(axis="x", nbins=4)
            dots(axes, table[table["measure"] == measure], order, divisor=divisor)
            zero_column(axes)
        grid[0].set_yticks(range(len(order)), order)
        shock_legend(figure)
    return figure


def caption(tables, policies):
    table = tables["differences"]
    idle = table[(table["measure"] == "gpu_months_idle") & table["shock"]].set_index("scenario")
    cost = table[(table["measure"] == "public_cost") & table["shock"]].set_index("scenario")
    levels = tables["levels"]
    usual = levels[(levels["measure"] == "gpu_months_idle") & (levels["scenario"] == STANDARD) & levels["shock"]]
    best = idle["mean"].idxmin()
    dearest = cost["mean"].idxmax()
    share = -idle.loc[best, "mean"] / usual["mean"].item()
    return [
        Sentence(
            f"The policy '{best}' prevents most idle capacity: {share:.0%} of it, at a public cost that differs "
            f"by {cost.loc[best, 'mean'] / 1e9:+.1f} billion CNY.",
            [Needs("idle capacity prevented, share", share, least=0.2)],
        ),
        Sentence(
            f"The most expensive policy is '{dearest}' ({cost.loc[dearest, 'mean'] / 1e9:+.1f} billion CNY, "
            f"{cost.loc[dearest, 'low'] / 1e9:+.1f} to {cost.loc[dearest, 'high'] / 1e9:+.1f}).",
            [Needs("cost of it, lower end [CNY]", cost.loc[dearest, "low"], least=0.0)],
            full=True,
        ),
    ]


FIGURE = PaperFigure(
    title="Policies: what they cost and what they prevent", experiments=("e04_policies",), tables=tables, draw=draw,
    caption=caption,
)  # fmt: skip
