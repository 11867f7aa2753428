"""Outcomes of a run: each by hand on a run of a few months, and the columns they fill."""

import numpy as np
import pytest

from bubble_abm import InvalidInput, Parameters
from bubble_abm.economy.ledger import GOVERNMENTS, OPERATORS, RESCUES, SUBSIDIES, VENTURE_FUNDING
from bubble_abm.economy.measures import Measures
from bubble_abm.economy.mechanisms.take_over import TAKE_OVERS
from bubble_abm.economy.world import empty_records
from bubble_abm.observe.outcomes import (
    FALLS,
    OUTCOMES,
    PAIR_OUTCOMES,
    SHARE,
    VERDICTS,
    ObservedRun,
    check_in_every_run,
    check_outcomes,
    measure_and_month,
    observe,
    outcome_columns,
    read,
    unit,
)
from bubble_abm.observe.verdict import ATTRIBUTIONS

MONTHS = 30


def seen(**columns):
    records = empty_records(MONTHS)
    for name, values in columns.items():
        records.measures[name] = values
    return ObservedRun(records, Parameters())


BUST = {
    "rent_per_server": np.concatenate([np.linspace(100, 200, 10), np.linspace(190, 50, 15), np.full(5, 60.0)]),
    "projects_announced": np.concatenate([np.linspace(0, 190, 20), np.full(10, 190.0)]),
    "projects_completed": np.concatenate([np.zeros(12), np.linspace(4, 72, 18)]),
    "projects_bankrupt": np.concatenate([np.zeros(20), np.full(10, 20.0)]),
    "projects_taken_over": np.concatenate([np.zeros(25), np.full(5, 3.0)]),
    "idle_share_new": np.concatenate([np.zeros(15), np.full(15, 0.8)]),
    "gpus_installed_new": np.full(MONTHS, 1000.0),
    "gpu_price": np.arange(MONTHS),
}


def test_a_bust_by_hand():
    run = seen(**BUST)
    pop = run.pop
    assert read(run, "popped") == 1.0
    assert read(run, "pop_month") == pop.composite
    assert read(run, "rent_peak") == 200.0
    assert read(run, "rent_drawdown") == pytest.approx(0.75)  # 200 -> 50
    assert read(run, "rent_end") == pytest.approx(BUST["rent_per_server"][-12:].mean())
    assert read(run, "idle_share") == pytest.approx(0.8)
    assert read(run, "idle_share_peak") == pytest.approx(0.8)
    assert read(run, "gpu_months_idle") == pytest.approx(0.8 * 1000 * 15)
    assert (read(run, "bankruptcies"), read(run, "failures")) == (20.0, 23.0)
    assert read(run, "gpu_price@2023-06") == read(run, "gpu_price@5") == 5.0


def test_a_calm_run_is_censored_at_its_length():
    run = seen(rent_per_server=np.full(MONTHS, 100.0), projects_announced=np.arange(MONTHS) * 10.0)
    assert read(run, "popped") == 0.0
    for name in ("pop_month", "rent_sign_month", "idle_sign_month", "distress_sign_month"):
        assert read(run, name) == MONTHS
    assert read(run, "rent_drawdown") == 0.0


def test_idle_capacity_counts_once_thirty_sites_are_there():
    early = np.where(np.arange(MONTHS) < 5, 1.0, 0.2)
    run = seen(idle_share_new=early, projects_completed=np.where(np.arange(MONTHS) < 6, 3.0, 40.0))
    assert read(run, "idle_share_peak") == pytest.approx(0.2)


def test_what_is_signed_is_held_against_what_is_earned():
    run = seen(contracts_signed=np.arange(MONTHS) * 2.0, rent_recognised=np.full(MONTHS, 10.0))
    assert read(run, "signed_over_recognised") == pytest.approx(29.0 / 10.0)
    assert read(seen(), "signed_over_recognised") == 1.0


def test_public_cost_is_what_governments_pay_out():
    run = seen()
    for flow, amount in ((SUBSIDIES, 5.0), (RESCUES, 7.0), (TAKE_OVERS, 11.0), (VENTURE_FUNDING, 100.0)):
        run.flows[3, flow, GOVERNMENTS] -= amount
        run.flows[3, flow, OPERATORS] += amount
    assert read(run, "public_cost") == 23.0


def test_every_outcome_is_a_finite_number_even_of_an_empty_run():
    run = seen()
    for name, about in OUTCOMES.items():
        assert np.isfinite(read(run, name)) == about.always, name


def test_the_date_of_a_pop_is_missing_where_there_is_none():
    assert read(seen(**BUST), "pop_date") == read(seen(**BUST), "pop_month") < MONTHS
    assert np.isnan(read(seen(), "pop_date"))
    found = observe(("pop_date",), seen(**BUST), seen(), 15)
    assert np.isfinite(found["pop_date"]) and np.isnan(found["pop_date_without_shock"])
    assert np.isnan(found["pop_date_effect"])
    check_in_every_run(("popped", "pop_month", "gpu_price@5"))
    with pytest.raises(InvalidInput, match="outcome pop_date: some runs do not have it: give popped for whether"):
        check_in_every_run(("popped", "pop_date"))


