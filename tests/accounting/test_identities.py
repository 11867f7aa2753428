"""Every yuan, GPU, lease and project is accounted for whatever the parameters; and the identities notice when one is not."""

# ruff: noqa: E501 - a case is a line, a sentence is a name

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bubble_abm.economy import identities
from bubble_abm.economy.accounts import FLOWS, SECTORS, STOCKS, Residuals
from bubble_abm.economy.agents.operator import BANKRUPT, BUILDING, CANCELLED, OPERATING, PROJECT_STEP, TAKEN_OVER
from bubble_abm.economy.agents.startup import PRETRAINING
from bubble_abm.economy.identities import (
    IN_MONEY,
    BrokenIdentity,
    check_identities,
    tolerances,
    tolerated_at_first,
)
from bubble_abm.economy.ledger import HOUSEHOLDS
from bubble_abm.economy.parameters import DECLARED, MAX_MONTHS, Parameters
from bubble_abm.economy.shocks import FOUNDING, Change, Shock
from bubble_abm.economy.world import Records, counts, empty_records
from bubble_abm.engine.rules import Rules
from bubble_abm.engine.simulation import Simulation, simulate
from bubble_abm.paper.plain import plain
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
    if item["whole"]:
        return st.integers(int(item["low"]), int(item["high"]))
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
        regex="projects_(planned|building|operating|idle|distressed|cancelled|bankrupt|taken_over|paused)$"
    )
    of_2022 = stages.sum(axis=1) - result.series["projects_announced"]  # under way before January 2023
    assert of_2022.nunique() == 1 and 0 <= of_2022.iloc[0] <= SIZES["investors"]


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


def test_what_owners_have_pledged_is_what_their_sites_were_promised_and_no_number_is_given_twice() -> None:
    run = Simulation(months=48, seed=3)
    for _ in range(4):
        run.advance(12)
        operators, investors = np.asarray(run.world.operators), run.world.investors
        operators = operators[: run.world.operator_count[0]]
        owned = operators[operators["owner"] >= 0]
        promised = np.bincount(owned["owner"], owned["equity_pledged"], minlength=len(investors))
        assert promised.max() > 1e6
        assert investors["pledged"] == pytest.approx(promised, rel=1e-9, abs=1.0)
        announced = operators[operators["incumbent"] == 0]
        assert (announced["id"] % PROJECT_STEP == announced["announcer"]).all()
        assert len(set(operators["id"])) == len(operators)
        counted = np.bincount(announced["announcer"], minlength=len(investors))
        assert (counted == investors["projects"]).all() and counted.max() > 1


def test_the_identities_hold_in_small_and_large_worlds() -> None:
    for scale in (0.02, 0.3, 4.0):
        simulate(Parameters(scale=scale), months=40, seed=2)


# --- They notice ------------------------------------------------------------------------------------------------------------

MONTHS = 16


def prepared() -> Simulation:
    """A world in mid-boom, whatever the defaults: there are plans, building sites, leases, loans and orders."""
    boom = Parameters(
        announcement_rate=0.2, reluctance=1.0, contract_length=18.0, channel_capacity=1_000.0, show_share=0.5,
        cancellation_rate=0.05, household_savings=2e12, scale=0.3,  # so that a yuan is more than rounding
    )  # fmt: skip
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
    one_of(world.smugglers, world.smugglers["in_transit"] > 10.0).in_transit -= 1.0


def a_lease_cut_on_the_operators_side(world: Any) -> None:
    table = world.leases[: world.lease_count[0]]
    lease = one_of(table, (table["gpus"] > 20.0) & (table["use"] == 0) & (table["months_left"] > 6))
    world.operators[lease.operator].training_leased -= 1.0


def a_lease_cut_on_the_tenants_side(world: Any) -> None:
    table = world.leases[: world.lease_count[0]]
    lease = one_of(table, (table["gpus"] > 2.0) & (table["tenant_kind"] == 1) & (table["months_left"] > 2))
    world.platforms[lease.tenant].inference_leased -= 1.0


