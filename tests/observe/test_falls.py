"""Falls and the share that the shock explains, on series made by hand."""

import numpy as np
import pytest

from bubble_abm.economy.measures import Measures
from bubble_abm.economy.world import empty_records
from bubble_abm.observe.falls import MEASURED, MID, WINDOWS, falls, share_of_fall, shares_of_falls, smallest
from bubble_abm.observe.verdict import DISCOUNT

MONTHS, SHOCK = 40, 24


def series(**columns):
    """Measures that are zero but for those given."""
    found = empty_records(MONTHS).measures
    for name, values in columns.items():
        found[name] = values
    return found


def rents(after):
    """Up to 200 in month 10, down to 120 in the month before the shock, then what is given."""
    before = np.concatenate([np.linspace(100, 200, 11), np.linspace(200, 120, 14)[1:]])
    return series(rent_per_server=np.concatenate([before, after]))


FALLING = np.concatenate([np.linspace(110, 60, 6), np.full(4, 40.0), np.full(6, 150.0)])  # 60 in June 2025, then 40


def test_a_fall_by_hand():
    found = falls(rents(FALLING), "rent", SHOCK)
    assert MID == SHOCK + 5
    assert found[""] == pytest.approx(140.0)  # 200 -> 60
    assert found["_to_trough"] == pytest.approx(160.0)  # 200 -> 40
    assert found["_after"] == pytest.approx(60.0)  # 120 -> 60
    assert found["_after_to_trough"] == pytest.approx(80.0)
    path = rents(FALLING)["rent_per_server"]
    area = sum((200.0 - path[10 + k]) / (1.0 + DISCOUNT) ** k for k in range(MONTHS - 10))
    assert found["_area"] == pytest.approx(area)
    assert set(found) == set(WINDOWS)


def test_the_difference_of_areas_is_the_cumulated_effect_in_present_value():
    whole, twin = rents(FALLING), rents(np.full(16, 100.0))
    effect = np.asarray(whole["rent_per_server"] - twin["rent_per_server"])
    weights = (1.0 + DISCOUNT) ** -(np.arange(MONTHS) - 10.0)
    lost = falls(whole, "rent", SHOCK)["_area"] - falls(twin, "rent", SHOCK)["_area"]
    assert lost == pytest.approx(-(effect * weights).sum())


def test_twins_fall_from_the_same_peak_even_if_one_of_them_rises_above_it_later():
    after = np.full(16, 260.0)
    assert falls(rents(after), "rent", SHOCK)["_to_trough"] == pytest.approx(80.0)  # the month before the shock
    assert falls(rents(after), "rent", SHOCK)[""] == pytest.approx(-60.0)


def test_after_the_shock_only_what_comes_after_it_counts():
    recovered = rents(np.full(16, 118.0))
    recovered["rent_per_server"][15] = 90.0
    found = falls(recovered, "rent", SHOCK)
    assert (found["_to_trough"], found["_after_to_trough"]) == pytest.approx((110.0, 2.0))


def test_what_rises_in_a_bust_is_measured_from_its_lowest():
    idle = np.concatenate([np.zeros(10), np.linspace(0.1, 0.5, 14), np.full(6, 0.7), np.full(10, 0.3)])
    found = falls(series(idle_share_new=idle), "idle", SHOCK)
    assert (found[""], found["_to_trough"], found["_after"]) == pytest.approx((0.7, 0.7, 0.2))


def test_counts_are_added_up_in_present_value_once_each():
    failed = np.cumsum(np.where(np.arange(MONTHS) == 30, 10.0, 0.0))
    found = falls(series(projects_bankrupt=failed), "bankruptcies", SHOCK)
    assert (found[""], found["_to_trough"]) == (0.0, 10.0)
    assert found["_area"] == pytest.approx(10.0 * (1.0 + DISCOUNT) ** -30)
    flows = np.where(np.arange(MONTHS) == 30, 10.0, 0.0)
    assert falls(series(write_offs=flows), "write_offs", SHOCK) == pytest.approx(found)


