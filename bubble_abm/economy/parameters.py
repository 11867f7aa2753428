"""Every parameter of the model: value, unit, bounds, role, source and meaning, declared once.

The table feeds the checks of user input, the command line, the documentation, the sampler of experiments and the
compiled month. A parameter's *role* says how it is treated: ``uncertain`` parameters are varied in sensitivity
analysis, ``lever`` parameters are policies or switches, ``shock`` parameters describe the efficiency shock, ``fixed``
ones are measured or set by convention, ``size`` ones say how large a world is founded. Its *group* is the section of
the table in which it stands. Designs draw a parameter from its *sampled* range, which is wide but leaves out values
that are valid only as a switch, such as a zero that turns a mechanism off, or from its *plausible* one, which is
narrower where a source supports less.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from bubble_abm.economy import chip_classes
from bubble_abm.economy.agents import (
    central_government,
    investor,
    local_government,
    operator,
    platform,
    rest_of_world,
    smuggler,
    startup,
    tenant,
)
from bubble_abm.economy.declare import (
    ASSUMED,
    checked,
    checked_name,
    parameters,
    section,
)
from bubble_abm.economy.mechanisms import MECHANISMS

MAX_MONTHS = 168  # beyond it, trends fixed in 2023 mean nothing
MAX_SEED = 2**63 - 1


@parameters
class CoreParameters:
    """The shock, the start, and the size of the world."""

    # fmt: off
    parameter = section("shock")
    shock_efficiency: float = parameter(
        7.26, unit="ratio", low=1, high=12, role="shock", sampled=(1, 10), source="fact C20 is the upper bound",
        meaning="compute to reach a given quality before the shock, relative to after it; 1 is no shock")
    shock_openness: float = parameter(
        0.527, unit="share", low=0, high=0.95, role="shock", sampled=(0, 0.9), source=ASSUMED,
        meaning="share of adopters who stop pre-training and use the open weights")
    shock_imitation: float = parameter(
        0.788, unit="1/month", low=0, high=1.5, role="shock", sampled=(0.2, 0.9), source=ASSUMED,
        meaning="hazard of adoption per share of adopters, multiplied by openness")
    shock_month: float = parameter(
        24, unit="month", low=0, high=120, role="shock", sampled=(18, 30), whole=True,
        source="fact C29: R1, 20 January 2025",
        meaning="month of the release, counted from January 2023")

    parameter = section("channels of the shock")
    shock_exit: float = parameter(
        1, unit="share", low=0, high=1, role="lever", neutral=1, founding=True, source="switch of an experiment",
        meaning="way from those who would stop pre-training without the release to those who do with it")
    shock_training: float = parameter(
        1, unit="share", low=0, high=1, role="lever", neutral=1, founding=True, source="switch of an experiment",
        meaning="part of the released model's gain in efficiency, in logarithms, that saves compute in pre-training")
    shock_inference: float = parameter(
        1, unit="share", low=0, high=1, role="lever", neutral=1, founding=True, source="switch of an experiment",
        meaning="part of the released model's gain in efficiency, in logarithms, that makes inference cheaper")
    shock_beliefs: float = parameter(
        1, unit="share", low=0, high=1, role="lever", neutral=1, founding=True, source="switch of an experiment",
        meaning="attention of sponsors from the release on, relative to before")
    shock_lenders: float = parameter(
        1, unit="share", low=0, high=1, role="lever", neutral=1, founding=True, source="switch of an experiment",
        meaning="attention of lenders from the release on, relative to before")
    shock_funds: float = parameter(
        1, unit="share", low=0, high=1, role="lever", neutral=1, founding=True, source="switch of an experiment",
        meaning="attention of venture funds from the release on, relative to before")

    parameter = section("price war")
    price_war: float = parameter(
        1, unit="share", low=0, high=1, role="lever", neutral=1, founding=True, source="switch of an experiment",
        meaning="part of the gain in efficiency, in logarithms, and of the spread of the open model before the shock: "
        "DeepSeek V2, with which the price war of May 2024 began")

    parameter = section("start")
    first_rent: float = parameter(
        10_700.0, unit="CNY/(GPU month)", low=1_000, high=50_000, role="fixed", founding=True,
        source="assumption: below fact C09, before the boom",
        meaning="rent in January 2023")
    installed_base: float = parameter(
        125_000.0, unit="GPU", low=0, high=1e6, role="fixed", founding=True, source=ASSUMED,
        meaning="rental GPUs of the incumbent clouds in January 2023")
    first_projects: float = parameter(
        31.1, unit="projects", low=0, high=1_000, role="uncertain", founding=True, sampled=(30, 60),
        source="assumption: centres of the programme of 2022, with fact C03",
        meaning="sites under construction in January 2023, of all ages, at scale 1")
    incumbent_spread: float = parameter(
        0.6, unit="1", low=0, high=2, role="fixed", founding=True, source=ASSUMED,
        meaning="log standard deviation of incumbent sizes")
    incumbent_cash: float = parameter(
        12.0, unit="months", low=0, high=60, role="fixed", founding=True, source=ASSUMED,
        meaning="cash of incumbents, in months of running cost")
    first_occupancy: float = parameter(
        0.9, unit="ratio", low=0, high=1, role="fixed", founding=True, source=ASSUMED,
        meaning="utilisation shown in January 2023, relative to the natural occupancy")
    first_go_ahead: float = parameter(
        0.5, unit="share", low=0, high=1, role="fixed", founding=True, source=ASSUMED,
        meaning="share of plans that were believed to start in January 2023")
    household_savings: float = parameter(
        1.6e13, unit="CNY", low=1e9, high=1e14,  # without any deposits, nothing would say what rounding is
        role="fixed", founding=True, source=ASSUMED,
        meaning="deposits of households and funds in January 2023")

    parameter = section("world")
    investors: float = parameter(
        900, unit="agents", low=0, high=2e6, role="size", whole=True, source=ASSUMED,
        meaning="potential investors")
    incumbents: float = parameter(
        12, unit="agents", low=1, high=2e5, role="size", whole=True, source=ASSUMED,
        meaning="clouds that rent out GPUs in January 2023")
    startups: float = parameter(
        250, unit="agents", low=0, high=1e6, role="size", whole=True, source=ASSUMED,
        meaning="potential startups")
    smugglers: float = parameter(
        20, unit="agents", low=1, high=1e5, role="size", whole=True, source=ASSUMED,
        meaning="smugglers at first; three times as many can be in business at once")
    platforms: float = parameter(
        5, unit="agents", low=0, high=1e4, role="size", whole=True, source=ASSUMED,
        meaning="hyperscalers")
    scale: float = parameter(
        1, unit="ratio", low=0.02, high=2_000, role="size", source="size of the world, for benchmarks",
        meaning="size of the world relative to China: numbers of agents and quantities grow together")
    del parameter
    # fmt: on


#: What declares parameters, in the order of the table: agents, this file, mechanisms.
SECTIONS: tuple[Any, ...] = (
    investor.Parameters, local_government.Parameters, central_government.Parameters, operator.Parameters,
    smuggler.Parameters, tenant.Parameters, startup.Parameters, platform.Parameters, rest_of_world.Parameters,
    chip_classes.Parameters, CoreParameters, *(mechanism.Parameters for mechanism in MECHANISMS),
)  # fmt: skip

if TYPE_CHECKING:

    class AllParameters:
        """Parameters of all sections."""

        def __getattr__(self, name: str) -> float: ...

else:
    AllParameters = type("AllParameters", tuple(reversed(SECTIONS)), {})


@dataclass(frozen=True, kw_only=True)
class Parameters(AllParameters):
    """The economy's constants, each with its unit, bounds and source; whatever is out of bounds is refused.

    Raises
    ------
    InvalidInput
        If a value is not a finite number within its declared bounds, or a count is not whole.

    Examples
    --------
    >>> Parameters(herding=0).herding
    0.0
    >>> Parameters(herding=99)
    Traceback (most recent call last):
    ...
    bubble_abm.InvalidInput: herding = 99: give a number from 0 to 8 [1]
    """

    def __post_init__(self) -> None:
        for item in fields(self):
            object.__setattr__(self, item.name, checked(item, getattr(self, item.name)))

    @cached_property
    def _hash(self) -> int:
        return hash(tuple(getattr(self, name) for name in DECLARED))

    def __hash__(self) -> int:  # of two hundred numbers, asked for several times a run
        return self._hash

    def with_values(self, values: dict[str, Any]) -> Parameters:
        """Return a copy with some values replaced; an unknown name is refused with the nearest valid one."""
        for name in values:
            checked_name("parameter", name, DECLARED)
        return replace(self, **values)

    def row(self) -> Any:
        """Return the values as one record, the form that rules read."""
        row = np.zeros(1, DTYPE)[0]
        for name in DECLARED:
            row[name] = getattr(self, name)
        return row


DECLARED: dict[str, Any] = {item.name: item for item in fields(Parameters)}

# The outside world travels with the parameters, month by month: paths that are fixed before the run.
OUTSIDE = {
    "month": "month, counted from January 2023",
    "export_control": "stage of export control, on all classes but the H200; 1 since October 2023, as it was [ratio]",
    "control_h200": "stage of export control on the H200 [ratio]",
    "control_step": "rise of the stage in this month [ratio]",
    "tariff": "tariff on imported servers, chips included [share]",
    "call": "pressure of the central call to build [0, 1]",
    "platform_capex": "investment of all platforms [CNY/month]",
    "sale_h20": "1 while H20 chips are to be had [1]",
    "sale_domestic": "1 while domestic chips are to be had [1]",
    "sale_h200": "1 while H200 chips are to be had [1]",
    "sale_b200": "1 while B200 chips are to be had [1]",
    "since_h200": "months since the H200 was announced; negative before [months]",
    "since_b200": "months since the B200 was announced; negative before [months]",
    "frontier_efficiency": "efficiency of the best open model released so far [ratio]",
    "frontier_openness": "adopters of that model who stop pre-training [share]",
    "frontier_imitation": "imitation in its adoption [1/month]",
    "usual_efficiency": "efficiency of the best open model without the shocks of the run [ratio]",
    "usual_openness": "adopters of that model who stop pre-training [share]",
    "usual_imitation": "imitation in its adoption [1/month]",
}
DTYPE = np.dtype((np.record, [(name, "f8") for name in (*DECLARED, *OUTSIDE)]))
