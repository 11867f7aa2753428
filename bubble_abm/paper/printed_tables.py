"""Tables that the command line prints: facts, parameters, measures, and the headline."""

from __future__ import annotations

import json
import shutil
import sys
import textwrap
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bubble_abm.economy.declare import LINEAR, LOG
from bubble_abm.economy.measures import Measures
from bubble_abm.economy.outside import label
from bubble_abm.economy.parameters import DECLARED
from bubble_abm.engine.scenario import Scenario
from bubble_abm.observe.facts import HIT, MISS, NOT_COMPARED, SIGN_TESTS, UPPER_BOUNDS, Check, Fact, facts, score
from bubble_abm.observe.falls import MEASURED, WINDOWS
from bubble_abm.observe.headline import Headline, say_dates, say_share, sentences, window_in_words
from bubble_abm.observe.sources import Source, sources_of
from bubble_abm.observe.verdict import ATTRIBUTIONS
from bubble_abm.study.comparison import Comparison, what_differs

PIPED_WIDTH = 160  # characters of a table of a run, where the output is no terminal
WIDE = 120  # characters of a terminal below which it gets only the columns that matter most
LISTING_WIDTH = 200  # characters of a list of parameters, facts or measures; below, each entry is a paragraph
UNBROKEN = ("group", "role", "unit", "measure", "from", "to", "range")  # columns whose cells stay on one line
CLIPPED = 56  # characters of a source in the table of a run; `bubble-abm facts` shows the whole source
STYLES = {HIT: "green", MISS: "bold red"}


def show(*things: Any, piped_width: int = PIPED_WIDTH) -> None:
    """Print tables and texts, in a fixed width where the output is not a terminal."""
    width = None if sys.stdout.isatty() else piped_width
    console = Console(width=width, highlight=False, markup=False, emoji=False)
    for thing in things:
        console.print(thing)
        console.print()


def narrow(width: int = WIDE) -> bool:
    """Whether the output is a terminal with fewer characters a line than this."""
    return sys.stdout.isatty() and shutil.get_terminal_size().columns < width


def table_of(title: str, columns: Sequence[str], numbers: Sequence[str] = ()) -> Table:
    """Return an empty table whose first column is not wrapped, and whose columns of numbers are right-aligned."""
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    for place, name in enumerate(columns):
        table.add_column(name, justify="right" if name in numbers else "left", no_wrap=place == 0, overflow="fold")
    return table


# --- Comparison with the facts ----------------------------------------------------------------------------------------


def facts_report(checks: Sequence[Check], seeds: int, noun: str = "seeds") -> Table:
    """Return the table of facts with the simulated values."""
    hits, compared = score(checks)
    simulated = "simulated" if seeds == 1 else f"median and 90 % of {seeds} {noun}"
    wide = () if narrow() else ("source",)
    table = table_of(
        f"Facts: {hits} of {compared} hit", ("", "fact", "target", simulated, "", *wide), ("target", simulated)
    )
    for check in checks:
        if check.verdict in NOT_COMPARED:
            continue
        fact = check.fact
        given = reading(check) if check.median is not None else check.remark
        row = [fact.id, f"{fact.text}, {window(fact)} [{fact.unit or 'ratio'}]", target(fact), given]
        clipped = [textwrap.shorten(fact.source, CLIPPED, placeholder=" ...") for _ in wide]
        table.add_row(*row, Text(check.verdict, style=STYLES.get(check.verdict, "dim")), *clipped)
    return table


def treatments_report(checks: Sequence[Check]) -> Table:
    """Return the facts that are not compared, and how the model represents them if it does."""
    table = table_of("Not compared", ("", "fact", "in the model"))
    for check in checks:
        if check.verdict in NOT_COMPARED:
            table.add_row(check.fact.id, f"{check.fact.text}, {window(check.fact)}", check.remark)
    return table


def window(fact: Fact) -> str:
    """Return the months that a fact is about."""
    return label(fact.first) if fact.first == fact.last else f"{label(fact.first)} to {label(fact.last)}"


def target(fact: Fact) -> str:
    """Return a fact's range."""
    if fact.id in SIGN_TESTS:
        return f"above {SIGN_TESTS[fact.id]:g}"
    if fact.low is None:
        return ""
    if fact.high is None:
        return f"at least {number(fact.low)}"
    if fact.id in UPPER_BOUNDS:
        return f"up to {number(fact.high)}"
    return number(fact.low) if fact.low == fact.high else f"{number(fact.low)} to {number(fact.high)}"


