"""One month in words: the state of the boom, and the four signs of a bust with what each of them measures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import solara

from bubble_abm.economy.outside import label
from bubble_abm.observe.verdict import (
    BOOM_SIZE,
    CRITERIA,
    SIGNS,
    THRESHOLDS,
    USUAL,
    column,
    first_month,
    in_three_months,
    signs_of_bust,
)
from bubble_abm.page.run import WatchedRun

if TYPE_CHECKING:
    from bubble_abm.page.visit import Visit

LIMITS = THRESHOLDS[USUAL]
#: Each sign: its name, what it measures, and when it is lit.
LAMPS = {
    "rent": ("Rent", "% of its highest so far", f"lit below {100 * LIMITS.rent:.0f} %"),
    "idle": ("New halls", "% of their GPUs idle", f"lit above {100 * LIMITS.idle:.0f} %, once thirty are open"),
    "announcements": (
        "New plans", "% of their peak, in three months", f"lit below {100 * LIMITS.announcements:.0f} %"
    ),
    "distress": ("Owners", "% of sites in distress or lost", f"lit above {100 * LIMITS.distress:.0f} %"),
}  # fmt: skip


def levels(series: Any) -> dict[str, np.ndarray]:
    """What each lamp measures, month by month [share]; not a number where there is nothing to measure yet."""
    rent = column(series, "rent_per_server")
    quarter = in_three_months(column(series, "projects_announced"))
    completed = column(series, "projects_completed")
    failed = sum(column(series, f"projects_{stage}") for stage in ("distressed", "bankrupt", "taken_over"))
    with np.errstate(divide="ignore", invalid="ignore"):
        return {
            "rent": rent / np.maximum.accumulate(rent),
            "idle": np.where(column(series, "gpus_installed_new") > 0, column(series, "idle_share_new"), np.nan),
            "announcements": quarter / np.maximum.accumulate(quarter),
            "distress": failed / completed,
        }


def moments(run: WatchedRun) -> list[dict[str, Any]]:
    """Describe the start and every month of a run."""
    dark = [lamp(name, np.nan, False, "") for name in SIGNS]
    start: dict[str, Any] = {
        "month": "Start",
        "phase": "quiet",
        "head": "January 2023: the clouds that there are",
        "text": "Provinces compete for AI data centres, smugglers bring in the chips, startups rent them.",
        "lamps": dark,
    }
    series = run.series
    if not len(series):
        return [start]
    seen, level = signs_of_bust(series), levels(series)
    others = {} if run.twin_series is None else signs_of_bust(run.twin_series)
    lit = np.sum(list(seen.values()), axis=0)
    popped = first_month(lit >= CRITERIA)
    found = [start]
    for month, row in enumerate(series):
        phase, head = state(month, int(lit[month]), popped, float(row["projects_announced"]))
        lamps = [
            lamp(name, float(level[name][month]), bool(seen[name][month]), history(seen[name], others.get(name), month))
            for name in SIGNS
        ]
        found.append({"month": label(month), "phase": phase, "head": head, "text": sentence(row), "lamps": lamps})
    found[-1]["head"] += ending(run)
    return found


def ending(run: WatchedRun) -> str:
    """Say that the run is over, or that it has failed."""
    return f". The run has stopped: {run.failure}" if run.failure else " (end of the run)"


def state(month: int, lit: int, popped: int | None, announced: float) -> tuple[str, str]:
    """Return the phase of the boom, and a line for it; a bust of which signs go out again is a recovery."""
    if popped is not None and popped <= month:
        if lit >= CRITERIA:
            return "bust", f"Bust: the bubble popped in {label(popped)}, {lit} of 4 signs are lit"
        if lit:
            return "recovery", f"Recovery: {lit} of 4 signs are left of the bust of {label(popped)}"
        return "recovery", f"Recovered: no sign is left of the bust of {label(popped)}"
    if lit:
        return "strain", f"Strain: {lit} of 4 signs of a bust are lit, {CRITERIA} make a pop"
    if announced < BOOM_SIZE:
        return "quiet", "Quiet: few projects have been announced"
    return "boom", "Boom: new halls are announced before the last one is full"


def lamp(name: str, level: float, lit: bool, when: str) -> dict[str, Any]:
    """Describe one sign of a bust."""
    title, unit, rule = LAMPS[name]
    value = f"{100 * level:.0f} {unit}" if np.isfinite(level) else "nothing to measure yet"
    return {"title": title, "level": value, "rule": rule, "lit": lit, "when": when}


def history(seen: np.ndarray, other: np.ndarray | None, month: int) -> str:
    """Say when a sign came and went, and when it came without the shock if that was in another month."""
    first = first_month(seen[: month + 1])
    without = None if other is None else first_month(other[: month + 1])
    differs = other is not None and without != first
    otherwise = f"; without the shock {'not yet' if without is None else label(without)}" if differs else ""
    if first is None:
        return f"not lit so far{otherwise}"
    since = month
    while since > 0 and seen[since - 1] == seen[month]:
        since -= 1
    said = f"lit since {label(since)}" if seen[month] else f"first lit {label(first)}, out since {label(since)}"
    return said + (f" (first {label(first)})" if seen[month] and since != first else "") + otherwise


def sentence(row: Any) -> str:
    """Describe a month in numbers."""
    new = f", {100 * row['utilisation_new']:.0f} % in the new ones" if row["gpus_installed_new"] > 0 else ""
    return (
        f"{row['projects_announced']:.0f} data centres announced so far, {row['projects_completed']:.0f} completed, "
        f"{row['projects_bankrupt']:.0f} bankrupt. A server of eight GPUs rents for "
        f"{row['rent_per_server']:,.0f} CNY a month, a smuggled GPU costs {row['gpu_price']:,.0f} CNY. "
        f"{100 * row['utilisation']:.0f} % of all rental GPUs are in use{new}; "
        f"{row['startups_pretraining']:.0f} startups pre-train models of their own."
    )


@solara.component_vue("parts/moment.vue")
def Moment(moments: Any = None) -> None:
    """Describe the month at the cursor."""


@solara.component
def MomentPart(visit: Visit) -> None:
    """The month at the cursor in words."""
    run = visit.run.value
    Moment(moments=solara.use_memo(lambda: visit.safely(lambda: moments(run), []), [run]))
