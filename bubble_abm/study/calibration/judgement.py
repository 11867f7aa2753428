"""Judge the points of a finished search again, after the model has changed a little.

A repair that moves results a little leaves most points where they are: not ruled out. So the waves need not be run
again, but every point of the last one is judged by the model as it is now.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bubble_abm.economy.declare import InvalidInput
from bubble_abm.observe.targets import TARGETS
from bubble_abm.study.calibration.calibrate import ENSEMBLE, JUDGE_SEED
from bubble_abm.study.calibration.criterion import Criterion, months_needed
from bubble_abm.study.calibration.steps import STEPS, Steps
from bubble_abm.study.ensemble import Ensemble
from bubble_abm.study.experiment import ECONOMY
from bubble_abm.study.provenance import code_of, commit


def judge_again(
    folder: str | Path, out: str | Path, *, command: Sequence[str] = (), **computing: Any
) -> tuple[Ensemble | None, int]:
    """Judge the points that a search has judged by the model as it is now, under seeds that are new to them.

    Parameters
    ----------
    folder : str or Path
        Folder of a finished search.
    out : str or Path
        Folder for the runs.
    command : sequence of str
        Words of the command, for the provenance of the ensemble.
    **computing
        See :class:`Steps`.

    Returns
    -------
    Ensemble or None
        The members; None if fewer than two points pass. Its provenance is that of the search, and under ``again`` the
        code, commit and command of the judgement.
    int
        Number of points that were judged.

    Raises
    ------
    InvalidInput
        If the folder holds no finished search.
    """
    folder = Path(folder)
    old = Ensemble.load(folder / ENSEMBLE)
    about, targets = old.origin, tuple(TARGETS[name] for name in old.targets)
    values = points_of(folder, old.names)
    criterion = Criterion(targets[: len(old.matched)], np.array(about["luck"]), about["discrepancy"])
    judges = about["judges"]
    first = JUDGE_SEED + 2 * judges  # the search has judged by the first seeds, or by those after them
    steps = Steps(Path(out), old.names, **computing)
    with steps.at_work():
        found = steps.run("again", values, range(first, first + judges), targets, months_needed(targets))
    worst = criterion.implausibilities(found[:, :, : len(old.matched)]).max(axis=1)
    threshold = float(about["waves"]["threshold"])
    members = np.flatnonzero(worst <= threshold)[: about["members"]]
    if len(members) < 2:
        return None, len(values)
    again = {"code": code_of(ECONOMY), "commit": commit(), "command": list(command)}
    origin = dict(about) | {"judged": len(values), "passed": int((worst <= threshold).sum()), "again": again}
    return Ensemble.of(old.factors, values[members], worst[members], targets, found[members], origin), len(values)


def points_of(folder: Path, names: Sequence[str]) -> np.ndarray:
    """Return the points that a search has judged, one row each."""
    import pyarrow.parquet as parquet

    path = folder / STEPS / "members.parquet"
    try:
        table = parquet.read_table(path, columns=["point", *names])
    except (OSError, ValueError, KeyError) as error:
        raise InvalidInput(f"again = {folder}: holds no finished search, {error}") from None
    first = np.unique(table["point"].to_numpy(), return_index=True)[1]
    return np.column_stack([table[name].to_numpy()[first] for name in names]).astype(float)
