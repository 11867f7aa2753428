"""Plausible ranges: a parameter does not rule out what its own source says, in economies of the ensemble."""

import re
from collections import Counter
from functools import cache

import pytest

from bubble_abm.economy.parameters import DECLARED
from bubble_abm.engine.simulation import simulate
from bubble_abm.observe.facts import check
from tests.worlds import economies

EVERY = 8  # eighth member of the ensemble


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
def shares(name, value):
    """Share of these economies that meet each fact if a parameter has this value."""
    met, some = Counter(), economies(EVERY)
    for seed, economy in some:
        parameters = economy.with_values({name: value})
        series = simulate(parameters, seed=seed).series
        met.update(one.fact.id for one in check([series], parameters) if one.verdict == "hit")
    return {fact: count / len(some) for fact, count in met.items()}


def least(name, ends):
    """Share of economies that meet a fact that the source of a parameter names, the hardest one, at each end."""
    named = facts_named(DECLARED[name].metadata["source"])
    return [min(shares(name, end).get(fact, 0.0) for fact in named) for end in ends]


def test_some_ranges_are_narrower_because_of_facts():
    assert {"risk_premium", "smuggler_entry_speed"} <= set(NARROWED)


@pytest.mark.parametrize("name", NARROWED)
def test_the_facts_that_a_source_names_are_met_by_some_at_both_ends_of_the_plausible_range(name):
    assert min(least(name, DECLARED[name].metadata["plausible"])) > 0.0


@pytest.mark.parametrize("name", NARROWED)
def test_fewer_meet_them_at_the_ends_of_the_wide_range(name):
    """Else there would be no reason for a plausible range beside it."""
    about = DECLARED[name].metadata
    assert sum(least(name, about["sampled"])) < sum(least(name, about["plausible"]))
