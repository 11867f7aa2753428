"""The standard run gives the golden series; only ``python -m tests.regression.renew`` changes them."""

from __future__ import annotations

import pytest

from tests.regression.renew import EVERY, MEASURES, MONTHS, differences, golden, present


def test_the_standard_run_gives_the_golden_series() -> None:
    changed = differences(golden(), present())
    assert not changed, "results change; if they should: python -m tests.regression.renew\n" + "\n".join(changed)


def test_the_golden_series_hold_a_bubble_and_not_a_row_of_zeros() -> None:
    series = golden()
    assert len(series) == MONTHS // EVERY
    assert list(series.columns) == ["month", *MEASURES]
    assert (series[["rent_per_server", "gpu_price", "utilisation", "startups_active"]] > 0.0).all().all()
    assert series["projects_announced"].is_monotonic_increasing


@pytest.mark.parametrize("name", MEASURES)
def test_a_change_in_any_series_is_noticed(name: str) -> None:
    old, new = golden(), golden()
    assert differences(old, new) == []
    new.loc[new.index[5], name] += 1e-5 * max(abs(new[name].iloc[5]), 1.0)
    (line,) = differences(old, new)
    assert line.startswith(f"{name}: 1 of ")


def test_lost_new_and_missing_series_are_noticed() -> None:
    old = golden()
    assert differences(old, old.drop(columns=MEASURES[0])) == [f"gone: {MEASURES[0]}"]
    assert differences(old.drop(columns=MEASURES[0]), old) == [f"new: {MEASURES[0]}"]
    assert differences(old, old.iloc[:-1]) == [f"months: {len(old)} before, {len(old) - 1} now"]
    holes = old.copy()
    holes.loc[holes.index[3], MEASURES[1]] = float("nan")
    assert len(differences(old, holes)) == 1
