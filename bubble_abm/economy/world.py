"""The world: tables of agents, what they share, and how it is founded in January 2023."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from bubble_abm.economy.agents.central_government import CentralGovernmentRow
from bubble_abm.economy.agents.investor import InvestorRow
from bubble_abm.economy.agents.local_government import LocalGovernmentRow
from bubble_abm.economy.agents.operator import INCUMBENT_ID, OPERATING, PRIME, OperatorRow
from bubble_abm.economy.agents.platform import PlatformRow
from bubble_abm.economy.agents.smuggler import SmugglerRow, landed_cost
from bubble_abm.economy.agents.startup import NOT_FOUNDED, PRETRAINING, StartupRow
from bubble_abm.economy.audit import Residuals, fill_balance_sheet
from bubble_abm.economy.ledger import (
    ABROAD,
    BANK,
    FLOWS,
    GOVERNMENTS,
    HOUSEHOLDS,
    OPERATORS,
    PLATFORMS,
    SECTORS,
    SMUGGLERS,
    STARTUPS,
    STOCKS,
    SUPPLIERS,
    Account,
    Books,
    pay_in_venture,
)
from bubble_abm.economy.luck import BIRTH, CHAT, INVESTOR, OPERATOR, SMUGGLER, STARTUP, draw_block, lognormal, slots_for
from bubble_abm.economy.markets.beliefs import replacement_rent
from bubble_abm.economy.markets.leasing import Lease
from bubble_abm.economy.markets.projects import BEST_PROVINCES
from bubble_abm.economy.markets.signals import Market
from bubble_abm.economy.measures import Measures
from bubble_abm.economy.parameters import Parameters

NEIGHBOURS = 10
LONGEST_LEASE = 28  # months: one and a half times the longest mean length, and one
EAST, CENTRAL, WEST = 0, 1, 2

#: Name, region, near the users of inference (1), delay to the large cities [ms], power [CNY/kWh], size of the budget.
#: Power prices: fact C18 (mean 0.63, the west 30 % lower). Nearness: the clusters of Beijing, the Yangtze delta, the
#: Pearl delta and Chengdu-Chongqing. Budgets: rough ranks of provincial revenue.
PROVINCES = (
    ("Beijing", EAST, 1, 4, 0.75, 1.6),
    ("Tianjin", EAST, 1, 6, 0.72, 0.6),
    ("Hebei", EAST, 1, 8, 0.60, 1.2),
    ("Shanxi", CENTRAL, 0, 18, 0.55, 0.8),
    ("Inner Mongolia", WEST, 0, 22, 0.42, 0.9),
    ("Liaoning", EAST, 0, 20, 0.62, 0.8),
    ("Jilin", CENTRAL, 0, 26, 0.63, 0.4),
    ("Heilongjiang", CENTRAL, 0, 30, 0.62, 0.4),
    ("Shanghai", EAST, 1, 4, 0.78, 1.9),
    ("Jiangsu", EAST, 1, 7, 0.70, 2.3),
    ("Zhejiang", EAST, 1, 7, 0.72, 2.1),
    ("Anhui", CENTRAL, 1, 10, 0.64, 1.0),
    ("Fujian", EAST, 0, 18, 0.64, 0.9),
    ("Jiangxi", CENTRAL, 0, 20, 0.66, 0.8),
    ("Shandong", EAST, 0, 16, 0.64, 1.9),
    ("Henan", CENTRAL, 0, 18, 0.64, 1.2),
    ("Hubei", CENTRAL, 0, 18, 0.67, 1.0),
    ("Hunan", CENTRAL, 0, 20, 0.68, 0.9),
    ("Guangdong", EAST, 1, 5, 0.74, 2.9),
    ("Guangxi", WEST, 0, 26, 0.60, 0.5),
    ("Hainan", EAST, 0, 28, 0.64, 0.3),
    ("Chongqing", WEST, 1, 12, 0.62, 0.7),
    ("Sichuan", WEST, 1, 12, 0.55, 1.2),
    ("Guizhou", WEST, 0, 24, 0.48, 0.6),
    ("Yunnan", WEST, 0, 30, 0.46, 0.6),
    ("Tibet", WEST, 0, 45, 0.55, 0.1),
    ("Shaanxi", WEST, 0, 20, 0.58, 0.8),
    ("Gansu", WEST, 0, 28, 0.44, 0.5),
    ("Qinghai", WEST, 0, 34, 0.42, 0.2),
    ("Ningxia", WEST, 0, 26, 0.43, 0.3),
    ("Xinjiang", WEST, 0, 40, 0.42, 0.6),
)


class World(NamedTuple):
    """Everything that a month reads and writes: one table per kind of agent, and what they share."""

    provinces: Any
    centre: Any
    investors: Any
    operators: Any
    smugglers: Any
    startups: Any
    platforms: Any
    leases: Any
    lease_count: Any
    bank: Any
    households: Any
    suppliers: Any
    abroad: Any
    market: Any
    books: Any
    flows: Any
    queue: Any
    queue_length: Any
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


def counts(parameters: Parameters) -> Counts:
    """Return the number of agents of each kind, scaled; provinces are always 31."""
    sizes = [getattr(parameters, name) for name in Counts._fields]
    scaled = [max(round(size * parameters.scale), min(int(size), 1)) for size in sizes]
    return Counts(*scaled)


def empty_world(parameters: Parameters) -> World:
    """Make room for the world: tables with the right number of rows, and provinces in their places."""
    size = counts(parameters)
    operators = size.investors + size.incumbents
    tenants = size.startups + size.platforms
    return World(
        provinces=provinces(),
        centre=CentralGovernmentRow.single(),
        investors=InvestorRow.rows(size.investors),
        operators=OperatorRow.rows(operators),
        smugglers=SmugglerRow.rows(3 * size.smugglers),
        startups=StartupRow.rows(size.startups),
        platforms=PlatformRow.rows(size.platforms),
        leases=Lease.rows(LONGEST_LEASE * (4 * tenants + 2 * operators)),
        lease_count=np.zeros(1, np.int64),
        bank=Account.single(),
        households=Account.single(),
        suppliers=Account.single(),
        abroad=Account.single(),
        market=Market.single(),
        books=Books.single(),
        flows=np.zeros((len(FLOWS), len(SECTORS))),
        queue=np.zeros(operators, np.int64),
        queue_length=np.zeros(1, np.int64),
        neighbours=np.zeros((size.investors, NEIGHBOURS), np.int32),
        standing=np.zeros(size.investors, np.int8),
        live=np.arange(operators),
        live_count=np.array([operators]),
        open_sites=np.zeros(operators, np.int64),
        best_provinces=np.zeros(BEST_PROVINCES, np.int64),
        best_hubs=np.zeros(BEST_PROVINCES, np.int64),
        mean_power_price=np.array([sum(place[4] for place in PROVINCES) / len(PROVINCES)]),
        operator_check=np.zeros(operators),
        tenant_check=np.zeros(tenants),
    )


def copied(world: World) -> World:
    """Return a copy of the world that shares nothing with it; of the large table of leases, only what is in use."""
    held = int(world.lease_count[0])
    leases = Lease.rows(len(world.leases))
    leases[:held] = world.leases[:held]
    tables = (leases if table is world.leases else table.copy() for table in world)
    return World(*tables)


def provinces() -> np.ndarray:
    """Return the provinces in their places; budgets are relative to their mean."""
    table = LocalGovernmentRow.rows(len(PROVINCES))
    table["id"] = np.arange(len(PROVINCES))
    columns = zip(*(place[1:] for place in PROVINCES))
    for name, values in zip(("region", "hub", "latency", "power_price", "weight"), columns):
        table[name] = values
    table["weight"] /= sum(place[5] for place in PROVINCES) / len(PROVINCES)
    return table


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


# --- Founding: everything below is compiled with the month ----------------------------------------------------------


def found_world(world: Any, p: Any, seed: int, balance: Any) -> None:
    """Found the economy of January 2023: who there is, what they own, what the market shows; draw its balance sheet."""
    found_state(world, p)
    found_market(world, p)
    found_investors(world, p, seed)
    found_incumbents(world, p, seed)
    found_smugglers(world, p, seed)
    found_startups(world, p, seed)
    found_platforms(world, p)
    found_closure(world, p)
    fill_balance_sheet(world, balance)


def found_state(world: Any, p: Any) -> None:
    """Provinces start with a year's envelope in cash and a small subsidy; the centre with its take-over fund."""
    for province in world.provinces:
        province.sector = GOVERNMENTS
        province.envelope = p.fiscal_envelope * province.weight * p.scale
        province.cash = province.envelope
        province.subsidy = 0.2 * p.maximum_subsidy
    world.centre.sector = GOVERNMENTS
    world.centre.fund = p.take_over_fund * p.scale
    world.centre.cash = world.centre.fund + 60.0 * p.fiscal_envelope * p.scale


