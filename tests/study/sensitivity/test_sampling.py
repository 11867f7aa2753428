"""Designs: the right rows and values, the same every time; what SALib would take wrongly is refused."""

import json
import subprocess
import sys
import warnings
from dataclasses import asdict

import numpy as np
import pytest

from bubble_abm.economy.declare import InvalidInput
from bubble_abm.study.sensitivity.sampling import (
    DUMMY,
    METHODS,
    Factor,
    Sampling,
    block_rows,
    default_samples,
    design,
    fingerprint,
    problem,
    rows_needed,
    seeded_together,
    unit_design,
    units,
)

THREE = [Factor("herding", 0, 8), Factor("scale", 0.1, 10, "log"), Factor("platforms", 1, 5, whole=True)]
GROUPS = {"people": ("herding", "platforms"), "size": ("scale",)}
RECIPES = {
    "morris": Sampling("morris", 10, levels=6),
    "morris in groups": Sampling("morris", 10, groups=GROUPS),
    "sobol": Sampling("sobol", 16),
    "sobol with pairs": Sampling("sobol", 16, second_order=True),
    "sobol in groups": Sampling("sobol", 16, groups=GROUPS),
    "shapley": Sampling("shapley", 8),
    "shapley in groups": Sampling("shapley", 8, groups=GROUPS),
    "latin": Sampling("latin", 20),
    "oat": Sampling("oat", 1, levels=5, base={"scale": 2.0}),
}
every_recipe = pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)


def test_every_method_has_a_recipe_here():
    assert {recipe.method for recipe in RECIPES.values()} == set(METHODS)


@every_recipe
def test_a_design_has_the_rows_announced_and_stays_in_the_ranges(recipe):
    values = design(recipe, THREE)
    assert values.shape == (rows_needed(recipe, len(THREE)), len(THREE))
    assert np.isfinite(values).all()
    for column, factor in zip(values.T, THREE):
        assert factor.low <= column.min() and column.max() <= factor.high
    assert set(values[:, 2]) <= {1.0, 2.0, 3.0, 4.0, 5.0}


@every_recipe
def test_a_design_is_a_function_of_its_recipe(recipe):
    np.random.seed(99)  # noqa: NPY002 - SALib has used the global generator; a design must not
    first = design(recipe, THREE)
    assert np.array_equal(first, design(recipe, THREE))
    stored = json.loads(json.dumps(asdict(recipe)))
    assert Sampling(**stored) == recipe
    again = [Factor(**factor) for factor in json.loads(json.dumps([asdict(factor) for factor in THREE]))]
    assert np.array_equal(first, design(Sampling(**stored), again))
    if recipe.method != "oat":
        assert not np.array_equal(first, design(Sampling(**stored | {"seed": 2}), THREE))


@every_recipe
def test_the_dummy_is_the_last_unit_column_and_in_no_run(recipe):
    unit = unit_design(recipe, THREE)
    sensitivity = recipe.method not in ("latin", "oat")
    assert unit.shape[1] == len(THREE) + sensitivity
    assert (problem(recipe, THREE)["names"][-1] == DUMMY) == sensitivity
    assert (units(recipe, THREE)[-1] == DUMMY) == sensitivity
    if sensitivity:
        assert np.ptp(unit[:, -1]) > 0.5


def test_groups_move_together_and_the_dummy_is_a_group_of_its_own():
    recipe = RECIPES["morris in groups"]
    assert units(recipe, THREE) == ["people", "size", DUMMY]
    steps = np.diff(unit_design(recipe, THREE)[:4], axis=0) != 0
    assert sorted(map(tuple, steps.tolist())) == [
        (False, False, False, True),
        (False, True, False, False),
        (True, False, True, False),
    ]


@every_recipe
def test_values_are_the_unit_design_transformed(recipe):
    if recipe.method != "oat":
        unit, real = unit_design(recipe, THREE), design(recipe, THREE)
        assert np.allclose(real[:, 0], 8 * unit[:, 0])
        assert np.allclose(np.log10(real[:, 1]), 2 * unit[:, 1] - 1)
        assert np.array_equal(real[:, 2], np.minimum(np.floor(1 + 5 * unit[:, 2] + 1e-9), 5))


