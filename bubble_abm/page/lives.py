"""The life of a data centre, from its announcement to its end: as a sentence and as a small chart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bubble_abm.economy.agents.operator import (
    DISTRESSED,
    IDLE,
    NONE,
    OPERATING,
    STAGES,
)
from bubble_abm.engine.room import lent_rooms
from bubble_abm.engine.simulation import Simulation
from bubble_abm.page import drawing
from bubble_abm.page.run import WatchedRun
from bubble_abm.page.words import joined, label, say, times, unit

#: What a data centre enters when it enters a stage.
WORDS = {
    "building": "construction began in {month}", "paused": "construction paused in {month}",
    "operating": "it opened in {month}", "idle": "was shut for want of tenants in {month}",
    "distressed": "fell into arrears in {month}", "bankrupt": "was wound up in {month}",
    "cancelled": "was given up in {month}", "taken_over": "was taken over by the state in {month}",
    "planned": "was planned again in {month}",
}  # fmt: skip


#: How it stands at the end.
STILL = {
    OPERATING: "at the end of the run it still runs", IDLE: "at the end of the run it stands idle",
    DISTRESSED: "at the end of the run it is in distress",
}  # fmt: skip


LIFE_UNIT = "thousand GPUs"  # so that the axis has room for the largest site


@dataclass(frozen=True, eq=False)
class Life:
    """A data centre month by month: stage (none before it is announced), GPUs installed and let."""

    stage: np.ndarray
    installed: np.ndarray
    let: np.ndarray

    @property
    def used(self) -> np.ndarray:
        """Share of the installed GPUs that is let, not a number where none are installed."""
        return self.let / np.where(self.installed > 0.0, self.installed, np.nan)


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


def followed(run: WatchedRun, month: int, row: int) -> Life | None:
    """Follow the data centre that is in a row of the table after some months; None if there is none."""
    with run.world_at(month) as world:
        table = world.operators
        known = 0 <= row < len(table) and table["stage"][row] != NONE
        number = int(table["id"][row]) if known else -1
    return life_of(run, number) if known else None


def turns(life: Life) -> list[tuple[int, int]]:
    """Months in which a data centre enters another stage, and which it is."""
    before = np.concatenate([[NONE], life.stage[:-1]])
    return [(int(month), int(life.stage[month])) for month in np.flatnonzero(life.stage != before)]


def life_sentence(life: Life, where: str, planned: int, run: WatchedRun) -> str:
    """Tell the life of a data centre."""
    found = [(month, stage) for month, stage in turns(life) if stage != NONE]
    if not found:
        return say("A cloud in {province}, there before January 2023.", province=where)
    first = found[0]
    begins = "Announced in {month} for {province} with {gpus:,d} GPUs"
    if first[0] == 0 and STAGES[first[1]] != "planned":
        begins = "There since before January 2023 in {province}"
    said, opened = [say(begins, month=label(first[0]), province=where, gpus=planned)], False
    for month, stage in found[1:]:
        words = WORDS[STAGES[stage]]
        if stage == OPERATING:
            words, opened = ("opened again in {month}" if opened else words), True
        said.append(say(words, month=label(month)))
    said.append(say(STILL[found[-1][1]]) if found[-1][1] in STILL else "")
    told = say("{said}.", said=joined(said))
    if not life.installed.max(initial=0) > 0:
        return told
    most = float(np.max(life.let / np.maximum(life.installed, 1.0), initial=0.0))
    return joined((told, say("At most {share:.0f} % of its GPUs were let.", share=100 * min(most, 1.0))), " ")


def life_chart(life: Life, run: WatchedRun) -> str:
    """Draw GPUs installed and let over the run."""
    high = float(life.installed.max(initial=0.0))
    if high <= 0.0:
        return ""
    legend, height = drawing.legend([(say("GPUs installed"), "slate"), (say("let"), "blue")])
    factor = times(LIFE_UNIT) / 1e3
    scale = drawing.Scale(run.months, high * factor, drawing.TITLE + height + 10)
    shape = [
        drawing.axes(scale),
        drawing.line(scale, np.where(life.stage == NONE, np.nan, life.installed * factor), "slate"),
        drawing.line(scale, np.where(life.stage == NONE, np.nan, life.let * factor), "blue"),
        legend,
    ]
    about = say("at most {gpus:,.0f} GPUs installed", gpus=high)
    return drawing.chart(scale, say("Its life"), unit(LIFE_UNIT), about, shape)
