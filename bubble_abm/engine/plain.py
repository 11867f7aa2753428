"""The reference implementation: the same month on ordinary Mesa agents, which are Python objects without rows.

No rule or step is written twice: :mod:`bubble_abm.economy.month` is linked but not compiled, and the tables of the
world are lists of agents. This verifies the compiled month, bit for bit, and shows how much faster it is.

To make the comparison fair, three things are as fast as plain Python allows: matrices are dicts (reading an element of
a NumPy array takes longer), leases are created when first signed, and random draws come from the compiled generator,
because a user of Mesa would also use a compiled one.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import mesa
import numpy as np

from bubble_abm.economy.generate import named_tuple
from bubble_abm.economy.kinds import KINDS, LUCKY, Kind
from bubble_abm.economy.luck import Luck, draw_all, draw_block, draw_month, projects_draw_luck
from bubble_abm.economy.markets.chips import Order
from bubble_abm.economy.markets.leasing import Lease
from bubble_abm.economy.parameters import Parameters
from bubble_abm.economy.tables import DRAWS_PER_BLOCK, Handle, Row, Table
from bubble_abm.economy.world import Records, World
from bubble_abm.engine.horizon import STANDARD_MONTHS
from bubble_abm.engine.link import OPTIONS, LinkedMonth, link
from bubble_abm.engine.room import Room
from bubble_abm.engine.rules import Rules, functions_replaced, left_out
from bubble_abm.engine.simulation import Simulation
from bubble_abm.engine.uncopied import Uncopied

AGAIN = "make the model again with the same rng, which gives the same bits"


class PlainAgent(Uncopied, mesa.Agent):
    """An ordinary Mesa agent, with the columns of a row as attributes."""

    instead = AGAIN

    def __init__(self, model: Any, values: dict[str, Any]) -> None:
        super().__init__(model)
        self.__dict__.update(values)


#: For each kind of row, the ordinary class of agents that represents it, named like the view.
AGENTS: dict[type[Row], type[PlainAgent]] = {
    kind.row: type(kind.name, (PlainAgent,), {"__doc__": kind.row.__doc__}) for kind in KINDS
}


class Record:
    """One row that is not an agent, as a plain object: a lease, the market, the books, a month's parameters."""

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


class ContractTable(dict[int, Record]):
    """A table of contracts whose rows are created when first used."""

    def __init__(self, row_class: type[Row]) -> None:
        self.row_class = row_class

    def __missing__(self, row: int) -> Record:
        self[row] = Record(dict.fromkeys(self.row_class.columns, 0))
        return self[row]


def plain_table(table: Any, model: Any) -> Any:
    """Return a table or a row of the world as ordinary agents, plain objects or Python numbers."""
    if isinstance(table, Table):
        return [plain_row(row, model) for row in table]
    if isinstance(table, Handle):
        return plain_row(table, model)
    if table.dtype.names is None:
        return table.tolist() if table.ndim == 1 else Matrix(table)
    return [Record(dict(zip(table.dtype.names, row))) for row in table.tolist()]


def plain_row(row: Handle, model: Any) -> Any:
    """Return a row as an ordinary agent, or as a plain object if it is none."""
    kind = AGENTS.get(row.kind)
    values = {name: getattr(row, name) for name in row.kind.columns}
    return kind(model, values) if kind else Record(values)


