"""How a kind of agent declares its columns: unit, meaning and type in one place.

An agent is a row of a :class:`Table`. A class that derives from :class:`Row` declares the columns; the table, the
documentation, the Mesa views and the plain Mesa agents are all made from that declaration. A mechanism adds columns to
an existing kind with ``class MoreColumns(Row, extends=OperatorRow)``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, dataclass_transform

import numpy as np

DRAWS_PER_BLOCK = 4  # draws that the generator returns at once


@dataclass(frozen=True)
class Column:
    """One declared column: what it holds, in which unit, how it is stored, and the module that declares it."""

    name: str
    unit: str
    meaning: str
    kind: str
    home: str
    place: int | None = None


def column(unit: str, meaning: str) -> Any:
    """Declare a column of a :class:`Row`: its unit and its meaning in one sentence."""
    return (unit, meaning)


def draw(place: int, meaning: str) -> Any:
    """Declare a draw of luck: its place among the draws of an agent's month, never to be changed, and its meaning.

    Notes
    -----
    The place is part of the luck: removing a draw leaves a gap, and a new draw takes a place that was never used.
    """
    return ("probability", meaning, place)


@dataclass_transform()
class Row:
    """Base of every declared table; a subclass is the type of one row.

    Parameters
    ----------
    extends : type of Row, optional
        The declared table to which the columns are added, instead of forming one of their own.

    Raises
    ------
    TypeError
        If a column is not declared, or its name or place is taken.

    Notes
    -----
    Agents are stored by column (:meth:`table`); leases, of which most columns are read together, and what is recorded
    month by month are stored by row (:meth:`rows`). ``row.rent`` reads and writes either of them, compiled and
    interpreted. Only ``int`` and ``float`` columns exist. Integers take four bytes, because memory limits large worlds;
    ids take eight.
    """

    columns: ClassVar[dict[str, Column]] = {}
    dtype: ClassVar[np.dtype]
    places: ClassVar[Any]  # of the columns in a row without gaps
    handle: ClassVar[type[Handle]]

    def __init_subclass__(cls, extends: type[Row] | None = None) -> None:
        declared = dict([cls._declared(name, str(kind)) for name, kind in cls.__annotations__.items()])
        whole = extends or cls
        if taken := [name for name in declared if name in whole.columns]:
            raise TypeError(f"{cls.__name__}.{taken[0]}: {whole.__name__} has a column of that name")
        whole.columns = {**whole.columns, **declared}
        whole.places = places_of(whole)
        whole.dtype = dtype_of(whole)
        whole.handle = handle_of(whole)
        if extends is not None:
            cls.columns = declared

    @classmethod
    def _declared(cls, name: str, kind: str) -> tuple[str, Column]:
        if name not in cls.__dict__:
            raise TypeError(f"{cls.__name__}.{name}: declare the column with column(unit, meaning)")
        if hasattr(np.record, name) or hasattr(Handle, name):  # interpreted code would read that instead of the column
            raise TypeError(f"{cls.__name__}.{name}: rows have an attribute of that name, choose another")
        unit, meaning, *place = cls.__dict__[name]
        delattr(cls, name)
        return name, Column(name, unit, meaning, kind, cls.__module__, *place)

    @classmethod
    def table(cls, count: int) -> Table:
        """Return a table of ``count`` rows, stored by column, all zero."""
        return Table(cls, count)

    @classmethod
    def rows(cls, count: int) -> np.ndarray:
        """Return ``count`` rows, stored one after the other, all zero."""
        return np.zeros(count, cls.dtype)

    @classmethod
    def single(cls) -> Any:
        """Return one row by itself, all zero."""
        return cls.table(1)[0]


class Table:
    """Rows of one kind, stored by column: a month that reads three columns of a million agents fetches no others.

    ``table[3].rent`` and ``table["rent"][3]`` are the same number.

    Parameters
    ----------
    kind : type of Row
        The declared columns.
    length : int
        Number of rows, all zero.

    Notes
    -----
    All columns lie in one piece of memory. A column that stands ``place`` bytes from the beginning of a row without
    gaps begins ``place * stride`` bytes from the beginning of the table; so its place is a constant of compiled code.
    """

    def __init__(self, kind: type[Row], length: int) -> None:
        self.kind = kind
        self.stride = stride_of(length)
        self._lay_out(np.zeros(kind.places.itemsize * self.stride, np.uint8), length)

    def _lay_out(self, memory: np.ndarray, length: int) -> None:
        self.memory = memory
        self.address = memory.ctypes.data
        self.columns = {
            name: memory[place * self.stride :][: number.itemsize * length].view(number)
            for name, (number, place) in self.kind.places.fields.items()
        }

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    def __iter__(self) -> Iterator[Any]:
        return (self.kind.handle(self, row) for row in range(len(self)))

    def __getitem__(self, key: Any) -> Any:
        """Return a column by name, a row by number, or a copy of some rows as NumPy records."""
        if isinstance(key, str):
            return self.columns[key]
        if isinstance(key, slice | list | np.ndarray):
            return np.asarray(self)[key]
        return self.kind.handle(self, range(len(self))[key])  # counts from the end, and refuses what is outside

    def __setitem__(self, name: str, values: Any) -> None:
        self.columns[name][:] = values

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        """Return a copy as NumPy records."""
        rows = self.kind.rows(len(self))
        for name, column in self.columns.items():
            rows[name] = column
        return rows

    def copy(self) -> Table:
        """Return a copy."""
        copied = Table(self.kind, len(self))
        copied.overwrite(self)
        return copied

    def overwrite(self, other: Table, used: int | None = None) -> None:
        """Take the numbers of another table of the same size, or only those of its first ``used`` rows."""
        if used is None:
            self.memory[:] = other.memory
        else:
            for name, column in self.columns.items():
                column[:used] = other.columns[name][:used]

    __copy__ = copy

    def __reduce__(self) -> Any:
        return restored, (self.kind, len(self), self.memory)


def restored(kind: type[Row], length: int, memory: np.ndarray) -> Table:
    """Return a table in a memory of its own, out of a pickle or a deep copy."""
    table = Table.__new__(Table)
    table.kind, table.stride = kind, stride_of(length)
    table._lay_out(memory, length)
    return table


def table_of(rows: Any) -> Table:
    """Return a table unchanged, or the table whose only row is given."""
    return rows if isinstance(rows, Table) else rows._table


def stride_of(length: int) -> int:
    """Rows for which a column has room: an odd multiple of eight, so that columns do not compete for cache lines."""
    return 8 * (-(-max(length, 1) // 8) | 1)


class Handle:
    """One row of a :class:`Table`, with its columns as attributes: reading gives numbers, writing changes the table."""

    __slots__ = ("_place", "_table")
    kind: ClassVar[type[Row]] = Row

    def __init__(self, table: Table, place: int) -> None:
        self._table = table
        self._place = place

    @property
    def address(self) -> int:
        """Address of a row by itself."""
        assert len(self._table) == 1
        return self._table.address

    def __getitem__(self, name: str) -> Any:
        return self._table.columns[name][self._place]

    def __setitem__(self, name: str, value: Any) -> None:
        self._table.columns[name][self._place] = value

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        """Return a copy as a NumPy record."""
        return np.asarray(self.copy()._table).reshape(())

    def copy(self) -> Any:
        """Return a row by itself with the same numbers."""
        alone = Table(self.kind, 1)
        for name, column in self._table.columns.items():
            alone.columns[name][0] = column[self._place]
        return alone[0]

    __copy__ = copy

    def __reduce__(self) -> Any:
        return Table.__getitem__, (self._table, self._place)

    def __repr__(self) -> str:
        return f"<{', '.join(f'{name}={self[name]}' for name in self._table.columns)}>"


def handle_of(kind: type[Row]) -> type[Handle]:
    """Return the class of rows of a kind: a property for every column."""

    def cell(name: str) -> property:
        def read(row: Handle) -> Any:
            return row._table.columns[name].item(row._place)

        def write(row: Handle, value: Any) -> None:
            row._table.columns[name][row._place] = value

        return property(read, write)

    cells = {name: cell(name) for name in kind.columns}
    return type(kind.__name__, (Handle,), {"__slots__": (), "kind": kind, **cells})


def dtype_of(row: type[Row]) -> np.dtype:
    """Return the storage of rows one after the other."""
    fields = [(name, number) for name, (number, _) in row.places.fields.items()]
    return np.dtype((np.record, np.dtype(fields, align=True)))


def places_of(row: type[Row]) -> Any:
    """Return the columns in a row without gaps; draws of luck lie at their places, with gaps where nothing is drawn."""
    kinds = {"int": "i4", "float": "f8"}
    columns = list(row.columns.values())
    places = [column.place for column in columns if column.place is not None]
    if not places:
        return np.dtype([(one.name, "i8" if one.name == "id" else kinds[one.kind]) for one in columns])
    if len(set(places)) < len(columns):
        raise TypeError(f"{row.__name__}: two draws at the same place")
    blocks = -(-(max(places) + 1) // DRAWS_PER_BLOCK)
    layout: Any = {
        "names": [column.name for column in columns],
        "formats": ["f8"] * len(columns),
        "offsets": [8 * place for place in places],
        "itemsize": 8 * DRAWS_PER_BLOCK * blocks,
    }
    return np.dtype(layout)
