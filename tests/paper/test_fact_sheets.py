"""The sheets of the facts say all that is known of each, once."""

import re

import pytest

from bubble_abm.economy.parameters import Parameters
from bubble_abm.observe.facts import NOT_COMPARED, NOT_SIMULATED, check, facts
from bubble_abm.observe.sources import Source, sources
from bubble_abm.paper.fact_sheets import KINDS, cited, fact_sheets, kind_of, sheet, treatment
from tests.observe.test_facts import series

FACTS = {fact.id: fact for fact in facts()}


def test_every_fact_has_one_sheet():
    assert re.findall(r"^## (C\d\d)$", fact_sheets(), re.MULTILINE) == [*FACTS]


def test_every_link_quote_and_gap_is_on_the_sheet_of_its_fact():
    for source in sources():
        text = sheet(FACTS[source.id]).replace("\\", "")
        assert not source.link or f"]({source.link})" in text
        assert source.quote in text and source.english in text and source.publisher in text
        assert source.note[1:] in text and source.licence[1:] in text


def test_a_sheet_has_statement_range_window_and_weight():
    text = sheet(FACTS["C10"])
    assert "Monthly lease of an eight-H100 server in late 2024, Oct 2024 to Dec 2024." in text
    assert "- Range: 60,000 to 85,000 CNY/(server month)" in text
    assert "- Weight: strong; group: rent" in text
    assert "- In the model: measure `rent_per_server`: mean over the window" in text


@pytest.mark.parametrize(
    ("id", "kind"),
    [
        ("C01", "measure"),
        ("C06", "measure"),
        ("C25", "sign test"),
        ("C42", "lower bound"),
        ("C51", "order of magnitude"),
        ("C18", "parameter"),
        ("C20", "upper bound"),
        ("C27", "not compared"),
        ("C43", "not compared"),
    ],
)
def test_a_fact_is_treated_as_it_is_compared(id, kind):
    assert kind_of(FACTS[id]) == kind
    assert treatment(FACTS[id]).startswith(kind)


def test_what_is_not_compared_is_what_a_comparison_leaves_out():
    for found in check([series()], Parameters()):
        kind = kind_of(found.fact)
        assert kind in KINDS and found.verdict != NOT_SIMULATED
        assert (kind in ("not compared", "not measured")) == (found.verdict in NOT_COMPARED)
        assert len(treatment(found.fact)) > len(kind) + 5


def test_nothing_in_a_source_is_taken_for_markdown():
    source = Source(
        id="C01", publisher="A_b", title="A [b] *c*", date="", link="https://a.com/b_(c)", accessed="2026-11-28",
        quote="1 | 2 <b> `c`", english="", licence="none", note="",
    )  # fmt: skip
    text = r"A\_b, [A \[b\] \*c\*](https://a.com/b_%28c%29), read on 2026-11-28: “1 \| 2 \<b\> \`c\`”. None."
    assert cited(source) == text
