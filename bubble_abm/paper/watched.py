"""A run that is watched: which columns each step reads and writes, and what each rule is asked and answers.

The economy that is watched is small and busy, so that everybody comes to decide. It is interpreted; watching changes
none of its numbers.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from types import FunctionType, SimpleNamespace
from typing import Any

import numpy as np

from bubble_abm.economy import month
from bubble_abm.economy.generate import function
from bubble_abm.economy.kinds import KINDS, LUCKY
from bubble_abm.economy.parameters import Parameters
from bubble_abm.economy.shocks import Change, default_shocks
from bubble_abm.economy.tables import Handle, Table
from bubble_abm.engine.link import LinkedMonth
from bubble_abm.engine.rules import Rules, shortcuts_around, skip_nothing, standard_rules
from bubble_abm.engine.simulation import Simulation
from bubble_abm.paper.plain import PLAIN

#: A small economy in which everybody comes to decide: boom, ban, bust, rescue, take-over, support for use, an
#: early answer of the state. Sites are built fast and begin with little money.
BUSY = Parameters(**PLAIN).with_values(dict(
    scale=0.05, subsidy_on_use=0.5, take_over_mandate=1.0, rescue_probability=0.3, deep_pocket_share=0.2,
    break_penalty=0.5, hub_only=0.2, approval_utilisation=0.1, hold_out=0.1, loan_tenor=24, exit_markup=-0.05,
    reexport_markup=-0.1, longest_wait=3, dealer_reserve=1, dividend_reserve=2, idling_occupancy=0.9,
    restart_service=0.0, restart_margin=1.0, competition_neglect=0.6, planning_time=2.5, building_time=3,
    public_building_time=6, able_building_time=4, working_capital=1, rent_adjustment=0.2, first_projects=60,
    lender_strictness=0.2, answer_threshold=0.6, answer_delay=2, late_brake=0.3, late_gate=0.1, resale_network=0.2,
    hand_over=0.5, hand_over_capacity=10, voucher_pot=1e8, vendor_margin=0.5, non_user_share=0.3,
    re_equipment=0.4, chain_secrecy=0.5, industry_fund=0.3, hoarding=0.3,
    contract_prepayment=0.1, contract_penalty=0.05, lessor_penalty=0.05, search_time=0.5, debt_pricing=0.7,
    cost_to_cover=0.5, months_short=3, opaque_share=0.3, running_cost=5_000, leverage=0.85,
    potential_users=700, serving_progress=0.05, own_fleets=1, smallest_lot=1_000, platform_plans=0.3,
    application_firms=200, bare_engineering=0.5, conversion_rate=0.2, conversion_cost=1_000, enterprise_share=0.2,
))  # fmt: skip
#: Two dear months, after which sites that fell into arrears have money to spare.
DEAR = Change(parameter="loan_rate", value=0.2, month=20, until=22)
#: The economy that is watched: besides, banks lose patience at once, so that open sites fail and are taken over.
HARSH = BUSY.with_values(dict(
    months_to_proceedings=1, proceedings_hazard=0.5, latency_weight=0.5, fitness_elasticity=0.5, harvester_share=0.2,
    forecast_checks=0.3, gaming_share=0.3, leverage_cap=0.8,
))  # fmt: skip
MONTHS = 36
SEED = 8

#: Tables and rows of the world by the names under which the documentation has them.
NAMES = {kind.table: kind.name for kind in KINDS} | {
    "chips": "ChipClass", "leases": "Lease", "orders": "Order", "bank": "Account", "households": "Account",
    "suppliers": "Account", "abroad": "Account", "market": "Market", "books": "Books",
}  # fmt: skip


class Watching(Rules):
    """The standard rules, with some functions of the month replaced by others that watch them."""

    def __init__(self, watched: dict[FunctionType, FunctionType]) -> None:
        super().__init__()
        self.watched = watched

    def linked_month(self, *, interpreted: bool = False) -> LinkedMonth:
        """Return the month with the watched functions in place; every decision is asked, known or not."""
        asked = {test: skip_nothing for rule in standard_rules().values() for test in shortcuts_around(rule)}
        return LinkedMonth(asked | self.watched, interpreted=interpreted)


def run_watched(watch: Callable[..., Any], functions: Iterable[FunctionType]) -> None:
    """Run the harsh economy, interpreted, and have ``watch(name, function, *arguments)`` call some of its functions."""
    watched = {one: handed_to(partial(watch, one.__name__), one) for one in functions}
    events = (*default_shocks(HARSH), DEAR)
    run = Simulation(HARSH, shocks=events, months=MONTHS, seed=SEED, rules=Watching(watched), interpreted=True)
    run.advance(MONTHS)


def handed_to(watch: Callable[..., Any], one: FunctionType) -> FunctionType:
    """Return a function with the arguments of another one that hands both to ``watch`` and returns what that returns.

    It calls a copy, or it would be linked to itself.
    """
    copy = FunctionType(one.__code__, one.__globals__, f"watched_{one.__name__}", one.__defaults__)
    copy.__module__ = one.__module__
    arguments = ", ".join(inspect.signature(one).parameters)
    text = f"def {one.__name__}({arguments}):\n    return watch(decided, {arguments})"
    return function(text, __name__, decided=copy, watch=watch)


# --- Which columns are read and written -----------------------------------------------------------------------------


@dataclass
class Touched:
    """Columns that a step has read and written, as names of tables and columns."""

    read: set[tuple[str, str]] = field(default_factory=set)
    written: set[tuple[str, str]] = field(default_factory=set)


class Row:
    """A row that notes which of its columns are read and written."""

    __slots__ = ("_kind", "_row", "_touched")

    def __init__(self, row: Any, kind: str, touched: Touched) -> None:
        for name, value in (("_row", row), ("_kind", kind), ("_touched", touched)):
            object.__setattr__(self, name, value)

    def __getattr__(self, name: str) -> Any:
        self._touched.read.add((self._kind, name))
        return getattr(self._row, name)

    def __setattr__(self, name: str, value: Any) -> None:
        self._touched.written.add((self._kind, name))
        setattr(self._row, name, value)


class Rows:
    """A table whose rows note what is read and written."""

    def __init__(self, table: Any, kind: str, touched: Touched) -> None:
        self.table, self.kind, self.touched = table, kind, touched

    def __len__(self) -> int:
        return len(self.table)

    def __getitem__(self, place: Any) -> Row:
        return Row(self.table[place], self.kind, self.touched)

    def __iter__(self) -> Iterator[Row]:
        return (self[place] for place in range(len(self)))


class Tables:
    """A world, or a month's luck, whose tables note what is read and written."""

    def __init__(self, tables: Any, names: dict[str, str], touched: Touched) -> None:
        self.tables, self.names, self.touched = tables, names, touched

    def __getattr__(self, name: str) -> Any:
        member = getattr(self.tables, name)
        if name not in self.names:
            return member
        single = isinstance(member, Handle)
        return (Row if single else Rows)(member, self.names[name], self.touched)


