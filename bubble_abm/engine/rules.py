"""Rules: every decision of every agent by name, each replaceable by argument."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from threading import RLock
from types import FunctionType, ModuleType
from typing import Any

from bubble_abm.economy import agents, markets
from bubble_abm.economy.declare import InvalidInput, checked_kind, checked_name, shown, unknown_name
from bubble_abm.economy.mechanisms import MECHANISMS
from bubble_abm.engine.link import LinkedMonth


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
def shortcuts_around(decision: FunctionType) -> tuple[FunctionType, ...]:
    """Return the tests in ``markets`` that skip a decision because the standard rule's answer is known in advance."""
    return tuple(function for function in functions(markets) if getattr(function, "spares", None) is decision)


def skip_nothing(*arguments: Any) -> bool:
    """Replace such a test where the decision is replaced: the new rule's answer is not known in advance."""
    return False


BUILDING = RLock()  # one build at a time: a cache alone does not stop two threads from building the same


class Rules:
    """The decisions of the agents; any of them can be replaced by a function with the same arguments.

    Parameters
    ----------
    without : sequence of str
        Mechanisms to leave out, by the names of their files.
    **replaced : callable
        Name of a rule and the function to use instead, for instance ``next_rent=sticky_rent``. The function is compiled
        with the month, so it may use numbers, ``math``, and other plain functions of its own module.

    Raises
    ------
    InvalidInput
        If there is no rule or mechanism of that name, or a replacement takes other arguments than the rule.

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

    def linked_month(self, *, interpreted: bool = False) -> LinkedMonth:
        """Return the month with these rules, compiled unless ``interpreted``."""
        return build_linked_month(
            tuple(sorted(self.replaced.items(), key=lambda item: item[0])), self.without, interpreted
        )


# --- Rules by name, as a file can say it -----------------------------------------------------------------------------

Named = tuple[tuple[str, str], ...]  # rules and the functions that replace them, each as module:function
PLACE = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*")


def checked_named(given: Any) -> Named:
    """Return replaced rules as sorted pairs of a rule's name and ``module:function``; nothing is imported.

    Raises
    ------
    InvalidInput
        If there is no rule of that name, or what replaces it is not named so.
    """
    checked_kind("rules", given, Mapping, "a mapping from names of rules to 'module:function'")
    for name, place in given.items():
        checked_kind("rules: name", name, str, "a text")
        checked_name("rule", name, standard_rules())
        if not isinstance(place, str) or not PLACE.fullmatch(place):
            raise InvalidInput(f"rule {name} = {shown(place, quoted=True)}: give 'module:function'")
    return tuple(sorted(given.items()))


@cache
def rules_named(named: Named) -> Rules:
    """Import the functions that replace rules, and return these rules; the same names give the same rules.

    Raises
    ------
    InvalidInput
        If a function cannot be imported, or takes other arguments than the rule.
    """
    return Rules(**{name: function_named(name, place) for name, place in named})


def function_named(name: str, place: str) -> Any:
    """Import the function that replaces a rule; its module runs, so its name must come from the user."""
    module, _, function = place.partition(":")
    try:
        return getattr(importlib.import_module(module), function)
    except Exception as error:  # the module is the user's code and may raise anything
        why = " ".join(f"{type(error).__name__}, {error}".split())
        raise InvalidInput(f"rule {name} = {place}: cannot be imported, {why}: give module:function") from None


def check_trusted(what: str, named: Named, trust_code: bool) -> None:
    """Refuse to run the code that a file names, unless its user has said that it may run.

    Raises
    ------
    InvalidInput
        If it names functions and is not trusted.
    """
    if named and not trust_code:
        places = ", ".join(place for _, place in named)
        raise InvalidInput(f"{what}: names code, {places}: read it, and add --trust-code to import and run it")


# --- Linking ---------------------------------------------------------------------------------------------------------


def functions_replaced(replaced: Iterable[tuple[str, Any]]) -> dict[FunctionType, Any]:
    """Return the replacement of each function of the month: of decisions, and of tests that would skip them."""
    standard = standard_rules()
    decisions = {standard[name]: function for name, function in replaced}
    return decisions | {test: skip_nothing for decision in decisions for test in shortcuts_around(decision)}


def build_linked_month(
    replaced: tuple[tuple[str, Any], ...], without: tuple[str, ...], interpreted: bool
) -> LinkedMonth:
    """Return the month with a set of rules; threads that ask for it at the same time get the same one."""
    with BUILDING:
        return linked_month_of(replaced, without, interpreted)


@cache
def linked_month_of(replaced: tuple[tuple[str, Any], ...], without: tuple[str, ...], interpreted: bool) -> LinkedMonth:
    """Link, and compile, the month once per process for each set of rules."""
    return LinkedMonth(functions_replaced(replaced), interpreted=interpreted, without=left_out(without))


def left_out(without: tuple[str, ...]) -> list[ModuleType]:
    """Return the mechanisms of these names."""
    return [mechanism for mechanism in MECHANISMS if short_name(mechanism) in without]


def short_name(mechanism: ModuleType) -> str:
    """Name of a mechanism, which is that of its file."""
    return mechanism.__name__.rpartition(".")[2]


def checked_mechanism(name: Any) -> str:
    """Return the name of a mechanism, or raise :class:`InvalidInput` if there is none of that name."""
    names = [short_name(mechanism) for mechanism in MECHANISMS]
    if name not in names:
        raise InvalidInput(unknown_name("mechanism", str(name), names))
    return str(name)


def check_arguments(name: str, standard: Any, function: Any) -> None:
    """Refuse a replacement whose arguments differ from those of the standard rule in name or order."""
    wanted = list(inspect.signature(standard).parameters)
    if not callable(function):
        raise InvalidInput(f"rule {name} = {function!r}: give a function of ({', '.join(wanted)})")
    given = list(inspect.signature(getattr(function, "py_func", function)).parameters)
    if wanted != given:
        raise InvalidInput(f"rule {name}: takes ({', '.join(given)}): give a function of ({', '.join(wanted)})")
