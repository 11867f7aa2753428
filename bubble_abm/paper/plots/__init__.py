"""Figures of sensitivity analysis, responses and boxes, and what the figures of the paper share."""
