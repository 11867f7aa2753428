"""The emulator of steps: what it predicts is known, and it is not used where it does not predict."""

import numpy as np
import pytest
from scipy.stats import norm

from bubble_abm.study.calibration.surface import LATEST, Memory, Surface


def remembered(law, portions=3, points=300, dimensions=4):
    generator, memory = np.random.default_rng(1), Memory()
    for _ in range(portions):
        places = generator.random((points, dimensions))
        memory.add(places, law(places, generator), 3.0)
    return memory


def test_a_quadratic_law_is_learned_and_its_error_is_that_of_luck():
    def law(at, generator):
        one = 2.0 * at[:, 0] - 3.0 * (at[:, 1] - 0.5) ** 2
        return np.column_stack([one, at[:, 2] + 0.1 * generator.standard_normal(len(at))])

    surface = remembered(law).learned()
    at = np.random.default_rng(2).random((50, 4))
    truth = 2.0 * at[:, 0] - 3.0 * (at[:, 1] - 0.5) ** 2
    assert surface.predict(at)[:, 0] == pytest.approx(truth, abs=0.02)
    assert surface.error == pytest.approx([0.05, 0.1], abs=0.015)  # never less than the first
    assert surface.q2 > 0.9


def test_what_cannot_be_predicted_is_not_emulated():
    assert remembered(lambda at, generator: generator.standard_normal((len(at), 3))).learned() is None
    assert remembered(lambda at, generator: at, portions=1).learned() is None  # nothing is left out to judge it
    assert remembered(lambda at, generator: at, points=5).learned() is None


def test_the_chance_to_be_allowed_is_that_of_independent_errors():
    flat = Surface(np.zeros(1), np.ones(1), np.array([[2.0, -1.0], [0.0, 0.0], [0.0, 0.0]]), np.array([1.0, 0.5]), 1.0)
    one = norm.cdf(1.0) - norm.cdf(-5.0)
    other = norm.cdf(8.0) - norm.cdf(-4.0)
    assert flat.log_chance(np.zeros((2, 1)), 3.0) == pytest.approx(np.log(one * other))


def test_only_the_latest_points_that_are_near_are_remembered():
    memory = remembered(lambda at, generator: at, portions=12, points=1000)
    assert LATEST <= sum(map(len, memory.places)) <= LATEST + 2000
    memory.add(np.zeros((2, 4)), np.array([[0.0] * 4, [13.0] * 4]), 3.0)
    assert len(memory.places[-1]) == 1
    memory.add(np.zeros((2, 4)), np.full((2, 4), np.inf), 3.0)
    assert len(memory.places[-1]) == 0
