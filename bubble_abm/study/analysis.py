"""Analysis of a finished experiment: a summary of each point, and indices, responses or boxes as its design allows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bubble_abm.economy.declare import InvalidInput
from bubble_abm.economy.parameters import DECLARED
from bubble_abm.engine.sources import ANALYSES, source_hash
from bubble_abm.observe.outcomes import EFFECT, FALLS, SHARE, unit
from bubble_abm.observe.seeds import SPREAD, reach
from bubble_abm.observe.verdict import ATTRIBUTIONS
from bubble_abm.study.atomic_writing import check_writable, write_file, writing
from bubble_abm.study.dataset import read
from bubble_abm.study.experiment import ECONOMY, Experiment
from bubble_abm.study.manifest import files_in, listed, problem, renew
from bubble_abm.study.provenance import experiment_in
from bubble_abm.study.sensitivity.convergence import LEADERS
from bubble_abm.study.sensitivity.emulator import check_q2
from bubble_abm.study.sensitivity.estimators import main_index
from bubble_abm.study.sensitivity.sampling import Sampling, has_dummy
from bubble_abm.study.sensitivity.study import outcomes_of

if TYPE_CHECKING:
    import pandas as pd

ANALYSIS = "analysis"
EMULATOR = "emulator"  # folder in a result, for emulators of its outcomes by later request
EMULATED = "ST"  # index of emulated outcomes that is printed
CODE = "code.txt"  # in the folder of an analysis: hash of the code that made it; written last
MAX_LINES = 30  # largest number of points whose verdicts are printed


def analyse(folder: str | Path, experiment: Experiment | None = None) -> list[str]:
    """Analyse a finished experiment, write tables to ``analysis/`` in its folder, and return lines to print.

    Parameters
    ----------
    folder : str or Path
        Folder of the experiment.
    experiment : Experiment, optional
        The experiment, if it asks for another analysis of the same runs than the one that is described in the folder.

    Returns
    -------
    list of str
        Lines to print.
    """
    folder = Path(folder)
    experiment = experiment or experiment_in(folder)
    table = read(folder)
    with writing(folder):
        return write_analysis(folder, experiment, table)


def write_analysis(folder: Path, experiment: Experiment, table: pd.DataFrame) -> list[str]:
    """Write the tables of an analysis, and list them; return lines to print."""
    home = folder / ANALYSIS
    home.mkdir(exist_ok=True)
    (home / CODE).unlink(missing_ok=True)
    renew(folder, ANALYSIS)
    save(summary(experiment, table), home / "summary")
    lines = verdicts(experiment, table, home) if experiment.twins else []
    if experiment.sampling is not None:
        if has_dummy(experiment.sampling):
            lines += indices(experiment, experiment.sampling, table, home)
        elif experiment.sampling.method == "oat":
            responses(experiment, experiment.sampling, table, home)
        if experiment.discover:
            lines += boxes(experiment, table, home)
        if experiment.emulate is not None:
            lines += emulation(experiment, table, home, experiment.emulate)
    write_file(home / CODE, analysing_code().encode())
    renew(folder, ANALYSIS, files_in(home))
    return lines


def analysing_code() -> str:
    """Return the hash of the sources on which the tables of an analysis depend."""
    return source_hash(*ANALYSES)


def analysed(folder: Path) -> bool:
    """Whether a finished experiment was analysed completely by this code, and its tables are as they were written."""
    path = folder / ANALYSIS / CODE
    sums = {name: line for name, line in listed(folder).items() if name.startswith(f"{ANALYSIS}/")}
    whole = f"{ANALYSIS}/{CODE}" in sums and not any(problem(folder, name, sums) for name in sums)
    return whole and path.read_text() == analysing_code()


def units(experiment: Experiment) -> dict[str, str]:
    """Return the units of factors and outcomes."""
    if experiment.model != ECONOMY:
        return {}
    known = {name: DECLARED[name].metadata["unit"] for name in experiment.design.factors}
    return known | {name: unit(name) for name in experiment.outcome_columns}


def save(table: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV for people, and as Parquet for programs."""
    write_file(path.with_suffix(".csv"), table.to_csv(index=False, lineterminator="\n").encode())
    write_file(path.with_suffix(".parquet"), table.to_parquet(index=False))


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

    Notes
    -----
    The mean of a share of a fall that the shock explains is the ratio of the means of what the shock adds and of the
    fall, as in :func:`bubble_abm.observe.seeds.ratio`; median and spread are those of the runs that fall.
    """
    import pandas as pd

    known = units(experiment)
    rows: list[dict[str, Any]] = []
    for point, runs in points(experiment, table):
        independent = runs if experiment.sampling is None else runs.groupby("row").mean(numeric_only=True)
        for name in experiment.outcome_columns:
            values = runs[name]
            mean, error = mean_and_error(independent, name)
            low, high = values.quantile(SPREAD)
            about = {"outcome": name, "unit": known.get(name, ""), "runs": len(values)}
            numbers = {"mean": mean, "standard_error": error, "median": values.median()}
            rows.append(point | about | numbers | {"low": low, "high": high})
    return pd.DataFrame(rows)


def mean_and_error(table: pd.DataFrame, name: str) -> tuple[float, float]:
    """Mean of an outcome over independent rows, and its standard error, missing for one row.

    That of a share is a ratio of means over all rows.
    """
    fall = name.removesuffix(SHARE)
    if fall not in FALLS or name == fall:
        values, mean = table[name], float(table[name].mean())
    else:
        parts, wholes = table[fall + EFFECT], table[fall]
        mean = float(parts.mean() / wholes.mean()) if wholes.mean() > 0.0 else np.nan
        values = (parts - mean * wholes) / wholes.mean()
    return mean, float(values.std(ddof=1)) / np.sqrt(values.count())


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
    said = leading(found.indices, found.quality, main)
    return [f"{main} with 95 % intervals, and what they settle:", *said]


def emulate_result(folder: str | Path, home: Path, least_q2: float) -> list[str]:
    """Emulate the outcomes of any finished experiment that draws parameters, and return lines to print.

    Parameters
    ----------
    folder : str or Path
        Folder of the experiment.
    home : Path
        Folder for the tables.
    least_q2 : float
        Q2 below which an outcome is refused.

    Raises
    ------
    InvalidInput
        If the experiment draws no parameters, moves only one at a time, has several scenarios or levers, or too few
        points.
    """
    folder = Path(folder)
    check_q2(least_q2)
    experiment = experiment_in(folder)
    if experiment.sampling is None or experiment.sampling.method == "oat":
        raise InvalidInput(f"result = {folder}: draws no parameters together, give one of morris, sobol, latin, ...")
    if len(experiment.scenarios) > 1 or experiment.levers:
        raise InvalidInput(f"result = {folder}: has scenarios or levers, give one that only draws parameters")
    check_writable(home)
    table = read(folder)
    with writing(home):
        home.mkdir(parents=True, exist_ok=True)
        lines = emulation(experiment, table, home, least_q2)
        if home.parent == folder:
            renew(folder, home.name, files_in(home))
    return lines


def emulation(experiment: Experiment, table: pd.DataFrame, home: Path, least_q2: float) -> list[str]:
    """Write the indices of emulated outcomes, relevance and quality; return lines on the leading factors."""
    from bubble_abm.study.sensitivity.emulator import Points
    from bubble_abm.study.sensitivity.emulator import emulation as emulate

    sampling, outcomes = experiment.sampling, outcomes_of(experiment)
    assert sampling is not None
    together = experiment.design.rows // sampling.samples  # rows of one base sample or trajectory
    points = Points(experiment.uncertain, experiment.design.values, together)
    found = emulate(points, table, outcomes, seed=sampling.seed, least_q2=least_q2)
    for name in ("indices", "relevance", "quality", "left_out"):
        save(getattr(found, name), home / name)
    said = leading(found.indices, found.quality, EMULATED)
    return [f"{EMULATED} of emulators with 95 % intervals, and Q2, the share predicted at points left out:", *said]


def leading(indices: pd.DataFrame, quality: pd.DataFrame, main: str) -> list[str]:
    """Return two lines for each outcome: its leading factors with their intervals, and the verdict."""
    lines = []
    for row in quality.itertuples():
        mine = indices[(indices["outcome"] == row.outcome) & (indices["index"] == main)].dropna(subset="value")
        first = [] if row.constant else list(mine.nlargest(LEADERS, "value").itertuples())
        said = ", ".join(f"{one.factor} {one.value:.2g} [{one.low:.2g}, {one.high:.2g}]" for one in first)
        lines += [f"{row.outcome}: {said}", f"    {row.verdict}"]
    return lines


def responses(experiment: Experiment, sampling: Sampling, table: pd.DataFrame, home: Path) -> None:
    """Write how outcomes respond to one factor at a time, with intervals over seeds."""
    import pandas as pd

    outcomes = outcomes_of(experiment)
    runs = table.groupby("row")
    means, widths = runs[outcomes].mean(), reach(runs[outcomes].std(ddof=1), experiment.seeds).fillna(0.0)
    rows = []
    for place, one in enumerate(experiment.uncertain):
        for row in range(1 + place * sampling.levels, 1 + (place + 1) * sampling.levels):
            value = experiment.design.values[row, experiment.design.factors.index(one.name)]
            for outcome in outcomes:
                mean, width = means.loc[row, outcome], widths.loc[row, outcome]
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
