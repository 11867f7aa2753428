"""Generated documentation: ``python -m bubble_abm.paper.docs`` writes it, ``--check`` finds pages that are stale.

A page marks the beginning of a table with ``<!-- generated: parameters -->`` and the end with ``<!-- end -->``. Tables
come from declarations in the code; ``<!-- generated: measured/facts.csv -->`` is a file that ``docs/measure.py`` wrote,
and ``<!-- generated: effects/search -->`` what ``docs/measure_mechanisms.py`` has measured of a mechanism.
"""

from __future__ import annotations

import csv
import inspect
import re
import sys
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import fields
from functools import partial
from pathlib import Path

from bubble_abm.economy import outside as calendar
from bubble_abm.economy.accounts import FLOWS, SECTORS, Books, Residuals
from bubble_abm.economy.declare import unknown_name
from bubble_abm.economy.kinds import KINDS, LUCKY
from bubble_abm.economy.ledger import Account
from bubble_abm.economy.markets.chips import Order
from bubble_abm.economy.markets.leasing import Lease
from bubble_abm.economy.markets.signals import Market
from bubble_abm.economy.measures import Measures
from bubble_abm.economy.mechanisms import MECHANISMS
from bubble_abm.economy.outside import label
from bubble_abm.economy.parameters import DECLARED, OUTSIDE
from bubble_abm.economy.provinces import PROVINCES, REGIONS
from bubble_abm.economy.tables import Row
from bubble_abm.engine.rules import standard_rules
from bubble_abm.observe.facts import facts, measures_of
from bubble_abm.observe.falls import MEASURED, WINDOWS
from bubble_abm.observe.outcomes import DECLARED_OUTCOMES, FALLS, SHARE, STANDARD
from bubble_abm.paper.description import (
    amendments,
    bodies,
    constants,
    founding_source,
    in_force,
    initial_values,
    luck_source,
    named_numbers,
    payments,
    references,
    schedule,
    steps,
)
from bubble_abm.paper.effects import done_when, effects, topics
from bubble_abm.paper.fact_sheets import fact_sheets
from bubble_abm.paper.markdown import code, file_of, home, number, summary, table
from bubble_abm.paper.printed_tables import plausible, sampling, target, window

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"(<!-- generated: (?P<name>\S+) -->\n).*?(<!-- end -->)", re.DOTALL)

STATE: tuple[type[Row], ...] = (*(kind.row for kind in KINDS), Order, Lease, Market, Account, Books)
LUCK: tuple[type[Row], ...] = tuple(kind.luck for kind in LUCKY if kind.luck is not None)


# --- Tables from the code --------------------------------------------------------------------------------------------


def columns(kinds: Sequence[type[Row]]) -> str:
    """Return the columns of some tables of agents, or the draws of some kinds with their places, one table each."""
    parts = []
    for kind in kinds:
        drawn = any(column.place is not None for column in kind.columns.values())
        heading = ("draw", "place", "meaning") if drawn else ("column", "unit", "meaning")
        rows = [
            (code(column.name), column.place if drawn else column.unit, column.meaning)
            for column in kind.columns.values()
        ]
        file = f"bubble_abm/{kind.__module__.partition('.')[2].replace('.', '/')}.py"
        parts.append(f"**{kind.__name__}** ({code(file)}). {inspect.getdoc(kind)}")
        parts.append(table(heading, rows))
    return "\n\n".join(parts)


def rules() -> str:
    """Return every rule that can be replaced."""
    rows = [
        (code(name), code(", ".join(inspect.signature(rule).parameters)), summary(rule), home(rule))
        for name, rule in standard_rules().items()
    ]
    return table(("rule", "arguments", "what it returns", "file"), rows)


def mechanisms() -> str:
    """Return every mechanism: what it is, its neutral values, and the economy without it."""
    rows = []
    for mechanism in MECHANISMS:
        name, _, sentence = summary(mechanism).partition(": ")
        _, _, without = " ".join((inspect.getdoc(mechanism) or "").split()).partition("Without it, ")
        declared = [DECLARED[item.name] for item in fields(mechanism.Parameters)]
        values = {item.name: item.metadata["neutral"] for item in declared}
        neutral = ", ".join(f"`{name}` {value:g}" for name, value in values.items() if value is not None)
        without = without.partition(". ")[0].removesuffix(".")
        rows.append((f"**{name}**", sentence, without, neutral, file_of(mechanism.__name__)))
    return table(("mechanism", "what it is", "without it", "neutral at", "file"), rows)