def steps() -> list[str]:
    """Names of the steps of a month, in order."""
    return re.findall(r"^    (\w+)\(world", inspect.getsource(month.advance_month), re.MULTILINE)


@cache
def touched_by_steps() -> dict[str, Touched]:
    """Return what each step reads and writes in the harsh economy: columns of tables, parameters and draws of luck."""
    found = {name: Touched() for name in steps()}

    def watch(name: str, step: Callable[..., Any], *arguments: Any) -> Any:
        touched = found[name]
        wrap = {
            "world": lambda world: Tables(world, NAMES, touched),
            "luck": lambda luck: Tables(luck, {kind.table: "luck" for kind in LUCKY}, touched),
            "p": lambda p: Row(p, "p", touched),
        }
        given = inspect.signature(step).parameters
        return step(*(wrap[argument](value) for argument, value in zip(given, arguments, strict=True)))

    run_watched(watch, [getattr(month, name) for name in found])
    return found


# --- What rules are asked, and what they answer ---------------------------------------------------------------------

#: Decisions and what amends them.
AMENDMENTS: tuple[tuple[Any, Any], ...] = month.AMENDMENTS
EXAMPLES = 2  # of each rule, with different answers
NUMBERS = (int, float, np.number, np.bool_)


@dataclass(frozen=True)
class Example:
    """A rule that was asked: its arguments as numbers, or as the columns that it read, and its answer."""

    given: dict[str, Any]
    answer: Any


def ask(rule: Callable[..., Any], given: dict[str, Any]) -> Any:
    """Ask a rule again, with arguments as in an :class:`Example`."""
    return plain(rule(**{name: restored(value) for name, value in given.items()}))


def restored(value: Any) -> Any:
    """Return an argument of an example as a rule takes it: columns as attributes."""
    if isinstance(value, list):
        return [restored(row) for row in value]
    return SimpleNamespace(**value) if isinstance(value, dict) else value


def plain(value: Any) -> Any:
    """Return a number as a plain Python one."""
    return value.item() if isinstance(value, np.generic) else value


@cache
def examples() -> dict[str, list[Example]]:
    """Return worked examples of the rules and of their amendments: the first two answers that differ."""
    rules = [*standard_rules().values(), *(amendment for _, amendment in AMENDMENTS)]
    found: dict[str, list[Example]] = {rule.__name__: [] for rule in rules}
    standard = {rule.__name__: rule for rule in rules}

    def watch(name: str, rule: Callable[..., Any], *arguments: Any) -> Any:
        answer = rule(*arguments)
        if len(found[name]) < EXAMPLES:
            example = worked(standard[name], arguments)
            if example.answer not in [known.answer for known in found[name]]:
                found[name].append(example)
        return answer

    run_watched(watch, rules)
    return found


def worked(rule: Callable[..., Any], arguments: Sequence[Any]) -> Example:
    """Ask a rule by itself, without amendments of what it asks in turn, and keep what it reads."""
    touched = Touched()
    names = list(inspect.signature(rule).parameters)
    handed = [seen(value, name, touched) for name, value in zip(names, arguments, strict=True)]
    answer = plain(rule(*handed))
    assert not touched.written, f"{rule.__name__} writes"
    return Example({name: kept(value, name, touched) for name, value in zip(names, arguments)}, answer)


def seen(value: Any, name: str, touched: Touched) -> Any:
    """Return an argument so that what is read of it is noted."""
    if isinstance(value, NUMBERS):
        return plain(value)
    return Rows(value, name, touched) if isinstance(value, Table) else Row(value, name, touched)


def kept(value: Any, name: str, touched: Touched) -> Any:
    """Return an argument as a number, as the columns that were read, or as a list of rows of them."""
    if isinstance(value, NUMBERS):
        return plain(value)
    if isinstance(value, Table):
        return [kept(row, name, touched) for row in value]
    return {column: plain(getattr(value, column)) for kind, column in sorted(touched.read) if kind == name}
