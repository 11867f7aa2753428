"""Twins share their luck: they agree until the shock, a neutral shock is none, and a run is a function of its inputs."""

# ruff: noqa: E501 - a case is a line, a sentence is a name

from __future__ import annotations

import hashlib
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bubble_abm.economy.parameters import Parameters
from bubble_abm.economy.shocks import Change, Shock
from bubble_abm.engine.simulation import Result, simulate, twin

SIZES = Parameters(investors=300, startups=80, smugglers=8, incumbents=6)
AGENTS = ("provinces", "investors", "operators", "smugglers", "startups", "platforms", "chips", "leases")


def fingerprint(result: Result) -> str:
    """Hash of all that a run leaves behind, bit for bit."""
    digest = hashlib.sha256()
    for table in result.records:
        digest.update(table.tobytes())
    return digest.hexdigest()


@pytest.mark.parametrize("month", [6, 24, 30])
def test_twins_agree_bit_for_bit_until_the_month_of_the_shock(month: int) -> None:
    both = twin(SIZES, shocks=[Shock(efficiency=8.0, openness=0.9, imitation=1.5, month=month)], months=40, seed=3)
    one, other = both.with_shock.records, both.without_shock.records
    assert one.measures[:month].tobytes() == other.measures[:month].tobytes()
    assert one.flows[:month].tobytes() == other.flows[:month].tobytes()
    assert one.balances[: month + 1].tobytes() == other.balances[: month + 1].tobytes()
    assert (both.difference["adopters"].abs() > 0.0).any()
    before = both.difference.drop(columns=["seed", "month"]).iloc[:month]
    assert (before == 0.0).all().all()


@settings(max_examples=15)
@given(st.floats(0, 0.95), st.floats(0, 1.5), st.integers(0, 40), st.integers(1, 2**40))
def test_a_neutral_shock_is_no_shock_bit_for_bit_however_open_it_is(
    openness: float, imitation: float, month: int, seed: int
) -> None:
    neutral = Shock(efficiency=1.0, openness=openness, imitation=imitation, month=month)
    with_it = simulate(SIZES, shocks=[neutral], months=40, seed=seed)
    assert fingerprint(with_it) == fingerprint(simulate(SIZES, shocks=(), months=40, seed=seed))


def test_the_parameters_efficiency_of_one_is_no_shock_either() -> None:
    neutral = simulate(SIZES.with_values({"shock_efficiency": 1.0}), months=40, seed=2)
    assert fingerprint(neutral) == fingerprint(simulate(SIZES, shocks=(), months=40, seed=2))


def test_a_shock_in_the_last_month_changes_that_month_alone() -> None:
    both = twin(SIZES, shocks=[Shock(efficiency=12.0, openness=0.95, month=39)], months=40, seed=3)
    one, other = both.with_shock.records.measures, both.without_shock.records.measures
    assert one[:39].tobytes() == other[:39].tobytes()
    assert one[39].tobytes() != other[39].tobytes()


def test_a_shock_after_the_end_is_none() -> None:
    both = twin(SIZES, shocks=[Shock(efficiency=12.0, month=40)], months=40, seed=3)
    assert fingerprint(both.with_shock) == fingerprint(both.without_shock)


def test_releases_in_one_month_multiply() -> None:
    two = simulate(
        SIZES,
        shocks=[
            Shock(efficiency=2.0, openness=0.5, imitation=0.5, month=10),
            Shock(efficiency=3.0, openness=0.5, imitation=0.5, month=10),
        ],
        months=40,
        seed=3,
    )
    one = simulate(SIZES, shocks=[Shock(efficiency=6.0, openness=0.5, imitation=0.5, month=10)], months=40, seed=3)
    assert fingerprint(two) == fingerprint(one)


def test_the_order_in_which_releases_are_given_does_not_matter() -> None:
    early, late = Shock(efficiency=2.0, openness=0.3, month=10), Shock(efficiency=3.0, openness=0.7, month=20)
    one, other = (simulate(SIZES, shocks=order, months=40, seed=3) for order in ([early, late], [late, early]))
    assert fingerprint(one) == fingerprint(other)


def test_the_twin_without_keeps_every_other_change() -> None:
    change = Change(parameter="herding", value=0.0, month=5)
    both = twin(SIZES, shocks=[Shock(month=20), change], months=40, seed=3)
    assert both.without_shock.shocks == (change,)
    assert fingerprint(both.without_shock) == fingerprint(simulate(SIZES, shocks=[change], months=40, seed=3))


def test_the_same_seed_gives_the_same_run_and_another_seed_another() -> None:
    prints = {seed: fingerprint(simulate(SIZES, months=40, seed=seed)) for seed in range(1, 9)}
    assert prints == {seed: fingerprint(simulate(SIZES, months=40, seed=seed)) for seed in range(1, 9)}
    assert len(set(prints.values())) == 8


def test_runs_in_threads_do_not_disturb_each_other() -> None:
    seeds = [*range(1, 13), *range(1, 13)]
    alone = [fingerprint(simulate(SIZES, months=48, seed=seed)) for seed in seeds]
    with ThreadPoolExecutor(2) as pool:
        together = list(pool.map(lambda seed: fingerprint(simulate(SIZES, months=48, seed=seed)), seeds))
    assert together == alone


def test_another_process_gives_the_same_run() -> None:
    program = (
        "from tests.twins.test_twins import SIZES, fingerprint\n"
        "from bubble_abm.engine.simulation import simulate\n"
        "print(fingerprint(simulate(SIZES, months=40, seed=5)))"
    )
    root = Path(__file__).parents[2]
    other = subprocess.run([sys.executable, "-c", program], cwd=root, env={"PYTHONPATH": str(root), "PATH": "", "HOME": str(Path.home())},
                           capture_output=True, text=True, check=True)  # fmt: skip
    assert other.stdout.strip() == fingerprint(simulate(SIZES, months=40, seed=5))


def test_the_agents_of_any_month_are_those_of_the_run() -> None:
    result = simulate(SIZES, months=40, seed=3)
    for month in (0, 17, 39):
        agents = result.agents(month)
        assert tuple(agents) == AGENTS
        announced = (agents["operators"]["month_announced"] >= 0).sum()
        assert announced == result.series["projects_announced"].iloc[month]
        assert agents["leases"]["gpus"].sum() == pytest.approx(result.series["gpus_leased"].iloc[month])
