"""Variance shares: first-order and total Sobol indices of the fourteen parameters that screening found to matter."""

from bubble_abm.study import study

EXPERIMENT = study(
    "sobol",
    name="e06_sobol",
    question="How much of what happens is due to each parameter, alone and with others?",
    parameters=(
        "inexperienced_share", "competition_neglect", "extrapolation", "call_weight", "hurdle", "planning_time",
        "leverage", "rent_adjustment", "hold_out", "training_elasticity", "inference_trend", "inference_elasticity",
        "shock_openness", "shock_efficiency",
    ),
    samples=1024,
    seeds=8,
    quick={"samples": 16, "seeds": 1},
)  # fmt: skip
