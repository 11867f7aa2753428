"""One more agent who does nothing changes nobody else bit for bit; one who takes part changes few others."""

# ruff: noqa: E501 - a case is a line, a sentence is a name

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from bubble_abm.economy.agents.operator import BANKRUPT, INCUMBENT_ID, PRIME
from bubble_abm.economy.agents.startup import NOT_FOUNDED
from bubble_abm.economy.audit import fill_balance_sheet
from bubble_abm.economy.ledger import HOUSEHOLDS, OPERATORS, PLATFORMS, SMUGGLERS, STARTUPS
from bubble_abm.economy.luck import luck_for
from bubble_abm.economy.parameters import Parameters
from bubble_abm.economy.shocks import Shock, build_paths
from bubble_abm.economy.tables import Handle, Table
from bubble_abm.economy.world import World, empty_records, empty_world
from tests.worlds import compiled, founded, same

MONTHS = 36
#: The hazard of founding depends on the share of potential startups, so one more of them would matter: no imitation here.
#: The hall of a cloud that closed long ago could be bought: no halls are equipped again.
PARAMETERS = Parameters(
    investors=300,
    startups=80,
    smugglers=8,
    incumbents=6,
    startup_imitation=0.0,
    startup_innovation=0.05,
    re_equipment=0.0,
)
KINDS = ("provinces", "investors", "operators", "smugglers", "startups", "platforms")
ROW_COLUMNS = ("row", "owner", "order", "patron")  # places in a table, which may shift


def larger(world: World, kind: str, parameters: Parameters) -> tuple[World, int]:
    """The same world as founded, with one more empty row of a kind; that of a cloud comes after the sites of 2022."""
    counted = {"operators": "incumbents"}.get(kind, kind)
    room = empty_world(parameters.with_values({counted: getattr(parameters, counted) + 1}))
    for name, table in zip(World._fields, world, strict=True):
        target = getattr(room, name)
        if isinstance(table, Handle):
            for column in table.kind.columns:
                target[column] = table[column]
        elif isinstance(table, Table):
            for column in table.kind.columns:
                target[column][: len(table)] = table[column]
        elif target.shape == table.shape:
            target[...] = table
        else:
            target[: len(table)] = table
    if kind == "startups":
        room.maker_count[0] += 1  # a row more is that of a model maker, not of an application firm
    return room, int(world.operator_count[0]) if kind == "operators" else len(getattr(world, kind))


def run(world: World, parameters: Parameters = PARAMETERS, seed: int = 2, months: int = MONTHS) -> World:
    paths = build_paths(parameters, [Shock(month=20)], months)
    records = empty_records(months)
    fill_balance_sheet(world, records.balances[0])
    compiled().run_months(world, paths, luck_for(world, seed), 0, months, records)
    assert np.abs(records.residuals["deposits"]).max() < 0.5
    return world


def projects(world: World) -> np.ndarray:
    """The rows of operators that are in use: incumbents, then projects in the order of their announcement."""
    return world.operators[: world.operator_count[0]]


def by_number(world: World) -> dict[str, dict[int, bytes]]:
    """Every agent by number, as bytes, without the columns that say where in a table somebody is."""
    agents: dict[str, dict[int, bytes]] = {}
    for name in KINDS:
        table = np.array(projects(world) if name == "operators" else getattr(world, name))
        for column in ROW_COLUMNS:
            if column in table.dtype.names:
                table[column] = 0
        agents[name] = {int(row.id): row.tobytes() for row in table}
        assert len(agents[name]) == len(table), f"two {name} share a number"
    return agents


def an_investor(room: World, row: int) -> None:
    """He sits in Beijing, has no money and will never announce; nobody hears of him."""
    investor = room.investors[row]
    investor.id, investor.sector = row, HOUSEHOLDS
    investor.taste, investor.gpus_intended = -1e9, 100.0


