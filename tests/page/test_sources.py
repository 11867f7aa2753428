"""Facts, events and terms as lists."""

from bubble_abm.observe.facts import facts
from bubble_abm.observe.sources import sources_of
from bubble_abm.page.sources import sources


def test_every_fact_has_its_source():
    listed = sources()["facts"]
    assert [fact["id"] for fact in listed] == [fact.id for fact in facts()]
    assert all(fact["source"] for fact in listed)


def test_events_are_in_order_and_name_the_shock():
    said = [event["text"] for event in sources()["events"]]
    months = [(int(event["month"][4:]), event["month"]) for event in sources()["events"]]
    assert [year for year, _ in months] == sorted(year for year, _ in months)
    assert any(text.startswith("DeepSeek R1") for text in said) and any("DeepSeek V2" in text for text in said)


def test_terms_are_explained():
    assert all(term["meaning"] for term in sources()["terms"])


def test_facts_link_to_where_they_can_be_read():
    listed = {fact["id"]: fact["links"] for fact in sources()["facts"]}
    assert listed["C01"][0]["name"] == "technologyreview.com"
    for id, links in listed.items():
        assert [link["link"] for link in links] == [source.link for source in sources_of(id) if source.link]
        assert all(link["link"].startswith(f"https://{link['name']}/") or "www." in link["link"] for link in links)
