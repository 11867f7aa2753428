"""What must hold in every run, whatever its input: the books balance, and every number is one and within its bounds."""

from __future__ import annotations

import math
import re
import warnings
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np

from bubble_abm.economy.accounts import FLOWS, SECTORS, Books, Residuals
from bubble_abm.economy.agents.tenant import CRUMB
from bubble_abm.economy.identities import BrokenIdentity, tolerances
from bubble_abm.economy.kinds import KINDS
from bubble_abm.economy.ledger import Account
from bubble_abm.economy.markets.signals import Market
from bubble_abm.economy.measures import GPUS_PER_SERVER, STAGE_COLUMNS, Measures
from bubble_abm.economy.mechanisms.option_value import waiting_value
from bubble_abm.engine.simulation import Simulation
from bubble_abm.observe.facts import check as compare_with_facts
from bubble_abm.observe.outcomes import OUTCOMES, ObservedRun, read
from tests.torture.points import Point

MARKUP = "mean_markup"  # the measure that may be negative
ROUNDING = 1e-9  # relative, of numbers that are no sums
RUNAWAY = 10.0  # rent, relative to the replacement rent
A_YEAR = 12  # months
#: Who receives each flow that goes one way.
RECEIVERS = {
    "subsidies": "operators", "rescues": "operators", "take_overs": "operators", "equity": "operators",
    "venture_funding": "startups", "new_loans": "operators", "repayment": "bank", "interest": "bank",
    "prepayments": "smugglers", "chip_purchases": "smugglers", "imports": "abroad", "tariffs": "governments",
    "construction": "suppliers", "power": "suppliers", "colocation": "suppliers", "wages": "households",
    "second_hand_sales": "operators", "conversions": "suppliers",
    "circular_investment": "startups", "fund_investment": "startups", "taxes": "governments",
    "state_capital": "households",
    "exports": "households", "vouchers": "startups",
}  # fmt: skip
#: The same, unless rent that was paid in advance is paid back, and lessors owe a penalty.
FROM_TENANTS = {"rent": "operators", "penalties": "operators"}
PAYERS = {"sales": "households", "reexports": "abroad"}
#: Columns of agents that may be negative.
SIGNED = {
    "bank": ("cash",), "households": ("cash",), "abroad": ("cash",), "investors": ("taste", "social", "profitability"),
    "smugglers": ("markup",), "provinces": ("rank_gap",),
    "operators": ("months_to_build", "month_announced", "month_started"),
    "market": ("rent_growth", "demand_growth", "inference_growth", "inference_growth_seen"),
}  # fmt: skip
TABLES = {
    **{kind.table: kind.row for kind in KINDS}, "market": Market, "books": Books,
    "bank": Account, "households": Account, "suppliers": Account, "abroad": Account,
}  # fmt: skip


@dataclass
class Trial:
    """What a run of a point showed."""

    failures: dict[str, str] = field(default_factory=dict)
    month: int = 0
    closest: np.ndarray = field(default_factory=lambda: np.zeros(len(Residuals.columns)))

    def fail(self, name: str, text: str) -> None:
        """Note a failure, the first of its name."""
        self.failures.setdefault(name, text)


def trial(point: Point) -> Trial:
    """Run a point and look at everything that must hold; after a broken identity nothing is looked at."""
    found = Trial(month=point.months)
    try:
        with warnings.catch_warnings(), np.errstate(over="raise", invalid="raise", divide="raise"):
            warnings.simplefilter("error")
            run = Simulation(point.parameters, shocks=point.events, months=point.months, seed=point.seed)
            try:
                run.advance(point.months)
            except BrokenIdentity as error:
                note_broken(found, str(error))
            look_at(run, found)
    except Exception as error:  # whatever it is, it is what the torture looks for
        found.fail(f"{type(error).__name__}", str(error))
    return found


def note_broken(found: Trial, text: str) -> None:
    """Note a broken identity under its name; months before it are looked at all the same."""
    found.month = int(text.split()[1].rstrip(":"))
    found.fail(re.split(": | = ", text)[1], text)


def look_at(run: Simulation, found: Trial) -> None:
    """Look at measures, flows, agents and outcomes of the months before a broken identity."""
    months = found.month
    series = run.records.measures[:months]
    if months:
        tolerated = tolerances(run.records, months, run.parameters)
        residuals = run.records.residuals[:months].view("f8").reshape(months, -1)
        found.closest = np.abs(residuals / tolerated).max(axis=0)
        names = list(Residuals.columns)
        dust = {unit: tolerated[-1, names.index(name)] for unit, name in (("CNY", "deposits"), ("GPU", "chips"))}
        look_at_measures(series, run.paths, dust, found)
        look_at_rents(series, run, found)
        look_at_shortage(series, found)
        look_at_flows(run.records.flows[:months], run.paths, dust["CNY"], found)
        if months == run.months:
            look_at_agents(run.world, dust, found)
            look_at_outcomes(run, found)


