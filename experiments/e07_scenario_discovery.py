"""Scenario discovery: for which parameters the shock causes the pop, the boom ends by itself, or it survives."""

from bubble_abm import Experiment
from bubble_abm.economy.parameters import DECLARED
from bubble_abm.observe.verdict import CAUSED, ENDOGENOUS, SURVIVED
from bubble_abm.study.sensitivity.sampling import Sampling
from bubble_abm.study.sensitivity.study import varied

EXPERIMENT = Experiment(
    name="e07_scenario_discovery",
    question="Under which conditions does the shock end a boom, does it end by itself, or not at all?",
    uncertain=[name for name in DECLARED if varied(name)],
    sampling=Sampling("latin", samples=4000),
    seeds=4,
    outcomes=("popped", "pop_month", "announced", "completed", "idle_share", "rent_drawdown"),
    discover=(CAUSED, ENDOGENOUS, SURVIVED),
    quick={"samples": 150, "seeds": 2},
)
