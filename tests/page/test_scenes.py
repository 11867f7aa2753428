"""The story in six scenes: each sets what it tells, and its numbers are facts."""

import re

import pytest

from bubble_abm.economy.outside import month_number
from bubble_abm.observe.facts import facts
from bubble_abm.page.province_map import BY_NAME
from bubble_abm.page.scenes import SCENES, fact_in_words, told
from bubble_abm.page.settings import Settings
from bubble_abm.page.visit import Visit
from bubble_abm.page.words import TOGETHER


@pytest.mark.parametrize("number", range(len(SCENES)))
def test_a_button_sets_what_its_scene_tells(number):
    visit, scene = Visit("seed=3"), SCENES[number]
    visit.show_scene(number)
    visit.leave()
    assert visit.settings.value == Settings(seed=3, values=dict(scene.values))
    assert visit.order.value["month"] == month_number(scene.month) + 1
    assert (visit.colour.value, visit.scene.value) == (scene.colour, number)
    assert scene.colour in BY_NAME


def test_there_are_six_and_all_have_sources():
    assert len(SCENES) == 6
    assert all(scene["facts"] and all(fact["source"] for fact in scene["facts"]) for scene in told())


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.title)
def test_no_number_is_typed_into_a_text(scene):
    assert not re.findall(r"(?<![RV])\d", scene.text)


def test_facts_are_said_as_the_table_has_them():
    known = {fact.id: fact for fact in facts()}
    assert fact_in_words(known["C04"]).endswith(f": 65 to 80{TOGETHER} (Feb 2025 to Apr 2025)")
    assert "160,000 to 200,000 CNY/(server month)" in fact_in_words(known["C09"])


def test_another_choice_ends_the_scene():
    visit = Visit("seed=3")
    visit.show_scene(0)
    visit.change({"name": "seed", "value": "5"})
    visit.leave()
    assert visit.scene.value == -1
