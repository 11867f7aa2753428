"""Shares of variance of groups of parameters: expectations, state, black market, demand, sites, shock."""

from bubble_abm.study.sensitivity.study import study

#: Groups of all uncertain parameters.
GROUPS = {
    "expectations": (
        "inexperienced_share", "extrapolation", "growth_memory", "competition_neglect", "broker_bias", "herding",
        "choice_intensity", "hurdle", "rule_switching",
    ),
    "state": ("call_weight", "maximum_subsidy", "tournament_intensity", "rescue_probability", "brake_threshold"),
    "black market": (
        "risk_premium", "smuggler_entry_speed", "markup_adjustment", "ban_channel_cut", "panic_orders",
    ),
    "demand": (
        "training_elasticity", "inference_trend", "inference_elasticity", "induced_inference",
        "venture_extrapolation", "circular_share",
    ),
    "sites": (
        "planning_time", "building_time", "leverage", "loan_tenor", "deep_pocket_share", "rent_adjustment", "hold_out",
        "contract_length", "interior_suitability", "fire_sale_speed",
    ),
    "shock": ("shock_efficiency", "shock_openness", "shock_imitation", "shock_month"),
}  # fmt: skip

EXPERIMENT = study(
    "sobol",
    name="e09_groups",
    question="How much of the variance is due to expectations, state, black market, demand, sites and shock?",
    groups=GROUPS,
    samples=1024,
    seeds=4,
    quick={"samples": 16, "seeds": 2},
)
