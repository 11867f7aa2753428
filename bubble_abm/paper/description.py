"""Generated parts of the description that take more than a declaration: source, numbers, initial values, payments."""

from __future__ import annotations

import ast
import inspect
import io
import re
import textwrap
import tokenize
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields
from functools import cache
from pathlib import Path
from types import FunctionType
from typing import Any

import numpy as np

import bubble_abm
from bubble_abm.economy import founding, luck, month
from bubble_abm.economy.agents.operator import BUILDING, OPERATING
from bubble_abm.economy.agents.startup import NOT_FOUNDED, PRETRAINING
from bubble_abm.economy.kinds import KINDS
from bubble_abm.economy.mechanisms import MECHANISMS
from bubble_abm.economy.parameters import DECLARED
from bubble_abm.economy.sponsors import ABLE, NEWCOMER, PUBLIC
from bubble_abm.economy.tables import table_of
from bubble_abm.engine.replaced_code import names_used
from bubble_abm.engine.rules import standard_rules
from bubble_abm.engine.simulation import Simulation
from bubble_abm.paper.markdown import code, file_of, home, number, summary, table
from bubble_abm.paper.payments import IF_SHORT
from bubble_abm.paper.watched import AMENDMENTS, touched_by_steps

ECONOMY = Path(bubble_abm.__file__).parent / "economy"
REFERENCES = Path(bubble_abm.__file__).parents[1] / "references.bib"
STEP = re.compile(r"^    (?P<step>\w+)\(world[^)]*\)(?:\s*#\s*(?P<comment>.*))?$")
BANNER = re.compile(r"^    # (?P<banner>.*)$")


# --- The schedule ----------------------------------------------------------------------------------------------------


def sections_of_month() -> dict[str, list[tuple[str, str]]]:
    """Return the steps of a month with what is said of them in short, by the headings of ``advance_month``."""
    found: dict[str, list[tuple[str, str]]] = {}
    for line in inspect.getsource(month.advance_month).splitlines():
        if step := STEP.match(line):
            found[list(found)[-1]].append((step["step"], (step["comment"] or "").strip()))
        elif banner := BANNER.match(line):
            found[banner["banner"]] = []
    return found


def steps() -> str:
    """Return the order of events as a list."""
    parts, count = [], 0
    for banner, lines in sections_of_month().items():
        parts.append(f"**{banner}**\n")
        for name, comment in lines:
            count += 1
            parts.append(f"{count}. {code(name)}{f' {comment}' if comment else ''}")
        parts.append("")
    return "\n".join(parts).rstrip()


def schedule() -> str:
    """Return the order of events with what each step reads and writes."""
    touched, parts, count = touched_by_steps(), [], 0
    for banner, lines in sections_of_month().items():
        rows = []
        for name, _ in lines:
            count += 1
            step, read = getattr(month, name), touched[name].read
            columns = [column for column in read if column[0] not in ("p", "luck")]
            given = [sorted(column for kind, column in read if kind == apart) for apart in ("p", "luck")]
            what = f"{code(name)}: {summary(step)} ({home(step)})"
            named = (", ".join(map(code, names)) for names in given)
            rows.append((count, what, listed(columns), listed(touched[name].written), *named))
        parts.append(f"## {banner}")
        parts.append(table(("", "step", "reads", "writes", "parameters and paths", "draws"), rows))
    return "\n\n".join(parts)


def listed(columns: Iterable[tuple[str, str]]) -> str:
    """Return columns, grouped by the table in which they stand."""
    by_kind: dict[str, list[str]] = {}
    for kind, column in sorted(columns):
        by_kind.setdefault(kind, []).append(code(column))
    return "; ".join(f"**{kind}** {', '.join(names)}" for kind, names in by_kind.items())


# --- Source ----------------------------------------------------------------------------------------------------------


def source(one: Any) -> str:
    """Return a function's source, with the first line of its docstring as a comment."""
    text = getattr(one, "source", None) or textwrap.dedent(inspect.getsource(one))
    node = ast.parse(text).body[0]
    assert isinstance(node, ast.FunctionDef)
    lines = text.rstrip().splitlines()
    body = node.body
    if ast.get_docstring(node):
        first, last = body[0].lineno, body[0].end_lineno
        assert last is not None
        lines[first - 1 : last] = [f"    # {summary(one)}"]
    return "\n".join(line for line in lines[node.lineno - 1 :])


