"""Comparison with the facts: what was observed in 2023-2025, what runs give instead, and whether that is a hit.

The facts, with their ranges and sources, are in ``facts.csv``. This file defines how each is computed from a run.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from bubble_abm.economy.measures import GPUS_PER_SERVER, Measures
from bubble_abm.economy.outside import label, month_number
from bubble_abm.observe.seeds import spread
from bubble_abm.observe.verdict import column

HIT, MISS, NOT_SIMULATED = "hit", "miss", "not simulated"
NOT_A_NUMBER, NOT_MEASURED = "not a number", "not measured"
NOT_COMPARED = (NOT_A_NUMBER, NOT_MEASURED)
COUNTS = ("projects", "centres")  # units of facts that grow with the size of the world


@dataclass(frozen=True)
class Fact:
    """One line of ``facts.csv``; ``first`` and ``last`` are the months of its window, counted from January 2023."""

    id: str
    group: str
    text: str
    low: float | None
    high: float | None
    unit: str
    first: int
    last: int
    measure: str
    weight: str
    source: str
    note: str


@dataclass(frozen=True)
class Check:
    """The comparison of a fact with runs.

    Attributes
    ----------
    fact : Fact
        What was observed.
    verdict : str
        ``hit`` or ``miss``; ``not simulated`` if the runs are too short; ``not a number`` if the fact has no number to
        compare; ``not measured`` if the model does not measure it yet.
    median, low, high : float or None
        Median over seeds and their spread, in which nine of ten lie; for a parameter, its value and range.
    month : int or None
        Median month of the peak, if the fact is about a peak.
    remark : str
        How the number is computed, or how the model represents the fact.
    """

    fact: Fact
    verdict: str
    median: float | None = None
    low: float | None = None
    high: float | None = None
    month: int | None = None
    remark: str = ""


@cache
def facts() -> tuple[Fact, ...]:
    """Return the facts of ``facts.csv``."""
    text = files("bubble_abm.observe").joinpath("facts.csv").read_text(encoding="utf-8")
    return tuple(fact_of(row) for row in csv.DictReader(text.splitlines()))


def fact_of(row: dict[str, str]) -> Fact:
    """Return the fact in one row of the table."""
    low, high = (float(row[name]) if row[name] else None for name in ("low", "high"))
    names = ("unit", "measure", "weight", "source", "note")
    return Fact(
        id=row["id"], group=row["group"], text=row["fact"], low=low, high=high,
        first=month_number(row["from"]), last=month_number(row["to"]), **{name: row[name] for name in names},
    )  # fmt: skip


# --- Facts computed from a run ---------------------------------------------------------------------------------


def measures_of(fact: Fact) -> list[str]:
    """Names of the measures whose sum a fact is about, as ``facts.csv`` gives them."""
    return fact.measure.split("+")


def window_mean(fact: Fact, series: Any) -> float:
    """Mean of the measure, or of the sum of some, over the window."""
    months = slice(fact.first, fact.last + 1)
    return float(sum(column(series, name)[months].mean() for name in measures_of(fact)))


def share_announced_in_window(fact: Fact, series: Any) -> float:
    """Announcements in the window over all announcements up to its end."""
    announced = column(series, "projects_announced")
    return ratio(announced[fact.last] - announced[fact.first - 1], announced[fact.last])


def completed_sites(fact: Fact, series: Any) -> float:
    """Completed centres, including those that are idle, distressed or taken over."""
    stages = ("operating", "idle", "distressed", "taken_over")
    return float(sum(column(series, f"projects_{stage}")[fact.last] for stage in stages))


def monthly_change(fact: Fact, series: Any) -> float:
    """Geometric mean of the monthly change over the window."""
    values = column(series, fact.measure)
    return ratio(values[fact.last], values[fact.first]) ** (1 / (fact.last - fact.first)) - 1


def stopped_pretraining(fact: Fact, series: Any) -> float:
    """Startups that switched to open weights during the window, over those that pre-trained before it.

    Startups that closed down are not counted as having switched.
    """
    before = fact.first - 1
    switched = column(series, "startups_open_weights")
    return ratio(switched[fact.last] - switched[before], column(series, "startups_pretraining")[before])


def cancellations_against_year_before(fact: Fact, series: Any) -> float:
    """Leases cancelled in the window over leases cancelled in as many months before it."""
    broken = column(series, "lease_cancellations")
    length = fact.last - fact.first + 1
    return ratio(broken[fact.first : fact.last + 1].sum(), broken[fact.first - length : fact.first].sum())


def server_price(fact: Fact, series: Any) -> float:
    """All-in price of eight GPUs, mean over the window."""
    return float(GPUS_PER_SERVER * column(series, "all_in_price")[fact.first : fact.last + 1].mean())


def second_year_over_first(fact: Fact, series: Any) -> float:
    """Subsidies paid in the second half of the window over those in the first."""
    middle = (fact.first + fact.last + 1) // 2
    paid = column(series, "subsidies_paid")
    return ratio(paid[middle : fact.last + 1].sum(), paid[fact.first : middle].sum())


def last_over_first(fact: Fact, series: Any) -> float:
    """Rental GPUs in completed sites at the end of the window over those at its beginning."""
    installed = column(series, "gpus_installed")
    return ratio(installed[fact.last], installed[fact.first])


def lost_at_a_ban(fact: Fact, series: Any) -> float:
    """Largest share of prepayments lost in one month of the window because export control was tightened."""
    return float(column(series, "ban_loss_share")[fact.first : fact.last + 1].max())


def ratio(part: float, whole: float) -> float:
    """Part over whole, zero if the whole is zero."""
    return float(part / whole) if whole > 0 else 0.0


READINGS: dict[str, Callable[[Fact, Any], float]] = {
    "C02": share_announced_in_window,
    "C03": completed_sites,
    "C12": monthly_change,
    "C13": stopped_pretraining,
    "C17": server_price,
    "C24": lost_at_a_ban,
    "C25": cancellations_against_year_before,
    "C35": second_year_over_first,
    "C50": last_over_first,
}
PEAKS = ("C06", "C09")
REMARKS = {
    "C02": "share of those announced by December 2024",
    "C03": "operating, idle, distressed and taken over",
    "C06": "peak of the whole run; its month must lie in the window",
    "C09": "peak of the whole run; its month must lie in the window",
    "C12": "geometric mean",
    "C13": "switched to open weights since December 2024, over those that pre-trained then",
    "C17": "eight times all_in_price",
    "C24": "prepayments lost at the ban over all of them",
    "C25": "a sign test: cancellations in the window over those in the twelve months before; above 1 is a hit",
    "C35": "subsidies_paid only",
    "C50": "gpus_installed: rental GPUs only",
}
SIGN_TESTS = {"C25": 1.0}


# --- Facts about parameters, and facts without a number ----------------------------------------------------------


def power_prices(p: Any) -> tuple[float, float, float]:
    """Median, lowest and highest power price of the provinces."""
    from bubble_abm.economy.provinces import PROVINCES

    prices = [place.power_price for place in PROVINCES]
    return float(np.median(prices)), min(prices), max(prices)


def construction(p: Any) -> tuple[float, float, float]:
    """Mean, shortest and longest time of construction."""
    from bubble_abm.economy.agents.operator import building_time

    return p.building_time, building_time(p, 0.0), building_time(p, 1.0)


def investment(p: Any) -> tuple[float, float, float]:
    """Mean investment of a project, whose sizes are lognormal, and that of one between the 5 % and 95 % quantiles."""
    price = p.foreign_chip_price * (1.0 + p.risk_premium) * (1.0 + p.normal_markup) + p.other_capex
    sizes = [math.exp(p.size_spread * deviations) for deviations in (p.size_spread / 2.0, -1.645, 1.645)]
    mean, low, high = (p.median_size * size * price for size in sizes)
    return mean, low, high


def same_for_all(value: float) -> tuple[float, float, float]:
    """Median, lowest and highest of a value that does not vary."""
    return value, value, value


PARAMETER_CHECKS: dict[str, tuple[Callable[[Any], tuple[float, float, float]], str]] = {
    "C16": (lambda p: same_for_all(GPUS_PER_SERVER * p.running_cost), "eight times running_cost"),
    "C18": (power_prices, "median, lowest and highest of the provinces"),
    "C19": (construction, "building_time: mean, shortest and longest"),
    "C20": (lambda p: same_for_all(p.shock_efficiency), "shock_efficiency; the fact is its upper bound"),
    "C36": (investment, "mean size times chip price before the ban and other capex"),
    "C44": (lambda p: same_for_all(p.inference_elasticity), "inference_elasticity"),
}
UPPER_BOUNDS = ("C20",)

TREATMENTS = {
    "C21": "compute vouchers are not in the model",
    "C22": "interior sites are less suitable for inference: interior_suitability",
    "C26": "part of the investors are inexperienced: inexperienced_share",
    "C27": "given: export_control in outside.py",
    "C28": "given: tariff in outside.py, 0.17 for one month",
    "C29": "given: V2 in outside.py; the shock is R1",
    "C30": "one class of chips, counted in H100-equivalents",
    "C31": "one class of chips, counted in H100-equivalents",
    "C32": "given: platform_capex in outside.py",
}


def check(runs: Sequence[Any], parameters: Any) -> list[Check]:
    """Compare every fact with some runs, one for each seed.

    Parameters
    ----------
    runs : sequence of mapping of str to array
        Measures of each run; all runs have the same length.
    parameters : Parameters
        Parameters of the runs.

    Returns
    -------
    list of Check
        One for each fact, in the order of the table.
    """
    return [check_one(fact, runs, parameters) for fact in facts()]


def check_one(fact: Fact, runs: Sequence[Any], parameters: Any) -> Check:
    """Compare one fact with the runs."""
    if fact.id in PARAMETER_CHECKS:
        return check_parameter(fact, parameters)
    if fact.id in TREATMENTS:
        return Check(fact, NOT_A_NUMBER, remark=TREATMENTS[fact.id])
    if fact.id not in READINGS and not set(measures_of(fact)) <= set(Measures.columns):
        return Check(fact, NOT_MEASURED, remark=f"not measured by the model yet: {fact.measure}")
    if len(column(runs[0], "rent_per_server")) <= fact.last:
        return Check(fact, NOT_SIMULATED, remark=f"the run ends before {label(fact.last)}")
    remark = REMARKS.get(fact.id, "")
    if fact.id in PEAKS:
        return check_peak(fact, runs, remark)
    size = parameters.scale if fact.unit in COUNTS else 1.0
    reading = READINGS.get(fact.id, window_mean)
    median, low, high = spread([reading(fact, series) / size for series in runs])
    verdict = HIT if inside(fact, median) else MISS
    return Check(fact, verdict, median, low, high, remark=remark)


def check_parameter(fact: Fact, parameters: Any) -> Check:
    """Compare a fact with the parameter that is based on it."""
    values, remark = PARAMETER_CHECKS[fact.id]
    value, low, high = values(parameters)
    return Check(fact, HIT if inside(fact, value) else MISS, value, low, high, remark=remark)


def check_peak(fact: Fact, runs: Sequence[Any], remark: str) -> Check:
    """Compare a fact about a peak with the highest value of the whole run, in level and month."""
    columns = [column(series, fact.measure) for series in runs]
    median, low, high = spread([values.max() for values in columns])
    month = int(np.median([values.argmax() for values in columns]))
    hit = inside(fact, median) and fact.first <= month <= fact.last
    return Check(fact, HIT if hit else MISS, median, low, high, month, remark)


def inside(fact: Fact, value: float) -> bool:
    """Whether a value is in the range of a fact, which has one bound if the fact is an upper bound or a sign test."""
    if fact.id in SIGN_TESTS:
        return value > SIGN_TESTS[fact.id]
    floor = -np.inf if fact.id in UPPER_BOUNDS or fact.low is None else fact.low
    ceiling = np.inf if fact.high is None else fact.high
    return bool(floor <= value <= ceiling)


def score(checks: Sequence[Check]) -> tuple[int, int]:
    """Return the number of hits and the number of facts that could be compared."""
    verdicts = [check.verdict for check in checks]
    return verdicts.count(HIT), verdicts.count(HIT) + verdicts.count(MISS)
