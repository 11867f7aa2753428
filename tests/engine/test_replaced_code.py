"""Machine code of replaced functions is kept by what they say and use, so that it is found again and never stale."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bubble_abm import Rules
from bubble_abm.economy.agents import operator
from bubble_abm.economy.mechanisms import MECHANISMS
from bubble_abm.engine import machine_code
from bubble_abm.engine.replaced_code import key_of
from bubble_abm.engine.rules import short_name
from bubble_abm.engine.structure import STRUCTURES, rules_of

ROOT = Path(__file__).parents[2]
COUNT = count()  # of modules, which must not have the name of one that was imported before

RULE = '''
import math
from bubble_abm.economy.agents.operator import occupancy
from {numbers} import SHARE

STEP = 0.5
SCALE = (1.0, 2)


def rent(operator, market, p):
    """Rent of an operator who moves towards the market."""
    return max(moved(operator.rent, market.rent), operator.reservation_rent)


def moved(own, other, share=1.0):
    return own + STEP * SHARE * share * SCALE[0] * (other - own) * math.exp(0.0)


def unused():
    return 3
'''


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Write the rule with an edit into a new module, with a number from another one, and return the function."""
    monkeypatch.syspath_prepend(tmp_path)

    def write(old: str = "", new: str = "", share: str = "1.0") -> Any:
        place = next(COUNT)
        assert old in RULE
        (tmp_path / f"numbers_{place}.py").write_text(f"SHARE = {share}\n")
        text = RULE.format(numbers=f"numbers_{place}").replace(old, new)
        (tmp_path / f"rule_{place}.py").write_text(text)
        return getattr(__import__(f"rule_{place}"), "rent")  # noqa: B009 - a module without a type

    return write


def key(function: Any) -> str | None:
    return key_of({operator.next_rent: function}, ())


def test_the_same_text_in_another_module_has_the_same_key(written: Callable[..., Any]) -> None:
    first = key(written())
    assert first is not None and len(first) == 16
    assert key(written()) == first
    assert key(written("return 3", "return 4")) == first, "what is not used does not matter"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("max(moved", "min(moved"),
        ("own + STEP", "own - STEP"),
        ("STEP = 0.5", "STEP = 0.6"),
        ("STEP = 0.5", "STEP = True"),
        ("(1.0, 2)", "(1.1, 2)"),
        ("(1.0, 2)", "(1, 2)"),
        ("exp(0.0)", "exp(-0.0)"),
        ("exp(0.0)", "cos(0.0)"),
        ("share=1.0", "share=0.9"),
        ("operator.rent,", "operator.posted_rent,"),
        ("moved(operator.rent, market.rent)", "occupancy(operator)"),
    ],
)
def test_an_edit_of_a_rule_of_its_helper_or_of_a_number_has_another_key(
    written: Callable[..., Any], old: str, new: str
) -> None:
    found = key(written(old, new))
    assert found is not None
    assert found != key(written())


def test_a_number_that_comes_out_of_another_module_counts(written: Callable[..., Any]) -> None:
    """The file of the rule is the same then."""
    assert key(written(share="2.0")) != key(written())


def test_a_number_that_is_changed_in_memory_counts(written: Callable[..., Any]) -> None:
    rent = written()
    before = key(rent)
    rent.__globals__["STEP"] = 0.7
    assert key(rent) not in (before, None)
    rent.__globals__["STEP"] = 0.5
    assert key(rent) == before


def test_a_closure_counts_with_what_it_encloses() -> None:
    def rent(step: float) -> Any:
        return lambda operator, market, p: step * operator.rent

    assert key(rent(0.5)) == key(rent(0.5)) != key(rent(0.6))


def test_functions_that_call_each_other_have_a_key(written: Callable[..., Any]) -> None:
    rent = written("other - own", "own if other == own else moved(own, own)")
    assert key(rent) not in (None, key(written()))


class Constants:
    step = 0.5


ARRAY = np.ones(2)


def reads_an_array(operator: Any, market: Any, p: Any) -> Any:
    return ARRAY[0] * operator.rent


def reads_a_class(operator: Any, market: Any, p: Any) -> Any:
    return Constants.step * operator.rent


def reads_a_module(operator: Any, market: Any, p: Any) -> Any:
    return machine_code.NEWEST_KNOWN[0] * operator.rent


def imports(operator: Any, market: Any, p: Any) -> Any:
    from math import pi

    return pi * operator.rent


