"""Shares of variance of groups of parameters in the hull of the ensemble: expectations, state, demand, shock, others."""

from bubble_abm.study.sensitivity.study import study

EXPERIMENT = study(
    "sobol",
    name="e09_groups",
    question="How much of the variance is due to expectations, state, black market, demand, sites and shock?",
    ranges="ensemble",
    groups="themes",
    samples=1024,
    quick={"samples": 16},
)
