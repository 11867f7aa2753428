"""The overview: a run on one page, with facts as boxes, dated events as thin lines and the twin dashed."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bubble_abm.economy.outside import FIRST_YEAR, label
from bubble_abm.engine.scenario import Runs, Scenario
from bubble_abm.observe.facts import Check, score
from bubble_abm.observe.headline import headline, sentences
from bubble_abm.observe.monthly import stack, stack_where_defined
from bubble_abm.observe.seeds import SPREAD
from bubble_abm.study.comparison import what_differs
from bubble_abm.style.figure import BLACK, BLUE, GREEN, GREY, ORANGE, PURPLE, SKY, VERMILION

FACT_COLOUR, FACT_EDGE = "#FFE9A8", "#B8860B"

#: Dated events: month, short name, description. The shock is added if the scenario has one.
EVENTS = (
    (9, "ban", "17 Oct 2023: A800 and H800 chips banned at once"),
    (16, "V2", "May 2024: DeepSeek V2, price war for tokens"),
)
STAGES = (
    ("operating", BLUE), ("idle", SKY), ("distressed", ORANGE), ("taken_over", PURPLE), ("bankrupt", VERMILION),
    ("building", GREEN), ("paused", GREY), ("planned", "#B8E0D2"), ("cancelled", "#DDDDDD"),
)  # fmt: skip
SIZE = (17.0, 10.6)  # inches
LONGEST = 200  # characters in a line across the page


class Panel:
    """One panel of the page: its axes, and the runs that it shows."""

    def __init__(self, axes: Any, runs: Runs, title: str, unit: str) -> None:
        self.axes, self.runs = axes, runs
        self.months = np.arange(runs.scenario.months)
        axes.set_title(title, loc="left", fontsize=11.5, fontweight="bold", pad=17)
        axes.set_ylabel(unit, fontsize=9)

    def line(self, measure: str, colour: str, name: str = "", *, divisor: float = 1.0, dash: bool = True) -> None:
        """Draw a measure: median over seeds, a band that contains 90 % of them, and the twin dashed."""
        values = stack_where_defined(self.runs.series, measure) / divisor
        self.axes.plot(
            self.months, np.median(values, axis=0), color=colour, linewidth=1.9, label=name or None, zorder=4
        )
        if len(values) > 1:
            low, high = np.quantile(values, SPREAD, axis=0)
            self.axes.fill_between(self.months, low, high, color=colour, alpha=0.16, linewidth=0, zorder=2)
        if dash and self.runs.twin_series:
            twin = np.median(stack_where_defined(self.runs.twin_series, measure), axis=0) / divisor
            self.axes.plot(self.months, twin, color=colour, linewidth=1.2, linestyle=(0, (4, 2)), zorder=3)

    def fact(self, check: Check, *, divisor: float = 1.0) -> None:
        """Draw a fact as a box: its window is the width, its range the height."""
        from matplotlib.patches import Rectangle

        fact = check.fact
        if fact.low is None or fact.high is None or fact.last >= len(self.months):
            return
        corner = (fact.first - 0.5, fact.low / divisor)
        size = (fact.last - fact.first + 1, (fact.high - fact.low) / divisor)
        self.axes.add_patch(
            Rectangle(corner, *size, facecolor=FACT_COLOUR, edgecolor=FACT_EDGE, linewidth=0.8, zorder=1)
        )

    def finish(self, *, legend: str | None = None, headroom: float = 1.08) -> None:
        """Set the axes, and draw the events and the legend, for which ``headroom`` leaves space at the top."""
        axes = self.axes
        last = len(self.months) - 1
        axes.set_xlim(-0.5, last + 0.5)
        axes.set_ylim(0, headroom * (axes.dataLim.y1 or 1.0))
        years = np.arange(0, last + 1, 12)
        axes.set_xticks(years, [str(FIRST_YEAR + month // 12) for month in years], ha="left")
        axes.set_xticks(np.arange(0, last + 1, 3), minor=True)
        axes.tick_params(labelsize=9)
        axes.grid(axis="y", color="#E6E6E6", linewidth=0.7, zorder=0)
        axes.set_axisbelow(True)
        axes.spines[["top", "right"]].set_visible(False)
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.6g}")
        for month, name, _ in dated(self.runs.scenario):
            axes.axvline(month, color=GREY, linewidth=0.8, linestyle=":", zorder=1)
            place = {"transform": axes.get_xaxis_transform(), "ha": "center", "va": "bottom"}
            axes.text(month, 1.01, name, fontsize=8, color="#555555", **place)
        if legend:
            axes.legend(loc=legend, fontsize=8.5, framealpha=0.88, edgecolor="none", handlelength=1.4)


def dated(scenario: Scenario) -> list[tuple[int, str, str]]:
    """Return the events within a run: month, short name, description."""
    events = [event for event in EVENTS if event[0] < scenario.months]
    if (month := scenario.shock_month) is not None:
        what = "the efficient open model is released" + (" (DeepSeek R1)" if month == 24 else "")
        events.append((month, "shock", f"{label(month)}: {what}"))
    return events


# --- The panels -----------------------------------------------------------------------------------------------------


def draw_chip_price(axes: Any, runs: Runs, fact: dict[str, Check]) -> None:
    """Black-market price of one GPU."""
    panel = Panel(axes, runs, "Price of a GPU (H100 class)", "thousand CNY")
    for name in ("C06", "C07", "C08"):
        panel.fact(fact[name], divisor=1e3)
    panel.line("gpu_price", BLUE, divisor=1e3)
    panel.finish()


def draw_rent(axes: Any, runs: Runs, fact: dict[str, Check]) -> None:
    """Monthly rent of a server."""
    panel = Panel(axes, runs, "Rent of an eight-GPU server", "thousand CNY a month")
    for name in ("C09", "C10", "C11"):
        panel.fact(fact[name], divisor=1e3)
    panel.line("rent_per_server", VERMILION, "posted", divisor=1e3)
    panel.line("contract_rent_per_server", GREY, "in contracts", divisor=1e3, dash=False)
    panel.finish(legend="upper right")


def draw_stages(axes: Any, runs: Runs, fact: dict[str, Check]) -> None:
    """Projects by stage, those of 2022 included, stacked; means over seeds, because medians do not add up."""
    panel = Panel(axes, runs, "Projects by stage", "projects" + (", mean" if len(runs.seeds) > 1 else ""))
    parts = [stack(runs.series, f"projects_{name}").mean(axis=0) for name, _ in STAGES]
    names = [name.replace("_", " ") for name, _ in STAGES]
    axes.stackplot(panel.months, parts, labels=names, colors=[colour for _, colour in STAGES], linewidth=0, zorder=2)
    if runs.twin_series:
        twin = sum(stack(runs.twin_series, f"projects_{name}").mean(axis=0) for name, _ in STAGES)
        axes.plot(panel.months, twin, color=BLACK, linewidth=1.2, linestyle=(0, (4, 2)), zorder=3)
    for name in ("C01", "C03"):
        draw_bar(axes, fact[name], runs)
    panel.finish(legend="upper left")


def draw_bar(axes: Any, check: Check, runs: Runs) -> None:
    """Draw a fact of one month as a vertical bar, which does not hide the stacked areas."""
    fact, scale = check.fact, runs.scenario.parameters.scale
    if fact.last < runs.scenario.months:
        low, high = (value * scale for value in (fact.low or 0.0, fact.high or 0.0))
        axes.errorbar(
            fact.last,
            (low + high) / 2,
            yerr=(high - low) / 2,
            color=FACT_EDGE,
            linewidth=2.2,
            capsize=4,
            capthick=2.2,
            zorder=5,
        )


def draw_utilisation(axes: Any, runs: Runs, fact: dict[str, Check]) -> None:
    """Leased over installed GPUs."""
    panel = Panel(axes, runs, "Utilisation: all sites and new ones", "leased / installed GPUs")
    panel.fact(fact["C05"])
    idle = fact["C04"].fact
    axes_fact = 1 - np.array([idle.high or 0.0, idle.low or 0.0])
    if idle.last < runs.scenario.months:
        draw_box(axes, idle.first, idle.last, *axes_fact)
    panel.line("utilisation", BLACK, "all sites")
    panel.line("utilisation_new", ORANGE, "announced since 2023")
    panel.finish(legend="upper right", headroom=1.3)


def draw_box(axes: Any, first: int, last: int, low: float, high: float) -> None:
    """Draw a range as a hatched box, to distinguish it from another box that it may touch."""
    from matplotlib.patches import Rectangle

    box = Rectangle((first - 0.5, low), last - first + 1, high - low, facecolor=FACT_COLOUR, edgecolor=ORANGE)
    box.set(hatch="////", linewidth=0.8, zorder=1)
    axes.add_patch(box)


def draw_places(axes: Any, runs: Runs, fact: dict[str, Check]) -> None:
    """Leased over installed GPUs, near the users of inference and elsewhere."""
    panel = Panel(axes, runs, "Utilisation: hubs and interior", "leased / installed GPUs")
    panel.line("utilisation_hub", BLUE, "near the users (hubs)")
    panel.line("utilisation_interior", VERMILION, "interior")
    panel.finish(legend="upper right", headroom=1.3)


def draw_startups(axes: Any, runs: Runs, fact: dict[str, Check]) -> None:
    """Startups by what they do."""
    panel = Panel(axes, runs, "Startups", "startups")
    panel.line("startups_active", GREY, "in business", dash=False)
    panel.line("startups_pretraining", GREEN, "pre-training their own model")
    panel.line("startups_open_weights", PURPLE, "using open weights")
    panel.finish(legend="upper left", headroom=1.45)


def draw_use(axes: Any, runs: Runs, fact: dict[str, Check]) -> None:
    """Leased GPUs by use, and the installed ones."""
    panel = Panel(axes, runs, "GPUs installed and leased", "thousand GPUs")
    panel.line("gpus_installed", BLACK, "installed", divisor=1e3)
    panel.line("training_gpus", BLUE, "leased for training", divisor=1e3)
    panel.line("inference_gpus", ORANGE, "leased for inference", divisor=1e3)
    panel.finish(legend="upper left")


def draw_money(axes: Any, runs: Runs, fact: dict[str, Check]) -> None:
    """Cash and debt of the data centres."""
    panel = Panel(axes, runs, "Money of the data centres", "billion CNY")
    panel.line("operators_debt", VERMILION, "debt", divisor=1e9)
    panel.line("operators_cash", GREEN, "cash", divisor=1e9)
    panel.finish(legend="upper left")


PANELS: tuple[Callable[[Any, Runs, dict[str, Check]], None], ...] = (
    draw_chip_price, draw_rent, draw_stages, draw_utilisation, draw_places, draw_use, draw_startups, draw_money,
)  # fmt: skip


# --- The page -------------------------------------------------------------------------------------------------------


LEFT_OUT = ("Margin",)  # sentences for which there is no room
TOP, BOTTOM = 1.05, -0.19  # of the words, in heights of their panel: below them is the line of events
LINE, BETWEEN = 0.0555, 0.012  # heights of a line, and of the space between two sentences


def draw_words(axes: Any, runs: Runs, checks: Sequence[Check]) -> None:
    """The text of the page: the headline, and the number of facts that are hit."""
    hits, compared = score(checks)
    said = [*sentences(headline(runs)), ("Facts", f"{hits} of {compared} hit")]
    write_words(axes, [(topic, text) for topic, text in said if topic not in LEFT_OUT])


def write_words(axes: Any, said: Sequence[tuple[str, str]]) -> None:
    """Write sentences one below the other, each beside its topic; smaller where they would not fit."""
    axes.axis("off")
    axes.set_title("In words", loc="left", fontsize=11.5, fontweight="bold", pad=17)
    wrapped = [(topic, textwrap.wrap(text, 70)) for topic, text in said]
    needed = sum(LINE * len(lines) + BETWEEN for _, lines in wrapped)
    size = min(1.0, (TOP - BOTTOM) / needed)
    height = TOP
    for topic, lines in wrapped:
        place = {"transform": axes.transAxes, "va": "top", "fontsize": 6.9 * size, "linespacing": 1.25}
        axes.text(0.0, height, topic, fontweight="bold", **place)
        axes.text(0.24, height, "\n".join(lines), **place)
        height -= size * (LINE * len(lines) + BETWEEN)


def reading_key(runs: Runs) -> str:
    """How to read the lines and boxes of the page, in one line."""
    key = ["solid: the run" + (f", median of the {runs.noun}, band: 90 % of them" if len(runs.seeds) > 1 else "")]
    if runs.twin_series:
        key.append("dashed: its twin without the shock, under the same luck")
    key.append("yellow: what was observed, its range and window (hatched: new sites only)")
    return "   |   ".join(key)


def what_is_run(runs: Runs) -> str:
    """In what the economy differs from the standard one, in one line."""
    if runs.points:
        return "parameters: those of the members"
    return textwrap.shorten(what_differs(runs.scenario), LONGEST, placeholder=" ...")


def save_overview(path: Path, runs: Runs, checks: Sequence[Check]) -> None:
    """Draw the page and write it as PNG.

    Parameters
    ----------
    path : Path
        File to write.
    runs : Runs
        The runs.
    checks : sequence of Check
        Their comparison with the facts.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=SIZE, dpi=150, facecolor="white")
    FigureCanvasAgg(figure)
    places = figure.subplots(3, 3).ravel()
    figure.subplots_adjust(left=0.045, right=0.985, top=0.865, bottom=0.07, wspace=0.2, hspace=0.46)
    known = {check.fact.id: check for check in checks}
    for draw, axes in zip(PANELS, places):
        draw(axes, runs, known)
    draw_words(places[len(PANELS)], runs, checks)
    figure.text(0.045, 0.966, page_title(runs), fontsize=17, fontweight="bold", va="center")
    figure.text(0.045, 0.939, what_is_run(runs), fontsize=9.5, va="center")
    figure.text(0.045, 0.918, reading_key(runs), fontsize=9.5, color="#444444", va="center")
    events = "   |   ".join(f"{name}: {what}" for _, name, what in dated(runs.scenario))
    figure.text(0.045, 0.02, events, fontsize=9, color="#444444", va="center")
    figure.savefig(path, format="png")


def page_title(runs: Runs) -> str:
    """Return the page's title."""
    first, last = runs.seeds[0], runs.seeds[-1]
    seeds = f"seed {first}" if first == last else f"{len(runs.seeds)} seeds, {first} to {last}"
    if runs.points:
        seeds = f"{len(runs.points)} members of an ensemble, {seeds if first == last else f'seeds {first} to {last}'}"
    return f"{runs.scenario.title or 'An economy of the AI-compute bubble'} ({seeds})"
