"""Indices against closed forms; what SALib gets wrong in silence is shown beside the guard against it."""

import subprocess
import sys
import warnings

import numpy as np
import pandas as pd
import pytest

from bubble_abm.economy.declare import InvalidInput
from bubble_abm.study.sensitivity import INDICES, SalibChanged, analyse
from bubble_abm.study.sensitivity.sampling import (
    DUMMY,
    METHODS,
    Factor,
    Sampling,
    design,
    fingerprint,
    problem,
    unit_design,
)
from tests.study.sensitivity.indices import (
    ISHIGAMI,
    G,
    index,
    ishigami,
    ishigami_shares,
    runs,
    sobol_g,
    sobol_g_shares,
    studied,
    verdict,
)

FUNCTIONS = {"ishigami": (ISHIGAMI, ishigami, ishigami_shares()), "g": (G, sobol_g, sobol_g_shares())}
every_function = pytest.mark.parametrize(("factors", "function", "shares"), FUNCTIONS.values(), ids=FUNCTIONS)
SMALL = {
    "morris": Sampling("morris", 10),
    "sobol": Sampling("sobol", 16),
    "fast": Sampling("fast", 257, curves=2),
    "pawn": Sampling("pawn", 200),
    "delta": Sampling("delta", 2000),
    "shapley": Sampling("shapley", 8),
}
every_method = pytest.mark.parametrize("recipe", SMALL.values(), ids=SMALL)


def refused(call, *words):
    """The call is refused in one line that says all the words."""
    with pytest.raises(InvalidInput) as caught:
        call()
    message = str(caught.value)
    assert "\n" not in message
    for word in words:
        assert word in message, message


# --- closed forms ---------------------------------------------------------------------------------------------------


@every_function
@pytest.mark.parametrize(
    ("recipe", "tolerance"),
    [
        (Sampling("sobol", 4096), 0.01),
        (Sampling("fast", 2049, harmonics=8), 0.01),
        (Sampling("shapley", 16_000), 0.03),
    ],
    ids=["sobol", "fast", "shapley"],
)
def test_shares_of_variance_are_those_of_the_closed_form(recipe, tolerance, factors, function, shares):
    found = studied(recipe, factors, function)
    for name in INDICES[recipe.method]:
        values = list(index(found, name).values())
        assert values[:-1] == pytest.approx(list(shares[name]), abs=tolerance)
        assert values[-1] == pytest.approx(0, abs=tolerance)
    if recipe.method == "shapley":
        assert sum(index(found, "shapley").values()) == pytest.approx(1)
    assert verdict(found)["converged"], verdict(found)["verdict"]


@every_function
def test_intervals_of_sobol_and_shapley_hold_the_truth(factors, function, shares):
    for recipe in (Sampling("sobol", 1024), Sampling("shapley", 4000)):
        lines = studied(recipe, factors, function).indices.query("factor != 'dummy'")
        truth = np.concatenate([shares[name] for name in INDICES[recipe.method]])
        inside = (lines["low"] <= truth) & (truth <= lines["high"])
        assert inside.mean() > 0.8, lines.assign(truth=truth)


def test_pairs_of_sobol_are_those_of_the_closed_form():
    found = studied(Sampling("sobol", 4096, second_order=True), ISHIGAMI, ishigami).indices.query("index == 'S2'")
    shares = ishigami_shares()
    pairs = {(line.factor, line.factor_2): line.value for line in found.itertuples()}
    assert len(pairs) == 6
    assert pairs.pop(("one", "three")) == pytest.approx(shares["ST"][2], abs=0.02)
    assert list(pairs.values()) == pytest.approx([0] * 5, abs=0.02)


