"""Other structures: a published generator, another order that leaves nothing out, networks without oneself."""

import numpy as np
import pytest

from bubble_abm import Parameters
from bubble_abm.economy import month
from bubble_abm.engine.replaced_code import names_used
from bubble_abm.engine.simulation import Simulation
from bubble_abm.engine.structure import (
    PARTS,
    STRUCTURES,
    find_neighbours_among_hubs,
    find_neighbours_in_a_ring,
    in_order,
    rules_of,
    threefry,
    threefry4x32,
)

#: Known-answer vectors of Random123 (kat_vectors, threefry4x32, 20 rounds): counter and key, result.
KNOWN = (
    ("00000000 " * 8, "9c6ca96a e17eae66 fc10ecd4 5256a7d8"),
    ("ffffffff " * 8, "2a881696 57012287 f6c7446e a16a6732"),
    (
        "243f6a88 85a308d3 13198a2e 03707344 a4093822 299f31d0 082efa98 ec4e6c89",
        "59cd1dbb b8879579 86b5d00c ac8b6d84",
    ),
)


def words(text):
    return tuple(int(word, 16) for word in text.split())


@pytest.mark.parametrize(("given", "result"), KNOWN)
def test_threefry_gives_its_published_vectors(given, result):
    assert threefry4x32(*words(given)) == words(result)
    assert threefry(*words(given)[:6]) == threefry4x32(*words(given)[:6], 0, 0)


def test_another_order_has_the_same_steps():
    names = sorted(names_used(month.advance_month.__code__))
    other = in_order("Prices", "The", "Projects", "Chips", "Compute", "Money")
    assert sorted(names_used(other.__code__)) == names
    assert next(iter(names_used(other.__code__))) == "owners_value_waiting"
    assert list(names_used(in_order(*PARTS).__code__)) == list(names_used(month.advance_month.__code__))


@pytest.mark.parametrize("find", [find_neighbours_in_a_ring, find_neighbours_among_hubs])
def test_nobody_is_a_neighbour_of_itself(find):
    neighbours = np.full((50, 6), -1)
    for row in range(50):
        find(neighbours, row, 1)
        assert row not in neighbours[row] and neighbours[row].min() >= 0 and neighbours[row].max() < 50
    heard = np.bincount(neighbours.ravel(), minlength=50)
    assert heard.max() == 6 if find is find_neighbours_in_a_ring else heard[:10].sum() > 3 * heard[-10:].sum()


@pytest.mark.parametrize("name", sorted(STRUCTURES))
def test_the_books_hold_under_every_structure(name):
    run = Simulation(Parameters(scale=0.02), months=3, seed=2, rules=rules_of(name), interpreted=True)
    run.advance(3)  # checks the identities
    assert run.records.measures["gpus_leased"][-1] > 0.0