def reading(check: Check) -> str:
    """Return the simulated value: median, the spread of the seeds, and the month of a peak."""
    text = number(check.median)
    if check.low != check.high:
        text += f" ({number(check.low)} to {number(check.high)})"
    return text if check.month is None else f"{text} {label(check.month)}"


def number(value: Any) -> str:
    """Return a number with its thousands grouped, or with about three significant digits."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) >= 1 else f"{value:.2f}"


def verdict_reports(scenario: Scenario, line: Headline) -> list[Table]:
    """Return all that is printed about the end of the boom, the short version last."""
    shares = [] if line.shock_month is None else [shares_report(line)]
    return [definitions_report(line), *shares, headline_report(scenario, line)]


def headline_report(scenario: Scenario, line: Headline) -> Table:
    """Return the headline as a table of topics."""
    first, last = line.seeds[0], line.seeds[-1]
    seeds = f"seed {first}" if first == last else f"seeds {first} to {last}"
    seeds = seeds if line.noun == "seeds" else f"{len(line.seeds)} {line.noun} of an ensemble, {seeds}"
    title = f"{scenario.title or 'In short'}: {seeds}, January 2023 to {label(line.months - 1)}"
    table = Table(title=title, title_justify="left", title_style="bold", box=None, show_header=False, pad_edge=False)
    table.add_column(no_wrap=True, style="bold")
    table.add_column()
    for topic, text in sentences(line):
        table.add_row(topic, text)
    return table


def definitions_report(line: Headline) -> Table:
    """Return when the boom ended, with the shock and without it, under each definition of a pop."""
    shock = () if line.shock_month is None else ("without shock", "the shock")
    table = table_of("Pop, by number of signs and thresholds", ("signs of a bust", "pop", *shock))
    for one in line.definitions:
        cells = [say_dates(one.pops, line.months, line.noun)]
        if line.shock_month is not None:
            counts = [(kind, one.verdicts.count(kind)) for kind in ATTRIBUTIONS if kind in one.verdicts]
            said = ", ".join(kind if len(line.seeds) == 1 else f"{kind} {count}" for kind, count in counts)
            cells += [say_dates(one.pops_without_shock, line.months, line.noun), said]
        table.add_row(one.name, *cells)
    return table


def shares_report(line: Headline) -> Table:
    """Return the share of the fall of each measure that the shock explains."""
    assert line.shock_month is not None
    heads = {window: window_in_words(window, line.shock_month, line.months) for window in WINDOWS}
    over = "" if len(line.seeds) == 1 else f", over {len(line.seeds)} {line.noun} [95 % interval]"
    table = table_of(
        f"Share of the fall (or rise) that the shock explains{over}", ("", *heads.values()), [*heads.values()]
    )
    known = {(one.measure, one.window): one for one in line.shares}
    for name, about in MEASURED.items():
        table.add_row(about.title, *(say_share(known[name, window]) for window in WINDOWS))
    return table


# --- Lists ----------------------------------------------------------------------------------------------------------


def parameter_rows() -> list[dict[str, Any]]:
    """Return every parameter with all that is declared of it, one dictionary each; what a table shows comes first."""
    rows = []
    for name, item in DECLARED.items():
        about = item.metadata
        first = ("group", "role", "unit", "low", "high", "neutral", "sampled", "plausible", "scale", "whole")
        keys = (*first, "reported", "departs", "founding", "source", "meaning")
        rows.append({"name": name, "default": item.default, **{key: about[key] for key in keys}})
    return rows


def fact_rows() -> list[dict[str, Any]]:
    """Return every fact, one dictionary each."""
    rows = []
    for fact in facts():
        row = asdict(fact)
        row["from"], row["to"] = label(row.pop("first")), label(row.pop("last"))
        order = ("id", "text", "low", "high", "unit", "from", "to", "measure", "weight", "source", "note")
        rows.append({name: row[name] for name in order} | {"sources": [source_row(one) for one in sources_of(fact.id)]})
    return rows


def source_row(source: Source) -> dict[str, str]:
    """Return what is known of a source of a fact: its link, and the line that was read there."""
    return {name: text for name, text in asdict(source).items() if name != "id"}


def measure_rows() -> list[dict[str, Any]]:
    """Return every measure, one dictionary each."""
    return [{"name": item.name, "unit": item.unit, "definition": item.meaning} for item in Measures.columns.values()]


def sampling(item: Any) -> str:
    """Return the range and scale that designs draw a parameter from; empty if evenly between its bounds."""
    about = item.metadata
    low, high = about["sampled"]
    if about["scale"] == LINEAR and (low, high) == (about["low"], about["high"]):
        return ""
    return f"{low:,.6g} to {high:,.6g}{', log' * (about['scale'] == LOG)}"


def plausible(item: Any) -> str:
    """Return the range that agrees with the source of a parameter; empty if that is all that designs draw from."""
    low, high = item.metadata["plausible"]
    return "" if (low, high) == tuple(item.metadata["sampled"]) else f"{low:,.6g} to {high:,.6g}"


def listing(title: str, rows: Sequence[dict[str, Any]], as_json: bool) -> None:
    """Print rows as a table, as paragraphs if the terminal is too narrow, or as JSON."""
    if as_json:
        print(json.dumps(list(rows), indent=2, ensure_ascii=False, allow_nan=False))
    elif narrow(LISTING_WIDTH):
        show(*(paragraph(row) for row in rows))
    else:
        show(listing_table(title, [as_shown(row) for row in rows]), piped_width=LISTING_WIDTH)


def listing_table(title: str, rows: Sequence[dict[str, Any]]) -> Table:
    """Return rows as a table."""
    table = table_of(f"{title}: {len(rows)}", list(rows[0]), ("default", "range"))
    for name, column in zip(rows[0], table.columns):
        column.no_wrap = column.no_wrap or name in UNBROKEN
    for row in rows:
        table.add_row(*(cell(value) for value in row.values()))
    return table


def paragraph(row: dict[str, Any]) -> Text:
    """Return a row as a paragraph with the first column as its heading."""
    (_, heading), *rest = as_shown(row).items()
    text = Text(f"{heading}\n", style="bold")
    said = "; ".join(f"{name} {cell(value)}" for name, value in rest if cell(value))
    width = min(shutil.get_terminal_size().columns, WIDE) - 1
    return text.append(textwrap.fill(said, width, initial_indent="  ", subsequent_indent="  "), style="not bold")


def as_shown(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row as a table shows it: bounds in one column, what else is known of a parameter's values in another."""
    joined: dict[str, Any] = {}
    for name, value in row.items():
        if name == "low":
            joined["range"] = "" if value is None else f"{cell(value)} to {cell(row['high'])}"
        elif name == "neutral":
            joined["more"] = more_of_range(row)
        elif name == "sources":
            joined["links"] = links_in_short(value)
        elif name not in ("high", "sampled", "plausible", "scale", "whole", "reported", "departs", "founding"):
            joined[name] = value
    return joined


