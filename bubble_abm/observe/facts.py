"""Comparison with the facts: what was observed in 2023-2025, what runs give instead, and whether that is a hit.

The facts, with their ranges and sources, are in ``facts.csv``. This file defines how each is computed from a run.
"""

from __future__ import annotations

import csv
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
COUNTS = ("projects", "centres", "cards", "services")  # units of facts that grow with the size of the world


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
    low, unit = BOUNDS.get(row["id"], (low, row["unit"]))
    return Fact(
        id=row["id"], group=row["group"], text=row["fact"], low=low, high=high, unit=unit,
        first=month_number(row["from"]), last=month_number(row["to"]),
        measure=MEASURES.get(row["id"], row["measure"]), weight=row["weight"], source=row["source"], note=row["note"],
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


def b200_server_price(fact: Fact, series: Any) -> float:
    """Price of a server of eight B200 chips, mean over the window; its other parts cost what those of an H100 do."""
    rest = column(series, "all_in_price") - column(series, "gpu_price")
    return float(GPUS_PER_SERVER * (column(series, "price_b200") + rest)[fact.first : fact.last + 1].mean())


def change_in_the_month(fact: Fact, series: Any) -> float:
    """Change of a value in the first month of the fact, relative to the month before."""
    values = column(series, fact.measure)
    return ratio(values[fact.first], values[fact.first - 1]) - 1.0


def public_share_of_openings(fact: Fact, series: Any) -> float:
    """Sites of public sponsors among those completed in the window."""
    opened = [column(series, name) for name in ("completed_public", "projects_completed")]
    return ratio(*(count[fact.last] - count[fact.first - 1] for count in opened))


def year(measure: str, first: int, series: Any) -> float:
    """Sum of a measure over the twelve months from ``first`` on."""
    return float(column(series, measure)[first : first + 12].sum())


def second_year_over_first(fact: Fact, series: Any) -> float:
    """Public spending of 2024 over that of 2023."""
    return ratio(*(year("public_spending", first, series) for first in (12, 0)))


def last_year_over_first(fact: Fact, series: Any) -> float:
    """Venture money of 2025 over that of 2023."""
    return ratio(*(year("venture_money", first, series) for first in (24, 0)))


def rounds_at_the_end(fact: Fact, series: Any) -> float:
    """Funding rounds of the last quarter of the window over those of the first."""
    rounds = column(series, "funding_rounds")
    return ratio(rounds[fact.last - 2 : fact.last + 1].sum(), rounds[fact.first : fact.first + 3].sum())


def end_over_start(fact: Fact, series: Any) -> float:
    """Value at the end of the window over that at its start."""
    values = column(series, fact.measure)
    return ratio(values[fact.last], values[fact.first])


def window_sum(fact: Fact, series: Any) -> float:
    """Sum of the measure over the window."""
    return float(column(series, fact.measure)[fact.first : fact.last + 1].sum())


def window_end(fact: Fact, series: Any) -> float:
    """Value at the end of the window."""
    return float(column(series, fact.measure)[fact.last])


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
    "C28": change_in_the_month,
    "C31": b200_server_price,
    "C34": public_share_of_openings,
    "C35": second_year_over_first,
    "C37": last_year_over_first,
    "C38": rounds_at_the_end,
    "C39": window_sum,
    "C40": window_sum,
    "C42": window_end,
    "C50": end_over_start,
    "C51": change_in_the_month,
    "C52": window_sum,
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
    "C26": "newcomers that are listed groups and have announced a project",
    "C28": "all_in_price in April 2025 over that in March, less one",
    "C31": "eight times price_b200 and the rest of the capex",
    "C33": "planned, under construction or paused",
    "C34": "of those completed in 2024",
    "C35": "subsidies, rescues and capital from the state; 2024 over 2023",
    "C36": "capex of projects under construction or completed, at the chip price of the day",
    "C37": "2025 over 2023, whole years",
    "C38": "a sign test: rounds from July to September 2025 over those from January to March 2024; above 1 is a hit",
    "C39": "delivered to sites and platforms",
    "C40": "delivered to sites and platforms",
    "C42": "application firms founded by July 2025, against more than 490 registered services",
    "C45": "GPUs that enterprises use at sites of their own; thousands of petaflops are at least 1,000, a GPU is one",
    "C49": "sites that order domestic chips",
    "C50": "rental sites and platforms' own fleets, June over March 2025",
    "C51": "value in January 2025 over that in December 2024, less one; within a factor of three",
    "C52": "rent of the startup that pays most in each month of 2024, summed",
}
ORDERS_OF_MAGNITUDE = {"C51": 3.0}  # within this factor of what was observed, and of its sign
SIGN_TESTS = {"C25": 1.0, "C38": 1.0}
#: What this file reads for a fact whose line names no measure of the model, or leaves a stage out.
MEASURES = {
    "C33": "projects_planned+projects_building+projects_paused",
    "C26": "listed_newcomers",
    "C28": "all_in_price",
    "C36": "mean_project_cost",
    "C39": "bought_h20",
    "C40": "bought_domestic",
    "C42": "services_registered",
    "C45": "gpus_self_served",
    "C49": "utilisation_domestic",
    "C50": "gpus_nationwide",
    "C51": "vendor_value",
    "C52": "largest_maker_rent",
}
#: Lower bounds, and their units, of facts that give them in words only; these have no upper bound.
BOUNDS = {"C42": (490.0, "services"), "C45": (1_000.0, "cards")}


