"""Whether the answer hangs on a choice that had to be made somehow: the same economies under other structures.

Over the ensemble that the package ships, else over seeds of the standard economy.
"""

from bubble_abm.engine.structure import STANDARD
from bubble_abm.study.ensemble import economies, given_or_shipped
from bubble_abm.study.robustness import ALTERNATIVES, BLIND, robustness

ENSEMBLE = given_or_shipped()
FEW = {name: values | {"scale": 0.1} for name, values in list(economies(ENSEMBLE).items())[:3]}
COMPILED = robustness([STANDARD, BLIND]).scenarios  # the others are compiled anew, half a minute each

EXPERIMENT = robustness(
    tuple(ALTERNATIVES), ENSEMBLE, name="e15_robustness",
    quick={"scenarios": COMPILED, "economies": FEW, "seeds": 6},
)  # fmt: skip
