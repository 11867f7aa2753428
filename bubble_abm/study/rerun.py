"""Repeat a result from its provenance, and compare the two bit by bit."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bubble_abm.economy.declare import InvalidInput, shown
from bubble_abm.study.batch import execute
from bubble_abm.study.dataset import Dataset
from bubble_abm.study.experiment import ECONOMY, Experiment
from bubble_abm.study.manifest import MANIFEST, problems
from bubble_abm.study.provenance import EXPERIMENT, RUN, compare, experiment_in, load, origin
from bubble_abm.study.run_folder import write_series
from bubble_abm.study.scenario_run import experiment_of, points_of, run_point, scenario_of

SHOWN = 5  # largest number of differences reported


@dataclass(frozen=True)
class Rerun:
    """Comparison of a result with its repetition.

    Attributes
    ----------
    runs : int
        Number of runs repeated.
    circumstances : tuple of str
        Changes of code, versions or processor since the result was made.
    differences : tuple of str
        The first few values that differ; empty if all bits agree.
    """

    runs: int
    circumstances: tuple[str, ...]
    differences: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        """Whether every bit agrees."""
        return not self.differences


def rerun(folder: str | Path, *, trust_code: bool = False, **options: Any) -> Rerun:
    """Repeat a result of ``bubble-abm experiment``, ``sensitivity`` or ``run``, and compare it bit by bit.

    Parameters
    ----------
    folder : str or Path
        Folder of the result, which is not changed.
    trust_code : bool
        Import and run the model that the result names, if that is not the economy of this package, and the rules that
        it names. The folder may come from anybody, and these are any functions of any module.
    **options
        ``workers``, ``executor``, ``scheduler``, ``progress``: see :func:`bubble_abm.study.batch.execute`.

    Raises
    ------
    InvalidInput
        If the folder is not that of a result, the result is not complete, or its model is not trusted.
    """
    folder = Path(folder)
    name = next((name for name in (EXPERIMENT, RUN) if os.path.exists(folder / name)), None)
    if name is None:
        raise InvalidInput(f"result = {folder}: is not a result, it has neither {EXPERIMENT} nor {RUN}")
    there, experiment = load(folder, name), experiment_in(folder, name)
    foreign = [] if experiment.model == ECONOMY else [experiment.model]
    foreign += dict.fromkeys(place for _, place in experiment.named_rules)
    if foreign and not trust_code:
        raise InvalidInput(
            f"result = {folder}: was made by {shown(', '.join(foreign))}, code that is not of this package: read it, "
            "and add --trust-code (trust_code=True) to run it"
        )
    if name == EXPERIMENT:
        check_complete(folder, experiment)
    else:
        check_run(folder, experiment)
    wrong = wrong_files(folder, experiment if name == EXPERIMENT else None)
    with tempfile.TemporaryDirectory(prefix="bubble_abm.") as scratch:
        again = Path(scratch)
        if name == EXPERIMENT:
            execute(experiment, again, **options)
        else:
            write_series(again, run_point(experiment, **options))
        files = sorted(path.relative_to(again) for path in again.rglob("*.parquet"))
        found = {file.as_posix(): differing(folder / file, again / file) for file in files}
    values = [text for texts in found.values() for text in texts]
    others = [f"{file} {text}" for file, text in wrong.items() if not found.get(file)]
    differences = tuple([*values, *others][:SHOWN])
    circumstances = [text for text in compare(there, origin(experiment)) if not text.startswith("another design")]
    if not (folder / MANIFEST).exists():
        circumstances.append(f"{MANIFEST} is gone, or never was: other files than tables of runs were not checked")
    return Rerun(experiment.runs, tuple(circumstances), differences)


def check_complete(folder: Path, experiment: Experiment) -> None:
    """Refuse an experiment that was interrupted."""
    data = Dataset(folder, experiment)
    if missing := sum(not data.part(chunk).exists() for chunk in range(experiment.chunks)):
        raise InvalidInput(
            f"result = {folder}: is not complete, {missing} of {experiment.chunks} chunks are missing; finish it first"
        )


def check_run(folder: Path, experiment: Experiment) -> None:
    """Refuse a description that is not one of ``bubble-abm run``: all measures, all residuals."""
    if experiment_of(scenario_of(experiment), points_of(experiment)).as_dict() != experiment.as_dict():
        raise InvalidInput(f"result = {folder}: its {RUN} does not describe a run: give another folder")


def wrong_files(folder: Path, experiment: Experiment | None) -> dict[str, str]:
    """Return what is wrong with the files of a result, by name: changed, missing, or none of its files."""
    strays = [] if experiment is None else Dataset(folder, experiment).strays()
    return problems(folder) | dict.fromkeys(strays, "is none of its files")


def differing(old: Path, new: Path) -> list[str]:
    """Return the differences between the values of two Parquet files."""
    import pyarrow.parquet as parquet

    try:
        before = parquet.read_table(old)
    except FileNotFoundError:
        return [f"{old.name} is missing"]
    except (OSError, ValueError):
        return [f"{old.name} is damaged"]
    after = parquet.read_table(new)
    if before.schema.names != after.schema.names or before.num_rows != after.num_rows:
        return [f"{old.name}: other columns or another number of rows"]
    found = []
    for name in before.schema.names:
        one, other = before[name].combine_chunks(), after[name].combine_chunks()
        places = np.flatnonzero(bits(one) != bits(other))
        if len(places):
            row = int(places[0])
            found.append(
                f"{old.name}, row {row}: {name} = {one[row]} there, {other[row]} here ({len(places)} rows differ)"
            )
    return found


def bits(column: Any) -> np.ndarray:
    """Return a column in a form in which values are equal exactly if their bits are, including not-a-number."""
    values = column.to_numpy(zero_copy_only=False)
    return values.view(np.int64) if values.dtype == np.float64 else values.astype(str)


__all__ = ["Rerun", "rerun"]
