"""How functions become the month: rules are replaced by argument, and an edited source never runs in its old form."""

import os
import shutil
import subprocess
import sys

import pytest

import bubble_abm.engine.link as engine
from bubble_abm import InvalidInput, Rules, simulate
from bubble_abm.economy.agents import operator as operator_rules
from bubble_abm.engine import sources
from bubble_abm.engine.machine_code import cache_folder
from bubble_abm.engine.simulation import Simulation
from tests.small import SCRIPT, SMALL, fingerprint


def raised(rent):
    return 1.1 * rent


def dear_rent(operator, market, p):
    return raised(operator.rent)


def frozen_rent(operator, market, p):
    return operator.rent


def interpreted_rent(rules):
    run = Simulation(SMALL, months=6, rules=rules, interpreted=True)
    run.advance(6)
    return run.records.measures["rent_per_server"][-1]


def test_a_replaced_rule_moves_the_output():
    assert interpreted_rent(Rules(next_rent=frozen_rent)) != interpreted_rent(Rules())


def test_a_replaced_rule_may_call_a_helper_of_its_module():
    assert interpreted_rent(Rules(next_rent=dear_rent)) > interpreted_rent(Rules(next_rent=frozen_rent))


def test_a_replaced_rule_is_compiled_and_gives_the_interpreters_bits():
    rules = Rules(next_rent=dear_rent)
    run = Simulation(SMALL, months=6, rules=rules, interpreted=True)
    run.advance(6)
    replaced = simulate(SMALL, months=6, rules=rules)
    assert fingerprint(replaced.records) == fingerprint(run.records)
    assert fingerprint(replaced.records) != fingerprint(simulate(SMALL, months=6).records)


def test_the_standard_rule_as_argument_changes_nothing():
    assert Rules(next_rent=operator_rules.next_rent).linked_month() is Rules().linked_month()


def test_an_unknown_rule_is_refused_with_the_nearest_name():
    with pytest.raises(InvalidInput, match="unknown rule 'next_rnet': did you mean 'next_rent'"):
        Rules(next_rnet=frozen_rent)


def test_a_rule_with_other_arguments_is_refused():
    with pytest.raises(
        InvalidInput, match=r"rule next_rent: takes \(operator\): give a function of \(operator, market, p\)"
    ):
        Rules(next_rent=lambda operator: 1.0)


def test_something_else_than_a_function_is_refused():
    with pytest.raises(InvalidInput, match="rule next_rent = 3: give a function"):
        Rules(next_rent=3)


def test_link_replaces_a_callee_and_leaves_the_original_alone():
    linked = engine.link(operator_rules.occupancy, {operator_rules.gpus_leased: always_one}, lambda twin: twin)
    site = type("Site", (), {"gpus_installed": 4.0, "training_leased": 2.0, "inference_leased": 0.0})
    assert linked(site) == 0.25
    assert operator_rules.occupancy(site) == 0.5


def always_one(operator):
    return 1.0


# --- Stale machine code ---------------------------------------------------------------------------------------------


@pytest.fixture
def run_copy(tmp_path):
    """A copy of the package with a cache of its own, and a function that runs it in a new process."""
    shutil.copytree(sources.PACKAGE, tmp_path / "bubble_abm", ignore=shutil.ignore_patterns("__pycache__"))
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "NUMBA_CACHE_DIR": str(tmp_path / "cache")}

    def run():
        where = "import bubble_abm; print(bubble_abm.__file__)"
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT + where],
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        bits, file = done.stdout.split()
        assert file == str(tmp_path / "bubble_abm" / "__init__.py")
        return bits

    return run


def append(path, text):
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


def machine_code(folder):
    return sorted((path.name, path.stat().st_mtime_ns) for path in (folder / "cache").rglob("*.nbc"))


def test_an_edited_constant_takes_effect_in_the_next_run(run_copy, tmp_path):
    """An edited rule does, too: see :mod:`tests.engine.test_machine_code`."""
    simulate(months=1)  # the machine code of this state of the sources is kept
    shutil.copytree(cache_folder(), tmp_path / "cache" / "bubble_abm" / cache_folder().name)
    kept = machine_code(tmp_path)
    assert kept
    first = run_copy()
    assert machine_code(tmp_path) == kept  # and found by a copy of the package
    append(tmp_path / "bubble_abm/economy/markets/leasing.py", "\n\nCRUMB = 50.0\n")
    assert run_copy() != first
    assert len(machine_code(tmp_path)) == 2 * len(kept)
