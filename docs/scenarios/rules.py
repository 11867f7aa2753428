"""Rules that scenarios of this folder name."""


def patient_rent(operator, market, p):
    """Rent of an operator who moves half way to the market rent, whatever the vacancy."""
    return max(0.5 * (operator.rent + market.rent), operator.reservation_rent)
