"""Facts held against series made by hand."""

import numpy as np
import pytest

from bubble_abm.economy.measures import Measures
from bubble_abm.economy.parameters import Parameters
from bubble_abm.observe.facts import HIT, MISS, NOT_COMPARED, NOT_MEASURED, NOT_SIMULATED, check, measures_of, score

MONTHS = 48
PARAMETERS = Parameters()


def series(months=MONTHS, **columns):
    """Measures of a run, ones where nothing is said."""
    table = {name: np.ones(months) for name in Measures.columns}
    return table | {name: np.asarray(values, dtype=float)[:months] for name, values in columns.items()}


def found(id, *runs, parameters=PARAMETERS):
    return next(item for item in check(runs or [series()], parameters) if item.fact.id == id)


def step(month, before, after):
    return np.where(np.arange(MONTHS) < month, before, after)


def test_every_fact_is_checked_once_and_in_order():
    checks = check([series()], PARAMETERS)
    assert [item.fact.id for item in checks] == [f"C{number:02}" for number in range(1, 53)]
    for item in checks:
        assert item.verdict in (HIT, MISS, NOT_SIMULATED, *NOT_COMPARED)
        assert (item.median is None) == (item.verdict in (NOT_SIMULATED, *NOT_COMPARED))
        assert item.remark or item.median is not None


def test_facts_whose_measure_does_not_exist_are_listed_as_not_measured():
    for item in check([series()], PARAMETERS):
        fact = item.fact
        assert fact.first <= fact.last
        exists = set(measures_of(fact)) <= set(Measures.columns)
        assert not (exists and item.verdict in NOT_COMPARED), fact.id
        assert (item.verdict == NOT_MEASURED) == item.remark.startswith("not measured by the model yet: ")
    assert found("C43").remark.startswith("measured, as tokens_per_day, but no test: ")


def test_a_fact_about_the_sum_of_measures():
    columns = {"projects_planned": np.full(MONTHS, 150), "projects_building": step(22, 0, 160),
               "projects_paused": step(22, 0, 10)}  # fmt: skip
    item = found("C33", series(**columns))
    assert (item.verdict, item.median) == (HIT, 320)
    small = PARAMETERS.with_values({"scale": 0.1})
    assert found("C33", series(**columns), parameters=small).median == 3_200


@pytest.mark.parametrize(("lost", "verdict"), [(0.39, MISS), (0.5, HIT), (0.96, HIT)])
def test_prepayments_lost_at_the_ban_are_compared_as_a_number(lost, verdict):
    at_the_ban = np.where(np.arange(MONTHS) == 9, lost, 0.0)
    item = found("C24", series(ban_loss_share=at_the_ban))
    assert (item.verdict, item.median) == (verdict, lost)


def test_a_year_over_the_year_before_and_a_month_over_an_earlier_one():
    item = found("C35", series(public_spending=step(12, 2.0, 20.0), subsidies_paid=step(12, 1.0, 90.0)))
    assert (item.verdict, item.median) == (HIT, pytest.approx(10.0))
    assert found("C50", series(gpus_nationwide=step(29, 100.0, 110.0))).median == pytest.approx(1.1)


def test_the_mean_investment_of_a_project_is_that_of_those_under_way_in_its_window():
    item = found("C36", series(mean_project_cost=step(24, 0.0, 2e9)))
    assert (item.verdict, item.median) == (HIT, 2e9)


def test_the_public_share_is_that_of_the_sites_opened_in_2024():
    before = {"completed_public": 5.0, "projects_completed": 10.0}
    after = {"completed_public": 5.0 + 18.0, "projects_completed": 10.0 + 30.0}
    columns = {name: np.where(np.arange(MONTHS) < 12, before[name], after[name]) for name in before}
    assert (found("C34", series(**columns)).verdict, found("C34", series(**columns)).median) == (HIT, 0.6)
    nothing = {name: np.full(MONTHS, 7.0) for name in before}
    assert found("C34", series(**nothing)).median == 0.0


def test_listed_newcomers_are_counted_in_december_2024():
    item = found("C26", series(listed_newcomers=step(23, 20.0, 109.0)))
    assert (item.verdict, item.median) == (HIT, 109.0)


def test_venture_money_of_2025_over_that_of_2023():
    money = np.select([np.arange(MONTHS) < 12, np.arange(MONTHS) < 24, np.arange(MONTHS) < 36], [5.0, 9.0, 7.0], 99.0)
    item = found("C37", series(venture_money=money))
    assert (item.verdict, item.median) == (HIT, pytest.approx(1.4))


@pytest.mark.parametrize(("later", "verdict", "median"), [(12.0, HIT, 1.2), (10.0, MISS, 1.0), (8.0, MISS, 0.8)])
def test_funding_rounds_rise_from_the_first_quarter_of_2024_to_the_third_of_2025_or_not(later, verdict, median):
    rounds = np.zeros(MONTHS)
    rounds[[11, 15]] = 99.0  # beside the first quarter
    rounds[[12, 13, 14]] = 5.0, 15.0, 10.0
    rounds[[29, 33]] = 99.0  # beside the last
    rounds[[30, 31, 32]] = later
    item = found("C38", series(funding_rounds=rounds))
    assert (item.verdict, item.median) == (verdict, pytest.approx(median))


