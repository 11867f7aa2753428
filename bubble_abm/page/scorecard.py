"""The score card: what a policy costs and prevents, over many seeds."""

from __future__ import annotations

#: Outcomes that the card compares: name, title, unit, divisor, decimals, and whether less is better.
SCORES = {
    "popped": ("Seeds that pop", "%", 0.01, 0, True),
    "public_cost": ("Public money", "bn CNY", 1e9, 1, True),
    "failures": ("Sites wound up or taken over", "sites", 1.0, 0, True),
    "gpu_months_idle": ("New GPUs idle", "thousand GPU years", 12e3, 0, True),
    "gpu_months_leased": ("Compute that tenants got", "thousand GPU years", 12e3, 0, False),
    "loans_written_off": ("Banks' losses", "bn CNY", 1e9, 1, True),
}
