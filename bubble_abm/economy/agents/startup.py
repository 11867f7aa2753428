"""Startups: model makers who pre-train, those who build on open weights, and application firms."""

from __future__ import annotations

import math
from typing import Any

from bubble_abm.economy.arithmetic import between_in_logarithms, exp
from bubble_abm.economy.declare import ASSUMED, decision, parameters, section
from bubble_abm.economy.tables import Row, column, draw

NOT_FOUNDED, PRETRAINING, OPEN_WEIGHTS, DEAD, APPLICATION = range(5)
APPLICATION_ID = 1 << 40  # not behaviour: application firms' numbers start here, so that none is a model maker's
PENNILESS = 1_000.0  # not behaviour: less cash than this [CNY] is none, for a firm with wages to pay


@parameters
class Parameters:
    """What startups need, earn, raise and adopt."""

    # fmt: off
    parameter = section("startups")
    first_startups: float = parameter(
        0.2, unit="share", low=0, high=1, role="fixed", founding=True, source=ASSUMED,
        meaning="share of potential startups already founded in January 2023")
    startup_spread: float = parameter(
        0.749, unit="1", low=0, high=2, role="fixed", founding=True, source=ASSUMED,
        meaning="log standard deviation of startup sizes")
    first_rounds: float = parameter(
        2.0, unit="rounds", low=0, high=20, role="fixed", founding=True, source=ASSUMED,
        meaning="cash of the startups of January 2023, in median funding rounds")
    startup_innovation: float = parameter(
        0.00937, unit="1/month", low=0, high=0.2, role="fixed", source="assumption, in the form of Bass 1969",
        meaning="hazard of founding that does not depend on others")
    startup_imitation: float = parameter(
        0.206, unit="1/month", low=0, high=2, role="fixed", source="assumption, in the form of Bass 1969",
        meaning="hazard of founding per share of potential startups founded so far")
    training_need: float = parameter(
        792.0, unit="GPU", low=1, high=5_000, role="fixed", source=ASSUMED,
        meaning="GPUs that a median model maker wants for pre-training at its founding and at the first rent")
    training_growth: float = parameter(
        0.0141, unit="1/month", low=0, high=0.2, role="fixed", source=ASSUMED,
        meaning="monthly growth of a model maker's need in its first years")
    training_growth_time: float = parameter(
        24.0, unit="months", low=0, high=120, role="fixed", source=ASSUMED,
        meaning="age up to which a model maker's need grows")
    training_runway: float = parameter(
        15.3, unit="months", low=1, high=60, role="fixed", source=ASSUMED,
        meaning="months for which a model maker's cash must cover the rent of its training")
    training_elasticity: float = parameter(
        0.923, unit="1", low=0.3, high=1.5, role="uncertain", sampled=(0.3, 1.3),
        source="assumption, wide: no solid source",
        meaning="elasticity of pre-training with respect to the price of effective compute")
    inference_base: float = parameter(
        26_400.0, unit="GPU", low=0, high=1e6, role="fixed", source=ASSUMED,
        meaning="rented GPUs wanted for inference in January 2023 at the first rent")
    inference_trend: float = parameter(
        0.0445, unit="1/month", low=0, high=0.08, role="uncertain", sampled=(0.01, 0.08),
        source="assumption, with facts C04 and C15; rented compute only, all tokens grow faster",
        plausible=(0.037, 0.0776),
        meaning="growth of users times tokens per user in January 2023")
    inference_fading: float = parameter(
        60.0, unit="months", low=12, high=1_000, role="fixed", source="assumption: no growth goes on for ever",
        meaning="time over which the growth of users and their use fades to a third")
    inference_elasticity: float = parameter(
        1.21, unit="1", low=0.5, high=1.6, role="uncertain", sampled=(0.6, 1.5),
        source="Demirer et al. 2025; a leading platform, September 2024: 0.8-1.2", reported=(0.8, 1.2),
        departs="the most central economy of the ensemble has a little more; most others have more, too",
        meaning="elasticity of tokens with respect to the price of a token")
    induced_inference: float = parameter(
        1.95, unit="ratio", low=1, high=2.5, role="uncertain", source="assumption, with fact C15",
        meaning="inference if all startups use the efficient model, relative to none, beyond the price effect")
    application_bottleneck: float = parameter(
        6, unit="ratio", low=1.5, high=20, role="fixed", source=ASSUMED,
        meaning="ceiling of inference relative to trend, less one: what applications can absorb")
    open_weights_inference: float = parameter(
        3.0, unit="ratio", low=0, high=20, role="fixed", source=ASSUMED,
        meaning="inference of a startup on open weights, relative to one that pre-trains")
    inference_margin: float = parameter(
        1.25, unit="ratio", low=0, high=5, role="fixed", source=ASSUMED,
        meaning="what users pay a startup, relative to the rent of the compute that serves them")
    funding_rate: float = parameter(
        0.101, unit="1/month", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="hazard of a funding round in a neutral climate")
    round_runway: float = parameter(
        24.0, unit="months", low=0, high=120, role="fixed", source=ASSUMED,
        meaning="months of wages and rent for which a startup's money must last before it raises no more")
    round_size: float = parameter(
        2.09e8, unit="CNY", low=1e6, high=1e9, role="fixed", source=ASSUMED,
        meaning="median funding round")
    round_spread: float = parameter(
        0.5, unit="share", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="spread of funding rounds in either direction, relative to the median")
    venture_extrapolation: float = parameter(
        2.2, unit="1", low=0, high=4, role="uncertain", source=ASSUMED,
        meaning="how far venture funds extrapolate the growth of demand to the sector")
    application_weight: float = parameter(
        0.664, unit="share", low=0, high=1, role="uncertain", source="assumption, with facts C37, C38",
        plausible=(0.411, 0.985),
        meaning="weight of the growth of inference in use in what venture funds look at")
    usual_growth: float = parameter(
        0.0166, unit="1/month", low=0, high=0.1, role="fixed", source=ASSUMED,
        meaning="growth of demand to which venture funds are accustomed")
    climate_horizon: float = parameter(
        6.0, unit="months", low=0, high=36, role="fixed", source=ASSUMED,
        meaning="time over which funds extrapolate that growth")
    lowest_climate: float = parameter(
        0.15, unit="ratio", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="lowest readiness of funds")
    highest_climate: float = parameter(
        2.2, unit="ratio", low=1, high=10, role="fixed", source=ASSUMED,
        meaning="highest readiness of funds")
    founding_climate: float = parameter(
        1.2, unit="ratio", low=0, high=2.5,  # the hazard of founding stays a probability
        role="fixed", source=ASSUMED,
        meaning="climate above which the hazard of founding rises no further")
    startup_payroll: float = parameter(
        4.93e6, unit="CNY/month", low=0, high=1e8, role="fixed", source=ASSUMED,
        meaning="wages of a startup of median size")
    startup_payout: float = parameter(
        0.1, unit="1/month", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="share of the money beyond its runway that a startup pays out to its funds in a month")
    startup_grace: float = parameter(
        6.0, unit="months", low=0, high=60, role="fixed", source=ASSUMED,
        meaning="age up to which a startup without money stays in business")
    adoption_innovation: float = parameter(
        0.07, unit="1/month", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="hazard of adopting the best open model that does not depend on others")
    del parameter
    # fmt: on


