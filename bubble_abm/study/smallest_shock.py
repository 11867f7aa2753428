"""The smallest shock that ends a boom which otherwise lives, and how far the shock moves the end of others.

An economy that has not popped by the end of the run, though no efficient model is released, is given releases of
growing efficiency under the same luck, until it pops. Nothing else of the release changes: openness and imitation, by
which it spreads, are those of the economy. All of it is read under each definition of a pop.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import numpy as np

from bubble_abm.economy.parameters import DECLARED, Parameters
from bubble_abm.economy.shocks import default_shocks
from bubble_abm.engine.simulation import simulate
from bubble_abm.observe import seeds
from bubble_abm.observe.verdict import DEFINITIONS, attribution, pops

if TYPE_CHECKING:
    import pandas as pd

    from bubble_abm.study.experiment import Setup

MODEL = "bubble_abm.study.smallest_shock:threshold"
NONE, LARGEST = 1.0, float(DECLARED["shock_efficiency"].metadata["high"])  # efficiencies: no shock, and the highest
#: Sizes that are tried first, evenly spaced in logarithms: a pop need not depend on the size in one direction only.
TRIED = tuple(np.geomspace(NONE, LARGEST, 7)[1:].tolist())
PRECISION = 1.05  # ratio of two sizes, between which the smallest is not sought any further

POPPED, WITHOUT, MOVED, KILLED, SMALLEST = "popped", "popped_without_shock", "moved", "killed", "smallest"


def outcome(what: str, definition: str) -> str:
    """Name of an outcome under a definition of a pop."""
    return f"{what}@{definition}"


#: Outcomes of :func:`threshold`.
OUTCOMES = tuple(
    outcome(what, definition) for definition in DEFINITIONS for what in (POPPED, WITHOUT, MOVED, KILLED, SMALLEST)
)


def threshold(values: Mapping[str, float], seed: int, setup: Setup) -> dict[str, float]:
    """Return, under each definition of a pop, what the shock does and how small one would do; a model to experiment on.

    Parameters
    ----------
    values : mapping of str to float
        Parameters that differ from the standard ones.
    seed : int
        Random seed.
    setup : Setup
        Length of the run and what changes in its course.

    Returns
    -------
    dict of str to float
        :data:`OUTCOMES`. ``popped`` and ``popped_without_shock`` are 1 or 0; ``moved`` is by how many months the shock
        moves the pop, not a number unless there is one with it and one without it; ``killed``, only where there is none
        without a shock, is 1 if a shock of any size that is tried makes one, and ``smallest`` is the efficiency of the
        smallest that does.
    """
    own = Parameters().with_values(dict(values))

    @cache
    def popped(size: float) -> dict[str, int | None]:
        parameters = own.with_values({"shock_efficiency": size})
        shocks = (*default_shocks(parameters), *setup.changes)
        return pops(simulate(parameters, shocks=shocks, months=setup.months, seed=seed).records.measures)

    found: dict[str, float] = {}
    for definition in DEFINITIONS:
        with_shock, without = popped(own.shock_efficiency)[definition], popped(NONE)[definition]
        moved = attribution(with_shock, without, int(own.shock_month), setup.months)
        seen = partial(pops_under, popped, definition)
        least = None if without is not None else smallest(seen, own.shock_efficiency)
        one = {
            POPPED: float(with_shock is not None),
            WITHOUT: float(without is not None),
            MOVED: math.nan if moved.moved is None or moved.at_least else float(moved.moved),
            KILLED: math.nan if without is not None else float(least is not None),
            SMALLEST: math.nan if least is None else least,
        }
        found |= {outcome(what, definition): value for what, value in one.items()}
    return found


def pops_under(popped: Callable[[float], Mapping[str, int | None]], definition: str, size: float) -> bool:
    """Whether there is a pop under a definition after a shock of some size, given the months of pops by size."""
    return popped(size)[definition] is not None


def smallest(pops_at: Callable[[float], bool], usual: float) -> float | None:
    """Return the smallest size at which a boom pops, within five per cent; None if it pops at none that is tried.

    Parameters
    ----------
    pops_at : callable
        Whether it pops at a size; without a shock it does not.
    usual : float
        Size of the economy's own shock, which is tried too.

    Examples
    --------
    >>> found = smallest(lambda size: size >= 3.0, usual=5.0)
    >>> 3.0 <= found <= 3.0 * 1.05
    True
    >>> smallest(lambda size: False, usual=5.0)
    """
    sizes = sorted({*TRIED, usual} - {NONE})
    high = next((size for size in sizes if pops_at(size)), None)
    if high is None:
        return None
    low = max((size for size in sizes if size < high), default=NONE)
    while high / low > PRECISION:
        middle = math.sqrt(low * high)
        low, high = (low, middle) if pops_at(middle) else (middle, high)
    return high


# --- Many economies -------------------------------------------------------------------------------------------------


def answers(table: pd.DataFrame) -> pd.DataFrame:
    """Return what the economies say, a row for each definition of a pop.

    Parameters
    ----------
    table : DataFrame
        Runs of an experiment on :data:`MODEL`: ``scenario``, the economy, and :data:`OUTCOMES`.

    Returns
    -------
    DataFrame
        ``definition``; probability of a pop with the shock, ``popped``, without it, ``popped_without_shock``, and in
        months by how much the shock moves it where there is one both with and without, ``moved``, each with its 95 %
        interval ``_low`` and ``_high``, members first; ``lives``, runs that do not pop without a shock, ``killed`` of
        them by a shock of some size, and the median ``smallest`` of these, with the bounds between which nine of ten
        lie; ``n`` members, or seeds of one economy.
    """
    import pandas as pd

    rows = []
    for definition in DEFINITIONS:
        mine = {what: table[outcome(what, definition)] for what in (POPPED, WITHOUT, MOVED, KILLED, SMALLEST)}
        row: dict[str, Any] = {"definition": definition}
        for what in (POPPED, WITHOUT, MOVED):
            known = mine[what].dropna()
            units = seeds.members_first(known.to_frame(), table["scenario"][known.index])[known.name]
            mean = seeds.mean(units.to_numpy()) if len(units) else seeds.Estimate(math.nan, None, None, 0)
            row |= {what: mean.value, f"{what}_low": mean.low, f"{what}_high": mean.high, f"{what}_n": mean.seeds}
        sizes = mine[SMALLEST].dropna().to_numpy()
        median, low, high = seeds.spread(sizes) if len(sizes) else (math.nan,) * 3
        row |= {"lives": int(mine[KILLED].count()), "killed": int(mine[KILLED].sum()), "runs": len(table)}
        rows.append(row | {"smallest": median, "smallest_q05": low, "smallest_q95": high})
    return pd.DataFrame(rows)
