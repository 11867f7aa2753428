"""The size of the world is neutral: chances do not hang on how many agents there are, and medians stay as they are."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from bubble_abm.economy.agents.startup import OPEN_WEIGHTS, PRETRAINING
from bubble_abm.economy.parameters import Parameters
from bubble_abm.engine.simulation import Simulation, simulate

SEEDS = range(1, 21)


def share_with_a_patron(investors: int, seed: int) -> float:
    """Share of the startups in business that have a patron in September 2024."""
    run = Simulation(Parameters(investors=investors), months=21, seed=seed)
    run.advance(21)
    startups = np.asarray(run.world.startups)
    active = startups[np.isin(startups["state"], (PRETRAINING, OPEN_WEIGHTS))]
    return float((active["patron"] >= 0).mean())


@pytest.mark.whole_runs
def test_startups_find_patrons_as_easily_whatever_the_number_of_investors() -> None:
    shares = [
        np.mean([share_with_a_patron(investors, seed) for seed in range(1, 6)])
        for investors in (500, 1_011, 1_012, 1_013, 1_500, 2_036, 2_037, 2_100)
    ]
    assert max(shares) - min(shares) < 0.01


@cache
def measured(scale: float) -> np.ndarray:
    """Measures of one run per seed in a world of this size."""
    parameters = Parameters(scale=scale)
    return np.stack([simulate(parameters, months=48, seed=seed).records.measures for seed in SEEDS])


@pytest.mark.whole_runs
@pytest.mark.parametrize("scale", [0.5, 0.6, 1.2, 2.0])
@pytest.mark.parametrize(
    ("measure", "month", "grows"),
    [
        ("rent_per_server", 23, False),
        ("rent_per_server", 35, False),
        ("idle_share_new", 35, False),
        ("projects_announced", 23, True),
        ("projects_bankrupt", 47, True),
        ("training_gpus", 18, True),
    ],
)
def test_smaller_and_larger_worlds_have_the_same_medians(scale: float, measure: str, month: int, grows: bool) -> None:
    here, there = (measured(size)[measure][:, month] / (size if grows else 1.0) for size in (1.0, scale))
    error = 1.2533 * np.sqrt((here.var() + there.var()) / len(SEEDS))  # of the difference of two medians
    assert abs(np.median(there) - np.median(here)) < 3.0 * error
