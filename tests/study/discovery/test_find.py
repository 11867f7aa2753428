"""Boxes that were planted are found; noise, inert factors and tiny classes give none; evidence is counted in rows."""

from __future__ import annotations

import logging
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

from bubble_abm.economy.declare import InvalidInput
from bubble_abm.study.discovery import (
    BOXES,
    CART,
    MIN_ROWS,
    NOTES,
    PRIM,
    TRAJECTORY,
    Found,
    cart,
    discover,
    prim,
    prim_box,
)  # fmt: skip
from bubble_abm.study.discovery.boxes import (
    assign_folds,
    chance,
    fit,
    inside,
    make_cases,
    open_box,
    out_of_sample,
    prune,
    quasi_p,
)
from bubble_abm.study.discovery.search import Settings, leaf_boxes, peel_boxes, quiet

SEEDS = 3
BOTH = pytest.mark.parametrize("search", [prim, cart])


def design(rows: int, factors: int = 5, seed: int = 1, seeds: int = SEEDS) -> pd.DataFrame:
    """Uniform points, each under several seeds; the last factor is the dummy."""
    names = [f"factor_{number}" for number in range(factors - 1)] + ["dummy"]
    points = np.random.default_rng(seed).random((rows, factors))
    return pd.DataFrame(np.repeat(points, seeds, axis=0), columns=names)


def planted(points: pd.DataFrame) -> np.ndarray:
    return ((points.factor_0 < 0.4) & (points.factor_1 > 0.3) & points.factor_2.between(0.2, 0.8)).to_numpy()


