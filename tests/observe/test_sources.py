"""Every fact has sources that can be followed, and a broken row of the table is refused in one line."""

import csv
import io

import pytest

from bubble_abm import InvalidInput
from bubble_abm.observe.facts import facts
from bubble_abm.observe.sources import COLUMNS, DERIVED, NOT_SEEN, read_sources, sources, sources_of

IDS = ("C01", "C02")
SEEN = {
    "id": "C01", "publisher": "A Paper", "title": "Halls", "date": "2025-03", "link": "https://a-paper.com/halls?id=1",
    "accessed": "2026-11-28", "quote": "halls stand empty", "english": "", "licence": "all rights reserved", "note": "",
}  # fmt: skip
UNSEEN = dict.fromkeys(COLUMNS, "") | {"id": "C02", "publisher": "Another", "note": "not seen: full halls"}


def table(*rows, columns=COLUMNS):
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([*row.values()] for row in rows)
    return file.getvalue()


def refused(text):
    with pytest.raises(InvalidInput) as caught:
        read_sources(text, IDS)
    message = str(caught.value)
    assert message.startswith("sources.csv") and "\n" not in message
    return message


def test_every_fact_has_a_source_and_they_come_in_the_order_of_the_facts():
    found = [source.id for source in sources()]
    assert list(dict.fromkeys(found)) == [fact.id for fact in facts()]
    assert sum((sources_of(fact.id) for fact in facts()), ()) == sources()


def test_what_was_seen_can_be_followed_or_says_where_it_was_read():
    for source in sources():
        if source.seen:
            assert source.link or "read over plain http at" in source.note, source
        else:
            assert source.note.startswith((NOT_SEEN, DERIVED)), source
        assert bool(source.site) == bool(source.link)
    assert sum(bool(source.link) for source in sources()) > len(sources()) / 2


def test_a_table_is_read_as_it_is_written():
    first, second = read_sources(table(SEEN, UNSEEN), IDS)
    assert vars(first) == SEEN and vars(second) == UNSEEN
    assert (first.seen, second.seen) == (True, False)
    assert (first.site, second.site) == ("a-paper.com", "")


@pytest.mark.parametrize("link", ["", "https://www.a.cn/b", "https://a.b-c.com:8443/%E7%AE?x=1&y=2#z"])
def test_a_link_is_https_or_empty(link):
    assert read_sources(table(SEEN | {"link": link}, UNSEEN), IDS)[0].link == link


@pytest.mark.parametrize("link", ["http://a.com", "a.com", "https://", "https://a", "https://a.com/b c", "ftp://a.com"])
def test_any_other_link_is_refused(link):
    message = refused(table(SEEN | {"link": link}, UNSEEN))
    assert message.startswith("sources.csv, line 2: link") and link in message


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"id": "C1"}, "did you mean 'C01'?"),
        ({"publisher": ""}, "no publisher"),
        ({"date": "March 2025"}, "date 'March 2025' is none"),
        ({"date": "2025-13"}, "date '2025-13' is none"),
        ({"accessed": ""}, "accessed '' is no day"),
        ({"accessed": "2026-11"}, "accessed '2026-11' is no day"),
        ({"licence": ""}, "without a licence"),
        ({"title": " Halls"}, "has blanks around it"),
        ({"title": "Halls\nand more"}, "breaks the line"),
        ({"quote": "empty " * 25 + "halls"}, "more than 25 words"),
        ({"quote": "空" * 61, "english": "empty"}, "60 Chinese characters"),
        ({"quote": "空"}, "needs its English"),
        ({"english": "empty halls"}, "needs its English"),
        ({"note": "not seen: halls"}, "though there is a quote"),
        ({"quote": ""}, "link 'https://a-paper.com/halls?id=1' without a quote"),
        ({"quote": "", "link": ""}, "accessed '2026-11-28' without a quote"),
        ({"quote": "", "link": "", "accessed": "", "licence": ""}, "begins neither with 'not seen: '"),
    ],
)  # fmt: skip
def test_a_broken_row_is_refused(changed, said):
    assert said in refused(table(SEEN | changed, UNSEEN))


def test_a_broken_table_is_refused():
    assert "no source of C02" in refused(table(SEEN))
    assert "no source of C01, C02" in refused(table())
    assert "C01 comes after C02" in refused(table(UNSEEN, SEEN))
    assert "has the columns 'id,link'" in refused(table(columns=("id", "link")))
    assert "has the columns ''" in refused("")
    assert "line 3: 2 cells" in refused(table(SEEN) + "C02,press\n")
    assert refused(table(SEEN) + '"C02').startswith("sources.csv, line 3: ")
