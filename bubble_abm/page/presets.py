"""Presets, seed and length."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import solara

from bubble_abm.page.settings import PRESETS, Settings, preset_of
from bubble_abm.page.templates import template
from bubble_abm.page.words import in_own_language, retold, say

if TYPE_CHECKING:
    from bubble_abm.page.visit import Visit


def presets(settings: Settings) -> list[dict[str, Any]]:
    """Return the presets as buttons, with the chosen one marked."""
    chosen = preset_of(settings)
    return [
        {
            "name": preset.name,
            "title": say(preset.name),
            "about": say(preset.about),
            "chosen": preset.name == chosen,
        }
        for preset in PRESETS
    ]


@template("presets")
def Presets(
    presets: Any = None, errors: Any = None, typed: Any = None, seed: str = "1", months: str = "", shock: bool = True,
    event_change: Callable[[Any], None] | None = None, event_preset: Callable[[Any], None] | None = None,
) -> None:  # fmt: skip
    """Offer presets, seed and length."""


@solara.component
@in_own_language
def PresetsPart(visit: Visit) -> None:
    """Presets, seed and length."""
    settings = visit.settings.value
    Presets(
        presets=presets(settings),
        errors={name: retold(message) for name, message in visit.errors.value.items()},
        typed=visit.typed.value,
        seed=str(settings.seed),
        months=str(settings.months),
        shock=settings.shock,
        event_change=visit.change,
        event_preset=visit.preset,
    )
