"""What holds for all tests: random examples are the same in every run, and slow first compilations are no failure."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("bubble", max_examples=40, deadline=None, derandomize=True)
settings.load_profile("bubble")
