"""What a run says of things that were not matched: readings that are written down before they are compared.

Each :class:`Reading` is one number of a run, with its unit. Most are read off the measures and the flows; those by kind
of sponsor, and those that follow single sites, are read off the table of projects at the end of some months.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np

from bubble_abm.economy.agents.operator import (
    BANKRUPT,
    BUILDING,
    CANCELLED,
    DISTRESSED,
    IDLE,
    OPERATING,
    PAUSED,
    PLANNED,
    TAKEN_OVER,
)
from bubble_abm.economy.chip_classes import CHIP_CLASSES
from bubble_abm.economy.ledger import OPERATORS, PENALTIES, RENT
from bubble_abm.economy.outside import label, month_number
from bubble_abm.economy.sponsors import ABLE, KINDS_OF_SPONSOR, NEWCOMER, PUBLIC
from bubble_abm.observe.surplus import RUNNING
from bubble_abm.observe.verdict import LIFE, column

MONTHS = 60  # to December 2027: what stands idle in 2025 has time to fill
FIRST, LAST = month_number("2025-01"), month_number("2026-12")  # what is predicted by quarter and by year ends here
EVE, NEWS = month_number("2024-12"), month_number("2025-03")  # between them lies the first quarter of 2025
POOL = month_number("2025-06")  # when the idle pools are looked at
EMPTY, FILLED = 0.2, 0.5  # share let below which a site is an idle pool, and from which on it has filled
BILLION = 1e9
LATER = (6, 12, 18)  # months after which pools are looked at again
HALF_YEARS = tuple(month_number(f"{year}-{month}") for year in (2024, 2025, 2026) for month in ("06", "12"))
AROUND_SHOCK = tuple(map(month_number, ("2024-10", "2024-12", "2025-01", "2025-02", "2025-03", "2025-06")))
#: Months in which each class that smugglers bring in is on sale; open classes have list prices, which are inputs.
QUOTED = {"H100": AROUND_SHOCK, "H200": AROUND_SHOCK, "B200": tuple(map(month_number, ("2025-06", "2025-12")))}
#: Ends of months at which the table of projects is kept.
KEPT_AT = tuple(sorted({EVE, NEWS, POOL, *HALF_YEARS, *(POOL + later for later in LATER), MONTHS - 1}))
COLUMNS = (
    "stage", "incumbent", "sponsor", "gpus_installed", "training_leased", "inference_leased", "month_started",
    "gpus_planned", "chip", "sham",
)  # fmt: skip
COMPLETE = (OPERATING, IDLE, DISTRESSED, TAKEN_OVER)
#: Stages of projects as news tells them.
STAGES: Mapping[str, tuple[int, ...]] = {
    "planned": (PLANNED,), "under construction": (BUILDING, PAUSED), "completed": COMPLETE,
    "given up or wound up": (CANCELLED, BANKRUPT),
}  # fmt: skip


class Seen:
    """A run, as readings see it.

    Parameters
    ----------
    records : Records
        Measures, flows and balance sheets of the run.
    projects : mapping of int to mapping of str to ndarray
        Columns of the table of projects at the end of some months.
    parameters : Parameters
        Parameters of the run.
    """

    def __init__(self, records: Any, projects: Mapping[int, Mapping[str, np.ndarray]], parameters: Any) -> None:
        self.series, self.flows, self.projects, self.parameters = records.measures, records.flows, projects, parameters

    def __getitem__(self, measure: str) -> np.ndarray:
        return column(self.series, measure)

    def received(self, names: Iterable[int], sector: int, months: slice) -> float:
        """What a sector received in some flows and months, net of what it paid [CNY]."""
        return float(sum(self.flows[months, name, sector].sum() for name in names))

    @cached_property
    def costs(self) -> np.ndarray:
        """Capital cost of every project at the prices of the month in which its construction began [CNY]."""
        last = self.projects[MONTHS - 1]
        started, chip = last["month_started"].astype(int), last["chip"].astype(int)
        prices = np.stack([self[f"price_{name.lower()}"] for name in CHIP_CLASSES])
        price = prices[chip, np.maximum(started, 0)]
        besides = self["all_in_price"] - self["price_h100"]
        shares = np.array([server_share(name, self.parameters) for name in CHIP_CLASSES])
        return (price + besides[np.maximum(started, 0)] * shares[chip]) * last["gpus_planned"]


def server_share(name: str, parameters: Any) -> float:
    """Capex of a GPU of a class besides the chip, relative to the H100 class [ratio]."""
    return float(getattr(parameters, f"{name.lower()}_server", 1.0))


@dataclass(frozen=True)
class Reading:
    """One number that is predicted.

    Attributes
    ----------
    group, what, unit : str
        Table in which it stands, what it is, and in which unit.
    read : callable
        Reads it off a run that has been :class:`Seen`; not a number where a run has no such thing.
    counted : bool
        Whether it grows with the size of the world.
    """

    group: str
    what: str
    unit: str
    read: Callable[[Seen], float]
    counted: bool = False


# --- What is read ---------------------------------------------------------------------------------------------------


def of_year(year: int) -> slice:
    """Return the months of a year."""
    first = month_number(f"{year}-01")
    return slice(first, first + 12)


def ratio(part: float, whole: float) -> float:
    """Part over whole, not a number where there is nothing."""
    return float(part / whole) if whole > 0.0 else float("nan")


def mean_of(measure: str, months: slice, seen: Seen) -> float:
    """Mean of a measure over some months."""
    return float(seen[measure][months].mean())


def value_at(measure: str, month: int, seen: Seen) -> float:
    """Value of a measure at the end of a month."""
    return float(seen[measure][month])


def added_in(measure: str, year: int, seen: Seen) -> float:
    """What a year has added to a count."""
    count = np.concatenate([[0.0], seen[measure]])
    months = of_year(year)
    return float(count[months.stop] - count[months.start])


def news_by_stage(seen: Seen) -> dict[str, float]:
    """Projects that were announced or changed their stage in the first quarter of 2025, by their stage at its end."""
    before, after = seen.projects[EVE]["stage"], seen.projects[NEWS]["stage"]
    known = np.zeros(len(after))
    known[: len(before)] = before
    new = (known != after) & (seen.projects[NEWS]["incumbent"] == 0) & (seen.projects[NEWS]["sham"] == 0)
    return {name: float((new & np.isin(after, stages)).sum()) for name, stages in STAGES.items()}


def news(name: str, seen: Seen) -> float:
    """Number of projects with news at a stage."""
    return news_by_stage(seen)[name]


def share_of_news(name: str, seen: Seen) -> float:
    """Share of a stage in all projects with news."""
    found = news_by_stage(seen)
    return ratio(found[name], sum(found.values()))


def use_by_kind(kind: int | None, month: int, seen: Seen) -> float:
    """Leased over installed GPUs of the sites that one kind of sponsor announced; None stands for the incumbents."""
    sites = seen.projects[month]
    mine = np.isin(sites["stage"], COMPLETE) & (sites["incumbent"] == (1 if kind is None else 0))
    if kind is not None:
        mine &= sites["sponsor"] == kind
    leased = (sites["training_leased"] + sites["inference_leased"])[mine].sum()
    return ratio(leased, sites["gpus_installed"][mine].sum())


def pools_filled(later: int, seen: Seen) -> float:
    """Share of the sites that stood empty in June 2025 that are half full some months later; closed ones are not."""
    then, now = seen.projects[POOL], seen.projects[POOL + later]
    pools = np.flatnonzero(np.isin(then["stage"], COMPLETE) & (then["incumbent"] == 0) & (fill(then) < EMPTY))
    return ratio(float((np.isin(now["stage"], COMPLETE) & (fill(now) >= FILLED))[pools].sum()), len(pools))


def fill(sites: Mapping[str, np.ndarray]) -> np.ndarray:
    """Share of its GPUs that every site has let."""
    leased, installed = sites["training_leased"] + sites["inference_leased"], sites["gpus_installed"]
    return np.asarray(np.divide(leased, installed, out=np.zeros(len(installed)), where=installed > 0.0))


def months_to_fill(seen: Seen) -> float:
    """Months from June 2025 until the idle share of new capacity has halved; to the end of the run if it does not."""
    idle = seen["idle_share_new"][POOL:]
    (reached,) = np.nonzero(idle <= idle[0] / 2.0)
    return float(reached[0] if len(reached) else len(idle) - 1)


def signed_over_recognised(year: int, seen: Seen) -> float:
    """Rent of the contracts signed in a year, over their whole terms, to the rent earned in it."""
    months = of_year(year)
    return ratio(seen["contracts_signed"][months].sum(), seen["rent_recognised"][months].sum())


def gross_margin(year: int, written_down: bool, seen: Seen) -> float:
    """Rent less running costs, and less a sixtieth of capital at the month's prices, over rent; all lessors."""
    months = of_year(year)
    income = seen.received((RENT, PENALTIES), OPERATORS, months)
    costs = -seen.received(RUNNING, OPERATORS, months)
    if written_down:
        costs += float((seen["all_in_price"] * seen["gpus_installed"])[months].sum()) / LIFE
    return ratio(income - costs, income)


