"""How a kind of agent declares its columns."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest

from bubble_abm.economy import accounts, kinds, ledger, measures
from bubble_abm.economy.markets import chips, leasing, signals
from bubble_abm.economy.tables import Row, Table, column, draw, stride_of

LUCK = [kind.luck for kind in kinds.KINDS if kind.luck is not None]
SHARED = [
    chips.Order, leasing.Lease, signals.Market, ledger.Account, accounts.Books, accounts.Residuals, measures.Measures,
]  # fmt: skip
KINDS = [*(kind.row for kind in kinds.KINDS), *SHARED, *LUCK]


def declared(**columns: object) -> type[Row]:
    annotations = {name: columns.pop(f"{name}_type", "float") for name in list(columns) if not name.endswith("_type")}
    return type("Trial", (Row,), {"__annotations__": annotations, **columns})


def test_a_declared_row_reads_and_writes_its_columns_by_name() -> None:
    kind = declared(cash=column("CNY", "deposits"), age=column("months", "since founding"), age_type="int")
    rows = kind.rows(3)
    rows[1].cash = 2.5
    rows[1].age += 7
    assert list(rows["cash"]) == [0.0, 2.5, 0.0]
    assert rows["age"].dtype == np.int32
    single = kind.single()
    single.cash += 1.0
    assert single.cash == 1.0
    assert (kind.columns["cash"].unit, kind.columns["cash"].meaning, kind.columns["age"].kind) == (
        "CNY",
        "deposits",
        "int",
    )


@pytest.mark.parametrize(
    "name", ["size", "shape", "real", "copy", "sum", "data", "mean", "item", "T", "kind", "address"]
)
def test_a_column_named_like_an_attribute_of_rows_is_refused(name: str) -> None:
    with pytest.raises(TypeError, match=f"Trial.{name}: rows have an attribute of that name"):
        declared(**{name: column("1", "would shadow")})


def test_a_column_without_unit_and_meaning_is_refused() -> None:
    with pytest.raises(TypeError, match=r"Trial\.rent: declare the column with column\(unit, meaning\)"):
        type("Trial", (Row,), {"__annotations__": {"rent": "float"}})
    with pytest.raises(TypeError):
        declared(rent=3.0)
    with pytest.raises(TypeError):
        column("CNY")  # type: ignore[call-arg]


def test_a_table_is_stored_by_column_and_read_by_row() -> None:
    kind = declared(cash=column("CNY", "deposits"), age=column("months", "since founding"), age_type="int")
    table = kind.table(3)
    table[1].cash, table[-1].age = 2.5, 7.9
    assert list(table["cash"]) == [0.0, 2.5, 0.0] and list(table["age"]) == [0, 0, 7]
    assert [(row.cash, row.age) for row in table] == [(0.0, 0), (2.5, 0), (0.0, 7)]
    assert type(table[1].cash) is float and type(table[1].age) is int
    table["cash"] = [1.0, 2.0, 3.0]
    assert table[table["cash"] > 1.0]["cash"].tolist() == [2.0, 3.0] and table[:2]["age"].tolist() == [0, 0]
    assert np.asarray(table).tolist() == [(1.0, 0), (2.0, 0), (3.0, 7)]
    assert all(column.flags.c_contiguous for column in table.columns.values())
    with pytest.raises(AttributeError):
        table[0].cahs = 1.0
    with pytest.raises(IndexError):
        table[3]


@pytest.mark.parametrize("way", [copy.copy, copy.deepcopy, lambda table: pickle.loads(pickle.dumps(table))])
def test_a_copy_of_a_table_shares_nothing_with_it(way: Any) -> None:
    table = measures.Measures.table(5)
    table["utilisation"] = np.arange(5.0)
    for mine, theirs in ((table, way(table)), (table[3], way(table[3]))):
        assert np.asarray(mine).tobytes() == np.asarray(theirs).tobytes()
        theirs["utilisation"] = 9.0
    assert table["utilisation"].tolist() == [0.0, 1.0, 2.0, 3.0, 4.0]
    beginning = Table(table.kind, len(table))
    beginning.overwrite(table, used=2)
    assert beginning["utilisation"].tolist() == [0.0, 1.0, 0.0, 0.0, 0.0]


@pytest.mark.parametrize("length", [0, 1, 7, 8, 9, 64, 512, 1000, 4096])
def test_columns_have_room_and_do_not_compete_for_cache_lines(length: int) -> None:
    assert length <= stride_of(length) <= length + 16
    assert stride_of(length) % 16 == 8


def test_only_numbers_of_eight_bytes_can_be_columns() -> None:
    with pytest.raises(KeyError):
        declared(name=column("", "words"), name_type="str")


@pytest.mark.parametrize("kind", KINDS, ids=[kind.__name__ for kind in KINDS])
def test_every_table_of_the_model_says_what_its_columns_mean(kind: type[Row]) -> None:
    assert kind.dtype.names == tuple(kind.columns)
    if kind in LUCK:  # draws lie at their places, whichever of them there are
        assert [kind.places.fields[name][1] for name in kind.columns] == [
            8 * draw.place for draw in kind.columns.values()
        ]
    else:
        assert kind.dtype.isalignedstruct and kind.dtype.itemsize <= 8 * len(kind.columns)
    assert "id" not in kind.columns or kind.dtype["id"] == np.int64  # incumbents count from 2**40
    for item in kind.columns.values():
        assert item.meaning.strip() == item.meaning
        assert item.meaning
        assert item.unit or item.kind == "int", f"{kind.__name__}.{item.name} has no unit"
        assert not hasattr(np.record, item.name)


def test_a_kind_of_row_leaves_the_columns_of_others_alone() -> None:
    first, second = declared(cash=column("CNY", "deposits")), declared(rent=column("CNY", "posted"))
    assert tuple(first.columns) == ("cash",)
    assert tuple(second.columns) == ("rent",)
    assert Row.columns == {}


def test_a_mechanism_adds_columns_to_a_table_that_is_there() -> None:
    whole = declared(cash=column("CNY", "deposits"))
    more = type(
        "More", (Row,), {"__annotations__": {"age": "int"}, "age": column("months", "since founding")}, extends=whole
    )
    assert (tuple(whole.columns), tuple(more.columns)) == (("cash", "age"), ("age",))
    row = whole.single()
    row.age += 7
    assert (row.cash, row.age) == (0.0, 7)
    with pytest.raises(TypeError, match=r"Again\.age: Trial has a column of that name"):
        type("Again", (Row,), {"__annotations__": {"age": "int"}, "age": column("months", "twice")}, extends=whole)


def test_a_draw_lies_at_its_place_and_no_two_share_one() -> None:
    luck = declared(first=draw(0, "one"), sixth=draw(5, "another")).table(3)
    numbers = luck.memory.view(float).reshape(-1, luck.stride)
    numbers[:] = np.arange(8.0)[:, None] + 0.1 * np.arange(luck.stride)
    assert (luck[0].first, luck[2].sixth) == (0.0, 5.2)
    with pytest.raises(TypeError, match="Trial: two draws at the same place"):
        declared(first=draw(3, "one"), second=draw(3, "another"))
