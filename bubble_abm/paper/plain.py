"""A plain economy for looking at one mechanism at a time: all that can be neutral are, and it stays as it is.

The defaults are a member of an ensemble, in which most mechanisms act, and move with every new ensemble.
"""

from __future__ import annotations

from typing import Any

from bubble_abm.economy.parameters import Parameters

#: Values of all parameters that a calibration searches. They are the defaults of before there was an ensemble.
PLAIN: dict[str, float] = dict(
    public_share=0.245, able_share=0.158, show_share=0.442, first_news=0.368, news_rate=0.0935, extrapolation=0.966,
    growth_memory=0.2, believed_demand_growth=0.0636, competition_neglect=0.838, experienced_neglect=0.712,
    broker_bias=0.1, discount_spread=0.00274, obsolescence=0.00576, hurdle=1.44, choice_intensity=2.82, herding=4.33,
    ambition=2.16, public_reluctance=-1.93, show_value=-0.0661, call_weight=2.42, reluctance=-1.86,
    announcement_rate=0.0933, start_hurdle=0.66, newcomer_start_hurdle=0.747, cancellation_rate=0.0735,
    expansion_fill=0.814, refusal=1, deep_pocket_share=0.745, state_capital=0.573, maximum_subsidy=0.3,
    tournament_intensity=0.0352, fiscal_envelope=5.17e9, rescue_probability=0.03, brake_threshold=0.45,
    planning_time=3.19, building_time=7.65, public_building_time=14.3, able_building_time=8.57, median_size=2440,
    newcomer_size=0.716, able_size=1.85, other_capex=106_000, leverage=0.7, loan_tenor=42, idle_cost_share=0.12,
    rent_adjustment=0.152, hold_out=1.2, patience=9.71, interior_suitability=0.358, fire_sale_speed=0.08,
    foreign_chip_price=122_000, risk_premium=0.226, channel_capacity=11_700, normal_markup=0.0581,
    markup_adjustment=0.111, highest_markup=0.595, smuggler_entry_speed=2.09, glut_weight=0.571,
    ban_channel_cut=0.512, ban_loss=0.908, panic_orders=0.4, contract_length=4.88, startup_spread=0.909,
    startup_innovation=0.0221, startup_imitation=0.251, training_need=672, training_growth=0.00627,
    training_runway=15.6, training_elasticity=0.952, inference_base=22_500, inference_trend=0.0697,
    inference_elasticity=1.16, induced_inference=2.11, funding_rate=0.107, round_size=1.37e8,
    venture_extrapolation=1.75, application_weight=0.836, usual_growth=0.0266, startup_payroll=6.36e6,
    platform_fleet=372_000, platform_chip_share=0.776, platform_domestic=0.398, class_choice=1.47,
    domestic_terms=2.5, shock_efficiency=5.77, shock_openness=0.589, shock_imitation=0.701, first_rent=9810,
    installed_base=56_300, first_projects=34.5, harvester_share=0, sponsor_attention=0.573, lender_attention=1.94,
    fund_attention=0.313, attention_delay=2.72, circular_share=0.1, contract_prepayment=0, contract_penalty=0,
    lessor_penalty=0, conversion_rate=0, chain_secrecy=0, bare_engineering=1, fitness_elasticity=0,
    enterprise_share=0, hoarding=0, industry_fund=0, lender_strictness=1.38, non_user_share=0, opaque_share=0,
    debt_pricing=1, re_equipment=0, search_time=0, cost_to_cover=0,
)  # fmt: skip


def plain(**values: Any) -> Parameters:
    """Return the parameters of the plain economy, with other values of some."""
    return Parameters(**PLAIN | values)
