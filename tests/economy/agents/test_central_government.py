"""The centre: its call and its brake."""

# ruff: noqa: E501 - a case is a line, a sentence is a name

from __future__ import annotations

from bubble_abm.economy.agents.central_government import CentralGovernmentRow
from tests.economy.agents.cases import Case, check, given, table
from tests.worlds import filled


def state(**values: float) -> object:
    return filled(CentralGovernmentRow, **({"fund": 100, "cash": 200} | values))


EAGER = given(take_over_probability=0.4, take_over_mandate=0.0)
MANDATED = given(take_over_probability=0.4, take_over_mandate=0.7)
CASES = [
    Case("next_call", "the announced plan", (filled(CentralGovernmentRow), given(call=0.8)), 0.8),
    Case("next_call", "a whisper under the brake", (filled(CentralGovernmentRow, brake=1), given(call=0.8)), 0.12),
    Case("debt_allowed", "what lenders give", (given(leverage=0.7, leverage_cap=0.9),), 0.7),
    Case("debt_allowed", "no more than the supervisor allows", (given(leverage=0.7, leverage_cap=0.4),), 0.4),
    Case("takes_over", "with luck, as loudly as it calls", (state(call=0.5), 90.0, EAGER, given(take_over=0.19)), True),
    Case("takes_over", "not with less", (state(call=0.5), 90.0, EAGER, given(take_over=0.21)), False),
    Case("takes_over", "as mandated when it does not call", (state(), 90.0, MANDATED, given(take_over=0.69)), True),
    Case("takes_over", "a mandate and a call do not add up", (state(call=1.0), 90.0, MANDATED, given(take_over=0.71)), False),
    Case("takes_over", "not beyond the fund", (state(call=1.0), 101.0, EAGER, given(take_over=0.0)), False),
    Case("takes_over", "nor beyond the purse", (state(call=1.0, cash=80), 90.0, EAGER, given(take_over=0.0)), False),
    Case("brakes", "not after two empty months", (filled(CentralGovernmentRow, months_low=2),), False),
    Case("brakes", "after three", (filled(CentralGovernmentRow, months_low=3),), True),
]  # fmt: skip


@table(CASES)
def test_the_centre_decides_as_worked_out_by_hand(case: Case) -> None:
    check(case)
