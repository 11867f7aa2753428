"""The controls as data: every parameter that the page offers, in its group, with unit, range and meaning."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import solara

from bubble_abm.economy.parameters import DECLARED
from bubble_abm.page.matter import first_of_all, moves
from bubble_abm.page.settings import OFFERED, Settings
from bubble_abm.page.templates import template
from bubble_abm.page.words import in_own_language, joined, readable, retold, say

if TYPE_CHECKING:
    from bubble_abm.page.visit import Visit

#: Sections of the table of parameters in the order of the page: first those with a policy or the shock.
BY_CHOICE = sorted(OFFERED, key=lambda name: DECLARED[name].metadata["role"] not in ("lever", "shock"))
GROUPS = tuple(dict.fromkeys(DECLARED[name].metadata["group"] for name in BY_CHOICE))
STEPS = 100  # smallest number of steps of a slider
PUBLISHED = re.compile(r"(?:[A-Z][\w.]+(?: (?:and|et al\.))? ?)+\d{4}")  # authors and year: the same everywhere
FIRST_ABOUT = (
    "Each moved through all that its source allows, wherever the others stand in theirs: Morris' elementary effects, "
    "without luck. Policies have a part of their own."
)


def groups(settings: Settings) -> list[dict[str, Any]]:
    """Return the controls, grouped; those that matter most come first."""
    first = first_of_all()
    return [
        {
            "name": "first",
            "title": say("What moves the pop most"),
            "about": say(FIRST_ABOUT),
            **members_of(first, settings),
        },
        *(
            {"name": group, "title": say(capital(group)), "about": "", **members}
            for group in GROUPS
            if (
                members := members_of(
                    [name for name in OFFERED if DECLARED[name].metadata["group"] == group and name not in first],
                    settings,
                )
            )["parameters"]
        ),
    ]


def members_of(names: Sequence[str], settings: Settings) -> dict[str, Any]:
    """Return some controls, and how many of them are not at their standard values."""
    members = [control(name, settings) for name in names]
    return {"parameters": members, "changed": sum(item["changed"] for item in members)}


def control(name: str, settings: Settings) -> dict[str, Any]:
    """Return one control: a slider and a field for one parameter."""
    item, value = DECLARED[name], settings.value(name)
    about = {key: item.metadata[key] for key in ("low", "high")}
    bounds = {**about, "default": item.default}
    log = is_log(item)
    moved = moves().get(name, 0.0)
    return {
        "name": name,
        "label": parameter_name(name),
        "value": value,
        "shown": written(value),
        "readable": readable(value) if abs(value) >= 1e6 else "",
        "standard": written(item.default),
        "step": "any" if log else step(item),
        "log": log,
        "from": math.log(about["low"]) if log else about["low"],
        "to": math.log(about["high"]) if log else about["high"],
        "position": math.log(value) if log else value,
        "moves": say("moves the pop by {moved:.0f} months", moved=moved) if moved >= 1 else "",
        "changed": value != item.default,
        "range": say("{low:g} to {high:g}, default {default:g}", **bounds),
        **about,
        "meaning": say(item.metadata["meaning"]),
        "source": source_in_words(item.metadata["source"]),
        "unit": unit_of(name),
    }


def parameter_name(name: str) -> str:
    """Name a parameter.

    Examples
    --------
    >>> parameter_name("maximum_subsidy")
    'Maximum subsidy'
    """
    return capital(say(name.replace("_", " ")))


def unit_of(name: str) -> str:
    """Say the unit of a parameter."""
    unit = DECLARED[name].metadata["unit"]
    return say("pure number" if unit == "1" else unit)


def source_in_words(source: str) -> str:
    """Say where a value comes from: facts by their numbers, published work by its authors."""
    return joined((say(part) if not PUBLISHED.fullmatch(part) else part for part in source.split("; ")), "; ")


def capital(text: str) -> str:
    """Return a text that begins with a capital letter."""
    return text[:1].upper() + text[1:]


def is_log(item: Any) -> bool:
    """Whether the slider of a parameter goes by ratios: where its range spans two decades and more."""
    low, high = item.metadata["low"], item.metadata["high"]
    return bool(low > 0 and high / low >= 100)


def written(value: float) -> str:
    """Format a value with as few digits as give the same number when read again."""
    texts = (f"{value:g}".replace("e+0", "e"), f"{value:.15g}", repr(value))
    return next(text for text in texts if float(text) == value)


def step(item: Any) -> float | str:
    """Step of a slider; ``any`` if the default would lie between two steps."""
    low, high = item.metadata["low"], item.metadata["high"]
    if item.metadata["whole"]:
        return 1
    width = float(10.0 ** math.floor(math.log10((high - low) / STEPS)))
    steps = (item.default - low) / width
    return width if abs(steps - round(steps)) < 1e-6 else "any"


@template("controls")
def Controls(
    groups: Any = None, errors: Any = None, typed: Any = None, event_change: Callable[[Any], None] | None = None,
    event_sweep: Callable[[Any], None] | None = None,
) -> None:  # fmt: skip
    """Offer the parameters."""


@solara.component
@in_own_language
def ControlsPart(visit: Visit) -> None:
    """Every parameter."""
    settings = visit.settings.value
    Controls(
        groups=visit.made(lambda: groups(settings), [], [settings]),
        errors={name: retold(message) for name, message in visit.errors.value.items()},
        typed=visit.typed.value,
        event_change=visit.change,
        event_sweep=visit.begin_sweep,
    )
