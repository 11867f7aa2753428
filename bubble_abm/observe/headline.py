"""The headline of runs over seeds: peaks, bubble, pop, and the effects of the efficiency shock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from bubble_abm.economy.outside import label, month_number
from bubble_abm.engine.scenario import Runs
from bubble_abm.observe.facts import median_and_interval
from bubble_abm.observe.verdict import ATTRIBUTIONS, SIGNS, Bubble, Pop, attribution, bubble, column, pop

EFFECT_MONTH = month_number("2025-12")

#: Measures in which the effect of the shock is reported: measure, its name in a sentence, format.
EFFECTS = (
    ("rent_per_server", "rent", "{:+z,.0f} CNY/(server month)"),
    ("idle_share_new", "idle share of new capacity", "{:+z.3f}"),
    ("projects_bankrupt", "bankruptcies", "{:+z.0f}"),
)


@dataclass(frozen=True)
class Peak:
    """Highest value of a measure: median over seeds, the interval that contains 90 % of them, and the median month."""

    median: float
    low: float
    high: float
    month: int


@dataclass(frozen=True)
class Effect:
    """A measure with the shock minus without it: median over seeds and the interval that contains 90 % of them."""

    measure: str
    month: int
    median: float
    low: float
    high: float


@dataclass(frozen=True)
class Headline:
    """The main results of runs; lists have one entry for each seed."""

    seeds: list[int]
    months: int
    shock_month: int | None
    rent_peak: Peak
    chip_peak: Peak
    bubbles: list[Bubble]
    pops: list[Pop]
    pops_without_shock: list[Pop]
    attributions: list[str]
    effects: list[Effect]

    def as_dict(self) -> dict[str, Any]:
        """Return the headline for JSON; a run without a pop is marked as censored."""
        table = asdict(self)
        for name in ("pops", "pops_without_shock"):
            for entry, verdict in zip(table[name], getattr(self, name)):
                entry["censored"] = verdict.censored
        return table


def headline(runs: Runs) -> Headline:
    """Return the headline of runs."""
    parameters = runs.scenario.parameters
    pops, otherwise = [pop(series) for series in runs.series], [pop(series) for series in runs.twin_series]
    shock_month = runs.scenario.shock_month
    return Headline(
        seeds=list(runs.seeds),
        months=runs.scenario.months,
        shock_month=shock_month,
        rent_peak=peak(runs.series, "rent_per_server"),
        chip_peak=peak(runs.series, "gpu_price"),
        bubbles=[bubble(series, parameters) for series in runs.series],
        pops=pops,
        pops_without_shock=otherwise,
        attributions=[attribution(a, b, shock_month) for a, b in zip(pops, otherwise) if shock_month is not None],
        effects=effects(runs),
    )


def peak(runs: Sequence[Any], measure: str) -> Peak:
    """Return the peak of a measure."""
    columns = [column(series, measure) for series in runs]
    return Peak(
        *median_and_interval([values.max() for values in columns]),
        int(np.median([values.argmax() for values in columns])),
    )


def effects(runs: Runs) -> list[Effect]:
    """Return the effects of the shock in December 2025, or in the last month of a shorter run."""
    if not runs.twin_series:
        return []
    month = min(EFFECT_MONTH, runs.scenario.months - 1)
    pairs = list(zip(runs.series, runs.twin_series))
    found = []
    for measure, _, _ in EFFECTS:
        values = [column(a, measure)[month] - column(b, measure)[month] for a, b in pairs]
        found.append(Effect(measure, month, *median_and_interval(values)))
    return found


# --- In words -------------------------------------------------------------------------------------------------------


def sentences(line: Headline) -> list[tuple[str, str]]:
    """Return the headline as pairs of a topic and a sentence."""
    said = [
        ("Rent", f"peak {level(line.rent_peak)} CNY/(server month) in {label(line.rent_peak.month)}"),
        ("GPU", f"peak {level(line.chip_peak)} CNY in {label(line.chip_peak.month)}"),
        ("Bubble", say_bubble(line.bubbles)),
        ("Pop", say_pop(line.pops)),
    ]
    if line.shock_month is None:
        return [*said, ("Shock", "none in this run")]
    said.append(("Without shock", say_pop(line.pops_without_shock, signs=False)))
    said.append((f"Shock, {label(line.shock_month)}", say_attribution(line.attributions)))
    said.append((f"Effect, {label(line.effects[0].month)}", "; ".join(say_effect(effect) for effect in line.effects)))
    return said


def level(values: Peak) -> str:
    """Describe a level and, for several seeds, the interval that contains 90 % of them."""
    spread = "" if values.low == values.high else f" ({values.low:,.0f} to {values.high:,.0f})"
    return f"{values.median:,.0f}{spread}"


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
    dates = [verdict.composite for verdict in pops if verdict.composite is not None]
    text = (
        f"{share_of(len(dates), len(pops))}in {spread_of(dates)}" if dates else f"none by {label(pops[0].months - 1)}"
    )
    if not signs:
        return text
    found = {name: [at for verdict in pops if (at := getattr(verdict, name)) is not None] for name in SIGNS}
    first = (f"{name} {label(int(np.median(dates))) if dates else 'not seen'}" for name, dates in found.items())
    return f"{text} ({', '.join(first)})"


def spread_of(dates: Sequence[int]) -> str:
    """Describe some months by their median, and by the first and last if these differ."""
    median, first, last = label(int(np.median(dates))), min(dates), max(dates)
    return median if first == last else f"{median} [{label(first)} to {label(last)}]"


def share_of(part: int, whole: int) -> str:
    """Say in how many seeds, unless there is only one."""
    return "" if whole == 1 else f"in {part} of {whole} seeds, "


def say_attribution(found: Sequence[str]) -> str:
    """Describe what part the shock had in the bust."""
    if len(found) == 1:
        return f"{found[0]} ({ATTRIBUTIONS[found[0]]})"
    return ", ".join(f"{name} in {found.count(name)}" for name in ATTRIBUTIONS if name in found)


def say_effect(effect: Effect) -> str:
    """Describe the effect on a measure."""
    name, form = next((name, form) for measure, name, form in EFFECTS if measure == effect.measure)
    spread = (
        ""
        if effect.low == effect.high
        else f" ({form.split(' ')[0]} to {form.split(' ')[0]})".format(effect.low, effect.high)
    )
    return f"{name} {form.format(effect.median)}{spread}"
