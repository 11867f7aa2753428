"""Members of the ensemble that the package ships: economies that the facts do not rule out; none if it ships none."""

from __future__ import annotations

from functools import cache

import numpy as np

from bubble_abm.economy.declare import InvalidInput, checked_name
from bubble_abm.study.ensemble import Ensemble

MOST = 30  # members that the page runs: fewer than seeds, since every visitor waits for them
#: What many runs differ in, by the word that stands for it in an address.
CROWDS = OVER_SEEDS, OVER_MEMBERS = "seeds", "members"
#: What they are called on the page.
CALLED = {OVER_SEEDS: "seeds", OVER_MEMBERS: "economies"}


@cache
def members() -> tuple[dict[str, float], ...]:
    """Return the parameters of members, the most central first; of many, as many as the page runs, evenly chosen."""
    try:
        ensemble = Ensemble.load()
    except InvalidInput:
        return ()
    others = [member for member in range(len(ensemble)) if member != ensemble.central]
    places = np.linspace(0, len(others) - 1, min(MOST - 1, len(others))).round().astype(int)
    return tuple(ensemble.values_of(member) for member in (ensemble.central, *(others[place] for place in places)))


def checked_crowd(name: str) -> str:
    """Return what many runs differ in, or refuse it."""
    checked_name("bands", name, CROWDS)
    if name == OVER_MEMBERS and not members():
        raise InvalidInput(f"bands = {name}: this version ships no ensemble, give {OVER_SEEDS}")
    return name
