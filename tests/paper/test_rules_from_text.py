"""The formulas of docs/ODD.md, written again from the text, answer as the code does.

They are compared on the examples of the docking kit and on others around them: who changes a decision sees that the
description has to follow.
"""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable
from math import exp, log, tanh
from typing import Any

import pytest

from bubble_abm.economy.month import AMENDMENTS
from bubble_abm.engine.rules import standard_rules
from bubble_abm.paper.docking import FOLDER
from bubble_abm.paper.watched import ask

AS_CODED = standard_rules() | {amendment.__name__: amendment for _, amendment in AMENDMENTS}
PUBLIC, NEWCOMER, ABLE = range(3)
PLANNED, IDLE, PAUSED, H200 = 1, 4, 9, 3
AROUND = 40  # examples around each


class Row(dict[str, Any]):
    """What a rule was given of an agent; what it was not given is not a number, and spoils what depends on it."""

    def __getattr__(self, name: str) -> Any:
        return self.get(name, math.nan)


def clip(x: float, low: float, high: float) -> float:
    return min(max(x, low), high)


def annuity(rate: float, months: float) -> float:
    return (1 - (1 + rate) ** -months) / rate


# --- Section 7.1 ------------------------------------------------------------------------------------------------------


def horizon(sponsor: int, p: Any) -> float:
    means = {PUBLIC: p.public_building_time, NEWCOMER: p.building_time, ABLE: p.able_building_time}
    return p.planning_time + means[sponsor]


def expected_rent(investor: Any, market: Any, p: Any) -> float:
    months = horizon(investor.sponsor, p)
    growth = clip(market.rent_growth, -p.believed_growth, p.believed_growth)
    more = clip(market.demand_growth, -p.believed_demand_growth, p.believed_demand_growth)
    supply = 1 + (1 - investor.neglect) * market.pipeline / market.installed
    demand = exp(investor.experienced * more * months)
    seen = market.rent if investor.experienced else market.contract_rent
    trend = exp(investor.extrapolation * growth * months / p.trend_horizon)
    return seen * trend * (demand / supply) ** (1 / (p.other_elasticity + p.training_elasticity))


def expected_utilisation(investor: Any, market: Any, p: Any) -> float:
    if not investor.experienced:
        return min(market.utilisation * (1 + p.broker_bias), p.believed_utilisation)
    own = investor.gpus_leased / investor.gpus_installed if investor.gpus_installed > 0 else 0
    return min(max(market.utilisation, own), p.believed_utilisation)


def discount_rate(investor: Any, p: Any) -> float:
    return p.loan_rate / 12 + p.discount_spread + (p.obsolescence if investor.experienced else 0)


def present_value(investor: Any, cost: float, subsidy: float, market: Any, p: Any) -> float:
    margin = expected_utilisation(investor, market, p) * expected_rent(investor, market, p) - p.running_cost
    return annuity(discount_rate(investor, p), p.investment_horizon) * margin


def profitability(investor: Any, subsidy: float, market: Any, p: Any) -> float:
    cost = market.chip_price + p.other_capex
    return present_value(investor, cost, subsidy, market, p) / (cost * (1 - subsidy))


# --- Sections 7.2 and 7.3 ---------------------------------------------------------------------------------------------


def considers_project(investor: Any, market: Any, p: Any) -> bool:
    if not market.news >= investor.news_needed or investor.projects >= p.most_projects:
        return False
    if investor.sponsor == PUBLIC:
        return investor.under_way < p.most_under_way
    full = investor.gpus_leased >= p.expansion_fill * investor.gpus_installed
    if investor.sponsor == ABLE:
        return full and investor.under_way < p.most_under_way
    return full and investor.under_way == 0 and investor.failed == 0


def goes_ahead(investor: Any, index: float, p: Any) -> bool:
    if investor.sponsor == PUBLIC:
        return True
    return index > (p.start_hurdle if investor.experienced else p.newcomer_start_hurdle) * p.hurdle


def announcement_hazard(investor: Any, rank_gap: float, centre: Any, p: Any) -> float:
    if investor.sponsor == PUBLIC:
        reason = p.public_reluctance + p.ambition * rank_gap
    elif investor.earnest:
        reason = p.reluctance + p.choice_intensity * log(max(investor.profitability, 0.01) / p.hurdle)
    else:
        reason = p.reluctance + p.show_value
    utility = reason + p.herding * investor.social + p.call_weight * centre.call + investor.taste
    return p.announcement_rate / (1 + exp(-utility))


