"""Small worlds, rows and runs that the tests share."""

from __future__ import annotations

import os
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from bubble_abm.economy.accounts import SECTORS
from bubble_abm.economy.agents.operator import NONE, OPERATING, PLANNED, is_live
from bubble_abm.economy.chip_classes import H100
from bubble_abm.economy.founding import found_world
from bubble_abm.economy.ledger import OPERATORS, lend, pay_in_equity
from bubble_abm.economy.markets.chips import chips_are_alike, receive
from bubble_abm.economy.markets.counting import gpus_are_counted
from bubble_abm.economy.measures import Measures, take_measures
from bubble_abm.economy.parameters import Parameters
from bubble_abm.economy.shocks import build_paths
from bubble_abm.economy.sponsors import NEWCOMER
from bubble_abm.economy.world import World, empty_records, empty_world
from bubble_abm.engine.rules import Rules
from bubble_abm.paper.plain import PLAIN
from bubble_abm.study.ensemble import Ensemble

#: Round values with which results are worked out by hand, in an economy without mechanisms.
BY_HAND = PLAIN | dict(
    chip_classes=1,
    extrapolation=1.7, believed_demand_growth=0.04, competition_neglect=0.85, experienced_neglect=0.25,
    discount_spread=0.004, obsolescence=0.015, hurdle=1.4, choice_intensity=1.5, herding=4.2, call_weight=2.8,
    reluctance=-1.75, announcement_rate=0.082, start_hurdle=0.9, cancellation_rate=0.05, deep_pocket_share=0.5,
    tournament_intensity=0.03, fiscal_envelope=6e+08, planning_time=5, building_time=7, median_size=350,
    size_spread=0.8, other_capex=110000, rent_adjustment=0.135, hold_out=1.15, patience=8,
    interior_suitability=0.27, foreign_chip_price=136000, risk_premium=0.19, channel_capacity=2800,
    normal_markup=0.05, markup_adjustment=0.06, order_scale=20, smuggler_entry_speed=2, ban_channel_cut=0.55,
    ban_loss=0.6, contract_length=5, startup_spread=0.8, startup_innovation=0.006, startup_imitation=0.37,
    training_need=74, training_growth=0.03, training_runway=12, training_elasticity=0.8, inference_base=2000,
    inference_trend=0.055, inference_elasticity=1.11, induced_inference=1.7, funding_rate=0.075,
    round_size=2.8e+07, venture_extrapolation=1.4, startup_payroll=1.5e+06, platform_budget=6e+07,
    platform_fleet=100000, platform_chip_share=0.3, shock_efficiency=4, shock_openness=0.6, shock_imitation=0.6,
    first_rent=10000, first_projects=0, installed_base=13000, household_savings=2e+12, take_over_fund=2e+10,
    leverage=0.5, public_leverage=0.5, able_leverage=0.5, state_capital=0,
)  # fmt: skip
SMALL = Parameters(**BY_HAND, investors=40, startups=12, smugglers=3, incumbents=3)
OUTSIDE = {
    "sale_h20": 0.0, "sale_domestic": 0.0, "sale_h200": 0.0, "sale_b200": 0.0, "since_h200": -1.0, "since_b200": -1.0,
    "month": 0.0, "export_control": 0.0, "control_h200": 0.0, "control_step": 0.0, "tariff": 0.0, "call": 0.0,
    "platform_capex": 0.0,
    "frontier_efficiency": 1.0, "frontier_openness": 0.0, "frontier_imitation": 0.0,
    "usual_efficiency": 1.0, "usual_openness": 0.0, "usual_imitation": 0.0,
}  # fmt: skip


def economies(every: int) -> list[tuple[int, Parameters]]:
    """Seeds and parameters of every so many-th economy of the ensemble, as experiments over it pair them."""
    ensemble = Ensemble.load()
    return [(member + 1, ensemble.parameters(member)) for member in range(0, len(ensemble), every)]


