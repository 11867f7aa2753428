"""One open page: what a visitor does, and that a mistake of ours stays small."""

import logging

import pytest

from bubble_abm.page.session import WatchedModel
from bubble_abm.page.visit import Visit


@pytest.fixture
def visit():
    return Visit("months=30")


def test_a_change_waits_for_reset_once_the_run_has_begun(visit):
    visit.change({"name": "herding", "value": "2"})
    assert not visit.pending and visit.model.value.parameters.herding == 2.0
    visit.model.value.step()
    visit.change({"name": "herding", "value": "3"})
    assert visit.pending and visit.model.value.parameters.herding == 2.0
    assert visit.arguments.value["settings"].values == {"herding": 3.0}  # what Mesa's Reset takes


def test_a_bad_value_is_told_and_changes_nothing(visit):
    before = visit.settings.value
    visit.change({"name": "herding", "value": "99"})
    assert visit.errors.value == {"herding": "herding = 99: give a number from 0 to 8 [1]"}
    assert visit.settings.value == before
    visit.change({"name": "herding", "value": "2"})
    assert visit.errors.value == {}


def test_a_preset_begins_again_and_stops_the_run_before(visit):
    before = visit.model.value
    before.step()
    visit.preset("no subsidy")
    assert before.retired and visit.model.value.month == 0
    assert visit.model.value.parameters.maximum_subsidy == 0.0 and visit.model.value.months == 30


def test_a_step_under_way_when_reset_comes_does_not_move_the_new_run(visit):
    box = visit.model  # what Mesa's controller holds, and a step of its that waits for its turn
    box.value.step()
    before, box.value = box.value, WatchedModel(visit.settings.value)  # what its Reset does
    box.value.step()
    assert before.retired and before.month == 1
    assert visit.model is not box and visit.model.value.month == 0


def test_the_address_tells_month_and_place(visit):
    visit.choose_province("Beijing")
    visit.choose_colour("idle")
    visit.model.value.step()
    assert visit.query == "months=30&month=1&colour=idle&province=Beijing"
    visit.choose_province("Beijing")
    assert "province" not in visit.query


def test_two_visits_share_nothing(visit):
    other = Visit("months=30")
    visit.change({"name": "seed", "value": "5"})
    visit.model.value.step()
    assert (other.settings.value.seed, other.model.value.month) == (1, 0)
    other.model.value.step()
    assert other.model.value.series.tobytes() != visit.model.value.series.tobytes()


def test_a_part_that_fails_leaves_the_page(visit, caplog):
    with caplog.at_level(logging.ERROR):
        assert visit.safely(lambda: 1 / 0, "nothing") == "nothing"
    assert "could not be made" in caplog.text


def test_a_file_asked_for_twice_is_two_files(visit):
    visit.fetch("scenario.toml")
    first = visit.file.value
    visit.fetch("scenario.toml")
    assert first["text"] == visit.file.value["text"] and first["number"] != visit.file.value["number"]