def an_incumbent(room: World, row: int) -> None:
    """A cloud that closed long ago."""
    operator = room.operators[row]
    operator.id, operator.row, operator.sector, operator.owner = INCUMBENT_ID + row, row, OPERATORS, -1
    operator.incumbent, operator.patient, operator.order, operator.announcer = 1, 1, -1, -1
    operator.stage, operator.quality, operator.rent, operator.running_cost = BANKRUPT, PRIME, 10_000.0, 2_600.0
    operator.training_suitability, operator.inference_suitability = 1.0, 0.9
    operator.month_announced = operator.month_started = operator.month_opened = -1
    room.operator_count[0] = row + 1


def a_smuggler(room: World, row: int) -> None:
    """Not in business, and neither are the two who may enter with him."""
    for place in range(row, len(room.smugglers)):
        dealer = room.smugglers[place]
        dealer.id, dealer.sector, dealer.layers = place, SMUGGLERS, 1


def a_startup(room: World, row: int) -> None:
    """Never founded, see the parameters of the test."""
    startup = room.startups[row]
    startup.id, startup.sector, startup.state, startup.patron, startup.efficiency = row, STARTUPS, NOT_FOUNDED, -1, 1.0


def a_platform(room: World, row: int) -> None:
    """A platform without users."""
    platform = room.platforms[row]
    platform.id, platform.sector = row, PLATFORMS


INERT = {
    "investors": an_investor,
    "smugglers": a_smuggler,
    "startups": a_startup,
    "platforms": a_platform,
    "operators": an_incumbent,
}


#: Where a row more would be asked, tried or counted, nobody is: no bids, no founding after 2022, no new dealers, and no
#: news, which depend on how many of the investors build.
QUIET: dict[str, dict[str, float]] = {
    "platforms": {"platform_budget": 0.0},
    "startups": {"startup_innovation": 0.0, "first_startups": 0.9},
    "smugglers": {"smuggler_entry_speed": 0.0},
    "investors": {"news_rate": 0.0, "first_news": 1.0},
}


@pytest.mark.parametrize("kind", list(INERT))
def test_one_more_agent_who_does_nothing_changes_nobody_else(kind: str) -> None:
    parameters = PARAMETERS.with_values(QUIET.get(kind, {}))
    world, _ = founded(parameters, seed=2)
    room, row = larger(world, kind, parameters)
    INERT[kind](room, row)
    alone, together = run(world, parameters), run(room, parameters)
    before, after = by_number(alone), by_number(together)
    for name in KINDS:
        assert before[name].keys() <= after[name].keys(), name
        changed = [agent for agent in before[name] if before[name][agent] != after[name][agent]]
        assert not changed, f"{len(changed)} {name} changed, the first of them {changed[0]}"
    assert same(np.asarray(alone.market), np.asarray(together.market))
    assert same(np.asarray(alone.books), np.asarray(together.books))


def test_the_world_in_which_nothing_changed_was_not_a_dead_one() -> None:
    world = run(founded(PARAMETERS, seed=2)[0])
    assert (projects(world)["month_announced"] >= 0).sum() > 50
    assert (projects(world)["month_opened"] >= 0).sum() > 20
    assert (world.startups["patron"] >= 0).sum() > 5
    assert world.lease_count[0] > 50
    assert world.books.chips_smuggled > 0


def months_announced(world: World) -> np.ndarray:
    """When each investor first announced a project since January 2023, -1 for never."""
    months = np.full(len(world.investors), -1)
    for operator in projects(world)[::-1]:
        if operator.month_announced >= 0:
            months[operator.announcer] = operator.month_announced
    return months


def test_an_investor_who_takes_part_changes_few_of_the_others_decisions_at_first() -> None:
    world, _ = founded(PARAMETERS, seed=2)
    room, row = larger(world, "investors", PARAMETERS)
    an_investor(room, row)
    newcomer: Any = room.investors[row]
    newcomer.taste, newcomer.cash, newcomer.gpus_intended = 30.0, 1e9, 350.0
    room.bank.cash -= 1e9
    for some in range(0, 300, 30):  # ten of the others hear of him
        room.neighbours[some, 0] = row
    alone, together = run(world, months=24), run(room, months=24)
    before, after = months_announced(alone), months_announced(together)
    assert after[row] >= 0
    assert (before[:300] != after[:300]).mean() < 0.05
    assert not same(np.asarray(alone.market), np.asarray(together.market))
