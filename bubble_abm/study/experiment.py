"""Experiments as data: a question, the points at which the model is run, the seeds, and the outcomes kept.

Declare one in ``experiments/eNN_name.py`` or in a notebook, and hand it to :func:`bubble_abm.run`::

    table = run(Experiment(name="no_herding", question="What does herding do?", levers={"herding": (0, 4.2)}, seeds=20))

The design crosses three things: *scenarios*, which are named sets of parameter values, of policies with dates and of
replaced rules; all combinations of *levers*, which are parameters set to chosen values; and *uncertain* parameters,
drawn from their ranges as a ``Sampling`` describes, with the same draws for every scenario and combination of levers.
Each row of the design is run with the same seeds and, where *economies* are given, each seed in an economy of its own,
for instance a member of the ensemble: what holds on average over seeds then holds on average over what the facts allow.
"""

from __future__ import annotations

import hashlib
import importlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from functools import cache, cached_property, lru_cache
from types import MappingProxyType, NoneType
from typing import Any

import numpy as np

from bubble_abm.economy.declare import (
    InvalidInput,
    checked,
    checked_count,
    checked_kind,
    checked_name,
    number_of,
    shown,
    unknown_name,
)
from bubble_abm.economy.parameters import DECLARED, MAX_MONTHS, MAX_SEED
from bubble_abm.economy.shocks import Change, Shock, checked_events
from bubble_abm.engine.horizon import STANDARD_MONTHS
from bubble_abm.engine.rules import Named, checked_named, rules_named
from bubble_abm.engine.scenario import Scenario
from bubble_abm.engine.simulation import simulate, twin
from bubble_abm.observe.monthly import check_series, months_kept
from bubble_abm.observe.observed import ObservedRun
from bubble_abm.observe.outcomes import STANDARD, check_outcomes, observe, outcome_columns
from bubble_abm.observe.verdict import ATTRIBUTIONS
from bubble_abm.study.sensitivity.emulator import check_points, check_q2
from bubble_abm.study.sensitivity.factors import Factor
from bubble_abm.study.sensitivity.sampling import Sampling, rows_needed, seeded_together
from bubble_abm.study.sensitivity.sampling import design as drawn_points

MAX_RUNS = 100_000_000
MAX_VALUES = 100_000_000  # numbers in a design, points times parameters: 0.8 GB, and twice that while it is crossed
LARGEST_CHUNK, SMALLEST_CHUNK, CHUNKS = 256, 8, 64
NOTHING: Mapping[str, Any] = MappingProxyType({})
WIDE, PLAUSIBLE = "wide", "plausible"
RANGES = {WIDE: "sampled", PLAUSIBLE: "plausible"}  # sets of declared ranges, and their names in a declaration
ECONOMY = "bubble_abm.study.experiment:economy"  # the model that an experiment runs unless it names another


