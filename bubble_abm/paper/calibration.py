"""The report of a calibration: every fact with range, ensemble and verdict, and what is known of every parameter."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from bubble_abm.observe.targets import TARGETS
from bubble_abm.paper.markdown import code, table
from bubble_abm.study.atomic_writing import save_text
from bubble_abm.study.calibration.identification import (
    IDENTIFIED,
    LEANING,
    conflicts,
    diversity,
    drivers,
    narrowed,
    trade_offs,
)
from bubble_abm.study.ensemble import Ensemble

HIT, MISS = "hit", "**miss**"


def digits(value: float) -> str:
    """Return a number with four digits, and its thousands grouped if it is large.

    Examples
    --------
    >>> digits(179234.0), digits(0.61234), digits(2.5e12)
    ('179,234', '0.6123', '2.5e+12')
    """
    return f"{value:,.0f}" if 1e4 <= abs(value) < 1e9 else f"{value:.4g}"


def between(low: float, high: float) -> str:
    """Return an interval."""
    return f"{digits(low)} to {digits(high)}"


def percent(share: float) -> str:
    """Return a share."""
    return f"{100 * share:.0f} %"


def fit(ensemble: Ensemble) -> str:
    """Return the table of facts: range, median of members, where nine of ten members and runs lie, hit or miss."""
    matched, spread = ensemble.matched, ensemble.origin.get("spread", {})
    ranges = {one["name"]: (one["low"], one["high"]) for one in ensemble.origin.get("facts", ())}
    rows = []
    for column, name in enumerate(ensemble.targets):
        target = TARGETS.get(name)
        if target is None:
            continue
        low, high = ranges.get(name, (target.low, target.high))
        values = ensemble.simulated[:, column]
        least, middle, most = np.quantile(values, (0.05, 0.5, 0.95))
        runs = spread.get(name)
        rows.append((
            name,
            target.meaning,
            between(low, high),
            target.unit,
            "yes" if name in matched else "no",
            digits(middle),
            between(least, most),
            "" if runs is None else between(runs[0], runs[2]),
            percent(float(np.mean((low <= values) & (values <= high)))),
            HIT if low <= middle <= high else MISS,
        ))  # fmt: skip
    heading = ("", "fact", "range", "unit", "matched", "median", "9 of 10 members", "9 of 10 runs", "in range", "")
    return table(heading, rows)


def misses(ensemble: Ensemble) -> str:
    """Say of every fact that the median misses how far, who comes nearer, by which parameters, and at whose cost."""
    found = []
    for column, name in enumerate(ensemble.targets):
        target, middle = TARGETS.get(name), float(np.median(ensemble.simulated[:, column]))
        if target is None or target.low <= middle <= target.high:
            continue
        beyond = target.distance(middle) - 1.0
        values = ensemble.simulated[:, column]
        inside = float(np.mean((target.low <= values) & (values <= target.high)))
        text = (
            f"* **{name}**, {target.meaning}: {digits(middle)} {target.unit}, "
            f"{'above' if middle > target.high else 'below'} its range by {digits(beyond)} half-widths; "
            f"{percent(inside) if inside else 'none'} of the members {'are' if inside else 'is'} inside."
        )
        sign = -1.0 if middle > target.high else 1.0
        if nearer := [
            f"{'more' if sign * rank > 0.0 else 'less'} {code(one)}" for one, rank in drivers(ensemble, name)
        ]:
            text += f" Members that come nearer have {', '.join(nearer)}."
        if costs := conflicts(ensemble, name):
            text += f" They are farther from {', '.join(f'{other} ({rank:+.2f})' for other, rank in costs)}."
        if name not in ensemble.matched:
            text += " It was not matched."
        found.append(text)
    if not found:
        return "The median of the members is in every range."
    return "\n".join([
        "What is missed stays a miss: no range is widened for it. Numbers in brackets are rank correlations over "
        "members, of coming nearer to the one and being farther from the other.", "", *found,
    ])  # fmt: skip


def parameters(ensemble: Ensemble) -> str:
    """Return the table of parameters before and after matching, the most narrowed first."""
    rows = [
        (
            code(one.name),
            between(one.low, one.high),
            digits(one.quantiles[1]),
            between(one.quantiles[0], one.quantiles[2]),
            percent(one.left),
            one.verdict,
            digits(one.central),
            "" if math.isnan(one.default) else digits(one.default),
        )
        for one in narrowed(ensemble)
    ]
    return table(("parameter", "before", "median", "9 of 10", "left", "", "most central", "default"), rows)


def constraints(ensemble: Ensemble) -> str:
    """Return the table of what each fact rules out alone, what is wider without it, and what moves it."""
    rows = []
    for name, about in ensemble.origin.get("dropped", {}).items():
        wider = ", ".join(f"{code(one)} {ratio:.2f}" for one, ratio in about["wider"].items())
        moved = ", ".join(f"{code(one)} {rank:+.2f}" for one, rank in drivers(ensemble, name))
        rows.append((name, percent(about["alone"]), wider, moved))
    return table(("fact", "rules out alone", "wider without it", "moved by"), rows)


def trades(ensemble: Ensemble) -> str:
    """Return the table of trade-offs between parameters."""
    rows = [
        (
            f"Who has more {code(one)} has {'more' if rank > 0.0 else 'less'} {code(other)}",
            "the facts know their difference better than either"
            if rank > 0.0
            else "the facts know their sum better than either",
            f"{rank:+.2f}",
        )
        for one, other, rank in trade_offs(ensemble)
    ]
    if not rows:
        return "No pair of parameters is related more closely over members than chance would have it."
    return table(("", "", "rank correlation"), rows)


def identified(ensemble: Ensemble) -> str:
    """Say how many parameters the facts identify, narrow, and leave as they were."""
    verdicts = [one.verdict for one in narrowed(ensemble)]
    return (
        f"Of {len(verdicts)} parameters the facts identify {verdicts.count('identified')} (less than "
        f"{percent(IDENTIFIED)} of the width of the range holds nine of ten members), narrow "
        f"{verdicts.count('narrowed')} (less than {percent(LEANING)}), and say next to nothing of "
        f"{verdicts.count('not identified')}. `bubble-abm figures fig14` draws them, and pairs of them; `fig15` "
        "draws the facts."
    )


def spread(ensemble: Ensemble) -> str:
    """Say how diverse the members are."""
    found = diversity(ensemble)
    text = (
        f"Members are {found['median']:.3f} of the ranges apart (median of pairs; root mean square over parameters), "
        f"{found['smallest']:.3f} to {found['largest']:.3f}; points that fill all ranges evenly are "
        f"{found['evenly']:.3f} apart."
    )
    if "from the defaults" in found:
        text += (
            f" The defaults are {found['from the defaults']:.3f} away from the typical member and "
            f"{found['nearest to the defaults']:.3f} from the nearest."
        )
    return text


def summary(ensemble: Ensemble) -> str:
    """Say what was matched, how, and what is left."""
    about: Any = ensemble.origin
    waves, passed, judged = about["waves"], about["passed"], about["judged"]
    medians = np.median(ensemble.simulated, axis=0)
    known = [(TARGETS[name], value) for name, value in zip(ensemble.targets, medians) if name in TARGETS]
    hits = sum(target.low <= value <= target.high for target, value in known)
    discrepancy = ", ".join(f"{value:g} for {weight} facts" for weight, value in about["discrepancy"].items())
    own = " and, the more seeds it has, between those of the point itself" if about.get("own_luck") else ""
    return "\n".join([
        f"{len(ensemble)} members in {len(ensemble.factors)} parameters, of {passed} that passed and {judged} that "
        f"were judged under {about['judges']} seeds; matched on {len(ensemble.matched)} numbers: "
        f"{', '.join(ensemble.matched)}. The median of members is in the range of {hits} of {len(known)} numbers.",
        "",
        f"Implausibility is at most {waves['threshold']:g} for each number that was matched. Standard deviations, in "
        f"half-widths of the range: observation 1/3; what the model leaves out {discrepancy}; luck as between seeds at "
        f"{about.get('luck_of', 'the defaults')}{own}. {extent_of(about)}",
        "",
        "Members are a sample of that region, evenly distributed over the ranges, as far as they have forgotten where "
        f"they came from: with a memory of {about['memory']:.2f}, where 0 is all and 1 is nothing of it. All count the "
        "same. They are no posterior.",
        "",
        f"Code {about['code']}, commit {about['commit'] or 'unknown'}; `bubble-abm {' '.join(about['command'])}`."
        f"{judged_again(about)}",
    ])  # fmt: skip


def judged_again(about: Mapping[str, Any]) -> str:
    """Say that the points were judged by another state of the model than the one that the waves ran, if they were."""
    again = about.get("again")
    if again is None:
        return ""
    return (
        " So ran the waves. The model was repaired afterwards, and the points of the last wave were judged again, by "
        f"code {again['code']}, commit {again['commit'] or 'unknown'}; `bubble-abm {' '.join(again['command'])}`."
    )


def extent_of(about: Mapping[str, Any]) -> str:
    """Say how large the region is, or how its points were found."""
    volume, begin = about["volume"], about.get("begin")
    if volume is not None:
        return f"The region is about e^{volume:.0f} of the space that was searched, before the last judgement."
    if begin is None:
        which, ends, they = "of waves that had stalled", "the defaults", "that of the defaults"
    else:
        which = "that fill the space"
        ends = f"the {begin['members']} members of an earlier search (`bubble-abm {' '.join(begin['command'])}`)"
        they = "theirs"
    return (
        f"The points {which} were pulled straight towards {ends}, which are not ruled out, until they were not ruled "
        f"out either; so the size of the region is not estimated, and parts of it that are not connected to {they} may "
        "be missing."
    )


def page(ensemble: Ensemble) -> str:
    """Return the report as Markdown."""
    parts = [
        ("Calibration", summary(ensemble)),
        ("Facts", fit(ensemble)),
        ("Misses", misses(ensemble)),
        ("Parameters", f"{identified(ensemble)}\n\n{parameters(ensemble)}"),
        ("Which fact constrains what", constraints(ensemble)),
        ("Trade-offs", trades(ensemble)),
        ("Diversity", spread(ensemble)),
    ]
    return "\n\n".join(f"{'#' if place == 0 else '##'} {head}\n\n{text}" for place, (head, text) in enumerate(parts))


def save_page(ensemble: Ensemble, path: Path) -> None:
    """Write the report."""
    save_text(path, page(ensemble) + "\n")
