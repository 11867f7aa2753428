"""The rest of the world: it sells chips, and spends what it earns on exports, for which households are paid."""

from __future__ import annotations

from typing import Any

from bubble_abm.economy.declare import ASSUMED, decision, parameters, section


@parameters
class Parameters:
    """How what is paid for imports comes back."""

    # fmt: off
    parameter = section("rest of the world")
    export_lag: float = parameter(
        12.0, unit="months", low=1, high=120, role="fixed", source=ASSUMED,
        meaning="mean time after which the rest of the world spends on exports what it has earned on imports")
    savings_kept: float = parameter(
        0.5, unit="share", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="share of households' deposits of January 2023 below which exports do not let them fall")
    del parameter
    # fmt: on


@decision
def exports(households: Any, abroad: Any, p: Any) -> float:
    """What the rest of the world spends on exports this month [CNY].

    A part of what it has earned on imports and not yet spent, so that exports follow imports smoothly; more, if need be
    on credit from the bank, where households' deposits would otherwise fall below a share of those of January 2023.

    Notes
    -----
    It closes the accounts: without it, all that is paid for imports would leave the country for good (Godley and Lavoie
    2007).
    """
    spent = max(abroad.cash, 0.0) / p.export_lag
    lacking = p.savings_kept * households.savings - households.cash
    return max(spent, lacking)
