"""Sensitivity analysis through SALib: designs, estimators with guards, and a verdict on whether to believe them.

``factors`` and ``sampling`` say what to run; ``study`` makes an experiment of it; ``indices`` reads the finished runs,
with ``responses`` (the table of runs, checked), ``estimators``, ``convergence`` and ``noise``.
"""

from bubble_abm.study.sensitivity.estimators import SalibChanged
from bubble_abm.study.sensitivity.indices import INDICES, Analysis, analyse
from bubble_abm.study.sensitivity.noise import replicates

__all__ = ["INDICES", "Analysis", "SalibChanged", "analyse", "replicates"]