def test_a_log_factor_has_as_many_values_in_every_decade():
    values = Factor("scale", 1, 1000, "log").values(unit_design(Sampling("latin", 300), THREE)[:, 0])
    assert np.histogram(np.log10(values), bins=3, range=(0, 3))[0].tolist() == [100, 100, 100]


def test_whole_numbers_are_equally_likely_to_the_ends():
    values = Factor("platforms", 3, 6, whole=True).values((np.arange(400) + 0.5) / 400)
    assert np.unique(values, return_counts=True)[1].tolist() == [100] * 4
    on_a_grid = Factor("platforms", 1, 3, whole=True).values(np.linspace(0, 1, 4))
    assert on_a_grid.tolist() == [1, 2, 3, 3]


def test_a_whole_log_factor_has_whole_values_to_the_ends():
    values = Factor("agents", 1, 100, "log", whole=True).values(np.linspace(0, 1, 1001))
    assert (values[0], values[-1]) == (1, 100)
    assert np.array_equal(values, np.round(values))
    assert 450 < (values < 10).sum() < 550


def test_one_at_a_time_leaves_the_others_at_the_base_point():
    values = design(RECIPES["oat"], THREE)
    assert values[0].tolist() == [4.0, 2.0, 3.0]
    assert (values[1:] != values[0]).sum(axis=1).max() == 1
    assert values[1:6, 0].tolist() == [0, 2, 4, 6, 8]
    assert np.allclose(values[6:11, 1], [0.1, 10**-0.5, 1, 10**0.5, 10])


def test_the_fingerprint_tells_designs_apart():
    prints = {fingerprint(recipe, THREE) for recipe in RECIPES.values()}
    assert len(prints) == len(RECIPES)


def refused(call, *words):
    """The call is refused in one line that says all the words."""
    with pytest.raises(InvalidInput) as caught:
        call()
    message = str(caught.value)
    assert "\n" not in message
    for word in words:
        assert word in message, message


NAN, INFINITE = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (("x", NAN, 1), ("x: low = nan", "finite")),
        (("x", 0, INFINITE), ("x: high = inf", "finite")),
        (("x", "0", 1), ("x: low = 0", "finite")),
        (("x", True, 2), ("x: low = True", "finite")),
        (("x", 2, 2), ("low = 2, high = 2", "below the high end")),
        (("x", -1.7e308, 1.7e308), ("width",)),
        (("x", 0, 1, "log"), ("low = 0", "above zero")),
        (("x", 1, 2, "logarithmic"), ("unknown scale 'logarithmic'", "'log'")),
        (("x", 0.5, 2, "linear", True), ("low = 0.5", "whole numbers")),
        (("", 0, 1), ("name", "not empty")),
        ((DUMMY, 0, 1), ("'dummy'", "name")),
    ],
)
def test_a_factor_checks_itself(values, words):
    refused(lambda: Factor(*values), *words)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"method": "sobel", "samples": 8}, ("unknown method 'sobel'", "'sobol'")),
        ({"method": "sobol", "samples": 100}, ("samples = 100", "64 or 128")),
        ({"method": "sobol", "samples": 8}, ("samples = 8", "from 16")),
        ({"method": "sobol", "samples": 16.0}, ("samples = 16.0", "whole number")),
        ({"method": "sobol", "samples": 16, "seed": 0}, ("seed = 0", "from 1")),
        ({"method": "sobol", "samples": 16, "seed": -3}, ("seed = -3", "from 1")),
        ({"method": "sobol", "samples": 16, "second_order": 1}, ("second_order = 1", "True or False")),
        ({"method": "sobol", "samples": 16, "scrambles": 2}, ("scrambles = 2", "from 4")),
        ({"method": "sobol", "samples": 16, "scrambles": 6}, ("scrambles = 6", "power of two: 4 or 8")),
        ({"method": "sobol", "samples": 16, "scrambles": 16}, ("samples = 16", "two base samples", "give 32")),
        ({"method": "shapley", "samples": 8, "scrambles": 4}, ("scrambles = 4", "only sobol")),
        ({"method": "morris", "samples": 10, "levels": 5}, ("levels = 5", "4 or 6")),
        ({"method": "morris", "samples": 10, "levels": 3}, ("levels = 3", "2 or 4")),
        ({"method": "morris", "samples": 9}, ("samples = 9", "from 10")),
        ({"method": "pawn", "samples": 2000}, ("unknown method 'pawn'",)),
        ({"method": "oat", "samples": 2}, ("samples = 2", "give 1")),
        ({"method": "morris", "samples": 10, "second_order": True}, ("second_order = True", "only sobol")),
        ({"method": "sobol", "samples": 16, "levels": 6}, ("levels = 6", "only morris and oat")),
        ({"method": "latin", "samples": 8, "groups": {"a": ("x",)}}, ("groups", "only morris and sobol and shapley")),
        ({"method": "morris", "samples": 10, "groups": {}}, ("groups = {}", "at least one")),
        ({"method": "morris", "samples": 10, "base": {"x": 1}}, ("base", "only oat")),
    ],
)
def test_a_recipe_checks_itself(values, words):
    refused(lambda: Sampling(**values), *words)


