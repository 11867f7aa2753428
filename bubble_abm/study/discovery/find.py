"""Scenario discovery: the ranges of few factors under which runs end in one way, as boxes that can be said in words.

Two methods make boxes. *PRIM* (Friedman and Fisher 1999; Bryant and Lempert 2010) peels thin slices off the space of
factors until what is left is dense with the class of interest; the EMA Workbench does the peeling. *CART* (Breiman et
al. 1984) cuts the space in two, and again; its leaves are boxes. Both are told nothing but factors and classes: tables
in, tables out, and nothing is simulated.

What keeps them honest is in :mod:`bubble_abm.study.discovery.boxes`: chance counts design rows and not runs, and each
box is reported together with what its procedure achieved on rows left out.
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

MIN_ROWS = 20  # design rows with a wanted run, and as many with another: below that a class is not searched

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
    """What a search found.

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
        In words, for each class and method: what was found or why nothing was, and what to beware of.
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
        Design row of each run; without it, runs with equal factors are taken for one row.
    settings : Settings
        How to search.
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
    """Find boxes of a class by PRIM: one, then another among the runs that it does not hold, and so on.

    Parameters
    ----------
    points : DataFrame
        One row per run, one numeric column per factor.
    wanted : array of bool, shape (runs,)
        Whether each run is in the class.
    name : str
        The class, for the tables.
    rows : array, shape (runs,), optional
        Design row of each run; without it, runs with equal factors are taken for one row.
    settings : Settings
        How to search.

    Returns
    -------
    Found
        Empty tables and a note if the class is too small, or nothing holds on rows left out.

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
    """Say why a class cannot be searched; nothing if it can."""
    count, total = int(cases.wanted.sum()), len(cases)
    if count in (0, total):
        return f"{'all' if count else 'none'} of the {total} runs are in the class: there is nothing to tell apart"
    for mark, what in ((True, "in the class"), (False, "outside the class")):
        runs, rows = int((cases.wanted == mark).sum()), cases.rows_with(mark)
        if rows < MIN_ROWS:
            return f"too few: {runs} runs of {rows} design rows are {what}, and {MIN_ROWS} rows are needed"
    return ""


def judged(method: str, name: str, cases: Cases, boxes: list[np.ndarray], settings: Settings) -> Found:
    """Hold boxes against left-out rows, and keep those that are denser than the base rate by more than chance."""
    if not boxes:
        return tables(name, method, [], f"no box: no limit is more than chance; base rate {cases.base_rate:.2f}")
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
    """Say why a box is not believed to be denser than the base rate; nothing if it is."""
    rate, density = cases.base_rate, fit(held, cases.wanted).density
    if not held.any() or chance(density, len(np.unique(cases.rows[held])), rate) > level:
        return f"its density of {density:.2f} may be chance at a base rate of {rate:.2f}"
    if not test.rows or chance(test.density, test.rows, rate) > level:
        return f"its density is {density:.2f} on the runs it was made from, {test.density:.2f} on rows left out"
    return ""


def limiting(peeled: list[Peeled]) -> list[np.ndarray]:
    """Return the boxes of PRIM that limit anything."""
    return [one.box for one in peeled if len(restricted(one.box))]


SEARCH = {PRIM: lambda cases, settings: limiting(peel_boxes(cases, settings)), CART: leaf_boxes}


def about(held: np.ndarray, cases: Cases, test: OutOfSample) -> dict[str, Any]:
    """Return the columns that all lines of a box share."""
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
    """Return the columns in which the lines of a box differ: a factor, its limits in its own units, and its chance."""
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
    """Say in words what the boxes hold together, and whether one limits a factor that does nothing."""
    if not lines:
        return f"no box that holds; base rate {cases.base_rate:.2f}"
    both, count = fit(~left, cases.wanted), lines[-1]["box"]
    text = (
        f"{count} box{'es' if count > 1 else ''} with {both.coverage:.0%} of the {cases.wanted.sum()} runs of the class"
    )
    text += f", {both.density:.0%} of the runs inside are of it; of all {len(cases)} runs {cases.base_rate:.0%} are"
    for line in lines:
        if line["factor"] in inert:
            text += (
                f"; box {line['box']} limits {line['factor']}, which does nothing: limits of such quasi-p are chance"
            )
    return text


def tables(name: str, method: str, lines: list[dict[str, Any]], note: str) -> Found:
    """Make the tables of one class and method; the trajectory is empty."""
    notes = [{"class": name, "method": method, "note": note}]
    return Found(typed(lines, BOXES), typed([], TRAJECTORY), typed(notes, NOTES))


def typed(lines: list[dict[str, Any]], columns: dict[str, str]) -> pd.DataFrame:
    """Make a table whose columns and their types are the same when it is empty."""
    return pd.DataFrame(lines, columns=list(columns)).astype(columns)


def trajectory_table(name: str, cases: Cases, peeled: list[Peeled]) -> pd.DataFrame:
    """Make the table of all steps; coverage and mass are of all runs, also where earlier boxes hold some."""
    lines = []
    for number, one in enumerate(peeled, start=1):
        wanted, share = cases.wanted[one.left].sum() / cases.wanted.sum(), one.left.mean()
        for step, (box, seen) in enumerate(zip(one.steps, one.fits)):
            keys = {"class": name, "step": step, "box": number, "chosen": step == one.chosen}
            measured = {"coverage": seen.coverage * wanted, "density": seen.density, "mass": seen.mass * share}
            lines.append(keys | measured | {"restricted": len(restricted(box))})
    return typed(lines, TRAJECTORY)


def combine(found: Iterable[Found]) -> Found:
    """Put the tables of several searches below each other."""
    every = list(found)
    kinds = (("boxes", BOXES), ("trajectory", TRAJECTORY), ("notes", NOTES))
    joined = {}
    for kind, columns in kinds:
        filled = [table for one in every if len(table := getattr(one, kind))]
        joined[kind] = pd.concat(filled, ignore_index=True) if filled else typed([], columns)
    return Found(**joined)
