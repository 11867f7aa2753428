"""A parameter that moves something is told from one that moves nothing."""

from __future__ import annotations

from bubble_abm.economy.mechanisms import MECHANISMS
from bubble_abm.economy.parameters import DECLARED
from bubble_abm.study.dead_parameters import DEFAULTS, REASONS, acting, economies, ends, moves


def test_what_moves_something_is_told_from_what_moves_nothing() -> None:
    assert moves("herding", DEFAULTS, seed=1)
    assert not moves("hoarding_memory", DEFAULTS, seed=1)  # nobody hoards


def test_a_mechanism_that_acts_is_not_neutral() -> None:
    for mechanism in MECHANISMS:
        for name, value in acting(mechanism).items():
            assert value != DECLARED[name].metadata["neutral"], name


def test_parameters_of_a_mechanism_are_tried_while_it_acts() -> None:
    names = [economy.name for economy in economies("hoarding_memory")]
    assert names[:2] == ["the defaults", "hoarding acting"] and names[-1] == "all mechanisms acting"
    assert "hoarding acting besides" not in names and "search acting besides" in names


def test_numbers_of_agents_stay_within_reach() -> None:
    assert ends("investors") == [450, 1800]
    assert ends("application_firms") == [0, 250]


def test_reasons_are_given_for_parameters() -> None:
    assert set(REASONS) <= set(DECLARED)
