"""Attention: neutral is absent; what sponsors, lenders and funds make of what they see, and when they see it."""

# ruff: noqa: E501 - a case is a line, a sentence is a name

from __future__ import annotations

import math

import numpy as np
import pytest

from bubble_abm.economy.agents.investor import InvestorRow
from bubble_abm.economy.agents.startup import DEAD, OPEN_WEIGHTS, PRETRAINING, StartupRow
from bubble_abm.economy.markets.signals import Market
from bubble_abm.economy.mechanisms import attention
from bubble_abm.economy.sponsors import ABLE, NEWCOMER
from tests.economy.agents.cases import Case, check, check_with_mechanisms, given, table
from tests.economy.mechanisms.battery import Battery
from tests.worlds import filled, founded

# Ten months to plan and build; demand reacts one to one to the rent.
WATCHES = given(sponsor_attention=0.5, planning_time=5.0, building_time=5.0, able_building_time=15.0, public_building_time=15.0,
                inference_trend=0.06, believed_growth=0.1, other_elasticity=0.3, training_elasticity=0.7, believed_utilisation=0.9)  # fmt: skip
BLIND = given(**(vars(WATCHES) | {"sponsor_attention": 0.0}))
ELASTIC = given(**(vars(WATCHES) | {"training_elasticity": 1.7}))
LENDERS = given(lender_attention=2.0, lender_strictness=0.5)
FUNDS = given(fund_attention=0.8, funding_rate=0.1, round_runway=10.0, startup_payroll=1e6)
NOVICE, EXPERT = filled(InvestorRow, sponsor=NEWCOMER), filled(InvestorRow, sponsor=ABLE)
NEAR, FAR = filled(InvestorRow, near_users=1), filled(InvestorRow)
MAKER, BUILDER = (
    filled(StartupRow, state=PRETRAINING, relative_size=1),
    filled(StartupRow, state=OPEN_WEIGHTS, relative_size=1),
)


def market(**values: float) -> object:
    """Three quarters of what is leased serve pre-training; inference grows on its trend."""
    return filled(Market, **({"training_gpus": 75, "inference_gpus": 25, "inference_growth_seen": 0.06} | values))


SEEN = market(fill_hub_seen=0.6, fill_interior_seen=0.2)
CASES = [
    Case("rent_with_attention", "nothing new, nothing changes", (8_000.0, NOVICE, market(), WATCHES), 8_000.0),
    Case("rent_with_attention", "half of those who train left, which was three quarters of demand", (8_000.0, NOVICE, market(exits_seen=0.5), WATCHES), 8_000 * math.exp(0.5 * 0.75 * math.log(0.5))),
    Case("rent_with_attention", "who is blind sees nothing", (8_000.0, NOVICE, market(exits_seen=0.5, inference_growth_seen=0.1), BLIND), 8_000.0),
    Case("rent_with_attention", "less where demand gives way", (8_000.0, NOVICE, market(exits_seen=0.5), ELASTIC), 8_000 * math.exp(0.5 * 0.75 * math.log(0.5) / 2)),
    Case("rent_with_attention", "two points of growth beyond the trend over ten months, of a quarter of demand", (8_000.0, NOVICE, market(inference_growth_seen=0.08), WATCHES), 8_000 * math.exp(0.5 * 0.25 * 0.2)),
    Case("rent_with_attention", "over twenty if it takes so long to build", (8_000.0, EXPERT, market(inference_growth_seen=0.08), WATCHES), 8_000 * math.exp(0.5 * 0.25 * 0.4)),
    Case("rent_with_attention", "ten points at most", (8_000.0, NOVICE, market(inference_growth_seen=0.9), WATCHES), 8_000 * math.exp(0.5 * 0.25 * 1.0)),
    Case("rent_with_attention", "down as well as up", (8_000.0, NOVICE, market(inference_growth_seen=-0.9), WATCHES), 8_000 * math.exp(-0.5 * 0.25 * 1.0)),
    Case("rent_with_attention", "when all leave, nineteen of twenty count", (8_000.0, NOVICE, market(exits_seen=1.0), WATCHES), 8_000 * math.exp(0.5 * 0.75 * math.log(0.05))),
    Case("use_with_attention", "half way to what sites near the users have", (0.8, NEAR, SEEN, WATCHES), 0.7),
    Case("use_with_attention", "or other sites, for who would build there", (0.8, FAR, SEEN, WATCHES), 0.5),
    Case("use_with_attention", "also upwards, within what is believed", (0.8, NEAR, market(fill_hub_seen=1.0), WATCHES), 0.85),
    Case("use_with_attention", "who is blind does not look", (0.8, FAR, SEEN, BLIND), 0.8),
    Case("strain_with_attention", "twice the exits on top", (0.3, 0.1, market(exits_seen=0.2), LENDERS), 0.7),
    Case("hazard_with_attention", "money leaves model makers", (0.1, MAKER, market(exits_seen=0.5), FUNDS), 0.06),
    Case("hazard_with_attention", "and goes to those on open weights", (0.1, BUILDER, market(exits_seen=0.5), FUNDS), 0.14),
    Case("hazard_with_attention", "no more than all of it", (0.1, MAKER, market(exits_seen=0.5), given(fund_attention=5.0)), 0.0),
]  # fmt: skip
AMENDED = [
    Case("lenders_strain", "distress, and exits that are seen", (0.1, market(exits_seen=0.2), LENDERS), 0.05 + 0.4),
    Case("round_hazard", "of a model maker", (MAKER, market(exits_seen=0.5, funding_climate=1.0), FUNDS), 0.06),
    Case("round_hazard", "of a firm on open weights", (BUILDER, market(exits_seen=0.5, funding_climate=1.0), FUNDS), 0.14),
]  # fmt: skip


