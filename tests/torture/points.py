"""Points of the whole declared space: every parameter between its bounds, any shocks, dates, length and seed."""

from __future__ import annotations

import math
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from bubble_abm.economy.parameters import DECLARED, MAX_MONTHS, Parameters
from bubble_abm.economy.shocks import CHANNELS, FOUNDING, LEVELS, Change, Shock, default_shocks

#: Most agents of a kind, so that a point takes milliseconds; how many there are is a parameter like any other.
MOST_AGENTS = {
    "investors": 300,
    "incumbents": 15,
    "startups": 90,
    "smugglers": 10,
    "platforms": 6,
    "application_firms": 90,
}
SIZES = (*MOST_AGENTS, "scale")
VARIED = tuple(name for name in DECLARED if name not in SIZES)
CHANGEABLE = tuple(
    name for name, item in DECLARED.items() if item.metadata["role"] not in ("size", "shock") and name not in FOUNDING
)
WIDE = 50.0  # bounds this far apart are drawn evenly in logarithms half of the time
MOST_EVENTS = 4
LAST_DATE = 200  # of a change, some months after the longest run


@dataclass(frozen=True)
class Point:
    """One run: parameters that differ from the defaults, shocks, changes, length and seed."""

    kind: str
    seed: int
    months: int
    values: Mapping[str, float] = field(default_factory=dict)
    shocks: tuple[Shock, ...] = ()
    changes: tuple[Change, ...] = ()

    @property
    def parameters(self) -> Parameters:
        """The parameters of the point."""
        return Parameters(**self.values)

    @property
    def events(self) -> tuple[Shock | Change, ...]:
        """Its shocks, by default the one that the parameters describe, and its changes."""
        return (*(self.shocks or default_shocks(self.parameters)), *self.changes)

    @property
    def command(self) -> str:
        """One line that runs the point again, in any shell that substitutes processes (bash, zsh)."""
        words = ["bubble-abm run", f"--seed {self.seed}", f"--months {self.months}"]
        words += [f"--set {name}={value!r}" for name, value in self.values.items() if not self.hidden(name)]
        events = [f"[[shocks]]\n{entries(shock)}" for shock in self.shocks]
        events += [f"[[changes]]\n{entries(change)}" for change in self.changes]
        if events:
            words.append(f"--scenario <(printf %b {shlex.quote(''.join(events)).replace(chr(10), chr(92) + 'n')})")
        return " ".join(words)

    def hidden(self, name: str) -> bool:
        """Whether a parameter has no effect because shocks are listed; channels close from the month of one."""
        channels = not set(CHANNELS).isdisjoint(self.values)
        return bool(self.shocks) and (name in LEVELS.values() or (name == "shock_month" and not channels))


def entries(event: Shock | Change) -> str:
    """Write the values of a shock or change as lines of TOML."""
    return "".join(
        f'{name} = "{value}"\n' if isinstance(value, str) else f"{name} = {value!r}\n"
        for name, value in vars(event).items()
        if value is not None
    )


# --- Values of one parameter ------------------------------------------------------------------------------------------


def inside(name: str, luck: np.random.Generator) -> float:
    """Draw a value anywhere between the bounds."""
    about = DECLARED[name].metadata
    low, high = about["low"], about["high"]
    if about["whole"]:
        return float(luck.integers(int(low), int(high), endpoint=True))
    if low > 0.0 and high / low > WIDE and luck.random() < 0.5:
        return float(np.clip(math.exp(luck.uniform(math.log(low), math.log(high))), low, high))
    return float(luck.uniform(low, high))


def at_an_end(name: str, luck: np.random.Generator) -> float:
    """Take one of the bounds."""
    about = DECLARED[name].metadata
    return float(about["low"] if luck.random() < 0.5 else about["high"])


def mixed(name: str, luck: np.random.Generator) -> float:
    """Take the default, a bound, or a value in between."""
    which = luck.random()
    if which < 0.5:
        return float(DECLARED[name].default)
    return at_an_end(name, luck) if which < 0.75 else inside(name, luck)


