"""The question of the page and its answer: in this run, and over many seeds."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import solara

from bubble_abm.economy.parameters import DECLARED
from bubble_abm.observe.falls import MID, ShareOfFall
from bubble_abm.observe.headline import SAID
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
from bubble_abm.page.charts import crowds
from bubble_abm.page.members import CALLED, OVER_MEMBERS
from bubble_abm.page.pop_strip import pop_strip
from bubble_abm.page.run import WatchedRun
from bubble_abm.page.settings import Settings
from bubble_abm.page.templates import template
from bubble_abm.page.words import in_own_language, joined, label, months_long, retold, say

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
    if month is None or month == real:
        return "DeepSeek R1"
    return say("DeepSeek R1 (here in {month}, not {real})", month=label(month), real=label(real))


def question(settings: Settings) -> str:
    """Ask what the page answers."""
    if settings.scenario.shock_month is None:
        return say("Would the AI-compute bubble have popped without DeepSeek R1?")
    return say("Did {shock} pop the AI-compute bubble?", shock=shock_name(settings))


def answer_of(found: Attribution) -> str:
    """Return which of :data:`ANSWERS` a verdict is: endogenous pops were over before, or come in the same month."""
    if found.kind == ENDOGENOUS:
        return BEFORE if found.after_shock is not None and found.after_shock < 0 else ANYWAY
    return found.kind


def answer_in_run(run: WatchedRun) -> dict[str, str]:
    """Answer the question for the run that is shown."""
    if run.failure:
        return {"head": say("This run stops after {months} months", months=run.reached), "text": retold(run.failure)}
    popped = pops(run.series)[MAIN]
    if run.twin_series is None or run.shock_month is None:
        if popped is None:
            end = label(run.months - 1)
            return {"head": say("No pop in this run"), "text": say("There is none by {end}.", end=end)}
        text = say("The bubble popped in {month}; nobody released R1.", month=label(popped))
        return {"head": say("Yes, in this run"), "text": text}
    otherwise = pops(run.twin_series)[MAIN]
    found = attribution(popped, otherwise, run.shock_month, run.months)
    return {"head": say(ANSWERS[answer_of(found)][1]), "text": dates_in_words(run, popped, otherwise, found)}


def dates_in_words(run: WatchedRun, popped: int | None, otherwise: int | None, found: Attribution) -> str:
    """Say when the bubble popped with the shock and without it, and by how much the shock moved it."""
    assert run.shock_month is not None
    end = label(run.months - 1)
    first, second = (
        say("in {month}", month=label(at)) if at is not None else say("not by {end}", end=end)
        for at in (popped, otherwise)
    )
    dates = {"with_it": first, "without": second, "release": label(run.shock_month)}
    if found.kind == SURVIVED:
        return say("Popped {with_it}, with R1 ({release}) and without it.", **dates)
    if found.after_shock is not None and found.after_shock < 0:
        return say(
            "Popped {with_it}, {time} before R1 ({release}), which cannot move what came before.",
            time=months_long(-found.after_shock), **dates,
        )  # fmt: skip
    said = "Popped with R1 ({release}) {with_it}, without it {without}"
    if not found.moved:
        return say(said + ": not moved.", **dates)
    way = "later" if found.moved > 0 else "earlier"
    least = "at least " if found.at_least else ""
    return say(f"{said}: {least}{{time}} {way}.", time=months_long(abs(found.moved)), **dates)


def answer_over(pairs: Pairs) -> dict[str, Any]:
    """Answer the question over many runs: a sentence, the share of each answer, and what the shock explains."""
    line, things = pairs.headline, say(CALLED[pairs.crowd])
    about = {"things": things, "strip": pop_strip(pairs), "lead": lead(pairs)}
    if line.shock_month is None:
        share = np.mean([not pop.censored for pop in line.pops])
        head = "Yes: it pops in {share:.0f} % of {count} {things}."
        if share <= 0.5:
            head = "No: it pops in {share:.0f} % of {count} {things}."
        head = say(head, share=100 * share, count=pairs.count, things=things)
        return {"head": head, "bar": [], "text": left_out(pairs), **about}
    answers = [answer_of(one) for one in line.attributions]
    bar = [
        {
            "name": say(name),
            "count": answers.count(key),
            "share": 100 * answers.count(key) / len(answers),
            "colour": colour,
            "things": things,
        }
        for key, (name, _, colour) in ANSWERS.items()
        if key in answers
    ]
    agree = 100 * float(np.mean(line.agreements))
    said = say(
        "On average {agree:.0f} % of {definitions} definitions of a pop give the same answer.",
        agree=agree, definitions=len(DEFINITIONS),
    )  # fmt: skip
    text = joined((explained(pairs), said, left_out(pairs)), " ")
    return {"head": in_short(pairs), "bar": bar, "text": text, **about}


def lead(pairs: Pairs) -> str:
    """Say what the answer is over, in words that need no glossary."""
    if pairs.crowd == OVER_MEMBERS:
        return say("In {count} economies that the facts do not rule out, each with luck of its own", count=pairs.count)
    return say("In {count} runs of the model that differ in luck only (seeds)", count=pairs.count)


def in_short(pairs: Pairs) -> str:
    """Answer by what happens without the shock: a bubble that pops anyway was not popped by it."""
    line = pairs.headline
    popped = sum(not pop.censored for pop in line.pops)
    anyway = sum(not pop.censored for pop in line.pops_without_shock)
    if popped * 2 <= pairs.count:
        text = "No: most {things} do not pop, {popped} of {count} with it and {anyway} without."
        if anyway * 2 > pairs.count:
            text = "No, it prevents a pop: without it {anyway} of {count} {things} pop, with it {popped}."
    else:
        text = "Yes: with it {popped} of {count} {things} pop, without it {anyway}."
        if anyway * 2 > pairs.count:
            text = "No: the bubble pops without it too, in {anyway} of {count} {things} (with it in {popped})."
    return say(text, popped=popped, anyway=anyway, count=pairs.count, things=say(CALLED[pairs.crowd]))


def explained(pairs: Pairs) -> str:
    """Say how much of the bust the shock explains."""
    line = pairs.headline
    assert line.shock_month is not None
    known = {one.measure: one for one in line.shares if one.window == ""}
    members = pairs.crowd == OVER_MEMBERS  # no sample, of whose mean an interval could be told
    said = joined(share_in_words(name, known[measure], alone=members) for measure, name in SAID.items())
    end = label(min(MID, line.months - 1))
    if members:
        return say("What R1 explains of the bust (peak to {end}, mean of the economies): {said}.", end=end, said=said)
    return say("What R1 explains of the bust (peak to {end}, 95 % intervals): {said}.", end=end, said=said)


def share_in_words(name: str, found: ShareOfFall, alone: bool = False) -> str:
    """Say a share of a fall with its 95 % interval, or alone, or that there is no fall."""
    share = found.share
    if share is None:
        return say(f"{{name}} no {found.way}", name=say(name))
    if alone or share.low is None or share.high is None:
        return say("{name} {share:z.0f} %", name=say(name), share=100 * share.value)
    bounds = {"low": 100 * share.low, "high": 100 * share.high}
    return say("{name} {share:z.0f} % [{low:z.0f} to {high:z.0f}]", name=say(name), share=100 * share.value, **bounds)


def left_out(pairs: Pairs) -> str:
    """Say how many runs are missing, if any are."""
    if not pairs.failed:
        return ""
    if pairs.crowd == OVER_MEMBERS:
        return say("{failed} economies are left out, they do not admit these settings.", failed=pairs.failed)
    return say("{failed} seeds are left out, their books do not balance.", failed=pairs.failed)


@template("answer")
def Answer(
    question: str = "", run: Any = None, seed: str = "", over: Any = None, members: Any = None,
    crowds: Any = (), done: int = 0, seeds: int = 0, awaited: int = 0, event_crowd: Callable[[Any], None] | None = None,
) -> None:  # fmt: skip
    """Ask the question and answer it."""


@solara.component
@in_own_language
def AnswerPart(visit: Visit) -> None:
    """The question, the answer of this run, and the answer over many seeds as soon as it is there."""
    run, pairs, others = visit.run.value, visit.pairs.value, visit.members.value
    Answer(
        question=question(run.settings),
        run=visit.made(lambda: answer_in_run(run), {}, [run]),
        seed=str(run.settings.seed),
        over=visit.made(lambda: answer_over(pairs) if pairs else {}, {}, [pairs]),
        members=visit.made(lambda: answer_over(others) if others else {}, {}, [others]),
        crowds=crowds((pairs, others), visit.crowd.value),
        event_crowd=visit.choose_crowd,
        done=visit.done.value,
        seeds=visit.wanted,
        awaited=visit.awaited.value,
    )
