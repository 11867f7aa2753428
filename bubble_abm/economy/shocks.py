"""Shocks as data: paths of the outside world and of parameters, fixed before the run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bubble_abm.economy.declare import InvalidInput, checked, checked_count, checked_kind, checked_name
from bubble_abm.economy.outside import outside, rises
from bubble_abm.economy.parameters import DECLARED, DTYPE, Parameters

LATEST = 1200  # last month in which a change may begin or end
LEVELS = {"efficiency": "shock_efficiency", "openness": "shock_openness", "imitation": "shock_imitation"}


@dataclass(frozen=True, kw_only=True)
class Shock:
    """The release of an efficient open model: from its month on, startups may adopt it. Nothing else changes by itself.

    Parameters
    ----------
    efficiency : float
        Compute to reach a given quality before the release over that after it [ratio]; 1 changes nothing, bit for bit.
    openness : float
        Adopters who stop pre-training and use the open weights [share].
    imitation : float
        Hazard of adopting for each share of adopters, times openness [1/month].
    month : int
        Month of the release, counted from January 2023.

    Raises
    ------
    InvalidInput
        If a value is outside its bounds, which are those of the parameters ``shock_...``.
    """

    efficiency: float = DECLARED["shock_efficiency"].default
    openness: float = DECLARED["shock_openness"].default
    imitation: float = DECLARED["shock_imitation"].default
    month: int = int(DECLARED["shock_month"].default)

    def __post_init__(self) -> None:
        for name, parameter in LEVELS.items():
            object.__setattr__(self, name, checked(DECLARED[parameter], getattr(self, name), text=False))
        object.__setattr__(self, "month", int(checked(DECLARED["shock_month"], self.month, text=False)))

    def enter(self, paths: np.ndarray) -> None:
        """Write the release into the paths; efficiencies of successive releases multiply."""
        if self.efficiency == 1.0:
            return
        later = paths[self.month :]
        later["frontier_efficiency"] *= self.efficiency
        later["frontier_openness"] = self.openness
        later["frontier_imitation"] = self.imitation


@dataclass(frozen=True, kw_only=True)
class Change:
    """A parameter takes another value from one month onwards, or for a while.

    Parameters
    ----------
    parameter : str
        Name of a parameter that rules read every month (not one that is used when the world is founded).
    value : float
        Its value during the change.
    month : int
        First month of the change, counted from January 2023.
    until : int, optional
        First month after the change; without it the change lasts.
    """

    parameter: str
    value: float
    month: int
    until: int | None = None

    def __post_init__(self) -> None:
        item = DECLARED[checked_name("parameter", self.parameter, DECLARED)]
        if item.metadata["role"] in ("size", "shock") or self.parameter in FOUNDING:
            raise InvalidInput(
                f"change of {self.parameter}: it is used when the world is founded and cannot change later"
            )
        object.__setattr__(self, "value", checked(item, self.value, text=False))
        for name in ("month",) if self.until is None else ("month", "until"):
            about = f"change of {self.parameter}: {name}"
            object.__setattr__(self, name, checked_count(about, getattr(self, name), 0, LATEST))
        if self.until is not None and self.until <= self.month:
            raise InvalidInput(f"change of {self.parameter}: until = {self.until}: give a month after {self.month}")

    def enter(self, paths: np.ndarray) -> None:
        """Write the change into the paths."""
        paths[self.parameter][self.month : self.until] = self.value


#: Channels that carry what is seen, and the attention that each of them scales from the release on.
WATCHED = {"shock_beliefs": "sponsor_attention", "shock_lenders": "lender_attention", "shock_funds": "fund_attention"}

#: Channels of the shock, which can be closed whichever releases there are.
CHANNELS = ("shock_exit", "shock_training", "shock_inference", *WATCHED)

#: Parameters that belong to January 2023: they cannot change later.
FOUNDING = frozenset(name for name, item in DECLARED.items() if item.metadata["founding"])


def checked_events(name: str, events: Any, kinds: tuple[type, ...] = (Shock, Change)) -> tuple[Any, ...]:
    """Return what changes during a run as a tuple, or refuse what is neither a shock nor a change."""
    wanted = " or ".join(f"{kind.__name__}(...)" for kind in kinds)
    checked_kind(name, events, (tuple, list), f"a tuple of {wanted}")
    for event in events:
        checked_kind(f"{name}: entry", event, kinds, wanted)
    return tuple(events)


def default_shocks(parameters: Parameters) -> tuple[Shock, ...]:
    """Return the efficiency shock that the parameters ``shock_...`` describe."""
    return (
        Shock(
            efficiency=parameters.shock_efficiency,
            openness=parameters.shock_openness,
            imitation=parameters.shock_imitation,
            month=int(parameters.shock_month),
        ),
    )


def build_paths(parameters: Parameters, shocks: Sequence[Any], months: int) -> np.ndarray:
    """Return every parameter and the outside world as paths, one record per month.

    Export control follows the calendar times its strength; a strength that rises in the course of the run tightens
    control in that month, as a dated event does.

    Parameters
    ----------
    parameters : Parameters
        Constants of the run.
    shocks : sequence of Shock or Change
        What changes during the run; order does not matter for releases in different months.
    months : int
        Length of the run [months].

    Returns
    -------
    ndarray of shape (months,)
        Records with a field for every parameter and every outside path.
    """
    paths = np.zeros(months, DTYPE)
    paths[:] = parameters.row()
    paths["month"] = np.arange(months)
    for name, values in outside(months).items():
        if name in LEVELS:
            part = parameters.price_war
            paths[f"usual_{name}"] = paths[f"frontier_{name}"] = values**part if name == "efficiency" else part * values
        else:
            paths[name] = values
    paths["platform_capex"] *= parameters.scale
    for shock in sorted(shocks, key=lambda shock: shock.month):
        shock.enter(paths)
    close_eyes(paths, parameters)
    for path in ("export_control", "control_h200"):
        paths[path] *= paths["export_control_strength"]
    paths["control_step"] = rises(paths["export_control"])
    paths["platform_capex"] *= paths["platform_plans"]
    return paths


def close_eyes(paths: np.ndarray, parameters: Parameters) -> None:
    """Take attention away from the month of the release on, where its channel is closed; with a shock or without one.

    Who does not look in a run does not look in its twin without the shock, either: what differs between the two is what
    the shock does through the other channels.
    """
    later = slice(int(parameters.shock_month), None)
    for channel, attention in WATCHED.items():
        paths[attention][later] *= getattr(parameters, channel)
