"""The smallest shock that ends a boom which otherwise lives, and how far the shock moves the end of others.

An economy that has not popped by the end of the run, though no efficient model is released, is given releases of
growing size under the same luck, until it pops. Size one is the economy's own shock, size zero none. In between, and
beyond, the gain in efficiency (in logarithms), openness and imitation grow together from those of the model that was
there before: were openness left as it is, a release that saves next to nothing would end as much pre-training as a
large one. All of it is read under each definition of a pop.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from bubble_abm.economy.outside import outside
from bubble_abm.economy.parameters import DECLARED, Parameters
from bubble_abm.economy.shocks import LEVELS, Shock, default_shocks
from bubble_abm.engine.simulation import simulate
from bubble_abm.observe import seeds
from bubble_abm.observe.verdict import DEFINITIONS, attribution, pops

if TYPE_CHECKING:
    import pandas as pd

    from bubble_abm.study.experiment import Setup

MODEL = "bubble_abm.study.smallest_shock:threshold"
NONE, OWN = 0.0, 1.0
#: Sizes that are tried first: a pop need not depend on the size in one direction only.
TRIED = (0.25, 0.5, 0.75, OWN, 1.25, 1.5)
PRECISION = 0.05  # difference of two sizes between which the smallest is not sought any further

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
        without a shock, is 1 if a shock of any size that is tried makes one, and ``smallest`` is the size of
        the smallest that does.
    """
    own = Parameters().with_values(dict(values))

    @cache
    def popped(size: float) -> dict[str, int | None]:
        shocks = (*((shock_of(own, size),) if size > NONE else ()), *setup.changes)
        return pops(simulate(own, shocks=shocks, months=setup.months, seed=seed).records.measures)

    found: dict[str, float] = {}
    for definition in DEFINITIONS:
        with_shock, without = popped(OWN)[definition], popped(NONE)[definition]
        moved = attribution(with_shock, without, int(own.shock_month), setup.months)
        seen = partial(pops_under, popped, definition)
        least = None if without is not None else smallest(seen)
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


def shock_of(own: Parameters, size: float) -> Shock:
    """Return a release of some size, relative to the shock of an economy, as far as parameters may go.

    Examples
    --------
    >>> shock_of(Parameters(), 1.0) == default_shocks(Parameters())[0]
    True
    >>> shock_of(Parameters(shock_efficiency=4.0), 0.5).efficiency
    2.0
    """
    (whole,) = default_shocks(own)
    before = outside(whole.month + 1)
    highest = {level: DECLARED[name].metadata["high"] for level, name in LEVELS.items()}
    spread = {}
    for level in ("openness", "imitation"):
        usual = own.price_war * float(before[level][whole.month])
        spread[level] = min(max(usual + size * (getattr(whole, level) - usual), 0.0), highest[level])
    return replace(whole, efficiency=min(whole.efficiency**size, highest["efficiency"]), **spread)


def smallest(pops_at: Callable[[float], bool]) -> float | None:
    """Return the smallest size at which a boom pops, within a twentieth; None if it pops at none that is tried.

    Parameters
    ----------
    pops_at : callable
        Whether it pops at a size; at none it does not.

    Examples
    --------
    >>> 0.6 <= smallest(lambda size: size >= 0.6) <= 0.65
    True
    >>> smallest(lambda size: False)
    """
    high = next((size for size in TRIED if pops_at(size)), None)
    if high is None:
        return None
    low = max((size for size in TRIED if size < high), default=NONE)
    while high - low > PRECISION:
        middle = (low + high) / 2.0
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
            low, high = mean.low, mean.high
            if what != MOVED and low is not None and high is not None:  # of a probability
                low, high = max(low, 0.0), min(high, 1.0)
            row |= {what: mean.value, f"{what}_low": low, f"{what}_high": high, f"{what}_n": mean.seeds}
        sizes = mine[SMALLEST].dropna().to_numpy()
        median, low, high = seeds.spread(sizes) if len(sizes) else (math.nan,) * 3
        row |= {"lives": int(mine[KILLED].count()), "killed": int(mine[KILLED].sum()), "runs": len(table)}
        rows.append(row | {"smallest": median, "smallest_q05": low, "smallest_q95": high})
    return pd.DataFrame(rows)
