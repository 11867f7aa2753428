"""Analysis of a finished experiment: a summary of each point, and indices, responses or boxes as its design allows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bubble_abm.economy.parameters import DECLARED
from bubble_abm.engine.sources import ANALYSES, source_hash
from bubble_abm.observe.outcomes import unit
from bubble_abm.observe.verdict import ATTRIBUTIONS
from bubble_abm.study.dataset import read
from bubble_abm.study.experiment import ECONOMY, Experiment
from bubble_abm.study.provenance import experiment_in
from bubble_abm.study.sensitivity.convergence import LEADERS
from bubble_abm.study.sensitivity.estimators import main_index
from bubble_abm.study.sensitivity.sampling import Sampling, has_dummy
from bubble_abm.study.sensitivity.study import outcomes_of

if TYPE_CHECKING:
    import pandas as pd

ANALYSIS = "analysis"
CODE = "code.txt"  # in the folder of an analysis: hash of the code that made it; written last
SPREAD = (0.05, 0.95)  # quantiles between which nine of ten runs lie
CONFIDENCE = 0.95
MAX_LINES = 30  # largest number of points whose verdicts are printed


def analyse(folder: str | Path) -> list[str]:
    """Analyse a finished experiment, write tables to ``analysis/`` in its folder, and return lines to print.

    Parameters
    ----------
    folder : str or Path
        Folder of the experiment.

    Returns
    -------
    list of str
        Lines to print.
    """
    folder = Path(folder)
    experiment = experiment_in(folder)
    table = read(folder)
    home = folder / ANALYSIS
    home.mkdir(exist_ok=True)
    (home / CODE).unlink(missing_ok=True)
    save(summary(experiment, table), home / "summary")
    lines = verdicts(experiment, table, home) if experiment.twins else []
    if experiment.sampling is not None:
        if has_dummy(experiment.sampling):
            lines += indices(experiment, experiment.sampling, table, home)
        elif experiment.sampling.method == "oat":
            responses(experiment, experiment.sampling, table, home)
        if experiment.discover:
            lines += boxes(experiment, table, home)
    (home / CODE).write_text(analysing_code())
    return lines


def analysing_code() -> str:
    """Return the hash of the sources on which the tables of an analysis depend."""
    return source_hash(*ANALYSES)


def analysed(folder: Path) -> bool:
    """Whether a finished experiment was analysed completely by this code."""
    path = folder / ANALYSIS / CODE
    return path.exists() and path.read_text() == analysing_code()


def units(experiment: Experiment) -> dict[str, str]:
    """Return the units of factors and outcomes."""
    if experiment.model != ECONOMY:
        return {}
    known = {name: DECLARED[name].metadata["unit"] for name in experiment.design.factors}
    return known | {name: unit(name) for name in experiment.outcome_columns}


def save(table: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV for people, and as Parquet for programs."""
    table.to_csv(path.with_suffix(".csv"), index=False, lineterminator="\n")
    table.to_parquet(path.with_suffix(".parquet"), index=False)


# --- Points ---------------------------------------------------------------------------------------------------------


def points(experiment: Experiment, table: pd.DataFrame) -> Iterator[tuple[dict[str, Any], pd.DataFrame]]:
    """Return the runs at each scenario and combination of levers."""
    keys = ["scenario", *experiment.levers]
    for point, runs in table.groupby(keys, sort=False):
        yield dict(zip(keys, point, strict=True)), runs


def summary(experiment: Experiment, table: pd.DataFrame) -> pd.DataFrame:
    """Summarise every outcome over seeds and draws, for each scenario and combination of levers.

    Returns
    -------
    DataFrame
        ``scenario``, the levers, ``outcome``, ``unit``, ``runs``, ``mean``, ``standard_error`` of the mean (over draws,
        or over seeds if nothing is drawn), ``median``, and ``low`` and ``high``, between which nine of ten runs lie.
    """
    import pandas as pd

    known = units(experiment)
    rows: list[dict[str, Any]] = []
    for point, runs in points(experiment, table):
        for name in experiment.outcome_columns:
            values = runs[name]
            independent = values if experiment.sampling is None else values.groupby(runs["row"]).mean()
            error = independent.std(ddof=1) / np.sqrt(len(independent)) if len(independent) > 1 else np.nan
            low, high = values.quantile(SPREAD)
            about = {"outcome": name, "unit": known.get(name, ""), "runs": len(values)}
            numbers = {"mean": values.mean(), "standard_error": error, "median": values.median()}
            rows.append(point | about | numbers | {"low": low, "high": high})
    return pd.DataFrame(rows)


