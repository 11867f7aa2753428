"""Shocks and changes: paths fixed before the run."""

# ruff: noqa: E501 - a case is a line, a sentence is a name

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from bubble_abm.economy.declare import InvalidInput
from bubble_abm.economy.outside import outside
from bubble_abm.economy.parameters import DECLARED, Parameters
from bubble_abm.economy.shocks import CHANNELS, FOUNDING, LEVELS, WATCHED, Change, Shock, build_paths, default_shocks
from bubble_abm.engine.scenario import Scenario
from bubble_abm.engine.simulation import Simulation
from tests.worlds import BY_HAND


def path(name: str, *shocks: object, months: int = 40) -> list[float]:
    return list(build_paths(Parameters(), shocks, months)[name])


def test_without_shocks_every_month_has_the_parameters_and_the_outside_world() -> None:
    paths = build_paths(Parameters(herding=2.5), (), 50)
    assert (paths["herding"] == 2.5).all()
    assert list(paths["month"]) == list(range(50))
    world = outside(50)
    assert (paths["call"] == world["call"]).all()
    assert (paths["frontier_efficiency"] == world["efficiency"]).all()
    assert (paths["frontier_openness"] == world["openness"]).all()


def test_platforms_plans_grow_with_the_world_and_nothing_else_of_the_outside_does() -> None:
    one, three = (build_paths(Parameters(scale=scale), (), 50) for scale in (1, 3))
    assert three["platform_capex"] == pytest.approx(3 * one["platform_capex"])
    for name in ("call", "tariff", "export_control", "frontier_efficiency"):
        assert (one[name] == three[name]).all()


def test_a_release_multiplies_efficiency_from_its_month_on_once_and_for_all() -> None:
    before, after = path("frontier_efficiency"), path("frontier_efficiency", Shock(efficiency=3.0, month=20))
    assert after[:20] == before[:20]
    assert after[20:] == pytest.approx([3 * level for level in before[20:]])


def test_several_releases_multiply_and_the_latest_sets_openness() -> None:
    shocks = (
        Shock(efficiency=2.0, openness=0.2, month=30),
        Shock(efficiency=5.0, openness=0.9, imitation=1.0, month=20),
    )
    base, efficiency = path("frontier_efficiency"), path("frontier_efficiency", *shocks)
    assert [round(a / b, 9) for a, b in zip(efficiency, base, strict=True)] == [1.0] * 20 + [5.0] * 10 + [10.0] * 10
    assert path("frontier_openness", *shocks)[20:] == [0.9] * 10 + [0.2] * 10
    assert path("frontier_imitation", *shocks)[20:] == [1.0] * 10 + [DECLARED["shock_imitation"].default] * 10


def test_a_neutral_release_leaves_every_path_as_it_is() -> None:
    neutral = build_paths(Parameters(), [Shock(efficiency=1.0, openness=0.9, imitation=1.5, month=3)], 40)
    assert neutral.tobytes() == build_paths(Parameters(), (), 40).tobytes()


def test_a_change_lasts_as_long_as_it_says() -> None:
    assert path("herding", Change(parameter="herding", value=1.0, month=10, until=12))[9:13] == [
        DECLARED["herding"].default,
        1.0,
        1.0,
        DECLARED["herding"].default,
    ]
    assert set(path("herding", Change(parameter="herding", value=1.0, month=10))[10:]) == {1.0}


def test_control_is_as_strong_as_its_strength_and_its_step_with_it() -> None:
    as_it_was, tighter, none = (
        build_paths(Parameters(export_control_strength=strength), (), 40) for strength in (1.0, 1.5, 0.0)
    )
    calendar = outside(40)
    for name in ("export_control", "control_step"):
        assert (as_it_was[name] == calendar[name]).all()
        assert tighter[name] == pytest.approx(1.5 * calendar[name])
        assert (none[name] == 0.0).all()


def test_control_that_is_tightened_on_the_way_is_a_step() -> None:
    later = Change(parameter="export_control_strength", value=2.0, month=20, until=25)
    paths = build_paths(Parameters(), (later,), 40)
    assert list(np.flatnonzero(paths["control_step"])) == [9, 20]
    assert paths["control_step"][20] == pytest.approx(1.0)
    assert paths["export_control"][[19, 20, 24, 25]] == pytest.approx([1.0, 2.0, 2.0, 1.0])


