"""The second method: a region that is known, weights, and that its library may be missing."""

import sys

import numpy as np
import pytest

from bubble_abm import Factor, InvalidInput
from bubble_abm.study.calibration import abc_smc
from bubble_abm.study.calibration.abc_smc import Sample, compared, sample
from bubble_abm.study.ensemble import Ensemble


@pytest.mark.filterwarnings("ignore")  # pyABC's own
def test_a_box_is_found_by_pyabc(tmp_path):
    pytest.importorskip("pyabc", reason="the group of dependencies abc is not installed")
    found = sample(
        lambda at: float(np.abs(at - 0.4).max() / 0.05),
        (Factor("x", 0, 1), Factor("y", 0, 1)),
        tmp_path / "abc.db",
        points=100,
        runs=20_000,
        least=3.0,
    )
    assert found.distance <= 3.0 and found.runs >= 500
    assert np.abs(found.places - 0.4).max() <= 0.15 + 1e-9
    assert 20.0 < found.effective <= 100.0


def test_without_pyabc_the_user_is_told_how_to_get_it(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "pyabc", None)
    with pytest.raises(InvalidInput, match="pyabc is not installed: uv sync --group abc"):
        sample(lambda at: 0.0, (Factor("x", 0, 1),), tmp_path / "abc.db", points=10, runs=10, least=1.0)


def test_two_samples_are_compared_by_parameter():
    places = np.linspace(0.0, 1.0, 101)[:, None]
    ours = Ensemble((Factor("x", 0, 1),), places, np.ones(101), (), np.zeros((101, 0)))
    same = compared(ours, Sample(ours.factors, places, np.ones(101), 3.0, 1000))[0]
    assert same["overlap"] == pytest.approx(1.0, abs=0.02) and same["abc_50"] == pytest.approx(0.5, abs=0.01)
    high = compared(ours, Sample(ours.factors, 0.96 + 0.04 * places, np.ones(101), 3.0, 1000))[0]
    assert high["overlap"] == 0.0
    one_sided = compared(ours, Sample(ours.factors, places, (places[:, 0] > 0.5).astype(float), 3.0, 1000))[0]
    assert one_sided["abc_50"] == pytest.approx(0.75, abs=0.02)


def test_a_few_points_with_all_the_weight_are_few():
    assert Sample((), np.zeros((4, 1)), np.array([1.0, 0.0, 0.0, 0.0]), 3.0, 1).effective == 1.0
    assert Sample((), np.zeros((4, 1)), np.ones(4), 3.0, 1).effective == 4.0


@pytest.fixture
def asked(monkeypatch):
    """Point and seed of each run that was asked for; all runs fail."""
    runs = []

    def failing(point, *, seed, months):
        runs.append((point, seed))
        raise ValueError("it fails")

    monkeypatch.setattr(abc_smc, "simulate", failing)
    return runs


def test_every_run_has_a_seed_of_its_own(asked):
    distance = abc_smc.distance_of((Factor("herding", 0, 8),), None, abc_smc.TARGETS.values())
    assert [distance(np.array([0.5])) for _ in range(3)] == [np.inf] * 3
    assert [seed for _, seed in asked] == [abc_smc.FIRST_SEED + place for place in range(3)]


def test_other_parameters_are_those_of_the_economy_around(asked):
    distance = abc_smc.distance_of((Factor("herding", 0, 8),), None, abc_smc.TARGETS.values(), {"leverage": 0.55})
    distance(np.array([0.5]))
    ((point, _),) = asked
    assert (point.herding, point.leverage) == (4.0, 0.55)
