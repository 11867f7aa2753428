"""Keep and compare: runs that a visitor has put aside, one of which lies grey under the charts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import solara

from bubble_abm.observe.observed import ObservedRun
from bubble_abm.observe.outcomes import OUTCOMES
from bubble_abm.page.controls import parameter_name
from bubble_abm.page.links import Opened, write_link
from bubble_abm.page.policies import policy_in_words, remedy_of
from bubble_abm.page.run import WatchedRun, watch
from bubble_abm.page.scorecard import SCORES
from bubble_abm.page.settings import POLICY_PARAMETERS, Settings, preset_of
from bubble_abm.page.templates import template
from bubble_abm.page.words import in_own_language, joined, label, readable, say, times, unit

if TYPE_CHECKING:
    import pandas as pd

    from bubble_abm.page.visit import Visit

MOST = 8  # runs that a visitor can keep
COMPARISON = "comparison.csv"
#: Outcomes in the columns: those of the score card that one run can tell.
COLUMNS = {name: about for name, about in SCORES.items() if name != "popped"}


@dataclass(frozen=True)
class Kept:
    """A run that was put aside: its settings, from which it can be run again, and what its row of the table says.

    Attributes
    ----------
    settings : Settings
        The settings.
    pops : tuple of int or None
        Months of the pops with the shock and, if there is one, without it.
    values : tuple of float
        Outcomes in the columns, empty if the run has failed.
    """

    settings: Settings
    pops: tuple[int | None, ...]
    values: tuple[float, ...]

    @property
    def cells(self) -> tuple[str, ...]:
        """The row in words."""
        if not self.values:
            return (say("stopped"), "", *("" for _ in COLUMNS))
        said = [label(month) if month is not None else say("none") for month in self.pops]
        values = (
            f"{value / divisor * times(counted):,.{digits}f}"
            for value, (_, counted, divisor, digits, _) in zip(self.values, COLUMNS.values())
        )
        return (said[0], said[1] if len(said) > 1 else "", *values)


def keep(run: WatchedRun) -> Kept:
    """Put a run aside."""
    if run.failure:
        return Kept(run.settings, (), ())
    ours = ObservedRun(run.result.records, run.result.parameters, run.shock_month)
    dates = [ours.pop.composite]
    if run.twin is not None:
        dates.append(ObservedRun(run.twin.records, run.result.parameters, run.shock_month).pop.composite)
    return Kept(run.settings, tuple(dates), tuple(OUTCOMES[name].read(ours) for name in COLUMNS))


def row_of(run: WatchedRun) -> tuple[str, ...]:
    """Return what the table shows of a run: its pops and what it came to."""
    return keep(run).cells


def heads() -> list[dict[str, str]]:
    """Return the headings of the table."""
    titles = [{"title": say("Pops"), "unit": ""}, {"title": say("without R1"), "unit": ""}]
    return titles + [{"title": say(title), "unit": unit(counted)} for title, counted, *_ in COLUMNS.values()]


def named(settings: Settings) -> str:
    """Name a run by what it changes, and its seed."""
    return say("{title}, seed {seed}", title=title_in_words(settings), seed=settings.seed)


def title_in_words(settings: Settings) -> str:
    """Name settings by their preset or policy, or by what they change, policies as their switches do."""
    if name := preset_of(settings) or remedy_of(settings):
        return say(name)
    changes = [] if settings.shock else [say("no shock")]
    for name, value in settings.values.items():
        if name in POLICY_PARAMETERS:
            change = policy_in_words(name, value)
        else:
            change = say("{name} = {value}", name=parameter_name(name), value=readable(value))
        if name in settings.since:
            change = say("{change} from {month}", change=change, month=label(settings.since[name]))
        changes.append(change)
    return joined(changes)


def comparison(run: WatchedRun, others: Sequence[Settings]) -> pd.DataFrame:
    """Return all measures of the shown run and of kept ones, one after the other."""
    import pandas as pd

    tables = []
    for one in (run, *(watch(settings) for settings in others)):
        table = one.result.series.iloc[: one.reached].copy()
        # The title that the settings have in files, in English like the names of measures.
        table.insert(0, "run", f"{one.settings.title}, seed {one.settings.seed}")
        tables.append(table)
    return pd.concat(tables)


@template("kept")
def KeptRuns(
    heads: Any = None, shown: Any = None, runs: Any = None, grey: int = -1, full: bool = False,
    event_keep: Callable[[Any], None] | None = None, event_grey: Callable[[Any], None] | None = None,
    event_forget: Callable[[Any], None] | None = None, event_fetch: Callable[[Any], None] | None = None,
) -> None:  # fmt: skip
    """Show the run on the page and those that were kept, in a table."""


@solara.component
@in_own_language
def KeptPart(visit: Visit) -> None:
    """Keep the run, lay a kept one under the charts, open or forget it."""
    run = visit.run.value
    cells = visit.made(lambda: row_of(run), (), [run])
    KeptRuns(
        heads=heads(),
        shown={"name": named(run.settings), "cells": cells},
        runs=[
            {
                "name": named(one.settings),
                "cells": one.cells,
                "link": "?"
                + (write_link(Opened(one.settings, language=visit.in_address)) or f"seed={one.settings.seed}"),
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
