"""Every lever moves what it should in the direction that economics says, over paired seeds that share their luck.

No size is asserted: those are what calibration and experiments are about.
"""

# ruff: noqa: E501 - a case is a line, a sentence is a name

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest

from bubble_abm.economy.shocks import Shock
from bubble_abm.engine.simulation import simulate
from bubble_abm.paper.plain import plain

SEEDS = range(1, 9)
MONTHS = 48
Outcome = Callable[[np.ndarray], float]


@cache
def runs(values: tuple[tuple[str, float], ...], shocks: tuple[Shock, ...] = ()) -> list[np.ndarray]:
    """Measures of one run per seed, without the efficiency shock unless it is given."""
    parameters = plain(**dict(values))
    return [simulate(parameters, shocks=shocks, months=MONTHS, seed=seed).records.measures for seed in SEEDS]


def moves(low: list[np.ndarray], high: list[np.ndarray], outcome: Outcome, sign: int) -> None:
    """The mean over seeds moves in the direction given, by more than its standard error, and so do most of the seeds."""
    change = sign * np.array([outcome(more) - outcome(less) for less, more in zip(low, high, strict=True)])
    error = change.std(ddof=1) / np.sqrt(len(change))
    assert change.mean() > error, f"moved by {sign * change.mean():.4g} +- {error:.2g}"
    assert (change > 0).sum() >= 6, f"in {(change > 0).sum()} of {len(change)} seeds"


def last(measure: str, month: int = MONTHS - 1) -> Outcome:
    return lambda series: series[measure][month]


def highest(measure: str) -> Outcome:
    return lambda series: series[measure].max()


def lowest(measure: str, first: int = 20) -> Outcome:
    return lambda series: series[measure][first:].min()


def mean(measure: str, first: int = 24) -> Outcome:
    return lambda series: series[measure][first:].mean()


def total(measure: str) -> Outcome:
    return lambda series: series[measure].sum()


ended = lambda series: series["projects_bankrupt"][-1] + series["projects_taken_over"][-1]  # noqa: E731

LEVERS = [
    ("herding draws investors in", "herding", 1.0, 6.0, last("projects_announced"), +1),
    ("the call draws investors in", "call_weight", 0.5, 3.5, last("projects_announced"), +1),
    ("subsidies draw investors in at first", "maximum_subsidy", 0.0, 0.5, last("projects_announced", 12), +1),
    ("extrapolation of the rising rent draws investors in at first", "extrapolation", 0.0, 3.0, last("projects_announced", 12), +1),
    ("who neglects rivals completes more", "competition_neglect", 0.3, 1.0, last("projects_completed"), +1),
    ("who neglects rivals is disappointed", "competition_neglect", 0.3, 1.0, mean("idle_share_new"), +1),
    ("brokers get sites announced", "broker_bias", 0.0, 0.35, last("projects_announced", 24), +1),
    ("a higher hurdle keeps sites from being announced", "hurdle", 1.0, 2.2, last("projects_announced", 24), -1),
    ("debt ruins", "leverage", 0.4, 0.8, ended, +1),
    ("rescues save", "rescue_probability", 0.0, 0.3, ended, -1),
    ("deep pockets save", "deep_pocket_share", 0.0, 0.8, ended, -1),
    ("able interior sites are let", "interior_suitability", 0.05, 0.9, mean("utilisation_interior"), +1),
    ("a ban that closes more channels makes chips dearer", "ban_channel_cut", 0.0, 0.95, highest("gpu_price"), +1),
    ("a higher risk makes chips dearer", "risk_premium", 0.05, 0.4, highest("gpu_price"), +1),
    ("who holds out keeps the rent up", "hold_out", 0.0, 1.3, lowest("rent_per_server"), +1),
    ("who holds out stands empty", "hold_out", 0.0, 1.3, mean("idle_share_new"), +1),
    ("growing use fills sites", "inference_trend", 0.01, 0.07, mean("idle_share_new"), -1),
    ("long contracts keep tenants away from falling rents: the average contract lags", "contract_length", 3.0, 18.0,
     lambda series: np.abs(np.log(series["contract_rent_per_server"] / series["rent_per_server"])).mean(), +1),
    ("news brings newcomers in", "news_rate", 0.0, 0.2, last("projects_announced"), +1),
    ("ambitious provinces build", "ambition", 0.0, 3.0, last("completed_public"), +1),
    ("who may have several projects announces more", "most_projects", 1.0, 6.0, last("projects_announced"), +1),
    ("what is announced for show is seldom built", "show_share", 0.0, 0.8,
     lambda series: series["projects_completed"][-1] / series["projects_announced"][-1], -1),
    ("the programme of 2022 opens first", "first_projects", 10.0, 80.0, last("projects_completed", 17), +1),
    ("large public halls take their time", "public_building_time", 10.0, 22.0, last("completed_public", 30), -1),
    ("capital from the state keeps sites under construction", "state_capital", 0.0, 1.0, total("projects_building"), +1),
    ("and costs the state", "state_capital", 0.0, 1.0, total("public_spending"), +1),
    ("owners who want more for their money stop paying", "refusal", 0.0, 3.0, total("projects_paused"), +1),
    ("strict lenders stop paying", "lender_strictness", 0.0, 3.0, total("projects_paused"), +1),
    ("and fewer sites are finished", "lender_strictness", 0.0, 3.0, last("projects_completed"), -1),
    ("who wants a longer runway asks for money more often", "round_runway", 3.0, 24.0, total("funding_rounds"), +1),
]  # fmt: skip


