"""Shares of variance of groups of parameters in the hull of the ensemble, such as demand and the shock."""

from bubble_abm.study.sensitivity.study import study

EXPERIMENT = study(
    "sobol",
    name="e09_groups",
    question="How much of the variance is due to expectations, state, black market, demand, sites and shock?",
    ranges="ensemble",
    groups="themes",
    samples=512,
    quick={"samples": 16},
)
