"""One month in words: the state of the boom, and the four signs of a bust with what each of them measures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import solara

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
from bubble_abm.page.templates import template
from bubble_abm.page.words import in_own_language, joined, label, retold, say

if TYPE_CHECKING:
    from bubble_abm.page.visit import Visit

LIMITS = THRESHOLDS[USUAL]
#: Each sign: its name, what it measures, and when it is lit.
LAMPS = {
    "rent": ("Rent", "{level:.0f} % of its highest so far", "lit below {limit:.0f} %"),
    "idle": ("New halls", "{level:.0f} % of their GPUs idle", "lit above {limit:.0f} %, once thirty are open"),
    "announcements": ("New plans", "{level:.0f} % of their peak, in three months", "lit below {limit:.0f} %"),
    "distress": ("Owners", "{level:.0f} % of sites in distress or lost", "lit above {limit:.0f} %"),
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
        "month": say("Start"),
        "phase": "quiet",
        "head": say("January 2023: the clouds that there are"),
        "text": say("Provinces compete for AI data centres, smugglers bring in the chips, startups rent them."),
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
    found[-1]["end"] = say("end of the run")
    if run.failure:
        found[-1]["head"] = say(
            "{head}. The run has stopped: {failure}", head=found[-1]["head"], failure=retold(run.failure)
        )
    return found


def state(month: int, lit: int, popped: int | None, announced: float) -> tuple[str, str]:
    """Return the phase of the boom, and a line for it; a bust of which signs go out again is a recovery."""
    if popped is not None and popped <= month:
        when = label(popped)
        if lit >= CRITERIA:
            return "bust", say("Bust: the bubble popped in {month}, {lit} of 4 signs are lit", month=when, lit=lit)
        if lit:
            return "recovery", say("Recovery: {lit} of 4 signs are left of the bust of {month}", month=when, lit=lit)
        return "recovery", say("Recovered: no sign is left of the bust of {month}", month=when)
    if lit:
        return "strain", say(
            "Strain: {lit} of 4 signs of a bust are lit, {wanted} make a pop", lit=lit, wanted=CRITERIA
        )
    if announced < BOOM_SIZE:
        return "quiet", say("Quiet: few projects have been announced")
    return "boom", say("Boom: new halls are announced before the last one is full")


def lamp(name: str, level: float, lit: bool, when: str) -> dict[str, Any]:
    """Describe one sign of a bust."""
    title, measured, rule = LAMPS[name]
    value = say(measured, level=100 * level) if np.isfinite(level) else say("nothing to measure yet")
    rule = say(rule, limit=100 * getattr(LIMITS, name))
    return {"title": say(title), "level": value, "rule": rule, "lit": lit, "when": when}


def history(seen: np.ndarray, other: np.ndarray | None, month: int) -> str:
    """Say when a sign came and went, and when it came without the shock if that was in another month."""
    first = first_month(seen[: month + 1])
    without = None if other is None else first_month(other[: month + 1])
    otherwise = ""
    if other is not None and without != first:
        otherwise = say("without the shock not yet")
        if without is not None:
            otherwise = say("without the shock {month}", month=label(without))
    if first is None:
        return joined((say("not lit so far"), otherwise), "; ")
    since = month
    while since > 0 and seen[since - 1] == seen[month]:
        since -= 1
    said = "first lit {first}, out since {since}"
    if seen[month]:
        said = "lit since {since}" if since == first else "lit since {since} (first {first})"
    return joined((say(said, first=label(first), since=label(since)), otherwise), "; ")


def sentence(row: Any) -> str:
    """Describe a month in numbers."""
    values = {name: float(row[name]) for name in row.dtype.names}
    shares = {"used": 100 * values["utilisation"], "used_new": 100 * values["utilisation_new"]}
    use = "{used:.0f} % of all rental GPUs are in use; {startups_pretraining:.0f} startups pre-train their own models."
    if values["gpus_installed_new"] > 0:
        use = (
            "{used:.0f} % of all rental GPUs are in use, {used_new:.0f} % in the new ones; "
            "{startups_pretraining:.0f} startups pre-train their own models."
        )
    said = (
        "{projects_announced:,.0f} data centres announced so far, {projects_completed:,.0f} completed, "
        "{projects_bankrupt:,.0f} bankrupt.",
        "A server of eight GPUs rents for {rent_per_server:,.0f} CNY a month, a smuggled GPU costs "
        "{gpu_price:,.0f} CNY.",
        use,
    )
    return joined((say(one, **values, **shares) for one in said), " ")


@template("moment")
def Moment(moments: Any = None) -> None:
    """Describe the month at the cursor."""


@solara.component
@in_own_language
def MomentPart(visit: Visit) -> None:
    """The month at the cursor in words."""
    run = visit.run.value
    Moment(moments=visit.made(lambda: moments(run), [], [run]))