def per_row(points: pd.DataFrame, share: float, seed: int) -> np.ndarray:
    """Mark whole design rows at random: the hardest case for a count that takes each run for new information."""
    return np.repeat(np.random.default_rng(seed).random(len(points) // SEEDS) < share, SEEDS)


def limit(found: Found, factor: str, side: str, box: int = 1) -> float:
    line = found.boxes.query("factor == @factor and box == @box")
    assert len(line) == 1, f"{factor} in box {box}"
    return float(line[side].iloc[0])


# --- What was planted is found --------------------------------------------------------------------------------------


@BOTH
def test_a_planted_box_is_found_with_its_limits(search: Callable[..., Found]) -> None:
    points = design(500)
    found = search(points, planted(points), "popped")
    box = found.boxes.iloc[0]
    assert set(found.boxes["factor"]) == {"factor_0", "factor_1", "factor_2"} and set(found.boxes["box"]) == {1}
    assert limit(found, "factor_0", "high") == pytest.approx(0.4, abs=0.04)
    assert limit(found, "factor_1", "low") == pytest.approx(0.3, abs=0.04)
    assert limit(found, "factor_2", "low") == pytest.approx(0.2, abs=0.04)
    assert limit(found, "factor_2", "high") == pytest.approx(0.8, abs=0.04)
    assert np.isnan(limit(found, "factor_0", "low")) and np.isnan(limit(found, "factor_1", "high"))
    assert min(box.coverage, box.density) > 0.93 and min(box.coverage_out, box.density_out) > 0.75
    assert box.lift == pytest.approx(box.density / box.base_rate) and box.cases == len(points)
    assert (found.boxes["quasi_p"] < 0.01).all() and (found.boxes["refound"] > 0.5).all()


def test_the_limits_say_what_the_measures_say() -> None:
    points = design(400)
    wanted = planted(points)
    found = prim_box(points, wanted)
    held = np.ones(len(points), dtype=bool)
    for line in found.boxes.itertuples():
        values = points[line.factor].to_numpy()
        held &= ~(values < line.low) & ~(values > line.high)  # an open side is not a number
    assert wanted[held].mean() == found.boxes["density"].iloc[0]
    assert held[wanted].mean() == found.boxes["coverage"].iloc[0]
    assert held.mean() == found.boxes["mass"].iloc[0]


def test_the_trajectory_agrees_with_the_workbench_and_leads_from_the_whole_space_to_a_dense_box() -> None:
    points = design(300)
    wanted = planted(points)
    steps = prim_box(points, wanted, "popped").trajectory
    with quiet():
        from ema_workbench.analysis.prim import Prim

        theirs = Prim(points, wanted, mass_min=0.05).find_box().peeling_trajectory
    for column, other in (
        ("coverage", "coverage"),
        ("density", "density"),
        ("mass", "mass"),
        ("restricted", "res_dim"),
    ):
        assert steps[column].to_numpy() == pytest.approx(theirs[other].to_numpy(dtype=float))
    first = steps.iloc[0]
    assert (first["coverage"], first["mass"], first["restricted"]) == (1.0, 1.0, 0)
    assert steps["chosen"].sum() == 1 and steps["step"].tolist() == list(range(len(steps)))


@BOTH
def test_labels_with_noise_keep_the_box_and_no_factor_besides(search: Callable[..., Found]) -> None:
    points = design(500, factors=10)
    luck = np.random.default_rng(5).random(len(points))
    found = search(points, np.where(planted(points), luck < 0.85, luck < 0.03))
    assert set(found.boxes["factor"]) == {"factor_0", "factor_1", "factor_2"}
    assert found.boxes["density"].iloc[0] == pytest.approx(0.85, abs=0.08)
    assert found.boxes["density_out"].iloc[0] == pytest.approx(found.boxes["density"].iloc[0], abs=0.15)


@BOTH
def test_two_boxes_that_do_not_touch_are_both_found(search: Callable[..., Found]) -> None:
    points = design(900, factors=6)
    wanted = ((points.factor_0 < 0.3) & (points.factor_1 < 0.4)) | ((points.factor_2 > 0.8) & (points.factor_3 > 0.5))
    found = search(points, wanted.to_numpy(), settings=Settings(boxes=4))
    total = found.boxes.groupby("box")["coverage"].first().sum()
    assert found.boxes["box"].nunique() >= 2 and 0.9 < total <= 1.0
    assert (found.boxes.query("box <= 2")["density"] > 0.9).all()
    first, second = (set(found.boxes.query("box == @box")["factor"]) for box in (1, 2))
    assert {"factor_0", "factor_1"} <= first and {"factor_2", "factor_3"} <= second


def test_a_diagonal_edge_is_no_box_and_the_numbers_say_so() -> None:
    points = design(600, seeds=1)
    wanted = (points.factor_0 + points.factor_1 > 1.5).to_numpy()
    box = prim_box(points, wanted).boxes.iloc[0]
    assert min(box.coverage, box.density) < 0.9 and box.coverage_out < 0.95


def test_opposite_corners_hide_from_peeling_but_not_from_a_tree() -> None:
    points = design(800, seeds=1)
    corners = ((points.factor_0 < 0.3) & (points.factor_1 < 0.3)) | ((points.factor_0 > 0.7) & (points.factor_1 > 0.7))
    assert prim(points, corners.to_numpy()).boxes.empty
    assert cart(points, corners.to_numpy()).boxes["box"].nunique() == 2


def test_a_class_that_is_the_rule_has_a_box_too() -> None:
    points = design(400)
    wanted = ~((points.factor_0 < 0.4) & (points.factor_1 < 0.4)).to_numpy()
    found = prim_box(points, wanted)
    assert found.boxes["base_rate"].iloc[0] > 0.8 and found.boxes["density"].iloc[0] > 0.97


def test_logarithmic_factors_come_back_in_their_units() -> None:
    points = design(400)
    points["factor_0"] = 10.0 ** (3 * points["factor_0"])
    wanted = (points.factor_0 < 10).to_numpy()
    found = prim_box(points, wanted, settings=Settings(log_factors=("factor_0",)))
    assert limit(found, "factor_0", "high") == pytest.approx(10, rel=0.1)


# --- What is chance is not believed ---------------------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize("seed", range(3))
def test_pure_noise_gives_no_box(search: Callable[..., Found], seed: int) -> None:
    points = design(200, factors=12, seed=seed)
    found = search(points, per_row(points, 0.2, seed + 50))
    assert found.boxes.empty and found.notes["note"].str.contains("no box").all()


def test_the_dummy_is_never_kept() -> None:
    for seed in range(6):
        points = design(150, factors=12, seed=seed)
        wanted = (planted(points) & per_row(points, 0.8, seed + 50)) | per_row(points, 0.05, seed + 99)
        cases = make_cases(points, wanted)
        for peeled in peel_boxes(cases, Settings(boxes=1)):
            assert not np.isfinite(peeled.box[:, -1]).any()


def test_a_box_that_limits_an_inert_factor_is_reported_as_suspect() -> None:
    points = design(300).rename(columns={"factor_0": "dummy", "dummy": "factor_0"})
    note = prim_box(points, (points.dummy < 0.4).to_numpy()).notes["note"].iloc[0]
    assert "box 1 limits dummy, which has no effect" in note


@BOTH
def test_the_same_tables_give_the_same_boxes(search: Callable[..., Found]) -> None:
    points = design(250)
    one, two = (search(points, planted(points)) for _ in range(2))
    pd.testing.assert_frame_equal(one.boxes, two.boxes)
    pd.testing.assert_frame_equal(one.trajectory, two.trajectory)


@BOTH
def test_a_class_that_is_tiny_empty_or_everything_gives_a_sentence(search: Callable[..., Found]) -> None:
    points = design(100)
    few = np.arange(len(points)) < (MIN_ROWS - 1) * SEEDS
    for wanted, words in (
        (few, f"too few: 57 runs of 19 design rows are in the class, and {MIN_ROWS} rows are needed"),
        (~few, "57 runs of 19 design rows are outside the class"),
        (few & False, "none of the 300 runs"),
        (few | True, "all of the 300 runs"),
    ):
        found = search(points, wanted, "popped")
        assert found.boxes.empty and found.trajectory.empty and words in found.notes["note"].iloc[0]
        assert list(found.boxes) == list(BOXES) and list(found.trajectory) == list(TRAJECTORY)


def test_more_seeds_of_a_row_are_no_more_evidence() -> None:
    points = design(200, seeds=1)
    wanted = (points.factor_0 < 0.4).to_numpy() & (np.random.default_rng(1).random(200) < 0.7)
    many = points.loc[points.index.repeat(7)].reset_index(drop=True)
    box = open_box(5)
    box[1, 0], box[0, 3] = 0.5, 0.1
    single, repeated = (quasi_p(box, make_cases(*table)) for table in ((points, wanted), (many, np.repeat(wanted, 7))))
    assert repeated == pytest.approx(single, nan_ok=True)
    assert fit(inside(box, many.to_numpy()), np.repeat(wanted, 7)) == fit(inside(box, points.to_numpy()), wanted)


def test_chance_is_the_exact_binomial_test_for_whole_counts() -> None:
    for hits, rows, expected in ((3, 10, 0.2), (10, 10, 0.9), (1, 30, 0.5)):
        exact = binomtest(hits, rows, expected, alternative="greater").pvalue
        assert chance(hits / rows, rows, expected) == pytest.approx(exact)
    assert chance(0.0, 10, 0.5) == 1.0 and chance(1.0, 10, 1.0) == 1.0
    assert chance(0.3, 10, 0.2) > chance(0.35, 10, 0.2) > chance(0.4, 10, 0.2)


def test_pruning_drops_what_is_chance_and_keeps_what_is_not() -> None:
    points = design(300)
    box = open_box(5)
    box[1, 0], box[0, 4] = 0.4, 0.05
    kept = prune(box, make_cases(points, (points.factor_0 < 0.4).to_numpy()), 0.05)
    assert kept[1, 0] == 0.4 and not np.isfinite(kept[:, 4]).any()


# --- Folds ----------------------------------------------------------------------------------------------------------


def test_folds_keep_the_seeds_of_a_row_together_and_share_the_class_out() -> None:
    points = design(103)
    wanted = planted(points)
    fold = assign_folds(make_cases(points, wanted), 5)
    assert (np.ptp(fold.reshape(-1, SEEDS), axis=1) == 0).all()
    counts = np.bincount(fold, weights=wanted)
    assert np.ptp(counts) <= 2 * SEEDS and np.ptp(np.bincount(fold)) <= SEEDS


def test_what_is_left_out_is_never_seen_by_the_procedure() -> None:
    """A procedure that learns its own runs by heart does well on them and no better than the base rate elsewhere."""
    points = design(200, seeds=1)
    wanted = np.random.default_rng(2).random(200) < 0.3
    seen: list[set[int]] = []

    def by_heart(cases):
        seen.append(set(cases.rows.tolist()))
        return [open_box(5)]

    (out,) = out_of_sample(by_heart, make_cases(points, wanted), 1, 4)
    assert (out.coverage, out.density, out.rows) == (1.0, wanted.mean(), 200)
    assert len(seen) == 4 and all(len(rows) == 150 for rows in seen)
    assert all(one != two for one, two in pairwise(seen))


def test_leaves_are_disjoint_and_their_density_exceeds_the_base_rate() -> None:
    points = design(300)
    cases = make_cases(points, planted(points))
    boxes = leaf_boxes(cases, Settings(boxes=5, pruning=1e-6))
    held = np.array([inside(box, cases.values) for box in boxes])
    assert held.sum(axis=0).max() == 1
    assert all(cases.wanted[one].mean() > cases.base_rate for one in held)


# --- Tables and words -----------------------------------------------------------------------------------------------


def test_discover_goes_through_classes_and_methods() -> None:
    points = design(300)
    classes = np.where(planted(points), "caused by the shock", "endogenous")
    classes[:6] = "survived"
    found = discover(points, classes)
    assert list(found.notes) == list(NOTES) and len(found.notes) == 6
    assert set(found.boxes["class"]) == {"caused by the shock", "endogenous"}
    assert set(found.boxes["method"]) == {PRIM, CART}
    assert found.boxes.dtypes.astype(str).to_dict() == BOXES
    assert found.trajectory.dtypes.astype(str).to_dict() == TRAJECTORY
    assert found.notes.query("`class` == 'survived'")["note"].str.startswith("too few: 6 runs of 2 design rows").all()


def test_the_workbench_keeps_quiet(caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    points = design(150)
    prim_box(points, planted(points))
    assert not caplog.records and capsys.readouterr() == ("", "")


GOOD = pd.DataFrame({"a": [1.0, 2.0], "b": [1.0, 2.0]})


@pytest.mark.parametrize(
    ("points", "wanted", "settings", "words"),
    [
        (GOOD.iloc[:0], [], {}, "points = empty or not a table"),
        (GOOD, [True], {}, r"wanted = bool of shape \(1,\): give 2 truth values"),
        (GOOD, [1, 0], {}, "wanted = int64"),
        (GOOD.assign(b=[1.0, np.nan]), [True, False], {}, r"points\['b'\] = .*give finite numbers"),
        (GOOD.assign(b=["x", "y"]), [True, False], {}, r"points\['b'\] = "),
        (GOOD.assign(b=[0.0, 1.0]), [True, False], {"log_factors": ("b",)}, "finite numbers above zero"),
        (GOOD, [True, False], {"log_factors": ("c",)}, "log_factors = 'c': give names from a, b"),
        (GOOD.rename(columns={"b": "a"}), [True, False], {}, "column 'a' twice"),
        (GOOD, [True, False], {"boxes": 0}, "boxes = 0: give a whole number from 1 to 20"),
        (GOOD, [True, False], {"level": 1.5}, "level = 1.5: give a number between 0 and 1"),
    ],
)
def test_bad_input_is_refused_in_one_line(points: pd.DataFrame, wanted: list, settings: dict, words: str) -> None:
    with pytest.raises(InvalidInput, match=words) as refusal:
        prim_box(points, np.array(wanted), settings=Settings(**settings))
    assert "\n" not in str(refusal.value)


def test_bad_rows_classes_and_methods_are_refused() -> None:
    with pytest.raises(InvalidInput, match="rows = array of shape"):
        prim_box(GOOD, np.array([True, False]), rows=[1])
    with pytest.raises(InvalidInput, match="classes = array of shape"):
        discover(GOOD, ["a"])
    with pytest.raises(InvalidInput, match="methods = 'MAGIC': give names from PRIM, CART"):
        discover(GOOD, ["a", "b"], methods=["MAGIC"])
