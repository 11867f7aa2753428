"""Lists of the agents of a kind, in a province or everywhere, and all columns of one agent."""

from __future__ import annotations

from typing import Any

import numpy as np

from bubble_abm.economy.agents.operator import BANKRUPT, CANCELLED, NONE, STAGES, occupancy
from bubble_abm.economy.declare import InvalidInput, unknown_name
from bubble_abm.economy.outside import label
from bubble_abm.economy.provinces import PROVINCE_NAMES
from bubble_abm.economy.sponsors import KINDS_OF_SPONSOR
from bubble_abm.economy.tables import table_of
from bubble_abm.engine.views import VIEWS, Operator, View
from bubble_abm.page.session import WatchedModel

MAX_LISTED = 60  # agents in a list
NAMES = {
    "operators": "Projects and operators", "investors": "Investors", "startups": "Startups", "smugglers": "Smugglers",
    "platforms": "Platforms", "provinces": "Local governments", "centre": "Central government",
}  # fmt: skip
BY_TABLE: dict[str, type[View]] = {kind.table: kind for kind in VIEWS}
HEADS = {"operators": ("Owner", "State", "GPUs", "In use", "Rent", "Cash", "Debt")}
UNITS = {"operators": "rent in thousand CNY a server and month, cash and debt in million CNY"}
MILLION = 1e6


def checked_kind(name: str) -> str:
    """Return the name of a kind of agent, or refuse it."""
    if name not in NAMES:
        raise InvalidInput(unknown_name("kind of agent", name, NAMES))
    return name


def rows_of(model: WatchedModel, kind: str) -> Any:
    """Table of a kind of agent; that of the central government has one row."""
    return table_of(getattr(model.world, kind))


def listed(model: WatchedModel, kind: str, province: str) -> list[int]:
    """Rows of the agents to list: those in the model, the largest first, then projects that have ended."""
    table = rows_of(model, kind)
    if kind == "centre":
        return [0]
    shown = table["stage"] != NONE if kind == "operators" else BY_TABLE[kind].present(table)
    column = {"operators": "province", "investors": "home", "provinces": "id"}.get(kind)
    if province and column:
        number = PROVINCE_NAMES.index(province)
        shown = shown & (table[column] == number)
    size = {"operators": "gpus_planned", "investors": "gpus_intended", "platforms": "gpus"}.get(kind, "cash")
    found = np.flatnonzero(shown)
    ended = np.isin(table["stage"][found], (CANCELLED, BANKRUPT)) if kind == "operators" else np.zeros(len(found))
    return [int(row) for row in found[np.lexsort((-table[size][found], ended))]]


def listing(model: WatchedModel, kind: str, province: str) -> dict[str, Any]:
    """Return a list of agents as a table: headings, rows, and the number of agents not shown."""
    found = listed(model, kind, province)
    table = rows_of(model, kind)
    where = f" in {province}" if province and kind in ("operators", "investors", "provinces") else ""
    return {
        "title": f"{NAMES[kind]}{where}: {len(found)}",
        "heads": HEADS.get(kind, ("Agent", "What it does")),
        "unit": UNITS.get(kind, ""),
        "rows": [{"row": row, "cells": cells(model, kind, table[row], row)} for row in found[:MAX_LISTED]],
        "more": max(len(found) - MAX_LISTED, 0),
        "summary": province_words(model, province) if province else "",
    }


def cells(model: WatchedModel, kind: str, record: Any, row: int) -> list[str]:
    """Return one row of a list."""
    if kind == "operators":
        return operator_cells(model, record)
    view = model.view_at(kind, row)
    return [agent_name(kind, record), view.about() if view is not None else "not in business"]


def operator_cells(model: WatchedModel, record: Any) -> list[str]:
    """Return the row of a project: owner, stage, GPUs, occupancy, rent, cash, debt."""
    built = record.gpus_installed > 0.0
    return [
        owner_words(model, record),
        STAGES[record.stage].replace("_", " "),
        f"{record.gpus_installed:,.0f} of {record.gpus_planned:,.0f}",
        f"{100 * occupancy(record):.0f} %" if built else "",
        f"{8e-3 * record.rent:,.0f}" if built else "",
        f"{record.cash / MILLION:,.0f}",
        f"{record.debt / MILLION:,.0f}",
    ]


def owner_words(model: WatchedModel, record: Any) -> str:
    """Describe the owner of a project."""
    if record.incumbent:
        return "incumbent cloud"
    if record.owner < 0:
        return "the state"
    investor = model.world.investors[record.owner]
    return f"{KINDS_OF_SPONSOR[investor.sponsor]} sponsor {investor.id}"


def agent_name(kind: str, record: Any) -> str:
    """Name an agent."""
    if kind == "provinces":
        return PROVINCE_NAMES[record.id]
    return "the centre" if kind == "centre" else f"{NAMES[kind].removesuffix('s').lower()} {record.id}"


def province_words(model: WatchedModel, province: str) -> str:
    """Describe the state of a province."""
    record = model.world.provinces[PROVINCE_NAMES.index(province)]
    hub = "a hub near the users" if record.hub else "no hub"
    use = f"{record.gpus_leased:,.0f} of {record.gpus_installed:,.0f} GPUs leased"
    return (
        f"{province}, {hub}: {use}, {record.gpus_announced:,.0f} announced recently; "
        f"subsidy {100 * record.subsidy:.0f} % of capital cost, power {record.power_price:.2f} CNY/kWh."
    )


def detail(model: WatchedModel, kind: str, row: int) -> dict[str, Any]:
    """Return every column of one agent with value, unit and meaning; empty if there is no such row."""
    table = rows_of(model, kind)
    if not 0 <= row < len(table):
        return {}
    record, view = table[row], BY_TABLE[kind]
    stage = STAGES[record.stage] if view is Operator else ""
    title = owner_words(model, record) if view is Operator else agent_name(kind, record)
    entries = [
        {
            "name": name.replace("_", " "),
            "value": written(name, record[name].item()),
            "unit": column.unit,
            "meaning": column.meaning,
        }
        for name, column in view.columns.items()
    ]
    return {"title": f"{title}{', ' + stage.replace('_', ' ') if stage else ''}", "entries": entries}


def written(name: str, value: float) -> str:
    """Format the value of a column; months, provinces, stages and kinds of sponsor in words."""
    if name == "stage":
        return STAGES[int(value)].replace("_", " ")
    if name == "sponsor":
        return KINDS_OF_SPONSOR[int(value)]
    if name in ("province", "home") and value >= 0:
        return PROVINCE_NAMES[int(value)]
    if name.startswith("month_"):
        return label(int(value)) if value >= 0 else "not yet"
    return f"{value:,d}" if isinstance(value, int) else f"{value:,.4g}" if abs(value) < 1e4 else f"{value:,.0f}"
