"""Sensitivity studies: makes an experiment from a method, parameters, ranges and groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from bubble_abm.economy.declare import InvalidInput, unknown_name
from bubble_abm.economy.parameters import DECLARED
from bubble_abm.engine.scenario import read_toml
from bubble_abm.observe.outcomes import EFFECT, PAIR_OUTCOMES, check_in_every_run
from bubble_abm.study.ensemble import Ensemble
from bubble_abm.study.experiment import RANGES, WIDE, Experiment, factor
from bubble_abm.study.sensitivity.emulator import EMULATE, LEAST_Q2, default_points
from bubble_abm.study.sensitivity.factors import Factor
from bubble_abm.study.sensitivity.sampling import METHODS, Sampling, default_samples

#: Default outcomes of a study; each is analysed itself and as a difference from the twin without the shock.
OUTCOMES = ("popped", "pop_month", "rent_drawdown", "idle_share", "bankruptcies")
SEEDS = 2  # luck-free indices need two; more samples narrow them more than further seeds

#: Ranges that are not declared: the hull of the ensemble that the package ships, whose parameters alone are varied.
ENSEMBLE = "ensemble"

#: Groups of all parameters that are uncertain, or in which economies of the ensemble differ, by what they are about;
#: the sections of the table of parameters are finer.
THEMES = {
    "sponsors": (
        "public_share", "able_share", "show_share", "show_value", "public_reluctance", "reluctance", "ambition",
        "first_news", "news_rate", "announcement_rate", "deep_pocket_share", "median_size", "newcomer_size",
        "able_size", "start_hurdle", "newcomer_start_hurdle", "cancellation_rate", "expansion_fill", "harvester_share",
    ),
    "expectations": (
        "extrapolation", "growth_memory", "believed_demand_growth", "competition_neglect", "experienced_neglect",
        "broker_bias", "discount_spread", "obsolescence", "herding", "choice_intensity", "hurdle", "refusal",
        "sponsor_attention", "attention_delay",
    ),
    "state": (
        "call_weight", "maximum_subsidy", "tournament_intensity", "fiscal_envelope", "rescue_probability",
        "state_capital", "brake_threshold",
    ),
    "black market": (
        "foreign_chip_price", "risk_premium", "channel_capacity", "normal_markup", "markup_adjustment",
        "highest_markup", "smuggler_entry_speed", "glut_weight", "ban_channel_cut", "ban_loss", "panic_orders",
        "class_choice", "domestic_terms", "hoarding", "chain_secrecy",
    ),
    "demand": (
        "startup_spread", "startup_innovation", "startup_imitation", "training_need", "training_growth",
        "training_runway", "training_elasticity", "inference_base", "inference_trend", "inference_elasticity",
        "induced_inference", "enterprise_share", "non_user_share", "platform_fleet", "platform_chip_share",
        "platform_domestic",
    ),
    "money": (
        "funding_rate", "round_size", "venture_extrapolation", "application_weight", "usual_growth", "startup_payroll",
        "circular_share", "industry_fund", "leverage", "loan_tenor", "lender_strictness", "lender_attention",
        "fund_attention",
    ),
    "sites": (
        "planning_time", "building_time", "public_building_time", "able_building_time", "first_projects",
        "installed_base", "first_rent", "other_capex", "idle_cost_share", "rent_adjustment", "hold_out",
        "debt_pricing", "cost_to_cover", "patience", "search_time", "contract_length", "contract_prepayment",
        "contract_penalty", "lessor_penalty", "opaque_share", "interior_suitability", "bare_engineering",
        "fitness_elasticity", "conversion_rate", "re_equipment", "fire_sale_speed",
    ),
    "shock": ("shock_efficiency", "shock_openness", "shock_imitation", "shock_month"),
}  # fmt: skip


def study(
    method: str,
    *,
    parameters: Sequence[str] | None = None,
    ranges: Mapping[str, Any] | str = WIDE,
    groups: Mapping[str, Sequence[str]] | str | None = None,
    samples: int | None = None,
    seeds: int = SEEDS,
    outcomes: Sequence[str] = OUTCOMES,
    **options: Any,
) -> Experiment:
    """Return the experiment of a sensitivity study.

    Parameters
    ----------
    method : str
        ``morris``, ``sobol``, ``shapley``, ``oat`` for response curves, or
        ``emulate`` for indices of Gaussian processes that stand in for the model.
    parameters : sequence of str, optional
        Parameters to vary; by default all uncertain parameters and those of the shock.
    ranges : str, or mapping of str to (low, high) or to a mapping with ``low``, ``high``, ``scale``
        Set of declared ranges, ``wide`` or ``plausible``; ``ensemble`` or the path of a ``.parquet``, the hull of an
        ensemble, whose parameters alone are then varied unless others are named; or ranges that replace the wide ones,
        and whose parameters are also varied.
    groups : mapping of str to sequence of str, or ``"declared"`` or ``"themes"``
        Factors that are moved together; ``declared`` means the sections of the table of parameters, ``themes`` those
        of :data:`THEMES`.
    samples : int, optional
        Number of samples N.
    seeds : int
        Number of seeds for every point.
    outcomes : sequence of str
        Outcomes to analyse.
    **options
        Fields of ``Sampling``, such as ``second_order``, ``levels`` and ``seed``, and of ``Experiment``, such as
        ``months``, ``twins``, ``scenarios`` and ``name``.

    Raises
    ------
    InvalidInput
        If a name is unknown or a value is out of bounds.
    """
    if method not in (*METHODS, EMULATE):
        raise InvalidInput(unknown_name("method", method, (*METHODS, EMULATE)))
    if isinstance(ranges, str) and ranges not in RANGES:
        ranges = hull(ranges, parameters)
        parameters = list(ranges) if parameters is None else parameters
    if method == EMULATE and groups is not None:
        raise InvalidInput("groups: only morris, sobol and shapley can use them, not emulate")
    if isinstance(groups, str) and groups not in GROUPED:
        raise InvalidInput(f"groups = {groups}: give {', '.join(GROUPED)}, or names of parameters by names of groups")
    check_in_every_run(outcomes)
    chosen = ranges if isinstance(ranges, str) else WIDE
    given = {} if isinstance(ranges, str) else {name: ranged(name, value) for name, value in ranges.items()}
    names = list(parameters) if parameters is not None else [name for name in DECLARED if varied(name)]
    factors = tuple(given.get(name) or factor(name, chosen) for name in dict.fromkeys((*names, *given)))
    moved: Any = GROUPED[groups](factors) if isinstance(groups, str) else groups
    grouped = None if moved is None else {name: tuple(members) for name, members in moved.items()}
    recipe = {name: options.pop(name) for name in tuple(options) if name in Sampling.__dataclass_fields__}
    asked: dict[str, Any] = {"name": f"sensitivity_{method}", "question": f"What moves the bubble, by {method}?"}
    if method == EMULATE:
        method = "latin"
        asked = {**asked, "emulate": LEAST_Q2}
        samples = default_points(len(factors)) if samples is None else samples
    count = default_samples(method) if samples is None else samples
    if method == "oat":
        base = {one.name: DECLARED[one.name].default for one in factors}
        recipe = {"base": base, "levels": 11} | recipe
    sampling = Sampling(method, count, groups=grouped, **recipe)
    return Experiment(**asked | options, uncertain=factors, sampling=sampling, seeds=seeds, outcomes=tuple(outcomes))


def varied(name: str) -> bool:
    """Whether a parameter is varied in sensitivity analysis."""
    return DECLARED[name].metadata["role"] in ("uncertain", "shock")


def sections(factors: Sequence[Factor]) -> dict[str, list[str]]:
    """Return the names of factors by the section of the table of parameters to which they belong."""
    found: dict[str, list[str]] = {}
    for one in factors:
        found.setdefault(DECLARED[one.name].metadata["group"], []).append(one.name)
    return found


def themes(factors: Sequence[Factor]) -> dict[str, list[str]]:
    """Return the names of factors by their theme; what has none is by itself."""
    home = {name: theme for theme, members in THEMES.items() for name in members}
    found: dict[str, list[str]] = {theme: [] for theme in THEMES}
    for one in factors:
        found.setdefault(home.get(one.name, one.name), []).append(one.name)
    return {theme: members for theme, members in found.items() if members}


#: Ready groups by name.
GROUPED = {"declared": sections, "themes": themes}


def hull(ranges: str, parameters: Sequence[str] | None) -> dict[str, Any]:
    """Return the hull of an ensemble, of some parameters only if they are named.

    Raises
    ------
    InvalidInput
        If it is neither that of the package nor a file of one.
    """
    if ranges != ENSEMBLE and not ranges.endswith(".parquet"):
        known = ", ".join((*RANGES, ENSEMBLE))
        raise InvalidInput(f"ranges = {ranges}: give {known}, a mapping or the path of a file.toml or .parquet")
    found = Ensemble.load(None if ranges == ENSEMBLE else ranges).hull()
    return found if parameters is None else {name: found[name] for name in parameters if name in found}


def ranged(name: str, given: Any) -> Factor:
    """Return the factor of a parameter with the user's range."""
    standard = factor(name)
    about = {"low": given[0], "high": given[1]} if isinstance(given, list | tuple) and len(given) == 2 else given
    if not isinstance(about, Mapping) or not {"low", "high"} <= set(about) <= {"low", "high", "scale"}:
        raise InvalidInput(f"ranges: {name} = {given}: give [low, high], or low, high and scale")
    found = replace(standard, **{"scale": "linear", **about})
    for value in (found.low, found.high):
        bounds = DECLARED[name].metadata
        if not bounds["low"] <= value <= bounds["high"]:
            raise InvalidInput(f"ranges: {name} = {value:g}: give numbers from {bounds['low']:g} to {bounds['high']:g}")
    return found


def outcomes_of(experiment: Experiment) -> list[str]:
    """Return the columns to analyse: each outcome, and its difference from the twin without the shock."""
    if not experiment.twins:
        return list(experiment.outcome_columns)
    return [
        name
        for name in experiment.outcome_columns
        if name in (*experiment.outcomes, *PAIR_OUTCOMES) or name.endswith(EFFECT)
    ]


def read_table(path: str | Path, table: str) -> dict[str, Any]:
    """Return a table of a TOML file, ``[ranges]`` or ``[groups]``.

    Raises
    ------
    InvalidInput
        If the file cannot be read, is not TOML or has no such table.
    """
    found = read_toml(table, path)
    if set(found) != {table} or not isinstance(found[table], dict):
        raise InvalidInput(f"{table} {path}: has {', '.join(found) or 'nothing'}: give one table [{table}]")
    if table == "groups" and not all(
        isinstance(members, list) and all(isinstance(name, str) for name in members)
        for members in found[table].values()
    ):
        raise InvalidInput(f"groups {path}: give lists of names, as in demand = ['inference_trend']")
    return found[table]
