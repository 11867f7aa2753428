"""A visitor's run is the run of the command line, to the bit, with its twin."""

import csv

import numpy as np
import pandas as pd
import pytest

from bubble_abm.command.main import main
from bubble_abm.engine.scenario import Scenario, read_scenario
from bubble_abm.engine.simulation import BrokenIdentity, Simulation, twin
from bubble_abm.page.files import content, scenario_file
from bubble_abm.page.session import WatchedModel
from bubble_abm.page.settings import Settings, with_preset

CHOICES = {
    "baseline": Settings(),
    "another seed, shorter": Settings(seed=5, months=30),
    "no shock": Settings(shock=False),
    "early shock and policies": Settings(values={"shock_month": 18.0, "subsidy_on_use": 1.0, "herding": 3.1}),
    "shock in the first month": Settings(values={"shock_month": 0.0}),
    "shock after the end": Settings(values={"shock_month": 30.0}, months=24),
}


def played(settings):
    model = WatchedModel(settings)
    while model.running and model.month < model.months:
        model.step()
    return model


@pytest.mark.parametrize("settings", CHOICES.values(), ids=CHOICES.keys())
def test_the_page_and_a_run_agree_to_the_bit(settings):
    model, plan = played(settings), settings.scenario
    pair = twin(plan.parameters, shocks=plan.events, months=plan.months, seed=plan.seed)
    for ours, theirs in zip(model.simulation.records, pair.with_shock.records):
        assert ours.tobytes() == theirs.tobytes()
    assert (model.twin is not None) == (plan.shock_month is not None)
    if model.twin is not None:
        for ours, theirs in zip(model.twin.records, pair.without_shock.records):
            assert ours.tobytes() == theirs.tobytes()


@pytest.mark.parametrize("settings", CHOICES.values(), ids=CHOICES.keys())
def test_the_scenario_file_is_read_back_as_what_was_run(settings, tmp_path):
    (tmp_path / "scenario.toml").write_text(scenario_file(settings))
    again = Scenario(**read_scenario(tmp_path / "scenario.toml"))
    assert (again.parameters, again.events) == (settings.scenario.parameters, settings.scenario.events)
    assert (again.seed, again.seeds, again.months) == (settings.seed, 1, settings.months)


def test_the_downloaded_scenario_gives_the_downloaded_series_on_the_command_line(tmp_path):
    model = played(with_preset(Settings(seed=2), "early shock").changed("months", 30))
    (tmp_path / "scenario.toml").write_text(content("scenario.toml", model))
    with pytest.raises(SystemExit) as end:
        main(["run", "--scenario", str(tmp_path / "scenario.toml"), "--out", str(tmp_path / "out"), "--quiet"])
    assert end.value.code == 0
    for name, file in (("series.csv", "series.parquet"), ("series_without_shock.csv", "series_without_shock.parquet")):
        ours = list(csv.DictReader(content(name, model).splitlines()))
        theirs = pd.read_parquet(tmp_path / "out" / file)
        shared = [column for column in ours[0] if column in theirs and column != "date"]
        assert len(shared) > 50
        assert np.array_equal(
            [[float(row[column]) for column in shared] for row in ours], theirs[shared].to_numpy(float)
        )


def test_before_the_shock_there_is_one_run_and_afterwards_there_are_two():
    model = WatchedModel(Settings(values={"shock_month": 2.0}, months=4))
    twins = []
    for _ in range(4):
        model.step()
        twins.append(model.twin is not None)
    assert twins == [False, False, True, True]


def test_a_link_opens_the_month_that_was_shared():
    model = WatchedModel(Settings(months=30), until=26)
    assert (model.month, model.twin is not None) == (26, True)
    assert model.series.tobytes() == played(Settings(months=30)).series[:26].tobytes()


def test_a_step_beyond_the_end_does_nothing():
    model = WatchedModel(Settings(months=2), until=2)
    model.step()
    assert (model.month, model.running) == (2, False)


def test_a_retired_run_stops():
    model = WatchedModel(Settings(months=3))
    model.retire()
    model.step()
    assert (model.month, model.running) == (0, False)


def test_books_that_do_not_balance_stop_this_run_with_a_sentence(monkeypatch):
    def broken(self, months=1):
        raise BrokenIdentity("month 3: money = 1 CNY")

    monkeypatch.setattr(Simulation, "advance", broken)
    model = WatchedModel(Settings(months=3))
    model.step()
    assert not model.running and "month 3" in model.failure
    model.step()
    assert model.month == 0
