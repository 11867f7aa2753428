"""Every decision can be replaced, and a replacement is asked: decided otherwise, the world goes another way."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from functools import cache
from types import FunctionType
from typing import Any

import numpy as np
import pytest

from bubble_abm.economy.generate import function
from bubble_abm.economy.shocks import default_shocks
from bubble_abm.engine.rules import Rules, standard_rules
from bubble_abm.engine.simulation import BrokenIdentity, Simulation
from bubble_abm.paper.watched import BUSY, DEAR, MONTHS

SEEDS = (8, 2, 3, 1, 4, 5, 6, 7)  # tried until the decision makes a difference


def otherwise(value: Any) -> Any:
    """Decide something else: the contrary, or a third more and a bit."""
    if isinstance(value, bool | np.bool_):
        return not value
    return value + 2 if isinstance(value, int) else 1.3 * value + 0.01


#: A class of chips is a number with which nothing can be worked out: imported is none, instead of the H100 class.
INSTEAD = {"class_imported": lambda value: -1}


def replaced(name: str) -> FunctionType:
    """A decision that goes against the standard one; a copy of which it asks, or it would ask itself."""
    standard = standard_rules()[name]
    copy = FunctionType(standard.__code__, standard.__globals__, f"standard_{name}")
    copy.__module__ = standard.__module__
    arguments = ", ".join(inspect.signature(standard).parameters)
    text = f"def {name}({arguments}):\n    return otherwise(decided({arguments}))"
    return function(text, __name__, decided=copy, otherwise=INSTEAD.get(name, otherwise))


def months(rules: Rules, seed: int) -> Iterator[bytes]:
    """What each month leaves behind, one after the other."""
    events = (*default_shocks(BUSY), DEAR)
    simulation = Simulation(BUSY, shocks=events, months=MONTHS, seed=seed, rules=rules, interpreted=True)
    for month in range(MONTHS):
        simulation.advance()
        yield b"".join(table[month : month + 1].tobytes() for table in simulation.records)


@cache
def usual(seed: int) -> list[bytes]:
    return list(months(Rules(), seed))


def moves(rules: Rules, seed: int) -> bool:
    """Whether rules lead the world another way; a run goes on only until they do."""
    try:
        return any(one != other for one, other in zip(months(rules, seed), usual(seed), strict=True))
    except BrokenIdentity:  # an absurd decision may break the books, and then it was asked
        return True


@pytest.mark.parametrize("name", list(standard_rules()))
def test_a_replaced_decision_moves_the_world(name: str) -> None:
    rules = Rules(**{name: replaced(name)})
    assert any(moves(rules, seed) for seed in SEEDS)
