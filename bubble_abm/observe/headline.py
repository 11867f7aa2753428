"""The headline of runs over seeds: peaks, bubble, pop, and what part the efficiency shock had in the bust."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from bubble_abm.economy.outside import label, month_number
from bubble_abm.engine.scenario import Runs
from bubble_abm.observe.falls import MID, ShareOfFall, shares_of_falls
from bubble_abm.observe.seeds import Estimate, mean, spread
from bubble_abm.observe.verdict import (
    ATTRIBUTIONS,
    DEFINITIONS,
    DISCOUNT,
    MAIN,
    SIGNS,
    Attribution,
    Bubble,
    Pop,
    agreement,
    attribution,
    bubble,
    column,
    pop,
    pops,
)

EFFECT_MONTH = month_number("2025-12")

#: Measures in which the effect of the shock is reported: measure, its name in a sentence, format.
EFFECTS = (
    ("rent_per_server", "rent", "{:+z,.0f} CNY/(server month)"),
    ("idle_share_new", "idle share of new capacity", "{:+z.3f}"),
    ("projects_bankrupt", "bankruptcies", "{:+z.0f}"),
)
#: Falls whose share stands in the sentences, and their names there; all others are in tables.
SAID = {"rent": "rent", "idle": "idle capacity", "bankruptcies": "bankruptcies", "pretraining": "pre-training"}
SAID_WINDOWS = ("", "_after")


@dataclass(frozen=True)
class Peak:
    """Highest value of a measure: median over seeds, their spread, in which nine of ten lie, and the median month."""

    median: float
    low: float
    high: float
    month: int


@dataclass(frozen=True)
class Effect:
    """A measure with the shock less the same without it, in one month and from the shock to the end of the run.

    Attributes
    ----------
    measure : str
        The measure.
    month : int
        The month.
    then, since : Estimate
        Mean over seeds with its 95 % interval: in that month, and the mean of all months from the shock on, each
        weighted by its present value.
    """

    measure: str
    month: int
    then: Estimate
    since: Estimate


@dataclass(frozen=True)
class Definition:
    """Pops under one of the definitions, one entry for each seed.

    Attributes
    ----------
    name : str
        One of :data:`bubble_abm.observe.verdict.DEFINITIONS`.
    pops, pops_without_shock : list of int or None
        Month of each pop, None if there is none.
    verdicts : list of str
        What the shock had to do with each, empty without a shock.
    """

    name: str
    pops: list[int | None]
    pops_without_shock: list[int | None]
    verdicts: list[str]


@dataclass(frozen=True)
class Headline:
    """The main results of runs; lists have one entry for each seed.

    Attributes
    ----------
    attributions : list of Attribution
        What the shock had to do with each pop, under the main definition.
    agreements : list of float
        Share of the definitions that give the same verdict, by seed.
    definitions : list of Definition
        Pops under all definitions.
    shares : list of ShareOfFall
        The share of the fall of each measure that the shock explains.
    noun : str
        What runs differ in.
    """

    seeds: list[int]
    months: int
    shock_month: int | None
    rent_peak: Peak
    chip_peak: Peak
    bubbles: list[Bubble]
    pops: list[Pop]
    pops_without_shock: list[Pop]
    attributions: list[Attribution]
    agreements: list[float]
    definitions: list[Definition]
    shares: list[ShareOfFall]
    effects: list[Effect]
    noun: str = "seeds"

    def as_dict(self) -> dict[str, Any]:
        """Return the headline for JSON; a run without a pop is marked as censored."""
        table = asdict(self)
        for name in ("pops", "pops_without_shock"):
            for entry, verdict in zip(table[name], getattr(self, name)):
                entry["censored"] = verdict.censored
        return table


def headline(runs: Runs) -> Headline:
    """Return the headline of runs."""
    shock_month, months = runs.scenario.shock_month, runs.scenario.months
    ours, theirs = ([pops(series) for series in each] for each in (runs.series, runs.twin_series))
    pairs = list(zip(ours, theirs))
    return Headline(
        seeds=list(runs.seeds),
        months=months,
        shock_month=shock_month,
        rent_peak=peak(runs.series, "rent_per_server"),
        chip_peak=peak(runs.series, "gpu_price"),
        bubbles=[bubble(series, p) for series, p in zip(runs.series, runs.parameters, strict=True)],
        pops=[pop(series) for series in runs.series],
        pops_without_shock=[pop(series) for series in runs.twin_series],
        attributions=[attribution(a[MAIN], b[MAIN], shock_month, months) for a, b in pairs],
        agreements=[agreement(a, b, shock_month, months) for a, b in pairs],
        definitions=[
            Definition(
                name,
                [one[name] for one in ours],
                [one[name] for one in theirs],
                [attribution(a[name], b[name], shock_month, months).kind for a, b in pairs],
            )
            for name in DEFINITIONS
        ],
        shares=[] if shock_month is None else shares_of_falls(runs.series, runs.twin_series, shock_month),
        effects=[] if shock_month is None else effects(runs, shock_month),
        noun=runs.noun,
    )


def peak(runs: Sequence[Any], measure: str) -> Peak:
    """Return the peak of a measure."""
    columns = [column(series, measure) for series in runs]
    return Peak(
        *spread([values.max() for values in columns]),
        int(np.median([values.argmax() for values in columns])),
    )


def effects(runs: Runs, shock_month: int) -> list[Effect]:
    """Return the effects of the shock in December 2025, or in the last month of a shorter run, and since the shock."""
    month = min(EFFECT_MONTH, runs.scenario.months - 1)
    weights = (1.0 + DISCOUNT) ** -np.arange(runs.scenario.months - shock_month)
    found = []
    for measure, _, _ in EFFECTS:
        pairs = zip(runs.series, runs.twin_series, strict=True)
        values = np.array([column(ours, measure) - column(theirs, measure) for ours, theirs in pairs])
        since = values[:, shock_month:] @ weights / weights.sum()
        found.append(Effect(measure, month, mean(values[:, month]), mean(since)))
    return found


# --- In words -------------------------------------------------------------------------------------------------------


def sentences(line: Headline) -> list[tuple[str, str]]:
    """Return the headline as pairs of a topic and a sentence."""
    return [(topic, text.replace(" seeds", f" {line.noun}")) for topic, text in said_over_seeds(line)]


def said_over_seeds(line: Headline) -> list[tuple[str, str]]:
    """Return the headline as if runs differed in their seeds."""
    said = [
        ("Rent", f"peak {level(line.rent_peak)} CNY/(server month) in {label(line.rent_peak.month)}"),
        ("GPU", f"peak {level(line.chip_peak)} CNY in {label(line.chip_peak.month)}"),
        ("Bubble", say_bubble(line.bubbles)),
        ("Pop", say_pop(line.pops)),
    ]
    if line.shock_month is None:
        return [*said, ("Shock", "none in this run")]
    said.append(("Without shock", say_pop(line.pops_without_shock, signs=False)))
    said.append((f"Shock, {label(line.shock_month)}", say_attributions(line.attributions, line.agreements)))
    said.append(("Margin", say_margins(line.attributions)))
    said.append(("Explained by it", "; ".join(say_shares(line, window) for window in SAID_WINDOWS)))
    said.append(
        (f"Effect, {label(line.effects[0].month)}", "; ".join(say_effect(one, one.then) for one in line.effects))
    )
    said.append(("On average since", "; ".join(say_effect(one, one.since) for one in line.effects)))
    return said


def level(values: Peak) -> str:
    """Describe a level and, for several seeds, their spread."""
    between = "" if values.low == values.high else f" (9 of 10 seeds: {values.low:,.0f} to {values.high:,.0f})"
    return f"{values.median:,.0f}{between}"


def say_bubble(bubbles: Sequence[Bubble]) -> str:
    """Describe the bubble: whether GPUs cost far more than they later earned."""
    firsts = sorted(verdict.first for verdict in bubbles if verdict.first is not None)
    medians = [verdict.median_ratio for verdict in bubbles if verdict.median_ratio is not None]
    if not any(verdict.judged for verdict in bubbles):
        return "not judged: this needs a year of the run after a purchase"
    ratio = f"; price over later earnings, Jul 2023 to Dec 2024: {np.median(medians):.1f}" if medians else ""
    if not firsts:
        return f"none{ratio}"
    return f"{share_of(len(firsts), len(bubbles))}from {label(int(np.median(firsts)))}{ratio}"


def say_pop(pops: Sequence[Pop], signs: bool = True) -> str:
    """Describe the pop: its month, and the months of the four signs of a bust."""
    text = say_dates([verdict.composite for verdict in pops], pops[0].months)
    if not signs:
        return text
    found = {name: [at for verdict in pops if (at := getattr(verdict, name)) is not None] for name in SIGNS}
    first = (f"{name} {label(int(np.median(dates))) if dates else 'not seen'}" for name, dates in found.items())
    return f"{text} ({', '.join(first)})"


def say_dates(dates: Sequence[int | None], months: int, noun: str = "seeds") -> str:
    """Describe when pops come, and in how many seeds or members."""
    known = [date for date in dates if date is not None]
    return f"{share_of(len(known), len(dates), noun)}in {spread_of(known)}" if known else f"none by {label(months - 1)}"


def spread_of(dates: Sequence[int]) -> str:
    """Describe some months by their median, and by the first and last if these differ."""
    median, first, last = label(int(np.median(dates))), min(dates), max(dates)
    return median if first == last else f"{median} [{label(first)} to {label(last)}]"


def share_of(part: int, whole: int, noun: str = "seeds") -> str:
    """Say in how many seeds or members, unless there is only one."""
    return "" if whole == 1 else f"in {part} of {whole} {noun}, "


def say_attributions(found: Sequence[Attribution], agreements: Sequence[float]) -> str:
    """Describe what part the shock had in the bust, and whether other definitions of a pop say the same."""
    agreeing = f"the same under {100 * np.mean(agreements):.0f} % of {len(DEFINITIONS)} definitions of a pop"
    if len(found) == 1:
        return f"{say_attribution(found[0])}: {ATTRIBUTIONS[found[0].kind]}; {agreeing}"
    counts = []
    for kind in ATTRIBUTIONS:
        mine = [one for one in found if one.kind == kind]
        if mine:
            counts.append(
                f"{kind}{say_months([one.moved for one in mine if one.moved and not one.at_least])} in {len(mine)}"
            )
    return f"{', '.join(counts)}; {agreeing}"


def say_attribution(found: Attribution) -> str:
    """Describe what part the shock had in one run, and how far it moved the pop."""
    if found.at_least and found.moved is not None:
        return f"{found.kind}, {'sooner' if found.moved < 0 else 'later'} by {months_long(abs(found.moved))} at least"
    return f"{found.kind}{say_months([found.moved] if found.moved else [])}"


def say_margins(found: Sequence[Attribution]) -> str:
    """Describe how far pops are from the shock, and how far it moves them: median, and smallest to largest."""
    after = [one.after_shock for one in found if one.after_shock is not None]
    moved = [one.moved for one in found if one.moved is not None and not one.at_least]
    said = [
        f"{name} {np.median(values):+.0f} months{f' [{min(values):+d} to {max(values):+d}]' if len(found) > 1 else ''}"
        for name, values in (("from the shock to the pop", after), ("moved by it", moved))
        if values
    ]
    return "; ".join(said) or "no pop"


def say_months(moved: Sequence[int]) -> str:
    """Describe by how many months pops are moved."""
    first, last = sorted((min(map(abs, moved)), max(map(abs, moved)))) if moved else (0, 0)
    return f" by {months_long(last) if first == last else f'{first} to {months_long(last)}'}" if moved else ""


def months_long(months: int) -> str:
    """Describe a number of months."""
    return "1 month" if months == 1 else f"{months} months"


def window_in_words(window: str, shock_month: int, months: int) -> str:
    """Describe from where to where a fall is measured."""
    end, eve = label(min(MID, months - 1)), label(max(shock_month - 1, 0))
    return {
        "": f"peak to {end}", "_to_trough": "peak to trough", "_after": f"{eve} to {end}",
        "_after_to_trough": f"{eve} to trough", "_area": "all months, present value",
    }[window]  # fmt: skip


def say_shares(line: Headline, window: str) -> str:
    """Describe the shares of some falls that the shock explains."""
    assert line.shock_month is not None
    known = {one.measure: one for one in line.shares if one.window == window}
    said = (f"{name} {say_share(known[measure])}" for measure, name in SAID.items())
    return f"{window_in_words(window, line.shock_month, line.months)}: {', '.join(said)}"


def say_share(found: ShareOfFall) -> str:
    """Describe a share with its 95 % interval, or that there is nothing of which it could be one."""
    return f"no {found.way}" if found.share is None else say_per_cent(found.share)


def say_per_cent(share: Estimate) -> str:
    """Describe a share in per cent with its 95 % interval."""
    between = "" if share.low is None or share.high is None else f" [{100 * share.low:z.0f} to {100 * share.high:z.0f}]"
    return f"{100 * share.value:z.0f} %{between}"


def say_effect(effect: Effect, found: Estimate) -> str:
    """Describe the effect on a measure: mean and 95 % interval."""
    name, form = next((name, form) for measure, name, form in EFFECTS if measure == effect.measure)
    short = form.partition(" ")[0]
    between = "" if found.low is None else f" [{short} to {short}]".format(found.low, found.high)
    return f"{name} {form.format(found.value)}{between}"
