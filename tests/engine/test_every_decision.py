"""Every decision can be replaced, and a replacement is asked: decided otherwise, the world goes another way."""

from __future__ import annotations

import inspect
from functools import cache
from types import FunctionType
from typing import Any

import numpy as np
import pytest

from bubble_abm.economy.generate import function
from bubble_abm.economy.parameters import Parameters
from bubble_abm.economy.shocks import Change, default_shocks
from bubble_abm.economy.world import Records
from bubble_abm.engine.rules import Rules, standard_rules
from bubble_abm.engine.simulation import BrokenIdentity, Simulation

#: A small economy in which everybody comes to decide: boom, ban, bust, rescue, take-over, support for use, an
#: early answer of the state. Sites are built fast and begin with little money.
BUSY = Parameters(
    scale=0.05, subsidy_on_use=0.5, take_over_mandate=1.0, rescue_probability=0.3, deep_pocket_share=0.2,
    break_penalty=0.5, hub_only=0.2, approval_utilisation=0.1, hold_out=0.1, loan_tenor=24, exit_markup=-0.05,
    reexport_markup=-0.1, longest_wait=3, dealer_reserve=1, dividend_reserve=2, idling_occupancy=0.9,
    restart_service=0.0, restart_margin=1.0, competition_neglect=0.6, planning_time=2.5, building_time=3,
    public_building_time=6, able_building_time=4, working_capital=1, rent_adjustment=0.2, first_projects=60,
    lender_strictness=0.2, answer_threshold=0.6, answer_delay=2, late_brake=0.3, late_gate=0.1, resale_network=0.2,
    hand_over=0.5, hand_over_capacity=10, voucher_pot=1e8, vendor_margin=0.5, non_user_share=0.3,
    re_equipment=0.4, chain_secrecy=0.5, industry_fund=0.3, hoarding=0.3,
    contract_prepayment=0.1, contract_penalty=0.05, lessor_penalty=0.05, search_time=0.5, debt_pricing=0.7,
    cost_to_cover=0.5, months_short=3, opaque_share=0.3, running_cost=5_000, leverage=0.85,
    potential_users=700, serving_progress=0.05, own_fleets=1, smallest_lot=1_000, platform_plans=0.3,
    application_firms=200, bare_engineering=0.5, conversion_rate=0.2, conversion_cost=1_000, enterprise_share=0.2,
)  # fmt: skip
MONTHS = 36
STRIDE = 4
SEEDS = (8, 2, 3, 1, 4, 5, 6, 7)  # tried until the decision makes a difference
#: Two dear months, after which sites that fell into arrears have money to spare.
DEAR = Change(parameter="loan_rate", value=0.2, month=20, until=22)


def otherwise(value: Any) -> Any:
    """Decide something else: the contrary, or a third more and a bit."""
    if isinstance(value, bool | np.bool_):
        return not value
    return value + 2 if isinstance(value, int) else 1.3 * value + 0.01


#: A class of chips is a number with which nothing can be worked out: imported is none, instead of the H100 class.
INSTEAD = {"class_imported": lambda value: -1}


def replaced(name: str) -> FunctionType:
    """A decision that goes against the standard one; a copy of which it asks, or it would ask itself."""
    standard = standard_rules()[name]
    copy = FunctionType(standard.__code__, standard.__globals__, f"standard_{name}")
    copy.__module__ = standard.__module__
    arguments = ", ".join(inspect.signature(standard).parameters)
    text = f"def {name}({arguments}):\n    return otherwise(decided({arguments}))"
    return function(text, __name__, decided=copy, otherwise=INSTEAD.get(name, otherwise))


def begun(rules: Rules, seed: int) -> Simulation:
    events = (*default_shocks(BUSY), DEAR)
    return Simulation(BUSY, shocks=events, months=MONTHS, seed=seed, rules=rules, interpreted=True)


@cache
def usual(seed: int) -> Records:
    simulation = begun(Rules(), seed)
    simulation.advance(MONTHS)
    return simulation.records


def moves(rules: Rules, seed: int) -> bool:
    """Whether any record of the months so far differs, looked at now and then: most decisions are asked early."""
    simulation = begun(rules, seed)
    for month in range(STRIDE, MONTHS + 1, STRIDE):
        try:
            simulation.advance(STRIDE)
        except BrokenIdentity:  # an absurd decision may break the books, and then it was asked
            return True
        seen = zip(simulation.records, usual(seed), strict=True)
        if any(table[:month].tobytes() != standard[:month].tobytes() for table, standard in seen):
            return True
    return False


@pytest.mark.parametrize("name", list(standard_rules()))
def test_a_replaced_decision_moves_the_world(name: str) -> None:
    rules = Rules(**{name: replaced(name)})
    assert any(moves(rules, seed) for seed in SEEDS)
