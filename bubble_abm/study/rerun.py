"""Repeat a result from its provenance, and say whether the bits agree."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bubble_abm.economy.declare import InvalidInput
from bubble_abm.economy.shocks import Change, Shock
from bubble_abm.engine.scenario import Scenario
from bubble_abm.engine.scenario import run as run_scenario
from bubble_abm.study.dataset import EXPERIMENT, RUNS, SERIES, Dataset, compare, load
from bubble_abm.study.experiment import Experiment
from bubble_abm.study.provenance import MODEL, versions
from bubble_abm.study.results import PROVENANCE, write_series

SHOWN = 5  # differences


@dataclass(frozen=True)
class Rerun:
    """What came of repeating a result.

    Attributes
    ----------
    runs : int
        Runs repeated.
    circumstances : tuple of str
        What is not as it was: code, versions, processor.
    differences : tuple of str
        Where values differ, the first few; empty if all bits agree.
    """

    runs: int
    circumstances: tuple[str, ...]
    differences: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        """Whether every bit is as it was."""
        return not self.differences


def rerun(folder: str | Path, **options: Any) -> Rerun:
    """Repeat a result of ``bubble-abm experiment``, ``sensitivity`` or ``run``, and compare it bit by bit.

    Parameters
    ----------
    folder : str or Path
        Folder of the result; nothing in it is touched.
    **options
        ``workers``, ``executor``, ``scheduler``, ``progress``: see :func:`bubble_abm.study.batch.execute`.

    Raises
    ------
    InvalidInput
        If the folder is not a result, or is not complete.
    """
    folder = Path(folder)
    if (folder / EXPERIMENT).exists():
        return rerun_experiment(folder, options)
    if (folder / PROVENANCE).exists():
        return rerun_scenario(folder)
    raise InvalidInput(f"result = {folder}: is not a result, it has neither {EXPERIMENT} nor {PROVENANCE}")


def rerun_experiment(folder: Path, options: Mapping[str, Any]) -> Rerun:
    """Repeat an experiment in a temporary folder and compare chunk by chunk."""
    from bubble_abm.study.batch import execute

    there = load(folder)
    experiment = Experiment.from_dict(there["experiment"])
    old = Dataset(folder, experiment)
    if missing := len(old.missing()):
        raise InvalidInput(
            f"result = {folder}: is not complete, {missing} of {old.chunks} chunks are missing; finish it first"
        )
    with tempfile.TemporaryDirectory(prefix="bubble_abm.") as scratch:
        new = Dataset(Path(scratch) / "again", experiment)
        execute(experiment, new.folder, **options)
        differences: list[str] = []
        for chunk in range(old.chunks):
            for kind in (RUNS, SERIES)[: 2 if experiment.series else 1]:
                if len(differences) < SHOWN:
                    differences += differing(old.part(chunk, kind), new.part(chunk, kind))
    circumstances = [text for text in compare(there, new.identity) if not text.startswith("another design")]
    return Rerun(experiment.runs, tuple(circumstances), tuple(differences[:SHOWN]))


def rerun_scenario(folder: Path) -> Rerun:
    """Repeat a run of ``bubble-abm run`` and compare its series."""
    try:
        there = json.loads((folder / PROVENANCE).read_text(encoding="utf-8"))
        if there["model"] != MODEL:
            raise KeyError(MODEL)
        events = [dict(event) for event in there["shocks"]]
        kinds = [event.pop("kind") for event in events]
        scenario = Scenario(
            values={name: value for name, value in there["parameters"].items() if not name.startswith("shock_")},
            shocks=tuple(Shock(**event) for kind, event in zip(kinds, events, strict=True) if kind == "Shock"),
            changes=tuple(Change(**event) for kind, event in zip(kinds, events, strict=True) if kind == "Change"),
            seed=there["seeds"][0],
            seeds=len(there["seeds"]),
            months=there["months"],
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InvalidInput(
            f"result = {folder}: its {PROVENANCE} is damaged ({type(error).__name__}: {error})"
        ) from None
    runs = run_scenario(scenario)
    with tempfile.TemporaryDirectory(prefix="bubble_abm.") as scratch:
        differences: list[str] = []
        for name, results in (("series.parquet", runs.whole), ("series_without_shock.parquet", runs.twins)):
            if results:
                write_series(Path(scratch) / name, results)
                differences += differing(folder / name, Path(scratch) / name)
    changed = [
        f"{name} {there['versions'].get(name)} there, {version} here"
        for name, version in versions().items()
        if there["versions"].get(name) not in (None, version)
    ]
    return Rerun(scenario.seeds, tuple(changed), tuple(differences[:SHOWN]))


def differing(old: Path, new: Path) -> list[str]:
    """Say where two Parquet files differ in their values."""
    import pyarrow.parquet as parquet

    try:
        before = parquet.read_table(old)
    except (OSError, ValueError):
        raise InvalidInput(f"result = {old}: is missing or damaged") from None
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
    """Return a column so that equal bits, and only these, compare equal; not-a-number included."""
    values = column.to_numpy(zero_copy_only=False)
    return values.view(np.int64) if values.dtype == np.float64 else values.astype(str)


__all__ = ["Rerun", "rerun"]
