"""Outcomes: the numbers that an experiment keeps of a run, and the effect of the shock on each.

A run records some fifty measures every month; an experiment compares runs by a few numbers. Each outcome is declared
here with its unit and meaning. In addition, any measure in any month is an outcome named ``measure@month``, for
instance ``rent_per_server@2025-12``, and what a run gives for a fact is one named ``fact@C09``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bubble_abm.economy.declare import InvalidInput, checked_name, unknown_name
from bubble_abm.economy.ledger import GOVERNMENTS
from bubble_abm.economy.measures import Measures
from bubble_abm.economy.outside import label, month_number
from bubble_abm.economy.parameters import MAX_MONTHS
from bubble_abm.observe import surplus
from bubble_abm.observe.falls import MEASURED, WINDOWS
from bubble_abm.observe.observed import ObservedRun, Pair
from bubble_abm.observe.surplus import PUBLIC
from bubble_abm.observe.targets import TARGETS, Target
from bubble_abm.observe.verdict import (
    ATTRIBUTIONS,
    AVERTED,
    CAUSED,
    DELAYED,
    ENDOGENOUS,
    HASTENED,
    SURVIVED,
    UNDECIDED,
    mean,
)

LAST_YEAR = 12  # months over which a state at the end is averaged
FACT = "fact@"
WITHOUT, EFFECT, SHARE = "_without_shock", "_effect", "_share_shock"


@dataclass(frozen=True)
class Outcome:
    """One number of a run, or of a pair of twins.

    Attributes
    ----------
    unit, meaning : str
        For tables.
    read : callable
        Computes it from an :class:`ObservedRun`, or from a :class:`Pair`.
    instead : str
        If some runs do not have it: what to ask for where every run needs a number.
    """

    unit: str
    meaning: str
    read: Callable[[Any], float]
    instead: str = ""

    @property
    def always(self) -> bool:
        """Whether every run has it."""
        return not self.instead


def or_nan(value: float | None) -> float:
    """Return a number, missing or not."""
    return np.nan if value is None else float(value)


def signed_over_recognised(run: Any) -> float:
    """Return how much more rent was signed for in a run than operators earned."""
    earned = float(run["rent_recognised"].sum())
    return float(run["contracts_signed"].sum()) / earned if earned > 0.0 else 1.0


#: What some runs do not have: what every run has instead.
WHETHER_AND_WHEN = "popped for whether, or pop_month for when, which is the run's length where there is none"

#: How far each measure of the bust falls, or rises: name, measure and window.
FALLS = {f"{name}_{about.way}{window}": (name, window) for name, about in MEASURED.items() for window in WINDOWS}


def fall_outcome(name: str, window: str) -> Outcome:
    """Return the outcome of a fall."""
    about = MEASURED[name]
    area = " month" if window == "_area" and not about.counted else ""
    meaning = f"{about.way} of: {about.title}; {WINDOWS[window]}"
    return Outcome(about.unit + area, meaning, lambda run: run.falls[name][window])


def share_outcome(fall: str, name: str, window: str) -> Outcome:
    """Return the outcome of a share of a fall."""
    return Outcome(
        "share", f"share of {fall} that the shock explains, missing where there is none",
        lambda pair: or_nan(pair.share_of_fall(name, window)),
        instead=f"{fall}, whose effect is what the shock adds",
    )  # fmt: skip


#: Outcomes of one run.
OUTCOMES: Mapping[str, Outcome] = {
    "popped": Outcome("probability", "there is a pop: three of the four signs of a bust at once",
                      lambda run: float(not run.pop.censored)),
    "pop_month": Outcome("month", "month of the pop, the length of the run if there is none",
                         lambda run: run.censored(run.pop.composite)),
    "pop_date": Outcome("month", "month of the pop in a run that pops, missing in others",
                        lambda run: or_nan(run.pop.composite), instead=WHETHER_AND_WHEN),
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
    "signed_over_recognised": Outcome("ratio", "rent of all contracts signed, over rent earned; 1 if there is none",
                                      signed_over_recognised),
    "chips_smuggled": Outcome("GPU", "chips that arrived through smugglers",
                              lambda run: float(run["gpus_imported"].sum())),
    "startups_end": Outcome("startups", "in business at the end", lambda run: float(run["startups_active"][-1])),
    "pretraining_end": Outcome("startups", "with pre-training of their own at the end",
                               lambda run: float(run["startups_pretraining"][-1])),
    "subsidies": Outcome("CNY", "subsidies paid", lambda run: float(run["subsidies_paid"].sum())),
    "public_cost": Outcome("CNY", "subsidies, vouchers, rescues and take-overs, paid by governments",
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
} | {fall: fall_outcome(*about) for fall, about in FALLS.items()}  # fmt: skip

#: Verdicts on the shock by the name of the outcome that is 1 where a pair has it, else 0.
VERDICTS: Mapping[str, str] = {
    "caused": CAUSED, "hastened": HASTENED, "undecided": UNDECIDED, "endogenous": ENDOGENOUS, "delayed": DELAYED,
    "averted": AVERTED, "survived": SURVIVED,
}  # fmt: skip


def verdict_outcome(kind: str) -> Outcome:
    """Return the outcome of a verdict."""
    return Outcome(
        "probability", f"verdict: {ATTRIBUTIONS[kind]}", lambda pair: float(pair.attribution.kind == kind)
    )  # fmt: skip


#: Outcomes that compare a run with its twin, in one column.
PAIR_OUTCOMES: Mapping[str, Outcome] = {name: verdict_outcome(kind) for name, kind in VERDICTS.items()} | {
    "pop_moved": Outcome(
        "months", "by which the shock moves the pop, above 0 if it comes later, missing unless both twins pop",
        lambda pair: np.nan if pair.attribution.at_least else or_nan(pair.attribution.moved),
        instead="pop_month, whose effect counts a run without a pop with its length"),
    "pop_after_shock": Outcome(
        "months", "from the shock to the pop, below 0 if the pop comes first, missing where there is none",
        lambda pair: or_nan(pair.attribution.after_shock), instead=WHETHER_AND_WHEN),
    "verdict_agreement": Outcome(
        "share", "share of six definitions of a pop (2, 3, 4 of 4 signs, two sets of thresholds) with the same verdict",
        lambda pair: pair.agreement),
} | {fall + SHARE: share_outcome(fall, *about) for fall, about in FALLS.items()}  # fmt: skip

#: All outcomes but measures in a month.
DECLARED_OUTCOMES: Mapping[str, Outcome] = {**OUTCOMES, **PAIR_OUTCOMES}

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
        if name in PAIR_OUTCOMES and not twins:
            raise InvalidInput(f"outcome {name}: compares a run with its twin: give twins=True, or another outcome")
        if name.removesuffix(SHARE) in FALLS and name.removesuffix(SHARE) not in outcomes:
            raise InvalidInput(
                f"outcome {name}: give {name.removesuffix(SHARE)} too, so that shares over seeds are ratios of means"
            )
        if name.startswith(FACT):
            target_of(name, months)
        elif name not in PAIR_OUTCOMES and name not in OUTCOMES:
            measure_and_month(name, months)


def check_in_every_run(outcomes: Sequence[str]) -> None:
    """Refuse an outcome that some runs do not have, for an analysis that needs a number of every run."""
    for name in outcomes:
        if name in DECLARED_OUTCOMES and not DECLARED_OUTCOMES[name].always:
            raise InvalidInput(f"outcome {name}: some runs do not have it: give {DECLARED_OUTCOMES[name].instead}")


def target_of(name: str, months: int) -> Target:
    """Return the target of ``fact@name``, or refuse a name that is none, or a run that ends before it.

    Examples
    --------
    >>> target_of("fact@C06.month", 16).unit
    'month'
    """
    target = TARGETS[checked_name("fact", name.removeprefix(FACT), TARGETS)]
    if target.last >= months:
        raise InvalidInput(f"outcome {name}: the run ends before {label(target.last)}: give {target.last + 1} months")
    return target


def measure_and_month(name: str, months: int) -> tuple[str, int]:
    """Return the measure and the month of ``measure@month``.

    Examples
    --------
    >>> measure_and_month("rent_per_server@2025-12", 48)
    ('rent_per_server', 35)
    """
    measure, at, month = name.partition("@")
    if not at:
        raise InvalidInput(unknown_name("outcome", name, DECLARED_OUTCOMES))
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
    if base.startswith(FACT):
        return TARGETS[base.removeprefix(FACT)].unit
    return DECLARED_OUTCOMES[base].unit if base in DECLARED_OUTCOMES else Measures.columns[base.partition("@")[0]].unit


def outcome_columns(outcomes: tuple[str, ...], twins: bool) -> tuple[str, ...]:
    """Return the columns of outcomes; with twins, also their values in the twin and the differences.

    Examples
    --------
    >>> outcome_columns(("pop_month", "survived"), twins=True)
    ('pop_month', 'pop_month_without_shock', 'pop_month_effect', 'survived')
    """
    columns: list[str] = []
    for name in outcomes:
        columns += (name, name + WITHOUT, name + EFFECT) if twins and name not in PAIR_OUTCOMES else (name,)
    return tuple(columns)


def read(run: ObservedRun, name: str) -> float:
    """Return one outcome of one run."""
    if name in OUTCOMES:
        return OUTCOMES[name].read(run)
    if name.startswith(FACT):
        target = target_of(name, run.months)
        return target.read(run.series) / (run.parameters.scale if target.counted else 1.0)
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
    pair = Pair(run, twin, shock_month)
    found: dict[str, Any] = {}
    for name in outcomes:
        if name in PAIR_OUTCOMES:
            found[name] = PAIR_OUTCOMES[name].read(pair)
        else:
            found[name], found[name + WITHOUT] = read(run, name), read(twin, name)
            found[name + EFFECT] = found[name] - found[name + WITHOUT]
    return found | {"verdict": pair.attribution.kind}
