"""Measure what docs/odd/mechanisms.md says of every mechanism: with it less without it, under the same luck.

Run it when results have changed, some minutes of two processors; names of mechanisms measure these alone:

    python docs/measure_mechanisms.py
    python docs/measure_mechanisms.py search vouchers
    make docs

Writes docs/measured/mechanisms.csv. Every number is a mean over seeds, or over economies of the ensemble, with its 95 %
interval; what was asked of a mechanism holds if the whole interval is where it should be.
"""

import csv
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from os import cpu_count
from pathlib import Path
from typing import Any

import numpy as np

from bubble_abm import Parameters, simulate
from bubble_abm.economy.accounts import FLOWS, SECTORS
from bubble_abm.economy.measures import GPUS_PER_SERVER
from bubble_abm.economy.outside import month_number
from bubble_abm.economy.provinces import PROVINCES
from bubble_abm.observe.seeds import Estimate, mean, ratio
from bubble_abm.observe.verdict import pop
from bubble_abm.study.ensemble import Ensemble
from bubble_abm.study.sensitivity.factors import Factor
from bubble_abm.study.sensitivity.sampling import Sampling, design

TABLE = Path(__file__).parent / "measured" / "mechanisms.csv"
HEADING: tuple[Any, ...] = (
    "mechanism",
    "compared",
    "measure",
    "value",
    "low",
    "high",
    "runs",
    "economies",
    "wanted",
    "holds",
)
SEEDS = range(1, 41)


# --- What is run ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class World:
    """An economy: what it changes of the defaults, or of all members of the ensemble, and whether the shock comes."""

    changes: tuple[tuple[str, float], ...] = ()
    shock: bool = True
    members: bool = False

    @property
    def economies(self) -> str:
        """Over what means are taken, in words."""
        return f"{len(ENSEMBLE)} economies" if self.members else f"{len(SEEDS)} seeds"

    def starts(self) -> list[tuple[Parameters, int]]:
        """Return parameters and seed of each run; experiments over the ensemble pair members and seeds likewise."""
        if self.members:
            return [(ENSEMBLE.parameters(one).with_values(dict(self.changes)), one + 1) for one in range(len(ENSEMBLE))]
        return [(STANDARD.with_values(dict(self.changes)), seed) for seed in SEEDS]


def world(shock: bool = True, members: bool = False, **changes: float) -> World:
    """Return the economy with some changes."""
    return World(tuple(changes.items()), shock, members)


ENSEMBLE, STANDARD = Ensemble.load(), Parameters()
DEFAULTS, UNSHOCKED, MEMBERS = world(), world(shock=False), world(members=True)


# --- What is read off a run -----------------------------------------------------------------------------------------

Run = Any  # the measures of a run, one row a month


@dataclass(frozen=True)
class Read:
    """A number that is read off a run, which has to reach its last month."""

    of: Callable[[Run], float]
    last: int


def at(name: str, month: str) -> Read:
    """Value in a month."""
    number = month_number(month)
    return Read(lambda run: run[name][number], number)


def over(name: str, first: str, last: str, how: Callable[[np.ndarray], float] = np.mean) -> Read:
    """Mean over some months, or another summary of them."""
    begin, end = month_number(first), month_number(last)
    return Read(lambda run: how(run[name][begin : end + 1]), end)


def total(name: str, first: str, last: str) -> Read:
    """Sum over some months."""
    return over(name, first, last, np.sum)


def highest(name: str, first: str = "2023-01", last: str = "2027-12") -> Read:
    """Highest value in some months."""
    return over(name, first, last, np.max)


def together(how: Callable[..., float], *reads: Read) -> Read:
    """Combine numbers of the same run."""
    return Read(lambda run: how(*(one.of(run) for one in reads)), max(one.last for one in reads))


def over_other(part: Read, whole: Read) -> Read:
    """Ratio of two numbers of the same run, 0 where the second is 0."""
    return together(lambda a, b: a / b if b > 0.0 else 0.0, part, whole)


def less(a: Read, b: Read) -> Read:
    """Difference of two numbers of the same run."""
    return together(lambda x, y: x - y, a, b)


def happens(read: Read, limit: float = 0.0) -> Read:
    """Whether a number is above a limit."""
    return together(lambda value: float(value > limit), read)


# --- What is compared -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Wanted:
    """Where an estimate should lie, with all of its interval."""

    words: str
    low: float = -np.inf
    high: float = np.inf

    def holds(self, found: Estimate) -> bool:
        """Whether it does."""
        low, high = (found.value if bound is None else bound for bound in (found.low, found.high))
        return self.low < low and high < self.high


def above(value: float) -> Wanted:
    """All of the interval above a value."""
    return Wanted(f"above {value:g}", low=value)


def below(value: float) -> Wanted:
    """All of the interval below a value."""
    return Wanted(f"below {value:g}", high=value)


def between(low: float, high: float) -> Wanted:
    """All of the interval between two values."""
    return Wanted(f"{low:g} to {high:g}", low, high)


@dataclass(frozen=True)
class Measure:
    """A number in words, how it is read, its size in the unit of the words, decimals, and what was asked of it."""

    words: str
    read: Read
    size: float = 1.0
    digits: int = 1
    wanted: Wanted | None = None


