"""Verdicts on a run: whether there was a bubble, when it popped, and what part the efficiency shock had in it.

All functions here are pure functions of series. A series maps the names of measures to arrays: the data frame of a
:class:`~bubble_abm.engine.simulation.Result`, its record array, or a dictionary.
"""

from __future__ import annotations

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
RENT_FALL = 0.70
IDLE_SHARE = 0.60
OPEN_SITES = 30
ANNOUNCEMENT_FALL = 0.25
QUARTER = 3  # months over which announcements are added up
DISTRESS_SHARE = 0.15
CRITERIA = 3  # of four
BOOM_SIZE = 30  # projects announced before there is a boom that could pop
PROMPT = 12  # months after the shock within which a pop is attributed to it

POPPED = "popped by the shock"
HASTENED = "hastened"
LATE = "popped late after the shock"
ENDOGENOUS = "endogenous"
AVERTED = "averted by the shock"
SURVIVED = "survived"

#: Verdicts on the part of the shock, and what they mean; every run with a twin gets exactly one.
ATTRIBUTIONS = {
    POPPED: f"a pop within {PROMPT} months of the shock, none without it",
    LATE: f"a pop more than {PROMPT} months after the shock, none without it",
    HASTENED: "a pop after the shock, and a later one without it",
    ENDOGENOUS: "a pop before the shock, or no later without it",
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


def signs_of_bust(series: Any) -> dict[str, np.ndarray]:
    """Four signs that a boom is over, month by month; none counts before thirty projects have been announced.

    Returns
    -------
    dict of str to ndarray of bool
        ``rent``: below 70 % of its maximum so far. ``idle``: more than 60 % of the new capacity idle, with at least 30
        sites open. ``announcements``: those of three months below 25 % of their peak so far. ``distress``: more than
        15 % of the completed sites distressed, bankrupt or taken over.
    """
    rent = column(series, "rent_per_server")
    announced = column(series, "projects_announced")
    completed = column(series, "projects_completed")
    failed = sum(column(series, f"projects_{stage}") for stage in ("distressed", "bankrupt", "taken_over"))
    open_sites = completed - column(series, "projects_bankrupt")
    quarter = announced - np.concatenate([np.zeros(QUARTER), announced])[: len(announced)]
    signs = {
        "rent": rent < RENT_FALL * np.maximum.accumulate(rent),
        "idle": (column(series, "idle_share_new") > IDLE_SHARE) & (open_sites >= OPEN_SITES),
        "announcements": quarter < ANNOUNCEMENT_FALL * np.maximum.accumulate(quarter),
        "distress": failed > DISTRESS_SHARE * completed,
    }
    return {name: seen & (announced >= BOOM_SIZE) for name, seen in signs.items()}


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
    together = np.add.reduce(list(signs.values()), dtype=int) >= CRITERIA
    return Pop(
        **{name: first_month(seen) for name, seen in signs.items()},
        composite=first_month(together),
        months=len(together),
    )


def attribution(with_shock: Pop, without_shock: Pop, shock_month: int) -> str:
    """Attribute the bust to the efficiency shock or not, by comparing a run with its twin without the shock.

    Returns
    -------
    str
        One of :data:`ATTRIBUTIONS`.
    """
    popped, otherwise = with_shock.composite, without_shock.composite
    if popped is None:
        return SURVIVED if otherwise is None else AVERTED
    if popped < shock_month:
        return ENDOGENOUS
    if otherwise is None:
        return POPPED if popped - shock_month <= PROMPT else LATE
    return HASTENED if popped < otherwise else ENDOGENOUS
