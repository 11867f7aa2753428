"""The text of the page: state of the boom, signs of a bust, and effects of the shock so far."""

from __future__ import annotations

from typing import Any

import numpy as np

from bubble_abm.economy.outside import label
from bubble_abm.observe.falls import MID, falls, share_of_fall, smallest
from bubble_abm.observe.headline import say_attribution
from bubble_abm.observe.verdict import (
    ATTRIBUTIONS,
    BOOM_SIZE,
    DEFINITIONS,
    Pop,
    agreement,
    attribution,
    pop,
    pops,
    signs_of_bust,
)
from bubble_abm.page.session import WatchedModel

SIGN_WORDS = {
    "rent": ("Rents fall", "the rent is below 70 % of its peak"),
    "idle": ("Halls stand empty", "more than 60 % of the new capacity is idle"),
    "announcements": ("Nobody announces", "announcements in three months are below a quarter of their peak"),
    "distress": ("Owners fail", "more than 15 % of the completed sites are distressed, bankrupt or taken over"),
}

#: Measures in the table of effects: measure, name, unit, divisor, decimals.
EFFECTS = (
    ("rent_per_server", "Rent of a server", "thousand CNY a month", 1e3, 1),
    ("gpu_price", "Price of a GPU", "thousand CNY", 1e3, 1),
    ("utilisation", "Capacity in use", "%", 0.01, 1),
    ("startups_pretraining", "Startups that pre-train", "startups", 1.0, 0),
    ("projects_bankrupt", "Bankrupt sites", "projects", 1.0, 0),
    ("ponzi_share", "Sites that cannot pay their interest", "%", 0.01, 1),
    ("gpus_wanted", "GPUs that tenants want", "thousand GPUs", 1e3, 1),
)


def story(model: WatchedModel) -> dict[str, Any]:
    """Return the state of the boom: headline, text and four signs of a bust."""
    if model.failure:
        return {"head": "The run has stopped", "text": model.failure, "signs": sign_lamps(None, None), "phase": "bust"}
    if model.month == 0:
        head = "January 2023: nothing has been built yet"
        text = (
            "Provinces compete for AI data centres, smugglers bring in the chips, startups rent them. "
            "Press Play and watch the boom grow and pop; then reset, change a policy, and try to prevent it."
        )
        return {"head": head, "text": text, "signs": sign_lamps(None, None), "phase": "quiet"}
    series = model.series
    seen = signs_of_bust(series)
    found = pop(series)
    phase, head = headline(model, found, int(sum(sign[-1] for sign in seen.values())))
    twin = None if model.twin_series is None else pop(model.twin_series)
    return {"head": head, "text": sentence(series[-1]), "signs": sign_lamps(seen, found, twin), "phase": phase}


def headline(model: WatchedModel, found: Pop, lit: int) -> tuple[str, str]:
    """Return the phase of the boom, and a headline for it."""
    row = model.series[-1]
    if found.composite is not None:
        when = label(found.composite)
        return "bust", f"The bubble popped in {when}; {lit} of 4 signs of a bust are there now"
    if lit:
        return "strain", f"The boom is under strain: {lit} of 4 signs of a bust"
    if row["projects_announced"] < BOOM_SIZE:
        return "quiet", "Quiet: few projects have been announced"
    return "boom", "Boom: new halls are announced before the last one is full"


def sentence(row: Any) -> str:
    """Describe the month in numbers."""
    new = f", {100 * row['utilisation_new']:.0f} % in the new ones" if row["gpus_installed_new"] > 0 else ""
    return (
        f"{row['projects_announced']:.0f} data centres announced so far, {row['projects_completed']:.0f} completed, "
        f"{row['projects_bankrupt']:.0f} bankrupt. A server of eight GPUs rents for "
        f"{row['rent_per_server']:,.0f} CNY a month, a smuggled GPU costs {row['gpu_price']:,.0f} CNY. "
        f"{100 * row['utilisation']:.0f} % of all rental GPUs are in use{new}; "
        f"{row['startups_pretraining']:.0f} startups pre-train models of their own."
    )


