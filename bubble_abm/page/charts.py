"""The charts of the page: the measures and facts that each shows, and how it is drawn."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import solara

from bubble_abm.economy.measures import Measures
from bubble_abm.economy.outside import EVENTS
from bubble_abm.observe.facts import Fact, facts
from bubble_abm.observe.monthly import stack_where_defined
from bubble_abm.observe.seeds import SPREAD
from bubble_abm.page import drawing
from bubble_abm.page.lives import Life, followed
from bubble_abm.page.members import CALLED
from bubble_abm.page.run import WatchedRun
from bubble_abm.page.templates import template
from bubble_abm.page.threads import waited_for
from bubble_abm.page.words import in_own_language, joined, label, say, times, unit

if TYPE_CHECKING:
    from bubble_abm.page.many_seeds import Pairs
    from bubble_abm.page.visit import Visit

#: Short names of events in outside.py, by path and month.
SHORT = {("export_control", 9): "export ban", ("control_h200", 36): "H200 let in", ("efficiency", 16): "DeepSeek V2"}


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
           Curve("contract_rent_per_server", "in contracts", "blue", 1e3)), ("C09", "C10", "C11")),
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


def dated(run: WatchedRun) -> list[tuple[int, str]]:
    """Return the events of a run: month and short name."""
    controlled = run.result.parameters.export_control_strength > 0.0
    found = [
        (event.month, say(SHORT[event.path, event.month]))
        for event in EVENTS
        if (event.path, event.month) in SHORT and (controlled or "control" not in event.path)
    ]
    if (month := run.shock_month) is not None:
        found.append((month, "DeepSeek R1"))
    return [event for event in found if event[0] < run.months]


def values(curve: Curve, series: Any) -> np.ndarray:
    """One curve's values, month by month."""
    return many_values(curve, [series])[0]


def many_values(curve: Curve, runs: Sequence[Any]) -> np.ndarray:
    """One curve's values in some runs of one length, month by month."""
    if len(runs[0]) == 0:
        return np.zeros((len(runs), 0))
    table = stack_where_defined(runs, curve.measure) / curve.divisor
    return np.diff(table, prepend=0.0) if curve.monthly else table


def bands(runs: Sequence[Any]) -> dict[str, np.ndarray]:
    """Bounds between which nine of ten runs lie, for every curve, and for the top of a chart of stacked curves."""
    found: dict[str, np.ndarray] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # new sites do not exist in the first months
        for chart in CHARTS:
            tables = {curve.measure: many_values(curve, runs) for curve in chart.curves}
            if chart.stacked:
                tables = {chart.key: np.sum(list(tables.values()), axis=0)}
            found |= {name: np.nanquantile(table, SPREAD, axis=0) for name, table in tables.items()}
    return found


def fact_range(fact: Fact, chart: Chart) -> tuple[float, float]:
    """Range of a fact in the unit of the chart; an idle share is converted to a utilisation."""
    low, high = fact.low or 0.0, fact.high or 0.0
    if fact.measure == "idle_share_new":
        low, high = 1.0 - high, 1.0 - low
    factor = times(chart.unit) / chart.curves[0].divisor
    return low * factor, high * factor


def rows_in(chart: Chart, series: Any) -> np.ndarray | None:
    """Values of all curves of a chart, of stacked ones their tops."""
    if series is None:
        return None
    table = np.array([values(curve, series) for curve in chart.curves]) * times(chart.unit)
    return np.cumsum(table, axis=0) if chart.stacked else table


def draw(chart: Chart, run: WatchedRun, pairs: Pairs | None = None, kept: WatchedRun | None = None) -> str:
    """Draw a chart of a whole run: bands over seeds, facts, events, the twin dashed, and a kept run in grey."""
    return draw_and_measure(chart, run, pairs, kept)[0]


