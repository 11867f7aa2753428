"""Platforms: their overflow and their bids."""

# ruff: noqa: E501 - a case is a line, a sentence is a name

from __future__ import annotations

from bubble_abm.economy.agents.local_government import LocalGovernmentRow
from bubble_abm.economy.agents.operator import OperatorRow
from bubble_abm.economy.agents.platform import PlatformRow
from bubble_abm.economy.markets.signals import Market
from tests.economy.agents.cases import Case, check, given, table
from tests.worlds import filled

CASES = [
    Case("overflow", "its share less what it bought", (filled(PlatformRow, relative_size=0.4, gpus_bought=100), 1_000.0), 300.0),
    Case("overflow", "none when it bought enough", (filled(PlatformRow, relative_size=0.4, gpus_bought=500), 1_000.0), 0.0),
    Case("bid", "nine tenths near the users", (filled(OperatorRow), filled(LocalGovernmentRow, hub=1), filled(Market, chip_price=100), given(platform_bid=0.9)), 90.0),
    Case("bid", "nothing elsewhere", (filled(OperatorRow), filled(LocalGovernmentRow), filled(Market, chip_price=100), given(platform_bid=0.9)), 0.0),
]  # fmt: skip


@table(CASES)
def test_a_platform_decides_as_worked_out_by_hand(case: Case) -> None:
    check(case)