@table(CASES)
def test_what_is_seen_is_weighed_as_worked_out_by_hand(case: Case) -> None:
    check(case)


@table(AMENDED)
def test_decisions_of_lenders_and_funds_change_as_worked_out_by_hand(case: Case) -> None:
    check_with_mechanisms(case)


class TestAttention(Battery):
    mechanism = attention
    active = {"sponsor_attention": 1.0, "lender_attention": 3.0, "fund_attention": 2.0}
    sign = ("projects_announced", 22, -1.0)  # halls that stand empty, and tenants who leave, are seen


def test_exits_from_pre_training_fade_and_are_seen_late() -> None:
    world, p = founded()
    p.exits_memory, p.attention_delay = 0.8, 4.0
    world.startups["state"] = [PRETRAINING] * 6 + [OPEN_WEIGHTS] * 3 + [DEAD] * 3
    world.market.exits = 2.0  # of the eight who trained
    attention.signs_are_seen(world, p)
    assert (world.market.exits_lately, world.market.exits_seen) == pytest.approx((0.25, 0.0625))
    world.market.exits = 0.0
    attention.signs_are_seen(world, p)
    assert (world.market.exits_lately, world.market.exits_seen) == pytest.approx((0.2, 0.0625 + 0.1375 / 4))
    world.startups["state"], world.market.exits = OPEN_WEIGHTS, 6.0
    for _ in range(2):
        attention.signs_are_seen(world, p)
        assert world.market.exits_lately == 1.0  # never more than all


def test_growth_of_inference_is_seen_late() -> None:
    world, p = founded()
    p.attention_delay, world.market.inference_growth = 4.0, 0.08
    for seen in (0.02, 0.035):
        attention.signs_are_seen(world, p)
        assert world.market.inference_growth_seen == pytest.approx(seen)


def test_the_use_of_new_sites_is_seen_apart_near_the_users_and_elsewhere_and_the_market_s_before_there_are_any() -> (
    None
):
    world, p = founded()
    p.attention_delay, world.market.utilisation = 2.0, 0.9
    world.market.fill_hub_seen = world.market.fill_interior_seen = 0.5
    hubs, others = (np.flatnonzero(world.provinces["hub"] == flag) for flag in (1, 0))
    attention.use_is_seen(world, p)
    assert (world.market.fill_hub_seen, world.market.fill_interior_seen) == pytest.approx((0.7, 0.7))
    world.market.fill_hub_seen = world.market.fill_interior_seen = 0.5
    world.provinces["gpus_installed_new"][hubs[:2]] = [100.0, 300.0]
    world.provinces["gpus_leased_new"][hubs[:2]] = [100.0, 20.0]
    attention.use_is_seen(world, p)
    assert (world.market.fill_hub_seen, world.market.fill_interior_seen) == pytest.approx((0.4, 0.7))
    world.provinces["gpus_installed_new"][others[1]] = 50.0
    world.provinces["gpus_leased_new"][others[1]] = 5.0
    attention.use_is_seen(world, p)
    assert (world.market.fill_hub_seen, world.market.fill_interior_seen) == pytest.approx((0.35, 0.4))


def test_at_first_new_sites_are_believed_to_be_as_full_as_the_market() -> None:
    market = founded()[0].market
    assert market.fill_hub_seen == market.fill_interior_seen == market.utilisation > 0.0
