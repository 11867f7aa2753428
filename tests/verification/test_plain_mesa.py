"""The compiled month over rows and the interpreted month over ordinary Mesa agents are one model, bit for bit."""

import mesa
import numpy as np
import pytest

from bubble_abm import Change, Rules, simulate
from bubble_abm.engine.horizon import STANDARD_MONTHS
from bubble_abm.engine.plain import PlainBubbleModel
from bubble_abm.engine.simulation import Simulation
from tests.small import MONTHS, SMALL, fingerprint


def test_plain_agents_and_rows_agree_bit_for_bit():
    model = PlainBubbleModel(SMALL, months=MONTHS, rng=3)
    model.run_for(MONTHS)
    result = simulate(SMALL, months=MONTHS, seed=3)
    for name in result.records.measures.dtype.names:
        np.testing.assert_array_equal(model.records.measures[name], result.records.measures[name], err_msg=name)
    assert fingerprint(model.records) == fingerprint(result.records)


def test_plain_agents_and_rows_agree_at_default_size():
    model = PlainBubbleModel(rng=1)
    model.run_for(STANDARD_MONTHS)
    assert fingerprint(model.records) == fingerprint(simulate(seed=1).records)


def test_luck_drawn_without_compiled_code_is_the_same():
    model = PlainBubbleModel(SMALL, months=6, rng=3, luck_compiled=False)
    model.run_for(6)
    assert fingerprint(model.records) == fingerprint(simulate(SMALL, months=6, seed=3).records)


def test_plain_agents_and_rows_agree_under_other_shocks():
    shocks = (Change(parameter="loan_rate", value=0.12, month=5),)
    model = PlainBubbleModel(SMALL, shocks=shocks, months=12)
    model.run_for(12)
    assert fingerprint(model.records) == fingerprint(simulate(SMALL, shocks=shocks, months=12).records)


def test_plain_agents_are_ordinary_mesa_agents():
    model = PlainBubbleModel(SMALL, months=2)
    operators = [kind for kind in model.agents_by_type if kind.__name__ == "Operator"]
    agent = next(iter(model.agents_by_type[operators[0]]))
    assert isinstance(agent, mesa.Agent)
    assert type(agent.cash) is float
    assert type(agent.stage) is int
    assert "cash" in vars(agent)


def test_numbers_stay_pythons_own():
    # An np.float64 that leaks into an agent costs speed and hides a division by zero.
    model = PlainBubbleModel(SMALL, months=8)
    model.run_for(8)
    kinds = {type(value) for agent in model.agents for name, value in vars(agent).items() if name != "model"}
    assert kinds <= {int, float, bool, type(None)}


def test_rules_are_replaced_on_plain_agents_too():
    def frozen_rent(operator, market, p):
        return operator.rent

    model = PlainBubbleModel(SMALL, months=6, rules=Rules(next_rent=frozen_rent))
    model.run_for(6)
    other = PlainBubbleModel(SMALL, months=6)
    other.run_for(6)
    assert not model.running
    assert model.records.measures["rent_per_server"][-1] != pytest.approx(other.records.measures["rent_per_server"][-1])


def test_a_mechanism_that_is_left_out_is_left_out_of_plain_agents_too():
    rules = Rules(without=["circular_finance"])
    model = PlainBubbleModel(SMALL, months=8, rng=3, rules=rules)
    model.run_for(8)
    run = Simulation(SMALL, months=8, seed=3, rules=rules, interpreted=True)
    run.advance(8)
    assert fingerprint(model.records) == fingerprint(run.records)
    assert fingerprint(model.records) != fingerprint(simulate(SMALL, months=8, seed=3).records)
