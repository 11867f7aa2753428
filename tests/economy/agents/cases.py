"""How a case of a rule is written: the rule, what it says, the arguments, and the value worked out by hand."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest

from bubble_abm.engine.rules import standard_rules

given = SimpleNamespace  # parameters, market or luck of a case: reading anything that the case does not give fails


class Case(NamedTuple):
    """One line of a table of cases."""

    rule: str
    says: str
    arguments: tuple[Any, ...]
    expected: Any


def table(cases: list[Case]) -> Any:
    """Run a test once per case, named by what the case says."""
    return pytest.mark.parametrize("case", [pytest.param(case, id=f"{case.rule}: {case.says}") for case in cases])


def check(case: Case) -> None:
    """Compare what the rule decides with what was worked out by hand."""
    decided = standard_rules()[case.rule](*case.arguments)
    if isinstance(case.expected, bool):
        assert bool(decided) is case.expected
    else:
        assert decided == pytest.approx(case.expected, rel=1e-9, abs=1e-12)
