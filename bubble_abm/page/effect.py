"""What the shock has done by the month at the cursor: a run against its twin, in a sentence and a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import solara

from bubble_abm.observe.falls import MID, falls, share_of_fall, smallest
from bubble_abm.page.run import WatchedRun
from bubble_abm.page.templates import template
from bubble_abm.page.words import in_own_language, joined, label, say, times, unit

if TYPE_CHECKING:
    from bubble_abm.page.visit import Visit

#: Measures in the table: measure, name, unit, divisor, decimals.
EFFECTS = (
    ("rent_per_server", "Rent of a server", "thousand CNY a month", 1e3, 1),
    ("gpu_price", "Price of a GPU", "thousand CNY", 1e3, 1),
    ("utilisation", "Capacity in use", "%", 0.01, 1),
    ("startups_pretraining", "Startups that pre-train", "startups", 1.0, 0),
    ("projects_bankrupt", "Bankrupt sites", "projects", 1.0, 0),
    ("ponzi_share", "Sites that cannot pay their interest", "%", 0.01, 1),
    ("gpus_wanted", "GPUs that tenants want", "thousand GPUs", 1e3, 1),
)


def effects(run: WatchedRun) -> dict[str, Any]:
    """Return the effects of the shock: names of rows, and text and rows for every place of the cursor."""
    ours, theirs, month = run.series, run.twin_series, run.shock_month
    if theirs is None or month is None:
        text = say("This run has no shock, so there is no twin to compare it with.")
        return {"names": [], "steps": [{"text": text}]}
    before = say(
        "R1 is released in {month}. Until then the run and its twin without it are the same.", month=label(month)
    )
    share = fall_of_rent(run, month)
    steps: list[dict[str, Any]] = [{"text": before, "rows": [["", "", ""] for _ in EFFECTS]}]
    for at in range(run.reached):
        rows = [
            effect_row(ours[at], theirs[at], measure, divisor / times(counted), digits)
            for measure, _, counted, divisor, digits in EFFECTS
        ]
        text = before if at < month else joined((summary(ours[at], theirs[at]), share), " ")
        steps.append({"text": text, "rows": rows})
    return {"names": [{"name": say(about[1]), "unit": unit(about[2])} for about in EFFECTS], "steps": steps}


def fall_of_rent(run: WatchedRun, month: int) -> str:
    """Describe how much of the fall of the rent the shock explains; empty if the rent has not fallen."""
    ours, theirs = (falls(series, "rent", month)[""] for series in (run.series, run.twin_series))
    share = share_of_fall(ours, theirs, smallest(run.series, "rent", ""))
    if share is None:
        return ""
    return say(
        "Of the fall of the rent from its peak to {end} R1 explains {share:z.0f} %.",
        end=label(min(MID, run.reached - 1)), share=100 * share,
    )  # fmt: skip


def summary(ours: Any, theirs: Any) -> str:
    """Describe the effects on rent and on startups in a sentence."""
    rent = ours["rent_per_server"] - theirs["rent_per_server"]
    makers = ours["startups_pretraining"] - theirs["startups_pretraining"]
    dear, many = "more" if rent > 0 else "less", "more" if makers > 0 else "fewer"
    return say(
        f"With R1 a server rents for {{rent:,.0f}} CNY a month {dear}, "
        f"and {{makers:.0f}} {many} startups pre-train than without it.",
        rent=abs(rent), makers=abs(makers),
    )  # fmt: skip


def effect_row(ours: Any, theirs: Any, measure: str, divisor: float, digits: int) -> list[str]:
    """Return one row of the table: with the shock, without it, and the difference."""
    a, b = float(ours[measure]) / divisor, float(theirs[measure]) / divisor
    return [f"{a:,.{digits}f}", f"{b:,.{digits}f}", f"{a - b:+z,.{digits}f}"]


@template("effect")
def Effect(effects: Any = None) -> None:
    """Describe the effects of the shock at the cursor."""


@solara.component
@in_own_language
def EffectPart(visit: Visit) -> None:
    """The effects of the shock at the cursor."""
    run = visit.run.value
    Effect(effects=visit.made(lambda: effects(run), {}, [run]))
