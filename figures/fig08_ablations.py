"""Figure 8: the bubble without one mechanism at a time, with and without the shock."""

import pandas as pd

from bubble_abm.paper.captions import Needs, Sentence, first_true
from bubble_abm.paper.figures import PaperFigure
from bubble_abm.paper.plots.paper import (
    FACT_COLOUR,
    better,
    by_shock,
    dots,
    fact_table,
    mean_table,
    panel,
    paper,
    shock_legend,
    sorted_by,
)  # fmt: skip
from bubble_abm.style.figure import GREY

PANELS = {  # outcome: title, unit, divisor, fact, whether more of it is better
    "pop_month": ("pop", "months since\nJan 2023", 1.0, None, True),
    "completed": ("completed", "projects", 1.0, None, None),
    "rent_peak": ("highest rent", "thousand CNY\na month", 1e3, "C09", None),
    "idle_share_peak": ("most idle", "share of new\ncapacity", 1.0, "C04", False),
    "bankruptcies": ("wound up", "projects", 1.0, None, False),
}
STANDARD, SORTED = "standard", "pop_month"
NAMES = {  # of changes that have long ones
    "with platforms that serve themselves first": "with own fleets",
    "with the same, without capital spending": "with own fleets, no capital spending",
    "with harvesters paid on invented use": "with harvesters, invented use",
}
TOPIC = "The bubble without one mechanism at a time"


def tables(ablations):
    runs = ablations.runs
    parts = [mean_table(by_shock(runs, name), name, ["scenario", "shock"]) for name in PANELS]
    drawn = [number for *_, number, _ in PANELS.values() if number]
    return {"ablations": pd.concat(parts, ignore_index=True), "facts": fact_table(drawn)}


def message(tables):
    table = tables["ablations"]
    months = table[(table["measure"] == SORTED) & table["shock"]].set_index("scenario")
    usual = months.loc[STANDARD]
    others = months.drop(index=STANDARD)
    late, next_ = others["mean"].nlargest(2).index
    same = ((others["low"] <= usual["high"]) & (others["high"] >= usual["low"])).mean()
    return first_true(
        [
            Sentence(
                f"The pop comes latest, if at all, with '{NAMES.get(late, late)}'",
                [Needs("its interval above that of the next [months]",
                       others.loc[late, "low"] - others.loc[next_, "high"], least=0.5)],
            ),
            Sentence(
                f"Without one mechanism, the pop stays within its interval in {same:.0%} of the changes",
                [Needs("share of changes whose interval meets the standard one's", same, least=0.5)],
            ),
        ],
        TOPIC,
    )  # fmt: skip


def draw(tables, ablations):
    table, facts = tables["ablations"], tables["facts"]
    order = sorted_by(table, SORTED)
    note = (
        f"n = {ablations.experiment.sample} of the ensemble, each with a seed of its own, the same for every row; "
        "marks: means, bars: their 95 % intervals (Student's t). Sorted by the pop with the shock. Dotted: the "
        "economies as they are, with the shock. A run without a pop counts with its length, so late means seldom. "
        "Yellow: range of the facts C09 (highest rent) and C04 (idle share early in 2025)."
    )
    with paper(message(tables), note, 0.75 + 0.165 * len(order)) as figure:
        grid = figure.subplots(1, len(PANELS), sharey=True)
        for axes, letter, (measure, (title, unit, divisor, number, more)) in zip(grid, "abcdef", PANELS.items()):
            mine = table[table["measure"] == measure]
            panel(axes, letter, title)
            axes.grid(axis="x")
            axes.grid(visible=False, axis="y")
            axes.set_xlabel(unit, fontsize=7)
            axes.locator_params(axis="x", nbins=4)
            if more is not None:
                better(axes, more)
            dots(axes, mine, order, divisor=divisor)
            usual = mine[(mine["scenario"] == STANDARD) & mine["shock"]]["mean"].item()
            axes.axvline(usual / divisor, color=GREY, linewidth=0.9, linestyle=":", zorder=2)
            for fact in facts[facts["id"] == number].itertuples():
                axes.axvspan(fact.low / divisor, fact.high / divisor, color=FACT_COLOUR, linewidth=0, zorder=0.5)
        grid[0].set_yticks(range(len(order)), [NAMES.get(name, name) for name in order], fontsize=6.8)
        grid[0].get_yticklabels()[order.index(STANDARD)].set_fontweight("bold")
        shock_legend(grid[0])
    return figure


def mean(tables, scenario, measure, shock=True):
    table = tables["ablations"]
    chosen = (table["scenario"] == scenario) & (table["measure"] == measure) & (table["shock"] == shock)
    return table[chosen]["mean"].item()


def caption(tables, ablations):
    completed = {name: mean(tables, name, "completed") for name in ablations.experiment.scenarios}
    standard = completed.pop(STANDARD)
    least = min(completed, key=lambda name: completed[name])
    pops = ablations.runs.groupby("scenario")[["popped", "popped_without_shock"]].mean()
    shares = pops.drop(index=STANDARD)["popped"].sort_values()
    rare, others = shares.iloc[:2], shares.iloc[2:]
    months = {name: mean(tables, name, "pop_month") for name in ablations.experiment.scenarios}
    delays = {name: month - months[STANDARD] for name, month in months.items()}
    late = max(delays, key=lambda name: delays[name])
    alone = pops.loc[STANDARD, "popped_without_shock"]
    return [
        Sentence(
            f"Of the {standard:.0f} sites that are completed on average, the fewest are completed with "
            f"'{NAMES.get(least, least)}': "
            f"{completed[least]:.0f}.",
            [Needs(f"sites completed with {least} over those without a change", completed[least] / standard, most=0.8)],
        ),
        Sentence(
            f"The bubble pops in {alone:.0%} of the economies even without the shock. Most mechanisms are not "
            f"needed for the pop: without one of them, it pops in at least {others.min():.0%} of them, except with "
            f"{' and '.join(f'{NAMES.get(name, name)} ({share:.0%})' for name, share in rare.items())}.",
            [Needs("economies that pop without the shock", alone, least=0.8),
             Needs("least share of them that pop, but for two", others.min(), least=0.8),
             Needs("share of them that pop in the second exception", rare.max(), most=0.8)],
            full=True,
        ),
        Sentence(
            f"The pop comes latest with '{NAMES.get(late, late)}', {delays[late]:.0f} months after that without a "
            "change.",
            [Needs("months that the latest pop comes later", delays[late], least=3)],
            full=True,
        ),
    ]  # fmt: skip


FIGURE = PaperFigure(
    title=TOPIC, experiments=("e03_ablations",), tables=tables, draw=draw, caption=caption, message=message,
    seen="A row for each change of the economy, with a mark in each panel with the shock and one without.",
)  # fmt: skip
