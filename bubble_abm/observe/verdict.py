"""Verdicts on a run: whether there was a bubble, when it popped, and what part the efficiency shock had in it.

All functions here are pure functions of series. A series maps the names of measures to arrays: the data frame of a
:class:`~bubble_abm.engine.simulation.Result`, its record array, or a dictionary.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from bubble_abm.economy.measures import GPUS_PER_SERVER

# --- The ex-post value of a GPU ------------------------------------------------------------------------------
DISCOUNT = 0.07 / 12 + 0.004  # 1/month: what investors in the model pay for capital, loan rate and margin
FAILURE = 0.005  # 1/month: about 6 % of GPUs fail in a year (Llama 3 report: 148 of 16 384 in 54 days)
LIFE = 60  # months over which data centres write servers off; also the investors' own horizon
SCRAP_SHARE = 0.25  # value of a five-year-old chip over the price of a new one abroad: assumption
TAIL = 6  # months at the end of a run whose mean margin is assumed to continue after it
OBSERVED_AFTER = 12  # months that must follow a purchase in the run before its value is judged

# --- When a price is a bubble ---------------------------------------------------------------------------------------
OVERPRICED = 1.5  # price over value
LASTING = 3  # months in a row
HIGHEST_RATIO = 10.0  # cap on the ratio, which has no bound because idle sites earn nothing
BOOM = slice(6, 24)  # July 2023 to December 2024, the months whose median describes the boom

# --- When a boom is over --------------------------------------------------------------------------------------------
OPEN_SITES = 30
QUARTER = 3  # months over which announcements are added up
CRITERIA = 3  # of four
BOOM_SIZE = 30  # projects announced before there is a boom that could pop


@dataclass(frozen=True)
class Thresholds:
    """From where on each of the four signs of a bust is seen.

    Attributes
    ----------
    rent : float
        Rent over its highest so far.
    idle : float
        Share of new capacity idle.
    announcements : float
        Announcements of three months over their highest so far.
    distress : float
        Share of completed sites distressed, wound up or taken over.
    """

    rent: float
    idle: float
    announcements: float
    distress: float


USUAL, STRICTER = "usual", "stricter"
#: Two sets of thresholds, so that no verdict rests on one. The usual ones are assumptions: clearly more than a dip. Of
#: the stricter ones two were observed: late in 2024 rents stood at half of their peak or less (facts C09 and C10), and
#: at least 65 % of the new capacity was idle (fact C04). The others are assumptions: next to no announcements, and so
#: many owners in distress that it is no longer a matter of the weakest.
THRESHOLDS = {
    USUAL: Thresholds(rent=0.70, idle=0.60, announcements=0.25, distress=0.15),
    STRICTER: Thresholds(rent=0.50, idle=0.65, announcements=0.10, distress=0.25),
}
#: Six definitions of a pop by name: thresholds, and how many of the four signs are seen at once.
DEFINITIONS = {f"{signs} of 4, {name}": (name, signs) for name in THRESHOLDS for signs in (2, 3, 4)}
MAIN = f"{CRITERIA} of 4, {USUAL}"

# --- What the shock had to do with it -------------------------------------------------------------------------------
RESOLUTION = 2  # months between two events before their order is taken from their dates: they are dated to the month

CAUSED = "caused by the shock"
HASTENED = "hastened"
DELAYED = "delayed"
UNDECIDED = "undecided by date"
ENDOGENOUS = "endogenous"
AVERTED = "averted by the shock"
SURVIVED = "survived"

#: Verdicts on the part of the shock, and what they mean; every run with a twin gets exactly one.
ATTRIBUTIONS = {
    CAUSED: "a pop after the shock, none without it",
    HASTENED: "a pop after the shock, and a later one without it",
    UNDECIDED: "a pop in the month of the shock or the month before, and hardly later without it",
    ENDOGENOUS: "a pop at least two months before the shock, or after it in the same month as without it",
    DELAYED: "a pop after the shock, and an earlier one without it",
    AVERTED: "no pop, but one without the shock",
    SURVIVED: "no pop, with the shock or without",
}


@dataclass(frozen=True)
class Bubble:
    """Whether GPUs cost far more than they later earned, while projects were still being announced.

    Attributes
    ----------
    first : int or None
        First month of the first bubble; None if there is none.
    months : int
        Number of months that belong to a bubble.
    judged : int
        Number of months whose purchases can be judged, which excludes the last year of a run.
    median_ratio : float or None
        Median of price over value from July 2023 to December 2024; None if the run is too short to tell.
    """

    first: int | None
    months: int
    judged: int
    median_ratio: float | None


@dataclass(frozen=True)
class Pop:
    """First month of each of the four signs of a bust, and of three of them together.

    Attributes
    ----------
    rent, idle, announcements, distress : int or None
        First month of each sign; None if it does not occur.
    composite : int or None
        First month with three of the four signs; None if the run is right-censored.
    months : int
        Length of the run [months].
    """

    rent: int | None
    idle: int | None
    announcements: int | None
    distress: int | None
    composite: int | None
    months: int

    @property
    def censored(self) -> bool:
        """Whether the run ended without a pop."""
        return self.composite is None


SIGNS = tuple(field.name for field in fields(Pop) if field.name not in ("composite", "months"))


def column(series: Any, name: str) -> np.ndarray:
    """One measure as an array of numbers, one per month."""
    return np.asarray(series[name], dtype=float)


def mean(values: np.ndarray) -> float:
    """Mean of a vector; of one as short as a run, NumPy's own takes three times as long."""
    return float(np.add.reduce(values) / len(values))


