"""Which parameters are searched, and where."""

import numpy as np
import pytest

from bubble_abm import InvalidInput, Parameters
from bubble_abm.economy.parameters import DECLARED
from bubble_abm.study.calibration.prior import GIVEN, defaults, places_of, range_of, space, values_at
from bubble_abm.study.search import SEARCHED


def test_all_that_is_uncertain_is_searched_and_what_was_searched_before():
    names = {one.name for one in space()}
    uncertain = {name for name, item in DECLARED.items() if item.metadata["role"] in ("uncertain", "shock")}
    assert uncertain - set(GIVEN) <= names
    assert set(SEARCHED) <= names
    roles = {DECLARED[name].metadata["role"] for name in names}
    assert roles == {"uncertain", "shock", "fixed"}  # policies are not beliefs about the world
    assert not names & set(GIVEN)


def test_every_corner_is_a_valid_economy_and_the_defaults_lie_inside():
    factors = space()
    for corner in (0.0, 1.0):
        values = values_at(factors, np.full((1, len(factors)), corner))[0]
        Parameters(**dict(zip([one.name for one in factors], values.tolist())))
    inside = defaults(factors)
    assert ((inside >= 0.0) & (inside <= 1.0)).all()


def test_values_are_found_again_at_their_places():
    factors = [one for one in space() if not one.whole]
    places = np.random.default_rng(1).random((5, len(factors)))
    assert places_of(factors, values_at(factors, places)) == pytest.approx(places)


def test_what_a_mechanism_declares_is_searched_without_a_line_here(monkeypatch):
    """A switch of a new mechanism has a range narrower than its bounds."""
    from types import SimpleNamespace

    bounds = {"low": 0.0, "high": 1.0, "scale": "linear", "whole": False}
    monkeypatch.setitem(
        DECLARED,
        "new",
        SimpleNamespace(metadata=bounds | {"role": "fixed", "sampled": (0.0, 0.4), "plausible": (0.0, 0.4)}),
    )
    assert range_of("new") == (0.0, 0.4)
    monkeypatch.setitem(DECLARED, "new", SimpleNamespace(metadata=bounds | {"role": "lever", "sampled": (0.0, 0.4)}))
    assert range_of("new") is None


def test_ranges_can_be_replaced_and_parameters_fixed():
    factors = {one.name: one for one in space({"herding": (1, 2), "loan_rate": (0.05, 0.1)}, ["hold_out"])}
    assert (factors["herding"].low, factors["herding"].high) == (1.0, 2.0)
    assert (factors["loan_rate"].low, factors["loan_rate"].high) == (0.05, 0.1)
    assert "hold_out" not in factors


@pytest.mark.parametrize(
    ("ranges", "fixed", "said"),
    [
        ({"herdng": (1, 2)}, (), "unknown parameter 'herdng': did you mean 'herding'"),
        ({"herding": (1, 99)}, (), "herding = 99: give numbers from 0 to 8"),
        ({"herding": (2, 1)}, (), "give a low end below the high end"),
        ({"herding": 3}, (), "give .low, high."),
        ({}, ("nobody",), "unknown parameter 'nobody'"),
        ({"herding": (1, 2)}, ("herding",), "has a range and is to be fixed"),
        ({}, tuple(DECLARED), "all are fixed"),
    ],
)
def test_what_is_no_space_is_refused(ranges, fixed, said):
    with pytest.raises(InvalidInput, match=said):
        space(ranges, fixed)
