"""Results of experiments for figures: checked against declaration and code, and computed again if they are stale.

A result is used only if it is complete and was made from the present declaration of its experiment by this code and
these versions. A missing or stale result is computed or refused, as the caller chooses. A folder that belongs to
something else is always refused, because computing would remove it.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bubble_abm.economy.declare import InvalidInput
from bubble_abm.economy.parameters import Parameters
from bubble_abm.study.analysis import ANALYSIS, analyse, analysed
from bubble_abm.study.dataset import RUNS, SERIES, Dataset, read
from bubble_abm.study.declared_experiments import find
from bubble_abm.study.experiment import Experiment
from bubble_abm.study.manifest import listed, problem
from bubble_abm.study.provenance import EXPERIMENT, compare, experiment_in, load, shorten

if TYPE_CHECKING:
    import pandas as pd


class ExperimentResult:
    """A finished experiment, as a figure reads it.

    Parameters
    ----------
    folder : Path
        Folder of the data set.
    quick : bool
        Whether it is the quick form of the experiment.
    """

    def __init__(self, folder: Path, quick: bool = False) -> None:
        self.folder, self.quick = Path(folder), quick
        self.identity = load(self.folder)
        self.experiment = experiment_in(self.folder)

    @cached_property
    def runs(self) -> pd.DataFrame:
        """One row for each point and seed, in the order of the design."""
        table = read(self.folder)
        plan = self.experiment
        rows, seeds = plan.places(np.arange(plan.runs))
        wanted = {"row", "seed", "error", *plan.design.factors, *plan.outcome_columns}
        if wanted - set(table) or not (np.array_equal(table["row"], rows) and np.array_equal(table["seed"], seeds)):
            raise InvalidInput(f"result = {self.folder}: some of its runs are missing or belong to another experiment")
        if table["error"].notna().any():
            failed = table["error"].notna().sum()
            raise InvalidInput(f"result = {self.folder}: {failed} runs failed, see its column error")
        return table

    @cached_property
    def series(self) -> pd.DataFrame:
        """One row for each run and month; ``shock`` is false for the twin."""
        return read(self.folder, SERIES)

    def analysis(self, name: str) -> pd.DataFrame:
        """Return a table of the analysis."""
        import pandas as pd

        path = f"{ANALYSIS}/{name}.parquet"
        if text := problem(self.folder, path, listed(self.folder)):
            raise InvalidInput(f"result = {self.folder}: {path} {text}: the same experiment makes it again")
        try:
            return pd.read_parquet(self.folder / path)
        except (OSError, ValueError) as error:
            raise InvalidInput(f"result = {self.folder}: {path} is damaged ({shorten(error)})") from None

    @property
    def parameters(self) -> Parameters:
        """The standard parameters."""
        return Parameters()

    @property
    def shock_month(self) -> int:
        """Month of the shock with the standard parameters."""
        return int(self.parameters.shock_month)

    @cached_property
    def fingerprint(self) -> str:
        """Return a hash of all files that a figure may read, from their checksums, which reading them checks."""
        kinds = (RUNS, SERIES, ANALYSIS)
        sums = {
            name: line for name, line in listed(self.folder).items() if name.partition("/")[0] in (EXPERIMENT, *kinds)
        }
        tables = sorted((name, line) for name, line in sums.items() if name.endswith((".parquet", EXPERIMENT)))
        return hashlib.sha256(repr(tables).encode()).hexdigest()[:16]


def shortcomings(folder: Path, plan: Experiment) -> list[str]:
    """Return the reasons why a result cannot be used: missing, of an older declaration or code, or incomplete.

    Raises
    ------
    InvalidInput
        If the folder holds something else, which must not be overwritten.
    """
    if not os.path.exists(folder):
        return ["is not there"]
    there = load(folder)
    if there["experiment"].get("name") != plan.name:
        raise InvalidInput(f"result = {folder}: holds {there['experiment'].get('name')}, not {plan.name}; move it away")
    data = Dataset(folder, plan)
    if differences := compare(there, data.identity):
        return [f"is of {text}" for text in differences]
    lacking = len(data.missing())
    return [f"lacks {lacking} of {plan.chunks} parts, or they are damaged"] if lacking else []


def result_of(
    name: str, results: Path, *, quick: bool, may_run: bool, tell: Callable[[str], None], **options: Any
) -> ExperimentResult:
    """Return the result of an experiment; compute it if it is missing, stale or incomplete.

    Parameters
    ----------
    name : str
        Name of the experiment.
    results : Path
        Folder of the results.
    quick : bool
        Use the quick form of the experiment.
    may_run : bool
        Whether the experiment may be run; if not, a missing, stale or incomplete result is refused.
    tell : callable
        Called with each message.
    **options
        ``workers``, ``executor`` and ``scheduler`` of :func:`bubble_abm.study.batch.execute`.

    Raises
    ------
    InvalidInput
        If the result cannot be used and may not be computed, or some of its runs failed.
    """
    from bubble_abm.study.batch import execute

    plan = find(name).quick_form() if quick else find(name)
    folder = results / plan.name
    problems = shortcomings(folder, plan)
    if problems and not may_run:
        raise InvalidInput(f"result = {folder}: {'; and '.join(problems)}: run the experiment, or omit --no-run")
    if problems:
        tell(f"{folder} {'; and '.join(problems)}: {plan.runs:,} runs")
        report = execute(plan, folder, overwrite=problems[0].startswith("is of"), **options)
        if report.failed:
            raise InvalidInput(f"result = {folder}: {report.failed:,} runs failed, see its column error")
    if problems or not analysed(folder):
        analyse(folder)
    return ExperimentResult(folder, quick)