def test_groups_have_the_index_of_the_closed_form():
    groups = {"even": ("first", "third"), "odd": ("second", "fourth")}
    found = studied(Sampling("sobol", 4096, groups=groups), G, sobol_g)
    shares = sobol_g_shares(groups=[[0, 2], [1, 3]])
    for name in ("S1", "ST"):
        assert list(index(found, name)) == ["even", "odd", DUMMY]
        assert list(index(found, name).values()) == pytest.approx([*shares[name], 0], abs=0.02)


def test_morris_in_groups_gives_mu_star_and_leaves_out_what_has_no_meaning():
    groups = {"even": ("first", "third"), "second": ("second",), "fourth": ("fourth",)}
    recipe = Sampling("morris", 400, groups=groups)
    found = studied(recipe, G, lambda values: values @ np.array([3.0, 2.0, 0.0, 1.0]))
    assert index(found, "mu_star") == pytest.approx({"even": 3, "second": 2, "fourth": 1, DUMMY: 0})
    assert index(found, "mu") == pytest.approx({"second": 2, "fourth": 1, DUMMY: 0})
    assert index(found, "sigma") == pytest.approx({"second": 0, "fourth": 0, DUMMY: 0}, abs=1e-9)
    assert np.isfinite(found.indices[["value", "low", "high"]].to_numpy()).all()


def test_morris_of_a_plane_is_exact_and_the_dummy_is_zero():
    found = studied(Sampling("morris", 20, levels=6), G, lambda values: values @ np.array([3.0, -2.0, 0.5, 1.0]))
    assert index(found, "mu") == pytest.approx({"first": 3, "second": -2, "third": 0.5, "fourth": 1, DUMMY: 0})
    assert index(found, "mu_star") == pytest.approx({"first": 3, "second": 2, "third": 0.5, "fourth": 1, DUMMY: 0})
    assert list(index(found, "sigma").values()) == pytest.approx([0] * 5, abs=1e-9)
    line = found.indices.query("factor == 'dummy'")
    assert (line[["value", "low", "high"]] == 0).all(axis=None)
    assert verdict(found)["converged"]


def test_morris_ranks_the_factors_of_g():
    effects = index(studied(Sampling("morris", 200), G, sobol_g), "mu_star")
    assert sorted(effects, key=effects.get, reverse=True) == [*(factor.name for factor in G), DUMMY]


def test_elementary_effects_are_salibs():
    from SALib.analyze import morris

    from bubble_abm.study.sensitivity.estimators import Data, elementary_effects

    for groups in (None, {"a": ("first", "third"), "b": ("second", "fourth")}):
        recipe = Sampling("morris", 30, levels=6, groups=groups)
        unit = unit_design(recipe, G)
        output = sobol_g(design(recipe, G))
        theirs = morris.analyze(problem(recipe, G), unit, output, num_levels=6, num_resamples=2)
        ours = elementary_effects(Data(recipe, G, unit, output))
        assert np.abs(ours).mean(axis=0) == pytest.approx(np.asarray(theirs["mu_star"]))
        if groups is None:
            assert ours.mean(axis=0) == pytest.approx(np.asarray(theirs["mu"]))
            assert ours.std(axis=0, ddof=1) == pytest.approx(np.asarray(theirs["sigma"]))


@every_function
@pytest.mark.parametrize("method", ["pawn", "delta"])
def test_moment_independent_indices_put_the_dummy_last(method, factors, function, shares):
    found = studied(Sampling(method, 4000), factors, function)
    values = index(found, INDICES[method][0])
    last = min(values, key=values.get)
    # The fourth factor of G makes one per cent of the variance, which no distribution of 4000 rows shows.
    assert last == DUMMY or (last == "fourth" and "fourth" in verdict(found)["inert"])
    assert verdict(found)["dummy"] > 0  # such statistics are never zero, so the dummy is the threshold
    assert verdict(found)["dummy_compatible"]
    leaders = sorted(values, key=values.get, reverse=True)[:2]
    assert set(leaders) == ({"one", "two"} if factors is ISHIGAMI else {"first", "second"})


