"""Resale network: neutral is absent; what pooled compute is sold for, and which sites return."""

# ruff: noqa: E501 - a case is a line, a sentence is a name

from __future__ import annotations

from bubble_abm.economy.agents.operator import SECONDARY
from bubble_abm.economy.mechanisms import resale_network
from tests.economy.agents.cases import Case, check, check_with_mechanisms, given, table
from tests.economy.agents.test_operator import BAND, CARRY, HOLDS, INDEBTED, market, site
from tests.economy.mechanisms.battery import Battery
from tests.worlds import founded

RICH = site(**INDEBTED, cash=8 * CARRY)
SHUNNED = given(lemons_discount=0.4, rent_sensitivity=2.0)
LEMON = site(rent=10, quality=SECONDARY)
# 2 600 to run and 1 000 of debt service for each GPU.
OWES = {"gpus_installed": 100, "gpus_planned": 100, "running_cost": 2_600, "debt": 1e6, "principal": 100_000}
CASES = [
    Case("covers", "cost and half of the service", (site(**OWES), market(prime_rent=3_101), 1.0, 0.5, BAND), True),
    Case("covers", "not less", (site(**OWES), market(prime_rent=3_100), 1.0, 0.5, BAND), False),
    Case("covers", "half of that half for what is not pooled", (site(**OWES), market(prime_rent=2_851, pooled=0.5), 1.0, 0.5, BAND), True),
    Case("covers", "with a margin", (site(**OWES), market(prime_rent=2_859, pooled=1.0), 1.1, 0.5, BAND), False),
]  # fmt: skip
AMENDED = [
    Case("reservation_rent", "half way to the avoidable cost", (RICH, 0.0, market(replacement_rent=9_000, pooled=0.5), HOLDS), 5_100.0),
    Case("reservation_rent", "all the way", (RICH, 0.0, market(replacement_rent=9_000, pooled=1.0), HOLDS), 2_600.0),
    Case("reservation_rent", "incumbents sell for themselves", (site(incumbent=1, gpus_installed=1, running_cost=2_600), 0.0, market(replacement_rent=8_000, pooled=1.0), HOLDS), 4_800.0),
    Case("lease_pull", "half of the shunning ends, at four times the pull for half the rent", (0.5, 1.0, LEMON, market(rent=20, pooled=0.5), SHUNNED), 4 * 0.5 * 0.8),
    Case("lease_pull", "all of it", (0.5, 1.0, LEMON, market(rent=10, pooled=1.0), SHUNNED), 0.5),
    Case("lease_pull", "who was not shunned gains nothing", (0.5, 1.0, site(rent=10), market(rent=10, pooled=1.0), SHUNNED), 0.5),
    Case("lease_pull", "nor an incumbent", (0.5, 1.0, site(rent=10, quality=SECONDARY, incumbent=1), market(rent=10, pooled=1.0), SHUNNED), 0.3),
    Case("idles", "debt widens the band", (site(**OWES), market(prime_rent=2_700), BAND, given(idle=0.0)), True),
    Case("idles", "not of what is pooled", (site(**OWES), market(prime_rent=2_700, pooled=1.0), BAND, given(idle=0.0)), False),
    Case("idles", "under cost all the same", (site(**OWES), market(prime_rent=2_599, pooled=1.0), BAND, given(idle=0.0)), True),
    Case("restarts", "without debt service for what is pooled", (site(**OWES), market(prime_rent=2_861, pooled=1.0), BAND), True),
    Case("restarts", "with its share for the rest", (site(**OWES), market(prime_rent=2_861, pooled=0.9), BAND), False),
    Case("restarts", "not by itself", (site(**OWES), market(prime_rent=3_500), BAND), False),
]  # fmt: skip


@table(CASES)
def test_what_covers_its_cost_is_worked_out_by_hand(case: Case) -> None:
    check(case)


@table(AMENDED)
def test_decisions_change_with_what_is_pooled_as_worked_out_by_hand(case: Case) -> None:
    check_with_mechanisms(case)


class TestResaleNetwork(Battery):
    mechanism = resale_network
    active = {"resale_network": 0.8}
    sign = ("utilisation", 36, 1.0)  # what is cheaper and not shunned is used more


def test_the_network_sells_only_while_the_state_answers() -> None:
    world, p = founded()
    p.resale_network = 0.7
    for answers, pooled in ((0, 0.0), (1, 0.7), (0, 0.0)):
        world.centre.answers = answers
        resale_network.state_pools_idle_compute(world, p)
        assert world.market.pooled == pooled
