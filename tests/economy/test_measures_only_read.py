"""Who observes the economy does not move it: a month without measures leaves the same world."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from bubble_abm.economy.luck import luck_for
from bubble_abm.economy.measures import Measures, take_measures
from bubble_abm.economy.parameters import Parameters
from bubble_abm.economy.shocks import Shock, build_paths
from bubble_abm.economy.world import Records, World, empty_records, empty_world
from bubble_abm.engine.link import LinkedMonth
from tests.worlds import same

#: Sites open, fail and are taken over; provinces pay for use and let nobody build beside empty sites.
BUSY = Parameters(
    scale=0.06, subsidy_on_use=0.5, approval_utilisation=0.1, take_over_mandate=1.0, deep_pocket_share=0.2,
    loan_tenor=24, rescue_probability=0.3, running_cost=6_000, working_capital=0, leverage=0.85,
)  # fmt: skip
MONTHS = 36


def nothing(world: Any, p: Any, measures: Any) -> None:
    """Observe nothing."""


def meddling(world: Any, p: Any, measures: Any) -> None:
    """Observe, and leave a trace."""
    world.market.utilisation += 1e-9


def run(observe: Any = None) -> tuple[World, Records, Any]:
    """A world some years on, what it left behind, and the constants of its last month."""
    machine = LinkedMonth({} if observe is None else {take_measures: observe}, interpreted=True)
    world, records = empty_world(BUSY), empty_records(MONTHS)
    paths = build_paths(BUSY, [Shock(month=20)], MONTHS)
    machine.found_world(world, paths[0], 5, records.balances[0])
    machine.run_months(world, paths, luck_for(world, 5), 0, MONTHS, records)
    return world, records, paths[MONTHS - 1]


def differing(one: World, other: World) -> set[str]:
    """Names of the tables in which two worlds differ."""
    tables = zip(World._fields, one, other, strict=True)
    return {name for name, mine, theirs in tables if not same(np.asarray(mine), np.asarray(theirs))}


@pytest.fixture(scope="module")
def observed() -> tuple[World, Records, Any]:
    return run()


def test_months_without_measures_leave_the_same_world_bit_for_bit(observed: tuple[World, Records, Any]) -> None:
    world, records, _ = observed
    unseen, left, _ = run(nothing)
    assert differing(world, unseen) == set()
    for name in ("flows", "balances", "residuals"):
        assert same(getattr(records, name), getattr(left, name)), name
    assert not left.measures["rent_per_server"].any()
    assert records.measures["projects_taken_over"].any() and records.measures["subsidies_paid"].any()


def test_taking_measures_changes_nothing_in_the_world(observed: tuple[World, Records, Any]) -> None:
    world, records, p = observed
    before, measures = World(*(table.copy() for table in world)), Measures.rows(1)
    take_measures(world, p, measures[0])
    assert differing(world, before) == set()
    assert same(measures, records.measures[-1:])


def test_the_comparison_sees_an_observer_who_meddles(observed: tuple[World, Records, Any]) -> None:
    assert "market" in differing(observed[0], run(meddling)[0])
