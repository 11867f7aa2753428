"""The market for chips clears: fire sales and successors press prices, and dealers leave in a bust.

What holds, holds in the economies that the facts allow: every second member of the ensemble is one, with a seed of its
own.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from bubble_abm.economy.outside import month_number
from bubble_abm.engine.simulation import simulate, twin
from bubble_abm.observe.verdict import pop
from tests.worlds import economies

BAN, BOOM_ENDS, SHOCK = month_number("2023-11"), month_number("2024-09"), month_number("2025-01")

EVERY = 2  # second member of the ensemble

pytestmark = pytest.mark.whole_runs


@cache
def runs(**values: float) -> list[Any]:
    """Measures of one run for each economy."""
    return [simulate(one.with_values(values), months=60, seed=seed).records.measures for seed, one in economies(EVERY)]


def means(some: list[Any], measure: str, first: int, last: int) -> np.ndarray:
    """Mean of a measure over these months, one number for each economy."""
    return np.array([run[measure][first:last].mean() for run in some])


def lower(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether the first of pairs are lower, at 95 %."""
    gap = one - other
    return bool(gap.mean() < -2.0 * gap.std(ddof=1) / np.sqrt(len(gap)))


def test_faster_fire_sales_lower_the_price_of_chips() -> None:
    fast, none = (means(runs(fire_sale_speed=speed), "gpu_price", 24, 60) for speed in (0.2, 0.0))
    assert lower(fast, none)


def test_an_announced_successor_cheapens_the_old_class() -> None:
    feared, ignored = (means(some, "price_h100", BAN, BOOM_ENDS) for some in (runs(), runs(successor_fear=0.0)))
    assert lower(feared, ignored)
    assert 0.02 < 1.0 - feared.mean() / ignored.mean() < 0.1


def test_dealers_leave_in_nine_busts_of_ten() -> None:
    left = []
    for run in runs():
        burst = pop(run).composite
        if burst is not None:
            dealers = run["smugglers_active"]
            left.append(dealers[burst:].min() < 0.9 * dealers[: burst + 13].max())
    assert len(left) > 10
    assert np.mean(left) > 0.9


def test_hardly_a_price_stands_for_half_a_year_while_a_fifth_of_what_is_installed_is_in_stock() -> None:
    crowded = standing = 0
    for run in runs():
        full = run["smugglers_stock"] + run["chips_stranded"] > 0.2 * run["gpus_installed"]
        windows = [slice(month, month + 6) for month in range(55) if full[month : month + 6].all()]
        prices = [run["price_h100"][during] for during in windows]
        crowded += bool(prices)
        standing += any(price.max() <= 1.02 * price.min() for price in prices)
    assert crowded > 10
    assert standing <= 1  # in 1 of 100


def test_sites_of_every_class_are_built() -> None:
    for name in ("h20", "domestic", "h200", "b200"):
        assert (means(runs(), f"installed_{name}", 48, 60) > 0).mean() > 0.8, name


def test_domestic_sites_are_empty_before_the_shock_and_fill_after_it() -> None:
    pairs = [twin(one, months=60, seed=seed) for seed, one in economies(EVERY)]
    with_it, without = (
        [getattr(pair, side).records.measures for pair in pairs] for side in ("with_shock", "without_shock")
    )
    before = means(with_it, "utilisation_domestic", SHOCK - 3, SHOCK)
    after = means(with_it, "utilisation_domestic", 54, 60)
    assert before.mean() < 0.2
    assert lower(before, after)
    assert lower(*(means(some, "utilisation_domestic", SHOCK + 6, SHOCK + 12) for some in (without, with_it)))


def test_the_tariff_makes_a_server_a_sixth_dearer_for_a_month_and_a_half() -> None:
    april = month_number("2025-04")
    march, taxed, later = (means(runs(), "all_in_price", month, month + 1) for month in (april - 1, april, april + 2))
    assert 0.13 < (taxed / march - 1.0).mean() < 0.2
    assert abs(later / march - 1.0).mean() < 0.08