def found_market(world: Any, p: Any) -> None:
    """The market shows the first rent, the normal chip price, and a utilisation near the natural one."""
    market = world.market
    market.rent = p.first_rent
    market.prime_rent = p.first_rent
    market.secondary_rent = p.first_rent
    market.contract_rent = p.first_rent
    market.chip_price = p.foreign_chip_price * (1.0 + p.risk_premium * p.export_control) * (1.0 + p.normal_markup)
    market.replacement_rent = replacement_rent(market, p)
    market.utilisation = 0.9 * p.natural_occupancy
    market.installed = p.installed_base * p.scale
    market.go_ahead = 0.5
    market.trend_weight = 0.5
    market.trend_error = 0.0025
    market.reversion_error = 0.0025
    market.efficiency = 1.0
    market.funding_climate = 1.0


def found_investors(world: Any, p: Any, seed: int) -> None:
    """Draw the investors, and with whom each of them shares a chat group."""
    cost = world.market.chip_price + p.other_capex
    equity = (1.0 - p.leverage) * cost + p.working_capital * p.running_cost
    for i in range(len(world.investors)):
        investor = world.investors[i]
        investor.id = i
        investor.sector = HOUSEHOLDS
        kind, pocket, home, strength = draw_block(seed, INVESTOR, i, BIRTH, 0)
        size_1, size_2, purse, taste = draw_block(seed, INVESTOR, i, BIRTH, 1)
        investor.experienced = 1 if kind >= p.inexperienced_share else 0
        investor.deep_pocket = 1 if pocket < p.deep_pocket_share else 0
        investor.extrapolation = p.extrapolation * (0.5 + strength)
        investor.neglect = p.competition_neglect
        if investor.experienced:
            investor.extrapolation *= p.experienced_extrapolation
            investor.neglect = min(p.experienced_neglect, p.competition_neglect)
        investor.home = home_province(world.provinces, home)
        investor.gpus_intended = lognormal(p.median_size, p.size_spread, size_1, size_2)
        investor.taste = taste - 0.5
        depth = 2.5 if investor.deep_pocket else 1.0
        investor.cash = depth * (0.8 + 0.8 * purse) * equity * investor.gpus_intended
        found_project(world.operators[i], investor, i)
        find_neighbours(world.neighbours, i, seed)