@dataclass(frozen=True)
class Share(Measure):
    """A measure of which the difference is told in per cent of what it is in the other economy."""


@dataclass(frozen=True)
class Comparison:
    """Numbers of one economy, or the differences from another one under the same luck."""

    compared: str
    of: World
    against: World | None
    measures: tuple[Measure, ...]

    @property
    def worlds(self) -> tuple[World, ...]:
        """Economies that have to be run."""
        return (self.of,) if self.against is None else (self.of, self.against)

    @property
    def months(self) -> int:
        """How long they have to be run."""
        return 1 + max(measure.read.last for measure in self.measures)

    def estimate(self, measure: Measure, runs: dict[World, list[Run]]) -> Estimate:
        """Return the mean with its interval, in the unit of the words; a run that is not a number does not count."""
        mine, *others = (np.array([measure.read.of(run) for run in runs[one]], dtype=float) for one in self.worlds)
        if isinstance(measure, Share):
            return ratio(100.0 * (mine - others[0]), others[0])
        values = (mine - others[0] if others else mine) / measure.size
        return mean(values[np.isfinite(values)])

    def rows(self, mechanism: str, runs: dict[World, list[Run]]) -> list[tuple[Any, ...]]:
        """Return the rows of the table."""
        rows = []
        for measure in self.measures:
            found = self.estimate(measure, runs)
            sign = "+" if self.against else ""
            numbers = (f"{one:{sign}z,.{measure.digits}f}" for one in (found.value, found.low, found.high))
            wanted = measure.wanted
            asked = (wanted.words, "yes" if wanted.holds(found) else "no") if wanted else ("", "")
            rows.append((mechanism, self.compared, measure.words, *numbers, found.seeds, self.of.economies, *asked))
        return rows


def level(compared: str, of: World, *measures: Measure) -> Comparison:
    """Compare with nothing: tell numbers of one economy."""
    return Comparison(compared, of, None, measures)


def effect(compared: str, of: World, against: World, *measures: Measure) -> Comparison:
    """Compare an economy with another one."""
    return Comparison(compared, of, against, measures)


# --- Measures that several mechanisms share ---------------------------------------------------------------------------


def span(first: str, last: str) -> str:
    """Name some months."""
    return first if first == last else f"{first} to {last}"


def rent(first: str, last: str = "", wanted: Wanted | None = None) -> Measure:
    """Rent of a server, mean over some months."""
    last = last or first
    words = f"rent of a server, {span(first, last)} [thousand CNY]"
    return Measure(words, over("rent_per_server", first, last), 1e3, 1, wanted)


def rent_share(first: str, last: str, wanted: Wanted | None = None) -> Measure:
    """Rent of a server, difference in per cent."""
    return Share(f"rent of a server, {span(first, last)} [%]", over("rent_per_server", first, last), 1, 1, wanted)


def use(
    first: str,
    last: str,
    wanted: Wanted | None = None,
    name: str = "utilisation",
    what: str = "use",
    unit: str = "points",
) -> Measure:
    """Share of GPUs, mean over some months; a difference is one in points."""
    return Measure(f"{what}, {span(first, last)} [{unit}]", over(name, first, last), 0.01, 1, wanted)


def count(what: str, name: str, month: str, wanted: Wanted | None = None) -> Measure:
    """A number of sites or firms in a month."""
    return Measure(f"{what}, {month}", at(name, month), 1, 1, wanted)


def wound_up(month: str = "2027-12") -> Measure:
    """Sites wound up until a month."""
    return count("sites wound up", "projects_bankrupt", month)


def started(first: str, last: str, wanted: Wanted | None = None) -> Measure:
    """Constructions begun in some months."""
    return Measure(f"starts, {first} to {last}", total("projects_started", first, last), 1, 1, wanted)


def announced(month: str, wanted: Wanted | None = None) -> Measure:
    """Announcements until a month."""
    return count("sites announced", "projects_announced", month, wanted)


def broken(first: str = "2023-01", last: str = "2027-12", wanted: Wanted | None = None) -> Measure:
    """Leases that tenants broke off."""
    return Measure(
        f"broken off, {first} to {last} [thousand GPUs]", total("leases_broken", first, last), 1e3, 1, wanted
    )


def price(first: str, last: str, wanted: Wanted | None = None) -> Measure:
    """Price of a GPU of the H100 class."""
    return Measure(
        f"price of an H100, {first} to {last} [thousand CNY]", over("gpu_price", first, last), 1e3, 1, wanted
    )


def honest(first: str, last: str) -> Read:
    """Share of honest applicants among those of a year, or of some months."""
    all_, theirs = (less(at(name, last), at(name, first)) for name in ("projects_announced", "projects_of_harvesters"))
    return together(lambda every, harvesters: 1.0 - harvesters / every, all_, theirs)


def growth(name: str, month: str, before: str) -> Read:
    """Change of a measure from one month to another, as a share."""
    return together(lambda now, then: now / then - 1.0, at(name, month), at(name, before))


