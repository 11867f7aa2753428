"""Scenarios, which specify a run, read from a TOML file or from the command line.

A scenario sets parameters, shocks, changes, rules, seeds and months. An unknown name or a value out of bounds is
refused in one line before anything is simulated.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path
from types import NoneType
from typing import Any

from bubble_abm.economy.declare import InvalidInput, checked_count, checked_kind, checked_name, shown
from bubble_abm.economy.parameters import DECLARED, MAX_MONTHS, MAX_SEED, Parameters
from bubble_abm.economy.shocks import CHANNELS, Change, Shock, checked_events, default_shocks
from bubble_abm.engine.horizon import STANDARD_MONTHS
from bubble_abm.engine.rules import Named, Rules, checked_named, rules_named

MAX_SEEDS = 1000
LARGEST_FILE = 1_000_000  # bytes of a scenario file
STANDARD = Parameters()
KEYS = ("title", "seed", "seeds", "months", "parameters", "shocks", "changes", "rules")


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """Specification of a run: parameters, shocks, changes, rules, number of seeds and months.

    Parameters
    ----------
    title : str
        Title for headings.
    values : mapping of str to float
        Parameters that differ from the standard ones.
    shocks : tuple of Shock, optional
        Releases of efficient models; None for the one described by the parameters ``shock_...``.
    changes : tuple of Change
        Parameters that take other values for some months.
    rules : mapping of str to str
        Rules that are replaced, each by a function named ``module:function``, which is imported when it is needed.
    seed, seeds : int
        First seed, and how many seeds in a row.
    months : int
        Length of the run [months].

    Raises
    ------
    InvalidInput
        If a value is out of bounds, or the shock is described twice.
    """

    title: str = ""
    values: Mapping[str, Any] | None = None
    shocks: tuple[Shock, ...] | None = None
    changes: tuple[Change, ...] = ()
    rules: Mapping[str, str] = field(default_factory=dict)
    seed: int = 1
    seeds: int = 1
    months: int = STANDARD_MONTHS

    def __post_init__(self) -> None:
        checked_kind("title", self.title, str, "a text in quotes")
        checked_kind("values", self.values, (Mapping, NoneType), "values of parameters by name")
        checked_count("seed", self.seed, 1, MAX_SEED)
        checked_count("seeds", self.seeds, 1, MAX_SEEDS)
        checked_count("months", self.months, 1, MAX_MONTHS)
        if self.seed + self.seeds - 1 > MAX_SEED:
            raise InvalidInput(f"seeds = {self.seeds}: the last seed would be above {MAX_SEED}")
        for name in self.values or {}:
            checked_name("parameter", name, DECLARED)
        if self.shocks is not None:
            object.__setattr__(self, "shocks", checked_events("shocks", self.shocks, (Shock, Change)))
        object.__setattr__(self, "changes", checked_events("changes", self.changes, (Change,)))
        object.__setattr__(self, "rules", dict(checked_named(self.rules)))
        channels = CHANNELS if set(self.values or {}).isdisjoint(CHANNELS) else (*CHANNELS, "shock_month")
        doubled = [name for name in self.values or {} if name.startswith("shock_") and name not in channels]
        if doubled and self.shocks:
            raise InvalidInput(f"{doubled[0]} has no effect: the scenario lists its shocks, change them there")
        _ = self.events  # checks every value

    @cached_property
    def parameters(self) -> Parameters:
        """Parameters of the scenario."""
        return STANDARD.with_values(dict(self.values or {}))

    @cached_property
    def events(self) -> tuple[Shock | Change, ...]:
        """Shocks and changes during the run."""
        shocks = default_shocks(self.parameters) if self.shocks is None else self.shocks
        return (*shocks, *self.changes)

    @property
    def named_rules(self) -> Named:
        """Replaced rules as pairs of a name and ``module:function``."""
        return tuple(self.rules.items())

    def decisions(self) -> Rules:
        """Import the rules that are replaced, and return all rules."""
        return rules_named(self.named_rules)

    @cached_property
    def shock_month(self) -> int | None:
        """Month of the first efficiency shock, None if there is none within the run."""
        months = [event.month for event in self.events if isinstance(event, Shock) and event.efficiency != 1.0]
        return min((int(month) for month in months if month < self.months), default=None)


@dataclass(frozen=True)
class Runs:
    """Results of a scenario, or of members of an ensemble: the months of each run, and of its twin without the shock.

    Attributes
    ----------
    scenario : Scenario
        What was run.
    seeds : tuple of int
        Seed of each run.
    series : tuple of mapping of str to ndarray of shape (months,)
        Measures of each run.
    twin_series : tuple of mapping of str to ndarray of shape (months,)
        Measures of each twin; empty if the scenario has no shock.
    points : mapping of str to mapping of str to float
        Members of an ensemble, the most central first, each run with every seed: parameters that differ from the
        standard ones, by name. Empty for one economy. The scenario is that of the first.
    """

    scenario: Scenario
    seeds: tuple[int, ...]
    series: tuple[Any, ...]
    twin_series: tuple[Any, ...] = ()
    points: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    @cached_property
    def parameters(self) -> tuple[Parameters, ...]:
        """Parameters of each run."""
        if not self.points:
            return (self.scenario.parameters,) * len(self.seeds)
        each = len(self.seeds) // len(self.points)
        return tuple(one for values in self.points.values() for one in [STANDARD.with_values(dict(values))] * each)

    @property
    def noun(self) -> str:
        """What runs differ in: seeds, members of an ensemble, or both."""
        if not self.points:
            return "seeds"
        return "members" if len(self.points) == len(self.seeds) else "runs"


# --- Reading --------------------------------------------------------------------------------------------------------


def read_scenario(path: str | Path) -> dict[str, Any]:
    """Read a scenario file into arguments of :class:`Scenario`, which the command line may override.

    Parameters
    ----------
    path : str or Path
        A TOML file with the tables ``[parameters]``, ``[[shocks]]``, ``[[changes]]``, ``[rules]`` and the keys
        ``title``, ``seed``, ``seeds`` and ``months``, all of them optional.

    Returns
    -------
    dict
        Arguments of :class:`Scenario`.

    Raises
    ------
    InvalidInput
        If the file cannot be read, is not TOML, or contains an unknown name or a value out of bounds.
    """
    table = read_toml("scenario", path)
    try:
        return scenario_of(table)
    except InvalidInput as error:
        raise InvalidInput(f"scenario {path}: {error}") from None


def read_toml(what: str, path: str | Path) -> dict[str, Any]:
    """Read a TOML file, or raise :class:`InvalidInput` with the reason why it cannot be read."""
    try:
        with Path(path).open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as error:  # a value error if the path holds a character that no path can
        why = (getattr(error, "strerror", None) or str(error)).lower()
        raise InvalidInput(f"{what} {path}: cannot be read, {why}") from None
    if len(content) > LARGEST_FILE:
        raise InvalidInput(f"{what} {path}: is larger than {LARGEST_FILE:,} bytes: give a shorter file")
    try:
        return tomllib.loads(content.decode())
    except RecursionError:
        raise InvalidInput(f"{what} {path}: not valid TOML, brackets are nested too deeply") from None
    except ValueError as error:  # also of whole numbers with thousands of digits
        raise InvalidInput(f"{what} {path}: not valid TOML, {shown(error)}") from None


def scenario_of(table: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of the scenario in a parsed file, or refuse the file."""
    check_names("key", table, KEYS)
    arguments = {name: table[name] for name in ("title", "seed", "seeds", "months") if name in table}
    values = table.get("parameters", {})
    if not isinstance(values, Mapping):
        raise InvalidInput(f"parameters = {shown(values)}: give a table [parameters]")
    arguments["values"] = {name: numeric(name, value) for name, value in values.items()}
    if "shocks" in table:
        arguments["shocks"] = tuple(entry(Shock, "shocks", item) for item in entries("shocks", table))
    arguments["changes"] = tuple(entry(Change, "changes", item) for item in entries("changes", table))
    arguments["rules"] = table.get("rules", {})
    Scenario(**arguments)
    return arguments


