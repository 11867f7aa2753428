"""Platforms invest: they extend their own fleets as planned, and keep a budget for second-hand chips near the users."""

from __future__ import annotations

from typing import Any

from bubble_abm.economy.agents.platform import class_imported
from bubble_abm.economy.chip_classes import DOMESTIC
from bubble_abm.economy.ledger import CHIP_PURCHASES, CONSTRUCTION, IMPORTS, SALES, TARIFFS, WAGES, transfer


def platforms_invest(world: Any, p: Any) -> None:
    """Platforms spend what their plans say, paid for by customers: on chips that are legal, the rest on buildings.

    Money for foreign chips of which none is legal waits for the month in which one is.
    """
    imported = class_imported(world.chips, p)
    for platform in world.platforms:
        capex = platform.relative_size * p.platform_capex
        platform.budget = p.platform_budget
        short = capex + platform.budget + platform.unspent - platform.cash
        if short > 0.0:
            transfer(world.flows, SALES, world.households, platform, short)
        chips = p.platform_chip_share * capex
        at_home = p.platform_domestic * chips if world.chips[DOMESTIC].on_sale else 0.0
        abroad = platform.unspent + chips - at_home
        platform.unspent = 0.0 if imported >= 0 else abroad
        if imported >= 0:
            tariff = abroad * p.tariff / (1.0 + p.tariff)
            transfer(world.flows, IMPORTS, platform, world.abroad, abroad - tariff)
            transfer(world.flows, TARIFFS, platform, world.centre, tariff)
            add_to_fleet(world, platform, imported, (abroad - tariff) / world.chips[imported].abroad)
        if at_home > 0.0:
            transfer(world.flows, CHIP_PURCHASES, platform, world.suppliers, at_home)
            add_to_fleet(world, platform, DOMESTIC, at_home / world.chips[DOMESTIC].price)
        transfer(world.flows, CONSTRUCTION, platform, world.suppliers, capex - chips)


def add_to_fleet(world: Any, platform: Any, chip: int, gpus: float) -> None:
    """Add legal chips of a class to a platform's own fleet."""
    platform.gpus += gpus
    platform.compute += gpus * world.chips[chip].inference
    world.chips[chip].bought += gpus
    world.books.chips_legal += gpus


def suppliers_pay_out(world: Any, p: Any) -> None:
    """Suppliers pay out what they have earned as wages and profits."""
    from_suppliers = world.suppliers.cash
    if from_suppliers > 0.0:
        transfer(world.flows, WAGES, world.suppliers, world.households, from_suppliers)
