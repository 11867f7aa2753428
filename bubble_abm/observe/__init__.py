"""What is read off a run: outcomes, the verdict on the shock, the facts it is held against, monthly tables."""
