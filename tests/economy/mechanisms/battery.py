"""What must hold of every mechanism; one file a mechanism inherits these tests and adds its own."""

from __future__ import annotations

from dataclasses import fields
from functools import cache
from types import ModuleType
from typing import ClassVar

import numpy as np
import pytest

from bubble_abm.economy.mechanisms import MECHANISMS
from bubble_abm.economy.parameters import DECLARED, Parameters
from bubble_abm.engine.rules import Rules
from bubble_abm.engine.simulation import Simulation, simulate
from bubble_abm.paper.plain import plain
from tests.small import fingerprint

#: A small world in which everything happens, and late enough for sites to fail.
SMALL = plain(scale=0.06)
MONTHS = 27
SEEDS = range(1, 9)


def neutral(mechanism: ModuleType) -> dict[str, float]:
    """The values at which a mechanism is as if it were not there."""
    declared = [DECLARED[item.name] for item in fields(mechanism.Parameters)]
    return {item.name: item.metadata["neutral"] for item in declared if item.metadata["neutral"] is not None}


def interpreted(values: dict[str, float], left_out: str | None = None) -> str:
    """What a small run leaves behind, without the compiler: a mechanism that is left out need not be compiled away."""
    return seen(SMALL.with_values(values), left_out)


@cache
def seen(parameters: Parameters, left_out: str | None) -> str:
    """That fingerprint; many mechanisms are neutral at the defaults, and share a run."""
    rules = None if left_out is None else Rules(without=[left_out])
    run = Simulation(parameters, months=MONTHS, rules=rules, interpreted=True)
    run.advance(MONTHS)
    return fingerprint(run.records)


@pytest.mark.whole_runs
class Battery:
    """Tests that a mechanism's own class inherits.

    Attributes
    ----------
    mechanism : module
        The mechanism.
    active : dict of str to float
        Values at which it acts.
    around : dict of str to float
        Values of others that would act through it at its neutral value, the same in all runs.
    sign : tuple of str, int, float
        A measure, the months from which on it is summed, and in which direction the mechanism moves that sum.
    """

    mechanism: ClassVar[ModuleType]
    active: ClassVar[dict[str, float]]
    around: ClassVar[dict[str, float]] = {}
    sign: ClassVar[tuple[str, int, float]]

    def ends(self) -> list[Parameters]:
        """The defaults with the mechanism neutral, and with it active."""
        return [plain(**self.around | values) for values in (neutral(self.mechanism), self.active)]

    def test_it_can_be_switched_off(self) -> None:
        assert self.mechanism in MECHANISMS
        assert neutral(self.mechanism)
        assert (self.mechanism.__doc__ or "").partition("\n")[0].endswith(".")
        assert "\nWithout it, " in (self.mechanism.__doc__ or "")

    def test_at_its_neutral_value_it_is_absent_and_left_out_it_moves_nothing(self) -> None:
        name = self.mechanism.__name__.rpartition(".")[2]
        neutral_values, active = self.around | neutral(self.mechanism), self.around | self.active
        absent = interpreted(neutral_values, name)
        assert interpreted(neutral_values) == absent
        assert interpreted(active, name) == absent

    def test_it_moves_the_world_and_keeps_the_books(self) -> None:
        off, on = (simulate(parameters, seed=3) for parameters in self.ends())
        assert fingerprint(off.records) != fingerprint(on.records)  # a broken identity would have stopped the run
        assert np.isfinite(on.series.to_numpy()).all()

    def test_it_moves_what_it_should_in_the_right_direction(self) -> None:
        measure, first, direction = self.sign
        off, on = (
            np.array([simulate(parameters, seed=seed).series[measure].iloc[first:].sum() for seed in SEEDS])
            for parameters in self.ends()
        )
        effect = direction * (on - off)
        error = effect.std(ddof=1) / np.sqrt(len(effect))
        assert effect.mean() > 2.4 * error, f"{effect.mean():.4g} +- {error:.2g}"  # one-sided 97.5 % of t with 7 d.f.