def home_province(provinces: Any, draw: float) -> int:
    """Row of an investor's home: provinces count by the size of their budgets."""
    total = 0.0
    for province in provinces:
        total += province.weight
    for row in range(len(provinces)):
        draw -= provinces[row].weight / total
        if draw < 0.0:
            return row
    return len(provinces) - 1


def find_neighbours(neighbours: Any, row: int, seed: int) -> None:
    """Choose the investors whose projects one investor hears of: draws over fixed slots, redrawn when empty."""
    investors = neighbours.shape[0]
    slots = slots_for(investors)
    found = block = 0
    while found < neighbours.shape[1]:
        draws = draw_block(seed, CHAT, row, BIRTH, block)
        for draw in draws:
            other = int(draw * slots)
            if found < neighbours.shape[1] and ((other < investors and other != row) or block > 60):
                neighbours[row, found] = other if block <= 60 else row
                found += 1
        block += 1


def found_project(operator: Any, investor: Any, row: int) -> None:
    """The row that an investor's project will fill if he ever announces one."""
    operator.id = investor.id
    operator.row = row
    operator.sector = OPERATORS
    operator.owner = row
    operator.patient = investor.deep_pocket
    operator.month_announced = -1
    operator.month_opened = -1


def found_incumbents(world: Any, p: Any, seed: int) -> None:
    """Incumbent clouds: without debt, near the users, able."""
    first = len(world.investors)
    incumbents = len(world.operators) - first
    total = 0.0
    for k in range(incumbents):
        operator = world.operators[first + k]
        size_1, size_2, place, _ = draw_block(seed, OPERATOR, INCUMBENT_ID + k, BIRTH, 0)
        operator.id = INCUMBENT_ID + k
        operator.row = first + k
        operator.sector = OPERATORS
        operator.owner = -1
        operator.incumbent = 1
        operator.patient = 1
        operator.stage = OPERATING
        operator.province = home_province(world.provinces, place)
        operator.quality = PRIME
        operator.training_suitability = 1.0
        operator.inference_suitability = p.hub_suitability
        operator.month_announced = -1
        operator.month_opened = -1
        operator.gpus_planned = lognormal(1.0, 0.6, size_1, size_2)
        total += operator.gpus_planned
    for k in range(incumbents):
        operator = world.operators[first + k]
        operator.gpus_planned *= p.installed_base * p.scale / total
        operator.gpus_installed = operator.gpus_planned
        operator.running_cost = p.running_cost
        operator.rent = p.first_rent
        operator.cash = 12.0 * p.running_cost * operator.gpus_installed
        world.books.chips_initial += operator.gpus_installed


