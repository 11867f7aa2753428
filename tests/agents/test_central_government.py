"""The centre: its call and its brake."""

from __future__ import annotations

from bubble_abm.agents.central_government import CentralGovernmentRow
from tests.agents.cases import Case, check, given, table
from tests.worlds import filled

CASES = [
    Case("next_call", "the announced plan", (filled(CentralGovernmentRow), given(call=0.8)), 0.8),
    Case("next_call", "a whisper under the brake", (filled(CentralGovernmentRow, brake=1), given(call=0.8)), 0.12),
    Case("debt_allowed", "what lenders give", (given(leverage=0.7, leverage_cap=0.9),), 0.7),
    Case("debt_allowed", "no more than the supervisor allows", (given(leverage=0.7, leverage_cap=0.4),), 0.4),
    Case("brakes", "not after two empty months", (filled(CentralGovernmentRow, months_low=2),), False),
    Case("brakes", "after three", (filled(CentralGovernmentRow, months_low=3),), True),
]  # fmt: skip


@table(CASES)
def test_the_centre_decides_as_worked_out_by_hand(case: Case) -> None:
    check(case)