def plain_world(world: World, model: Any) -> World:
    """Return a world whose tables are lists of ordinary agents, registered with a Mesa model."""
    contracts = {"leases": ContractTable(Lease), "orders": ContractTable(Order)}
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
    """Return the names of an agent's draws in the order of their places, with placeholders for unused places."""
    names = [f"unused_{place}" for place in range(luck.places.itemsize // 8)]
    for column in luck.columns.values():
        assert column.place is not None
        names[column.place] = column.name
    return names


#: For each kind of agent, the named tuple of its draws in one month.
LUCK_TUPLES = {
    kind: named_tuple(f"{kind.name}Luck", __name__, *names_of_draws(kind.luck))
    for kind in LUCKY
    if kind.luck is not None
}


@cache
def compiled_luck() -> Any:
    """Compile two functions of the generator: one draws a block, the other the luck of several agents in one month."""
    import numba

    roots: tuple[Any, ...] = (draw_block, draw_all)
    return [link(root, {}, numba.njit(**OPTIONS)) for root in roots]


def draw_compiled(kind: Kind, agents: Any, rows: Any, luck: Any, month: int) -> None:
    """Draw the luck of some agents by compiled code, as named tuples."""
    named, draws = LUCK_TUPLES[kind], getattr(luck, kind.table)
    numbered = np.array([(agents[row].id,) for row in rows], [("id", "i8")])
    numbers = np.zeros((len(named._fields), len(rows)))
    compiled_luck()[1](numbers, numbered, kind.stream, int(luck.seed[0]), month)
    for place, drawn in enumerate(numbers.T.tolist()):
        draws[place] = named._make(drawn)


def draw_interpreted(kind: Kind, agents: Any, rows: Any, luck: Any, month: int) -> None:
    """Draw the same luck without compiled code."""
    named, draws = LUCK_TUPLES[kind], getattr(luck, kind.table)
    blocks = range(len(named._fields) // DRAWS_PER_BLOCK)
    for place, row in enumerate(rows):
        drawn = (draw_block(int(luck.seed[0]), kind.stream, agents[row].id, month, block) for block in blocks)
        draws[place] = named._make(draw for block in drawn for draw in block)


def drawing(draw: Any) -> dict[Any, Any]:
    """Return replacements for the two steps that draw luck, given a function that draws it for agents of one kind."""

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
def link_plain_month(rules: tuple[tuple[str, Any], ...], without: tuple[str, ...], luck_compiled: bool) -> LinkedMonth:
    """Link the month once for each set of rules, with the compiled or the interpreted generator."""
    replaced: dict[Any, Any] = functions_replaced(rules)
    if luck_compiled:
        replaced |= {draw_block: compiled_luck()[0], **drawing(draw_compiled)}
    else:
        replaced |= drawing(draw_interpreted)
    return LinkedMonth(replaced, interpreted=True, without=left_out(without))


# --- The model ------------------------------------------------------------------------------------------------------


class PlainSimulation(Uncopied, Simulation):
    """A run of ordinary agents, with the arguments of :class:`bubble_abm.engine.simulation.Simulation`."""

    instead = AGAIN

    def __init__(self, model: Any, parameters: Parameters, *, luck_compiled: bool = True, **options: Any) -> None:
        self.model = model
        self.luck_compiled = luck_compiled
        super().__init__(parameters, interpreted=True, **options)
        self.arrays.balances[0] = self.records.balances[0].array()

    def allocate(self, room: Room) -> None:
        """Turn paths, agents, luck and records into plain objects."""
        super().allocate(room)
        self.linked_month = link_plain_month(
            tuple(sorted(self.rules.replaced.items(), key=lambda rule: rule[0])), self.rules.without, self.luck_compiled
        )
        self.paths = plain_table(self.paths, None)
        self.arrays, self.records = self.records, plain_records(self.records)
        self.world = plain_world(self.world, self.model)
        draws = ([None] * len(getattr(self.world, kind.table)) for kind in LUCKY)
        self.luck = Luck(*draws, self.luck.numbers, self.luck.ids, self.luck.seed)

    def check(self, first: int, records: Records) -> None:
        """Copy the records into arrays, and check the identities."""
        for month in range(first, self.month):
            self.arrays.measures[month] = tuple(vars(records.measures[month]).values())
            self.arrays.residuals[month] = tuple(vars(records.residuals[month]).values())
            self.arrays.balances[month + 1] = records.balances[month + 1].array()
        super().check(first, self.arrays)


class PlainBubbleModel(Uncopied, mesa.Model):
    """The economy as a Mesa user would write it: ordinary agents in interpreted Python, with the same rules and steps.

    Parameters
    ----------
    parameters : Parameters, optional
        Constants of the run.
    shocks : sequence of Shock or Change, optional
        Changes during the run, as for :func:`bubble_abm.simulate`.
    months : int
        Length of the run [months]; after the last month ``running`` is False and a step changes nothing.
    rules : Rules, optional
        Decisions of the agents.
    rng : int
        Random seed, at least 1.
    luck_compiled : bool
        Use the compiled random generator; otherwise nothing is compiled. Results are the same, bit for bit.
    """

    instead = AGAIN

    def __init__(
        self,
        parameters: Parameters | None = None,
        *,
        shocks: Sequence[Any] | None = None,
        months: int = STANDARD_MONTHS,
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
        """Records of the months so far, as arrays."""
        return self.simulation.arrays

    def step(self) -> None:
        """Run one month."""
        self.simulation.advance()
        self.running = self.simulation.month < self.simulation.months


__all__ = ["PlainBubbleModel"]
