"""The house rules that a reader relies on: arrows run downward, money moves in the ledger, chance in luck."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import bubble_abm
from bubble_abm.economy import accounts
from bubble_abm.economy.month import AMENDMENTS
from bubble_abm.economy.parameters import Parameters
from bubble_abm.economy.world import empty_world
from bubble_abm.engine.rules import standard_rules
from bubble_abm.engine.sources import ANALYSES, FIGURES, OUTCOMES, RUN

PACKAGE = Path(bubble_abm.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))

#: The floors of the house, from the ground up: a room imports from rooms on lower floors and from itself.
FLOORS = (("economy",), ("engine",), ("observe",), ("study",), ("style",), ("paper", "page"), ("command",))
FLOOR = {room: height for height, rooms in enumerate(FLOORS) for room in rooms}


def module_name(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


def is_for_type_checkers(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def imports(tree: ast.AST, *, top_level_only: bool) -> Iterator[str]:
    """Modules of the package that a module imports, as dotted names below it."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.stmt) and is_for_type_checkers(node):
            continue
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "bubble_abm":
            home = (node.module or "").partition(".")[2]
            for alias in node.names:
                inside = PACKAGE.joinpath(*home.split("."), alias.name) if home else PACKAGE / alias.name
                is_module = inside.with_suffix(".py").exists() or inside.is_dir()
                yield f"{home}.{alias.name}".strip(".") if is_module else home
        elif isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[2] for alias in node.names if alias.name.startswith("bubble_abm."))
        elif not (top_level_only and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)):
            yield from imports(node, top_level_only=top_level_only)


ARROWS = {
    module_name(path): {name for name in imports(ast.parse(path.read_text()), top_level_only=False) if name}
    for path in FILES
}
FILES_BY_NAME = {module_name(path): path for path in FILES}


def room(module: str) -> str:
    return module.partition(".")[0]


def test_every_file_stands_in_a_room() -> None:
    assert {room(module) for module in ARROWS if module} == {*FLOOR, "__main__"}


@pytest.mark.parametrize("module", sorted(name for name in ARROWS if name not in ("", "__main__")))
def test_a_room_knows_only_the_floors_below(module: str) -> None:
    for other in ARROWS[module]:
        assert other in ARROWS, f"{module} imports {other}, which is not there"
        assert room(other) == room(module) or FLOOR[room(other)] < FLOOR[room(module)], (
            f"{module} imports {other}, which lies above it"
        )


def test_imports_go_round_in_no_circle() -> None:
    order = list(
        TopologicalSorter(
            {module: others & ARROWS.keys() for module, others in ARROWS.items() if module}
        ).static_order()
    )
    assert set(order) == {module for module in ARROWS if module}


def test_the_hash_of_a_run_covers_everything_that_computes_it() -> None:
    """Else an edit could change numbers, and the hash that tells runs of different code apart would not."""
    for rooms, entrances in ((RUN, ("engine.simulation",)), (OUTCOMES, ("engine.simulation", "observe.outcomes"))):
        seen: set[str] = set()
        waiting = list(entrances)
        while waiting:
            seen.add(module := waiting.pop())
            waiting += ARROWS[module] - seen
        assert "economy.markets.leasing" in seen
        assert {room(module) for module in seen} <= set(rooms)
    assert RUN < OUTCOMES < ANALYSES < FIGURES  # tuples that begin alike: what comes later depends on more


def test_agents_do_not_know_each_other_markets_or_the_month() -> None:
    for module, others in ARROWS.items():
        if module.startswith("economy.agents."):
            assert not any(other.startswith(("economy.agents.", "economy.markets")) for other in others), module


def assigned_attributes(path: Path) -> Iterator[tuple[str, int]]:
    """Attributes and columns that a file assigns to, with their lines."""
    for node in ast.walk(ast.parse(path.read_text())):
        targets: list[ast.expr] = []
        if isinstance(node, ast.Assign):
            targets = list(node.targets)
        elif isinstance(node, ast.AugAssign | ast.AnnAssign):
            targets = [node.target]
        while targets:
            target = targets.pop()
            if isinstance(target, ast.Tuple | ast.List):
                targets += target.elts
            elif isinstance(target, ast.Starred):
                targets.append(target.value)
            elif isinstance(target, ast.Attribute) and ast.unparse(target.value) != "residuals":  # what an audit found
                yield target.attr, node.lineno
            elif isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant):
                yield str(target.slice.value), node.lineno


#: Deposits, both sides of every claim, what belongs to somebody at cost, and what the books know of them.
CLAIMS = {"cash"}
CLAIMS |= {name for claim in accounts.CLAIMS for name in (claim.name, claim.creditor.column, claim.debtor.column)}
CLAIMS |= {name for asset in accounts.ASSETS if asset.price is None for name in (asset.name, asset.holdings[0].column)}