def look_at_measures(series: np.ndarray, paths: np.ndarray, dust: dict[str, float], found: Trial) -> None:
    """Every measure is finite; shares are between zero and one, nothing else is negative; stages sum to projects.

    Projects are those announced since January 2023, and those that were under way then: the same number in all months.
    """
    for name, column in Measures.columns.items():
        lowest, highest = series[name].min(), series[name].max()
        low, high = -dust.get(column.unit, 0.0), 1.0 if column.unit == "share" else np.inf
        if name == MARKUP:
            low, high = bounds_of_markup(paths)
        if not np.isfinite(series[name]).all():
            found.fail(f"finite {name}", "not a finite number")
        elif not low <= lowest <= highest <= high:
            found.fail(f"bounds of {name}", f"from {lowest:g} to {highest:g}")
    stages = sum(series[name] for name in STAGE_COLUMNS)
    of_2022 = stages - series["projects_announced"]
    if of_2022[0] < 0.0 or (of_2022 != of_2022[0]).any():
        found.fail("stages", "they do not sum to the announced projects")
    if (series["gpus_leased"] > series["gpus_installed"] + dust["GPU"]).any():
        found.fail("leased", "more than installed")


def bounds_of_markup(paths: np.ndarray) -> tuple[float, float]:
    """Lowest and highest mark-up: those that were ever declared, and the normal one, from which dealers start."""
    values = [paths[f"{end}_markup"] for end in ("lowest", "normal", "highest")]
    return float(np.min(values)) - ROUNDING, float(np.max(values)) + ROUNDING


def look_at_rents(series: np.ndarray, run: Simulation, found: Trial) -> None:
    """Posted rents move by no more than the rule allows: a bound for every month, whatever tenants and owners do."""
    low, high = rent_bounds(run)
    below = {"contract_rent": cheapest_for_portfolio(run.paths)}
    for name in ("rent", "contract_rent", "prime_rent", "secondary_rent"):
        rents = series[f"{name}_per_server"] / GPUS_PER_SERVER
        least = below.get(name, 1.0) * low[: len(rents)]
        if (rents <= 0.0).any() or (rents < least).any() or (rents > high[: len(rents)]).any():
            found.fail(f"bounds of {name}", f"from {rents.min():g} to {rents.max():g}")


def cheapest_for_portfolio(paths: np.ndarray) -> float:
    """Lowest rent of a fund's firms, relative to what their partner posts; there may have been a fund at any time."""
    return min(float(paths["fund_rent"].min()), 1.0) if (paths["industry_fund"] > 0.0).any() else 1.0


def rent_bounds(run: Simulation) -> tuple[np.ndarray, np.ndarray]:
    """Lowest and highest rent that can be posted in each month [CNY/(GPU month)].

    A posted rent moves towards the index, which lies between posted rents, and besides by at most the adjustment rate;
    it is raised to the reservation rent or, at an opening, to the running cost, and lowered to what compute costs
    abroad. So no rent can be higher than the first rent, the highest running cost or the replacement rent, grown at
    that rate, nor than what compute ever cost abroad; nor lower than the first rent or the lowest rent abroad, shrunk
    by it, nor, unless use is subsidised, than the lowest running cost, to which owners may come down at once who know
    that debt is sunk. These ask for what it is worth to wait as well.
    """
    paths, first = run.paths, run.parameters.first_rent
    power = run.world.provinces["power_price"] / run.world.mean_power_price[0]
    dearest, cheapest = (
        paths["running_cost"] * (1.0 + paths["power_share"] * (price - 1.0))
        for price in (max(power.max(), 1.0), power.min())
    )
    dearest = dearest * waiting_at_most(paths)
    replacement = run.records.measures["replacement_rent_per_server"] / GPUS_PER_SERVER
    raised = np.maximum.accumulate(np.maximum(dearest, replacement))
    moved = np.cumsum(paths["rent_adjustment"])
    floor = np.minimum(first, np.minimum.accumulate(cheapest))
    floor[np.maximum.accumulate(paths["subsidy_on_use"]) > 0.0] = 0.0
    abroad = paths["rent_abroad"] * replacement
    low = np.maximum(np.minimum(first, np.minimum.accumulate(abroad)) * np.exp(-moved), floor)
    if (paths["debt_pricing"] < 1.0).any():
        low = np.minimum(floor, low)
    high = np.minimum(
        np.maximum(first, raised) * np.exp(moved),
        np.maximum.accumulate(np.maximum(np.maximum(first, dearest), abroad)),
    )
    dear, cheap = rents_of_classes(run)
    return low * cheap / (1.0 + ROUNDING), high * dear * (1.0 + ROUNDING)


