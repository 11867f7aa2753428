"""Flows of money as the page shows them: the records of the books, month by month."""

import numpy as np
import pytest

from bubble_abm.economy.accounts import FLOWS, SECTORS
from bubble_abm.page import flows, inspector
from bubble_abm.page.words import speaking


def test_what_the_browser_gets_are_the_records(whole):
    shown = flows.flows(whole)
    recorded = whole.result.records.flows / 1e6
    assert len(shown["months"]) == whole.months
    for month in (0, 24, whole.months - 1):
        table = np.zeros((len(FLOWS), len(SECTORS)))
        for flow, sector, amount in shown["months"][month]:
            table[flow, sector] = amount
        assert np.abs(table - recorded[month]).max() <= 0.051
        assert np.abs(table.sum(axis=1)).max() < 0.05 * len(SECTORS)


def test_every_sector_and_flow_has_a_name(whole):
    shown = flows.flows(whole)
    assert (len(shown["sectors"]), len(shown["flows"])) == (len(SECTORS), len(FLOWS))
    assert all(name and "_" not in name for name in (*shown["sectors"], *shown["flows"]))


def test_the_unit_of_a_language_is_that_of_the_numbers(whole):
    assert flows.flows(whole)["factor"] == pytest.approx(1e-3)
    with speaking("zh"):
        assert flows.flows(whole)["factor"] == pytest.approx(1e-2)


@pytest.mark.parametrize("kind", ["operators", "startups", "platforms"])
def test_a_lease_says_both_sides_whoever_is_asked(whole, kind):
    with whole.world_at(36) as world:
        rows = inspector.listed(world, kind, "")
        found = [
            inspector.leases(world, operator=row)
            if kind == "operators"
            else inspector.leases(world, tenant=row, kind=kind)
            for row in rows
        ]
        lease = next(one[0] for one in found if one)
    lessor, tenant = lease["sides"]
    assert lessor.startswith("Lessor: ") and tenant.startswith("Tenant: ")
    assert lease["name"] in (tenant if kind == "operators" else lessor)