@pytest.mark.parametrize(
    "wrong",
    [
        {"efficiency": 0.9}, {"efficiency": 99}, {"openness": 1.0}, {"openness": -0.1}, {"imitation": 9}, {"month": -1},
        {"month": 12.5}, {"month": float("nan")}, {"efficiency": float("inf")},
    ],
)  # fmt: skip
def test_a_release_out_of_bounds_is_refused(wrong: dict) -> None:
    with pytest.raises(InvalidInput):
        Shock(**wrong)


@pytest.mark.parametrize("name", sorted(FOUNDING | {"scale", "investors", "shock_openness"}))
def test_what_is_used_at_the_founding_cannot_change_later(name: str) -> None:
    with pytest.raises(InvalidInput, match="used when the world is founded"):
        Change(parameter=name, value=DECLARED[name].default, month=3)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"parameter": "herdign"}, "did you mean 'herding'"), ({"value": 99.0}, "herding = 99"), ({"month": -1}, "month = -1"),
        ({"month": 2.5}, "month = 2.5"), ({"until": 5}, "after 10"), ({"until": 10}, "after 10"), ({"until": 5000}, "until = 5000"),
    ],
)  # fmt: skip
def test_a_change_that_cannot_be_is_refused(wrong: dict, says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        Change(**({"parameter": "herding", "value": 1.0, "month": 10} | wrong))


def test_the_default_shock_is_the_one_that_the_parameters_describe() -> None:
    parameters = Parameters(shock_efficiency=3.0, shock_openness=0.4, shock_imitation=0.2, shock_month=18)
    assert default_shocks(parameters) == (Shock(efficiency=3.0, openness=0.4, imitation=0.2, month=18),)
    with pytest.raises(InvalidInput, match=r"shock_month = 18\.5: give a whole number"):
        Parameters(shock_month=18.5)


def test_paths_are_finite_for_the_longest_run() -> None:
    paths = build_paths(Parameters(), (), 600)
    assert all(np.isfinite(paths[name]).all() for name in paths.dtype.names)


# --- Channels ---------------------------------------------------------------------------------------------------------

CLOSED = dict.fromkeys(CHANNELS, 0.0)


def test_open_channels_leave_every_path_as_it_is() -> None:
    paths = build_paths(Parameters(**dict.fromkeys(CHANNELS, 1.0)), [Shock(efficiency=3.0, month=20)], 40)
    for attention in WATCHED.values():
        assert (paths[attention] == DECLARED[attention].default).all()


@pytest.mark.parametrize("shocks", [(), (Shock(efficiency=4.0, month=20),)], ids=["twin", "run"])
@pytest.mark.parametrize("channel", WATCHED)
def test_eyes_that_are_closed_are_closed_from_the_release_on_with_the_shock_and_without_it(
    channel: str, shocks: tuple
) -> None:
    attentive = dict.fromkeys(WATCHED.values(), 0.5) | {"shock_month": 20}
    is_open, closed = (build_paths(Parameters(**attentive, **more), shocks, 40) for more in ({}, {channel: 0.0}))
    moved = {name for name in is_open.dtype.names if not (is_open[name] == closed[name]).all()} - {channel}
    assert moved == {WATCHED[channel]}
    assert list(closed[WATCHED[channel]]) == 20 * [0.5] + 20 * [0.0]


def test_a_release_leaves_what_would_be_the_best_model_without_it() -> None:
    paths = build_paths(Parameters(), [Shock(efficiency=4.0, openness=0.7, imitation=0.9, month=20)], 40)
    for name, level in outside(40).items():
        if name in LEVELS:
            assert (paths[f"usual_{name}"] == level).all() and (paths[f"frontier_{name}"][:20] == level[:20]).all()
    assert (paths["frontier_efficiency"] == paths["usual_efficiency"] * np.repeat([1.0, 4.0], 20)).all()


def test_half_open_eyes_see_half() -> None:
    half = build_paths(Parameters(shock_month=20, shock_funds=0.5), [Shock(efficiency=4.0, month=20)], 40)
    assert half["fund_attention"][19:21] == pytest.approx(DECLARED["fund_attention"].default * np.array([1.0, 0.5]))


def run_of(shocks: bool, **channels: float) -> Simulation:
    """A release in July 2023, long before another one."""
    world = dict(investors=150, startups=80, smugglers=6, incumbents=4, first_projects=10, first_startups=0.5)
    attentive = dict.fromkeys(WATCHED.values(), 0.5)
    p = Parameters(**BY_HAND | world | attentive | dict(shock_month=6, shock_openness=0.8) | channels)
    run = Simulation(p, shocks=None if shocks else (), months=16, seed=3)
    run.advance(16)
    return run


def differing(run_of: Callable[..., Simulation] = run_of, **channels: float) -> set[str]:
    """Measures that the release moves with these channels."""
    run, twin = (run_of(shocks, **channels).records.measures for shocks in (True, False))
    return {name for name in run.dtype.names if not (run[name] == twin[name]).all()}


def test_with_all_channels_closed_a_release_is_adopted_and_read_by_the_stock_market_and_moves_nothing_else() -> None:
    assert differing(**CLOSED) == {"adopters", "vendor_value"}


def later_run(shocks: bool, **channels: float) -> Simulation:
    """A release while an older open model is being adopted."""
    p = Parameters(shock_openness=0.9, shock_imitation=0.9, **channels)
    run = Simulation(p, shocks=None if shocks else (), months=48, seed=3)
    run.advance(48)
    return run


def test_that_holds_while_an_older_open_model_is_being_adopted() -> None:
    assert {"rent_per_server", "startups_pretraining"} <= differing(later_run)
    assert differing(later_run, **CLOSED) == {"adopters", "vendor_value"}


def test_channels_of_tenants_leave_the_world_without_the_release_as_it_is() -> None:
    is_open, closed = (
        later_run(False, shock_exit=level, shock_training=level, shock_inference=level) for level in (1.0, 0.0)
    )
    assert (is_open.records.measures == closed.records.measures).all()


@pytest.mark.parametrize("channel", list(WATCHED))
def test_who_still_looks_sees_nothing_where_nothing_happens(channel: str) -> None:
    assert differing(**CLOSED | {channel: 1.0}) == {"adopters", "vendor_value"}


@pytest.mark.parametrize(
    ("channel", "first"),
    [("shock_exit", "pretraining_exits"), ("shock_training", "gpus_wanted"), ("shock_inference", "gpus_wanted")],
)
def test_a_release_moves_rents_through_each_of_the_channels_of_tenants(channel: str, first: str) -> None:
    assert {"rent_per_server", first} <= differing(**CLOSED | {channel: 1.0})


@pytest.mark.parametrize("channel", list(WATCHED))
def test_who_looks_at_exits_is_another_channel(channel: str) -> None:
    blind, seeing = (
        run_of(True, **CLOSED | {"shock_exit": 1.0} | more).records.measures for more in ({}, {channel: 1.0})
    )
    assert any((blind[name] != seeing[name]).any() for name in blind.dtype.names)


def test_with_exit_closed_nobody_goes_over_to_open_weights() -> None:
    closed, is_open = (run_of(True, shock_exit=level).records.measures for level in (0.0, 1.0))
    assert (closed["startups_open_weights"] == 0.0).all() and closed["adopters"][-1] > 0.3
    assert is_open["startups_open_weights"][-1] > 3.0


def test_with_inference_closed_adoption_makes_no_service_cheaper() -> None:
    closed, is_open = (run_of(True, shock_inference=level).world for level in (0.0, 1.0))
    assert (closed.market.efficiency, closed.market.serving) == (1.0, 0.0) and closed.market.adopters > 0.3
    assert is_open.market.efficiency > 1.5 and is_open.market.serving == is_open.market.adopters


def test_channels_close_whichever_releases_a_scenario_lists() -> None:
    releases = (Shock(month=20),)
    closed = Scenario(values={"shock_exit": 0.0, "shock_lenders": 0.0, "shock_month": 20}, shocks=releases)
    paths = build_paths(closed.parameters, closed.events, 40)
    assert (paths["shock_exit"] == 0.0).all() and paths["lender_attention"][20] == 0.0 < paths["lender_attention"][19]
    for useless in ({"shock_month": 20}, {"shock_exit": 0.0, "shock_openness": 0.5}):
        with pytest.raises(InvalidInput, match="has no effect"):
            Scenario(values=useless, shocks=releases)


def test_without_the_price_war_nothing_is_released_before_the_shock_which_gains_what_it_did() -> None:
    usual, without, half = (
        build_paths(Parameters(price_war=part), default_shocks(Parameters()), 40) for part in (1, 0, 0.5)
    )
    assert usual.tobytes() == build_paths(Parameters(), default_shocks(Parameters()), 40).tobytes()
    assert (without["frontier_efficiency"][:24] == 1.0).all() and not without["frontier_openness"][:24].any()
    gained = without["frontier_efficiency"][24:] / without["usual_efficiency"][24:]
    assert gained == pytest.approx(DECLARED["shock_efficiency"].default)
    assert half["usual_efficiency"] == pytest.approx(usual["usual_efficiency"] ** 0.5)
    for name in ("openness", "imitation"):
        assert half[f"usual_{name}"] == pytest.approx(usual[f"usual_{name}"] / 2)