def test_concentration_is_that_of_the_last_year():
    run = seen(concentration=np.where(np.arange(MONTHS) < MONTHS - 12, 1.0, 0.25))
    assert read(run, "concentration_end") == 0.25


def test_every_verdict_has_an_outcome_of_its_own():
    assert set(VERDICTS.values()) == set(ATTRIBUTIONS) and set(VERDICTS) <= set(PAIR_OUTCOMES)
    assert not set(PAIR_OUTCOMES) & set(OUTCOMES) and not set(Measures.columns) & set(OUTCOMES)
    bust, calm = seen(**BUST), seen()
    sooner = seen(**{name: np.concatenate([values[3:], np.full(3, values[-1])]) for name, values in BUST.items()})
    pop = bust.pop.composite
    assert 15 < sooner.pop.composite < pop
    for whole, twin, month, verdict in (
        (bust, calm, 15, "caused"),
        (sooner, bust, 15, "hastened"),
        (bust, sooner, 15, "delayed"),
        (bust, bust, pop, "undecided"),
        (bust, bust, pop + 1, "undecided"),
        (bust, bust, pop + 2, "endogenous"),
        (bust, bust, 15, "endogenous"),
        (calm, bust, 15, "averted"),
        (calm, calm, 15, "survived"),
    ):
        found = observe(tuple(VERDICTS), whole, twin, month)
        assert [name for name in VERDICTS if found[name]] == [verdict]
        assert found["verdict"] == VERDICTS[verdict]


def test_margins_are_missing_where_a_twin_does_not_pop():
    bust, calm = seen(**BUST), seen()
    names = ("pop_moved", "pop_after_shock", "verdict_agreement")
    found = observe(names, bust, bust, 15)
    assert [found[name] for name in names] == [0.0, bust.pop.composite - 15, pytest.approx(found["verdict_agreement"])]
    assert 1 / 6 <= found["verdict_agreement"] <= 1.0
    found = observe(names, bust, calm, 15)
    assert np.isnan(found["pop_moved"]) and found["pop_after_shock"] == bust.pop.composite - 15
    found = observe(names, calm, calm, 15)
    assert np.isnan([found["pop_moved"], found["pop_after_shock"]]).all() and found["verdict_agreement"] == 1.0


def test_the_share_of_a_fall_is_its_effect_over_the_fall():
    whole = seen(rent_per_server=np.where(np.arange(MONTHS) < 24, 100.0, 40.0))
    twin = seen(rent_per_server=np.where(np.arange(MONTHS) < 24, 100.0, 85.0))
    found = observe(("rent_fall", "rent_fall_share_shock"), whole, twin, 24)
    assert list(found)[:4] == list(outcome_columns(("rent_fall", "rent_fall_share_shock"), twins=True))
    assert (found["rent_fall"], found["rent_fall_without_shock"], found["rent_fall_effect"]) == (60.0, 15.0, 45.0)
    assert found["rent_fall_share_shock"] == 0.75
    risen = seen(rent_per_server=np.where(np.arange(MONTHS) < 24, 100.0, 140.0))
    assert np.isnan(observe(("rent_fall", "rent_fall_share_shock"), risen, twin, 24)["rent_fall_share_shock"])


def test_a_share_is_asked_for_together_with_its_fall():
    with pytest.raises(InvalidInput, match="outcome rent_fall_share_shock: give rent_fall too"):
        check_outcomes(("rent_fall_share_shock",), MONTHS, twins=True)
    with pytest.raises(InvalidInput, match="rent_fall_share_shock: some runs do not have it: give rent_fall, whose"):
        check_in_every_run(("rent_fall", "rent_fall_share_shock"))
    check_outcomes((*FALLS, *(fall + SHARE for fall in FALLS)), MONTHS, twins=True)
    check_in_every_run(tuple(FALLS))
    assert unit("rent_fall_effect") == "CNY/(server month)" and unit("idle_rise_area") == "share points month"


def test_the_effect_is_the_run_less_its_twin():
    found = observe(("rent_peak",), seen(**BUST), seen(rent_per_server=np.full(MONTHS, 120.0)), 15)
    assert list(found)[:3] == list(outcome_columns(("rent_peak",), twins=True))
    assert (found["rent_peak"], found["rent_peak_without_shock"], found["rent_peak_effect"]) == (200.0, 120.0, 80.0)


def test_units_follow_the_outcome():
    assert unit("pop_month_effect") == "month"
    assert unit("rent_per_server@2024-01_without_shock") == "CNY/(server month)"
    assert unit("survived") == "probability"


def test_a_month_that_is_no_month_is_refused():
    for name in ("gpu_price@2024", "gpu_price@x", "gpu_price@-1", "gpu_price@30", "gpu_price@"):
        with pytest.raises(InvalidInput, match="give a month of the run, from Jan 2023 to Jun 2025"):
            check_outcomes((name,), MONTHS, twins=False)
    assert measure_and_month("gpu_price@29", MONTHS) == ("gpu_price", 29)
