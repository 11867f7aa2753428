"""Which parameters move nothing: each is set to both ends of its sampled range, and every measure is compared.

``python -m bubble_abm.study.dead_parameters`` lists those that change no measure in any month, to the last bit, though
the mechanism that reads them acts and money is scarce. What is on that list goes.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields
from functools import lru_cache
from types import ModuleType
from typing import Any

from bubble_abm.economy.identities import BrokenIdentity
from bubble_abm.economy.mechanisms import MECHANISMS
from bubble_abm.economy.parameters import DECLARED, Parameters
from bubble_abm.engine.rules import short_name
from bubble_abm.engine.simulation import simulate

AS_MANY = DECLARED["startups"].default
NOWHERE = "nothing that was tried"  # what the table of docs/odd/parameters.md says of a dead parameter
SEEDS = (1, 2, 3)  # tried one after the other, until something moves
#: Deposits of January 2023. By default they are so large that nobody pays less for want of them, and then it moves
#: nothing when and how money comes back to households and to the centre.
DEPOSITS = ("household_savings", "central_funds")


@dataclass(frozen=True)
class Economy:
    """An economy in which a parameter is tried: its name, and what differs from the defaults."""

    name: str
    values: tuple[tuple[str, float], ...] = ()

    def with_value(self, name: str, value: float) -> Parameters:
        """Return its parameters, with one of them set."""
        return Parameters().with_values({**dict(self.values), name: value})


DEFAULTS = Economy("the defaults")


def acting(mechanism: ModuleType) -> dict[str, float]:
    """Return values at which a mechanism acts: what can be neutral is in the middle of its sampled range.

    Of what is counted there are as many as model makers, or as many as there can be; what is neutral at the end of its
    range, such as a date after the last month, is at the beginning of it.
    """
    found = {}
    for item in fields(mechanism.Parameters):
        about = DECLARED[item.name].metadata
        if about["neutral"] is not None:
            low, high = about["sampled"]
            counted = low if about["neutral"] == high else min(high, AS_MANY)
            found[item.name] = counted if about["whole"] else (low + high) / 2.0
    return found


def sleeps(mechanism: ModuleType) -> bool:
    """Whether part of a mechanism is neutral at the defaults."""
    declared = [DECLARED[item.name] for item in fields(mechanism.Parameters)]
    return any(item.metadata["neutral"] == item.default for item in declared)


def economies(name: str) -> Iterator[Economy]:
    """Return the economies in which a parameter is tried: the defaults; its mechanism acting; one besides; all.

    A parameter of the core has no mechanism of its own, and is tried with each that sleeps at the defaults. One of a
    mechanism is tried with each of these besides its own, and with each alone. In the last, money is scarce as well.
    """
    yield DEFAULTS
    own = {}
    for mechanism in MECHANISMS:
        if name in {item.name for item in fields(mechanism.Parameters)} and acting(mechanism):
            own = acting(mechanism)
            yield Economy(f"{short_name(mechanism)} acting", tuple(own.items()))
    others = {short_name(one): acting(one) for one in MECHANISMS if sleeps(one) and acting(one).keys() - own.keys()}
    for mechanism_name, values in others.items():
        yield Economy(f"{mechanism_name} acting besides", tuple((own | values).items()))
    for mechanism_name, values in others.items() if own else ():  # own parts may undo what another of them does
        yield Economy(f"{mechanism_name} acting at the defaults", tuple(values.items()))
    everything = {key: value for mechanism in MECHANISMS for key, value in acting(mechanism).items()}
    yield Economy("all mechanisms acting", tuple(everything.items()))
    scarce = {key: DECLARED[key].metadata["sampled"][0] for key in DEPOSITS}
    yield Economy("all mechanisms acting and deposits scarce", tuple((everything | scarce).items()))


def ends(name: str) -> list[float]:
    """Return both ends of a parameter's sampled range; of numbers of agents, none or half, and twice as many."""
    about, default = DECLARED[name].metadata, DECLARED[name].default
    low, high = about["sampled"]
    if about["role"] == "size":
        half = default // 2 if about["whole"] else default / 2
        low, high = max(low, half), min(high, 2 * default if default else AS_MANY)
    return [low, high]


@lru_cache(maxsize=64)
def outcome(parameters: Parameters, seed: int) -> bytes:
    """Return every bit of every measure of a run; what the message says, if the run breaks off."""
    try:
        return bytes(simulate(parameters, seed=seed).records.measures.tobytes())
    except BrokenIdentity as broken:
        return str(broken).encode()


def moves(name: str, economy: Economy, seed: int) -> bool:
    """Whether a parameter changes any measure in an economy, at one end of its range or the other."""
    usual = outcome(Parameters().with_values(dict(economy.values)), seed)
    return any(outcome(economy.with_value(name, value), seed) != usual for value in ends(name))


def where_it_moves(name: str, seeds: Iterable[int] = SEEDS) -> str:
    """Return the first economy in which a parameter changes some measure, or nothing."""
    seeds = tuple(seeds)
    return next((one.name for one in economies(name) if any(moves(name, one, seed) for seed in seeds)), "")


def sleeping(names: Iterable[str] = tuple(DECLARED), say: Callable[[str], Any] = lambda text: None) -> dict[str, str]:
    """Return the parameters that move nothing at the defaults, and the economy in which they do, if any."""
    found = {}
    for name in names:
        where = where_it_moves(name)
        if where != DEFAULTS.name:
            say(f"{name}: {where or 'nowhere'}")
            found[name] = where
    return found


def main() -> int:
    """List the parameters that move nothing at the defaults; the exit code is 1 if any moves nothing anywhere."""
    asleep = sleeping(say=print)
    dead = [name for name, where in asleep.items() if not where]
    print(f"{len(DECLARED)} parameters; {len(asleep)} move nothing at the defaults; dead: {', '.join(dead) or 'none'}")
    return 1 if dead else 0


if __name__ == "__main__":
    sys.exit(main())