def parameters() -> str:
    """Return every parameter."""
    rows = []
    for name, item in DECLARED.items():
        about = item.metadata
        bounds = f"{number(about['low'])} to {number(about['high'])}"
        source = "; ".join(said for said in (about["source"], about["departs"]) if said)
        rest = (about["unit"], about["group"], about["role"], source, about["meaning"])
        rows.append((code(name), number(item.default), bounds, sampling(item), plausible(item), *rest))
    heading = ("name", "default", "range", "sampled", "plausible", "unit", "group", "role", "source", "meaning")
    return table(heading, rows)


def provinces() -> str:
    """Return the provinces: where they lie, and what is fixed about them."""
    rows = []
    for place in PROVINCES:
        hub, budget = "yes" if place.hub else "", f"{place.budget:.1f}"
        rows.append((place.name, REGIONS[place.region], hub, number(place.latency), f"{place.power_price:.2f}", budget))
    return table(("province", "region", "hub", "delay [ms]", "power [CNY/kWh]", "budget [ratio]"), rows)


def outside() -> str:
    """Return the paths of the outside world."""
    return table(("path", "meaning"), [(code(name), meaning) for name, meaning in OUTSIDE.items()])


def events() -> str:
    """Return the dated events and the points of the central call, in the order of their dates."""
    entries = [(event.month, event.path, event.value, event.name, event.source) for event in calendar.EVENTS]
    entries += [(at, "call", level, reason, "interpolated between its points") for at, level, reason in calendar.CALL]
    entries += [
        (at, f"since_{name}", 0, f"{name.upper()} announced", "by its maker; one more each month")
        for name, at in calendar.ANNOUNCED.items()
    ]
    rows = [
        (label(at), code(path), number(value), name, source)
        for at, path, value, name, source in sorted(entries, key=lambda entry: entry[0])
    ]
    return table(("from", "path", "value", "event", "source"), rows)


def patterns() -> str:
    """Return the facts that runs are compared with."""
    rows = []
    for fact in facts():
        measured = code(fact.measure) if set(measures_of(fact)) <= set(Measures.columns) else fact.measure
        cells = (f"{fact.text}, {window(fact)}", target(fact), fact.unit, measured, fact.weight, fact.source)
        rows.append((fact.id, *cells))
    return table(("", "fact", "range", "unit", "compared with", "weight", "source"), rows)


def measures() -> str:
    """Return every measure."""
    rows = [(code(column.name), column.unit, column.meaning) for column in Measures.columns.values()]
    return table(("measure", "unit", "definition"), rows)


def outcomes() -> str:
    """Return every outcome, and whether experiments keep it by default."""
    rows = [
        (code(name), one.unit, one.meaning, "yes" if name in STANDARD else "")
        for name, one in DECLARED_OUTCOMES.items()
        if name.removesuffix(SHARE) not in FALLS
    ]
    return table(("outcome", "unit", "definition", "by default"), rows)


def falls() -> str:
    """Return the falls that are outcomes, by measure and by window."""
    rows = [(code(f"{name}_{about.way}"), about.title, about.unit) for name, about in MEASURED.items()]
    ends = [(f"...{code(window)}" if window else "...", meaning) for window, meaning in WINDOWS.items()]
    return table(("outcome", "fall or rise of", "unit"), rows) + "\n\n" + table(("end", "from where to where"), ends)


def flows() -> str:
    """Return who pays whom: the signs of the flow matrix over a standard run."""
    from bubble_abm.engine.simulation import simulate

    recorded = simulate(seed=1).records.flows
    rows = []
    for place, flow in enumerate(FLOWS):
        cells = []
        for sector in range(len(SECTORS)):
            amounts = recorded[:, place, sector]
            out, into = bool((amounts < 0).any()), bool((amounts > 0).any())
            cells.append("+/-" if out and into else "-" if out else "+" if into else "")
        rows.append((code(flow), *cells))
    return table(("flow", *SECTORS), rows)


def identities() -> str:
    """Return the accounting identities that are checked every month."""
    rows = [(code(column.name), column.unit, column.meaning) for column in Residuals.columns.values()]
    return table(("identity", "unit", "residual"), rows)


def measured(path: Path) -> str:
    """Return a table of measured results that is stored as CSV."""
    with path.open(newline="", encoding="utf-8") as file:
        heading, *rows = csv.reader(file)
    return table(heading, rows)


