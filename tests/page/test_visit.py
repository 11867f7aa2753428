"""One open page: what a visitor does, and that a mistake of ours stays small."""

import logging
import time

import pytest

from bubble_abm.page.many_seeds import SEEDS
from bubble_abm.page.visit import Visit


@pytest.fixture
def visit():
    return Visit("months=30")


def test_a_change_runs_at_once(visit):
    before = visit.run.value
    visit.change({"name": "herding", "value": "2"})
    assert visit.run.value is not before and visit.run.value.result.parameters.herding == 2.0
    assert visit.run.value.reached == 30
    visit.leave()


def test_a_bad_value_is_told_kept_in_its_field_and_changes_nothing(visit):
    before = visit.settings.value, visit.run.value
    visit.change({"name": "herding", "value": "99"})
    assert visit.errors.value == {"herding": "herding = 99: give a number from 0 to 8 [1]"}
    assert visit.typed.value == {"herding": "99"}
    assert (visit.settings.value, visit.run.value) == before
    visit.change({"name": "herding", "value": "2"})
    assert visit.errors.value == visit.typed.value == {}
    visit.leave()


def test_a_preset_runs_at_once_and_keeps_the_length(visit):
    visit.preset("no subsidy")
    run = visit.run.value
    assert (run.result.parameters.maximum_subsidy, run.months) == (0.0, 30)
    visit.leave()


def test_the_address_tells_month_and_place(visit):
    visit.choose_province("Beijing")
    visit.choose_colour("idle")
    visit.rest(1)
    assert visit.query == "months=30&month=1&colour=idle&province=Beijing"
    visit.choose_province("Beijing")
    assert "province" not in visit.query
    visit.rest(-1)
    assert "month=" not in visit.query and visit.cursor == 30


def test_a_click_into_a_list_that_has_gone_chooses_nobody(visit):
    visit.choose_kind("platforms")
    visit.choose_agent({"kind": "smugglers", "row": 3})
    assert visit.agent.value == -1
    visit.choose_agent({"kind": "platforms", "row": 3})
    assert visit.agent.value == 3


def test_two_visits_share_nothing(visit):
    other = Visit("months=30")
    visit.change({"name": "seed", "value": "5"})
    assert other.settings.value.seed == 1
    assert other.run.value.series.tobytes() != visit.run.value.series.tobytes()


def waited(visit, patience=180):  # on a machine that is busy
    end = time.monotonic() + patience
    while visit.pairs.value is None and time.monotonic() < end:
        time.sleep(0.02)
    return visit.pairs.value


def test_many_seeds_come_in_the_background_and_another_seed_keeps_them():
    visit = Visit("months=18")
    visit.begin_seeds()
    pairs = waited(visit)
    assert pairs.count == SEEDS and pairs.settings.months == 18
    visit.change({"name": "seed", "value": "5"})
    assert visit.pairs.value is pairs


def test_other_settings_give_up_the_seeds_of_those_before():
    visit = Visit("months=19")
    visit.begin_seeds()
    first = visit.cancelled
    visit.change({"name": "months", "value": "16"})
    assert first.is_set() and waited(visit).settings.months == 16
    visit.leave()
    assert visit.cancelled.is_set()


def test_a_part_that_fails_leaves_the_page(visit, caplog):
    with caplog.at_level(logging.ERROR):
        assert visit.safely(lambda: 1 / 0, "nothing") == "nothing"
    assert "could not be made" in caplog.text


def test_a_file_asked_for_twice_is_two_files(visit):
    visit.fetch("scenario.toml")
    first = visit.file.value
    visit.fetch("scenario.toml")
    assert first["text"] == visit.file.value["text"] and first["number"] != visit.file.value["number"]
