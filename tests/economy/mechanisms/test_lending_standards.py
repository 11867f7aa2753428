"""Lending standards: neutral is absent; what makes lenders strict, and what strict lenders do."""

# ruff: noqa: E501 - a case is a line, a sentence is a name

from __future__ import annotations

import math

import pytest

from bubble_abm.economy.agents.operator import BANKRUPT, BUILDING, DISTRESSED, IDLE, OPERATING, PAUSED, OperatorRow
from bubble_abm.economy.markets import construction, projects
from bubble_abm.economy.markets.signals import Market
from bubble_abm.economy.mechanisms import lending_standards
from bubble_abm.economy.sponsors import ABLE, NEWCOMER, PUBLIC
from tests.economy.agents.cases import Case, check, check_with_mechanisms, given, table
from tests.economy.mechanisms.battery import Battery
from tests.worlds import filled, founded, luck_of, planned, project, with_mechanisms

HALF = math.log(2.0)  # strain at which lenders are half as ready as in good times
STRICT = given(lender_strictness=0.5)
RATES = given(refusal_rate=0.2, resumption_rate=0.6)
LENDERS = given(leverage=0.6, able_leverage=0.4, public_leverage=0.7, leverage_cap=0.9)


def market(**values: float) -> object:
    return filled(Market, **values)


def site(sponsor: int = NEWCOMER, stage: int = BUILDING) -> object:
    return filled(OperatorRow, sponsor=sponsor, stage=stage)


STRAINED = market(strain=HALF)
CASES = [
    Case("lenders_strain", "a fifth of all sites in distress", (0.2, market(rent_growth=0.01), STRICT), 0.1),
    Case("lenders_strain", "and rents that fall by a quarter a year", (0.2, market(rent_growth=-0.25 / 12), STRICT), 0.225),
    Case("lenders_strain", "whatever they see, if they do not mind", (0.2, market(rent_growth=-0.1), given(lender_strictness=0.0)), 0.0),
    Case("readiness", "all in good times", (market(),), 1.0),
    Case("readiness", "half", (STRAINED,), 0.5),
    Case("debt_by_standards", "half to newcomers", (0.6, NEWCOMER, STRAINED, None), 0.3),
    Case("debt_by_standards", "and able ones", (0.4, ABLE, STRAINED, None), 0.2),
    Case("debt_by_standards", "bonds for public ones as ever", (0.7, PUBLIC, STRAINED, None), 0.7),
    Case("lends_by_standards", "the next part is refused by chance", (True, site(), STRAINED, RATES, given(lend=0.09)), False),
    Case("lends_by_standards", "seldom, times the readiness lost", (True, site(), STRAINED, RATES, given(lend=0.11)), True),
    Case("lends_by_standards", "never to a public sponsor", (True, site(PUBLIC), STRAINED, RATES, given(lend=0.0)), True),
    Case("lends_by_standards", "never in good times", (True, site(), market(), RATES, given(lend=0.0)), True),
    Case("lends_by_standards", "a paused loan is resumed by chance", (True, site(stage=PAUSED), STRAINED, RATES, given(lend=0.29)), True),
    Case("lends_by_standards", "times readiness", (True, site(stage=PAUSED), STRAINED, RATES, given(lend=0.31)), False),
    Case("lends_by_standards", "who has not agreed lends nothing", (False, site(), STRAINED, RATES, given(lend=0.99)), False),
]  # fmt: skip
AMENDED = [
    Case("debt_allowed", "half to newcomers", (NEWCOMER, STRAINED, LENDERS), 0.3),
    Case("debt_allowed", "half to able ones", (ABLE, STRAINED, LENDERS), 0.2),
    Case("debt_allowed", "all to public ones", (PUBLIC, STRAINED, LENDERS), 0.7),
    Case("lends_on", "not always", (site(), STRAINED, RATES, given(lend=0.09)), False),
    Case("lends_on", "but mostly", (site(), STRAINED, RATES, given(lend=0.11)), True),
]  # fmt: skip


@table(CASES)
def test_lenders_are_as_strict_as_worked_out_by_hand(case: Case) -> None:
    check(case)


@table(AMENDED)
def test_decisions_to_lend_change_as_worked_out_by_hand(case: Case) -> None:
    check_with_mechanisms(case)


class TestLendingStandards(Battery):
    mechanism = lending_standards
    around = {"lender_attention": 0.0}  # what lenders watch besides is a strength of its own
    active = {"lender_strictness": 5.0}
    sign = ("operators_debt", 22, -1.0)  # strict lenders lend less


def test_standards_follow_distress_among_sites_that_stand_and_those_that_pause() -> None:
    world, p = founded()
    p.lender_strictness, p.standards_memory, world.market.rent_growth = 2.0, 0.25, 0.0
    stages = [OPERATING, DISTRESSED, IDLE, PAUSED, BUILDING, BANKRUPT, OPERATING]
    for number, stage in enumerate(stages):
        project(world, number, stage=stage)
    seen = 2.0 * 2 / 7  # two of four new sites that stand and three incumbents
    for strain in (0.25 * seen, 0.4375 * seen):
        lending_standards.lenders_set_standards(world, p)
        assert world.market.strain == pytest.approx(strain)


def test_a_site_that_starts_while_lenders_are_strict_needs_more_equity() -> None:
    world, p, operator, owner = planned(purse=1e9)
    world.market.strain = HALF
    assert with_mechanisms(projects.start)(world, operator, owner, p)
    assert operator.loan_promised == pytest.approx(4e6)  # a quarter of 16 million
    assert operator.equity_pledged == pytest.approx(12e6 + 2e6)


def test_rounds_refused_pause_a_site_until_the_lender_is_ready_again() -> None:
    world, p, operator, owner = planned(purse=1e9)
    p.refusal, p.refusal_rate, p.resumption_rate = 0.0, 0.2, 0.6
    assert projects.start(world, operator, owner, p)
    world.market.strain = HALF
    raised = with_mechanisms(construction.sites_raise_rounds)
    for draw, stage, debt in (
        (0.11, BUILDING, 8e6 / 6),
        (0.09, PAUSED, 8e6 / 6),
        (0.31, PAUSED, 8e6 / 6),
        (0.29, BUILDING, 16e6 / 6),
    ):
        raised(world, p, luck_of(world, operator, lend=draw))
        if operator.stage == BUILDING:
            operator.months_to_build -= 1.0
        assert (operator.stage, operator.debt) == (stage, pytest.approx(debt))