def fuller(these: str, others: str, year: int) -> Measure:
    """By how much some sites are fuller than others, which was asked for."""
    first, last = f"{year}-01", f"{year}-12"
    return Measure(
        f"use, {year} [points]", less(over(these, first, last), over(others, first, last)), 0.01, 1, above(0)
    )


def inference_share(first: str, last: str, wanted: Wanted | None = None) -> Measure:
    """Share of inference in rented compute."""
    return use(first, last, wanted, "inference_share", "inference in rented compute", "%")


def dealers_left(kept: float) -> Read:
    """Whether fewer dealers are in business in December 2026 than a share of the most, where the boom has popped."""
    last = month_number("2026-12")

    def left(run: Run) -> float:
        if pop({name: values[: last + 1] for name, values in run.items()}).composite is None:
            return np.nan
        return float(run["smugglers_active"][last] < kept * run["smugglers_active"].max())

    return Read(left, last)


LACKING = highest("platforms_short", "2025-01", "2025-12")
SHUNNED = Measure(
    "free at sites that they shun, 2025 [thousand GPUs]", over("gpus_shunned", "2025-01", "2025-12"), 1e3, 0, above(0)
)
WRITTEN_OFF = Measure("loans written off, 2023-27 [bn CNY]", total("write_offs", "2023-01", "2027-12"), 1e9)
SOME_OFF = happens(at("projects_idle", "2025-12"))
SIGNED = over_other(total("contracts_signed", "2023-01", "2024-12"), total("rent_recognised", "2023-01", "2024-12"))


# --- Economies --------------------------------------------------------------------------------------------------------

PAID = world(subsidy_on_use=1)
PAID_CHECKED = world(subsidy_on_use=1, forecast_checks=0.3)
GAMED = world(subsidy_on_use=1, forecast_checks=0.3, gaming_share=0.8)
FIRMS = world(application_firms=600)
USERS = world(potential_users=700, serving_progress=0.1)
FLEETS, NO_PLANS = world(own_fleets=1), world(own_fleets=1, platform_plans=0)
POT = 50e6
POTS_OF_A_YEAR = POT * len(PROVINCES)  # they grow with budgets, relative to the average
TERMS = {"contract_prepayment": 0.6, "contract_penalty": 0.3, "lessor_penalty": 0.05, "break_penalty": 0}

#: What is read off economies in which tenants are financed by those from whom they rent, in either form.
FINANCED = (
    Measure("leased from who finances the tenant, 2024 [thousand GPUs]",
            over("gpus_circular", "2024-01", "2024-12"), 1e3, 1, above(0)),
    use("2024-01", "2024-12", name="independent_utilisation", what="independent use"),
    rent("2025-01", "2027-12"), count("startups", "startups_active", "2025-12"), wound_up(),
)  # fmt: skip

