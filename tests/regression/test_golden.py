"""The standard run gives the golden tables; only ``python -m tests.regression.renew`` changes them."""

from __future__ import annotations

import pytest

from bubble_abm.economy.accounts import FLOWS
from tests.regression.renew import CRUMBS, MEASURES, MONTHS, QUARTER, TABLES, differences, golden, present

COLUMNS = [(table, name) for table in TABLES for name in golden(table).columns if name != "month"]


@pytest.mark.parametrize("table", TABLES)
def test_the_standard_run_gives_the_golden_table(table: str) -> None:
    changed = differences(golden(table), present(table), CRUMBS[table])
    assert not changed, "results change; if they should: python -m tests.regression.renew\n" + "\n".join(changed)


def test_the_golden_series_hold_a_bubble_and_not_a_row_of_zeros() -> None:
    series = golden()
    assert len(series) == MONTHS // QUARTER
    assert set(series.columns) == {"month", *MEASURES}
    assert (series[["rent_per_server", "gpu_price", "utilisation", "startups_active"]] > 0.0).all().all()
    assert series["projects_announced"].is_monotonic_increasing


def test_every_flow_between_sectors_is_in_the_golden_table() -> None:
    """All but what stays within a sector, and what does not flow in this run."""
    flows = golden("flows")
    assert len(flows) == len(golden("balances")) == MONTHS // QUARTER
    assert {name.partition(".")[0] for name in flows.columns} == set(FLOWS) - {
        "fiscal_transfers", "consumption", "vouchers", "take_overs"
    }  # fmt: skip


@pytest.mark.parametrize(("table", "name"), COLUMNS)
def test_a_change_in_any_series_is_noticed(table: str, name: str) -> None:
    old, new = golden(table), golden(table)
    assert differences(old, new, CRUMBS[table]) == []
    at = old[name].abs().argmax()
    new.iloc[at, new.columns.get_loc(name)] += 1e-5 * max(abs(new[name].iloc[at]), 1e5 * CRUMBS[table] + 1.0)
    (line,) = differences(old, new, CRUMBS[table])
    assert line.startswith(f"{name}: 1 of ")


def test_the_order_of_columns_does_not_matter() -> None:
    for table in TABLES:
        old = golden(table)
        assert differences(old, old[list(reversed(old.columns))], CRUMBS[table]) == []


def test_lost_new_and_missing_series_are_noticed() -> None:
    old = golden()
    assert differences(old, old.drop(columns=MEASURES[0])) == [f"gone: {MEASURES[0]}"]
    assert differences(old.drop(columns=MEASURES[0]), old) == [f"new: {MEASURES[0]}"]
    assert differences(old, old.iloc[:-1]) == [f"months: {len(old)} before, {len(old) - 1} now"]
    holes = old.copy()
    holes.loc[holes.index[3], MEASURES[1]] = float("nan")
    assert len(differences(old, holes)) == 1
