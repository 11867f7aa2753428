"""Run the model: ``simulate`` runs it once, ``twin`` with and without the efficiency shock under the same luck."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from bubble_abm.economy.accounts import FLOWS, SECTORS, STOCKS
from bubble_abm.economy.declare import InvalidInput, checked_count, checked_kind
from bubble_abm.economy.identities import BrokenIdentity, check_identities
from bubble_abm.economy.parameters import MAX_MONTHS, MAX_SEED, Parameters
from bubble_abm.economy.shocks import Shock, build_paths, checked_events, default_shocks
from bubble_abm.economy.world import Records, World, empty_records
from bubble_abm.engine.horizon import STANDARD_MONTHS
from bubble_abm.engine.link import LinkedMonth
from bubble_abm.engine.room import Room, lent_rooms
from bubble_abm.engine.rules import Rules

if TYPE_CHECKING:
    import pandas as pd

KINDS = ("provinces", "investors", "operators", "smugglers", "startups", "platforms", "chips", "leases")


class Simulation:
    """One run, advanced month by month.

    Parameters
    ----------
    parameters : Parameters, optional
        Constants of the run.
    shocks : sequence of Shock or Change, optional
        Changes during the run; by default the efficiency shock that the parameters describe.
    months : int
        Length of the run [months].
    seed : int
        Random seed, at least 1.
    rules : Rules, optional
        Decisions of the agents.
    interpreted : bool
        Run the same rules without compiling them.
    room : Room, optional
        Memory for the run, of its own by default.
    """

    def __init__(
        self,
        parameters: Parameters | None = None,
        *,
        shocks: Sequence[Any] | None = None,
        months: int = STANDARD_MONTHS,
        seed: int = 1,
        rules: Rules | None = None,
        interpreted: bool = False,
        room: Room | None = None,
    ) -> None:
        self.parameters = checked_parameters(parameters)
        self.months = checked_count("months", months, 1, MAX_MONTHS)
        self.seed = checked_count("seed", seed, 1, MAX_SEED)
        self.shocks = default_shocks(self.parameters) if shocks is None else checked_events("shocks", shocks)
        self.rules = checked_rules(rules)
        self.interpreted = interpreted
        self.month = 0
        self.allocate(room or Room(self.parameters))
        self.linked_month.found_world(self.world, self.paths[0], self.seed, self.records.balances[0])

    def allocate(self, room: Room) -> None:
        """Link the month, and allocate paths and records; agents and luck are in the room."""
        self.linked_month: LinkedMonth = self.rules.linked_month(interpreted=self.interpreted)
        self.paths: Any = own(paths_under(self.parameters, self.shocks, self.months))
        self.records: Records = empty_records(self.months)
        self.world: World = room.emptied()
        self.luck: Any = room.luck_of(self.seed)

    def advance(self, months: int = 1) -> None:
        """Advance by some months, at most to the end of the run, and check the accounting identities."""
        first = self.month
        self.run_to(min(first + checked_count("months", months, 0, MAX_MONTHS), self.months))
        self.check(first, self.records)

    def run_to(self, month: int) -> None:
        """Run the months up to, not including, ``month``; whoever calls this checks them later."""
        self.linked_month.run_months(self.world, self.paths, self.luck, self.month, month, self.records)
        self.month = month

    def fork(self, shocks: Sequence[Any], room: Room | None = None) -> Simulation:
        """Return a copy of this run, under the same luck, that goes on under other shocks.

        Parameters
        ----------
        shocks : sequence of Shock or Change
            Changes during the run in the copy; up to the present month they must have the same effect as in this run.
        room : Room, optional
            Memory for the copy, of its own by default.

        Raises
        ------
        InvalidInput
            If the two runs would have differed before the present month.
        """
        others = checked_events("shocks", shocks)
        paths = paths_under(self.parameters, others, self.months)
        alike = months_in_common(self.paths, paths)
        if alike < self.month:
            raise InvalidInput(
                f"shocks: differ from month {alike} on, but the run is in month {self.month}: fork it earlier"
            )
        fork = type(self).__new__(type(self))
        fork.go_on(self.__getstate__() | {"shocks": others, "paths": paths}, room)
        return fork

    def __getstate__(self) -> dict[str, Any]:
        """Return what a copy needs: the linked month and the luck are made again, as tables of luck share memory."""
        return {name: value for name, value in self.__dict__.items() if name not in ("linked_month", "luck")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Go on from a state, of which nothing is shared with the run that it came from."""
        self.go_on(state)

    def go_on(self, state: dict[str, Any], room: Room | None = None) -> None:
        """Go on from a state in a room, of its own by default."""
        self.__dict__.update(state)
        self.paths = own(self.paths)
        self.records = Records(*(table.copy() for table in self.records))
        self.linked_month = self.rules.linked_month(interpreted=self.interpreted)
        room = room or Room(self.parameters)
        self.world, self.luck = room.filled(self.world), room.luck_of(self.seed)

    def result(self) -> Result:
        """Return the results of the run so far."""
        return Result(self.parameters, self.shocks, self.months, self.seed, self.rules, self.records)

    def check(self, first: int, records: Records) -> None:
        """Check the identities of the months from ``first`` to the present one."""
        check_identities(records, first, self.month, self.parameters)


