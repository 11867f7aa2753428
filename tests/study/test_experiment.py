"""Experiments as data: how a design is crossed, what is refused, and that a description is enough to have it again."""

import json
from dataclasses import replace

import numpy as np
import pytest

from bubble_abm import Change, Experiment, Factor, InvalidInput, Parameters, Sampling, Shock, run, twin
from bubble_abm.economy.parameters import DECLARED
from bubble_abm.economy.shocks import default_shocks
from bubble_abm.study.atomic_writing import plain
from bubble_abm.study.experiment import ECONOMY, economy
from bubble_abm.study.provenance import compare, origin
from bubble_abm.study.sensitivity.planning import simulations
from tests.small import SMALL


def asked(**fields):
    return Experiment(**{"name": "t", "question": "?", "seeds": 2, **fields})


def test_a_design_crosses_scenarios_levers_and_draws():
    experiment = asked(
        scenarios={"standard": {}, "nobody follows": {"herding": 0}},
        levers={"leverage": (0.5, 0.6), "hold_out": (0, 1)},
        uncertain=("contract_length",),
        sampling=Sampling("latin", 3),
    )
    design = experiment.design
    assert design.factors == ("herding", "leverage", "hold_out", "contract_length")
    assert (design.rows, experiment.runs) == (2 * 4 * 3, 48)
    assert [design.scenarios[place] for place in design.scenario] == ["standard"] * 12 + ["nobody follows"] * 12
    assert design.values[:12, 0].tolist() == [DECLARED["herding"].default] * 12
    assert design.values[12:, 0].tolist() == [0.0] * 12
    assert design.values[::3, 1:3].tolist() == 2 * [[0.5, 0], [0.5, 1], [0.6, 0], [0.6, 1]]
    draws = design.values[:, 3].reshape(-1, 3)
    assert (draws == draws[0]).all() and len(set(draws[0])) == 3  # the same draws everywhere
    low, high = DECLARED["contract_length"].metadata["sampled"]
    assert ((draws > low) & (draws < high)).all()


def test_an_experiment_without_anything_is_one_point():
    assert asked().design.values.shape == (1, 0)


def test_a_description_is_enough_to_have_it_again():
    experiment = asked(
        scenarios={"a": {}, "b": {"herding": 1.1}},
        levers={"leverage": (0.1, 0.7)},
        uncertain=("growth_memory", Factor("shock_month", 18, 22, whole=True)),
        sampling=Sampling("sobol", 16, seed=3),
        shocks=None,
        changes=(Change(parameter="hold_out", value=0.3, month=5, until=9),),
        series=("gpu_price",),
        quick={"seeds": 1},
    )
    again = Experiment.from_dict(json.loads(json.dumps(experiment.as_dict())))
    assert again == experiment or again.as_dict() == experiment.as_dict()
    assert again.design.hash() == experiment.design.hash()
    assert asked(shocks=(Shock(efficiency=2, month=20),)).as_dict()["shocks"][0]["efficiency"] == 2


def test_points_with_other_values_or_names_have_another_hash():
    hashes = {
        asked(levers=levers).design.hash()
        for levers in ({"herding": (1, 2)}, {"herding": (1, 2.0000001)}, {"herding": (2, 1)}, {"hold_out": (1, 1.2)})
    }
    assert len(hashes) == 4