def found_smugglers(world: Any, p: Any, seed: int) -> None:
    """Smugglers: a third of the rows are in business at first; channels differ in size and in layers of resale."""
    first = len(world.smugglers) // 3
    for i in range(len(world.smugglers)):
        smuggler = world.smugglers[i]
        size_1, size_2, layers, _ = draw_block(seed, SMUGGLER, i, BIRTH, 0)
        smuggler.id = i
        smuggler.sector = SMUGGLERS
        smuggler.active = 1 if i < first else 0
        smuggler.layers = 1 + int(3.0 * layers)
        smuggler.normal_capacity = (
            lognormal(p.channel_capacity * p.scale / first, 0.5, size_1, size_2) / 1.1331484530668263
        )
        smuggler.capacity = smuggler.normal_capacity
        smuggler.markup = p.normal_markup
        smuggler.landed_cost = landed_cost(smuggler, p)
        smuggler.quote = smuggler.landed_cost * (1.0 + smuggler.markup)
        if smuggler.active:
            smuggler.inventory = 0.2 * smuggler.capacity
            smuggler.expected_orders = 0.2 * smuggler.capacity
            smuggler.cash = 4.0 * smuggler.capacity * smuggler.landed_cost
            world.books.chips_initial += smuggler.inventory


def found_startups(world: Any, p: Any, seed: int) -> None:
    """Startups: some have been founded before 2023 and have money from two rounds."""
    for i in range(len(world.startups)):
        startup = world.startups[i]
        size_1, size_2, founded, age = draw_block(seed, STARTUP, i, BIRTH, 0)
        startup.id = i
        startup.sector = STARTUPS
        startup.state = NOT_FOUNDED
        startup.relative_size = lognormal(1.0, 0.8, size_1, size_2)
        startup.efficiency = 1.0
        startup.patron = -1
        if founded < p.first_startups:
            startup.state = PRETRAINING
            startup.age = int(12.0 * age)
            pay_in_venture(world, startup, 2.0 * p.round_size * startup.relative_size)


def found_platforms(world: Any, p: Any) -> None:
    """Platforms: fleets of their own, of unequal size."""
    total = 0.0
    for i in range(len(world.platforms)):
        total += 1.0 / (1.0 + i % 5)
    for i in range(len(world.platforms)):
        platform = world.platforms[i]
        platform.id = i
        platform.sector = PLATFORMS
        platform.relative_size = 1.0 / (1.0 + i % 5) / total
        platform.gpus = 100_000.0 * p.scale * platform.relative_size
        platform.cash = p.platform_budget
        world.books.chips_initial += platform.gpus


def found_closure(world: Any, p: Any) -> None:
    """Households and funds, suppliers, the rest of the world; the bank owes what all of them have deposited."""
    world.households.id, world.households.sector = HOUSEHOLDS, HOUSEHOLDS
    world.suppliers.id, world.suppliers.sector = SUPPLIERS, SUPPLIERS
    world.abroad.id, world.abroad.sector = ABROAD, ABROAD
    world.bank.id, world.bank.sector = BANK, BANK
    world.households.cash += 2e12 * p.scale
    deposits = world.households.cash + world.centre.cash
    for province in world.provinces:
        deposits += province.cash
    for investor in world.investors:
        deposits += investor.cash
    for operator in world.operators:
        deposits += operator.cash
    for smuggler in world.smugglers:
        deposits += smuggler.cash
    for startup in world.startups:
        deposits += startup.cash
    for platform in world.platforms:
        deposits += platform.cash
    world.bank.cash = -deposits
    for row in range(world.flows.shape[0]):
        for sector in range(world.flows.shape[1]):
            world.flows[row, sector] = 0.0
