"""The map: 31 provinces as tiles, coloured by a chosen quantity, with squares that show their installed GPUs.

The browser gets the numbers of all months at once and colours the tiles, so that the cursor moves without a server.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import solara

from bubble_abm.economy.declare import checked_name
from bubble_abm.economy.provinces import PROVINCE_NAMES
from bubble_abm.engine.tiles import TILES
from bubble_abm.page.run import WatchedRun
from bubble_abm.page.templates import template
from bubble_abm.page.words import in_own_language, say

if TYPE_CHECKING:
    from bubble_abm.page.visit import Visit

#: Cividis, designed for colour-blind readers (Nunez, Anderton and Renslow 2018), from low to high.
CIVIDIS = ((0, 34, 78), (53, 69, 108), (102, 105, 112), (148, 142, 119), (200, 184, 102), (254, 232, 56))
LARGEST, SMALLEST = 50.0, 7.0  # side of the square inside a tile [% of the tile]


@dataclass(frozen=True)
class Colour:
    """A quantity that the colour of a tile can show, read from all provinces in all months at once."""

    name: str
    title: str
    unit: str
    read: Callable[[Any], np.ndarray]
    least: float = 0.0
    percent: bool = False


def used(provinces: Any) -> np.ndarray:
    """Leased share of the installed GPUs, not a number if there are none."""
    installed = provinces["gpus_installed"]
    return np.where(installed > 0.0, provinces["gpus_leased"] / np.maximum(installed, 1e-9), np.nan)


def idle(provinces: Any) -> np.ndarray:
    """GPUs that are not leased."""
    return np.maximum(provinces["gpus_installed"] - provinces["gpus_leased"], 0.0)


COLOURS = (
    Colour("utilisation", "utilisation", "% of installed GPUs leased", used, 1.0, percent=True),
    Colour("subsidy", "subsidy", "% of capital cost", lambda provinces: provinces["subsidy"], 0.05, percent=True),
    Colour("announced", "announced", "GPUs announced in about twelve months",
           lambda provinces: provinces["gpus_announced"], 1000.0),
    Colour("idle", "idle", "GPUs installed and not leased", idle, 500.0),
)  # fmt: skip
BY_NAME = {colour.name: colour for colour in COLOURS}


def checked_colour(name: str) -> str:
    """Return the name of a colour of the map, or refuse it."""
    return checked_name("colour", name, BY_NAME)


def checked_province(name: str) -> str:
    """Refuse a province that is not on the map; empty stands for none."""
    return checked_name("province", name, TILES) if name else name


def tiles(run: WatchedRun, colour: str) -> dict[str, Any]:
    """Return the map as data: the tiles, and for each of them numbers from the start to the last month.

    Parameters
    ----------
    run : WatchedRun
        The run.
    colour : str
        Quantity that the colours show: name of one of :data:`COLOURS`.

    Returns
    -------
    dict
        ``parts`` and ``sides`` are lists by month and province: the value over the largest of all months, None where
        there is none, and the side of the square [% of the tile]; ``values`` and ``gpus`` are what is written.
    """
    chosen = BY_NAME[colour]
    values = chosen.read(run.provinces)
    installed = run.provinces["gpus_installed"]
    top = max(chosen.least, float(np.nanmax(values, initial=0.0)))
    most = max(2000.0, float(installed.max()))
    shown = 100.0 * values if chosen.percent else values
    return {
        "tiles": [
            {
                "name": name,
                "title": say(name),
                "column": TILES[name].column,
                "row": TILES[name].row,
                "letters": say(TILES[name].letters),
                "hub": bool(hub),
            }
            for name, hub in zip(PROVINCE_NAMES, run.provinces["hub"][0])
        ],
        "values": [[None if value != value else round(value, 1) for value in row] for row in shown.tolist()],
        "parts": [[None if value != value else round(value, 3) for value in row] for row in (values / top).tolist()],
        # A province in which nothing is installed yet may still have something to colour, as what was announced there.
        "sides": np.round(np.maximum(sides(installed, most), np.where(values > 0, SMALLEST, 0.0)), 1).tolist(),
        "gpus": np.round(installed).astype(int).tolist(),
        "percent": chosen.percent,
        "title": say(chosen.title),
        "shades": [list(shade) for shade in CIVIDIS],
        "legend": {
            "unit": say(chosen.unit),
            "high": f"{100 * top:.0f} %" if chosen.percent else f"{top:,.0f}",
            "sizes": [
                {"side": float(sides(np.array(part * most), most)), "words": f"{part * most:,.0f}"}
                for part in (0.1, 1.0)
            ],
        },
    }


def colours() -> list[dict[str, str]]:
    """Return the quantities that the colours can show, as buttons."""
    return [{"name": colour.name, "title": say(colour.title)} for colour in COLOURS]


def sides(gpus: np.ndarray, most: float) -> np.ndarray:
    """Side of the square for a number of GPUs, to which its area is proportional [% of the tile]."""
    return np.where(gpus > 0, np.maximum(LARGEST * np.sqrt(gpus / most), SMALLEST), 0.0)


@template("province_map")
def ProvinceMap(
    map: Any = None, colours: Any = None, colour: str = "", chosen: str = "",
    event_colour: Callable[[Any], None] | None = None, event_pick: Callable[[Any], None] | None = None,
) -> None:  # fmt: skip
    """Show the provinces."""


@solara.component
@in_own_language
def MapPart(visit: Visit) -> None:
    """The map of the provinces."""
    run, colour = visit.run.value, visit.colour.value
    ProvinceMap(
        map=visit.made(lambda: tiles(run, colour), {}, [run, colour]),
        colours=colours(),
        colour=colour,
        chosen=visit.province.value,
        event_colour=visit.choose_colour,
        event_pick=visit.choose_province,
    )
