"""Common random numbers: every draw is a pure function of (seed, kind of decision, agent id, month).

Two runs that share a seed share their luck, agent by agent and decision by decision, whatever else differs.
The generator is Philox4x32-10 (Salmon, Moraes, Dror and Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3"), a
counter-based generator without state; it is checked against its published test vectors.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from bubble_abm.economy.tables import Row, column

MASK = 0xFFFFFFFF
DRAWS_PER_BLOCK = 4
BIRTH = -1  # the "month" of draws that are made once, when the world is founded

# Streams: one number per kind of decision-maker. Never renumber: the number is part of the luck.
INVESTOR, OPERATOR, SMUGGLER, STARTUP, PLATFORM, PROVINCE, CHAT = 1, 2, 3, 4, 5, 6, 7


class InvestorLuck(Row):
    """What chance decides about an investor in one month."""

    announce: float = column("probability", "announces when under the hazard")
    leave_home: float = column("probability", "looks for a site away from home when over the home probability")
    site: float = column("probability", "which of the best-subsidised provinces")
    pace: float = column("probability", "how fast the site would be built")


class OperatorLuck(Row):
    """What chance decides about a project in one month."""

    start: float = column("probability", "construction starts when under the hazard")
    cancel: float = column("probability", "the plan is given up when under the hazard")
    contact_1: float = column("probability", "first smuggler asked for a quote")
    contact_2: float = column("probability", "second smuggler asked for a quote")
    contact_3: float = column("probability", "third smuggler asked for a quote")
    idle: float = column("probability", "switches the site off when under the hazard")
    rescue: float = column("probability", "the province rescues when under the probability")
    bankrupt: float = column("probability", "the court opens proceedings when under the hazard")
    take_over: float = column("probability", "the state takes the site over when under the probability")
    lost: float = column("probability", "prepaid orders are lost at a ban when under the probability")
    sell: float = column("probability", "which dealer is offered second-hand chips")
    bidder: float = column("probability", "which platform is offered second-hand chips")


class SmugglerLuck(Row):
    """What chance decides about a smuggler in one month."""

    enter: float = column("probability", "opens a channel when under the hazard")
    markup: float = column("probability", "noise in the mark-up")
    seizure: float = column("probability", "how much of the shipment is seized")
    spare: float = column("probability", "not used yet")


class StartupLuck(Row):
    """What chance decides about a startup in one month."""

    enter: float = column("probability", "is founded when under the hazard")
    fund: float = column("probability", "closes a round when under the hazard")
    round_size: float = column("probability", "size of the round")
    adopt: float = column("probability", "adopts the efficient model when under the hazard")
    stop: float = column("probability", "stops its own pre-training on adoption when under the openness")
    term: float = column("probability", "length of the leases it signs this month")
    patron: float = column("probability", "which operator takes a stake in it")
    spare: float = column("probability", "not used yet")


class Luck(NamedTuple):
    """One month's draws, a table per kind of agent, one row per agent and one named column per decision."""

    investors: Any
    operators: Any
    smugglers: Any
    startups: Any


def philox(counter_0: int, counter_1: int, counter_2: int, counter_3: int, key_0: int, key_1: int) -> tuple:
    """Ten rounds of Philox4x32: four pseudo-random 32-bit words from a counter and a key.

    Parameters
    ----------
    counter_0, counter_1, counter_2, counter_3, key_0, key_1 : int
        32-bit words, given as non-negative integers.

    Returns
    -------
    tuple of int
        Four words in [0, 2**32).

    Notes
    -----
    Written with signed 64-bit products and masks only, so that the interpreter and the compiler agree bit for bit.
    """
    for _ in range(10):
        product_0 = 0xD2511F53 * counter_0
        product_1 = 0xCD9E8D57 * counter_2
        counter_0 = ((product_1 >> 32) & MASK) ^ counter_1 ^ key_0
        counter_2 = ((product_0 >> 32) & MASK) ^ counter_3 ^ key_1
        counter_1 = product_1 & MASK
        counter_3 = product_0 & MASK
        key_0 = (key_0 + 0x9E3779B9) & MASK
        key_1 = (key_1 + 0xBB67AE85) & MASK
    return counter_0, counter_1, counter_2, counter_3


