"""Variance over rows and seeds, against all combinations counted out and against components that are known."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from bubble_abm.economy.declare import InvalidInput
from bubble_abm.study.sensitivity.noise import noise, replicates, stability, variance_by_seeds


def layout(rows, seeds, of_rows=0.0, of_seeds=0.0, of_rest=0.0):
    """Rows by seeds with three independent normal parts of given standard deviations."""
    generator = np.random.default_rng(3)
    level, shift = generator.normal(size=(rows, 1)), generator.normal(size=(1, seeds))
    return 10 + of_rows * level + of_seeds * shift + of_rest * generator.normal(size=(rows, seeds))


def table(values):
    rows, seeds = values.shape
    return {
        "row": np.repeat(np.arange(rows), seeds),
        "seed": np.tile(np.arange(1, seeds + 1), rows),
        "y": values.ravel(),
    }


def test_the_variance_of_means_over_k_seeds_is_that_over_all_choices_of_k():
    values = layout(7, 5, 1, 2, 3)
    for k, found in enumerate(variance_by_seeds(values), start=1):
        counted = [values[:, chosen].mean(axis=1).var(ddof=1) for chosen in map(list, combinations(range(5), k))]
        assert found == pytest.approx(np.mean(counted))


def test_the_variance_with_all_seeds_does_not_depend_on_their_order():
    values = layout(7, 5, 1, 2, 3)
    assert variance_by_seeds(values) == pytest.approx(variance_by_seeds(values[:, ::-1]))
    assert variance_by_seeds(values)[-1] == pytest.approx(values.mean(axis=1).var(ddof=1))


def test_components_of_a_large_layout_are_recovered():
    found = noise(layout(3000, 40, of_rows=2, of_seeds=0, of_rest=1))
    assert found.share == pytest.approx(1 / 5, abs=0.01)
    assert found.left == pytest.approx(1 / 40 / (4 + 1 / 40), rel=0.1)
    assert found.advised == 5  # 1 / (0.05 4)
    assert found.standard_error == pytest.approx(1 / np.sqrt(40), rel=0.02)


def test_a_shift_of_all_rows_is_luck_of_single_runs_but_not_between_rows():
    found = noise(layout(500, 30, of_rows=1, of_seeds=1))
    assert 0.3 < found.share < 0.7
    assert found.left == pytest.approx(0, abs=1e-20)
    assert (found.needed, found.advised) == (1, 1)


def test_where_only_luck_is_there_no_number_of_seeds_is_advised():
    found = noise(layout(400, 6, of_rest=1))
    assert found.share > 0.95
    assert found.left > 0.8
    assert found.advised is None or found.advised > 100


def test_the_seeds_needed_are_the_first_from_which_the_variance_stays_near_that_of_all():
    for of_rest in (0.1, 0.5, 1, 2, 4):
        values = layout(50, 12, of_rows=1, of_rest=of_rest)
        variances = variance_by_seeds(values)
        near = np.abs(variances / variances[-1] - 1) <= 0.05
        first = next(k for k in range(1, 13) if near[k - 1 :].all())
        assert noise(values).needed == first


def test_few_seeds_cannot_need_many_but_can_be_advised_many():
    found = noise(layout(2000, 3, of_rows=1, of_rest=2))
    assert found.needed == 3
    assert found.advised == pytest.approx(80, rel=0.15)


@pytest.mark.parametrize("values", [np.full((4, 3), 0.1), np.full((4, 3), 1e9 / 3), np.zeros((4, 3))])
def test_a_constant_has_no_noise_and_divides_nothing_by_zero(values):
    found = noise(values)
    assert (found.share, found.left, found.needed, found.advised) == (0, 0, 1, 1)
    assert [line["relative"] for line in stability("y", values)][-1] == pytest.approx(1)


def test_one_seed_or_one_row_has_no_noise_to_measure():
    assert noise(np.ones((5, 1))) is None
    assert noise(np.ones((1, 5))) is None
    assert stability("y", np.arange(5.0)[:, None]) == [{"outcome": "y", "seeds": 1, "variance": 2.5, "relative": 1}]


def test_the_stability_table_falls_to_one():
    lines = pd.DataFrame(stability("y", layout(40, 6, of_rows=1, of_rest=1)))
    assert list(lines["seeds"]) == [1, 2, 3, 4, 5, 6]
    assert (lines["relative"].diff().dropna() < 0).all()
    assert lines["relative"].iloc[-1] == 1


def test_a_pilot_says_how_many_seeds_each_outcome_needs():
    pilot = table(layout(200, 10, of_rows=1, of_rest=1))
    pilot["calm"] = np.repeat(np.arange(200.0), 10)
    found = replicates(pilot, ["y", "calm"]).set_index("outcome")
    assert found.loc["y", "seeds_advised"] == pytest.approx(20, rel=0.2)
    assert found.loc["calm", ["noise_share", "seeds_advised"]].tolist() == [0, 1]
    assert (found["rows"] == 200).all() and (found["seeds"] == 10).all()


def test_a_pilot_is_checked():
    with pytest.raises(InvalidInput, match="pilot of 5 rows and 1 seeds: give at least two of each"):
        replicates(table(np.ones((5, 1))), ["y"])
    broken = table(layout(5, 3, 1, 1, 1))
    broken["y"][4] = np.nan
    with pytest.raises(InvalidInput, match="y: 1 of 15 runs have no finite value"):
        replicates(broken, ["y"])
