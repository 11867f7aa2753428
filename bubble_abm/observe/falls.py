"""How far the market fell, and what share of it the shock explains, measure by measure.

The date of a pop is one month; a bust is a fall of many things over years. Each measure of :data:`MEASURED` is followed
from its peak before the shock, with the shock and without it. What the shock explains is what the fall with it exceeds
the fall without it, over the fall with it. All of it is read off series of measures.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bubble_abm.economy.outside import month_number
from bubble_abm.observe import seeds
from bubble_abm.observe.verdict import DISCOUNT, column, in_three_months

MID = month_number("2025-06")  # half a year after R1, and as far as the facts about rents reach
SMALLEST = 0.05  # of a measure's whole range in the run: a smaller fall is called none

#: From where to where a fall is measured, by the end of its name; rises of what rises in a bust likewise.
WINDOWS: Mapping[str, str] = {
    "": "from the peak before the shock to June 2025",
    "_to_trough": "from the peak before the shock to the lowest value after it",
    "_after": "from the month before the shock (December 2024) to June 2025",
    "_after_to_trough": "from the month before the shock to the lowest value after it",
    "_area": "from the peak before the shock, summed over the months from there to the end, in present value",
}


@dataclass(frozen=True)
class Measured:
    """A measure of the bust.

    Attributes
    ----------
    title, unit : str
        Its name in words, and the unit of its fall.
    read : callable
        Returns it month by month from a series of measures.
    rises : bool
        Whether a bust raises it: then lowest and highest change places, and the fall is a rise.
    counted : bool
        Whether it is a count since January 2023, whose area is the present value of what is added.
    """

    title: str
    unit: str
    read: Callable[[Any], np.ndarray]
    rises: bool = False
    counted: bool = False

    @property
    def way(self) -> str:
        """The word for its move in a bust."""
        return "rise" if self.rises else "fall"


def level(*names: str) -> Callable[[Any], np.ndarray]:
    """Read measures, added up."""
    return lambda series: np.sum([column(series, name) for name in names], axis=0)


def quarter(*names: str) -> Callable[[Any], np.ndarray]:
    """Read what was added in three months to counts since January 2023."""
    counted = level(*names)
    return lambda series: in_three_months(counted(series))


def so_far(name: str) -> Callable[[Any], np.ndarray]:
    """Read what has passed since January 2023 of a monthly flow."""
    return lambda series: np.cumsum(column(series, name))


#: The measures of the bust by name. What is declared here has outcomes, is printed and stands in the headline.
MEASURED: Mapping[str, Measured] = {
    "rent": Measured("rent of a server", "CNY/(server month)", level("rent_per_server")),
    "chip_price": Measured("price of a GPU", "CNY/GPU", level("gpu_price")),
    "idle": Measured("new capacity idle", "share points", level("idle_share_new"), rises=True),
    "announcements": Measured("announcements in three months", "projects", quarter("projects_announced")),
    "starts": Measured(  # less what is abandoned under construction
        "starts in three months", "projects", quarter("projects_building", "projects_completed")
    ),
    "cancellations": Measured("plans given up", "projects", level("projects_cancelled"), rises=True, counted=True),
    "broken_leases": Measured("leases ended early", "GPU", so_far("lease_cancellations"), rises=True, counted=True),
    "bankruptcies": Measured("sites wound up", "projects", level("projects_bankrupt"), rises=True, counted=True),
    "write_offs": Measured("loans written off", "CNY", so_far("write_offs"), rises=True, counted=True),
    "pretraining": Measured("model makers that pre-train", "startups", level("startups_pretraining")),
}


def falls(series: Any, name: str, shock_month: int) -> dict[str, float]:
    """How far a measure falls, in each of :data:`WINDOWS`.

    Parameters
    ----------
    series : mapping of str to array
        Measures of a run, or of its twin without the shock.
    name : str
        One of :data:`MEASURED`.
    shock_month : int
        Month of the shock. The peak is the first highest value before it, when twins are one, so that both fall from
        the same height; of a shock in the first month, that month's value.

    Returns
    -------
    dict of str to float
        Below zero if the measure has risen. The area counts months above the peak as gains.

    Notes
    -----
    The lowest value after the peak, or from the month before the shock on, is that of the run itself: a twin has a
    trough of its own. A run that ends before June 2025 is judged in its last month. The discount rate is that of the
    ex-post value of a GPU, and the present value that of the month of the peak.

    Examples
    --------
    >>> rent = np.concatenate([[100.0, 160.0, 120.0], np.full(30, 80.0), [90.0]])
    >>> found = falls({"rent_per_server": rent}, "rent", shock_month=3)
    >>> found[""], found["_to_trough"], found["_after"], found["_after_to_trough"]
    (80.0, 80.0, 40.0, 40.0)
    """
    about = MEASURED[name]
    values = about.read(series) * (-1.0 if about.rises else 1.0)
    before = min(max(shock_month, 1), len(values))
    top, eve, end = int(values[:before].argmax()), before - 1, min(MID, len(values) - 1)
    lost = values[top] - values[top:]
    if about.counted:
        lost = np.diff(lost, prepend=0.0)
    return {
        "": float(values[top] - values[end]),
        "_to_trough": float(values[top] - values[top:].min()),
        "_after": float(values[eve] - values[end]),
        "_after_to_trough": float(values[eve] - values[eve:].min()),
        "_area": float(lost @ (1.0 + DISCOUNT) ** -np.arange(len(lost))),
    }


def smallest(series: Any, name: str, window: str) -> float:
    """Return the smallest fall that counts as one: a twentieth of the measure's range, for the area in every month."""
    values = MEASURED[name].read(series)
    least = SMALLEST * float(values.max() - values.min())
    return least * (len(values) if window == "_area" and not MEASURED[name].counted else 1)