def uniform(word: int) -> float:
    """Map a 32-bit word to the open interval (0, 1)."""
    return (word + 0.5) * 2.3283064365386963e-10


def slots_for(agents: int) -> int:
    """Slots for a draw among agents, a power of two: fixed, so that a newcomer moves only the draws that find him."""
    slots = 1
    while slots < agents:
        slots *= 2
    return slots


def normal(first: float, second: float) -> float:
    """Turn two uniform draws into one standard normal draw (Box and Muller 1958)."""
    return math.sqrt(-2.0 * math.log(first)) * math.cos(6.283185307179586 * second)


def lognormal(median: float, spread: float, first: float, second: float) -> float:
    """Turn two uniform draws into a lognormal draw with the given median and log standard deviation."""
    return median * math.exp(spread * normal(first, second))


def draw_block(seed: int, stream: int, agent: int, month: int, block: int) -> tuple:
    """Draw the four uniform numbers of one block of an agent's decisions in one month."""
    words = philox(
        agent & MASK, (agent >> 32) & MASK, month & MASK, stream * 256 + block, seed & MASK, (seed >> 32) & MASK
    )
    return uniform(words[0]), uniform(words[1]), uniform(words[2]), uniform(words[3])


class Sheet(NamedTuple):
    """Room for one month's draws of one kind of agent."""

    numbers: Any  # one row per agent, one column per decision
    ids: Any  # one per agent
    block: Any  # one row per draw of a block, one column per agent


def draw_table(sheet: Sheet, agents: Any, stream: int, seed: int, month: int) -> None:
    """Fill a sheet with this month's luck.

    Notes
    -----
    Ids and draws are copied from and to plain vectors because the loop between them then draws for several agents at
    once: four times as fast, the same bits.
    """
    numbers, ids, drawn = sheet
    for i in range(len(agents)):
        ids[i] = agents[i].id
    for block in range(numbers.shape[1] // DRAWS_PER_BLOCK):
        for i in range(len(ids)):
            first, second, third, fourth = draw_block(seed, stream, int(ids[i]), month, block)
            drawn[0, i] = first
            drawn[1, i] = second
            drawn[2, i] = third
            drawn[3, i] = fourth
        for i in range(len(ids)):
            for k in range(DRAWS_PER_BLOCK):
                numbers[i, DRAWS_PER_BLOCK * block + k] = drawn[k, i]


def draw_month(draws: Luck, world: Any, seed: int, month: int) -> None:
    """Draw the luck of every agent for one month into the tables that :func:`tables` made."""
    draw_table(draws.investors, world.investors, INVESTOR, seed, month)
    draw_table(draws.operators, world.operators, OPERATOR, seed, month)
    draw_table(draws.smugglers, world.smugglers, SMUGGLER, seed, month)
    draw_table(draws.startups, world.startups, STARTUP, seed, month)


def tables(world: Any) -> tuple[Luck, Luck]:
    """Make room for one month's luck: the same memory as plain numbers, to fill, and as named columns, to read."""
    rows: tuple[type[Row], ...] = (InvestorLuck, OperatorLuck, SmugglerLuck, StartupLuck)
    agents = (world.investors, world.operators, world.smugglers, world.startups)
    numbers = [np.zeros((len(kind), len(row.columns))) for row, kind in zip(rows, agents, strict=True)]
    sheets = [
        Sheet(table, np.zeros(len(table), np.int64), np.zeros((DRAWS_PER_BLOCK, len(table)))) for table in numbers
    ]
    named = [table.view(row.dtype)[:, 0] for row, table in zip(rows, numbers, strict=True)]
    return Luck(*sheets), Luck(*named)
