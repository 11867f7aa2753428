"""Shares of variance: first-order and total Sobol indices of the fourteen parameters with the largest Morris effects.

They have the largest effects in e05_morris, relative to the largest of each outcome and averaged over outcomes.
"""

from bubble_abm.study.sensitivity.study import study

EXPERIMENT = study(
    "sobol",
    name="e06_sobol",
    question="How much of the variance is due to each parameter, alone and in interactions?",
    parameters=(
        "inference_trend", "inference_elasticity", "training_elasticity", "competition_neglect", "shock_openness",
        "rent_adjustment", "able_share", "shock_efficiency", "leverage", "hurdle", "contract_length",
        "building_time", "shock_month", "call_weight",
    ),
    samples=4096,
    seeds=2,
    quick={"samples": 16},
)  # fmt: skip
