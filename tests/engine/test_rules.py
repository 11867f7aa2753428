"""Rules are replaced by argument, and what runs is what the sources say."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import bubble_abm
from bubble_abm.economy.agents import operator
from bubble_abm.economy.declare import InvalidInput
from bubble_abm.economy.markets import leasing
from bubble_abm.engine import link as engine
from bubble_abm.engine import sources
from bubble_abm.engine.machine_code import cache_folder
from bubble_abm.engine.rules import Rules, standard_rules
from bubble_abm.engine.simulation import Simulation, simulate
from bubble_abm.paper.plain import plain
from tests.worlds import founded

SIZES = plain(investors=60, startups=20, smugglers=4, incumbents=3)  # whatever the defaults are


def frozen_rent(operator, market, p):
    return operator.rent


def nobody_announces(investor, rank_gap, centre, p):
    return 0.0


FROZEN = Rules(next_rent=frozen_rent, announcement_hazard=nobody_announces)


def in_one_process() -> dict[str, list]:
    """Months with replaced rules, then the standard ones, then the replaced ones interpreted: what each of them did."""
    tables = {}
    for name, rules, interpreted in (
        ("replaced", FROZEN, False),
        ("standard", Rules(), False),
        ("interpreted", FROZEN, True),
    ):
        run = Simulation(SIZES, months=18, seed=3, rules=rules, interpreted=interpreted)
        run.advance(18)
        measures = run.records.measures
        tables[name] = [
            list(measures["rent_per_server"]),
            list(measures["projects_announced"]),
            hash(measures.tobytes()),
        ]
    return tables


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A place for machine code that has the standard month's only."""
    simulate(SIZES, months=1)
    place = tmp_path_factory.mktemp("cache")
    shutil.copytree(cache_folder(), place / "bubble_abm" / cache_folder().name)
    return place


def in_another_process(cache: Path) -> dict[str, list]:
    """The same in a process of its own, with machine code in a place of its own."""
    program = "import json; from tests.engine.test_rules import in_one_process; print(json.dumps(in_one_process()))"
    root = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": str(root), "NUMBA_CACHE_DIR": str(cache)}
    output = subprocess.run(
        [sys.executable, "-c", program], cwd=root, env=environment, capture_output=True, text=True, check=True
    )
    return json.loads(output.stdout)


@pytest.fixture(scope="module")
def done(cache: Path) -> dict[str, list]:
    """What a first process does: the standard month must be loaded from disk after the other was compiled."""
    return in_another_process(cache)


def test_a_replaced_rule_is_obeyed_by_the_compiled_month(done: dict[str, list]) -> None:
    rents, announced, _ = done["replaced"]
    assert np.ptp(rents) < 1e-6 * rents[0]
    assert set(announced) == {0.0}


def test_the_standard_month_does_not_obey_rules_that_were_replaced_before_it_in_the_same_process(
    done: dict[str, list],
) -> None:
    series = simulate(SIZES, months=18, seed=3).series
    assert done["standard"][:2] == [list(series["rent_per_server"]), list(series["projects_announced"])]
    assert series["rent_per_server"].nunique() == 18
    assert series["projects_announced"].iloc[-1] > 0


def test_compiled_and_interpreted_months_agree_with_replaced_rules_too(done: dict[str, list]) -> None:
    assert done["replaced"] == done["interpreted"]


def test_a_second_process_loads_both_months_and_compiles_none(cache: Path, done: dict[str, list]) -> None:
    def kept() -> dict[Path, int]:
        return {path: path.stat().st_mtime_ns for path in cache.rglob("*.nbc")}

    before = kept()
    assert len(before) == 4  # two roots, with the standard rules and with the others
    again = in_another_process(cache)
    assert {name: found[:2] for name, found in again.items()} == {name: found[:2] for name, found in done.items()}
    assert again["replaced"] == again["interpreted"]
    assert kept() == before


