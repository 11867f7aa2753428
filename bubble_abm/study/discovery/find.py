"""Scenario discovery: boxes, which are ranges of a few factors in which runs belong to a class.

There are two methods. *PRIM* (Friedman and Fisher 1999; Bryant and Lempert 2010) peels thin slices off the space of
factors until the remaining box is dense with the class; the EMA Workbench does the peeling. *CART* (Breiman et al.
1984) repeatedly cuts the space in two; its leaves are boxes. Both read tables of factors and classes, return tables,
and simulate nothing.

:mod:`bubble_abm.study.discovery.boxes` guards against overfitting: tests of significance count design rows and not
runs, and each box is reported together with the performance of its procedure out of sample.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from bubble_abm.economy.declare import InvalidInput
from bubble_abm.study.discovery.boxes import (
    Cases,
    OutOfSample,
    chance,
    fit,
    inside,
    make_cases,
    out_of_sample,
    quasi_p,
    restricted,
)
from bubble_abm.study.discovery.search import STANDARD, Peeled, Settings, leaf_boxes, peel_boxes

PRIM, CART = "PRIM", "CART"
METHODS = (PRIM, CART)

MIN_ROWS = 20  # smallest number of design rows with a run in the class, and with one outside it

BOXES = {
    "class": "str", "method": "str", "box": "int64", "factor": "str", "low": "float64", "high": "float64",
    "quasi_p": "float64", "coverage": "float64", "density": "float64", "mass": "float64", "lift": "float64",
    "coverage_out": "float64", "density_out": "float64", "cases": "int64", "base_rate": "float64",
    "refound": "float64",
}  # fmt: skip
TRAJECTORY = {
    "class": "str", "step": "int64", "coverage": "float64", "density": "float64", "mass": "float64",
    "restricted": "int64", "box": "int64", "chosen": "bool",
}  # fmt: skip
NOTES = {"class": "str", "method": "str", "note": "str"}


@dataclass(frozen=True)
class Found:
    """The result of a search.

    Attributes
    ----------
    boxes : DataFrame
        One row for each factor that a box limits. ``low`` and ``high`` are in the factor's units and missing on an open
        side; ``quasi_p`` is the larger of the two limits'. ``coverage``, ``density``, ``mass`` and ``lift`` (density
        over base rate) are of all runs; those of a second box leave out the runs in the first, so that coverages add
        up. ``coverage_out`` and ``density_out`` are what the procedure's box of this rank achieved on design rows left
        out, and ``refound`` is the share of folds that limit the factor on the same side. ``cases`` counts all runs.
    trajectory : DataFrame
        Each step of PRIM for each box, from the whole space on; ``chosen`` marks the step from which the box was made,
        before limits were dropped that may be chance.
    notes : DataFrame
        For each class and method, what was found or why nothing was, and warnings.
    """

    boxes: pd.DataFrame
    trajectory: pd.DataFrame
    notes: pd.DataFrame


def discover(
    points: pd.DataFrame,
    classes: Any,
    rows: Any = None,
    settings: Settings = STANDARD,
    methods: Sequence[str] = METHODS,
) -> Found:
    """Find the boxes of every class, by each method.

    Parameters
    ----------
    points : DataFrame
        One row per run, one numeric column per factor.
    classes : array of str, shape (runs,)
        Class of each run, for instance one of :data:`bubble_abm.observe.verdict.ATTRIBUTIONS`.
    rows : array, shape (runs,), optional
        Design row of each run; by default, runs with equal factors belong to the same row.
    settings : Settings
        Options of the search.
    methods : sequence of str
        ``"PRIM"``, ``"CART"`` or both.

    Raises
    ------
    InvalidInput
        If a table is not valid or a method is not known.
    """
    labels = np.asarray(classes).astype(str)
    if unknown := set(methods) - set(METHODS):
        raise InvalidInput(f"methods = {sorted(unknown)[0]!r}: give names from {', '.join(METHODS)}")
    if labels.shape != (len(points),):
        raise InvalidInput(f"classes = array of shape {labels.shape}: give {len(points)} names, one per point")
    search = {PRIM: prim, CART: cart}
    return combine(
        search[method](points, labels == name, str(name), rows, settings)
        for name in np.unique(labels)
        for method in methods
    )


def prim_box(
    points: pd.DataFrame, wanted: Any, name: str = "wanted", rows: Any = None, settings: Settings = STANDARD
) -> Found:
    """Find the one box of PRIM that holds a class best; see :func:`prim`."""
    return prim(points, wanted, name, rows, replace(settings, boxes=1))


def prim(
    points: pd.DataFrame, wanted: Any, name: str = "wanted", rows: Any = None, settings: Settings = STANDARD
) -> Found:
    """Find boxes of a class by PRIM, each among the runs that are outside the earlier ones.

    Parameters
    ----------
    points : DataFrame
        One row per run, one numeric column per factor.
    wanted : array of bool, shape (runs,)
        Whether each run is in the class.
    name : str
        The class, for the tables.
    rows : array, shape (runs,), optional
        Design row of each run; by default, runs with equal factors belong to the same row.
    settings : Settings
        Options of the search.

    Returns
    -------
    Found
        Empty tables and a note if the class is too small, or no box is confirmed out of sample.

    Raises
    ------
    InvalidInput
        If a table is not valid.

    Notes
    -----
    On each trajectory the box is taken that coincides best with the class: the greatest correlation of being inside
    with being wanted, among the runs that earlier boxes left; of equal boxes that with fewer factors, then the earlier.
    It weighs coverage against density without a weight to choose, and unlike their harmonic mean or product it gives
    the whole space nothing, however common the class. Then its limits are removed, the least significant first, until
    all have a quasi-p of at most ``settings.level``. A box counts when the procedure's box of its rank is denser than
    the base rate on left-out design rows, by more than chance at the same level; the search ends at the first that is
    not.
    """
    cases = make_cases(points, wanted, rows, settings.log_factors)
    if refusal := too_few(cases):
        return tables(name, PRIM, [], refusal)
    peeled = peel_boxes(cases, settings)
    found = judged(PRIM, name, cases, limiting(peeled), settings)
    return replace(found, trajectory=trajectory_table(name, cases, peeled))


def cart(
    points: pd.DataFrame, wanted: Any, name: str = "wanted", rows: Any = None, settings: Settings = STANDARD
) -> Found:
    """Find boxes of a class as leaves of a decision tree.

    Parameters
    ----------
    points, wanted, name, rows, settings
        As in :func:`prim`.

    Returns
    -------
    Found
        Its trajectory is empty. Leaves are disjoint and come in order of the correlation of being inside with being
        wanted.

    Raises
    ------
    InvalidInput
        If a table is not valid.

    Notes
    -----
    The tree is pruned back by its cost of complexity, as strongly as cross-validation over design rows allows: the
    strongest pruning whose mean squared error is within one standard error of the best. Limits are not dropped, since
    leaves would then overlap; their quasi-p is reported.
    """
    cases = make_cases(points, wanted, rows, settings.log_factors)
    if refusal := too_few(cases):
        return tables(name, CART, [], refusal)
    return judged(CART, name, cases, leaf_boxes(cases, settings), settings)


# --- Judgement and tables -------------------------------------------------------------------------------------------


def too_few(cases: Cases) -> str:
    """Return the reason why a class cannot be searched; empty if it can."""
    count, total = int(cases.wanted.sum()), len(cases)
    if count in (0, total):
        return f"{'all' if count else 'none'} of the {total} runs are in the class: there is nothing to distinguish"
    for mark, what in ((True, "in the class"), (False, "outside the class")):
        runs, rows = int((cases.wanted == mark).sum()), cases.rows_with(mark)
        if rows < MIN_ROWS:
            return f"too few: {runs} runs of {rows} design rows are {what}, and {MIN_ROWS} rows are needed"
    return ""


def judged(method: str, name: str, cases: Cases, boxes: list[np.ndarray], settings: Settings) -> Found:
    """Cross-validate boxes, and keep those whose density exceeds the base rate by more than chance."""
    if not boxes:
        return tables(name, method, [], f"no box: no limit is significant; base rate {cases.base_rate:.2f}")
    tests = out_of_sample(lambda some: SEARCH[method](some, settings), cases, len(boxes), settings.folds)
    lines: list[dict[str, Any]] = []
    left, refusal = np.ones(len(cases), dtype=bool), ""
    for number, (box, test) in enumerate(zip(boxes, tests), start=1):
        held = inside(box, cases.values) & left
        if reason := reason_to_reject(held, cases, test, settings.level):
            refusal = f"box {number} is not reported: {reason}"
            break
        keys = {"class": name, "method": method, "box": number} | about(held, cases, test)
        lines += [keys | line for line in limits(box, cases.only(left), test, settings.log_factors)]
        left &= ~held
    return tables(name, method, lines, "; ".join(filter(None, [summary(cases, left, lines, settings.inert), refusal])))


def reason_to_reject(held: np.ndarray, cases: Cases, test: OutOfSample, level: float) -> str:
    """Return the reason why a box may not be denser than the base rate; empty if it is."""
    rate, density = cases.base_rate, fit(held, cases.wanted).density
    if not held.any() or chance(density, len(np.unique(cases.rows[held])), rate) > level:
        return f"its density of {density:.2f} may be due to chance at a base rate of {rate:.2f}"
    if not test.rows or chance(test.density, test.rows, rate) > level:
        return f"its density is {density:.2f} on the runs it was made from, {test.density:.2f} out of sample"
    return ""


def limiting(peeled: list[Peeled]) -> list[np.ndarray]:
    """Return the boxes of PRIM that have a limit."""
    return [one.box for one in peeled if len(restricted(one.box))]


SEARCH = {PRIM: lambda cases, settings: limiting(peel_boxes(cases, settings)), CART: leaf_boxes}


def about(held: np.ndarray, cases: Cases, test: OutOfSample) -> dict[str, Any]:
    """Return the columns that are the same in all rows of a box."""
    seen = fit(held, cases.wanted)
    return {
        "coverage": seen.coverage,
        "density": seen.density,
        "mass": seen.mass,
        "lift": seen.density / cases.base_rate,
        "coverage_out": test.coverage,
        "density_out": test.density,
        "cases": len(cases),
        "base_rate": cases.base_rate,
    }


def limits(box: np.ndarray, cases: Cases, test: OutOfSample, log_factors: Collection[str]) -> list[dict[str, Any]]:
    """Return the columns that differ between the rows of a box: factor, limits in its unit, and significance."""
    values = quasi_p(box, cases)
    lines: list[dict[str, Any]] = []
    for factor in restricted(box):
        name, bounded = cases.factors[factor], np.isfinite(box[:, factor])
        ends = np.where(bounded, box[:, factor], np.nan)
        low, high = 10.0**ends if name in log_factors else ends
        chances = {"quasi_p": np.nanmax(values[:, factor]), "refound": test.refound[bounded, factor].min()}
        lines.append({"factor": name, "low": low, "high": high} | chances)
    return lines


def summary(cases: Cases, left: np.ndarray, lines: list[dict[str, Any]], inert: Collection[str]) -> str:
    """Describe the boxes of a class together, and warn if one limits an inert factor."""
    if not lines:
        return f"no box that is confirmed out of sample; base rate {cases.base_rate:.2f}"
    both, count = fit(~left, cases.wanted), lines[-1]["box"]
    text = (
        f"{count} box{'es' if count > 1 else ''} with {both.coverage:.0%} of the {cases.wanted.sum()} runs of the class"
    )
    text += f", {both.density:.0%} of the runs inside are in it, against {cases.base_rate:.0%} of all {len(cases)} runs"
    for line in lines:
        if line["factor"] in inert:
            text += f"; box {line['box']} limits {line['factor']}, which has no effect: "
            text += "limits with such a quasi-p are due to chance"
    return text


def tables(name: str, method: str, lines: list[dict[str, Any]], note: str) -> Found:
    """Return the tables of one class and method, with an empty trajectory."""
    notes = [{"class": name, "method": method, "note": note}]
    return Found(typed(lines, BOXES), typed([], TRAJECTORY), typed(notes, NOTES))


def typed(lines: list[dict[str, Any]], columns: dict[str, str]) -> pd.DataFrame:
    """Return a table with given columns and types, even if it is empty."""
    return pd.DataFrame(lines, columns=list(columns)).astype(columns)


def trajectory_table(name: str, cases: Cases, peeled: list[Peeled]) -> pd.DataFrame:
    """Return the table of all steps; coverage and mass refer to all runs, including those in earlier boxes."""
    lines = []
    for number, one in enumerate(peeled, start=1):
        wanted, share = cases.wanted[one.left].sum() / cases.wanted.sum(), one.left.mean()
        for step, (box, seen) in enumerate(zip(one.steps, one.fits)):
            keys = {"class": name, "step": step, "box": number, "chosen": step == one.chosen}
            measured = {"coverage": seen.coverage * wanted, "density": seen.density, "mass": seen.mass * share}
            lines.append(keys | measured | {"restricted": len(restricted(box))})
    return typed(lines, TRAJECTORY)


def combine(found: Iterable[Found]) -> Found:
    """Concatenate the tables of several searches."""
    every = list(found)
    kinds = (("boxes", BOXES), ("trajectory", TRAJECTORY), ("notes", NOTES))
    joined = {}
    for kind, columns in kinds:
        filled = [table for one in every if len(table := getattr(one, kind))]
        joined[kind] = pd.concat(filled, ignore_index=True) if filled else typed([], columns)
    return Found(**joined)
