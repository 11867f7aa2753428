"""The reference: the same month on ordinary Mesa agents, Python objects with plain attributes and no rows.

No rule and no step is written a second time: the page :mod:`bubble_abm.economy.month` is linked, not compiled, and the
tables of the world are lists of agents. It serves to verify the compiled month, bit for bit, and to measure the gain.

Three things are as fast as plain Python allows, so that the comparison is fair: matrices are dicts (an element of a
NumPy array takes longer to reach), leases are made when they are first signed, and luck comes from the compiled
generator, because a user of Mesa would draw from a compiled one, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import mesa
import numpy as np

from bubble_abm.economy.generate import named_tuple
from bubble_abm.economy.kinds import KINDS, LUCKY, Kind
from bubble_abm.economy.luck import Luck, draw_block, draw_month, draw_table, projects_draw_luck
from bubble_abm.economy.markets.chips import Order
from bubble_abm.economy.markets.leasing import Lease
from bubble_abm.economy.parameters import Parameters
from bubble_abm.economy.tables import DRAWS_PER_BLOCK, Row
from bubble_abm.economy.world import Records, World
from bubble_abm.engine.link import OPTIONS, Machine, link
from bubble_abm.engine.rules import Rules, functions_replaced
from bubble_abm.engine.simulation import Simulation


class PlainAgent(mesa.Agent):
    """An ordinary Mesa agent: what a row has as columns, it has as attributes."""

    def __init__(self, model: Any, values: dict[str, Any]) -> None:
        super().__init__(model)
        self.__dict__.update(values)


#: What a row of each kind becomes: an ordinary class of agents, named like the view.
AGENTS: dict[np.dtype, type[PlainAgent]] = {
    kind.row.dtype: type(kind.name, (PlainAgent,), {"__doc__": kind.row.__doc__}) for kind in KINDS
}


class Record:
    """One row as a plain object that is nobody's agent: a lease, the market, the books, a month's parameters."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.__dict__.update(values)


class Matrix(dict[tuple[int, ...], Any]):
    """A matrix of Python numbers, read and written as ``matrix[i, j]``."""

    def __init__(self, array: np.ndarray) -> None:
        super().__init__(zip(np.ndindex(array.shape), array.ravel().tolist(), strict=True))
        self.shape = array.shape

    def array(self) -> np.ndarray:
        """Return the numbers as an array."""
        return np.array(list(self.values())).reshape(self.shape)


class Places(dict[int, Record]):
    """Places in a table of contracts, made when first used."""

    def __init__(self, row: type[Row]) -> None:
        self.row = row

    def __missing__(self, place: int) -> Record:
        self[place] = Record(dict.fromkeys(self.row.columns, 0))
        return self[place]


def values_of(record: Any) -> dict[str, Any]:
    """Return a record's columns as Python numbers."""
    return dict(zip(record.dtype.names, record.item(), strict=True))


def plain_table(table: Any, model: Any) -> Any:
    """Return a table of the world as ordinary agents, plain objects or Python numbers."""
    if table.dtype.names is None:
        return table.tolist() if table.ndim == 1 else Matrix(table)
    kind = AGENTS.get(table.dtype)
    if isinstance(table, np.ndarray):
        return [kind(model, values_of(row)) if kind else Record(values_of(row)) for row in table]
    return kind(model, values_of(table)) if kind else Record(values_of(table))


def plain_world(world: World, model: Any) -> World:
    """Return a world whose tables are lists of ordinary agents, registered with a Mesa model."""
    contracts = {"leases": Places(Lease), "orders": Places(Order)}
    plain = {name: plain_table(table, model) for name, table in world._asdict().items() if name not in contracts}
    return World(**plain, **contracts)


def plain_records(records: Records) -> Records:
    """Return records whose rows are plain objects; the flows, written once a month, stay an array."""
    return Records(
        measures=plain_table(records.measures, None),
        flows=records.flows,
        balances=[Matrix(balance) for balance in records.balances],
        residuals=plain_table(records.residuals, None),
    )


# --- Luck from the compiled generator -------------------------------------------------------------------------------


