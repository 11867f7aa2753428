"""Shocks by efficiency, openness and date, each with its twin without the shock.

With the standard parameters the boom ends by itself before most shocks could end it. Therefore there are two more
worlds: in the first, investors see half of the pipeline that they otherwise neglect; in the second, demand for
inference also grows faster.
"""

from bubble_abm import Experiment
from bubble_abm.observe.outcomes import VERDICTS

EXPERIMENT = Experiment(
    name="e02_shock_surface",
    question="For which efficiency, openness and date does a shock pop the bubble?",
    scenarios={
        "standard": {},
        "competition half seen": {"public_register": 0.5},
        "competition half seen, demand faster": {"public_register": 0.5, "inference_trend": 0.075},
    },
    levers={
        "shock_month": (12, 16, 20, 24, 28),
        "shock_efficiency": (1, 1.5, 2, 3, 4, 6, 8, 12),
        "shock_openness": (0, 0.15, 0.3, 0.45, 0.6, 0.75, 0.9),
    },
    seeds=20,
    outcomes=(
        "popped", "pop_month", "rent_drawdown", "rent_end", "idle_share", "bankruptcies", "completed",
        *VERDICTS, "verdict_agreement", "rent_fall", "rent_fall_area",
    ),
    quick={
        "seeds": 2,
        "levers": {"shock_month": (16, 24), "shock_efficiency": (1, 4, 12), "shock_openness": (0, 0.6)},
    },
)  # fmt: skip
