"""A parameter that moves something is told from one that moves nothing."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from bubble_abm.economy.mechanisms import MECHANISMS, users
from bubble_abm.economy.parameters import DECLARED
from bubble_abm.study import dead_parameters
from bubble_abm.study.dead_parameters import DEFAULTS, NOWHERE, Economy, acting, economies, ends, moves

#: The table of parameters that move nothing at the defaults, as ``docs/measure.py`` has measured it.
MEASURED = Path(__file__).parents[2] / "docs" / "measured" / "asleep.csv"
ACTING = Economy("users acting", tuple(acting(users).items()))


def test_what_moves_something_is_told_from_what_moves_nothing() -> None:
    assert moves("herding", DEFAULTS, seed=1)
    assert not moves("first_users", DEFAULTS, seed=1)  # there are none


def test_a_mechanism_that_acts_is_not_neutral() -> None:
    for mechanism in MECHANISMS:
        for name, value in acting(mechanism).items():
            assert value != DECLARED[name].metadata["neutral"], name


def test_parameters_of_a_mechanism_are_tried_while_it_acts() -> None:
    names = [economy.name for economy in economies("first_users")]
    assert names[:2] == ["the defaults", "users acting"]
    assert names[-2:] == ["all mechanisms acting", "all mechanisms acting and deposits scarce"]
    assert "users acting besides" not in names and "vouchers acting besides" in names


def test_numbers_of_agents_stay_within_reach() -> None:
    assert ends("investors") == [450, 1800]
    assert ends("application_firms") == [0, 250]


def test_how_money_comes_back_moves_something_where_deposits_are_scarce() -> None:
    *_, scarce = economies("export_lag")
    for name in ("tax_lag", "export_lag", "savings_kept"):
        assert not moves(name, DEFAULTS, seed=1), name
        assert moves(name, scarce, seed=1), name


def test_a_parameter_that_moves_nothing_anywhere_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dead_parameters, "economies", lambda name: iter([DEFAULTS, ACTING]))
    assert dead_parameters.sleeping(["herding", "first_users", "voucher_cap"]) == {
        "first_users": ACTING.name,
        "voucher_cap": "",
    }


def test_the_list_of_dead_parameters_is_empty() -> None:
    with MEASURED.open(encoding="utf-8", newline="") as file:
        found = {row["parameter"].strip("`"): row["changes a measure with"] for row in csv.DictReader(file)}
    assert found and set(found) <= set(DECLARED)
    assert [name for name, where in found.items() if not where or where.startswith(NOWHERE)] == []
