"""Later answer: the state sees national use with a delay, then calls off the build-out and gates approvals by use.

It answers by rule, not by date: once use, as it sees it, is too low, and until it has recovered. Idle compute that is
pooled and sites that are handed over are answers, too, each in a file of its own.
Without it, the centre lowers its voice, and provinces and public sponsors go on announcing.
"""

from __future__ import annotations

from typing import Any

from bubble_abm.economy.agents.central_government import CentralGovernmentRow
from bubble_abm.economy.agents.local_government import LocalGovernmentRow, use_of_new_sites
from bubble_abm.economy.declare import POLICY, decision, parameters, section
from bubble_abm.economy.sponsors import PUBLIC
from bubble_abm.economy.tables import Row, column


@parameters
class Parameters:
    """What the state sees, how late, and what it then does."""

    # fmt: off
    parameter = section("later answer")
    answer_threshold: float = parameter(
        0.37, unit="utilisation", low=0, high=0.6, role="fixed",
        source="assumption: with it the answer comes in summer 2025, as approvals gated by use did in August",
        meaning="national use, as the state sees it, below which it answers until that of the brake is passed")
    answer_delay: float = parameter(
        4.0, unit="months", low=1, high=24, role="fixed",
        source="assumption; check: approvals gated by use in August 2025",
        meaning="mean delay with which the state sees national use")
    late_brake: float = parameter(
        0, unit="share", low=0, high=1, role="lever", neutral=0, source=POLICY,
        meaning="share of the call, and of announcements by public sponsors, that the state calls off when it answers")
    late_gate: float = parameter(
        0, unit="utilisation", low=0, high=1, role="lever", neutral=0, source=POLICY,
        meaning="use of a province's new sites below which, when the state answers, nothing is announced or started")
    del parameter
    # fmt: on


class CentreColumns(Row, extends=CentralGovernmentRow):
    """What the centre knows, and whether it acts on it."""

    use_seen: float = column("share", "national use, as the centre sees it")
    answers: int = column("", "1 while the centre answers to low use")


class ProvinceColumns(Row, extends=LocalGovernmentRow):
    """Whether a province may build."""

    gated: int = column("", "1 while the gate is closed: nothing is announced or started")


# --- Decisions ------------------------------------------------------------------------------------------------------


@decision
def answers(centre: Any, p: Any) -> bool:
    """Whether the centre answers to low use: from the threshold on, until the threshold of the brake is passed."""
    enough = max(p.answer_threshold, p.brake_threshold) if centre.answers else p.answer_threshold
    return centre.use_seen < enough


@decision
def is_gated(province: Any, centre: Any, market: Any, p: Any) -> bool:
    """Whether a province may announce and start nothing, because its new sites are used too little."""
    return centre.answers == 1 and use_of_new_sites(province, market) < p.late_gate


# --- What it changes in decisions of the core (wired in month.py) ---------------------------------------------------


def call_when_answered(call: float, centre: Any, p: Any) -> float:
    """Pressure of the call, called off in part while the centre answers [0, 1]."""
    return call * (1.0 - p.late_brake) if centre.answers else call


def hazard_when_answered(hazard: float, investor: Any, rank_gap: float, centre: Any, p: Any) -> float:
    """Probability of announcing a project: public sponsors, who do as they are told, are told to stop [1/month]."""
    return hazard * (1.0 - p.late_brake) if centre.answers and investor.sponsor == PUBLIC else hazard


def approves_site_ungated(approves: bool, province: Any, chance: float, p: Any) -> bool:
    """Whether a project may be announced in this province: not behind a closed gate."""
    return approves and province.gated == 0


def approves_start_ungated(approves: bool, province: Any, market: Any, p: Any) -> bool:
    """Whether plans in this province may start: not behind a closed gate."""
    return approves and province.gated == 0


# --- Steps ----------------------------------------------------------------------------------------------------------


def centre_has_seen_use(world: Any, p: Any) -> None:
    """At the founding, the centre knows how much is used."""
    world.centre.use_seen = world.market.utilisation


def centre_sees_use(world: Any, p: Any) -> None:
    """National use becomes known to the centre little by little; when it is too low, the centre answers."""
    centre = world.centre
    centre.use_seen += (world.market.utilisation - centre.use_seen) / p.answer_delay
    centre.answers = 1 if answers(centre, p) else 0
    for province in world.provinces:
        province.gated = 1 if is_gated(province, centre, world.market, p) else 0