def names_of_draws(luck: type[Row]) -> list[str]:
    """Return the names of the draws of an agent by their places; a place that nothing is drawn for has a blind one."""
    names = [f"nothing_{place}" for place in range(luck.dtype.itemsize // 8)]
    for column in luck.columns.values():
        assert column.place is not None
        names[column.place] = column.name
    return names


#: What an agent is handed as the luck of a month, by kind.
HANDS = {
    kind: named_tuple(f"{kind.name}Luck", __name__, *names_of_draws(kind.luck))
    for kind in LUCKY
    if kind.luck is not None
}


@cache
def compiled_luck() -> Any:
    """Compile the generator: one block of draws, and the draws of some agents in one month."""
    import numba

    roots: tuple[Any, ...] = (draw_block, draw_table)
    return [link(root, {}, numba.njit(**OPTIONS)) for root in roots]


def draw_compiled(kind: Kind, agents: Any, rows: Any, luck: Any, month: int) -> None:
    """Draw the luck of some agents by compiled code and hand it out as named tuples."""
    sheet, hand, hands = getattr(luck.sheets, kind.table), HANDS[kind], getattr(luck, kind.table)
    places = np.array(rows, np.int64)
    numbered = np.zeros(len(agents), [("id", "i8")])
    numbered["id"][places] = [agents[row].id for row in rows]
    compiled_luck()[1](sheet, numbered, places, len(places), kind.stream, int(luck.seed[0]), month)
    for row, numbers in zip(rows, sheet.numbers[places].tolist()):
        hands[row] = hand._make(numbers)


def draw_interpreted(kind: Kind, agents: Any, rows: Any, luck: Any, month: int) -> None:
    """Draw the same luck without compiled code."""
    hand, hands = HANDS[kind], getattr(luck, kind.table)
    blocks = range(len(hand._fields) // DRAWS_PER_BLOCK)
    for row in rows:
        draws = (draw_block(int(luck.seed[0]), kind.stream, agents[row].id, month, block) for block in blocks)
        hands[row] = hand._make(draw for block in draws for draw in block)


def drawing(draw: Any) -> dict[Any, Any]:
    """Return what stands in for the two steps that draw luck, given what draws it for some agents of a kind."""

    def draw_plain_month(world: Any, luck: Any, month: int) -> None:
        for kind in LUCKY:
            if not kind.listed:
                agents = getattr(world, kind.table)
                draw(kind, agents, range(len(agents)), luck, month)

    def draw_plain_projects(world: Any, luck: Any) -> None:
        (kind,) = (kind for kind in LUCKY if kind.listed)
        draw(kind, world.operators, world.live[: world.live_count[0]], luck, world.market.month)

    return {draw_month: draw_plain_month, projects_draw_luck: draw_plain_projects}


@cache
def plain_machine(rules: tuple[tuple[str, Any], ...], luck_compiled: bool) -> Machine:
    """Link the month once for each set of rules, with luck from the compiled or from the interpreted generator."""
    replaced: dict[Any, Any] = functions_replaced(rules)
    if luck_compiled:
        replaced |= {draw_block: compiled_luck()[0], **drawing(draw_compiled)}
    else:
        replaced |= drawing(draw_interpreted)
    return Machine(replaced, interpreted=True)


# --- The model ------------------------------------------------------------------------------------------------------


class PlainSimulation(Simulation):
    """One world of ordinary agents and its luck; takes what :class:`bubble_abm.engine.simulation.Simulation` takes."""

    def __init__(self, model: Any, parameters: Parameters, *, luck_compiled: bool = True, **options: Any) -> None:
        self.model = model
        self.luck_compiled = luck_compiled
        super().__init__(parameters, interpreted=True, **options)
        self.arrays.balances[0] = self.records.balances[0].array()

    def make_room(self) -> None:
        """Turn paths, agents, luck and records into plain objects."""
        super().make_room()
        self.machine = plain_machine(
            tuple(sorted(self.rules.replaced.items(), key=lambda rule: rule[0])), self.luck_compiled
        )
        self.paths = plain_table(self.paths, None)
        self.arrays, self.records = self.records, plain_records(self.records)
        self.world = plain_world(self.world, self.model)
        hands = ([None] * len(getattr(self.world, kind.table)) for kind in LUCKY)
        self.luck = Luck(*hands, self.luck.sheets, self.luck.seed)

    def check(self, first: int, records: Records) -> None:
        """Copy what was recorded into the arrays, and check the identities."""
        for month in range(first, self.month):
            self.arrays.measures[month] = tuple(vars(records.measures[month]).values())
            self.arrays.residuals[month] = tuple(vars(records.residuals[month]).values())
            self.arrays.balances[month + 1] = records.balances[month + 1].array()
        super().check(first, self.arrays)


class PlainBubbleModel(mesa.Model):
    """The economy as a Mesa user would have written it: ordinary agents, interpreted Python, the same rules and steps.

    Parameters
    ----------
    parameters : Parameters, optional
        Constants of the run.
    shocks : sequence of Shock or Change, optional
        What changes on the way, as for :func:`bubble_abm.simulate`.
    months : int
        Length of the run [months]; after the last one ``running`` is False and a step changes nothing.
    rules : Rules, optional
        Decisions of the agents.
    rng : int
        Seed of all luck, at least 1.
    luck_compiled : bool
        Draw the luck by compiled code; otherwise nothing at all is compiled. The bits are the same.
    """

    def __init__(
        self,
        parameters: Parameters | None = None,
        *,
        shocks: Sequence[Any] | None = None,
        months: int = 48,
        rules: Rules | None = None,
        rng: int = 1,
        luck_compiled: bool = True,
    ) -> None:
        super().__init__(rng=rng)
        self.simulation = PlainSimulation(
            self,
            parameters or Parameters(),
            luck_compiled=luck_compiled,
            shocks=shocks,
            months=months,
            seed=rng,
            rules=rules,
        )

    @property
    def records(self) -> Records:
        """What the run has left behind so far, as arrays."""
        return self.simulation.arrays

    def step(self) -> None:
        """Run one month."""
        self.simulation.advance()
        self.running = self.simulation.month < self.simulation.months


__all__ = ["PlainBubbleModel"]