def a_project_in_no_stage(world: Any) -> None:
    one_of(world.operators, world.operators["stage"] == CANCELLED).stage = BANKRUPT + 90


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


def a_share_in_a_fund_that_no_startup_owes(world: Any) -> None:
    one_of(world.operators, world.operators["incumbent"] == 1).fund_stakes += 1.0


def rent_ahead_that_no_operator_owes(world: Any) -> None:
    one_of(world.startups, world.startups["state"] == PRETRAINING).rent_ahead += 1.0


def rent_owed_to_nobody(world: Any) -> None:
    one_of(world.operators, world.operators["incumbent"] == 1).unearned_rent += 1.0


def a_building_that_nobody_paid(world: Any) -> None:
    one_of(world.operators, world.operators["capital"] > 1e6).capital += 1.0


def a_negative_purse(world: Any) -> None:
    world.households.cash += world.investors[5].cash + 1.0  # within one sector: only the sign can show it
    world.investors[5].cash = -1.0


def a_site_with_less_than_nothing(world: Any) -> None:
    rows = world.operators
    open_sites = (rows["stage"] == OPERATING) & (rows["incumbent"] == 1)
    one_of(rows, open_sites).gpus_installed += 100.0
    one_of(rows, rows["stage"] == CANCELLED).gpus_installed = -100.0


def a_rate_below_zero(world: Any) -> None:
    world.operators[0].stage = TAKEN_OVER  # a site of the state, in whose rent nobody has a say
    world.operators[0].rent = 0.0


CRIMES: list[tuple[Callable[[Any], None], str]] = [
    (a_yuan_from_nowhere, "deposits"),
    (a_yuan_burnt, "deposits"),
    (a_chip_from_nowhere, "chips"),
    (chips_lost_in_transit, "chips"),
    (a_lease_cut_on_the_operators_side, "leases_of_operators"),
    (a_lease_cut_on_the_tenants_side, "leases_of_tenants"),
    (a_project_in_no_stage, "projects"),
    (a_rent_that_is_no_number, "not_finite"),
    (a_loan_forgiven_by_the_debtor, "loans"),
    (a_loan_forgiven_by_the_bank, "loans"),
    (an_order_that_no_dealer_knows, "orders"),
    (equity_out_of_thin_air, "equity"),
    (a_round_that_no_fund_paid, "venture_claims"),
    (a_stake_that_no_startup_owes, "circular_stakes"),
    (a_share_in_a_fund_that_no_startup_owes, "fund_stakes"),
    (rent_ahead_that_no_operator_owes, "unearned_rent"),
    (rent_owed_to_nobody, "unearned_rent"),
    (a_building_that_nobody_paid, "other_capital"),
    (a_negative_purse, "overdrawn"),
]


