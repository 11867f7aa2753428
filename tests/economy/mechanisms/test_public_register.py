"""Public register: neutral is absent; who sees the pipeline builds less."""

from __future__ import annotations

from bubble_abm.economy.agents.investor import InvestorRow, pipeline_neglected
from bubble_abm.economy.mechanisms import public_register
from tests.economy.mechanisms.battery import Battery
from tests.worlds import constants, filled, with_mechanisms


class TestPublicRegister(Battery):
    mechanism = public_register
    active = {"public_register": 1.0}
    sign = ("projects_completed", 24, -1.0)  # who sees the pipeline builds less


def test_a_register_shows_its_part_of_what_was_neglected() -> None:
    who = filled(InvestorRow, neglect=0.8)
    neglected = with_mechanisms(pipeline_neglected)
    assert [neglected(who, constants(public_register=shown)) for shown in (0.0, 0.5, 1.0)] == [0.8, 0.4, 0.0]
