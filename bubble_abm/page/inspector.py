"""Agents as individuals: who is where, what one of them does, with whom they trade, and the life of a data centre."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import solara

from bubble_abm.economy.agents.operator import BANKRUPT, CANCELLED, NONE, STAGES
from bubble_abm.economy.agents.startup import APPLICATION, OPEN_WEIGHTS, PRETRAINING
from bubble_abm.economy.declare import checked_name
from bubble_abm.economy.markets.leasing import ENTERPRISE, STARTUP
from bubble_abm.economy.provinces import PROVINCE_NAMES
from bubble_abm.economy.sponsors import KINDS_OF_SPONSOR
from bubble_abm.economy.tables import table_of
from bubble_abm.page.lives import Life, life_chart, life_of, life_sentence
from bubble_abm.page.run import WatchedRun
from bubble_abm.page.templates import template
from bubble_abm.page.threads import waited_for
from bubble_abm.page.words import in_own_language, label, months_long, say, times

if TYPE_CHECKING:
    from bubble_abm.page.visit import Visit

MAX_LISTED = 60  # agents in a list
TENANTS = ("startups", "platforms", "investors", "investors", "investors")  # by the kind of tenant in a lease
MAX_LEASES = 12  # leases of one agent
NAMES = {
    "operators": "Data centres", "investors": "Investors", "startups": "Startups", "smugglers": "Smugglers",
    "platforms": "Platforms", "provinces": "Local governments", "centre": "Central government",
}  # fmt: skip
HEADS = {
    "operators": ("Owner", "Stage", "GPUs", "In use", "Rent", "Cash", "Debt"),
    "investors": ("Investor", "Kind", "Sites", "Lost", "GPUs", "Purse"),
    "startups": ("Startup", "Models", "GPUs rented", "GPUs wanted", "Cash"),
    "smugglers": ("Smuggler", "Price", "In stock", "On order", "Cash"),
    "platforms": ("Platform", "Own GPUs", "Rented", "Wanted", "Cash"),
    "provinces": ("Province", "Subsidy", "Announced", "GPUs", "In use"),
    "centre": ("Government", "Call to build", "Brake"),
}
UNITS = {
    "operators": "rent in thousand CNY a server and month, cash and debt in million CNY",
    "investors": "purse in million CNY",
    "startups": "cash in million CNY",
    "smugglers": "price in thousand CNY a GPU, cash in million CNY",
    "platforms": "cash in billion CNY",
    "provinces": "subsidy as a share of capital cost, GPUs announced in about twelve months",
    "centre": "the call to build, from 0 to 1",
}
#: How one of them stands; a data centre has a life instead.
SENTENCES = {
    "investors": (
        "{name} ({kind}) has announced {projects} and lost {agent.failed:.0f}. It has {agent.gpus_installed:,.0f} GPUs "
        "installed and {agent.purse:short} CNY to invest."
    ),
    "startups": (
        "{name} {models}. It rents {rented:,.0f} GPUs, wants {wanted:,.0f}, and has {agent.cash:short} CNY in cash."
    ),
    "smugglers": (
        "{name} asks {agent.quote:short} CNY for a GPU, has {agent.inventory:,.0f} in stock, {agent.orders:,.0f} on "
        "order, and {agent.cash:short} CNY in cash."
    ),
    "platforms": (
        "{name} has {agent.gpus:,.0f} GPUs of its own, rents {agent.inference_leased:,.0f} of the "
        "{agent.gpus_wanted:,.0f} that it wants to rent, and has {agent.cash:short} CNY in cash."
    ),
    "provinces": (
        "{name} pays {subsidy:.0f} % of the capital cost of a site. In about twelve months "
        "{agent.gpus_announced:,.0f} GPUs were announced there; {agent.gpus_installed:,.0f} are installed, "
        "{agent.gpus_leased:,.0f} of them leased."
    ),
    "centre": "The call of the centre to build has {call:.0f} % of its full force; its brake is {brake}.",
}
MILLION = 1e6
USES = ("pre-training", "inference")


def checked_kind(name: str) -> str:
    """Return the name of a kind of agent, or refuse it."""
    return checked_name("kind of agent", name, NAMES)


# --- Lists ----------------------------------------------------------------------------------------------------------


def present(table: Any, kind: str) -> np.ndarray:
    """Mark the rows of agents that are there; projects that have ended stay in the list."""
    if kind == "operators":
        return np.asarray(table["stage"] != NONE)
    if kind == "startups":
        return np.isin(table["state"], (PRETRAINING, OPEN_WEIGHTS, APPLICATION))
    if kind == "smugglers":
        return np.asarray(table["active"] == 1)
    return np.ones(len(table), bool)


def listed(world: Any, kind: str, province: str) -> list[int]:
    """Rows of the agents to list: the largest first, then projects that have ended."""
    table = table_of(getattr(world, kind))
    if kind == "centre":
        return [0]
    shown = present(table, kind)
    place = {"operators": "province", "investors": "home", "provinces": "id"}.get(kind)
    if province and place:
        shown = shown & (table[place] == PROVINCE_NAMES.index(province))
    size = {"operators": "gpus_planned", "investors": "gpus_intended", "platforms": "gpus"}.get(kind, "cash")
    found = np.flatnonzero(shown)
    ended = np.isin(table["stage"][found], (CANCELLED, BANKRUPT)) if kind == "operators" else np.zeros(len(found))
    return [int(row) for row in found[np.lexsort((-table[size][found], ended))]]


def listing(world: Any, kind: str, province: str) -> dict[str, Any]:
    """Return a list of agents as a table: headings, rows, and the number of agents not shown."""
    found = listed(world, kind, province)
    table = table_of(getattr(world, kind))
    title = "{kind}: {count:,d}"
    if province and kind in ("operators", "investors", "provinces"):
        title = "{kind} in {province}: {count:,d}"
    return {
        "kind": kind,
        "title": say(title, kind=say(NAMES[kind]), province=say(province) if province else "", count=len(found)),
        "heads": [say(head) for head in HEADS[kind]],
        "unit": say(UNITS[kind]),
        "rows": [{"row": row, "cells": cells(world, kind, table[row])} for row in found[:MAX_LISTED]],
        "more": max(len(found) - MAX_LISTED, 0),
        "summary": province_words(world, province) if province else "",
    }


def cells(world: Any, kind: str, agent: Any) -> list[str]:
    """Return one row of a list."""
    name = agent_name(world, kind, agent)
    if kind == "operators":
        return [name, *operator_cells(agent)]
    if kind == "investors":
        purse = millions(agent.purse)
        sites = (f"{agent.projects:.0f}", f"{agent.failed:.0f}", f"{agent.gpus_installed:,.0f}")
        return [name, say(KINDS_OF_SPONSOR[agent.sponsor]), *sites, purse]
    if kind == "startups":
        wanted = agent.gpus_wanted_training + agent.gpus_wanted_inference
        return [name, models_of(agent), f"{rented(agent):,.0f}", f"{wanted:,.0f}", millions(agent.cash)]
    if kind == "smugglers":
        stock = (f"{agent.inventory:,.0f}", f"{agent.orders:,.0f}", millions(agent.cash))
        return [name, thousands(agent.quote), *stock]
    if kind == "platforms":
        gpus = (f"{agent.gpus:,.0f}", f"{agent.inference_leased:,.0f}", f"{agent.gpus_wanted:,.0f}")
        return [name, *gpus, f"{agent.cash / 1e9 * times('billion CNY'):,.1f}"]
    if kind == "provinces":
        gpus = (f"{agent.gpus_announced:,.0f}", f"{agent.gpus_installed:,.0f}", f"{agent.gpus_leased:,.0f}")
        return [name, f"{100 * agent.subsidy:.0f} %", *gpus]
    return [name, f"{agent.call:.2f}", say("on") if agent.brake else say("off")]


def millions(amount: float) -> str:
    """Write an amount [CNY] in millions, or in the unit that the language has for large amounts."""
    value = amount / MILLION * times("million CNY")
    return f"{value:z,.0f}" if times("million CNY") >= 1.0 else f"{value:z,.2f}"


def thousands(amount: float) -> str:
    """Write an amount [CNY] in thousands, or in the unit that the language has for such amounts."""
    factor = times("thousand CNY")
    return f"{amount / 1e3 * factor:,.0f}" if factor >= 1.0 else f"{amount / 1e3 * factor:,.1f}"


def operator_cells(agent: Any) -> list[str]:
    """Return the row of a data centre without its name."""
    built = agent.gpus_installed > 0.0
    return [
        say(STAGES[agent.stage].replace("_", " ")),
        say("{part:,.0f} of {whole:,.0f}", part=float(agent.gpus_installed), whole=float(agent.gpus_planned)),
        f"{100 * rented(agent) / agent.gpus_installed:z.0f} %" if built else "",
        thousands(8.0 * agent.rent) if built else "",
        millions(agent.cash),
        millions(agent.debt),
    ]


def rented(agent: Any) -> float:
    """GPUs that a startup has rented, or a data centre let."""
    return float(agent.training_leased + agent.inference_leased)


def models_of(startup: Any) -> str:
    """Say whether a startup trains models of its own."""
    words = {PRETRAINING: "pre-trains its own", OPEN_WEIGHTS: "uses open weights", APPLICATION: "uses those of others"}
    return say(words.get(startup.state, "closed down"))


# --- Names ----------------------------------------------------------------------------------------------------------


def agent_name(world: Any, kind: str, agent: Any) -> str:
    """Name an agent; a data centre by who owns it."""
    if kind == "operators":
        return owner_words(world, agent)
    if kind == "provinces":
        return say(PROVINCE_NAMES[agent.id])
    return (
        say("the centre") if kind == "centre" else say(f"{NAMES[kind].removesuffix('s')} {{number}}", number=agent.id)
    )


def owner_words(world: Any, operator: Any) -> str:
    """Describe the owner of a data centre."""
    if operator.incumbent:
        return say("Cloud {number}", number=operator.row + 1)
    if operator.owner < 0:
        return say("the state")
    investor = world.investors[operator.owner]
    return say(f"{KINDS_OF_SPONSOR[investor.sponsor].capitalize()} sponsor {{number}}", number=investor.id)


def province_words(world: Any, province: str) -> str:
    """Describe the state of a province."""
    record = world.provinces[PROVINCE_NAMES.index(province)]
    return say(
        "{province}, {hub}: {leased:,.0f} of {installed:,.0f} GPUs leased, {announced:,.0f} announced recently; "
        "subsidy {subsidy:.0f} % of capital cost, power {power:.2f} CNY/kWh.",
        province=say(province),
        hub=say("a hub near the users") if record.hub else say("no hub"),
        leased=float(record.gpus_leased),
        installed=float(record.gpus_installed),
        announced=float(record.gpus_announced),
        subsidy=100.0 * float(record.subsidy),
        power=float(record.power_price),
    )


# --- One agent ------------------------------------------------------------------------------------------------------


def detail(run: WatchedRun, world: Any, kind: str, row: int) -> dict[str, Any]:
    """Describe one agent: a sentence, whom it deals with, and of a data centre its life; empty if it is not there."""
    table = table_of(getattr(world, kind))
    if not 0 <= row < len(table) or not present(table, kind)[row]:
        return {}
    agent = table[row]
    name = agent_name(world, kind, agent)
    if kind == "operators":
        life: Life = life_of(run, int(agent.id))
        where = say(PROVINCE_NAMES[agent.province])
        return {
            "title": say("{name}, {province}", name=name, province=where),
            "text": life_sentence(life, where, int(agent.gpus_planned), run),
            "chart": life_chart(life, run),
            "leases": leases(world, operator=row),
        }
    found = leases(world, tenant=row, kind=kind) if kind in TENANTS else []
    sites = sites_of(world, row) if kind == "investors" else []
    return {"title": name, "text": sentence(name, kind, agent), "chart": "", "leases": found or sites}


def sentence(name: str, kind: str, agent: Any) -> str:
    """Tell how an agent other than a data centre stands."""
    more: dict[str, Any] = {}
    if kind == "startups":
        wanted = agent.gpus_wanted_training + agent.gpus_wanted_inference
        more = {"models": models_of(agent), "rented": rented(agent), "wanted": wanted}
    elif kind == "investors":
        projects = say("1 project") if agent.projects == 1 else say("{count:,d} projects", count=int(agent.projects))
        more = {"kind": say(KINDS_OF_SPONSOR[agent.sponsor]), "projects": projects}
    elif kind == "provinces":
        more = {"subsidy": 100.0 * agent.subsidy}
    elif kind == "centre":
        more = {"call": 100.0 * agent.call, "brake": say("on") if agent.brake else say("off")}
    return say(SENTENCES[kind], name=name, agent=agent, **more)


def leases(
    world: Any, operator: int | None = None, tenant: int | None = None, kind: str = TENANTS[STARTUP]
) -> list[dict[str, Any]]:
    """Return the largest leases of a data centre or of a tenant, each with the agent on its other side."""
    table = world.leases
    count = int(world.lease_count[0])
    columns = {name: table[name][:count] for name in ("operator", "tenant", "tenant_kind", "use", "gpus", "rent")}
    if operator is not None:
        mine = columns["operator"] == operator
    else:
        mine = (columns["tenant"] == tenant) & np.isin(
            columns["tenant_kind"], [number for number, name in enumerate(TENANTS) if name == kind]
        )
    found = np.flatnonzero(mine & (columns["gpus"] > 0.0))
    found = found[np.argsort(-columns["gpus"][found], kind="stable")][:MAX_LEASES]
    said = []
    for place in found.tolist():
        lease = table[place]
        side = "operators" if operator is None else TENANTS[lease.tenant_kind]
        other = int(lease.operator if operator is None else lease.tenant)
        name = agent_name(world, side, getattr(world, side)[other])
        text = say(
            "{gpus:,.0f} GPUs for {use} at {rent} thousand CNY a server and month, {time} left",
            gpus=float(lease.gpus), use=say(USES[lease.use]), rent=thousands(8.0 * lease.rent),
            time=months_long(int(lease.months_left)),
        )  # fmt: skip
        said.append({"kind": side, "row": other, "name": name, "text": text, "sides": sides_of(world, lease)})
    return said


def sides_of(world: Any, lease: Any) -> list[str]:
    """Say who lets and who rents under a lease: the owner with place and state, the tenant with what it does."""
    operator, kind = world.operators[lease.operator], TENANTS[lease.tenant_kind]
    tenant = getattr(world, kind)[lease.tenant]
    installed = float(operator.gpus_installed)
    use = {"used": 100 * rented(operator) / max(installed, 1.0), "gpus": installed}
    lessor = say(
        "Lessor: {name}, a data centre in {province}, {stage}; {used:.0f} % of its {gpus:,.0f} GPUs are let.",
        name=owner_words(world, operator), province=say(PROVINCE_NAMES[operator.province]),
        stage=say(STAGES[operator.stage].replace("_", " ")), **use,
    )  # fmt: skip
    name = agent_name(world, kind, tenant)
    monthly = say("{rent:short} CNY a month", rent=float(lease.gpus * lease.rent))
    if kind == "startups":
        makes = {"models": models_of(tenant), "rented": rented(tenant), "monthly": monthly}
        text = "Tenant: {name}, which {models}; of its {rented:,.0f} rented GPUs these cost {monthly}."
        return [lessor, say(text, name=name, **makes)]
    text = "Tenant: {name}, which pays {monthly} for these GPUs."
    if lease.tenant_kind >= ENTERPRISE:
        text = "Tenant: {name}, an enterprise with a use of its own; it pays {monthly} for these GPUs."
    elif kind == "investors":
        text = "Tenant: {name}, a listed company that rents for the news; it pays {monthly} for these GPUs."
    return [lessor, say(text, name=name, monthly=monthly)]


def sites_of(world: Any, investor: int) -> list[dict[str, Any]]:
    """Return the data centres of an investor."""
    table = world.operators
    found = np.flatnonzero((table["owner"] == investor) & (table["stage"] != NONE) & (table["incumbent"] == 0))
    return [
        {
            "kind": "operators",
            "row": row,
            "name": say("Data centre in {province}", province=say(PROVINCE_NAMES[table[row].province])),
            "text": say(
                "{stage}, {gpus:,.0f} GPUs planned",
                stage=say(STAGES[table[row].stage].replace("_", " ")),
                gpus=float(table[row].gpus_planned),
            ),
        }
        for row in found[:MAX_LEASES].tolist()
    ]


@template("inspector")
def Inspector(
    list: Any = None, detail: Any = None, kinds: Any = None, kind: str = "", chosen: int = -1, hint: str = "",
    month: str = "", event_kind: Callable[[Any], None] | None = None, event_pick: Callable[[Any], None] | None = None,
    event_other: Callable[[Any], None] | None = None,
) -> None:  # fmt: skip
    """Show a list of agents, and one of them."""


def looked_at(run: WatchedRun, month: int, kind: str, province: str, row: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the list of agents after some months, and one of them."""
    with run.world_at(month) as world:
        return listing(world, kind, province), detail(run, world, kind, row)


@solara.component
@in_own_language
def InspectorPart(visit: Visit) -> None:
    """Agents of a kind in the month at which the cursor rests, and one of them."""
    run, month, kind = visit.run.value, visit.cursor, visit.kind.value
    province, row = visit.province.value, visit.agent.value
    found, one = visit.made(
        lambda: waited_for(looked_at, run, month, kind, province, row), ({}, {}), [run, month, kind, province, row]
    )
    Inspector(
        list=found,
        detail=one,
        kinds=[{"name": name, "title": say(title)} for name, title in NAMES.items()],
        kind=kind,
        chosen=row,
        hint="" if province else say("Click a province for its data centres, and a row for the life of one of them."),
        month=say("Start") if month == 0 else label(month - 1),
        event_kind=visit.choose_kind,
        event_pick=visit.choose_agent,
        event_other=visit.choose_other,
    )
