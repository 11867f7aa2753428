"""The centre: its call and its brake."""

from __future__ import annotations

from bubble_abm.economy.agents.central_government import CentralGovernmentRow
from tests.economy.agents.cases import Case, check, given, table
from tests.worlds import filled

CALL = given(call=0.8, call_under_brake=0.15)
THREE_MONTHS = given(months_to_brake=3)
A_YEAR = given(tax_lag=12.0)
CASES = [
    Case("next_call", "the announced plan", (filled(CentralGovernmentRow), CALL), 0.8),
    Case("next_call", "a whisper under the brake", (filled(CentralGovernmentRow, brake=1), CALL), 0.12),
    Case("brakes", "not after two empty months", (filled(CentralGovernmentRow, months_low=2), THREE_MONTHS), False),
    Case("brakes", "after three", (filled(CentralGovernmentRow, months_low=3), THREE_MONTHS), True),
    Case("taxes", "a twelfth of what is lacking", (filled(CentralGovernmentRow, reserve=100, cash=40), A_YEAR), 5.0),
    Case("taxes", "nothing when nothing is", (filled(CentralGovernmentRow, reserve=100, cash=140), A_YEAR), 0.0),
]  # fmt: skip


@table(CASES)
def test_the_centre_decides_as_worked_out_by_hand(case: Case) -> None:
    check(case)
