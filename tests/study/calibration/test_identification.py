"""What an ensemble says of the parameters, where the answer is known."""

import numpy as np
import pytest

from bubble_abm import Factor
from bubble_abm.study.calibration.identification import diversity, drivers, dropped, narrowed, trade_offs
from bubble_abm.study.ensemble import Ensemble


@pytest.fixture(scope="module")
def ensemble():
    """A parameter that is known to a tenth, two that only their sum tells, and one that does nothing."""
    generator = np.random.default_rng(1)
    known, one, free = generator.random((3, 500))
    other = 1.0 - one + 0.02 * generator.standard_normal(500)
    values = np.column_stack([0.45 + 0.1 * known, one, np.clip(other, 0.0, 1.0), 10.0 * 10.0**free])
    factors = (Factor("known", 0, 1), Factor("one", 0, 1), Factor("other", 0, 1), Factor("free", 10, 100, "log"))
    given = np.column_stack([values[:, 0] * 100.0, one + 0.001 * generator.random(500)])
    origin = {"facts": [{"name": name, "low": 0.0, "high": 1e12} for name in ("level", "part")]}
    return Ensemble(factors, values, np.ones(500), ("level", "part"), given, origin)


def test_parameters_are_narrowed_as_far_as_they_are(ensemble):
    found = {one.name: one for one in narrowed(ensemble)}
    assert next(iter(found)) == "known"
    assert found["known"].left == pytest.approx(0.1, abs=0.01) and found["known"].verdict == "identified"
    assert found["known"].distance == pytest.approx(0.45, abs=0.02)
    assert found["free"].left == pytest.approx(1.0, abs=0.08) and found["free"].verdict == "not identified"
    assert found["free"].distance < 0.08
    assert found["known"].quantiles == pytest.approx((0.455, 0.5, 0.545), abs=0.01)


def test_trade_offs_are_named_and_chance_is_not(ensemble):
    (pair,) = trade_offs(ensemble)
    assert pair[:2] == ("one", "other") and pair[2] < -0.95


def test_what_moves_a_fact_is_named(ensemble):
    assert [name for name, _ in drivers(ensemble, "level")] == ["known"]
    assert dict(drivers(ensemble, "part"))["other"] < -0.9


def test_members_that_fill_the_space_are_evenly_apart():
    values = np.random.default_rng(1).random((200, 30))
    ensemble = Ensemble(tuple(Factor(f"x{k}", 0, 1) for k in range(30)), values, np.ones(200), (), np.zeros((200, 0)))
    found = diversity(ensemble)
    assert found["median"] == pytest.approx(found["evenly"], abs=0.01)
    assert 0.2 < found["smallest"] < found["median"] < found["largest"] < 0.7


def test_copies_show_as_a_smallest_distance_of_nothing():
    values = np.array([[0.1, 0.2], [0.1, 0.2], [0.9, 0.9]])
    ensemble = Ensemble((Factor("x", 0, 1), Factor("y", 0, 1)), values, np.ones(3), (), np.zeros((3, 0)))
    assert diversity(ensemble)["smallest"] == 0.0


def test_what_a_fact_rules_out_alone_is_counted():
    """The first fact alone keeps x below a half; the second does what the first does, and less."""
    places = np.random.default_rng(1).random((4000, 2))
    implausibility = np.column_stack([6.0 * places[:, 0], 4.0 * places[:, 0]])
    found = dropped(["tight", "loose"], ["x", "y"], places, implausibility, 3.0)
    assert found["tight"]["alone"] == pytest.approx(1.0 - 0.5 / 0.75, abs=0.03)
    assert found["tight"]["wider"] == {"x": pytest.approx(1.5, abs=0.05)}
    assert found["loose"] == {"alone": 0.0, "wider": {}}