def spent(kind: int, year: int, seen: Seen) -> float:
    """Capital cost of the projects of one kind of sponsor whose construction began in a year [bn CNY]."""
    last, months = seen.projects[MONTHS - 1], of_year(year)
    started = last["month_started"]
    mine = (last["incumbent"] == 0) & (last["sponsor"] == kind) & (months.start <= started) & (started < months.stop)
    return float(seen.costs[mine].sum()) / BILLION


# --- The readings ---------------------------------------------------------------------------------------------------

NEWS_GROUP = "Projects with news in the first quarter of 2025, by their stage at its end"
GIVEN_UP = "Projects given up and sites wound up, by year"
RENTS = "Rent of an eight-GPU server, mean of the quarter"
USE = "Use by kind of operator"
MARGINS = "Dealers"
PRICES = "Chip prices by class around the shock"
POOLS = "Time in which idle pools fill"
SIGNED = "Contracts signed over revenue recognised"
GROSS = "Gross margin of lessors"
SPENDING = "Spending by sponsor: capital cost of the projects whose construction began in the year"

YEARS = (2023, 2024, 2025, 2026)
OWNERS: Mapping[str, int | None] = {"incumbent clouds": None} | {
    f"{KINDS_OF_SPONSOR[kind]} sponsors": kind for kind in (PUBLIC, NEWCOMER, ABLE)
}


