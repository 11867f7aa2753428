"""``BubbleModel``: the economy as a Mesa model, for the browser, the ``DataCollector``, ``batch_run`` and notebooks."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import mesa
import numpy as np

from bubble_abm.economy.declare import InvalidInput, checked_count, shown
from bubble_abm.economy.measures import Measures
from bubble_abm.economy.parameters import MAX_SEED, Parameters
from bubble_abm.economy.tables import table_of
from bubble_abm.engine.horizon import STANDARD_MONTHS
from bubble_abm.engine.rules import Rules
from bubble_abm.engine.simulation import Simulation, checked_parameters
from bubble_abm.engine.tiles import COLUMNS, ROWS, TILES
from bubble_abm.engine.uncopied import Uncopied
from bubble_abm.engine.views import VIEWS, View, refuse_rules


def seed_from(rng: Any) -> int:
    """Return the seed that Mesa's argument ``rng`` implies.

    Parameters
    ----------
    rng : int, numpy.random.Generator, SeedSequence, sequence of int, or None
        A whole number from 1 is the seed itself. From anything else that ``numpy.random.default_rng`` accepts, one seed
        is drawn: a generator advances by one draw, and None uses entropy of the operating system.

    Raises
    ------
    InvalidInput
        If a number is not a valid seed, or NumPy does not accept the argument.
    """
    if isinstance(rng, int | float | np.number):
        return checked_count("rng", rng, 1, MAX_SEED)
    try:
        return int(np.random.default_rng(rng).integers(1, 2**31))
    except (TypeError, ValueError, OverflowError) as error:
        wanted = "give a whole number from 1, a NumPy generator, or None"
        raise InvalidInput(f"rng = {shown(rng, quoted=True)}: {wanted}") from error


class BubbleModel(Uncopied, mesa.Model):
    """The economy as a Mesa model: every step is one month, the same month that :func:`bubble_abm.simulate` runs.

    Every measure of :class:`bubble_abm.economy.measures.Measures` is an attribute, NaN before the first step. Agents
    are views on rows (see :mod:`bubble_abm.engine.views`). Startups enter when founded and leave when they close down;
    projects enter when announced and leave when cancelled or bankrupt; smugglers are present while in business.

    Parameters
    ----------
    parameters : Parameters, optional
        Constants of the run.
    shocks : sequence of Shock or Change, optional
        Changes during the run; by default the efficiency shock of the parameters ``shock_...``, ``()`` for none.
    months : int
        Length of the run [months]. After the last month ``running`` is False.
    rules : Rules, optional
        Decisions of the agents.
    rng : int, numpy.random.Generator or None
        A whole number from 1 is the random seed, as in ``simulate(seed=...)``. With a generator, or None, a seed is
        drawn from it or from the operating system; it is then ``model.seed``.
    **overrides : float
        Values of parameters by name.

    Raises
    ------
    InvalidInput
        If a name is unknown or a value is out of bounds; also if a step, ``run_for`` or ``run_until`` would go beyond
        the last month, in which case the model has not advanced.

    Examples
    --------
    >>> model = BubbleModel(rng=1, months=2, herding=2)
    >>> model.run_for(2)
    >>> model.running, model.time, model.rent_per_server > 0
    (False, 2.0, True)
    """

    instead = "copy its simulation, or make the model again with the same rng, which gives the same bits"
    #: Classes of the views, in the order in which agents are created; a subclass of the model may use other classes.
    views: ClassVar[tuple[type[View], ...]] = VIEWS

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        refuse_rules(cls)

    def __init__(
        self,
        parameters: Parameters | None = None,
        *,
        shocks: Sequence[Any] | None = None,
        months: int = STANDARD_MONTHS,
        rules: Rules | None = None,
        rng: Any = None,
        **overrides: Any,
    ) -> None:
        if "seed" in overrides:
            raise InvalidInput(f"seed = {shown(overrides['seed'])}: give it as rng, as in BubbleModel(rng=1)")
        self.parameters = checked_parameters(parameters).with_values(overrides)
        self.seed = seed_from(rng)
        super().__init__(rng=rng if isinstance(rng, np.random.Generator) else self.seed)
        self.simulation = Simulation(self.parameters, shocks=shocks, months=months, seed=self.seed, rules=rules)
        self.datacollector = mesa.DataCollector(model_reporters={name: name for name in Measures.columns})
        self._views: dict[str, dict[int, View]] = {view.table: {} for view in self.views}
        self._show_agents()

    if TYPE_CHECKING:  # measures become attributes below

        def __getattr__(self, name: str) -> Any: ...

    @property
    def months(self) -> int:
        """Length of the run [months]."""
        return self.simulation.months

    @property
    def month(self) -> int:
        """Number of months run so far."""
        return self.simulation.month

    @property
    def rules(self) -> Rules:
        """Decisions of the agents."""
        return self.simulation.rules

    @property
    def world(self) -> Any:
        """Tables of all agents, of contracts and of the market, see :class:`bubble_abm.economy.world.World`."""
        return self.simulation.world

    @cached_property
    def grid(self) -> Any:
        """The provinces as tiles of a small grid, north up, each with its local government, for Mesa's drawings."""
        from mesa.discrete_space import OrthogonalMooreGrid

        grid = OrthogonalMooreGrid((COLUMNS, ROWS), torus=False, random=self.random)
        for province in self._views["provinces"].values():
            tile = TILES[province.name]
            province.cell = grid[tile.column, ROWS - 1 - tile.row]
            province.cell.add_agent(province)
        return grid

    def step(self) -> None:
        """Run one month, add and remove agents, and collect data."""
        self.simulation.advance()
        self._show_agents()
        self.running = self.month < self.months
        self.datacollector.collect(self)

    def _advance_time(self, until: float) -> None:
        # Mesa's step, run_for and run_until all call this. Raising in step() would be too late: Mesa has then counted
        # the step and, after an exception, does not schedule another.
        if until > self.months:
            raise InvalidInput(
                f"the run ends after {self.months} months: for a longer one give BubbleModel(months=...)"
            )
        super()._advance_time(until)

    def view_at(self, table: str, row: int) -> Any:
        """Return the view on a row of a table, None if the row has no agent in the model."""
        return self._views[table].get(row)

    def _show_agents(self) -> None:
        """Make views of agents that have entered and remove those of agents that have left."""
        for kind in self.views:
            rows: Any = table_of(getattr(self.world, kind.table))
            shown = self._views[kind.table]
            present = kind.present(rows)
            known = np.zeros(len(rows), bool)
            known[list(shown)] = True
            for row in np.flatnonzero(present & ~known).tolist():
                shown[row] = kind(self, rows[row])
            for row in np.flatnonzero(known & ~present).tolist():
                shown.pop(row).remove()


def measure(name: str) -> property:
    """Return the property that reads a measure of the latest month, NaN before the first."""

    def read(model: BubbleModel) -> float:
        if model.month == 0:
            return float("nan")
        return model.simulation.records.measures[name][model.month - 1].item()

    column = Measures.columns[name]
    return property(read, doc=f"{column.meaning[:1].upper()}{column.meaning[1:]} [{column.unit}].")


for _name in Measures.columns:
    setattr(BubbleModel, _name, measure(_name))

__all__ = ["BubbleModel"]