def cancellation_hazard(investor: Any, pays: bool, p: Any) -> float:
    relative = p.cancellation_if_paying if pays else p.cancellation_if_losing
    return p.cancellation_rate * (relative if investor.earnest else 1)


def building_time(sponsor: int, p: Any, pace: float) -> float:
    mean = horizon(sponsor, Row(p, planning_time=0))
    return max(mean * (1 + p.building_spread * (2 * pace - 1)), p.shortest_building)


def lends_by_standards(lends: bool, operator: Any, market: Any, p: Any, luck: Any) -> bool:
    if operator.sponsor == PUBLIC:
        return lends
    if operator.stage == PAUSED:
        return luck.lend < p.resumption_rate * exp(-market.strain)
    return not luck.lend < p.refusal_rate * (1 - exp(-market.strain))


def next_subsidy(province: Any, centre: Any, p: Any) -> float:
    ambition = centre.call * (p.base_ambition + p.rank_weight * province.rank_gap)
    strain = p.fiscal_strain * province.outlay / province.envelope
    fading = p.subsidy_fading if centre.call < p.weak_call else 0
    return clip(province.subsidy + p.tournament_intensity * (ambition - strain) - fading, 0, p.maximum_subsidy)


# --- Section 7.4 ------------------------------------------------------------------------------------------------------


def control(smuggler: Any, p: Any) -> float:
    return p.control_h200 if smuggler.chip == H200 else p.export_control


def landed_cost(smuggler: Any, p: Any) -> float:
    costs = p.risk_premium * control(smuggler, p) + smuggler.layers * p.layer_margin + p.tariff
    return smuggler.foreign_price * (1 + costs)


def gpus_to_order(operator: Any, market: Any, p: Any) -> float:
    wanted = operator.gpus_planned * (p.panic_orders * market.panic if operator.stage == PLANNED else 1)
    lacking = wanted - operator.gpus_installed - operator.gpus_on_order
    return lacking if lacking >= 1 else 0


def gpus_to_import(smuggler: Any, p: Any) -> float:
    if smuggler.markup < p.import_markup:
        return 0
    target = p.stock_target * (smuggler.backlog + smuggler.expected_orders)
    most = min(smuggler.capacity, smuggler.cash / smuggler.landed_cost)
    return clip(target - smuggler.inventory - smuggler.in_transit, 0, most)


def next_markup(smuggler: Any, rivals: float, fear: float, p: Any, luck: Any) -> float:
    supply = smuggler.inventory - smuggler.withheld + smuggler.in_transit + p.glut_weight * rivals
    tightness = tanh(log((smuggler.backlog + p.order_scale) / (supply + p.order_scale)) - fear)
    reversion = p.markup_reversion * (smuggler.markup - p.normal_markup) if smuggler.backlog <= supply else 0
    reversion *= 1 + tightness if reversion < 0 else 1
    moved = smuggler.markup + p.markup_adjustment * tightness - reversion + p.markup_noise * (luck.markup - 0.5)
    return clip(moved, p.lowest_markup, p.highest_markup)


def next_capacity(smuggler: Any, p: Any) -> float:
    excess = smuggler.markup - p.normal_markup
    if excess <= 0:
        return smuggler.capacity - p.channel_reversion * (smuggler.capacity - smuggler.normal_capacity)
    grown = smuggler.capacity * (1 + min(p.smuggler_entry_speed * excess, p.fastest_growth))
    return max(min(grown, smuggler.cash / smuggler.landed_cost), smuggler.capacity)


def used_chips_wanted(smuggler: Any, price: float, p: Any) -> float:
    held = smuggler.inventory + smuggler.in_transit
    saleable = p.resale_months * smuggler.expected_orders + smuggler.backlog - held
    return max(min(saleable, (smuggler.cash - smuggler.prepaid) / price), 0)


# --- Sections 7.5 and 7.6 ---------------------------------------------------------------------------------------------


def funding_climate(market: Any, p: Any) -> float:
    weight = p.application_weight
    growth = weight * market.inference_growth + (1 - weight) * market.demand_growth - p.usual_growth
    return clip(1 + p.climate_horizon * p.venture_extrapolation * growth, p.lowest_climate, p.highest_climate)


def runway(startup: Any, p: Any) -> float:
    return p.round_runway * (p.startup_payroll * startup.relative_size + startup.rent_paid)


def inference_wanted(market: Any, p: Any) -> float:
    months = p.inference_fading * (1 - exp(-p.month / p.inference_fading))
    served = 1 + (p.induced_inference - 1) * market.serving
    pull = market.service_price**-p.inference_elasticity / market.efficiency * served
    trend = p.inference_base * p.scale * exp(p.inference_trend * months)
    return trend * pull * (1 + p.application_bottleneck) / (pull + p.application_bottleneck)