def entries(name: str, table: Mapping[str, Any]) -> list[Any]:
    """Return the entries of an array of tables."""
    found = table.get(name, [])
    if not isinstance(found, list) or not all(isinstance(item, Mapping) for item in found):
        raise InvalidInput(f"{name} = {shown(found)}: give tables [[{name}]]")
    return found


def entry(kind: Any, name: str, values: Mapping[str, Any]) -> Any:
    """Return one shock or change."""
    declared = [field.name for field in fields(kind)]
    check_names(f"key in [[{name}]]", values, declared)
    needed = ("month",) if kind is Shock else ("parameter", "value", "month")
    for key in needed:
        if key not in values:
            raise InvalidInput(f"[[{name}]]: {key} is missing")
    if not isinstance(values.get("parameter", ""), str):
        raise InvalidInput(f"[[{name}]]: parameter = {shown(values['parameter'])}: give a name in quotes")
    return kind(**{key: value if key == "parameter" else numeric(key, value) for key, value in values.items()})


def check_names(kind: str, given: Mapping[str, Any], valid: Any) -> None:
    """Refuse an unknown name with the nearest valid one."""
    for name in given:
        checked_name(kind, name, valid)


def numeric(name: str, value: Any) -> Any:
    """Return a number, or refuse the value: in TOML, a number in quotes is a mistake."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidInput(f"{shown(name)} = {shown(value, quoted=True)}: give a number, without quotes")
    return value


def assignments(texts: list[str]) -> dict[str, str]:
    """Read ``NAME=VALUE`` from the command line.

    Examples
    --------
    >>> assignments(["herding=2", "hold_out=1.1"])
    {'herding': '2', 'hold_out': '1.1'}
    """
    values: dict[str, str] = {}
    for text in texts:
        name, equals, value = (part.strip() for part in text.partition("="))
        if not equals or not name:
            raise InvalidInput(f"--set {shown(text)}: give NAME=VALUE, for instance herding=2")
        if name in values:
            raise InvalidInput(f"--set {shown(name)}: given twice, {shown(values[name])} and {shown(value)}")
        values[name] = value
    return values


def whole_number(text: str) -> int | str:
    """Convert text to a whole number; other text is returned as it is, for the message of the check that refuses it."""
    try:
        return int(text)
    except ValueError:
        return text
