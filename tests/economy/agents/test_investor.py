"""Investors: what they expect, whether a project pays, when they announce it and give it up."""

# ruff: noqa: E501 - a case is a line, a sentence is a name

from __future__ import annotations

import math

import numpy as np
import pytest

from bubble_abm.economy.agents.central_government import CentralGovernmentRow
from bubble_abm.economy.agents.investor import InvestorRow, annuity
from bubble_abm.economy.markets.signals import Market
from tests.economy.agents.cases import Case, check, given, table
from tests.worlds import filled


def novice(**values: float) -> object:
    return filled(InvestorRow, **values)


def expert(**values: float) -> object:
    return filled(InvestorRow, experienced=1, **values)


def market(**values: float) -> object:
    return filled(Market, **({"rent": 9_000, "contract_rent": 10_000, "installed": 100, "trend_weight": 1.0} | values))


# Five months to plan and five to build; demand reacts one to one.
TEN_MONTHS = given(planning_time=5.0, building_time=5.0, training_elasticity=0.7, other_elasticity=0.3, trend_horizon=3.0,
                   believed_growth=0.1, believed_demand_growth=0.04)  # fmt: skip
ELASTIC = given(**(vars(TEN_MONTHS) | {"training_elasticity": 1.7}))
BROKERS = given(broker_bias=0.25, believed_utilisation=0.95)
BUSINESS = given(**vars(TEN_MONTHS), loan_rate=0.072, discount_spread=0.004, obsolescence=0.015, investment_horizon=60.0,
                 running_cost=2_600, other_capex=110_000, broker_bias=0.0, believed_utilisation=0.95)  # fmt: skip
HALF_FULL = market(rent=10_000, utilisation=0.5, chip_price=150_000)
NOBODY_CALLS = filled(CentralGovernmentRow)
CHOICE = given(choice_intensity=1.0, hurdle=1.3, herding=2.0, call_weight=2.0, reluctance=0.0, announcement_rate=0.06)
STARTS = given(hurdle=1.3, start_hurdle=0.9, inexperienced_start_hurdle=0.72)
GIVES_UP = given(cancellation_rate=0.05, cancellation_if_paying=0.2, cancellation_if_losing=2.5)
CASES = [
    Case("rent_seen", "the experienced read the spot", (expert(), market()), 9_000.0),
    Case("rent_seen", "the others read the contracts", (novice(), market()), 10_000.0),
    Case("expected_rent", "who neither extrapolates nor looks at rivals expects today's", (novice(neglect=1.0), market(pipeline=900), TEN_MONTHS), 10_000.0),
    Case("expected_rent", "three per cent a month, half believed, twice over", (novice(neglect=1.0, extrapolation=2.0), market(trend_weight=0.5, rent_growth=0.03), TEN_MONTHS), 10_000 * math.exp(0.1)),
    Case("expected_rent", "nobody believes in more than ten per cent a month", (novice(neglect=1.0, extrapolation=3.0), market(rent_growth=0.5), TEN_MONTHS), 10_000 * math.e),
    Case("expected_rent", "nor in less than minus ten", (novice(neglect=1.0, extrapolation=3.0), market(rent_growth=-0.5), TEN_MONTHS), 10_000 / math.e),
    Case("expected_rent", "half the pipeline seen doubles supply and halves the rent", (novice(neglect=0.5), market(pipeline=200), TEN_MONTHS), 5_000.0),
    Case("expected_rent", "elastic demand softens the fall", (novice(neglect=0.0), market(pipeline=300), ELASTIC), 5_000.0),
    Case("expected_rent", "the experienced foresee demand, up to four per cent a month", (expert(neglect=1.0), market(demand_growth=0.4), TEN_MONTHS), 9_000 * math.exp(0.4)),
    Case("expected_rent", "the others do not", (novice(neglect=1.0), market(demand_growth=0.4), TEN_MONTHS), 10_000.0),
    Case("expected_utilisation", "brokers inflate it", (novice(), market(utilisation=0.6), BROKERS), 0.75),
    Case("expected_utilisation", "not for the experienced", (expert(), market(utilisation=0.6), BROKERS), 0.6),
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
    Case("announcement_hazard", "indifference gives half the rate", (novice(profitability=1.3), NOBODY_CALLS, CHOICE), 0.03),
    Case("announcement_hazard", "three times the hurdle gives three quarters", (novice(profitability=3.9), NOBODY_CALLS, CHOICE), 0.045),
    Case("announcement_hazard", "half of the neighbours count one unit", (novice(profitability=1.3, social=0.5), NOBODY_CALLS, CHOICE), 0.06 * 0.7310585786300049),
    Case("announcement_hazard", "so does half a call", (novice(profitability=1.3), filled(CentralGovernmentRow, call=0.5), CHOICE), 0.06 * 0.7310585786300049),
    Case("announcement_hazard", "and taste", (novice(profitability=1.3, taste=1.0), NOBODY_CALLS, CHOICE), 0.06 * 0.7310585786300049),
    Case("announcement_hazard", "a hopeless project stays rare, not impossible", (novice(profitability=-5.0), NOBODY_CALLS, CHOICE), 0.06 / 131.0),
    Case("goes_ahead", "the experienced at nine tenths of the hurdle", (expert(), 1.18, STARTS), True),
    Case("goes_ahead", "not under it", (expert(), 1.16, STARTS), False),
    Case("goes_ahead", "the others at 0.72", (novice(), 0.94, STARTS), True),
    Case("goes_ahead", "not under that", (novice(), 0.93, STARTS), False),
    Case("cancellation_hazard", "rare while it pays", (True, GIVES_UP), 0.01),
    Case("cancellation_hazard", "likely when it does not", (False, GIVES_UP), 0.125),
]  # fmt: skip


@table(CASES)
def test_an_investor_decides_as_worked_out_by_hand(case: Case) -> None:
    check(case)


@pytest.mark.parametrize("rate", [0.004, 0.01, 0.025, 0.2])
@pytest.mark.parametrize("months", [1, 12, 60, 600])
def test_the_annuity_is_the_sum_of_discounted_yuan(rate: float, months: int) -> None:
    assert annuity(rate, months) == pytest.approx(np.sum((1.0 + rate) ** -np.arange(1.0, months + 1.0)), rel=1e-12)
