"""Indices against closed forms, with luck and without; what SALib takes in silence is shown beside the guard."""

import subprocess
import sys
import warnings

import numpy as np
import pandas as pd
import pytest

from bubble_abm.economy.declare import InvalidInput
from bubble_abm.study.sensitivity import INDICES, analyse
from bubble_abm.study.sensitivity.estimators import Data, across_seeds, elementary_effects
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
from tests.study.sensitivity.coverage import FUNCTIONS as KNOWN
from tests.study.sensitivity.coverage import LUCKS, SIZES, measure
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
    [(Sampling("sobol", 8192), 0.02), (Sampling("shapley", 16_000), 0.03)],
    ids=["sobol", "shapley"],
)
def test_shares_of_variance_are_those_of_the_closed_form(recipe, tolerance, factors, function, shares):
    found = studied(recipe, factors, function)
    for name in {name for name in INDICES[recipe.method] if not name.endswith("luck_free")}:
        values = list(index(found, name).values())
        assert values[:-1] == pytest.approx(list(shares[name]), abs=tolerance)
        assert values[-1] == pytest.approx(0, abs=tolerance)
    if recipe.method == "shapley":
        assert sum(index(found, "shapley").values()) == pytest.approx(1)
    assert verdict(found)["indices_settled"], verdict(found)["verdict"]


def test_sobol_indices_are_salibs_for_one_scramble_after_another():
    from SALib.analyze import sobol

    recipe = Sampling("sobol", 64, second_order=True)
    table = runs(recipe, ISHIGAMI, ishigami)
    theirs = sobol.analyze(problem(recipe, ISHIGAMI), table["output"], seed=1)
    found = analyse(recipe, ISHIGAMI, table, ["output"])
    assert list(index(found, "ST").values()) == pytest.approx(theirs["ST"], rel=1e-12)
    # SALib centres by the mean of all rows, and here that of the base samples is taken.
    assert list(index(found, "S1").values()) == pytest.approx(theirs["S1"], abs=0.03)


def test_shapley_effects_are_salibs():
    from SALib.analyze import shapley

    recipe = Sampling("shapley", 50)
    output = ishigami(design(recipe, ISHIGAMI))
    theirs = shapley.analyze(problem(recipe, ISHIGAMI), unit_design(recipe, ISHIGAMI), output)
    found = studied(recipe, ISHIGAMI, ishigami).indices.query("index == 'shapley'")
    assert found["value"].to_numpy() == pytest.approx(theirs["shapley_normalized"])
    # The same deviations, with the quantile of Student's t instead of the normal one.
    ratio = (found["high"] - found["value"]).to_numpy()[:3] / theirs["shapley_normalized_conf"][:3]
    assert ratio == pytest.approx(np.full(3, 2.0096 / 1.95996), rel=1e-4)


def test_a_group_is_one_player_of_shapley():
    groups = {"even": ("first", "third"), "odd": ("second", "fourth")}
    shares = sobol_g_shares(groups=[[0, 2], [1, 3]])["shapley"]
    recipe = Sampling("shapley", 16_000, groups=groups)
    found = studied(recipe, G, sobol_g, seeds=(1, 2), noise=own_luck_of(0.5))
    assert list(index(found, "shapley_luck_free")) == ["even", "odd", DUMMY]
    assert list(index(found, "shapley_luck_free").values()) == pytest.approx([*shares, 0], abs=0.03)
    assert index(found, "shapley")[DUMMY] > 0.05
    assert sum(index(found, "shapley_luck_free").values()) == pytest.approx(1)
    # Its members switch in the same step, whichever comes first in the trajectory.
    moved = np.diff(unit_design(recipe, G).reshape(16_000, 4, 5), axis=1) != 0
    assert (moved[:, :, 0] == moved[:, :, 2]).all() and (moved[:, :, 1] == moved[:, :, 3]).all()
    assert moved.sum(axis=(1, 2)).tolist() == [5] * 16_000
    order = moved[:, :, [0, 1, 4]].argmax(axis=1)
    assert np.unique(order, axis=0, return_counts=True)[1] == pytest.approx(np.full(6, 16_000 / 6), rel=0.1)