def test_the_rent_of_the_largest_model_maker_is_that_of_a_year():
    item = found("C52", series(largest_maker_rent=np.where(np.arange(MONTHS) // 12 == 1, 1e8, 9e9)))
    assert (item.verdict, item.median) == (HIT, pytest.approx(1.2e9))


@pytest.mark.parametrize(("count", "verdict"), [(0, MISS), (489, MISS), (490, HIT), (5_000, HIT)])
def test_services_are_counted_at_the_end_of_the_window(count, verdict):
    item = found("C42", series(services_registered=np.where(np.arange(MONTHS) == 30, count, 1e6)))
    assert (item.verdict, item.median) == (verdict, count)


@pytest.mark.parametrize(("used", "verdict"), [(0, MISS), (99, MISS), (100, HIT), (9_000, HIT)])
def test_gpus_of_enterprises_at_sites_of_their_own_have_a_lower_bound_only(used, verdict):
    small = PARAMETERS.with_values({"scale": 0.1})
    item = found("C45", series(gpus_self_served=np.where(np.arange(MONTHS) == 28, used, 1e6)), parameters=small)
    assert (item.verdict, item.median) == (verdict, pytest.approx(10 * used))


@pytest.mark.parametrize(("count", "verdict"), [(479, MISS), (480, HIT), (600, HIT), (601, MISS)])
def test_a_count_in_one_month(count, verdict):
    item = found("C01", series(projects_announced=step(23, 0, count)))
    assert (item.verdict, item.median) == (verdict, count)


def test_counts_are_those_of_a_world_of_chinas_size():
    small = PARAMETERS.with_values({"scale": 0.1})
    assert found("C01", series(projects_announced=np.full(MONTHS, 50)), parameters=small).median == pytest.approx(500)


def test_a_mean_over_the_window():
    rent = np.zeros(MONTHS)
    rent[21:24] = 60_000, 70_000, 80_000
    item = found("C10", series(rent_per_server=rent))
    assert (item.verdict, item.median) == (HIT, 70_000)


def test_a_peak_must_have_its_height_and_its_month():
    price = np.full(MONTHS, 150_000.0)
    price[12] = 220_000
    item = found("C06", series(gpu_price=price))
    assert (item.verdict, item.median, item.month) == (HIT, 220_000, 12)
    late = price.copy()
    late[30] = 240_000
    item = found("C06", series(gpu_price=late))
    assert (item.verdict, item.median, item.month) == (MISS, 240_000, 30)
    assert found("C06", series(gpu_price=price / 2)).verdict == MISS


def test_share_of_announcements_made_in_2024():
    announced = np.minimum(np.interp(np.arange(MONTHS), [11, 23], [100, 400]), 400)
    assert found("C02", series(projects_announced=announced)).median == pytest.approx(0.75)
    assert found("C02", series(projects_announced=np.zeros(MONTHS))).verdict == MISS


def test_idle_sites_are_completed_sites():
    stages = ("operating", "idle", "distressed", "taken_over")
    item = found("C03", series(**{f"projects_{stage}": np.full(MONTHS, 40) for stage in stages}))
    assert (item.verdict, item.median) == (HIT, 160)


def test_monthly_change_is_a_geometric_mean():
    item = found("C12", series(rent_per_server=100_000 * 0.93 ** np.arange(MONTHS)))
    assert (item.verdict, item.median) == (HIT, pytest.approx(-0.07))


def test_who_dies_has_not_stopped_pretraining():
    columns = {"startups_pretraining": step(24, 100, 40), "startups_open_weights": step(24, 10, 45)}
    item = found("C13", series(**columns))
    assert (item.verdict, item.median) == (HIT, pytest.approx(0.35))  # and 25 closed down


@pytest.mark.parametrize(("after", "verdict"), [(30, HIT), (20, MISS), (0, MISS)])
def test_cancellations_rise_or_not(after, verdict):
    assert found("C25", series(lease_cancellations=step(21, 20, after))).verdict == verdict


def test_parameter_checks():
    assert found("C16").median == 8 * PARAMETERS.running_cost
    assert found("C16", parameters=PARAMETERS.with_values({"running_cost": 9_000})).verdict == MISS
    assert found("C17", series(all_in_price=np.full(MONTHS, 300_000))).median == 2_400_000
    assert found("C18").verdict == HIT
    assert found("C19", parameters=PARAMETERS.with_values({"building_time": 3})).verdict == MISS
    assert found("C20", parameters=PARAMETERS.with_values({"shock_efficiency": 1})).verdict == HIT
    assert found("C20", parameters=PARAMETERS.with_values({"shock_efficiency": 12})).verdict == MISS


def test_a_run_too_short_is_no_miss():
    checks = check([series(months=24)], PARAMETERS)
    verdicts = {item.fact.id: item.verdict for item in checks}
    assert verdicts["C11"] == NOT_SIMULATED
    assert verdicts["C01"] == MISS
    assert verdicts["C16"] == HIT
    assert score(checks)[1] < score(check([series()], PARAMETERS))[1]


def test_the_median_decides_and_the_interval_covers_ninety_per_cent():
    runs = [series(projects_announced=np.full(MONTHS, count)) for count in range(400, 601, 2)]
    item = found("C01", *runs)
    assert (item.verdict, item.median) == (HIT, 500)
    assert (item.low, item.high) == (pytest.approx(410), pytest.approx(590))
