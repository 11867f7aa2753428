"""Investors: what they expect, whether a project pays, when they announce it and give it up."""

# ruff: noqa: E501 - a case is a line, a sentence is a name

from __future__ import annotations

import math

import numpy as np
import pytest

from bubble_abm.economy.agents.central_government import CentralGovernmentRow
from bubble_abm.economy.agents.investor import InvestorRow, annuity
from bubble_abm.economy.chip_classes import DOMESTIC, ChipClassRow
from bubble_abm.economy.markets.signals import Market
from bubble_abm.economy.sponsors import ABLE, NEWCOMER, PUBLIC
from tests.economy.agents.cases import Case, check, check_with_mechanisms, given, table
from tests.worlds import filled


def novice(**values: float) -> object:
    return filled(InvestorRow, sponsor=NEWCOMER, earnest=1, **values)


def showman(**values: float) -> object:
    return filled(InvestorRow, sponsor=NEWCOMER, **values)


def expert(**values: float) -> object:
    return filled(InvestorRow, sponsor=ABLE, experienced=1, earnest=1, **values)


def official(**values: float) -> object:
    return filled(InvestorRow, sponsor=PUBLIC, earnest=1, **values)


def market(**values: float) -> object:
    return filled(Market, **({"rent": 9_000, "contract_rent": 10_000, "installed": 100} | values))


# Five months to plan; newcomers and able sponsors build in five, public ones in fifteen; demand reacts one to one.
TEN_MONTHS = given(planning_time=5.0, building_time=5.0, able_building_time=5.0, public_building_time=15.0,
                   training_elasticity=0.7, other_elasticity=0.3, trend_horizon=3.0, believed_growth=0.1,
                   believed_demand_growth=0.04)  # fmt: skip
SLOW = given(**(vars(TEN_MONTHS) | {"able_building_time": 10.0}))
ELASTIC = given(**(vars(TEN_MONTHS) | {"training_elasticity": 1.7}))
BROKERS = given(broker_bias=0.25, believed_utilisation=0.95)
BUSINESS = given(**vars(TEN_MONTHS), loan_rate=0.072, discount_spread=0.004, obsolescence=0.015, investment_horizon=60.0,
                 running_cost=2_600, other_capex=110_000, broker_bias=0.0, believed_utilisation=0.95)  # fmt: skip
HALF_FULL = market(rent=10_000, utilisation=0.5, chip_price=150_000)
NOBODY_CALLS = filled(CentralGovernmentRow)
CHOICE = given(choice_intensity=1.0, hurdle=1.3, herding=2.0, call_weight=2.0, reluctance=0.0, public_reluctance=-1.0,
               ambition=2.0, show_value=1.0, announcement_rate=0.06)  # fmt: skip
