"""Corners of the model whose outcome is known without it."""

# ruff: noqa: E501 - a case is a line, a sentence is a name

from __future__ import annotations

from collections import deque
from types import SimpleNamespace

import numpy as np
import pytest

from bubble_abm.economy.agents.operator import OPERATING
from bubble_abm.economy.agents.smuggler import SmugglerRow, next_capacity, next_markup
from bubble_abm.economy.chip_classes import H100
from bubble_abm.economy.ledger import BANK, INTEREST, lend
from bubble_abm.economy.markets import capital, leasing
from bubble_abm.economy.markets.chips import chips_are_alike, receive
from bubble_abm.economy.markets.ventures import share_founded
from bubble_abm.economy.parameters import Parameters
from bubble_abm.engine.simulation import Simulation
from tests.worlds import BY_HAND, filled, founded

#: Nobody builds, nobody invests in tenants, nobody is founded, pays out or dies; rents stay what they are posted.
STILL = Parameters(**BY_HAND).with_values(dict(
    investors=0, incumbents=1, startups=20, smugglers=1, startup_innovation=0.0, startup_imitation=0.0, first_startups=1.0,
    startup_payroll=0.0, round_size=1e9, funding_rate=0.0, circular_share=0.0, training_growth=0.0, inference_trend=0.0,
    rent_adjustment=0.0, rent_anchoring=0.0, hold_out=0.0, startup_payout=0.0,
))  # fmt: skip


def calm(parameters: Parameters, months: int, seed: int = 1) -> Simulation:
    """A run without any dated event: no releases, no export control, no tariff."""
    run = Simulation(parameters, shocks=(), months=months, seed=seed)
    run.paths["frontier_efficiency"] = 1.0
    for name in ("export_control", "control_h200", "control_step", "tariff"):
        run.paths[name] = 0.0
    return run


def test_a_full_cloud_keeps_a_years_cost_and_pays_half_of_the_rest_out_every_month() -> None:
    full = STILL.with_values(
        {"installed_base": 1_000.0, "inference_base": 50_000.0, "first_rent": 9_000.0, "running_cost": 2_500.0}
    )
    run = calm(full, 24)
    margin, kept = 1_000 * (9_000 - 2_500), 12 * 2_500 * 1_000
    for month in range(1, 25):
        run.advance(1)
        expected = kept + margin * (1.0 - 0.5**month)  # the surplus halves: x' = (x + margin) / 2
        assert run.world.operators[0].cash == pytest.approx(expected, rel=1e-4), month
    assert run.records.measures["utilisation"][-1] == pytest.approx(1.0, abs=1e-4)


def test_an_empty_cloud_loses_its_standby_cost_every_month() -> None:
    empty = STILL.with_values(
        {"installed_base": 1_000.0, "inference_base": 0.0, "startups": 0, "running_cost": 2_000.0}
    )
    run = calm(empty, 30)
    run.advance(30)
    assert run.world.operators[0].cash == pytest.approx(12 * 2_000 * 1_000 - 30 * 0.35 * 2_000 * 1_000)


def test_an_empty_cloud_borrows_its_losses_once_its_cash_is_gone_and_is_closed_nine_months_later() -> None:
    empty = STILL.with_values({"installed_base": 1_000.0, "inference_base": 0.0, "startups": 0, "running_cost": 2_000.0, "loan_rate": 0.12,
                               "rescue_probability": 0.0, "fire_sale_speed": 0.0, "take_over_probability": 0.0})  # fmt: skip
    run = calm(empty, 60)
    cost, cash = 0.35 * 2_000 * 1_000, 12 * 2_000 * 1_000
    months = cash // cost  # the cash lasts 34 months and a bit
    run.advance(int(months) + 1)
    first_loan = cost - (cash - months * cost)
    assert run.world.operators[0].debt == pytest.approx(first_loan)
    run.advance(4)
    debt = first_loan
    for _ in range(4):
        debt += cost + 0.01 * debt
    assert run.world.operators[0].debt == pytest.approx(debt)
    run.advance(3)
    assert run.world.operators[0].months_in_red == 8
    assert run.world.books.loans_written_off == 0.0
    run.advance(1)
    assert run.world.operators[0].debt == 0.0
    assert run.world.books.loans_written_off > debt


def test_a_loan_is_repaid_in_equal_parts_and_costs_the_interest_of_an_annuity_in_arrears() -> None:
    world, p = founded()
    p.loan_rate = 0.09
    operator = world.operators[0]
    operator.stage, operator.owner = OPERATING, -1
    lend(world, operator, 45e6)
    world.households.cash -= 1e9
    operator.cash += 1e9
    operator.principal = 1e6
    for month in range(1, 46):
        capital.pay_costs(world, operator, p)
        assert operator.debt == pytest.approx(45e6 - month * 1e6)
    assert world.flows[INTEREST, BANK] == pytest.approx(0.09 / 12 * 1e6 * 45 * 46 / 2)
    capital.pay_costs(world, operator, p)
    assert operator.debt == pytest.approx(0.0, abs=1e-3)