def checked_parameters(given: Any) -> Parameters:
    """Return the parameters of a run, the standard ones if none are given, or refuse what is not ``Parameters``."""
    if given is None:
        return Parameters()
    checked_kind("parameters", given, Parameters, "Parameters(...), as in Parameters(herding=2)")
    return given


def checked_rules(given: Any) -> Rules:
    """Return the rules of a run, the standard ones if none are given, or refuse what is not ``Rules``."""
    if given is None:
        return Rules()
    checked_kind("rules", given, Rules, "Rules(...), as in Rules(next_rent=sticky_rent)")
    return given


@lru_cache(maxsize=16)
def paths_under(parameters: Parameters, shocks: tuple[Any, ...], months: int) -> np.ndarray:
    """Return the paths of :func:`build_paths`, cached for the next seed; copy them before changing them."""
    return build_paths(parameters, shocks, months)


def own(paths: np.ndarray) -> np.ndarray:
    """Return a copy of paths; NumPy copies plain numbers faster than records."""
    return paths.view("f8").copy().view(paths.dtype)


def months_in_common(paths: np.ndarray, others: np.ndarray) -> int:
    """Return the number of months before two tables of paths differ for the first time."""
    differ = (paths.view("f8") != others.view("f8")).reshape(len(paths), -1).any(axis=1)
    return int(differ.argmax()) if differ.any() else len(paths)


@dataclass
class Result:
    """Results of one run: series of measures, flows, balance sheets, residuals, and the agents in any month."""

    parameters: Parameters
    shocks: tuple[Any, ...]
    months: int
    seed: int
    rules: Rules
    records: Records = field(repr=False)

    @cached_property
    def series(self) -> pd.DataFrame:
        """Measures, one row per month, indexed by month end; ``bubble-abm measures`` lists their units."""
        import pandas as pd

        table = pd.DataFrame(self.records.measures, index=month_ends(self.months))
        table.insert(0, "seed", self.seed)
        table.insert(1, "month", np.arange(self.months))
        return table

    @cached_property
    def flows(self) -> pd.DataFrame:
        """Flow matrix [CNY/month], one row per month and flow, one column per sector; every row sums to zero."""
        return self._stack(self.records.flows, FLOWS, "flow", month_ends(self.months))

    @cached_property
    def balances(self) -> pd.DataFrame:
        """Balance sheets [CNY] at month ends, one row per month and stock, one column per sector."""
        return self._stack(self.records.balances[1:], STOCKS, "stock", month_ends(self.months))

    @cached_property
    def provinces(self) -> np.ndarray:
        """Provinces at month ends, records of shape (months, provinces); the run is repeated to get them."""
        run = Simulation(self.parameters, shocks=self.shocks, months=self.months, seed=self.seed, rules=self.rules)
        tables = []
        for _ in range(self.months):
            run.advance()
            tables.append(np.asarray(run.world.provinces))
        return np.stack(tables)

    @cached_property
    def residuals(self) -> pd.DataFrame:
        """Residual of each accounting identity, one row per month."""
        import pandas as pd

        return pd.DataFrame(self.records.residuals, index=month_ends(self.months))

    @staticmethod
    def _stack(values: np.ndarray, names: Sequence[str], label: str, dates: Any) -> pd.DataFrame:
        import pandas as pd

        index = pd.MultiIndex.from_product([dates, names], names=["date", label])
        return pd.DataFrame(values.reshape(-1, len(SECTORS)), index=index, columns=list(SECTORS))

    def agents(self, month: int | None = None) -> dict[str, pd.DataFrame]:
        """Return the tables of all agents at the end of a month, the last one by default.

        Agents are not stored: the run is repeated up to that month, which gives the same agents.

        Parameters
        ----------
        month : int, optional
            Month counted from January 2023.

        Returns
        -------
        dict of str to DataFrame
            ``provinces``, ``investors``, ``smugglers``, ``startups`` and ``platforms`` with a row for each agent, in
            business or not; ``operators`` with incumbents and all announced projects, including those that have ended;
            ``chips`` with a row for each class of them; ``leases`` in force.
        """
        import pandas as pd

        last = self.months - 1 if month is None else checked_count("month", month, 0, self.months - 1)
        run = Simulation(self.parameters, shocks=self.shocks, months=self.months, seed=self.seed, rules=self.rules)
        run.advance(last + 1)
        frames = {kind: np.asarray(getattr(run.world, kind)) for kind in KINDS}
        for kind, count in (("operators", run.world.operator_count), ("leases", run.world.lease_count)):
            frames[kind] = frames[kind][: count[0]]
        frames["leases"] = frames["leases"][frames["leases"]["gpus"] > 0.0]
        return {kind: pd.DataFrame(table) for kind, table in frames.items()}


