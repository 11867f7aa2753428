"""Memory in which runs take place, one after the other.

The system hands out new memory page by page when it is first written to, which takes a tenth of the time of a run, and
Python makes some fifty objects to describe it. A batch therefore keeps the rooms of finished runs for the next ones.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bubble_abm.economy.luck import luck_for
from bubble_abm.economy.parameters import Parameters
from bubble_abm.economy.world import World, clear, empty_world, extent

LARGEST_KEPT = 20_000  # agents; the time of larger worlds is that of their months


class Room:
    """Memory for one run at a time: an empty world, and its luck.

    Parameters
    ----------
    parameters : Parameters
        Their numbers of agents tell how large the world is.
    """

    def __init__(self, parameters: Parameters) -> None:
        self.world: World = empty_world(parameters)
        self.luck: Any = luck_for(self.world, 0)

    def luck_of(self, seed: int) -> Any:
        """Return the luck under a seed."""
        self.luck.seed[0] = seed
        return self.luck


class Kept(threading.local):
    """Rooms that a thread keeps, all of one size: that of the latest run."""

    def __init__(self) -> None:
        self.extent: tuple[int, ...] = ()
        self.rooms: list[Room] = []


kept = Kept()


@contextmanager
def lent_room(parameters: Parameters) -> Iterator[Room]:
    """Lend a room to a run whose world nobody sees afterwards.

    After an error the room is not kept: who looks into the error finds the world as it was.
    """
    size = extent(parameters)
    if size != kept.extent:
        kept.extent, kept.rooms = size, []
    if kept.rooms:
        room = kept.rooms.pop()
        clear(room.world)
    else:
        room = Room(parameters)
    yield room
    if size == kept.extent and sum(size) <= LARGEST_KEPT:
        kept.rooms.append(room)