# --- Facts about parameters, and facts without a number ----------------------------------------------------------


def power_prices(p: Any) -> tuple[float, float, float]:
    """Median, lowest and highest power price of the provinces."""
    from bubble_abm.economy.provinces import PROVINCES

    prices = [place.power_price for place in PROVINCES]
    return float(np.median(prices)), min(prices), max(prices)


def construction(p: Any) -> tuple[float, float, float]:
    """Mean, shortest and longest time of construction."""
    from bubble_abm.economy.agents.operator import building_time
    from bubble_abm.economy.sponsors import NEWCOMER, PUBLIC

    return p.building_time, building_time(NEWCOMER, p, 0.0), building_time(PUBLIC, p, 1.0)


def same_for_all(value: float) -> tuple[float, float, float]:
    """Median, lowest and highest of a value that does not vary."""
    return value, value, value


PARAMETER_CHECKS: dict[str, tuple[Callable[[Any], tuple[float, float, float]], str]] = {
    "C16": (lambda p: same_for_all(GPUS_PER_SERVER * p.running_cost), "eight times running_cost"),
    "C18": (power_prices, "median, lowest and highest of the provinces"),
    "C19": (construction, "building_time: mean, shortest and longest"),
    "C20": (lambda p: same_for_all(p.shock_efficiency), "shock_efficiency; the fact is its upper bound"),
    "C30": (lambda p: same_for_all(round(p.h200_compute - 1.0, 6)), "h200_compute less one"),
    "C41": (
        lambda p: same_for_all(GPUS_PER_SERVER * (p.h20_price + p.h20_server * p.other_capex)),
        "eight times h20_price and h20_server of other_capex",
    ),
    "C44": (lambda p: same_for_all(p.inference_elasticity), "inference_elasticity"),
}
UPPER_BOUNDS = ("C20",)

TREATMENTS = {
    "C21": "voucher_pot, voucher_share and voucher_cap; the default has no vouchers",
    "C22": "vouchers are a policy: what they do to interior sites is in docs/findings.md",
    "C27": "given: export_control in outside.py",
    "C29": "given: V2 in outside.py; the shock is R1",
    "C32": "given: platform_capex in outside.py",
    "C43": "measured, as tokens_per_day, but no test: tokens_per_gpu, serving_progress and the parameters of users "
    "were set with its numbers in view",
    "C46": "contract_prepayment, contract_penalty and lessor_penalty; by default nothing is paid in advance, "
    "a break-off costs break_penalty, in months of rent, and a lessor owes nothing",
    "C47": "derived from C16 and C11; cost_to_cover, by default 0",
    "C48": "standby_cost_share and idle_cost_share, of all running costs",
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
    """Whether a value is in the range of a fact, which has one bound if the fact is a bound or a sign test."""
    if fact.id in SIGN_TESTS:
        return value > SIGN_TESTS[fact.id]
    if fact.id in ORDERS_OF_MAGNITUDE and fact.low:
        return bool(1.0 / ORDERS_OF_MAGNITUDE[fact.id] <= value / fact.low <= ORDERS_OF_MAGNITUDE[fact.id])
    floor = -np.inf if fact.id in UPPER_BOUNDS or fact.low is None else fact.low
    ceiling = np.inf if fact.high is None else fact.high
    return bool(floor <= value <= ceiling)


def score(checks: Sequence[Check]) -> tuple[int, int]:
    """Return the number of hits and the number of facts that could be compared."""
    verdicts = [check.verdict for check in checks]
    return verdicts.count(HIT), verdicts.count(HIT) + verdicts.count(MISS)
