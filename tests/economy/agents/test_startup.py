"""Startups: founding, funding, the compute they want, adoption, the end."""

# ruff: noqa: E501 - a case is a line, a sentence is a name

from __future__ import annotations

import math

from bubble_abm.economy.agents.startup import APPLICATION, DEAD, NOT_FOUNDED, OPEN_WEIGHTS, PRETRAINING, StartupRow
from bubble_abm.economy.markets.signals import Market
from tests.economy.agents.cases import Case, check, given, table
from tests.worlds import filled


def startup(**values: float) -> object:
    return filled(
        StartupRow,
        **({"state": PRETRAINING, "relative_size": 2, "efficiency": 1, "usual_efficiency": 1, "cash": 1e12} | values),
    )


def market(**values: float) -> object:
    return filled(Market, **({"rent": 10_000, "efficiency": 1, "service_price": 1, "funding_climate": 1} | values))


def training(**values: float) -> object:
    return given(
        **(
            {
                "training_need": 50,
                "training_growth": 0.1,
                "training_elasticity": 1.0,
                "first_rent": 10_000,
                "training_growth_time": 24.0,
                "training_runway": 12.0,
                "shock_training": 1.0,
            }
            | values
        )
    )


def inference(**values: float) -> object:
    return given(**({"inference_base": 2_000, "scale": 1, "inference_trend": 0.0, "inference_fading": 1e12, "month": 0, "inference_elasticity": 1.0,
                     "induced_inference": 2.0, "application_bottleneck": 6.0} | values))  # fmt: skip


INNOVATORS = given(adoption_innovation=0.05)
BASS = given(startup_innovation=0.006, startup_imitation=0.4, founding_climate=1.2)
VENTURE = given(venture_extrapolation=2.0, climate_horizon=6.0, lowest_climate=0.15, highest_climate=2.2,
                application_weight=0.75, usual_growth=0.02)  # fmt: skip