def waiting_at_most(paths: np.ndarray) -> float:
    """Most that owners who know that debt is sunk ask for, relative to running cost: at an opening, at any time."""
    if (paths["debt_pricing"] >= 1.0).all():
        return 1.0
    keen = {"rent_volatility": paths["rent_volatility"].max(), "loan_rate": paths["loan_rate"].min(),
            "chip_life": paths["chip_life"].max()}  # fmt: skip
    return float(waiting_value(0.0, SimpleNamespace(**keen)))


def rents_of_classes(run: Simulation) -> tuple[float, float]:
    """Highest and lowest rent of compute on any class of chips, relative to the H100 class.

    A site's rent follows the use its chips are best at, and they may be let for another one; its floor is their running
    cost.
    """
    if run.paths["chip_classes"].max() < 2.0:
        return 1.0, 1.0
    paths = run.paths
    compute = [1.0]
    for name in (
        "h20_training",
        "h20_inference",
        "domestic_training",
        "domestic_inference",
        "h200_compute",
        "b200_compute",
    ):
        compute += [float(paths[name].max()), float(paths[name].min())]
    running = [1.0]
    for name in ("h20_power", "domestic_power", "b200_power"):
        power = 1.0 + paths["power_share"] * (paths[name] - 1.0)
        running += [float(power.max()), float(power.min())]
    best, least = max(compute), min(one for one in compute if one > 0.0)
    return max(running) * best / least, min(running) * least / best


def look_at_shortage(series: np.ndarray, found: Trial) -> None:
    """However scarce compute is, nobody pays ten times the replacement rent for more than a year.

    An index without a lease stays where it was: nobody pays it.
    """
    runaway = series["rent_per_server"] > RUNAWAY * (1.0 + ROUNDING) * series["replacement_rent_per_server"]
    months = int((runaway & (series["gpus_leased"] >= CRUMB)).sum())
    if months > A_YEAR:
        found.fail("shortage", f"{months} months of rents above {RUNAWAY:g} times the replacement rent")


def look_at_flows(flows: np.ndarray, paths: np.ndarray, dust: float, found: Trial) -> None:
    """Money flows the way it is meant to: nobody pays a negative amount."""
    back = (paths["contract_prepayment"] > 0.0).any() or (paths["lessor_penalty"] > 0.0).any()
    receivers = RECEIVERS if back else RECEIVERS | FROM_TENANTS
    for names, sign in ((receivers, 1.0), (PAYERS, -1.0)):
        for flow, sector in names.items():
            paid = sign * flows[:, FLOWS.index(flow), SECTORS.index(sector)]
            if (paid < -dust).any():
                found.fail(f"direction of {flow}", f"{paid.min():g} CNY to or from {sector}")


def look_at_agents(world: Any, dust: dict[str, float], found: Trial) -> None:
    """Every column of every agent is finite and, unless it may be, not negative."""
    for table, row in TABLES.items():
        rows = np.atleast_1d(getattr(world, table))
        for name, column in row.columns.items():
            values = rows[name].astype(float)
            if not np.isfinite(values).all():
                found.fail(f"finite {table}.{name}", "not a finite number")
            elif column.unit and name not in SIGNED.get(table, ()) and values.min(initial=0.0) < allowed(column, dust):
                found.fail(f"sign of {table}.{name}", f"{values.min():g}")


def allowed(column: Any, dust: dict[str, float]) -> float:
    """Least value of a column that must not be negative: the number of an event that is to come is -1."""
    return -1.0 if column.unit == "month" else -dust.get(column.unit.partition("/")[0], 0.0)


def look_at_outcomes(run: Simulation, found: Trial) -> None:
    """Every outcome is finite, shares and probabilities are between zero and one, and the facts can be compared."""
    observed = ObservedRun(run.records, run.parameters)
    for name, about in OUTCOMES.items():
        value = read(observed, name)
        if not math.isfinite(value) and about.always:
            found.fail(f"outcome {name}", f"{value:g}")
        elif about.unit in ("share", "probability") and about.always and not 0.0 <= value <= 1.0:
            found.fail(f"outcome {name}", f"{value:g} is no {about.unit}")
    compare_with_facts([run.records.measures], run.parameters)
