"""Scenarios over the same seeds: what is compared, what is refused, and what the folder holds."""

import json

import numpy as np
import pandas as pd
import pytest

from bubble_abm.economy.declare import InvalidInput
from bubble_abm.economy.shocks import Change, Shock
from bubble_abm.engine.scenario import Scenario
from bubble_abm.engine.simulation import simulate
from bubble_abm.paper.comparison import save_comparison, with_sign
from bubble_abm.study.comparison import (
    COMPARISON,
    compare_scenarios,
    scenario_named,
    what_differs,
    write_comparison,
)

TINY = {"scale": 0.1}
AS_IT_WAS = Scenario(title="as it was", values=TINY)
DEARER = Scenario(title="dearer", values=TINY | {"first_rent": 20_000.0}, shocks=())
POLICY = Scenario(title="policy", values=TINY, changes=(Change(parameter="maximum_subsidy", value=0.0, month=2),))
OUTCOMES = ("announced", "rent_peak", "rent_per_server@5")


@pytest.fixture(scope="module")
def compared():
    return compare_scenarios([AS_IT_WAS, DEARER, POLICY], outcomes=OUTCOMES, months=12, seeds=5, seed=3)


def test_every_scenario_is_run_as_it_is_over_the_same_seeds(compared):
    for scenario, outcomes, series in zip(compared.scenarios, compared.outcomes, compared.series, strict=True):
        for seed in range(3, 8):
            run = simulate(scenario.parameters, shocks=scenario.events, months=12, seed=seed)
            rent = run.series["rent_per_server"].to_numpy()
            assert (series["rent_per_server"][seed - 3] == rent).all()
            assert tuple(outcomes[seed - 3]) == (run.series["projects_announced"].iloc[-1], rent.max(), rent[5])


def test_differences_are_paired_and_have_the_interval_of_students_t(compared):
    from scipy.stats import ttest_rel

    table = compared.table()
    for place, name in enumerate(OUTCOMES):
        for number, scenario in enumerate(("dearer", "policy"), start=1):
            row = table[(table["outcome"] == name) & (table["scenario"] == scenario)].iloc[0]
            pair = compared.outcomes[number][:, place], compared.outcomes[0][:, place]
            assert row["difference"] == pytest.approx((pair[0] - pair[1]).mean(), abs=1e-9)
            if (pair[0] != pair[1]).any():
                known = ttest_rel(*pair).confidence_interval()
                assert (row["difference_low"], row["difference_high"]) == pytest.approx((known.low, known.high))
    assert table[table["scenario"] == "as it was"]["difference"].isna().all()
    assert (table["seeds"] == 5).all()


def test_what_differs_is_said():
    assert what_differs(Scenario()) == "the standard parameters"
    assert what_differs(DEARER) == "first_rent = 20000, scale = 0.1, no shock"
    assert what_differs(DEARER, AS_IT_WAS) == "first_rent = 20000, no shock"
    assert what_differs(POLICY, AS_IT_WAS) == "maximum_subsidy = 0 from Mar 2023"
    assert what_differs(AS_IT_WAS, AS_IT_WAS) == "the same"
    releases = Scenario(shocks=(Shock(month=3, efficiency=2.0),))
    assert what_differs(releases) == "a release of 2 in Apr 2023"


def test_a_file_a_kept_run_and_a_preset_are_scenarios(tmp_path, kept_run):
    file = tmp_path / "calm.toml"
    file.write_text("[parameters]\nherding = 2\n")
    presets = {"baseline": Scenario()}
    assert scenario_named("baseline", presets).title == "baseline"
    found = scenario_named(str(file), presets)
    assert (found.title, dict(found.values)) == ("calm", {"herding": 2})
    kept = scenario_named(str(kept_run), presets)
    assert (kept.title, dict(kept.values), kept.months) == ("run", {"scale": 0.1}, 4)


@pytest.fixture
def kept_run(tmp_path):
    from bubble_abm.observe.facts import check
    from bubble_abm.study.run_folder import write_results
    from bubble_abm.study.scenario_run import run_scenario

    runs = run_scenario(Scenario(values=TINY, months=4))
    folder = tmp_path / "run"
    write_results(folder, runs, check(runs.series, runs.scenario.parameters), draw=lambda path, *_: path.touch())
    return folder


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("basline", "did you mean 'baseline'"),
        ("nothing/here", "the folder of a kept run"),
        ("nothing.toml", "cannot be read"),
        (".", "a folder without run.json"),
    ],
)
def test_what_is_no_scenario_is_refused(name, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InvalidInput, match=said):
        scenario_named(name, {"baseline": Scenario()})


@pytest.mark.parametrize(
    ("scenarios", "options", "said"),
    [
        ([AS_IT_WAS], {}, "1 scenarios, give from 2 to 8"),
        ([AS_IT_WAS, AS_IT_WAS], {}, "two scenarios are named as it was"),
        ([AS_IT_WAS, Scenario(title="short", months=7)], {}, "scenarios of 7 to 60 months: say how many with --months"),
        ([AS_IT_WAS, DEARER], {"outcomes": ["anounced"]}, "did you mean 'announced'"),
        ([AS_IT_WAS, DEARER], {"outcomes": ["caused"]}, "compares a run with its twin"),
        ([AS_IT_WAS, DEARER], {"outcomes": ["pop_date"]}, "some runs do not have it"),
    ],
)
def test_scenarios_that_cannot_be_compared_are_refused(scenarios, options, said):
    with pytest.raises(InvalidInput, match=said):
        compare_scenarios(scenarios, **options)


def test_the_folder_holds_the_table_the_picture_and_what_was_compared(compared, tmp_path):
    folder = tmp_path / "both"
    write_comparison(folder, compared, overwrite=False, draw=save_comparison)
    table = pd.read_csv(folder / "comparison.csv")
    pd.testing.assert_frame_equal(table, compared.table(), check_exact=False, rtol=1e-12)
    about = json.loads((folder / COMPARISON).read_text())
    assert [one["title"] for one in about["scenarios"]] == ["as it was", "dearer", "policy"]
    assert about["seeds"] == [3, 5] and about["months"] == 12 and about["model"] == "bubble_abm"
    first = (folder / "comparison.png").read_bytes()
    with pytest.raises(InvalidInput, match="--overwrite"):
        write_comparison(folder, compared, overwrite=False, draw=save_comparison)
    write_comparison(folder, compared, overwrite=True, draw=save_comparison)
    assert (folder / "comparison.png").read_bytes() == first
    strange = tmp_path / "strange"
    strange.mkdir()
    (strange / "letter.txt").touch()
    with pytest.raises(InvalidInput, match="something other than a result"):
        write_comparison(strange, compared, overwrite=True, draw=save_comparison)


def test_one_seed_has_no_interval_and_is_drawn(tmp_path):
    one = compare_scenarios([AS_IT_WAS, DEARER], outcomes=OUTCOMES, months=6, seeds=1)
    table = one.table()
    assert table[["low", "high", "difference_low", "difference_high"]].isna().all(axis=None)
    assert np.isfinite(table[table["scenario"] == "dearer"]["difference"]).all()
    save_comparison(tmp_path / "one.png", one)


def test_large_sums_are_in_billions():
    assert with_sign(2.5e9, "CNY") == "+2.5 bn CNY" and with_sign(-3e4, "CNY") == "-30,000 CNY"
