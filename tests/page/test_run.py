"""What is watched is the run of the command line, to the bit, with its twin, as far as its books balance."""

import csv

import numpy as np
import pandas as pd
import pytest

from bubble_abm.command.main import main
from bubble_abm.economy.identities import BrokenIdentity
from bubble_abm.economy.parameters import MAX_MONTHS
from bubble_abm.engine.scenario import Scenario, read_scenario
from bubble_abm.engine.simulation import Simulation, twin
from bubble_abm.page import run as run_module
from bubble_abm.page.answer import answer_in_run
from bubble_abm.page.charts import CHARTS, draw
from bubble_abm.page.downloads import content, scenario_file
from bubble_abm.page.moment import moments
from bubble_abm.page.run import watch
from bubble_abm.page.settings import Settings, with_preset

CHOICES = {
    "baseline": Settings(),
    "another seed, shorter": Settings(seed=5, months=30),
    "no shock": Settings(shock=False),
    "early shock and policies": Settings(values={"shock_month": 18.0, "subsidy_on_use": 1.0, "herding": 3.1}),
    "shock in the first month": Settings(values={"shock_month": 0.0}),
    "shock after the end": Settings(values={"shock_month": 30.0}, months=24),
}


@pytest.mark.parametrize("settings", CHOICES.values(), ids=CHOICES.keys())
def test_the_page_and_a_run_agree_to_the_bit(settings):
    run, plan = watch(settings), settings.scenario
    pair = twin(plan.parameters, shocks=plan.events, months=plan.months, seed=plan.seed)
    for ours, theirs in zip(run.result.records, pair.with_shock.records):
        assert ours.tobytes() == theirs.tobytes()
    assert (run.twin is not None) == (plan.shock_month is not None)
    if run.twin is not None:
        for ours, theirs in zip(run.twin.records, pair.without_shock.records):
            assert ours.tobytes() == theirs.tobytes()


@pytest.mark.parametrize("settings", CHOICES.values(), ids=CHOICES.keys())
def test_the_scenario_file_is_read_back_as_what_was_run(settings, tmp_path):
    (tmp_path / "scenario.toml").write_text(scenario_file(settings))
    again = Scenario(**read_scenario(tmp_path / "scenario.toml"))
    assert (again.parameters, again.events) == (settings.scenario.parameters, settings.scenario.events)
    assert (again.seed, again.seeds, again.months) == (settings.seed, 1, settings.months)


def test_the_downloaded_scenario_gives_the_downloaded_series_on_the_command_line(tmp_path):
    run = watch(with_preset(Settings(seed=2), "early shock").changed("months", 30))
    (tmp_path / "scenario.toml").write_text(content("scenario.toml", run))
    with pytest.raises(SystemExit) as end:
        main(["run", "--scenario", str(tmp_path / "scenario.toml"), "--out", str(tmp_path / "out"), "--quiet"])
    assert end.value.code == 0
    for name, file in (("series.csv", "series.parquet"), ("series_without_shock.csv", "series_without_shock.parquet")):
        ours = list(csv.DictReader(content(name, run).splitlines()))
        theirs = pd.read_parquet(tmp_path / "out" / file)
        shared = [column for column in ours[0] if column in theirs and column != "date"]
        assert len(shared) > 50
        assert np.array_equal(
            [[float(row[column]) for column in shared] for row in ours], theirs[shared].to_numpy(float)
        )


def test_the_world_of_a_month_is_that_of_the_run_and_lending_it_changes_nothing():
    run = watch(Settings(months=20))
    before = run.provinces.tobytes(), run.series.tobytes()
    with run.world_at(12) as world:
        assert np.array(world.provinces).tobytes() == run.provinces[12].tobytes()
    watch(Settings(seed=9, months=20))
    assert before == (run.provinces.tobytes(), run.series.tobytes())


def test_clouds_are_on_the_map_before_the_first_month():
    run = watch(Settings(months=2))
    with run.world_at(0) as world:
        installed = float(world.operators["gpus_installed"].sum())
    assert installed > 0 and run.provinces["gpus_installed"][0].sum() == pytest.approx(installed)


def test_a_run_of_the_greatest_length_goes_to_its_end():
    run = watch(Settings(months=MAX_MONTHS))
    assert (run.reached, run.failure) == (MAX_MONTHS, "")
    assert len(moments(run)) == MAX_MONTHS + 1


def test_a_run_whose_books_do_not_balance_says_so_and_shows_only_months_that_do(monkeypatch):
    def broken(records, first, last, parameters):
        if last > 13:
            raise BrokenIdentity("month 13: money = 1 CNY")

    monkeypatch.setattr(Simulation, "check", lambda self, first, records: broken(records, first, self.month, None))
    monkeypatch.setattr(run_module, "check_identities", broken)
    run = watch(Settings(months=30))
    assert run.reached == len(run.series) == len(run.twin_series) == len(run.provinces) - 1 == 13
    assert "month 13" in run.failure and "13 months" in answer_in_run(run)["head"]
    assert "month 13" in moments(run)[-1]["head"]
    for chart in CHARTS:
        assert "nan" not in draw(chart, run).lower().replace("finance", "")
