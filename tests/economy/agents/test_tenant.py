"""Tenants: lengths of leases, what is cut back, when a dear lease is left."""

from __future__ import annotations

from bubble_abm.economy.markets.leasing import Lease
from tests.economy.agents.cases import Case, check, given, table
from tests.worlds import filled


def lease(months: int, paid_ahead: float = 0.0) -> object:
    return filled(Lease, months_left=months, rent=1_000.0, paid_ahead=paid_ahead)


def terms(length: float) -> object:
    return given(contract_length=length, contract_spread=0.5)


PENALTY = given(break_penalty=2.0, break_threshold=2.0)
HALF = given(cut_speed=0.5)
CASES = [
    Case("breaks_lease", "when the saving exceeds twice the penalty", (lease(9), 500.0, PENALTY), True),
    Case("breaks_lease", "not when it equals it", (lease(8), 500.0, PENALTY), False),
    Case("breaks_lease", "not for a yuan a month over fifty years", (lease(600), 999.0, PENALTY), False),
    Case("breaks_lease", "not when it is cheap", (lease(60), 1_500.0, PENALTY), False),
    Case("penalty_due", "some months of rent", (lease(9), PENALTY), 2.0),
    Case("penalty_due", "or what is left", (lease(1), PENALTY), 1.0),
    Case("rent_to_come", "all months left", (lease(10),), 10.0),
    Case("rent_to_come", "less what was paid in advance", (lease(10, 0.6),), 4.0),
    Case("leases_cut", "half of what is too much", (40.0, 80.0, HALF), 0.25),
    Case("leases_cut", "nothing when all is wanted", (80.0, 80.0, HALF), 0.0),
    Case("leases_cut", "nor when more is wanted", (90.0, 80.0, HALF), 0.0),
    Case("leases_cut", "half of all when nothing is", (0.0, 80.0, HALF), 0.5),
    Case("leases_cut", "nothing from nothing", (0.0, 0.0, HALF), 0.0),
    Case("lease_term", "the mean in the middle of the draw", (terms(9.0), 0.5), 9),
    Case("lease_term", "half of it, rounded up, at the shortest", (terms(9.0), 0.0), 5),
    Case("lease_term", "one and a half of it at the longest", (terms(9.0), 1.0), 14),
    Case("lease_term", "of a long one, too", (terms(18.0), 1.0), 27),
    Case("lease_term", "never under a month", (terms(0.5), 0.0), 1),
]  # fmt: skip


@table(CASES)
def test_a_tenant_decides_as_worked_out_by_hand(case: Case) -> None:
    check(case)
