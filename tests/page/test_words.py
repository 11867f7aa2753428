"""The table of words: nothing is missing in any language, and nothing that is shown is said beside it."""

from __future__ import annotations

import ast
import csv
import re
import string
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import bubble_abm
from bubble_abm.economy.accounts import FLOWS
from bubble_abm.economy.declare import InvalidInput
from bubble_abm.economy.parameters import DECLARED
from bubble_abm.observe.verdict import attribution
from bubble_abm.page import (
    answer,
    charts,
    controls,
    downloads,
    effect,
    flows,
    inspector,
    kept,
    lives,
    moment,
    policies,
    pop_strip,
    presets,
    province_map,
    scenes,
    scorecard,
    sources,
    sweep,
    templates,
    words,
)
from bubble_abm.page.links import read_link
from bubble_abm.page.run import watch
from bubble_abm.page.settings import OFFERED, PRESETS, Settings, with_preset
from bubble_abm.page.threads import waited_for
from bubble_abm.page.visit import Visit
from bubble_abm.page.words import ENGLISH, languages, preferred, retold, say, speaking
from tests.page.english import english_in, texts_in

PAGE = Path(bubble_abm.__file__).parent / "page"
OTHERS = [code for code in languages() if code != ENGLISH]
#: Keys by which the page refers to something; they are not shown.
KEYS = ("key", "name", "colour", "phase", "better", "kind", "link", "parameter", "id")
#: What a key of the economy that has no words yet is marked with. Its owners add words when they can.
LATER = {
    *(DECLARED[name].metadata[about] for name in OFFERED for about in ("meaning", "unit", "group")),
    *(name.replace("_", " ") for name in (*OFFERED, *FLOWS)),
}


def mark(code: str) -> str:
    """What stands behind English words in another language."""
    return words.table()[code][words.UNTRANSLATED].replace("{text}", "")


def left_in(text: str, code: str) -> bool:
    """Whether a text is marked as English or, in a language of other letters, has English words."""
    own_letters = not languages()[code].isascii()
    return mark(code) in text or (own_letters and bool(english_in(text)))