COMPARISONS: dict[str, tuple[Comparison, ...]] = {
    "adverse_selection": (
        level("defaults", DEFAULTS,
              Measure("honest applicants in 2023 [%]", honest("2023-01", "2023-12"), 0.01),
              Measure("honest applicants in 2024 [%]", honest("2023-12", "2024-12"), 0.01),
              Measure("the second less the first [points]",
                      less(honest("2023-12", "2024-12"), honest("2023-01", "2023-12")), 0.01, 1, below(0))),
        effect("with harvesters less without", DEFAULTS, world(harvester_share=0), announced("2024-12"), wound_up()),
        effect("paid on use and forecasts checked, less paid at the start", PAID_CHECKED, DEFAULTS,
               count("sites of harvesters announced", "projects_of_harvesters", "2024-12", below(0)),
               announced("2024-12"), use("2026-01", "2027-12", above(0)), wound_up()),
        effect("the same with invented use, less without", GAMED, PAID_CHECKED,
               count("sites of harvesters announced", "projects_of_harvesters", "2024-12")),
        effect("all forecasts checked, less none, paid on use", world(subsidy_on_use=1, forecast_checks=1), PAID,
               announced("2024-12"), started("2023-01", "2024-12")),
    ),
    "application_firms": (
        level("600 places", FIRMS,
              count("founded", "services_registered", "2023-12"), count("founded", "services_registered", "2024-12"),
              count("founded", "services_registered", "2025-07", above(490)),
              Measure("deals of July to September 2025 over January to March 2024", over_other(
                  total("funding_rounds", "2025-07", "2025-09"), total("funding_rounds", "2024-01", "2024-03")),
                  1, 2, above(1)),
              inference_share("2025-04", "2025-06", between(35, 55))),
        level("600 places, without the release", world(shock=False, application_firms=600),
              count("founded", "services_registered", "2025-07")),
        effect("600 places less none", FIRMS, DEFAULTS, rent("2026-01", "2027-12"), use("2026-01", "2027-12"),
               wound_up()),
        effect("600 places less none, without reach", world(application_firms=600, application_reach=0), DEFAULTS,
               rent("2026-01", "2027-12"), use("2026-01", "2027-12")),
    ),
    "approval": (
        effect("approval where 40 % is used, less none", world(approval_utilisation=0.4), DEFAULTS,
               started("2025-01", "2027-12"), use("2026-01", "2027-12"), wound_up()),
        effect("approval in hubs only, less anywhere", world(hub_only=1), DEFAULTS, announced("2024-12"),
               use("2026-01", "2027-12"), wound_up()),
    ),
    "attention": (
        effect("attentive less nobody", DEFAULTS, world(sponsor_attention=0, lender_attention=0, fund_attention=0),
               started("2024-01", "2024-12"), started("2025-01", "2027-12"), use("2026-01", "2027-12"), wound_up()),
    ),
    "circular_finance": (
        level("defaults, both forms", DEFAULTS,
              use("2024-01", "2024-12", name="real_utilisation", what="use by who has a use", unit="%"),
              Measure("of it, by who is not financed by the site [%]",
                      over("independent_utilisation", "2024-01", "2024-12"), 0.01),
              Measure("the difference [points]", less(over("real_utilisation", "2024-01", "2024-12"),
                      over("independent_utilisation", "2024-01", "2024-12")), 0.01, 1, above(0))),
        effect("with patrons less without", DEFAULTS, world(circular_share=0),
               *FINANCED),
    ),
    "contract_terms": (
        effect("penalty 0.3 less 0.2, without months of rent", world(break_penalty=0, contract_penalty=0.3),
               world(break_penalty=0, contract_penalty=0.2), broken(wanted=below(0))),
        effect("terms of fact C46 less the defaults", world(**TERMS), DEFAULTS, broken(wanted=below(0)),
               Measure("leases ended with a startup [thousand GPUs]",
                       total("leases_of_the_dead", "2023-01", "2027-12"), 1e3),
               count("startups", "startups_active", "2025-12"), rent("2024-01", "2024-12")),
        level("defaults", DEFAULTS,
              Measure("rent signed for over rent earned, 2023-24", SIGNED, 1, 2, above(1)),
              Measure("leases ended early in the year to September 2025 over the year before", over_other(
                  total("lease_cancellations", "2024-10", "2025-09"),
                  total("lease_cancellations", "2023-10", "2024-09")), 1, 2, above(1))),
    ),
    "conversion": (
        level("defaults", DEFAULTS, count("converted", "projects_converted", "2027-12", above(0)),
              count("conversions failed", "conversions_failed", "2027-12", above(0))),
        effect("with conversions less without", DEFAULTS, world(conversion_rate=0), use("2026-01", "2027-12"),
               rent("2026-01", "2027-12"), wound_up()),
    ),
    "dealer_chains": (
        effect(f"secrecy 0.3 less the defaults ({STANDARD.chain_secrecy:g})", world(chain_secrecy=0.3), DEFAULTS,
               Measure("hands, 2025-27", over("mean_hands", "2025-01", "2027-12"), 1, 2),
               price("2023-11", "2024-12"),
               Measure("seized a month, 2023-24 [GPUs]", over("gpus_seized", "2023-01", "2024-12"), 1, 0)),
    ),
    "engineering": (
        level("defaults, new sites with a team less others", DEFAULTS,
              fuller("utilisation_teams", "utilisation_bare", 2024),
              fuller("utilisation_teams", "utilisation_bare", 2025)),
        level("defaults, near the users less elsewhere", DEFAULTS,
              fuller("utilisation_hub", "utilisation_interior", 2024),
              fuller("utilisation_hub", "utilisation_interior", 2025)),
        level("fitness without a team 0.4, new sites with a team less others", world(bare_engineering=0.4),
              fuller("utilisation_teams", "utilisation_bare", 2025)),
        effect("interior suitability 0.6 less 0.15", world(interior_suitability=0.6), world(interior_suitability=0.15),
               use("2025-01", "2025-12", below(0), "idle_share_new", "idle share of new sites"),
               use("2025-01", "2025-12", name="utilisation_interior", what="use away from the users"),
               use("2025-01", "2025-12", name="utilisation_hub", what="use near the users")),
        effect("delays counted (`latency_weight` 1) less not", world(latency_weight=1), DEFAULTS,
               use("2025-01", "2025-12"), rent("2025-01", "2025-12")),
        effect("teams rare less every site with one", DEFAULTS, world(bare_engineering=1), use("2025-01", "2027-12"),
               rent("2025-01", "2027-12")),
    ),
    "enterprises": (
        level("defaults", DEFAULTS,
              Measure("leased by enterprises, May 2025 [thousand GPUs]", at("gpus_of_enterprises", "2025-05"), 1e3),
              Measure("of these at sites of their own [GPUs]", at("gpus_self_served", "2025-05"), 1, 0, above(1000))),
        effect("enterprise share 0.1 less none", world(enterprise_share=0.1), world(enterprise_share=0),
               Measure("at sites of their own, May 2025 [GPUs]", at("gpus_self_served", "2025-05"), 1, 0),
               rent("2024-01", "2024-12"), use("2025-01", "2025-12"), wound_up()),
        effect("with enterprises less without", DEFAULTS, world(enterprise_share=0), rent("2024-01", "2024-12"),
               use("2025-01", "2025-12"), wound_up()),
    ),
    "hand_over": (
        level("share 0.3", world(hand_over=0.3), count("handed over", "projects_handed_over", "2027-12")),
        level("share 0.3, sponsors without attention", world(hand_over=0.3, sponsor_attention=0),
              count("handed over", "projects_handed_over", "2027-12")),
        effect("share 0.3 less none", world(hand_over=0.3), DEFAULTS,
               count("sites in arrears", "projects_distressed", "2027-12", below(0)), wound_up(),
               use("2026-01", "2027-12")),
    ),
    "hoarding": (
        effect("hoarding 0.5 less none", world(hoarding=0.5), world(hoarding=0),
               Measure("held back, 2023-24 [thousand GPUs]", over("chips_held_back", "2023-01", "2024-12"), 1e3),
               price("2023-07", "2024-03"), price("2025-01", "2025-12"), rent("2023-11", "2024-02")),
        effect(f"with hoarding ({STANDARD.hoarding:g}) less without", DEFAULTS, world(hoarding=0),
               price("2023-07", "2024-03")),
    ),
    "industry_fund": (
        effect("with funds less without", DEFAULTS, world(industry_fund=0),
               *FINANCED),
    ),
    "later_answer": (
        effect("brake 0.9 less none", world(late_brake=0.9), DEFAULTS,
               Measure("announced in 2025-27", less(at("projects_announced", "2027-12"),
                       at("projects_announced", "2024-12")), 1, 1, below(0)), started("2025-01", "2027-12"),
               use("2026-01", "2027-12")),
        effect("gate 0.4 less none", world(late_gate=0.4), DEFAULTS,
               Measure("announced in 2025-27", less(at("projects_announced", "2027-12"),
                       at("projects_announced", "2024-12"))), started("2025-01", "2027-12", below(0)),
               use("2026-01", "2027-12"), count("sites in arrears", "projects_distressed", "2027-12")),
    ),
    "lending_standards": (
        effect("strict less not", DEFAULTS, world(lender_strictness=0, lender_attention=0),
               started("2025-01", "2027-12"), wound_up(), WRITTEN_OFF),
    ),
    "leverage_cap": (
        level("defaults", DEFAULTS, wound_up(), WRITTEN_OFF),
        effect("debt up to 30 %, less the defaults", world(leverage_cap=0.3), DEFAULTS,
               count("sites completed", "projects_completed", "2027-12"), wound_up(), WRITTEN_OFF,
               rent("2025-01", "2025-12")),
    ),
    "non_users": (
        level("defaults", DEFAULTS, Measure("most that non-users lease [thousand GPUs]", highest("gpus_unused"), 1e3)),
        effect("with non-users less without", DEFAULTS, world(non_user_share=0), broken(),
               Measure("rent signed for over rent earned, 2023-24", SIGNED, 1, 2, above(0)),
               Measure("peak of the rent of a server [thousand CNY]", highest("rent_per_server", last="2024-12"), 1e3),
               started("2023-01", "2024-12"), wound_up(),
               use("2023-01", "2024-12", name="real_utilisation", what="use by who has a use")),
    ),
    "opaque_contracts": (
        effect("all contracts in petaflops less none", world(opaque_share=1), world(opaque_share=0),
               use("2026-01", "2027-12", below(0)), broken(wanted=above(0))),
        effect(f"a share of {STANDARD.opaque_share:g} less none", DEFAULTS, world(opaque_share=0),
               use("2026-01", "2027-12", below(0)), broken(wanted=above(0))),
        level("defaults", DEFAULTS,
              Measure("expected shortfall of a petaflop, December 2027", at("petaflop_shortfall", "2027-12"), 1, 2,
                      above(0))),
        effect("without learning less with", world(opaque_learning=0), DEFAULTS, broken(wanted=above(0)),
               use("2026-01", "2027-12")),
    ),
    "option_value": (
        effect("all owners less none", world(debt_pricing=0), world(debt_pricing=1), rent("2025-03", wanted=below(0)),
               use("2025-01", "2025-12", above(0)), wound_up()),
        effect(f"{100 - 100 * STANDARD.debt_pricing:.1f} % of owners less none", DEFAULTS, world(debt_pricing=1),
               rent("2025-03"),
               use("2025-01", "2025-12")),
    ),
    "own_fleets": (
        effect("without capital spending less as planned", NO_PLANS, FLEETS,
               rent_share("2025-01", "2025-12", above(0)),
               Measure("rented by platforms in 2025 [thousand GPUs]", over("platforms_rented", "2025-01", "2025-12"),
                       1e3),
               Measure("most that platforms lack in 2025 [thousand GPUs]", LACKING, 1e3)),
        level("as planned", FLEETS,
              Measure("short by more than a thousand GPUs in 2025 [% of seeds]",
                      happens(LACKING, 1e3), 0.01, 0),
              Measure("most that platforms lack in 2025 [thousand GPUs]", LACKING, 1e3, 1, above(0)), SHUNNED),
        effect("as planned less a fixed share of rented inference", FLEETS, DEFAULTS, rent("2025-01", "2025-12"),
               use("2025-01", "2025-12", name="utilisation_new", what="use of new sites"), wound_up()),
        effect("without capital spending less as planned, over the ensemble",
               world(members=True, own_fleets=1, platform_plans=0), world(members=True, own_fleets=1),
               rent_share("2025-01", "2025-12", above(0))),
        level("as planned, over the ensemble", world(members=True, own_fleets=1),
              Measure("short by more than a thousand GPUs in 2025 [% of economies]",
                      happens(LACKING, 1e3), 0.01, 0, above(0)), SHUNNED),
    ),
    "own_tenants": (
        effect("from December 2023 on less never", world(own_tenants_from=11), DEFAULTS, rent("2025-03"),
               announced("2025-03"), count("sites wound up", "projects_bankrupt", "2025-03")),
    ),
    "public_register": (
        effect("with a register less without", world(public_register=1), DEFAULTS, announced("2024-12"),
               started("2023-01", "2024-12"), use("2025-01", "2025-12"), wound_up()),
    ),
    "re_equipment": (
        level("share 0.5", world(re_equipment=0.5),
              count("halls equipped again", "halls_equipped_again", "2027-12", above(0))),
        level("defaults", DEFAULTS, count("halls equipped again", "halls_equipped_again", "2027-12")),
        effect("share 0.5 less none", world(re_equipment=0.5), world(re_equipment=0), wound_up(),
               rent("2026-01", "2027-12")),
        level("over the ensemble", MEMBERS, count("halls equipped again", "halls_equipped_again", "2027-12", above(0))),
    ),
    "resale_network": (
        effect("80 % pooled less none", world(resale_network=0.8), DEFAULTS, use("2026-01", "2027-12", above(0)),
               use("2026-01", "2027-12", name="utilisation_interior", what="use away from the users"),
               rent_share("2026-01", "2027-12"), count("sites switched off", "projects_idle", "2027-12"), wound_up()),
    ),
    "search": (
        level("defaults", DEFAULTS, Measure("highest use of the run [%]", highest("utilisation"), 0.01, 1, below(100))),
        effect("two months less none", world(search_time=2), world(search_time=0),
               Measure("highest use of the run [points]", highest("utilisation"), 0.01, 1, below(0)),
               Measure("peak of the rent of a server [thousand CNY]", highest("rent_per_server"), 1e3),
               rent("2024-10", "2024-12"), rent("2025-03"), started("2023-01", "2025-03"), wound_up()),
        effect(f"{STANDARD.search_time:g} months less none", DEFAULTS, world(search_time=0),
               Measure("highest use of the run [points]", highest("utilisation"), 0.01), rent("2024-10", "2024-12"),
               wound_up()),
    ),
    "subsidy_on_use": (
        effect("paid on use less paid at the start", PAID, DEFAULTS,
               Measure("subsidies, 2023-27 [bn CNY]", total("subsidies_paid", "2023-01", "2027-12"), 1e9),
               announced("2024-12"), use("2026-01", "2027-12"), rent("2025-01", "2025-12"), wound_up()),
    ),
    "switching_off": (
        level("defaults", DEFAULTS,
              Measure("a site is off in December 2025 [% of seeds]", SOME_OFF, 0.01, 0, above(50)),
              count("sites off", "projects_idle", "2025-12")),
        level("over the ensemble", MEMBERS,
              Measure("a site is off in December 2025 [% of economies]", SOME_OFF, 0.01, 0, above(50))),
        effect(f"by fill {STANDARD.cost_to_cover:g} less not", DEFAULTS, world(cost_to_cover=0),
               count("sites off", "projects_idle", "2025-12"), count("sites off", "projects_idle", "2027-12"),
               count("sites in arrears", "projects_distressed", "2027-12"), rent("2027-01", "2027-12")),
        effect("by fill 1 less not", world(cost_to_cover=1), world(cost_to_cover=0),
               count("sites off", "projects_idle", "2025-12"), count("sites off", "projects_idle", "2027-12"),
               count("sites in arrears", "projects_distressed", "2027-12"), rent("2027-01", "2027-12")),
        level("defaults, running cost over rent", DEFAULTS,
              Measure("fill that covers running cost, March 2025", together(
                  lambda rent: GPUS_PER_SERVER * STANDARD.running_cost / rent, at("rent_per_server", "2025-03")),
                  1, 2, between(0.25, 0.45))),
    ),
    "take_over": (
        level("defaults", DEFAULTS, count("taken over", "projects_taken_over", "2027-12")),
        effect(f"taken over ({STANDARD.take_over_probability:g}) less liquidated", DEFAULTS,
               world(take_over_probability=0), wound_up(),
               use("2026-01", "2027-12"), rent("2026-01", "2027-12")),
        effect("by mandate less by call", world(take_over_mandate=1), DEFAULTS,
               count("taken over", "projects_taken_over", "2027-12"), wound_up(), use("2026-01", "2027-12")),
    ),
    "tokens": (
        effect("progress 0.1 less none", world(serving_progress=0.1), DEFAULTS, rent_share("2025-01", "2027-12"),
               Share("leased for inference, December 2027 [%]", at("inference_gpus", "2027-12"), 1, 1),
               wound_up()),
    ),
    "users": (
        level("700 million, progress 0.1", USERS,
              *(Measure(f"users, {month} [million]", at("users", month), 1, 0)
                for month in ("2024-12", "2025-06", "2025-12", "2027-12")),
              *(Measure(f"tokens a day, {month} [trillion]", at("tokens_per_day", month), 1e12, digits, wanted)
                for month, digits, wanted in (("2024-01", 2, between(0.05, 0.2)), ("2025-06", 1, between(15, 60)),
                                              ("2025-12", 1, between(50, 200)))),
              inference_share("2024-01", "2024-06", between(5, 25)),
              inference_share("2025-04", "2025-06", between(35, 55))),
        level("the same, elasticity of inference 1.2", world(
                  potential_users=700, serving_progress=0.1, inference_elasticity=1.2),
              Measure("tokens a day, 2025-06 [trillion]", at("tokens_per_day", "2025-06"), 1e12)),
        effect("with the release less without", USERS, world(shock=False, potential_users=700, serving_progress=0.1),
               Measure("users, 2025-12 [million]", at("users", "2025-12"), 1, 0)),
        effect("users less the trend", USERS, world(serving_progress=0.1), rent("2025-01", "2025-12"),
               use("2027-01", "2027-12", name="utilisation_new", what="use of new sites"), wound_up()),
    ),
    "vendor_value": (
        effect("with the release less without", DEFAULTS, UNSHOCKED,
               Share("value in January 2025 [%]", at("vendor_value", "2025-01"), 1, 1),
               Share("value in December 2025 [%]", at("vendor_value", "2025-12"), 1, 1)),
        level("defaults", DEFAULTS,
              Measure("January 2025 over December 2024 [%]", growth("vendor_value", "2025-01", "2024-12"), 0.01, 1,
                      between(-51, -5.7))),
        effect("with the release less without, elasticity of training 0.6", world(training_elasticity=0.6),
               world(shock=False, training_elasticity=0.6),
               Share("value in January 2025 [%]", at("vendor_value", "2025-01"), 1, 1)),
        level("elasticity of training 0.6", world(training_elasticity=0.6),
              Measure("January 2025 over December 2024 [%]", growth("vendor_value", "2025-01", "2024-12"), 0.01)),
    ),
    "vouchers": (
        level("pots of 50 m CNY, a share of 0.3", world(voucher_pot=POT), *(
            Measure(f"paid of the pots of {year} [%]", together(
                lambda paid: paid / POTS_OF_A_YEAR, total("vouchers", f"{year}-01", f"{year}-12")), 0.01, 1, above(50))
            for year in (2024, 2025))),
        effect("pots of 50 m, less none", world(voucher_pot=POT), DEFAULTS,
               use("2025-03", "2025-03", between(-1, 1), "utilisation_interior", "use away from the users"),
               use("2025-03", "2025-03", name="utilisation_hub", what="use near the users"),
               count("startups", "startups_active", "2025-12")),
        effect("pots of 600 m and a share of 0.6, less none", world(voucher_pot=600e6, voucher_share=0.6), DEFAULTS,
               use("2025-03", "2025-03", None, "utilisation_interior", "use away from the users"),
               use("2025-03", "2025-03", name="utilisation_hub", what="use near the users"),
               count("startups", "startups_active", "2025-12")),
    ),
    # --- What is no file among the mechanisms ---
    "chip_classes": (
        effect("buyers fear successors less not", DEFAULTS, world(successor_fear=0),
               price("2023-11", "2024-03", below(0)), price("2024-04", "2024-12")),
        level("defaults, sites that order domestic chips", DEFAULTS,
              use("2024-07", "2024-12", between(0, 30), "utilisation_domestic", unit="%")),
        level("over the ensemble, sites that order domestic chips", MEMBERS,
              use("2024-07", "2024-12", between(0, 30), "utilisation_domestic", unit="%"),
              Measure("use, December 2027 less December 2024 [points]", less(at("utilisation_domestic", "2027-12"),
                      at("utilisation_domestic", "2024-12")), 0.01, 1, above(0)),
              Measure("more than half used in December 2027 [% of economies]",
                      happens(at("utilisation_domestic", "2027-12"), 0.5), 0.01, 0, above(0))),
        effect("five classes less one", DEFAULTS, world(chip_classes=1), rent("2025-01", "2025-12"),
               use("2025-01", "2025-12")),
    ),
    "chip_market": (
        effect("fire sales 0.2 less none", world(fire_sale_speed=0.2), world(fire_sale_speed=0),
               price("2025-01", "2026-12", below(0))),
        level("over the ensemble", MEMBERS,
              Measure("dealers have left by December 2026 [% of busts]", dealers_left(1), 0.01, 0, above(90)),
              Measure("more than half of the most have left [% of busts]", dealers_left(0.5), 0.01, 0),
              Measure("smuggled of all chips imported, 2024", over("smuggled_share", "2024-01", "2024-12"), 1, 2),
              Measure("prepayments lost at the ban", at("ban_loss_share", "2023-10"), 1, 2)),
    ),
    "export_control": (
        effect("control less none", DEFAULTS, world(export_control_strength=0), price("2023-11", "2024-12", above(0)),
               rent("2024-01", "2024-12")),
        level("defaults", DEFAULTS,
              Measure("server in April 2025 over March 2025 [%]", growth("all_in_price", "2025-04", "2025-03"), 0.01, 1,
                      between(15, 20))),
    ),
}  # fmt: skip