CRIMES_OF_A_YUAN = [
    (a_loan_forgiven_by_the_debtor, "loans"),
    (a_loan_forgiven_by_the_bank, "loans"),
    (equity_out_of_thin_air, "equity"),
    (a_round_that_no_fund_paid, "venture_claims"),
    (a_stake_that_no_startup_owes, "circular_stakes"),
    (rent_ahead_that_no_operator_owes, "unearned_rent"),
    (rent_owed_to_nobody, "unearned_rent"),
    (a_building_that_nobody_paid, "other_capital"),
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
    directly = {"flows", "money", "prepayments", "overfull", "oversold", "negative"}
    assert {identity for _, identity in CRIMES} | directly == set(Residuals.columns)


def recorded(months: int) -> Records:
    records = empty_records(months)
    records.balances[:, STOCKS.index("deposits")] = 2e12
    records.measures["gpu_price"] = 2e5
    return records


@pytest.mark.parametrize("identity", sorted(Residuals.columns))
@pytest.mark.parametrize("residual", [1.0, -1.0, np.nan, np.inf])
def test_any_residual_of_one_or_none_at_all_breaks_the_run(identity: str, residual: float) -> None:
    records = recorded(15)
    check_identities(records, 10, 15, Parameters())
    records.residuals[identity][13] = residual
    with pytest.raises(BrokenIdentity, match=f"month 13: {identity} = "):
        check_identities(records, 10, 15, Parameters())
    check_identities(records, 14, 15, Parameters())


def test_the_earliest_broken_month_is_reported() -> None:
    records = recorded(5)
    records.residuals["flows"][3] = records.residuals["orders"][2] = 1e6
    with pytest.raises(BrokenIdentity, match="month 2: orders = "):
        check_identities(records, 0, 5, Parameters())


# --- What they tolerate -----------------------------------------------------------------------------------------------------


def test_books_balance_however_long_a_run_is() -> None:
    simulate(Parameters(contract_length=18.0), months=100, seed=1)  # sums of deposits drift by half a yuan
    rich = Parameters(household_savings=1e14, scale=0.1)
    residuals = simulate(rich, months=MAX_MONTHS, seed=1).records.residuals.view("f8").reshape(MAX_MONTHS, -1)
    assert residuals[100:, IN_MONEY].max() < 10 * residuals[:68, IN_MONEY].max()


@pytest.mark.parametrize("scale", [0.02, 1.0, 20.0])
def test_a_billionth_of_what_flows_in_a_month_is_too_much(scale: float) -> None:
    run = Simulation(Parameters(scale=scale), months=30, seed=1)
    run.advance(29)
    flowed = np.abs(run.records.flows[28]).sum() / 2.0
    run.world.households.cash += 1e-9 * flowed
    with pytest.raises(BrokenIdentity, match="month 29: deposits = "):
        run.advance(1)


def test_a_yuan_is_too_much_in_a_small_economy_even_after_many_years() -> None:
    run = Simulation(Parameters(scale=0.02), months=120, seed=1)
    run.advance(119)
    run.world.households.cash += 1.0
    with pytest.raises(BrokenIdentity, match="month 119: deposits = "):
        run.advance(1)


def test_what_is_tolerated_grows_with_amounts_and_agents_and_where_records_add_up_with_time() -> None:
    records = empty_records(4)
    records.measures["gpu_price"] = 1.0
    records.balances[1:, STOCKS.index("loans"), 1] = 1e13
    records.balances[2:, STOCKS.index("deposits"), 0] = -1e12  # from the second month on
    records.flows[3, 0, :2] = -4e13, 4e13
    records.balances[1:, STOCKS.index("chips"), 1] = 1e6
    found = dict(zip(Residuals.columns, tolerances(records, 4, Parameters()).T))
    part = 2.0**-53 * (1_000 + sum(counts(Parameters())) + 31)
    assert found["deposits"] == pytest.approx(part * np.array([1e13, 1e13, 1e13, 4e13]))
    assert found["loans"] == pytest.approx(part * np.array([1e13, 2e13, 3e13, 7e13]))
    assert found["equity"] == pytest.approx([0.01, 0.01, 0.01, part * 4e13])
    assert found["chips"] == pytest.approx(np.maximum(part * 1e6 * np.arange(1, 5), 1e-6))


def test_no_month_tolerates_less_than_the_first_balance_sheet_tells() -> None:
    for parameters in (Parameters(), Parameters(scale=0.1, household_savings=1e14), Parameters(scale=3.0)):
        records = simulate(parameters, months=30, seed=2).records
        assert (tolerated_at_first(records, parameters) <= tolerances(records, 30, parameters)).all()


def test_months_that_were_looked_at_are_not_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[int] = []
    monkeypatch.setattr(identities, "tolerances", lambda *about: counted.append(1) or tolerances(*about))
    run = Simulation(plain(), months=48, seed=1)
    for _ in range(48):
        run.advance()
    assert counted == []
    run = prepared()
    run.world.investors[5].cash += 1.0
    with pytest.raises(BrokenIdentity):
        run.advance()
    assert counted == [1]


@pytest.mark.parametrize(("crime", "identity"), CRIMES_OF_A_YUAN, ids=[crime.__name__ for crime, _ in CRIMES_OF_A_YUAN])
def test_a_yuan_is_noticed_among_the_claims_of_a_world_of_full_size(
    crime: Callable[[Any], None], identity: str
) -> None:
    run = Simulation(months=25, seed=1)
    run.advance(24)
    crime(run.world)
    with pytest.raises(BrokenIdentity, match=f"month 24: {identity} = "):
        run.advance(1)


def test_debts_of_hundreds_of_trillions_in_equal_payments_are_rounded_and_not_lost() -> None:
    alike = plain(
        scale=1946.18, incumbents=1, smugglers=1, investors=0, startups=0, platforms=0, installed_base=1e6,
        incumbent_spread=0, incumbent_cash=0, running_cost=10_000, loan_rate=0, fire_sale_speed=0, proceedings_hazard=0,
        longest_distress=60, household_savings=1e9,
    )  # fmt: skip
    run = Simulation(alike, months=61, seed=1)
    run.advance(60)
    owed = -run.records.balances[60, STOCKS.index("loans")].min()
    assert owed > 1e14 and run.records.residuals["loans"][:60].max() > 100.0
    run.world.bank.loans += 1e-10 * owed
    with pytest.raises(BrokenIdentity, match="month 60: loans = "):
        run.advance(1)


# --- What is said ------------------------------------------------------------------------------------------------------------


def test_a_first_stock_that_is_sold_at_once_still_counts() -> None:
    records = recorded(2)
    records.balances[0, STOCKS.index("chips")] = 2e5 * 1e12
    assert tolerances(records, 2, Parameters())[:, list(Residuals.columns).index("chips")].min() > 1e-3


@pytest.mark.whole_runs
def test_households_neither_run_dry_nor_pile_up_deposits_in_the_longest_run() -> None:
    for seed in range(1, 9):
        run = Simulation(months=MAX_MONTHS, seed=seed)
        run.advance(MAX_MONTHS)
        deposits = run.records.balances[:, STOCKS.index("deposits"), HOUSEHOLDS]
        assert 0.5 < deposits.min() / deposits[0] <= deposits.max() / deposits[0] < 1.05


def test_whatever_households_pay_for_they_do_not_run_dry() -> None:
    simulate(Parameters(inference_base=1e6, round_size=6e8, funding_rate=0.92), months=48, seed=1)
    simulate(Parameters(household_savings=1e9), months=48, seed=1)


def test_a_broken_identity_is_an_error_in_the_rules() -> None:
    records = recorded(2)
    records.residuals["loans"] = 3.0
    moved = Parameters(**{name: DECLARED[name].metadata["high"] for name in list(DECLARED)[:9]})
    with pytest.raises(BrokenIdentity, match=r"no input may do that: .* and 3 more$"):
        check_identities(records, 0, 2, moved)


def test_a_prepayment_kept_by_nobody_a_flow_to_nobody_and_a_lease_too_many_are_noticed() -> None:
    from bubble_abm.economy import audit

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
    assert residuals(a_site_with_less_than_nothing).oversold == -100.0
    assert residuals(a_rate_below_zero).negative == 1.0
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
        "exports": "households",
    }
    for flow, receiver in payers.items():
        mine = flows.xs(flow, level="flow").sum()
        assert mine[receiver] > 0.0, flow
        assert mine.drop(receiver).max() <= 0.0, flow
    unused = set(FLOWS) - set(flows.abs().groupby(level="flow").sum().sum(axis=1).loc[lambda total: total > 0].index)
    assert {"fiscal_transfers", "consumption"} <= unused  # they stay within the governments, and within the households
    assert unused <= {
        "fiscal_transfers",
        "consumption",
        "tariffs",
        "take_overs",
        "vouchers",
        "fund_investment",
        "conversions",
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
