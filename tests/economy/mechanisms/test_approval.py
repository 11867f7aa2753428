"""Approval: neutral is absent; where and when projects are refused."""

# ruff: noqa: E501 - a case is a line, a sentence is a name

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from bubble_abm.economy.agents.operator import BUILDING, PLANNED
from bubble_abm.economy.markets import projects
from bubble_abm.economy.mechanisms import approval
from tests.economy.agents.cases import Case, check_with_mechanisms, given, table
from tests.economy.agents.test_local_government import province
from tests.economy.mechanisms.battery import Battery
from tests.worlds import founded, luck_of, planned, with_mechanisms

GATE = given(approval_utilisation=0.6)
CASES = [
    Case("approves_site", "not outside the hubs, by chance", (province(), 0.29, given(hub_only=0.3)), False),
    Case("approves_site", "with luck", (province(), 0.31, given(hub_only=0.3)), True),
    Case("approves_site", "always in a hub", (province(hub=1), 0.0, given(hub_only=1.0)), True),
    Case("approves_site", "anywhere without the policy", (province(), 0.0, given(hub_only=0.0)), True),
    Case("approves_start", "as its own new sites are used", (province(gpus_installed_new=100, gpus_leased_new=60), given(utilisation=0.1), GATE), True),
    Case("approves_start", "whatever the nation's are", (province(gpus_installed_new=100, gpus_leased_new=59), given(utilisation=0.9), GATE), False),
    Case("approves_start", "without a site of its own as the nation's", (province(), given(utilisation=0.6), GATE), True),
    Case("approves_start", "when those stand empty it may not build", (province(), given(utilisation=0.59), GATE), False),
    Case("approves_start", "whatever is empty without a gate", (province(gpus_installed_new=100), given(utilisation=0.0), given(approval_utilisation=0.0)), True),
]  # fmt: skip


@table(CASES)
def test_a_province_approves_as_worked_out_by_hand(case: Case) -> None:
    check_with_mechanisms(case)


class TestApproval(Battery):
    mechanism = approval
    active = {"hub_only": 1.0}
    sign = ("utilisation_hub", 24, -1.0)  # more sites near the users share the tenants there


def test_who_is_refused_outside_the_hubs_goes_to_one_if_he_was_to_leave_home() -> None:
    world, p = founded()
    hub, interior = (int(np.flatnonzero(world.provinces["hub"] == flag)[0]) for flag in (1, 0))
    world.best_provinces[:], world.best_hubs[:] = interior, hub
    p.home_bias, p.hub_only = 0.6, 0.5
    refused, lucky = 2.4 / 6, 2.6 / 6  # the third of six places, and four or six tenths left of the draw

    def chosen(home: int, leave_home: float, site: float) -> int:
        return with_mechanisms(projects.province_chosen)(
            world, SimpleNamespace(home=home), SimpleNamespace(leave_home=leave_home, site=site), p
        )

    assert chosen(interior, 0.5, refused) == -1
    assert chosen(interior, 0.5, lucky) == interior
    assert chosen(hub, 0.5, refused) == hub
    assert chosen(interior, 0.7, refused) == hub
    assert chosen(interior, 0.7, lucky) == interior


def test_a_plan_waits_until_what_the_province_has_is_used() -> None:
    world, p, operator, owner = planned(purse=1e9)
    p.approval_utilisation, p.hurdle, p.cancellation_rate = 0.6, 0.0, 0.0
    province = world.provinces[operator.province]
    province.gpus_installed_new, province.gpus_leased_new = 100.0, 50.0
    chance = luck_of(world, operator, start=0.0, cancel=0.5)
    with_mechanisms(projects.projects_start)(world, p, chance)
    assert operator.stage == PLANNED
    province.gpus_leased_new = 60.0
    with_mechanisms(projects.projects_start)(world, p, chance)
    assert operator.stage == BUILDING
    assert owner.pledged == operator.equity_pledged > 0.0
