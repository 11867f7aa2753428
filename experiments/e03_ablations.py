"""Ablations: the bubble without one mechanism at a time, each point with its twin without the shock."""

from bubble_abm import Experiment
from bubble_abm.observe.outcomes import VERDICTS

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
        "no circular finance": {"circular_share": 0},
        "no fire sales": {"fire_sale_speed": 0},
        "one class of chips": {"chip_classes": 1},
        "no fear of successors": {"successor_fear": 0},
        "used chips unseen": {"glut_weight": 0},
        "later answer of the state": {"late_brake": 0.9, "late_gate": 0.4, "resale_network": 0.8, "hand_over": 0.3},
        "vouchers": {"voucher_pot": 50e6},
        "harvesters": {"harvester_share": 0.3},
        "harvesters, paid on use": {"harvester_share": 0.3, "forecast_checks": 0.3, "subsidy_on_use": 1},
        "harvesters, paid on invented use": {
            "harvester_share": 0.3, "forecast_checks": 0.3, "subsidy_on_use": 1, "gaming_share": 0.8,
        },
        "tenants without a use": {"non_user_share": 0.2},
        "contracts with prepayment and penalty": {
            "contract_prepayment": 0.6, "contract_penalty": 0.3, "break_penalty": 0,
        },
        "application firms": {"application_firms": 600},
        "enterprises": {"enterprise_share": 0.05},
        "delays and development teams": {"latency_weight": 1, "bare_engineering": 0.4},
        "the same, and conversions": {"latency_weight": 1, "bare_engineering": 0.4, "conversion_rate": 0.1},
        "the same, and users who mind": {
            "latency_weight": 1, "bare_engineering": 0.4, "conversion_rate": 0.1, "fitness_elasticity": 1,
        },
        "every site suitable": {
            "interior_suitability": 0.9, "inexperienced_skill": 1, "inexperienced_engineering": 1,
            "lemons_discount": 0,
        },
    },
    seeds=100,
    outcomes=(
        "popped", "pop_month", "bubble_months", "rent_peak", "rent_drawdown", "rent_end", "chip_price_peak",
        "idle_share", "idle_share_peak", "announced", "completed", "bankruptcies", "failures", "gpu_months_idle",
        "gpu_months_leased", "public_cost", "loans_written_off", *VERDICTS, "rent_fall", "rent_fall_area",
        "idle_rise_area",
    ),
    quick={"seeds": 3},
)  # fmt: skip
