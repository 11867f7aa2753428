"""A few runs in detail: all flows between sectors, balance sheets and provinces in every month."""

from bubble_abm import Experiment

EXPERIMENT = Experiment(
    name="e08_anatomy",
    question="Who trades with whom, who lost the money, and where is capacity idle?",
    seeds=20,
    outcomes=("popped", "pop_month", "completed", "idle_share", "bankruptcies", "loans_written_off", "public_cost"),
    series=("rent_per_server", "idle_share_new", "prepayments_lost", "flows", "balances", "provinces"),
    quick={"seeds": 4},
)
