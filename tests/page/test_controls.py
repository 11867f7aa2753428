"""Controls as data: every parameter once, in its group, with unit, range and meaning."""

import math

import pytest

from bubble_abm.economy.parameters import DECLARED
from bubble_abm.page import controls
from bubble_abm.page.matter import first_of_all, moves
from bubble_abm.page.presets import presets
from bubble_abm.page.settings import OFFERED, Settings


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
        assert controls.is_log(item) or step == controls.control(name, Settings())["step"]
        if step != "any":
            steps = (item.default - item.metadata["low"]) / step
            assert steps == pytest.approx(round(steps), abs=1e-6), name


def test_what_differs_from_the_standard_is_marked():
    groups = {group["name"]: group for group in controls.groups(Settings(values={"herding": 2.0}))}
    home = "first" if "herding" in first_of_all() else "investors"
    assert (groups[home]["changed"], groups["state"]["changed"]) == (1, 0)
    assert [preset["name"] for preset in presets(Settings()) if preset["chosen"]] == ["baseline"]


def test_those_that_move_the_pop_most_come_first():
    table = list(moves().values())
    assert table == sorted(table, reverse=True)
    first = controls.groups(Settings())[0]
    assert [item["name"] for item in first["parameters"]] == list(first_of_all()) and len(first_of_all()) == 10


def test_a_wide_range_is_walked_by_ratios():
    wide = [name for name in OFFERED if controls.is_log(DECLARED[name])]
    assert wide
    for name in wide:
        item = controls.control(name, Settings())
        assert item["from"] <= item["position"] <= item["to"]
        assert math.exp(item["position"]) == pytest.approx(DECLARED[name].default)


def test_large_numbers_can_be_read():
    assert controls.readable(600000000.0) == "600 m"
    assert controls.control("herding", Settings())["readable"] == ""