RELUCTANT = given(**(vars(CHOICE) | {"reluctance": -1.0}))
ONE_IN = 0.7310585786300049  # logit of one
STARTS = given(hurdle=1.3, start_hurdle=0.9, newcomer_start_hurdle=0.72)
EXPANDS = given(most_projects=4, most_under_way=2, expansion_fill=0.8)
REFUSES = given(refusal=1.5)
FULL = {"gpus_installed": 100, "gpus_leased": 80}
NEARLY_FULL = {"gpus_installed": 100, "gpus_leased": 79}
GIVES_UP = given(cancellation_rate=0.05, cancellation_if_paying=0.2, cancellation_if_losing=2.5)
CASES = [
    Case("rent_seen", "the experienced read the spot", (expert(), market()), 9_000.0),
    Case("rent_seen", "the others read the contracts", (novice(), market()), 10_000.0),
    Case("expected_rent", "who neither extrapolates nor looks at rivals expects today's", (novice(neglect=1.0), market(pipeline=900), TEN_MONTHS), 10_000.0),
    Case("expected_rent", "three per cent a month, half believed", (novice(neglect=1.0, extrapolation=0.5), market(rent_growth=0.03), TEN_MONTHS), 10_000 * math.exp(0.05)),
    Case("expected_rent", "over the longer time in which public sponsors build", (official(neglect=1.0, extrapolation=0.5), market(rent_growth=0.03), TEN_MONTHS), 10_000 * math.exp(0.1)),
    Case("expected_rent", "and over that of able ones", (expert(neglect=1.0, extrapolation=0.5), market(rent_growth=0.03), SLOW), 9_000 * math.exp(0.075)),
    Case("expected_rent", "nobody believes in more than ten per cent a month", (novice(neglect=1.0, extrapolation=3.0), market(rent_growth=0.5), TEN_MONTHS), 10_000 * math.e),
    Case("expected_rent", "nor in less than minus ten", (novice(neglect=1.0, extrapolation=3.0), market(rent_growth=-0.5), TEN_MONTHS), 10_000 / math.e),
    Case("expected_rent", "half the pipeline seen doubles supply and halves the rent", (novice(neglect=0.5), market(pipeline=200), TEN_MONTHS), 5_000.0),
    Case("expected_rent", "elastic demand softens the fall", (novice(neglect=0.0), market(pipeline=300), ELASTIC), 5_000.0),
    Case("expected_rent", "the experienced foresee demand, up to four per cent a month", (expert(neglect=1.0), market(demand_growth=0.4), TEN_MONTHS), 9_000 * math.exp(0.4)),
    Case("expected_rent", "the others do not", (novice(neglect=1.0), market(demand_growth=0.4), TEN_MONTHS), 10_000.0),
    Case("expected_utilisation", "brokers inflate it", (novice(), market(utilisation=0.6), BROKERS), 0.75),
    Case("expected_utilisation", "not for the experienced", (expert(), market(utilisation=0.6), BROKERS), 0.6),
    Case("expected_utilisation", "able sponsors count on what their own sites have", (expert(gpus_installed=100, gpus_leased=90), market(utilisation=0.6), BROKERS), 0.9),
    Case("expected_utilisation", "if it is more", (expert(gpus_installed=100, gpus_leased=50), market(utilisation=0.6), BROKERS), 0.6),
    Case("expected_utilisation", "newcomers do not", (novice(gpus_installed=100, gpus_leased=90), market(utilisation=0.6), BROKERS), 0.75),
    Case("expected_utilisation", "not even own full sites make it more than 95 per cent", (expert(gpus_installed=100, gpus_leased=100), market(utilisation=0.6), BROKERS), 0.95),
    Case("expected_utilisation", "but to no more than 95 per cent", (novice(), market(utilisation=0.9), BROKERS), 0.95),
    Case("pipeline_neglected", "what is in the investor's character", (novice(neglect=0.85), given()), 0.85),
    Case("discount_rate", "the loan rate and a spread", (novice(), BUSINESS), 0.01),
    Case("discount_rate", "and obsolescence for the experienced", (expert(), BUSINESS), 0.025),
    Case("grant_expected", "the whole subsidy", (0.2, given()), 0.2),
    Case("present_value", "2 400 a month for five years at 1 %", (novice(neglect=1.0), 260_000.0, 0.2, HALF_FULL, BUSINESS), 2_400 * 44.95503840622437),
    Case("annuity", "one per cent over five years, from a printed table", (0.01, 60.0), 44.95503840622437),
    Case("annuity", "one month", (0.25, 1.0), 0.8),
    Case("profitability", "2 400 a month for five years at 1 % on 260 000", (novice(neglect=1.0), 0.0, HALF_FULL, BUSINESS), 2_400 * 44.95503840622437 / 260_000),
    Case("profitability", "a fifth of capex granted raises it by a quarter", (novice(neglect=1.0), 0.2, HALF_FULL, BUSINESS), 1.25 * 2_400 * 44.95503840622437 / 260_000),
    Case("profitability", "the experienced count 1.5 % a month for obsolescence", (expert(neglect=1.0), 0.0, HALF_FULL, BUSINESS), 2_400 * 30.908656487907734 / 260_000),
    Case("profitability", "nothing is left when half of the rent is the running cost", (novice(neglect=1.0), 0.0, market(contract_rent=5_200, utilisation=0.5, chip_price=150_000), BUSINESS), 0.0),
    Case("money_at_hand", "cash that is not promised", (novice(cash=100, pledged=30),), 70.0),
    Case("money_at_hand", "nothing if more is promised than is there", (novice(cash=100, pledged=130),), 0.0),
    Case("considers_project", "a newcomer who has heard enough", (novice(news_needed=0.5), market(news=0.5), EXPANDS), True),
    Case("considers_project", "not before", (novice(news_needed=0.5), market(news=0.49), EXPANDS), False),
    Case("considers_project", "another when its own are full", (novice(projects=1, **FULL), market(), EXPANDS), True),
    Case("considers_project", "not before", (novice(projects=1, **NEARLY_FULL), market(), EXPANDS), False),
    Case("considers_project", "a newcomer has one at a time", (novice(projects=1, under_way=1), market(), EXPANDS), False),
    Case("considers_project", "and does not come back after a failure", (novice(projects=2, failed=1, **FULL), market(), EXPANDS), False),
    Case("considers_project", "able sponsors expand when their own are full", (expert(projects=1, under_way=1, failed=1, **FULL), market(), EXPANDS), True),
    Case("considers_project", "not before", (expert(projects=1, **NEARLY_FULL), market(), EXPANDS), False),
    Case("considers_project", "nor with two under way", (expert(projects=2, under_way=2, **FULL), market(), EXPANDS), False),
    Case("considers_project", "public sponsors go on with empty and failed sites", (official(projects=2, under_way=1, failed=1, gpus_installed=100), market(), EXPANDS), True),
    Case("considers_project", "not with two under way", (official(projects=2, under_way=2), market(), EXPANDS), False),
    *(Case("considers_project", f"nobody has a fifth project, sponsor {who.sponsor}", (who, market(), EXPANDS), False) for who in (novice(projects=4), expert(projects=4), official(projects=4))),
    Case("announces_in_earnest", "what it would start", (expert(), 1.18, STARTS), True),
    Case("announces_in_earnest", "nothing else", (expert(), 1.16, STARTS), False),
    Case("announces_in_earnest", "a newcomer by its own hurdle", (novice(), 0.94, STARTS), True),
    Case("announces_in_earnest", "nothing else", (novice(), 0.93, STARTS), False),
    Case("announces_in_earnest", "for show, whatever it earns", (showman(), -5.0, STARTS), True),
    Case("announces_in_earnest", "a public sponsor, too", (official(), -5.0, STARTS), True),
    Case("announcement_hazard", "indifference gives half the rate", (novice(profitability=1.3), 0.0, NOBODY_CALLS, CHOICE), 0.03),
    Case("announcement_hazard", "three times the hurdle gives three quarters", (novice(profitability=3.9), 0.0, NOBODY_CALLS, CHOICE), 0.045),
    Case("announcement_hazard", "half of the neighbours count one unit", (novice(profitability=1.3, social=0.5), 0.0, NOBODY_CALLS, CHOICE), 0.06 * ONE_IN),
    Case("announcement_hazard", "so does half a call", (novice(profitability=1.3), 0.0, filled(CentralGovernmentRow, call=0.5), CHOICE), 0.06 * ONE_IN),
    Case("announcement_hazard", "and taste", (novice(profitability=1.3, taste=1.0), 0.0, NOBODY_CALLS, CHOICE), 0.06 * ONE_IN),
    Case("announcement_hazard", "against the reluctance of all but public sponsors", (expert(profitability=1.3, taste=1.0), 0.0, NOBODY_CALLS, RELUCTANT), 0.03),
    Case("announcement_hazard", "a hopeless project stays rare, not impossible", (novice(profitability=-5.0), 0.0, NOBODY_CALLS, CHOICE), 0.06 / 131.0),
    Case("announcement_hazard", "the gap of the province is not a newcomer's concern", (novice(profitability=1.3), 1.0, NOBODY_CALLS, CHOICE), 0.03),
    Case("announcement_hazard", "a public sponsor makes up its reluctance by half the gap", (official(profitability=-5.0), 0.5, NOBODY_CALLS, RELUCTANT), 0.03),
    Case("announcement_hazard", "and hastens with the whole", (official(profitability=-5.0), 1.0, NOBODY_CALLS, RELUCTANT), 0.06 * ONE_IN),
    Case("announcement_hazard", "who announces for show sees its worth, not the profit", (showman(profitability=-5.0), 0.0, NOBODY_CALLS, CHOICE), 0.06 * ONE_IN),
    Case("announcement_hazard", "less the reluctance", (showman(profitability=-5.0), 0.0, NOBODY_CALLS, RELUCTANT), 0.03),
    Case("goes_ahead", "able sponsors at nine tenths of the hurdle", (expert(), 1.18, STARTS), True),
    Case("goes_ahead", "not under it", (expert(), 1.16, STARTS), False),
    Case("goes_ahead", "newcomers at 0.72", (novice(), 0.94, STARTS), True),
    Case("goes_ahead", "not under that", (novice(), 0.93, STARTS), False),
    Case("goes_ahead", "a public plan whatever it earns", (official(), -5.0, STARTS), True),
    Case("pays_on", "a site worth one and a half times what it still costs", (novice(), 150.0, 100.0, REFUSES), True),
    Case("pays_on", "not less", (novice(), 149.0, 100.0, REFUSES), False),
    Case("pays_on", "not even if it is able", (expert(), 149.0, 100.0, REFUSES), False),
    Case("pays_on", "a public sponsor finishes what was decided", (official(), -5.0, 100.0, REFUSES), True),
    Case("cancellation_hazard", "rare while it pays", (novice(), True, GIVES_UP), 0.01),
    Case("cancellation_hazard", "likely when it does not", (novice(), False, GIVES_UP), 0.125),
    Case("cancellation_hazard", "of a show at the base rate while it pays", (showman(), True, GIVES_UP), 0.05),
    Case("cancellation_hazard", "and when it does not", (showman(), False, GIVES_UP), 0.05),
    Case("class_appeal", "compute per yuan, twice as much counts four times", (filled(InvestorRow, sponsor=NEWCOMER), filled(ChipClassRow, on_sale=1, worth=2.0), 1.0, given(class_choice=2.0, domestic_terms=9.0)), 4.0),
    Case("class_appeal", "none of what is not on sale", (filled(InvestorRow, sponsor=NEWCOMER), filled(ChipClassRow, worth=2.0), 1.0, given(class_choice=2.0, domestic_terms=9.0)), 0.0),
    Case("class_appeal", "nor of what is of no use", (filled(InvestorRow, sponsor=NEWCOMER), filled(ChipClassRow, on_sale=1), 1.0, given(class_choice=2.0, domestic_terms=9.0)), 0.0),
    Case("class_appeal", "terms of the subsidy for domestic chips", (filled(InvestorRow, sponsor=PUBLIC), filled(ChipClassRow, id=DOMESTIC, on_sale=1, worth=2.0), 1.0, given(class_choice=2.0, domestic_terms=math.log(3.0))), 12.0),
    Case("class_appeal", "which others do not ask for", (filled(InvestorRow, sponsor=ABLE), filled(ChipClassRow, id=DOMESTIC, on_sale=1, worth=2.0), 1.0, given(class_choice=2.0, domestic_terms=math.log(3.0))), 4.0),
]  # fmt: skip