def constants(**values: float) -> Any:
    """The parameters of one month, with the outside world at rest unless said otherwise."""
    outside = {name: values.pop(name, level) for name, level in OUTSIDE.items()}
    row = Parameters(**BY_HAND | values).row()
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
        assert name in p.dtype.names, name
        p[name] = level
    found_world(world, p, seed, empty_records(1).balances[0])
    return world, p


# --- Projects in scattered rows -------------------------------------------------------------------------------------

#: Rows of the projects of a test, and who owns them: no place in a list is a row, no row is its owner's, and the rows
#: between are empty. Who mixes them up finds nobody there, or somebody else.
ROWS = tuple(3 + (11 + 7 * number) % 40 for number in range(30))
OWNERS = tuple((row + 13) % 40 for row in ROWS)
#: Rows of the startups of a test, in the same way.
TENANTS = tuple((4 + 3 * number) % 25 for number in range(12))
SCATTERED = Parameters(**BY_HAND, investors=40, startups=25, smugglers=3, incumbents=3)


def project(world: World, number: int = 0, **columns: float) -> Any:
    """The project of this number, filled with these columns; all that are under way are listed."""
    operator = world.operators[ROWS[number]]
    owner = OWNERS[number]
    world.operators["announcer"][world.operators["stage"] == NONE] = -1  # the empty rows between are nobody's
    about = {"id": world.investors[owner].id, "row": ROWS[number], "sector": OPERATORS, "owner": owner, "order": -1}
    about |= {"announcer": owner, "sponsor": NEWCOMER}
    for name, value in (about | {"month_announced": 0, "month_started": -1, "month_opened": -1} | columns).items():
        operator[name] = value
    chips_are_alike(operator)
    world.fleets[operator.row, H100] = operator.gpus_installed
    operator.chip_price = world.chips[H100].price
    world.holdings[owner, 0] = ROWS[number]
    world.investors[owner].projects = 1
    world.operator_count[0] = len(world.operators)
    list_live(world)
    return operator


def list_live(world: World) -> None:
    """List the projects under way, wherever in the table they are, by their numbers."""
    rows = sorted((row for row, operator in enumerate(world.operators) if is_live(operator)), key=number_of(world))
    world.live[: len(rows)] = rows
    world.live_count[0] = len(rows)


def number_of(world: World) -> Any:
    """What tells the number of the project in a row."""
    return lambda row: world.operators[row].id


def owner_of(world: World, operator: Any) -> Any:
    """The investor who owns a project."""
    return world.investors[operator.owner]


def luck_of(world: World, operator: Any, **draws: float) -> SimpleNamespace:
    """A month's luck in which only this project has drawn: who reads another's fails."""
    listed = [SimpleNamespace() for _ in world.operators]
    listed[place_of(world, operator)] = SimpleNamespace(**draws)
    return SimpleNamespace(operators=listed)


def place_of(world: World, operator: Any) -> int:
    """Place of a project in the list of those under way."""
    return world.live[: world.live_count[0]].tolist().index(operator.row)


def chips_cost(world: World, price: float, abroad: float | None = None) -> None:
    """Chips of the H100 class have this price, and another one abroad."""
    world.market.chip_price = world.chips[H100].price = price
    world.operators["chip_price"] = price
    if abroad is not None:
        world.chips[H100].abroad = abroad
        world.smugglers["foreign_price"] = abroad


# --- Sites and plans ----------------------------------------------------------------------------------------------

PRICE = 100_000.0
NO_LUCK = SimpleNamespace(sell=0.0, bidder=0.0, take_over=0.5, rescue=1.0, bankrupt=0.0, idle=0.0)


def site(*, cash: float = 0.0, debt: float = 0.0, equity: float = 0.0, gpus: float = 100.0) -> tuple[Any, Any, Any]:
    """A finished interior site with these books; nobody else buys chips, so they go abroad."""
    world, p = founded(SCATTERED)
    world.smugglers["active"] = 0
    p.foreign_chip_price = PRICE
    chips_cost(world, PRICE, PRICE)
    p.running_cost = 2_600
    interior = int(np.flatnonzero(world.provinces["hub"] == 0)[0])
    operator = project(
        world, stage=OPERATING, gpus_planned=gpus, running_cost=2_600, rent=9_000, province=interior, month_opened=0
    )
    world.books.chips_initial += gpus
    receive(world, operator, H100, gpus)
    lend(world, operator, debt)
    pay_in_equity(world, owner_of(world, operator), operator, equity)
    world.households.cash += operator.cash - cash
    operator.cash = cash
    return world, p, operator


