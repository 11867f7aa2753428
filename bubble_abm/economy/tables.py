"""How a kind of agent declares its columns: unit, meaning and type in one place.

An agent is a row of a NumPy record array. A class that derives from :class:`Row` declares the columns; the array, the
documentation, the Mesa views and the plain Mesa agents are all made from that declaration. A mechanism adds columns to
an existing kind with ``class MoreColumns(Row, extends=OperatorRow)``.
"""

from __future__ import annotations

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
    The dtype is built on ``np.record``, so that ``row.rent`` reads and writes the array both compiled and interpreted.
    Only ``int`` and ``float`` columns exist. Integers take four bytes, because memory limits large worlds; ids take
    eight.
    """

    columns: ClassVar[dict[str, Column]] = {}
    dtype: ClassVar[np.dtype]

    def __init_subclass__(cls, extends: type[Row] | None = None) -> None:
        declared = dict([cls._declared(name, str(kind)) for name, kind in cls.__annotations__.items()])
        whole = extends or cls
        if taken := [name for name in declared if name in whole.columns]:
            raise TypeError(f"{cls.__name__}.{taken[0]}: {whole.__name__} has a column of that name")
        whole.columns = {**whole.columns, **declared}
        whole.dtype = dtype_of(whole)
        if extends is not None:
            cls.columns = declared

    @classmethod
    def _declared(cls, name: str, kind: str) -> tuple[str, Column]:
        if name not in cls.__dict__:
            raise TypeError(f"{cls.__name__}.{name}: declare the column with column(unit, meaning)")
        if hasattr(np.record, name):  # interpreted code would read NumPy's attribute instead of the column
            raise TypeError(f"{cls.__name__}.{name}: np.record has an attribute of that name, choose another")
        unit, meaning, *place = cls.__dict__[name]
        delattr(cls, name)
        return name, Column(name, unit, meaning, kind, cls.__module__, *place)

    @classmethod
    def rows(cls, count: int) -> np.ndarray:
        """Return ``count`` rows, all zero."""
        return np.zeros(count, cls.dtype)

    @classmethod
    def single(cls) -> Any:
        """Return one row by itself, all zero: it reads and writes like an element of an array."""
        return cls.rows(1)[0]


def dtype_of(row: type[Row]) -> np.dtype:
    """Return the storage of a row; draws of luck lie at their places, with gaps where nothing is drawn."""
    kinds = {"int": "i4", "float": "f8"}
    columns = list(row.columns.values())
    places = [column.place for column in columns if column.place is not None]
    if not places:
        fields = [(column.name, "i8" if column.name == "id" else kinds[column.kind]) for column in columns]
        return np.dtype((np.record, np.dtype(fields, align=True)))
    if len(set(places)) < len(columns):
        raise TypeError(f"{row.__name__}: two draws at the same place")
    blocks = -(-(max(places) + 1) // DRAWS_PER_BLOCK)
    layout: Any = {
        "names": [column.name for column in columns],
        "formats": ["f8"] * len(columns),
        "offsets": [8 * place for place in places],
        "itemsize": 8 * DRAWS_PER_BLOCK * blocks,
    }
    return np.dtype((np.record, np.dtype(layout)))
