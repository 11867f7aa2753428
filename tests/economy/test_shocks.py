"""Shocks and changes: paths fixed before the run."""

# ruff: noqa: E501 - a case is a line, a sentence is a name

from __future__ import annotations

import numpy as np
import pytest

from bubble_abm.economy.declare import InvalidInput
from bubble_abm.economy.outside import outside
from bubble_abm.economy.parameters import DECLARED, Parameters
from bubble_abm.economy.shocks import FOUNDING, Change, Shock, build_paths, default_shocks


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