def test_pairs_of_sobol_are_those_of_the_closed_form():
    found = studied(Sampling("sobol", 8192, second_order=True), ISHIGAMI, ishigami).indices.query("index == 'S2'")
    shares = ishigami_shares()
    pairs = {(line.factor, line.factor_2): line.value for line in found.itertuples()}
    assert len(pairs) == 6
    assert pairs.pop(("one", "three")) == pytest.approx(shares["ST"][2], abs=0.04)
    assert list(pairs.values()) == pytest.approx([0] * 5, abs=0.04)


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
    usual = found.indices.query("index != 'rms_luck_free'")
    assert np.isfinite(usual[["value", "low", "high"]].to_numpy()).all()


def test_morris_of_a_plane_is_exact_and_the_dummy_is_zero():
    found = studied(Sampling("morris", 20, levels=6), G, lambda values: values @ np.array([3.0, -2.0, 0.5, 1.0]))
    assert index(found, "mu") == pytest.approx({"first": 3, "second": -2, "third": 0.5, "fourth": 1, DUMMY: 0})
    assert index(found, "mu_star") == pytest.approx({"first": 3, "second": 2, "third": 0.5, "fourth": 1, DUMMY: 0})
    assert list(index(found, "sigma").values()) == pytest.approx([0] * 5, abs=1e-9)
    line = found.indices.query("factor == 'dummy'")
    assert (line[line["index"] != "rms_luck_free"][["value", "low", "high"]] == 0).all(axis=None)
    assert verdict(found)["indices_settled"]


def test_morris_ranks_the_factors_of_g():
    effects = index(studied(Sampling("morris", 200), G, sobol_g), "mu_star")
    assert sorted(effects, key=effects.get, reverse=True) == [*(factor.name for factor in G), DUMMY]


def test_elementary_effects_are_salibs():
    from SALib.analyze import morris

    for groups in (None, {"a": ("first", "third"), "b": ("second", "fourth")}):
        recipe = Sampling("morris", 30, levels=6, groups=groups)
        unit = unit_design(recipe, G)
        output = sobol_g(design(recipe, G))
        theirs = morris.analyze(problem(recipe, G), unit, output, num_levels=6, num_resamples=2)
        ours = elementary_effects(Data(recipe, G, unit, output[:, None]))[:, :, 0]
        assert np.abs(ours).mean(axis=0) == pytest.approx(np.asarray(theirs["mu_star"]))
        if groups is None:
            assert ours.mean(axis=0) == pytest.approx(np.asarray(theirs["mu"]))
            assert ours.std(axis=0, ddof=1) == pytest.approx(np.asarray(theirs["sigma"]))


def test_a_log_factor_has_the_indices_of_its_logarithm():
    plain, log = [Factor("x", 0, 3), Factor("y", 0, 1)], [Factor("x", 1, 1000, "log"), Factor("y", 0, 1)]
    for recipe in SMALL.values():
        of_plain = studied(recipe, plain, lambda values: values[:, 0] + values[:, 1] ** 2)
        of_log = studied(recipe, log, lambda values: np.log10(values[:, 0]) + values[:, 1] ** 2)
        columns = ["value", "low", "high"]
        assert np.allclose(of_plain.indices[columns], of_log.indices[columns], atol=1e-9, equal_nan=True), recipe.method


# --- the verdict ----------------------------------------------------------------------------------------------------