def asked_by(one: FunctionType) -> Iterator[FunctionType]:
    """Return the functions of the economy that a function calls, in the order of their names."""
    for name in sorted(set(names_used(one.__code__))):
        found = one.__globals__.get(name)
        if isinstance(found, FunctionType) and found.__module__.startswith("bubble_abm.economy"):
            yield found


def with_all_they_ask(functions: Iterable[FunctionType]) -> list[FunctionType]:
    """Return functions and the functions of the economy that they call, directly or not."""
    waiting, found = list(functions), dict[FunctionType, None]()
    while waiting:
        one = waiting.pop(0)
        if one not in found:
            found[one] = None
            waiting += asked_by(one)
    return list(found)


def sources(functions: Iterable[FunctionType]) -> str:
    """Return the source of some functions, file by file."""
    by_file: dict[str, list[FunctionType]] = {}
    for one in functions:
        by_file.setdefault(one.__module__, []).append(one)
    parts = []
    for module, inside in sorted(by_file.items()):
        parts.append(f"### {file_of(module).strip('`')}")
        parts.append("```python\n" + "\n\n\n".join(source(one) for one in inside) + "\n```")
    return "\n\n".join(parts)


def bodies() -> str:
    """Return the source of every rule and amendment, and of the plain functions that they call."""
    return sources(with_all_they_ask([*standard_rules().values(), *(amendment for _, amendment in AMENDMENTS)]))


def luck_source() -> str:
    """Return the source of the generator and of what is made of its draws."""
    generator: list[Any] = [luck.philox, luck.uniform, luck.draw_block]
    made_of_draws: list[Any] = [luck.slots_for, luck.slot_drawn, luck.lognormal, luck.normal]
    return sources([*generator, *made_of_draws])


def founding_source() -> str:
    """Return the source of the founding: of its own file, and of what it asks of mechanisms."""
    inside = [
        one for one in vars(founding).values() if isinstance(one, FunctionType) and one.__module__ == founding.__name__
    ]
    found_world: Any = founding.found_world
    asked = [one for one in asked_by(found_world) if ".mechanisms." in one.__module__]
    return sources([*inside, *asked])


def amendments() -> str:
    """Return which decisions are amended by what, in the order in which it happens."""
    by_rule: dict[FunctionType, list[FunctionType]] = {}
    for decided, amendment in AMENDMENTS:
        by_rule.setdefault(decided, []).append(amendment)
    rows = []
    for decided, chain in by_rule.items():
        for place, amendment in enumerate(chain):
            first = code(decided.__name__) if place == 0 else ""
            rows.append((first, code(amendment.__name__), summary(amendment), home(amendment)))
    return table(("decision", "goes through", "which returns", "file"), rows)


def in_force() -> str:
    """Return the mechanisms that act at the defaults, with the parameters that are not neutral."""
    rows = []
    for mechanism in MECHANISMS:
        declared = [DECLARED[item.name] for item in fields(mechanism.Parameters)]
        acting = [item for item in declared if item.metadata["neutral"] not in (None, item.default)]
        if acting:
            values = ", ".join(f"{code(item.name)} {number(item.default)}" for item in acting)
            rows.append((f"**{summary(mechanism).partition(':')[0]}**", values))
    return table(("mechanism", "what is not neutral"), rows)


# --- Numbers that are not parameters ---------------------------------------------------------------------------------

#: Nothing, once, twice, and the months of a year.
PLAIN = (0, 1, 2, 12)
#: What is declared with numbers, and has a unit and a meaning of its own.
DECLARATIONS = ("parameter", "column", "draw")
#: Comments that tell tools something, and the reader nothing.
PRAGMAS = ("fmt:", "noqa", "type:", "pragma", "ruff:")
#: Files without a number that acts: layout and checks of declarations, tables of their own in this documentation.
APART = ("declare.py", "generate.py", "tables.py", "outside.py", "provinces.py", "kinds.py", "accounts.py")


def comments(text: str) -> dict[int, str]:
    """Return the lines that end in words of explanation, with these words."""
    found = (token for token in tokenize.generate_tokens(io.StringIO(text).readline) if token.type == tokenize.COMMENT)
    words = ((token.start[0], token.string.lstrip("#: ")) for token in found)
    return {line: said for line, said in words if not said.startswith(PRAGMAS)}


