"""Emulators: known indices with luck, what their intervals cover, what they refuse, and what they cost."""

import numpy as np
import pandas as pd
import pytest

from bubble_abm import Experiment, Factor, InvalidInput, Sampling
from bubble_abm.study.analysis import analyse, emulate_result
from bubble_abm.study.batch import execute
from bubble_abm.study.sensitivity import emulator
from bubble_abm.study.sensitivity.emulator import Points, crossed, emulation, folds, positions, share_predicted
from bubble_abm.study.sensitivity.sampling import design
from bubble_abm.study.sensitivity.study import study

ISHIGAMI = [Factor(name, -np.pi, np.pi) for name in ("one", "two", "three", "inert")]
ISHIGAMI_INDICES = {"S1": [0.3139, 0.4424, 0, 0], "ST": [0.5576, 0.4424, 0.2437, 0]}
WEIGHTS = np.array([0, 1, 4.5, 9, 99.0])
SOBOL = [Factor(f"x{place}", 0, 1) for place in range(5)]


def ishigami(x):
    return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


def sobol_g(x):
    return np.prod((np.abs(4 * x - 2) + WEIGHTS) / (1 + WEIGHTS), axis=1)


def sobol_g_indices():
    alone = 1 / (3 * (1 + WEIGHTS) ** 2)
    variance = np.prod(1 + alone) - 1
    total = [alone[place] * np.prod(1 + np.delete(alone, place)) for place in range(len(WEIGHTS))]
    return {"S1": alone / variance, "ST": np.array(total) / variance}


def lucky_runs(factors, function, count, *, luck=0.0, seeds=1, seed=1):
    """Runs of a function on a Latin design with rough luck, whose spread differs from place to place."""
    values = design(Sampling("latin", count, seed=seed), factors)
    output = function(values)
    where = 0.5 + (positions(factors, values)[:, [0]] > 0.5)
    generator = np.random.default_rng(seed)
    cells = output[:, None] + luck * output.std() * where * generator.normal(size=(count, seeds))
    rows, of_seed = np.divmod(np.arange(count * seeds), seeds)
    return Points(factors, values), {"row": rows, "seed": 1 + of_seed, "output": cells.ravel()}


def indices(found, index):
    return found.indices[found.indices["index"] == index].set_index("factor")


@pytest.mark.parametrize(
    ("factors", "function", "exact"),
    [(ISHIGAMI, ishigami, ISHIGAMI_INDICES), (SOBOL, sobol_g, sobol_g_indices())],
    ids=["ishigami", "sobol_g"],
)
def test_known_indices_are_found_through_luck_and_covered(factors, function, exact):
    points, runs = lucky_runs(factors, function, 400, luck=0.2, seeds=2)
    found = emulation(points, runs, ["output"])
    quality = found.quality.iloc[0]
    assert quality["q2"] > 0.9 and quality["converged"] and quality["verdict"].startswith("Q2 0.9")
    for index in ("S1", "ST"):
        table = indices(found, index)
        np.testing.assert_allclose(table["value"], exact[index], atol=0.06)
        below, above = table["low"] - exact[index], exact[index] - table["high"]
        assert max(below.max(), above.max()) < 0.01  # eight or ten intervals of 95 % at once: a near miss is allowed
        assert (table["high"] - table["low"]).max() < 0.3


def test_intervals_cover_over_designs():
    """At a size where the emulator is far from perfect; 95 % intervals, which rather cover more than that."""
    covered = []
    for seed in range(1, 16):
        points, runs = lucky_runs(ISHIGAMI, ishigami, 128, luck=0.2, seeds=2, seed=seed)
        found = emulation(points, runs, ["output"], seed=seed, least_q2=0.0)
        for index, exact in ISHIGAMI_INDICES.items():
            table = indices(found, index)
            covered.append((table["low"] <= exact) & (table["high"] >= exact))
    assert np.mean(covered) >= 0.95
    assert np.min(np.mean(covered, axis=0)) >= 0.8


