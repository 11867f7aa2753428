"""Memory in which runs take place, one after the other.

The system hands out new memory page by page when it is first written to, and Python makes some fifty objects to
describe a world: a tenth of the time of a run. A thread therefore keeps the rooms of finished runs for its next ones.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from bubble_abm.economy.luck import luck_for
from bubble_abm.economy.parameters import Parameters
from bubble_abm.economy.world import World, clear, empty_world, extent, overwrite

LARGEST_KEPT = 20_000  # agents; the time of larger worlds is that of their months


class Room:
    """Memory for one run at a time: a world and its luck.

    Parameters
    ----------
    parameters : Parameters
        Their numbers of agents tell how large the world is.
    """

    def __init__(self, parameters: Parameters) -> None:
        self.world: World = placed(empty_world(parameters))
        self.luck: Any = placed(luck_for(self.world, 0))
        self.used = False

    def emptied(self) -> World:
        """Return the world, empty."""
        if self.used:
            clear(self.world)
        self.used = True
        return self.world

    def filled(self, other: World) -> World:
        """Return the world, equal to another one."""
        overwrite(self.world, other)
        self.used = True
        return self.world

    def luck_of(self, seed: int) -> Any:
        """Return the luck under a seed."""
        self.luck.seed[0] = seed
        return self.luck


def placed(tables: Any) -> Any:
    """Return a named tuple of tables that stay where they are: it remembers their addresses once they are known."""
    kind: Any = type(tables)
    return remembering(kind)(*tables)


@cache
def remembering(kind: type[Any]) -> type[Any]:
    """Return the class of named tuples of a kind that remember their addresses; a copy has other ones."""
    return type(kind.__name__, (kind,), {"directory": None, "__reduce__": lambda self: (kind, tuple(self))})


class Kept(threading.local):
    """Rooms that a thread keeps, all of one size: that of the latest run."""

    def __init__(self) -> None:
        self.extent: tuple[int, ...] = ()
        self.rooms: list[Room] = []


kept = Kept()


@contextmanager
def lent_rooms(parameters: Parameters, count: int) -> Iterator[list[Room]]:
    """Lend rooms to runs whose worlds nobody sees afterwards.

    After an error they are not kept: who looks into the error finds the worlds as they were.
    """
    size = extent(parameters)
    if size != kept.extent:
        kept.extent, kept.rooms = size, []
    lent, kept.rooms = kept.rooms[:count], kept.rooms[count:]
    lent += [Room(parameters) for _ in range(count - len(lent))]
    yield lent
    if size == kept.extent and sum(size) <= LARGEST_KEPT:
        kept.rooms += lent
