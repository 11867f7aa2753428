"""Every yuan, GPU, lease and project is accounted for whatever the parameters; and the identities notice when one is not."""

# ruff: noqa: E501 - a case is a line, a sentence is a name

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bubble_abm.economy.accounts import FLOWS, SECTORS, STOCKS, Residuals
from bubble_abm.economy.agents.operator import BANKRUPT, BUILDING, CANCELLED, OPERATING
from bubble_abm.economy.agents.startup import PRETRAINING
from bubble_abm.economy.parameters import DECLARED, Parameters
from bubble_abm.economy.shocks import FOUNDING, Change, Shock
from bubble_abm.engine.rules import Rules
from bubble_abm.engine.simulation import BrokenIdentity, Simulation, check_identities, simulate
from tests.worlds import same

#: A shock after the run says nothing; rounds of ten billion empty the households' purse in three years, and the run stops.
BEYOND = {"shock_month": 20.0, "round_size": 1e9}
SIZES = {"investors": 120, "startups": 40, "smugglers": 6, "incumbents": 4}
VARIED = {name: item for name, item in DECLARED.items() if item.metadata["role"] in ("uncertain", "shock", "lever")}
CHANGEABLE = sorted(set(name for name, item in VARIED.items() if item.metadata["role"] != "shock") - FOUNDING)


def value_of(name: str) -> Any:
    item = DECLARED[name].metadata
    if name == "shock_month":
        return st.integers(0, 40)
    return st.floats(item["low"], item["high"], allow_subnormal=False)


def shock() -> Any:
    names = ("efficiency", "openness", "imitation", "month")
    return st.builds(Shock, **{name: value_of(f"shock_{name}") for name in names})


def change(name: str) -> Any:
    return st.tuples(value_of(name), st.integers(0, 40)).map(
        lambda drawn: Change(parameter=name, value=drawn[0], month=drawn[1])
    )


PARAMETERS = st.fixed_dictionaries({name: value_of(name) for name in VARIED}).map(
    lambda values: Parameters(**SIZES, **values)
)
SHOCKS = st.lists(st.one_of(shock(), st.sampled_from(CHANGEABLE).flatmap(change)), max_size=4)


@settings(max_examples=25)
@given(PARAMETERS, SHOCKS, st.integers(1, 2**63 - 1))
def test_the_identities_hold_for_any_parameters_and_shocks(parameters: Parameters, shocks: list, seed: int) -> None:
    result = simulate(parameters, shocks=shocks, months=48, seed=seed)
    assert np.isfinite(result.series.to_numpy()).all()
    assert (result.series["utilisation"] <= 1.0 + 1e-9).all()
    assert (result.series[["rent_per_server", "gpu_price"]] > 0.0).all().all()
    stages = result.series.filter(
        regex="projects_(planned|building|operating|idle|distressed|cancelled|bankrupt|taken_over)"
    )
    assert (stages.sum(axis=1) == result.series["projects_announced"]).all()


@pytest.mark.parametrize("side", ["low", "high"])
def test_the_identities_hold_with_every_single_parameter_at_its_bound(side: str) -> None:
    for name, item in DECLARED.items():
        if item.metadata["role"] == "size":
            continue
        value = min(item.metadata[side], BEYOND.get(name, np.inf))
        result = simulate(Parameters(**SIZES).with_values({name: value}), months=40, seed=3)
        assert np.isfinite(result.series.to_numpy()).all(), name


@pytest.mark.parametrize("seed", range(1, 13))
def test_the_identities_hold_in_a_world_of_full_size_over_seven_years(seed: int) -> None:
    residuals = simulate(months=84, seed=seed).residuals
    assert (residuals[["leases_of_operators", "leases_of_tenants", "chips", "orders"]].abs() < 1e-3).all().all()


def test_the_identities_hold_in_small_and_large_worlds() -> None:
    for scale in (0.02, 0.3, 4.0):
        simulate(Parameters(scale=scale), months=40, seed=2)


# --- They notice ------------------------------------------------------------------------------------------------------------

MONTHS = 16


def prepared() -> Simulation:
    """A world in mid-boom, whatever the defaults: there are plans, building sites, leases, loans and orders."""
    boom = Parameters(announcement_rate=0.2, reluctance=1.0, contract_length=18.0, channel_capacity=1_000.0)
    run = Simulation(boom, months=MONTHS + 1, seed=4)
    run.advance(MONTHS)
    return run


def one_of(rows: np.ndarray, which: np.ndarray) -> Any:
    found = np.flatnonzero(which)
    assert len(found), "the world does not have what this test tampers with"
    return rows[found[0]]


