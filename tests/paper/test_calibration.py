"""The report of a calibration: hits and misses as they are, and every parameter."""

import numpy as np
import pytest

from bubble_abm.observe.targets import TARGETS
from bubble_abm.paper.calibration import constraints, digits, fit, misses, page, parameters
from bubble_abm.study.ensemble import Ensemble
from tests.study.test_ensemble import FACTORS

ORIGIN = {
    "facts": [{"name": "C04", "low": 0.65, "high": 0.8}],
    "parameters": [],
    "spread": {"C04": [0.6, 0.7, 0.9]},
    "waves": {"threshold": 3.0},
    "discrepancy": {"strong": 0.25, "weak": 0.5},
    "passed": 20, "judged": 30, "judges": 7, "volume": -20.0, "memory": 0.125,
    "code": "abc", "commit": None, "command": ["calibrate"],
    "dropped": {"C04": {"alone": 0.25, "wider": {"herding": 1.5}}},
}  # fmt: skip


@pytest.fixture(scope="module")
def ensemble():
    """Ten members: of the share unused seven are in the range, of the rent of late 2024 none."""
    values = np.column_stack([np.linspace(1.0, 7.0, 10), np.full(10, 0.1)])
    share = np.array([0.6, 0.7, 0.7, 0.7, 0.7, 0.7, 0.7, 0.7, 0.9, 0.9])
    return Ensemble(FACTORS, values, np.ones(10), ("C04", "C10"), np.column_stack([share, np.full(10, 95e3)]), ORIGIN)


def rows(table):
    return {line.split(" | ")[0].strip("| "): line for line in table.splitlines()[2:]}


def test_a_fact_is_hit_if_the_median_is_in_its_range_and_a_miss_stays_one(ensemble):
    found = rows(fit(ensemble))
    assert found["C04"].endswith("| yes | 0.7 | 0.645 to 0.9 | 0.6 to 0.9 | 70 % | hit |")
    assert "| no | 95,000 | 95,000 to 95,000 |" in found["C10"] and found["C10"].endswith("| 0 % | **miss** |")
    assert TARGETS["C10"].meaning in found["C10"]


def test_every_parameter_is_there_before_and_after(ensemble):
    found = rows(parameters(ensemble))
    assert set(found) == {"`herding`", "`rent_adjustment`"}
    assert "| 0 to 8 | 4 | 1.3 to 6.7 |" in found["`herding`"]
    assert "| identified |" in found["`rent_adjustment`"]


def test_what_a_fact_constrains_is_said(ensemble):
    assert rows(constraints(ensemble))["C04"].startswith("| C04 | 25 % | `herding` 1.50 |")


def test_the_page_has_all_parts_and_says_what_members_are(ensemble):
    text = page(ensemble)
    heads = [line for line in text.splitlines() if line.startswith("#")]
    assert heads == [
        "# Calibration", "## Facts", "## Misses", "## Parameters", "## Which fact constrains what", "## Trade-offs",
        "## Diversity",
    ]  # fmt: skip
    assert "median of members is in the range of 1 of 2 numbers" in text
    assert "no posterior" in text and "memory of 0.12" in text


def test_a_miss_is_explained_by_who_comes_nearer_and_at_whose_cost(ensemble):
    """Nearer to C10 is farther from C04 in this ensemble, and both follow the first parameter."""
    values = np.column_stack([np.linspace(1.0, 7.0, 40), np.full(40, 0.1)])
    given = np.column_stack([np.linspace(0.72, 0.9, 40), np.linspace(200e3, 90e3, 40)])
    found = misses(Ensemble(FACTORS, values, np.ones(40), ("C04", "C10"), given, ORIGIN))
    assert "**C10**" in found and "above its range" in found and "none of the members is inside" in found
    assert "have more `herding`. They are farther from C04 (+1.00). It was not matched." in found
    assert "**C04**" in found
    assert "no range is widened" in misses(ensemble)


@pytest.mark.parametrize(
    ("value", "text"), [(0.0, "0"), (-0.0123456, "-0.01235"), (1e10, "1e+10"), (12_345.6, "12,346")]
)
def test_numbers_have_four_digits(value, text):
    assert digits(value) == text
