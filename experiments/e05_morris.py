"""Screening of all parameters in which economies of the ensemble differ, by elementary effects (Morris)."""

from bubble_abm.study.sensitivity.study import study

EXPERIMENT = study(
    "morris",
    ranges="ensemble",
    name="e05_morris",
    question="Which of the parameters that facts leave open move the bubble, and which the effects of the shock?",
    samples=100,
    seeds=2,
    outcomes=("popped", "pop_month", "rent_drawdown", "rent_end", "idle_share", "bankruptcies", "completed"),
    quick={"samples": 10, "months": 36},
)
