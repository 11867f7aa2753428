"""Channels of the shock: each alone, each closed, all and none, each point with its twin without the shock.

A channel is closed in a run and in its twin alike, so the difference between the two is what the open ones carry. Every
seed is an economy of its own, a member of the ensemble.
"""

from bubble_abm import Experiment
from bubble_abm.economy.parameters import DECLARED
from bubble_abm.observe.outcomes import VERDICTS
from bubble_abm.study.ensemble import Ensemble

ECONOMIES = Ensemble.load().scenarios()
CHANNELS = tuple(name for name, item in DECLARED.items() if item.metadata["group"] == "channels of the shock")

EXPERIMENT = Experiment(
    name="e11_channels",
    question="By which channels does the shock reach rents, investment and failures?",
    scenarios={
        "all": {},
        "none": dict.fromkeys(CHANNELS, 0),
        **{f"only {name}": {other: 0 for other in CHANNELS if other != name} for name in CHANNELS},
        **{f"without {name}": {name: 0} for name in CHANNELS},
    },
    economies=ECONOMIES,
    seeds=len(ECONOMIES),
    outcomes=(
        "popped", "pop_month", "rent_drawdown", "rent_end", "idle_share", "idle_share_peak", "announced", "completed",
        "bankruptcies", "loans_written_off", "gpu_months_leased", "public_cost", *VERDICTS, "rent_fall",
        "idle_rise_area",
    ),
    quick={"seeds": 3},
)  # fmt: skip