# --- A second wave of use ---------------------------------------------------------------------------------------------

WAVE = "second_wave"
POINTS, TO_2029 = 400, 84
SPACE = (
    Factor("potential_users", 400, 1125), Factor("user_imitation", 0.08, 0.25), Factor("use_concentration", 0.2, 1),
    Factor("serving_progress", 0, 0.15), Factor("inference_elasticity", 0.6, 1.5), Factor("induced_inference", 1, 2.5),
    Factor("application_bottleneck", 1.5, 20), Factor("platform_plans", 0, 3), Factor("own_fleets", 0, 1, whole=True),
)  # fmt: skip
NAMES = [one.name for one in SPACE]
CONCENTRATED, EVEN = (0.2, 0.6), (0.6, 1.0)  # growth of use over users
RIGID, ELASTIC = (0.6, 1.05), (1.05, 1.5)  # elasticity of inference


def second_wave() -> list[tuple[Any, ...]]:
    """Say how often new sites fill up again by the end of 2029, and how often nothing comes, over wide ranges."""
    points = design(Sampling("latin", POINTS), SPACE)
    starts = [(STANDARD.with_values(dict(zip(NAMES, point))), seed) for seed, point in enumerate(points.tolist(), 1)]
    with ThreadPoolExecutor(cpu_count()) as pool:
        runs = list(pool.map(lambda start: observed(*start, True, TO_2029), starts))
    end = np.array([run["utilisation_new"][-6:].mean() for run in runs])
    low = np.array([run["utilisation_new"][month_number("2025-01") : month_number("2028-01")].min() for run in runs])
    kinds = {"second wave [%]": (end > 0.5) & (end > low + 0.15), "no recovery [%]": end < low + 0.05}
    growth, elasticity = (points[:, NAMES.index(name)] for name in ("use_concentration", "inference_elasticity"))
    cells = {f"{POINTS} points": np.ones(POINTS, dtype=bool)} | {
        f"growth of use over users {a[0]:g}-{a[1]:g}, elasticity {b[0]:g}-{b[1]:g}": inside(growth, a)
        & inside(elasticity, b)
        for a in (CONCENTRATED, EVEN)
        for b in (RIGID, ELASTIC)
    }
    cells |= {f"own fleets {number}": points[:, NAMES.index("own_fleets")] == number for number in (0, 1)}
    rows: list[tuple[Any, ...]] = []
    for cell, chosen in cells.items():
        for kind, seen in kinds.items():
            found = mean(100.0 * seen[chosen])
            asked = ("above 0", "yes" if above(0).holds(found) else "no") if chosen.all() else ("", "")
            numbers = (f"{one:z.0f}" for one in (found.value, found.low, found.high))
            rows.append((WAVE, cell, kind, *numbers, found.seeds, "points", *asked))
    return rows


