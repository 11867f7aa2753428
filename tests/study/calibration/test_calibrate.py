"""Calibration from end to end: a plane whose region is known, interruptions, and a small real economy."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

from bubble_abm import Factor, InvalidInput
from bubble_abm.observe.targets import Target
from bubble_abm.study.calibration.calibrate import LUCK_SEEDS, Calibration, Search, calibrate
from bubble_abm.study.calibration.criterion import chosen
from bubble_abm.study.calibration.matching import Waves
from bubble_abm.study.calibration.prior import space
from bubble_abm.study.ensemble import Ensemble


def nothing(series):
    return 0.0


PLANE = Calibration(
    targets=(
        Target("sum", -0.9, 2.9, nothing, weight="strong"),  # middle 1, half-width 1.9
        Target("difference", -0.1, 0.1, nothing, weight="strong"),
    ),
    factors=(Factor("x", 0, 1), Factor("y", 0, 1)),
    waves=Waves(points=120, first=240, spread=2),
    seeds=2,
    judges=7,
    members=50,
    discrepancy={"strong": 0.0, "weak": 0.0},
    kept=(),
    model="tests.models:facts_of_a_plane",
)


def bytes_of(folder):
    return {name: (folder / name).read_bytes() for name in ("ensemble.parquet", "waves.csv")}


def test_the_members_are_where_the_facts_allow(tmp_path):
    found = calibrate(PLANE, tmp_path)
    assert found.reached and found.runs > 1000 and found.reused == 0
    ensemble = found.ensemble
    assert len(ensemble) == 50
    x, y = ensemble.values.T
    assert np.abs(x - y).max() <= 0.105  # the range, and the little luck there is
    assert ensemble.implausibility.max() <= 3.0
    assert ensemble.simulated[:, ensemble.targets.index("sum")] == pytest.approx(x + y, abs=1e-3)
    assert x.min() < 0.15 and x.max() > 0.85  # along the band they go from end to end
    assert not ((x > 0.98) & (y > 0.98)).any()
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["members"] == 50 and report["runs"] == found.runs


def test_what_was_interrupted_continues_to_the_same_bits(tmp_path):
    whole = calibrate(PLANE, tmp_path / "whole")

    def stop(wave, steps, by_fact):
        if wave.number == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        calibrate(PLANE, tmp_path / "cut", tell=stop)
    assert not (tmp_path / "cut" / "ensemble.parquet").exists()
    steps = sorted((tmp_path / "cut" / "steps").glob("*.parquet"))
    steps[-1].write_bytes(steps[-1].read_bytes()[:100])  # as if the disk had not kept the last one
    (tmp_path / "cut" / "steps" / ".wave-002-01.parquet.tmp").write_bytes(b"half")
    again = calibrate(PLANE, tmp_path / "cut")
    assert 0 < again.reused < again.runs == whole.runs
    assert bytes_of(tmp_path / "cut") == bytes_of(tmp_path / "whole")
    third = calibrate(PLANE, tmp_path / "cut")
    assert third.reused == third.runs
    assert bytes_of(tmp_path / "cut") == bytes_of(tmp_path / "whole")


def test_workers_do_not_matter(tmp_path):
    calibrate(PLANE, tmp_path / "one", workers=1)
    calibrate(PLANE, tmp_path / "two", workers=2, executor="processes")
    assert bytes_of(tmp_path / "one") == bytes_of(tmp_path / "two")


def test_another_plan_is_not_mixed_in(tmp_path):
    calibrate(PLANE, tmp_path)
    from dataclasses import replace

    other = replace(PLANE, seeds=3)
    with pytest.raises(InvalidInput, match="holds a calibration with other seeds"):
        calibrate(other, tmp_path)
    assert calibrate(other, tmp_path, overwrite=True).ensemble is not None
    (tmp_path / "calibration.json").write_text("[")
    with pytest.raises(InvalidInput, match="damaged"):
        calibrate(other, tmp_path)


def test_a_folder_with_something_else_is_left_alone(tmp_path):
    (tmp_path / "letter.txt").write_text("mine")
    with pytest.raises(InvalidInput, match="holds something other than a calibration"):
        calibrate(PLANE, tmp_path)
    with pytest.raises(InvalidInput, match="is not a folder"):
        calibrate(PLANE, tmp_path / "letter.txt")


def test_a_step_of_other_points_is_refused(tmp_path):
    calibrate(PLANE, tmp_path)
    steps = tmp_path / "steps"
    sums = (tmp_path / "SHA256SUMS").read_text()
    line = next(line for line in sums.splitlines() if line.endswith("steps/wave-001-00.parquet"))
    other = next(line for line in sums.splitlines() if line.endswith("steps/wave-002-00.parquet"))
    shutil.copy(steps / "wave-002-00.parquet", steps / "wave-001-00.parquet")
    (tmp_path / "SHA256SUMS").write_text(sums.replace(line[:64], other[:64]))
    with pytest.raises(InvalidInput, match=r"wave-001-00\.parquet is of other points"):
        calibrate(PLANE, tmp_path)


def test_facts_that_contradict_each_other_leave_no_member(tmp_path):
    from dataclasses import replace

    far = Target("sum", 9.9, 10.1, nothing, weight="strong")
    plan = replace(PLANE, targets=(far, PLANE.targets[1]), waves=Waves(points=20, first=20, waves=3))
    found = calibrate(plan, tmp_path)
    assert found.ensemble is None and not found.reached
    assert not (tmp_path / "ensemble.parquet").exists()


def test_a_small_real_calibration(tmp_path):
    ranges = {"first_rent": (7_000, 14_000), "rent_adjustment": (0.05, 0.2)}
    names = [one.name for one in space()]
    plan = Calibration(
        targets=chosen("C10"),
        factors=space(ranges, [name for name in names if name not in ranges]),
        waves=Waves(points=12, first=24, spread=0, waves=6),
        seeds=1,
        judges=2,
        kept=chosen("C05,C11"),
        discrepancy={"strong": 0.5, "weak": 0.5},
    )
    found = calibrate(plan, tmp_path)
    ensemble = Ensemble.load(tmp_path / "ensemble.parquet")
    assert len(ensemble) == len(found.ensemble) >= 2
    assert ensemble.names == ("rent_adjustment", "first_rent")
    assert ensemble.targets == ("C10", "C05", "C11") and ensemble.matched == ("C10",)
    assert (ensemble.simulated[:, 0] > 40_000).all() and (ensemble.simulated[:, 0] < 140_000).all()
    assert calibrate(plan, tmp_path).reused == found.runs


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"seeds": 0}, "seeds = 0: give a whole number"),
        ({"judges": 401}, "judges = 401: give a whole number from 1 to 400"),
        ({"members": 1}, "members = 1: give a whole number"),
        ({"discrepancy": {"strong": -1.0, "weak": 0.0}}, "discrepancy of strong facts = -1.0"),
        ({"targets": (Target("point", 1.0, 1.0, nothing),)}, "fact point: its range is empty"),
    ],
)
def test_what_is_no_calibration_is_refused(given, said):
    with pytest.raises(InvalidInput, match=said):
        Calibration(**given)


def test_a_search_begins_at_the_members_of_another(tmp_path):
    """Which have one parameter only, and are judged under other seeds than before."""
    first = calibrate(PLANE, tmp_path / "first").ensemble
    half = Ensemble(first.factors[:1], first.values[:, :1], first.implausibility, (), np.zeros((len(first), 0)))
    plan = replace(PLANE, begin=half, targets=PLANE.targets[:1])
    assert plan.known[:, 1].tolist() == [0.5] * len(first)  # where the second parameter is
    assert plan.known[:, 0] == pytest.approx(first.values[:, 0])
    assert (PLANE.first_judge, plan.first_judge) == (101, 108)
    found = calibrate(plan, tmp_path / "second")
    assert found.waves[0].threshold <= 3.0
    assert found.ensemble.origin["begin"]["members"] == len(first)
    assert found.ensemble.values[:, 1].min() < 0.2 and found.ensemble.values[:, 1].max() > 0.8
    with pytest.raises(InvalidInput, match="holds a calibration with other begin"):
        calibrate(replace(plan, begin=first), tmp_path / "second")
    other = Ensemble((Factor("herding", 0, 8),), np.ones((2, 1)), np.ones(2), (), np.zeros((2, 0)))
    with pytest.raises(InvalidInput, match="differ in no parameter that is searched"):
        calibrate(replace(PLANE, begin=other), tmp_path / "third")


class Lucky:
    """Runs whose spread over seeds is the first parameter of a point."""

    def __init__(self):
        self.asked = []

    def run(self, name, values, seeds, targets, months):
        self.asked.append((name, values.shape, len(seeds)))
        noise = np.random.default_rng(1).standard_normal((1, len(seeds), len(targets)))
        return values[:, :1, None] * noise


def test_luck_is_that_of_the_members_where_the_search_begins():
    members = np.array([[0.2, 0.5], [0.4, 0.5], [0.9, 0.5]])
    began = replace(PLANE, begin=Ensemble(PLANE.factors, members, np.ones(3), (), np.zeros((3, 0))))
    runs = Lucky()
    luck = Search(began, runs).criterion.luck
    assert runs.asked == [("luck", (3, 2), LUCK_SEEDS // 2)]
    noise = np.random.default_rng(1).standard_normal((LUCK_SEEDS // 2, 2))
    widths = np.array([1.9, 0.1])  # half-widths of the facts
    assert luck == pytest.approx((members[:, 0] ** 2).mean() * noise.var(axis=0, ddof=1) / widths**2)


def test_a_point_may_be_allowed_luck_of_its_own(tmp_path):
    plan = replace(PLANE, own_luck=True)
    found = calibrate(plan, tmp_path / "own").ensemble
    assert found.origin["own_luck"] and "own_luck" not in PLANE.identity()
    with pytest.raises(InvalidInput, match="holds a calibration with other own_luck"):
        calibrate(replace(plan, own_luck=False), tmp_path / "own")


def test_luck_cannot_be_learned_where_all_runs_fail():
    members = np.full((2, 2), np.nan)
    began = replace(PLANE, begin=Ensemble(PLANE.factors, members, np.ones(2), (), np.zeros((2, 0))))
    with pytest.raises(InvalidInput, match="from: runs of all its members fail, so luck cannot be measured there"):
        _ = Search(began, Lucky()).criterion
