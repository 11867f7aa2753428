"""Counting: what everybody reads next month."""

from __future__ import annotations

import pytest

from bubble_abm.economy.agents.operator import BUILDING, PAUSED, PLANNED
from bubble_abm.economy.markets.counting import gpus_are_counted
from tests.worlds import founded, project


def test_a_site_that_pauses_is_still_in_the_pipeline() -> None:
    world, _ = founded()
    world.operators["stage"] = 0
    world.market.go_ahead = 0.25
    for number, (stage, gpus) in enumerate(((BUILDING, 100.0), (PAUSED, 200.0), (PLANNED, 400.0))):
        project(world, number, stage=stage, gpus_planned=gpus)
    gpus_are_counted(world)
    assert world.market.pipeline == pytest.approx(100 + 200 + 0.25 * 400)
