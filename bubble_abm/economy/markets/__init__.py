"""Where agents meet: chips, leasing, capital; and the signals that everybody can see."""
