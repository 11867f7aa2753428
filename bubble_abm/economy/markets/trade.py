"""Trade in all other goods: what is paid for imports comes back for exports."""

from __future__ import annotations

from typing import Any

from bubble_abm.economy.agents.rest_of_world import exports
from bubble_abm.economy.ledger import EXPORTS, transfer


def abroad_buys_exports(world: Any, p: Any) -> None:
    """The rest of the world spends on exports, which households make, what it has earned on imports."""
    transfer(world.flows, EXPORTS, world.abroad, world.households, exports(world.households, world.abroad, p))