def test_starts_are_sites_that_enter_construction():
    building = np.concatenate([np.linspace(3, 30, 10), np.full(14, 30.0), np.linspace(28, 0, 15), [0.0]])
    opened = np.concatenate([np.zeros(10), np.arange(14.0), np.full(16, 14.0)])
    begun = MEASURED["starts"].read(series(projects_building=building, projects_completed=opened))
    assert begun[2] == building[2] and begun[9] == pytest.approx(building[9] - building[6])
    assert begun[20] == 3.0


@pytest.mark.parametrize("name", MEASURED)
def test_every_measure_reads_measures_that_exist_and_is_still_in_a_still_world(name):
    assert set(falls(series(), name, SHOCK).values()) == {0.0}
    assert MEASURED[name].way in ("fall", "rise")
    moving = series(**{column: np.arange(MONTHS, dtype=float) ** 2 for column in Measures.columns})
    assert any(value != 0.0 for value in falls(moving, name, SHOCK).values())


@pytest.mark.parametrize(("shock", "months"), [(0, 40), (24, 1), (24, 25), (60, 40), (39, 40)])
def test_short_runs_and_shocks_at_either_end_have_numbers(shock, months):
    short = rents(FALLING)[:months]
    for name in MEASURED:
        assert np.isfinite(list(falls(short, name, shock).values())).all()


# --- Shares ---------------------------------------------------------------------------------------------------------


def shares(runs, twins, measure="rent", window=""):
    return next(
        one for one in shares_of_falls(runs, twins, SHOCK) if (one.measure, one.window) == (measure, window)
    )  # fmt: skip


def test_a_shock_without_effect_explains_nothing_and_one_that_does_all_explains_all():
    whole = [rents(FALLING), rents(FALLING + 1)]
    assert shares(whole, whole).share.value == 0.0
    recovered = rents(np.full(16, 200.0))
    assert shares(whole, [recovered, recovered]).share.value == 1.0
    assert shares(whole, [recovered, recovered]).by_seed == [1.0, 1.0]


def test_over_seeds_it_is_the_ratio_of_means():
    whole = [rents(FALLING + more) for more in (0, 20, 40)]
    twins = [rents(FALLING + more) for more in (20, 20, 60)]
    found = shares(whole, twins)
    assert found.fall == pytest.approx((140 + 120 + 100) / 3)
    assert found.fall_without_shock == pytest.approx((120 + 120 + 80) / 3)
    assert found.share.value == pytest.approx(40 / 360)
    assert found.by_seed == pytest.approx([20 / 140, 0.0, 20 / 100])
    assert found.share.low < found.share.value < found.share.high


def test_where_nothing_falls_there_is_no_share():
    risen = [rents(np.full(16, 240.0)), rents(np.full(16, 250.0))]
    twins = [rents(FALLING), rents(FALLING)]
    assert shares(risen, twins).share is None and shares(risen, twins).by_seed == [None, None]
    assert shares(risen[:1], twins[:1]).share is None
    most = [rents(np.full(16, 205.0)), rents(np.full(16, 201.0)), rents(FALLING)]
    assert shares(most, most).share is None  # one of three falls, though the mean falls
    assert shares(most, most).by_seed == [None, None, 0.0]


def test_the_smallest_area_is_the_smallest_fall_in_every_month():
    whole = rents(FALLING)
    assert smallest(whole, "rent", "") == smallest(whole, "rent", "_after") == pytest.approx(0.05 * 160.0)
    assert smallest(whole, "rent", "_area") == pytest.approx(MONTHS * 0.05 * 160.0)
    failed = series(projects_bankrupt=np.arange(MONTHS, dtype=float))
    assert smallest(failed, "bankruptcies", "_area") == pytest.approx(0.05 * (MONTHS - 1))


def test_a_fall_within_the_noise_of_a_measure_is_none():
    assert share_of_fall(4.9, -100.0, least=5.0) is None
    dip = rents(np.concatenate([np.full(5, 118.0), np.full(11, 115.0)]))
    assert shares([dip], [dip], window="_after").by_seed == [None]  # 5 of a range of 100
    assert shares([dip], [dip], window="").by_seed == [0.0]
    deeper = rents(np.full(16, 112.0))
    found = shares([dip, dip, deeper], [dip, dip, deeper], window="_after")
    assert found.by_seed == [None, None, 0.0] and found.share is None  # one of three, though the mean fall is sure
    assert shares([dip, deeper, deeper], [dip, deeper, deeper], window="_after").share.value == 0.0
