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
from bubble_abm.study.calibration.calibrate import ENSEMBLE, JUDGE_SEED, opened, passing
from bubble_abm.study.calibration.criterion import Criterion, months_needed
from bubble_abm.study.calibration.steps import STEPS, Steps
from bubble_abm.study.ensemble import Ensemble
from bubble_abm.study.experiment import ECONOMY
from bubble_abm.study.provenance import code_of, commit, processor, shorten, versions


def judge_again(
    folder: str | Path,
    out: str | Path,
    *,
    own_luck: bool = False,
    overwrite: bool = False,
    command: Sequence[str] = (),
    **computing: Any,
) -> tuple[Ensemble | None, int]:
    """Judge the points that a search has judged by the model as it is now, under seeds that are new to them.

    Parameters
    ----------
    folder : str or Path
        Folder of a finished search.
    out : str or Path
        Folder for the runs.
    own_luck : bool
        Allow each point luck of its own, also if the search did not, see :class:`Criterion`.
    overwrite : bool
        Remove an existing result first.
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
        If the folder holds no finished search, or the one for the runs a judgement by another state of the model.
    """
    folder, out = Path(folder), Path(out)
    if not (folder / ENSEMBLE).exists():
        raise InvalidInput(f"again = {folder}: holds no finished search, give the folder of one")
    old = Ensemble.load(folder / ENSEMBLE)
    about, targets = old.origin, tuple(TARGETS[name] for name in old.targets)
    values = points_of(folder, old.names)
    own_luck = own_luck or about.get("own_luck", False)
    criterion = Criterion(targets[: len(old.matched)], np.array(about["luck"]), about["discrepancy"], own_luck)
    first = JUDGE_SEED + 2 * about["judges"]  # the search has judged by the first seeds, or by those after them
    seeds = range(first, first + about["judges"])
    again = {"code": code_of(ECONOMY), "commit": commit(), "command": list(command)}
    plan = {"again": old.mark, "code": again["code"], "versions": versions(), "processor": processor()}
    steps = Steps(out, old.names, **computing)
    with opened(plan, out, overwrite), steps.at_work():
        found = steps.run("again", values, seeds, targets, months_needed(targets))
    origin = dict(about) | {"again": again} | ({"own_luck": True} if own_luck else {})
    return passing(criterion, old.factors, values, targets, found, origin), len(values)


def points_of(folder: Path, names: Sequence[str]) -> np.ndarray:
    """Return the points that a search has judged, one row each."""
    import pyarrow.parquet as parquet

    path = folder / STEPS / "members.parquet"
    try:
        table = parquet.read_table(path, columns=["point", *names])
    except (OSError, ValueError, KeyError) as error:
        raise InvalidInput(f"again = {folder}: the points that it judged cannot be read, {shorten(error)}") from None
    first = np.unique(table["point"].to_numpy(), return_index=True)[1]
    return np.column_stack([table[name].to_numpy()[first] for name in names]).astype(float)
