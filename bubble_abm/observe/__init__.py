"""What is read from a run: outcomes, verdicts, comparison with the facts, monthly tables."""