def lease_pull(suitability: float, compute: float, operator: Any, market: Any, p: Any) -> float:
    shunned = 1 - p.lemons_discount if operator.quality == 1 else 1
    return suitability * compute * shunned * (operator.rent / compute / market.rent) ** -p.rent_sensitivity


# --- Sections 7.7 and 7.8 ---------------------------------------------------------------------------------------------


def leased(operator: Any) -> float:
    return operator.training_leased + operator.inference_leased


def going_rent(operator: Any, market: Any) -> float:
    return operator.best_chips * (market.secondary_rent if operator.quality == 1 else market.prime_rent)


def debt_service(operator: Any, p: Any) -> float:
    return operator.debt * p.loan_rate / 12 + min(operator.principal, operator.debt)


def band(operator: Any, part: float, p: Any) -> float:
    return operator.running_cost + part * p.hold_out * debt_service(operator, p) / operator.gpus_planned


def reservation_rent(operator: Any, purse: float, market: Any, p: Any) -> float:
    if operator.incumbent:
        return max(operator.running_cost, p.incumbent_floor * market.replacement_rent * min(p.hold_out, 1))
    burn = p.standby_cost_share * operator.running_cost * operator.gpus_installed + debt_service(operator, p)
    held_out = min((operator.cash + purse) / burn / p.patience, 1)
    service = debt_service(operator, p) / operator.gpus_planned
    most = max(operator.best_chips * market.replacement_rent - operator.running_cost, 0)
    return max(operator.running_cost + min(p.hold_out * held_out * service / p.natural_occupancy, most), 0)


def next_rent(operator: Any, market: Any, p: Any) -> float:
    pressure = tanh((leased(operator) / operator.gpus_installed - p.natural_occupancy) / p.occupancy_width)
    drift = p.rent_anchoring * log(going_rent(operator, market) / operator.rent)
    asked = operator.rent * exp(p.rent_adjustment * pressure + drift)
    abroad = p.rent_abroad * operator.best_chips * market.replacement_rent
    return max(operator.reservation_rent, min(asked, abroad))


def operating_cost(operator: Any, p: Any) -> float:
    if operator.stage == IDLE:
        return p.idle_cost_share * operator.running_cost * operator.gpus_installed
    free = operator.gpus_installed - leased(operator)
    return operator.running_cost * (leased(operator) + p.standby_cost_share * free)


def dividend(operator: Any, p: Any) -> float:
    months = operator.running_cost * operator.gpus_installed + debt_service(operator, p)
    spare = operator.cash - p.dividend_reserve * months - operator.unearned_rent
    return max(p.operator_payout * spare, 0)


FROM_TEXT: dict[str, Callable[..., Any]] = {
    each.__name__: each
    for each in (
        expected_rent, expected_utilisation, discount_rate, present_value, profitability, considers_project,
        goes_ahead, announcement_hazard, cancellation_hazard, building_time, lends_by_standards, next_subsidy,
        landed_cost, gpus_to_order, gpus_to_import, next_markup, next_capacity, used_chips_wanted, funding_climate,
        inference_wanted, lease_pull, reservation_rent, next_rent, operating_cost, dividend,
    )
}  # fmt: skip


def variations(given: Any, luck: random.Random) -> Any:
    """The same input with other numbers; whole ones, kinds and flags, stay."""
    if isinstance(given, dict):
        return {name: variations(value, luck) for name, value in given.items()}
    return given * exp(luck.uniform(-1.5, 1.5)) if isinstance(given, float) else given


def as_rows(given: dict[str, Any]) -> dict[str, Any]:
    return {name: Row(value) if isinstance(value, dict) else value for name, value in given.items()}


@pytest.mark.parametrize("name", FROM_TEXT)
def test_the_formula_answers_as_the_code(name: str) -> None:
    luck, compared = random.Random(1), 0
    for example in json.loads((FOLDER / "rules.json").read_text(encoding="utf-8"))[name]:
        assert FROM_TEXT[name](**as_rows(example["given"])) == pytest.approx(example["answer"], rel=1e-9)
        for _ in range(AROUND):
            given = variations(example["given"], luck)
            try:
                answer = ask(AS_CODED[name], given)
            except (AttributeError, KeyError):
                continue  # another case, for which the example has no columns
            assert FROM_TEXT[name](**as_rows(given)) == pytest.approx(answer, rel=1e-9), given
            compared += 1
    assert compared >= AROUND
