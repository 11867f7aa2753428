"""Sources of the facts: who said it, where it can be read, and the line that was read there.

A row of ``sources.csv`` is one source of one fact. A source that was not read has no link and no quote, and its note
begins with ``not seen:``; that of what follows from other facts begins with ``derived:``.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from itertools import pairwise
from urllib.parse import urlsplit

from bubble_abm.economy.declare import InvalidInput, shown, unknown_name
from bubble_abm.observe.facts import facts

NOT_SEEN, DERIVED = "not seen: ", "derived: "
WORDS, CHARACTERS = 25, 60  # of a quote: more would be no citation; characters where a language does not part words

LINK = re.compile(r"https://[\w.-]+\.[a-z]+[^\s<>()]*")
DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")
DAY = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@dataclass(frozen=True)
class Source:
    """One source of a fact.

    Attributes
    ----------
    id : str
        The fact.
    publisher, title, date : str
        Who said it, under which title and when: a year, a month or a day. Empty if that was not seen.
    link : str
        Address of the page; empty if it was not seen, or has no ``https``.
    accessed : str
        Day on which the passage was read.
    quote, english : str
        One line of it, word for word, and what a Chinese line says in English.
    licence : str
        Terms under which the source is published, as far as they were seen.
    note : str
        Where the source deviates from the fact or a translation from its original; why it was not seen.
    """

    id: str
    publisher: str
    title: str
    date: str
    link: str
    accessed: str
    quote: str
    english: str
    licence: str
    note: str

    @property
    def seen(self) -> bool:
        """Whether a passage was read."""
        return bool(self.quote)

    @property
    def site(self) -> str:
        """Name of the host of the link; empty if there is none."""
        return (urlsplit(self.link).hostname or "").removeprefix("www.")


COLUMNS = tuple(item.name for item in fields(Source))


@cache
def sources() -> tuple[Source, ...]:
    """Return the sources of all facts, in the order of the facts."""
    text = files("bubble_abm.observe").joinpath("sources.csv").read_text(encoding="utf-8")
    return read_sources(text, [fact.id for fact in facts()])


def sources_of(id: str) -> tuple[Source, ...]:
    """Return the sources of one fact."""
    return tuple(source for source in sources() if source.id == id)


def read_sources(text: str, ids: Sequence[str]) -> tuple[Source, ...]:
    """Read and check a table of sources.

    Parameters
    ----------
    text : str
        The table, as CSV.
    ids : sequence of str
        Facts, in their order; each needs a source.

    Returns
    -------
    tuple of Source
        One for each row.
    """
    table = csv.reader(io.StringIO(text, newline=""), strict=True)
    found: list[Source] = []
    try:
        if tuple(header := next(table, [])) != COLUMNS:
            raise InvalidInput(f"sources.csv has the columns {','.join(header)!r}, not {','.join(COLUMNS)!r}")
        for cells in table:
            place = f"sources.csv, line {table.line_num}"
            if len(cells) != len(COLUMNS):
                raise InvalidInput(f"{place}: {len(cells)} cells; a row has {len(COLUMNS)}")
            source = Source(*cells)
            for complaint in complaints(source, ids):
                raise InvalidInput(f"{place}: {complaint}")
            found.append(source)
    except csv.Error as error:
        raise InvalidInput(f"sources.csv, line {table.line_num}: {error}") from error
    places = {id: place for place, id in enumerate(ids)}
    for before, after in pairwise(found):
        if places[before.id] > places[after.id]:
            raise InvalidInput(f"sources.csv: {after.id} comes after {before.id}; rows have the order of the facts")
    if without := [id for id in ids if id not in {source.id for source in found}]:
        raise InvalidInput(f"sources.csv: no source of {', '.join(without)}; every fact needs a row")
    return tuple(found)


def complaints(source: Source, ids: Sequence[str]) -> list[str]:
    """Return what is wrong with a source, the first thing first."""
    wrong = [] if source.id in ids else [unknown_name("fact", source.id, ids)]
    wrong += [
        f"{name} {shown(text, quoted=True)} has blanks around it or breaks the line"
        for name, text in vars(source).items()
        if text != " ".join(text.split())
    ]
    if not source.publisher:
        wrong.append("no publisher")
    if source.date and not DATE.fullmatch(source.date):
        wrong.append(f"date {shown(source.date, quoted=True)} is none; valid are 2025, 2025-01 and 2025-01-20")
    if source.link and not LINK.fullmatch(source.link):
        wrong.append(f"link {shown(source.link, quoted=True)} is no https address; leave it empty if there is none")
    return wrong + (complaints_of_a_quote(source) if source.seen else complaints_without_a_quote(source))


def complaints_of_a_quote(source: Source) -> list[str]:
    """Return what is wrong with a source that was read."""
    wrong = []
    chinese = CHINESE.search(source.quote) is not None
    if not DAY.fullmatch(source.accessed):
        wrong.append(f"accessed {shown(source.accessed, quoted=True)} is no day; a quote was read on one")
    if not source.licence:
        wrong.append("a quote without a licence; say 'no licence seen' if there was none")
    if len(source.quote.split()) > WORDS or (chinese and len(source.quote) > CHARACTERS):
        wrong.append(f"a quote of more than {WORDS} words or {CHARACTERS} Chinese characters is no citation")
    if chinese != bool(source.english):
        wrong.append("a Chinese quote needs its English, and no other has one")
    if source.note.startswith((NOT_SEEN, DERIVED)):
        wrong.append(f"a note that begins with {source.note.split(':')[0]!r}, though there is a quote")
    return wrong


def complaints_without_a_quote(source: Source) -> list[str]:
    """Return what is wrong with a source that was not read."""
    wrong = [
        f"{name} {shown(text, quoted=True)} without a quote; only what was read has one"
        for name in ("link", "accessed", "english", "licence")
        if (text := getattr(source, name))
    ]
    if not source.note.startswith((NOT_SEEN, DERIVED)):
        wrong.append(f"no quote, and a note that begins neither with {NOT_SEEN!r} nor with {DERIVED!r}")
    return wrong
