"""Dated events outside the model: export control, the tariff, the central call, platforms' plans, a model release.

No event sets a price, a utilisation or a bust. Dates and sources are those of ``facts.csv``; levels are readings of
these sources. Months count from January 2023, which is month 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

FIRST_YEAR = 2023
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True)
class Event:
    """A dated event: from ``month`` on, the outside path ``path`` has the value ``value``."""

    month: int
    path: str
    value: float
    name: str
    source: str


#: Levels that hold from a month onwards, until the next event on the same path.
EVENTS = (
    Event(0, "export_control", 0.35, "A100/H100 controlled, A800/H800 free", "fact C27: 7 October 2022"),
    Event(9, "export_control", 1.0, "A800/H800 controlled at once", "fact C27: 17 October 2023"),
    Event(0, "control_h200", 1.0, "H200 controlled like the H100", "fact C27: 7 October 2022"),
    Event(36, "control_h200", 0.7, "H200 case by case", "fact C27: announced 8 December 2025"),
    Event(27, "tariff", 0.2, "tariffs", "fact C28: servers 15-20 % dearer; on the price abroad"),
    Event(28, "tariff", 0.1, "tariff pause", "fact C28: the 90-day pause of mid May 2025, half of the month"),
    Event(29, "tariff", 0.0, "tariff pause", "fact C28"),
    Event(8, "sale_domestic", 1.0, "domestic training chips", "fact C40; the first large orders, autumn 2023"),
    Event(12, "sale_h20", 1.0, "H20", "fact C39: shipped in 2024"),
    Event(27, "sale_h20", 0.0, "H20 needs a licence", "fact C27: 9 April 2025"),
    Event(31, "sale_h20", 1.0, "H20 allowed again", "fact C27: 14 July 2025"),
    Event(20, "sale_h200", 1.0, "H200", "fact C30: in China from September 2024"),
    Event(28, "sale_b200", 1.0, "B200", "fact C31: on the black market from May 2025"),
    Event(0, "platform_capex", 3e9, "platforms invest", "fact C32; before 2024, a third of the later rate"),
    Event(12, "platform_capex", 10e9, "platforms invest more", "fact C32: ByteDance 80 bn CNY in 2024, others alike"),
    Event(24, "platform_capex", 25e9, "platforms' three-year plans", "fact C32: Alibaba 380 bn, ByteDance 150 bn"),
    Event(16, "efficiency", 1.74, "DeepSeek V2", "fact C29; DeepSeek-V2 report: 42.5 % less training compute"),
    Event(16, "openness", 0.05, "DeepSeek V2", "assumption: below the frontier, few gave up their own models"),
    Event(16, "imitation", 0.3, "DeepSeek V2", "assumption"),
)

#: Months in which successors of restricted chips were announced: 13 November 2023 and 18 March 2024, by their maker.
ANNOUNCED = {"h200": 10, "b200": 14}

#: The call to build, by month, interpolated between these points.
CALL = (
    (0, 0.15, "standing programme of eight hubs (February 2022)"),
    (8, 0.20, "provincial programmes follow"),
    (9, 0.45, "action plan of six ministries, 8 October 2023"),
    (18, 1.00, "plans of the provinces, first half of 2024"),
    (35, 1.00, "the action plan runs to the end of 2025"),
    (47, 0.50, "assumption: the call fades after the plan"),
)


def outside(months: int) -> dict[str, np.ndarray]:
    """Return the paths of the outside world, one value per month.

    Parameters
    ----------
    months : int
        Length of the run [months].

    Returns
    -------
    dict of str to ndarray of shape (months,)
        ``export_control``, ``control_h200``, ``control_step``, ``tariff``, ``call``, ``platform_capex``, ``sale_...``
        and ``since_...`` of classes of chips, ``efficiency``, ``openness`` and ``imitation``; the last three are those
        of the best open model released so far.
    """
    month = np.arange(months, dtype=float)
    paths = {event.path: np.zeros(months) for event in EVENTS}
    paths["efficiency"][:] = 1.0
    for event in sorted(EVENTS, key=lambda event: event.month):
        paths[event.path][event.month :] = event.value
    points = np.array([(at, level) for at, level, _ in CALL])
    paths["call"] = np.interp(month, points[:, 0], points[:, 1])
    for chip, announced in ANNOUNCED.items():
        paths[f"since_{chip}"] = month - announced
    paths["control_step"] = rises(paths["export_control"])
    return paths


def rises(level: np.ndarray) -> np.ndarray:
    """Return by how much a path rises in each month; the first month is no rise."""
    return np.maximum(np.diff(level, prepend=level[:1]), 0.0)


def label(month: int) -> str:
    """Name a month: 24 is ``Jan 2025``."""
    return f"{MONTHS[month % 12]} {FIRST_YEAR + month // 12}"


def month_number(text: str) -> int:
    """Return the number of a month given as ``2025-01``."""
    year, month = text.split("-")
    return 12 * (int(year) - FIRST_YEAR) + int(month) - 1
