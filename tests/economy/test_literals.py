"""No number acts outside the table of parameters, or its line says why."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

import bubble_abm

ECONOMY = Path(bubble_abm.__file__).parent / "economy"
FILES = [path for room in ("agents", "markets", "mechanisms") for path in sorted((ECONOMY / room).glob("*.py"))]
FILES.append(ECONOMY / "ledger.py")
#: Nothing, once, twice, and the months of a year.
PLAIN = (0, 1, 2, 12)
#: What is declared with numbers, and has a unit and a meaning of its own.
DECLARATIONS = ("parameter", "column", "draw")
#: Comments that tell tools something, and the reader nothing.
PRAGMAS = ("fmt:", "noqa", "type:", "pragma", "ruff:")


def comments(text: str) -> set[int]:
    """Lines that end in words of explanation."""
    found = (token for token in tokenize.generate_tokens(io.StringIO(text).readline) if token.type == tokenize.COMMENT)
    return {token.start[0] for token in found if not token.string.lstrip("# ").startswith(PRAGMAS)}


def name_called(node: ast.AST) -> str:
    """Name of what is called, if something is."""
    return node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""


def literals(node: ast.AST) -> Iterator[ast.Constant]:
    """Numbers of a syntax tree, without those of declarations and of numbered stages."""
    if name_called(node) in DECLARATIONS:
        return
    if isinstance(node, ast.Assign) and name_called(node.value) == "range":
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
        yield node
    for child in ast.iter_child_nodes(node):
        yield from literals(child)


def unexplained(text: str) -> list[str]:
    """Numbers of a source that no parameter declares and no comment explains, with their lines."""
    explained = comments(text)
    found = (one for one in literals(ast.parse(text)) if one.value not in PLAIN and one.lineno not in explained)
    return [f"{one.value} in line {one.lineno}" for one in found]


@pytest.mark.parametrize("path", FILES, ids=[f"{path.parent.name}/{path.name}" for path in FILES])
def test_a_number_is_a_parameter_or_its_line_says_why(path: Path) -> None:
    assert not unexplained(path.read_text(encoding="utf-8"))


CULPRITS = {
    "def f(p):\n    return 0.5 * p.rent\n": ["0.5 in line 2"],
    "WIDTH = 3\n": ["3 in line 1"],
    "def f(p, most=4):\n    return -7 if p.x < 1e-3 else most\n": ["4 in line 1", "7 in line 2", "0.001 in line 2"],
    "for _ in range(6):\n    pass\n": ["6 in line 1"],
    "x = max(y, 5.0)  # fmt: skip\n": ["5.0 in line 1"],
    "# half of it\nx = 0.5 * y\n": ["0.5 in line 2"],
}
INNOCENT = [
    "def f(p):\n    return 2.0 * p.rent / 12.0 - 1 + 0\n",
    "x = 0.5 * y  # the middle of a uniform draw\n",
    'rent: float = parameter(\n    9_000, unit="CNY", low=5, high=7,\n    meaning="rent")\n',
    'pace: float = draw(3, "how fast")\nid: int = column("3", "number")\n',
    "NONE, PLANNED, BUILDING, OPERATING = range(4)\n",
    "flag = True\n",
]


@pytest.mark.parametrize(("text", "found"), CULPRITS.items())
def test_the_check_sees_a_number_that_nobody_explains(text: str, found: list[str]) -> None:
    assert sorted(unexplained(text)) == sorted(found)


@pytest.mark.parametrize("text", INNOCENT)
def test_the_check_lets_declarations_explained_and_plain_numbers_pass(text: str) -> None:
    assert unexplained(text) == []


def test_the_check_looks_where_behaviour_is_written() -> None:
    names = {f"{path.parent.name}/{path.name}" for path in FILES}
    assert {"agents/operator.py", "markets/leasing.py", "mechanisms/take_over.py", "economy/ledger.py"} < names