def test_startups_enter_like_the_recursion_of_bass_on_average() -> None:
    innovation, imitation, months = 0.01, 0.3, 30
    many = STILL.with_values({"startups": 1_000, "first_startups": 0.0, "startup_innovation": innovation, "startup_imitation": imitation,
                              "venture_extrapolation": 0.0, "round_size": 1e8})  # fmt: skip
    shares = []
    for seed in range(1, 17):
        run = calm(many, months, seed)
        path = []
        for _ in range(months):
            run.advance(1)
            path.append(share_founded(run.world))
        shares.append(path)
    expected, founded_so_far = [], 0.0
    for _ in range(months):
        founded_so_far += (1.0 - founded_so_far) * (innovation + imitation * founded_so_far)
        expected.append(founded_so_far)
    mean, error = np.mean(shares, axis=0), np.std(shares, axis=0) / 4.0
    assert (np.abs(mean - expected) < 4.0 * error + 2e-3).all()
    assert 0.3 < expected[11] < 0.7  # the curve is met where it is steep


@pytest.mark.parametrize("stock", [0.0, 30.0, 10_000.0])
def test_the_mark_up_of_an_idle_dealer_settles_where_reversion_balances_his_stock(stock: float) -> None:
    p = SimpleNamespace(
        markup_adjustment=0.06, markup_reversion=0.3, normal_markup=0.05, smuggler_entry_speed=1.0, order_scale=20.0,
        markup_noise=0.02, lowest_markup=-0.6, highest_markup=1.0, glut_weight=1.0, fastest_growth=0.5, channel_reversion=0.04,
    )  # fmt: skip
    purse = {"cash": 1e9, "landed_cost": 100.0}
    dealer = filled(SmugglerRow, inventory=stock, markup=0.4, capacity=300.0, normal_capacity=100.0, **purse)
    for _ in range(500):
        dealer.markup = next_markup(dealer, 0.0, 0.0, p, SimpleNamespace(markup=0.5))
        dealer.capacity = next_capacity(dealer, p)
    slack = (stock + 20.0) / 20.0
    gap = (slack**2 - 1.0) / (slack**2 + 1.0)  # tanh of a logarithm
    assert dealer.markup == pytest.approx(max(0.05 - 0.06 / 0.3 * gap / (1.0 - gap), -0.6))
    if stock > 0.0:
        assert dealer.capacity == pytest.approx(100.0, rel=1e-3)


def test_the_contract_index_is_the_average_of_the_rents_at_which_leases_were_signed() -> None:
    world, p = founded()
    p.break_penalty = 12.0
    operator = world.operators[-1]
    chips_are_alike(operator)
    receive(world, operator, H100, 1e6)
    signed: deque[float] = deque(maxlen=6)
    for month in range(20):
        operator.rent = 10_000 * (1 + 0.2 * np.sin(month))
        leasing.leases_end(world, p)
        leasing.sign(world, operator, 0, 0, leasing.TRAINING, 50.0, 6)
        leasing.contracts_are_averaged(world)
        signed.append(operator.rent)
        assert world.market.contract_rent == pytest.approx(np.mean(signed))
        assert world.market.training_gpus == 50.0 * len(signed)


def test_a_calm_economy_stays_calm() -> None:
    """No newcomers, no events, flat demand: clouds fill to their natural occupancy, rents stand still, nobody fails."""
    calm_one = STILL.with_values({"incumbents": 8, "rent_adjustment": 0.12, "rent_anchoring": 0.25, "natural_occupancy": 0.8,
                                  "inference_base": 6_000.0, "inference_elasticity": 1.0, "installed_base": 8_000.0})  # fmt: skip
    run = calm(calm_one, 120)
    run.advance(120)
    series = run.records.measures[84:]
    assert np.ptp(series["rent_per_server"]) < 0.03 * series["rent_per_server"].mean()
    assert series["utilisation"] == pytest.approx(0.8, abs=0.03)
    assert np.ptp(series["gpu_price"]) < 0.05 * series["gpu_price"].mean()
    assert (run.records.measures["startups_active"] == 20).all()
    for never in (
        "projects_announced",
        "write_offs",
        "projects_distressed",
        "adopters",
        "prepayments_lost",
        "subsidies_paid",
    ):
        assert (run.records.measures[never] == 0.0).all(), never
    assert series["rent_per_server"] == pytest.approx(series["contract_rent_per_server"], rel=0.03)


def test_where_a_calm_economy_settles_does_not_depend_on_where_it_started() -> None:
    rents = []
    for first in (8_000.0, 14_000.0):
        values = {"incumbents": 8, "rent_adjustment": 0.12, "rent_anchoring": 0.25, "natural_occupancy": 0.8, "inference_elasticity": 1.0,
                  "application_bottleneck": 20.0, "training_need": 1.0, "installed_base": 8_000.0, "first_rent": first}  # fmt: skip
        values["inference_base"] = 6_000.0 * 10_000.0 / first  # the same demand curve, written down at another rent
        run = calm(STILL.with_values(values), 160)
        run.advance(160)
        rents.append(run.records.measures["rent_per_server"][-24:].mean())
    assert rents[0] == pytest.approx(rents[1], rel=0.05)
