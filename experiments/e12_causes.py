"""Causes of the fall: the share of each, by Shapley over 288 runs with the same luck, for every economy and seed.

Over the ensemble that the package ships, else over seeds of the standard economy.
"""

from bubble_abm import Experiment
from bubble_abm.study.causes import MODEL, OUTCOMES
from bubble_abm.study.ensemble import economies, given_or_shipped

ECONOMIES = economies(given_or_shipped())
SMALL = {name: values | {"scale": 0.1} for name, values in list(ECONOMIES.items())[:2]}

EXPERIMENT = Experiment(
    name="e12_causes",
    question="What share of the fall of each measure is due to each cause?",
    scenarios=ECONOMIES,
    seeds=20 if len(ECONOMIES) == 1 else 1,
    own_luck=True,
    outcomes=OUTCOMES,
    twins=False,
    model=MODEL,
    quick={"seeds": 2, "months": 36, "scenarios": SMALL},
)
