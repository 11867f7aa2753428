"""Sensitivity studies in a few words, and the same engine on functions whose indices are known."""

import numpy as np
import pytest

from bubble_abm import Experiment, Factor, InvalidInput, Sampling
from bubble_abm.economy.parameters import DECLARED
from bubble_abm.study.analysis import analyse
from bubble_abm.study.batch import execute
from bubble_abm.study.ensemble import Ensemble
from bubble_abm.study.experiment import factor
from bubble_abm.study.sensitivity.sampling import rows_needed
from bubble_abm.study.sensitivity.study import OUTCOMES, THEMES, outcomes_of, read_table, study, varied
from tests.command.test_main import command as command


def test_a_study_varies_all_uncertain_parameters_and_the_shock():
    plan = study("morris", samples=10)
    names = {one.name for one in plan.uncertain}
    assert names == {name for name, item in DECLARED.items() if item.metadata["role"] in ("uncertain", "shock")}
    assert plan.runs == 2 * rows_needed(plan.sampling, len(names)) and plan.outcomes == OUTCOMES and plan.twins
    months = plan.design.values[:, plan.design.factors.index("shock_month")]
    assert set(months) <= set(range(18, 31))
    rates = next(one for one in plan.uncertain if one.name == "growth_memory")
    assert rates.scale == "log"


def test_ranges_and_groups_come_from_files(tmp_path):
    (tmp_path / "ranges.toml").write_text("[ranges]\nherding = [1, 2]\nhurdle = {low = 1.2, high = 2, scale = 'log'}\n")
    (tmp_path / "groups.toml").write_text("[groups]\ncrowd = ['herding', 'hurdle']\nrest = ['leverage']\n")
    ranges, groups = read_table(tmp_path / "ranges.toml", "ranges"), read_table(tmp_path / "groups.toml", "groups")
    plan = study("sobol", parameters=["herding", "leverage"], ranges=ranges, groups=groups, samples=16)
    assert [one.name for one in plan.uncertain] == ["herding", "leverage", "hurdle"]
    assert plan.uncertain[0] == Factor("herding", 1, 2) and plan.uncertain[2] == Factor("hurdle", 1.2, 2, "log")
    assert plan.sampling.groups == {"crowd": ("herding", "hurdle"), "rest": ("leverage",)}
    assert plan.design.rows == 16 * (3 + 2)  # two groups and the dummy


def test_the_declared_groups_are_the_sections_of_the_table():
    plan = study("morris", samples=10, groups="declared")
    assert set(plan.sampling.groups) == {DECLARED[one.name].metadata["group"] for one in plan.uncertain}
    assert sum(map(len, plan.sampling.groups.values())) == len(plan.uncertain)


def test_effects_are_analysed_beside_the_outcomes():
    plan = study("morris", samples=10, outcomes=("pop_month", "survived"))
    assert outcomes_of(plan) == ["pop_month", "pop_month_effect", "survived"]
    assert outcomes_of(study("morris", samples=10, outcomes=("pop_month",), twins=False)) == ["pop_month"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"method": "soboll"}, "unknown method 'soboll': did you mean 'sobol'"),
        ({"parameters": ["herdin"]}, "unknown parameter 'herdin'"),
        ({"ranges": {"herdin": [0, 1]}}, "unknown parameter 'herdin'"),
        ({"ranges": {"herding": [0, 99]}}, "ranges: herding = 99: give numbers from 0 to 8"),
        ({"ranges": {"herding": [2, 1]}}, "herding: low = 2, high = 1"),
        ({"ranges": {"herding": 3}}, "ranges: herding = 3: give [low, high]"),
        ({"ranges": {"herding": {"low": 0, "high": 1, "scale": "log"}}}, "give a low end above zero"),
        ({"groups": {"a": ["herding"]}}, "in no group"),
        ({"samples": 100, "method": "sobol"}, "samples = 100: sobol needs a power of two: give 64 or 128"),
        ({"seeds": 0}, "seeds = 0: give a whole number"),
        ({"outcomes": ["pop"]}, "unknown outcome 'pop'"),
        ({"outcomes": ["popped", "pop_date"]}, "outcome pop_date: some runs do not have it: give popped for whether"),
    ],
)  # fmt: skip
def test_what_makes_no_study_is_refused_in_one_line(given, message):
    with pytest.raises(InvalidInput) as refused:
        study(**{"method": "morris", "samples": 10, **given})
    assert message in str(refused.value) and "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "has nothing: give one table [ranges]"),
        ("[groups]\n", "has groups: give one table [ranges]"),
        ("ranges = 3", "has ranges: give one table [ranges]"),
        ("[ranges", "not valid TOML"),
    ],
)
def test_a_file_that_is_no_table_is_refused_in_one_line(tmp_path, text, message):
    (tmp_path / "mine.toml").write_text(text)
    with pytest.raises(InvalidInput) as refused:
        read_table(tmp_path / "mine.toml", "ranges")
    assert message in str(refused.value) and "\n" not in str(refused.value)
    with pytest.raises(InvalidInput, match="cannot be read, no such file"):
        read_table(tmp_path / "nowhere.toml", "groups")


