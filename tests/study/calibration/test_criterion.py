"""Implausibility by hand, and which facts are chosen."""

import numpy as np
import pytest

from bubble_abm import InvalidInput
from bubble_abm.observe.targets import TARGETS, Target
from bubble_abm.study.calibration.criterion import Criterion, chosen, months_needed

SHARE = Target("share", 0.0, 2.0, float, weight="strong")
RENT = Target("rent", 1.0, 100.0, float, weight="weak")


def test_implausibility_is_the_distance_in_standard_deviations_of_all_that_is_unknown():
    criterion = Criterion((SHARE, RENT), np.array([0.04, 0.0]), {"strong": 0.2, "weak": 0.5})
    values = np.array([[[2.0, 100.0], [3.0, 100.0]]])  # one point under two seeds: 1.5 half-widths away, and 1
    one, other = 1 / 9 + 0.04 + 0.04 * 1.5, 1 / 9 + 0.25
    assert criterion.implausibilities(values)[0] == pytest.approx([1.5 / one**0.5, 1.0 / other**0.5])


def test_with_no_luck_and_nothing_left_out_the_edge_of_the_range_is_three():
    criterion = Criterion((SHARE,), np.zeros(1), {"strong": 0.0})
    assert criterion.implausibilities(np.array([[[2.0]], [[0.0]], [[1.0]]])).ravel() == pytest.approx([3.0, 3.0, 0.0])


def test_a_point_may_have_luck_of_its_own():
    """Which is known the better the more seeds it has: as many as the mean counts for, and it has half of each."""
    calm, wild = np.ones((21, 1)), 1.0 + np.tile([[1.0], [-1.0], [0.0]], (7, 1))
    values = np.stack([calm, wild])
    common, own = (Criterion((SHARE,), np.array([0.4]), {"strong": 0.0}, own) for own in (False, True))
    assert common.luck_of(common.distances(values)).ravel().tolist() == [0.4, 0.4]
    expected = [0.2, 0.5 * (0.4 + wild.var(ddof=1))]
    assert own.luck_of(own.distances(values)).ravel() == pytest.approx(expected)
    assert own.luck_of(values[:, :1]).ravel().tolist() == [0.4, 0.4]  # one seed tells nothing
    away = values + 1.0
    assert own.implausibilities(away).ravel() == pytest.approx(1 / np.sqrt(1 / 9 + np.array(expected) * 22 / 21))
    assert np.isinf(own.implausibilities(np.where(values == 1.0, np.nan, values))).all()


def test_a_run_that_fails_is_implausible_without_bound():
    criterion = Criterion((SHARE,), np.zeros(1), {"strong": 0.25})
    assert np.isinf(criterion.implausibilities(np.array([[[1.0], [np.nan]]]))).all()


def test_facts_are_chosen_by_weight_by_name_and_by_date():
    strong = chosen("strong")
    assert {target.weight for target in strong} == {"strong"}
    assert {target.name for target in chosen("all")} == set(TARGETS)
    assert [target.name for target in chosen("C09")] == ["C09", "C09.month"]
    assert "C03" not in {target.name for target in chosen("strong", without=["C03"])}
    early = chosen("all", until="2024-06")
    assert early and all(target.last <= 17 for target in early)
    assert months_needed(early) <= 18
    assert months_needed(chosen("C10")) == 24


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"facts": "C99"}, "unknown fact 'C99'"),
        ({"facts": ""}, "unknown fact ''"),
        ({"facts": "C10", "without": ["C10"]}, "none is left"),
        ({"without": ["nothing"]}, "unknown fact 'nothing'"),
        ({"until": "soon"}, "until = soon: give a month such as 2024-06"),
        ({"facts": "C11", "until": "2023-06"}, "none is left, give others or a later month"),
    ],
)
def test_what_cannot_be_matched_is_refused(given, said):
    with pytest.raises(InvalidInput, match=said):
        chosen(**given)