def draw_and_measure(
    chart: Chart, run: WatchedRun, pairs: Pairs | None, kept: WatchedRun | None, life: Life | None = None
) -> tuple[str, drawing.Scale]:
    """Draw a chart, in that of the capacity in use the data centre that is looked at, and say where the plot is."""
    known = [facts_by_number()[number] for number in chart.facts]
    boxes = [(fact, *fact_range(fact, chart)) for fact in known if fact.last < run.months]
    table, other, before = (
        rows_in(chart, series) for series in (run.series, run.twin_series, None if kept is None else kept.series)
    )
    assert table is not None
    if other is not None:
        other[:, : max(run.first_difference - 1, 0)] = np.nan  # before, the twin is the run
    if before is not None:
        before = before[:, : run.months]
    wide = [] if pairs is None else bands_in(chart, pairs)
    tops = [np.nanmax(rows, initial=0.0) for rows in (table, other, before) if rows is not None]
    tops += [np.nanmax(band[1], initial=0.0) for _, band in wide]
    dashes = "" if other is None else "ink" if chart.stacked else chart.curves[0].colour
    own = life.used * times(chart.unit) / chart.curves[0].divisor if life and chart.key == "utilisation" else None
    entries = [(say(curve.name), curve.colour) for curve in chart.curves]
    entries += [] if own is None else [(say("the chosen data centre"), "ink")]
    legend, height = drawing.legend(entries, twin=dashes, kept=before is not None)
    named = dated(run)
    above = drawing.TITLE + height + drawing.height_of_events(run.months, named) + 4
    scale = drawing.Scale(run.months, max([*tops, *(high for _, _, high in boxes), chart.least]), above)
    parts = [drawing.axes(scale)]
    drawn = [drawing.box(scale, fact.first, fact.last, low, high, fact_words(fact)) for fact, low, high in boxes]
    cloud = [drawing.band(scale, band[0], band[1], colour) for colour, band in wide]
    body = stacked(chart, scale, table, other) if chart.stacked else lines(chart, scale, table, other)
    grey = [] if before is None else list(before[-1:] if chart.stacked else before)
    past = [drawing.line(scale, row, "kept", wide=2.0) for row in grey]
    parts += [*body, *cloud, *past, *drawn] if chart.stacked else [*cloud, *drawn, *past, *body]
    parts += [] if own is None else [drawing.line(scale, own, "ink", wide=1.4)]
    parts += [drawing.events(scale, named), legend]
    words = about(chart, run, run.reached)
    return drawing.chart(scale, say(chart.title), unit(chart.unit), words, parts), scale


def bands_in(chart: Chart, pairs: Pairs) -> list[tuple[str, np.ndarray]]:
    """Bands of a chart, each with its colour."""
    names = [("ink", chart.key)] if chart.stacked else [(curve.colour, curve.measure) for curve in chart.curves]
    return [(colour, pairs.bands[name] * times(chart.unit)) for colour, name in names]


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


def about(chart: Chart, run: WatchedRun, month: int) -> str:
    """Describe a chart in words: its values after some months."""
    if month == 0:
        return say("{unit}. Nothing yet: the run has not begun.", unit=unit(chart.unit))
    said = said_at(readings(chart, run), month - 1)
    return say("{unit}, in {month}: {said}.", unit=unit(chart.unit), month=label(month - 1), said=said)


def readings(chart: Chart, run: WatchedRun) -> list[tuple[str, np.ndarray, np.ndarray | None]]:
    """Name and values of each curve, with the shock and without."""
    theirs, factor = run.twin_series, times(chart.unit)
    return [
        (
            say(curve.name),
            values(curve, run.series) * factor,
            None if theirs is None else values(curve, theirs) * factor,
        )
        for curve in chart.curves
    ]


def said_at(found: Sequence[tuple[str, np.ndarray, np.ndarray | None]], month: int) -> str:
    """Say the values of a month, and those without the shock where they differ."""
    said = []
    for name, ours, theirs in found:
        if not np.isfinite(ours[month]):
            said.append(say("{name} none yet", name=name))
        elif theirs is None or theirs[month] == ours[month]:
            said.append(say("{name} {value}", name=name, value=short(ours[month])))
        else:
            here, there = short(ours[month]), short(theirs[month])
            said.append(say("{name} {value} ({other} without R1)", name=name, value=here, other=there))
    return joined(said, "; ")


