"""Shares of variance of groups of parameters: expectations, state, black market, demand, sites, shock."""

from bubble_abm.study.sensitivity.study import THEMES, study

EXPERIMENT = study(
    "sobol",
    name="e09_groups",
    question="How much of the variance is due to expectations, state, black market, demand, sites and shock?",
    groups=THEMES,
    samples=2048,
    quick={"samples": 16},
)
