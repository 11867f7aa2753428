"""Rules: every decision of every agent by name, each replaceable by argument."""

from __future__ import annotations

import inspect
from functools import cache
from types import FunctionType, ModuleType
from typing import Any

from bubble_abm.economy.agents import (
    central_government,
    investor,
    local_government,
    operator,
    platform,
    smuggler,
    startup,
)
from bubble_abm.economy.parameters import InvalidInput, unknown_name
from bubble_abm.engine.link import Machine

KINDS: tuple[ModuleType, ...] = (
    local_government, central_government, investor, operator, smuggler, startup, platform,
)  # fmt: skip


@cache
def standard_rules() -> dict[str, FunctionType]:
    """Return the rules of all kinds of agents by name, in the order of their files."""
    rules = {}
    for kind in KINDS:
        for name, value in vars(kind).items():
            if isinstance(value, FunctionType) and value.__module__ == kind.__name__:
                rules[name] = value
    return rules


class Rules:
    """The decisions of the agents; any of them can be replaced by a function with the same arguments.

    Parameters
    ----------
    **replaced : callable
        Name of a rule and the function to use instead, for instance ``next_rent=sticky_rent``. The function is compiled
        with the month, so it may use numbers, ``math``, and other plain functions of its own module.

    Raises
    ------
    InvalidInput
        If there is no rule of that name, or the replacement takes other arguments.

    Examples
    --------
    >>> def frozen_rent(operator, market, p):
    ...     return operator.rent
    >>> Rules(next_rent=frozen_rent)
    Rules(next_rent=frozen_rent)
    >>> Rules(next_rnet=frozen_rent)
    Traceback (most recent call last):
    ...
    bubble_abm.economy.parameters.InvalidInput: unknown rule 'next_rnet': did you mean 'next_rent'?
    """

    def __init__(self, **replaced: Any) -> None:
        standard = standard_rules()
        for name, function in replaced.items():
            if name not in standard:
                raise InvalidInput(unknown_name("rule", name, standard))
            check_arguments(name, standard[name], function)
        self.replaced = {name: function for name, function in replaced.items() if function is not standard[name]}

    def __repr__(self) -> str:
        names = (f"{name}={getattr(rule, '__name__', rule)}" for name, rule in self.replaced.items())
        return f"Rules({', '.join(names)})"

    def machine(self, *, interpreted: bool = False) -> Machine:
        """Return the month with these rules, compiled unless ``interpreted``."""
        return build_machine(tuple(sorted(self.replaced.items(), key=lambda item: item[0])), interpreted)


@cache
def build_machine(replaced: tuple[tuple[str, Any], ...], interpreted: bool) -> Machine:
    """Link, and compile, the month once per process for each set of replaced rules."""
    standard = standard_rules()
    return Machine({standard[name]: function for name, function in replaced}, interpreted=interpreted)


def check_arguments(name: str, standard: Any, function: Any) -> None:
    """Refuse a replacement whose arguments differ in number from the standard rule's."""
    if not callable(function):
        raise InvalidInput(
            f"rule {name} = {function!r}: give a function ({', '.join(inspect.signature(standard).parameters)})"
        )
    plain = getattr(function, "py_func", function)
    wanted = list(inspect.signature(standard).parameters)
    given = list(inspect.signature(plain).parameters)
    if len(wanted) != len(given):
        raise InvalidInput(f"rule {name}: takes ({', '.join(wanted)}), not ({', '.join(given)})")