# A firm twice the median size needs 24 times 2 * 10 of wages and what rent it pays.
FUNDS = given(funding_rate=0.1, round_runway=24.0, startup_payroll=10.0, startup_payout=0.1)
THREEFOLD = given(open_weights_inference=3.0)
HALF_A_YEAR = given(startup_grace=6.0)
CASES = [
    *(Case("is_active", f"state {state}", (startup(state=state),), state in (PRETRAINING, OPEN_WEIGHTS, APPLICATION)) for state in range(5)),
    Case("sales", "the rent and a quarter", (startup(), 1_000.0, market(), given(inference_margin=1.25)), 1_250.0),
    Case("founding_hazard", "innovators alone", (0.0, market(funding_climate=1), BASS), 0.006),
    Case("founding_hazard", "half have been founded", (0.5, market(funding_climate=1), BASS), 0.206),
    Case("founding_hazard", "a fifth more in a hot climate, no more", (0.5, market(funding_climate=2.2), BASS), 0.2472),
    Case("founding_hazard", "half in a cold one", (0.5, market(funding_climate=0.5), BASS), 0.103),
    Case("funding_climate", "neutral at the usual growth", (market(inference_growth=0.02, demand_growth=0.02), VENTURE), 1.0),
    Case("funding_climate", "three quarters for applications", (market(inference_growth=0.04, demand_growth=0.02), VENTURE), 1.18),
    Case("funding_climate", "one for all demand", (market(inference_growth=0.02, demand_growth=0.04), VENTURE), 1.06),
    Case("funding_climate", "cool without growth", (market(), VENTURE), 0.76),
    Case("funding_climate", "the rent is no concern", (market(inference_growth=0.02, demand_growth=0.02, rent_growth=-0.5), VENTURE), 1.0),
    Case("funding_climate", "no hotter than 2.2", (market(inference_growth=0.5), VENTURE), 2.2),
    Case("funding_climate", "no colder than 0.15", (market(inference_growth=-0.5), VENTURE), 0.15),
    Case("runway", "two years of wages", (startup(), FUNDS), 480.0),
    Case("runway", "and of rent", (startup(rent_paid=5), FUNDS), 600.0),
    Case("round_hazard", "half the hazard in a cool climate", (startup(cash=0), market(funding_climate=0.5), FUNDS), 0.05),
    Case("round_hazard", "as long as the money does not last for two years", (startup(cash=479), market(), FUNDS), 0.1),
    Case("round_hazard", "none when it does", (startup(cash=480), market(), FUNDS), 0.0),
    Case("round_hazard", "rent shortens it", (startup(cash=599, rent_paid=5), market(), FUNDS), 0.1),
    Case("profit_paid_out", "a tenth of what is not needed", (startup(cash=680), FUNDS), 20.0),
    Case("profit_paid_out", "nothing out of the runway", (startup(cash=480), FUNDS), 0.0),
    Case("round_raised", "by size and luck", (startup(), given(round_size=100.0, round_spread=0.5), given(round_size=0.25)), 150.0),
    Case("training_wanted", "the need at the first rent", (startup(), market(), training()), 100.0),
    Case("training_wanted", "grows with age", (startup(age=10), market(), training()), 100 * math.e),
    Case("training_wanted", "for two years", (startup(age=30), market(), training()), 100 * math.exp(2.4)),
    Case("training_wanted", "twice the rent, half the need", (startup(), market(rent=20_000), training()), 50.0),
    Case("training_wanted", "four times as efficient and inelastic: half", (startup(efficiency=4), market(), training(training_elasticity=0.5)), 50.0),
    Case("training_wanted", "and elastic: twice", (startup(efficiency=4), market(), training(training_elasticity=1.5)), 200.0),
    Case("training_wanted", "and one to one: as before", (startup(efficiency=4), market(), training()), 100.0),
    Case("training_wanted", "no more is saved than the channel lets through", (startup(efficiency=4), market(), training(training_elasticity=1.5, shock_training=0.0)), 100.0),
    Case("training_wanted", "what a year's cash can pay", (startup(cash=12 * 10_000 * 30), market(), training()), 30.0),
    Case("training_wanted", "nothing without money", (startup(cash=0), market(), training()), 0.0),
    Case("training_wanted", "nothing on open weights", (startup(state=OPEN_WEIGHTS), market(), training()), 0.0),
    Case("inference_wanted", "the base at first", (market(), inference()), 2_000.0),
    Case("inference_wanted", "the trend doubles it, faded by half in the meantime", (market(), inference(inference_trend=math.log(2) / 10, inference_fading=20.0, month=20 * math.log(2))), 4_000.0),
    Case("inference_wanted", "a trend that fades in ten months counts for 6.3 of them after ten", (market(), inference(inference_trend=0.05, inference_fading=10.0, month=10)), 2_000 * math.exp(0.5 * (1 - 1 / math.e))),
    Case("inference_wanted", "and never for more than ten", (market(), inference(inference_trend=math.log(2) / 10, inference_fading=10.0, month=600)), 4_000.0),
    Case("inference_wanted", "half the price doubles the pull, less the bottleneck", (market(service_price=0.5), inference()), 3_500.0),
    Case("inference_wanted", "no price opens the bottleneck", (market(service_price=1e-12), inference()), 14_000.0),
    Case("inference_wanted", "four times the efficiency at a quarter of the price: as before", (market(service_price=0.25, efficiency=4), inference()), 2_000.0),
    Case("inference_wanted", "who serves with the cheapest model draws twice the tokens", (market(serving=1.0), inference()), 3_500.0),
    Case("inference_wanted", "half of them one and a half times", (market(serving=0.5), inference()), 2_000 * 1.5 * 7 / 7.5),
    Case("inference_wanted", "adoption alone induces nothing", (market(adopters=1.0), inference()), 2_000.0),
    Case("inference_wanted", "with the size of the world", (market(), inference(scale=3)), 6_000.0),
    Case("inference_weight", "model makers by size", (startup(), THREEFOLD), 2.0),
    Case("inference_weight", "three times that on open weights", (startup(state=OPEN_WEIGHTS), THREEFOLD), 6.0),
    Case("inference_weight", "none before founding", (startup(state=NOT_FOUNDED), THREEFOLD), 0.0),
    Case("inference_weight", "none after the end", (startup(state=DEAD), THREEFOLD), 0.0),
    Case("adoption_hazard", "three quarters of the innovators' hazard", (1.0, 4.0, 0.3, 0.0, INNOVATORS), 0.0375),
    Case("adoption_hazard", "and imitation", (1.0, 4.0, 0.3, 0.5, INNOVATORS), 0.15),
    Case("adoption_hazard", "nothing to adopt", (1.0, 1.0, 0.3, 1.0, INNOVATORS), 0.0),
    Case("adoption_hazard", "nothing new for an adopter", (4.0, 4.0, 0.3, 1.0, INNOVATORS), 0.0),
    Case("adoption_hazard", "nobody goes back", (5.0, 4.0, 0.3, 1.0, INNOVATORS), 0.0),
    Case("stops_training", "of the share", (0.5, given(stop=0.49)), True),
    Case("stops_training", "not of it", (0.5, given(stop=0.5)), False),
    Case("stops_training", "nobody of none", (0.0, given(stop=0.0)), False),
    Case("founded_on_open_weights", "of the share", (0.4, given(stop=0.39)), True),
    Case("founded_on_open_weights", "not of it", (0.4, given(stop=0.41)), False),
    Case("founded_on_open_weights", "nobody of none", (0.0, given(stop=0.0)), False),
    Case("efficiency_through", "an open channel", (startup(efficiency=4, usual_efficiency=2), 1.0), 4.0),
    Case("efficiency_through", "a closed one", (startup(efficiency=4, usual_efficiency=2), 0.0), 2.0),
    Case("efficiency_through", "half of the gain in logarithms", (startup(efficiency=8, usual_efficiency=2), 0.5), 4.0),
    Case("closes_down", "out of money", (startup(cash=999, age=7), HALF_A_YEAR), True),
    Case("closes_down", "not in its first half year", (startup(cash=0, age=6), HALF_A_YEAR), False),
    Case("closes_down", "not with a thousand yuan", (startup(cash=1_000, age=7), HALF_A_YEAR), False),
]  # fmt: skip


@table(CASES)
def test_a_startup_decides_as_worked_out_by_hand(case: Case) -> None:
    check(case)