# --- The share of the shock -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ShareOfFall:
    """The share of a measure's fall that the shock explains, over seeds.

    Attributes
    ----------
    measure, window : str
        Keys of :data:`MEASURED` and :data:`WINDOWS`.
    fall, fall_without_shock : float
        Mean fall over seeds, with the shock and in the twins.
    share : Estimate or None
        Ratio of the means of what the shock adds and of the fall, with its interval; None if there is no fall.
    by_seed : list of float or None
        The share in each seed; None where the measure does not fall.
    """

    measure: str
    window: str
    fall: float
    fall_without_shock: float
    share: seeds.Estimate | None
    by_seed: list[float | None]

    @property
    def way(self) -> str:
        """Whether the measure falls or rises in a bust."""
        return MEASURED[self.measure].way


def share_of_fall(fall: float, otherwise: float, least: float) -> float | None:
    """Share of a fall that the shock explains in one run, None if the fall is smaller than one that counts.

    Examples
    --------
    >>> share_of_fall(80.0, 60.0, least=4.0), share_of_fall(3.0, -60.0, least=4.0)
    (0.25, None)
    """
    return (fall - otherwise) / fall if fall > least else None


def shares_of_falls(runs: Sequence[Any], twins: Sequence[Any], shock_month: int) -> list[ShareOfFall]:
    """Return the share of every fall that the shock explains.

    Parameters
    ----------
    runs, twins : sequence of mapping of str to array
        Measures of each seed, with the shock and without it.
    shock_month : int
        Month of the shock.

    Notes
    -----
    All seeds count, also those without a fall, so that their choice does not depend on the result. There is no fall to
    be explained if the measure falls in fewer than half of the seeds, or if the 95 % interval of its mean fall reaches
    zero.
    """
    found = []
    for name in MEASURED:
        ours, theirs = ([falls(one, name, shock_month) for one in each] for each in (runs, twins))
        for window in WINDOWS:
            whole = np.array([one[window] for one in ours])
            rest = np.array([one[window] for one in theirs])
            least = np.array([smallest(one, name, window) for one in runs])
            by_seed = [share_of_fall(*one) for one in zip(whole.tolist(), rest.tolist(), least.tolist())]
            mean = seeds.mean(whole)
            rare = 2 * sum(one is not None for one in by_seed) < len(by_seed)
            share = None if rare or (mean.low is not None and mean.low <= 0.0) else seeds.ratio(whole - rest, whole)
            found.append(ShareOfFall(name, window, mean.value, float(rest.mean()), share, by_seed))
    return found
