"""Runs and seeds that many tests of the page look at."""

import pytest

from bubble_abm.page.many_seeds import pairs_of
from bubble_abm.page.run import watch
from bubble_abm.page.settings import Settings


@pytest.fixture(scope="session")
def whole():
    return watch(Settings())


@pytest.fixture(scope="session")
def pairs():
    return pairs_of(Settings())
