"""Platforms: their overflow and their bids."""

# ruff: noqa: E501 - a case is a line, a sentence is a name

from __future__ import annotations

from bubble_abm.economy.agents.local_government import LocalGovernmentRow
from bubble_abm.economy.agents.operator import OperatorRow
from bubble_abm.economy.agents.platform import PlatformRow
from bubble_abm.economy.chip_classes import H20, H100, ChipClassRow
from tests.economy.agents.cases import Case, check, given, table
from tests.worlds import filled


def sale(on_sale: int) -> list[object]:
    """Classes of chips of which the H20 is on sale or not."""
    return [filled(ChipClassRow, on_sale=1), filled(ChipClassRow, on_sale=on_sale)]


CASES = [
    Case("overflow", "its share less what it bought", (filled(PlatformRow, relative_size=0.4, gpus_bought=100), 2_000.0, given(platform_share=0.5)), 300.0),
    Case("overflow", "none when it bought enough", (filled(PlatformRow, relative_size=0.4, gpus_bought=500), 2_000.0, given(platform_share=0.5)), 0.0),
    Case("bid", "nine tenths near the users", (filled(OperatorRow), filled(LocalGovernmentRow, hub=1), filled(ChipClassRow, price=100), given(platform_bid=0.9)), 90.0),
    Case("bid", "nothing elsewhere", (filled(OperatorRow), filled(LocalGovernmentRow), filled(ChipClassRow, price=100), given(platform_bid=0.9)), 0.0),
    Case("class_imported", "the H20 while it is on sale", (sale(1), given(export_control=0.5, chip_classes=5)), H20),
    Case("class_imported", "what is not controlled before", (sale(0), given(export_control=0.5, chip_classes=5)), H100),
    Case("class_imported", "nothing once that is, too", (sale(0), given(export_control=1.0, chip_classes=5)), -1),
    Case("class_imported", "a world of one class has that", (sale(0), given(export_control=1.0, chip_classes=1)), H100),
]  # fmt: skip


@table(CASES)
def test_a_platform_decides_as_worked_out_by_hand(case: Case) -> None:
    check(case)
