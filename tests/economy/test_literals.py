"""No number acts outside the table of parameters, or its line says why."""

from __future__ import annotations

from pathlib import Path

import pytest

import bubble_abm
from bubble_abm.paper.description import acting, comments

ECONOMY = Path(bubble_abm.__file__).parent / "economy"
FILES = [path for room in ("agents", "markets", "mechanisms") for path in sorted((ECONOMY / room).glob("*.py"))]
FILES.append(ECONOMY / "ledger.py")


def unexplained(text: str) -> list[str]:
    """Numbers of a source that no parameter declares and no comment explains, with their lines."""
    explained = comments(text)
    return [f"{one.value} in line {one.lineno}" for one in acting(text) if one.lineno not in explained]


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