def literals(node: ast.expr) -> Iterator[str]:
    """Texts that an argument may be."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from literals(node.body)
        yield from literals(node.orelse)


def said_in_code() -> dict[str, str]:
    """Every text that stands in a call of say, unit or times, or in a template, and the file in which it stands."""
    found = {", ": "words.py"}  # what joined uses by itself
    for path in sorted(PAGE.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
                place = {"say": 0, "unit": 0, "times": 0, "joined": 1}.get(node.func.id)
                if place is not None and len(node.args) > place:
                    found |= dict.fromkeys(literals(node.args[place]), path.name)
    for path in sorted((PAGE / "parts").glob("*.vue")):
        found |= dict.fromkeys(templates.keys(path.stem), path.name)
    return found


def places(text: str) -> Counter[str]:
    """Names of the values of a template."""
    return Counter(name for _, name, _, _ in string.Formatter().parse(text) if name)


# --- The table ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", OTHERS)
def test_every_text_in_the_code_has_words_in_every_language(code):
    missing = {text: file for text, file in said_in_code().items() if text not in words.table()[code]}
    assert not missing, f"words.csv: no words in the column {code} for {missing}: add a row"


@pytest.mark.parametrize("code", OTHERS)
def test_words_have_the_values_of_the_english_ones(code):
    odd = {text: said for text, said in words.table()[code].items() if set(places(text)) != set(places(said))}
    assert not odd, f"words.csv: other values in the column {code} than in English: {odd}"


def test_every_row_is_there_once_and_nearly_all_are_still_said():
    with words.TABLE.open(encoding="utf-8", newline="") as file:
        rows = [row[ENGLISH] for row in csv.DictReader(file)]
    assert [text for text, count in Counter(rows).items() if count > 1] == []
    source = "\n".join(path.read_text(encoding="utf-8") for path in PAGE.parent.rglob("*") if path.suffix in READ)
    known = {re.sub(r"\W+", "", text) for text in LATER} | {re.sub(r"\W+", "", text) for text in computed_keys()}
    joined = re.sub(r"\W+", "", source)
    unused = [text for text in rows if (bare := re.sub(r"\W+", "", text)) not in known and bare not in joined]
    # Parameters are renamed and explained anew now and then; their old rows are swept up when there are some.
    assert len(unused) < 0.02 * len(rows), f"words.csv: nobody says {unused}: remove the rows"


READ = (".py", ".vue", ".csv", ".js")


def computed_keys() -> Iterator[str]:
    """Texts that are put together from parts in the code."""
    dates = "Popped with R1 ({release}) {with_it}, without it {without}"
    yield dates + ": not moved."
    for least in ("", "at least "):
        for way in ("later", "earlier"):
            yield f"{dates}: {least}{{time}} {way}."
    for dear in ("more", "less"):
        for many in ("more", "fewer"):
            yield (
                f"With R1 a server rents for {{rent:,.0f}} CNY a month {dear}, "
                f"and {{makers:.0f}} {many} startups pre-train than without it."
            )
    yield from ("{name} no rise", "{name} no fall")
    yield from (f"{kind.capitalize()} sponsor {{number}}" for kind in inspector.KINDS_OF_SPONSOR)
    yield from (f"{name.removesuffix('s')} {{number}}" for name in inspector.NAMES.values())
    yield from (controls.capital(group) for group in controls.GROUPS)
    yield from ("Data centres", "Households and funds", "Banks", *(sector.capitalize() for sector in flows.SECTORS))
    yield from (part for name in OFFERED for part in DECLARED[name].metadata["source"].split("; "))


def test_templates_say_only_what_can_be_read_off_them():
    """Their words are found by their quotes; a choice between two texts has to be one between two calls."""
    for path in (PAGE / "parts").glob("*.vue"):
        text = path.read_text(encoding="utf-8").replace("say(text, values)", "").replace("words[text]", "")
        for call in re.findall(r"\b(?:say\(|words\[).?", text):
            assert call[-1] in "'\"", f"{path.name}: {call}"


@pytest.mark.parametrize("code", OTHERS)
def test_texts_that_are_put_together_have_words_too(code):
    later = {part for name in OFFERED for part in DECLARED[name].metadata["source"].split("; ")}
    later |= {controls.capital(group) for group in controls.GROUPS} | {name.capitalize() for name in flows.SECTORS}
    later |= {f"{name.removesuffix('s')} {{number}}" for name in inspector.NAMES.values()}
    assert [text for text in computed_keys() if text not in later and text not in words.table()[code]] == []


def test_no_line_ends_between_a_number_and_its_sign():
    assert say("{level:.0f} % of their GPUs idle", level=58.0) == "58\u00a0% of their GPUs idle"


def test_a_text_without_words_is_english_and_marked_and_never_an_error():
    for code in OTHERS:
        with speaking(code):
            assert say("a new {thing}", thing="3") == "a new 3" + mark(code)
    assert say("a new {thing}", thing="3") == "a new 3"


# --- What is shown --------------------------------------------------------------------------------------------------


def all_parts(whole, pairs):
    """What every part of the page shows, by its name."""
    short = watch(Settings(months=3, shock=False))
    calm = with_preset(Settings(), "no shock")
    changed = Settings().changed("public_register", "1").changed("from_public_register", "18")
    yield "answer", [answer.question(one) for one in (Settings(), calm, Settings(values={"shock_month": 18.0}))]
    yield "answer", [answer.answer_in_run(whole), answer.answer_in_run(short), answer.answer_over(pairs)]
    for popped in (10, 24, 27, 30, 31, None):
        for otherwise in (10, 24, 25, 30, 31, None):
            found = attribution(popped, otherwise, 24, 60)
            yield "dates", answer.dates_in_words(whole, popped, otherwise, found)
    yield "answers", [(say(name), say(sentence)) for name, sentence, _ in answer.ANSWERS.values()]
    yield "strip", [pop_strip.pop_strip(pairs), pop_strip.spread_in_words([None], say("seeds"))]
    for chart in charts.CHARTS:
        yield chart.key, [charts.shown(chart, whole, pairs, whole), charts.shown(chart, short, None, None)]
    yield "moments", [moment.moments(whole), moment.moments(short)]
    for lit in range(4):
        for popped in (None, 3):
            yield "state", [moment.state(9, lit, popped, announced)[1] for announced in (0.0, 99.0)]
    seen = np.array([False, True, True, False, True])
    yield "history", [moment.history(seen, other, at) for at in range(5) for other in (None, ~seen, seen & False)]
    yield "effect", [effect.effects(whole), effect.effects(short)]
    yield "map", [province_map.tiles(whole, colour.name) for colour in province_map.COLOURS]
    yield "colours", province_map.colours()
    for kind in inspector.NAMES:
        for month in (0, 40):
            found, _ = inspector.looked_at(whole, month, kind, "Hubei", -1)
            yield kind, found
            for entry in found["rows"][:3]:
                yield kind, inspector.looked_at(whole, month, kind, "Hubei", entry["row"])[1]
    yield "lives", [say(text, month="", province="", gpus=1) for text in (*lives.WORDS.values(), *lives.STILL.values())]
    yield "scenes", scenes.told()
    yield "sources", sources.sources()
    yield "presets", presets.presets(Settings())
    yield (
        "policies",
        [policies.switches(changed), policies.remedies(changed), policies.busy_words(0), policies.busy_words(2)],
    )
    yield "card", [scorecard.card(pairs, pairs), scorecard.league([(name, None) for name in policies.COMPARED])]
    yield "kept", [kept.heads(), kept.row_of(whole), kept.named(Settings()), kept.named(changed)]
    yield "flows", flows.flows(whole)
    for path in (PAGE / "parts").glob("*.vue"):
        yield path.name, list(templates.words_of(path.stem).values())


@pytest.mark.parametrize("code", OTHERS)
def test_nothing_on_the_page_is_english_in_another_language(whole, pairs, code):
    left = {}
    with speaking(code):
        for part, shown in all_parts(whole, pairs):
            for text in texts_in(shown, KEYS):
                text = re.sub(r"{\w+(:[^}]*)?}", "", text)
                if part in ("flows", "policies") and text.endswith(mark(code)):  # what the economy has that is new
                    continue
                if left_in(text, code):
                    left.setdefault(part, set()).add(text)
    assert not left, f"said beside words.csv in {code}: {left}"


@pytest.mark.parametrize("code", OTHERS)
def test_parameters_are_in_the_language_or_english_and_marked(code):
    with speaking(code):
        for group in controls.groups(Settings()):
            for item in group["parameters"]:
                for about in ("label", "meaning", "unit", "source", "range", "moves"):
                    assert mark(code) in item[about] or not left_in(item[about], code), item[about]


@pytest.mark.parametrize("code", OTHERS)
def test_most_parameters_have_words(code):
    """Those of a new mechanism may wait, but not those of all."""
    known = [DECLARED[name].metadata["meaning"] in words.table()[code] for name in OFFERED]
    assert np.mean(known) > 0.8


@pytest.mark.parametrize(
    "query",
    [
        "herding=99", "seed=-1", "month=61", "colour=red", "province=Bejing", "seed=1&seed=2", "hording=1", "scale=2",
        "shock=perhaps", "shock_month=18.5", "from_hub_only=3", "from_herding=3", "lang=xx", "herding=" + "1" * 9000,
    ],
)  # fmt: skip
def test_messages_about_the_address_are_retold(query):
    (problem,) = read_link(query).problems
    assert retold(problem) == problem
    for code in OTHERS:
        with speaking(code):
            assert mark(code) not in retold(problem) != problem


def test_a_value_with_the_words_of_a_message_is_no_pattern():
    with speaking("zh"):
        said = retold("seed = : give on or off: give a whole number from 1 to 9")
    assert "整数" in said and said.count("{") == 0


def test_a_run_that_breaks_is_told():
    with speaking("zh"):
        said = retold("An accounting identity is broken: month 13")
    assert said.endswith("month 13") and not english_in(said.removesuffix("month 13"))


# --- Numbers --------------------------------------------------------------------------------------------------------


def test_large_numbers_are_counted_as_the_language_does():
    with speaking("zh"):
        assert [words.readable(value) for value in (178_345, 3.56e9, 2.5e12, 9_500, 0.35)] == [
            "17.8 万", "35.6 亿", "2.5 万亿", "9,500", "0.35",
        ]  # fmt: skip
        assert words.label(24) == "2025年1月"


def test_a_chart_is_in_the_unit_of_the_language_with_the_same_heights(whole):
    chart = charts.BY_KEY["rent"]
    english = charts.rows_in(chart, whole.series)
    with speaking("zh"):
        chinese = charts.rows_in(chart, whole.series)
        assert words.unit(chart.unit) == "万元/月" and words.times(chart.unit) == 0.1
        low, high = charts.fact_range(charts.facts_by_number()["C09"], chart)
    assert np.allclose(chinese, english / 10)
    assert (round(low, 9), round(high, 9)) == (16.0, 20.0)


def test_every_unit_that_is_a_multiple_says_the_same_amount():
    sizes = {"thousand": 1e3, "million": 1e6, "billion": 1e9, "bn": 1e9}
    chinese = {"万": 1e4, "亿": 1e8}
    for text, said in words.table()["zh"].items():
        if (found := words.FACTOR.fullmatch(said)) and text.split()[0] in sizes:
            assert float(found[1]) * chinese[found[2][0]] == pytest.approx(sizes[text.split()[0]]), text


# --- Choosing -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "wanted"),
    [
        ({}, "en"),
        ({"accept-language": ["zh-CN,zh;q=0.9"]}, "zh"),
        ({"accept-language": ["en-GB, zh"]}, "en"),
        ({"accept-language": ["zh-CN"], "cookie": ["a=b; bubble-language=en"]}, "en"),
        ({"accept-language": ["en"], "cookie": ["bubble-language=xx"]}, "en"),
    ],
)
def test_a_browser_asks_for_its_language(headers, wanted):
    assert preferred(headers) == wanted


def test_the_address_goes_before_the_browser_and_keeps_the_language():
    visit = Visit("months=12&lang=en", "zh")
    assert visit.language.value == "en" and "lang" not in visit.query
    visit.speak("zh")
    assert visit.query == "months=12&lang=zh"
    with pytest.raises(InvalidInput, match="unknown language 'xx': valid are en, zh"):
        visit.speak("xx")
    visit.leave()
    assert Visit("months=12", "zh").language.value == "zh"


def test_a_bare_address_in_another_language_opens_the_typical_run():
    assert read_link("lang=zh").settings == read_link("").settings


def test_whoever_is_waited_for_speaks_the_language_of_the_visitor():
    with speaking("zh"):
        assert waited_for(say, "Start") == say("Start") != "Start"


def test_files_of_a_run_are_the_same_in_every_language(whole):
    english = [downloads.content(name, whole) for name in downloads.names(whole)]
    with speaking("zh"):
        assert [downloads.content(name, whole) for name in downloads.names(whole)] == english
        assert "租金" in downloads.content("chart_rent.svg", whole)


def test_a_comparison_names_its_runs_as_in_english(whole):
    with speaking("zh"):
        assert set(kept.comparison(whole, [Settings(seed=2, months=3)])["run"]) == {
            "baseline, seed 1",
            "baseline, seed 2",
        }


def test_a_sweep_is_drawn_in_the_language():
    found = sweep.Sweep("herding", np.linspace(0, 8, 20), {name: np.ones((20, 20)) for name in sweep.OUTCOMES}, 30)
    with speaking("zh"):
        for outcome in sweep.OUTCOMES:
            assert not [word for text in texts_in(sweep.picture(found, outcome, 3.0)) for word in english_in(text)]
        assert not english_in(sweep.about_sweep("herding"))


def test_presets_are_found_by_name_whatever_they_are_called():
    with speaking("zh"):
        shown = presets.presets(Settings())
    assert [item["name"] for item in shown] == [preset.name for preset in PRESETS]
    assert all(item["title"] != item["name"] for item in shown)
