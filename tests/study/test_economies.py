"""An experiment may run each seed in an economy of its own, for instance in a member of the ensemble."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bubble_abm import Experiment, InvalidInput, Parameters, run, simulate
from bubble_abm.command.main import main
from bubble_abm.study.batch import run_in_memory
from bubble_abm.study.declared_experiments import find
from bubble_abm.study.ensemble import Ensemble
from bubble_abm.study.rerun import rerun
from bubble_abm.study.sensitivity.planning import simulations

SMALL = {"scale": 0.1}
ECONOMIES = {"calm": {"herding": 0.0, **SMALL}, "wild": {"herding": 4.2, "hurdle": 1.2, **SMALL}}
TOO_HIGH = {"calm": {"herding": 99.0}}


def declared(**fields: object) -> Experiment:
    """Two seeds in each of two economies, as they are and with another hurdle."""
    values = {
        "name": "economies", "question": "Does it hold in both?", "scenarios": {"usual": {}, "strict": {"hurdle": 2.0}},
        "economies": ECONOMIES, "seeds": 4, "months": 20, "outcomes": ("announced",), "twins": False,
    }  # fmt: skip
    return Experiment(**values | fields)


def test_each_seed_runs_in_the_economy_whose_turn_it_is() -> None:
    table = run_in_memory(declared()).set_index(["scenario", "seed"])["announced"]
    for seed, economy in enumerate([*ECONOMIES.values(), *ECONOMIES.values()], start=1):
        for scenario, change in (("usual", {}), ("strict", {"hurdle": 2.0})):
            alone = simulate(Parameters(**{**economy, **change}), months=20, seed=seed)
            assert table[scenario, seed] == alone.series["projects_announced"].iloc[-1], (scenario, seed)
    assert table["usual", 1] != table["usual", 2]


def test_what_a_scenario_leaves_to_the_economy_is_missing_in_its_table() -> None:
    table = run_in_memory(declared())
    assert table.loc[table["scenario"] == "usual", "hurdle"].isna().all()
    assert (table.loc[table["scenario"] == "strict", "hurdle"] == 2.0).all()


def test_a_result_says_its_economies_and_is_repeated_in_them(tmp_path: Path) -> None:
    folder = tmp_path / "result"
    run(declared(), folder)
    kept = json.loads((folder / "experiment.json").read_text())["experiment"]["economies"]
    assert kept == ECONOMIES
    assert rerun(folder).agrees
    assert "economies" not in declared(economies={}).as_dict()  # older results stay valid


def test_levers_and_draws_change_an_economy_too() -> None:
    table = run_in_memory(declared(scenarios={"usual": {}}, levers={"hurdle": (1.1, 2.0)}))
    alone = simulate(Parameters(**ECONOMIES["wild"] | {"hurdle": 1.1}), months=20, seed=2)
    assert table["announced"].iloc[1] == alone.series["projects_announced"].iloc[-1]


def test_a_plan_counts_each_economy_and_names_their_number() -> None:
    assert simulations(declared()) == 8
    assert declared().sample == "4 seeds in 2 economies"
    assert declared(seeds=2).sample == "2 economies"
    assert declared(economies={}).sample == "4 seeds"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"economies": TOO_HIGH}, "herding = 99"),
        ({"economies": {"calm": {"herdng": 1.0}}}, "'herdng': did you mean 'herding'"),
        ({"economies": {"calm": {"herding": "much"}}}, "herding = 'much': give a number"),
        ({"economies": {"calm": 3}}, "economy calm = 3"),
        ({"economies": ["calm"]}, "economies = "),
    ],
)
def test_an_economy_that_is_none_is_refused(fields: dict[str, object], said: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        declared(**fields)
    assert said in str(refused.value)


def test_an_experiment_runs_over_an_ensemble_once() -> None:
    members = Ensemble.load().scenarios()
    over = find("e01").over(members)
    assert (over.name, over.seeds, over.runs) == ("e01_baseline_ensemble", len(members), len(members))
    for name in ("e04", "e12"):  # one seed in each member; a scenario for each member
        with pytest.raises(InvalidInput, match="runs over economies already"):
            find(name).over(members)


def test_the_command_runs_an_experiment_over_an_ensemble(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        main(["experiment", "e01", "--ensemble", "shipped", "--plan"])
    assert ended.value.code == 0
    assert f"1 points x {len(Ensemble.load())} economies" in capsys.readouterr().out
    with pytest.raises(SystemExit) as ended:
        main(["experiment", "e01", "--ensemble", "nowhere.parquet"])
    assert ended.value.code == 2
    assert "nowhere.parquet" in capsys.readouterr().err