def name_called(node: ast.AST) -> str:
    """Return the name of what is called, if something is."""
    return node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""


def literals(node: ast.AST) -> Iterator[ast.Constant]:
    """Return the numbers of a syntax tree, without those of declarations and of numbered stages."""
    if name_called(node) in DECLARATIONS:
        return
    if isinstance(node, ast.Assign) and name_called(node.value) == "range":
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
        yield node
    for child in ast.iter_child_nodes(node):
        yield from literals(child)


def acting(text: str) -> list[ast.Constant]:
    """Return the numbers of a source that no parameter declares, but for the plainest."""
    return [one for one in literals(ast.parse(text)) if one.value not in PLAIN]


def constants() -> str:
    """Return every number in the economy that is no parameter, with the line in which it stands."""
    rows = []
    for path in sorted(ECONOMY.rglob("*.py")):
        if path.name in APART:
            continue
        text = path.read_text(encoding="utf-8")
        lines, words, around = text.splitlines(), comments(text), functions_around(text)
        by_line: dict[int, list[str]] = {}
        for one in acting(text):
            by_line.setdefault(one.lineno, []).append(repr(one.value))
        for line, values in sorted(by_line.items()):
            statement = lines[line - 1].partition("  #")[0].strip()
            above = words.get(line - 1, "") if lines[line - 2].lstrip().startswith("#") else ""
            said = words.get(line) or above or around.get(line, "")
            rows.append((", ".join(values), code(statement), said, code(str(path.relative_to(ECONOMY.parent)))))
    return table(("number", "where it stands", "what it is, or what is done there", "file"), rows)


def named_numbers() -> str:
    """Return what numbers stand for kinds, stages, uses and the like."""
    rows = []
    for path in sorted(ECONOMY.rglob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Assign) and (names := names_numbered(node)):
                rows.append((", ".join(names), code(str(path.relative_to(ECONOMY.parent)))))
    return table(("numbers and their names", "file"), rows)


def names_numbered(node: ast.Assign) -> list[str]:
    """Return the names that an assignment gives to several whole numbers at once, with the numbers."""
    (target,) = node.targets
    names = [
        one.id for one in (target.elts if isinstance(target, ast.Tuple) else [target]) if isinstance(one, ast.Name)
    ]
    if name_called(node.value) == "range":
        numbers: list[Any] = list(range(len(names)))
    else:
        values = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
        numbers = [one.value for one in values if isinstance(one, ast.Constant) and type(one.value) is int]
    told = 1 < len(names) == len(numbers) and all(name.isupper() for name in names)
    return [f"{number_} {code(name)}" for name, number_ in zip(names, numbers, strict=True)] if told else []


def functions_around(text: str) -> dict[int, str]:
    """Return for each line of a source what the function does in which it stands."""
    found = {}
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            said = (ast.get_docstring(node) or "").partition("\n")[0].removesuffix(".")
            found.update(dict.fromkeys(range(node.lineno, (node.end_lineno or 0) + 1), said))
    return found


# --- Initial values --------------------------------------------------------------------------------------------------

