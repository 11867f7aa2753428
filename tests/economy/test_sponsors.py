"""What kinds of sponsor have of their own, whoever asks."""

import pytest

from bubble_abm.economy.sponsors import ABLE, KINDS_OF_SPONSOR, NEWCOMER, PUBLIC, mean_building_time
from tests.worlds import constants


@pytest.mark.parametrize(("sponsor", "months"), [(NEWCOMER, 5.0), (ABLE, 10.0), (PUBLIC, 15.0)])
def test_every_kind_builds_at_a_speed_of_its_own(sponsor: int, months: float) -> None:
    p = constants(building_time=5, able_building_time=10, public_building_time=15)
    assert mean_building_time(sponsor, p) == months


def test_kinds_are_named_in_their_order() -> None:
    assert [KINDS_OF_SPONSOR[kind] for kind in (PUBLIC, NEWCOMER, ABLE)] == ["public", "newcomer", "able"]