def ex_post_value(series: Any, running_cost: float, scrap: float) -> np.ndarray:
    """Value of a GPU bought in each month, computed from its earnings afterwards [CNY/GPU].

    Parameters
    ----------
    series : mapping of str to array
        Needs ``utilisation`` and ``rent_per_server``.
    running_cost : float
        Avoidable cost of a running GPU [CNY/(GPU month)].
    scrap : float
        Value of the chip after sixty months [CNY/GPU].

    Returns
    -------
    ndarray of shape (months,)
        Sum of ``((1 - d) / (1 + r))^k max(u p - c, 0)`` over the months ``k`` of its life, plus the scrap value, where
        ``d`` is the rate of failure, ``r`` the discount rate, ``u`` utilisation, ``p`` the rent and ``c`` the running
        cost of a GPU.

    Notes
    -----
    After the end of the run, earnings are assumed to stay at the average of the last six months. A GPU that earns less
    than its running cost is switched off and makes no further loss, hence the ``max``.
    """
    margin = column(series, "utilisation") * column(series, "rent_per_server") / GPUS_PER_SERVER - running_cost
    margin = np.maximum(margin, 0.0)
    future = np.concatenate([margin, np.full(LIFE, mean(margin[-TAIL:]))])
    weights = ((1.0 - FAILURE) / (1.0 + DISCOUNT)) ** np.arange(1, LIFE + 1)
    earned = np.correlate(future[1:], weights, mode="valid")
    return earned + weights[-1] * scrap


def price_over_value(series: Any, running_cost: float, scrap: float) -> np.ndarray:
    """All-in purchase price over ex-post value, at most ten [ratio], for months with a year of the run after them."""
    value = ex_post_value(series, running_cost, scrap)
    price = column(series, "all_in_price")
    judged = max(len(price) - OBSERVED_AFTER, 0)
    return np.minimum(price[:judged] / np.maximum(value[:judged], price[:judged] / HIGHEST_RATIO), HIGHEST_RATIO)


def scrap_value(parameters: Any) -> float:
    """Value of a chip at the end of its life [CNY/GPU]."""
    return SCRAP_SHARE * parameters.foreign_chip_price


def bubble(series: Any, parameters: Any) -> Bubble:
    """Find the months in which GPUs cost 1.5 times their ex-post value, three in a row, while projects are announced.

    Parameters
    ----------
    series : mapping of str to array
        Needs ``utilisation``, ``rent_per_server``, ``all_in_price`` and ``projects_announced``.
    parameters : Parameters
        Provides the running cost and the price of chips abroad.
    """
    ratio = price_over_value(series, parameters.running_cost, scrap_value(parameters))
    announced = np.diff(column(series, "projects_announced"), prepend=0.0)[: len(ratio)]
    lasting = in_a_row((ratio > OVERPRICED) & (announced > 0), LASTING)
    boom = ratio[BOOM]
    median = float(np.median(boom)) if len(boom) >= LASTING else None
    return Bubble(first_month(lasting), int(lasting.sum()), len(ratio), median)


def in_a_row(seen: np.ndarray, months: int) -> np.ndarray:
    """Mark the months that belong to an uninterrupted spell of at least ``months`` months."""
    marked = np.zeros(len(seen), dtype=bool)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], seen, [False]]).astype(int)))
    for start, end in zip(edges[::2], edges[1::2]):
        marked[start:end] = end - start >= months
    return marked


def first_month(seen: np.ndarray) -> int | None:
    """First month that is marked, or None."""
    (months,) = seen.nonzero()
    return int(months[0]) if len(months) else None


def signs_of_bust(series: Any, thresholds: Thresholds = THRESHOLDS[USUAL]) -> dict[str, np.ndarray]:
    """Four signs that a boom is over, month by month; none counts before thirty projects have been announced.

    Returns
    -------
    dict of str to ndarray of bool
        With the usual thresholds, ``rent``: below 70 % of its maximum so far. ``idle``: more than 60 % of the new
        capacity idle, with at least 30 sites open. ``announcements``: those of three months below 25 % of their peak so
        far. ``distress``: more than 15 % of the completed sites distressed, bankrupt or taken over.
    """
    rent = column(series, "rent_per_server")
    announced = column(series, "projects_announced")
    completed = column(series, "projects_completed")
    failed = sum(column(series, f"projects_{stage}") for stage in ("distressed", "bankrupt", "taken_over"))
    open_sites = completed - column(series, "projects_bankrupt")
    quarter = in_three_months(announced)
    signs = {
        "rent": rent < thresholds.rent * np.maximum.accumulate(rent),
        "idle": (column(series, "idle_share_new") > thresholds.idle) & (open_sites >= OPEN_SITES),
        "announcements": quarter < thresholds.announcements * np.maximum.accumulate(quarter),
        "distress": failed > thresholds.distress * completed,
    }
    return {name: seen & (announced >= BOOM_SIZE) for name, seen in signs.items()}


