"""Views: columns as attributes that read and write rows; nothing else may hide in them."""

import numpy as np
import pytest

from bubble_abm import BubbleModel, Investor, LocalGovernment, Operator, Startup
from bubble_abm.economy.agents.operator import BANKRUPT, CANCELLED, PLANNED
from bubble_abm.engine.rules import standard_rules
from bubble_abm.engine.views import VIEWS
from tests.small import SMALL


@pytest.fixture
def model():
    model = BubbleModel(SMALL, rng=1, months=24)
    model.run_for(20)
    return model


@pytest.mark.parametrize("kind", VIEWS, ids=lambda kind: kind.__name__)
def test_every_column_is_read_and_written_through(model, kind):
    agent = next(iter(model.agents_by_type[kind]))
    for name, column in kind.columns.items():
        value = getattr(agent, name)
        assert type(value) is {"int": int, "float": float}[column.kind]
        setattr(agent, name, value + 1)
        assert agent.record[name] == getattr(agent, name) == value + 1


@pytest.mark.parametrize("kind", VIEWS, ids=lambda kind: kind.__name__)
def test_repr_is_one_line_with_kind_and_number(model, kind):
    text = repr(next(iter(model.agents_by_type[kind])))
    assert text.startswith(f"<{kind.__name__} ")
    assert "\n" not in text


def test_the_month_sees_what_was_written():
    models = [BubbleModel(SMALL, rng=1, months=3) for _ in range(2)]
    for agent in models[0].agents_by_type[Operator]:
        agent.rent *= 2.0
    for model in models:
        model.step()
    assert models[0].rent_per_server > 1.5 * models[1].rent_per_server


def test_the_docstring_is_meaning_and_unit():
    assert Operator.rent.__doc__ == "Posted rent [CNY/(GPU month)]."


def test_an_int_column_takes_whole_numbers_only(model):
    agent = next(iter(model.agents_by_type[Operator]))
    with pytest.raises(TypeError):
        agent.stage = 2.5
    agent.stage = np.int32(PLANNED)
    assert agent.stage_name == "planned"


def test_a_misspelt_column_cannot_be_read(model):
    with pytest.raises(AttributeError):
        _ = next(iter(model.agents_by_type[Operator])).rnet


def test_owner_project_and_province_lead_to_each_other(model):
    sites = list(model.agents_by_type[Operator])
    latest = {site.announcer: site for site in sorted(sites, key=lambda site: site.id) if not site.incumbent}
    assert any(site.investor.project is not site for site in sites)  # somebody has two
    for site in sites:
        assert site.investor.id == site.owner
        assert site.local_government in model.agents_by_type[LocalGovernment]
    for investor in model.agents_by_type[Investor]:
        if investor.project is not None:
            assert investor.project is latest[investor.id]
    idle = {agent.id for agent in model.agents_by_type[Investor] if agent.project is None}
    assert idle
    ended = {row.announcer for row in model.world.operators if row.stage in (CANCELLED, BANKRUPT)}
    assert not (idle - ended) & latest.keys()


def test_a_site_that_the_state_has_taken_over_has_no_investor(model):
    site = next(iter(model.agents_by_type[Operator]))
    site.owner = -1
    assert site.investor is None


def test_provinces_have_names(model):
    names = model.agents_by_type[LocalGovernment].get("name")
    assert len(set(names)) == 31
    assert "Guizhou" in names


@pytest.mark.parametrize("rule", ["next_rent", "profitability", "closes_down"])
def test_a_method_named_like_a_rule_is_refused(rule):
    assert rule in standard_rules()
    with pytest.raises(TypeError, match=rf"write BubbleModel\(rules=Rules\({rule}=...\)\)"):
        type("Mine", (Startup,), {rule: lambda self: 0.0})


def test_a_model_with_a_method_named_like_a_rule_is_refused():
    with pytest.raises(TypeError, match="next_rent"):
        type("Mine", (BubbleModel,), {"next_rent": lambda self: 0.0})


def test_a_subclass_with_other_methods_is_shown_by_a_model_that_names_it():
    class Site(Operator):
        def margin(self):
            return self.rent - self.running_cost

    class Mine(BubbleModel):
        views = tuple(Site if kind is Operator else kind for kind in VIEWS)

    model = Mine(SMALL, rng=1, months=2)
    assert model.agents_by_type[Site].agg("rent", np.mean) > 0.0
    assert all(site.margin() > 0.0 for site in model.agents_by_type[Site])
