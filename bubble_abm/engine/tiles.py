"""The map of provinces, with one tile for each, shared by the page, the figures and Mesa."""

from __future__ import annotations

from typing import NamedTuple


class Tile(NamedTuple):
    """Position of a province's tile, and its letters in ISO 3166-2."""

    column: int
    row: int
    letters: str


TILES = {
    "Heilongjiang": Tile(6, 0, "HL"), "Inner Mongolia": Tile(3, 1, "NM"), "Jilin": Tile(6, 1, "JL"),
    "Xinjiang": Tile(0, 2, "XJ"), "Gansu": Tile(1, 2, "GS"), "Ningxia": Tile(2, 2, "NX"), "Shanxi": Tile(3, 2, "SX"),
    "Beijing": Tile(4, 2, "BJ"), "Tianjin": Tile(5, 2, "TJ"), "Liaoning": Tile(6, 2, "LN"),
    "Qinghai": Tile(1, 3, "QH"), "Shaanxi": Tile(2, 3, "SN"), "Henan": Tile(3, 3, "HA"), "Hebei": Tile(4, 3, "HE"),
    "Shandong": Tile(5, 3, "SD"), "Tibet": Tile(0, 4, "XZ"), "Sichuan": Tile(1, 4, "SC"),
    "Chongqing": Tile(2, 4, "CQ"), "Hubei": Tile(3, 4, "HB"), "Anhui": Tile(4, 4, "AH"), "Jiangsu": Tile(5, 4, "JS"),
    "Shanghai": Tile(6, 4, "SH"), "Yunnan": Tile(1, 5, "YN"), "Guizhou": Tile(2, 5, "GZ"), "Hunan": Tile(3, 5, "HN"),
    "Jiangxi": Tile(4, 5, "JX"), "Zhejiang": Tile(5, 5, "ZJ"), "Guangxi": Tile(2, 6, "GX"),
    "Guangdong": Tile(3, 6, "GD"), "Fujian": Tile(4, 6, "FJ"), "Hainan": Tile(3, 7, "HI"),
}  # fmt: skip
COLUMNS = 1 + max(tile.column for tile in TILES.values())
ROWS = 1 + max(tile.row for tile in TILES.values())
