"""Smugglers: what a chip costs them, how many they ship, what they ask, when they come and go."""

# ruff: noqa: E501 - a case is a line, a sentence is a name

from __future__ import annotations

import math

from bubble_abm.economy.agents.smuggler import SmugglerRow
from bubble_abm.economy.chip_classes import H200
from tests.economy.agents.cases import Case, check, given, table
from tests.worlds import filled


def dealer(**values: float) -> object:
    return filled(SmugglerRow, **values)


ROUTE = given(risk_premium=0.12, export_control=0.5, control_h200=0.25, layer_margin=0.02, tariff=0.1)
STOCK = given(stock_target=1.2, import_markup=-0.02)
HALF_A_YEAR = given(resale_months=6.0)
PRICING = given(
    markup_adjustment=0.1,
    markup_reversion=0.3,
    normal_markup=0.05,
    order_scale=20.0,
    markup_noise=0.02,
    glut_weight=0.5,
    lowest_markup=-0.6,
    highest_markup=1.0,
)
STICKY = given(**(vars(PRICING) | {"markup_adjustment": 0.3, "markup_reversion": 0.0}))
CHANNEL = given(smuggler_entry_speed=2.0, normal_markup=0.05, fastest_growth=0.5, channel_reversion=0.04)
ENTRY = given(smuggler_entry_speed=2.0, normal_markup=0.05, dealer_entry=0.1)
EXIT = given(exit_markup=-0.15, exit_patience=6.0)
UNDER_WATER = given(reexport_markup=-0.35, exit_patience=6.0)
PAYOUT = given(dealer_reserve=6.0, dealer_payout=0.5)
CUSTOMS = given(seizure_share=0.03, export_control=1.0)
RICH = {"capacity": 1_000, "cash": 1e9, "landed_cost": 100}
CASES = [
    Case("landed_cost", "risk, two layers and the tariff on top", (dealer(layers=2, foreign_price=100_000), ROUTE), 120_000.0),
    Case("landed_cost", "the H200 by its own stage of control", (dealer(chip=H200, foreign_price=100_000), ROUTE), 113_000.0),
    Case("gpus_to_import", "towards 1.2 of orders and backlog", (dealer(**RICH, backlog=100, expected_orders=50, inventory=30, in_transit=20), STOCK), 130.0),
    Case("gpus_to_import", "within the channel", (dealer(capacity=90, cash=1e9, landed_cost=100, backlog=100), STOCK), 90.0),
    Case("gpus_to_import", "within the purse", (dealer(capacity=90, cash=1_000, landed_cost=100, backlog=100), STOCK), 10.0),
    Case("gpus_to_import", "not at a loss", (dealer(**RICH, backlog=100, markup=-0.03), STOCK), 0.0),
    Case("gpus_to_import", "nothing on a full store", (dealer(**RICH, backlog=1, inventory=100), STOCK), 0.0),
    Case("stock_withheld", "nothing", (dealer(inventory=80), given()), 0.0),
    Case("used_chips_wanted", "half a year's sales less what he has", (dealer(expected_orders=50, backlog=10, inventory=100, in_transit=10, cash=1e9), 100.0, HALF_A_YEAR), 200.0),
    Case("used_chips_wanted", "within his own cash", (dealer(expected_orders=50, cash=1_500, prepaid=500), 100.0, HALF_A_YEAR), 10.0),
    Case("used_chips_wanted", "none on a full store", (dealer(expected_orders=1, inventory=7, cash=1e9), 100.0, HALF_A_YEAR), 0.0),
    Case("channels_closed", "half of them by a full step", (given(ban_channel_cut=0.5, control_step=1.0),), 0.5),
    Case("channels_closed", "in proportion to the step", (given(ban_channel_cut=0.5, control_step=0.6),), 0.3),
    Case("channels_closed", "a twentieth stays open whatever the step", (given(ban_channel_cut=0.8, control_step=1.3),), 0.95),
    Case("shipments_lost", "in proportion to the step", (given(ban_loss=0.6, control_step=0.5),), 0.3),
    Case("shipments_lost", "no more than everything", (given(ban_loss=0.9, control_step=1.3),), 1.0),
    Case("seized_share", "the mean at the middle of the draw", (dealer(), CUSTOMS, given(seizure=0.5)), 0.03),
    Case("seized_share", "none without control", (dealer(), given(seizure_share=0.03, export_control=0.0), given(seizure=0.9)), 0.0),
    Case("seized_share", "no more than everything", (dealer(), given(seizure_share=0.9, export_control=1.0), given(seizure=0.9)), 1.0),
    Case("next_markup", "at rest", (dealer(markup=0.05), 0.0, 0.0, PRICING, given(markup=0.5)), 0.05),
    Case("next_markup", "three tenths of the way back without a backlog", (dealer(markup=0.15), 0.0, 0.0, PRICING, given(markup=0.5)), 0.12),
    Case("next_markup", "orders e times the supply", (dealer(markup=0.15, backlog=20 * math.e - 20), 0.0, 0.0, PRICING, given(markup=0.5)), 0.15 + 0.07615941559557649),
    Case("next_markup", "supply e times the orders", (dealer(markup=0.05, inventory=20 * math.e - 20), 0.0, 0.0, PRICING, given(markup=0.5)), 0.05 - 0.07615941559557649),
    Case("next_markup", "chips on the way are supply", (dealer(markup=0.05, in_transit=20 * math.e - 20), 0.0, 0.0, PRICING, given(markup=0.5)), 0.05 - 0.07615941559557649),
    Case("next_markup", "half of the used chips that nobody wants is supply", (dealer(markup=0.05), 40 * math.e - 40, 0.0, PRICING, given(markup=0.5)), 0.05 - 0.07615941559557649),
    Case("next_markup", "a successor is worth as much as a glut", (dealer(markup=0.05), 0.0, 1.0, PRICING, given(markup=0.5)), 0.05 - 0.07615941559557649),
    Case("next_markup", "back from below, a third of the way", (dealer(markup=-0.05), 0.0, 0.0, PRICING, given(markup=0.5)), -0.02),
    Case("next_markup", "less so while stock is in the way", (dealer(markup=-0.05, inventory=20 * math.e - 20), 0.0, 0.0, PRICING, given(markup=0.5)), -0.05 - 0.07615941559557649 + 0.03 * (1 - 0.7615941559557649)),
    Case("next_markup", "one per cent of noise at most", (dealer(markup=0.05), 0.0, 0.0, PRICING, given(markup=1.0)), 0.06),
    Case("next_markup", "no more than twice the cost", (dealer(markup=1.0, backlog=1e9), 0.0, 0.0, PRICING, given(markup=0.5)), 1.0),
    Case("next_markup", "no less than four tenths of it", (dealer(markup=-0.6, inventory=1e9), 0.0, 0.0, STICKY, given(markup=0.5)), -0.6),
    Case("next_capacity", "grows with the margin", (dealer(markup=0.15, capacity=100, normal_capacity=100, cash=1e9, landed_cost=100), CHANNEL), 120.0),
    Case("next_capacity", "by half at most", (dealer(markup=0.95, capacity=100, normal_capacity=100, cash=1e9, landed_cost=100), CHANNEL), 150.0),
    Case("next_capacity", "no further than his cash fills it", (dealer(markup=0.95, capacity=100, normal_capacity=100, cash=13_000, landed_cost=100), CHANNEL), 130.0),
    Case("next_capacity", "not at all without money, and it does not close", (dealer(markup=0.95, capacity=100, normal_capacity=100, cash=0.0, landed_cost=100), CHANNEL), 100.0),
    Case("next_capacity", "shrinks slowly", (dealer(markup=0.05, capacity=200, normal_capacity=100), CHANNEL), 196.0),
    Case("next_capacity", "recovers as slowly", (dealer(markup=0.0, capacity=50, normal_capacity=100), CHANNEL), 52.0),
    Case("next_capacity", "also from far below", (dealer(markup=0.0, capacity=10, normal_capacity=100), CHANNEL), 13.6),
    Case("enters", "a tenth, for half above the normal margin", (0.55, ENTRY, given(enter=0.099)), True),
    Case("enters", "not with a higher draw", (0.55, ENTRY, given(enter=0.101)), False),
    Case("enters", "never under the normal margin", (0.04, ENTRY, given(enter=0.0)), False),
    Case("leaves", "under water, with nothing to deliver", (dealer(markup=-0.2), EXIT), True),
    Case("leaves", "not with a customer waiting", (dealer(markup=-0.2, backlog=1), EXIT), False),
    Case("leaves", "not with stock", (dealer(markup=-0.2, inventory=1), EXIT), False),
    Case("leaves", "not with a shipment on the way", (dealer(markup=-0.2, in_transit=1), EXIT), False),
    Case("leaves", "not while afloat", (dealer(markup=-0.15, months_idle=5), EXIT), False),
    Case("leaves", "or half a year without an order", (dealer(markup=0.05, months_idle=6), EXIT), True),
    Case("usual_orders", "three tenths of the way to this month's", (dealer(expected_orders=100, orders=200), given(order_memory=0.3)), 130.0),
    Case("gpus_to_reexport", "the whole stock when hardly anybody pays", (dealer(inventory=70, markup=-0.36), UNDER_WATER), 70.0),
    Case("gpus_to_reexport", "nothing above that", (dealer(inventory=70, markup=-0.35, months_idle=5), UNDER_WATER), 0.0),
    Case("gpus_to_reexport", "or nobody has ordered for half a year", (dealer(inventory=70, months_idle=6), UNDER_WATER), 70.0),
    Case("takings", "half of what is beyond prepayments and half a year's shipments", (dealer(cash=1_000, prepaid=100, capacity=10, landed_cost=5), PAYOUT), 300.0),
    Case("takings", "nothing under the reserve", (dealer(cash=399, prepaid=100, capacity=10, landed_cost=5), PAYOUT), 0.0),
]  # fmt: skip


@table(CASES)
def test_a_smuggler_decides_as_worked_out_by_hand(case: Case) -> None:
    check(case)
