"""Verdicts on series made by hand, whose answers are known."""

import numpy as np
import pytest

from bubble_abm.economy.parameters import Parameters
from bubble_abm.observe import verdict
from bubble_abm.observe.verdict import (
    DEFINITIONS,
    MAIN,
    Pop,
    agreement,
    attribution,
    bubble,
    ex_post_value,
    in_a_row,
    pop,
    pops,
    price_over_value,
    signs_of_bust,
)

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


def bust():
    """Signs that come one after the other, and cross the stricter thresholds later."""
    months = np.arange(MONTHS)
    return calm(
        rent_per_server=np.where(months < 15, 100_000.0, np.maximum(100_000.0 - 4_000.0 * (months - 14), 20_000.0)),
        idle_share_new=np.clip(0.19 + 0.05 * (months - 14), 0.19, 0.9),
        projects_announced=10.0 * np.minimum(months + 1, 20) + 2.0 * np.clip(months - 19, 0, 5),
        projects_distressed=np.where(months < 26, 0.0, 3.0 * (months - 25)),
    )


def test_more_signs_and_stricter_thresholds_never_come_earlier():
    dates = pops(bust())
    assert dates == {
        "2 of 4, usual": 22, "3 of 4, usual": 23, "4 of 4, usual": 34,
        "2 of 4, stricter": 26, "3 of 4, stricter": 27, "4 of 4, stricter": 43,
    }  # fmt: skip
    assert dates[MAIN] == pop(bust()).composite
    assert set(pops(calm()).values()) == {None}


def test_each_sign_is_stricter_in_the_stricter_set():
    usual, stricter = (signs_of_bust(bust(), verdict.THRESHOLDS[name]) for name in verdict.THRESHOLDS)
    for name in usual:
        assert not (stricter[name] & ~usual[name]).any() and stricter[name].sum() < usual[name].sum(), name


@pytest.mark.parametrize(
    ("with_shock", "without_shock", "expected", "moved"),
    [
        (10, 10, verdict.ENDOGENOUS, 0),
        (22, 22, verdict.ENDOGENOUS, 0),  # two months before the shock
        (23, 23, verdict.UNDECIDED, 0),
        (24, 24, verdict.UNDECIDED, 0),
        (24, 25, verdict.UNDECIDED, -1),
        (24, 26, verdict.HASTENED, -2),
        (24, None, verdict.CAUSED, -24),
        (25, 26, verdict.HASTENED, -1),
        (25, 25, verdict.ENDOGENOUS, 0),
        (25, 24, verdict.DELAYED, 1),
        (30, 40, verdict.HASTENED, -10),
        (30, 28, verdict.DELAYED, 2),
        (37, None, verdict.CAUSED, -11),
        (None, 30, verdict.AVERTED, 18),
        (None, None, verdict.SURVIVED, None),
    ],
)
def test_attribution(with_shock, without_shock, expected, moved):
    found = attribution(with_shock, without_shock, 24, MONTHS)
    assert (found.kind, found.moved) == (expected, moved)
    assert found.after_shock == (None if with_shock is None else with_shock - 24)
    assert found.at_least == (expected in (verdict.CAUSED, verdict.AVERTED))
    assert expected in verdict.ATTRIBUTIONS


def test_every_pair_of_dates_has_a_verdict_and_the_length_matters_only_to_open_ends():
    """Any two dates that twins can have: the same before the shock, anything from then on."""
    dates = [*range(18, 31), None]
    pairs = [(a, b) for a in dates for b in dates if a == b or all(one is None or one >= 24 for one in (a, b))]
    for a, b in pairs:
        found, longer = (attribution(a, b, 24, months) for months in (MONTHS, MONTHS + 12))
        assert found.kind == longer.kind and found.kind in verdict.ATTRIBUTIONS
        assert (found == longer) != found.at_least
        if found.kind == verdict.HASTENED:
            assert attribution(b, a, 24, MONTHS).kind == verdict.DELAYED


def test_a_pop_in_the_last_month_of_a_run_that_is_also_that_of_the_shock_is_undecided():
    assert attribution(MONTHS - 1, None, MONTHS - 1, MONTHS).kind == verdict.UNDECIDED
    assert attribution(MONTHS - 2, None, MONTHS - 2, MONTHS).kind == verdict.CAUSED


def test_no_pop_is_due_to_a_shock_that_does_not_come():
    assert attribution(MONTHS - 1, MONTHS - 1, None, MONTHS).kind == verdict.ENDOGENOUS
    assert attribution(None, None, None, MONTHS).kind == verdict.SURVIVED


def test_agreement_counts_the_definitions_that_say_the_same():
    same = dict.fromkeys(DEFINITIONS, 20)
    assert agreement(same, same, 24, MONTHS) == 1.0
    assert agreement(same | {MAIN: 30}, same | {MAIN: 34}, 24, MONTHS) == pytest.approx(1 / 6)
    two = {name: 24 if name.startswith("2") else 20 for name in DEFINITIONS}
    assert agreement(two, two, 24, MONTHS) == pytest.approx(4 / 6)


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
