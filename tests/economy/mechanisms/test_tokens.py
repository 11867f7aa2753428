"""Tokens: neutral is absent; a GPU serves more of them from month to month, and they become cheaper."""

from __future__ import annotations

import math

import pytest

from bubble_abm.economy.mechanisms import tokens
from bubble_abm.engine.simulation import simulate
from bubble_abm.paper.plain import plain
from tests.economy.mechanisms.battery import Battery
from tests.worlds import founded, measured

CASES: list[object] = []  # it decides nothing


class TestTokens(Battery):
    mechanism = tokens
    active = {"serving_progress": 0.1}
    sign = ("inference_gpus", 12, 1.0)  # cheaper tokens are used more than they save, at the default elasticity


def test_progress_fades_and_comes_on_top_of_the_model() -> None:
    world, p = founded()
    p.serving_progress, p.inference_fading, p.month = 0.1, 20.0, 40.0
    world.market.efficiency = 3.0
    tokens.gpus_serve_more_tokens(world, p)
    assert world.market.efficiency == pytest.approx(3.0 * math.exp(0.1 * 20.0 * (1.0 - math.exp(-2.0))))
    p.serving_progress = 0.0
    before = world.market.efficiency
    tokens.gpus_serve_more_tokens(world, p)
    assert world.market.efficiency == before


def test_tokens_are_served_on_all_fleets() -> None:
    world, p = founded()
    p.tokens_per_gpu, p.rented_share = 2e6, 0.4
    world.market.efficiency, world.market.inference_wanted = 5.0, 1_000.0
    found = measured(world, p)
    assert (found.tokens_per_gpu, found.tokens_per_day) == (1e7, pytest.approx(2.5e10))


@pytest.mark.whole_runs
def test_with_users_tokens_have_the_order_of_magnitude_that_was_counted() -> None:
    run = simulate(plain(potential_users=700, serving_progress=0.1), seed=3).series["tokens_per_day"] / 1e12
    for month, counted in {12: 0.1, 29: 30.0, 35: 100.0}.items():  # fact C43, in trillions
        assert counted / 3.0 < run.iloc[month] < 3.0 * counted