def test_luck_does_not_enter_the_indices():
    """Rough luck raises total indices of pick-freeze estimators; smooth luck those of every mean over these seeds.

    The mean of the smooth luck of these four seeds is not zero: an emulator of means gives it 0.023 of the variance.
    """
    factors = [Factor(name, 0, 1) for name in ("level", "luck")]
    values = design(Sampling("latin", 300), factors)
    level, luck = positions(factors, values).T
    generator = np.random.default_rng(1)
    for smooth in (True, False):
        mine = np.sin(3 * luck)[:, None] * [1.3, -0.5, 0.9, 0.1] if smooth else generator.normal(size=(300, 4))
        cells = 2 * level[:, None] + 0.7 * mine
        runs = {"row": np.repeat(range(300), 4), "seed": np.tile(range(1, 5), 300), "output": cells.ravel()}
        found = emulation(Points(factors, values), runs, ["output"])
        assert indices(found, "ST").loc["level", "value"] > 0.99
        assert abs(indices(found, "ST").loc["luck", "value"]) < 0.01
        assert found.quality["luck"].item() > 0.01


def test_relevance_tells_factors_that_matter_from_those_that_do_not():
    points, runs = lucky_runs(ISHIGAMI, ishigami, 200)
    relevance = emulation(points, runs, ["output"]).relevance.set_index("factor")["relevance"]
    assert relevance["inert"] < 0.05 < relevance["three"] < relevance["two"]


def test_the_same_runs_in_another_order_give_the_same_bits():
    points, runs = lucky_runs(ISHIGAMI, ishigami, 100, luck=0.2, seeds=2)
    first = emulation(points, runs, ["output"], least_q2=0.0)
    shuffled = pd.DataFrame(runs).sample(frac=1, random_state=1)
    again = emulation(points, shuffled, ["output"], least_q2=0.0)
    pd.testing.assert_frame_equal(first.indices, again.indices, check_exact=True)


def test_an_outcome_that_is_not_predicted_is_refused_with_its_q2():
    factors = [Factor("x", 0, 1), Factor("y", 0, 1)]
    values = design(Sampling("latin", 100), factors)
    noise = np.random.default_rng(1).normal(size=100)
    found = emulation(Points(factors, values), {"row": range(100), "seed": 1, "output": noise}, ["output"])
    quality = found.quality.iloc[0]
    assert not quality["converged"] and found.indices["value"].isna().all()
    assert quality["verdict"].startswith("refused: Q2 0.") and "instead of 0.7" in quality["verdict"]
    assert "luck not measurable with one seed" in quality["verdict"]


def test_constant_and_binary_outcomes_are_described_in_words():
    factors = [Factor("x", 0, 1), Factor("y", 0, 1)]
    values = design(Sampling("latin", 200), factors)
    runs = {"row": range(200), "seed": 1, "same": 3.0, "popped": (values[:, 0] > 0.5).astype(float)}
    found = emulation(Points(factors, values), runs, ["same", "popped"])
    same, popped = (row["verdict"] for _, row in found.quality.iterrows())
    assert same == "constant: the output is 3 at every point, nothing is left to explain"
    assert "either 0 or 1: its probability is emulated" in popped
    assert (found.indices.query("outcome == 'same'")["value"] == 0).all()
    assert set(found.relevance["outcome"]) == set(found.left_out["outcome"]) == {"popped"}


def test_many_points_are_thinned_and_it_is_said(monkeypatch):
    monkeypatch.setattr(emulator, "MOST_POINTS", 150)
    points, runs = lucky_runs(ISHIGAMI, ishigami, 400)
    found = emulation(points, runs, ["output"], least_q2=0.0)
    assert found.quality["points"].item() == 150 and len(found.left_out) == 150
    assert "learned from 150 of 400 points, because its time grows with their cube" in found.quality["verdict"].item()
    assert len(set(found.left_out["row"])) == 150 and found.left_out["row"].max() > 300


def test_points_of_a_block_are_left_out_together():
    """Else a pair of points that differ in one factor predict each other, and Q2 says nothing."""
    assert (folds(np.repeat(range(30), 4)).reshape(30, 4) == folds(np.arange(30))[:, None]).all()
    factors = [Factor(f"x{place}", 0, 1) for place in range(6)]
    apart = design(Sampling("latin", 40), factors)
    values = np.clip(np.repeat(apart, 5, axis=0) + 1e-3 * np.random.default_rng(1).normal(size=(200, 6)), 0, 1)
    output = np.repeat(np.random.default_rng(2).normal(size=40), 5)  # noise that five twins share
    runs = {"row": range(200), "seed": 1, "output": output}
    assert emulation(Points(factors, values, 1), runs, ["output"]).quality["q2"].item() > 0.9
    assert emulation(Points(factors, values, 5), runs, ["output"]).quality["q2"].item() < 0.3