class StartupRow(Row):
    """A startup: what it does, what compute it wants and rents, its money."""

    id: int = column("", "number of the startup")
    sector: int = column("", "sector in the flow matrix")
    state: int = column("", "0 not founded, 1 pre-training, 2 on open weights, 3 dead, 4 application firm")
    relative_size: float = column("ratio", "size relative to the median")
    age: int = column("months", "since founding")
    efficiency: float = column("ratio", "efficiency of the model it works with")
    usual_efficiency: float = column(
        "ratio", "efficiency of the model it would work with without the shocks of the run"
    )
    gpus_wanted_training: float = column("GPU", "wanted for pre-training")
    gpus_wanted_inference: float = column("GPU", "wanted for inference")
    training_leased: float = column("GPU", "leased for pre-training")
    inference_leased: float = column("GPU", "leased for inference")
    training_cut: float = column("share", "share of its training leases that it breaks off this month")
    inference_cut: float = column("share", "share of its inference leases that it breaks off this month")
    lease_term: int = column("months", "term of the leases it signs this month")
    rent_paid: float = column("CNY", "paid to operators this month")
    cash: float = column("CNY", "deposits")
    rent_ahead: float = column("CNY", "rent paid in advance and not used yet")
    venture_capital: float = column("CNY", "paid in by venture funds")


class StartupLuck(Row):
    """What chance decides about a startup in one month."""

    enter: float = draw(0, "is founded if below the hazard")
    fund: float = draw(1, "closes a round if below the hazard")
    round_size: float = draw(2, "size of the round")
    adopt: float = draw(3, "adopts the best open model if below the hazard")
    stop: float = draw(4, "stops its own pre-training on adoption if below the openness")
    term: float = draw(5, "term of the leases it signs this month")


def is_active(startup: Any) -> bool:
    """Whether the startup is in business."""
    return startup.state == PRETRAINING or startup.state == OPEN_WEIGHTS or startup.state == APPLICATION


def runway(startup: Any, p: Any) -> float:
    """Money with which a startup needs no round: some months of wages and rent [CNY]."""
    return p.round_runway * (p.startup_payroll * startup.relative_size + startup.rent_paid)


@decision
def profit_paid_out(startup: Any, p: Any) -> float:
    """What a startup pays out to its funds this month: part of the money that it does not need [CNY]."""
    return p.startup_payout * max(startup.cash - runway(startup, p), 0.0)


@decision
def founding_hazard(founded: float, market: Any, p: Any) -> float:
    """Probability that a startup is founded this month, after Bass 1969, times the funding climate."""
    return (p.startup_innovation + p.startup_imitation * founded) * min(market.funding_climate, p.founding_climate)


