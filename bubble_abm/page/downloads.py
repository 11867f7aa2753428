"""Files that a visitor can download: the series as CSV, a chart as SVG, the scenario as TOML."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import solara

from bubble_abm.economy.declare import InvalidInput, unknown_name
from bubble_abm.engine.simulation import Result
from bubble_abm.page import charts, drawing
from bubble_abm.page.kept import COMPARISON, comparison
from bubble_abm.page.run import WatchedRun
from bubble_abm.page.settings import Settings
from bubble_abm.page.templates import template
from bubble_abm.page.words import in_own_language

if TYPE_CHECKING:
    from bubble_abm.page.visit import Visit

SERIES, TWIN, SCENARIO, CHART = "series.csv", "series_without_shock.csv", "scenario.toml", "chart_"
MEDIA = {"csv": "text/csv", "toml": "application/toml", "svg": "image/svg+xml"}


def names(run: WatchedRun) -> list[str]:
    """Names of the files that can be downloaded now, apart from charts."""
    return [SERIES, *([TWIN] if run.twin is not None else []), SCENARIO]


def content(name: str, run: WatchedRun, kept: Sequence[Settings] = ()) -> str:
    """Return the text of a file.

    Parameters
    ----------
    name : str
        One of :func:`names`, or ``chart_KEY.svg``.
    run : WatchedRun
        The run.
    kept : sequence of Settings
        Settings of runs that were kept, for the comparison.

    Raises
    ------
    InvalidInput
        If there is no such file.
    """
    if name == SCENARIO:
        return scenario_file(run.settings)
    if name == SERIES:
        return series_file(run.result, run.reached)
    if name == TWIN and run.twin is not None:
        return series_file(run.twin, run.reached)
    if name == COMPARISON:
        return str(comparison(run, kept).to_csv())
    key = name.removeprefix(CHART).removesuffix(".svg")
    if not name.startswith(CHART) or key not in charts.BY_KEY:
        raise InvalidInput(unknown_name("file", name, [*names(run), *(f"{CHART}{key}.svg" for key in charts.BY_KEY)]))
    return drawing.saved(charts.draw(charts.BY_KEY[key], run))


def series_file(result: Result, months: int) -> str:
    """Return the measures of all months, which are the columns of ``series.parquet``, as CSV."""
    return str(result.series.iloc[:months].to_csv())


def scenario_file(settings: Settings) -> str:
    """Return the scenario as the TOML that ``bubble-abm run --scenario`` reads.

    Examples
    --------
    >>> print(scenario_file(Settings(values={"herding": 2.0}, shock=False)), end="")
    # Run it with: bubble-abm run --scenario scenario.toml
    title = "no shock, herding = 2"
    seed = 1
    months = 60
    shocks = []
    <BLANKLINE>
    [parameters]
    herding = 2.0
    """
    lines = [
        "# Run it with: bubble-abm run --scenario scenario.toml",
        f'title = "{settings.title}"',
        f"seed = {settings.seed}",
        f"months = {settings.months}",
        *([] if settings.shock else ["shocks = []"]),
        "",
        "[parameters]",
        *(f"{name} = {float(value)!r}" for name, value in settings.values.items() if name not in settings.since),
    ]
    for name, month in settings.since.items():
        lines += [
            "",
            "[[changes]]",
            f'parameter = "{name}"',
            f"value = {float(settings.values[name])!r}",
            f"month = {month}",
        ]
    return "\n".join(lines) + "\n"


@template("downloads")
def Downloads(names: Any = None, file: Any = None, event_fetch: Callable[[Any], None] | None = None) -> None:
    """Offer files for download."""


@solara.component
@in_own_language
def DownloadsPart(visit: Visit) -> None:
    """Files for download."""
    Downloads(names=names(visit.run.value), file=visit.file.value, event_fetch=visit.fetch)
