"""Shares of variance: first-order and total Sobol indices of the fourteen parameters with the largest Morris effects.

They have the largest effects in e05_morris, relative to the largest of each outcome and averaged over outcomes. The
others stay at the defaults.
"""

from bubble_abm.study.sensitivity.study import study

EXPERIMENT = study(
    "sobol",
    ranges="ensemble",
    name="e06_sobol",
    question="How much of the variance is due to each parameter, alone and in interactions?",
    parameters=(
        "inference_elasticity", "announcement_rate", "inference_trend", "public_reluctance", "public_share",
        "training_elasticity", "call_weight", "round_size", "inference_base", "training_need", "shock_openness",
        "startup_spread", "first_rent", "herding",
    ),
    samples=512,
    seeds=2,
    quick={"samples": 16},
)  # fmt: skip
