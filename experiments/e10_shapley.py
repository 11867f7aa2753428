"""Shapley effects of groups of parameters as players: shares of variance that sum to one."""

from bubble_abm.study.sensitivity.study import THEMES, study

EXPERIMENT = study(
    "shapley",
    name="e10_shapley",
    question="What share of the variance does each group have, if interactions are divided evenly?",
    groups=THEMES,
    samples=4096,
    quick={"samples": 16},
)