def verdicts(experiment: Experiment, table: pd.DataFrame, home: Path) -> list[str]:
    """Write the share of each verdict for each scenario and combination of levers; return lines if there are few."""
    import pandas as pd

    rows = []
    for point, runs in points(experiment, table):
        shares = runs["verdict"].value_counts(normalize=True).to_dict()
        rows.append(point | {"runs": len(runs)} | {name: float(shares.get(name, 0.0)) for name in ATTRIBUTIONS})
    found = pd.DataFrame(rows)
    save(found, home / "verdicts")
    if len(found) > MAX_LINES:
        return []
    said = []
    for point in rows:
        name = ", ".join(str(value) for key, value in point.items() if key == "scenario" or key in experiment.levers)
        parts = [f"{verdict} {100 * point[verdict]:.3g} %" for verdict in ATTRIBUTIONS if point[verdict]]
        said.append(f"{name}: {', '.join(parts)}")
    return said


# --- Sensitivity ----------------------------------------------------------------------------------------------------


def indices(experiment: Experiment, sampling: Sampling, table: pd.DataFrame, home: Path) -> list[str]:
    """Write the sensitivity indices, their quality and the effect of luck; return lines on the leading factors."""
    from bubble_abm.study.sensitivity import analyse as analyse_indices

    outcomes = outcomes_of(experiment)
    found = analyse_indices(sampling, experiment.uncertain, table, outcomes)
    for name in ("indices", "quality", "stability"):
        save(getattr(found, name), home / name)
    main = main_index(sampling.method, experiment.seeds)
    lines = []
    for outcome, quality in zip(outcomes, found.quality.itertuples(), strict=True):
        mine = found.indices[(found.indices["outcome"] == outcome) & (found.indices["index"] == main)]
        first = mine.nlargest(LEADERS, "value")
        said = [f"{row.factor} {row.value:.2g} [{row.low:.2g}, {row.high:.2g}]" for row in first.itertuples()]
        lines.append(f"{outcome}: {', '.join([] if quality.constant else said)}")
        lines.append(f"    {quality.verdict}")
    return [f"{main} with 95 % intervals, and what they settle:", *lines]


def responses(experiment: Experiment, sampling: Sampling, table: pd.DataFrame, home: Path) -> None:
    """Write how outcomes respond to one factor at a time, with intervals over seeds."""
    import pandas as pd
    from scipy.stats import t

    outcomes = outcomes_of(experiment)
    runs = table.groupby("row")
    means, errors = runs[outcomes].mean(), runs[outcomes].sem(ddof=1)
    reach = t.ppf(0.5 + CONFIDENCE / 2, max(experiment.seeds - 1, 1)) * errors.fillna(0.0)
    rows = []
    for place, one in enumerate(experiment.uncertain):
        for row in range(1 + place * sampling.levels, 1 + (place + 1) * sampling.levels):
            value = experiment.design.values[row, experiment.design.factors.index(one.name)]
            for outcome in outcomes:
                mean, width = means.loc[row, outcome], reach.loc[row, outcome]
                numbers = {"mean": mean, "low": mean - width, "high": mean + width}
                rows.append({"factor": one.name, "value": value, "outcome": outcome} | numbers)
    save(pd.DataFrame(rows), home / "responses")


# --- Scenario discovery ---------------------------------------------------------------------------------------------


def boxes(experiment: Experiment, table: pd.DataFrame, home: Path) -> list[str]:
    """Write the boxes of each verdict that is sought; return lines with their coverage and density."""
    from bubble_abm.study.discovery import cart, combine, prim
    from bubble_abm.study.discovery.search import Settings

    logs = [one.name for one in experiment.uncertain if one.scale == "log"]
    settings = Settings(log_factors=logs)
    where = table[[one.name for one in experiment.uncertain]]
    found = combine(
        search(where, (table["verdict"] == name).to_numpy(), name, table["row"].to_numpy(), settings)
        for name in experiment.discover
        for search in (prim, cart)
    )
    for name in ("boxes", "trajectory", "notes"):
        save(getattr(found, name), home / name)
    return [f"{row['class']}, {row['method']}: {row['note']}" for row in found.notes.to_dict("records")]
