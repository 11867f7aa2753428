"""Sweep this: outcome against parameter, over values and seeds."""

import threading
from xml.etree import ElementTree

import numpy as np
import pytest

from bubble_abm.economy.declare import InvalidInput
from bubble_abm.economy.parameters import DECLARED
from bubble_abm.engine.simulation import simulate
from bubble_abm.observe.verdict import pop
from bubble_abm.page import sweep
from bubble_abm.page.many_seeds import Cancelled
from bubble_abm.page.settings import OFFERED, Settings


@pytest.fixture(scope="module")
def swept():
    return sweep.sweep(Settings(months=30), "herding", lambda number: None, threading.Event())


def test_every_point_is_the_run_of_the_command_line(swept):
    values, place, seed = sweep.values_of("herding"), 7, 3
    settings = Settings(months=30).changed("herding", values[place].item())
    run = simulate(settings.scenario.parameters, months=30, seed=seed)
    found = pop(run.records.measures).composite
    assert swept.outcomes["pop_month"][place, seed - 1] == (30 if found is None else found)
    assert swept.outcomes["popped"].shape == (sweep.VALUES, sweep.SEEDS)


@pytest.mark.parametrize("outcome", sweep.OUTCOMES)
def test_it_is_drawn_with_its_ends_and_the_value_of_the_run(swept, outcome):
    svg = ElementTree.fromstring(sweep.picture(swept, outcome, 3.0))
    words = " ".join(svg.itertext())
    assert "herding" in words and "nan" not in words
    assert {"0", "8"} <= set(words.split())


@pytest.mark.parametrize("name", OFFERED)
def test_values_stay_within_the_range(name):
    values, about = sweep.values_of(name), DECLARED[name].metadata
    assert np.all(np.diff(values) > 0) and about["low"] <= values[0] and values[-1] <= about["high"]
    for value in values:
        Settings().changed(name, value.item())


def test_it_is_given_up(swept):
    gone = threading.Event()
    gone.set()
    with pytest.raises(Cancelled):
        sweep.sweep(Settings(months=30), "herding", lambda number: None, gone)


def test_what_the_page_does_not_offer_is_refused():
    with pytest.raises(InvalidInput):
        sweep.sweep(Settings(), "scale", lambda number: None, threading.Event())
