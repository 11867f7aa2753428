"""Scenario discovery: in which part of the space of factors runs end in one way.

``find`` is the way in; ``search`` makes boxes by PRIM and CART, ``boxes`` judges them.
"""

from bubble_abm.study.discovery.find import (
    BOXES,
    CART,
    LEAST_ROWS,
    NOTES,
    PRIM,
    TRAJECTORY,
    Found,
    cart,
    discover,
    prim,
    prim_box,
    together,
)

__all__ = [
    "BOXES", "CART", "LEAST_ROWS", "NOTES", "PRIM", "TRAJECTORY", "Found", "cart", "discover", "prim", "prim_box",
    "together",
]  # fmt: skip
