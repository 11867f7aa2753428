"""What the members of the ensemble say of things on which they were not matched, and of the facts on which they were.

The defaults alone are run where no ensemble is shipped.
"""

from bubble_abm.study.ensemble import economies, given_or_shipped
from bubble_abm.study.prediction import predictions

ENSEMBLE = given_or_shipped()
FEW = dict(list(economies(ENSEMBLE).items())[:10])

EXPERIMENT = predictions("e14_predictions", ENSEMBLE, quick={"seeds": 2, "scenarios": FEW})
