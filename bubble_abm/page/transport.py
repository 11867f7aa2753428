"""The cursor: play, steps, speed and a scrubber over a run that is already there."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import solara

from bubble_abm.page.templates import template
from bubble_abm.page.words import in_own_language, label, say

if TYPE_CHECKING:
    from bubble_abm.page.visit import Visit


@template("transport")
def Cursor(
    labels: Any = (), start: int = -1, told: Any = None, event_month: Callable[[Any], None] | None = None
) -> None:
    """Move the cursor; the browser does it alone and tells the server where it has come to rest."""


@solara.component
@in_own_language
def TransportPart(visit: Visit) -> None:
    """Play, steps, speed and scrubber."""
    run = visit.run.value
    Cursor(
        labels=[say("Start"), *(label(month) for month in range(run.reached))],
        start=visit.opened_at,
        told=visit.order.value,
        event_month=visit.rest,
    )
