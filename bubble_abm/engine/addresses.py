"""How compiled code meets the world: by one address, with tables by column and rows as in plain Python.

The world and the luck are named tuples of some thirty tables. Handed over one by one they would make a hundred and
fifty machine arguments, which half of all functions pass on. Instead they are listed in a :func:`directory`: a vector
of whole numbers that says where every table is and how long. Three types teach Numba to read it: :class:`Listed`, a
named tuple in a directory; :class:`Columns`, a :class:`bubble_abm.economy.tables.Table`; and :class:`OneRow`, a row of
it. Nothing changes in the text of a rule: ``world.operators[i].rent``.
"""

from __future__ import annotations

import operator
from typing import Any

import numba.core.typing.templates
import numpy as np
from numba.core import cgutils, datamodel, imputils
from numba.core.extending import intrinsic, lower_builtin, register_model
from numba.np.arrayobj import make_array, populate_array
from numba.np.numpy_support import from_dtype

from bubble_abm.economy.tables import Handle, Row, Table, stride_of

# Numba declares no types of its own that a checker could follow.
types: Any = numba.core.types
templates: Any = numba.core.typing.templates
models: Any = datamodel.models
lowered: Any = imputils


# --- The directory --------------------------------------------------------------------------------------------------


def directory(listed: Any) -> np.ndarray:
    """Return addresses, strides and lengths of the tables of a named tuple, which must outlive their use.

    Parameters
    ----------
    listed : named tuple
        Of tables, arrays, rows by themselves, and further named tuples.

    Returns
    -------
    ndarray of int64
        The entries, as :class:`Listed` expects them.
    """
    remembers = hasattr(listed, "directory")
    if remembers and listed.directory is not None:
        return listed.directory
    found = np.array(entries(listed), np.int64)
    if remembers:
        listed.directory = found
    return found


def entries(value: Any) -> list[int]:
    """Entries of a directory for one of its members."""
    if isinstance(value, Table):
        return [value.address, value.stride, len(value)]
    if isinstance(value, Handle):
        return [value.address]
    if isinstance(value, tuple):
        return [entry for member in value for entry in entries(member)]
    return [value.ctypes.data, *value.shape]


def type_of(value: Any) -> Any:
    """Return the type by which compiled code knows a member of a directory; it does not depend on lengths."""
    if isinstance(value, Table):
        return Columns(value.kind)
    if hasattr(value, "_asdict"):
        return Listed(type(value).__name__, {name: type_of(member) for name, member in value._asdict().items()})
    if isinstance(value, Handle):
        return OneRow(value.kind, alone=True)
    return types.Array(from_dtype(value.dtype), value.ndim, "C")


def words(member: Any) -> int:
    """Number of entries of a member of a directory."""
    if isinstance(member, Listed):
        return sum(words(inner) for inner in member.members.values())
    if isinstance(member, Columns):
        return 3
    return 1 + (member.ndim if isinstance(member, types.Array) else 0)


# --- Types ----------------------------------------------------------------------------------------------------------


class Listed(types.Type):
    """A named tuple in a directory: the address of its first entry."""

    def __init__(self, name: str, members: dict[str, Any]) -> None:
        self.members = members
        super().__init__(f"{name}({', '.join(f'{one}: {kind}' for one, kind in members.items())})")


class Columns(types.IterableType):
    """A table: where it begins, the stride of its columns, and the number of its rows."""

    def __init__(self, kind: type[Row]) -> None:
        self.row = OneRow(kind)
        super().__init__(f"Columns({kind.__name__})")

    @property
    def iterator_type(self) -> RowByRow:
        """Type of ``iter(table)``."""
        return RowByRow(self)


class OneRow(types.Type):
    """A row of a table: where the table begins, the stride of its columns, and the number of the row.

    Of a row by itself, which is the only one of its table, stride and number are known in advance.
    """

    def __init__(self, kind: type[Row], *, alone: bool = False) -> None:
        self.alone = alone
        self.cells = {name: (from_dtype(number), place) for name, (number, place) in kind.places.fields.items()}
        super().__init__(f"{'Lone' if alone else 'One'}Row({kind.__name__})")


