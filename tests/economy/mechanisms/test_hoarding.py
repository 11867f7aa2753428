"""Hoarding: neutral is absent; who hopes, what is held back and shipped meanwhile, and what happens when it ends."""

from __future__ import annotations

from typing import Any

import pytest

from bubble_abm.economy.agents.smuggler import gpus_to_import, next_markup, stock_withheld
from bubble_abm.economy.chip_classes import H100
from bubble_abm.economy.markets import chips
from bubble_abm.economy.mechanisms import hoarding
from tests.economy.agents.cases import given
from tests.economy.agents.test_smuggler import PRICING, RICH, STOCK, dealer
from tests.economy.mechanisms.battery import Battery
from tests.worlds import founded, with_mechanisms

HALF = given(hoarding=0.5, **vars(STOCK))


class TestHoarding(Battery):
    mechanism = hoarding
    active = {"hoarding": 0.9}
    sign = ("smugglers_stock", 6, 1.0)


def test_the_hopeful_hold_half_of_their_stock_back() -> None:
    assert with_mechanisms(stock_withheld)(dealer(inventory=80, hopeful=1), HALF) == 40
    assert with_mechanisms(stock_withheld)(dealer(inventory=80), HALF) == 0


def test_the_hopeful_ship_for_half_as_much_stock_again_within_channel_and_purse() -> None:
    ships = with_mechanisms(gpus_to_import)
    orders = {"backlog": 60, "expected_orders": 40, "inventory": 50}
    assert ships(dealer(**RICH, **orders), HALF) == pytest.approx(70)
    assert ships(dealer(**RICH, **orders, hopeful=1), HALF) == pytest.approx(130)
    assert ships(dealer(**(RICH | {"capacity": 90}), **orders, hopeful=1), HALF) == 90
    assert ships(dealer(**(RICH | {"cash": 8_000}), **orders, hopeful=1), HALF) == 80
    assert ships(dealer(**RICH, **orders, hopeful=1, markup=-0.03), HALF) == 0


def test_who_has_lost_hope_asks_less_for_what_he_cannot_sell() -> None:
    p = given(**(vars(PRICING) | {"hoarding": 0.5, "stock_target": 1.2, "markup_reversion": 0.0}))
    asks, noise = with_mechanisms(next_markup), given(markup=0.5)
    stuck = {"markup": 0.05, "inventory": 40.0}  # of 60, with the scale, 20 are needed
    plain = asks(dealer(**stuck, hopeful=1), 0.0, 0.0, p, noise)
    assert asks(dealer(**stuck), 0.0, 0.0, p, noise) == pytest.approx(plain - 0.5 * 0.1 * 2 / 3)
    needed = {"markup": 0.05, "inventory": 40.0, "backlog": 100.0}
    assert asks(dealer(**needed), 0.0, 0.0, p, noise) == asks(dealer(**needed, hopeful=1), 0.0, 0.0, p, noise)
    assert asks(dealer(**(stuck | {"markup": -0.6})), 0.0, 0.0, p, noise) == p.lowest_markup


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
