"""The question and its answer, for one run and over many seeds."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from bubble_abm.economy.outside import label
from bubble_abm.observe.verdict import ATTRIBUTIONS, MAIN, Pop, attribution, pop, pops
from bubble_abm.page import answer
from bubble_abm.page.many_seeds import pairs_of
from bubble_abm.page.run import watch
from bubble_abm.page.settings import Settings, with_preset


def test_the_question_names_deepseek_r1():
    assert answer.question(Settings()) == "Did DeepSeek R1 pop the AI-compute bubble?"
    moved = answer.question(Settings(values={"shock_month": 18.0}))
    assert "DeepSeek R1 (here in Jul 2024, not Jan 2025)" in moved
    assert "without DeepSeek R1" in answer.question(Settings(shock=False))


def test_every_verdict_has_an_answer():
    assert {
        answer.answer_of(attribution(a, b, 24, 60)) for a in (10, 24, 30, None) for b in (10, 24, 27, 33, None)
    } <= set(answer.ANSWERS)
    assert set(ATTRIBUTIONS) - {"endogenous"} <= set(answer.ANSWERS)


@pytest.mark.parametrize(
    ("popped", "otherwise", "head", "says"),
    [
        (20, 20, "over before", "Popped in Sep 2024, 4 months before R1 (Jan 2025)"),
        (30, 30, "same month", "without it in Jul 2025: not moved"),
        (27, 31, "brought the end forward", "without it in Aug 2025: 4 months earlier"),
        (31, 30, "delayed", "1 month later"),
        (30, None, "Yes", "without it not by Dec 2027: at least 30 months earlier"),
        (None, 30, "prevented", "Popped with R1 (Jan 2025) not by Dec 2027"),
        (None, None, "Nothing popped", "not by Dec 2027"),
        (24, 25, "too close to tell", "1 month earlier"),
    ],
)
def test_the_answer_of_a_run_says_both_dates_and_by_how_much(whole, popped, otherwise, head, says):
    found = attribution(popped, otherwise, 24, 60)
    assert head in answer.ANSWERS[answer.answer_of(found)][1]
    assert says in answer.dates_in_words(whole, popped, otherwise, found)


def test_the_answer_of_the_run_that_is_shown(whole):
    said = answer.answer_in_run(whole)
    popped, otherwise = (pops(series)[MAIN] for series in (whole.series, whole.twin_series))
    found = attribution(popped, otherwise, 24, 60)
    assert said == {
        "head": answer.ANSWERS[answer.answer_of(found)][1],
        "text": answer.dates_in_words(whole, popped, otherwise, found),
    }


def test_without_a_shock_the_run_says_when_it_popped():
    run = watch(with_preset(Settings(), "no shock"))
    when = pop(run.series).composite
    assert (label(when) if when is not None else "none by") in answer.answer_in_run(run)["text"]


def test_shares_over_seeds_are_counted(pairs):
    said = answer.answer_over(pairs)
    assert sum(part["count"] for part in said["bar"]) == pairs.count
    assert sum(part["share"] for part in said["bar"]) == pytest.approx(100)
    anyway = sum(not one.censored for one in pairs.headline.pops_without_shock)
    assert f"{anyway} of {pairs.count} seeds" in said["head"]
    assert said["strip"].count("<rect") >= 2 * pairs.count - 1


def line_of(popped, otherwise):
    made = [[Pop(None, None, None, None, at, 60) for at in dates] for dates in (popped, otherwise)]
    return SimpleNamespace(
        count=len(popped), crowd="seeds", headline=SimpleNamespace(pops=made[0], pops_without_shock=made[1])
    )


def test_in_short_it_is_what_happens_without_the_shock_that_counts():
    assert answer.in_short(line_of([20, 30, 31], [20, 33, None])).startswith(
        "No: the bubble pops without it too, in 2 of 3"
    )
    assert answer.in_short(line_of([30, 30, 31], [None, None, 33])) == "Yes: with it 3 of 3 seeds pop, without it 1."
    assert answer.in_short(line_of([None, None, 31], [30, 30, 30])).startswith("No, it prevents a pop")
    assert answer.in_short(line_of([None, None, 31], [None, None, 30])).startswith("No: most seeds do not pop")


def test_many_seeds_without_a_shock():
    said = answer.answer_over(pairs_of(replace(Settings(), shock=False)))
    assert said["bar"] == [] and "% of 50 seeds" in said["head"]
