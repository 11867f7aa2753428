"""Waves of history matching in spaces whose regions are known."""

import math

import numpy as np
import pytest

from bubble_abm import InvalidInput
from bubble_abm.study.calibration import matching
from bubble_abm.study.calibration.matching import HALVINGS, Mixture, Waves, match, pull, reflected
from bubble_abm.study.calibration.surface import Memory


def last(judge, dimensions, **how):
    waves = list(match(lambda wave, step, places: judge(places)[:, None], dimensions, Waves(**how)))
    return waves[-1], waves


def from_uniform(places):
    ordered, count = np.sort(places), len(places)
    return max(
        np.abs(ordered - np.arange(count) / count).max(), np.abs(ordered - np.arange(1, count + 1) / count).max()
    )


def test_a_band_is_found_and_filled_evenly():
    """The points with |x + y - 1| <= 0.06 are 1 - 0.94² of the square; the third dimension does nothing."""
    found, _ = last(lambda at: np.abs(at[:, 0] + at[:, 1] - 1.0) / 0.02, 3, points=1000, first=2000)
    assert found.threshold == 3.0
    assert found.implausibility.max() <= 3.0
    assert np.abs(found.places[:, 0] + found.places[:, 1] - 1.0).max() <= 0.06
    assert found.volume == pytest.approx(math.log(1.0 - 0.94**2), abs=0.15)
    assert from_uniform(found.places[:, 2]) < 0.08
    # Along the band the density is even, but for the ends, where it is cut off.
    assert from_uniform(found.places[:, 0]) < 0.1


def test_a_small_box_in_many_dimensions_is_found_and_filled_evenly():
    """Twelve sides of 0.3: the box is half a millionth of the space."""
    middle = np.linspace(0.25, 0.75, 12)
    found, waves = last(
        lambda at: np.abs(at - middle).max(axis=1) / 0.05, 12, points=600, first=1200, steps=12, moves=4.0, spread=4
    )
    assert np.abs(found.places - middle).max() <= 0.15
    assert found.volume == pytest.approx(12 * math.log(0.3), abs=1.0)
    inside = (found.places - middle + 0.15) / 0.3
    assert inside.std(axis=0) == pytest.approx(np.full(12, 12**-0.5), abs=0.04)
    assert inside.mean(axis=0) == pytest.approx(np.full(12, 0.5), abs=0.06)
    thresholds = [wave.threshold for wave in waves]
    assert thresholds == sorted(thresholds, reverse=True)


def test_regions_apart_are_all_kept():
    """Two squares, the second four times the first."""

    def judge(at):
        small, large = (np.abs(at - middle).max(axis=1) for middle in (0.2, 0.7))
        return 3.0 * np.minimum(small / 0.05, large / 0.1)

    found, _ = last(judge, 2, points=2000, first=4000)
    share = float((found.places[:, 0] < 0.4).mean())
    assert share == pytest.approx(0.2, abs=0.05)


def test_what_fails_is_outside():
    def judge(at):
        return np.where(at[:, 0] > 0.5, np.inf, at[:, 0])

    found, _ = last(judge, 2, points=200, first=400)
    assert found.places[:, 0].max() <= 0.5
    with pytest.raises(InvalidInput, match="fails at every point"):
        last(lambda at: np.full(len(at), np.inf), 2, points=10, first=10)


def test_what_is_not_to_be_had_ends_with_the_waves():
    found, waves = last(lambda at: 5.0 + at[:, 0], 2, points=50, first=100, waves=4)
    assert [wave.number for wave in waves] == [0, 1, 2, 3]
    assert found.threshold > 5.0


def test_the_same_seed_gives_the_same_points():
    def run(seed):
        return last(lambda at: np.abs(at - 0.5).max(axis=1) / 0.02, 4, points=100, first=200, design=seed)[0].places

    assert np.array_equal(run(3), run(3))
    assert not np.array_equal(run(3), run(4))


def test_other_luck_in_every_wave_leaves_what_survives_all_of_it():
    """Each wave shifts what it sees: points at the edge are replaced by the copies of others."""

    def judge(wave, step, at):
        return (at[:, :1] - 0.5 - 0.02 * (-1) ** wave) / 0.05

    waves = list(match(judge, 1, Waves(points=300, first=600, spread=4)))
    assert all(0.5 < wave.survived <= 1.0 for wave in waves[-4:])
    assert waves[-1].volume == pytest.approx(math.log(0.3), abs=0.2)  # other luck makes the region no smaller


def test_waves_that_stall_are_pulled_to_the_region_of_a_known_point_and_fill_it():
    """Ten sides of 0.3, outside of which nothing shows the way: not to be found, unless a corner of it is known."""
    middle = np.linspace(0.3, 0.7, 10)

    def judge(wave, step, at):
        away = np.abs(at - middle).max(axis=1)
        return np.where(away <= 0.15, away / 0.05, 5.0 + 0.1 * at[:, 0])[:, None]

    how = Waves(points=300, first=600, waves=12, steps=12, moves=4.0, spread=6)
    assert list(match(judge, 10, how))[-1].threshold > 5.0
    found = list(match(judge, 10, how, (middle + 0.1)[None]))[-1]
    assert found.threshold == 3.0
    assert found.volume is None
    inside = (found.places - middle + 0.15) / 0.3
    assert inside.std(axis=0) == pytest.approx(np.full(10, 12**-0.5), abs=0.06)
    assert inside.mean(axis=0) == pytest.approx(np.full(10, 0.5), abs=0.09)
    assert list(match(judge, 10, how, np.zeros((1, 10))))[-1].threshold > 5.0  # which is ruled out itself


