"""The score card: what a policy costs and prevents, over many seeds, with intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from bubble_abm.observe.seeds import mean
from bubble_abm.page.words import say, times, unit

if TYPE_CHECKING:
    from bubble_abm.page.many_seeds import Pairs

#: Outcomes that the card compares: name, title, unit, divisor, decimals, and whether less is better.
SCORES = {
    "popped": ("Seeds that pop", "%", 0.01, 0, True),
    "public_cost": ("Public money", "bn CNY", 1e9, 1, True),
    "failures": ("Sites wound up or taken over", "sites", 1.0, 0, True),
    "gpu_months_idle": ("New GPUs idle", "thousand GPU years", 12e3, 0, True),
    "gpu_months_leased": ("Compute that tenants got", "thousand GPU years", 12e3, 0, False),
    "loans_written_off": ("Banks' losses", "bn CNY", 1e9, 1, True),
}
NORMAL = 1.96  # 97.5 % quantile of the standard normal distribution


def share_interval(hits: int, seeds: int) -> tuple[float, float]:
    """95 % interval of a share.

    Notes
    -----
    That of Wilson (1927), which unlike the usual one has a width when all seeds or none pop.

    Examples
    --------
    >>> low, high = share_interval(50, 50)
    >>> round(low, 3), high
    (0.929, 1.0)
    """
    share, room = hits / seeds, NORMAL**2 / seeds
    middle = (share + room / 2) / (1 + room)
    width = NORMAL * math.sqrt(share * (1 - share) / seeds + room / (4 * seeds)) / (1 + room)
    return max(middle - width, 0.0), min(middle + width, 1.0)


def estimate(name: str, values: np.ndarray) -> tuple[float, float, float]:
    """Mean of a score over seeds with its 95 % interval."""
    if name == "popped":
        hits = int(values.sum())
        return hits / len(values), *share_interval(hits, len(values))
    found = mean(values)
    return (
        found.value,
        found.value if found.low is None else found.low,
        found.value if found.high is None else found.high,
    )


def written(name: str, values: np.ndarray) -> str:
    """Write a score with its interval."""
    _, counted, divisor, digits, _ = SCORES[name]
    return interval([number / divisor * times(counted) for number in estimate(name, values)], f"z,.{digits}f")


def interval(values: Sequence[float], form: str) -> str:
    """Write a number with the bounds of its interval."""
    value, low, high = (format(number, form) for number in values)
    return say("{value} [{low} to {high}]", value=value, low=low, high=high)


def card(pairs: Pairs | None, base: Pairs | None) -> dict[str, Any]:
    """Compare settings with the same settings without their policies, seed by seed."""
    if pairs is None or base is None:
        return {}
    rows = []
    both = sorted(set(pairs.headline.seeds) & set(base.headline.seeds))
    for name, (title, counted, divisor, digits, less) in SCORES.items():
        ours, theirs = (one.scores[name][[one.headline.seeds.index(seed) for seed in both]] for one in (pairs, base))
        found = mean(ours - theirs)
        low, high = found.low or 0.0, found.high or 0.0
        if name == "popped":  # no share can change by more than all of it
            low, high = max(low, -1.0), min(high, 1.0)
        sure = low > 0 or high < 0
        row = {
            "title": say(title),
            "unit": unit(counted),
            "base": written(name, base.scores[name]),
            "ours": written(name, pairs.scores[name]),
            "change": interval(
                [number / divisor * times(counted) for number in (found.value, low, high)], f"+z,.{digits}f"
            ),
            "better": "" if not sure else "better" if (found.value < 0) == less else "worse",
        }
        row["verdict"] = say(row["better"]) if sure else ""
        rows.append(row)
    return {"rows": rows, "seeds": len(both), "same": pairs is base}


def heads() -> list[dict[str, str]]:
    """Return the headings of the comparison: titles of the scores, and their units."""
    return [{"title": say(title), "unit": unit(counted)} for title, counted, *_ in SCORES.values()]


def league(found: Sequence[tuple[str, Pairs | None]]) -> list[dict[str, Any]]:
    """Compare policies: those that pop least come first, those not computed yet last."""
    known = [(name, pairs) for name, pairs in found if pairs is not None]
    known.sort(key=lambda one: float(one[1].scores["popped"].mean()))
    rows = [
        {"name": name, "title": say(name), "cells": [written(score, pairs.scores[score]) for score in SCORES]}
        for name, pairs in known
    ]
    return rows + [{"name": name, "title": say(name), "cells": []} for name, pairs in found if pairs is None]
