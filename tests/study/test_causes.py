"""Causes of the fall: Shapley's axioms, the game that is shared out, shares over seeds and members, and a small run."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from bubble_abm import Factor, Parameters, run, simulate
from bubble_abm.economy.parameters import DECLARED
from bubble_abm.observe.falls import falls
from bubble_abm.study.causes import (
    CAUSES,
    NO_SHOCK,
    OUTCOMES,
    REST,
    SHARED_FALLS,
    alone_of,
    coalitions,
    part_of,
    shapley,
    shares,
    without,
    worth_of_coalitions,
)
from bubble_abm.study.declared_experiments import find
from bubble_abm.study.ensemble import Ensemble, economies

NAMES = tuple(CAUSES)
OF_SHOCK = ("exit", "inference", "attention", "other_ways")


def present(off):
    """Causes that are there, given the values that take others away."""
    return {name for name, cause in CAUSES.items() if not cause.off.items() <= off.items()}


def test_parts_add_up_idle_players_get_nothing_and_equal_ones_the_same():
    worth = np.random.default_rng(1).normal(size=(16, 3))
    assert shapley(worth).sum(axis=0) == pytest.approx(worth[-1] - worth[0])
    game = np.array([len(one - {"idle"}) ** 2 for one in coalitions(("one", "idle", "other"))], dtype=float)
    assert shapley(game) == pytest.approx([2.0, 0.0, 2.0])


def test_what_takes_a_cause_away_is_declared_and_differs_from_the_defaults_where_they_have_it():
    for name, cause in CAUSES.items():
        Parameters(**cause.off)
        assert any(DECLARED[one].default != value for one, value in cause.off.items()), name
    assert without(frozenset(NAMES)) == {}
    assert not present(without(frozenset()))


def test_in_an_additive_world_each_cause_gets_what_it_does_and_the_rest_remains():
    effect = dict(zip(NAMES, (64.0, 3.0, -9.0, 0.5, 0.0, 5.0, 1.0, 20.0)))

    def fall(off):
        there, shocked = present(off), "shock_efficiency" not in off
        usual = 1.0 if shocked else 0.0  # what the shock does by ways that cannot be closed
        return np.array([100.0 + usual + sum(effect[name] for name in there if shocked or name not in OF_SHOCK)])

    worth = worth_of_coalitions(fall)
    expected = effect | {"other_ways": 21.0}
    assert shapley(worth)[:, 0] == pytest.approx(list(expected.values()))
    assert (worth[0, 0], worth[-1, 0]) == pytest.approx((100.0, 185.5))


def test_attention_to_what_the_shock_did_not_do_is_no_part_of_the_shock():
    def fall(off):
        there = present(off)
        shocked = "shock_efficiency" not in off
        seen = 10.0 if "capacity" in there else 0.0  # halls that stand empty
        seen += 4.0 if shocked and "exit" in there else 0.0
        return np.array([seen if "attention" in there else 0.0])

    parts = dict(zip(NAMES, shapley(worth_of_coalitions(fall))[:, 0]))
    assert parts["capacity"] == pytest.approx(10.0)
    assert (parts["exit"], parts["attention"]) == pytest.approx((2.0, 2.0))


def table_of(members, share):
    """Runs in which the capacity has this share of a fall of the rent in each member, give or take by seed."""
    rows = []
    for member, mine in zip(members, share):
        for seed, noise in enumerate((-0.1, 0.1), start=1):
            row = dict.fromkeys(OUTCOMES, 0.0) | {"scenario": member, "seed": seed, "rent_fall": 50.0}
            row |= {part_of("rent_fall", "capacity"): 50.0 * (mine + noise), alone_of("rent_fall", "capacity"): 10.0}
            rows.append(row | {part_of("rent_fall", REST): 50.0 * (1.0 - mine - noise)})
    return pd.DataFrame(rows)


def test_members_come_first_then_seeds():
    found = shares(table_of(("a", "b", "c"), (0.5, 0.6, 0.7))).set_index(["measure", "window", "cause"])
    row = found.loc[("rent", "", "capacity")]
    assert (row["share"], row["n"], row["over"], row["alone"]) == (pytest.approx(0.6), 3, "members", 0.2)
    assert row["high"] - row["share"] == pytest.approx(4.3027 * 0.1 / 3**0.5, rel=1e-4)  # as of three numbers
    one = shares(table_of(("a",), (0.5,))).set_index(["measure", "window", "cause"]).loc[("rent", "", "capacity")]
    assert (one["share"], one["n"], one["over"]) == (pytest.approx(0.5), 2, "seeds")
    assert found.loc[("starts", "", "capacity")]["share"] != found.loc[("starts", "", "capacity")]["share"]  # no fall


def ensemble_of(values):
    """A small ensemble around the defaults."""
    factors = (Factor("scale", 0.02, 1.0), Factor("herding", 0.0, 8.0))
    members = np.array(values)
    return Ensemble(factors, members, np.zeros(len(members)), (), np.zeros((len(members), 0)))


@pytest.mark.whole_runs
def test_over_an_ensemble_the_fall_is_that_of_the_economy_as_it_is(tmp_path):
    ensemble = ensemble_of([[0.03, 4.0], [0.03, 4.6]])
    plan = find("e12_causes").quick_form()
    kept = {item: getattr(plan, item) for item in ("outcomes", "model", "twins")}
    asked = ensemble.experiment("causes", "Which?", months=28, **kept)
    table = run(asked, tmp_path / "causes", workers=1)
    assert not table["error"].notna().any() and len(table) == 2
    series = simulate(ensemble.parameters(1), months=28, seed=2).records.measures
    own = table.iloc[1]
    for fall, (measure, window) in SHARED_FALLS.items():
        assert own[fall] == pytest.approx(falls(series, measure, 24)[window])
        parts = sum(own[part_of(fall, cause)] for cause in (*CAUSES, REST))
        assert parts == pytest.approx(own[fall], abs=1e-6 * max(abs(own[fall]), 1.0))
    alone = simulate(ensemble.parameters(1).with_values(dict(CAUSES["capacity"].off)), months=28, seed=2)
    otherwise = falls(alone.records.measures, "rent", 24)[""]
    assert own[alone_of("rent_fall", "capacity")] == pytest.approx(own["rent_fall"] - otherwise)


def test_the_declared_experiment_runs_the_standard_economy_or_the_members_of_an_ensemble():
    ensemble = ensemble_of([[0.03, 4.0], [0.03, 4.6]])
    assert economies(ensemble) == ensemble.scenarios()
    assert find("e12_causes").runs >= 20
    assert {"shock_efficiency": DECLARED["shock_efficiency"].metadata["low"]} == NO_SHOCK
    assert SimpleNamespace(**without(frozenset(NAMES) - {"capacity"})).own_tenants_from == 11