def a_yuan_from_nowhere(world: Any) -> None:
    world.investors[5].cash += 1.0


def a_yuan_burnt(world: Any) -> None:
    one_of(world.startups, world.startups["state"] == PRETRAINING).cash -= 1.0


def a_chip_from_nowhere(world: Any) -> None:
    one_of(
        world.operators, (world.operators["stage"] == OPERATING) & (world.operators["incumbent"] == 1)
    ).gpus_installed += 1.0


def chips_lost_in_transit(world: Any) -> None:
    one_of(world.smugglers, world.smugglers["inventory"] > 10.0).inventory -= 1.0


def a_lease_cut_on_the_operators_side(world: Any) -> None:
    table = world.leases[: world.lease_count[0]]
    lease = one_of(table, (table["gpus"] > 20.0) & (table["use"] == 0) & (table["months_left"] > 6))
    world.operators[lease.operator].training_leased -= 1.0


def a_lease_cut_on_the_tenants_side(world: Any) -> None:
    table = world.leases[: world.lease_count[0]]
    lease = one_of(table, (table["gpus"] > 2.0) & (table["by_platform"] == 1) & (table["months_left"] > 6))
    world.platforms[lease.tenant].inference_leased -= 1.0


def a_project_in_no_stage(world: Any) -> None:
    one_of(world.operators, world.operators["stage"] == CANCELLED).stage = BANKRUPT + 90


def a_project_that_nobody_announced(world: Any) -> None:
    one_of(world.operators, world.operators["stage"] == CANCELLED).month_announced = -1


def a_rent_that_is_no_number(world: Any) -> None:
    one_of(world.operators, world.operators["stage"] == CANCELLED).rent = np.nan


def a_loan_forgiven_by_the_debtor(world: Any) -> None:
    one_of(world.operators, world.operators["debt"] > 1e6).debt -= 1.0


def a_loan_forgiven_by_the_bank(world: Any) -> None:
    world.bank.loans -= 1.0


def an_order_that_no_dealer_knows(world: Any) -> None:
    rows = world.operators
    one_of(rows, (rows["stage"] == BUILDING) & (rows["gpus_on_order"] > 5.0)).gpus_on_order += 1.0


def equity_out_of_thin_air(world: Any) -> None:
    one_of(
        world.investors, (world.holdings >= 0) & (world.operators["stage"][world.holdings] == OPERATING)
    ).stake += 1.0


def a_round_that_no_fund_paid(world: Any) -> None:
    one_of(world.startups, world.startups["state"] == PRETRAINING).venture_capital += 1.0


def a_stake_that_no_startup_owes(world: Any) -> None:
    one_of(world.operators, world.operators["incumbent"] == 1).stakes += 1.0


def a_building_that_nobody_paid(world: Any) -> None:
    one_of(world.operators, world.operators["capital"] > 1e6).capital += 1.0


def a_negative_purse(world: Any) -> None:
    world.households.cash += world.investors[5].cash + 1.0  # within one sector: only the sign can show it
    world.investors[5].cash = -1.0


CRIMES: list[tuple[Callable[[Any], None], str]] = [
    (a_yuan_from_nowhere, "deposits"),
    (a_yuan_burnt, "deposits"),
    (a_chip_from_nowhere, "chips"),
    (chips_lost_in_transit, "chips"),
    (a_lease_cut_on_the_operators_side, "leases_of_operators"),
    (a_lease_cut_on_the_tenants_side, "leases_of_tenants"),
    (a_project_in_no_stage, "projects"),
    (a_project_that_nobody_announced, "projects"),
    (a_rent_that_is_no_number, "not_finite"),
    (a_loan_forgiven_by_the_debtor, "loans"),
    (a_loan_forgiven_by_the_bank, "loans"),
    (an_order_that_no_dealer_knows, "orders"),
    (equity_out_of_thin_air, "equity"),
    (a_round_that_no_fund_paid, "venture_claims"),
    (a_stake_that_no_startup_owes, "circular_stakes"),
    (a_building_that_nobody_paid, "other_capital"),
    (a_negative_purse, "negative"),
]


def test_the_month_goes_through_when_nobody_tampers() -> None:
    run = prepared()
    run.advance(1)
    assert run.month == MONTHS + 1


@pytest.mark.parametrize(("crime", "identity"), CRIMES, ids=[crime.__name__ for crime, _ in CRIMES])
def test_an_identity_notices(crime: Callable[[Any], None], identity: str) -> None:
    run = prepared()
    crime(run.world)
    with pytest.raises(BrokenIdentity) as caught:
        run.advance(1)
    assert f"month {MONTHS}: {identity} = " in str(caught.value)


