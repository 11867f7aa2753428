"""Every fact on half a page, as Markdown: what was observed, what the model makes of it, and where it can be read."""

from __future__ import annotations

import inspect

from bubble_abm.economy.measures import Measures
from bubble_abm.observe.facts import (
    ORDERS_OF_MAGNITUDE,
    PARAMETER_CHECKS,
    PEAKS,
    READINGS,
    REMARKS,
    SIGN_TESTS,
    TREATMENTS,
    UPPER_BOUNDS,
    Fact,
    facts,
    measures_of,
)
from bubble_abm.observe.sources import DERIVED, NOT_SEEN, Source, sources, sources_of
from bubble_abm.paper.printed_tables import target, window

#: What is done with a fact, and what that means.
KINDS = {
    "measure": "a number of the run is held against the range",
    "sign test": "only the direction is held against the run",
    "lower bound": "a number of the run may not fall below it",
    "order of magnitude": "sign and order of magnitude are held against the run",
    "parameter": "the range is held against parameters, not against a run",
    "upper bound": "a parameter may not exceed it",
    "not compared": "no number to compare, or an input: the reason is said",
    "not measured": "background: nothing in a run to hold it against",
}
BREAKING = str.maketrans({mark: f"\\{mark}" for mark in "\\`*_[]<>|"})


def kind_of(fact: Fact) -> str:
    """Return what is done with a fact: one of :data:`KINDS`."""
    if fact.id in PARAMETER_CHECKS:
        return "upper bound" if fact.id in UPPER_BOUNDS else "parameter"
    if fact.id in TREATMENTS:
        return "not compared"
    if fact.id not in READINGS and not set(measures_of(fact)) <= set(Measures.columns):
        return "not measured"
    if fact.id in SIGN_TESTS:
        return "sign test"
    if fact.low is not None and fact.high is None:
        return "lower bound"
    return "order of magnitude" if fact.id in ORDERS_OF_MAGNITUDE else "measure"


def treatment(fact: Fact) -> str:
    """Return how the model represents a fact, or why it is not compared."""
    kind = kind_of(fact)
    if kind in ("parameter", "upper bound"):
        return f"{kind}: {PARAMETER_CHECKS[fact.id][1]}"
    if kind == "not compared":
        return f"{kind}: {TREATMENTS[fact.id]}"
    if kind == "not measured":
        return f"{kind}: the model has no measure of it ({fact.measure})"
    names = [name for name in measures_of(fact) if name in Measures.columns]
    measured = f" {' + '.join(f'`{name}`' for name in names)}" if names else ""
    return f"{kind}{measured}: {computed(fact)}"


def computed(fact: Fact) -> str:
    """Return how the number of a run is computed that is held against a fact."""
    if fact.id in PEAKS:
        return REMARKS[fact.id]
    said = (
        (inspect.getdoc(READINGS[fact.id]) or "").partition("\n")[0] if fact.id in READINGS else "Mean over the window."
    )
    how = said[0].lower() + said[1:].removesuffix(".")
    return f"{how} ({REMARKS[fact.id].removeprefix('a sign test: ')})" if fact.id in REMARKS else how


def plain(text: str) -> str:
    """Return a text of a table in which no character is taken for Markdown."""
    return text.translate(BREAKING)


def cited(source: Source) -> str:
    """Return a source as one item of a list: publisher, link and date, quote, licence, note."""
    if not source.seen:
        parts = [f"{plain(source.publisher)}{f', {source.date}' if source.date else ''}"]
    else:
        title = plain(source.title) or "page"
        link = source.link.replace("(", "%28").replace(")", "%29")
        head = [plain(source.publisher), f"[{title}]({link})" if link else title if source.title else "", source.date]
        english = f" ({plain(source.english)})" if source.english else ""
        parts = [
            f"{', '.join(part for part in head if part)}, read on {source.accessed}: “{plain(source.quote)}”{english}",
            plain(source.licence),
        ]
    first, *rest = (part for part in (*parts, plain(source.note)) if part)
    return ". ".join([first, *(opened(part) for part in rest)]) + "."


def opened(text: str) -> str:
    """Return a text that begins like a sentence."""
    return text[0].upper() + text[1:]


def sheet(fact: Fact) -> str:
    """Return one fact with all that is known of it."""
    unit = f" {fact.unit}" if fact.unit not in ("", "1") else ""
    lines = [
        f"## {fact.id}",
        "",
        f"{opened(plain(fact.text))}, {window(fact)}.",
        "",
        f"- Range: {plain(target(fact) + unit) if target(fact) else 'no number'}",
        f"- Weight: {fact.weight}; group: {fact.group}",
        f"- In the model: {treatment(fact)}",
        f"- Source, in short: {plain(fact.source)}",
        *([f"- Note: {plain(fact.note)}"] if fact.note else []),
        "",
        *(f"{place}. {cited(source)}" for place, source in enumerate(sources_of(fact.id), 1)),
    ]
    return "\n".join(lines)


def counts() -> str:
    """Return how many facts are treated in which way, and how many sources have a link."""
    kinds = [kind_of(fact) for fact in facts()]
    every = sources()
    lines = [f"- {kind} ({kinds.count(kind)}): {meaning}" for kind, meaning in KINDS.items() if kind in kinds]
    unseen, derived = (sum(source.note.startswith(mark) for source in every) for mark in (NOT_SEEN, DERIVED))
    linked = sum(bool(source.link) for source in every)
    read = sum(source.seen for source in every)
    said = (
        f"{len(every)} sources of {len(kinds)} facts: {read} were read, {linked} of them at an address that is linked "
        f"here; {unseen} were not seen; {derived} are derived from other facts."
    )
    return "\n".join([said, "", "What is done with them:", "", *lines])


def fact_sheets() -> str:
    """Return every fact with its sources, as Markdown."""
    return "\n\n".join([counts(), *(sheet(fact) for fact in facts())])