def sizes(luck: np.random.Generator) -> dict[str, float]:
    """Draw a scale between its bounds, and numbers of agents that make a small world at that scale."""
    about = DECLARED["scale"].metadata
    highest = about["high"] if luck.random() < 0.1 else 4.0
    scale = float(math.exp(luck.uniform(math.log(about["low"]), math.log(highest))))
    drawn = {"scale": scale}
    for name, most in MOST_AGENTS.items():
        low, high = DECLARED[name].metadata["low"], max(int(most / scale), 1)
        drawn[name] = float(max(round(math.exp(luck.uniform(0.0, math.log(high + 1.0)))) - 1, low))
    return drawn


# --- Points ---------------------------------------------------------------------------------------------------------


def point(seed: int, number: int) -> Point:
    """Draw one point of the torture with this seed; the kinds take turns."""
    luck = np.random.default_rng([seed, number])
    kind = tuple(KINDS)[number % len(KINDS)]
    values = KINDS[kind](number // len(KINDS), luck)
    whole_life = luck.random() < 0.25
    return Point(
        kind=kind,
        seed=int(luck.integers(1, 2**62)),
        months=MAX_MONTHS if whole_life else int(luck.integers(1, MAX_MONTHS, endpoint=True)),
        values={name: value for name, value in values.items() if value != DECLARED[name].default},
        shocks=tuple(shock(luck) for _ in range(events(luck))),
        changes=tuple(change(luck) for _ in range(events(luck))),
    )


def events(luck: np.random.Generator) -> int:
    """Draw a number of events, none in two of three points."""
    return int(luck.integers(1, MOST_EVENTS, endpoint=True)) if luck.random() < 1 / 3 else 0


def shock(luck: np.random.Generator) -> Shock:
    """Draw a shock of any valid size and date."""
    values = {name: mixed(f"shock_{name}", luck) for name in ("efficiency", "openness", "imitation")}
    return Shock(**values, month=int(inside("shock_month", luck)))


def change(luck: np.random.Generator) -> Change:
    """Draw a change of any parameter that may change, to any value, at any date, for ever or for a while."""
    name = CHANGEABLE[int(luck.integers(len(CHANGEABLE)))]
    month = int(luck.integers(LAST_DATE))
    until = int(luck.integers(month + 1, LAST_DATE + 1)) if luck.random() < 0.5 else None
    return Change(parameter=name, value=mixed(name, luck), month=month, until=until)


def everywhere(number: int, luck: np.random.Generator) -> dict[str, float]:
    """Every parameter anywhere in its range."""
    return {name: inside(name, luck) for name in VARIED} | sizes(luck)


def a_mixture(number: int, luck: np.random.Generator) -> dict[str, float]:
    """Half of the parameters at their defaults, a quarter at a bound, a quarter anywhere."""
    return {name: mixed(name, luck) for name in VARIED} | sizes(luck)


def a_corner(number: int, luck: np.random.Generator) -> dict[str, float]:
    """Every parameter at one of its bounds."""
    return {name: at_an_end(name, luck) for name in VARIED} | sizes(luck)


def one_at_its_end(number: int, luck: np.random.Generator) -> dict[str, float]:
    """One parameter at a bound, in turn; the others at their defaults, in a small world."""
    name = VARIED[number // 2 % len(VARIED)]
    about = DECLARED[name].metadata
    return {name: float(about["high" if number % 2 else "low"])} | sizes(luck)


def two_at_their_ends(number: int, luck: np.random.Generator) -> dict[str, float]:
    """A pair of parameters at bounds; the others, and the size of the world, at their defaults."""
    return {str(name): at_an_end(str(name), luck) for name in luck.choice(VARIED, 2, replace=False)}


KINDS = {
    "everywhere": everywhere,
    "a mixture": a_mixture,
    "a corner": a_corner,
    "one at its end": one_at_its_end,
    "a mixture again": a_mixture,
    "a corner again": a_corner,
    "two at their ends, full size": two_at_their_ends,
}
