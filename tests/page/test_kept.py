"""Keep and compare: kept runs, the grey line, and the comparison as a file."""

import csv
import io

import pytest

from bubble_abm.economy.outside import label
from bubble_abm.observe.verdict import pop
from bubble_abm.page import kept, policies
from bubble_abm.page.links import read_link
from bubble_abm.page.run import watch
from bubble_abm.page.settings import Settings
from bubble_abm.page.visit import Visit


@pytest.fixture
def visit():
    made = Visit("months=30&seed=3")
    yield made
    made.leave()


def test_the_table_says_what_a_run_came_to(whole):
    cells = kept.row_of(whole)
    assert len(cells) == len(kept.heads())
    assert cells[0] == label(pop(whole.series).composite)
    lost = list(kept.COLUMNS).index("failures")
    last = whole.series[-1]
    assert cells[2 + lost] == f"{last['projects_bankrupt'] + last['projects_taken_over']:,.0f}"


def test_a_kept_run_stays_while_another_is_shown_and_lies_grey(visit):
    first = visit.run.value
    visit.keep()
    visit.change({"name": "herding", "value": "2"})
    assert visit.grey.value is first and visit.grey_number == 0
    assert visit.kept.value[0].settings == first.settings
    visit.lay_grey(0)
    assert visit.grey.value is None
    visit.lay_grey(0)
    assert visit.grey.value.series.tobytes() == first.series.tobytes()
    visit.forget(0)
    assert visit.kept.value == () and visit.grey.value is None


def test_no_more_than_so_many_are_kept(visit):
    for _ in range(kept.MOST + 2):
        visit.keep()
    assert len(visit.kept.value) == kept.MOST


def test_the_comparison_holds_both_runs_to_the_bit(visit):
    visit.keep()
    first = visit.run.value
    visit.change({"name": "seed", "value": "4"})
    visit.fetch("comparison.csv")
    table = list(csv.DictReader(io.StringIO(visit.file.value["text"])))
    for run, name in ((visit.run.value, "baseline, seed 4"), (first, "baseline, seed 3")):
        theirs = [float(row["rent_per_server"]) for row in table if row["run"] == name]
        assert theirs == run.series["rent_per_server"].tolist()


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        (Settings(seed=3), "baseline, seed 3"),
        (policies.under(policies.PREVENTING[0], Settings()), f"{policies.PREVENTING[0].name}, seed 1"),
        (policies.under(policies.FAILING[-1], Settings()), f"{policies.FAILING[-1].name}, seed 1"),
        (
            Settings(values={"public_register": 1.0}, since={"public_register": 12}),
            "a public register of projects from Jan 2024, seed 1",
        ),
        (Settings(values={"leverage_cap": 0.0, "herding": 2.0}), "leverage cap at 0, Herding = 2, seed 1"),
    ],
)
def test_a_kept_run_is_named_in_words(settings, name):
    assert kept.named(settings) == name


def test_a_link_of_a_kept_run_opens_it():
    settings = Settings(seed=3, months=30, values={"herding": 2.0})
    one = kept.keep(watch(settings))
    assert read_link(kept.write_link(kept.Opened(one.settings))).settings == settings