def test_few_samples_leave_all_open_and_many_settle_all():
    few = verdict(studied(Sampling("sobol", 16), ISHIGAMI, ishigami))
    assert not (few["screening_settled"] or few["ranking_settled"] or few["indices_settled"])
    assert "indices open (half-width" in few["verdict"] and "screening open (undecided: " in few["verdict"]
    many = studied(Sampling("sobol", 8192), ISHIGAMI, ishigami)
    assert verdict(many)["verdict"] == (
        "screening settled; ranking settled; indices settled; luck not measurable with one seed"
    )
    widths = many.indices.query("index == 'ST'")
    assert verdict(many)["widest"] == pytest.approx((widths["high"] - widths["value"]).max())
    assert verdict(many)["acting"] == "one, two, three" and verdict(many)["inert"] == ""


def test_each_part_of_the_verdict_may_be_settled_without_the_others():
    # Two equal leaders: who acts is known, and their indices are, while nobody can say which is first.
    equal = verdict(studied(Sampling("shapley", 8000), G, lambda values: values[:, 0] + values[:, 1]))
    assert equal["screening_settled"] and equal["indices_settled"] and equal["ranking_settled"]
    fewer = verdict(studied(Sampling("shapley", 1000), G, lambda values: values[:, 0] + values[:, 1]))
    assert fewer["screening_settled"] and not fewer["ranking_settled"]
    assert fewer["tied"] in ("first ~ second", "second ~ first") and "not told apart: " in fewer["verdict"]
    # Effects that differ much: the order is known long before the indices are.
    clear = verdict(studied(Sampling("shapley", 100), G, lambda values: values @ np.array([9.0, 4.5, 0.0, 0.0])))
    assert clear["ranking_settled"] and not clear["indices_settled"]


def test_factors_without_effect_are_told_from_undecided_ones():
    found = verdict(studied(Sampling("sobol", 1024), G, lambda values: values @ np.array([3.0, 0.6, 0.1, 0.0])))
    assert found["acting"] == "first" and found["inert"] == "second, third, fourth"  # under 0.05: 0.038
    few = verdict(studied(Sampling("sobol", 16), G, lambda values: values[:, 0]))
    # Not one of sixteen pairs differs in the others: that a fifth of all pairs do is not excluded.
    assert few["undecided"] == "second, third, fourth" and few["acting"] == "first"


def test_the_width_that_counts_can_be_set():
    table = runs(Sampling("sobol", 1024), ISHIGAMI, ishigami)
    strict = analyse(Sampling("sobol", 1024), ISHIGAMI, table, ["output"], width=0.01)
    lax = analyse(Sampling("sobol", 1024), ISHIGAMI, table, ["output"], width=0.2)
    assert (verdict(strict)["indices_settled"], verdict(lax)["indices_settled"]) == (False, True)
    assert verdict(lax)["widest_allowed"] == 0.2
    refused(lambda: analyse(Sampling("sobol", 1024), ISHIGAMI, table, ["output"], width=0), "width = 0")


