"""Platforms invest: they extend their own fleets as planned, and keep a budget for second-hand chips near the users."""

from __future__ import annotations

from typing import Any

from bubble_abm.economy.ledger import CONSTRUCTION, IMPORTS, SALES, WAGES, transfer


def platforms_invest(world: Any, p: Any) -> None:
    """Platforms spend what their plans say, paid for by customers: chips from abroad, the rest from suppliers."""
    for platform in world.platforms:
        capex = platform.relative_size * p.platform_capex
        platform.budget = p.platform_budget
        short = capex + platform.budget - platform.cash
        if short > 0.0:
            transfer(world.flows, SALES, world.households, platform, short)
        chips = p.platform_chip_share * capex
        transfer(world.flows, IMPORTS, platform, world.abroad, chips)
        transfer(world.flows, CONSTRUCTION, platform, world.suppliers, capex - chips)
        platform.gpus += chips / p.foreign_chip_price
        world.books.chips_legal += chips / p.foreign_chip_price


def suppliers_pay_out(world: Any, p: Any) -> None:
    """Suppliers pay out what they have earned as wages and profits."""
    from_suppliers = world.suppliers.cash
    if from_suppliers > 0.0:
        transfer(world.flows, WAGES, world.suppliers, world.households, from_suppliers)
