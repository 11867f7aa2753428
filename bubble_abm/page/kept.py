"""Keep and compare: runs that a visitor has put aside, one of which lies grey under the charts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import solara

from bubble_abm.economy.outside import label
from bubble_abm.observe.observed import ObservedRun
from bubble_abm.observe.outcomes import OUTCOMES
from bubble_abm.page.links import Opened, write_link
from bubble_abm.page.run import WatchedRun, watch
from bubble_abm.page.scorecard import SCORES
from bubble_abm.page.settings import Settings

if TYPE_CHECKING:
    import pandas as pd

    from bubble_abm.page.visit import Visit

MOST = 8  # runs that a visitor can keep
COMPARISON = "comparison.csv"
#: Outcomes in the columns: those of the score card that one run can tell.
COLUMNS = {name: about for name, about in SCORES.items() if name != "popped"}


@dataclass(frozen=True)
class Kept:
    """A run that was put aside: its settings, from which it can be run again, and its row of the table."""

    settings: Settings
    cells: tuple[str, ...]


def keep(run: WatchedRun) -> Kept:
    """Put a run aside."""
    return Kept(run.settings, row_of(run))


def row_of(run: WatchedRun) -> tuple[str, ...]:
    """Return what the table shows of a run: its pops and what it came to."""
    if run.failure:
        return ("stopped", "", *("" for _ in COLUMNS))
    ours = ObservedRun(run.result.records, run.result.parameters, run.shock_month)
    dates = [ours.pop.composite]
    if run.twin is not None:
        dates.append(ObservedRun(run.twin.records, run.result.parameters, run.shock_month).pop.composite)
    said = [label(date) if date is not None else "none" for date in dates]
    values = (
        f"{OUTCOMES[name].read(ours) / divisor:,.{digits}f}" for name, (_, _, divisor, digits, _) in COLUMNS.items()
    )
    return (said[0], said[1] if len(said) > 1 else "", *values)


def heads() -> list[dict[str, str]]:
    """Return the headings of the table."""
    titles = [{"title": "Pops", "unit": ""}, {"title": "without R1", "unit": ""}]
    return titles + [{"title": title, "unit": unit} for title, unit, *_ in COLUMNS.values()]


def named(settings: Settings) -> str:
    """Name a run by what it changes, and its seed."""
    return f"{settings.title}, seed {settings.seed}"


def comparison(run: WatchedRun, others: Sequence[Settings]) -> pd.DataFrame:
    """Return all measures of the shown run and of kept ones, one after the other."""
    import pandas as pd

    tables = []
    for one in (run, *(watch(settings) for settings in others)):
        table = one.result.series.iloc[: one.reached].copy()
        table.insert(0, "run", named(one.settings))
        tables.append(table)
    return pd.concat(tables)


@solara.component_vue("parts/kept.vue")
def KeptRuns(
    heads: Any = None, shown: Any = None, runs: Any = None, grey: int = -1, full: bool = False,
    event_keep: Callable[[Any], None] | None = None, event_grey: Callable[[Any], None] | None = None,
    event_forget: Callable[[Any], None] | None = None, event_fetch: Callable[[Any], None] | None = None,
) -> None:  # fmt: skip
    """Show the run on the page and those that were kept, in a table."""


@solara.component
def KeptPart(visit: Visit) -> None:
    """Keep the run, lay a kept one under the charts, open or forget it."""
    run = visit.run.value
    cells = solara.use_memo(lambda: visit.safely(lambda: row_of(run), ()), [run])
    KeptRuns(
        heads=heads(),
        shown={"name": named(run.settings), "cells": cells},
        runs=[
            {
                "name": named(one.settings),
                "cells": one.cells,
                "link": "?" + (write_link(Opened(one.settings)) or f"seed={one.settings.seed}"),
            }
            for one in visit.kept.value
        ],
        grey=visit.grey_number,
        full=len(visit.kept.value) >= MOST,
        event_keep=visit.keep,
        event_grey=visit.lay_grey,
        event_forget=visit.forget,
        event_fetch=visit.fetch,
    )