def month_ends(months: int) -> pd.DatetimeIndex:
    """Return the month ends of a run that begins in January 2023."""
    import pandas as pd

    return pd.date_range("2023-01-31", periods=months, freq="ME", name="date")


def simulate(
    parameters: Parameters | None = None,
    *,
    shocks: Sequence[Any] | None = None,
    months: int = STANDARD_MONTHS,
    seed: int = 1,
    rules: Rules | None = None,
) -> Result:
    """Run the economy from January 2023.

    Parameters
    ----------
    parameters : Parameters, optional
        Constants of the run; the standard ones by default.
    shocks : sequence of Shock or Change, optional
        Changes during the run; by default the efficiency shock of the parameters ``shock_...``, ``()`` for none.
    months : int
        Length of the run [months].
    seed : int
        Random seed, at least 1.
    rules : Rules, optional
        Decisions of the agents.

    Returns
    -------
    Result
        ``.series``, ``.flows``, ``.balances``, ``.residuals``, ``.agents(month)``.

    Raises
    ------
    InvalidInput
        If a value is out of bounds.
    BrokenIdentity
        If an accounting identity does not hold in some month.

    Examples
    --------
    >>> result = simulate(months=2, seed=1)
    >>> result.series.shape[0]
    2
    """
    parameters = checked_parameters(parameters)
    with lent_rooms(parameters, 1) as (room,):
        run = Simulation(parameters, shocks=shocks, months=months, seed=seed, rules=rules, room=room)
        run.advance(run.months)
        return run.result()


@dataclass
class Twin:
    """A run with the efficiency shock and its twin without it, under the same luck."""

    with_shock: Result
    without_shock: Result

    @cached_property
    def difference(self) -> pd.DataFrame:
        """Effect of the shock: every measure with it minus the same measure without it, one row per month."""
        table = self.with_shock.series - self.without_shock.series
        table["seed"] = self.with_shock.series["seed"]
        table["month"] = self.with_shock.series["month"]
        return table


def twin(
    parameters: Parameters | None = None,
    *,
    shocks: Sequence[Any] | None = None,
    months: int = STANDARD_MONTHS,
    seed: int = 1,
    rules: Rules | None = None,
) -> Twin:
    """Run the economy with and without the efficiency shock under the same luck; see :func:`simulate`.

    "Luck" means all random draws. The twin leaves out every :class:`Shock` and keeps every :class:`Change`. The months
    before the shock are the same in both and are run once.
    """
    parameters = checked_parameters(parameters)
    with lent_rooms(parameters, 2) as (room, another):
        whole = Simulation(parameters, shocks=shocks, months=months, seed=seed, rules=rules, room=room)
        kept = tuple(shock for shock in whole.shocks if not isinstance(shock, Shock))
        whole.run_to(months_in_common(whole.paths, paths_under(parameters, kept, whole.months)))
        rest = whole.fork(kept, another)
        for run in (whole, rest):
            run.run_to(run.months)
        for run in (whole, rest):  # one after the other: code that was just used is fast
            run.check(0, run.records)
        return Twin(whole.result(), rest.result())


__all__ = ["BrokenIdentity", "Result", "Simulation", "Twin", "simulate", "twin"]
