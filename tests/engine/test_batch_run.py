"""Mesa's own batch runner takes the model, its parameters by name, and seeds."""

import sys

import mesa
import pytest

from bubble_abm import BubbleModel, InvalidInput, simulate
from tests.small import SMALL

SIZE = {"parameters": SMALL, "months": 24}


@pytest.fixture(autouse=True)
def start_method():
    """Mesa sets the start method of multiprocessing for the whole process; put it back."""
    import multiprocessing

    before = multiprocessing.get_start_method(allow_none=True)
    yield
    multiprocessing.set_start_method(before, force=True)


def batch(**options):
    return mesa.batch_run(BubbleModel, number_processes=1, display_progress=False, **options)


def test_batch_run_crosses_parameters_and_seeds():
    rows = batch(parameters={**SIZE, "herding": [0, 3.5]}, rng=[1, 2])
    assert [(row["herding"], row["rng"]) for row in rows] == [(0, 1), (3.5, 1), (0, 2), (3.5, 2)]
    assert len({row["rent_per_server"] for row in rows}) == 4
    for row in rows:
        series = simulate(SMALL.with_values({"herding": row["herding"]}), months=24, seed=row["rng"]).series
        assert row["rent_per_server"] == series["rent_per_server"].iloc[-1]
        assert row["Step"] == 24


def test_batch_run_collects_every_month():
    rows = batch(parameters=SIZE, rng=[1], data_collection_period=1)
    assert [row["Step"] for row in rows] == list(range(1, 25))
    assert [row["rent_per_server"] for row in rows] == list(
        simulate(SMALL, months=24, seed=1).series["rent_per_server"]
    )


def test_batch_run_stops_at_max_steps():
    assert [row["Step"] for row in batch(parameters=SIZE, rng=[1], max_steps=4)] == [4]


def test_batch_run_draws_seeds_when_none_are_given():
    rows = batch(parameters=SIZE, rng=[None, None])
    assert rows[0]["rent_per_server"] != rows[1]["rent_per_server"]


def test_batch_run_refuses_an_unknown_parameter():
    with pytest.raises(InvalidInput, match="unknown parameter 'hreding': did you mean 'herding'"):
        batch(parameters={**SIZE, "hreding": [1, 2]}, rng=[1])


@pytest.mark.skipif(sys.platform == "win32", reason="two processes are tested where starting them is cheap")
def test_batch_run_with_two_processes_gives_the_same_rows():
    one = batch(parameters={**SIZE, "herding": [0, 3.5]}, rng=[1])
    two = mesa.batch_run(
        BubbleModel, {**SIZE, "herding": [0, 3.5]}, number_processes=2, display_progress=False, rng=[1]
    )
    assert sorted(row["rent_per_server"] for row in two) == sorted(row["rent_per_server"] for row in one)