def test_factors_that_do_not_stand_out_from_the_dummy_are_named():
    found = studied(Sampling("pawn", 1000), G, lambda values: values[:, 0] + 0.01 * values[:, 1])
    assert verdict(found)["inert"] == "second, third, fourth"
    nothing = studied(Sampling("pawn", 1000), G, lambda values: np.random.default_rng(1).normal(size=len(values)))
    assert not verdict(nothing)["dummy_compatible"]
    assert "no factor stands out from an inert one" in verdict(nothing)["verdict"]


def test_pawn_and_delta_statistics_are_salibs():
    from SALib.analyze import pawn
    from SALib.analyze.delta import calc_delta, sobol_first

    from bubble_abm.study.sensitivity.estimators import Data, delta_statistics, pawn_statistics

    recipe = Sampling("pawn", 500)
    unit, output = unit_design(recipe, G), sobol_g(design(recipe, G)).round(2)  # with ties
    data, everything = Data(recipe, G, unit, output), np.arange(500)
    theirs = pawn.analyze(problem(recipe, G), unit, output, S=10)
    for ours, key in zip(pawn_statistics(data, everything), ("median", "mean", "minimum", "maximum")):
        assert ours == pytest.approx(theirs[key])
    classes, grid = np.linspace(0, 500, 6), np.linspace(output.min(), output.max(), 100)  # SALib: 500 ** 0.25 = 4.7
    shift, explained = delta_statistics(data, everything)
    assert shift == pytest.approx([calc_delta(output, grid, column, classes) for column in unit.T])
    assert explained == pytest.approx([sobol_first(output, column, classes) for column in unit.T])


def test_a_log_factor_has_the_indices_of_its_logarithm():
    plain, log = [Factor("x", 0, 3), Factor("y", 0, 1)], [Factor("x", 1, 1000, "log"), Factor("y", 0, 1)]
    for recipe in SMALL.values():
        of_plain = studied(recipe, plain, lambda values: values[:, 0] + values[:, 1] ** 2)
        of_log = studied(recipe, log, lambda values: np.log10(values[:, 0]) + values[:, 1] ** 2)
        columns = ["value", "low", "high"]
        assert np.allclose(of_plain.indices[columns], of_log.indices[columns], atol=1e-9), recipe.method


# --- convergence ----------------------------------------------------------------------------------------------------


def test_few_samples_are_not_converged_and_many_are():
    few = verdict(studied(Sampling("sobol", 16), ISHIGAMI, ishigami))
    assert not few["converged"]
    assert few["verdict"].startswith("not converged: widest half-width")
    assert "> 0.05 (" in few["verdict"]
    many = studied(Sampling("sobol", 4096), ISHIGAMI, ishigami)
    assert verdict(many)["converged"]
    assert verdict(many)["verdict"] == "converged; luck not measurable with one seed"
    widths = many.indices.query("index == 'ST'")
    assert verdict(many)["widest"] == pytest.approx((widths["high"] - widths["value"]).max())


def test_the_width_that_counts_can_be_set():
    table = runs(Sampling("sobol", 1024), ISHIGAMI, ishigami)
    strict = analyse(Sampling("sobol", 1024), ISHIGAMI, table, ["output"])
    lax = analyse(Sampling("sobol", 1024), ISHIGAMI, table, ["output"], width=0.1)
    assert (verdict(strict)["converged"], verdict(lax)["converged"]) == (False, True)
    assert verdict(lax)["widest_allowed"] == 0.1
    refused(lambda: analyse(Sampling("sobol", 1024), ISHIGAMI, table, ["output"], width=0), "width = 0")