def draws(world: Any, operator: Any, **values: float) -> Any:
    return luck_of(world, operator, **(vars(NO_LUCK) | values))


def claims_agree(world: Any) -> None:
    """Both sides of every claim, and what was recorded of it, agree."""
    books = world.books
    assert world.operators["debt"].sum() == pytest.approx(world.bank.loans) == pytest.approx(books.loans)
    assert (
        world.operators["equity"].sum() == pytest.approx(world.investors["stake"].sum()) == pytest.approx(books.equity)
    )
    assert world.operators["stakes"].sum() == pytest.approx(world.startups["patron_stake"].sum())
    assert (
        world.operators["prepaid"].sum()
        == pytest.approx(world.smugglers["prepaid"].sum())
        == pytest.approx(books.prepayments)
    )
    assert world.operators["capital"].sum() == pytest.approx(books.other_capital)


def planned(*, purse: float, rate: float = 0.2) -> tuple[Any, Any, Any, Any]:
    """A newcomer's plan of 100 GPUs at 200 000 a piece, in a province that subsidises."""
    world, p = founded()
    p.leverage, p.other_capex, p.working_capital, p.running_cost, p.loan_tenor = 0.5, 80_000, 10, 2_000, 40
    p.milestones, p.smallest_start = 4, 0.3
    chips_cost(world, 120_000.0)
    world.market.month = 1
    operator = project(world, stage=PLANNED, gpus_planned=100.0, months_building=6.0, province=17)
    owner = owner_of(world, operator)
    owner.sponsor, owner.earnest, owner.experienced, owner.deep_pocket = NEWCOMER, 1, 0, 0
    province = world.provinces[operator.province]
    province.subsidy, province.envelope, province.outlay = rate, 1e12, 0.0
    world.households.cash -= 1e12
    province.cash += 1e12
    world.households.cash += owner.cash - purse
    owner.cash = purse
    return world, p, operator, owner


def with_mechanisms(step: Any) -> Any:
    """A step or decision as the month links it: decisions amended by mechanisms, left to the interpreter."""
    if "MUTANT_UNDER_TEST" in os.environ:
        return lambda *arguments: pytest.skip("what a mutation run puts in the place of functions cannot be linked")
    return Rules().linked_month(interpreted=True).link(step, lambda twin: twin)


def without_projects(world: World) -> list[Any]:
    """The incumbents' rows of a world."""
    return [world.operators[row] for row in range(len(world.operators) - len(world.investors))]


def compiled() -> Any:
    """The standard month, compiled once per process."""
    return Rules().linked_month()


def same(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether two tables agree bit for bit."""
    return one.shape == other.shape and np.ascontiguousarray(one).tobytes() == np.ascontiguousarray(other).tobytes()


def counted(world: World, p: Any) -> None:
    """Count what stands where at the end of the month, for the market and the provinces to know."""
    gpus_are_counted(world)


def measured(world: World, p: Any) -> Any:
    """The measures of a world as it stands."""
    measures = Measures.single()
    take_measures(world, p, measures)
    return measures


def booked(world: World, flow: int) -> dict[str, float]:
    """What each sector has received of a flow so far this month, paid ones being negative; nothing of who has none."""
    return {sector: float(amount) for sector, amount in zip(SECTORS, world.flows[flow], strict=True) if amount}


def held_money(world: World) -> float:
    """All deposits, the bank's being negative: constant whatever happens."""
    tables = (world.operators, world.investors, world.startups, world.smugglers, world.platforms, world.provinces)
    single = (world.centre, world.bank, world.households, world.suppliers, world.abroad)
    return float(sum(table["cash"].sum() for table in tables) + sum(account.cash for account in single))