def quarters() -> dict[str, slice]:
    """Return the quarters that are predicted, by name."""
    months = range(FIRST, LAST + 1, 3)
    return {f"{2023 + month // 12} Q{month % 12 // 3 + 1}": slice(month, month + 3) for month in months}


def declared() -> Mapping[str, Reading]:
    """Return all readings by name."""
    found: dict[str, Reading] = {}

    def add(name: str, *about: Any, **more: Any) -> None:
        found[name] = Reading(*about, **more)

    for name in STAGES:
        key = name.split()[0]
        add(f"news_{key}", NEWS_GROUP, name, "projects", partial(news, name), counted=True)
    for name in STAGES:
        add(f"news_{name.split()[0]}_share", NEWS_GROUP, f"{name}, of all with news", "share",
            partial(share_of_news, name))  # fmt: skip
    for year in YEARS:
        add(f"cancelled_{year}", GIVEN_UP, f"plans given up, {year}", "projects",
            partial(added_in, "projects_cancelled", year), counted=True)  # fmt: skip
    for year in YEARS:
        add(f"wound_up_{year}", GIVEN_UP, f"sites wound up, {year}", "projects",
            partial(added_in, "projects_bankrupt", year), counted=True)  # fmt: skip
    for name, months in quarters().items():
        add(f"rent_{name.replace(' ', '_')}", RENTS, name, "CNY/(server month)",
            partial(mean_of, "rent_per_server", months))  # fmt: skip
    for name, kind in OWNERS.items():
        for month in HALF_YEARS:
            add(f"use_{name.split()[0]}_{month}", USE, f"{name}, {label(month)}", "share",
                partial(use_by_kind, kind, month))  # fmt: skip
    for month in HALF_YEARS:
        add(f"markup_{month}", MARGINS, f"mark-up over landed cost, {label(month)}", "share",
            partial(value_at, "mean_markup", month))  # fmt: skip
    for month in HALF_YEARS:
        add(f"dealers_{month}", MARGINS, f"dealers in business, {label(month)}", "dealers",
            partial(value_at, "smugglers_active", month), counted=True)  # fmt: skip
    for name, months_quoted in QUOTED.items():
        for month in months_quoted:
            add(f"price_{name.lower()}_{month}", PRICES, f"{name}, {label(month)}", "CNY/GPU",
                partial(value_at, f"price_{name.lower()}", month))  # fmt: skip
    for later in LATER:
        add(f"filled_{later}", POOLS,
            f"sites under {EMPTY:.0%} let in {label(POOL)} that are {FILLED:.0%} let {later} months later", "share",
            partial(pools_filled, later))  # fmt: skip
    add("months_to_fill", POOLS, f"months from {label(POOL)} until half as much of the new capacity is idle, "
        f"{MONTHS - 1 - POOL} if not by {label(MONTHS - 1)}", "months", months_to_fill)  # fmt: skip
    for year in YEARS:
        add(f"signed_{year}", SIGNED, str(year), "ratio", partial(signed_over_recognised, year))
    for written_down, text in ((False, "before"), (True, "after")):
        for year in YEARS:
            add(f"margin_{text}_{year}", GROSS, f"{text} writing capital down, {year}", "share",
                partial(gross_margin, year, written_down))  # fmt: skip
    for kind, name in enumerate(KINDS_OF_SPONSOR):
        for year in YEARS:
            add(f"spent_{name}_{year}", SPENDING, f"{name} sponsors, {year}", "bn CNY", partial(spent, kind, year),
                counted=True)  # fmt: skip
    return found


#: All readings by name, in the order in which they are told.
READINGS: Mapping[str, Reading] = declared()


def read(names: Sequence[str], seen: Seen) -> dict[str, float]:
    """Return some readings of a run; numbers that grow with the world are those of a world of the usual size."""
    scale = float(seen.parameters.scale)
    return {name: READINGS[name].read(seen) / (scale if READINGS[name].counted else 1.0) for name in names}


def columns_kept(operators: Any, count: int) -> dict[str, np.ndarray]:
    """Return a copy of the columns of the table of projects that readings need."""
    return {name: np.array(operators[name][:count]) for name in COLUMNS}
