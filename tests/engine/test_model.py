"""BubbleModel does what a user of Mesa expects of a model, and what simulate() computes."""

import math

import mesa
import numpy as np
import pytest

from bubble_abm import BubbleModel, InvalidInput, LocalGovernment, Operator, Rules, Smuggler, Startup, simulate
from bubble_abm.economy.agents.operator import BANKRUPT, CANCELLED, NONE
from bubble_abm.economy.measures import Measures
from bubble_abm.engine.horizon import STANDARD_MONTHS
from bubble_abm.engine.model import seed_from
from tests.small import SMALL


def model_run(months, **options):
    model = BubbleModel(SMALL, rng=1, months=max(months, 1), **options)
    for _ in range(months):
        model.step()
    return model


def rows_of(model, kind):
    return {agent.record["id"].item() for agent in model.agents_by_type[kind]}


def test_the_series_are_those_of_simulate_bit_for_bit():
    model = BubbleModel(rng=7)
    model.run_for(STANDARD_MONTHS)
    collected = model.datacollector.get_model_vars_dataframe()
    series = simulate(seed=7).series
    assert list(collected.columns) == list(Measures.columns)
    for name in Measures.columns:
        np.testing.assert_array_equal(collected[name].to_numpy(), series[name].to_numpy(), err_msg=name)


def test_time_and_steps_count_months():
    model = model_run(3)
    assert (model.steps, model.time, model.month) == (3, 3.0, 3)


def test_run_for_and_step_are_the_same():
    model = BubbleModel(SMALL, rng=1, months=5)
    model.run_for(5)
    assert model.rent_per_server == model_run(5).rent_per_server


def test_after_the_last_month_the_model_stops_and_refuses_to_go_on():
    model = model_run(4)
    assert not model.running
    for go_on in (model.step, lambda: model.run_for(2), lambda: model.run_until(6)):
        with pytest.raises(InvalidInput, match=r"ends after 4 months: for a longer one give BubbleModel\(months="):
            go_on()
    assert (model.steps, model.time) == (4, 4.0)


def test_run_model_ends_by_itself():
    model = BubbleModel(SMALL, rng=1, months=3)
    model.run_model()
    assert model.steps == 3


def test_an_event_of_the_user_is_called():
    model = BubbleModel(SMALL, rng=1, months=4)
    seen = []

    def look():
        seen.append((model.time, model.month))

    model.schedule_event(look, at=2.5)
    model.run_for(4)
    assert seen == [(2.5, 2)]


def test_every_measure_is_an_attribute():
    model = BubbleModel(SMALL, rng=1, months=1)
    assert all(math.isnan(getattr(model, name)) for name in Measures.columns)
    model.step()
    assert all(type(getattr(model, name)) is float for name in Measures.columns)
    assert BubbleModel.rent_per_server.__doc__.endswith("[CNY/(server month)].")


# --- Agents ---------------------------------------------------------------------------------------------------------


def test_agents_that_are_there_have_a_view_and_nobody_else():
    model = BubbleModel(SMALL, rng=1, months=40)
    entered = left = 0
    for _ in range(40):
        before = rows_of(model, Operator)
        model.step()
        operators, startups, smugglers = model.world.operators, model.world.startups, model.world.smugglers
        there = ~np.isin(operators["stage"], (NONE, CANCELLED, BANKRUPT))
        assert rows_of(model, Operator) == set(operators["id"][there].tolist())
        assert rows_of(model, Startup) == set(startups["id"][np.isin(startups["state"], (1, 2))].tolist())
        assert rows_of(model, Smuggler) == set(smugglers["id"][smugglers["active"] == 1].tolist())
        entered += len(rows_of(model, Operator) - before)
        left += len(before - rows_of(model, Operator))
    assert entered > 5
    assert left > 0
    assert len(model.agents_by_type[LocalGovernment]) == 31
    assert len(model.agents) == sum(len(agents) for agents in model.agents_by_type.values())


def test_incumbents_and_the_sites_of_2022_are_there_from_the_start():
    model = BubbleModel(rng=1)
    there = list(model.agents_by_type[Operator])
    assert sum(agent.incumbent for agent in there) == 12
    assert {agent.stage_name for agent in there if not agent.incumbent} == {"building"}
    assert len(there) - 12 == int(model.parameters.first_projects + 0.5)