def test_one_set_of_rules_is_linked_once() -> None:
    assert Rules().linked_month() is Rules().linked_month()
    assert FROZEN.linked_month() is Rules(announcement_hazard=nobody_announces, next_rent=frozen_rent).linked_month()
    assert Rules(next_rent=standard_rules()["next_rent"]).linked_month() is Rules().linked_month()
    assert FROZEN.linked_month() is not Rules().linked_month()
    assert repr(FROZEN) == "Rules(next_rent=frozen_rent, announcement_hazard=nobody_announces)"


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"next_rnet": frozen_rent}, "did you mean 'next_rent'"),
        ({"next_rent": 3}, r"give a function of \(operator, market, p\)"),
        ({"next_rent": lambda operator: 1.0}, r"takes \(operator\): give a function of \(operator, market, p\)"),
    ],
)
def test_a_rule_that_cannot_be_is_refused(wrong: dict, says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        Rules(**wrong)


@pytest.fixture
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], str]:
    """The hash of a copy of the package, taken anew at every call."""
    package = tmp_path / "bubble_abm"
    shutil.copytree(Path(bubble_abm.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(sources, "PACKAGE", package)
    return sources.source_hash.__wrapped__


def test_every_edit_of_what_computes_a_run_changes_its_hash(
    fresh: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rule lives in one file and its caller in another: a cache keyed by the caller's file alone would be stale."""
    assert fresh() == sources.source_hash()  # a copy in another place is the same model
    seen = {fresh()}
    for path in sorted(sources.PACKAGE.rglob("*.py")):
        path.write_text(path.read_text() + "\nEDITED = 1\n")
        inside = path.relative_to(sources.PACKAGE).parts[0] in sources.RUN
        assert (fresh() not in seen) == inside, path
        seen.add(fresh())
    (sources.PACKAGE / "economy" / "agents" / "newcomer.py").write_text("")
    assert fresh() not in seen
    monkeypatch.setattr("numba.config.BOUNDSCHECK", 1)
    assert fresh() not in seen


def test_an_edit_of_prose_changes_no_hash(fresh: Callable[..., str]) -> None:
    before = {rooms: fresh(*rooms) for rooms in (sources.RUN, sources.OUTCOMES, sources.ANALYSES, sources.FIGURES)}
    quotes, edited = '"""', 0
    for path in sorted(sources.PACKAGE.rglob("*.py")):
        text = path.read_text()
        new = text.replace(quotes, f"{quotes}Said otherwise. ", 1) if text.startswith(quotes) else text
        new = re.sub('meaning="', 'meaning="in other words, ', new) + "\n# a remark\n"
        edited += new.count("Said otherwise") + new.count("in other words")
        path.write_text(new)
    for name in sources.PROSE:
        path = sources.PACKAGE / name
        path.write_text(path.read_text() + "in other words\n")
    assert edited > 100
    assert {rooms: fresh(*rooms) for rooms in before} == before


def test_an_edit_of_a_table_of_numbers_changes_the_hash(fresh: Callable[..., str]) -> None:
    before = fresh(*sources.OUTCOMES)
    path = sources.PACKAGE / "observe" / "facts.csv"
    path.write_text(path.read_text().replace(",480,600,", ",480,601,"))
    assert fresh(*sources.OUTCOMES) != before


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("agents/operator.py", "PRIME, SECONDARY = 0, 1", "PRIME, SECONDARY = 1, 0"),
        ("agents/investor.py", "60.0, unit=", "61.0, unit="),
        ("parameters.py", "250, unit=", "251, unit="),
        ("luck.py", "for _ in range(10)", "for _ in range(9)"),
        ("agents/startup.py", 'column("GPU", "leased for inference")', 'column("kGPU", "leased for inference")'),
    ],
)
def test_an_edit_of_a_number_a_declaration_or_a_unit_changes_the_hash(
    fresh: Callable[..., str], file: str, old: str, new: str
) -> None:
    before = fresh()
    path = sources.PACKAGE / "economy" / file
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    assert fresh() != before


def test_linking_replaces_a_callee_in_every_caller_and_leaves_the_originals_alone() -> None:
    linked = engine.link(leasing.operators_post_rents, {operator.next_rent: frozen_rent}, lambda twin: twin)
    world, p = founded()
    before = world.operators["rent"].copy()
    linked(world, p)
    assert (world.operators["rent"] == before).all()
    leasing.operators_post_rents(world, p)
    assert (world.operators["rent"] != before).any()