def test_points_are_pulled_no_farther_than_half_a_step_from_the_edge():
    def judge(wave, step, at):
        return 3.0 * np.linalg.norm(at, axis=1)[:, None] / 0.5

    places = np.array([[0.2, 0.1], [0.9, 0.3], [0.0, 1.0], [3.0, 3.0]])
    pulled = pull(judge, 1, places, np.zeros((1, 2)), 3.0, Memory())
    length, way = np.linalg.norm(pulled, axis=1), np.linalg.norm(places, axis=1)
    assert np.allclose(pulled / np.maximum(length, 1e-9)[:, None], places / way[:, None])
    assert pulled[0].tolist() == places[0].tolist()
    assert (length <= 0.5).all()
    assert (length[1:] > 0.5 - way[1:] * 2.0 ** (1 - HALVINGS)).all()
    assert pull(judge, 1, places, np.ones((1, 2)), 3.0, Memory()) is None


def test_steps_change_as_many_dimensions_as_their_kind_says_and_stay_in_the_space():
    mixture, generator = Mixture.over(10), np.random.default_rng(1)
    assert mixture.sizes.tolist() == [1, 2, 4, 8, 10, 1, 2, 4, 8, 10]
    begun = generator.random((50, 10))
    places = begun[generator.integers(50, size=4000)]
    proposed, kinds = mixture.propose(places, begun, generator)
    assert ((proposed >= 0.0) & (proposed <= 1.0)).all()
    assert np.array_equal((proposed != places).sum(axis=1), mixture.sizes[kinds])
    redrawn = mixture.redraws[kinds] & (mixture.sizes[kinds] == 1)
    drawn = proposed[redrawn][proposed[redrawn] != places[redrawn]]
    assert from_uniform(drawn) < 0.08


def test_reflection_is_its_own_opposite():
    at, steps = np.random.default_rng(1).random((2, 1000))
    there = reflected(at + steps)
    back = np.where(at + steps > 1.0, reflected(there + steps), reflected(there - steps))
    assert back == pytest.approx(at)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"points": 5}, "points = 5: give a whole number from 10"),
        ({"points": 100, "first": 50}, "first = 50: give at least as many as points, 100"),
        ({"keep": 1.0}, "keep = 1.0: give a number from 0.05 to 0.95"),
        ({"keep": math.nan}, "keep = nan: give a number"),
        ({"threshold": 0.0}, "threshold = 0.0: give a number from 0.1"),
        ({"waves": 0}, "waves = 0: give a whole number from 1"),
    ],
)
def test_numbers_out_of_bounds_are_refused(given, said):
    with pytest.raises(InvalidInput, match=said):
        Waves(**given)


def test_an_emulator_that_is_wrong_costs_runs_but_does_not_shift_the_points(monkeypatch):
    """It says that high values of x are a hundred times as likely to be allowed as low ones."""

    class Tilted:
        q2 = 0.9

        def log_chance(self, places, threshold):
            return 4.6 * places[:, 0]

    monkeypatch.setattr(matching.Memory, "learned", lambda self: Tilted())
    found, waves = last(
        lambda at: np.abs(at[:, 1] - 0.5) / 0.05, 2, points=1500, first=3000, steps=10, moves=4.0, spread=3
    )
    assert waves[-1].q2 == 0.9
    assert from_uniform(found.places[:, 0]) < 0.07
    assert from_uniform((found.places[:, 1] - 0.35) / 0.3) < 0.07


def test_points_forget_where_they_were():
    _, waves = last(lambda at: np.abs(at - 0.5).max(axis=1) / 0.1, 3, points=400, first=800, steps=10, moves=5.0)
    assert waves[0].memory == 1.0
    assert abs(waves[-1].memory) < 0.2


def test_a_threshold_goes_below_a_plateau_of_points_that_are_equally_implausible():
    def judge(at):
        return np.where(at[:, 0] > 0.3, 9.0, 10.0 * at[:, 0])

    found, _ = last(judge, 2, points=200, first=400)
    assert found.threshold == 3.0 and found.places[:, 0].max() <= 0.3


def test_a_search_that_begins_at_known_points_comes_from_all_directions_and_fills_their_region():
    """Two squares, of which the second has four times the room: who begins in both, ends in both."""

    def judge(wave, step, at):
        small, large = (np.abs(at - middle).max(axis=1) for middle in (0.2, 0.7))
        return (3.0 * np.minimum(small / 0.05, large / 0.1))[:, None]

    known = np.array([[0.2, 0.2], [0.7, 0.7], [0.45, 0.45]])  # the last one is ruled out
    how = Waves(points=400, first=400, steps=12, moves=4.0, spread=4)
    waves = list(match(judge, 2, how, known, at_once=True))
    assert [wave.number for wave in waves] == list(range(6))
    assert all(wave.threshold <= 3.0 and wave.volume is None for wave in waves)
    first = waves[0].places
    assert (first[:, 0] < 0.4).mean() == pytest.approx(0.5, abs=0.02)  # some meet the other square on their way
    assert len(np.unique(first, axis=0)) == 400
    found = waves[-1].places
    assert judge(0, 0, found).max() <= 3.0
    assert from_uniform((found[found[:, 0] > 0.4, 0] - 0.6) / 0.2) < 0.12
    with pytest.raises(InvalidInput, match="all members of this ensemble are ruled out"):
        list(match(judge, 2, how, known[2:], at_once=True))
