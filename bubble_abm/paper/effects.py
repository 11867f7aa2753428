"""What mechanisms do: tables of ``docs/measured/mechanisms.csv``, and what was asked of each beside what came out."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from bubble_abm.economy.mechanisms import MECHANISMS
from bubble_abm.paper.markdown import summary, table

MEASURED = Path(__file__).parents[2] / "docs" / "measured"
#: Systems of the economy: the topics of the table of mechanisms that belong to each, and the facts.
SYSTEMS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "Classes of chips": (("chip_classes",), ("C30", "C31", "C39", "C40", "C41", "C49")),
    "Market for chips": (("chip_market", "re_equipment"), ("C06", "C07", "C08", "C23", "C24")),
    "Tariffs, export control": (("export_control",), ("C28",)),
    "Users, tokens, application firms": (
        ("users", "second_wave", "application_firms"),
        ("C14", "C15", "C42", "C44"),
    ),
    "Enterprises": (("enterprises",), ("C45",)),
    "Platforms' own fleets": (("own_fleets",), ()),
    "Non-users, contract terms": (("non_users", "contract_terms"), ("C25",)),
    "Opaque contracts": (("opaque_contracts",), ()),
    "Hold-out, search, switching off": (("option_value", "search", "switching_off"), ("C10", "C11")),
    "Engineering, conversion": (("engineering", "conversion"), ()),
    "Circular finance": (("circular_finance", "industry_fund"), ()),
    "Vouchers": (("vouchers",), ()),
    "Adverse selection": (("adverse_selection",), ("C26",)),
    "Later answer of the state": (("later_answer", "resale_network", "hand_over"), ()),
    "Vendor's market value": (("vendor_value",), ("C51",)),
}
MORE_TOPICS = ("chip_classes", "chip_market", "export_control", "second_wave")
HOLDS, MISSED = "holds", "missed"


def topics() -> tuple[str, ...]:
    """Return what is measured: every mechanism, and what is no file among them."""
    return (*(mechanism.__name__.rpartition(".")[2] for mechanism in MECHANISMS), *MORE_TOPICS)


def rows_of(name: str) -> list[dict[str, str]]:
    """Return the rows of a measured table."""
    with (MEASURED / f"{name}.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def title(topic: str) -> str:
    """Return the name of a topic; a mechanism gives its own."""
    modules = {mechanism.__name__.rpartition(".")[2]: mechanism for mechanism in MECHANISMS}
    return summary(modules[topic]).partition(": ")[0] if topic in modules else topic.replace("_", " ").capitalize()


def interval(row: dict[str, str]) -> str:
    """Return the mean in a row with its interval."""
    return f"{row['value']} [{row['low']} to {row['high']}]"


def effects(topic: str) -> str:
    """Return what was measured of a mechanism; what is compared stands in the first of its rows."""
    lines, before = [], ""
    for row in rows_of("mechanisms"):
        if row["mechanism"] == topic:
            lines.append(("" if row["compared"] == before else row["compared"], row["measure"], interval(row)))
            before = row["compared"]
    return table(("compared", "measure", "mean [95 % interval]"), lines)


def criteria() -> Iterator[tuple[str, str, str, str, str]]:
    """Yield system, topic or fact, what was asked, what came out, and whether it holds."""
    facts, measured = {row[""]: row for row in rows_of("facts")}, rows_of("mechanisms")
    for system, (names, ids) in SYSTEMS.items():
        for row in measured:
            if row["mechanism"] in names and row["wanted"]:
                asked = f"{title(row['mechanism'])}, {row['compared']}: {row['measure']} {row['wanted']}"
                yield system, row["mechanism"], asked, interval(row), HOLDS if row["holds"] == "yes" else MISSED
        for name in ids:
            row = facts[name]
            found = f"{row['median']} ({row['90 % of the seeds']})"
            verdict = HOLDS if row["verdict"] == "hit" else MISSED
            yield system, name, f"{name}: {row['fact']} {row['range']}", found, verdict


def done_when() -> str:
    """Return what was asked of each system of the economy, and whether it holds."""
    lines, before = [], ""
    for system, _, asked, found, verdict in criteria():
        said = verdict if verdict == HOLDS else f"**{verdict}**"
        lines.append(("" if system == before else f"**{system}**", asked, found, said))
        before = system
    return table(("", "asked", "found", ""), lines)
