"""The charts of the page: the measures and facts that each shows, and how it is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from bubble_abm.economy.measures import Measures
from bubble_abm.economy.outside import EVENTS, label
from bubble_abm.economy.parameters import DECLARED
from bubble_abm.observe.facts import Fact, facts
from bubble_abm.observe.monthly import stack_where_defined
from bubble_abm.page import drawing
from bubble_abm.page.session import WatchedModel

#: Short names of events in outside.py, by path and month.
SHORT = {("export_control", 9): "export ban", ("export_control", 36): "H200 let in", ("efficiency", 16): "DeepSeek V2"}


@dataclass(frozen=True)
class Curve:
    """One measure in a chart: its name, its colour, and the divisor of its values."""

    measure: str
    name: str
    colour: str
    divisor: float = 1.0
    monthly: bool = False


@dataclass(frozen=True)
class Chart:
    """One chart.

    Attributes
    ----------
    key : str
        Name used in the name of its file.
    title, unit : str
        Text above it.
    curves : tuple of Curve
        Measures; if ``stacked``, from bottom to top.
    facts : tuple of str
        Ids of the facts that are drawn in it.
    least : float
        Smallest upper end of the axis.
    """

    key: str
    title: str
    unit: str
    curves: tuple[Curve, ...]
    facts: tuple[str, ...] = ()
    stacked: bool = False
    least: float = 0.0


STAGES = tuple(
    Curve(f"projects_{name}", name.replace("_", " "), colour)
    for name, colour in (
        ("operating", "blue"), ("idle", "sky"), ("distressed", "orange"), ("taken_over", "purple"),
        ("bankrupt", "vermilion"), ("building", "green"), ("paused", "slate"), ("planned", "mint"),
        ("cancelled", "ash"),
    )
)  # fmt: skip
BORDERS = ("operating", "bankrupt", "cancelled")  # drawn of the twin: tops of sites in use, all built, all projects
CHARTS = (
    Chart("rent", "Rent of an eight-GPU server", "thousand CNY a month",
          (Curve("rent_per_server", "posted", "vermilion", 1e3),
           Curve("contract_rent_per_server", "in contracts", "slate", 1e3)), ("C09", "C10", "C11")),
    Chart("chip_price", "Price of a smuggled GPU", "thousand CNY",
          (Curve("gpu_price", "H100 class", "blue", 1e3),), ("C06", "C07", "C08")),
    Chart("announcements", "Data centres announced", "projects a month",
          (Curve("projects_announced", "new projects", "green", monthly=True),)),
    Chart("stages", "What became of them", "projects", STAGES, ("C01", "C03"), stacked=True),
    Chart("utilisation", "Capacity in use", "% of installed GPUs",
          (Curve("utilisation", "all rental sites", "blue", 0.01),
           Curve("utilisation_new", "new sites", "orange", 0.01)), ("C05", "C04"), least=100.0),
    Chart("startups", "Model makers", "startups",
          (Curve("startups_pretraining", "pre-train their own", "purple"),
           Curve("startups_open_weights", "use open weights", "green"))),
    Chart("subsidies", "Subsidies paid", "million CNY a month",
          (Curve("subsidies_paid", "provinces pay", "orange", 1e6),)),
    Chart("money", "Cash and debt", "billion CNY",
          (Curve("operators_debt", "operators' debt", "vermilion", 1e9),
           Curve("operators_cash", "operators' cash", "blue", 1e9),
           Curve("startups_cash", "startups' cash", "purple", 1e9))),
    Chart("ponzi", "Sites that cannot pay their interest", "% of sites in debt",
          (Curve("ponzi_share", "Ponzi share", "vermilion", 0.01),), least=50.0),
)  # fmt: skip
LEAD = ("rent", "utilisation")  # beside the map
BY_KEY = {chart.key: chart for chart in CHARTS}


@cache
def facts_by_number() -> dict[str, Fact]:
    """Facts by their ids."""
    return {fact.id: fact for fact in facts()}


def dated(model: WatchedModel) -> list[tuple[int, str]]:
    """Return the events of a run: month and short name."""
    controlled = model.parameters.export_control_strength > 0.0
    found = [
        (event.month, SHORT[event.path, event.month])
        for event in EVENTS
        if (event.path, event.month) in SHORT and (controlled or event.path != "export_control")
    ]
    if (month := model.settings.scenario.shock_month) is not None:
        found.append((month, "shock: R1" if month == DECLARED["shock_month"].default else "shock"))
    return [event for event in found if event[0] < model.months]


def values(curve: Curve, series: Any) -> np.ndarray:
    """One curve's values, month by month."""
    if len(series) == 0:
        return np.zeros(0)
    column = stack_where_defined([series], curve.measure)[0] / curve.divisor
    return np.diff(column, prepend=0.0) if curve.monthly else column


