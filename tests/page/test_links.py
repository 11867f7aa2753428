"""The address: it restores what was chosen to the bit, and says what in it is not valid."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bubble_abm.economy.accounts import SECTORS
from bubble_abm.economy.parameters import DECLARED
from bubble_abm.engine.tiles import TILES
from bubble_abm.page.flows import SPANS
from bubble_abm.page.inspector import NAMES
from bubble_abm.page.links import MAX_LENGTH, Opened, read_link, write_link
from bubble_abm.page.province_map import COLOURS
from bubble_abm.page.scenes import SCENES
from bubble_abm.page.settings import OFFERED, Settings
from bubble_abm.page.typical import typical_seed

typical_seed()  # runs all seeds once, which would count as the time of the first example


@st.composite
def opened_pages(draw):
    settings = Settings(
        shock=draw(st.booleans()), seed=draw(st.integers(1, 2**63 - 1)), months=draw(st.integers(1, 168))
    )
    for name in draw(st.lists(st.sampled_from(OFFERED), max_size=5)):
        about = DECLARED[name].metadata
        number = (
            st.integers(int(about["low"]) + 1, int(about["high"]))
            if about["whole"]
            else st.floats(about["low"], about["high"])
        )
        settings = settings.changed(name, draw(number))
    return Opened(
        settings,
        draw(st.none() | st.integers(0, settings.months)),
        draw(st.sampled_from([colour.name for colour in COLOURS])),
        draw(st.sampled_from(["", *TILES])),
        kind=draw(st.sampled_from(list(NAMES))),
        agent=draw(st.integers(-1, 3000)),
        sector=draw(st.sampled_from(SECTORS)),
        span=draw(st.sampled_from(list(SPANS))),
        scene=draw(st.integers(0, len(SCENES))),
    )


@given(opened_pages())
def test_a_link_restores_the_page_to_the_bit(opened):
    assert read_link(write_link(opened)) == opened


def test_the_page_as_it_opens_has_a_bare_address():
    opening = Opened(Settings(seed=typical_seed()))
    assert write_link(opening) == ""
    assert read_link("") == opening


def test_links_of_before_mean_the_seed_that_they_meant():
    assert read_link("herding=2").settings.seed == read_link("month=30").settings.seed == 1
    assert write_link(Opened(Settings(seed=1))) in ("seed=1", "")  # unless it is the typical one


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("herding=99", "herding = 99: give a number from 0 to 8 [1]"),
        ("herding=", "herding = : give a number from 0 to 8 [1]"),
        ("seed=-1", "seed = -1: give a whole number from 1 to 9223372036854775807"),
        ("month=61", "month = 61: give a whole number from 0 to 60"),
        ("colour=red", "unknown colour 'red': valid are utilisation, subsidy, announced, idle"),
        ("sector=banks", "unknown sector 'banks': did you mean 'bank'?"),
        ("span=week", "unknown span 'week': valid are month, year"),
        ("scene=7", "scene = 7: give a whole number from 1 to 6"),
        ("kind=startup", "unknown kind of agent 'startup': did you mean 'startups'?"),
        ("province=Bejing", "unknown province 'Bejing': did you mean 'Beijing'?"),
        ("seed=1&seed=2", "seed = 2: given twice in the address, give it once"),
        ("herdng=1", "unknown setting 'herdng': did you mean 'herding'?"),
    ],
)
def test_an_entry_that_is_not_valid_is_told_in_one_line(query, problem):
    assert read_link(query).problems == (problem,)


def test_what_is_valid_is_taken_all_the_same():
    opened = read_link("herding=99&seed=3&subsidy_on_use=1&month=12")
    assert opened.settings == Settings(values={"subsidy_on_use": 1.0}, seed=3)
    assert (opened.month, len(opened.problems)) == (12, 1)


@given(st.text(max_size=200))
def test_no_address_is_a_crash(query):
    assert all("\n" not in problem for problem in read_link(query).problems)


def test_a_very_long_address_is_not_read():
    assert "characters" in read_link("a=1&" * MAX_LENGTH).problems[0]
    assert len(read_link("seed=" + "9" * 7000).problems[0]) < 400