def short(value: float) -> str:
    """Write a number with three digits, or all before the point.

    Examples
    --------
    >>> short(1479.6), short(0.4567)
    ('1,480', '0.457')
    """
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def said(chart: Chart, run: WatchedRun) -> list[str]:
    """What to say below a chart for every place of the cursor."""
    found = readings(chart, run)
    return [
        "",
        *(say("{month}: {said}", month=label(month), said=said_at(found, month)) for month in range(run.reached)),
    ]


def fact_words(fact: Fact) -> str:
    """Describe a fact, for the tooltip of its box."""
    return say("Fact {id}: {words}. {source}", id=fact.id, words=fact_in_words(fact), source=say(fact.source))


def fact_in_words(fact: Fact) -> str:
    """Say a fact with its range and window."""
    first, last, name = label(fact.first), label(fact.last), say(fact.text)
    window = first if fact.first == fact.last else say("{first} to {last}", first=first, last=last)
    if fact.low is None or fact.high is None:
        return say("{fact} ({window})", fact=name, window=window)
    share = fact.unit == "share"
    low, high = (100 * value if share else value for value in (fact.low, fact.high))
    values = {"fact": name, "window": window, "low": low, "high": high, "unit": "%" if share else say(fact.unit)}
    return say(
        "{fact}: {low:,g} {unit} ({window})" if low == high else "{fact}: {low:,g} to {high:,g} {unit} ({window})",
        **values,
    )


def meaning(chart: Chart) -> str:
    """Define the measures in a chart, for a tooltip."""
    return joined(
        (
            say("{name}: {meaning}", name=say(curve.name), meaning=say(Measures.columns[curve.measure].meaning))
            for curve in chart.curves
        ),
        ". ",
    )


def shown(
    chart: Chart, run: WatchedRun, pairs: Pairs | None, kept: WatchedRun | None, life: Life | None = None
) -> dict[str, Any]:
    """Return a chart as the page shows it: the picture, where in it the plot is, and what to say below it."""
    svg, scale = draw_and_measure(chart, run, pairs, kept, life)
    return {
        "key": chart.key,
        "title": say(chart.title),
        "about": meaning(chart),
        "svg": svg,
        "said": said(chart, run),
        "facts": [{"id": number, "words": fact_words(facts_by_number()[number])} for number in chart.facts],
        "top": 100 * scale.ceiling / scale.height,
        "below": 100 * drawing.BOTTOM / scale.height,
    }


def crowds(found: Sequence[Pairs | None], shown: str) -> list[dict[str, Any]]:
    """Return whose bands the charts can show: those of seeds, and those of economies as soon as they are there."""
    return [
        {
            "name": one.crowd,
            "words": say("{count} {things}", count=one.count, things=say(CALLED[one.crowd])),
            "chosen": one.crowd == shown,
        }
        for one in found
        if one is not None
    ]


@template("charts")
def Charts(
    name: str = "", lead: bool = False, pictures: Any = None, twin: bool = False, months: int = 0, edges: Any = (),
    crowds: Any = (), event_crowd: Callable[[Any], None] | None = None,
    event_fetch: Callable[[Any], None] | None = None,
) -> None:  # fmt: skip
    """Show some of the charts."""


@solara.component
@in_own_language
def ChartsPart(visit: Visit, lead: bool) -> None:
    """Charts of the whole run: the two that tell the story, or all others."""
    run, pairs, kept = visit.run.value, visit.many, visit.grey.value
    chosen = [chart for chart in CHARTS if (chart.key in LEAD) == lead]
    place = (visit.cursor, visit.agent.value) if lead and visit.kind.value == "operators" else (0, -1)
    life = visit.made(lambda: waited_for(followed, run, *place) if place[1] >= 0 else None, None, [run, *place])
    pictures = visit.made(
        lambda: [shown(chart, run, pairs, kept, life) for chart in chosen], [], [run, pairs, kept, life]
    )
    Charts(
        name=say("Rent and use") if lead else say("More charts"),
        lead=lead,
        pictures=pictures,
        twin=run.twin is not None,
        crowds=crowds((visit.pairs.value, visit.members.value), visit.crowd.value),
        event_crowd=visit.choose_crowd,
        months=run.months,
        edges=[drawing.LEFT, drawing.WIDTH - drawing.RIGHT, drawing.WIDTH],
        event_fetch=visit.fetch,
    )
