"""Scenario files: what they say, and what is refused in one line."""

from pathlib import Path

import pytest

from bubble_abm.economy.declare import InvalidInput
from bubble_abm.economy.shocks import Change, Shock
from bubble_abm.engine.scenario import Scenario, assignments, read_scenario

SHIPPED = Path(__file__).parents[2] / "docs" / "scenarios"


def read(folder, text):
    path = folder / "scenario.toml"
    path.write_text(text, encoding="utf-8")
    return Scenario(**read_scenario(path))


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.toml")), ids=lambda path: path.stem)
def test_shipped_scenarios_are_valid(path):
    assert Scenario(**read_scenario(path)).title


def test_a_scenario_says_everything(tmp_path):
    scenario = read(
        tmp_path,
        """
        title = "early"
        seed = 3
        seeds = 2
        months = 30
        parameters.herding = 2
        shocks = [{month = 18, efficiency = 3.0}]
        changes = [{parameter = "maximum_subsidy", value = 0.0, month = 12, until = 20}]
        """,
    )
    assert (scenario.title, scenario.seed, scenario.seeds, scenario.months) == ("early", 3, 2, 30)
    assert scenario.parameters.herding == 2
    assert scenario.events == (
        Shock(month=18, efficiency=3.0),
        Change(parameter="maximum_subsidy", value=0.0, month=12, until=20),
    )
    assert scenario.shock_month == 18


def test_the_shock_is_the_parameters_one_unless_the_file_lists_others(tmp_path):
    assert read(tmp_path, "").shock_month == 24
    assert read(tmp_path, "[parameters]\nshock_month = 20").shock_month == 20
    assert read(tmp_path, "shocks = []").shock_month is None
    assert read(tmp_path, "[parameters]\nshock_efficiency = 1").shock_month is None
    assert read(tmp_path, "months = 24").shock_month is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[parameters]\nherdin = 2", "unknown parameter 'herdin': did you mean 'herding'?"),
        ("[parameters]\nherding = 99", "herding = 99: give a number from 0 to 8 [1]"),
        ("[parameters]\nherding = nan", "herding = nan: give a number from 0 to 8 [1]"),
        ("[parameters]\nherding = inf", "herding = inf: give a number from 0 to 8 [1]"),
        ('[parameters]\nherding = "2"', "herding = '2': give a number, without quotes"),
        ("[parameters]\nherding = true", "herding = True: give a number, without quotes"),
        ("[parameters]\nherding = 2024-01-01", "give a number, without quotes"),
        ("parameters = 3", "parameters = 3: give a table [parameters]"),
        ("parameter = 3", "unknown key 'parameter': did you mean 'parameters'?"),
        ("months = 0", "months = 0: give a whole number from 1 to 168"),
        ("months = 12.5", "months = 12.5: give a whole number"),
        ("seed = 0", "seed = 0: give a whole number from 1"),
        ("seeds = 1001", "seeds = 1001: give a whole number from 1 to 1000"),
        ("seed = 9223372036854775807\nseeds = 2", "seeds = 2: the last seed would be above"),
        ("title = 3", "title = 3: give a text in quotes"),
        ("shocks = 3", "shocks = 3: give tables [[shocks]]"),
        ("[[shocks]]\nmonht = 3", "unknown key in [[shocks]] 'monht': did you mean 'month'?"),
        ("[[shocks]]\nefficiency = 3", "[[shocks]]: month is missing"),
        ("[[shocks]]\nmonth = 18\nefficiency = 99", "shock_efficiency = 99: give a number from 1 to 12"),
        ("[[shocks]]\nmonth = 18.5", "shock_month = 18.5: give a whole number"),
        ("[parameters]\nshock_efficiency = 2\n[[shocks]]\nmonth = 18", "shock_efficiency has no effect"),
        ("[[changes]]\nmonth = 3\nvalue = 1", "[[changes]]: parameter is missing"),
        ("[[changes]]\nparameter = 3\nmonth = 3\nvalue = 1", "[[changes]]: parameter = 3: give a name in quotes"),
        ('[[changes]]\nparameter = "herdin"\nmonth = 3\nvalue = 1', "did you mean 'herding'?"),
        ('[[changes]]\nparameter = "scale"\nmonth = 3\nvalue = 1', "cannot change later"),
        ('[[changes]]\nparameter = "herding"\nmonth = -3\nvalue = 1', "month = -3"),
        ("months = ", "not valid TOML"),
        ("months = 3\nmonths = 4", "not valid TOML"),
    ],
)
def test_mistakes_are_named_in_one_line(tmp_path, text, message):
    with pytest.raises(InvalidInput) as error:
        read(tmp_path, text)
    assert message in str(error.value)
    assert str(tmp_path / "scenario.toml") in str(error.value)
    assert "\n" not in str(error.value)


def test_a_file_that_cannot_be_read(tmp_path):
    with pytest.raises(InvalidInput, match="cannot be read, no such file"):
        read_scenario(tmp_path / "none.toml")
    with pytest.raises(InvalidInput, match="cannot be read, is a directory"):
        read_scenario(tmp_path)
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(InvalidInput, match="not valid TOML"):
        read_scenario(tmp_path / "bytes.toml")


def test_assignments():
    assert assignments(["herding = 2", "hold_out=1"]) == {"herding": "2", "hold_out": "1"}
    for text in ("herding", "=2", ""):
        with pytest.raises(InvalidInput, match="give NAME=VALUE"):
            assignments([text])
    with pytest.raises(InvalidInput, match="--set herding: given twice, 2 and 3"):
        assignments(["herding=2", "herding=3"])
