"""bubble_abm: an agent-based economy of the AI-compute bubble.

Read :mod:`bubble_abm.economy.month` first: it is the order of events. Then read a file in ``economy/agents``, which
declares what an agent is and decides. Markets are in ``economy/markets``, parts that can be switched off in
``economy/mechanisms``, transfers of money in :mod:`bubble_abm.economy.ledger`, and all parameters are collected in
:mod:`bubble_abm.economy.parameters`.

Examples
--------
>>> from bubble_abm import simulate
>>> result = simulate(months=3, seed=1)
>>> list(result.series.columns[:3])
['seed', 'month', 'rent_per_server']
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

# The module of each public name. It is imported on first use, so that the command line does not load Mesa and pandas.
PUBLIC = {
    "BubbleModel": "engine.model",
    "Change": "economy.shocks",
    "Ensemble": "study.ensemble",
    "Experiment": "study.experiment",
    "Factor": "study.sensitivity.factors",
    "InvalidInput": "economy.declare",
    "Parameters": "economy.parameters",
    "Result": "engine.simulation",
    "Rules": "engine.rules",
    "Sampling": "study.sensitivity.sampling",
    "Shock": "economy.shocks",
    "Twin": "engine.simulation",
    "run": "study.batch",
    "simulate": "engine.simulation",
    "twin": "engine.simulation",
    "CentralGovernment": "engine.views",
    "Investor": "engine.views",
    "LocalGovernment": "engine.views",
    "Operator": "engine.views",
    "Platform": "engine.views",
    "Smuggler": "engine.views",
    "Startup": "engine.views",
}

if TYPE_CHECKING:
    from bubble_abm.economy.declare import InvalidInput
    from bubble_abm.economy.parameters import Parameters
    from bubble_abm.economy.shocks import Change, Shock
    from bubble_abm.engine.model import BubbleModel
    from bubble_abm.engine.rules import Rules
    from bubble_abm.engine.simulation import Result, Twin, simulate, twin
    from bubble_abm.engine.views import (
        CentralGovernment,
        Investor,
        LocalGovernment,
        Operator,
        Platform,
        Smuggler,
        Startup,
    )
    from bubble_abm.study.batch import run
    from bubble_abm.study.ensemble import Ensemble
    from bubble_abm.study.experiment import Experiment
    from bubble_abm.study.sensitivity.factors import Factor
    from bubble_abm.study.sensitivity.sampling import Sampling

__all__ = [
    "BubbleModel", "CentralGovernment", "Change", "Ensemble", "Experiment", "Factor", "InvalidInput", "Investor",
    "LocalGovernment", "Operator", "Parameters", "Platform", "Result", "Rules", "Sampling", "Shock", "Smuggler",
    "Startup", "Twin", "run", "simulate", "twin",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name in PUBLIC:
        return getattr(importlib.import_module(f"{__name__}.{PUBLIC[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*globals(), *PUBLIC]
