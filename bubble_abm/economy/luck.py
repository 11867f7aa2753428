"""Common random numbers: every draw is a pure function of (seed, kind of decision, agent id, month).

Two runs that share a seed share their luck, agent by agent and decision by decision, whatever else differs.
The generator is Philox4x32-10 (Salmon, Moraes, Dror and Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3"), a
counter-based generator without state; it is checked against its published test vectors.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from bubble_abm.economy.arithmetic import exp
from bubble_abm.economy.generate import function, named_tuple
from bubble_abm.economy.kinds import LUCKY, OPERATOR
from bubble_abm.economy.tables import DRAWS_PER_BLOCK

MASK = 0xFFFFFFFF  # 32 bits
ATTEMPTS = 1_000  # not behaviour: in so many, one in a hundred slots is missed by one draw in twenty thousand
BIRTH = -1  # the "month" of draws that are made once, when the world is founded

#: One month's draws: a table for each kind of agent that has luck, with a row for each agent, or for each project under
#: way in the order of their list, and a named column for each decision; in addition the same memory as plain numbers,
#: room for the numbers of those who draw, and the seed.
TABLES = tuple(kind.table for kind in LUCKY)
Luck = named_tuple("Luck", __name__, *TABLES, "numbers", "ids", "seed")
Numbers = named_tuple("Numbers", __name__, *TABLES)


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
    for _ in range(10):  # rounds of Philox4x32-10, whose constants these are (Salmon et al. 2011)
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
    return (word + 0.5) * 2.3283064365386963e-10  # 2^-32


def slots_for(agents: int) -> int:
    """Slots for a draw among agents, a power of two: fixed, so that a newcomer moves only the draws that find it."""
    slots = 1
    while slots < agents:
        slots *= 2
    return slots


def slot_drawn(draw: float, attempt: int, slots: int) -> int:
    """Slot that a draw finds at its first attempt, 0, or at a later one, which is drawn from it in turn.

    Who draws until somebody is found finds everybody with the same chance, however many slots are empty; who takes an
    empty slot moves only the draws that come by it.
    """
    if attempt > 0:
        draw = uniform(philox(int(draw * (MASK + 1)), attempt, 0, 0, 0, 0)[0])
    return int(draw * slots)


def normal(first: float, second: float) -> float:
    """Turn two uniform draws into one standard normal draw (Box and Muller 1958)."""
    return math.sqrt(-2.0 * math.log(first)) * math.cos(6.283185307179586 * second)


def lognormal(median: float, spread: float, first: float, second: float) -> float:
    """Turn two uniform draws into a lognormal draw with the given median and log standard deviation."""
    return median * exp(spread * normal(first, second))


def draw_block(seed: int, stream: int, agent: int, month: int, block: int) -> tuple:
    """Draw the four uniform numbers of one block of an agent's decisions in one month."""
    words = philox(
        agent & MASK, (agent >> 32) & MASK, month & MASK, stream * 256 + block, seed & MASK, (seed >> 32) & MASK
    )
    return uniform(words[0]), uniform(words[1]), uniform(words[2]), uniform(words[3])


def draw_all(numbers: Any, agents: Any, stream: int, seed: int, month: int) -> None:
    """Draw this month's luck of all agents of a kind; ``numbers`` has a row for each draw, a column for each agent."""
    for block in range(numbers.shape[0] // DRAWS_PER_BLOCK):
        place = DRAWS_PER_BLOCK * block
        for k in range(len(agents)):
            first, second, third, fourth = draw_block(seed, stream, int(agents[k].id), month, block)
            numbers[place, k] = first
            numbers[place + 1, k] = second
            numbers[place + 2, k] = third
            numbers[place + 3, k] = fourth


def draw_some(numbers: Any, ids: Any, agents: Any, rows: Any, count: int, stream: int, seed: int, month: int) -> None:
    """Draw this month's luck of the agents in the given rows; ``numbers`` has a column for each of them, in this order.

    Notes
    -----
    Ids are listed first because the loop between plain vectors then draws for several agents at once: four times as
    fast, the same bits.
    """
    for k in range(count):
        ids[k] = agents[rows[k]].id
    for block in range(numbers.shape[0] // DRAWS_PER_BLOCK):
        place = DRAWS_PER_BLOCK * block
        for k in range(count):
            first, second, third, fourth = draw_block(seed, stream, int(ids[k]), month, block)
            numbers[place, k] = first
            numbers[place + 1, k] = second
            numbers[place + 2, k] = third
            numbers[place + 3, k] = fourth


def projects_draw_luck(world: Any, luck: Any) -> None:
    """Draw the month's luck of the projects that are under way, in the order in which they are listed."""
    live, count, month = world.live, world.live_count[0], int(world.market.month)
    seed = int(luck.seed[0])
    draw_some(luck.numbers.operators, luck.ids, world.operators, live, count, OPERATOR, seed, month)


draw_month = function(
    "def draw_month(world, luck, month):\n"
    + "\n".join(
        f"    draw_all(luck.numbers.{kind.table}, world.{kind.table}, {kind.stream}, int(luck.seed[0]), month)"
        for kind in LUCKY
        if not kind.listed
    ),
    __name__,
    draw_all=draw_all,
)
draw_month.__doc__ = "Draw the month's luck of all agents but projects, which have not all been announced yet."


def luck_for(world: Any, seed: int) -> Any:
    """Make room for one month's luck under a seed, as named columns and as plain numbers in the same memory."""
    tables = [kind.luck.table(len(getattr(world, kind.table))) for kind in LUCKY if kind.luck is not None]
    numbers = [table.memory.view(np.float64).reshape(-1, table.stride) for table in tables]
    return Luck(*tables, Numbers(*numbers), np.zeros(len(world.operators), np.int64), np.array([seed], np.int64))