class RowByRow(types.SimpleIteratorType):
    """The state of a loop over a table."""

    def __init__(self, table: Columns) -> None:
        self.table = table
        super().__init__(f"RowByRow({table})", table.row)


@register_model(Listed)
class ListedModel(models.PrimitiveModel):
    """An address."""

    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, cgutils.intp_t.as_pointer())


@register_model(Columns)
class ColumnsModel(models.StructModel):
    """Three words."""

    def __init__(self, manager: Any, kind: Any) -> None:
        members = [("data", types.CPointer(types.char)), ("stride", types.intp), ("length", types.intp)]
        super().__init__(manager, kind, members)


@register_model(OneRow)
class OneRowModel(models.StructModel):
    """Three words, or one."""

    def __init__(self, manager: Any, kind: Any) -> None:
        members = [("data", types.CPointer(types.char))]
        if not kind.alone:
            members += [("stride", types.intp), ("row", types.intp)]
        super().__init__(manager, kind, members)


@register_model(RowByRow)
class RowByRowModel(models.StructModel):
    """The table, and the number of the next row."""

    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, [("table", kind.table), ("next", types.EphemeralPointer(types.intp))])


# --- What may be written --------------------------------------------------------------------------------------------


@templates.infer_getattr
class MembersOfListed(templates.AttributeTemplate):
    """``world.operators``."""

    key = Listed

    def generic_resolve(self, listed: Listed, name: str) -> Any:
        """Type of a member, None if there is none of that name."""
        return listed.members.get(name)


@templates.infer_getattr
class CellsOfRow(templates.AttributeTemplate):
    """``row.rent``."""

    key = OneRow

    def generic_resolve(self, row: OneRow, name: str) -> Any:
        """Type of a cell, None if there is no column of that name."""
        return row.cells.get(name, (None,))[0]


@templates.infer_global(operator.getitem)
class RowOfTable(templates.AbstractTemplate):
    """``table[i]``."""

    def generic(self, arguments: Any, keywords: Any) -> Any:
        """Type of a row."""
        table, place = arguments
        if isinstance(table, Columns) and isinstance(place, types.Integer):
            return templates.Signature(table.row, (table, types.intp), None)
        return None


@templates.infer_global(len)
class RowsOfTable(templates.AbstractTemplate):
    """``len(table)``."""

    def generic(self, arguments: Any, keywords: Any) -> Any:
        """Type of a length."""
        if isinstance(arguments[0], Columns):
            return templates.Signature(types.intp, arguments, None)
        return None


# --- What it becomes ------------------------------------------------------------------------------------------------


def entry_at(builder: Any, address: Any, place: int) -> Any:
    """Load an entry of a directory; nothing changes it while compiled code runs."""
    word = builder.load(builder.gep(address, [cgutils.intp_t(place)]))
    word.set_metadata("invariant.load", builder.module.add_metadata([]))
    return word


@lowered.lower_getattr_generic(Listed)
def member_of_listed(context: Any, builder: Any, listed: Listed, address: Any, name: str) -> Any:
    """Read a member of a directory."""
    place = 0
    for one, member in listed.members.items():
        if one == name:
            break
        place += words(member)
    if isinstance(member, Listed):
        return builder.gep(address, [cgutils.intp_t(place)])
    data, *sizes = (entry_at(builder, address, place + k) for k in range(words(member)))
    if isinstance(member, Columns):
        table = cgutils.create_struct_proxy(member)(context, builder)
        table.data = builder.inttoptr(data, cgutils.voidptr_t)
        table.stride, table.length = sizes
        return table._getvalue()
    if isinstance(member, types.Array):
        return array_at(context, builder, member, data, sizes)
    row = cgutils.create_struct_proxy(member)(context, builder)
    row.data = builder.inttoptr(data, cgutils.voidptr_t)
    return row._getvalue()


def array_at(context: Any, builder: Any, kind: Any, data: Any, shape: list[Any]) -> Any:
    """Return a C-contiguous array at an address."""
    array = make_array(kind)(context, builder)
    item = context.get_abi_sizeof(context.get_data_type(kind.dtype))
    if isinstance(kind.dtype, types.Record):
        item = kind.dtype.size
    strides = [cgutils.intp_t(item)]
    for size in reversed(shape[1:]):
        strides.insert(0, builder.mul(strides[0], size))
    populate_array(
        array,
        data=builder.inttoptr(data, array.data.type),
        shape=shape,
        strides=strides,
        itemsize=cgutils.intp_t(item),
        meminfo=None,
    )
    return array._getvalue()