SEEDS = 40
QUANTILES = (0.05, 0.5, 0.95)
#: Columns that only say which row it is.
NAMES = ("id", "row", "sector", "announcer", "owner", "order")
#: For each kind of agent, the groups in which its rows of January 2023 are told apart, and how to choose them.
GROUPS: dict[str, dict[str, Callable[[Any], Any]]] = {
    "Investor": {
        "public": lambda rows: rows["sponsor"] == PUBLIC,
        "newcomers": lambda rows: rows["sponsor"] == NEWCOMER,
        "able": lambda rows: rows["sponsor"] == ABLE,
    },
    "Operator": {
        "incumbents": lambda rows: rows["stage"] == OPERATING,
        "programme of 2022": lambda rows: rows["stage"] == BUILDING,
    },
    "Smuggler": {
        "in business": lambda rows: rows["active"] == 1,
        "possible later": lambda rows: rows["active"] == 0,
    },
    "Startup": {
        "pre-training": lambda rows: rows["state"] == PRETRAINING,
        "possible later": lambda rows: rows["state"] == NOT_FOUNDED,
    },
}  # fmt: skip
#: Where what differs between rows, and is not drawn, comes from; all else follows from it and from parameters.
GIVEN = {"LocalGovernment": "of the province, see input data", "ChipClass": "of the class"}
#: How what is drawn is drawn.
DRAWN = {
    ("Investor", "earnest"): "0 with probability `show_share`, else 1",
    ("Investor", "deep_pocket"): "1 with probability `deep_pocket_share`, else 0",
    ("Investor", "news_needed"): "exponential with mean 1",
    (
        "Investor",
        "extrapolation",
    ): "uniform, `extrapolation` times `1 - extrapolation_spread` to"
    " `1 + extrapolation_spread`, for the able times `experienced_extrapolation`",
    ("Investor", "taste"): "uniform, `taste_spread` wide, centred on 0",
    ("Investor", "home"): "a province, in proportion to budgets",
    ("Investor", "gpus_intended"): "lognormal, median of its kind, `size_spread`",
    ("Investor", "cash"): "uniform, `smallest_purse` to `smallest_purse + purse_spread` times the equity that the site"
    " requires, `deep_pocket_depth` times that with deep pockets; more, if what it has pledged exceeds it",
    ("Investor", "bundles"): "1 with probability `bundling_share`, else 0",
    ("Operator", "province"): "incumbents: near the users, in proportion to budgets; others: the owner's home with"
    " probability `home_bias`, else any, in proportion to budgets",
    ("Operator", "gpus_planned"): "incumbents: lognormal, `incumbent_spread`, all together `installed_base`; others: as"
    " the owner intends",
    ("Operator", "months_building"): "uniform around the mean of its kind, `building_spread` of it in either direction",
    ("Operator", "months_to_build"): "uniform between 0 and all of it",
    ("Smuggler", "layers"): "uniform, 1 to `most_layers`",
    ("Smuggler", "normal_capacity"): "lognormal, mean `channel_capacity` over all in business, `channel_spread`",
    ("Startup", "relative_size"): "lognormal, median 1, `startup_spread`",
    ("Startup", "age"): "uniform, 0 to 11",
}


@cache
def founded() -> dict[str, np.ndarray]:
    """Return the rows of January 2023 of all kinds of agents, and of the market, over forty seeds."""
    worlds = [Simulation(seed=seed).world for seed in range(1, SEEDS + 1)]
    names = {kind.table: kind.name for kind in KINDS} | {"market": "Market"}
    return {
        name: np.concatenate([np.asarray(table_of(getattr(world, table))) for world in worlds])
        for table, name in names.items()
    }


def initial_values() -> str:
    """Return what every column holds in January 2023: one value, or how it is spread and drawn."""
    parts = []
    for kind, rows in founded().items():
        for group, chosen in GROUPS.get(kind, {"": lambda rows: slice(None)}).items():
            some = rows[chosen(rows)]
            parts.append(f"### {kind}{f', {group}' if group else ''}")
            parts.append(values_of(kind, some))
    known = {(kind, name) for kind, rows in founded().items() for name in names_of(rows) if spread(rows[name])}
    assert known >= set(DRAWN), f"not drawn: {set(DRAWN) - known}"
    return "\n\n".join(parts)


def names_of(rows: np.ndarray) -> tuple[str, ...]:
    """Return the names of the columns of some rows."""
    return rows.dtype.names or ()


def spread(values: np.ndarray) -> bool:
    """Whether values differ."""
    return bool((values != values[0]).any())


def values_of(kind: str, rows: np.ndarray) -> str:
    """Return the values of some rows, column by column; what is zero in all of them is named after the table."""
    lines, zero = [], []
    for name in names_of(rows):
        values = rows[name]
        if name in NAMES:
            continue
        if spread(values):
            quantiles = ", ".join(f"{value:,.4g}" for value in np.quantile(values, QUANTILES))
            lines.append((code(name), quantiles, DRAWN.get((kind, name), GIVEN.get(kind, "follows"))))
        elif values[0] == 0:
            zero.append(code(name))
        else:
            lines.append((code(name), f"{values[0]:,.6g}", ""))
    count = f"{len(rows) / SEEDS:,.4g} rows a seed."
    nothing = f"\n\nZero: {', '.join(zero)}." if zero else ""
    return f"{count}\n\n{table(('column', 'value, or 5 %, 50 % and 95 %', 'drawn'), lines)}{nothing}"


# --- Payments --------------------------------------------------------------------------------------------------------