def test_an_index_above_one_settles_nothing_of_the_indices():
    def swinging(values):  # rows in which the first factor is exchanged lie far from the base samples
        rows = np.arange(len(values))
        return np.where(rows % 6 == 1, 10.0, 0.1 * (rows // 6 % 2))

    found = verdict(studied(Sampling("sobol", 64), ISHIGAMI, swinging))
    assert "ST of one exceeds all of the variance" in found["verdict"]
    assert not found["indices_settled"]


def test_an_outcome_that_is_nearly_always_the_same_is_said_to_be():
    found = verdict(studied(Sampling("sobol", 1024), ISHIGAMI, lambda values: values[:, 0] > 0.99 * np.pi))
    assert "of 2,048 runs at the base points differ from the most common outcome" in found["verdict"]
    assert not found["indices_settled"]


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
BIG = {"sobol": Sampling("sobol", 4096), "shapley": Sampling("shapley", 16_000), "morris": Sampling("morris", 900)}


def own_luck_of(size):
    """Luck that every row draws for itself, so that a factor without effect moves the output."""
    return lambda values, seeds: np.random.default_rng(5).normal(scale=size, size=seeds.shape)


def hashed(seeds):
    """A normal number for each seed."""
    return np.random.default_rng(7).normal(size=int(seeds.max()) + 1)[seeds]


def shared_luck(values, seeds):
    """Luck that is the same in all rows with a seed."""
    return 3.0 * hashed(seeds)


def interacting_luck(values, seeds):
    """Luck by seed that depends on the first factor."""
    return hashed(seeds) * values[:, :1]


def test_products_across_seeds_are_the_mean_over_all_ordered_pairs_of_seeds():
    one, two = np.random.default_rng(1).normal(size=(2, 5, 4))
    pairs = [one[:, s] * two[:, t] for s in range(4) for t in range(4) if s != t]
    assert across_seeds(one, two) == pytest.approx(np.mean(pairs, axis=0))


@every_function
@pytest.mark.parametrize("method", ["sobol", "shapley"])
@pytest.mark.parametrize("seeds", [(1, 2), (1, 2, 3, 4)])
def test_luck_of_every_row_inflates_the_usual_indices_and_not_the_luck_free_ones(
    seeds, method, factors, function, shares
):
    size = function(design(Sampling("latin", 5000), factors)).std()
    found = studied(BIG[method], factors, function, seeds=seeds, noise=own_luck_of(size))
    for name in ("S1", "ST") if method == "sobol" else ("shapley",):
        values = list(index(found, f"{name}_luck_free").values())
        assert values == pytest.approx([*shares[name], 0], abs=0.06)
    usual = "ST" if method == "sobol" else "shapley"
    # What a factor without effect gets: the share of luck in the variance between rows.
    left = verdict(found)["noise_left"]
    assert left == pytest.approx(1 / (1 + len(seeds)), abs=0.03)
    if method == "sobol":
        assert index(found, usual)[DUMMY] == pytest.approx(left, abs=0.03)
    assert index(found, usual)[DUMMY] > 0.04
    assert DUMMY not in verdict(found)["acting"]
    assert f"{left:.0%} of the variance between rows is luck" in verdict(found)["verdict"]


def test_morris_counts_luck_as_an_effect_and_its_luck_free_form_does_not():
    weights = np.array([3.0, 2.0, 1.0, 0.0])
    found = studied(BIG["morris"], G, lambda values: values @ weights, seeds=(1, 2), noise=own_luck_of(0.5))
    assert index(found, "mu_star")["fourth"] > 0.4
    assert list(index(found, "rms_luck_free").values()) == pytest.approx([*weights, 0], abs=0.25)
    assert (verdict(found)["acting"], verdict(found)["inert"]) == ("first, second, third", "fourth")


def test_the_luck_free_size_of_effects_without_luck_is_their_root_mean_square():
    found = studied(Sampling("morris", 50), G, sobol_g, seeds=(1, 2))
    mean, spread, size = (np.array(list(index(found, name).values())) for name in ("mu", "sigma", "rms_luck_free"))
    assert size**2 == pytest.approx(mean**2 + spread**2 * 49 / 50)


@pytest.mark.parametrize("method", BIG)
@pytest.mark.parametrize("luck", [shared_luck, interacting_luck])
def test_luck_that_rows_share_leaves_the_dummy_at_zero(method, luck):
    found = studied(BIG[method], ISHIGAMI, ishigami, seeds=SEEDS, noise=luck)
    lines = found.indices.query("factor == 'dummy'")
    assert lines["value"].to_numpy() == pytest.approx(0, abs=1e-12)
    assert verdict(found)["screening_settled"], verdict(found)["verdict"]


@pytest.mark.parametrize("method", ["sobol", "shapley"])
def test_luck_that_rows_share_drops_out_of_the_luck_free_indices(method):
    shares = ishigami_shares()
    for luck in (shared_luck, interacting_luck):
        found = studied(BIG[method], ISHIGAMI, ishigami, seeds=(1, 2), noise=luck)
        for name in ("S1", "ST") if method == "sobol" else ("shapley",):
            assert list(index(found, f"{name}_luck_free").values())[:-1] == pytest.approx(shares[name], abs=0.06)


def test_without_luck_both_forms_are_the_same():
    for recipe in (Sampling("sobol", 64, second_order=True), SMALL["shapley"]):
        found = studied(recipe, ISHIGAMI, ishigami, seeds=(1, 2))
        for name in ("S1", "ST", "S2") if recipe.method == "sobol" else ("shapley",):
            usual = found.indices.query(f"index == '{name}'")[["value", "low", "high"]].to_numpy()
            free = found.indices.query(f"index == '{name}_luck_free'")[["value", "low", "high"]].to_numpy()
            assert np.isfinite(free).all() and free == pytest.approx(usual)


def test_the_luck_free_second_order_index_is_that_of_the_closed_form():
    recipe = Sampling("sobol", 8192, second_order=True)
    found = studied(recipe, ISHIGAMI, ishigami, seeds=(1, 2), noise=own_luck_of(2)).indices
    pairs = found.query("index == 'S2_luck_free'").set_index(["factor", "factor_2"])["value"]
    assert pairs["one", "three"] == pytest.approx(ishigami_shares()["ST"][2], abs=0.06)
    assert pairs["one", "two"] == pytest.approx(0, abs=0.06)


def test_one_seed_leaves_the_luck_free_indices_empty():
    found = studied(Sampling("sobol", 16), ISHIGAMI, ishigami)
    line = verdict(found)
    assert "luck not measurable with one seed" in line["verdict"]
    assert np.isnan(line["noise_share"]) and pd.isna(line["seeds_needed"]) and np.isnan(line["standard_error"])
    free = found.indices[found.indices["index"].str.endswith("luck_free")]
    assert len(free) == 8 and free[["value", "low", "high"]].isna().all(axis=None)


def test_rows_that_differ_by_luck_alone_have_no_luck_free_shares():
    found = studied(SMALL["sobol"], ISHIGAMI, lambda values: np.zeros(len(values)), seeds=(1, 2), noise=own_luck_of(1))
    free = found.indices.query("index == 'ST_luck_free'")
    assert free["value"].isna().all()
    assert "not estimable: rows differ by no more than luck" in verdict(found)["verdict"]
    assert not verdict(found)["screening_settled"]


@pytest.mark.parametrize("method", ["sobol", "shapley", "morris"])
def test_intervals_contain_known_indices_as_often_as_they_should(method):
    """A short form of `make coverage`, whose table is docs/coverage.md."""
    some = {name: KNOWN[name] for name in ("Sobol g", "0/1, in 30 %")}
    lines = list(measure(40, {method: SIZES[method]}, some))
    free = [line for line in lines if line.index.endswith("luck_free")]
    assert {(line.function, line.luck) for line in free} == {
        (name, luck) for name in some for luck in LUCKS if luck != "none"
    }
    for line in free:  # 40 designs of three or four factors: two standard errors are some 0.05
        assert 0.87 <= line.coverage <= 1, (line.index, line.function, line.luck, line.coverage)
        assert line.half_width < 1.6 * line.needed
    biased = [line for line in lines if line.luck == "dealt anew" and line.index in ("ST", "shapley", "mu_star")]
    assert all(line.coverage < 0.85 for line in biased)


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
    refused(lambda: study(other.drop(index=[384 + 330])), "1 rows lack one of 2 seeds", "rows 330", "the same number")
    each_its_own = table.assign(seed=table["row"] + 1)
    refused(lambda: study(each_its_own), "rows 0 to 5 have different seeds", "the same seeds")
    by_block = table.assign(seed=table["row"] // 6 + 1)
    pd.testing.assert_frame_equal(study(table).indices, study(by_block).indices)


def test_the_recipe_says_whether_there_are_pairs():
    from SALib.analyze import sobol

    # 64 base samples of three factors are 320 rows, and so would be 40 with pairs: SALib's default takes them for that.
    two, recipe = G[:2], Sampling("sobol", 64)
    table = runs(recipe, two, lambda values: values[:, 0])
    theirs = sobol.analyze(problem(recipe, two), table["output"])
    assert abs(theirs["S1"][0] - 1) > 0.3  # the truth is 1
    found = analyse(recipe, two, table, ["output"])
    assert index(found, "S1")["first"] == pytest.approx(1, abs=0.05)
    assert set(found.indices["index"]) == set(INDICES["sobol"])


def test_levels_come_from_the_recipe():
    from SALib.analyze import morris

    recipe = Sampling("morris", 40, levels=8)
    output = design(recipe, G) @ np.array([3.0, 2.0, 0.5, 1.0])
    theirs = morris.analyze(problem(recipe, G), unit_design(recipe, G), output)  # with its default of 4
    assert np.asarray(theirs["mu_star"])[0] == pytest.approx(3 * (8 / 14) / (4 / 6))
    found = studied(recipe, G, lambda values: values @ np.array([3.0, 2.0, 0.5, 1.0]))
    assert index(found, "mu_star")["first"] == pytest.approx(3)


def test_a_seed_of_zero_is_refused():
    refused(lambda: Sampling("sobol", 64, seed=0), "seed = 0")


@every_method
def test_a_constant_output_is_flagged_and_has_zero_indices(recipe):
    found = studied(recipe, ISHIGAMI, lambda values: np.full(len(values), 0.1 + 0.2), seeds=SEEDS)
    assert (found.indices[["value", "low", "high"]] == 0).all(axis=None)
    assert len(found.indices) == 4 * len(INDICES[recipe.method])
    line = verdict(found)
    assert line["constant"] and line["variance"] == 0
    assert not (line["screening_settled"] or line["ranking_settled"] or line["indices_settled"])
    assert line["verdict"].startswith("constant: the output is 0.3 in every row")
    assert line["noise_share"] == 0


@every_method
def test_an_output_too_small_to_be_squared_counts_as_constant(recipe):
    assert verdict(studied(recipe, ISHIGAMI, lambda values: 1e-200 * values[:, 0], seeds=SEEDS))["constant"]


def test_salib_divides_by_zero_on_a_constant_output():
    with pytest.warns(RuntimeWarning, match="invalid value"):
        salib_sobol(RECIPE, np.full(384, 0.5), calc_second_order=False)


def test_an_output_that_is_only_luck_common_to_all_rows_is_constant():
    luck = np.random.default_rng(1).normal(size=4)
    table = {"row": np.repeat(np.arange(384), 4), "seed": np.tile(SEEDS, 384), "output": np.tile(luck, 384)}
    line = verdict(study(table))
    assert line["constant"] and line["noise_share"] == pytest.approx(1)


def test_an_output_that_is_the_same_in_all_base_samples_has_no_shares():
    with pytest.warns(UserWarning, match="Constant values"):
        theirs = salib_sobol(RECIPE, np.arange(384) == 3, calc_second_order=False)
    assert not theirs["ST"].any()
    found = studied(RECIPE, ISHIGAMI, lambda values: (np.arange(len(values)) == 3).astype(float))
    assert found.indices["value"].isna().all()
    assert "not estimable: the output is the same in all base samples" in verdict(found)["verdict"]
    assert not verdict(found)["screening_settled"] and not verdict(found)["constant"]


def test_other_methods_say_too_when_an_output_gives_them_nothing():
    found = studied(SMALL["shapley"], ISHIGAMI, lambda values: (np.arange(len(values)) == 3).astype(float))
    assert "same at both ends of all trajectories" in verdict(found)["verdict"]
    found = studied(SMALL["morris"], ISHIGAMI, lambda values: np.arange(len(values)) // 5)
    assert "does not change along any trajectory" in verdict(found)["verdict"]


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