# In the month, where mechanisms amend decisions: what sponsors expect who are attentive.
ATTENTIVE = given(**vars(TEN_MONTHS), sponsor_attention=1.0, inference_trend=0.0, public_register=0.0)
HALF_ATTENTIVE = given(**vars(BROKERS), sponsor_attention=0.5, forecast_checks=0.0)
SEEN = [
    Case("expected_rent", "half of the model makers left, and nobody else rents", (novice(neglect=1.0), market(training_gpus=100, exits_seen=0.5), ATTENTIVE), 5_000.0),
    Case("expected_utilisation", "half way from what brokers say to what halls like theirs have", (novice(), market(utilisation=0.6, fill_interior_seen=0.25), HALF_ATTENTIVE), 0.5),
    Case("expected_utilisation", "near the users, too", (novice(near_users=1), market(utilisation=0.6, fill_hub_seen=0.45), HALF_ATTENTIVE), 0.6),
]  # fmt: skip


@table(SEEN)
def test_an_attentive_sponsor_expects_in_the_month_what_was_worked_out_by_hand(case: Case) -> None:
    check_with_mechanisms(case)


@table(CASES)
def test_an_investor_decides_as_worked_out_by_hand(case: Case) -> None:
    check(case)


@pytest.mark.parametrize("rate", [0.004, 0.01, 0.025, 0.2])
@pytest.mark.parametrize("months", [1, 12, 60, 600])
def test_the_annuity_is_the_sum_of_discounted_yuan(rate: float, months: int) -> None:
    assert annuity(rate, months) == pytest.approx(np.sum((1.0 + rate) ** -np.arange(1.0, months + 1.0)), rel=1e-12)
