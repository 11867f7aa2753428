"""Hoarding: neutral is absent; who hopes, what is held back and shipped meanwhile, and what happens when it ends."""

from __future__ import annotations

import math
from typing import Any

import pytest

from bubble_abm.economy.agents.smuggler import next_markup
from bubble_abm.economy.chip_classes import H100
from bubble_abm.economy.markets import chips
from bubble_abm.economy.mechanisms import hoarding
from tests.economy.agents.cases import Case, check_with_mechanisms, given, table
from tests.economy.agents.test_smuggler import PRICING, RICH, STOCK, dealer
from tests.economy.mechanisms.battery import Battery
from tests.worlds import founded, with_mechanisms

HALF = given(hoarding=0.5, **vars(STOCK))
DUMPING = given(**(vars(PRICING) | {"hoarding": 0.5, "stock_target": 1.2, "markup_reversion": 0.0}))
ORDERS = {"backlog": 60, "expected_orders": 40, "inventory": 50}
STUCK = {"inventory": 20 * math.e - 20}  # of 20 e, with the scale, 20 are needed
FELL = -0.07615941559557649  # a tenth of the hyperbolic tangent of one
QUIET = given(markup=0.5)
CASES: list[Case] = []
AMENDED = [
    Case("stock_withheld", "half of it in hope", (dealer(inventory=80, hopeful=1), HALF), 40.0),
    Case("stock_withheld", "nothing without", (dealer(inventory=80), HALF), 0.0),
    Case("gpus_to_import", "for 1.2 of orders", (dealer(**RICH, **ORDERS), HALF), 70.0),
    Case("gpus_to_import", "for half as much again in hope", (dealer(**RICH, **ORDERS, hopeful=1), HALF), 130.0),
    Case("gpus_to_import", "in the channel", (dealer(**(RICH | {"capacity": 90}), **ORDERS, hopeful=1), HALF), 90.0),
    Case("gpus_to_import", "in the purse", (dealer(**(RICH | {"cash": 8_000}), **ORDERS, hopeful=1), HALF), 80.0),
    Case("gpus_to_import", "not at a loss", (dealer(**RICH, **ORDERS, hopeful=1, markup=-0.03), HALF), 0.0),
    Case("next_markup", "in hope as ever", (dealer(**STUCK, hopeful=1), 0.0, 0.0, DUMPING, QUIET), FELL),
    Case(
        "next_markup", "a twentieth less of what is not needed", (dealer(**STUCK), 0.0, 0.0, DUMPING, QUIET),
        FELL - 0.05 * (1 - 1 / math.e),
    ),
    Case("next_markup", "never less than the lowest", (dealer(**STUCK, markup=-0.6), 0.0, 0.0, DUMPING, QUIET), -0.6),
]  # fmt: skip


@table(AMENDED)
def test_who_hoards_decides_as_worked_out_by_hand(case: Case) -> None:
    check_with_mechanisms(case)


class TestHoarding(Battery):
    mechanism = hoarding
    active = {"hoarding": 0.9}
    sign = ("smugglers_stock", 6, 1.0)


def priced(world: Any, p: Any, *prices: float) -> list[int]:
    """What dealers hope after each of these prices of the H100 class."""
    hopes = []
    for price in prices:
        world.chips[H100].price = price
        hoarding.dealers_watch_prices(world, p)
        hopes.append(int(world.smugglers[0].hopeful))
    return hopes


def test_dealers_hope_while_prices_rise_and_not_once_a_successor_is_announced() -> None:
    world, p = founded()
    p.hoarding, p.hoarding_memory = 0.5, 0.5
    assert priced(world, p, 100.0, 110.0, 109.0, 90.0) == [0, 1, 1, 0]
    assert world.chips[H100].price_rise == pytest.approx(0.5 * (0.5 * (0.5 * 0.1 - 1 / 110) + 90 / 109 - 1))
    world.chips[H100].fear = 0.1
    assert priced(world, p, 150.0, 250.0) == [0, 0]


def test_stock_held_back_is_neither_delivered_nor_counted_as_supply() -> None:
    world, p = founded()
    p.hoarding = 0.5
    smuggler = world.smugglers[0]
    smuggler.active, smuggler.inventory, smuggler.in_transit, smuggler.hopeful = 1, 60.0, 20.0, 1
    with_mechanisms(chips.smugglers_quote)(world, p)
    assert (smuggler.inventory, smuggler.withheld) == (80.0, 40.0)
    held, free = dealer(inventory=80, withheld=40), dealer(inventory=40)
    draw = given(markup=0.5)
    assert next_markup(held, 0.0, 0.0, PRICING, draw) == next_markup(free, 0.0, 0.0, PRICING, draw)