def inside(values: np.ndarray, bounds: tuple[float, float]) -> np.ndarray:
    """Whether values lie between two bounds."""
    return (bounds[0] <= values) & (values <= bounds[1])


# --- Running and writing ----------------------------------------------------------------------------------------------


def observed(parameters: Parameters, seed: int, shock: bool, months: int) -> Run:
    """Run once, and keep the measures and the vouchers that startups receive."""
    records = simulate(parameters, seed=seed, shocks=None if shock else (), months=months).records
    vouchers = records.flows[:, FLOWS.index("vouchers"), SECTORS.index("startups")]
    return {name: records.measures[name] for name in records.measures.dtype.names} | {"vouchers": vouchers}


def main(names: list[str]) -> None:
    """Measure mechanisms, all of them unless some are named, and keep the rows of the others."""
    topics = (*COMPARISONS, WAVE)
    chosen = names or topics
    months: dict[World, int] = {}
    for comparison in (one for name in chosen for one in COMPARISONS.get(name, ())):
        for one in comparison.worlds:
            months[one] = max(months.get(one, 0), comparison.months)
    runs: dict[World, list[Run]] = {}
    known = written()
    for name in chosen:
        for one in (one for comparison in COMPARISONS.get(name, ()) for one in comparison.worlds):
            if one not in runs:  # each is run once, as long as somebody looks at it
                runs[one] = run_all(one, months[one])
        if name == WAVE:
            known[name] = second_wave()
        else:
            known[name] = [row for comparison in COMPARISONS[name] for row in comparison.rows(name, runs)]
        with TABLE.open("w", newline="", encoding="utf-8") as file:
            rows = [row for name in topics for row in known.get(name, [])]
            csv.writer(file, lineterminator="\n").writerows([HEADING, *rows])


def run_all(one: World, months: int) -> list[Run]:
    """Run an economy with every seed, or all members of the ensemble."""
    with ThreadPoolExecutor(cpu_count()) as pool:
        return list(pool.map(lambda start: observed(*start, one.shock, months), one.starts()))


def written() -> dict[str, list[tuple[Any, ...]]]:
    """Return the rows that were measured before, by mechanism."""
    known: dict[str, list[tuple[Any, ...]]] = {}
    if TABLE.exists():
        with TABLE.open(newline="", encoding="utf-8") as file:
            for row in list(csv.reader(file))[1:]:
                known.setdefault(row[0], []).append(tuple(row))
    return known


if __name__ == "__main__":
    main(sys.argv[1:])
