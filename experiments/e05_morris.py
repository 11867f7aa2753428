"""Screening: which of all uncertain parameters matter at all, by Morris's elementary effects."""

from bubble_abm.study.sensitivity.study import study

EXPERIMENT = study(
    "morris",
    name="e05_morris",
    question="Which of all uncertain parameters move the bubble, and what the shock does to it?",
    samples=100,
    seeds=8,
    outcomes=("popped", "pop_month", "rent_drawdown", "rent_end", "idle_share", "bankruptcies", "completed"),
    quick={"samples": 10, "seeds": 2},
)
