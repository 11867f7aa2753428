"""The table of what matters is a sensitivity study of the parameters that the economy has now."""

import csv

from bubble_abm.page import matter
from bubble_abm.page.settings import POLICY_PARAMETERS


def rows():
    with matter.TABLE.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_the_table_is_of_the_present_parameters_and_ranges():
    measured = {row["parameter"]: (row["low"], row["high"]) for row in rows()}
    assert measured == matter.ranges(), "run python -m bubble_abm.page.matter"


def test_the_table_is_in_order_and_says_how_well_it_is_known():
    values = [float(row["months"]) for row in rows()]
    assert values == sorted(values, reverse=True) and list(rows()[0]) == list(matter.COLUMNS)
    assert all(float(row["at_least"]) <= float(row["months"]) <= float(row["at_most"]) for row in rows())
    assert float(rows()[0]["at_least"]) > 0.0  # the first moves the pop, whatever the sample


def test_policies_are_not_among_them():
    assert not set(matter.moves()) & set(POLICY_PARAMETERS) - {"maximum_subsidy"}


def test_the_index_is_free_of_luck():
    plan = matter.screening()
    assert plan.seeds >= 2 and matter.INDEX.endswith("luck_free") and plan.ranges == "plausible"


def test_the_study_gives_the_table(monkeypatch):
    monkeypatch.setattr(matter, "SAMPLES", 10)  # the fewest that there may be
    table = matter.measured()
    assert {row[0]: row[1:3] for row in table} == matter.ranges()
    assert any(float(row[3]) > 0 for row in table)