def fact_range(fact: Fact, chart: Chart) -> tuple[float, float]:
    """Range of a fact in the unit of the chart; an idle share is converted to a utilisation."""
    low, high = fact.low or 0.0, fact.high or 0.0
    if fact.measure == "idle_share_new":
        low, high = 1.0 - high, 1.0 - low
    return low / chart.curves[0].divisor, high / chart.curves[0].divisor


def draw(chart: Chart, model: WatchedModel) -> str:
    """Draw a chart of the months so far, with its facts, the events and the twin dashed."""
    known = [facts_by_number()[number] for number in chart.facts]
    boxes = [(fact, *fact_range(fact, chart)) for fact in known if fact.last < model.months]
    table = np.array([values(curve, model.series) for curve in chart.curves])
    other = None if model.twin_series is None else np.array([values(c, model.twin_series) for c in chart.curves])
    if chart.stacked:
        table = np.cumsum(table, axis=0)
        other = None if other is None else np.cumsum(other, axis=0)
    if other is not None:
        other[:, : max(model.first_difference - 1, 0)] = np.nan  # before, the twin is the run
    tops = [np.nanmax(rows, initial=0.0) for rows in (table, other) if rows is not None]
    scale = drawing.Scale(model.months, max([*tops, *(high for _, _, high in boxes), chart.least]))
    parts = [drawing.axes(scale)]
    drawn = [drawing.box(scale, fact.first, fact.last, low, high, fact_words(fact)) for fact, low, high in boxes]
    body = stacked(chart, scale, table, other) if chart.stacked else lines(chart, scale, table, other)
    parts += [*body, *drawn] if chart.stacked else [*drawn, *body]
    dashes = "" if other is None else "ink" if chart.stacked else chart.curves[0].colour
    legend = drawing.legend([(curve.name, curve.colour) for curve in chart.curves], twin=dashes)
    parts += [drawing.events(scale, dated(model)), legend]
    return drawing.chart(chart.title, chart.unit, about(chart, model, other), parts)


def lines(chart: Chart, scale: drawing.Scale, table: np.ndarray, other: np.ndarray | None) -> list[str]:
    """Draw each curve, the twin dashed below it."""
    parts = []
    for number, curve in enumerate(chart.curves):
        if other is not None:
            parts.append(drawing.line(scale, other[number], curve.colour, dashed=True))
        parts.append(drawing.line(scale, table[number], curve.colour))
    return parts


def stacked(chart: Chart, scale: drawing.Scale, table: np.ndarray, other: np.ndarray | None) -> list[str]:
    """Draw stacked curves; of the twin, dashed lines at the tops of three of the parts."""
    floor = np.zeros(table.shape[1])
    parts = []
    for number, curve in enumerate(chart.curves):
        parts.append(drawing.area(scale, floor, table[number], curve.colour))
        floor = table[number]
    if other is not None:
        parts += [
            drawing.line(scale, rows, "ink", dashed=True)
            for rows, curve in zip(other, chart.curves)
            if curve.name in BORDERS
        ]
    return parts


def about(chart: Chart, model: WatchedModel, other: np.ndarray | None) -> str:
    """Describe a chart in words, for screen readers."""
    if model.month == 0:
        return f"{chart.unit}. Nothing yet: the run has not begun."
    said = []
    for curve in chart.curves:
        series = values(curve, model.series)
        words = f"{curve.name} {series[-1]:,.3g}" if np.isfinite(series[-1]) else f"{curve.name} none yet"
        if model.twin_series is not None and np.isfinite(series[-1]):
            words += f" (without the shock {values(curve, model.twin_series)[-1]:,.3g})"
        said.append(words)
    return f"{chart.unit}, in {label(model.month - 1)}: {'; '.join(said)}."


def fact_words(fact: Fact) -> str:
    """Describe a fact, for the tooltip of its box."""
    window = label(fact.first) if fact.first == fact.last else f"{label(fact.first)} to {label(fact.last)}"
    return f"Fact {fact.id}: {fact.text}, {fact.low:,g} to {fact.high:,g} {fact.unit}, {window}. {fact.source}"


def meaning(chart: Chart) -> str:
    """Define the measures in a chart, for a tooltip."""
    return ". ".join(f"{curve.name}: {Measures.columns[curve.measure].meaning}" for curve in chart.curves)
