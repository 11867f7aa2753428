"""Ablations: the bubble without one mechanism at a time, each point with its twin without the shock.

Every seed is an economy of its own, a member of the ensemble. Most mechanisms act in all of them and are taken out;
those that no member has are put in.
"""

from bubble_abm import Experiment
from bubble_abm.observe.outcomes import VERDICTS
from bubble_abm.study.ensemble import Ensemble

ECONOMIES = Ensemble.load().scenarios()

EXPERIMENT = Experiment(
    name="e03_ablations",
    question="What does each mechanism do to the bubble, with and without the shock?",
    scenarios={
        "standard": {},
        "no herding": {"herding": 0},
        "no tournament": {"rank_weight": 0},
        "no subsidy": {"maximum_subsidy": 0},
        "all experienced": {"able_share": 1, "public_share": 0},
        "no extrapolation": {"extrapolation": 0},
        "no extrapolation by anybody": {"extrapolation": 0, "venture_extrapolation": 0},
        "no neglect": {"competition_neglect": 0},
        "nobody attentive": {"sponsor_attention": 0, "lender_attention": 0, "fund_attention": 0},
        "no lending standards": {"lender_strictness": 0, "lender_attention": 0},
        "no announcements for show": {"show_share": 0},
        "no public sponsors": {"public_share": 0},
        "no hold-out": {"hold_out": 0},
        "no ban": {"export_control_strength": 0},
        "no fire sales": {"fire_sale_speed": 0},
        "one class of chips": {"chip_classes": 1},
        "no fear of successors": {"successor_fear": 0},
        "used chips unseen": {"glut_weight": 0},
        "no circular finance": {"circular_share": 0},
        "no industry funds": {"industry_fund": 0},
        "no hoarding by dealers": {"hoarding": 0},
        "no chains of dealers": {"chain_secrecy": 0},
        "no halls equipped again": {"re_equipment": 0},
        "no harvesters": {"harvester_share": 0},
        "no tenants without a use": {"non_user_share": 0},
        "no prepayment, no penalties": {"contract_prepayment": 0, "contract_penalty": 0, "lessor_penalty": 0},
        "no contracts in petaflops": {"opaque_share": 0},
        "no time to search": {"search_time": 0},
        "debt priced in": {"debt_pricing": 1},
        "no switching off by fill": {"cost_to_cover": 0},
        "no enterprises": {"enterprise_share": 0},
        "every site with a team": {"bare_engineering": 1},
        "no conversions": {"conversion_rate": 0},
        "users who do not mind": {"fitness_elasticity": 0},
        "none of these mechanisms": {
            "circular_share": 0, "industry_fund": 0, "hoarding": 0, "chain_secrecy": 0, "re_equipment": 0,
            "harvester_share": 0, "non_user_share": 0, "contract_prepayment": 0, "contract_penalty": 0,
            "lessor_penalty": 0, "opaque_share": 0, "search_time": 0, "debt_pricing": 1, "cost_to_cover": 0,
            "enterprise_share": 0, "bare_engineering": 1, "conversion_rate": 0, "fitness_elasticity": 0,
        },
        "with delays": {"latency_weight": 1},
        "with platforms that serve themselves first": {"own_fleets": 1},
        "with the same, without capital spending": {"own_fleets": 1, "platform_plans": 0},
        "with users and tokens": {"potential_users": 700, "serving_progress": 0.1},
        "with users, tokens and own fleets": {"potential_users": 700, "serving_progress": 0.1, "own_fleets": 1},
        "with application firms": {"application_firms": 600},
        "with vouchers": {"voucher_pot": 50e6},
        "with a later answer of the state": {
            "late_brake": 0.9, "late_gate": 0.4, "resale_network": 0.8, "hand_over": 0.3,
        },
        "with harvesters paid on use": {"harvester_share": 0.3, "forecast_checks": 0.3, "subsidy_on_use": 1},
        "with harvesters paid on invented use": {
            "harvester_share": 0.3, "forecast_checks": 0.3, "subsidy_on_use": 1, "gaming_share": 0.8,
        },
        "every site suitable": {
            "interior_suitability": 0.9, "inexperienced_skill": 1, "inexperienced_engineering": 1,
            "lemons_discount": 0,
        },
    },
    economies=ECONOMIES,
    seeds=len(ECONOMIES),
    outcomes=(
        "popped", "pop_month", "bubble_months", "rent_peak", "rent_drawdown", "rent_end", "chip_price_peak",
        "idle_share", "idle_share_peak", "announced", "completed", "bankruptcies", "failures", "gpu_months_idle",
        "gpu_months_leased", "public_cost", "loans_written_off", *VERDICTS, "rent_fall", "rent_fall_area",
        "idle_rise_area",
    ),
    quick={"seeds": 3},
)  # fmt: skip
