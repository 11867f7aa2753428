"""The question of the page and its answer: in this run, and over many seeds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import solara

from bubble_abm.economy.outside import label
from bubble_abm.economy.parameters import DECLARED
from bubble_abm.observe.headline import SAID, months_long, say_share, window_in_words
from bubble_abm.observe.verdict import (
    AVERTED,
    CAUSED,
    DEFINITIONS,
    DELAYED,
    ENDOGENOUS,
    HASTENED,
    MAIN,
    SURVIVED,
    UNDECIDED,
    Attribution,
    attribution,
    pops,
)
from bubble_abm.page.pop_strip import pop_strip
from bubble_abm.page.run import WatchedRun
from bubble_abm.page.settings import Settings

if TYPE_CHECKING:
    from bubble_abm.page.many_seeds import Pairs
    from bubble_abm.page.visit import Visit

BEFORE, ANYWAY = "over before", "popped anyway"
#: Answers to the question, in the order of the bar: short name, sentence about one run, colour.
ANSWERS = {
    BEFORE: ("it was over before", "No, it was over before", "blue"),
    ANYWAY: ("popped in the same month without it", "No, it would have popped in the same month", "sky"),
    UNDECIDED: ("too close to tell by the date", "The dates are too close to tell", "ash"),
    HASTENED: ("brought forward by it", "It brought the end forward", "orange"),
    CAUSED: ("caused by it", "Yes, without it there is no pop", "vermilion"),
    DELAYED: ("delayed by it", "It delayed the end", "mint"),
    AVERTED: ("prevented by it", "It prevented the pop", "green"),
    SURVIVED: ("no pop either way", "Nothing popped, with it or without", "slate"),
}


def shock_name(settings: Settings) -> str:
    """Name the shock: DeepSeek R1, and when it comes if that is not its real month."""
    month = settings.scenario.shock_month
    real = int(DECLARED["shock_month"].default)
    moved = "" if month is None or month == real else f" (here in {label(month)}, not {label(real)})"
    return f"DeepSeek R1{moved}"


def question(settings: Settings) -> str:
    """Ask what the page answers."""
    if settings.scenario.shock_month is None:
        return "Would the AI-compute bubble have popped without DeepSeek R1?"
    return f"Did {shock_name(settings)} pop the AI-compute bubble?"


def answer_of(found: Attribution) -> str:
    """Return which of :data:`ANSWERS` a verdict is: endogenous pops were over before, or come in the same month."""
    if found.kind == ENDOGENOUS:
        return BEFORE if found.after_shock is not None and found.after_shock < 0 else ANYWAY
    return found.kind


def answer_in_run(run: WatchedRun) -> dict[str, str]:
    """Answer the question for the run that is shown."""
    if run.failure:
        return {"head": f"This run stops after {run.reached} months", "text": run.failure}
    popped = pops(run.series)[MAIN]
    if run.twin_series is None or run.shock_month is None:
        if popped is None:
            return {"head": "No pop in this run", "text": f"There is none by {label(run.months - 1)}."}
        return {"head": "Yes, in this run", "text": f"The bubble popped in {label(popped)}; nobody released R1."}
    otherwise = pops(run.twin_series)[MAIN]
    found = attribution(popped, otherwise, run.shock_month, run.months)
    return {"head": ANSWERS[answer_of(found)][1], "text": dates_in_words(run, popped, otherwise, found)}


def dates_in_words(run: WatchedRun, popped: int | None, otherwise: int | None, found: Attribution) -> str:
    """Say when the bubble popped with the shock and without it, and by how much the shock moved it."""
    assert run.shock_month is not None
    end = label(run.months - 1)
    first, second = (f"in {label(at)}" if at is not None else f"not by {end}" for at in (popped, otherwise))
    shock = f"R1 ({label(run.shock_month)})"
    if found.kind == SURVIVED:
        return f"Popped {first}, with {shock} and without it."
    said = f"Popped with {shock} {first}, without it {second}"
    if found.after_shock is not None and found.after_shock < 0:
        return f"Popped {first}, {months_long(-found.after_shock)} before {shock}, which cannot move what came before."
    if not found.moved:
        return f"{said}: not moved."
    way = "later" if found.moved > 0 else "earlier"
    return f"{said}: {'at least ' if found.at_least else ''}{months_long(abs(found.moved))} {way}."


def answer_over(pairs: Pairs) -> dict[str, Any]:
    """Answer the question over many seeds: a sentence, the share of each answer, and what the shock explains."""
    line = pairs.headline
    if line.shock_month is None:
        share = np.mean([not pop.censored for pop in line.pops])
        head = f"{'Yes' if share > 0.5 else 'No'}: it pops in {100 * share:.0f} % of {pairs.seeds} seeds."
        return {"head": head, "bar": [], "text": left_out(pairs), "strip": pop_strip(pairs)}
    answers = [answer_of(one) for one in line.attributions]
    bar = [
        {"name": name, "count": answers.count(key), "share": 100 * answers.count(key) / len(answers), "colour": colour}
        for key, (name, _, colour) in ANSWERS.items()
        if key in answers
    ]
    agree = 100 * float(np.mean(line.agreements))
    said = f"On average {agree:.0f} % of {len(DEFINITIONS)} definitions of a pop give the same answer."
    text = " ".join(filter(None, (explained(pairs), said, left_out(pairs))))
    return {"head": in_short(pairs), "bar": bar, "text": text, "strip": pop_strip(pairs)}


def in_short(pairs: Pairs) -> str:
    """Answer by what happens without the shock: a bubble that pops anyway was not popped by it."""
    line = pairs.headline
    popped = [not pop.censored for pop in line.pops]
    anyway = [not pop.censored for pop in line.pops_without_shock]
    seeds = pairs.seeds
    if sum(popped) * 2 <= seeds:
        if sum(anyway) * 2 > seeds:
            return f"No, it prevents a pop: without it {sum(anyway)} of {seeds} seeds pop, with it {sum(popped)}."
        return f"No: most seeds do not pop, {sum(popped)} of {seeds} with it and {sum(anyway)} without."
    if sum(anyway) * 2 > seeds:
        return f"No: the bubble pops without it too, in {sum(anyway)} of {seeds} seeds (with it in {sum(popped)})."
    return f"Yes: with it {sum(popped)} of {seeds} seeds pop, without it {sum(anyway)}."


def explained(pairs: Pairs) -> str:
    """Say how much of the bust the shock explains."""
    line = pairs.headline
    assert line.shock_month is not None
    known = {one.measure: one for one in line.shares if one.window == ""}
    said = ", ".join(f"{name} {say_share(known[measure])}" for measure, name in SAID.items())
    return (
        f"What R1 explains of the bust ({window_in_words('', line.shock_month, line.months)}, 95 % intervals): {said}."
    )


def left_out(pairs: Pairs) -> str:
    """Say how many seeds are missing, if any are."""
    return f"{pairs.failed} seeds are left out, their books do not balance." if pairs.failed else ""


@solara.component_vue("parts/answer.vue")
def Answer(
    question: str = "", run: Any = None, seed: str = "", over: Any = None, done: int = 0, seeds: int = 0
) -> None:
    """Ask the question and answer it."""


@solara.component
def AnswerPart(visit: Visit) -> None:
    """The question, the answer of this run, and the answer over many seeds as soon as it is there."""
    run, pairs = visit.run.value, visit.pairs.value
    # An ensemble of economies is a second answer of this form: its members instead of seeds, see answer_over.
    Answer(
        question=question(run.settings),
        run=solara.use_memo(lambda: visit.safely(lambda: answer_in_run(run), {}), [run]),
        seed=str(run.settings.seed),
        over=solara.use_memo(lambda: visit.safely(lambda: answer_over(pairs), {}) if pairs else {}, [pairs]),
        done=visit.done.value,
        seeds=visit.wanted,
    )
