"""How the economy of January 2023 is founded."""

from __future__ import annotations

import numpy as np
import pytest

from bubble_abm.economy.founding import home_province
from bubble_abm.economy.parameters import Parameters
from tests.worlds import founded


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_incumbents_stand_near_the_users(seed: int) -> None:
    world, _ = founded(Parameters(investors=5, incumbents=40), seed=seed)
    places = world.operators["province"][:40]
    assert (world.provinces["hub"][places] == 1).all()
    assert len(set(places)) > 5


@pytest.mark.parametrize("hubs_only", [False, True])
def test_homes_are_drawn_in_proportion_to_budgets(hubs_only: bool) -> None:
    world, _ = founded()
    draws = np.arange(0.00005, 1.0, 0.0001)
    counts = np.bincount([home_province(world.provinces, draw, hubs_only) for draw in draws], minlength=31)
    weights = world.provinces["weight"] * (world.provinces["hub"] if hubs_only else 1)
    assert counts / len(draws) == pytest.approx(weights / weights.sum(), abs=2e-4)
