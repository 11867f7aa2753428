"""The controls as data: every parameter that the page offers, in its group, with unit, range and meaning."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import solara

from bubble_abm.economy.parameters import DECLARED
from bubble_abm.page.settings import OFFERED, Settings

if TYPE_CHECKING:
    from bubble_abm.page.visit import Visit

#: Sections of the table of parameters in the order of the page: first those with a policy or the shock.
BY_CHOICE = sorted(OFFERED, key=lambda name: DECLARED[name].metadata["role"] not in ("lever", "shock"))
GROUPS = tuple(dict.fromkeys(DECLARED[name].metadata["group"] for name in BY_CHOICE))
STEPS = 100  # smallest number of steps of a slider


def groups(settings: Settings) -> list[dict[str, Any]]:
    """Return the controls, grouped."""
    return [
        {
            "name": group,
            "title": group.capitalize(),
            "parameters": members,
            "changed": sum(item["changed"] for item in members),
        }
        for group in GROUPS
        for members in [[control(name, settings) for name in OFFERED if DECLARED[name].metadata["group"] == group]]
    ]


def control(name: str, settings: Settings) -> dict[str, Any]:
    """Return one control: a slider and a field for one parameter."""
    item, value = DECLARED[name], settings.value(name)
    about = {key: item.metadata[key] for key in ("unit", "low", "high", "meaning", "source")}
    return {
        "name": name,
        "label": name.replace("_", " ").capitalize(),
        "value": value,
        "shown": written(value),
        "step": step(item),
        "changed": value != item.default,
        "range": f"{about['low']:g} to {about['high']:g}, default {item.default:g}",
        **about,
        "unit": "pure number" if about["unit"] == "1" else about["unit"],
    }


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


@solara.component_vue("parts/controls.vue")
def Controls(
    groups: Any = None, errors: Any = None, typed: Any = None, event_change: Callable[[Any], None] | None = None
) -> None:
    """Offer the parameters."""


@solara.component
def ControlsPart(visit: Visit) -> None:
    """Every parameter."""
    settings = visit.settings.value
    Controls(
        groups=solara.use_memo(lambda: groups(settings), [settings]),
        errors=visit.errors.value,
        typed=visit.typed.value,
        event_change=visit.change,
    )
