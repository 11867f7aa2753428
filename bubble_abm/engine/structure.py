"""Other structures of the same economy: steps in another order, other networks, another generator of luck.

None of them is a claim about the world. They ask whether an answer hangs on a choice that had to be made somehow.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from functools import cache
from types import FunctionType
from typing import Any

from bubble_abm.economy import founding, month
from bubble_abm.economy.generate import function
from bubble_abm.economy.kinds import CHAT
from bubble_abm.economy.luck import BIRTH, MASK, draw_block, philox
from bubble_abm.engine.link import LinkedMonth
from bubble_abm.engine.rules import BUILDING, Rules

BANNER = re.compile(r"^    # (\w[^#]*)$")
#: Parts of the month in their order, by the first word of the line above each.
PARTS = ("The", "Projects", "Chips", "Compute", "Money", "Prices")
ROTATIONS = ((10, 26), (11, 21), (13, 27), (23, 5), (6, 20), (17, 11), (25, 10), (18, 20))
PARITY = 0x1BD11BDA
HUBS = 3  # power of the draw: half of all contacts go to the first eighth of the investors


class Restructured(Rules):
    """The standard rules in an economy of another structure.

    Parameters
    ----------
    functions : mapping of function to function
        Functions of the month or of the founding, and what takes their place.

    Notes
    -----
    Plain Mesa agents know only the standard structure.
    """

    def __init__(self, functions: Mapping[Any, Any]) -> None:
        super().__init__()
        self.functions = tuple(functions.items())

    def linked_month(self, *, interpreted: bool = False) -> LinkedMonth:
        """Return the month with this structure."""
        with BUILDING:
            return linked_month_of(self.functions, interpreted)


@cache
def linked_month_of(functions: tuple[tuple[Any, Any], ...], interpreted: bool) -> LinkedMonth:
    """Link the month once in a process for each structure."""
    return LinkedMonth(dict(functions), interpreted=interpreted)


# --- Another order of steps -----------------------------------------------------------------------------------------


@cache
def in_order(*parts: str) -> FunctionType:
    """Return the month with its parts in another order; inside a part, steps keep theirs.

    Parameters
    ----------
    *parts : str
        The names of :data:`PARTS`, in the new order.
    """
    heading, *blocks = parts_of(inspect.getsource(month.advance_month))
    named = dict(zip(PARTS, blocks, strict=True))
    text = "\n".join([heading, *(named[name] for name in parts)])
    scope = {name: value for name, value in vars(month).items() if not name.startswith("__") and name != "annotations"}
    return function(text, month.__name__, **scope)


def parts_of(source: str) -> list[str]:
    """Split the source of the month into its heading and its parts."""
    parts: list[list[str]] = [[]]
    for line in source.splitlines():
        if BANNER.match(line):
            parts.append([])
        parts[-1].append(line)
    return ["\n".join(part) for part in parts]


# --- Other networks -------------------------------------------------------------------------------------------------


def find_neighbours_in_a_ring(neighbours: Any, row: int, seed: int) -> None:
    """Choose those who stand next to an investor in a ring, so that two who know each other know the same people."""
    investors, contacts = neighbours.shape
    for k in range(contacts):
        step = k // 2 + 1
        neighbours[row, k] = (row + (step if k % 2 == 0 else -step)) % investors


def find_neighbours_among_hubs(neighbours: Any, row: int, seed: int) -> None:
    """Choose mostly the same few investors, of whom everybody hears."""
    investors, contacts = neighbours.shape
    for k in range(contacts):
        draw = draw_block(seed, CHAT, row, BIRTH, k)[0]
        other = int(draw**HUBS * investors)
        neighbours[row, k] = other if other != row else (other + 1) % investors


# --- Another generator of luck --------------------------------------------------------------------------------------


def rotated(word: int, bits: int) -> int:
    """Rotate a 32-bit word to the left."""
    return ((word << bits) | (word >> (32 - bits))) & MASK


def threefry4x32(
    counter_0: int, counter_1: int, counter_2: int, counter_3: int, key_0: int, key_1: int, key_2: int, key_3: int
) -> tuple:
    """Twenty rounds of Threefry4x32: four pseudo-random 32-bit words from a counter and a key (Salmon et al. 2011)."""
    keys = (key_0, key_1, key_2, key_3, PARITY ^ key_0 ^ key_1 ^ key_2 ^ key_3)
    a, b = (counter_0 + key_0) & MASK, (counter_1 + key_1) & MASK
    c, d = (counter_2 + key_2) & MASK, (counter_3 + key_3) & MASK
    for turn in range(20):
        first, second = ROTATIONS[turn % 8]
        if turn % 2 == 0:
            a = (a + b) & MASK
            b = rotated(b, first) ^ a
            c = (c + d) & MASK
            d = rotated(d, second) ^ c
        else:
            a = (a + d) & MASK
            d = rotated(d, first) ^ a
            c = (c + b) & MASK
            b = rotated(b, second) ^ c
        if turn % 4 == 3:
            done = turn // 4 + 1
            a, b = (a + keys[done % 5]) & MASK, (b + keys[(done + 1) % 5]) & MASK
            c, d = (c + keys[(done + 2) % 5]) & MASK, (d + keys[(done + 3) % 5] + done) & MASK
    return a, b, c, d


def threefry(counter_0: int, counter_1: int, counter_2: int, counter_3: int, key_0: int, key_1: int) -> tuple:
    """Take the place of :func:`philox`: the same counters and keys, the other half of the key zero."""
    return threefry4x32(counter_0, counter_1, counter_2, counter_3, key_0, key_1, 0, 0)


# --- The structures -------------------------------------------------------------------------------------------------


def rules_of(name: str) -> Rules:
    """Return the rules of a structure by its name: one of :data:`STRUCTURES`."""
    made = STRUCTURES[name][1]
    return made() if made is not None else Rules()


def moved(*parts: str) -> Restructured:
    """Return rules under which the parts of the month follow each other in another order."""
    return Restructured({month.advance_month: in_order(*parts)})


STANDARD = "standard"
#: Structures by name: what is different, and the rules; None stands for the standard ones.
STRUCTURES: Mapping[str, tuple[str, Any]] = {
    STANDARD: ("as published", None),
    "ring": (
        "investors hear of those next to them in a ring",
        lambda: Restructured({founding.find_neighbours: find_neighbours_in_a_ring}),
    ),
    "hubs": (
        "investors hear mostly of the same few",
        lambda: Restructured({founding.find_neighbours: find_neighbours_among_hubs}),
    ),
    "compute first": (
        "tenants rent before projects start and chips arrive",
        lambda: moved("The", "Compute", "Projects", "Chips", "Money", "Prices"),
    ),
    "prices first": (
        "rents are posted at the beginning of a month",
        lambda: moved("Prices", "The", "Projects", "Chips", "Compute", "Money"),
    ),
    "threefry": ("luck from Threefry instead of Philox", lambda: Restructured({philox: threefry})),
}
