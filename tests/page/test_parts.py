"""Map, words, controls and agents as data for the page."""

import re
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from bubble_abm.economy.outside import label
from bubble_abm.economy.parameters import DECLARED
from bubble_abm.economy.provinces import PROVINCE_NAMES, PROVINCES
from bubble_abm.observe.verdict import pop, signs_of_bust
from bubble_abm.page import controls, inspection, tile_map, words
from bubble_abm.page.session import WatchedModel
from bubble_abm.page.settings import OFFERED, Settings, with_preset
from bubble_abm.style.map import TILES


@pytest.fixture(scope="module")
def late():
    return WatchedModel(Settings(), until=40)


# --- The map ---


def test_every_province_has_a_place_of_its_own():
    assert set(TILES) == set(PROVINCE_NAMES)
    assert len({tile[:2] for tile in TILES.values()}) == len({tile.letters for tile in TILES.values()}) == 31


def test_north_is_up_and_east_is_right():
    column, row = zip(*(TILES[name][:2] for name in ("Xinjiang", "Shanghai")))
    assert column[0] < column[1]
    assert TILES["Heilongjiang"].row < TILES["Beijing"].row < TILES["Hainan"].row
    assert row[0] < row[1]


@pytest.mark.parametrize("colour", [colour.name for colour in tile_map.COLOURS])
@pytest.mark.parametrize("month", [0, 12])
def test_the_map_is_whole_in_every_colour(colour, month):
    map_ = tile_map.tiles(WatchedModel(Settings(), until=month), colour)
    assert len(map_["tiles"]) == 31 and sum(tile["hub"] for tile in map_["tiles"]) == sum(
        place.hub for place in PROVINCES
    )
    assert all(tile["name"] in tile["words"] and 0 <= tile["side"] <= tile_map.LARGEST for tile in map_["tiles"])


def test_squares_grow_in_area_with_installed_gpus(late):
    installed = late.world.provinces["gpus_installed"]
    sides = [tile["side"] for tile in tile_map.tiles(late, "idle")["tiles"]]
    assert sides[int(installed.argmax())] == max(sides) == tile_map.LARGEST
    assert tile_map.side(25.0, 100.0) == tile_map.LARGEST / 2


def test_colours_read_what_they_say(late):
    province = late.world.provinces[0]
    used = 100 * province.gpus_leased / province.gpus_installed
    tile = tile_map.tiles(late, "utilisation")["tiles"][0]
    assert tile["written"] == f"{used:.0f} %" and tile["name"] == "Beijing"


# --- Words ---


def test_the_story_begins_quiet_and_ends_with_the_pop(late):
    assert words.story(WatchedModel())["phase"] == "quiet"
    assert words.story(WatchedModel(Settings(), until=14))["phase"] == "boom"
    told = words.story(late)
    assert told["phase"] == "bust" and "popped in" in told["head"]
    assert [sign["title"] for sign in told["signs"]] == [title for title, _ in words.SIGN_WORDS.values()]


def test_the_effect_of_the_shock_is_the_difference_to_the_twin(late):
    effect = words.shock_effect(late)
    bankrupt = next(row for row in effect["rows"] if row["name"] == "Bankrupt sites")
    difference = late.series["projects_bankrupt"][-1] - late.twin.records.measures["projects_bankrupt"][39]
    assert bankrupt["difference"] == f"{difference:+z.0f}"
    assert "without it" in effect["text"]


def early_and_late(model, shift):
    """A model whose twin is its own past months, shifted by some months, so that it does everything later."""
    twin = np.roll(model.series, shift)
    twin[:shift] = model.series[0]
    return SimpleNamespace(series=model.series, twin_series=twin, month=model.month, months=model.months, failure="")


def test_the_verdict_says_what_the_shock_moved_and_how_sure_that_is(late):
    when = pop(late.series).composite
    shifted = early_and_late(late, 3)
    assert pop(shifted.twin_series).composite == when + 3
    said = words.verdict(shifted, when - 1)
    assert said.startswith(
        f"The bust came in {label(when)} with the shock, in {label(when + 3)} without: so far hastened"
    )
    assert "hastened by 3 months" in said and re.search(r"\. [1-6] of 6 definitions of a bust say so\.$", said)
    same = early_and_late(late, 0)
    assert "with and without the shock: undecided by date (" in words.verdict(same, when)
    assert "with and without the shock: undecided by date (" in words.verdict(same, when + 1)
    assert "with and without the shock: endogenous (" in words.verdict(same, when + 2)


