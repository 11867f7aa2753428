"""Vendor value: neutral is absent; what the stock market makes of orders, and of a release."""

from __future__ import annotations

import numpy as np
import pytest

from bubble_abm.economy.agents.startup import DEAD, OPEN_WEIGHTS, PRETRAINING
from bubble_abm.economy.ledger import ABROAD, IMPORTS
from bubble_abm.economy.markets.signals import Market
from bubble_abm.economy.mechanisms import vendor_value
from bubble_abm.engine.simulation import twin
from bubble_abm.paper.plain import plain
from tests.economy.agents.cases import Case, check, given, table
from tests.economy.mechanisms.battery import Battery
from tests.worlds import filled, founded, measured

MIXED = filled(Market, training_gpus=75, inference_gpus=25)
READS = given(vendor_attention=1.0, training_elasticity=0.5, inference_elasticity=1.5)
HALF, BLIND = (given(**(vars(READS) | {"vendor_attention": attention})) for attention in (0.5, 0.0))
CASES = [
    Case("orders_outlook", "no news, no change", (1.0, MIXED, READS), 1.0),
    Case("orders_outlook", "three quarters are halved, a quarter is doubled", (4.0, MIXED, READS), 0.875),
    Case("orders_outlook", "half of it counts", (4.0, MIXED, HALF), 0.9375),
    Case("orders_outlook", "nobody reads", (4.0, MIXED, BLIND), 1.0),
    Case("orders_outlook", "a model worse than those in use is no news", (0.5, MIXED, READS), 1.0),
]  # fmt: skip


@table(CASES)
def test_the_stock_market_reads_a_release_as_worked_out_by_hand(case: Case) -> None:
    check(case)


class TestVendorValue(Battery):
    mechanism = vendor_value
    active = {"vendor_margin": 0.5}
    sign = ("vendor_value", 0, 1.0)  # a vendor that earns something is worth something


def test_the_profit_on_smoothed_orders_is_valued_as_an_annuity() -> None:
    world, p = founded()
    p.vendor_margin, p.vendor_memory, p.vendor_attention = 0.5, 0.25, 0.0
    p.loan_rate, p.discount_spread, p.investment_horizon = 0.072, 0.004, 60.0
    for orders, smoothed in ((8e9, 8e9), (4e9, 7e9)):
        world.flows[IMPORTS, ABROAD] = orders
        vendor_value.vendor_is_valued(world, p)
        assert world.market.vendor_orders == pytest.approx(smoothed)
        assert world.market.vendor_value == pytest.approx(0.5 * smoothed * 44.95503840622437)
        assert measured(world, p).vendor_value == world.market.vendor_value


def test_a_release_is_news_as_far_as_it_is_better_than_the_models_in_use() -> None:
    world, p = founded()
    p.frontier_efficiency = 4.0
    world.startups["state"], world.startups["efficiency"] = DEAD, 9.0
    assert vendor_value.gain_of_best_model(world, p) == 1.0
    world.startups["state"][:2] = PRETRAINING, OPEN_WEIGHTS
    world.startups["efficiency"][:2] = 1.0, 3.0
    assert vendor_value.gain_of_best_model(world, p) == 2.0


def test_where_demand_is_inelastic_the_vendor_loses_value_in_the_month_of_the_release() -> None:
    for seed in range(1, 5):
        both = twin(plain(vendor_margin=0.5, training_elasticity=0.7, inference_elasticity=1.0), seed=seed)
        with_shock, without = (one.series["vendor_value"].to_numpy() for one in (both.with_shock, both.without_shock))
        change = with_shock / without - 1.0
        assert np.array_equal(with_shock[:24], without[:24])
        assert -0.3 < change[24] < -0.05
        assert abs(change[35]) < abs(change[24])  # what has been adopted is no news
