"""A copy of a run, or one that was sent to another process, goes on bit for bit; what cannot be copied says so."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bubble_abm import BubbleModel, Parameters, Rules, Shock, simulate
from bubble_abm.engine.plain import PlainBubbleModel
from bubble_abm.engine.simulation import Simulation
from tests.small import fingerprint

SMALL = Parameters(scale=0.1)
MONTHS = 30
WAYS: dict[str, Callable[[Any], Any]] = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "pickle": lambda thing: pickle.loads(pickle.dumps(thing)),
}


def started(month: int = 14, **options: Any) -> Simulation:
    run = Simulation(SMALL, months=MONTHS, seed=3, **options)
    run.advance(month)
    return run


def world_of(run: Simulation) -> list[bytes]:
    return [np.asarray(table).tobytes() for table in run.world]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("month", [0, 14, MONTHS])
def test_a_copy_goes_on_bit_for_bit_and_leaves_the_original_alone(way: str, month: int) -> None:
    original = started(month)
    before = world_of(original)
    other = WAYS[way](original)
    other.advance(MONTHS)
    assert fingerprint(other.records) == fingerprint(simulate(SMALL, months=MONTHS, seed=3).records)
    assert world_of(original) == before
    original.advance(MONTHS)
    assert fingerprint(original.records) == fingerprint(other.records)


@pytest.mark.parametrize("way", WAYS)
def test_a_copy_is_not_compiled_for_anew(way: str) -> None:
    original = started()
    signatures = len(original.linked_month.run_months.compiled.signatures)
    other = WAYS[way](original)
    other.advance(1)
    assert other.linked_month is original.linked_month
    assert len(other.linked_month.run_months.compiled.signatures) == signatures


@pytest.mark.parametrize("way", WAYS)
def test_an_interpreted_run_and_one_without_a_mechanism_are_copied_as_such(way: str) -> None:
    options = {"rules": Rules(without=["take_over"]), "interpreted": True, "shocks": (Shock(month=16),)}
    original = started(12, **options)
    other = WAYS[way](original)
    other.advance(4)
    original.advance(4)
    assert fingerprint(other.records) == fingerprint(original.records)


def test_another_process_goes_on_where_this_one_stood(tmp_path: Path) -> None:
    file = tmp_path / "run.pickle"
    file.write_bytes(pickle.dumps(started()))
    script = (
        "import pickle, sys\nfrom tests.small import fingerprint\n"
        "run = pickle.loads(open(sys.argv[1], 'rb').read())\nrun.advance(99)\nprint(fingerprint(run.records))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(file)],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert done.stdout.strip() == fingerprint(simulate(SMALL, months=MONTHS, seed=3).records), done.stderr


@pytest.mark.parametrize("way", WAYS)
def test_results_are_copied_with_all_that_is_read_from_them(way: str) -> None:
    result = simulate(SMALL, months=MONTHS, seed=3)
    other = WAYS[way](result)
    assert other.series.equals(result.series)
    assert other.flows.equals(result.flows)
    assert other.agents(5)["operators"].equals(result.agents(5)["operators"])


@pytest.mark.parametrize("way", WAYS)
def test_models_and_their_agents_refuse_in_one_line(way: str) -> None:
    model = BubbleModel(SMALL, months=3, rng=1)
    model.step()
    plain = PlainBubbleModel(Parameters(scale=0.03), months=2, rng=1)
    for thing in (model, next(iter(model.agents)), plain, plain.simulation):
        with pytest.raises(TypeError, match=r"cannot be copied or sent to another process: .*") as refused:
            WAYS[way](thing)
        assert "\n" not in str(refused.value)
    model.step()
    assert model.month == 2