def test_the_share_of_the_fall_is_said_only_where_the_rent_falls(late):
    flat, fallen = (early_and_late(late, 0) for _ in range(2))
    flat.series = flat.series.copy()
    flat.series["rent_per_server"] = 100.0
    assert words.fall_of_rent(flat, 24) == ""
    assert words.fall_of_rent(fallen, 24) == "Of the fall of the rent from its peak to Jun 2025 it explains 0 %."


def test_a_lamp_says_when_its_sign_comes_without_the_shock(late):
    found = pop(late.series)
    other = replace(found, rent=found.rent + 1, idle=None)
    lamps = words.sign_lamps(signs_of_bust(late.series), found, other)
    assert lamps[0]["when"].endswith(f"; without the shock {label(found.rent + 1)}")
    assert lamps[1]["when"].endswith("; without the shock not yet")
    assert "without" not in lamps[2]["when"]
    assert words.sign_lamps(signs_of_bust(late.series), found)[0]["when"] == lamps[0]["when"].partition(";")[0]


def test_before_the_shock_and_without_one_the_page_says_so():
    assert "Until then" in words.shock_effect(WatchedModel(Settings(), until=20))["text"]
    assert "no shock" in words.shock_effect(WatchedModel(with_preset(Settings(), "no shock"), until=3))["text"]


# --- Controls ---


def test_every_offered_parameter_is_a_control_in_its_group_once():
    items = [item for group in controls.groups(Settings()) for item in group["parameters"]]
    assert sorted(item["name"] for item in items) == sorted(OFFERED)
    for item in items:
        about = DECLARED[item["name"]].metadata
        assert item["unit"] == {"1": "pure number"}.get(about["unit"], about["unit"])
        assert (item["low"], item["high"], item["meaning"]) == (about["low"], about["high"], about["meaning"])
        assert float(item["shown"]) == item["value"]


def test_the_groups_that_were_promised_are_there():
    titles = {group["title"] for group in controls.groups(Settings())}
    assert titles >= {"State", "Investors", "Black market", "Leasing", "Startups", "Shock"}


def test_a_slider_can_stand_at_the_standard_value():
    for name in OFFERED:
        item = DECLARED[name]
        step = controls.step(item)
        if step != "any":
            steps = (item.default - item.metadata["low"]) / step
            assert steps == pytest.approx(round(steps), abs=1e-6), name


def test_what_differs_from_the_standard_is_marked():
    groups = {group["name"]: group for group in controls.groups(Settings(values={"herding": 2.0}))}
    assert (groups["investors"]["changed"], groups["state"]["changed"]) == (1, 0)
    assert [preset["name"] for preset in controls.presets(Settings()) if preset["chosen"]] == ["baseline"]


# --- Agents ---


@pytest.mark.parametrize("kind", inspection.NAMES)
@pytest.mark.parametrize("month", [0, 40])
def test_agents_of_every_kind_can_be_listed_and_looked_at(kind, month):
    model = WatchedModel(Settings(), until=month)
    table = inspection.listing(model, kind, "")
    assert table["rows"] and len(table["rows"]) <= inspection.MAX_LISTED
    assert all(len(entry["cells"]) == len(table["heads"]) for entry in table["rows"])
    detail = inspection.detail(model, kind, table["rows"][0]["row"])
    assert len(detail["entries"]) == len(inspection.BY_TABLE[kind].columns)


def test_a_province_shows_its_own_projects_with_their_state(late):
    table = inspection.listing(late, "operators", "Hubei")
    number = PROVINCE_NAMES.index("Hubei")
    rows = [entry["row"] for entry in table["rows"]]
    assert rows and all(late.world.operators[row].province == number for row in rows)
    assert {entry["cells"][1] for entry in table["rows"]} <= {
        "planned", "building", "paused", "operating", "idle", "distressed", "bankrupt", "cancelled", "taken over",
    }  # fmt: skip
    assert table["summary"].startswith("Hubei")


def test_kinds_of_sponsor_are_written_in_words():
    assert [inspection.written("sponsor", kind) for kind in range(3)] == ["public", "newcomer", "able"]


def test_nobody_is_looked_at_outside_the_table(late):
    assert inspection.detail(late, "operators", -1) == inspection.detail(late, "operators", 10**9) == {}
