"""The rest of the world: what it spends on exports."""

from __future__ import annotations

import pytest

from bubble_abm.economy.ledger import EXPORTS, Account
from bubble_abm.economy.markets import capital, trade
from tests.economy.agents.cases import Case, check, given, table
from tests.worlds import booked, filled, founded, held_money

TRADE = given(export_lag=10.0, savings_kept=0.5)


def account(cash: float) -> object:
    return filled(Account, cash=cash, savings=2_000.0)


CASES = [
    Case("exports", "a tenth of what it has earned", (account(2_000), account(300), TRADE), 30.0),
    Case("exports", "nothing while it owes", (account(2_000), account(-300), TRADE), 0.0),
    Case("exports", "what households lack of half of their savings", (account(600), account(300), TRADE), 400.0),
    Case("exports", "on credit if need be", (account(-500), account(-300), TRADE), 1_500.0),
]


@table(CASES)
def test_the_rest_of_the_world_decides_as_worked_out_by_hand(case: Case) -> None:
    check(case)


def test_what_imports_have_brought_comes_back_to_households() -> None:
    world, p = founded()
    p.export_lag = 4.0
    world.abroad.cash += 1e6
    world.households.cash -= 1e6
    money = held_money(world)
    trade.abroad_buys_exports(world, p)
    assert booked(world, EXPORTS) == {"abroad": -250_000.0, "households": 250_000.0}
    assert (world.abroad.cash, held_money(world)) == (750_000, pytest.approx(money, abs=1e-3))


def test_owners_spend_what_exceeds_the_purse_with_which_they_began() -> None:
    world, _ = founded()
    rich, poor = world.investors[3], world.investors[4]
    before, spent = world.households.cash, 5e6
    rich.cash += spent
    poor.cash -= 1e3
    left = poor.cash
    capital.owners_spend(world)
    assert (rich.cash, poor.cash, world.households.cash) == (rich.purse, left, before + spent)
