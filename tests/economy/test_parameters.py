"""Parameters: declared once with unit, bounds and source; what is not valid is refused in one line."""

from __future__ import annotations

import ast
import dataclasses
import itertools
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import bubble_abm
from bubble_abm.economy.declare import InvalidInput
from bubble_abm.economy.parameters import DECLARED, DTYPE, OUTSIDE, Parameters
from bubble_abm.economy.shocks import FOUNDING, LEVELS

PACKAGE = Path(bubble_abm.__file__).parent / "economy"
ROLES = {"uncertain", "lever", "shock", "fixed", "size"}
GROUPS = {"investors", "state", "projects", "black market", "leasing", "startups", "shock", "world"}
WHOLE = [name for name, item in DECLARED.items() if item.metadata["whole"]]


@pytest.mark.parametrize("name", list(DECLARED))
def test_every_parameter_is_declared_completely_and_its_default_is_valid(name: str) -> None:
    item = DECLARED[name]
    facts = item.metadata
    assert facts["role"] in ROLES
    assert facts["group"] in GROUPS
    assert facts["unit"] and facts["source"] and facts["meaning"]
    assert facts["low"] < facts["high"]
    assert facts["low"] <= item.default <= facts["high"]
    assert math.isfinite(facts["low"]) and math.isfinite(facts["high"])


@pytest.mark.parametrize("name", list(DECLARED))
def test_every_parameter_accepts_its_bounds_and_refuses_what_lies_beyond(name: str) -> None:
    low, high = DECLARED[name].metadata["low"], DECLARED[name].metadata["high"]
    for value in (low, high):
        if name not in WHOLE or value == int(value):
            assert getattr(Parameters(**{name: value}), name) == value
    for value in (
        low - 1e-6 * max(abs(low), 1.0),
        high * (1 + 1e-6) + 1e-9,
        math.nan,
        math.inf,
        -math.inf,
        "much",
        None,
        True,
        1j,
    ):
        with pytest.raises(InvalidInput, match=rf"^{name} = .*: give a (whole )?number from "):
            Parameters(**{name: value})


@pytest.mark.parametrize("name", list(DECLARED))
def test_designs_draw_within_bounds_around_the_default_and_rates_by_their_order_of_magnitude(name: str) -> None:
    facts = DECLARED[name].metadata
    low, high = facts["sampled"]
    assert facts["low"] <= low <= DECLARED[name].default <= high <= facts["high"]
    assert low < high
    rate = facts["role"] == "uncertain" and facts["unit"].startswith("1/month")
    assert facts["scale"] == ("log" if rate else "linear")
    assert facts["scale"] == "linear" or low > 0.0  # a zero that switches a mechanism off is valid, not drawn
    assert Parameters(**{name: low}) and Parameters(**{name: high})


def test_there_are_no_half_agents_and_no_half_months() -> None:
    assert set(WHOLE) == {"investors", "incumbents", "startups", "smugglers", "platforms", "shock_month"}
    for name in WHOLE:
        with pytest.raises(InvalidInput, match="whole number"):
            Parameters(**{name: 2.5})


def test_every_group_is_one_section_of_the_table() -> None:
    groups = [item.metadata["group"] for item in DECLARED.values()]
    assert set(groups) == GROUPS
    assert sum(one != other for one, other in itertools.pairwise(groups)) == len(GROUPS) - 1
    assert not hasattr(Parameters, "parameter")


def test_an_unknown_name_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(InvalidInput, match="did you mean 'herding'"):
        Parameters().with_values({"hearding": 1.0})
    with pytest.raises(InvalidInput, match="valid are "):
        Parameters().with_values({"zzzzzz": 1.0})
    with pytest.raises(TypeError):
        Parameters(hearding=1.0)  # type: ignore[call-arg]


def test_a_copy_leaves_the_original_and_parameters_cannot_be_written() -> None:
    first = Parameters(herding=1.0)
    second = first.with_values({"herding": 2.0, "leverage": 0.5})
    assert (first.herding, second.herding, second.leverage) == (1.0, 2.0, 0.5)
    with pytest.raises(dataclasses.FrozenInstanceError):
        first.herding = 3.0  # type: ignore[misc]


@given(st.sampled_from(sorted(DECLARED)), st.floats(0, 1))
def test_rules_read_the_value_that_was_given(name: str, part: float) -> None:
    facts = DECLARED[name].metadata
    value = facts["low"] + part * (facts["high"] - facts["low"])
    value = float(round(value)) if facts["whole"] else min(max(value, facts["low"]), facts["high"])
    assert Parameters(**{name: value}).row()[name] == value


def names_read_from_p(path: Path) -> dict[str, set[str]]:
    """Attributes of ``p`` that each function of a file reads."""
    tree = ast.parse(path.read_text())
    return {
        function.name: {
            node.attr
            for node in ast.walk(function)
            if isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id in ("p", "parameters")
        }
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef)
    }


MONTHLY = [path for folder in ("agents", "markets", "mechanisms") for path in sorted((PACKAGE / folder).glob("*.py"))]
MONTHLY += [
    PACKAGE / name for name in ("month.py", "measures.py", "audit.py", "ledger.py") if (PACKAGE / name).exists()
]


def test_every_parameter_is_read_by_some_rule_or_step_and_every_name_read_is_declared() -> None:
    read: set[str] = set()
    for path in [*MONTHLY, PACKAGE / "world.py"]:
        for names in names_read_from_p(path).values():
            read |= names
    shocks = set(LEVELS.values()) | {"shock_month", "export_control_strength"}  # they shape the outside world's paths
    sizes = {name for name, item in DECLARED.items() if item.metadata["role"] == "size"}
    assert read <= set(DECLARED) | set(OUTSIDE), read - set(DECLARED) - set(OUTSIDE)
    assert set(DECLARED) - read - shocks - sizes == set()


def test_what_is_read_only_when_the_world_is_founded_cannot_change_later() -> None:
    monthly: set[str] = set()
    for path in MONTHLY:
        for names in names_read_from_p(path).values():
            monthly |= names
    founding: set[str] = set()
    for function, names in names_read_from_p(PACKAGE / "world.py").items():
        founding |= names if function.startswith("found") else set()
    sizes = {name for name, item in DECLARED.items() if item.metadata["role"] == "size"}
    assert (founding - monthly - sizes) <= FOUNDING, (founding - monthly - sizes) - FOUNDING
    assert set(DECLARED) >= FOUNDING


def test_parameters_and_outside_paths_share_one_record_without_clashes() -> None:
    assert DTYPE.names == (*DECLARED, *OUTSIDE)
    assert len(set(DTYPE.names)) == len(DTYPE.names)
