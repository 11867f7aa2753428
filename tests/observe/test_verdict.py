"""Verdicts on series made by hand, whose answers are known."""

import numpy as np
import pytest

from bubble_abm.economy.parameters import Parameters
from bubble_abm.observe import verdict
from bubble_abm.observe.verdict import Pop, attribution, bubble, ex_post_value, in_a_row, pop, price_over_value

MONTHS = 48


def calm(**columns):
    """A boom without a bust: ten projects a month, all full, rents steady."""
    months = np.arange(MONTHS, dtype=float)
    series = {
        "rent_per_server": np.full(MONTHS, 80_000.0),
        "utilisation": np.full(MONTHS, 0.8),
        "all_in_price": np.full(MONTHS, 250_000.0),
        "idle_share_new": np.full(MONTHS, 0.2),
        "projects_announced": 10.0 * (months + 1),
        "projects_completed": 5.0 * months,
        "projects_distressed": np.zeros(MONTHS),
        "projects_bankrupt": np.zeros(MONTHS),
        "projects_taken_over": np.zeros(MONTHS),
    }
    return series | columns


def popped(month, months=MONTHS):
    return Pop(None, None, None, None, month, months)


def test_a_calm_run_is_censored_and_says_so():
    found = pop(calm())
    assert found == Pop(None, None, None, None, None, MONTHS)
    assert found.censored


def test_the_pop_is_the_first_month_with_three_of_four_signs():
    rent = np.where(np.arange(MONTHS) < 20, 100_000.0, 69_999.0)
    idle = np.where(np.arange(MONTHS) < 24, 0.2, 0.61)
    announced = np.minimum(10.0 * (np.arange(MONTHS) + 1), 280.0)
    found = pop(calm(rent_per_server=rent, idle_share_new=idle, projects_announced=announced))
    # The last ten projects are announced in month 27; three months later none has been for a quarter.
    assert (found.rent, found.idle, found.announcements, found.distress) == (20, 24, 30, None)
    assert found.composite == 30
    assert not found.censored


def test_two_signs_are_no_pop():
    rent = np.where(np.arange(MONTHS) < 20, 100_000.0, 50_000.0)
    found = pop(calm(rent_per_server=rent, idle_share_new=np.full(MONTHS, 0.9)))
    assert found.rent == 20
    assert found.idle == 6  # thirty sites are open
    assert found.composite is None


def test_a_rent_of_exactly_seventy_per_cent_has_not_fallen_far_enough():
    rent = np.where(np.arange(MONTHS) < 20, 100_000.0, 70_000.0)
    assert pop(calm(rent_per_server=rent)).rent is None


def test_distress_counts_distressed_bankrupt_and_taken_over():
    failed = np.where(np.arange(MONTHS) >= 40, 11.0, 0.0)
    found = pop(calm(projects_distressed=failed, projects_bankrupt=failed, projects_taken_over=failed))
    assert found.distress == 40  # 33 of 200
    assert pop(calm(projects_distressed=failed)).distress is None


def test_a_signs_before_the_boom_is_none():
    announced = np.zeros(MONTHS)
    rent = np.where(np.arange(MONTHS) < 5, 100_000.0, 10_000.0)
    assert pop(calm(projects_announced=announced, rent_per_server=rent)).rent is None


@pytest.mark.parametrize(
    ("with_shock", "without_shock", "expected"),
    [
        (25, None, verdict.POPPED),
        (36, None, verdict.POPPED),
        (37, None, verdict.LATE),
        (24, None, verdict.POPPED),
        (30, 40, verdict.HASTENED),
        (23, None, verdict.ENDOGENOUS),
        (23, 23, verdict.ENDOGENOUS),
        (30, 30, verdict.ENDOGENOUS),
        (30, 28, verdict.ENDOGENOUS),
        (None, None, verdict.SURVIVED),
        (None, 30, verdict.AVERTED),
    ],
)
def test_attribution(with_shock, without_shock, expected):
    assert attribution(popped(with_shock), popped(without_shock), 24) == expected
    assert expected in verdict.ATTRIBUTIONS


def test_the_value_of_a_steady_margin_is_an_annuity_and_scrap():
    series = calm()
    weight = (1 - verdict.FAILURE) / (1 + verdict.DISCOUNT)
    margin = 0.8 * 80_000 / 8 - 2_600
    expected = margin * sum(weight**k for k in range(1, 61)) + weight**60 * 30_000
    assert np.allclose(ex_post_value(series, 2_600, 30_000), expected)


def test_an_unprofitable_gpu_is_worth_its_scrap():
    value = ex_post_value(calm(utilisation=np.zeros(MONTHS)), 2_600, 30_000)
    assert np.allclose(value, 30_000 * ((1 - verdict.FAILURE) / (1 + verdict.DISCOUNT)) ** 60)


def test_only_what_is_earned_after_the_purchase_counts():
    utilisation = np.full(MONTHS, 0.8)
    utilisation[: MONTHS - 12] = 0.0
    later = ex_post_value(calm(utilisation=utilisation), 2_600, 0.0)
    assert (np.diff(later[: MONTHS - 12]) > 0).all()


def test_the_ratio_is_capped_and_covers_the_months_that_can_be_judged():
    ratio = price_over_value(calm(utilisation=np.zeros(MONTHS)), 2_600, 0.0)
    assert len(ratio) == MONTHS - verdict.OBSERVED_AFTER
    assert (ratio == verdict.HIGHEST_RATIO).all()


def test_the_replacement_rent_is_no_bubble_and_half_of_it_is():
    parameters = Parameters()
    fair = bubble(calm(), parameters)
    assert fair.first is None
    assert fair.median_ratio == pytest.approx(1.2, abs=0.2)
    assert bubble(calm(rent_per_server=np.full(MONTHS, 45_000.0)), parameters).first == 0


def test_no_bubble_once_nobody_announces():
    announced = np.where(np.arange(MONTHS) < 2, 10.0 * (np.arange(MONTHS) + 1), 20.0)
    found = bubble(calm(rent_per_server=np.full(MONTHS, 45_000.0), projects_announced=announced), Parameters())
    assert found.first is None  # two months are not three


def test_a_short_run_is_not_judged():
    short = {name: values[:10] for name, values in calm().items()}
    found = bubble(short, Parameters())
    assert (found.first, found.months, found.judged, found.median_ratio) == (None, 0, 0, None)
    assert pop(short).months == 10


def test_in_a_row():
    seen = np.array([1, 1, 0, 1, 1, 1, 0, 1, 1, 1, 1], dtype=bool)
    assert in_a_row(seen, 3).tolist() == [False] * 3 + [True] * 3 + [False] + [True] * 4
    assert not in_a_row(np.zeros(4, dtype=bool), 3).any()
