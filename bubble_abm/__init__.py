"""bubble_abm: an agent-based economy of the AI-compute bubble.

Read :mod:`bubble_abm.month` first: the order of events. Then one file of :mod:`bubble_abm.agents`: what an agent is and
decides. Markets are in :mod:`bubble_abm.markets`, money in :mod:`bubble_abm.ledger`, numbers in
:mod:`bubble_abm.parameters`, dated events in :mod:`bubble_abm.calendar`, observation in :mod:`bubble_abm.measures`.

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

# Where each public name lives. Names load on first use: the command line need not wait for Mesa or pandas.
PUBLIC = {
    "BubbleModel": "model",
    "Change": "shocks",
    "Experiment": "experiment",
    "Factor": "sensitivity.factors",
    "InvalidInput": "parameters",
    "Parameters": "parameters",
    "Result": "simulation",
    "Rules": "rules",
    "Sampling": "sensitivity.sampling",
    "Shock": "shocks",
    "Twin": "simulation",
    "run": "batch",
    "simulate": "simulation",
    "twin": "simulation",
    "CentralGovernment": "views",
    "Investor": "views",
    "LocalGovernment": "views",
    "Operator": "views",
    "Platform": "views",
    "Smuggler": "views",
    "Startup": "views",
}

if TYPE_CHECKING:
    from bubble_abm.batch import run
    from bubble_abm.experiment import Experiment
    from bubble_abm.model import BubbleModel
    from bubble_abm.parameters import InvalidInput, Parameters
    from bubble_abm.rules import Rules
    from bubble_abm.sensitivity.factors import Factor
    from bubble_abm.sensitivity.sampling import Sampling
    from bubble_abm.shocks import Change, Shock
    from bubble_abm.simulation import Result, Twin, simulate, twin
    from bubble_abm.views import (
        CentralGovernment,
        Investor,
        LocalGovernment,
        Operator,
        Platform,
        Smuggler,
        Startup,
    )

__all__ = [
    "BubbleModel", "CentralGovernment", "Change", "Experiment", "Factor", "InvalidInput", "Investor", "LocalGovernment",
    "Operator", "Parameters", "Platform", "Result", "Rules", "Sampling", "Shock", "Smuggler", "Startup", "Twin", "run",
    "simulate", "twin",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name in PUBLIC:
        return getattr(importlib.import_module(f"{__name__}.{PUBLIC[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*globals(), *PUBLIC]