def test_what_is_guarded_follows_from_the_accounts() -> None:
    before = {"cash", "debt", "equity", "stake", "venture_capital", "venture_claims", "loans", "capital"}
    assert before | {"patron_stake", "stakes", "prepaid"} <= CLAIMS
    for table, _ in accounts.PURSES:
        assert "cash" in getattr(empty_world(Parameters()), table).kind.columns, table


@pytest.mark.parametrize(
    "module", sorted(name for name in FILES_BY_NAME if name and name not in ("economy.ledger", "economy.founding"))
)
def test_nothing_but_the_ledger_moves_money_or_claims(module: str) -> None:
    lines = {f"{name} in line {line}" for name, line in assigned_attributes(FILES_BY_NAME[module]) if name in CLAIMS}
    assert not lines, f"{module} assigns to {sorted(lines)}"


def functions_of(module: str) -> list[ast.FunctionDef]:
    tree = ast.parse(FILES_BY_NAME[module].read_text())
    return [node for node in tree.body if isinstance(node, ast.FunctionDef)]


def calls(function: ast.FunctionDef) -> set[str]:
    """Names of what a function calls."""
    nodes = (node for node in ast.walk(function) if isinstance(node, ast.Call))
    return {node.func.id for node in nodes if isinstance(node.func, ast.Name)}


FOUNDING = next(calls(function) for function in functions_of("economy.founding") if function.name == "found_world")
FOUNDING |= {"found_project"}  # one of those that found_projects founds


def test_money_is_made_only_when_the_world_is_founded() -> None:
    """Deposits that nobody paid are given by steps of the founding, be it their own or those of a mechanism."""
    spans = {
        function.name: (function.lineno, function.end_lineno or 0) for function in functions_of("economy.founding")
    }
    for name, line in assigned_attributes(FILES_BY_NAME["economy.founding"]):
        if name in CLAIMS:
            homes = {function for function, (first, end) in spans.items() if first <= line <= end}
            assert homes and homes <= FOUNDING, f"line {line}"
    for module in FILES_BY_NAME:
        endowing = {function.name for function in functions_of(module) if "endow" in calls(function)}
        assert endowing <= FOUNDING, module
    assert not {"run_months", "advance_month"} & FOUNDING
    months = {name for function in functions_of("economy.month") for name in calls(function)}
    assert not months & (FOUNDING - {"fill_balance_sheet"})


def test_the_check_of_the_ledger_sees_an_assignment(tmp_path: Path) -> None:
    culprit = tmp_path / "culprit.py"
    culprit.write_text("def f(a, b):\n    a.cash -= 1\n    b.x, a.debt = 1, 2\n    a['equity'] = 3\n    c = a.cash\n")
    assert {name for name, _ in assigned_attributes(culprit)} & CLAIMS == {"cash", "debt", "equity"}


ECONOMY = sorted(name for name in FILES_BY_NAME if room(name) in RUN and name not in ("economy.luck", "engine.model"))


@pytest.mark.parametrize("module", ECONOMY)  # samplers of experiments draw their designs outside the economy
def test_nothing_but_luck_leaves_anything_to_chance(module: str) -> None:
    for node in ast.walk(ast.parse(FILES_BY_NAME[module].read_text())):
        if isinstance(node, ast.Import):
            assert not {alias.name.partition(".")[0] for alias in node.names} & {"random", "secrets"}
        if isinstance(node, ast.ImportFrom):
            assert (node.module or "") not in ("random", "secrets", "numpy.random")
        if isinstance(node, ast.Attribute):
            assert not (node.attr == "random" and ast.unparse(node.value) in ("np", "numpy")), f"line {node.lineno}"


def decides(function: ast.FunctionDef, module: str) -> bool:
    """Whether a function is a decision or helps to take one: all of the agents' files, and those marked elsewhere."""
    marked = any(isinstance(mark, ast.Name) and mark.id == "decision" for mark in function.decorator_list)
    return marked or module.startswith("economy.agents.") or function.name in AMENDING


AMENDING = {amendment.__name__ for _, amendment in AMENDMENTS}


def test_decisions_change_nothing() -> None:
    """A rule returns what is decided; only steps and transfers write into rows."""
    looked_at = set()
    for module in (name for name in FILES_BY_NAME if room(name) == "economy"):
        for function in (one for one in functions_of(module) if decides(one, module)):
            looked_at.add(function.name)
            for node in ast.walk(function):
                targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
                assert not any(isinstance(target, ast.Attribute | ast.Subscript) for target in targets), (
                    f"{module}.{function.name}"
                )
    assert looked_at >= {*standard_rules(), *AMENDING}


def test_the_page_to_read_first_is_a_list_of_calls() -> None:
    tree = ast.parse((PACKAGE / "economy" / "month.py").read_text())
    month = next(node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "advance_month")
    body = month.body[1:]
    assert all(isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) for node in body)
    assert len(body) > 25


def test_every_public_name_that_can_be_loaded_is_where_the_map_says() -> None:
    for name, home in bubble_abm.PUBLIC.items():
        if home in FILES_BY_NAME:
            assert getattr(bubble_abm, name).__name__ == name
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        bubble_abm.nothing  # noqa: B018