def sign_lamps(seen: dict[str, np.ndarray] | None, found: Pop | None, twin: Pop | None = None) -> list[dict[str, Any]]:
    """Return the four signs of a bust, with the month in which each was first seen, also without the shock if other."""
    lamps = []
    for name, (title, about) in SIGN_WORDS.items():
        first = getattr(found, name) if found is not None else None
        lit = bool(seen[name][-1]) if seen is not None else False
        when = "not seen" if first is None else f"{'since' if lit else 'first seen'} {label(first)}"
        if twin is not None and getattr(twin, name) != first:
            other = getattr(twin, name)
            when += f"; without the shock {'not yet' if other is None else label(other)}"
        lamps.append({"title": title, "about": about, "lit": lit, "when": when})
    return lamps


def shock_effect(model: WatchedModel) -> dict[str, Any]:
    """Return the effects of the shock so far, in words and as a table."""
    month = model.settings.scenario.shock_month
    if month is None:
        return {"text": "This run has no shock, so there is no twin to compare it with.", "rows": []}
    if model.twin_series is None:
        release = f"An efficient open model is released in {label(month)}."
        return {"text": f"{release} Until then the run and its twin without the shock are the same.", "rows": []}
    ours, theirs = model.series, model.twin_series
    rows = [effect_row(ours[-1], theirs[-1], *effect) for effect in EFFECTS]
    said = (verdict(model, month), fall_of_rent(model, month), summary(ours[-1], theirs[-1]))
    return {"text": " ".join(part for part in said if part), "rows": rows}


def verdict(model: WatchedModel, month: int) -> str:
    """Describe the part of the shock in the bust so far, and how far the answer depends on what a bust is."""
    ours, theirs = pop(model.series).composite, pop(model.twin_series).composite
    if ours is None and theirs is None:
        return f"{model.month - month} months after the shock there is no bust, with or without it."
    found = attribution(ours, theirs, month, model.month)
    dates = [f"in {label(at)}" if at is not None else "not yet" for at in (ours, theirs)]
    came = (
        f"{dates[0]}, with and without the shock"
        if ours == theirs
        else f"{dates[0]} with the shock, {dates[1]} without"
    )
    same = round(len(DEFINITIONS) * agreement(pops(model.series), pops(model.twin_series), month, model.month))
    return (
        f"The bust came {came}: {'' if ours == theirs else 'so far '}{say_attribution(found)} "
        f"({ATTRIBUTIONS[found.kind]}). {same} of {len(DEFINITIONS)} definitions of a bust say so."
    )


def fall_of_rent(model: WatchedModel, month: int) -> str:
    """Describe how much of the fall of the rent the shock explains; empty if the rent has not fallen."""
    ours, theirs = (falls(series, "rent", month)[""] for series in (model.series, model.twin_series))
    share = share_of_fall(ours, theirs, smallest(model.series, "rent", ""))
    if share is None:
        return ""
    return (
        f"Of the fall of the rent from its peak to {label(min(MID, model.month - 1))} it explains {100 * share:z.0f} %."
    )


def summary(ours: Any, theirs: Any) -> str:
    """Describe the effects on rent and on startups in a sentence."""
    rent = ours["rent_per_server"] - theirs["rent_per_server"]
    makers = ours["startups_pretraining"] - theirs["startups_pretraining"]
    return (
        f"With the shock a server rents for {abs(rent):,.0f} CNY a month {'more' if rent > 0 else 'less'}, "
        f"and {abs(makers):.0f} {'more' if makers > 0 else 'fewer'} startups pre-train than without it."
    )


def effect_row(
    ours: Any, theirs: Any, measure: str, name: str, unit: str, divisor: float, digits: int
) -> dict[str, str]:
    """Return one row of the table: with the shock, without it, and the difference."""
    a, b = float(ours[measure]) / divisor, float(theirs[measure]) / divisor
    return {
        "name": name,
        "unit": unit,
        "with": f"{a:,.{digits}f}",
        "without": f"{b:,.{digits}f}",
        "difference": f"{a - b:+z,.{digits}f}",
    }
