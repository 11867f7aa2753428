"""Shapley effects of groups of parameters in the hull of the ensemble: shares of variance that sum to one."""

from bubble_abm.study.sensitivity.study import study

EXPERIMENT = study(
    "shapley",
    name="e10_shapley",
    question="What share of the variance does each group have, if interactions are divided evenly?",
    ranges="ensemble",
    groups="themes",
    samples=512,
    quick={"samples": 16},
)
