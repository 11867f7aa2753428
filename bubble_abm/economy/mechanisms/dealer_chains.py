"""Chains of dealers: each hand through which chips pass takes a margin and makes them harder to trace.

Opportunists come first and bring chips in themselves; who has lost much to customs adds a hand where that pays.
Without it, every dealer keeps the number of hands with which it began, and they only cost.
"""

from __future__ import annotations

import math
from typing import Any

from bubble_abm.economy.agents.smuggler import stage_of_control
from bubble_abm.economy.arithmetic import exp
from bubble_abm.economy.declare import ASSUMED, decision, parameters, section


@parameters
class Parameters:
    """How much of the risk a hand takes away, and how soon dealers add one."""

    # fmt: off
    parameter = section("dealer chains")
    chain_secrecy: float = parameter(
        0.106, unit="share", low=0, high=0.9, role="fixed", plausible=(0, 0.4), neutral=0, source=ASSUMED,
        meaning="share of the risk, and of seizures, that each hand beyond the first takes away")
    chain_speed: float = parameter(
        0.2, unit="1/month", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="share of dealers, those who have lost most to customs, who add a hand in a month if it pays")
    del parameter
    # fmt: on


# --- What it changes in decisions of the core (wired in month.py) ---------------------------------------------------


def exposure(layers: float, p: Any) -> float:
    """Risk that is left to a chain of so many hands, relative to one hand [share]."""
    return exp((layers - 1.0) * math.log(1.0 - p.chain_secrecy))


def cost_in_chain(cost: float, smuggler: Any, p: Any) -> float:
    """Cost of a chip brought into the country, less the risk that a chain takes away [CNY/GPU]."""
    if p.chain_secrecy <= 0.0:
        return cost
    risk = smuggler.foreign_price * p.risk_premium * stage_of_control(smuggler, p)
    return cost - risk * (1.0 - exposure(smuggler.layers, p))


def seized_in_chain(seized: float, smuggler: Any, p: Any, luck: Any) -> float:
    """Share of a shipment that customs seize from a chain [share]."""
    return seized * exposure(smuggler.layers, p) if p.chain_secrecy > 0.0 else seized


# --- Decisions ------------------------------------------------------------------------------------------------------


@decision
def adds_hand(smuggler: Any, p: Any, luck: Any) -> bool:
    """Whether a dealer adds a hand: it has lost much to customs, and the margin is less than the risk taken away."""
    shaken = luck.seizure > 1.0 - p.chain_speed and smuggler.layers < p.most_layers
    saved = exposure(smuggler.layers, p) - exposure(smuggler.layers + 1.0, p)
    return shaken and p.layer_margin < saved * p.risk_premium * stage_of_control(smuggler, p)


# --- Steps ----------------------------------------------------------------------------------------------------------


def dealers_form_chains(world: Any, p: Any, luck: Any) -> None:
    """Dealers who have lost much to customs add a hand; who opens a channel next will begin with one."""
    if p.chain_secrecy <= 0.0:
        return
    for i in range(len(world.smugglers)):
        smuggler = world.smugglers[i]
        if not smuggler.active:
            smuggler.layers = 1
        elif adds_hand(smuggler, p, luck.smugglers[i]):
            smuggler.layers += 1
