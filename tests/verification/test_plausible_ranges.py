"""Plausible ranges: within them a parameter keeps to what its own source says, all else at the defaults."""

import re
from functools import cache

import pytest

from bubble_abm.economy.parameters import DECLARED
from bubble_abm.engine.scenario import Scenario
from bubble_abm.observe.facts import check
from bubble_abm.study.scenario_run import run_scenario

SEEDS = 20


def facts_named(source):
    """The facts that a source names, spans such as C06-C08 included."""
    named = set()
    for first, last in re.findall(r"C(\d\d)(?:-C(\d\d))?", source):
        named |= {f"C{number:02d}" for number in range(int(first), int(last or first) + 1)}
    return named


NARROWED = [
    name
    for name, item in DECLARED.items()
    if item.metadata["role"] == "uncertain"
    and item.metadata["plausible"] != item.metadata["sampled"]
    and facts_named(item.metadata["source"])
]


@cache
def standard():
    return hits({})


def hits(values):
    runs = run_scenario(Scenario(seeds=SEEDS, values=values))
    return {one.fact.id for one in check(runs.series, runs.scenario.parameters) if one.verdict == "hit"}


def test_some_ranges_are_narrower_because_of_facts():
    assert {"risk_premium", "smuggler_entry_speed"} <= set(NARROWED)


@pytest.mark.parametrize("name", NARROWED)
def test_the_facts_that_a_source_names_are_met_over_the_plausible_range(name):
    expected = facts_named(DECLARED[name].metadata["source"]) & standard()
    assert expected
    for end in DECLARED[name].metadata["plausible"]:
        missed = expected - hits({name: end})
        assert not missed, f"{name} = {end} misses {sorted(missed)}: narrow its plausible range"


@pytest.mark.parametrize("name", NARROWED)
def test_the_wide_range_exceeds_the_source(name):
    """Else there would be no reason for a plausible range beside it."""
    expected = facts_named(DECLARED[name].metadata["source"]) & standard()
    assert any(expected - hits({name: end}) for end in DECLARED[name].metadata["sampled"])
