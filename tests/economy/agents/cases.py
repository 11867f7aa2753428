"""How a case of a rule is written: the rule, what it says, the arguments, and the value worked out by hand."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest

from bubble_abm.economy import agents
from bubble_abm.engine.rules import functions
from tests.worlds import with_mechanisms

given = SimpleNamespace  # parameters, market or luck of a case: reading anything that the case does not give fails

#: Every function of the agents and the mechanisms by name: decisions, and what they are worked out with.
NAMED = {function.__name__: function for function in functions(agents)}


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
    """Compare what the rule decides by itself with what was worked out by hand."""
    compare(NAMED[case.rule](*case.arguments), case.expected)


def check_with_mechanisms(case: Case) -> None:
    """Compare what is decided in the month, where mechanisms amend decisions, with what was worked out by hand."""
    compare(with_mechanisms(NAMED[case.rule])(*case.arguments), case.expected)


def compare(decided: Any, expected: Any) -> None:
    """Compare a decision with what was worked out by hand."""
    if isinstance(expected, bool):
        assert bool(decided) is expected
    else:
        assert decided == pytest.approx(expected, rel=1e-9, abs=1e-12)
