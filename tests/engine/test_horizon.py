"""A run is equally long wherever nobody says how long: in Python, in Mesa, in a file, in a batch, on the page."""

from inspect import signature

import pytest
import typer

from bubble_abm import BubbleModel, Experiment, simulate, twin
from bubble_abm.command.main import app
from bubble_abm.economy.outside import label
from bubble_abm.engine.horizon import STANDARD_MONTHS
from bubble_abm.engine.plain import PlainBubbleModel
from bubble_abm.engine.scenario import Scenario
from bubble_abm.engine.simulation import Simulation
from bubble_abm.page.settings import Settings


@pytest.mark.parametrize(
    "kind", [simulate, twin, Simulation, BubbleModel, PlainBubbleModel, Scenario, Experiment, Settings]
)
def test_the_default_length_is_the_same(kind):
    assert signature(kind).parameters["months"].default == STANDARD_MONTHS


def test_it_ends_in_december_2027_and_twice_as_much_is_allowed():
    assert label(STANDARD_MONTHS - 1) == "Dec 2027"
    assert Scenario(months=120).months == 2 * STANDARD_MONTHS


@pytest.mark.parametrize("command", ["run", "sensitivity"])
def test_the_command_line_says_it(command):
    options = {option.name: option for option in typer.main.get_command(app).commands[command].params}
    assert f"(default: {STANDARD_MONTHS})" in options["months"].help
