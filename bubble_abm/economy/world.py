"""The world: tables of agents, what they share, and room for what a run records."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from bubble_abm.economy.accounts import FLOWS, SECTORS, STOCKS, Books, Residuals
from bubble_abm.economy.agents.central_government import CentralGovernmentRow
from bubble_abm.economy.agents.investor import InvestorRow
from bubble_abm.economy.agents.local_government import LocalGovernmentRow
from bubble_abm.economy.agents.operator import OperatorRow
from bubble_abm.economy.agents.platform import PlatformRow
from bubble_abm.economy.agents.smuggler import SmugglerRow
from bubble_abm.economy.agents.startup import StartupRow
from bubble_abm.economy.chip_classes import CHIP_CLASSES, ChipClassRow
from bubble_abm.economy.ledger import Account
from bubble_abm.economy.markets.chips import Order
from bubble_abm.economy.markets.leasing import Lease
from bubble_abm.economy.markets.signals import Market
from bubble_abm.economy.measures import Measures
from bubble_abm.economy.parameters import Parameters
from bubble_abm.economy.provinces import PROVINCES
from bubble_abm.economy.tables import Table, table_of

LONGEST_LEASE = 37  # months: twice the longest mean term, and one
LEASES_OF_INVESTORS = 10  # at a time: each is at least the smallest share of what an enterprise needs


class World(NamedTuple):
    """Everything that a month reads and writes: one table for each kind of agent, and what they share."""

    provinces: Any
    centre: Any
    investors: Any
    operators: Any
    operator_count: Any
    incumbent_count: Any
    maker_count: Any
    chips: Any
    fleets: Any
    smugglers: Any
    startups: Any
    platforms: Any
    leases: Any
    lease_count: Any
    orders: Any
    order_count: Any
    holdings: Any
    bank: Any
    households: Any
    suppliers: Any
    abroad: Any
    market: Any
    books: Any
    flows: Any
    neighbours: Any
    standing: Any
    live: Any
    live_count: Any
    open_sites: Any
    best_provinces: Any
    best_hubs: Any
    mean_power_price: Any
    operator_check: Any
    tenant_check: Any


class Counts(NamedTuple):
    """How many rows of each kind a world has."""

    investors: int
    incumbents: int
    startups: int
    smugglers: int
    platforms: int
    application_firms: int


def counts(parameters: Parameters) -> Counts:
    """Return the number of agents of each kind, scaled; provinces are always 31."""
    sizes = [getattr(parameters, name) for name in Counts._fields]
    scaled = [max(round(size * parameters.scale), min(int(size), 1)) for size in sizes]
    return Counts(*scaled)


def extent(parameters: Parameters) -> tuple[int, ...]:
    """Return the numbers on which the size of a world depends."""
    sizes = (parameters.most_projects, parameters.neighbours, parameters.provinces_considered)
    return *counts(parameters), *(int(size) for size in sizes)


def empty_world(parameters: Parameters) -> World:
    """Make room for the world: tables with the right number of rows, and provinces in their places."""
    size = counts(parameters)
    operators = size.investors * int(parameters.most_projects) + size.incumbents
    startups = size.startups + size.application_firms
    tenants = startups + size.platforms
    world = World(
        provinces=LocalGovernmentRow.table(len(PROVINCES)),
        centre=CentralGovernmentRow.single(),
        investors=InvestorRow.table(size.investors),
        operators=OperatorRow.table(operators),
        operator_count=np.zeros(1, np.int64),
        incumbent_count=np.array([size.incumbents], np.int64),
        maker_count=np.array([size.startups], np.int64),
        chips=ChipClassRow.table(len(CHIP_CLASSES)),
        fleets=np.zeros((operators, len(CHIP_CLASSES))),
        smugglers=SmugglerRow.table(3 * size.smugglers),  # two thirds of the rows are empty at first
        startups=StartupRow.table(startups),
        platforms=PlatformRow.table(size.platforms),
        leases=Lease.rows(LONGEST_LEASE * (4 * tenants + 2 * operators) + LEASES_OF_INVESTORS * size.investors),
        lease_count=np.zeros(1, np.int64),
        orders=Order.table(operators),
        order_count=np.zeros(1, np.int64),
        holdings=np.zeros((size.investors, int(parameters.most_projects)), np.int32),
        bank=Account.single(),
        households=Account.single(),
        suppliers=Account.single(),
        abroad=Account.single(),
        market=Market.single(),
        books=Books.single(),
        flows=np.zeros((len(FLOWS), len(SECTORS))),
        neighbours=np.zeros((size.investors, int(parameters.neighbours)), np.int32),
        standing=np.zeros(size.investors, np.int8),
        live=np.zeros(operators, np.int64),
        live_count=np.zeros(1, np.int64),
        open_sites=np.zeros(operators, np.int64),
        best_provinces=np.zeros(int(parameters.provinces_considered), np.int64),
        best_hubs=np.zeros(int(parameters.provinces_considered), np.int64),
        mean_power_price=np.zeros(1),
        operator_check=np.zeros(operators),
        tenant_check=np.zeros(tenants + size.investors),
    )
    put_in_place(world)
    return world


def put_in_place(world: World) -> None:
    """Write what an empty world has that is not zero: provinces, and that no investor has a project."""
    world.provinces.overwrite(PROVINCES_IN_PLACE)
    world.holdings[:] = -1
    world.mean_power_price[0] = sum(place.power_price for place in PROVINCES) / len(PROVINCES)


def clear(world: World) -> None:
    """Make a used world empty again; leases are written before they are read, so those of the past may stay.

    The numbers of incumbents and of potential model makers belong to the size of the world.
    """
    sizes = (world.incumbent_count, world.maker_count)
    for member in world:
        if member is not world.leases and not any(member is size for size in sizes):
            numbers(member).fill(0)
    put_in_place(world)


def overwrite(world: World, other: World) -> None:
    """Make a world equal to another of the same size; of the large table of leases, only the rows in use."""
    for member, model in zip(world, other, strict=True):
        if member is not world.leases:
            numbers(member)[...] = numbers(model)
    used = int(other.lease_count[0])
    world.leases[:used] = other.leases[:used]


def numbers(member: Any) -> Any:
    """Return the memory of a table or of a row by itself, or an array unchanged."""
    return member if isinstance(member, np.ndarray) else table_of(member).memory


def provinces() -> Table:
    """Return the provinces in their places; budgets are relative to their mean."""
    table = LocalGovernmentRow.table(len(PROVINCES))
    table["id"] = np.arange(len(PROVINCES))
    for name in ("region", "hub", "latency", "power_price"):
        table[name] = [getattr(place, name) for place in PROVINCES]
    table["weight"] = [place.budget for place in PROVINCES]
    table["weight"] /= sum(place.budget for place in PROVINCES) / len(PROVINCES)
    return table


PROVINCES_IN_PLACE = provinces()


class Records(NamedTuple):
    """What a run leaves behind, month by month."""

    measures: Any
    flows: Any
    balances: Any
    residuals: Any


def empty_records(months: int) -> Records:
    """Make room for the records of a run; the first balance sheet is the one before the first month."""
    return Records(
        measures=Measures.rows(months),
        flows=np.zeros((months, len(FLOWS), len(SECTORS))),
        balances=np.zeros((months + 1, len(STOCKS), len(SECTORS))),
        residuals=Residuals.rows(months),
    )
