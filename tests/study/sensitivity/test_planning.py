"""Plans: what an experiment costs, and how precise it will be, before it runs."""

import numpy as np
import pytest

from bubble_abm import Experiment, Factor, Sampling
from bubble_abm.study.batch import execute
from bubble_abm.study.dataset import read
from bubble_abm.study.sensitivity.planning import (
    expected_half_width,
    expected_half_widths,
    plan,
    simulations,
)
from tests.command.test_main import command as command
from tests.study.sensitivity.indices import index, studied

TWELVE = [Factor(f"x{place}", 0, 1) for place in range(12)]
FACTORS = tuple(Factor(name, 0, 1) for name in ("x", "y"))


def toy(sampling, model="line"):
    return Experiment(
        name="toy", question="?", uncertain=FACTORS, sampling=sampling, seeds=3, twins=False,
        outcomes=("level",), model=f"tests.models:{model}",
    )  # fmt: skip


def test_a_plan_counts_the_runs_and_its_minutes_those_that_are_computed():
    asked = toy(Sampling("sobol", 64))
    found = plan(asked, workers=2)
    assert (found.rows, found.seeds, found.runs) == (64 * 5, 3, 960)
    assert found.computed == simulations(asked) < 960  # the dummy's are copies
    assert found.seconds == pytest.approx(found.computed * found.seconds_each / 2)


def test_the_time_of_a_run_is_measured():
    assert 0.02 <= plan(toy(Sampling("latin", 10), "slow"), workers=1).seconds_each < 0.2


def test_precision_grows_with_the_root_of_the_samples():
    few, many = (
        dict(((name, at), reach) for name, at, reach in expected_half_widths(Sampling("sobol", n), 2))
        for n in (64, 256)
    )
    assert few.keys() == many.keys()
    for key, reach in few.items():
        assert reach == pytest.approx(2 * many[key])
    assert expected_half_widths(Sampling("latin", 10), 2) == ()


@pytest.mark.parametrize("method", ["morris", "sobol", "shapley"])
def test_the_precision_of_a_plan_counts_luck(method):
    """Without luck, three quarters of the blocks would do for the same interval, or fewer."""
    sampling = Sampling(method, 256)
    for name, at, reach in expected_half_widths(sampling, 2):
        share = at**2 if method == "morris" else at
        assert name.endswith("luck_free")
        assert expected_half_width(sampling, 2, share=share, noise_share=0.0) < 0.87 * reach


def test_the_plan_of_a_command_runs_nothing(command, tmp_path):
    words = ("sensitivity", "sobol", "--parameters", "herding,hurdle", "--samples", "64", "--seeds", "2", "--plan")
    code, out, _ = command(*words)
    assert code == 0 and not (tmp_path / "out").exists()
    assert "sensitivity_sobol: 2 parameters, ranges wide" in out
    assert "320 points x 2 seeds = 640 pairs of twins, of which 512 are computed" in out
    assert "ms for one, just measured" in out
    assert "ST_luck_free of 0.5: +-" in out and "Nothing was run" in out
    code, out, _ = command("experiment", "e01", "--quick", "--plan")
    assert code == 0 and not (tmp_path / "out").exists() and "10 pairs of twins" in out


@pytest.mark.parametrize(
    "sampling", [Sampling("sobol", 16), Sampling("morris", 20), Sampling("shapley", 20), Sampling("latin", 20)]
)
def test_points_that_are_equal_are_simulated_once(sampling, tmp_path, monkeypatch):
    mark = tmp_path / "calls"
    monkeypatch.setenv("BUBBLE_ABM_TEST_MARK", str(mark))
    factors = (Factor("x", 0, 3), Factor("y", 1, 2, whole=True))
    asked = Experiment(
        name="t", question="?", uncertain=factors, sampling=sampling, seeds=2, twins=False, outcomes=("level", "luck"),
        model="tests.models:counted",
    )  # fmt: skip
    report = execute(asked, tmp_path / "out", workers=1)
    calls = mark.read_text().splitlines()
    assert len(calls) == simulations(asked)
    assert report.runs == asked.runs
    # The inert factor's rows are copies, unless they lie in the next chunk.
    copies = asked.runs - len(calls)
    assert copies == 0 if sampling.method == "latin" else copies > sampling.samples
    table = read(tmp_path / "out")
    failed = table["error"].notna()
    assert failed.to_numpy().tolist() == ((table["x"] > 1) & (table["seed"] == 2)).tolist() and failed.any()
    whole = table[~failed]
    assert whole["level"].tolist() == (whole["x"] + 10 * whole["y"]).tolist()
    assert whole["luck"].tolist() == whole["seed"].tolist()


def test_a_twin_is_a_simulation_too():
    asked = Experiment(name="t", question="?", levers={"herding": (0, 4)}, seeds=3)
    assert (asked.runs, simulations(asked)) == (6, 12)


def rough(values):
    """A function with many steps, in which quasi-random points are no better than random ones."""
    cells = np.floor(40 * values)
    return np.sin(cells @ np.array([97.0, *np.zeros(11)])) + np.sin(cells @ np.linspace(50, 90, 12))


@pytest.mark.parametrize("seeds", [1, 2, 4])
@pytest.mark.parametrize("sampling", [Sampling("sobol", 1024), Sampling("shapley", 2000)])
def test_expected_widths_are_near_those_that_come_out(sampling, seeds):
    luck = np.random.default_rng(1)
    found = studied(
        sampling, TWELVE, rough, seeds=tuple(range(1, seeds + 1)),
        noise=None if seeds == 1 else lambda values, drawn: luck.normal(scale=0.65, size=drawn.shape),
    )  # fmt: skip
    noise_share = 0.0 if seeds == 1 else found.quality["noise_share"].item()
    main = {"sobol": "ST", "shapley": "shapley"}[sampling.method] + ("_luck_free" if seeds > 1 else "")
    lines = found.indices[(found.indices["index"] == main) & (found.indices["factor"] == "x0")]
    width = (lines["high"] - lines["value"]).item()
    expected = expected_half_width(sampling, seeds, share=index(found, main)["x0"], noise_share=noise_share)
    assert width == pytest.approx(expected, rel=0.6)


def test_more_samples_and_less_luck_make_intervals_narrower():
    wide = expected_half_width(Sampling("sobol", 256), 2)
    assert expected_half_width(Sampling("sobol", 1024), 2) == pytest.approx(wide / 2)
    assert expected_half_width(Sampling("sobol", 256), 8) < wide
    assert expected_half_width(Sampling("sobol", 256), 2, noise_share=0.0) < wide
    assert expected_half_width(Sampling("morris", 100), 2) > expected_half_width(Sampling("morris", 400), 2) > 0