def test_a_quick_form_asks_the_same_with_less():
    experiment = asked(
        uncertain=("herding",),
        sampling=Sampling("latin", 50),
        months=48,
        quick={"samples": 5, "seeds": 1, "months": 30},
    )
    quick = experiment.quick_form()
    assert (quick.name, quick.runs, quick.months, quick.sampling.samples) == ("t_quick", 5, 30, 5)
    assert quick.question == experiment.question


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"levers": {"herdin": (1,)}}, "unknown parameter 'herdin': did you mean 'herding'"),
        ({"levers": {"herding": (1, 99)}}, "herding = 99.0: give a number from 0 to 8"),
        ({"levers": {"herding": ()}}, "runs = 0: give a whole number from 1"),
        ({"levers": {"shock_month": (20.5,)}}, "shock_month = 20.5: give a whole number"),
        ({"scenarios": {}}, "scenarios: empty, give at least one"),
        ({"scenarios": {"a": {"herding": 1}}, "levers": {"herding": (2,)}}, "herding: set more than once"),
        ({"uncertain": ("herding",)}, "uncertain parameters and their sampling: give both or none"),
        ({"sampling": Sampling("latin", 5)}, "uncertain parameters and their sampling: give both or none"),
        ({"uncertain": ("hearding",), "sampling": Sampling("latin", 5)}, "unknown parameter 'hearding'"),
        ({"seeds": 0}, "seeds = 0: give a whole number from 1"),
        ({"first_seed": 0}, "first_seed = 0: give a whole number from 1"),
        ({"months": 0}, "months = 0: give a whole number from 1"),
        ({"outcomes": ()}, "outcomes: empty, give at least one"),
        ({"outcomes": ("pop_mont",)}, "unknown outcome 'pop_mont': did you mean 'pop_month'"),
        ({"outcomes": ("popped", "popped")}, "outcomes: popped is given twice"),
        ({"outcomes": ("gpu_price@2030-01",)}, "outcome gpu_price@2030-01: give a month of the run, from Jan 2023"),
        ({"outcomes": ("gpu_prize@2024-01",)}, "unknown measure 'gpu_prize'"),
        ({"outcomes": ("survived",), "twins": False}, "outcome survived: compares a run with its twin"),
        ({"series": ("gpu_prize",)}, "unknown measure in series 'gpu_prize'"),
        ({"discover": ("endogenous",)}, "discover 'endogenous': needs twins and uncertain parameters"),
        ({"quick": {"sedes": 1}}, "unknown field in quick 'sedes'"),
        ({"model": 3}, "model = 3: give module:function"),
        ({"name": 3}, "name = 3: give a text"),
        ({"scenarios": ["a"]}, "scenarios = ['a']: give a mapping from names"),
        ({"scenarios": {"a": {"herding": "much"}}}, "herding = 'much': give a number"),
        ({"scenarios": {"a": 3}}, "scenario a = 3: give values of parameters by name"),
        ({"levers": {"herding": 3}}, "lever herding = 3: give a tuple of numbers"),
        ({"levers": {"herding": (1, None)}}, "herding = None: give a number"),
        ({"levers": {"herding": range(10**30)}}, "lever herding: has more than 100,000,000 values"),
        ({"outcomes": "popped"}, "outcomes = 'popped': give a tuple of names"),
        ({"twins": 1}, "twins = 1: give True or False"),
        ({"uncertain": (3,), "sampling": Sampling("latin", 5)}, "unknown parameter '3'"),
        ({"uncertain": ("herding",), "sampling": "latin"}, "sampling = 'latin': give a Sampling(...)"),
        ({"levers": {name: range(10) for name in list(DECLARED)[:10]}}, "the design has 10,000,000,000 points"),
        ({"levers": {name: range(100) for name in list(DECLARED)[:4]}, "seeds": 1}, "at most 25,000,000 with 4"),
        ({"model": "tests.models:line"}, "model = tests.models:line: give twins=False and no series"),
        ({"shocks": (Shock(month=20),), "levers": {"shock_openness": (0.1,)}}, "shock_openness has no effect"),
    ],
)  # fmt: skip
def test_what_cannot_be_run_is_refused_in_one_line(fields, message):
    with pytest.raises(InvalidInput) as refused:
        asked(**fields)
    assert message in str(refused.value) and "\n" not in str(refused.value)


def test_a_design_that_is_too_large_is_counted_and_not_made(monkeypatch):
    monkeypatch.setattr("bubble_abm.study.experiment.cross", None)
    with pytest.raises(InvalidInput, match=r"the design has 1,[0,]*000 points, each with 2 seeds"):
        asked(levers={name: range(10) for name in list(DECLARED)[:30]})
    with pytest.raises(InvalidInput, match=r"points = 30,000,000: at most 25,000,000 with 4 parameters each"):
        factors = tuple(Factor(f"x{place}", 0, 1) for place in range(4))
        about = {"model": "tests.models:line", "twins": False, "outcomes": ("level",), "seeds": 1}
        asked(uncertain=factors, sampling=Sampling("morris", 5_000_000), **about)


def test_a_design_has_as_many_points_and_parameters_as_were_counted():
    experiment = asked(
        scenarios={"a": {}, "b": {"leverage_cap": 0.5}},
        levers={"hold_out": (0, 1), "leverage": (0.5, 0.6, 0.7)},
        uncertain=("herding", "hurdle"),
        sampling=Sampling("sobol", 16),
    )
    assert experiment.points == experiment.design.rows == 2 * 6 * 16 * 5
    assert experiment.parameters == experiment.design.factors


def test_the_economy_gives_the_outcomes_of_a_run_and_of_its_twin():
    from bubble_abm import twin
    from bubble_abm.observe.verdict import attribution, pop

    outcomes = ("pop_month", "rent_peak", "rent_per_server@27", "survived")
    setup = asked(outcomes=outcomes, months=30, series=("gpu_price",)).setup
    outcomes, months = economy({"scale": 0.1, "shock_openness": 0.9}, 3, setup)
    pair = twin(SMALL.with_values({"shock_openness": 0.9}), months=30, seed=3)
    whole, rest = pair.with_shock.series, pair.without_shock.series
    assert outcomes["rent_peak"] == whole["rent_per_server"].max()
    assert outcomes["rent_per_server@27_effect"] == (whole - rest)["rent_per_server"].iloc[27] != 0
    dates = pop(whole).composite, pop(rest).composite
    assert outcomes["verdict"] == attribution(*dates, 24, 30).kind
    assert len(months) == 2 and (months[1]["gpu_price"] == rest["gpu_price"].to_numpy()).all()
    assert np.isfinite([value for name, value in outcomes.items() if name != "verdict"]).all()
    assert ECONOMY.endswith(":economy")


