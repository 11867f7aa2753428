"""Every mechanism has what a mechanism needs: tests, a half page with numbers, a row among the experiments."""

from __future__ import annotations

import importlib
import re
from dataclasses import fields
from pathlib import Path
from types import ModuleType

import pytest

from bubble_abm.economy.declare import POLICY
from bubble_abm.economy.mechanisms import MECHANISMS, own_tenants, vendor_value
from bubble_abm.economy.parameters import DECLARED
from bubble_abm.study.causes import CAUSES
from bubble_abm.study.declared_experiments import find
from tests.economy.mechanisms.battery import Battery

HERE = Path(__file__).parent
PAGE = (HERE.parents[2] / "docs" / "odd" / "mechanisms.md").read_text(encoding="utf-8")
#: No ablations: a counterfactual, with which a cause is taken away, and a measure, at which nobody looks.
CAUSE, MEASURE = own_tenants, vendor_value

each_mechanism = pytest.mark.parametrize("mechanism", MECHANISMS, ids=lambda one: one.__name__.rpartition(".")[2])


def name_of(mechanism: ModuleType) -> str:
    return mechanism.__name__.rpartition(".")[2]


def is_policy(mechanism: ModuleType) -> bool:
    return any(DECLARED[item.name].metadata["source"].startswith(POLICY) for item in fields(mechanism.Parameters))


def changed_in(experiment: str) -> set[str]:
    """Parameters that some scenario of an experiment takes from the default."""
    scenarios = find(experiment).scenarios.values()
    return {name for values in scenarios for name, value in values.items() if value != DECLARED[name].default}


@each_mechanism
def test_it_inherits_the_battery(mechanism: ModuleType) -> None:
    importlib.import_module(f"tests.economy.mechanisms.test_{name_of(mechanism)}")
    assert [one for one in Battery.__subclasses__() if one.mechanism is mechanism]


@each_mechanism
def test_its_half_page_says_what_it_does_in_numbers(mechanism: ModuleType) -> None:
    name = name_of(mechanism)
    _, _, page = PAGE.partition(f"*`bubble_abm/economy/mechanisms/{name}.py`;")
    _, _, table = page.partition("\n## ")[0].partition(f"<!-- generated: effects/{name} -->")
    assert re.search(r"\| \S*\d \[\S+ to \S+\] \|\n", table.partition("<!-- end -->")[0])


@each_mechanism
def test_experiments_try_it(mechanism: ModuleType) -> None:
    own = {item.name for item in fields(mechanism.Parameters)}
    if mechanism is CAUSE:
        tried = {name for cause in CAUSES.values() for name in cause.off}
    elif mechanism is MEASURE:
        tried = own
    else:
        tried = changed_in("e04_policies" if is_policy(mechanism) else "e03_ablations")
    assert own & tried
