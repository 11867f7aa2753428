"""Rules: every decision of every agent by name, each replaceable by argument."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterable, Iterator
from functools import cache
from threading import RLock
from types import FunctionType, ModuleType
from typing import Any

from bubble_abm.economy import agents, markets
from bubble_abm.economy.declare import InvalidInput, unknown_name
from bubble_abm.economy.mechanisms import MECHANISMS
from bubble_abm.engine.link import Machine


def functions(*packages: ModuleType) -> Iterator[FunctionType]:
    """All functions that are defined in some packages and in the mechanisms, file by file."""
    inside = [
        importlib.import_module(f"{package.__name__}.{found.name}")
        for package in packages
        for found in pkgutil.iter_modules(package.__path__)
    ]
    for module in (*inside, *MECHANISMS):
        for value in vars(module).values():
            if isinstance(value, FunctionType) and value.__module__ == module.__name__:
                yield value


@cache
def standard_rules() -> dict[str, FunctionType]:
    """Return all decisions by name, in the order of their files: agents first, then mechanisms."""
    return {function.__name__: function for function in functions(agents) if hasattr(function, "is_decision")}


@cache
def tests_spared(decision: FunctionType) -> tuple[FunctionType, ...]:
    """Return the tests that spare a decision because its answer is known; with another rule it is not."""
    return tuple(function for function in functions(markets) if getattr(function, "spares", None) is decision)


def never(*arguments: Any) -> bool:
    """Spare nothing."""
    return False


BUILDING = RLock()  # one build at a time: a cache alone does not stop two threads from building the same


class Rules:
    """The decisions of the agents; any of them can be replaced by a function with the same arguments.

    Parameters
    ----------
    without : sequence of str
        Mechanisms to leave out, by the names of their files: the economy that has never heard of them.
    **replaced : callable
        Name of a rule and the function to use instead, for instance ``next_rent=sticky_rent``. The function is compiled
        with the month, so it may use numbers, ``math``, and other plain functions of its own module.

    Raises
    ------
    InvalidInput
        If there is no rule, or no mechanism, of that name, or the replacement takes other arguments.

    Examples
    --------
    >>> def frozen_rent(operator, market, p):
    ...     return operator.rent
    >>> Rules(next_rent=frozen_rent)
    Rules(next_rent=frozen_rent)
    >>> Rules(next_rnet=frozen_rent)
    Traceback (most recent call last):
    ...
    bubble_abm.InvalidInput: unknown rule 'next_rnet': did you mean 'next_rent'?
    """

    def __init__(self, *, without: Iterable[str] = (), **replaced: Any) -> None:
        standard = standard_rules()
        for name, function in replaced.items():
            if name not in standard:
                raise InvalidInput(unknown_name("rule", name, standard))
            check_arguments(name, standard[name], function)
        self.without = tuple(sorted({checked_mechanism(name) for name in without}))
        self.replaced = {name: function for name, function in replaced.items() if function is not standard[name]}

    def __repr__(self) -> str:
        left_out = [f"without={self.without}"] if self.without else []
        names = (f"{name}={getattr(rule, '__name__', rule)}" for name, rule in self.replaced.items())
        return f"Rules({', '.join([*left_out, *names])})"

    def machine(self, *, interpreted: bool = False) -> Machine:
        """Return the month with these rules, compiled unless ``interpreted``."""
        return build_machine(tuple(sorted(self.replaced.items(), key=lambda item: item[0])), self.without, interpreted)


def functions_replaced(replaced: Iterable[tuple[str, Any]]) -> dict[FunctionType, Any]:
    """Return which functions of the month are replaced by which: decisions, and the tests that would spare them."""
    standard = standard_rules()
    decisions = {standard[name]: function for name, function in replaced}
    return decisions | {test: never for decision in decisions for test in tests_spared(decision)}


def build_machine(replaced: tuple[tuple[str, Any], ...], without: tuple[str, ...], interpreted: bool) -> Machine:
    """Return the month with a set of rules; threads that ask for it at the same time get the same one."""
    with BUILDING:
        return machine_of(replaced, without, interpreted)


@cache
def machine_of(replaced: tuple[tuple[str, Any], ...], without: tuple[str, ...], interpreted: bool) -> Machine:
    """Link, and compile, the month once per process for each set of rules."""
    left_out = [mechanism for mechanism in MECHANISMS if short_name(mechanism) in without]
    return Machine(functions_replaced(replaced), interpreted=interpreted, without=left_out)


def short_name(mechanism: ModuleType) -> str:
    """Name of a mechanism: its file's."""
    return mechanism.__name__.rpartition(".")[2]


def checked_mechanism(name: Any) -> str:
    """Return the name of a mechanism, or refuse it in one line."""
    names = [short_name(mechanism) for mechanism in MECHANISMS]
    if name not in names:
        raise InvalidInput(unknown_name("mechanism", str(name), names))
    return str(name)


def check_arguments(name: str, standard: Any, function: Any) -> None:
    """Refuse a replacement that does not take the arguments of the standard rule, by name and in order."""
    wanted = list(inspect.signature(standard).parameters)
    if not callable(function):
        raise InvalidInput(f"rule {name} = {function!r}: give a function ({', '.join(wanted)})")
    given = list(inspect.signature(getattr(function, "py_func", function)).parameters)
    if wanted != given:
        raise InvalidInput(f"rule {name}: takes ({', '.join(wanted)}), not ({', '.join(given)})")
