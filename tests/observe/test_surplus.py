"""Value, surplus, losses and recovery, each worked out by hand for runs of a few months."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from bubble_abm import Parameters
from bubble_abm.economy.accounts import FLOWS, SECTORS, STOCKS
from bubble_abm.economy.world import empty_records
from bubble_abm.engine.simulation import simulate
from bubble_abm.observe import surplus
from bubble_abm.observe.outcomes import ObservedRun, read

# Investors discount by one per cent a month; a free GPU costs half as much as one in use; scrap is worth a quarter.
P = Parameters(
    loan_rate=0.06, discount_spread=0.005, standby_cost_share=0.5, foreign_chip_price=100_000.0, first_rent=10_000.0,
    training_elasticity=1.0, inference_elasticity=0.5,
)  # fmt: skip
MONTHS = 12


def run(months: int = MONTHS, **measures: Any) -> ObservedRun:
    records = empty_records(months)
    for name, values in measures.items():
        records.measures[name] = values
    return ObservedRun(records, P)


def pay(observed: ObservedRun, month: int, flow: str, payer: str, payee: str, amount: float) -> None:
    observed.flows[month, FLOWS.index(flow), SECTORS.index(payer)] -= amount
    observed.flows[month, FLOWS.index(flow), SECTORS.index(payee)] += amount


def test_present_values_are_those_of_the_beginning_at_the_rate_of_investors() -> None:
    assert surplus.private_rate(P) == pytest.approx(0.01)
    assert surplus.discounted(np.array([0.0, 102.01, 0.0]), 0.01) == pytest.approx(100.0)


# --- Net present value ------------------------------------------------------------------------------------------------


def test_money_that_changes_hands_makes_no_value() -> None:
    observed = run()
    for flow in ("subsidies", "equity", "new_loans", "rescues", "take_overs"):
        pay(observed, 1, flow, "governments", "operators", 1e9)
    for flow in ("interest", "repayment", "dividends", "liquidation"):
        pay(observed, 2, flow, "operators", "bank", 1e9)
    assert surplus.net_present_value(observed) == 0.0


def test_investment_is_chips_paid_in_advance_and_on_delivery_and_construction() -> None:
    observed = run()
    pay(observed, 0, "prepayments", "operators", "smugglers", 10.0)
    pay(observed, 1, "chip_purchases", "operators", "smugglers", 20.0)
    pay(observed, 1, "construction", "operators", "suppliers", 5.0)
    pay(observed, 1, "construction", "platforms", "suppliers", 99.0)
    pay(observed, 5, "second_hand_sales", "platforms", "operators", 7.0)
    pay(observed, 6, "reexports", "abroad", "operators", 3.0)
    assert surplus.investment(observed).tolist() == [10.0, 25.0] + [0.0] * 10
    npv = -10 / 1.01 - 25 / 1.01**2 + 7 / 1.01**6 + 3 / 1.01**7
    assert surplus.net_present_value(observed) == pytest.approx(npv)
    assert surplus.net_present_value(observed, rate=0.0) == pytest.approx(-25.0)
    assert read(observed, "investment_npv") == pytest.approx(npv)


def test_earnings_are_divided_between_new_and_old_sites_by_use_and_costs_also_by_what_stands_idle() -> None:
    """Of 1,000 GPUs 600 are new; 300 old and 100 new ones are leased."""
    observed = run(gpus_installed=1000.0, gpus_installed_new=600.0, gpus_leased=400.0, utilisation_new=1 / 6)
    pay(observed, 3, "rent", "startups", "operators", 700.0)
    pay(observed, 3, "penalties", "startups", "operators", 100.0)
    pay(observed, 3, "circular_investment", "operators", "startups", 40.0)
    for flow, to, amount in (
        ("power", "suppliers", 30.0),
        ("wages", "households", 50.0),
        ("colocation", "suppliers", 60.0),
    ):
        pay(observed, 3, flow, "operators", to, amount)
    # Costs: 100 + 500 / 2 = 350 of 350 + 300 + 100 / 2 = 700 parts.
    earned = 100 / 400 * (700 + 100 - 40) - 350 / 700 * 140
    assert surplus.earnings_of_new_sites(observed) == pytest.approx([0.0, 0.0, 0.0, earned] + [0.0] * 8)


def test_what_stands_at_the_end_earns_for_half_a_life_and_is_scrap_then() -> None:
    """All sites are new; 80 chips stand in finished sites and 20 in unfinished ones."""
    observed = run(gpus_installed=80.0, gpus_installed_new=80.0, gpus_leased=80.0, utilisation_new=1.0, gpu_price=2e5)
    observed.balances[-1, STOCKS.index("chips"), SECTORS.index("operators")] = 100 * 2e5
    for month in range(MONTHS):
        pay(observed, month, "rent", "startups", "operators", 80 * 5_000.0)
    left = 0.995 / 1.01
    each = 5_000.0 * sum(left**k for k in range(1, 31)) + left**30 * 25_000.0
    earned = sum(400_000.0 / 1.01**k for k in range(1, 13))
    assert surplus.net_present_value(observed) == pytest.approx(earned + 100 * each / 1.01**12)


def test_sites_that_earn_nothing_are_worth_their_scrap() -> None:
    observed = run(gpus_installed=80.0, gpus_installed_new=80.0, gpu_price=2e5)
    pay(observed, 11, "power", "operators", "suppliers", 1e6)
    value = surplus.residual_value(
        observed, surplus.earnings_of_new_sites(observed), observed["gpus_installed"], 7.0, 0.01
    )
    assert value == pytest.approx(7.0 * (0.995 / 1.01) ** 30 * 25_000.0)
    assert surplus.chips_of_operators(run()) == 0.0


# --- Welfare ----------------------------------------------------------------------------------------------------------


def test_tenants_gain_the_area_under_demand_between_the_first_rent_and_todays() -> None:
    observed = run(contract_rent_per_server=8 * 6_400.0, gpus_leased=100.0, inference_share=1.0)
    at_first = 100.0 * 0.64**0.5  # 80 GPUs
    assert surplus.tenants_surplus(observed) == pytest.approx([3_600.0 * (100.0 + at_first) / 2.0] * MONTHS)
    observed = run(contract_rent_per_server=8 * 20_000.0, gpus_leased=100.0, inference_share=0.0)
    assert surplus.tenants_surplus(observed) == pytest.approx([-10_000.0 * (100.0 + 200.0) / 2.0] * MONTHS)


def test_welfare_is_surplus_and_payments_less_resources_and_the_cost_of_taxes() -> None:
    observed = run(months=8, contract_rent_per_server=8 * 6_400.0, gpus_leased=100.0, inference_share=1.0)
    saved = 3_600.0 * 90.0
    pay(observed, 0, "rent", "startups", "operators", 1e6)
    pay(observed, 1, "colocation", "operators", "suppliers", 2e5)
    pay(observed, 2, "imports", "smugglers", "abroad", 3e5)
    pay(observed, 2, "imports", "platforms", "abroad", 9e9)  # their own fleets are another business
    pay(observed, 3, "construction", "operators", "suppliers", 1e5)
    pay(observed, 4, "reexports", "abroad", "smugglers", 4e4)
    pay(observed, 5, "second_hand_sales", "platforms", "operators", 5e4)
    pay(observed, 5, "second_hand_sales", "smugglers", "operators", 7e9)  # stays between them
    pay(observed, 5, "chip_purchases", "operators", "smugglers", 7e9)
    pay(observed, 6, "subsidies", "governments", "operators", 8e5)
    pay(observed, 6, "new_loans", "bank", "operators", 7e9)
    at_zero = 8 * saved + 1e6 - 2e5 - 3e5 - 1e5 + 4e4 + 5e4 - 0.25 * 8e5
    assert surplus.welfare(observed, rate=0.0) == pytest.approx(at_zero)
    assert surplus.welfare(observed, rate=0.0, deadweight=0.0) == pytest.approx(at_zero + 2e5)
    paid = (1e6, -2e5, -3e5, -1e5, 4e4, 5e4, -2e5, 0.0)
    present = sum((saved + amount) / 1.01 ** (month + 1) for month, amount in enumerate(paid))
    assert surplus.welfare(observed) == read(observed, "welfare") == pytest.approx(present)


# --- Losses -----------------------------------------------------------------------------------------------------------

CLAIMS = {
    "owners_loss": ("equity", "equity", "households", "operators"),
    "funds_loss": ("venture_claims", "venture_funding", "households", "startups"),
    "patrons_loss": ("circular_stakes", "circular_investment", "operators", "startups"),
}


@pytest.mark.parametrize("name", CLAIMS)
def test_what_was_paid_in_and_is_no_longer_held_was_lost(name: str) -> None:
    claim, flow, creditor, debtor = CLAIMS[name]
    observed = run()
    observed.balances[:, STOCKS.index(claim), SECTORS.index(creditor)] = np.linspace(500.0, 800.0, MONTHS + 1)
    pay(observed, 2, flow, creditor, debtor, 300.0)
    pay(observed, 7, flow, creditor, debtor, 150.0)
    assert read(observed, name) == pytest.approx(150.0)


def test_losses_add_up_to_what_the_books_say_was_written_off() -> None:
    result = simulate(seed=1)
    observed = ObservedRun(result.records, result.parameters)
    losses = sum(read(observed, name) for name in ("loans_written_off", *CLAIMS))
    held = result.balances.groupby(level="stock", sort=False).nth(-1)
    assert losses > 1e9 and read(observed, "prepayments_loss") == result.series["prepayments_lost"].sum() > 0.0
    lent, repaid = (result.flows.xs(flow, level="flow")["operators"].sum() for flow in ("new_loans", "repayment"))
    loans = held["bank"].xs("loans", level="stock").item()
    lent += observed.balances[0, STOCKS.index("loans"), SECTORS.index("bank")]  # to the programme of 2022
    assert read(observed, "loans_written_off") == pytest.approx(lent + repaid - loans, rel=1e-9)
    assert read(observed, "bank_loss_rate") == pytest.approx((lent + repaid - loans) / lent, rel=1e-9)


def test_the_loss_rate_of_a_bank_that_lends_nothing_is_zero() -> None:
    observed = run(write_offs=np.r_[0.0, 30.0, np.zeros(10)])
    assert read(observed, "bank_loss_rate") == 0.0
    pay(observed, 0, "new_loans", "bank", "operators", 120.0)
    assert read(observed, "bank_loss_rate") == 0.25
    assert read(observed, "loans_written_off") == 30.0


# --- Duration, depth, recovery ----------------------------------------------------------------------------------------


def test_months_under_water_are_counted_from_the_peak_of_the_rent() -> None:
    rents = [80.0, 90.0, 130.0, 120.0, 95.0, 90.0, 101.0, 99.0, 90.0, 90.0, 100.0, 100.0]
    observed = run(rent_per_server=rents, replacement_rent_per_server=100.0)
    assert read(observed, "months_under_water") == 5.0


def invested(*amounts: float) -> ObservedRun:
    observed = run(months=len(amounts))
    for month, amount in enumerate(amounts):
        pay(observed, month, "construction", "operators", "suppliers", amount)
    return observed


def test_depth_and_recovery_of_investment_by_quarters() -> None:
    observed = invested(10, 20, 30, 30, 20, 10, 5, 5, 5, 20, 20, 20)
    assert observed.investment.tolist() == [10, 30, 60, 80, 80, 60, 35, 20, 15, 30, 45, 60]
    assert read(observed, "investment_fall") == pytest.approx(1 - 15 / 80)
    assert (read(observed, "slump_months"), read(observed, "recovered")) == (4.0, 1.0)  # 35, 20, 15, 30


def test_nothing_invested_is_nothing_whatever_rounding_leaves_of_deliveries_paid_in_advance() -> None:
    observed = invested(1e9, 0.1, 0.2, 0, 0, 0, 0)
    pay(observed, 5, "chip_purchases", "smugglers", "operators", 1e-7)
    assert observed.investment[-2:].tolist() == [0.0, 0.0] and observed.investment[4] == 0.2
    assert read(observed, "investment_fall") == 1.0


def test_a_slump_that_is_not_over_counts_up_to_the_end() -> None:
    observed = invested(10, 20, 30, 30, 20, 10, 5, 5, 5, 5)
    assert (read(observed, "slump_months"), read(observed, "recovered")) == (4.0, 0.0)
    calm = invested(10, 20, 30, 30, 30)
    assert [read(calm, name) for name in ("slump_months", "recovered", "investment_fall")] == [0.0, 1.0, 0.0]
    assert [read(run(), name) for name in ("slump_months", "recovered", "investment_fall")] == [0.0, 1.0, 0.0]
