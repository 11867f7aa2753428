"""What the figures of the ensemble share: its members as an experiment has run them, and intervals in rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from bubble_abm.economy.parameters import DECLARED
from bubble_abm.study.calibration.prior import space
from bubble_abm.study.ensemble import Ensemble
from bubble_abm.study.experiment import Experiment
from bubble_abm.style.figure import BLUE, SKY

MEMBERS: dict[str, Any] = {"color": BLUE, "linewidth": 2.4, "zorder": 3}
RUNS: dict[str, Any] = {"color": SKY, "linewidth": 0.9, "zorder": 2}
READ = "dot: median; thick bar: nine of ten members, each by the median over its seeds; thin bar: nine of ten runs"


def members_of(experiment: Experiment) -> Ensemble:
    """Return the points of an experiment as members, in the ranges that are searched; values not set are defaults."""
    factors, design = space(), experiment.design
    columns = [
        design.values[:, design.factors.index(one.name)]
        if one.name in design.factors
        else np.full(design.rows, float(DECLARED[one.name].default))
        for one in factors
    ]
    values = np.column_stack(columns)
    return Ensemble(factors, values, np.ones(len(values)), (), np.zeros((len(values), 0)))


def who(experiment: Experiment) -> str:
    """Say whose numbers they are."""
    return "the defaults" if experiment.points == 1 else "the members"


def counted(experiment: Experiment) -> str:
    """Say how many members there are, and how many seeds each has."""
    members, seeds = experiment.points, experiment.seeds
    who = "the defaults alone, because no ensemble is shipped yet" if members == 1 else f"{members} members"
    return f"n = {who}, {seeds} {'seed' if seeds == 1 else 'seeds'} each"


def upright(axes: Any, places: np.ndarray, table: pd.DataFrame, divisor: float = 1.0, **looks: Any) -> None:
    """Draw median and both intervals of the rows of a table as upright bars."""
    axes.vlines(places, table["low"] / divisor, table["high"] / divisor, **(RUNS | looks))
    axes.vlines(places, table["member_low"] / divisor, table["member_high"] / divisor, **(MEMBERS | looks))
    dot = {"marker": "o", "markersize": 3.4, "markerfacecolor": "white", "linestyle": "none", "zorder": 4}
    axes.plot(places, table["median"] / divisor, **dot, color=looks.get("color", BLUE))
