"""Sensitivity analysis designs, estimators with and without luck, and a verdict on what they settle.

``factors`` and ``sampling`` define a design, and ``study`` makes an experiment of it. ``indices`` analyses the finished
runs with ``responses`` (which checks the table of runs), ``estimators``, ``convergence`` and ``noise``.
"""

from bubble_abm.study.sensitivity.indices import INDICES, Analysis, analyse
from bubble_abm.study.sensitivity.noise import replicates

__all__ = ["INDICES", "Analysis", "analyse", "replicates"]
