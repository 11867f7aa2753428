"""Startups: model makers who pre-train, and those who build on open weights."""

from __future__ import annotations

import math
from typing import Any

from bubble_abm.economy.declare import decision
from bubble_abm.economy.tables import Row, column, draw

NOT_FOUNDED, PRETRAINING, OPEN_WEIGHTS, DEAD = 0, 1, 2, 3


class StartupRow(Row):
    """A startup: what it does, what compute it wants and rents, its money."""

    id: int = column("", "number of the startup")
    sector: int = column("", "sector in the flow matrix")
    state: int = column("", "0 not founded, 1 pre-training, 2 on open weights, 3 dead")
    relative_size: float = column("ratio", "size relative to the median")
    age: int = column("months", "since founding")
    efficiency: float = column("ratio", "efficiency of the model that it works with")
    gpus_wanted_training: float = column("GPU", "wanted for pre-training")
    gpus_wanted_inference: float = column("GPU", "wanted for inference")
    training_leased: float = column("GPU", "leased for pre-training")
    inference_leased: float = column("GPU", "leased for inference")
    training_cut: float = column("share", "part of its training leases that it breaks off this month")
    inference_cut: float = column("share", "part of its inference leases that it breaks off this month")
    lease_term: int = column("months", "length of the leases it signs this month")
    cash: float = column("CNY", "deposits")
    venture_capital: float = column("CNY", "paid in by venture funds")


class StartupLuck(Row):
    """What chance decides about a startup in one month."""

    enter: float = draw(0, "is founded when under the hazard")
    fund: float = draw(1, "closes a round when under the hazard")
    round_size: float = draw(2, "size of the round")
    adopt: float = draw(3, "adopts the efficient model when under the hazard")
    stop: float = draw(4, "stops its own pre-training on adoption when under the openness")
    term: float = draw(5, "length of the leases it signs this month")


def is_active(startup: Any) -> bool:
    """Whether the startup is in business."""
    return startup.state == PRETRAINING or startup.state == OPEN_WEIGHTS


@decision
def founding_hazard(founded: float, market: Any, p: Any) -> float:
    """Probability that a startup is founded this month, after Bass 1969, times the funding climate."""
    return (p.startup_innovation + p.startup_imitation * founded) * min(market.funding_climate, 1.2)


@decision
def funding_climate(market: Any, p: Any) -> float:
    """Readiness of venture funds, who take the rent's growth for the sector's [ratio, 1 is neutral]."""
    return min(max(1.0 + 6.0 * p.venture_extrapolation * market.rent_growth, 0.15), 2.2)


@decision
def closes_round(market: Any, p: Any, luck: Any) -> bool:
    """Whether the startup closes a funding round this month."""
    return luck.fund < p.funding_rate * market.funding_climate


@decision
def round_raised(startup: Any, p: Any, luck: Any) -> float:
    """Size of a funding round: the median times the startup's size, from half to one and a half [CNY]."""
    return p.round_size * startup.relative_size * (0.5 + luck.round_size)


@decision
def training_wanted(startup: Any, market: Any, p: Any) -> float:
    """GPUs wanted for pre-training [GPU].

    The need grows with age and falls with the price of effective compute; a more efficient method saves compute if
    demand is inelastic and takes more of it if demand is elastic. Cash over a year sets the limit.
    """
    if startup.state != PRETRAINING:
        return 0.0
    need = p.training_need * startup.relative_size * math.exp(p.training_growth * min(startup.age, 24))
    price = math.exp(-p.training_elasticity * math.log(market.rent / p.first_rent))
    saved = math.exp((p.training_elasticity - 1.0) * math.log(startup.efficiency))
    affordable = startup.cash / (12.0 * market.rent)
    return max(min(need * price * saved, affordable), 0.0)


@decision
def inference_wanted(market: Any, p: Any) -> float:
    """Rented GPUs wanted for inference in the whole economy [GPU].

    Users times tokens a user grow by trend; a cheaper token draws more of them; a more efficient model serves a token
    with less compute. Usable data and applications are a bottleneck: beyond it tokens find no use.
    """
    users = p.inference_base * p.scale * math.exp(p.inference_trend * p.month)
    cheaper = math.exp(-p.inference_elasticity * math.log(market.service_price)) / market.efficiency
    induced = 1.0 + (p.induced_inference - 1.0) * market.adopters
    pull = cheaper * induced
    return users * pull * (1.0 + p.application_bottleneck) / (pull + p.application_bottleneck)


@decision
def inference_weight(startup: Any) -> float:
    """Weight of a startup in the startups' inference: its size, three times that once it builds on open weights."""
    if not is_active(startup):
        return 0.0
    return startup.relative_size * (3.0 if startup.state == OPEN_WEIGHTS else 1.0)


@decision
def adoption_hazard(startup: Any, market: Any, p: Any) -> float:
    """Probability of adopting the best open model this month: innovation, and imitation through openness.

    The hazard is scaled by the compute that the model saves; one that saves nothing is adopted by nobody.
    """
    saved = 1.0 - startup.efficiency / p.frontier_efficiency
    hazard = p.adoption_innovation + p.frontier_imitation * p.frontier_openness * market.adopters
    return saved * hazard if saved > 0.0 else 0.0


@decision
def stops_training(p: Any, luck: Any) -> bool:
    """Whether an adopter gives up its own pre-training for good and builds on the open weights."""
    return luck.stop < p.frontier_openness


@decision
def closes_down(startup: Any) -> bool:
    """Whether the startup is out of money, once it is past its first half year."""
    return startup.cash < 1_000.0 and startup.age > 6
