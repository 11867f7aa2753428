"""Shapley effects of all uncertain parameters: shares of variance that sum to one, also over groups."""

from bubble_abm.study.sensitivity.study import study

EXPERIMENT = study(
    "shapley",
    name="e10_shapley",
    question="What share of the variance does each parameter have, if interactions are divided evenly?",
    samples=1024,
    seeds=4,
    quick={"samples": 8, "seeds": 2},
)
