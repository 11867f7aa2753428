"""Causes of the fall: what share of it each cause has, by Shapley over runs with the same luck.

The fall of a measure is shared among eight causes. Every coalition of them is run: those outside it are taken away,
those in it stay as the economy has them. A cause's part is what it adds to the fall on average over all orders in which
causes can be added; parts add up to the fall, and what remains without any cause is called the rest.

Notes
-----
Shapley 1953, "A value for n-person games". Parts may exceed the fall: without the capacity that arrived rents would not
have stayed, but risen, so its part is more than all of the fall, and the rest, growth of demand, is below zero.

Attention of sponsors, lenders and funds is a channel of the shock, but also notices what has other causes. So a
coalition of channels is given what a run in which they alone are open differs by from its twin without the shock, in
which who looks looks likewise; it is added to the fall without the shock, in which everybody looks. The twin of a
coalition without the last channel is the run with that channel and those that tenants make closed: what the shock does
through none of the named channels is then in the part of the last one, and all parts of the shock add up to what it
does as a whole.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from bubble_abm.economy.outside import month_number
from bubble_abm.economy.parameters import Parameters
from bubble_abm.economy.shocks import WATCHED, default_shocks
from bubble_abm.engine.simulation import simulate
from bubble_abm.observe import seeds
from bubble_abm.observe.falls import MEASURED, falls

if TYPE_CHECKING:
    import pandas as pd

    from bubble_abm.study.experiment import Setup

MODEL = "bubble_abm.study.causes:attribute"
ARRIVES = month_number("2023-12")  # the month after rents were highest, in most economies and by fact C09
NO_SHOCK = {"shock_efficiency": 1.0}
REST = "rest"


@dataclass(frozen=True)
class Cause:
    """A cause, and the economy without it.

    Attributes
    ----------
    title : str
        The cause in words.
    off : mapping of str to float
        Values of parameters at which it is taken away.
    """

    title: str
    off: Mapping[str, float]


#: The causes by name, in the order of bits in the number of a coalition.
CAUSES: Mapping[str, Cause] = {
    # Sites that open from then on take no tenants from others. That nothing were built instead would also take away
    # orders of chips, and set announcements and starts by decree.
    "capacity": Cause("capacity that arrived", {"own_tenants_from": ARRIVES}),
    "price_war": Cause("price war of May 2024", {"price_war": 0}),
    "exit": Cause("shock: exit from pre-training", {"shock_exit": 0}),
    "inference": Cause("shock: cheaper inference", {"shock_inference": 0}),
    "attention": Cause("shock: beliefs, lenders, funds", dict.fromkeys(WATCHED, 0)),
    "successors": Cause("chip generations", {"chip_classes": 3, "successor_fear": 0}),
    "answer": Cause(
        "answer of the state",
        {
            "brake_threshold": 0, "late_brake": 0, "late_gate": 0, "resale_network": 0, "hand_over": 0,
            "take_over_probability": 0, "take_over_mandate": 0, "rescue_probability": 0, "voucher_pot": 0,
        },
    ),
    "other_ways": Cause("shock: saved compute, other", {"shock_training": 0}),
}  # fmt: skip

EYES, LAST = "attention", "other_ways"
OF_TENANTS = frozenset({"exit", "inference", LAST})  # channels that what tenants do makes

#: Windows of falls that are shared out: of those of :data:`bubble_abm.observe.falls.WINDOWS`.
SHARED = ("", "_to_trough", "_after")
#: Falls and rises by name: measure and window.
SHARED_FALLS = {f"{name}_{about.way}{window}": (name, window) for name, about in MEASURED.items() for window in SHARED}


def part_of(fall: str, cause: str) -> str:
    """Name of the outcome that is the part of a cause, or of the rest, in a fall."""
    return f"{fall}@{cause}"


def alone_of(fall: str, cause: str) -> str:
    """Name of the outcome that a fall is smaller by if this cause alone is taken away."""
    return f"{fall}-{cause}"


#: Outcomes of :func:`attribute`: each fall, its parts, and what each cause takes away alone.
OUTCOMES = tuple(
    name
    for fall in SHARED_FALLS
    for name in (
        fall,
        *(part_of(fall, cause) for cause in (*CAUSES, REST)),
        *(alone_of(fall, cause) for cause in CAUSES),
    )
)


# --- One economy and one luck ---------------------------------------------------------------------------------------


def attribute(values: Mapping[str, float], seed: int, setup: Setup) -> dict[str, float]:
    """Share out the falls of one economy under one luck; the model of an experiment.

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
        :data:`OUTCOMES`, in the units of the measures; from 288 runs.
    """
    own = Parameters().with_values(dict(values))
    worth = worth_of_coalitions(lambda off: fallen(own, off, seed, setup))
    parts = shapley(worth)
    found: dict[str, float] = {}
    for place, fall in enumerate(SHARED_FALLS):
        found[fall] = float(worth[-1, place])
        for number, cause in enumerate(CAUSES):
            found[part_of(fall, cause)] = float(parts[number, place])
            found[alone_of(fall, cause)] = float(worth[-1, place] - worth[-1 - 2**number, place])
        found[part_of(fall, REST)] = float(worth[0, place])
    return found


def fallen(own: Parameters, off: Mapping[str, float], seed: int, setup: Setup) -> np.ndarray:
    """Return the falls in a run of an economy in which some parameters have other values, of shape (falls,)."""
    parameters = own.with_values(dict(off))
    shocks = (*default_shocks(parameters), *setup.changes)
    series = simulate(parameters, shocks=shocks, months=setup.months, seed=seed).records.measures
    shock_month = int(parameters.shock_month)
    by_measure = {name: falls(series, name, shock_month) for name in MEASURED}
    return np.array([by_measure[name][window] for name, window in SHARED_FALLS.values()])


def worth_of_coalitions(fall: Any) -> np.ndarray:
    """Return what every coalition of causes makes fall.

    Parameters
    ----------
    fall : callable
        Returns the falls without some causes, of shape (falls,), given the values that take these away.

    Returns
    -------
    ndarray of shape (256, falls)
        By the number of the coalition, in which the bit of a cause is set if it is there. The first is without any
        cause and shock, the last the economy as it is.
    """
    everybody = coalitions(tuple(CAUSES))
    runs = {present: fall(without(present)) for present in everybody}
    twins = {present: fall(without(present) | NO_SHOCK) for present in everybody if not present & OF_TENANTS}
    rows = []
    for present in everybody:
        seen = present - OF_TENANTS
        twin = twins[seen] if LAST in present else runs[seen]
        rows.append(twins[seen | {EYES}] + runs[present] - twin)
    return np.array(rows)


def coalitions(players: tuple[str, ...]) -> list[frozenset[str]]:
    """Return all coalitions of players, by number."""
    return [
        frozenset(player for place, player in enumerate(players) if number >> place & 1)
        for number in range(2 ** len(players))
    ]


def without(present: frozenset[str]) -> dict[str, float]:
    """Return the values that take away the causes that are not present."""
    return {name: value for key, cause in CAUSES.items() if key not in present for name, value in cause.off.items()}


def shapley(worth: np.ndarray) -> np.ndarray:
    """Return the part of each player in what all together are worth, beyond what none is worth.

    Parameters
    ----------
    worth : ndarray of shape (2**players, ...)
        Worth of every coalition; the bit of a player is set in the number of a coalition that it belongs to.

    Returns
    -------
    ndarray of shape (players, ...)

    Examples
    --------
    Two left gloves and a right one, of which only pairs are worth anything:

    >>> shapley(np.array([0.0, 0, 0, 0, 0, 1, 1, 1])).round(4).tolist()
    [0.1667, 0.1667, 0.6667]
    """
    players = len(worth).bit_length() - 1
    others = [math.factorial(size) * math.factorial(players - size - 1) for size in range(players)]
    parts = []
    for player in range(players):
        lacking = np.array([number for number in range(len(worth)) if not number >> player & 1])
        weights = np.array([others[int(number).bit_count()] for number in lacking]) / math.factorial(players)
        parts.append(np.tensordot(weights, worth[lacking | 1 << player] - worth[lacking], 1))
    return np.array(parts)


# --- Many of both ---------------------------------------------------------------------------------------------------


def shares(table: pd.DataFrame) -> pd.DataFrame:
    """Return the share of each cause in every fall, over seeds, and over members of an ensemble if there are several.

    Parameters
    ----------
    table : DataFrame
        Runs of an experiment on :data:`MODEL`: ``scenario``, the economy, and :data:`OUTCOMES`.

    Returns
    -------
    DataFrame
        ``measure``, ``window``, ``cause``; ``fall``, its mean, ``part``, that of the cause with ``part_low`` and
        ``part_high``; ``share`` with its 95 % interval ``low`` and ``high``; ``q05`` and ``q95``, between which nine of
        ten seeds or members lie; ``alone``, the share that vanishes if this cause alone is taken away, with its
        interval ``alone_low`` and ``alone_high``; ``n``, the number of seeds or members, and ``over``, which of them
        it is.

    Notes
    -----
    Shares are ratios of means. Seeds are averaged within each member before members are compared. A measure that falls
    in fewer than half of them, or whose mean fall's interval reaches zero, has no fall to be shared out, and no share.
    """
    import pandas as pd

    several = table["scenario"].nunique() > 1
    units = seeds.members_first(table[list(OUTCOMES)], table["scenario"])
    rows = []
    for fall, (measure, window) in SHARED_FALLS.items():
        whole = units[fall].to_numpy()
        mean = seeds.mean(whole)
        is_fall = 2 * (whole > 0.0).sum() >= len(whole) and (mean.value if mean.low is None else mean.low) > 0.0
        for cause in (*CAUSES, REST):
            part = units[part_of(fall, cause)].to_numpy()
            of_it, none = seeds.mean(part), seeds.Estimate(math.nan, None, None, len(whole))
            share = seeds.ratio(part, whole) if is_fall else none
            has_twin = is_fall and cause != REST
            alone = seeds.ratio(units[alone_of(fall, cause)].to_numpy(), whole) if has_twin else none
            by_unit = part[whole > 0.0] / whole[whole > 0.0] if is_fall else np.array([np.nan])
            _, low, high = seeds.spread(by_unit)
            rows.append({
                "measure": measure, "window": window, "cause": cause, "fall": mean.value, "part": of_it.value,
                "part_low": of_it.low, "part_high": of_it.high, "share": share.value, "low": share.low,
                "high": share.high, "q05": low, "q95": high, "alone": alone.value, "alone_low": alone.low,
                "alone_high": alone.high, "n": len(whole), "over": "members" if several else "seeds",
            })  # fmt: skip
    return pd.DataFrame(rows)
