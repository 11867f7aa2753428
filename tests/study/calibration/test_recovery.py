"""A point whose facts the model gives itself is found again."""

import numpy as np
import pytest

from bubble_abm import InvalidInput
from bubble_abm.observe.targets import Target
from bubble_abm.study.calibration.recovery import facts_of, recover
from tests.study.calibration.test_calibrate import PLANE


def test_the_true_point_of_a_plane_is_inside(tmp_path):
    found = recover(PLANE, np.array([0.3, 0.4]), tmp_path, workers=1)
    assert found.inside and found.implausibility < 3.0
    assert found.lucky != found.implausibility and found.lucky < 3.0
    assert found.members == 50
    assert found.nearest < 0.15 and found.typical > 0.2
    assert found.covered == 1.0
    again = recover(PLANE, np.array([0.3, 0.4]), tmp_path, workers=1)
    assert again == found


def test_a_point_at_which_the_model_fails_is_refused(tmp_path):
    with pytest.raises(InvalidInput, match="truth: the run at this point fails"):
        recover(PLANE, np.array([0.99, 0.99]), tmp_path, workers=1)


def test_facts_of_a_run_are_as_wide_as_the_real_ones_and_near_what_it_gave():
    wide = Target("rent", 100.0, 400.0, float)
    share = Target("share", -1.0, 1.0, float)
    nothing = Target("none", 1.0, 2.0, float)
    middles = []
    for seed in range(1, 200):
        rent, part = facts_of((wide, share, nothing), np.array([50.0, 0.2, 0.0]), seed)
        assert rent.high / rent.low == pytest.approx(4.0)
        assert part.high - part.low == pytest.approx(2.0)
        middles.append(((np.log(rent.low * rent.high) / 2 - np.log(50.0)) / np.log(2.0), part.low + 1.0 - 0.2))
    assert np.std(middles, axis=0) == pytest.approx([1 / 3, 1 / 3], abs=0.06)
    assert np.mean(middles, axis=0) == pytest.approx([0.0, 0.0], abs=0.08)