def in_short(prefix: str, which: str, things: str) -> str:
    """Return what measured tables say of the shock, in three sentences.

    Parameters
    ----------
    prefix : str
        What the names of the tables begin with.
    which, things : str
        Words for the economies, and for what is counted: seeds or members.
    """
    with (ROOT / "docs" / "measured" / f"{prefix}shares.csv").open(newline="", encoding="utf-8") as file:
        shares = {row[""]: row for row in csv.DictReader(file)}
    with (ROOT / "docs" / "measured" / f"{prefix}headline.csv").open(newline="", encoding="utf-8") as file:
        said = dict(list(csv.reader(file))[1:])
    popped, count = counts_in(said["Without shock"], rf"in (\d+) of (\d+) {things}")
    (hastened,), (delayed,), (caused,) = (
        counts_in(said["Shock, Jan 2025"], rf"{word} by .*? in (\d+)") for word in ("hastened", "delayed", "caused")
    )
    asked = (
        ("rent of a server", "peak to Jun 2025", "the fall of the rent from its peak to June 2025"),
        ("new capacity idle", "Dec 2024 to Jun 2025", "the rise of idle capacity in the half year after December 2024"),
        ("model makers that pre-train", "Dec 2024 to Jun 2025", "the end of pre-training in that half year"),
    )
    explained = [f"{shares[row][of]} of {what}" for row, of, what in asked if "%" in shares[row][of]]
    text = f"""{which} the bubble also pops without the shock, in {popped} of {count} {things}. With it the pop comes
        earlier in {hastened} and later in {delayed}; in {caused} there is one only because of the shock. Of the bust
        the shock explains {"; ".join(explained)}."""
    return textwrap.fill(" ".join(text.split()), 120, break_long_words=False, break_on_hyphens=False)


def counts_in(text: str, pattern: str) -> tuple[int, ...]:
    """Return the numbers in a sentence of the headline, 0 where it does not mention them."""
    found = re.search(pattern, text)
    return tuple(map(int, found.groups())) if found else (0,) * re.compile(pattern).groups


GENERATED: dict[str, Callable[[], str]] = {
    "in-short": lambda: in_short("", "In short: with the default parameters", "seeds"),
    "in-short-members": lambda: in_short("ensemble_", "In the economies that the facts do not rule out", "members"),
    "state": lambda: columns(STATE),
    "luck": lambda: columns(LUCK),
    "steps": steps,
    "schedule": schedule,
    "rules": rules,
    "amendments": amendments,
    "bodies": bodies,
    "in_force": in_force,
    "constants": constants,
    "named_numbers": named_numbers,
    "initial_values": initial_values,
    "founding_source": founding_source,
    "luck_source": luck_source,
    "payments": payments,
    "references": references,
    "mechanisms": mechanisms,
    "done-when": done_when,
    "parameters": parameters,
    "provinces": provinces,
    "outside": outside,
    "events": events,
    "patterns": patterns,
    "facts": fact_sheets,
    "measures": measures,
    "outcomes": outcomes,
    "falls": falls,
    "flows": flows,
    "identities": identities,
} | {f"effects/{topic}": partial(effects, topic) for topic in topics()}


# --- Pages -----------------------------------------------------------------------------------------------------------


def pages() -> list[Path]:
    """Return the pages that may hold generated tables."""
    return [page for page in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))) if page.exists()]


def block(name: str) -> str:
    """Return one generated table by its name, or exit if the name is unknown."""
    if name.endswith(".csv"):
        return measured(ROOT / "docs" / name)
    if name not in GENERATED:
        sys.exit(f"docs: {unknown_name('table', name, GENERATED)}")
    return GENERATED[name]()


def renewed(text: str) -> str:
    """Return a page with its generated tables updated."""
    return BLOCK.sub(lambda found: f"{found[1]}\n{block(found['name'])}\n\n{found[3]}", text)


def main(arguments: Sequence[str]) -> int:
    """Write the generated tables, or with ``--check`` name the pages that are stale."""
    stale = []
    for page in pages():
        text = page.read_text(encoding="utf-8")
        if (new := renewed(text)) != text:
            stale.append(page)
            if "--check" not in arguments:
                page.write_text(new, encoding="utf-8")
    if not pages():
        sys.exit(f"docs: no pages in {ROOT}; run it in a checkout")
    names = ", ".join(str(page.relative_to(ROOT)) for page in stale)
    if stale and "--check" in arguments:
        print(f"stale: {names}; run 'make docs'", file=sys.stderr)
        return 1
    print(f"written: {names}" if stale else "up to date")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
