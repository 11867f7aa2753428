"""Small worlds, rows and runs that the tests share."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from bubble_abm.economy.parameters import Parameters
from bubble_abm.economy.shocks import build_paths
from bubble_abm.economy.world import World, empty_records, empty_world, found_world
from bubble_abm.engine.rules import Rules

SMALL = Parameters(investors=40, startups=12, smugglers=3, incumbents=3)
OUTSIDE = {
    "month": 0.0, "export_control": 0.0, "control_step": 0.0, "tariff": 0.0, "call": 0.0, "platform_capex": 0.0,
    "frontier_efficiency": 1.0, "frontier_openness": 0.0, "frontier_imitation": 0.0,
}  # fmt: skip


def constants(**values: float) -> Any:
    """The parameters of one month, with the outside world at rest unless said otherwise."""
    outside = {name: values.pop(name, level) for name, level in OUTSIDE.items()}
    row = Parameters(**values).row()
    for name, level in outside.items():
        row[name] = level
    return row


def filled(kind: Any, **values: float) -> Any:
    """One row of a kind of agent, zero but for the values given; an unknown column is an error."""
    row = kind.single()
    for name, value in values.items():
        row[name] = value
    return row


def luck(**draws: float) -> SimpleNamespace:
    """Luck with nothing but the draws given: a rule that reads another one fails."""
    return SimpleNamespace(**draws)


def founded(parameters: Parameters = SMALL, seed: int = 1, **outside: float) -> tuple[World, Any]:
    """A world founded by the plain functions, and the constants of its first month."""
    world = empty_world(parameters)
    p = build_paths(parameters, (), 1)[0]
    for name, level in outside.items():
        assert name in OUTSIDE, name
        p[name] = level
    found_world(world, p, seed, empty_records(1).balances[0])
    return world, p


def without_projects(world: World) -> list[Any]:
    """The incumbents' rows of a world."""
    return list(world.operators[len(world.investors) :])


def compiled() -> Any:
    """The standard month, compiled once per process."""
    return Rules().machine()


def same(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether two tables agree bit for bit."""
    return one.shape == other.shape and np.ascontiguousarray(one).tobytes() == np.ascontiguousarray(other).tobytes()


def held_money(world: World) -> float:
    """All deposits, the bank's being negative: constant whatever happens."""
    tables = (world.operators, world.investors, world.startups, world.smugglers, world.platforms, world.provinces)
    single = (world.centre, world.bank, world.households, world.suppliers, world.abroad)
    return float(sum(table["cash"].sum() for table in tables) + sum(account.cash for account in single))
