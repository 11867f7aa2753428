"""Screening of all uncertain parameters by elementary effects (Morris)."""

from bubble_abm.study.sensitivity.study import study

EXPERIMENT = study(
    "morris",
    name="e05_morris",
    question="Which of the uncertain parameters move the bubble, and which move the effects of the shock?",
    samples=400,
    seeds=2,
    outcomes=("popped", "pop_month", "rent_drawdown", "rent_end", "idle_share", "bankruptcies", "completed"),
    quick={"samples": 10},
)
