"""The spread of runs and the interval of an estimate, against what is known of both."""

import numpy as np
import pytest

from bubble_abm.observe.seeds import Estimate, mean, ratio, spread


def test_the_interval_of_a_mean_is_students():
    values = [1.0, 2.0, 4.0, 5.0]
    # mean 3, standard error sqrt(10/3)/2, t for three degrees of freedom 3.182446
    width = 3.182446305 * np.sqrt(10 / 3) / 2
    found = mean(values)
    assert (found.value, found.seeds) == (3.0, 4)
    assert (found.low, found.high) == (pytest.approx(3 - width), pytest.approx(3 + width))


def test_the_spread_stays_and_the_interval_narrows_with_seeds():
    luck = np.random.default_rng(1)
    few, many = luck.normal(size=50), luck.normal(size=5_000)
    assert mean(many).high - mean(many).low < 0.2 * (mean(few).high - mean(few).low)
    _, low, high = spread(many)
    assert high - low == pytest.approx(2 * 1.645, rel=0.05)


def test_a_ratio_is_of_means_and_no_seed_rules_it():
    found = ratio([1.0, 2.0, 3.0], [10.0, 0.001, 20.0])
    assert found.value == pytest.approx(6.0 / 30.001)
    assert ratio([2.0, 3.0], [4.0, 6.0]) == Estimate(0.5, 0.5, 0.5, 2)


def test_the_interval_of_a_ratio_contains_the_true_one_in_95_of_100_cases():
    """Wholes that vary by a third, parts that are a quarter of them on average; 1 000 samples of twenty seeds."""
    luck = np.random.default_rng(7)
    hits = 0
    for _ in range(1_000):
        whole = luck.normal(3.0, 1.0, 20)
        found = ratio(0.25 * whole + luck.normal(0.0, 0.2, 20), whole)
        hits += found.low <= 0.25 <= found.high
    assert 0.92 <= hits / 1_000 <= 0.975


def test_one_seed_has_no_interval():
    assert mean([5.0]) == Estimate(5.0, None, None, 1)