# --- Known indices, through the same engine and the same code path --------------------------------------------------

ISHIGAMI = {"x1": (0.3139, 0.5576), "x2": (0.4424, 0.4424), "x3": (0.0, 0.2437), "dummy": (0.0, 0.0)}


def known(model, factors, sampling):
    return Experiment(
        name=model, question="?", uncertain=factors, sampling=sampling, seeds=1, twins=False,
        outcomes=("height",), model=f"tests.models:{model}",
    )  # fmt: skip


def indices_of(folder):
    import pandas as pd

    return pd.read_parquet(folder / "analysis" / "indices.parquet").set_index(["index", "factor"])


@pytest.mark.parametrize(("method", "samples"), [("sobol", 8192), ("shapley", 8192)])
def test_the_function_of_ishigami(tmp_path, method, samples):
    factors = tuple(Factor(name, -np.pi, np.pi) for name in ("x1", "x2", "x3"))
    execute(known("ishigami", factors, Sampling(method, samples)), tmp_path / "out", workers=2)
    lines = analyse(tmp_path / "out")
    assert any("indices settled" in line for line in lines)
    table = indices_of(tmp_path / "out")
    if method == "shapley":  # the only interaction, of the first and the third, is divided evenly
        shares = [table.loc[("shapley", name), "value"] for name in ISHIGAMI]
        assert shares == pytest.approx([sum(ISHIGAMI[name]) / 2 for name in ISHIGAMI], abs=0.05)
    else:
        for name, (first, total) in ISHIGAMI.items():
            assert table.loc[("S1", name), "value"] == pytest.approx(first, abs=0.05)
            assert table.loc[("ST", name), "value"] == pytest.approx(total, abs=0.05)
        for index, place in (("S1", 0), ("ST", 1)):
            for name, exact in ISHIGAMI.items():
                assert table.loc[(index, name), "low"] - 0.02 <= exact[place] <= table.loc[(index, name), "high"] + 0.02


def test_the_g_function_of_sobol(tmp_path):
    weights = (0.0, 1.0, 4.5, 9.0)
    factors = tuple(Factor(f"x{place}", 0.0, 1.0) for place in range(4))
    execute(known("sobol_g", factors, Sampling("sobol", 4096)), tmp_path / "out", workers=2)
    analyse(tmp_path / "out")
    table = indices_of(tmp_path / "out")
    alone = np.array([1 / (3 * (1 + weight) ** 2) for weight in weights])
    variance = np.prod(1 + alone) - 1
    for place in range(4):
        others = np.prod(1 + np.delete(alone, place))
        assert table.loc[("S1", f"x{place}"), "value"] == pytest.approx(alone[place] / variance, abs=0.03)
        assert table.loc[("ST", f"x{place}"), "value"] == pytest.approx(alone[place] * others / variance, abs=0.03)
    assert table.loc[("ST", "dummy"), "value"] == 0


def test_the_command_says_what_moves_the_bubble_and_whether_to_believe_it(command, tmp_path):
    words = ("sensitivity", "morris", "--parameters", "herding,shock_openness", "--samples", "10", "--seeds", "2")
    code, out, _ = command(*words, "--months", "30", "--outcomes", "rent_peak,announced")
    assert code == 0
    assert "rent_peak_effect: " in out and "screening" in out and "80 runs are in out/sensitivity_morris" in out
    kept = {path.name for path in (tmp_path / "out/sensitivity_morris/analysis").iterdir()}
    assert {"indices.csv", "indices.parquet", "quality.csv", "stability.csv", "summary.csv"} <= kept
    code, _, error = command("sensitivity", "sobol", "--samples", "100")
    assert code == 2 and "needs a power of two" in error and error.count("\n") == 1


