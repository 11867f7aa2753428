"""The standard run with 200 seeds: the variation of boom and bust between seeds, and the effect of the shock."""

from bubble_abm import Experiment
from bubble_abm.observe.outcomes import FALLS, SHARE, VERDICTS

EXPERIMENT = Experiment(
    name="e01_baseline",
    question="How do boom and bust vary between seeds, and what does the shock add?",
    seeds=200,
    outcomes=(
        "popped", "pop_month", "rent_sign_month", "idle_sign_month", "announcements_sign_month", "distress_sign_month",
        "bubble_months", "rent_peak", "rent_drawdown", "rent_end", "chip_price_peak", "idle_share",
        "idle_share_peak", "announced", "completed", "cancelled", "bankruptcies", "failures", "gpu_months_idle",
        "subsidies", "public_cost", "loans_written_off", "startups_end", "pretraining_end",
        *VERDICTS, "pop_moved", "pop_after_shock", "verdict_agreement", *FALLS, *(fall + SHARE for fall in FALLS),
    ),
    series=(
        "rent_per_server", "gpu_price", "projects_announced", "projects_completed", "idle_share_new", "utilisation",
        "training_gpus", "inference_gpus", "startups_pretraining", "startups_open_weights", "projects_bankrupt",
        "operators_cash", "operators_debt", "ponzi_share", "mean_subsidy", "mean_markup", "smugglers_active",
        "smugglers_stock", "chips_sold_second_hand", "gpus_imported",
    ),
    quick={"seeds": 10},
)  # fmt: skip