def links_in_short(sources: Sequence[dict[str, str]]) -> str:
    """Return how many sources of a fact have a link: the links themselves are too long for a table."""
    return f"{sum(bool(source['link']) for source in sources)} of {len(sources)}"


def more_of_range(row: dict[str, Any]) -> str:
    """Return the neutral value of a parameter, the range that designs draw from and the range that its source gives."""
    reported = row["reported"]
    parts = {
        "neutral": "" if row["neutral"] is None else cell(row["neutral"]),
        "sampled": sampling(DECLARED[row["name"]]),
        "plausible": plausible(DECLARED[row["name"]]),
        "reported": "" if reported is None else f"{cell(reported[0])} to {cell(reported[1])}",
    }
    return "; ".join(f"{name} {text}" for name, text in parts.items() if text)


def cell(value: Any) -> str:
    """Return the text of a cell."""
    if value is None:
        return ""
    return value if isinstance(value, str) else f"{value:,.6g}"


# --- Scenarios side by side -------------------------------------------------------------------------------------------


def comparison_report(comparison: Comparison) -> Table:
    """Return outcomes of scenarios side by side, with differences from the first; stars mark those beyond luck."""
    first, *others = comparison.scenarios
    title = (
        f"Means of {first.seeds} seeds, and differences from {first.title} under the same luck (* beyond luck, 95 %)"
    )
    names = [one.title for one in comparison.scenarios]
    table = table_of(title, ("outcome", "unit", *names), names)
    found = comparison.table()
    for name in comparison.names:
        rows = found[found["outcome"] == name].to_dict("records")
        cells = [number(rows[0]["mean"])]
        for row in rows[1:]:
            beyond = row["difference_low"] > 0.0 or row["difference_high"] < 0.0
            sign = "+" if row["difference"] > 0.0 else ""
            cells.append(f"{number(row['mean'])} ({sign}{number(row['difference'])}{'*' if beyond else ''})")
        table.add_row(name, rows[0]["unit"], *cells)
    table.caption = "; ".join(f"{one.title}: {what_differs(one)}" for one in (first, *others))
    table.caption_justify = "left"
    return table