def test_every_identity_is_noticed_by_some_test_here() -> None:
    directly = {"flows", "money", "prepayments", "overfull"}
    assert {identity for _, identity in CRIMES} | directly == set(Residuals.columns)


@pytest.mark.parametrize("identity", sorted(Residuals.columns))
@pytest.mark.parametrize("residual", [1.0, -1.0, np.nan, np.inf])
def test_any_residual_of_one_or_none_at_all_breaks_the_run(identity: str, residual: float) -> None:
    residuals = Residuals.rows(5)
    check_identities(residuals, 10, Parameters(), largest=2e12)
    residuals[identity][3] = residual
    with pytest.raises(BrokenIdentity, match=f"month 13: {identity} = "):
        check_identities(residuals, 10, Parameters(), largest=2e12)


def test_a_prepayment_kept_by_nobody_a_flow_to_nobody_and_a_lease_too_many_are_noticed() -> None:
    from bubble_abm.economy import audit
    from bubble_abm.economy.world import empty_records

    def residuals(tamper: Callable[[Any], None]) -> Any:
        run, records = prepared(), empty_records(1)
        audit.fill_balance_sheet(run.world, records.balances[0])
        tamper(run.world)
        audit.fill_balance_sheet(run.world, records.balances[1])
        audit.audit(run.world, records.balances[0], records.balances[1], records.residuals[0])
        return records.residuals[0]

    def prepaid(world: Any) -> None:
        world.smugglers[0].prepaid += 1.0

    def flow(world: Any) -> None:
        world.flows[3, 4] += 1.0

    def overfull(world: Any) -> None:
        operator = world.operators[0]
        operator.training_leased = operator.gpus_installed - operator.inference_leased + 1.0

    assert residuals(prepaid).prepayments == pytest.approx(1.0, abs=1e-3)
    assert residuals(flow).flows == pytest.approx(1.0, abs=1e-3)
    assert residuals(overfull).overfull == pytest.approx(1.0)
    assert residuals(a_yuan_from_nowhere).money == pytest.approx(1.0, abs=0.3)


# --- The matrices -------------------------------------------------------------------------------------------------------------


def test_flows_go_between_the_sectors_that_they_belong_to() -> None:
    flows = simulate(months=48, seed=5).flows
    payers = {
        "rent": "operators",
        "interest": "bank",
        "venture_funding": "startups",
        "subsidies": "operators",
        "imports": "abroad",
    }
    for flow, receiver in payers.items():
        mine = flows.xs(flow, level="flow").sum()
        assert mine[receiver] > 0.0, flow
        assert mine.drop(receiver).max() <= 0.0, flow
    unused = set(FLOWS) - set(flows.abs().groupby(level="flow").sum().sum(axis=1).loc[lambda total: total > 0].index)
    assert "fiscal_transfers" in unused  # they stay within the governments
    assert unused <= {
        "fiscal_transfers",
        "tariffs",
        "take_overs",
        "rescues",
        "liquidation",
        "reexports",
        "second_hand_sales",
        "penalties",
    }


def test_claims_cancel_out_over_the_sectors_and_only_real_things_remain() -> None:
    balances = simulate(months=48, seed=5).balances
    last = balances.loc[balances.index.get_level_values("date")[-1]]
    assert list(last.columns) == list(SECTORS)
    assert list(last.index) == list(STOCKS)
    scale = last.abs().sum().sum()
    for claim in ("deposits", "loans", "prepayments", "equity", "venture_claims", "circular_stakes"):
        assert abs(last.loc[claim].sum()) < 1e-9 * scale, claim
    assert last.loc["chips"].sum() > 0.0
    assert last.loc["other_capital"].sum() > 0.0


def test_the_interpreted_month_and_the_compiled_one_keep_the_same_books_bit_for_bit() -> None:
    small = Parameters(investors=60, startups=20, smugglers=4, incumbents=3)
    tables = []
    for machine in (Rules().linked_month(), Rules().linked_month(interpreted=True)):
        run = Simulation(small, months=28, seed=6, interpreted=machine.interpreted)
        run.advance(28)
        tables.append(run)
    one, other = tables
    for kind in ("operators", "investors", "startups", "smugglers", "platforms", "provinces", "leases"):
        assert same(np.asarray(getattr(one.world, kind)), np.asarray(getattr(other.world, kind))), kind
    assert one.records.measures.tobytes() == other.records.measures.tobytes()
    assert one.records.flows.tobytes() == other.records.flows.tobytes()