def payments() -> str:
    """Return every payment in the month: who pays whom, which step it is in, and what happens if the payer is short.

    Raises
    ------
    KeyError
        If nothing is said of a payment, or something of one that nobody makes.
    """
    made = payments_made()
    if odd := {(where, flow) for flow, where in made} ^ set(IF_SHORT):
        raise KeyError(f"payments.py: said of nobody, or not said: {sorted(odd)}")
    rows = [
        (code(flow), "; ".join(sorted(payers)), code(where), IF_SHORT[where, flow], code(path))
        for (flow, where), (payers, path) in sorted(made.items())
    ]
    return table(("flow", "who pays whom", "in", "if the payer is short", "file"), rows)


@cache
def payments_made() -> dict[tuple[str, str], tuple[set[str], str]]:
    """Return the payments in the source of the month by flow and function: who pays whom, and the file."""
    ledger = ECONOMY / "ledger.py"
    through = {caller: flow_paid(call) for caller, call in calls(ledger) if name_called(call) == "transfer"}
    through["pay_bank"] = through["repay"]
    found: dict[tuple[str, str], tuple[set[str], str]] = {}
    for path in sorted(ECONOMY.rglob("*.py")):
        if path.name in ("ledger.py", "founding.py"):
            continue
        for caller, call in calls(path):
            name = name_called(call)
            if name != "transfer" and name not in through:
                continue
            flow = flow_paid(call) if name == "transfer" else through[name]
            payers, _ = found.setdefault((flow, caller), (set(), str(path.relative_to(ECONOMY.parent))))
            payers.add(parties(name, call))
    return found


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    """Return the calls in a file, each with the name of the function in which it stands."""
    for function_ in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(function_, ast.FunctionDef):
            yield from ((function_.name, node) for node in ast.walk(function_) if isinstance(node, ast.Call))


def flow_paid(call: ast.Call) -> str:
    """Return the flow of a transfer, by the name of its constant."""
    return ast.unparse(call.args[1]).lower()


def parties(name: str, call: ast.Call) -> str:
    """Return who pays whom in a call of the ledger."""
    given = [ast.unparse(one).removeprefix("world.").partition("[")[0] for one in call.args]
    ways = {
        "transfer": (2, 3), "lend": ("bank", 1), "repay": (1, "bank"), "pay_bank": (1, "bank"),
        "pay_in_equity": (1, 2), "pay_in_venture": ("households", 1), "prepay": (1, 2),
        "refund_rent": (2, 1), "build": (1, "suppliers"),
    }  # fmt: skip
    payer, payee = (given[one] if isinstance(one, int) else one for one in ways[name])
    return f"{payer} to {payee}"


# --- References ------------------------------------------------------------------------------------------------------

ENTRY = re.compile(r"^@(?P<kind>\w+)\{(?P<key>[\w-]+),\n(?P<fields>.*?)^\}", re.DOTALL | re.MULTILINE)
FIELD = re.compile(r"(\w+)\s*=\s*\{((?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)\}")


def entries() -> list[dict[str, str]]:
    """Return the entries of ``references.bib``: their fields as plain text."""
    found = []
    for entry in ENTRY.finditer(REFERENCES.read_text(encoding="utf-8")):
        about = {name: unbraced(value) for name, value in FIELD.findall(entry["fields"])}
        found.append(about | {"key": entry["key"], "kind": entry["kind"]})
    return found


def unbraced(value: str) -> str:
    """Return the plain text of a field."""
    for accent, letter in {r"{\'e}": "é", r"{\'a}": "á", "``": '"', "''": '"', "--": "-"}.items():
        value = value.replace(accent, letter)
    return " ".join(value.replace("{", "").replace("}", "").split())


def references() -> str:
    """Return the list of references, with where each was published and its DOI."""
    lines = []
    for one in entries():
        authors = one["author"].replace(" and others", " et al.").replace(" and ", "; ")
        place = one.get("journal") or one.get("booktitle") or one.get("publisher") or one.get("institution", "")
        volume = " ".join(
            part for part in (one.get("volume", ""), f"({one['number']})" if "number" in one else "") if part
        )
        pages = f", {one['pages']}" if "pages" in one else ""
        link = one.get("url") or (f"https://doi.org/{one['doi']}" if "doi" in one else "")
        where = f"*{place}* {volume}".strip() + pages
        lines.append(f"* {authors} ({one['year']}). {one['title']}. {where}.{f' <{link}>' if link else ''}")
    return "\n".join(lines)
