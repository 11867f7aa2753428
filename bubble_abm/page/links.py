"""The address of the page, which contains the settings and the month, so that both can be shared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl, urlencode

from bubble_abm.economy.accounts import SECTORS
from bubble_abm.economy.declare import InvalidInput, checked_count, shown
from bubble_abm.engine.scenario import whole_number
from bubble_abm.page.flows import checked_sector, checked_span
from bubble_abm.page.inspector import checked_kind
from bubble_abm.page.members import checked_crowd
from bubble_abm.page.province_map import checked_colour, checked_province
from bubble_abm.page.scenes import SCENES
from bubble_abm.page.settings import FROM, SHOCK_WORDS, Settings
from bubble_abm.page.typical import typical_seed
from bubble_abm.page.words import checked_language

MAX_LENGTH = 8000  # characters of an address
LANGUAGE = "lang"  # name of the entry that chooses the words
MOST_AGENTS = 1_000_000
#: Entries of an address that are no settings of a run, but what the page shows of it; and how each is read.
VIEWS: dict[str, Callable[[str], str | int]] = {
    "colour": checked_colour,
    "province": checked_province,
    "bands": checked_crowd,
    "kind": checked_kind,
    "agent": lambda text: checked_count("agent", whole_number(text), 0, MOST_AGENTS),
    "sector": checked_sector,
    "span": checked_span,
    "scene": lambda text: checked_count("scene", whole_number(text), 1, len(SCENES)),
}
WORDS = {value: word for word, value in SHOCK_WORDS.items()}


@dataclass(frozen=True)
class Opened:
    """The contents of an address, and the problems with them.

    Attributes
    ----------
    settings : Settings
        Settings of the run.
    month : int or None
        Number of months at which the cursor stands; None for the end of the run.
    colour, province : str
        Quantity that the colours of the map show, and the selected province.
    language : str
        Language of the words; empty for that of the browser.
    bands : str
        Whose bands the charts show: those of ``seeds``, or of the ``members`` of the ensemble.
    kind, agent : str, int
        Kind of the agents that are listed, and the row of the one that is looked at; -1 for none.
    sector, span : str
        Sector whose payments are shown, and whether those of a month or of a year.
    scene : int
        Number of the scene that is told, from 1; 0 for none.
    problems : tuple of str
        One line for each entry that is not valid and was replaced by the default.
    """

    settings: Settings = field(default_factory=Settings)
    month: int | None = None
    colour: str = "utilisation"
    province: str = ""
    language: str = ""
    bands: str = "seeds"
    kind: str = "operators"
    agent: int = -1
    sector: str = SECTORS[0]
    span: str = "month"
    scene: int = 0
    problems: tuple[str, ...] = ()


def write_link(opened: Opened) -> str:
    """Return the query of the address, which is empty for the page as it opens.

    A bare address, whatever its language, stands for the typical seed; in any other, a missing seed is the first.

    Examples
    --------
    >>> write_link(Opened(Settings(values={"herding": 2.0}, seed=3), month=12))
    'seed=3&herding=2&month=12'
    """
    settings, standard = opened.settings, Opened()
    spoken = [(LANGUAGE, opened.language)] if opened.language else []
    if replace(opened, language="") == Opened(settings) and settings == opening_settings():
        return urlencode(spoken)
    pairs: list[tuple[str, str]] = []
    for name in ("seed", "months"):
        if getattr(settings, name) != getattr(standard.settings, name):
            pairs.append((name, str(getattr(settings, name))))
    if not settings.shock:
        pairs.append(("shock", WORDS[False]))
    pairs += [(name, plain(value)) for name, value in settings.values.items()]
    pairs += [(FROM + name, str(month)) for name, month in settings.since.items()]
    for name in ("month", *VIEWS):
        if getattr(opened, name) != getattr(standard, name):
            pairs.append((name, str(getattr(opened, name))))
    return urlencode([*(pairs or [("seed", str(settings.seed))]), *spoken])


def opening_settings() -> Settings:
    """Return the settings of a bare address: the standard ones, with a typical seed."""
    return Settings(seed=typical_seed())


def plain(value: float) -> str:
    """Format a number with as few characters as give the same number when read again."""
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(float(value))


def read_link(query: str) -> Opened:
    """Read the query of an address; entries that are not valid are reported and left out.

    Examples
    --------
    >>> read_link("herding=99").problems
    ('herding = 99: give a number from 0 to 8 [1]',)
    """
    if not query:
        return Opened(opening_settings())
    if len(query) > MAX_LENGTH:
        return Opened(opening_settings(), problems=(f"address: {len(query)} characters, give at most {MAX_LENGTH}",))
    entries = parse_qsl(query, keep_blank_values=True)
    bare = all(name == LANGUAGE for name, _ in entries)
    opened, problems, taken = Opened(opening_settings()) if bare else Opened(), list[str](), set[str]()
    month = ""
    for name, text in entries:
        try:
            if name in taken:
                raise InvalidInput(f"{shown(name)} = {shown(text)}: given twice in the address, give it once")
            taken.add(name)
            if name == "month":
                month = text
            else:
                opened = taken_up(opened, name, text)
        except InvalidInput as error:
            problems.append(str(error))
    reached = None
    try:
        if "month" in taken:
            reached = checked_count("month", whole_number(month), 0, opened.settings.months)
    except InvalidInput as error:
        problems.append(str(error))
    return replace(opened, month=reached, problems=tuple(problems))


def taken_up(opened: Opened, name: str, text: str) -> Opened:
    """Return the contents of an address with one more entry."""
    if name in VIEWS:
        return replace(opened, **{name: VIEWS[name](text)})  # type: ignore[arg-type]
    if name == LANGUAGE:
        return replace(opened, language=checked_language(text))
    return replace(opened, settings=opened.settings.changed(name, text))
