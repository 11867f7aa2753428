"""Scenarios of an experiment, and scenario files, may replace rules by name; twins keep them."""

import hashlib
import json
import sys
from dataclasses import replace

import pytest

from bubble_abm import Experiment, InvalidInput, Parameters, Rules, Shock, twin
from bubble_abm.engine.rules import rules_named
from bubble_abm.engine.scenario import Scenario, read_scenario
from bubble_abm.page.settings import settings_from
from bubble_abm.study.batch import execute, run_in_memory
from bubble_abm.study.comparison import compare_scenarios, provenance, scenario_named, what_differs
from bubble_abm.study.dataset import read
from bubble_abm.study.experiment import Setup
from bubble_abm.study.experiment_result import shortcomings
from bubble_abm.study.provenance import experiment_in
from bubble_abm.study.rerun import rerun
from bubble_abm.study.scenario_run import run_scenario
from bubble_abm.study.sensitivity.planning import simulations
from docs.scenarios.rules import patient_rent
from tests.command.test_main import command as command

PATIENT = {"next_rent": "docs.scenarios.rules:patient_rent"}
OUTCOMES = ("rent_peak", "announced")
ASKED = Experiment(
    name="rules", question="?", scenarios={"standard": {}, "patient": {}}, rules={"patient": PATIENT},
    shocks=(Shock(month=6),), seeds=2, months=12, outcomes=OUTCOMES,
)  # fmt: skip


def test_a_scenario_replaces_a_rule_in_the_run_and_in_its_twin():
    table = run_in_memory(ASKED, workers=2).set_index(["scenario", "seed"])
    pair = twin(shocks=ASKED.shocks, months=12, seed=2, rules=Rules(next_rent=patient_rent))
    peaks = [float(one.series["rent_per_server"].max()) for one in (pair.with_shock, pair.without_shock)]
    mine = table.loc[("patient", 2)]
    assert [mine["rent_peak"], mine["rent_peak_without_shock"]] == peaks
    assert mine["rent_peak"] != table.loc[("standard", 2)]["rent_peak"]


def test_a_scenario_file_and_a_comparison_replace_rules(tmp_path):
    path = tmp_path / "patient.toml"
    path.write_text('months = 12\n[rules]\nnext_rent = "docs.scenarios.rules:patient_rent"\n')
    scenario = Scenario(**read_scenario(path))
    assert scenario.rules == PATIENT
    with pytest.raises(InvalidInput, match=r"names code, docs.scenarios.rules:patient_rent: read it, and add --trust"):
        scenario_named(str(path), {})
    with pytest.raises(InvalidInput, match="the page has the standard rules only"):
        settings_from(path)
    both = [Scenario(title="usual", months=12), scenario_named(str(path), {}, trust_code=True)]
    assert what_differs(both[1]) == "next_rent by docs.scenarios.rules:patient_rent"
    found = compare_scenarios(both, outcomes=["rent_peak"], seeds=1, workers=1)
    assert found.outcomes[0] != found.outcomes[1]
    about = provenance(found)
    assert about["scenarios"][1]["rules"] == PATIENT and "+" in about["code"]
    runs = run_scenario(replace(scenario, shocks=()), workers=1)
    assert runs.series[0]["rent_per_server"].max() == found.outcomes[1][0, 0]


@pytest.fixture
def mine(tmp_path, monkeypatch):
    """A module of the user's, with a rule that may be edited."""
    monkeypatch.syspath_prepend(tmp_path)
    path = tmp_path / "mine_alone.py"
    path.write_text("def still(operator, market, p): return operator.rent\n")
    rules_named.cache_clear()
    yield path
    sys.modules.pop("mine_alone", None)


STILL = replace(
    ASKED, scenarios={"still": {}}, rules={"still": {"next_rent": "mine_alone:still"}}, seeds=1, outcomes=("rent_peak",)
)


