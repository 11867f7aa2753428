"""The page on adding a mechanism: done to a copy of the package, it works, and touches two files of it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "how-to" / "add-a-mechanism.md").read_text()
CODE, TESTS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
(LINES,) = re.findall(r"```diff\n(.*?)```", PAGE, re.DOTALL)
SCRIPT = """
from bubble_abm import Parameters, Rules, simulate
from bubble_abm.engine.simulation import Simulation
from tests.small import fingerprint
small = Parameters(scale=0.06)
def run(tax, rules=None):
    simulation = Simulation(small.with_values({"compute_tax": tax}), months=20, rules=rules, interpreted=True)
    simulation.advance(20)
    return simulation
print(fingerprint(run(0.0, Rules(without=["compute_tax"])).records) == fingerprint(run(0.0).records))
taxed = run(0.3)
taxes = taxed.result().flows.xs("compute_taxes", level="flow").sum()
print(taxes["governments"] > 0.0)
print(abs(taxed.world.operators["taxes"].sum() + taxes["operators"]) < 1e-6)
print(fingerprint(run(0.3, Rules(tax_due=lambda operator, p: 0.0)).records) != fingerprint(taxed.records))
"""


def added(month: str) -> str:
    """The month with the lines of the page, each after the line that stands before it there, whatever its comment."""
    lines, before = month.splitlines(), ""
    for line in LINES.splitlines():
        if line.startswith("+"):
            (place,) = (number for number, text in enumerate(lines) if code(text) == before)
            lines.insert(place + 1, line[1:])
        elif line.strip():
            before = code(line[1:])
    return "\n".join(lines) + "\n"


def code(line: str) -> str:
    """A line without its comment."""
    return line.partition("#")[0].rstrip()


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package and of the tests' helpers, with the page's mechanism."""
    root = tmp_path_factory.mktemp("copy")
    for folder in ("bubble_abm", "tests"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__", "reference"))
    economy = root / "bubble_abm" / "economy"
    (economy / "mechanisms" / "compute_tax.py").write_text(CODE)
    (economy / "month.py").write_text(added((economy / "month.py").read_text()))
    (root / "tests" / "economy" / "mechanisms" / "test_compute_tax.py").write_text(TESTS)
    return root


def changed(copy: Path) -> set[str]:
    """Files of the package that are new or another in a copy."""
    files = {path.relative_to(copy) for path in (copy / "bubble_abm").rglob("*.py")}
    there = {file: (ROOT / file).read_bytes() for file in files if (ROOT / file).exists()}
    return {str(file) for file in files if there.get(file) != (copy / file).read_bytes()}


def test_a_mechanism_touches_its_own_file_and_the_month(copy: Path) -> None:
    assert changed(copy) == {"bubble_abm/economy/mechanisms/compute_tax.py", "bubble_abm/economy/month.py"}


def python(copy: Path, *arguments: str) -> str:
    environment = os.environ | {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=copy, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_it_is_neutral_when_it_should_be_pays_taxes_and_can_be_replaced(copy: Path) -> None:
    assert python(copy, "-c", SCRIPT).split() == ["True"] * 4


def test_the_command_line_offers_its_parameter(copy: Path) -> None:
    assert "compute_tax" in python(copy, "-m", "bubble_abm", "parameters")


def test_its_own_tests_pass(copy: Path) -> None:
    shown = python(
        copy, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "absent_and_left_out or switched_off",
        "--rootdir", str(copy), "--import-mode=importlib", "tests/economy/mechanisms/test_compute_tax.py",
    )  # fmt: skip
    assert "2 passed" in shown
