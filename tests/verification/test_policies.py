"""Every policy does nothing at its default, what it should at the other end, and keeps the books at both ends.

No size is asserted: those are what experiments are about.
"""

# ruff: noqa: E501 - a case is a line, a sentence is a name

from __future__ import annotations

from typing import Any

import pytest

from bubble_abm.economy.agents.operator import BANKRUPT
from bubble_abm.economy.parameters import DECLARED
from bubble_abm.economy.shocks import FOUNDING, Change, Shock
from bubble_abm.engine.simulation import simulate, twin
from bubble_abm.paper.plain import PLAIN, plain
from tests.small import fingerprint
from tests.verification.test_levers import Outcome, highest, last, mean, moves, runs

LEVERS = {name: item.metadata for name, item in DECLARED.items() if item.metadata["role"] == "lever"}
SIZES = plain(investors=300, startups=80, smugglers=8, incumbents=6)
#: Without which a lever would find nothing to act upon: a promise, harvesters, an answer without any release.
ACTS_UPON = {
    "support_period": {"subsidy_on_use": 1.0},
    "forecast_checks": {"harvester_share": 0.5},
    **{name: {"answer_threshold": 0.5} for name in ("late_brake", "late_gate", "resale_network", "hand_over")},
}


# --- At both ends ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", LEVERS)
@pytest.mark.parametrize("side", ["low", "high"])
def test_the_books_are_kept_at_both_ends_of_every_lever(name: str, side: str) -> None:
    for seed in range(1, 6):
        simulate(plain(**{name: LEVERS[name][side]}), months=60, seed=seed)


@pytest.mark.parametrize("name", LEVERS)
def test_twins_agree_until_the_shock_under_every_lever(name: str) -> None:
    for side in ("low", "high"):
        both = twin(SIZES.with_values({name: LEVERS[name][side]}), shocks=[Shock(month=24)], months=40, seed=3)
        one, other = both.with_shock.records, both.without_shock.records
        assert one.measures[:24].tobytes() == other.measures[:24].tobytes()
        assert one.measures.tobytes() != other.measures.tobytes()


@pytest.mark.parametrize("name", [name for name in LEVERS if name not in FOUNDING])
def test_a_lever_that_is_put_in_force_later_changes_nothing_before(name: str) -> None:
    default = DECLARED[name].default
    end = max((LEVERS[name]["low"], LEVERS[name]["high"]), key=lambda value: abs(value - default))
    base = plain(**ACTS_UPON.get(name, {}))
    before, after = (
        simulate(base, shocks=shocks, months=48, seed=2).records.measures
        for shocks in ((), (Change(parameter=name, value=end, month=18),))
    )
    assert before[:18].tobytes() == after[:18].tobytes()
    assert before.tobytes() != after.tobytes()


# --- At rest -----------------------------------------------------------------------------------------------------------------

NO_POLICY: list[dict[str, float]] = [
    {"leverage_cap": PLAIN["leverage"]},
    {"support_period": 12.0},
]


@pytest.mark.parametrize("values", NO_POLICY, ids=str)
def test_a_policy_that_binds_nobody_changes_nothing(values: dict[str, float]) -> None:
    assert fingerprint(simulate(SIZES.with_values(values), months=48, seed=4).records) == fingerprint(
        simulate(SIZES, months=48, seed=4).records
    )


def test_without_control_nothing_is_seized_lost_or_ordered_in_a_panic() -> None:
    for seed in range(1, 5):
        free = simulate(plain(export_control_strength=0.0), months=48, seed=seed)
        assert (free.series["gpus_seized"] == 0.0).all()
        assert (free.series["ban_loss_share"] == 0.0).all()  # prepayments of sites that end are lost all the same
        assert (free.series[["gpus_imported"]].sum() > 0.0).all()


def outside_hubs(result: Any, first: int = 0) -> int:
    """Projects announced from a month on in provinces that are no hubs."""
    agents = result.agents(result.months - 1)
    announced = agents["operators"].query("month_announced >= @first")
    return int((agents["provinces"]["hub"].loc[announced["province"]] == 0).sum())


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_hub_only_approval_leaves_no_new_project_outside_the_hubs(seed: int) -> None:
    everywhere = simulate(SIZES, months=30, seed=seed)
    assert outside_hubs(everywhere) > 10
    assert outside_hubs(simulate(SIZES.with_values({"hub_only": 1.0}), months=30, seed=seed)) == 0
    assert (
        0
        < outside_hubs(simulate(SIZES.with_values({"hub_only": 0.5}), months=30, seed=seed))
        < outside_hubs(everywhere)
    )
    late = simulate(SIZES, shocks=[Change(parameter="hub_only", value=1.0, month=15)], months=30, seed=seed)
    assert 0 < outside_hubs(late) == outside_hubs(everywhere) - outside_hubs(everywhere, 15)


