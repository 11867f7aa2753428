"""The story in six scenes: each sets the page to what it tells, and names its sources."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import solara

from bubble_abm.economy.outside import month_number
from bubble_abm.page.charts import fact_in_words, facts_by_number
from bubble_abm.page.templates import template
from bubble_abm.page.words import in_own_language, label, say

if TYPE_CHECKING:
    from bubble_abm.page.visit import Visit


@dataclass(frozen=True)
class Scene:
    """One scene.

    Attributes
    ----------
    title, text : str
        What it tells; numbers stand in the facts that it names.
    month : str
        Where the cursor goes.
    colour : str
        What the map shows.
    facts : tuple of str
        Ids of facts.
    values : mapping of str to float
        Parameters that differ from the standard ones.
    """

    title: str
    text: str
    month: str
    colour: str
    facts: tuple[str, ...]
    values: Mapping[str, float] = field(default_factory=dict)


SCENES = (
    Scene(
        "The boom",
        "Rents rise, and the first who build earn well. Provinces compete for computing centres and help to pay for "
        "them; firms that never ran a data centre announce one because others do. See the plans spread over the map.",
        "2023-09", "announced", ("C01", "C02", "C26"),
    ),
    Scene(
        "The ban",
        "Export control is tightened overnight. Orders that are paid for do not arrive, smugglers charge more, and the "
        "shortage that follows looks like lasting demand: rent and chip price are at their peak.",
        "2023-12", "announced", ("C27", "C06", "C24"),
    ),
    Scene(
        "The price war",
        "DeepSeek V2 makes models cheaper to train and to use. What was ordered in the shortage is delivered, and "
        "rents have begun to fall, long before anybody outside speaks of R1.",
        "2024-06", "utilisation", ("C29", "C12"),
    ),
    Scene(
        "Empty halls",
        "Halls open far from the users while tenants want few of them. Most of the new capacity stands idle at the end "
        "of the year, and the lease price has lost more than half. R1 has not been released yet.",
        "2024-12", "idle", ("C03", "C09", "C10", "C33"),
    ),
    Scene(
        "R1",
        "DeepSeek R1 is as good with a fraction of the compute. Model makers stop training their own. See the dashed "
        "lines: what of the bust would have come without it?",
        "2025-06", "utilisation", ("C20", "C13", "C04", "C11"),
    ),
    Scene(
        "Your policy",
        "Could it have been prevented? Here the whole subsidy is paid for use instead of at the start. See below how "
        "many seeds pop under it, what it costs, and compare other policies.",
        "2027-12", "utilisation", ("C35", "C21", "C22"), {"subsidy_on_use": 1.0},
    ),
)  # fmt: skip


def told() -> list[dict[str, Any]]:
    """Return the scenes as the page shows them."""
    return [
        {
            "title": say(scene.title),
            "text": say(scene.text),
            "when": label(month_number(scene.month)),
            "facts": [
                {"id": fact.id, "text": fact_in_words(fact), "source": say(fact.source)}
                for fact in (facts_by_number()[number] for number in scene.facts)
            ],
        }
        for scene in SCENES
    ]


@template("scenes")
def Scenes(scenes: Any = None, shown: int = -1, event_show: Callable[[Any], None] | None = None) -> None:
    """Offer the scenes, and tell the one that is shown."""


@solara.component
@in_own_language
def ScenesPart(visit: Visit) -> None:
    """The story in six scenes."""
    Scenes(scenes=told(), shown=visit.scene.value, event_show=visit.show_scene)