def test_the_share_predicted_is_free_of_luck_and_has_an_interval_that_covers():
    generator, found = np.random.default_rng(1), []
    for _ in range(400):
        level, error, luck = (size * generator.normal(size=(200, wide)) for size, wide in ((1, 1), (0.4, 1), (0.8, 2)))
        seen, missed = level + luck, luck - error
        q2, slack = share_predicted(crossed(missed, missed), crossed(seen, seen), np.arange(200))
        found.append((q2, q2 - slack))
    q2, low = np.array(found).T
    assert q2.mean() == pytest.approx(1 - 0.4**2, abs=0.02)
    assert 0.95 <= np.mean(low <= 1 - 0.4**2) < 1


def test_whole_and_logarithmic_factors_are_placed_where_they_were_drawn():
    factors = [Factor("scale", 0.1, 10, "log"), Factor("month", 18, 30, whole=True), Factor("share", 0, 0.5)]
    unit = design(Sampling("latin", 500), [Factor(name, 0, 1) for name in "abc"])
    values = np.column_stack([factor.values(column) for factor, column in zip(factors, unit.T)])
    placed = positions(factors, values)
    np.testing.assert_allclose(placed[:, [0, 2]], unit[:, [0, 2]], atol=1e-12)
    assert np.abs(placed[:, 1] - unit[:, 1]).max() <= 0.5 / 13 + 1e-12


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"samples": 4}, "samples = 4: an emulator of 2 factors learns from 8 to 2000 points"),
        ({"samples": 2001}, "samples = 2001: an emulator of 2 factors learns from 8 to 2000 points"),
        ({"emulate": 1.0}, "q2 = 1.0: give a number from 0 to less than 1"),
        ({"groups": "declared"}, "groups: only morris, sobol and shapley can use them"),
        ({"levers": {"leverage": (0.5, 0.6)}}, "emulate: needs one scenario and no levers"),
        ({"ranges": "narrow"}, "ranges = narrow: give wide, plausible, ensemble, a mapping"),
    ],
)
def test_what_cannot_be_emulated_is_refused_in_one_line(given, message):
    with pytest.raises(InvalidInput) as refused:
        study("emulate", **{"parameters": ["herding", "hurdle"], **given})
    assert message in str(refused.value) and "\n" not in str(refused.value)


# --- Any finished data set ------------------------------------------------------------------------------------------


def finished(folder, sampling):
    factors = tuple(Factor(name, -np.pi, np.pi) for name in ("x1", "x2", "x3"))
    plan = Experiment(
        name="known", question="?", uncertain=factors, sampling=sampling, seeds=1, twins=False,
        outcomes=("height",), model="tests.models:ishigami",
    )  # fmt: skip
    execute(plan, folder, workers=1)
    return plan


@pytest.mark.parametrize("sampling", [Sampling("sobol", 128), Sampling("shapley", 150), Sampling("latin", 400)])
def test_any_finished_data_set_can_be_emulated(tmp_path, sampling):
    finished(tmp_path / "out", sampling)
    analyse(tmp_path / "out")
    before = sorted(path.name for path in (tmp_path / "out/analysis").iterdir())
    lines = emulate_result(tmp_path / "out", tmp_path / "out/emulator", 0.7)
    assert lines[1].startswith("height: x1 0.") and float(lines[2].split()[1].rstrip(",")) > 0.9
    table = pd.read_parquet(tmp_path / "out/emulator/indices.parquet").set_index(["index", "factor"])["value"]
    for name, exact in zip(("x1", "x2", "x3"), ISHIGAMI_INDICES["ST"]):
        assert table["ST", name] == pytest.approx(exact, abs=0.06)
    assert sorted(path.name for path in (tmp_path / "out/analysis").iterdir()) == before


def test_a_data_set_that_draws_nothing_together_is_refused(tmp_path):
    finished(tmp_path / "out", Sampling("oat", 1, levels=5))
    with pytest.raises(InvalidInput, match="draws no parameters together"):
        emulate_result(tmp_path / "out", tmp_path / "there", 0.7)
    assert not (tmp_path / "there").exists()