@dataclass(frozen=True, kw_only=True)
class Setup:
    """Settings that all runs of an experiment share: length, events, and what is kept of each run."""

    months: int
    outcomes: tuple[str, ...]
    twins: bool
    series: tuple[str, ...]
    shocks: tuple[Shock, ...] | None
    changes: tuple[Change, ...]
    rules: Named = ()


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """A question, and the runs of the model that answer it.

    Parameters
    ----------
    name : str
        Name of the experiment, and of the folder of its results.
    question : str
        The question, in one line.
    scenarios : mapping of str to mapping of str to float
        Named sets of parameter values; one without changes by default.
    levers : mapping of str to sequence of float
        Chosen values by parameter; all combinations are run.
    uncertain : sequence of str or Factor
        Parameters drawn from their declared ranges, or from those of a :class:`bubble_abm.Factor`.
    sampling : Sampling, optional
        How the uncertain parameters are drawn.
    shocks : tuple of Shock, optional
        Releases of efficient models; None for the one described by the parameters ``shock_...``.
    changes : tuple of Change
        Parameters that take other values for some months, in every run.
    policies : mapping of str to tuple of Change
        Further changes by scenario: what makes a policy with a date, or several of them, a scenario.
    rules : mapping of str to mapping of str to str
        Rules that are replaced, by scenario: each by a function named ``module:function``, which workers import.
    economies : mapping of str to mapping of str to float
        Named sets of parameter values from which runs start, one after the other with every seed of a point; scenarios,
        levers and draws change them. Without any, all start from the defaults. What a scenario does not set is missing
        (NaN) in the design.
    seeds, first_seed : int
        Number of consecutive seeds for every point, and the first of all. Points have the same seeds, except that in
        designs of sensitivity analysis each base sample or trajectory has seeds of its own.
    own_luck : bool
        Each scenario has seeds of its own, as economies have that are to be averaged: the interval of a mean over
        scenarios under the same luck would not hold for other luck.
    months : int
        Length of the runs [months].
    outcomes : tuple of str
        Outcomes kept of each run, see :mod:`bubble_abm.observe.outcomes`.
    twins : bool
        Run each point also without the shock, under the same luck, and keep the difference.
    series : tuple of str
        Monthly data to keep: measures, and the tables ``flows``, ``balances``, ``provinces`` or ``residuals``.
    discover : tuple of str
        Verdicts on the shock for which scenario discovery seeks boxes in the space of uncertain parameters.
    emulate : float, optional
        Least Q2 of Gaussian processes that are to emulate the outcomes, as
        :mod:`bubble_abm.study.sensitivity.emulator` describes; None for no emulation.
    model : str
        ``module:function`` that runs one point with one seed; by default the economy of this package.
    quick : mapping
        Fields of the quick form that differ; ``samples`` is that of ``sampling``.

    Raises
    ------
    InvalidInput
        If a name is unknown, a value out of bounds, or the design empty.

    Examples
    --------
    >>> experiment = Experiment(name="two", question="What does herding do?", levers={"herding": (0, 4)}, seeds=3)
    >>> experiment.design.rows, experiment.runs
    (2, 6)
    """

    name: str
    question: str
    scenarios: Mapping[str, Mapping[str, float]] = field(default_factory=lambda: {"standard": {}})
    levers: Mapping[str, Sequence[float]] = NOTHING
    uncertain: Sequence[Any] = ()
    sampling: Sampling | None = None
    shocks: tuple[Shock, ...] | None = None
    changes: tuple[Change, ...] = ()
    policies: Mapping[str, Sequence[Change]] = NOTHING
    rules: Mapping[str, Mapping[str, str]] = NOTHING
    economies: Mapping[str, Mapping[str, float]] = NOTHING
    seeds: int = 20
    first_seed: int = 1
    own_luck: bool = False
    months: int = STANDARD_MONTHS
    outcomes: tuple[str, ...] = STANDARD
    twins: bool = True
    series: tuple[str, ...] = ()
    discover: tuple[str, ...] = ()
    emulate: float | None = None
    model: str = ECONOMY
    quick: Mapping[str, Any] = NOTHING

    def __post_init__(self) -> None:
        check_kinds(self)
        for name in ("outcomes", "series", "discover"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        object.__setattr__(self, "changes", checked_events("changes", self.changes, (Change,)))
        object.__setattr__(self, "policies", checked_policies(self.policies, self.scenarios))
        object.__setattr__(self, "rules", checked_rules(self.rules, self.scenarios))
        object.__setattr__(self, "uncertain", tuple(map(factor, self.uncertain)))
        checked_count("seeds", self.seeds, 1, MAX_SEED)
        checked_count("first_seed", self.first_seed, 1, MAX_SEED - self.seeds * self._blocks + 1)
        checked_count("months", self.months, 1, MAX_MONTHS)
        for name in self.quick:
            checked_name("field in quick", name, ("samples", *(item.name for item in fields(self))))
        if not self.scenarios:
            raise InvalidInput("scenarios: empty, give at least one, for instance {'standard': {}}")
        if bool(self.uncertain) != (self.sampling is not None):
            raise InvalidInput("uncertain parameters and their sampling: give both or none")
        if self.emulate is not None:
            check_emulation(self)
        self._check_outcomes()
        check_size(self)
        self._check_points()

    @property
    def _blocks(self) -> int:
        """Number of sets of seeds."""
        scenarios = len(self.scenarios) if self.own_luck else 1
        if self.sampling is None:
            return scenarios
        count = len(self.uncertain)
        return scenarios * (rows_needed(self.sampling, count) // seeded_together(self.sampling, count))

    def _check_outcomes(self) -> None:
        if self.model != ECONOMY:  # the outcomes of a user's model are not declared here
            if self.twins or self.series or self.rules:
                what = "twins=False and no series or rules"
                raise InvalidInput(f"model = {self.model}: give {what}, which only {ECONOMY} has")
            return
        check_outcomes(self.outcomes, self.months, self.twins)
        check_series(self.series)
        for verdict in self.discover:
            if verdict not in ATTRIBUTIONS or not (self.twins and self.uncertain):
                raise InvalidInput(
                    f"discover {verdict!r}: needs twins and uncertain parameters, and one of {', '.join(ATTRIBUTIONS)}"
                )

    def _check_points(self) -> None:
        """Refuse a value out of bounds before anything is run, from the smallest and largest value of each column."""
        if self.model != ECONOMY:
            return
        design = self.design
        for name, values in zip(design.factors, design.values.T, strict=True):
            for value in (np.fmin.reduce(values), np.fmax.reduce(values)):
                if not math.isnan(value):
                    checked(DECLARED[name], value)
        for economy in self.economies.values():
            scenario_at(tuple(economy.items()), self.setup)
        start = next(iter(self.economies.values()), NOTHING)
        for name in self.scenarios:
            first = design.values[design.scenarios.index(name) == design.scenario][0]
            values = {**start, **values_at(design.factors, first.tolist())}
            scenario_at(tuple(values.items()), self.setup_of(name))

    @property
    def setup(self) -> Setup:
        """Settings that all runs share."""
        return Setup(**{item.name: getattr(self, item.name) for item in fields(Setup) if item.name != "rules"})

    def setup_of(self, scenario: str) -> Setup:
        """Return the settings of the runs of a scenario: those that all share, its policies and its rules."""
        rules = tuple(self.rules.get(scenario, NOTHING).items())
        return replace(self.setup, changes=(*self.changes, *self.policies.get(scenario, ())), rules=rules)

    @property
    def named_rules(self) -> Named:
        """Replaced rules of all scenarios, each with the ``module:function`` that replaces it."""
        return tuple(sorted({pair for each in self.rules.values() for pair in each.items()}))

    @property
    def ranges(self) -> str:
        """From which declared ranges the uncertain parameters are drawn, in words; empty if none are."""
        if not self.uncertain:
            return ""
        own = {name: [one.name for one in self.uncertain if one != declared(one.name, name)] for name in RANGES}
        fitting = [name for name in RANGES if not own[name]]
        if fitting:
            return fitting[0] if len(fitting) == 1 else f"{' and '.join(fitting)}, which are the same here"
        fewest = min(RANGES, key=lambda name: len(own[name]))
        if len(own[fewest]) == len(self.uncertain):
            return "given"
        return f"{fewest}, but given for {', '.join(own[fewest])}"

    @cached_property
    def design(self) -> Design:
        """The points at which the model is run."""
        return cross(self)

    @property
    def points(self) -> int:
        """Number of points of the design, counted without making it."""
        draws = 1 if self.sampling is None else rows_needed(self.sampling, len(self.uncertain))
        return len(self.scenarios) * math.prod(map(len, self.levers.values())) * draws

    @property
    def parameters(self) -> tuple[str, ...]:
        """Parameters that the points set, in the order of the design."""
        named = dict.fromkeys(name for values in self.scenarios.values() for name in values)
        return (*named, *self.levers, *(one.name for one in self.uncertain))

    @property
    def runs(self) -> int:
        """Number of points times number of seeds; a run and its twin count as one."""
        return self.points * self.seeds

    @cached_property
    def chunk_size(self) -> int:
        """Number of runs in a chunk, which depends on the design only, so that files do not depend on the workers."""
        return int(np.clip(-(-self.runs // CHUNKS), SMALLEST_CHUNK, LARGEST_CHUNK))

    @property
    def chunks(self) -> int:
        """Number of chunks."""
        return -(-self.runs // self.chunk_size)

    def span(self, chunk: int) -> range:
        """Return the runs of a chunk; run ``n`` is point ``n // seeds`` under the ``n % seeds``-th of its seeds."""
        return range(chunk * self.chunk_size, min((chunk + 1) * self.chunk_size, self.runs))

    def places(self, runs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return point and seed of each of some runs."""
        rows, place = np.divmod(runs, self.seeds)
        return rows, self.first_seed + self.design.block[rows] * self.seeds + place

    def economies_of(self, seeds: np.ndarray) -> tuple[Mapping[str, float], ...]:
        """Return the values from which runs with these seeds start."""
        starts = tuple(map(dict, self.economies.values())) or ({},)  # plain ones, which can be sent to a process
        return tuple(starts[place] for place in ((seeds - self.first_seed) % self.seeds % len(starts)).tolist())

    @property
    def sample(self) -> str:
        """Over what each point is run, in words."""
        if not self.economies:
            return f"{self.seeds} seeds"
        size = min(self.seeds, len(self.economies))
        return f"{size} economies" if self.seeds <= size else f"{self.seeds} seeds in {size} economies"

    @property
    def outcome_columns(self) -> tuple[str, ...]:
        """Names of the columns of outcomes."""
        return outcome_columns(self.outcomes, self.twins)

    def quick_form(self) -> Experiment:
        """Return the quick form of the experiment, with fewer points and seeds."""
        smaller = dict(self.quick)
        samples = smaller.pop("samples", None)
        if samples is not None and self.sampling is not None:
            smaller["sampling"] = replace(self.sampling, samples=samples)
        return replace(self, name=f"{self.name}_quick", **{"quick": NOTHING, **smaller})

    def over(self, economies: Mapping[str, Mapping[str, float]]) -> Experiment:
        """Return the experiment with a seed of its own in each of some economies, instead of its seeds at the defaults.

        Parameters
        ----------
        economies : mapping of str to mapping of str to float
            For instance ``Ensemble.load().scenarios()``.

        Raises
        ------
        InvalidInput
            If it runs in economies of its own already.
        """
        whole = {name for values in economies.values() for name in values}
        if self.economies or any(whole <= set(values) for values in self.scenarios.values()):
            raise InvalidInput(f"economies: {self.name} runs over economies already, leave them out")
        return replace(self, name=f"{self.name}_ensemble", economies=economies, seeds=len(economies))

    def as_dict(self) -> dict[str, Any]:
        """Return the experiment as plain values, for provenance."""
        values = {item.name: getattr(self, item.name) for item in fields(self)}
        values["uncertain"] = [asdict(one) for one in self.uncertain]
        values["sampling"] = None if self.sampling is None else asdict(self.sampling)
        values["shocks"] = None if self.shocks is None else [asdict(shock) for shock in self.shocks]
        values["changes"] = [asdict(change) for change in self.changes]
        values["scenarios"] = {name: dict(values) for name, values in self.scenarios.items()}
        values["levers"] = {name: list(values) for name, values in self.levers.items()}
        values["policies"] = {name: [asdict(change) for change in changes] for name, changes in self.policies.items()}
        values["rules"] = {name: dict(each) for name, each in self.rules.items()}
        values["economies"] = {name: dict(values) for name, values in self.economies.items()}
        # What is not there is left out, so that results that were finished before it could be stay valid.
        for name in ("policies", "rules", "economies", "own_luck"):
            if not values[name]:
                del values[name]
        return values | {"quick": dict(self.quick)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Experiment:
        """Return the experiment that :meth:`as_dict` described."""
        given = dict(values)
        given["uncertain"] = [Factor(**one) for one in given["uncertain"]]
        if given["sampling"] is not None:
            given["sampling"] = Sampling(**given["sampling"])
        if given["shocks"] is not None:
            given["shocks"] = tuple(Shock(**shock) for shock in given["shocks"])
        given["changes"] = tuple(Change(**change) for change in given["changes"])
        dated = given.get("policies", NOTHING)
        given["policies"] = {name: [Change(**change) for change in changes] for name, changes in dated.items()}
        return cls(**given)


def check_kinds(experiment: Experiment) -> None:
    """Refuse values of a wrong type, of which some would only be noticed after many runs.

    Raises
    ------
    InvalidInput
        If a field has a value of another type than it is declared with.
    """
    for name in ("name", "question"):
        checked_kind(name, getattr(experiment, name), str, "a text")
    for name in ("scenarios", "levers", "economies", "quick"):
        checked_kind(name, getattr(experiment, name), Mapping, "a mapping from names")
    for name in (*experiment.scenarios, *experiment.levers, *experiment.economies):
        checked_kind("name", name, str, "a text")
    for name in ("outcomes", "series", "discover"):
        checked_kind(name, getattr(experiment, name), (tuple, list), "a tuple of names")
        for one in getattr(experiment, name):
            checked_kind(f"{name}: name", one, str, "a text")
    checked_kind("uncertain", experiment.uncertain, (tuple, list), "a tuple of parameters")
    checked_kind("sampling", experiment.sampling, (Sampling, NoneType), "a Sampling(...)")
    for name in ("twins", "own_luck"):
        checked_kind(name, getattr(experiment, name), bool, "True or False")
    if experiment.shocks is not None:
        object.__setattr__(experiment, "shocks", checked_events("shocks", experiment.shocks, (Shock, Change)))
    checked_kind("model", experiment.model, str, "module:function")
    for kind, named in (("scenario", experiment.scenarios), ("economy", experiment.economies)):
        for name, values in named.items():
            checked_kind(f"{kind} {shown(name)}", values, Mapping, "values of parameters by name")
            for parameter, value in values.items():
                check_number(parameter, value)
    for name, chosen in experiment.levers.items():
        checked_kind(f"lever {shown(name)}", chosen, (Sequence, np.ndarray), "a tuple of numbers")
        if isinstance(chosen, range) and chosen and len(chosen[: MAX_VALUES + 1]) > MAX_VALUES:
            raise InvalidInput(f"lever {shown(name)}: has more than {MAX_VALUES:,} values: give fewer")


def checked_policies(given: Any, scenarios: Mapping[str, Any]) -> dict[str, tuple[Change, ...]]:
    """Return the changes of each scenario that has some, or refuse them.

    Raises
    ------
    InvalidInput
        If a name is that of no scenario, or what is listed is no change.
    """
    checked_kind("policies", given, Mapping, "a mapping from names of scenarios to tuples of Change(...)")
    for name in given:
        checked_kind("policies: name", name, str, "a text")
        checked_name("scenario in policies", name, scenarios)
    return {name: checked_events(f"policies of {shown(name)}", each, (Change,)) for name, each in given.items() if each}


def checked_rules(given: Any, scenarios: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Return the replaced rules of each scenario that has some, or refuse them; nothing is imported.

    Raises
    ------
    InvalidInput
        If a name is that of no scenario or no rule, or a function is not named ``module:function``.
    """
    checked_kind("rules", given, Mapping, "a mapping from names of scenarios to rules")
    for name in given:
        checked_kind("rules: name", name, str, "a text")
        checked_name("scenario in rules", name, scenarios)
    return {name: dict(checked_named(each)) for name, each in given.items() if each}


def check_number(name: Any, value: Any) -> None:
    """Refuse the value of a parameter that is not a number; bounds are checked when the design is known."""
    checked_kind("name of a parameter", name, str, "a text")
    if isinstance(value, str) or math.isnan(number_of(value)):
        raise InvalidInput(f"{shown(name)} = {shown(value, quoted=True)}: give a number")


def check_size(experiment: Experiment) -> None:
    """Refuse a design that is too large, from its counts, before it is made.

    Raises
    ------
    InvalidInput
        If it has no runs, more than ``MAX_RUNS``, or more than ``MAX_VALUES`` numbers.
    """
    points, columns = experiment.points, len(experiment.parameters)
    if not 1 <= experiment.runs <= MAX_RUNS:
        count = f"runs = {experiment.runs}: give a whole number from 1 to {MAX_RUNS}"
        raise InvalidInput(f"{count}; the design has {points:,} points, each with {experiment.seeds:,} seeds")
    if points * columns > MAX_VALUES:
        count = f"points = {points:,}: at most {MAX_VALUES // columns:,} with {columns} parameters each"
        raise InvalidInput(f"{count}: give fewer values of levers, scenarios or samples")


def factor(given: Any, ranges: str = WIDE) -> Factor:
    """Return a factor unchanged, or the factor of a parameter with its scale and its range of a declared set."""
    if isinstance(given, Factor):
        return given
    found = declared(given, ranges) if isinstance(given, str) else None
    if found is None:
        raise InvalidInput(unknown_name("parameter", given, DECLARED))
    return found


def declared(name: str, ranges: str) -> Factor | None:
    """Return the factor of a parameter with its range of a declared set; None if there is no such parameter."""
    if name not in DECLARED:
        return None
    about = DECLARED[name].metadata
    low, high = about[RANGES[ranges]]
    return Factor(name, float(low), float(high), about["scale"], about["whole"])


def check_emulation(experiment: Experiment) -> None:
    """Refuse an experiment whose runs cannot be emulated.

    Raises
    ------
    InvalidInput
        If it draws no points that fill the space, too few or too many, at one scenario, or the least Q2 is not valid.
    """
    check_q2(experiment.emulate)
    if experiment.sampling is None or experiment.sampling.method != "latin":
        raise InvalidInput("emulate: needs uncertain parameters, and Sampling('latin', N), which fills the space")
    check_points(experiment.sampling.samples, len(experiment.uncertain))
    if len(experiment.scenarios) > 1 or experiment.levers:
        raise InvalidInput("emulate: needs one scenario and no levers; give each an experiment of its own")


NO_LEVERS = np.zeros((1, 0))


def checked_step(name: str, value: Any) -> float:
    """Return a value of a lever as a number, or refuse it."""
    check_number(name, value)
    return number_of(value)


# --- The design -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Design:
    """The points of an experiment.

    Attributes
    ----------
    factors : tuple of str
        Parameters that the points set.
    values : ndarray of shape (rows, factors)
        Their values.
    scenario : ndarray of shape (rows,)
        Position of each row's scenario in ``scenarios``.
    scenarios : tuple of str
        Names of the scenarios.
    block : ndarray of shape (rows,)
        Base sample or trajectory to which each row belongs, or scenario with luck of its own; rows of a block have the
        same seeds.
    """

    factors: tuple[str, ...]
    values: np.ndarray
    scenario: np.ndarray
    scenarios: tuple[str, ...]
    block: np.ndarray

    @property
    def rows(self) -> int:
        """Number of points."""
        return len(self.values)

    def hash(self) -> str:
        """Return a hash of the points."""
        digest = hashlib.sha256(repr((self.factors, self.scenarios)).encode())
        digest.update(np.ascontiguousarray(self.values).tobytes())
        digest.update(self.scenario.astype(np.int64).tobytes())
        digest.update(self.block.astype(np.int64).tobytes())
        return digest.hexdigest()[:16]


def cross(experiment: Experiment) -> Design:
    """Return the design: each scenario with every combination of levers, and each of these with all draws."""
    draws = np.zeros((1, 0))
    block = np.zeros(1, dtype=np.int64)
    if experiment.sampling is not None:
        draws = drawn_points(experiment.sampling, experiment.uncertain)
        block = np.arange(len(draws)) // seeded_together(experiment.sampling, len(experiment.uncertain))
    factors, levers = experiment.parameters, experiment.levers
    named = factors[: len(factors) - len(levers) - len(experiment.uncertain)]
    for name in factors:
        if experiment.model == ECONOMY:
            checked_name("parameter", name, DECLARED)
    doubled = [name for place, name in enumerate(factors) if name in factors[:place]]
    if doubled:
        raise InvalidInput(
            f"{doubled[0]}: set more than once by scenarios, levers and uncertain parameters; choose one"
        )
    steps = [[checked_step(name, value) for value in values] for name, values in levers.items()]
    combinations = (
        np.stack(np.meshgrid(*steps, indexing="ij"), axis=-1).reshape(-1, len(levers)) if steps else NO_LEVERS
    )
    standard = [usual_value(name, experiment) for name in named]
    points = np.array(
        [
            [values.get(name, usual) for name, usual in zip(named, standard, strict=True)]
            for values in experiment.scenarios.values()
        ],
        dtype=float,
    ).reshape(len(experiment.scenarios), len(named))
    count = len(combinations) * len(draws)
    values = np.hstack([
        np.repeat(points, count, axis=0),
        np.tile(np.repeat(combinations, len(draws), axis=0), (len(points), 1)),
        np.tile(draws, (len(points) * len(combinations), 1)),
    ])  # fmt: skip
    scenario, blocks = np.repeat(np.arange(len(points)), count), np.tile(block, len(points) * len(combinations))
    if experiment.own_luck:
        blocks = blocks + scenario * (int(block.max()) + 1)
    return Design(factors, values, scenario, tuple(experiment.scenarios), blocks)


def usual_value(name: str, experiment: Experiment) -> float:
    """Value of a parameter in scenarios that do not set it; NaN where that depends on the economy."""
    if experiment.economies:
        return math.nan
    return float(DECLARED[name].default) if name in DECLARED else 0.0


def values_at(factors: Sequence[str], values: Sequence[float]) -> dict[str, float]:
    """Return the values of a point by name, without those that it leaves to the economy."""
    return {name: value for name, value in zip(factors, values, strict=True) if not math.isnan(value)}


# --- The model of an experiment -------------------------------------------------------------------------------------


@cache
def find_model(name: str) -> Callable[..., Any]:
    """Return the function named ``module:function``; its module is imported, so its name must come from the user.

    It is called with the values of a point by name, a seed and a :class:`Setup`, and returns the outcomes by name.
    """
    module, colon, function = name.partition(":")
    try:
        found = getattr(importlib.import_module(module), function) if colon else None
    except (ImportError, AttributeError, ValueError):
        found = None
    if not callable(found):
        raise InvalidInput(f"model = {name}: cannot be imported, give module:function")
    return found


def import_code(experiment: Experiment) -> None:
    """Import the model and the rules that an experiment names, or refuse them before anything is run or written."""
    find_model(experiment.model)
    for scenario in experiment.rules:
        rules_named(experiment.setup_of(scenario).rules)


@lru_cache(maxsize=64)
def scenario_at(values: tuple[tuple[str, float], ...], setup: Setup) -> Scenario:
    """Return the scenario of a point, checked, and cached for the next seed."""
    return Scenario(
        values=dict(values), shocks=setup.shocks, changes=setup.changes, rules=dict(setup.rules), months=setup.months
    )


def economy(values: Mapping[str, float], seed: int, setup: Setup) -> tuple[dict[str, Any], list[dict[str, np.ndarray]]]:
    """Run the economy at one point with one seed, and its twin without the shock if ``setup.twins``.

    Parameters
    ----------
    values : mapping of str to float
        Parameters that differ from the standard ones.
    seed : int
        Random seed.
    setup : Setup
        Settings that all runs share.

    Returns
    -------
    dict of str to float
        The outcomes and, with twins, the ``verdict`` on the shock.
    list of dict of str to ndarray
        The months of the run and of its twin, by column; empty if ``setup.series`` is.
    """
    point = scenario_at(tuple(values.items()), setup)
    how: dict[str, Any] = {"months": setup.months, "seed": seed, "rules": rules_named(setup.rules)}
    if setup.twins:
        pair = twin(point.parameters, shocks=point.events, **how)
        results = [pair.with_shock, pair.without_shock]
    else:
        results = [simulate(point.parameters, shocks=point.events, **how)]
    seen = [ObservedRun(result.records, result.parameters, point.shock_month) for result in results]
    kept = [months_kept(result, setup.series) for result in results] if setup.series else []
    return observe(setup.outcomes, seen[0], seen[1] if setup.twins else None, point.shock_month), kept
