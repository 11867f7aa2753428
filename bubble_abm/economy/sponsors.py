"""Kinds of sponsor, which investors and projects have in common: public ones, newcomers and able ones."""

from __future__ import annotations

from typing import Any

PUBLIC, NEWCOMER, ABLE = range(3)
KINDS_OF_SPONSOR = ("public", "newcomer", "able")


def mean_building_time(sponsor: int, p: Any) -> float:
    """Mean construction time of a kind of sponsor [months]."""
    if sponsor == PUBLIC:
        return p.public_building_time
    return p.able_building_time if sponsor == ABLE else p.building_time