@pytest.mark.parametrize(
    ("groups", "words"),
    [
        ({"a": ("herding", "scale")}, ("platforms in no group",)),
        ({"a": ("herding", "scale"), "b": ("scale", "platforms")}, ("'scale' is in 'a' and in 'b'",)),
        ({"a": ("herding", "herding", "scale", "platforms")}, ("'herding' is in 'a' and in 'a'",)),
        ({"a": ("hurding", "scale", "platforms")}, ("unknown factor 'hurding'", "'herding'")),
        ({"a": ("herding", "scale", "platforms"), "b": ()}, ("'b' has no factor",)),
        ({"dummy": ("herding", "scale", "platforms")}, ("'dummy' has the name of the inert factor",)),
    ],
)
def test_groups_hold_every_factor_once(groups, words):
    refused(lambda: design(Sampling("morris", 10, groups=groups), THREE), *words)


def test_factors_must_fit_the_recipe():
    refused(lambda: design(Sampling("latin", 8), []), "factors: empty")
    refused(lambda: design(Sampling("latin", 8), [THREE[0], THREE[0]]), "'herding'", "more than once")
    refused(lambda: design(Sampling("oat", 1, base={"herding": 9}), THREE), "herding = 9", "from 0 to 8")
    refused(lambda: design(Sampling("oat", 1, base={"platforms": 2.5}), THREE), "platforms = 2.5", "whole")
    refused(lambda: design(Sampling("oat", 1, base={"platform": 2}), THREE), "unknown factor 'platform'")


def test_scrambles_are_designs_of_their_own():
    recipe = Sampling("sobol", 64, scrambles=4)
    parts = unit_design(recipe, THREE).reshape(4, 16, 6, 4)
    first = parts[:, :, 0]
    assert not any(np.array_equal(first[one], first[two]) for one in range(4) for two in range(one))
    for part in first:  # each is spread evenly: one of sixteen points in each sixteenth
        assert all(sorted((column * 16).astype(int)) == list(range(16)) for column in part.T)


def test_blocks_are_what_is_compared_and_has_seeds_of_its_own():
    for name, rows in {"morris": 5, "sobol": 6, "sobol with pairs": 10, "sobol in groups": 5, "shapley": 5}.items():
        assert block_rows(RECIPES[name], 3) == seeded_together(RECIPES[name], 3) == rows
    assert seeded_together(RECIPES["latin"], 3) == 20 and seeded_together(RECIPES["oat"], 3) == 16


def test_salib_takes_a_sobol_size_that_is_no_power_of_two_with_a_warning_only():
    from SALib.sample import sobol

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert len(sobol.sample(problem(Sampling("latin", 8), THREE), 100, seed=1)) == 800
    assert caught


@pytest.mark.parametrize("method", METHODS)
def test_defaults_are_accepted(method):
    recipe = Sampling(method, default_samples(method))
    assert len(design(recipe, THREE)) == rows_needed(recipe, 3)


def test_default_of_an_unknown_method_is_refused():
    refused(lambda: default_samples("sobols"), "unknown method", "'sobol'")


def test_importing_the_module_does_not_wait_for_salib():
    code = (
        "import sys, bubble_abm.study.sensitivity; print([m for m in sys.modules if m in ('SALib', 'pandas', 'scipy')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
