"""Scenario discovery: in which part of the space of parameters does the shock pop the bubble, or nothing does?"""

from bubble_abm import Experiment
from bubble_abm.parameters import DECLARED
from bubble_abm.sensitivity.sampling import Sampling
from bubble_abm.sensitivity.study import varied
from bubble_abm.verdict import ENDOGENOUS, POPPED, SURVIVED

EXPERIMENT = Experiment(
    name="e07_scenario_discovery",
    question="Under which conditions is a boom popped by the shock, by itself, or not at all?",
    uncertain=[name for name in DECLARED if varied(name)],
    sampling=Sampling("latin", samples=4000),
    seeds=4,
    measures=("popped", "pop_month", "announced", "completed", "idle_share", "lease_drawdown"),
    discover=(POPPED, ENDOGENOUS, SURVIVED),
    quick={"samples": 150, "seeds": 2},
)
