"""Scenario discovery in the hull of the ensemble: when the shock causes the pop, the boom ends alone, or survives."""

from bubble_abm.observe.verdict import CAUSED, ENDOGENOUS, SURVIVED
from bubble_abm.study.sensitivity.study import study

EXPERIMENT = study(
    "latin",
    ranges="ensemble",
    name="e07_scenario_discovery",
    question="Under which conditions does the shock end a boom, does it end by itself, or not at all?",
    samples=4000,
    seeds=2,
    outcomes=("popped", "pop_month", "announced", "completed", "idle_share", "rent_drawdown"),
    discover=(CAUSED, ENDOGENOUS, SURVIVED),
    quick={"samples": 150},
)