def test_scenarios_with_luck_of_their_own_share_no_seed():
    about = {"levers": {"herding": (1, 2)}, "scenarios": {"a": {"scale": 0.1}, "b": {"scale": 0.2}}, "seeds": 3}
    shared, own = asked(**about), asked(**about, own_luck=True)
    seeds = own.places(np.arange(own.runs))[1].reshape(2, 2, 3)  # scenario, lever, seed
    assert seeds[:, 0].tolist() == seeds[:, 1].tolist() == [[1, 2, 3], [4, 5, 6]]
    assert set(shared.places(np.arange(shared.runs))[1]) == {1, 2, 3}
    assert Experiment.from_dict(own.as_dict()).own_luck and "own_luck" not in shared.as_dict()
    factors = [Factor("x", 0, 1), Factor("y", 0, 1)]
    drawn = {"uncertain": factors, "sampling": Sampling("sobol", 16), "model": "tests.models:line", "twins": False}
    blocks = asked(**drawn, outcomes=("level",), scenarios={"a": {}, "b": {}}, own_luck=True).design.block
    assert sorted(set(blocks)) == list(range(32))
    with pytest.raises(InvalidInput, match="own_luck = 1: give True or False"):
        asked(own_luck=1)


def test_blocks_of_a_sensitivity_design_have_seeds_of_their_own_and_other_points_the_same():
    factors = (Factor("x", 0, 1), Factor("y", 0, 1))
    about = {"name": "t", "question": "?", "uncertain": factors, "outcomes": ("level",), "twins": False, "seeds": 2}
    about |= {"model": "tests.models:line", "first_seed": 5}
    sobol = Experiment(**about, sampling=Sampling("sobol", 16), scenarios={"a": {"z": 1}, "b": {"z": 2}})
    rows, seeds = sobol.places(np.arange(sobol.runs))
    assert rows.tolist() == np.repeat(np.arange(2 * 16 * 5), 2).tolist()
    by_block = seeds.reshape(2, 16, 5, 2)  # scenario, base sample, row in it, seed
    assert (by_block == by_block[:1, :, :1]).all()  # the same in all rows of a base sample, and in both scenarios
    assert by_block[0, :, 0].ravel().tolist() == list(range(5, 5 + 32))
    latin = Experiment(**about, sampling=Sampling("latin", 16))
    assert set(latin.places(np.arange(latin.runs))[1]) == {5, 6}
    with pytest.raises(InvalidInput, match="first_seed = "):
        Experiment(**about | {"first_seed": 2**63 - 31}, sampling=Sampling("sobol", 16))


def written(experiment):
    """The provenance of an experiment as it is read from its folder."""
    return json.loads(json.dumps(origin(experiment), default=plain))


def test_scenarios_may_differ_in_policies_with_dates(tmp_path):
    """Also where their values are the same: such runs are not copies of each other."""
    stop = Change(parameter="maximum_subsidy", value=0.0, month=2)
    plan = Experiment(
        name="dated", question="?", scenarios={"none": {"scale": 0.1}, "stop": {"scale": 0.1}}, seeds=2, months=18,
        policies={"stop": [stop], "none": []}, outcomes=("subsidies",),
    )  # fmt: skip
    assert Experiment.from_dict(plan.as_dict()) == plan
    assert "policies" not in replace(plan, policies={}).as_dict()
    assert plan.setup_of("none").changes == () and plan.setup_of("stop").changes == (stop,)
    with_policies, without = (written(one) for one in (plan, replace(plan, policies={})))
    assert not compare(with_policies, origin(plan))
    assert "policies = {'stop'" in compare(with_policies, origin(replace(plan, policies={})))[0]
    assert "policies = None there" in compare(without, origin(plan))[0]
    assert simulations(plan) == 8 and simulations(replace(plan, policies={})) == 4
    table = run(plan, tmp_path / "dated", workers=1).set_index(["scenario", "seed"])["subsidies"]
    for seed in (1, 2):
        for name, changes in (("none", ()), ("stop", (stop,))):
            alone = twin(Parameters(scale=0.1), shocks=(*default_shocks(Parameters()), *changes), months=18, seed=seed)
            assert table[name, seed] == alone.with_shock.series["subsidies_paid"].sum()
    assert (table["stop"] < table["none"]).all()
    for policies, said in (({"stpo": [stop]}, "did you mean 'stop'"), ({"stop": [3]}, "policies of stop")):
        with pytest.raises(InvalidInput, match=said):
            replace(plan, policies=policies)
