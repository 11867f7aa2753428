"""How a kind of agent declares its columns: unit, meaning, and type in one place.

An agent is a row of a NumPy record array. A class that derives from :class:`Row` declares the columns; the array, the
documentation, the Mesa views and the plain Mesa agents are all made from that declaration.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, dataclass_transform

import numpy as np


@dataclass(frozen=True)
class Column:
    """One declared column: what it holds, in which unit, and how it is stored."""

    name: str
    unit: str
    meaning: str
    kind: str


def column(unit: str, meaning: str) -> Any:
    """Declare a column of a :class:`Row`: its unit and its meaning in one sentence."""
    return (unit, meaning)


@dataclass_transform()
class Row:
    """Base of every declared table; a subclass is the type of one row.

    Notes
    -----
    The dtype is built on ``np.record``, so that ``row.rent`` reads and writes the array both compiled and interpreted.
    Only ``int`` and ``float`` columns exist. Integers take four bytes, because large worlds are bounded by memory; ids
    take eight.
    """

    columns: ClassVar[dict[str, Column]] = {}
    dtype: ClassVar[np.dtype]

    def __init_subclass__(cls) -> None:
        inherited = dict(cls.columns)
        for name, annotation in cls.__annotations__.items():
            if name not in cls.__dict__:
                raise TypeError(f"{cls.__name__}.{name}: declare the column with column(unit, meaning)")
            if hasattr(np.record, name):  # interpreted code would read NumPy's attribute instead of the column
                raise TypeError(f"{cls.__name__}.{name}: np.record has an attribute of that name, choose another")
            unit, meaning = cls.__dict__[name]
            inherited[name] = Column(name, unit, meaning, str(annotation))
            delattr(cls, name)
        cls.columns = inherited
        kinds = {"int": "i4", "float": "f8"}
        fields = [(column.name, "i8" if column.name == "id" else kinds[column.kind]) for column in inherited.values()]
        cls.dtype = np.dtype((np.record, np.dtype(fields, align=True)))

    @classmethod
    def rows(cls, count: int) -> np.ndarray:
        """Return ``count`` rows, all zero."""
        return np.zeros(count, cls.dtype)

    @classmethod
    def single(cls) -> Any:
        """Return one row by itself, all zero: it reads and writes like an element of an array."""
        return cls.rows(1)[0]
