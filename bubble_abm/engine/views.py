"""Agents as Mesa shows them: views on rows, one class per kind, made from the declared columns.

A view has no state of its own: reading ``operator.rent`` reads the row, assigning to it changes the row, and the
compiled month sees the new value. Decisions are rules, which are replaced by ``Rules(...)``, not by overriding methods.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

import mesa
import numpy as np

from bubble_abm.economy.agents.operator import BANKRUPT, CANCELLED, NONE, STAGES
from bubble_abm.economy.agents.startup import APPLICATION, OPEN_WEIGHTS, PRETRAINING
from bubble_abm.economy.kinds import KINDS, Kind
from bubble_abm.economy.provinces import PROVINCE_NAMES
from bubble_abm.economy.sponsors import KINDS_OF_SPONSOR
from bubble_abm.economy.tables import Column
from bubble_abm.engine.rules import standard_rules
from bubble_abm.engine.uncopied import Uncopied


def refuse_rules(cls: type) -> None:
    """Refuse a class that defines a method with the name of a rule, because the month would silently ignore it.

    Raises
    ------
    TypeError
        If a name in the class body is that of a rule; the message says what to write instead.
    """
    for name in standard_rules():
        if name in vars(cls):
            raise TypeError(
                f"{cls.__name__}.{name}: the month would not call this method; "
                f"write BubbleModel(rules=Rules({name}=...)) with a function of the same arguments"
            )


def kind_of(name: str) -> Kind:
    """Return the kind of agent of that name."""
    for kind in KINDS:
        if kind.name == name:
            return kind
    raise TypeError(f"{name}: no kind of agent has this name; give one of {', '.join(kind.name for kind in KINDS)}")


def view_of(column: Column) -> property:
    """Return the property that reads a column as a Python number, and writes to the row."""
    name = column.name
    number: Callable[[Any], Any] = operator.index if column.kind == "int" else float

    def read(view: View) -> Any:
        return view.record[name].item()

    def write(view: View, value: Any) -> None:
        view.record[name] = number(value)

    unit = f" [{column.unit}]" if column.unit else ""
    return property(read, write, doc=f"{column.meaning[:1].upper()}{column.meaning[1:]}{unit}.")


class View(Uncopied, mesa.Agent):
    """An agent as Mesa shows it, with the columns of its row as attributes.

    Parameters
    ----------
    model : mesa.Model
        Model in which the agent lives.
    record : Handle
        Row of the agent; it can still be read after the agent has left the model.

    Raises
    ------
    TypeError
        When a subclass has a method with the name of a rule, or does not have the name of a kind of agent.

    Notes
    -----
    A view has the name of its kind of agent, from which its table and columns follow.
    """

    instead = "it shows a row of its model's world; copy the numbers that you need"
    table: ClassVar[str] = ""
    columns: ClassVar[dict[str, Column]] = {}

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        refuse_rules(cls)
        if View not in cls.__bases__:
            return  # a user's subclass of a view
        kind = kind_of(cls.__name__)
        cls.table, cls.columns = kind.table, kind.row.columns
        for column in cls.columns.values():
            if hasattr(mesa.Agent, column.name) or column.name in ("model", "unique_id", "pos"):
                raise TypeError(
                    f"{cls.__name__}.{column.name}: Mesa's agents have an attribute of that name; rename the column"
                )
            setattr(cls, column.name, view_of(column))

    def __init__(self, model: Any, record: Any) -> None:
        super().__init__(model)
        self.record = record

    if TYPE_CHECKING:  # columns are made when the class is defined, where a type checker cannot see them

        def __getattr__(self, name: str) -> Any: ...

    @classmethod
    def present(cls, rows: np.ndarray) -> np.ndarray:
        """Return for each row whether its agent is in the model; all of them are, unless a kind says otherwise."""
        return np.ones(len(rows), bool)

    def about(self) -> str:
        """Describe the state of the agent in a few words, for ``repr``."""
        return f"cash={self.cash:.4g} CNY"

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.id}: {self.about()}>"


class LocalGovernment(View):
    """A province, which competes with others for announced capacity."""

    @property
    def name(self) -> str:
        """Name of the province."""
        return PROVINCE_NAMES[self.id]

    def about(self) -> str:
        """Name and subsidy rate."""
        return f"{self.name}, subsidy={self.subsidy:.3f}"


class CentralGovernment(View):
    """The central government, which calls for compute or restrains building."""

    def about(self) -> str:
        """Strength of the call, and whether building is restrained."""
        return f"call={self.call:.2f}{', brakes' if self.brake else ''}"


class Investor(View):
    """A potential sponsor of data-centre projects."""

    @property
    def project(self) -> Operator | None:
        """The project that they announced last; None before an announcement and after that project has ended."""
        return self.model.view_at("operators", int(self.model.world.holdings[self.id, max(self.projects - 1, 0)]))

    def about(self) -> str:
        """Kind of sponsor, and the stage of its last project."""
        kind = KINDS_OF_SPONSOR[self.sponsor]
        return f"{kind}, project {self.project.stage_name if self.project else 'none'}"


class Operator(View):
    """A data-centre project from announcement to end, or an incumbent cloud."""

    @classmethod
    def present(cls, rows: np.ndarray) -> np.ndarray:
        """Projects enter when announced and leave when cancelled or bankrupt; incumbents are present from the start."""
        return ~np.isin(rows["stage"], (NONE, CANCELLED, BANKRUPT))

    @property
    def stage_name(self) -> str:
        """Stage of the project in words."""
        return STAGES[self.stage]

    @property
    def investor(self) -> Investor | None:
        """The owner; None for sites that the state has taken over."""
        return self.model.view_at("investors", self.owner) if self.owner >= 0 else None

    @property
    def local_government(self) -> LocalGovernment:
        """The province in which the site stands."""
        return self.model.view_at("provinces", self.province)

    def about(self) -> str:
        """Stage, GPUs and rent."""
        return f"{self.stage_name}, {self.gpus_installed:.0f} of {self.gpus_planned:.0f} GPUs, rent={self.rent:.0f}"


class Smuggler(View):
    """A smuggler of restricted chips, while in business; one that re-enters gets a new view."""

    @classmethod
    def present(cls, rows: np.ndarray) -> np.ndarray:
        """Smugglers in business."""
        return rows["active"] == 1

    def about(self) -> str:
        """Quote and stock."""
        return f"quote={self.quote:.0f} CNY/GPU, {self.inventory:.0f} in stock"


class Startup(View):
    """A model maker or an application firm in business."""

    @classmethod
    def present(cls, rows: np.ndarray) -> np.ndarray:
        """Startups enter when founded and leave when they close down."""
        return np.isin(rows["state"], (PRETRAINING, OPEN_WEIGHTS, APPLICATION))

    @property
    def leased(self) -> float:
        """GPUs rented for training and inference [GPU]."""
        return self.training_leased + self.inference_leased

    def about(self) -> str:
        """State, and GPUs rented."""
        names = {PRETRAINING: "pre-training", OPEN_WEIGHTS: "on open weights", APPLICATION: "application firm"}
        work = names.get(self.state, "not in business")
        return f"{work}, {self.leased:.0f} GPUs rented"


class Platform(View):
    """A hyperscaler with GPUs of its own."""

    def about(self) -> str:
        """Own and rented GPUs."""
        return f"{self.gpus:.0f} own GPUs, {self.inference_leased:.0f} rented"


#: The view of every kind, in the order of :data:`bubble_abm.economy.kinds.KINDS`.
VIEWS: tuple[type[View], ...] = tuple(globals()[kind.name] for kind in KINDS)

__all__ = [kind.name for kind in KINDS]
