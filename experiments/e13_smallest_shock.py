"""Whether the boom pops without any shock, how far the shock moves the pop, and the smallest that ends one which lives.

Over the ensemble that the package ships, else over seeds of the standard economy.
"""

from bubble_abm import Experiment
from bubble_abm.study.ensemble import economies, given_or_shipped
from bubble_abm.study.smallest_shock import MODEL, OUTCOMES

ECONOMIES = economies(given_or_shipped())
SMALL = {name: values | {"scale": 0.1} for name, values in list(ECONOMIES.items())[:3]}

EXPERIMENT = Experiment(
    name="e13_smallest_shock",
    question="How small a shock ends a boom that would otherwise live?",
    scenarios=ECONOMIES,
    seeds=100 if len(ECONOMIES) == 1 else 4,
    own_luck=True,
    outcomes=OUTCOMES,
    twins=False,
    model=MODEL,
    quick={"seeds": 3, "scenarios": SMALL},
)