@pytest.mark.parametrize(
    ("lever", "low", "high", "outcome", "sign"), [case[1:] for case in LEVERS], ids=[case[0] for case in LEVERS]
)
def test_a_lever_moves_what_it_should(lever: str, low: float, high: float, outcome: Outcome, sign: int) -> None:
    moves(runs(((lever, low),)), runs(((lever, high),)), outcome, sign)


def test_who_waits_until_his_own_sites_are_full_builds_less() -> None:
    """At the defaults few able sponsors have a second site to wait with; here most sponsors are able."""
    able = (("able_share", 0.6), ("public_share", 0.1), ("start_hurdle", 0.3), ("reluctance", 0.0))
    ready, waiting = (runs((*able, ("expansion_fill", fill))) for fill in (0.4, 1.0))
    moves(ready, waiting, last("projects_announced"), -1)


# --- The efficiency shock -----------------------------------------------------------------------------------------------------


def per_trainer(series: np.ndarray) -> float:
    """Compute leased for pre-training by the average startup that trains, once most have adopted."""
    return float((series["training_gpus"] / np.maximum(series["startups_pretraining"], 1.0))[30:].mean())


@pytest.mark.parametrize(
    ("elasticity", "sign"), [(0.5, -1), (1.5, +1)], ids=["inelastic: it saves compute", "elastic: it takes more"]
)
def test_a_closed_efficient_model_works_on_trainers_through_their_elasticity(elasticity: float, sign: int) -> None:
    values = (("round_size", 2e8), ("training_elasticity", elasticity))  # money must not be the limit
    shock = Shock(efficiency=8.0, openness=0.0, imitation=0.0, month=20)
    moves(runs(values), runs(values, (shock,)), per_trainer, sign)


def test_open_weights_take_startups_out_of_pre_training() -> None:
    closed, open_weights = (runs((), (Shock(efficiency=4.0, openness=openness, month=20),)) for openness in (0.0, 0.9))
    moves(closed, open_weights, last("startups_pretraining"), -1)
    moves(closed, open_weights, last("startups_open_weights"), +1)


def test_imitation_spreads_an_open_model_faster() -> None:
    slow, fast = (
        runs((), (Shock(efficiency=4.0, openness=0.5, imitation=imitation, month=20),)) for imitation in (0.0, 1.5)
    )
    moves(slow, fast, lambda series: series["adopters"][20:36].mean(), +1)


def test_funds_that_watch_leave_those_who_pre_train() -> None:
    shock = (Shock(efficiency=4.0, openness=0.9, imitation=0.8, month=20),)
    blind, watching = (runs((("fund_attention", strength),), shock) for strength in (0.0, 2.0))
    moves(blind, watching, last("startups_pretraining", 35), -1)


def test_the_shock_does_not_touch_rents_beliefs_or_finance_by_itself() -> None:
    """In the month of the release only adopters' demand has changed: prices of that month follow from last month's."""
    none, shock = runs(()), runs((), (Shock(efficiency=12.0, openness=0.95, imitation=1.5, month=20),))
    for before, after in zip(none, shock, strict=True):
        for measure in (
            "gpu_price",
            "funding_climate",
            "mean_subsidy",
            "central_call",
            "projects_announced",
            "subsidies_paid",
        ):
            assert before[measure][20] == after[measure][20], measure
        assert before["adopters"][20] < 1.0