# --- Emulators, ranges and pictures from the command line -----------------------------------------------------------

EMULATE = ("sensitivity", "emulate", "--parameters", "herding,call_weight", "--samples", "20", "--seeds", "2",
           "--months", "20", "--outcomes", "announced,popped")  # fmt: skip


def test_the_command_emulates_and_emulates_again_what_is_finished(command, tmp_path):
    code, out, error = command(*EMULATE, "--ranges", "plausible", "--q2", "0")
    assert code == 0 and "sensitivity_emulate: 2 parameters, ranges plausible" in out and "Q2" in out
    assert "Drawing the pictures" in error
    home = tmp_path / "out/sensitivity_emulate"
    kept = {path.name for path in (home / "analysis").iterdir()}
    assert {"indices.csv", "relevance.csv", "quality.csv", "emulate_announced.png", "emulate_left_out.png"} <= kept
    assert not any("popped" in name for name in kept)  # the same at every point: there is nothing to see
    assert '"ranges": "plausible"' in (home / "experiment.json").read_text()
    code, out, error = command("sensitivity", "emulate", "--from", home, "--no-figures")
    assert code == 0 and f"Indices of the emulators are in {home / 'emulator'}" in out and "Drawing" not in error
    assert {path.suffix for path in (home / "emulator").iterdir()} == {".csv", ".parquet"}


def test_an_experiment_says_from_which_ranges_it_draws():
    assert study("morris", samples=10).ranges == "wide"
    assert study("morris", samples=10, ranges="plausible").ranges == "plausible"
    assert study("morris", samples=10, parameters=["herding"]).ranges == "wide and plausible, which are the same here"
    given = study("morris", samples=10, parameters=["herding", "leverage"], ranges={"leverage": [0.5, 0.6]})
    assert given.ranges == "wide, but given for leverage"
    trend = next(
        one for one in study("morris", samples=10, ranges="plausible").uncertain if one.name == "extrapolation"
    )
    about = DECLARED["extrapolation"].metadata
    assert trend == Factor("extrapolation", *about["plausible"]) and about["plausible"] != about["sampled"]


def test_a_study_draws_from_the_hull_of_the_ensemble():
    hull = Ensemble.load().hull()
    whole = study("morris", samples=10, ranges="ensemble")
    assert {one.name: (one.low, one.high) for one in whole.uncertain} == {
        name: (about["low"], about["high"]) for name, about in hull.items()
    }
    part = study("morris", samples=10, ranges="ensemble", parameters=["herding", "shock_month"])
    assert [one.name for one in part.uncertain] == ["herding", "shock_month"]
    assert part.uncertain[0].low == hull["herding"]["low"]
    assert part.uncertain[1] == factor("shock_month")  # members do not differ in it


def test_themes_hold_all_that_is_uncertain_and_all_in_which_members_differ():
    known = [name for members in THEMES.values() for name in members]
    varied_somewhere = {name for name in DECLARED if varied(name)} | set(Ensemble.load().hull())
    assert len(known) == len(set(known)) and set(known) == varied_somewhere
    plan = study("sobol", ranges="ensemble", groups="themes", samples=64)
    assert sorted(plan.sampling.groups) == sorted(THEMES)
    lonely = study("sobol", parameters=["herding", "home_bias"], groups="themes", samples=64)
    assert {name: tuple(members) for name, members in lonely.sampling.groups.items()} == {
        "expectations": ("herding",), "home_bias": ("home_bias",),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["sobol", "--from", "x"], "--from: only emulate can use it, not sobol"),
        (["sobol", "--q2", "0.5"], "--q2: only emulate can use it, not sobol"),
        (["emulate", "--from", "x", "--seeds", "3"], "leave out --seeds"),
        (["emulate", "--from", "nowhere"], "result = nowhere: is not the folder of an experiment"),
        (["emulate", "--q2", "2"], "q2 = 2.0: give a number from 0"),
        (["emulate", "--ranges", "narrow"], "ranges = narrow: give wide, plausible, ensemble"),
        (["sobol", "--ranges", "none.parquet"], "ensemble none.parquet: cannot be read"),
        (["sobol", "--groups", "themed"], "groups themed: cannot be read"),
    ],
)
def test_what_emulators_cannot_use_is_refused_in_one_line(command, words, message):
    code, _, error = command("sensitivity", *words)
    assert code == 2 and message in error and error.count("\n") == 1