def test_an_agent_keeps_its_view():
    model = BubbleModel(SMALL, rng=1, months=12)
    before = {agent.id: agent for agent in model.agents_by_type[Operator]}
    numbers = {agent.id: agent.unique_id for agent in before.values()}
    model.run_for(12)
    for agent in model.agents_by_type[Operator]:
        if agent.id in before:
            assert agent is before[agent.id]
            assert agent.unique_id == numbers[agent.id]


def test_agent_sets_select_get_aggregate_shuffle_and_do():
    model = model_run(6)
    provinces = model.agents_by_type[LocalGovernment]
    hubs = provinces.select(lambda province: province.hub == 1)
    assert 0 < len(hubs) < 31
    assert provinces.agg("subsidy", max) == max(provinces.get("subsidy")) == model.world.provinces["subsidy"].max()
    assert sorted(provinces.shuffle().get("id")) == list(range(31))
    provinces.do(lambda province: setattr(province, "subsidy", 0.0))
    assert model.world.provinces["subsidy"].max() == 0.0
    assert sorted(provinces.groupby("region").count().values()) == sorted(
        np.unique(model.world.provinces["region"], return_counts=True)[1].tolist()
    )


def test_two_living_models_share_nothing():
    alone = model_run(8).rent_per_server
    first, second = (BubbleModel(SMALL, rng=1, months=8) for _ in range(2))
    third = BubbleModel(SMALL, rng=2, months=8)
    for _ in range(8):
        first.step()
        third.step()
        for agent in second.agents_by_type[Operator]:
            agent.rent *= 1.5
        second.step()
    assert first.rent_per_server == alone
    assert len({(model.rent_per_server, model.gpu_price) for model in (first, second, third)}) == 3


# --- Data collection ------------------------------------------------------------------------------------------------


def test_a_data_collector_of_the_user_reads_model_and_agents():
    model = BubbleModel(SMALL, rng=1, months=6)
    model.datacollector = mesa.DataCollector(
        model_reporters={"rent": "rent_per_server", "agents": lambda model: len(model.agents)},
        agent_reporters={"cash": "cash"},
        agenttype_reporters={Operator: {"rent": "rent", "stage": "stage_name"}},
    )
    model.run_for(6)
    collected = model.datacollector.get_model_vars_dataframe()
    assert collected["rent"].iloc[-1] == model.rent_per_server
    assert len(collected) == 6
    sites = model.datacollector.get_agenttype_vars_dataframe(Operator)
    assert list(sites.loc[6]["rent"]) == model.agents_by_type[Operator].get("rent")
    assert len(model.datacollector.get_agent_vars_dataframe().loc[6]) == len(model.agents)


# --- Input ----------------------------------------------------------------------------------------------------------


def test_parameters_are_taken_by_name():
    model = BubbleModel(SMALL, rng=1, herding=1, scale=0.05)
    assert model.parameters == SMALL.with_values({"herding": 1, "scale": 0.05})


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"hrding": 1}, "unknown parameter 'hrding': did you mean 'herding'"),
        ({"herding": 99}, "herding = 99: give a number from 0 to 8"),
        ({"seed": 1}, r"seed = 1: give it as rng, as in BubbleModel\(rng=1\)"),
        ({"rng": 0}, "rng = 0: give a whole number from 1"),
        ({"rng": 1.5}, "rng = 1.5: give a whole number from 1"),
        ({"rng": "one"}, "rng = 'one': give a whole number from 1, a NumPy generator, or None"),
        ({"months": 0}, "months = 0: give a whole number from 1"),
    ],
)
def test_invalid_input_is_refused_in_one_line(options, message):
    with pytest.raises(InvalidInput, match=message) as refused:
        BubbleModel(SMALL, **options)
    assert "\n" not in str(refused.value)


def test_a_generator_gives_one_seed_and_stays_the_models():
    models = [BubbleModel(SMALL, rng=np.random.default_rng(5), months=2) for _ in range(2)]
    assert models[0].seed == models[1].seed >= 1
    generator = np.random.default_rng(5)
    assert seed_from(generator) != seed_from(generator)
    model = BubbleModel(SMALL, rng=generator, months=2)
    assert model.rng is generator


def test_no_seed_draws_one_and_tells_it():
    first, second = (BubbleModel(SMALL, months=2) for _ in range(2))
    assert first.seed != second.seed
    first.run_for(2)
    again = BubbleModel(SMALL, rng=first.seed, months=2)
    again.run_for(2)
    assert again.rent_per_server == first.rent_per_server


def test_rules_are_replaced_by_argument():
    assert BubbleModel(SMALL, rng=1, months=2, rules=Rules()).rules.replaced == {}
