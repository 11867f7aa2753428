"""The words of the page in every language, from one table.

English is the language of the code: a sentence stands where it is said, as a template whose values have names, and is
the key of its row in ``words.csv``. Every other language is a column of that table; a new one needs nothing else. What
has no row is said in English and marked, so that a reader sees it and a test finds it.
"""

from __future__ import annotations

import csv
import re
import string
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bubble_abm.economy.declare import InvalidInput, unknown_name
from bubble_abm.economy.outside import FIRST_YEAR, MONTHS

if TYPE_CHECKING:
    from bubble_abm.page.visit import Visit

TABLE = Path(__file__).parent / "words.csv"
ENGLISH = "en"
OWN_NAME = "English"  # the key under which each language names itself
UNTRANSLATED = "{text} (not translated)"
NOTHING = "(nothing)"  # in the table: what stands between two sentences, for instance, where there is no space
MONTH = "{month} {year}"
TOGETHER = "\u00a0%"  # no line ends between a number and its sign
SIZES = "1e12 trn, 1e9 bn, 1e6 m"  # words for large numbers, in each language its own
FACTOR = re.compile(r"([\d.]+) (.+)")  # a unit that is a multiple of the reader's own, as in "0.1 万元"

_spoken: ContextVar[str] = ContextVar("language of the page", default=ENGLISH)


@cache
def table() -> dict[str, dict[str, str]]:
    """Words by language and English key."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        found: dict[str, dict[str, str]] = {code: {} for code in (rows.fieldnames or ())}
        for row in rows:
            for code in found:
                if row[code]:
                    found[code][row[ENGLISH]] = "" if row[code] == NOTHING else row[code]
    return found


@cache
def languages() -> dict[str, str]:
    """Languages of the page: codes, and the name that each has for itself."""
    return {code: words[OWN_NAME] for code, words in table().items()}


def checked_language(code: str) -> str:
    """Return the code of a language, or refuse it."""
    if code not in languages():
        raise InvalidInput(unknown_name("language", code, languages()))
    return code


def preferred(headers: Any) -> str:
    """Language that a browser asks for: the one chosen before, which is in its cookie, or the first that it accepts.

    Examples
    --------
    >>> preferred({"accept-language": ["fr, zh-CN;q=0.8, en;q=0.5"]}), preferred(None)
    ('zh', 'en')
    """
    sent = {name.lower(): ", ".join(values) for name, values in (headers or {}).items()}
    chosen = re.search(r"\bbubble-language=(\w+)", sent.get("cookie", ""))
    asked = [part.partition(";")[0].strip().lower() for part in sent.get("accept-language", "").split(",")]
    wanted = [*([chosen[1]] if chosen else []), *(code.partition("-")[0] for code in asked)]
    return next((code for code in wanted if code in languages()), ENGLISH)


# --- Speaking -------------------------------------------------------------------------------------------------------


def spoken() -> str:
    """Language that is spoken here."""
    return _spoken.get()


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Speak a language; threads of :func:`bubble_abm.page.threads.waited_for` speak that of whoever waits."""
    token = _spoken.set(code)
    try:
        yield
    finally:
        _spoken.reset(token)


def in_own_language[Shown: Callable[..., Any]](part: Shown) -> Shown:
    """Let a part of the page speak the language of its visit, which is its first argument."""

    @wraps(part)
    def speaks(visit: Visit, **values: Any) -> Any:
        with speaking(visit.language.value):
            return part(visit, **values)

    return speaks  # type: ignore[return-value]


class Template(string.Formatter):
    """Fills a template; besides the formats of Python there is ``short``, as in ``{cost:short}``: see readable."""

    def format_field(self, value: Any, format_spec: str) -> Any:
        """Write one value."""
        return readable(float(value)) if format_spec == "short" else super().format_field(value, format_spec)


def say(text: str, /, **values: Any) -> str:
    """Say a text in the language that is spoken here.

    Parameters
    ----------
    text : str
        The English words, with a name in braces for each value.
    **values : any
        The values.

    Examples
    --------
    >>> say("{count} months", count=3)
    '3 months'
    >>> with speaking("zh"):
    ...     say("{count} months", count=3)
    '3 个月'
    """
    words = text if spoken() == ENGLISH else table()[spoken()].get(text)
    if words is None:
        words = table()[spoken()][UNTRANSLATED].replace("{text}", text)
    said = Template().vformat(words, (), values) if values else words
    return said.replace(" %", TOGETHER)


def joined(parts: Iterable[str], between: str = ", ") -> str:
    """Join parts of a sentence, or sentences, by what the language has for that."""
    return say(between).join(part for part in parts if part)


def retold(message: str) -> str:
    """Say a message of the economy or the engine, which are in English, in the language that is spoken here."""
    if spoken() == ENGLISH or not message:
        return message
    for text, pattern in patterns():
        if found := pattern.fullmatch(message):
            values = found.groupdict()
            return say(text, **values | {name: say(values[name]) for name in ("kind", "unit") if name in values})
    return say(UNTRANSLATED, text=message)


#: Messages that the page can get from below, the more special first.
MESSAGES = (
    "An accounting identity is broken: {error}",
    "address: {count} characters, give at most {most}",
    "{name} = {value}: given twice in the address, give it once",
    "{name} = {value}: the policy is not in force, give {other} too, before it",
    "bands = {name}: this version ships no ensemble, give {other}",
    "{name} = {value}: give on or off",
    "{name} = {value}: give a whole number from {low} to {high} [{unit}]",
    "{name} = {value}: give a whole number from {low} to {high}",
    "{name} = {value}: give a number from {low} to {high} [{unit}]",
    "{name}: cannot be set on the page, use {command}",
    "unknown {kind} {name}: did you mean {near}?",
    "unknown {kind} {name}: valid are {names}",
)


@cache
def patterns() -> list[tuple[str, re.Pattern[str]]]:
    """Messages with the patterns that know them."""
    return [(text, re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>.*?)", re.escape(text)))) for text in MESSAGES]


# --- Numbers, months, units -----------------------------------------------------------------------------------------


def label(month: int) -> str:
    """Name a month: 24 is ``Jan 2025``."""
    return say(MONTH, month=say(MONTHS[month % 12]), year=FIRST_YEAR + month // 12)


def months_long(months: int) -> str:
    """Describe a number of months."""
    return say("1 month") if months == 1 else say("{count} months", count=months)


def readable(value: float) -> str:
    """Write a number for reading, with three digits.

    Examples
    --------
    >>> readable(3.56e9), readable(6e8), readable(0.35), readable(24.0)
    ('3.56 bn', '600 m', '0.35', '24')
    """
    for size, word in (entry.split() for entry in say(SIZES).split(", ")):
        if abs(value) >= float(size):
            return f"{three_digits(value / float(size))} {word}"
    return three_digits(value)


def three_digits(value: float) -> str:
    """Write a number with three digits, or all before the point."""
    return f"{value:,.3g}" if abs(value) < 1000 else f"{value:,.0f}"


def unit(name: str) -> str:
    """Say a unit: that of the reader's own language, which may be a multiple of it."""
    words = say(name)
    found = FACTOR.fullmatch(words)
    return found[2] if found else words


def times(name: str) -> float:
    """By what a number in a unit is multiplied to be in the unit of the language: a thousand yuan are 0.1 万元."""
    found = FACTOR.fullmatch(say(name))
    return float(found[1]) if found else 1.0
