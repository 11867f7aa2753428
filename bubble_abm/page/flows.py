"""Who trades with whom: money into and out of a sector, in a month or a year, as the flows were recorded.

The books record of each flow what every sector paid or received, not who paid whom. Where one side of a flow is a
single sector, that is the same; where both sides have several, they stand together, and the page says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import solara

from bubble_abm.economy.accounts import FLOWS, SECTORS
from bubble_abm.economy.declare import checked_name
from bubble_abm.page.controls import capital
from bubble_abm.page.run import WatchedRun
from bubble_abm.page.templates import template
from bubble_abm.page.words import in_own_language, label, say, times, unit

if TYPE_CHECKING:
    from bubble_abm.page.visit import Visit

UNIT = "billion CNY"
LEAST = 0.05  # million CNY: what is less is not sent to the browser
#: Names of sectors, where the page has others than the books.
NAMES = {"operators": "data centres", "bank": "banks", "households": "households and funds"}
#: How many months are added up, by the word that an address has for it.
SPANS = {"month": 1, "year": 12}


def checked_sector(name: str) -> str:
    """Return the name of a sector, or refuse it."""
    return checked_name("sector", name, SECTORS)


def checked_span(name: str) -> str:
    """Return the word for how many months are added up, or refuse it."""
    return checked_name("span", name, SPANS)


def flows(run: WatchedRun) -> dict[str, Any]:
    """Return all flows as the page shows them.

    Returns
    -------
    dict
        ``months`` has for each month the entries (flow, sector, million CNY received), a payment being negative;
        ``factor`` turns millions into the unit.
    """
    recorded = run.result.records.flows[: run.reached] / 1e6
    months = []
    for table in recorded:
        places = np.argwhere(np.abs(table) > LEAST)
        months.append([[int(flow), int(sector), round(float(table[flow, sector]), 1)] for flow, sector in places])
    return {
        "sectors": [say(capital(NAMES.get(name, name))) for name in SECTORS],
        "flows": [say(name.replace("_", " ")) for name in FLOWS],
        "labels": [label(month) for month in range(run.reached)],
        "months": months,
        "factor": times(UNIT) / 1e3,
        "unit": unit(UNIT),
    }


@template("flows")
def Flows(flows: Any = None, sector: int = 0, span: int = 1, event_sector: Any = None, event_span: Any = None) -> None:
    """Show the flows of one sector; the browser adds them up for the month or the year at the cursor."""


@solara.component
@in_own_language
def FlowsPart(visit: Visit) -> None:
    """Who trades with whom."""
    run = visit.run.value
    Flows(
        flows=visit.made(lambda: flows(run), {}, [run]),
        sector=SECTORS.index(visit.sector.value),
        span=SPANS[visit.span.value],
        event_sector=visit.choose_sector,
        event_span=visit.choose_span,
    )
