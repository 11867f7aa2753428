"""Policies: public cost and effects of each, with and without the shock, in every economy of the ensemble."""

from bubble_abm import Experiment
from bubble_abm.observe.outcomes import VERDICTS
from bubble_abm.study.ensemble import Ensemble

ECONOMIES = Ensemble.load().scenarios()

EXPERIMENT = Experiment(
    name="e04_policies",
    question="What does each policy cost the public, and what does it prevent?",
    scenarios={
        "standard": {},
        "no subsidy": {"maximum_subsidy": 0},
        "half of the subsidy on measured use": {"subsidy_on_use": 0.5},
        "subsidy on measured use": {"subsidy_on_use": 1},
        "the same, forecasts checked": {"subsidy_on_use": 1, "forecast_checks": 1},
        "public register, half complete": {"public_register": 0.5},
        "public register": {"public_register": 1},
        "approval where 40 % is used": {"approval_utilisation": 0.4},
        "approval where 60 % is used": {"approval_utilisation": 0.6},
        "half of the approvals in hubs only": {"hub_only": 0.5},
        "approval in hubs only": {"hub_only": 1},
        "debt up to 50 %": {"leverage_cap": 0.5},
        "debt up to 30 %": {"leverage_cap": 0.3},
        "liquidation": {"take_over_probability": 0},
        "take-over": {"take_over_mandate": 1},
        "late brake": {"late_brake": 0.9},
        "late gate where 40 % is used": {"late_gate": 0.4},
        "resale network": {"resale_network": 0.8},
        "hand-over to able operators": {"hand_over": 0.3},
        "late answer, all four": {
            "late_brake": 0.9, "late_gate": 0.4, "resale_network": 0.8, "hand_over": 0.3,
        },
        "vouchers at the signing": {"voucher_pot": 50e6},
        "vouchers on measured use": {"voucher_pot": 50e6, "voucher_on_use": 1},
        "no export control": {"export_control_strength": 0},
        "export control, half": {"export_control_strength": 0.5},
        "export control, half as much again": {"export_control_strength": 1.5},
    },
    economies=ECONOMIES,
    seeds=len(ECONOMIES),
    outcomes=(
        "popped", "pop_month", "bubble_months", "rent_peak", "rent_drawdown", "rent_end", "chip_price_peak",
        "idle_share", "idle_share_peak", "announced", "completed", "cancelled", "bankruptcies", "failures",
        "gpu_months_idle", "gpu_months_leased", "chips_smuggled", "startups_end", "subsidies", "public_cost",
        "loans_written_off", *VERDICTS, "rent_fall", "rent_fall_area", "idle_rise_area",
    ),
    quick={"seeds": 3},
)  # fmt: skip
