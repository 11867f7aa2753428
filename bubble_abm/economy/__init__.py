"""What is modelled: agents, markets, money, the order of events. Knows of no run, no file and no screen."""

# Mechanisms come first, always in the same order: what they add to rows, books and luck must precede the tables.
from bubble_abm.economy import mechanisms as mechanisms