@decision
def funding_climate(market: Any, p: Any) -> float:
    """Readiness of venture funds, who look at the growth of demand and of its applications [ratio, 1 is neutral].

    Demand is taken at a constant rent, applications are inference in use, and growth to which funds are accustomed
    leaves them neutral. The rent is no concern of theirs: cheap compute lengthens the life of what they own.
    """
    applications = p.application_weight * market.inference_growth
    growth = applications + (1.0 - p.application_weight) * market.demand_growth - p.usual_growth
    return min(max(1.0 + p.climate_horizon * p.venture_extrapolation * growth, p.lowest_climate), p.highest_climate)


@decision
def round_hazard(startup: Any, market: Any, p: Any) -> float:
    """Probability that the startup closes a funding round this month; none while its money lasts for long enough."""
    return p.funding_rate * market.funding_climate if startup.cash < runway(startup, p) else 0.0


@decision
def round_raised(startup: Any, p: Any, luck: Any) -> float:
    """Size of a funding round: around the median, in proportion to the startup's size [CNY]."""
    return p.round_size * startup.relative_size * (1.0 - p.round_spread + 2.0 * p.round_spread * luck.round_size)


def efficiency_through(startup: Any, channel: float) -> float:
    """Efficiency of a startup's model as far as a channel of the shock lets its gain through [ratio]."""
    return between_in_logarithms(startup.usual_efficiency, startup.efficiency, channel)


@decision
def training_wanted(startup: Any, market: Any, p: Any) -> float:
    """GPUs wanted for pre-training [GPU].

    The need grows with age and falls with the price of effective compute; a more efficient method saves compute if
    demand is inelastic and uses more of it if demand is elastic. Cash must last for some months of the rent.
    """
    if startup.state != PRETRAINING:
        return 0.0
    need = p.training_need * startup.relative_size * exp(p.training_growth * min(startup.age, p.training_growth_time))
    price = exp(-p.training_elasticity * math.log(market.rent / p.first_rent))
    efficiency = efficiency_through(startup, p.shock_training)
    saved = exp((p.training_elasticity - 1.0) * math.log(efficiency))
    affordable = startup.cash / (p.training_runway * market.rent)
    return max(min(need * price * saved, affordable), 0.0)


@decision
def inference_wanted(market: Any, p: Any) -> float:
    """Rented GPUs wanted for inference in the whole economy [GPU].

    Users times tokens per user grow on a trend that fades; cheaper tokens are used more; a more efficient model serves
    a token with less compute. Data and applications are a bottleneck, beyond which more tokens find no use.
    """
    users = p.inference_base * p.scale * exp(p.inference_trend * months_of_growth(p))
    return compute_in_use(users, pull_of_price(market, p) * induced_by_release(market, p), p)


def months_of_growth(p: Any) -> float:
    """Months for which growth that fades has gone on so far, each counted as far as it had not faded [months]."""
    return p.inference_fading * (1.0 - exp(-p.month / p.inference_fading))


def pull_of_price(market: Any, p: Any) -> float:
    """Compute that is used at today's price of a token, relative to the first one: more tokens, each with less [1]."""
    return exp(-p.inference_elasticity * math.log(market.service_price)) / market.efficiency


def induced_by_release(market: Any, p: Any) -> float:
    """How much more an efficient open model is used, relative to what its price explains [1]."""
    return 1.0 + (p.induced_inference - 1.0) * market.serving


def compute_in_use(users: float, pull: float, p: Any) -> float:
    """Compute that users want, given what they want at the first price and the pull; use is a bottleneck [GPU]."""
    return users * pull * (1.0 + p.application_bottleneck) / (pull + p.application_bottleneck)


@decision
def inference_weight(startup: Any, p: Any) -> float:
    """Weight of a startup in the startups' inference: its size, and more if it builds on open weights."""
    if not is_active(startup):
        return 0.0
    return startup.relative_size * (p.open_weights_inference if startup.state == OPEN_WEIGHTS else 1.0)


@decision
def sales(startup: Any, rent: float, market: Any, p: Any) -> float:
    """What users pay a startup for inference on compute of this rent: the rent, and a margin [CNY]."""
    return p.inference_margin * rent


@decision
def adoption_hazard(efficiency: float, best: float, imitation: float, adopters: float, p: Any) -> float:
    """Probability of adopting the best open model this month: innovation, and imitation of those who have.

    The hazard is scaled by the compute that the model saves; a model that saves nothing is adopted by nobody.
    """
    saved = 1.0 - efficiency / best
    hazard = p.adoption_innovation + imitation * adopters
    return saved * hazard if saved > 0.0 else 0.0


@decision
def stops_training(share: float, luck: Any) -> bool:
    """Whether an adopter is of the share who give up pre-training for good and build on the open weights."""
    return luck.stop < share


@decision
def founded_on_open_weights(share: float, luck: Any) -> bool:
    """Whether a startup is of the share founded on the open weights that others have adopted, and never pre-trains."""
    return luck.stop < share


@decision
def closes_down(startup: Any, p: Any) -> bool:
    """Whether the startup closes down: out of money, and past its first months."""
    return startup.cash < PENNILESS and startup.age > p.startup_grace
