"""Outcomes: the numbers that an experiment keeps of a run, and the effect of the shock on each.

A run records some fifty measures every month; an experiment compares runs by a few numbers. Each outcome is declared
here with its unit and meaning. In addition, any measure in any month is an outcome named ``measure@month``, for
instance ``rent_per_server@2025-12``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from bubble_abm.economy.declare import InvalidInput, unknown_name
from bubble_abm.economy.ledger import GOVERNMENTS
from bubble_abm.economy.measures import Measures
from bubble_abm.economy.outside import label, month_number
from bubble_abm.economy.parameters import MAX_MONTHS
from bubble_abm.observe import surplus
from bubble_abm.observe.surplus import PUBLIC
from bubble_abm.observe.verdict import (
    AVERTED,
    ENDOGENOUS,
    HASTENED,
    LATE,
    POPPED,
    SURVIVED,
    Bubble,
    Pop,
    attribution,
    bubble,
    column,
    mean,
    pop,
)

LAST_YEAR = 12  # months over which a state at the end is averaged
WITHOUT, EFFECT = "_without_shock", "_effect"


class ObservedRun:
    """The records of one run, and the verdicts on it, each computed once.

    Parameters
    ----------
    records : Records
        Records of the run.
    parameters : Parameters
        Parameters of the run.
    """

    def __init__(self, records: Any, parameters: Any) -> None:
        self.series = records.measures
        self.flows = records.flows
        self.balances = records.balances
        self.parameters = parameters

    def __getitem__(self, measure: str) -> np.ndarray:
        return column(self.series, measure)

    @property
    def months(self) -> int:
        """Length of the run [months]."""
        return len(self.series)

    @cached_property
    def pop(self) -> Pop:
        """When the boom ended."""
        return pop(self.series)

    @cached_property
    def bubble(self) -> Bubble:
        """Whether GPUs were overpriced."""
        return bubble(self.series, self.parameters)

    def censored(self, month: int | None) -> float:
        """Month of an event, or the length of the run if it does not occur; its mean is the restricted mean."""
        return float(self.months if month is None else month)

    @cached_property
    def investment(self) -> np.ndarray:
        """What operators spend on chips and construction, over the last three months [CNY]."""
        return surplus.quarterly(surplus.investment(self))

    @cached_property
    def slump(self) -> tuple[int, bool]:
        """Months in which investment is below half its peak, and whether it comes back."""
        return surplus.slump(self.investment)


@dataclass(frozen=True)
class Outcome:
    """One number of a run: unit, meaning, the function that computes it, and whether every run has it."""

    unit: str
    meaning: str
    read: Callable[[ObservedRun], float]
    always: bool = True


#: Outcomes of one run.
OUTCOMES: Mapping[str, Outcome] = {
    "popped": Outcome("probability", "there is a pop: three of the four signs of a bust at once",
                      lambda run: float(not run.pop.censored)),
    "pop_month": Outcome("month", "month of the pop, the length of the run if there is none",
                         lambda run: run.censored(run.pop.composite)),
    "pop_date": Outcome("month", "month of the pop in a run that pops, missing in others",
                        lambda run: np.nan if run.pop.composite is None else float(run.pop.composite), always=False),
    "rent_sign_month": Outcome("month", "rent under 70 % of its highest so far, the run's length if never",
                               lambda run: run.censored(run.pop.rent)),
    "idle_sign_month": Outcome("month", "more than 60 % of new capacity idle, the run's length if never",
                               lambda run: run.censored(run.pop.idle)),
    "announcements_sign_month": Outcome("month", "announcements under 25 % of their peak, the run's length if never",
                                        lambda run: run.censored(run.pop.announcements)),
    "distress_sign_month": Outcome("month", "more than 15 % of sites failed, the run's length if never",
                                   lambda run: run.censored(run.pop.distress)),
    "bubble_months": Outcome("months", "months in which GPUs cost 1.5 times their ex-post value",
                             lambda run: float(run.bubble.months)),
    "rent_peak": Outcome("CNY/(server month)", "highest rent of an eight-GPU server",
                          lambda run: float(run["rent_per_server"].max())),
    "rent_drawdown": Outcome("share", "largest fall of the rent from its highest so far",
                              lambda run: surplus.largest_fall(run["rent_per_server"])),
    "rent_end": Outcome("CNY/(server month)", "rent over the last year",
                         lambda run: mean(run["rent_per_server"][-LAST_YEAR:])),
    "chip_price_peak": Outcome("CNY/GPU", "highest price of a smuggled GPU",
                               lambda run: float(run["gpu_price"].max())),
    "idle_share": Outcome("share", "new capacity that stands idle over the last year",
                          lambda run: mean(run["idle_share_new"][-LAST_YEAR:])),
    "idle_share_peak": Outcome("share", "largest share of new capacity idle, once thirty sites were completed",
                           lambda run: float(run["idle_share_new"][run["projects_completed"] >= 30].max(initial=0.0))),
    "utilisation_end": Outcome("share", "leased over installed GPUs over the last year",
                           lambda run: mean(run["utilisation"][-LAST_YEAR:])),
    "announced": Outcome("projects", "announced by the end", lambda run: float(run["projects_announced"][-1])),
    "completed": Outcome("projects", "completed by the end", lambda run: float(run["projects_completed"][-1])),
    "cancelled": Outcome("projects", "given up by the end", lambda run: float(run["projects_cancelled"][-1])),
    "bankruptcies": Outcome("projects", "wound up by the end", lambda run: float(run["projects_bankrupt"][-1])),
    "failures": Outcome("projects", "wound up or taken over by the end",
                        lambda run: float(run["projects_bankrupt"][-1] + run["projects_taken_over"][-1])),
    "capacity_end": Outcome("GPU", "rental GPUs at the end", lambda run: float(run["gpus_installed"][-1])),
    "gpu_months_idle": Outcome("GPU month", "capacity of new sites that stood idle, summed over the run",
                               lambda run: float((run["gpus_installed_new"] * run["idle_share_new"]).sum())),
    "gpu_months_leased": Outcome("GPU month", "compute that tenants got, summed over the run",
                                 lambda run: float(run["gpus_leased"].sum())),
    "chips_smuggled": Outcome("GPU", "chips that arrived through smugglers",
                              lambda run: float(run["gpus_imported"].sum())),
    "startups_end": Outcome("startups", "in business at the end", lambda run: float(run["startups_active"][-1])),
    "pretraining_end": Outcome("startups", "with pre-training of their own at the end",
                               lambda run: float(run["startups_pretraining"][-1])),
    "subsidies": Outcome("CNY", "subsidies paid", lambda run: float(run["subsidies_paid"].sum())),
    "public_cost": Outcome("CNY", "subsidies, rescues and take-overs, paid by governments",
                           lambda run: -float(run.flows[:, PUBLIC, GOVERNMENTS].sum())),
    "investment_npv": Outcome("CNY", "net present value of the data centres announced since January 2023",
                              surplus.net_present_value),
    "welfare": Outcome("CNY", "surplus of tenants, owners, dealers, lenders and the public, in present value",
                       surplus.welfare),
    "loans_written_off": Outcome("CNY", "loans that the bank wrote off", lambda run: float(run["write_offs"].sum())),
    "bank_loss_rate": Outcome("share", "loans written off, over loans given", surplus.loss_rate_of_bank),
    "owners_loss": Outcome("CNY", "equity in projects that owners wrote off", surplus.loss_of_owners),
    "funds_loss": Outcome("CNY", "capital in startups that venture funds wrote off", surplus.loss_of_funds),
    "patrons_loss": Outcome("CNY", "stakes in startups that operators wrote off", surplus.loss_of_patrons),
    "prepayments_loss": Outcome("CNY", "prepayments that operators lost when export control was tightened",
                                lambda run: float(run["prepayments_lost"].sum())),
    "months_under_water": Outcome("months", "after the peak of the rent, in which it does not cover capital cost",
                                  lambda run: float(surplus.months_under_water(run))),
    "investment_fall": Outcome("share", "largest fall of a quarter's investment from its highest so far",
                               lambda run: surplus.largest_fall(run.investment)),
    "slump_months": Outcome("months", "until investment is back at half its peak, or to the end of the run",
                            lambda run: float(run.slump[0])),
    "recovered": Outcome("probability", "investment is back at half its peak, or never fell below it",
                         lambda run: float(run.slump[1])),
    "concentration_end": Outcome("1", "Herfindahl index of leased GPUs over operators, over the last year",
                                 lambda run: mean(run["concentration"][-LAST_YEAR:])),
    "ponzi_share_peak": Outcome("share", "highest share of sites in debt whose margin does not cover the interest",
                                lambda run: float(run["ponzi_share"].max())),
}  # fmt: skip

#: Outcomes that compare a run with its twin: 1 if it has this verdict on the shock, else 0.
VERDICT_OUTCOMES: Mapping[str, str] = {
    "popped_by_shock": POPPED, "popped_late": LATE, "hastened": HASTENED, "endogenous": ENDOGENOUS,
    "averted": AVERTED, "survived": SURVIVED,
}  # fmt: skip

#: Outcomes that an experiment keeps by default: of each question one number that every run has. Value, surplus and the
#: bank's losses say what a bust costs and whom; the others are parts of these, or missing in some runs, and are kept on
#: request.
STANDARD = (
    "popped", "pop_month", "rent_peak", "rent_drawdown", "rent_end", "idle_share", "announced", "completed",
    "bankruptcies", "public_cost", "investment_npv", "welfare", "bank_loss_rate",
)  # fmt: skip


def check_outcomes(outcomes: tuple[str, ...], months: int, twins: bool) -> None:
    """Refuse an undeclared outcome, a month beyond the run, or a verdict on the shock without twins.

    Raises
    ------
    InvalidInput
        If an outcome is not valid; the message suggests the nearest valid one.
    """
    if not outcomes:
        raise InvalidInput("outcomes: empty, give at least one, for instance pop_month")
    for place, name in enumerate(outcomes):
        if name in outcomes[:place]:
            raise InvalidInput(f"outcomes: {name} is given twice")
        if name in VERDICT_OUTCOMES and not twins:
            raise InvalidInput(f"outcome {name}: compares a run with its twin: give twins=True, or another outcome")
        if name not in VERDICT_OUTCOMES and name not in OUTCOMES:
            measure_and_month(name, months)


def check_in_every_run(outcomes: Sequence[str]) -> None:
    """Refuse an outcome that some runs do not have, for an analysis that needs a number of every run."""
    for name in outcomes:
        if name in OUTCOMES and not OUTCOMES[name].always:
            complete = "popped for whether, or pop_month for when, which is the run's length where there is none"
            raise InvalidInput(f"outcome {name}: some runs do not have it: give {complete}")


def measure_and_month(name: str, months: int) -> tuple[str, int]:
    """Return the measure and the month of ``measure@month``.

    Examples
    --------
    >>> measure_and_month("rent_per_server@2025-12", 48)
    ('rent_per_server', 35)
    """
    measure, at, month = name.partition("@")
    if not at:
        raise InvalidInput(unknown_name("outcome", name, (*OUTCOMES, *VERDICT_OUTCOMES)))
    if measure not in Measures.columns:
        raise InvalidInput(unknown_name("measure", measure, Measures.columns))
    try:
        number = int(month) if month.isdigit() else month_number(month)
    except ValueError:
        number = MAX_MONTHS
    if not 0 <= number < months:
        raise InvalidInput(f"outcome {name}: give a month of the run, from {label(0)} to {label(months - 1)}")
    return measure, number


def unit(name: str) -> str:
    """Return the unit of a column of outcomes."""
    base = name.removesuffix(WITHOUT).removesuffix(EFFECT)
    if base in VERDICT_OUTCOMES:
        return "probability"
    return OUTCOMES[base].unit if base in OUTCOMES else Measures.columns[base.partition("@")[0]].unit


def outcome_columns(outcomes: tuple[str, ...], twins: bool) -> tuple[str, ...]:
    """Return the columns of outcomes; with twins, also their values in the twin and the differences.

    Examples
    --------
    >>> outcome_columns(("pop_month", "survived"), twins=True)
    ('pop_month', 'pop_month_without_shock', 'pop_month_effect', 'survived')
    """
    columns: list[str] = []
    for name in outcomes:
        columns += (name, name + WITHOUT, name + EFFECT) if twins and name not in VERDICT_OUTCOMES else (name,)
    return tuple(columns)


def read(run: ObservedRun, name: str) -> float:
    """Return one outcome of one run."""
    if name in OUTCOMES:
        return OUTCOMES[name].read(run)
    measure, month = measure_and_month(name, run.months)
    return float(run.series[measure][month])


def observe(
    outcomes: tuple[str, ...], run: ObservedRun, twin: ObservedRun | None, shock_month: int | None
) -> dict[str, Any]:
    """Return all outcomes of a run, in the order of :func:`outcome_columns`, and the verdict on the shock.

    Parameters
    ----------
    outcomes : tuple of str
        Names of outcomes.
    run, twin : ObservedRun
        The run, and its twin without the shock if there is one.
    shock_month : int, optional
        Month of the shock; None if there is none within the run.
    """
    if twin is None:
        return {name: read(run, name) for name in outcomes}
    verdict = attribution(run.pop, twin.pop, run.months if shock_month is None else shock_month)
    found: dict[str, Any] = {}
    for name in outcomes:
        if name in VERDICT_OUTCOMES:
            found[name] = float(verdict == VERDICT_OUTCOMES[name])
        else:
            found[name], found[name + WITHOUT] = read(run, name), read(twin, name)
            found[name + EFFECT] = found[name] - found[name + WITHOUT]
    return found | {"verdict": verdict}
