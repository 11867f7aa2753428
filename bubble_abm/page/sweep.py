"""Sweep this: what comes of a parameter when it alone goes through its range, over values and seeds."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import solara

from bubble_abm.economy.identities import BrokenIdentity
from bubble_abm.economy.parameters import DECLARED
from bubble_abm.engine.simulation import simulate
from bubble_abm.observe.observed import ObservedRun
from bubble_abm.observe.outcomes import read
from bubble_abm.page.drawing import FONT, round_step, text
from bubble_abm.page.many_seeds import Cancelled
from bubble_abm.page.settings import Settings, check_offered
from bubble_abm.page.templates import template
from bubble_abm.page.threads import background
from bubble_abm.page.words import in_own_language, label, readable, say

if TYPE_CHECKING:
    from bubble_abm.page.visit import Visit

VALUES, SEEDS = 20, 20
#: Outcomes of a sweep: name, title, unit, divisor.
OUTCOMES = {
    "popped": ("Seeds that pop", "%", 0.01),
    "pop_month": ("Month of the pop", "", 1.0),
    "idle_share": ("New capacity idle, last year", "%", 0.01),
    "failures": ("Sites wound up or taken over", "sites", 1.0),
}
WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 330, 190, 62, 40, 26


@dataclass(frozen=True, eq=False)
class Sweep:
    """Outcomes of a parameter's values.

    Attributes
    ----------
    name : str
        The parameter.
    values : ndarray of shape (values,)
        What it was set to.
    outcomes : mapping of str to ndarray of shape (values, seeds)
        Not a number where books did not balance.
    months : int
        Length of the runs [months].
    """

    name: str
    values: np.ndarray
    outcomes: dict[str, np.ndarray]
    months: int


def values_of(name: str) -> np.ndarray:
    """Return the values of a sweep: evenly through the range, in ratio where it spans more than two decades."""
    about = DECLARED[name].metadata
    low, high = float(about["low"]), float(about["high"])
    log = low > 0 and high / low >= 100
    found = np.clip(np.geomspace(low, high, VALUES) if log else np.linspace(low, high, VALUES), low, high)
    return np.unique(np.round(found)) if about["whole"] else found


def one_run(settings: Settings, seed: int, cancelled: threading.Event) -> list[float]:
    """Run one seed of one value, and read the outcomes."""
    if cancelled.is_set():
        raise Cancelled
    plan = settings.scenario
    try:
        run = simulate(plan.parameters, shocks=plan.events, months=plan.months, seed=seed)
    except BrokenIdentity:
        return [np.nan] * len(OUTCOMES)
    seen = ObservedRun(run.records, plan.parameters, plan.shock_month)
    return [read(seen, name) for name in OUTCOMES]


def sweep(settings: Settings, name: str, told: Callable[[int], None], cancelled: threading.Event) -> Sweep:
    """Run a parameter through its range.

    Raises
    ------
    Cancelled
        Soon after ``cancelled`` was set.
    InvalidInput
        If the page does not offer the parameter.
    """
    check_offered(name)
    values = values_of(name)
    points = [settings.changed(name, value.item()) for value in values]
    waiting: list[Future[list[float]]] = [
        background().submit(one_run, point, seed, cancelled) for point in points for seed in range(1, SEEDS + 1)
    ]
    found = []
    try:
        for one in waiting:
            found.append(one.result())
            told(len(found))
    finally:
        for one in waiting:
            one.cancel()
    table = np.array(found).reshape(len(values), SEEDS, len(OUTCOMES))
    return Sweep(name, values, {key: table[:, :, place] for place, key in enumerate(OUTCOMES)}, settings.months)


def picture(found: Sweep, outcome: str, now: float) -> str:
    """Draw an outcome against the parameter: its mean, and in the band nine of ten seeds."""
    title, counted, divisor = OUTCOMES[outcome]
    table = found.outcomes[outcome] / divisor
    known = np.isfinite(table).all(axis=1)
    high = max(float(np.nanmax(table, initial=0.0)), 1.0)
    step = 12.0 if outcome == "pop_month" else round_step(high)
    top = step * np.ceil(high / step)
    log = found.values[0] > 0 and found.values[-1] / found.values[0] >= 100
    spots = np.log(found.values) if log else found.values

    def x(value: float) -> float:
        spot = np.log(value) if log else value
        return float(LEFT + (WIDTH - LEFT - 12) * (spot - spots[0]) / (spots[-1] - spots[0]))

    def y(value: float) -> float:
        return float(TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / top))

    title, swept = say(title), say(found.name.replace("_", " "))
    parts = [text(2, 14, f"{title} {f'[{say(counted)}]' if counted else ''}", size=13, fill="ink")]
    for number in range(round(top / step) + 1):
        value = number * step
        name = label(int(value)) if outcome == "pop_month" else f"{value:,.6g}"
        rule = f'x1="{LEFT}" x2="{WIDTH - 12}" y1="{y(value):.1f}" y2="{y(value):.1f}"'
        parts += [f'<line {rule} stroke="var(--rule)"/>', text(LEFT - 5, y(value) + 4, name, more='text-anchor="end"')]
    for value, anchor in ((found.values[0], "start"), (found.values[-1], "end")):
        parts.append(text(x(value), HEIGHT - 22, readable(value), more=f'text-anchor="{anchor}"'))
    parts.append(text((LEFT + WIDTH) / 2, HEIGHT - 5, swept, more='text-anchor="middle"'))
    at = f'x1="{x(now):.1f}" x2="{x(now):.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}"'
    parts.append(f'<line {at} stroke="var(--event)" stroke-dasharray="3 3"/>')
    if known.any():
        low, upper = np.quantile(table[known], (0.05, 0.95), axis=1)
        places = found.values[known].tolist()
        edge = [f"{x(place):.1f},{y(value):.1f}" for place, value in zip(places, upper)]
        edge += [f"{x(place):.1f},{y(value):.1f}" for place, value in zip(places[::-1], low[::-1])]
        middle = " L".join(f"{x(place):.1f},{y(value):.1f}" for place, value in zip(places, table[known].mean(axis=1)))
        if outcome != "popped":
            parts.append(f'<path d="M{" L".join(edge)}Z" fill="var(--blue)" fill-opacity="0.16"/>')
        parts.append(f'<path d="M{middle}" fill="none" stroke="var(--blue)" stroke-width="2.4"/>')
    frame = f'viewBox="0 0 {WIDTH} {HEIGHT}" role="img" font-family="{FONT}" xmlns="http://www.w3.org/2000/svg"'
    about = say("{outcome} against {parameter}, mean of {seeds} seeds", outcome=title, parameter=swept, seeds=SEEDS)
    return f'<svg {frame} aria-label="{escape(about)}">{"".join(parts)}</svg>'


def about_sweep(name: str) -> str:
    """Say what is swept, and how."""
    return say(
        "{meaning}. All else as in the run on the page; {seeds} seeds a value; the line marks the run's own value.",
        meaning=say(DECLARED[name].metadata["meaning"]), seeds=SEEDS,
    )  # fmt: skip


@template("sweep")
def Swept(
    title: str = "", pictures: Any = (), done: int = 0, all: int = 0, note: str = "",
    event_close: Callable[[Any], None] | None = None,
) -> None:  # fmt: skip
    """Show a sweep."""


@solara.component
@in_own_language
def SweepPart(visit: Visit) -> None:
    """The sweep that was asked for, if any."""
    name, found, settings = visit.swept.value, visit.sweep.value, visit.sweep_of
    svgs = visit.made(
        lambda: [picture(found, one, settings.value(name)) for one in OUTCOMES] if found is not None else [],
        [],
        [found],
    )
    Swept(
        title=say(name.replace("_", " ")) if name else "",
        pictures=svgs,
        done=visit.sweep_done.value,
        all=len(values_of(name)) * SEEDS if name else 0,
        note=about_sweep(name) if name else "",
        event_close=visit.close_sweep,
    )
