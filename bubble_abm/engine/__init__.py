"""How a month is run: linked and compiled, interpreted, or as Mesa agents; simulations and their results."""
