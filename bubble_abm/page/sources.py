"""Sources: the facts, the dated events, and what terms mean, as lists that keyboard and touch can reach."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import solara

from bubble_abm import __version__
from bubble_abm.economy.measures import Measures
from bubble_abm.economy.outside import CALL, EVENTS
from bubble_abm.economy.parameters import DECLARED
from bubble_abm.observe.facts import facts
from bubble_abm.observe.sources import sources_of
from bubble_abm.observe.verdict import ATTRIBUTIONS, CRITERIA
from bubble_abm.page.charts import fact_in_words
from bubble_abm.page.documents import FOLDER
from bubble_abm.page.templates import template
from bubble_abm.page.words import in_own_language, label, say

if TYPE_CHECKING:
    from bubble_abm.page.visit import Visit

#: Words of this page that are not measures.
TERMS = {
    "seed": "a number from which all luck of a run follows: the same seed gives the same run, to the bit",
    "twin": "the same run with the same luck but without the shock; what differs is the effect of the shock",
    "pop": "the first month with {wanted} of four signs of a bust: low rents, idle halls, few plans, failing owners",
    "band": "the bounds between which nine of ten seeds lie in a month",
    "95 % interval": "how well a mean over seeds is known; it narrows as seeds are added, which a band does not",
    "incumbent, cloud": "a data centre that existed before January 2023",
    "hub": "a province near the users, in which a site can serve inference well",
    "open weights": "models that anybody may use, so that a startup need not train its own",
}
#: Documents that the page serves: name, title, and what they are.
DOCUMENTS = (
    ("ODD.html", "Description of the model", "all of it, after the ODD protocol, with its appendices (in English)"),
    ("code.html", "Code", "version {version}, as it runs here, to read and as an archive"),
    ("citation.html", "How to cite", "with an entry for BibTeX"),
    ("licence.txt", "Licence", "what you may do with the page, the model and its results"),
)
#: Measures in the charts that need a word of explanation.
EXPLAINED = (
    "ponzi_share",
    "utilisation",
    "utilisation_new",
    "rent_per_server",
    "contract_rent_per_server",
    "gpu_price",
)


def sources() -> dict[str, Any]:
    """Return all lists."""
    called = [
        (month, say("the call to build stands at {level:.0%}: {why}", level=level, why=say(why)))
        for month, level, why in CALL
        if month < 48
    ]
    shock = (int(DECLARED["shock_month"].default), "DeepSeek R1", DECLARED["shock_month"].metadata["source"])
    dated = [
        (month, say("{event} ({source})", event=say(name), source=say(source)))
        for month, name, source in (*((event.month, event.name, event.source) for event in EVENTS), shock)
    ]
    return {
        "facts": [
            {
                "id": fact.id,
                "text": fact_in_words(fact),
                "source": say(fact.source),
                "note": say(fact.note) if fact.note else "",
                "links": links(fact.id),
            }
            for fact in facts()
        ],
        "documents": [
            {"link": f"{FOLDER}/{name}", "title": say(title), "about": say(about, version=__version__)}
            for name, title, about in DOCUMENTS
        ],
        "events": [{"month": label(month), "text": text} for month, text in sorted({*dated, *called})],
        "terms": [
            {"term": term, "meaning": say(meaning, wanted=CRITERIA)}
            for term, meaning in (
                *((say(term), meaning) for term, meaning in TERMS.items()),
                *((say("verdict: {kind}", kind=say(kind)), meaning) for kind, meaning in ATTRIBUTIONS.items()),
                *((say(name.replace("_", " ")), Measures.columns[name].meaning) for name in EXPLAINED),
            )
        ],
    }


def links(id: str) -> list[dict[str, str]]:
    """Return where the sources of a fact can be read, as far as their address is known."""
    return [{"name": source.site, "link": source.link} for source in sources_of(id) if source.link]


@template("sources")
def Sources(lists: Any = None) -> None:
    """Show facts, events and terms."""


@solara.component
@in_own_language
def SourcesPart(visit: Visit) -> None:
    """Facts, events, terms, and where to read on."""
    Sources(lists=visit.made(sources, {}, []))