def files_in(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def forgotten():
    """Forget the user's module, as a new process would."""
    sys.modules.pop("mine_alone")
    rules_named.cache_clear()


def test_rules_are_recorded_and_repeated_only_if_they_are_trusted(mine, tmp_path):
    folder = tmp_path / "out"
    execute(STILL, folder, workers=1)
    about = json.loads((folder / "experiment.json").read_text())
    assert about["experiment"]["rules"] == {"still": {"next_rent": "mine_alone:still"}}
    assert about["code"].endswith("+" + hashlib.sha256(mine.read_bytes()).hexdigest()[:16])
    assert experiment_in(folder) == STILL
    with pytest.raises(InvalidInput, match="was made by mine_alone:still, code that is not of this package"):
        rerun(folder)
    found = rerun(folder, trust_code=True, workers=1)
    assert found.agrees and found.circumstances == ()
    with pytest.raises(InvalidInput, match=r"another design \(rules = .*mine_alone:still.* there, None here"):
        execute(replace(STILL, rules={}), folder, workers=1)


def test_an_edited_rule_makes_a_result_stale_and_loses_nothing(mine, tmp_path):
    folder = tmp_path / "out"
    execute(STILL, folder, workers=1)
    before = files_in(folder)
    assert shortcomings(folder, STILL) == []
    mine.write_text("def still(operator, market, p): return market.rent\n")
    with pytest.raises(InvalidInput, match=r"mine_alone\.py: was edited after mine_alone was imported: start Python"):
        execute(STILL, folder, workers=1)
    forgotten()
    with pytest.raises(InvalidInput, match="runs of other code") as caught:
        execute(STILL, folder, workers=1)
    assert "\n" not in str(caught.value)
    (why,) = shortcomings(folder, STILL)
    assert why.startswith("is of runs of other code")
    assert files_in(folder) == before


def test_rules_hold_in_every_economy():
    economies = {"calm": {"herding": 0.0}, "wild": {"herding": 4.0}}
    table = run_in_memory(replace(ASKED, economies=economies), workers=2).set_index(["scenario", "seed"])
    pair = twin(Parameters(herding=4.0), shocks=ASKED.shocks, months=12, seed=2, rules=Rules(next_rent=patient_rent))
    peaks = [float(one.series["rent_per_server"].max()) for one in (pair.with_shock, pair.without_shock)]
    mine = table.loc[("patient", 2)]
    assert [mine["rent_peak"], mine["rent_peak_without_shock"]] == peaks
    assert mine["rent_peak"] != table.loc[("standard", 2)]["rent_peak"]


def test_equal_runs_are_those_with_equal_rules():
    rules = {name: PATIENT for name in ("patient", "too")}
    assert simulations(replace(ASKED, scenarios={"standard": {}, "patient": {}, "too": {}}, rules=rules)) == 2 * 2 * 2


def test_a_result_names_rules_without_importing_them(mine):
    asked = replace(ASKED, rules={"patient": {"next_rent": "mine_alone:still"}})
    assert Experiment.from_dict(asked.as_dict()) == asked
    assert "mine_alone" not in sys.modules


@pytest.mark.whole_runs
def test_processes_compute_what_threads_do(tmp_path):
    for executor in ("threads", "processes"):
        execute(replace(ASKED, scenarios={"patient": {}}, seeds=1), tmp_path / executor, workers=1, executor=executor)
    one, other = (read(tmp_path / executor) for executor in ("threads", "processes"))
    assert one["error"].isna().all() and one.equals(other)


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ({"patent": PATIENT}, "unknown scenario in rules 'patent': did you mean 'patient'?"),
        ({"patient": {"next_rnet": "docs.scenarios.rules:patient_rent"}}, "unknown rule 'next_rnet': did you mean"),
        ({"patient": {"next_rent": "patient_rent"}}, "rule next_rent = 'patient_rent': give 'module:function'"),
        ({"patient": {"next_rent": patient_rent}}, "give 'module:function'"),
        ({"patient": "next_rent"}, "give a mapping from names of rules to 'module:function'"),
        (PATIENT, "unknown scenario in rules"),
    ],
)
def test_what_is_no_rule_is_refused_when_it_is_declared(rules, message):
    with pytest.raises(InvalidInput) as caught:
        replace(ASKED, rules=rules)
    assert message in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("no_such_module:rent", "rule next_rent = no_such_module:rent: cannot be imported, ModuleNotFoundError"),
        ("docs.scenarios.rules:no_rent", "cannot be imported, AttributeError"),
        ("tests.models:line", "rule next_rent: takes (values, seed, setup): give a function of (operator, market, p)"),
    ],
)
def test_what_cannot_be_imported_is_refused_before_anything_is_written(place, message, tmp_path):
    asked = replace(ASKED, rules={"patient": {"next_rent": place}})
    with pytest.raises(InvalidInput) as caught:
        execute(asked, tmp_path / "out")
    assert message in str(caught.value) and "\n" not in str(caught.value)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("rule", "place", "message"),
    [
        ("next_rnet", "mine_alone:still", "unknown rule 'next_rnet': did you mean 'next_rent'?"),
        ("next_rent", "mine_alone:stil", "rule next_rent = mine_alone:stil: cannot be imported, AttributeError"),
        ("next_rent", "mine_gone:still", "rule next_rent = mine_gone:still: cannot be imported, ModuleNotFoundError"),
        ("announcement_hazard", "mine_alone:still", "rule announcement_hazard: takes (operator, market, p): give"),
    ],
)
def test_the_command_line_refuses_what_is_no_rule_in_one_line(rule, place, message, mine, command, tmp_path):
    declared = tmp_path / "wrong.py"
    declared.write_text(
        "from bubble_abm import Experiment\nEXPERIMENT = Experiment(name='wrong', question='?', seeds=1, months=3,\n"
        f"    rules={{'standard': {{'{rule}': '{place}'}}}}, twins=False, outcomes=('rent_peak',))\n"
    )
    file = tmp_path / "wrong.toml"
    file.write_text(f"months = 3\n[rules]\n{rule} = '{place}'\n")
    before = files_in(tmp_path)
    for words in (("experiment", declared, "--quiet"), ("run", "--scenario", file, "--trust-code", "--quiet")):
        code, out, error = command(*words)
        assert (code, out) == (2, "")
        assert message in error and error.count("\n") == 1
    left = {name: text for name, text in files_in(tmp_path).items() if "__pycache__" not in name.parts}
    assert left == before


def test_a_model_of_ones_own_has_no_rules():
    with pytest.raises(InvalidInput, match="give twins=False and no series or rules"):
        Experiment(name="t", question="?", scenarios={"a": {"x": 1.0}}, rules={"a": PATIENT}, twins=False,
                   outcomes=("level",), model="tests.models:line")  # fmt: skip
    assert Setup.__dataclass_fields__["rules"].default == ()
