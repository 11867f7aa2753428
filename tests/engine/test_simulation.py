"""Results: series, flows, balance sheets, agents; and what a run refuses."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bubble_abm import simulate, twin
from bubble_abm.economy.accounts import FLOWS, SECTORS, STOCKS
from bubble_abm.economy.declare import InvalidInput
from bubble_abm.economy.measures import Measures
from bubble_abm.economy.parameters import Parameters
from bubble_abm.engine.simulation import Result, Simulation

SIZES = Parameters(investors=100, startups=40, smugglers=5, incumbents=4, first_projects=20)


@pytest.fixture(scope="module")
def result() -> Result:
    return simulate(SIZES, months=30, seed=4)


def test_the_series_has_a_row_per_month_end_and_every_declared_measure(result: Result) -> None:
    series = result.series
    assert list(series.columns) == ["seed", "month", *Measures.columns]
    assert (series.index[0], series.index[-1]) == (pd.Timestamp("2023-01-31"), pd.Timestamp("2025-06-30"))
    assert (series.index.is_month_end).all()
    assert series.index.name == "date"
    assert list(series["month"]) == list(range(30))
    assert set(series["seed"]) == {4}


def test_flows_sum_to_zero_over_the_sectors(result: Result) -> None:
    flows = result.flows
    assert list(flows.columns) == list(SECTORS)
    assert flows.index.names == ["date", "flow"]
    assert len(flows) == 30 * len(FLOWS)
    assert flows.sum(axis=1).abs().max() < 0.01
    assert flows.abs().sum().sum() > 1e9


def test_deposits_change_by_the_flows_of_the_month(result: Result) -> None:
    deposits = result.balances.xs("deposits", level="stock")
    flows = result.flows.groupby(level="date").sum()
    change = deposits.diff().iloc[1:]
    assert np.abs(change.to_numpy() - flows.iloc[1:].to_numpy()).max() < 0.5
    assert result.balances.index.get_level_values("stock").unique().tolist() == list(STOCKS)


def test_residuals_are_kept_with_the_run(result: Result) -> None:
    assert len(result.residuals) == 30
    assert result.residuals.abs().max().max() < 0.5


def test_agents_of_a_month_come_as_tables_with_their_declared_columns(result: Result) -> None:
    agents = result.agents(12)
    assert len(agents["provinces"]) == 31
    assert len(agents["investors"]) == 100
    announced = int(result.series["projects_announced"].iloc[12])
    assert announced > 0
    operators = agents["operators"]
    assert list(operators["incumbent"]) == [1] * 4 + [0] * (20 + announced)
    assert (operators["month_announced"].iloc[: 4 + 20] < 0).all()  # clouds, and sites begun in 2022
    assert (operators["month_announced"].iloc[4 + 20 :] >= 0).all()
    assert result.agents()["startups"].equals(result.agents(29)["startups"])
    assert not result.agents(0)["startups"].equals(result.agents(29)["startups"])


@pytest.mark.parametrize("month", [-1, 30, 2.0, True, "3"])
def test_agents_of_a_month_outside_the_run_are_refused(result: Result, month: object) -> None:
    with pytest.raises(InvalidInput, match="month = "):
        result.agents(month)  # type: ignore[arg-type]


@pytest.mark.parametrize("months", [0, -3, 169, 12.0, True, None, "12"])
def test_a_run_has_a_whole_number_of_months(months: object) -> None:
    with pytest.raises(InvalidInput, match=r"months = .*: give a whole number from 1 to 168"):
        simulate(SIZES, months=months)  # type: ignore[arg-type]


def test_a_run_advanced_in_pieces_is_the_run_in_one_go(result: Result) -> None:
    run = Simulation(SIZES, months=30, seed=4)
    for months in (1, 1, 5, 11, 100):
        run.advance(months)
    assert run.month == 30
    assert run.records.measures.tobytes() == result.records.measures.tobytes()
    run.advance(5)
    assert run.month == 30


def test_a_shorter_run_is_the_beginning_of_a_longer_one(result: Result) -> None:
    short = simulate(SIZES, months=11, seed=4)
    assert short.records.measures.tobytes() == result.records.measures[:11].tobytes()
    assert short.records.balances.tobytes() == result.records.balances[:12].tobytes()


def test_the_difference_of_twins_is_with_minus_without() -> None:
    both = twin(SIZES, months=30, seed=4)
    gap = both.difference
    assert (gap["seed"] == 4).all()
    assert list(gap["month"]) == list(range(30))
    rents = both.with_shock.series["rent_per_server"] - both.without_shock.series["rent_per_server"]
    assert gap["rent_per_server"].equals(rents)


def test_numpys_whole_numbers_are_whole_numbers(result: Result) -> None:
    again = simulate(SIZES, months=np.int64(30), seed=np.int32(4))
    assert again.records.measures.tobytes() == result.records.measures.tobytes()
    assert isinstance(again.seed, int)


def test_a_fork_goes_on_as_a_run_of_its_own() -> None:
    run = Simulation(SIZES, months=30, seed=3)
    run.advance(24)
    fork = run.fork(())
    run.advance(6)
    fork.advance(6)
    for one, shocks in ((run, None), (fork, ())):
        alone = simulate(SIZES, shocks=shocks, months=30, seed=3)
        for table, expected in zip(one.records, alone.records, strict=True):
            assert table.tobytes() == expected.tobytes()
    assert run.records.measures.tobytes() != fork.records.measures.tobytes()


def test_a_fork_after_the_shock_is_refused() -> None:
    run = Simulation(SIZES, months=30, seed=3)
    run.advance(25)
    with pytest.raises(InvalidInput, match="differ from month 24 on, but the run is in month 25"):
        run.fork(())
