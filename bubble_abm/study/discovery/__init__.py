"""Scenario discovery: the parts of the space of factors in which runs get a certain verdict.

``find`` has the main functions; ``search`` finds boxes by PRIM and CART, and ``boxes`` judges them.
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
