"""Fair shares of the variance: Shapley effects of every uncertain parameter, which add up to one, also over groups."""

from bubble_abm.study.sensitivity.study import study

EXPERIMENT = study(
    "shapley",
    name="e10_shapley",
    question="What is each parameter's fair share of the variance, when what they do together is divided?",
    samples=1024,
    seeds=4,
    quick={"samples": 8, "seeds": 2},
)
