"""What holds for all tests: random examples are the same in every run, and slow first compilations are no failure."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# An example of what decisions read holds every parameter: large, and not to be made smaller.
LARGE = [HealthCheck.large_base_example]
settings.register_profile("bubble", max_examples=40, deadline=None, derandomize=True, suppress_health_check=LARGE)
settings.register_profile("fuzz", max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
settings.load_profile("bubble")
