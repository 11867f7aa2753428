"""The documentation says what the code does: generated tables, examples, names, paths and links."""

import calendar
import csv
import doctest
import re
from pathlib import Path

import pytest

import bubble_abm.paper.docs as docs
from bubble_abm.economy.measures import Measures
from bubble_abm.economy.mechanisms import MECHANISMS
from bubble_abm.observe.outcomes import OUTCOMES, outcome_columns
from bubble_abm.paper.description import entries
from bubble_abm.paper.payments import IF_SHORT
from bubble_abm.paper.watched import steps

ROOT = Path(__file__).parents[2]
PAGES = docs.pages()
FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
SOURCES = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "bubble_abm").rglob("*.py"))
FILES_OF_A_RESULT = {
    "comparison.csv", "comparison.png", "comparison.json",
    "captions.md",
    "series.parquet", "series_without_shock.parquet", "facts.csv", "overview.png", "run.json",
    "runs/part-*.parquet", "series/part-*.parquet", "experiment.json", "report.json", "analysis/", "part-*.parquet",
    "ensemble.parquet", "calibration.md", "waves.csv", "steps/",
    "docs/robustness.md", "docs/time-split.md", "mine.py",
    "figNN_name.json", "figures/figNN_name.py", "quality.csv", "emulate_left_out.png",
}  # fmt: skip

DESCRIPTION = [ROOT / "docs" / "ODD.md", *sorted((ROOT / "docs" / "odd").glob("*.md"))]
#: An author, alone or before others, and a year.
CITED = re.compile(r"\b([A-Z][a-z]+)(?: and [A-Z][a-z]+|, [A-Z][a-z]+ and [A-Z][a-z]+| et al\.)? \(?((?:19|20)\d\d)\b")
CALENDAR = {*calendar.month_name, *calendar.month_abbr, "In", "Since"}
FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
CODE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
PATH = re.compile(r"[\w./-]+/[\w./-]*|[\w-]+\.(?:py|csv|toml|md|png|json|parquet|cff)")
MESA_NAMES = {
    "batch_run", "DataCollector", "AgentSet", "SolaraViz", "ModelCreator", "UserInputs", "CommandConsole",
    "make_space_component",
}  # fmt: skip
NAME = re.compile(r"[a-z]+(?:_[a-z0-9]+)+|[A-Z][a-z]+(?:[A-Z][a-z]+)+")


def names_of(pages):
    return [str(page.relative_to(ROOT)) for page in pages]


each_page = pytest.mark.parametrize("page", PAGES, ids=names_of(PAGES))


def prose(page):
    """A page's text without its blocks of code."""
    return FENCE.sub("", page.read_text(encoding="utf-8"))


def written_by_the_reader(page):
    """Files that a page has its reader write: named in front of the block of code that goes into them."""
    return re.findall(r"`([^`\n]+)`:\n\n```", page.read_text(encoding="utf-8"))


def defined_in(page):
    """Names of functions and classes that a page's own blocks of code define."""
    blocks = "\n".join(FENCE.findall(page.read_text(encoding="utf-8")))
    return set(re.findall(r"(?:def|class) (\w+)", blocks))


def anchors(page):
    """The anchors that the headings of a page get."""
    headings = HEADING.findall(prose(page))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_generated_tables_are_up_to_date(capsys):
    assert docs.main(["--check"]) == 0, capsys.readouterr().err


def test_a_stale_page_is_named_and_written_again(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(docs, "ROOT", tmp_path)
    page = tmp_path / "README.md"
    page.write_text("before\n<!-- generated: identities -->\nbygone\n<!-- end -->\nafter\n", encoding="utf-8")
    assert docs.main(["--check"]) == 1
    assert capsys.readouterr().err == "stale: README.md; run 'make docs'\n"
    assert docs.main([]) == 0
    assert docs.main(["--check"]) == 0
    text = page.read_text(encoding="utf-8")
    assert text.startswith("before\n") and text.endswith("<!-- end -->\nafter\n")
    assert "| `chips` |" in text and "bygone" not in text


def test_every_step_of_the_month_is_in_the_schedule():
    called = steps()
    assert re.findall(r"^\| \d+ \| `(\w+)`", docs.schedule(), re.MULTILINE) == called
    assert re.findall(r"^\d+\. `(\w+)`", docs.steps(), re.MULTILINE) == called


def test_the_description_can_be_read_in_an_hour():
    assert len((ROOT / "docs" / "ODD.md").read_text(encoding="utf-8").split()) <= 9_000


def test_every_mechanism_has_its_half_page():
    page = (ROOT / "docs" / "odd" / "mechanisms.md").read_text(encoding="utf-8")
    for mechanism in MECHANISMS:
        assert f"*`{mechanism.__name__.replace('.', '/')}.py`;" in page


def test_of_every_payment_is_said_what_happens_when_the_payer_is_short(monkeypatch):
    monkeypatch.delitem(IF_SHORT, ("pay_costs", "wages"))
    with pytest.raises(KeyError, match="pay_costs"):
        docs.payments()


def test_whom_the_description_cites_is_among_the_references():
    known = {(name, one["year"]) for one in entries() for name in re.findall(r"\w+", one["author"])}
    for page in DESCRIPTION:
        cited = {found for found in CITED.findall(prose(page)) if found[0] not in CALENDAR}
        assert cited <= known, cited - known


def test_what_was_measured_is_what_the_model_gives():
    """Numbers in the pages may drift a little, verdicts may not; else run docs/measure.py and `make docs`."""
    from bubble_abm.engine.scenario import Scenario
    from bubble_abm.observe.facts import check
    from bubble_abm.study.scenario_run import run_scenario

    runs = run_scenario(Scenario(seeds=200))
    found = {each.fact.id: each for each in check(runs.series, runs.scenario.parameters)}
    with (ROOT / "docs" / "measured" / "facts.csv").open(newline="", encoding="utf-8") as file:
        heading, *rows = csv.reader(file)
    for row in rows:
        said = dict(zip(heading, row, strict=True))
        value = float(said["median"].partition(", ")[0].replace(",", ""))
        assert found[row[0]].median == pytest.approx(value, rel=0.05, abs=0.01), row[0]
        assert found[row[0]].verdict == said["verdict"], row[0]


@each_page
def test_examples_run(page, monkeypatch):
    monkeypatch.chdir(ROOT)
    failed, _ = doctest.testfile(str(page), module_relative=False, optionflags=FLAGS)
    assert failed == 0


@each_page
def test_files_that_are_named_exist(page):
    exempt = FILES_OF_A_RESULT.union(written_by_the_reader(page))
    for quoted in CODE.findall(prose(page)):
        if not PATH.fullmatch(quoted) or quoted in exempt or quoted.startswith((".venv", "out/")):
            continue
        assert any((folder / quoted).exists() for folder in (ROOT, ROOT / "bubble_abm", page.parent)), quoted


@each_page
def test_names_that_are_quoted_exist(page):
    known = set(re.findall(r"\w+", SOURCES)) | MESA_NAMES | defined_in(page)
    known |= set(outcome_columns(tuple(OUTCOMES), twins=True)) | set(Measures.columns)
    unknown = {quoted for quoted in CODE.findall(prose(page)) if NAME.fullmatch(quoted)} - known
    assert not unknown


@each_page
def test_links_resolve(page):
    for link in LINK.findall(prose(page)):
        if link.startswith("https://"):
            continue
        path, _, anchor = link.partition("#")
        goal = (page.parent / path).resolve() if path else page
        assert goal.exists(), link
        assert not anchor or anchor in anchors(goal), link
