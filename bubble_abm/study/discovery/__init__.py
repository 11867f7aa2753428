"""Scenario discovery: in which part of the space of factors runs end in one way.

``find`` is the way in; ``search`` makes boxes by PRIM and CART, ``boxes`` judges them.
"""

from bubble_abm.study.discovery.find import (
    BOXES,
    CART,
    MIN_ROWS,
    NOTES,
    PRIM,
    TRAJECTORY,
    Found,
    cart,
    combine,
    discover,
    prim,
    prim_box,
)

__all__ = [
    "BOXES",
    "CART",
    "MIN_ROWS",
    "NOTES",
    "PRIM",
    "TRAJECTORY",
    "Found",
    "cart",
    "combine",
    "discover",
    "prim",
    "prim_box",
]  # fmt: skip