def in_three_months(count: np.ndarray) -> np.ndarray:
    """What was added to a count in the last three months."""
    return count - np.concatenate([np.zeros(QUARTER), count])[: len(count)]


def pop(series: Any) -> Pop:
    """Date the bust: each of its four signs, and the first month with three of them.

    Examples
    --------
    >>> import numpy as np
    >>> calm = {f"projects_{kind}": np.zeros(9) for kind in ("announced", "completed", "distressed", "bankrupt")}
    >>> calm |= dict.fromkeys(("rent_per_server", "idle_share_new", "projects_taken_over"), np.ones(9))
    >>> pop(calm).censored
    True
    """
    signs = signs_of_bust(series)
    together = np.add.reduce(list(signs.values()), dtype=int)
    return Pop(
        **{name: first_month(seen) for name, seen in signs.items()},
        composite=first_month(together >= CRITERIA),
        months=len(together),
    )


def pops(series: Any) -> dict[str, int | None]:
    """Date the pop under each of the six :data:`DEFINITIONS`; None where there is none."""
    together = {
        name: np.sum(list(signs_of_bust(series, thresholds).values()), axis=0)
        for name, thresholds in THRESHOLDS.items()
    }
    return {name: first_month(together[thresholds] >= signs) for name, (thresholds, signs) in DEFINITIONS.items()}


# --- What the shock had to do with it -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Attribution:
    """The part of the shock in a pop.

    Attributes
    ----------
    kind : str
        One of :data:`ATTRIBUTIONS`.
    moved : int or None
        Months by which the shock moves the pop, above zero if it comes later; None if there is none either way.
    at_least : bool
        Whether it moves it further than that, because one of the twins had not popped when the run ended.
    after_shock : int or None
        Months from the shock to the pop, below zero if the pop came first; None if there is none with the shock.
    """

    kind: str
    moved: int | None
    at_least: bool
    after_shock: int | None


def attribution(popped: int | None, otherwise: int | None, shock_month: int | None, months: int) -> Attribution:
    """Say what the shock had to do with a pop, by comparing a run with its twin without the shock.

    Parameters
    ----------
    popped, otherwise : int or None
        Month of the pop with the shock and without it; None if there is none.
    shock_month : int or None
        Month of the shock; None if it has no effect or comes after the run, so that every pop is endogenous.
    months : int
        Length of both runs [months].

    Notes
    -----
    Before the shock, twins are one, so a pop before it cannot be moved. A pop one month before the shock, or in its
    month and hardly later without it, is as close as dates by the month come: nothing follows from which of the two is
    written first.

    Examples
    --------
    >>> attribution(27, 31, shock_month=24, months=60)
    Attribution(kind='hastened', moved=-4, at_least=False, after_shock=3)
    >>> attribution(24, 24, shock_month=24, months=60).kind
    'undecided by date'
    """
    if popped is None and otherwise is None:
        return Attribution(SURVIVED, None, False, None)
    if shock_month is None:
        return Attribution(ENDOGENOUS, 0, False, None)
    at_least = popped is None or otherwise is None
    moved = (months if popped is None else popped) - (months if otherwise is None else otherwise)
    if popped is None:
        return Attribution(AVERTED, moved, at_least, None)
    after = popped - shock_month
    if popped < shock_month:
        return Attribution(UNDECIDED if after > -RESOLUTION else ENDOGENOUS, 0, False, after)
    if after == 0 and abs(moved) < RESOLUTION:
        kind = UNDECIDED
    elif otherwise is None:
        kind = CAUSED
    else:
        kind = HASTENED if moved < 0 else DELAYED if moved > 0 else ENDOGENOUS
    return Attribution(kind, moved, at_least, after)


def agreement(
    popped: Mapping[str, int | None], otherwise: Mapping[str, int | None], shock_month: int | None, months: int
) -> float:
    """Share of the six definitions of a pop under which the verdict is that of the main one, which is among them.

    Parameters
    ----------
    popped, otherwise : mapping of str to int or None
        What :func:`pops` returns of the run and of its twin.
    """
    kinds = {name: attribution(popped[name], otherwise[name], shock_month, months).kind for name in DEFINITIONS}
    return sum(kind == kinds[MAIN] for kind in kinds.values()) / len(kinds)
