"""What a design costs and promises is what it then needs and gives."""

import numpy as np
import pytest

from bubble_abm import Experiment, Factor, Sampling
from bubble_abm.study.batch import execute
from bubble_abm.study.dataset import read
from bubble_abm.study.sensitivity.plan import expected_half_width, simulations
from tests.study.sensitivity.indices import index, studied

TWELVE = [Factor(f"x{place}", 0, 1) for place in range(12)]


@pytest.mark.parametrize(
    "sampling", [Sampling("sobol", 16), Sampling("morris", 20), Sampling("shapley", 20), Sampling("latin", 20)]
)
def test_points_that_are_equal_are_simulated_once(sampling, tmp_path, monkeypatch):
    mark = tmp_path / "calls"
    monkeypatch.setenv("BUBBLE_ABM_TEST_MARK", str(mark))
    factors = (Factor("x", 0, 3), Factor("y", 1, 2, whole=True))
    plan = Experiment(
        name="t", question="?", uncertain=factors, sampling=sampling, seeds=2, twins=False, outcomes=("level", "luck"),
        model="tests.models:counted",
    )  # fmt: skip
    report = execute(plan, tmp_path / "out", workers=1)
    calls = mark.read_text().splitlines()
    assert len(calls) == simulations(plan)
    assert report.runs == plan.runs
    # The inert factor's rows are copies, unless they lie in the next chunk.
    copies = plan.runs - len(calls)
    assert copies == 0 if sampling.method == "latin" else copies > sampling.samples
    table = read(tmp_path / "out")
    failed = table["error"].notna()
    assert failed.to_numpy().tolist() == ((table["x"] > 1) & (table["seed"] == 2)).tolist() and failed.any()
    whole = table[~failed]
    assert whole["level"].tolist() == (whole["x"] + 10 * whole["y"]).tolist()
    assert whole["luck"].tolist() == whole["seed"].tolist()


def test_a_twin_is_a_simulation_too():
    plan = Experiment(name="t", question="?", levers={"herding": (0, 4)}, seeds=3)
    assert (plan.runs, simulations(plan)) == (6, 12)


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
