"""Calibration: all sets of parameters that the facts do not rule out, by history matching."""
