"""How long a run is unless told otherwise; imports nothing, so that the command line can say it at once."""

STANDARD_MONTHS = 60  # to December 2027: what a bust that begins in 2025 costs, and what recovers from it, comes later
