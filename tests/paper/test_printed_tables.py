"""What the command line prints about the end of the boom says what the headline has."""

import io

import pytest
from rich.console import Console

from bubble_abm.engine.scenario import Scenario
from bubble_abm.observe.falls import MEASURED
from bubble_abm.observe.headline import headline, say_share
from bubble_abm.observe.verdict import DEFINITIONS
from bubble_abm.paper.printed_tables import verdict_reports
from bubble_abm.study.scenario_run import run_scenario


def printed(*tables):
    console = Console(file=io.StringIO(), width=220)
    for table in tables:
        console.print(table)
    return console.file.getvalue()


@pytest.fixture(scope="module", params=[1, 2])
def line(request):
    return headline(run_scenario(Scenario(values={"scale": 0.1}, seeds=request.param, months=34)))


def test_every_definition_and_every_share_is_printed(line):
    text = printed(*verdict_reports(Scenario(), line))
    rows = {row.strip().partition("   ")[0]: row for row in text.splitlines()}
    for one in line.definitions:
        assert all(kind in rows[one.name] for kind in one.verdicts)
    assert set(DEFINITIONS) <= set(rows)
    for one in line.shares:
        assert say_share(one) in rows[MEASURED[one.measure].title]
    assert ("[95 % interval]" in text) == (len(line.seeds) > 1)


def test_without_a_shock_only_the_dates_are_printed():
    alone = headline(run_scenario(Scenario(values={"scale": 0.1}, shocks=(), months=20)))
    text = printed(*verdict_reports(Scenario(), alone))
    assert "2 of 4, stricter" in text and "explains" not in text and "without shock" not in text