def test_failed_sites_go_to_the_liquidator_or_to_the_state_as_told() -> None:
    first_failures = taken_over = 0
    for seed in range(1, 5):
        none = simulate(plain(take_over_probability=0.0), months=48, seed=seed)
        assert (none.series["projects_taken_over"] == 0.0).all()
        all_of_them = simulate(plain(take_over_mandate=1.0), months=48, seed=seed)
        opened = all_of_them.agents(47)["operators"].query("month_opened >= 0 and incumbent == 0")
        taken_over += (opened["owner"] < 0).sum()
        first_failures += ((opened["owner"] >= 0) & (opened["stage"] == BANKRUPT)).sum()
    # Who failed was taken over, except for the few who had switched the site off.
    assert taken_over > 10 * first_failures
    assert taken_over > 10


EVERY_SITE_SUITABLE = {
    "interior_suitability": 0.9, "inexperienced_skill": 1.0, "inexperienced_engineering": 1.0, "lemons_discount": 0.0,
}  # fmt: skip


def test_every_site_can_be_made_suitable() -> None:
    sites = simulate(SIZES.with_values(EVERY_SITE_SUITABLE), months=24, seed=1).agents(23)["operators"]
    announced = sites.query("month_announced >= 0")
    assert len(announced) > 50
    assert (announced["training_suitability"] == 1.0).all()
    assert (announced["inference_suitability"] == 0.9).all()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_provinces_hold_what_they_have_promised_and_stay_within_their_envelopes(seed: int) -> None:
    for share in (0.5, 1.0):
        result = simulate(plain(subsidy_on_use=share), months=60, seed=seed)
        for month in (12, 24, 36, 48, 59):
            agents = result.agents(month)
            sites = agents["operators"].assign(due=lambda rows: rows["grant"] - rows["grant_paid"])
            promised = sites.groupby("province")[["subsidy_promised", "due"]].sum().sum(axis=1)
            provinces = agents["provinces"]
            reserved = promised.reindex(provinces["id"], fill_value=0.0).to_numpy()
            assert (provinces["cash"] >= reserved - 1.0).all()
            assert (provinces["outlay"] <= provinces["envelope"] + 1.0).all()
            # What is left of the grants of sites that have ended stays with the province.
            assert (provinces["cash"] >= provinces["envelope"] - provinces["outlay"] + reserved - 1.0).all()


def test_a_full_register_is_the_world_without_neglect() -> None:
    register, no_neglect = (
        simulate(SIZES.with_values(values), months=48, seed=4).records
        for values in ({"public_register": 1.0}, {"competition_neglect": 0.0})
    )
    assert fingerprint(register) == fingerprint(no_neglect)


# --- In force ----------------------------------------------------------------------------------------------------------------

POLICIES = [
    ("who sees the pipeline completes less", "public_register", 0.0, 1.0, last("projects_completed"), -1),
    ("who sees the pipeline is disappointed less", "public_register", 0.0, 1.0, mean("idle_share_new"), -1),
    ("tighter control makes chips dearer", "export_control_strength", 0.5, 1.5, highest("gpu_price"), +1),
    ("tighter control keeps chips scarce for a while", "export_control_strength", 0.5, 1.5, last("gpus_installed_new", 18), -1),
    ("and rents high", "export_control_strength", 0.5, 1.5, last("rent_per_server", 18), +1),
    ("a subsidy on use finances nothing: sites borrow more", "subsidy_on_use", 0.0, 1.0, last("operators_debt", 18), +1),
    ("and empty ones earn little", "subsidy_on_use", 0.0, 1.0, lambda series: series["subsidies_paid"][:36].sum(), -1),
    ("a gate keeps sites from being built", "approval_utilisation", 0.0, 0.6, last("projects_completed"), -1),
    ("and from standing empty", "approval_utilisation", 0.0, 0.8, last("idle_share_new", 26), -1),
    ("hub-only approval keeps projects away", "hub_only", 0.0, 1.0, last("projects_announced", 24), -1),
    ("and saves subsidies", "hub_only", 0.0, 1.0, lambda series: series["subsidies_paid"].sum(), -1),
    ("take-overs keep sites from the liquidator", "take_over_mandate", 0.0, 1.0, last("projects_bankrupt"), -1),
    ("and capacity in the market", "take_over_mandate", 0.0, 1.0, last("gpus_installed_new", 36), +1),
    ("so rents recover later", "take_over_mandate", 0.0, 1.0, last("rent_per_server", 36), -1),
    ("a cap on debt lowers it", "leverage_cap", 0.2, 0.9, last("operators_debt"), +1),
    ("a cap on debt prevents write-offs", "leverage_cap", 0.2, 0.9, lambda series: series["write_offs"].sum(), +1),
]  # fmt: skip


@pytest.mark.parametrize(
    ("lever", "low", "high", "outcome", "sign"), [case[1:] for case in POLICIES], ids=[case[0] for case in POLICIES]
)
def test_a_policy_moves_what_it_should(lever: str, low: float, high: float, outcome: Outcome, sign: int) -> None:
    moves(runs(((lever, low),)), runs(((lever, high),)), outcome, sign)
