"""What is modelled: agents, markets, money, the order of events. Knows of no run, no file and no screen."""

# Mechanisms first, in the same order always: what they add to rows, books and luck is there before anything is built.
from bubble_abm.economy import mechanisms as mechanisms
