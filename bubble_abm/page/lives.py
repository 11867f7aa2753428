"""The life of a data centre, from its announcement to its end: as a sentence and as a small chart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bubble_abm.economy.agents.operator import (
    BANKRUPT,
    CANCELLED,
    DISTRESSED,
    IDLE,
    NONE,
    OPERATING,
    STAGES,
    TAKEN_OVER,
)
from bubble_abm.economy.outside import label
from bubble_abm.engine.room import lent_rooms
from bubble_abm.engine.simulation import Simulation
from bubble_abm.page import drawing
from bubble_abm.page.run import WatchedRun

#: What a data centre enters when it enters a stage.
WORDS = {
    "building": "construction began", "paused": "construction paused", "operating": "it opened",
    "idle": "was shut for want of tenants",
    "distressed": "fell into arrears", "bankrupt": "was wound up", "cancelled": "was given up",
    "taken_over": "was taken over by the state",
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Life:
    """A data centre month by month: stage (none before it is announced), GPUs installed and let."""

    stage: np.ndarray
    installed: np.ndarray
    let: np.ndarray


def life_of(run: WatchedRun, number: int) -> Life:
    """Follow a data centre by its number through a run, which is repeated for it."""
    plan = run.settings.scenario
    stage = np.full(run.reached, NONE)
    installed, let = np.zeros(run.reached), np.zeros(run.reached)
    with lent_rooms(plan.parameters, 1) as (room,):
        again = Simulation(plan.parameters, shocks=plan.events, months=plan.months, seed=plan.seed, room=room)
        for month in range(run.reached):
            again.run_to(month + 1)
            table = again.world.operators
            rows = np.flatnonzero(table["id"] == number)
            if len(rows) and table["stage"][rows[0]] != NONE:
                stage[month] = table["stage"][rows[0]]
                installed[month] = table["gpus_installed"][rows[0]]
                let[month] = table["training_leased"][rows[0]] + table["inference_leased"][rows[0]]
    return Life(stage, installed, let)


def turns(life: Life) -> list[tuple[int, int]]:
    """Months in which a data centre enters another stage, and which it is."""
    before = np.concatenate([[NONE], life.stage[:-1]])
    return [(int(month), int(life.stage[month])) for month in np.flatnonzero(life.stage != before)]


def life_sentence(life: Life, where: str, planned: int, run: WatchedRun) -> str:
    """Tell the life of a data centre."""
    found = [(month, stage) for month, stage in turns(life) if stage != NONE]
    if not found:
        return f"A cloud in {where}, there before January 2023."
    first = found[0]
    begins = (
        f"There since before January 2023 in {where}"
        if first[0] == 0 and STAGES[first[1]] != "planned"
        else f"Announced in {label(first[0])} for {where} with {planned:,d} GPUs"
    )
    said, opened = [begins], False
    for month, stage in found[1:]:
        words = WORDS.get(STAGES[stage], STAGES[stage].replace("_", " "))
        if stage == OPERATING:
            words, opened = ("opened again" if opened else words), True
        said.append(f"{words} in {label(month)}")
    last = found[-1][1]
    still = {OPERATING: "it still runs", IDLE: "it stands idle", DISTRESSED: "it is in distress"}.get(last, "")
    if last not in (BANKRUPT, CANCELLED, TAKEN_OVER) and still:
        said.append(f"at the end of the run {still}")
    most = float(np.max(life.let / np.maximum(life.installed, 1.0), initial=0.0))
    used = f" At most {100 * min(most, 1.0):.0f} % of its GPUs were let." if life.installed.max(initial=0) > 0 else ""
    return ", ".join(said) + "." + used


def life_chart(life: Life, run: WatchedRun) -> str:
    """Draw GPUs installed and let over the run."""
    high = float(life.installed.max(initial=0.0))
    if high <= 0.0:
        return ""
    legend, height = drawing.legend([("GPUs installed", "slate"), ("let", "blue")])
    scale = drawing.Scale(run.months, high, drawing.TITLE + height + 2)
    shape = [
        drawing.axes(scale),
        drawing.line(scale, np.where(life.stage == NONE, np.nan, life.installed), "slate"),
        drawing.line(scale, np.where(life.stage == NONE, np.nan, life.let), "blue"),
        legend,
    ]
    return drawing.chart(scale, "Its life", "GPUs", f"at most {high:,.0f} GPUs installed", shape)
