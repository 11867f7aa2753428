"""Later answer: neutral is absent; when the state answers, what it calls off, and where nothing is built any more."""

# ruff: noqa: E501 - a case is a line, a sentence is a name

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from bubble_abm.economy.agents.central_government import CentralGovernmentRow
from bubble_abm.economy.markets import projects
from bubble_abm.economy.mechanisms import later_answer
from tests.economy.agents.cases import Case, check, check_with_mechanisms, given, table
from tests.economy.agents.test_investor import CHOICE, novice, official
from tests.economy.agents.test_local_government import province
from tests.economy.mechanisms.battery import Battery
from tests.worlds import filled, founded, with_mechanisms


def centre(**values: float) -> object:
    return filled(CentralGovernmentRow, **values)


ANSWERS = given(answer_threshold=0.3, brake_threshold=0.45)
GATE = given(late_gate=0.4)
EMPTY = province(gpus_installed_new=100, gpus_leased_new=39)
BRAKE = given(**vars(CHOICE), late_brake=0.75)
CALL = given(call=0.8, call_under_brake=0.15, late_brake=0.75)
NO_POLICY = given(hub_only=0.0, approval_utilisation=0.0)
CASES = [
    Case("answers", "once it sees less than three tenths used", (centre(use_seen=0.29), ANSWERS), True),
    Case("answers", "not before", (centre(use_seen=0.31), ANSWERS), False),
    Case("answers", "and goes on until the brake would be released", (centre(use_seen=0.44, answers=1), ANSWERS), True),
    Case("answers", "no longer", (centre(use_seen=0.46, answers=1), ANSWERS), False),
    Case("answers", "it never ends below where it begins", (centre(use_seen=0.46, answers=1), given(answer_threshold=0.5, brake_threshold=0.45)), True),
    Case("use_of_new_sites", "the province's own", (EMPTY, given(utilisation=0.9)), 0.39),
    Case("use_of_new_sites", "the nation's without any", (province(), given(utilisation=0.9)), 0.9),
    Case("is_gated", "where less than two fifths are used", (EMPTY, centre(answers=1), given(utilisation=0.9), GATE), True),
    Case("is_gated", "not where more are", (province(gpus_installed_new=100, gpus_leased_new=41), centre(answers=1), given(utilisation=0.1), GATE), False),
    Case("is_gated", "not before the state answers", (EMPTY, centre(), given(utilisation=0.9), GATE), False),
]  # fmt: skip
AMENDED = [
    Case("next_call", "three quarters called off", (centre(answers=1), CALL), 0.2),
    Case("next_call", "of what the brake has left", (centre(answers=1, brake=1), CALL), 0.03),
    Case("next_call", "the plan, until the state answers", (centre(), CALL), 0.8),
    Case("announcement_hazard", "a quarter of public sponsors goes on", (official(), 0.5, centre(answers=1), BRAKE), 0.25 * 0.03),
    Case("announcement_hazard", "all of them before", (official(), 0.5, centre(), BRAKE), 0.03),
    Case("announcement_hazard", "and all others", (novice(profitability=1.3), 0.0, centre(answers=1), BRAKE), 0.03),
    Case("approves_site", "not behind a closed gate", (province(gated=1), 0.5, NO_POLICY), False),
    Case("approves_site", "elsewhere", (province(), 0.5, NO_POLICY), True),
    Case("approves_start", "not behind a closed gate", (province(gated=1), given(utilisation=0.5), NO_POLICY), False),
    Case("approves_start", "elsewhere", (province(), given(utilisation=0.5), NO_POLICY), True),
]  # fmt: skip


@table(CASES)
def test_the_state_answers_as_worked_out_by_hand(case: Case) -> None:
    check(case)


@table(AMENDED)
def test_decisions_change_while_it_answers_as_worked_out_by_hand(case: Case) -> None:
    check_with_mechanisms(case)


class TestLaterAnswer(Battery):
    mechanism = later_answer
    active = {"late_brake": 0.9, "late_gate": 0.4}
    sign = ("projects_started", 36, -1.0)  # who may not build does not


@pytest.mark.whole_runs
@pytest.mark.parametrize("active", [{"late_brake": 0.9}, {"late_gate": 0.4}], ids=["brake", "gate"])
def test_either_can_be_tried_alone(active: dict[str, float]) -> None:
    alone = TestLaterAnswer()
    alone.active = active  # type: ignore[misc]
    alone.test_it_moves_what_it_should_in_the_right_direction()


def test_use_becomes_known_little_by_little_and_the_gate_closes_where_halls_are_empty() -> None:
    world, p = founded()
    p.answer_delay, p.answer_threshold, p.brake_threshold, p.late_gate = 4.0, 0.3, 0.45, 0.4
    assert world.centre.use_seen == world.market.utilisation
    world.centre.use_seen, world.market.utilisation = 0.36, 0.2
    world.provinces["gpus_installed_new"] = 100.0
    world.provinces["gpus_leased_new"] = np.arange(31.0) + 20.0
    for seen, answers in ((0.32, 0), (0.29, 1), (0.2675, 1)):
        later_answer.centre_sees_use(world, p)
        assert (world.centre.use_seen, world.centre.answers) == (pytest.approx(seen), answers)
        assert list(world.provinces["gated"]) == [answers] * 20 + [0] * 11
    world.market.utilisation = 1.0
    later_answer.centre_sees_use(world, p)  # to 0.451, above the brake's threshold
    assert (world.centre.answers, world.provinces["gated"].sum()) == (0, 0)


def test_who_finds_the_gate_closed_goes_to_a_hub_only_if_its_gate_is_open() -> None:
    world, p = founded()
    hub, interior = (int(np.flatnonzero(world.provinces["hub"] == flag)[0]) for flag in (1, 0))
    world.best_provinces[:], world.best_hubs[:] = interior, hub
    world.provinces[interior].gated, p.home_bias = 1, 0.6
    chosen = with_mechanisms(projects.province_chosen)
    leaves, stays = (SimpleNamespace(leave_home=draw, site=0.4) for draw in (0.7, 0.5))
    assert chosen(world, SimpleNamespace(home=interior), leaves, p) == hub
    assert chosen(world, SimpleNamespace(home=interior), stays, p) == -1
    world.provinces[hub].gated = 1
    assert chosen(world, SimpleNamespace(home=interior), leaves, p) == -1