@lower_builtin(len, Columns)
def rows_of_table(context: Any, builder: Any, sig: Any, arguments: Any) -> Any:
    """Read the number of rows."""
    return cgutils.create_struct_proxy(sig.args[0])(context, builder, value=arguments[0]).length


@lower_builtin(operator.getitem, Columns, types.Integer)
def row_of_table(context: Any, builder: Any, sig: Any, arguments: Any) -> Any:
    """Point at a row."""
    table = cgutils.create_struct_proxy(sig.args[0])(context, builder, value=arguments[0])
    if context.enable_boundscheck:
        cgutils.do_boundscheck(context, builder, arguments[1], table.length, cgutils.intp_t(0))
    return row_at(context, builder, sig.args[0], table, arguments[1])


def row_at(context: Any, builder: Any, kind: Columns, table: Any, place: Any) -> Any:
    """Return the row of a table at a place."""
    row = cgutils.create_struct_proxy(kind.row)(context, builder)
    row.data, row.stride, row.row = table.data, table.stride, place
    return row._getvalue()


@lower_builtin("getiter", Columns)
def begin_loop(context: Any, builder: Any, sig: Any, arguments: Any) -> Any:
    """Begin before the first row."""
    loop = cgutils.create_struct_proxy(sig.return_type)(context, builder)
    loop.table = arguments[0]
    loop.next = cgutils.alloca_once_value(builder, cgutils.intp_t(0))
    return lowered.impl_ret_borrowed(context, builder, sig.return_type, loop._getvalue())


@lower_builtin("iternext", RowByRow)
@lowered.iternext_impl(lowered.RefType.BORROWED)
def next_row(context: Any, builder: Any, sig: Any, arguments: Any, result: Any) -> None:
    """Go on to the next row."""
    kind = sig.args[0]
    loop = cgutils.create_struct_proxy(kind)(context, builder, value=arguments[0])
    table = cgutils.create_struct_proxy(kind.table)(context, builder, value=loop.table)
    place = builder.load(loop.next)
    valid = builder.icmp_signed("<", place, table.length)
    result.set_valid(valid)
    with builder.if_then(valid):
        result.yield_(row_at(context, builder, kind.table, table, place))
        builder.store(builder.add(place, cgutils.intp_t(1)), loop.next)


def cell_at(context: Any, builder: Any, kind: OneRow, value: Any, name: str) -> Any:
    """Return the address of a cell."""
    row = cgutils.create_struct_proxy(kind)(context, builder, value=value)
    number, place = kind.cells[name]
    stride, place_in_column = (cgutils.intp_t(stride_of(1)), cgutils.intp_t(0)) if kind.alone else (row.stride, row.row)
    column = builder.gep(row.data, [builder.mul(stride, cgutils.intp_t(place))])
    cells = builder.bitcast(column, context.get_data_type(number).as_pointer())
    return builder.gep(cells, [place_in_column], inbounds=True)


@lowered.lower_getattr_generic(OneRow)
def read_cell(context: Any, builder: Any, kind: OneRow, value: Any, name: str) -> Any:
    """Read a cell."""
    return builder.load(cell_at(context, builder, kind, value, name))


@lowered.lower_setattr_generic(OneRow)
def write_cell(context: Any, builder: Any, sig: Any, arguments: Any, name: str) -> None:
    """Write a cell."""
    builder.store(arguments[1], cell_at(context, builder, sig.args[0], arguments[0], name))


def listed_at(kind: Listed) -> Any:
    """Return the compiled function that turns a directory into what it lists."""

    @intrinsic
    def found(context: Any, addresses: Any) -> Any:
        def find(context: Any, builder: Any, sig: Any, arguments: Any) -> Any:
            array = make_array(sig.args[0])(context, builder, value=arguments[0])
            return builder.bitcast(array.data, cgutils.intp_t.as_pointer())

        return kind(addresses), find

    return found
