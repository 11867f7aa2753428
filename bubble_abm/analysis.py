"""What is made of a finished experiment: a summary of each of its points, and what its design was drawn for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bubble_abm.convergence import LEADERS
from bubble_abm.dataset import load, read
from bubble_abm.estimators import MAIN
from bubble_abm.experiment import Experiment
from bubble_abm.sampling import has_dummy
from bubble_abm.study import outcomes_of

if TYPE_CHECKING:
    import pandas as pd

ANALYSIS = "analysis"
SPREAD = (0.05, 0.95)  # where nine runs of ten lie


def analyse(folder: str | Path) -> list[str]:
    """Analyse a finished experiment into ``analysis/`` of its folder, and return what is to be said.

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
    experiment = Experiment.from_dict(load(folder)["experiment"])
    table = read(folder)
    (folder / ANALYSIS).mkdir(exist_ok=True)
    summarised = summary(experiment, table)
    save(summarised, folder / ANALYSIS / "summary")
    lines: list[str] = []
    if experiment.sampling is not None and has_dummy(experiment.sampling):
        lines += indices(experiment, table, folder / ANALYSIS)
    return lines


def indices(experiment: Experiment, table: pd.DataFrame, folder: Path) -> list[str]:
    """Write the sensitivity indices, what they are worth, and how luck enters; say what counts most."""
    from bubble_abm.sensitivity import analyse as analyse_indices

    assert experiment.sampling is not None
    outcomes = outcomes_of(experiment)
    found = analyse_indices(experiment.sampling, experiment.uncertain, table, outcomes)
    for name in ("indices", "quality", "stability"):
        save(getattr(found, name), folder / name)
    main = MAIN[experiment.sampling.method]
    lines = []
    for outcome, quality in zip(outcomes, found.quality.itertuples(), strict=True):
        mine = found.indices[(found.indices["measure"] == outcome) & (found.indices["index"] == main)]
        first = mine.nlargest(LEADERS, "value")
        shares = ", ".join(
            f"{row.factor} {row.value:.2g} [{row.low:.2g}, {row.high:.2g}]" for row in first.itertuples()
        )
        lines.append(f"{outcome}: {shares if not quality.constant else ''}")
        lines.append(f"    {quality.verdict}")
    return [f"{main}, 95 % intervals, and whether they can be believed:", *lines]


def summary(experiment: Experiment, table: pd.DataFrame) -> pd.DataFrame:
    """Describe every outcome at each scenario and combination of levers, over seeds and draws.

    Returns
    -------
    DataFrame
        ``scenario``, the levers, ``outcome``, ``unit``, ``runs``, ``mean``, ``standard_error`` of the mean (draws, or
        seeds where there are none, taken as independent), ``median``, and ``low`` and ``high``, between which nine runs
        of ten lie.
    """
    import pandas as pd

    from bubble_abm.experiment import ECONOMY
    from bubble_abm.outcomes import unit

    keys = ["scenario", *experiment.levers]
    rows: list[dict[str, Any]] = []
    for point, runs in table.groupby(keys, sort=False):
        for name in experiment.outputs:
            values = runs[name]
            independent = values if experiment.sampling is None else values.groupby(runs["row"]).mean()
            error = independent.std(ddof=1) / np.sqrt(len(independent)) if len(independent) > 1 else np.nan
            low, high = values.quantile(SPREAD)
            about = {"outcome": name, "unit": unit(name) if experiment.model == ECONOMY else "", "runs": len(values)}
            numbers = {"mean": values.mean(), "standard_error": error, "median": values.median()}
            rows.append(dict(zip(keys, point, strict=True)) | about | numbers | {"low": low, "high": high})
    return pd.DataFrame(rows)


def save(table: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV, for people, and as Parquet, for programs."""
    table.to_csv(path.with_suffix(".csv"), index=False, lineterminator="\n")
    table.to_parquet(path.with_suffix(".parquet"), index=False)
