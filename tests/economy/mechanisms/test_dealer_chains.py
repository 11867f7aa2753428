"""Chains of dealers: neutral is absent; what a hand costs and takes away, and who adds one."""

# ruff: noqa: E501 - a case is a line, a sentence is a name

from __future__ import annotations

from types import SimpleNamespace

from bubble_abm.economy.mechanisms import dealer_chains
from tests.economy.agents.cases import Case, check, check_with_mechanisms, given, table
from tests.economy.agents.test_smuggler import dealer
from tests.economy.mechanisms.battery import Battery
from tests.worlds import founded

SECRET = given(chain_secrecy=0.5, chain_speed=0.2, most_layers=3.0, layer_margin=0.02, risk_premium=0.2, export_control=1.0,
               control_h200=1.0, tariff=0.0, seizure_share=0.04)  # fmt: skip
DEAR = given(**(vars(SECRET) | {"layer_margin": 0.11}))
SHAKEN, CALM = given(seizure=0.81), given(seizure=0.79)
CASES = [
    Case("adds_hand", "half of a risk of a fifth is worth more than two per cent", (dealer(layers=1), SECRET, SHAKEN), True),
    Case("adds_hand", "only who has lost much thinks of it", (dealer(layers=1), SECRET, CALM), False),
    Case("adds_hand", "not where a hand costs more", (dealer(layers=1), DEAR, SHAKEN), False),
    Case("adds_hand", "the third takes away half of what the second left", (dealer(layers=2), given(**(vars(SECRET) | {"layer_margin": 0.051})), SHAKEN), False),
    Case("adds_hand", "there are no more than three", (dealer(layers=3), SECRET, SHAKEN), False),
    Case("adds_hand", "nor is there a risk without control", (dealer(layers=1), given(**(vars(SECRET) | {"export_control": 0.0})), SHAKEN), False),
]  # fmt: skip


AMENDED = [
    *(Case("landed_cost", f"{hands} hands", (dealer(layers=hands, foreign_price=100_000), SECRET), 100_000 * (1 + 0.2 * left + 0.02 * hands)) for hands, left in ((1, 1.0), (2, 0.5), (3, 0.25))),
    *(Case("seized_share", f"{hands} hands", (dealer(layers=hands), SECRET, given(seizure=0.5)), 0.04 * left) for hands, left in ((1, 1.0), (2, 0.5), (3, 0.25))),
]  # fmt: skip


@table(AMENDED)
def test_every_hand_beyond_the_first_takes_away_half_of_the_risk(case: Case) -> None:
    check_with_mechanisms(case)


@table(CASES)
def test_dealers_form_chains_as_worked_out_by_hand(case: Case) -> None:
    check(case)


class TestDealerChains(Battery):
    mechanism = dealer_chains
    active = {"chain_secrecy": 0.5}
    sign = ("gpu_price", 12, -1.0)  # what a hand takes costs less than what it saves


def test_opportunists_come_first_and_who_has_lost_much_adds_a_hand() -> None:
    world, p = founded(export_control=1.0)
    p.chain_secrecy, p.chain_speed, p.most_layers = 0.5, 0.2, 3.0
    world.smugglers["active"] = [1, 1, 0] * 3
    world.smugglers["layers"] = 2
    draws = [SimpleNamespace(seizure=0.9 if row == 1 else 0.1) for row in range(9)]
    dealer_chains.dealers_form_chains(world, p, SimpleNamespace(smugglers=draws))
    assert list(world.smugglers["layers"][:6]) == [2, 3, 1, 2, 2, 1]