def reads_libraries(operator: Any, market: Any, p: Any) -> Any:
    return np.exp(math.pi) * abs(operator.rent)


@pytest.mark.parametrize("function", [reads_an_array, reads_a_class, reads_a_module, imports, print, math.exp, len])
def test_what_cannot_be_read_in_full_has_no_key(function: Any) -> None:
    if function in (print, math.exp, len):  # known by name, as what a function of the package is
        assert key(function) is not None
    else:
        assert key(function) is None
    assert key(reads_libraries) is not None


def test_each_set_of_what_is_left_out_has_a_key_and_the_standard_month_an_empty_one() -> None:
    assert Rules().linked_month(interpreted=True).key == ""
    left_out = [Rules(without=[short_name(one)]).linked_month(interpreted=True).key for one in MECHANISMS]
    structures = [rules_of(name).linked_month(interpreted=True).key for name in STRUCTURES if name != "standard"]
    assert None not in (*left_out, *structures)
    assert len({*left_out, *structures, ""}) == len(MECHANISMS) + len(STRUCTURES)


def test_each_key_has_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    assert machine_code.cache_folder("ab").name == f"{machine_code.cache_folder().name}-ab"


# --- In processes ----------------------------------------------------------------------------------------------------

#: Compiles a step that asks the rule, into the folder of the month with it, and runs it.
STEP = """
import importlib
import sys
import numba
from bubble_abm import Rules
from bubble_abm.economy.markets import leasing
from bubble_abm.engine.link import types_of_structures
from bubble_abm.engine.machine_code import cache_folder
from tests.small import fingerprint
from tests.worlds import founded
rent = importlib.import_module(sys.argv[1]).rent
month = Rules(next_rent=rent).linked_month()
folder = cache_folder(month.key)
step = month.compile(numba, leasing.operators_post_rents, folder, types_of_structures())
world, p = founded()
world.market.rent *= 1.5
step(world, p)
print(folder.name, sum(step.compiled.stats.cache_hits.values()), fingerprint([world.operators["rent"]]))
"""


def step_in_a_process(folder: Path, module: str = "mine") -> list[str]:
    """The folder of the machine code, how often it was found there, and the bits of what it did."""
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(folder)]),
        "NUMBA_CACHE_DIR": str(folder / "cache"),
        "PYTHONDONTWRITEBYTECODE": "1",  # two edits in a second would go unnoticed
    }
    command = [sys.executable, "-c", STEP, module]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def kept(folder: Path) -> dict[str, int]:
    files = (folder / "cache").rglob("*.nbc")
    return {str(path.relative_to(folder)): path.stat().st_mtime_ns for path in files}


def test_another_process_finds_machine_code_until_a_rule_its_helper_or_a_number_is_edited(tmp_path: Path) -> None:
    (tmp_path / "numbers_of_mine.py").write_text("SHARE = 1.0\n")
    text = RULE.format(numbers="numbers_of_mine")
    (tmp_path / "mine.py").write_text(text)
    first = step_in_a_process(tmp_path)
    files = kept(tmp_path)
    assert first[1] == "0" and len(files) == 1
    assert step_in_a_process(tmp_path) == [first[0], "1", first[2]]
    assert kept(tmp_path) == files, "nothing is compiled anew"
    seen = {first[2]}
    for old, new in (("max(moved", "1.5 * max(moved"), ("own + STEP", "1.1 * own + STEP")):  # the rule, and its helper
        (tmp_path / "mine.py").write_text(text.replace(old, new))
        _, hits, bits = step_in_a_process(tmp_path)
        assert hits == "0" and bits not in seen
        seen.add(bits)
    (tmp_path / "mine.py").rename(tmp_path / "moved.py")
    (tmp_path / "moved.py").write_text(text)
    assert step_in_a_process(tmp_path, "moved") == [first[0], "1", first[2]], "found by what it says, not by its name"
    (tmp_path / "mine.py").write_text(text)
    (tmp_path / "numbers_of_mine.py").write_text("SHARE = 0.3\n")
    _, hits, bits = step_in_a_process(tmp_path)
    assert hits == "0" and bits not in seen
    (tmp_path / "numbers_of_mine.py").write_text("SHARE = 1.0\n")
    assert step_in_a_process(tmp_path) == [first[0], "1", first[2]]
    now = kept(tmp_path)
    assert len(now) == 4 and {name: now[name] for name in files} == files
