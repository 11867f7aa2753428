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
        "inference_trend", "inference_elasticity", "public_reluctance", "public_share", "announcement_rate",
        "round_size", "training_elasticity", "herding", "call_weight", "inference_base", "first_rent", "hurdle",
        "shock_openness", "ambition",
    ),
    samples=512,
    seeds=2,
    quick={"samples": 16},
)  # fmt: skip