def test_an_order_that_half_of_the_samples_turn_round_is_not_stable():
    def turning(values):  # the first factor rules the first half of the rows, the second the other, larger in size
        rows = np.arange(len(values))
        return np.where(rows < len(rows) // 2, values[:, 0], 5 * values[:, 1])

    found = verdict(studied(Sampling("morris", 400), G, turning))
    assert not pd.isna(found["ranks_stable"]) and not found["ranks_stable"]
    assert not found["converged"]
    assert "order differs at half the samples: second before first" in found["verdict"]


def test_an_index_that_moves_with_the_samples_is_not_converged():
    def growing(values):
        rows = np.arange(len(values))
        return np.where(rows < len(rows) // 2, 1, 5) * values[:, 0]

    found = verdict(studied(Sampling("morris", 400), G, growing))
    assert found["ranks_stable"] and found["widest"] < found["widest_allowed"]
    assert found["moved"] == pytest.approx(2)
    assert found["verdict"].startswith("not converged: mu_star moved by 2 since half the samples (first)")


def test_eight_sobol_points_give_an_only_factor_twice_the_variance_for_certain():
    from SALib.analyze import sobol
    from SALib.sample import sobol as sampler

    space = problem(Sampling("sobol", 16), ISHIGAMI)
    output = np.minimum(sampler.sample(space, 8, calc_second_order=False, seed=1)[:, 0], 0.9)
    theirs = sobol.analyze(space, output, calc_second_order=False, seed=1)
    assert theirs["ST"][0] - 1 > 0.9 and theirs["ST_conf"][0] < 0.05  # the truth is 1
    refused(lambda: Sampling("sobol", 8), "samples = 8", "from 16")


def test_an_index_above_one_is_not_converged():
    def swinging(values):  # rows in which the first factor is exchanged lie far from the base samples
        rows = np.arange(len(values))
        return np.where(rows % 6 == 1, 10.0, 0.1 * (rows // 6 % 2))

    found = verdict(studied(Sampling("sobol", 64), ISHIGAMI, swinging))
    assert "more than all of the variance" in found["verdict"]
    assert not found["converged"]


def test_changes_of_place_between_tied_factors_are_named_and_do_not_count():
    found = verdict(studied(Sampling("sobol", 2048), G, lambda values: values.sum(axis=1)))
    assert found["ranks_stable"]
    assert found["tied"].count("~") == 3


def test_where_half_of_the_samples_give_nothing_the_order_is_said_not_to_be_assessed():
    def late(values):
        return np.where(np.arange(len(values)) < len(values) // 2, 0.0, values[:, 0])

    found = verdict(studied(Sampling("sobol", 64), G, late))
    assert pd.isna(found["ranks_stable"])
    assert not found["converged"]
    assert "order not assessed" in found["verdict"]


def test_the_dummy_of_fast_shows_the_harmonics_that_are_left_out():
    few = verdict(studied(Sampling("fast", 2049, harmonics=4), ISHIGAMI, ishigami))
    more = verdict(studied(Sampling("fast", 2049, harmonics=8), ISHIGAMI, ishigami))
    assert few["dummy"] > 0.04 > 0.01 > more["dummy"]


@every_method
def test_an_analysis_is_a_function_of_its_inputs_and_leaves_the_global_state_alone(recipe):
    state, filters = np.random.get_state()[1].copy(), list(warnings.filters)  # noqa: NPY002
    first, second = (studied(recipe, ISHIGAMI, ishigami) for _ in range(2))
    pd.testing.assert_frame_equal(first.indices, second.indices)
    pd.testing.assert_frame_equal(first.quality, second.quality)
    assert np.array_equal(state, np.random.get_state()[1])  # noqa: NPY002
    assert filters == list(warnings.filters)


@every_method
def test_tables_have_their_columns_and_every_factor(recipe):
    found = studied(recipe, ISHIGAMI, ishigami, seeds=(3, 5))
    assert list(found.indices.columns) == ["outcome", "factor", "factor_2", "index", "value", "low", "high"]
    assert set(found.indices["index"]) == set(INDICES[recipe.method])
    for _, lines in found.indices.groupby("index"):
        assert list(lines["factor"]) == ["one", "two", "three", DUMMY]
    line = verdict(found)
    assert (line["seeds"], line["rows"]) == (2, len(design(recipe, ISHIGAMI)))
    assert line["variance"] == pytest.approx(ishigami(design(recipe, ISHIGAMI)).var(ddof=1))
    assert line["mean"] == pytest.approx(ishigami(design(recipe, ISHIGAMI)).mean())
    assert list(found.stability["seeds"]) == [1, 2]


# --- luck -----------------------------------------------------------------------------------------------------------

SEEDS = (1, 2, 3, 4)


def own_luck(values, seeds):
    """Luck that every row draws for itself, as large as half of the variance."""
    return np.random.default_rng(5).normal(scale=3, size=(len(values), len(seeds)))


def shared_luck(values, seeds):
    """Luck that is the same in all rows."""
    return 3.0 * np.sin(seeds)[None, :]


def interacting_luck(values, seeds):
    """Luck by seed that depends on the first factor."""
    return 2.0 * np.sin(seeds)[None, :] * values[:, :1]


def test_luck_of_every_row_inflates_the_dummy_and_the_verdict_says_so():
    found = studied(Sampling("sobol", 1024), ISHIGAMI, ishigami, seeds=SEEDS, noise=own_luck)
    line = verdict(found)
    assert line["dummy"] > 0.1
    assert not line["dummy_compatible"] and not line["converged"]
    assert "ST of the dummy is 0.1" in line["verdict"] and "give every row the same seeds" in line["verdict"]
    assert "of the variance between rows is the luck of these seeds" in line["verdict"]
    assert line["noise_left"] == pytest.approx(9 / 4 / (9 / 4 + 13.84), abs=0.02)
    assert line["noise_share"] == pytest.approx(9 / (9 + 13.84), abs=0.02)
    assert line["seeds_advised"] == pytest.approx(9 / 13.84 / 0.05, abs=1)


@pytest.mark.parametrize("method", ["sobol", "shapley", "morris"])
def test_luck_that_rows_share_leaves_the_dummy_at_zero(method):
    recipe = {"sobol": Sampling("sobol", 4096), "shapley": Sampling("shapley", 8000), "morris": Sampling("morris", 900)}
    for noise in (shared_luck, interacting_luck):
        line = verdict(studied(recipe[method], ISHIGAMI, ishigami, seeds=SEEDS, noise=noise))
        assert line["dummy"] == pytest.approx(0, abs=1e-12)
        assert line["dummy_compatible"] and line["converged"], line["verdict"]


def test_luck_that_rows_share_drops_out_of_the_indices():
    plain = studied(Sampling("sobol", 256), ISHIGAMI, ishigami)
    found = studied(Sampling("sobol", 256), ISHIGAMI, ishigami, seeds=SEEDS, noise=shared_luck)
    assert np.allclose(plain.indices["value"], found.indices["value"])
    line = verdict(found)
    assert line["noise_left"] == pytest.approx(0, abs=1e-12)
    assert (line["seeds_needed"], line["seeds_advised"]) == (1, 1)
    assert line["noise_share"] > 0.1


def test_one_seed_says_that_luck_is_not_measurable():
    line = verdict(studied(Sampling("sobol", 16), ISHIGAMI, ishigami))
    assert "luck not measurable with one seed" in line["verdict"]
    assert np.isnan(line["noise_share"]) and pd.isna(line["seeds_needed"]) and np.isnan(line["standard_error"])


# --- traps ----------------------------------------------------------------------------------------------------------


def salib_sobol(recipe, output, **options):
    from SALib.analyze import sobol

    return sobol.analyze(problem(recipe, ISHIGAMI), np.asarray(output, dtype=float), **options)


RECIPE = Sampling("sobol", 64)


@pytest.fixture
def table():
    return pd.DataFrame(runs(RECIPE, ISHIGAMI, ishigami))


def study(table, recipe=RECIPE, **options):
    return analyse(recipe, ISHIGAMI, table, ["output"], **options)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_one_value_that_is_not_finite_is_refused(table, value):
    table.loc[[7, 9], "output"] = value
    with np.errstate(invalid="ignore"):
        theirs = salib_sobol(RECIPE, table["output"], calc_second_order=False)
    assert not theirs["ST"].any()  # all zero, without a word
    refused(lambda: study(table), "output: 2 of 384 runs", "rows 7, 9")


def test_failed_runs_are_refused(table):
    table["error"] = None
    assert verdict(study(table))["rows"] == 384
    table.loc[[3, 4], "error"] = "residual of the loans: 3 CNY"
    table.loc[[3, 4], "output"] = 0.0
    refused(lambda: study(table), "2 of 384 runs failed", "rows 3, 4", "run them again")


def test_runs_in_any_order_give_the_same_indices(table):
    shuffled = table.sample(frac=1, random_state=1)
    theirs = salib_sobol(RECIPE, shuffled["output"], calc_second_order=False, seed=1)
    assert abs(theirs["ST"][1] - ishigami_shares()["ST"][1]) > 0.3  # and no word
    pd.testing.assert_frame_equal(study(table).indices, study(shuffled).indices)


def test_missing_and_doubled_rows_are_refused(table):
    refused(lambda: study(table.drop(index=[5, 6])), "2 of 384 rows are missing", "5, 6")
    refused(lambda: study(table.iloc[:-1]), "1 of 384 rows are missing", "383")
    refused(lambda: study(pd.concat([table, table.iloc[[5]]])), "1 runs are repeated", "row 5 with seed 1")
    refused(lambda: study(pd.concat([table, table.assign(row=table["row"] + 384)])), "row 767 is not in the design")


def test_rows_with_different_seeds_are_refused(table):
    other = pd.concat([table, table.assign(seed=2)], ignore_index=True)
    assert verdict(study(other))["seeds"] == 2
    refused(lambda: study(other.drop(index=[384 + 330])), "1 rows lack one of 2 seeds", "rows 330", "the same seeds")
    each_its_own = table.assign(seed=table["row"] + 1)
    refused(lambda: study(each_its_own), "lack one of 384 seeds")


def test_the_recipe_says_whether_there_are_pairs():
    from SALib.analyze import sobol

    # 64 base samples of three factors are 320 rows, and so would be 40 with pairs: SALib's default takes them for that.
    two, recipe = G[:2], Sampling("sobol", 64)
    table = runs(recipe, two, lambda values: values[:, 0])
    theirs = sobol.analyze(problem(recipe, two), table["output"])
    assert abs(theirs["S1"][0] - 1) > 0.3  # the truth is 1
    found = analyse(recipe, two, table, ["output"])
    assert index(found, "S1")["first"] == pytest.approx(1, abs=0.05)
    assert set(found.indices["index"]) == {"S1", "ST"}


def test_levels_come_from_the_recipe():
    from SALib.analyze import morris

    recipe = Sampling("morris", 40, levels=8)
    output = design(recipe, G) @ np.array([3.0, 2.0, 0.5, 1.0])
    theirs = morris.analyze(problem(recipe, G), unit_design(recipe, G), output)  # with its default of 4
    assert np.asarray(theirs["mu_star"])[0] == pytest.approx(3 * (8 / 14) / (4 / 6))
    found = studied(recipe, G, lambda values: values @ np.array([3.0, 2.0, 0.5, 1.0]))
    assert index(found, "mu_star")["first"] == pytest.approx(3)


def test_a_seed_of_zero_is_no_seed_to_salib(table):
    twice = [salib_sobol(RECIPE, table["output"], calc_second_order=False, seed=0)["ST_conf"] for _ in range(2)]
    assert not np.array_equal(*twice)
    refused(lambda: Sampling("sobol", 64, seed=0), "seed = 0")


@every_method
def test_a_constant_output_is_flagged_and_has_zero_indices(recipe):
    found = studied(recipe, ISHIGAMI, lambda values: np.full(len(values), 0.1 + 0.2), seeds=SEEDS)
    assert (found.indices[["value", "low", "high"]] == 0).all(axis=None)
    assert len(found.indices) == 4 * len(INDICES[recipe.method])
    line = verdict(found)
    assert line["constant"] and line["variance"] == 0 and not line["converged"]
    assert line["verdict"].startswith("constant: the output is 0.3 in every row")
    assert line["noise_share"] == 0


@every_method
def test_an_output_too_small_to_be_squared_counts_as_constant(recipe):
    assert verdict(studied(recipe, ISHIGAMI, lambda values: 1e-200 * values[:, 0], seeds=SEEDS))["constant"]


def test_salib_divides_by_zero_on_a_constant_output():
    with pytest.warns(RuntimeWarning, match="invalid value"):
        salib_sobol(RECIPE, np.full(384, 0.5), calc_second_order=False)


def test_an_output_that_is_only_luck_between_rows_is_constant_when_rows_share_it():
    found = studied(RECIPE, ISHIGAMI, lambda values: np.zeros(len(values)), seeds=SEEDS, noise=shared_luck)
    line = verdict(found)
    assert line["constant"] and line["noise_share"] == pytest.approx(1)


def test_an_output_that_is_the_same_in_all_base_samples_has_no_shares():
    with pytest.warns(UserWarning, match="Constant values"):
        theirs = salib_sobol(RECIPE, np.arange(384) == 3, calc_second_order=False)
    assert not theirs["ST"].any()
    found = studied(RECIPE, ISHIGAMI, lambda values: (np.arange(len(values)) == 3).astype(float))
    assert found.indices["value"].isna().all()
    assert "not estimable: the output is the same in all base samples" in verdict(found)["verdict"]
    assert not verdict(found)["converged"] and not verdict(found)["constant"]


def test_other_methods_say_too_when_an_output_gives_them_nothing():
    found = studied(SMALL["shapley"], ISHIGAMI, lambda values: (np.arange(len(values)) == 3).astype(float))
    assert "same at both ends of all trajectories" in verdict(found)["verdict"]
    found = studied(SMALL["fast"], ISHIGAMI, lambda values: (np.arange(len(values)) < 257) * values[:, 0])
    assert "does not vary along one of the search curves" in verdict(found)["verdict"]
    found = studied(SMALL["morris"], ISHIGAMI, lambda values: np.arange(len(values)) // 5)
    assert "does not change along any trajectory" in verdict(found)["verdict"]


def test_delta_of_an_output_with_two_values_is_refused_and_pawn_takes_it():
    from SALib.analyze.delta import calc_delta

    recipe = Sampling("delta", 2000)
    first = unit_design(recipe, ISHIGAMI)[:, 0]
    output = (first > 0.5).astype(float)
    with pytest.warns(UserWarning, match="bins skipped"):
        assert calc_delta(output, np.linspace(0, 1, 100), first, np.linspace(0, 2000, 13)) == 0  # the truth is 0.5
    table = {"row": np.arange(2000), "seed": 1, "output": output}
    found = study(table, recipe)
    assert found.indices["value"].isna().all()
    assert "the same output, and delta compares densities; use pawn" in verdict(found)["verdict"]
    assert index(study(table, Sampling("pawn", 2000)), "pawn_median")["one"] == pytest.approx(0.5, abs=0.05)


def test_salibs_delta_does_not_correct_its_bias_and_ours_does():
    from SALib.analyze import delta

    recipe = Sampling("delta", 2000)
    unit = unit_design(recipe, ISHIGAMI)
    output = unit[:, 0] + 0.5 * unit[:, 1] ** 2
    space = {"num_vars": 1, "names": [DUMMY], "bounds": [[0, 1]]}
    shown, state = warnings.formatwarning, np.random.get_state()  # noqa: NPY002
    with warnings.catch_warnings(record=True):
        theirs = delta.analyze(space, unit[:, -1:], output, num_resamples=5, seed=1, method="delta")
    warnings.formatwarning = shown
    np.random.set_state(state)  # noqa: NPY002
    assert "delta" not in theirs and "delta_raw" in theirs
    ours = index(study({"row": np.arange(2000), "seed": 1, "output": output}, recipe), "delta")
    assert ours[DUMMY] < 0.045 < theirs["delta_raw"][0]


def test_salibs_fast_warns_against_its_own_intervals():
    from SALib.analyze import fast

    recipe = SMALL["fast"]
    with pytest.warns(UserWarning, match="unreliable"):
        fast.analyze(problem(recipe, ISHIGAMI), ishigami(design(recipe, ISHIGAMI))[: 4 * 257])


@pytest.mark.parametrize("method", ["sobol", "morris", "pawn", "shapley"])
def test_results_of_another_salib_are_refused_by_name(method, monkeypatch):
    module = pytest.importorskip(f"SALib.analyze.{method}")
    monkeypatch.setattr(module, "analyze", lambda *positional, **named: {"S1_new": np.zeros(4)})
    with pytest.raises(SalibChanged, match=r"SALib 1\.\d+.* gives no '.*' for 4 factors, but: S1_new"):
        studied(SMALL[method], ISHIGAMI, ishigami)


def test_runs_of_another_design_are_refused(table):
    values = design(RECIPE, ISHIGAMI)
    stated = table.assign(two=values[:, 1])
    pd.testing.assert_frame_equal(study(table).indices, study(stated).indices)
    refused(lambda: study(stated, Sampling("sobol", 64, seed=2)), "two: in 3", "other values than the design")
    drawn = fingerprint(RECIPE, ISHIGAMI)
    study(table, drawn=drawn)
    refused(
        lambda: study(table, Sampling("sobol", 64, seed=2), drawn=drawn),
        f"drawn = {drawn}",
        "give the sampling of the runs",
    )


def test_bad_tables_are_refused(table):
    refused(lambda: analyse(RECIPE, ISHIGAMI, table, []), "outcomes = []")
    refused(lambda: analyse(RECIPE, ISHIGAMI, table, "output"), "outcomes = 'output'")
    refused(lambda: analyse(RECIPE, ISHIGAMI, table, ["outputs"]), "unknown outcome 'outputs'", "'output'")
    refused(lambda: study(table.drop(columns="seed")), "no column 'seed'")
    refused(lambda: study(table.iloc[:0]), "empty")
    refused(lambda: study(table.assign(output=1e200)), "output: its largest value is 1e+200", "larger unit")
    refused(lambda: study(table.assign(output="high")), "output has values that are not numbers")
    refused(lambda: study(table.assign(row=table["row"] + 0.5)), "row has values")
    refused(lambda: study(table.assign(row=table["row"] - 1)), "row has values")
    refused(lambda: study(pd.concat([table, table[["output"]]], axis=1)), "two columns 'output'")


def test_seeds_are_told_apart_to_the_last_bit(table):
    big = 2**63 - 1
    both = pd.concat([table.assign(seed=big), table.assign(seed=big - 1)])
    assert verdict(study(both))["seeds"] == 2


@pytest.mark.parametrize("method", sorted(set(METHODS) - set(INDICES)))
def test_designs_without_indices_are_refused(method):
    recipe = Sampling(method, 200 if method == "latin" else 1)
    table = runs(recipe, ISHIGAMI, ishigami)
    refused(lambda: analyse(recipe, ISHIGAMI, table, ["output"]), f"method = '{method}'", "no indices")


def test_importing_the_module_does_not_wait_for_salib():
    code = (
        "import sys, bubble_abm.study.sensitivity; print([m for m in sys.modules if m in ('SALib', 'pandas', 'scipy')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
