"""The calendar: dated events of the world outside, none of them a price."""

from __future__ import annotations

import numpy as np
import pytest

from bubble_abm.economy.outside import CALL, EVENTS, label, month_number, outside
from bubble_abm.economy.parameters import OUTSIDE


@pytest.mark.parametrize(
    ("month", "name", "text"),
    [(0, "Jan 2023", "2023-01"), (9, "Oct 2023", "2023-10"), (24, "Jan 2025", "2025-01"), (47, "Dec 2026", "2026-12")],
)
def test_months_are_counted_from_january_2023(month: int, name: str, text: str) -> None:
    assert label(month) == name
    assert month_number(text) == month


def test_export_control_is_drawn_tight_in_october_2023_and_in_no_other_month() -> None:
    paths = outside(60)
    assert list(np.flatnonzero(paths["control_step"])) == [month_number("2023-10")]
    assert paths["export_control"][month_number("2023-10")] == 1.0
    assert paths["export_control"].min() >= 0.0
    assert paths["export_control"].max() <= 1.0


def test_the_step_of_control_is_the_rise_of_its_stage() -> None:
    paths = outside(60)
    stage = paths["export_control"]
    for month in range(1, 60):
        assert paths["control_step"][month] == pytest.approx(max(stage[month] - stage[month - 1], 0.0))


def test_the_call_stays_a_share_rises_into_2024_and_fades_after_the_plan() -> None:
    call = outside(60)["call"]
    assert call.min() >= 0.0
    assert call.max() <= 1.0
    assert call[month_number("2024-12")] > call[month_number("2023-06")]
    assert call[-1] < call.max()
    assert (np.diff(call[: CALL[3][0] + 1]) >= 0.0).all()


def test_the_tariff_lasts_one_month() -> None:
    assert list(np.flatnonzero(outside(60)["tariff"])) == [month_number("2025-04")]


def test_a_short_calendar_is_the_beginning_of_a_long_one() -> None:
    short, long = outside(7), outside(600)
    assert short.keys() == long.keys()
    for name, values in short.items():
        assert (values == long[name][:7]).all(), name


def test_no_event_sets_a_price_a_utilisation_or_a_bust() -> None:
    allowed = {"export_control", "tariff", "platform_capex", "efficiency", "openness", "imitation"}
    allowed |= {"sale_h20", "sale_domestic", "sale_h200", "sale_b200"}
    assert {event.path for event in EVENTS} <= allowed
    assert all(event.source and event.name for event in EVENTS)
    levels = {"efficiency", "openness", "imitation"}  # with the shocks of a run, and without them
    models = {f"{frontier}_{name}" for name in levels for frontier in ("frontier", "usual")}
    assert set(outside(3)) - levels | models | {"month"} == set(OUTSIDE)
