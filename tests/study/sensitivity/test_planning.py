"""Plans: what an experiment costs, and how precise it will be, before it runs."""

import numpy as np
import pytest

from bubble_abm import Experiment, Factor, Sampling
from bubble_abm.study.sensitivity.planning import expected_half_widths, half_width, plan
from tests.command.test_main import command as command

FACTORS = tuple(Factor(name, 0, 1) for name in ("x", "y"))


def toy(sampling, model="line"):
    return Experiment(
        name="toy", question="?", uncertain=FACTORS, sampling=sampling, seeds=3, twins=False,
        outcomes=("level",), model=f"tests.models:{model}",
    )  # fmt: skip


def test_a_plan_counts_points_and_those_that_differ():
    found = plan(toy(Sampling("sobol", 16)), workers=2)
    assert (found.rows, found.distinct, found.seeds, found.runs) == (16 * 5, 16 * 4, 3, 240)  # the dummy's are copies
    assert found.seconds == pytest.approx(240 * found.seconds_each / 2)


def test_the_time_of_a_run_is_measured():
    assert 0.02 <= plan(toy(Sampling("latin", 10), "slow"), workers=1).seconds_each < 0.2


@pytest.mark.parametrize("value", [0.3, 0.6])
def test_the_precision_that_is_expected_is_that_of_a_normal_outcome(value):
    """Of plain estimators with independent normal inputs, whose half-widths are known from many repetitions."""
    generator, samples, found = np.random.default_rng(1), 256, []
    share = np.sqrt(value)
    for _ in range(400):
        one, other, rest, more = generator.normal(size=(4, samples))
        first = share * one + np.sqrt(1 - value) * rest
        second = share * other + np.sqrt(1 - value) * more
        moved = share * other + np.sqrt(1 - value) * rest
        variance = np.var(np.concatenate([first, second]))
        found.append(((first - moved) ** 2).mean() / 2 / variance)
    assert 1.96 * np.std(found) == pytest.approx(half_width("ST", value, samples), rel=0.35)


def test_precision_grows_with_the_root_of_the_samples():
    few, many = (
        dict(((name, at), reach) for name, at, reach in expected_half_widths(Sampling("sobol", n))) for n in (64, 256)
    )
    assert few.keys() == many.keys()
    for key, reach in few.items():
        assert reach == pytest.approx(2 * many[key])
    assert expected_half_widths(Sampling("latin", 10)) == ()


def test_the_plan_of_a_command_runs_nothing(command, tmp_path):
    words = ("sensitivity", "sobol", "--parameters", "herding,hurdle", "--samples", "16", "--seeds", "2", "--plan")
    code, out, _ = command(*words)
    assert code == 0 and not (tmp_path / "out").exists()
    assert "sensitivity_sobol: 2 parameters, ranges wide" in out
    assert "(64 different) x 2 seeds = 160 pairs of twins" in out and "ms for one, just measured" in out
    assert "ST of 0.5: +-" in out and "Nothing was run" in out
    code, out, _ = command("experiment", "e01", "--quick", "--plan")
    assert code == 0 and not (tmp_path / "out").exists() and "10 pairs of twins" in out
