"""Files that a visitor can download: the series as CSV, a chart as SVG, the scenario as TOML."""

from __future__ import annotations

from bubble_abm.economy.declare import InvalidInput, unknown_name
from bubble_abm.engine.simulation import Simulation
from bubble_abm.page import charts, drawing
from bubble_abm.page.session import WatchedModel
from bubble_abm.page.settings import Settings

SERIES, TWIN, SCENARIO, CHART = "series.csv", "series_without_shock.csv", "scenario.toml", "chart_"
MEDIA = {"csv": "text/csv", "toml": "application/toml", "svg": "image/svg+xml"}


def names(model: WatchedModel) -> list[str]:
    """Names of the files that can be downloaded now, apart from charts."""
    return [SERIES, *([TWIN] if model.twin is not None else []), SCENARIO]


def content(name: str, model: WatchedModel) -> str:
    """Return the text of a file.

    Parameters
    ----------
    name : str
        One of :func:`names`, or ``chart_KEY.svg``.
    model : WatchedModel
        The run so far.

    Raises
    ------
    InvalidInput
        If there is no such file.
    """
    if name == SCENARIO:
        return scenario_file(model.settings)
    if name == SERIES:
        return series_file(model.simulation, model.month)
    if name == TWIN and model.twin is not None:
        return series_file(model.twin, model.month)
    key = name.removeprefix(CHART).removesuffix(".svg")
    if not name.startswith(CHART) or key not in charts.BY_KEY:
        raise InvalidInput(unknown_name("file", name, [*names(model), *(f"{CHART}{key}.svg" for key in charts.BY_KEY)]))
    return drawing.saved(charts.draw(charts.BY_KEY[key], model))


def series_file(run: Simulation, months: int) -> str:
    """Return the measures of the months so far, which are the columns of ``series.parquet``, as CSV."""
    return str(run.result().series.iloc[:months].to_csv())


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
        *(f"{name} = {float(value)!r}" for name, value in settings.values.items()),
    ]
    return "\n".join(lines) + "\n"
