"""The map: 31 provinces as tiles, coloured by a chosen quantity, with squares that show their installed GPUs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bubble_abm.economy.declare import InvalidInput, unknown_name
from bubble_abm.economy.provinces import PROVINCE_NAMES
from bubble_abm.page.session import WatchedModel
from bubble_abm.style.map import TILES

#: Cividis, designed for colour-blind readers (Nunez, Anderton and Renslow 2018), from low to high.
CIVIDIS = ((0, 34, 78), (53, 69, 108), (102, 105, 112), (148, 142, 119), (200, 184, 102), (254, 232, 56))
LARGEST, SMALLEST = 50.0, 7.0  # side of the square inside a tile [% of the tile]


@dataclass(frozen=True)
class Colour:
    """A quantity that the colour of a tile can show."""

    name: str
    title: str
    unit: str
    read: Callable[[Any], float | None]
    least: float = 0.0
    percent: bool = False


def used(province: Any) -> float | None:
    """Leased share of the installed GPUs, None if there are none."""
    return float(province.gpus_leased / province.gpus_installed) if province.gpus_installed > 0.0 else None


def idle(province: Any) -> float | None:
    """GPUs that are not leased."""
    return max(float(province.gpus_installed - province.gpus_leased), 0.0)


COLOURS = (
    Colour("utilisation", "utilisation", "% of installed GPUs leased", used, 1.0, percent=True),
    Colour("subsidy", "subsidy", "% of capital cost", lambda province: float(province.subsidy), 0.05, percent=True),
    Colour("announced", "announced", "GPUs announced in about twelve months",
           lambda province: float(province.gpus_announced), 1000.0),
    Colour("idle", "idle", "GPUs installed and not leased", idle, 500.0),
)  # fmt: skip
BY_NAME = {colour.name: colour for colour in COLOURS}


def checked_colour(name: str) -> str:
    """Return the name of a colour of the map, or refuse it."""
    if name not in BY_NAME:
        raise InvalidInput(unknown_name("colour", name, BY_NAME))
    return name


def checked_province(name: str) -> str:
    """Refuse a province that is not on the map; empty stands for none."""
    if name and name not in TILES:
        raise InvalidInput(unknown_name("province", name, TILES))
    return name


def shade(part: float) -> str:
    """Colour of a value between 0 and 1."""
    spot = min(max(part, 0.0), 1.0) * (len(CIVIDIS) - 1)
    number = min(int(spot), len(CIVIDIS) - 2)
    mix = [round(low + (spot - number) * (high - low)) for low, high in zip(CIVIDIS[number], CIVIDIS[number + 1])]
    return f"rgb({mix[0]},{mix[1]},{mix[2]})"


def tiles(model: WatchedModel, colour: str) -> dict[str, Any]:
    """Return the map as data: a tile for each province, and the legend.

    Parameters
    ----------
    model : WatchedModel
        The run as it stands.
    colour : str
        Quantity that the colours show: name of one of :data:`COLOURS`.
    """
    chosen = BY_NAME[colour]
    provinces = model.world.provinces
    found = [chosen.read(province) for province in provinces]
    top = max([chosen.least, *(value for value in found if value is not None)])
    most = max(2000.0, float(provinces["gpus_installed"].max()))
    return {
        "tiles": [tile(province, value, chosen, top, most) for province, value in zip(provinces, found)],
        "legend": {
            "title": chosen.title,
            "unit": chosen.unit,
            "low": "0",
            "high": amount(top, chosen).removesuffix(" GPUs"),
            "shades": [shade(number / 10) for number in range(11)],
            "sizes": [{"side": side(part * most, most), "words": f"{part * most:,.0f}"} for part in (0.1, 1.0)],
        },
    }


def tile(province: Any, value: float | None, chosen: Colour, top: float, most: float) -> dict[str, Any]:
    """Return one tile."""
    name = PROVINCE_NAMES[province.id]
    column, row, _ = TILES[name]
    hub = ", hub" if province.hub else ""
    written = "no GPUs" if value is None else amount(value, chosen)
    return {
        "name": name,
        "column": column,
        "row": row,
        "hub": bool(province.hub),
        "side": side(float(province.gpus_installed), most),
        "fill": "none" if value is None else shade(value / top),
        "written": "" if value is None else written.removesuffix(" GPUs"),
        "words": f"{name}{hub}: {chosen.title} {written}, {province.gpus_installed:,.0f} GPUs installed",
    }


def side(gpus: float, most: float) -> float:
    """Side of the square for a number of GPUs, to which its area is proportional [% of the tile]."""
    return round(max(LARGEST * float(gpus / most) ** 0.5, SMALLEST if gpus > 0 else 0.0), 1)


def amount(value: float, chosen: Colour) -> str:
    """Format a value of the map."""
    return f"{100 * value:.0f} %" if chosen.percent else f"{value:,.0f} GPUs"
