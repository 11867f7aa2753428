"""Every parameter of the model: value, unit, bounds, role, source and meaning, declared once.

The table feeds the checks of user input, the command line, the documentation, the sampler of experiments and the
compiled month. A parameter's *role* says how it is treated: ``uncertain`` parameters are varied in sensitivity
analysis, ``lever`` parameters are policies or switches, ``shock`` parameters describe the efficiency shock, ``fixed``
ones are measured or set by convention, ``size`` ones say how large a world is founded. Its *group* is the section of
the table that it stands in. Designs draw a parameter from its *sampled* range, which leaves out values that are valid
but not plausible, such as a zero that switches a mechanism off.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from bubble_abm.economy.declare import (
    InvalidInput,
    checked,
    parameters,
    section,
    unknown_name,
)
from bubble_abm.economy.mechanisms import MECHANISMS

MAX_MONTHS = 168  # beyond, trends fixed in 2023 mean nothing, and households have spent their savings on imports
MAX_SEED = 2**63 - 1

GH = "Greenwood and Hanson 2015"
ASSUMED = "assumption"
POLICY = "policy to be tried; neutral at the default"


@parameters
class CoreParameters:
    """Parameters of the core; those of mechanisms are declared in ``mechanisms/``."""

    # fmt: off
    # --- Investors: expectations and the decision to announce ------------------------------------------------------
    parameter = section("investors")
    inexperienced_share: float = parameter(
        0.75, unit="share", low=0, high=1, role="uncertain", source="fact C26",
        meaning="investors who never ran a data centre before")
    extrapolation: float = parameter(
        1.7, unit="1", low=0, high=3, role="uncertain", source="learning-to-forecast experiments: 0.4-1.3",
        meaning="strength with which the trend rule carries the rent's growth forward")
    growth_memory: float = parameter(
        0.2, unit="1/month", low=0.05, high=0.5, role="uncertain", sampled=(0.1, 0.5), source=ASSUMED,
        meaning="weight of the latest month in the growth signal")
    competition_neglect: float = parameter(
        0.85, unit="share", low=0, high=1, role="uncertain", source=GH,
        meaning="share of the others' pipeline that inexperienced investors leave out of their forecast")
    experienced_extrapolation: float = parameter(
        0.3, unit="share", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="extrapolation of the experienced, relative to the inexperienced")
    experienced_neglect: float = parameter(
        0.25, unit="share", low=0, high=1, role="fixed", source=GH,
        meaning="competition neglect of the experienced")
    broker_bias: float = parameter(
        0.1, unit="share", low=0, high=0.35, role="uncertain", source="press: brokers inflate forecasts of use",
        meaning="by how much brokers inflate the utilisation that inexperienced investors believe")
    herding: float = parameter(
        4.2, unit="1", low=0, high=8, role="uncertain", source=ASSUMED,
        meaning="weight of neighbours' live and bankrupt projects in the decision to announce")
    choice_intensity: float = parameter(
        1.5, unit="1", low=0.5, high=4, role="uncertain", source=ASSUMED,
        meaning="sensitivity of the decision to announce to expected profitability")
    hurdle: float = parameter(
        1.4, unit="ratio", low=1.0, high=2.2, role="uncertain", sampled=(1.1, 2.2), source="Dixit 1992",
        meaning="profitability index that an investor demands before he commits")
    rule_switching: float = parameter(
        4.0, unit="1", low=0, high=10, role="uncertain", source="Anufriev and Hommes 2012",
        meaning="intensity with which investors move to the forecasting rule that erred less")
    call_weight: float = parameter(
        2.8, unit="1", low=0, high=3.5, role="uncertain", source="fact C02",
        meaning="weight of the central call to build in the decision to announce")
    announcement_rate: float = parameter(
        0.082, unit="1/month", low=0, high=0.3, role="fixed", source=ASSUMED,
        meaning="hazard of announcing when everything speaks for it")
    reluctance: float = parameter(
        -1.75, unit="1", low=-6, high=3, role="fixed", source=ASSUMED,
        meaning="utility of announcing when nothing speaks for or against it")
    home_bias: float = parameter(
        0.65, unit="share", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="projects announced in the investor's own province")
    deep_pocket_share: float = parameter(
        0.5, unit="share", low=0, high=1, role="uncertain", source="fact C26: 109 listed firms among the owners",
        meaning="investors (state firms, listed groups) who can carry a losing site")

    # --- State: subsidies, tournament, rescue -----------------------------------------------------------------------
    parameter = section("state")
    maximum_subsidy: float = parameter(
        0.3, unit="share", low=0, high=0.5, role="uncertain", source="provincial schemes: up to 0.30 of capex",
        meaning="highest subsidy rate a province may pay")
    tournament_intensity: float = parameter(
        0.03, unit="1/month", low=0, high=0.08, role="uncertain", sampled=(0.004, 0.08), source="Xiong 2018",
        meaning="speed at which a province that lags behind the leaders raises its subsidy")
    rank_weight: float = parameter(
        1, unit="1", low=0, high=1, role="lever", source="Xiong 2018; switch of an experiment",
        meaning="weight of its gap to the leaders in a province's ambition; 0 is a call without a tournament")
    fiscal_envelope: float = parameter(
        600e6, unit="CNY", low=0, high=1e10, role="fixed", source=ASSUMED,
        meaning="subsidies a province of average size can commit in a year")
    rescue_probability: float = parameter(
        0.03, unit="1/month", low=0, high=0.3, role="uncertain", sampled=(0.005, 0.3),
        source="soft budget constraint, Kornai 1986",
        meaning="chance that the province pays a distressed operator's arrears")
    brake_threshold: float = parameter(
        0.45, unit="utilisation", low=0, high=0.6, role="uncertain", sampled=(0.2, 0.6), source=ASSUMED,
        meaning="national utilisation under which, after three months, the centre calls off the build-out")

    # --- Projects: time to plan and build, finance ------------------------------------------------------------------
    parameter = section("projects")
    planning_time: float = parameter(
        5, unit="months", low=2.5, high=8, role="uncertain", source="fact C19",
        meaning="mean time from announcement to start of construction")
    building_time: float = parameter(
        7, unit="months", low=3, high=12, role="uncertain", sampled=(4, 10), source="facts C19, C03",
        meaning="mean time of construction")
    cancellation_rate: float = parameter(
        0.05, unit="1/month", low=0, high=0.3, role="fixed", source=ASSUMED,
        meaning="hazard of giving up a plan, times 2.5 when it does not pay and 0.2 when it does")
    leverage: float = parameter(
        0.7, unit="share", low=0, high=0.9, role="uncertain", sampled=(0.4, 0.8),
        source="lenders' loan-to-value 0.5-0.7",
        meaning="debt in the part of capex that the subsidy does not cover")
    loan_tenor: float = parameter(
        42, unit="months", low=24, high=72, role="uncertain", sampled=(30, 60), source="equipment leases of 3-5 years",
        meaning="time over which a loan is repaid")
    loan_rate: float = parameter(
        0.07, unit="1/year", low=0, high=0.2, role="fixed", source=ASSUMED, meaning="interest on loans")
    working_capital: float = parameter(
        12, unit="months", low=0, high=24, role="fixed", source=ASSUMED,
        meaning="running cost that a project raises as cash at its start")
    other_capex: float = parameter(
        110_000, unit="CNY/GPU", low=0, high=400_000, role="fixed", source="fact C17, less the chips",
        meaning="building, power, cooling and the rest of the server")
    running_cost: float = parameter(
        2_600, unit="CNY/(GPU month)", low=0, high=10_000, role="fixed", source="fact C16",
        meaning="power, colocation and staff of a running GPU")
    power_share: float = parameter(
        0.22, unit="share", low=0, high=1, role="fixed", source="10 kW a server at 0.63 CNY/kWh, fact C18",
        meaning="power in the running cost at the mean power price")
    wage_share: float = parameter(
        0.25, unit="share", low=0, high=1, role="fixed", source=ASSUMED, meaning="staff in the running cost")
    idle_cost_share: float = parameter(
        0.12, unit="share", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="running cost that remains when a site is switched off")
    opening_share: float = parameter(
        0.5, unit="share", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="chips that must be in before a site opens")
    median_size: float = parameter(
        350, unit="GPU", low=8, high=5_000, role="fixed", source="press: typical interior centre, 300-500 cards",
        meaning="median size of a project")
    size_spread: float = parameter(
        0.8, unit="1", low=0, high=2, role="fixed", source=ASSUMED,
        meaning="log standard deviation of project sizes")

    # --- Chips: smugglers, export control, second hand --------------------------------------------------------------
    parameter = section("black market")
    foreign_chip_price: float = parameter(
        136_000, unit="CNY/GPU", low=50_000, high=400_000, role="fixed", source="annex of the design: 138-150 thousand",
        meaning="price of an H100 abroad, delivered to a reseller")
    risk_premium: float = parameter(
        0.19, unit="share", low=0.05, high=0.4, role="uncertain", sampled=(0.05, 0.3), source="facts C06-C08",
        meaning="what smuggling adds to the landed cost at the full stage of export control")
    layer_margin: float = parameter(
        0.02, unit="share", low=0, high=0.2, role="fixed", source=ASSUMED,
        meaning="what each layer of resale adds to the landed cost")
    smuggler_entry_speed: float = parameter(
        2.0, unit="1/month", low=0, high=3, role="uncertain", sampled=(0.3, 3), source="fact C08",
        meaning="growth of channels per unit of margin above the normal one")
    markup_adjustment: float = parameter(
        0.06, unit="1/month", low=0.02, high=0.3, role="uncertain", sampled=(0.02, 0.16), source="fact C06",
        meaning="monthly response of the mark-up to orders over supply")
    markup_reversion: float = parameter(
        0.32, unit="1/month", low=0, high=1, role="fixed", source="annex of the design: 0.38",
        meaning="return of the mark-up to the normal one when there is no backlog")
    normal_markup: float = parameter(
        0.05, unit="share", low=0, high=0.5, role="fixed", source=ASSUMED,
        meaning="mark-up at which channels neither grow nor shrink")
    channel_capacity: float = parameter(
        2_800, unit="GPU/month", low=1, high=1e6, role="fixed", source="fact C23",
        meaning="imports that all smugglers together can handle at first")
    ban_channel_cut: float = parameter(
        0.55, unit="share", low=0, high=0.95, role="uncertain", sampled=(0.1, 0.95), source="fact C24",
        meaning="channels closed when export control is tightened by one full stage")
    ban_loss: float = parameter(
        0.6, unit="probability", low=0, high=1, role="fixed", source="fact C24: 318 of 330 servers",
        meaning="chance that a prepaid order in transit is lost when export control is tightened")
    export_control_strength: float = parameter(
        1, unit="ratio", low=0, high=2, role="lever", source=POLICY,
        meaning="stage of export control relative to the calendar's; 0 is a world without a ban, 1 as it was")
    seizure_share: float = parameter(
        0.03, unit="share", low=0, high=0.5, role="fixed", source=ASSUMED,
        meaning="shipments seized at the full stage of export control, on average")
    prepayment: float = parameter(
        0.5, unit="share", low=0, high=1, role="fixed", source="fact C24",
        meaning="part of an order paid in advance")
    panic_orders: float = parameter(
        0.4, unit="share", low=0, high=1, role="uncertain", source="design: panic orders at the ban",
        meaning="part of a planned project's chips ordered at once when supply is about to be cut")

    # --- Leasing ----------------------------------------------------------------------------------------------------
    parameter = section("leasing")
    first_rent: float = parameter(
        10_000, unit="CNY/(GPU month)", low=1_000, high=50_000, role="fixed", source="annex of the design",
        meaning="rent in January 2023")
    installed_base: float = parameter(
        13_000, unit="GPU", low=0, high=1e6, role="fixed", source="annex of the design: 12 500-13 000",
        meaning="rental GPUs of the incumbent clouds in January 2023")
    natural_occupancy: float = parameter(
        0.8, unit="share", low=0.3, high=0.98, role="fixed", source=ASSUMED,
        meaning="occupancy at which posted rents neither rise nor fall")
    occupancy_width: float = parameter(
        0.25, unit="share", low=0.05, high=1, role="fixed", source=ASSUMED,
        meaning="distance from the natural occupancy at which rents respond with full speed")
    rent_adjustment: float = parameter(
        0.135, unit="1/month", low=0, high=0.3, role="uncertain", sampled=(0.05, 0.2), source="fact C12",
        meaning="monthly response of a posted rent to vacancy")
    rent_anchoring: float = parameter(
        0.25, unit="1/month", low=0, high=1, role="fixed", source="annex of the design",
        meaning="drift of a posted rent towards the market rent of its quality")
    hold_out: float = parameter(
        1.15, unit="1", low=0, high=1.3, role="uncertain", source="facts C10, C11",
        meaning="share of debt service below which an owner with cash would rather leave the site empty")
    contract_length: float = parameter(
        5, unit="months", low=3, high=18, role="uncertain", source="fact C25",
        meaning="mean length of a lease")
    break_penalty: float = parameter(
        2, unit="months", low=0, high=12, role="fixed", source=ASSUMED,
        meaning="rent due when a tenant breaks a lease")
    interior_suitability: float = parameter(
        0.27, unit="share", low=0.02, high=1, role="uncertain", sampled=(0.05, 0.8), source="facts C04, C05",
        meaning="suitability of interior sites for inference")
    hub_suitability: float = parameter(
        0.9, unit="share", low=0.1, high=1, role="fixed", source="annex of the design",
        meaning="suitability for inference of sites near the users")
    inexperienced_skill: float = parameter(
        0.6, unit="share", low=0.1, high=1, role="fixed", source="annex of the design",
        meaning="suitability for training of a site run by the inexperienced, the experienced having 1")
    inexperienced_engineering: float = parameter(
        0.8, unit="share", low=0.1, high=1, role="fixed", source="annex of the design",
        meaning="suitability for inference of a site run by the inexperienced, relative to the experienced")
    rent_sensitivity: float = parameter(
        4.0, unit="1", low=0, high=10, role="fixed", source="annex of the design",
        meaning="elasticity of a site's share in new leases with respect to its rent")
    lemons_discount: float = parameter(
        0.45, unit="share", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="how far tenants stay away from sites of the lower quality, whatever their rent")

    # --- Startups and platforms -------------------------------------------------------------------------------------
    parameter = section("startups")
    training_need: float = parameter(
        74, unit="GPU", low=1, high=5_000, role="fixed", source="annex of the design",
        meaning="GPUs a median model maker wants for pre-training at its founding and the first rent")
    training_growth: float = parameter(
        0.03, unit="1/month", low=0, high=0.2, role="fixed", source="annex of the design",
        meaning="growth of a model maker's need in its first two years")
    training_elasticity: float = parameter(
        0.8, unit="1", low=0.3, high=1.5, role="uncertain", sampled=(0.3, 1.3), source="wide: no solid source",
        meaning="elasticity of pre-training with respect to the price of effective compute")
    inference_base: float = parameter(
        2_000, unit="GPU", low=0, high=1e6, role="fixed", source="annex of the design",
        meaning="rented GPUs wanted for inference in January 2023 at the first rent")
    inference_trend: float = parameter(
        0.055, unit="1/month", low=0, high=0.08, role="uncertain", sampled=(0.01, 0.08),
        source="annex of the design: 0.03-0.047",
        meaning="growth of users times tokens a user")
    inference_elasticity: float = parameter(
        1.11, unit="1", low=0.5, high=1.6, role="uncertain", sampled=(0.6, 1.5), source="Demirer et al. 2025",
        meaning="elasticity of tokens with respect to the price of a token")
    induced_inference: float = parameter(
        1.7, unit="ratio", low=1, high=2.5, role="uncertain", source="annex of the design: 1-2.5",
        meaning="inference by all startups on the efficient model relative to none, beyond the price effect")
    application_bottleneck: float = parameter(
        6, unit="ratio", low=1.5, high=20, role="fixed", source="annex of the design",
        meaning="most inference that applications can absorb, relative to trend")
    platform_share: float = parameter(
        0.5, unit="share", low=0, high=1, role="fixed", source="design: half overflows from platforms",
        meaning="rented inference that comes from the platforms' overflow")
    platform_budget: float = parameter(
        60e6, unit="CNY/month", low=0, high=1e11, role="fixed", source=ASSUMED,
        meaning="what a platform spends at most on distressed hub sites in a month")
    startup_innovation: float = parameter(
        0.006, unit="1/month", low=0, high=0.2, role="fixed", source="annex of the design; Bass 1969",
        meaning="hazard of founding that does not depend on others")
    startup_imitation: float = parameter(
        0.37, unit="1/month", low=0, high=2, role="fixed", source="annex of the design; Bass 1969",
        meaning="hazard of founding for each share of founders before")
    first_startups: float = parameter(
        0.2, unit="share", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="startups already founded in January 2023")
    funding_rate: float = parameter(
        0.075, unit="1/month", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="hazard of a funding round in a neutral climate")
    round_size: float = parameter(
        28e6, unit="CNY", low=1e6, high=1e9, role="fixed", source=ASSUMED, meaning="median funding round")
    startup_payroll: float = parameter(
        1.5e6, unit="CNY/month", low=0, high=1e8, role="fixed", source=ASSUMED,
        meaning="wages of a startup of median size")
    venture_extrapolation: float = parameter(
        1.4, unit="1", low=0, high=4, role="uncertain", source=ASSUMED,
        meaning="how far venture funds take the growth of the rent for growth of the sector")
    fire_sale_speed: float = parameter(
        0.08, unit="1/month", low=0, high=0.3, role="uncertain", sampled=(0.02, 0.2), source="annex of the design",
        meaning="chips that a distressed operator sells in a month")
    adoption_innovation: float = parameter(
        0.07, unit="1/month", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="hazard of adopting the efficient model that does not depend on others")

    # --- The efficiency shock ---------------------------------------------------------------------------------------
    parameter = section("shock")
    shock_efficiency: float = parameter(
        4.0, unit="ratio", low=1, high=12, role="shock", sampled=(1, 10), source="fact C20 is the upper bound",
        meaning="compute to reach a given quality before the shock over that after it; 1 is no shock")
    shock_openness: float = parameter(
        0.6, unit="share", low=0, high=0.95, role="shock", sampled=(0, 0.9), source=ASSUMED,
        meaning="adopters who stop pre-training and use the open weights")
    shock_imitation: float = parameter(
        0.6, unit="1/month", low=0, high=1.5, role="shock", sampled=(0.2, 0.9), source=ASSUMED,
        meaning="hazard of adopting for each share of adopters, times openness")
    shock_month: float = parameter(
        24, unit="month", low=0, high=120, role="shock", sampled=(18, 30), whole=True,
        source="fact C29: R1, 20 January 2025",
        meaning="month of the release, counted from January 2023")

    # --- Size of the world ------------------------------------------------------------------------------------------
    parameter = section("world")
    investors: float = parameter(
        900, unit="agents", low=0, high=2e6, role="size", whole=True, source="design", meaning="potential investors")
    incumbents: float = parameter(
        12, unit="agents", low=1, high=2e5, role="size", whole=True, source=ASSUMED,
        meaning="clouds that rent GPUs out in January 2023")
    startups: float = parameter(
        170, unit="agents", low=0, high=1e6, role="size", whole=True, source="design", meaning="potential startups")
    smugglers: float = parameter(
        20, unit="agents", low=1, high=1e5, role="size", whole=True, source="design",
        meaning="smugglers at first; three times as many may be active at once")
    platforms: float = parameter(
        5, unit="agents", low=0, high=1e4, role="size", whole=True, source="design", meaning="hyperscalers")
    scale: float = parameter(
        1, unit="ratio", low=0.02, high=2_000, role="size", source="benchmark",
        meaning="size of the world relative to China: numbers of agents and quantities grow together")

    del parameter
    # fmt: on


if TYPE_CHECKING:

    class AllParameters(CoreParameters):
        """Parameters of the core and of all mechanisms."""

        def __getattr__(self, name: str) -> float: ...

else:
    SECTIONS = [mechanism.Parameters for mechanism in MECHANISMS if hasattr(mechanism, "Parameters")]
    AllParameters = type("AllParameters", (*reversed(SECTIONS), CoreParameters), {})


@dataclass(frozen=True, kw_only=True)
class Parameters(AllParameters):
    """The economy's constants, each with its unit, bounds and source; whatever is out of bounds is refused.

    Raises
    ------
    InvalidInput
        If a value is not a finite number within its declared bounds, or a count is not whole.

    Examples
    --------
    >>> Parameters(herding=0).herding
    0.0
    >>> Parameters(herding=99)
    Traceback (most recent call last):
    ...
    bubble_abm.InvalidInput: herding = 99: give a number from 0 to 8 [1]
    """

    def __post_init__(self) -> None:
        for item in fields(self):
            object.__setattr__(self, item.name, checked(item, getattr(self, item.name)))

    def with_values(self, values: dict[str, Any]) -> Parameters:
        """Return a copy with some values replaced; an unknown name is refused with the nearest valid one."""
        for name in values:
            if name not in DECLARED:
                raise InvalidInput(unknown_name("parameter", name, DECLARED))
        return replace(self, **values)

    def row(self) -> Any:
        """Return the values as one record, the form that rules read."""
        row = np.zeros(1, DTYPE)[0]
        for name in DECLARED:
            row[name] = getattr(self, name)
        return row


DECLARED: dict[str, Any] = {item.name: item for item in fields(Parameters)}

# What the outside world does in a month travels with the parameters: a path that is fixed before the run.
OUTSIDE = {
    "month": "month, counted from January 2023",
    "export_control": "stage of export control; 1 since October 2023, as it was [ratio]",
    "control_step": "rise of the stage in this month [ratio]",
    "tariff": "tariff on imported servers [share]",
    "call": "pressure of the central call to build [0, 1]",
    "platform_capex": "investment of all platforms [CNY/month]",
    "frontier_efficiency": "efficiency of the best open model released so far [ratio]",
    "frontier_openness": "adopters of that model who stop pre-training [share]",
    "frontier_imitation": "imitation in its adoption [1/month]",
}
DTYPE = np.dtype((np.record, [(name, "f8") for name in (*DECLARED, *OUTSIDE)]))
