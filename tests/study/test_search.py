"""The search of the defaults: its measure of a miss by hand, a step of its cloud, and that it can be repeated."""

import json
import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import typer

from bubble_abm.economy.measures import Measures
from bubble_abm.economy.parameters import Parameters
from bubble_abm.observe.facts import facts
from bubble_abm.observe.targets import LEFT_OUT, Target
from bubble_abm.study import search
from bubble_abm.study.search import MONTHS, SEARCHED, TARGETS, Wave, loss, main, point_of


def nothing(series):
    return 0.0


# --- Targets ---------------------------------------------------------------------------------------------------------


def test_a_loss_counts_what_exceeds_the_free_part_up_to_the_worst(monkeypatch):
    monkeypatch.setattr(search, "TARGETS", (Target("one", -1.0, 1.0, nothing), Target("two", 1.0, 100.0, nothing)))
    assert loss(np.array([0.8, 10.0])) == 0.0
    assert loss(np.array([1.8, 10.0])) == pytest.approx(1.0 + 0.3)
    assert loss(np.array([2.8, 1_000.0])) == pytest.approx(2.0 + 1.2 + 0.3 * (2.0**2 + 1.2**2))
    assert loss(np.array([4.8, 10.0])) == pytest.approx(4.0 + 0.3 * 3.0**2)  # squares grow no further from half of it
    assert loss(np.array([1e9, 10.0])) == pytest.approx(6.0 + 0.3 * 3.0**2)


def read(name, **columns):
    """What a target reads off a run in which all other measures are zero."""
    series = Measures.rows(MONTHS)
    for measure, values in columns.items():
        series[measure] = values
    return next(target for target in TARGETS if target.name == name).read(series)


def test_targets_read_peaks_sums_and_single_months():
    months = np.arange(MONTHS, dtype=float)
    hill = 100.0 - (months - 7.0) ** 2
    assert (read("C06", gpu_price=hill), read("C06.month", gpu_price=hill)) == (100.0, 7.0)
    assert read("C37.2023", venture_money=months) == sum(range(12))
    assert read("C37.2024", venture_money=months) == sum(range(12, 24))
    assert read("C35.2024", public_spending=months) == sum(range(12, 24))
    assert read("building", projects_building=months) == 26.0
    assert read("able", completed_able=months, projects_completed=4.0 * months) == 0.25
    assert read("able") == 0.0


def test_every_fact_that_is_a_range_of_a_measure_is_aimed_at_once():
    names = [target.name for target in TARGETS]
    assert len(set(names)) == len(names)
    known = {fact.id: fact for fact in facts()}
    assert not set(names) & set(LEFT_OUT)
    for target in TARGETS:
        if target.name in known:
            assert (target.low, target.high) == (known[target.name].low, known[target.name].high)
    measured = {
        fact.id
        for fact in facts()
        if fact.low is not None and fact.high is not None and fact.measure in Measures.columns and fact.last < MONTHS
    }
    assert measured - set(LEFT_OUT) <= set(names)


def test_every_corner_of_the_searched_box_is_a_valid_economy():
    for corner in (0.0, 1.0):
        Parameters(**point_of(np.full(len(SEARCHED), corner)))
    middle = point_of(np.full(len(SEARCHED), 0.5))
    assert middle == {name: pytest.approx((low + high) / 2.0) for name, (low, high) in SEARCHED.items()}


# --- The cloud --------------------------------------------------------------------------------------------------------


def test_a_cloud_moves_towards_the_best_and_narrows():
    cloud = Wave(np.array([0.5]), np.array([0.3]))
    cloud.follow(np.array([[0.6], [0.6]]))
    assert cloud.middle == pytest.approx(0.3 * 0.5 + 0.7 * 0.6)
    assert cloud.spread == pytest.approx(0.4 * 0.3 + 0.6 * 0.1)


def test_the_first_of_the_best_counts_most():
    cloud = Wave(np.array([0.5]), np.array([0.1]))
    cloud.follow(np.array([[1.0], [0.0]]))
    first, second = math.log(3.0), math.log(1.5)
    assert cloud.middle == pytest.approx(0.3 * 0.5 + 0.7 * first / (first + second))
    assert cloud.spread == pytest.approx(0.4 * 0.1 + 0.6 * 0.3)  # both are half a range away, and that is too wide


def test_a_cloud_never_becomes_a_point_and_stays_in_the_box():
    cloud = Wave(np.array([0.0, 1.0]), np.array([0.3, 0.3]))
    for _ in range(20):
        cloud.follow(np.tile(cloud.middle, (5, 1)))
    assert cloud.spread == pytest.approx(0.03)
    drawn = cloud.draw(400, np.random.default_rng(1))
    assert drawn.min() == 0.0 and drawn.max() == 1.0
    assert 0.02 < drawn[:, 0].max() < 0.12  # four standard deviations


# --- The search -------------------------------------------------------------------------------------------------------


def test_a_search_finds_what_misses_least_under_seeds_that_are_new_in_every_wave(monkeypatch, tmp_path):
    asked = []

    def known(seeds, point):
        asked.append(tuple(seeds))
        return np.full(len(TARGETS), point["herding"])

    monkeypatch.setattr(search, "ProcessPoolExecutor", ThreadPoolExecutor)
    monkeypatch.setattr(search, "values", known)
    monkeypatch.setattr(search, "loss", lambda found: abs(found[0] - 6.0))
    main(waves=8, points=200, seeds=2, workers=1, out=tmp_path / "new" / "found.json")
    found = json.loads((tmp_path / "new" / "found.json").read_text())
    assert found["point"].keys() == SEARCHED.keys()
    assert found["point"]["herding"] == pytest.approx(6.0, abs=0.3)
    waves = [(2 * wave + 1, 2 * wave + 2) for wave in range(8)]
    assert list(dict.fromkeys(asked)) == [*waves, tuple(range(1, search.JUDGES + 1))]
    assert asked.count(tuple(range(1, search.JUDGES + 1))) == search.ELITE + 1
    main(waves=1, points=60, seeds=2, workers=1, begin=tmp_path / "new" / "found.json", out=tmp_path / "again.json")
    again = json.loads((tmp_path / "again.json").read_text())["point"]["herding"]
    assert abs(again - 6.0) <= abs(found["point"]["herding"] - 6.0) + 0.05


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"point": {"herding": 3}}', '{"point": null}', "\x00"])
def test_what_is_no_result_of_a_search_cannot_be_begun_from(tmp_path, text):
    (tmp_path / "other.json").write_text(text)
    with pytest.raises(typer.BadParameter, match=r"other\.json is no result of this search"):
        search.point_in(tmp_path / "other.json")


def test_a_point_is_found_again_at_its_place():
    place = np.linspace(0.0, 1.0, len(SEARCHED))
    assert search.place_of(point_of(place)) == pytest.approx(place, abs=1e-12)


def test_a_search_is_the_same_for_any_number_of_processes(tmp_path, capfd):
    """Ten points are two portions of work, so that two processes share them."""
    said = []
    for workers in (1, 2):
        main(waves=2, points=10, seeds=1, workers=workers, out=tmp_path / f"{workers}.json")
        said.append(capfd.readouterr().out)
    assert (tmp_path / "1.json").read_bytes() == (tmp_path / "2.json").read_bytes()
    assert said[0] == said[1]
    assert said[0].startswith("wave 1: loss ")
    assert said[0].count("\n") == 3  # and which point is chosen
