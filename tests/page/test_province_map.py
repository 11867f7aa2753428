"""The map as data: every province has its place, and numbers of every month."""

import numpy as np
import pytest

from bubble_abm.economy.provinces import PROVINCE_NAMES, PROVINCES
from bubble_abm.engine.tiles import TILES
from bubble_abm.page import province_map


def test_every_province_has_a_place_of_its_own():
    assert set(TILES) == set(PROVINCE_NAMES)
    assert len({tile[:2] for tile in TILES.values()}) == len({tile.letters for tile in TILES.values()}) == 31


def test_north_is_up_and_east_is_right():
    column, row = zip(*(TILES[name][:2] for name in ("Xinjiang", "Shanghai")))
    assert column[0] < column[1]
    assert TILES["Heilongjiang"].row < TILES["Beijing"].row < TILES["Hainan"].row
    assert row[0] < row[1]


@pytest.mark.parametrize("colour", [colour.name for colour in province_map.COLOURS])
def test_the_map_is_whole_in_every_colour_and_month(whole, colour):
    found = province_map.tiles(whole, colour)
    assert len(found["tiles"]) == 31 and sum(tile["hub"] for tile in found["tiles"]) == sum(
        place.hub for place in PROVINCES
    )
    for name in ("values", "parts", "sides", "gpus"):
        assert [len(row) for row in found[name]] == [31] * (whole.months + 1)
    assert all(part is None or -1e-9 <= part <= 1.0 for row in found["parts"] for part in row)
    assert np.max(found["sides"]) == province_map.LARGEST


def test_squares_grow_in_area_with_installed_gpus():
    assert province_map.sides(np.array([100.0, 25.0, 0.0]), 100.0).tolist() == [
        province_map.LARGEST, province_map.LARGEST / 2, 0.0,
    ]  # fmt: skip


def test_values_are_what_they_say(whole):
    beijing = whole.provinces[30][0]
    used = 100 * beijing["gpus_leased"] / beijing["gpus_installed"]
    assert province_map.tiles(whole, "utilisation")["values"][30][0] == pytest.approx(used, abs=0.051)


def test_what_is_announced_can_be_seen_before_anything_is_installed(whole):
    found = province_map.tiles(whole, "announced")
    parts, sides, gpus = (np.array(found[name], float) for name in ("parts", "sides", "gpus"))
    early = (parts > 0) & (gpus == 0)
    assert early.any() and np.all(sides[early] == province_map.SMALLEST)
    assert np.all(sides[(parts == 0) & (gpus == 0)] == 0)
