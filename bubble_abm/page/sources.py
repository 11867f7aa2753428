"""Sources: the facts, the dated events, and what terms mean, as lists that keyboard and touch can reach."""

from __future__ import annotations

from functools import cache
from typing import Any

import solara

from bubble_abm.economy.measures import Measures
from bubble_abm.economy.outside import CALL, EVENTS, label
from bubble_abm.economy.parameters import DECLARED
from bubble_abm.observe.facts import facts
from bubble_abm.observe.sources import sources_of
from bubble_abm.observe.verdict import ATTRIBUTIONS, CRITERIA
from bubble_abm.page.scenes import fact_in_words

#: Words of this page that are not measures.
TERMS = {
    "seed": "a number from which all luck of a run follows: the same seed gives the same run, to the bit",
    "twin": "the same run with the same luck but without the shock; what differs is the effect of the shock",
    "pop": f"the first month with {CRITERIA} of four signs of a bust: low rents, idle halls, few plans, failing owners",
    "band": "the bounds between which nine of ten seeds lie in a month",
    "95 % interval": "how well a mean over seeds is known; it narrows as seeds are added, which a band does not",
    "incumbent, cloud": "a data centre that existed before January 2023",
    "hub": "a province near the users, in which a site can serve inference well",
    "token": "a piece of a word, as models read and write it; what users of a model are charged for",
    "large lot": "a site near the users with enough GPUs for a platform to rent there",
    "open weights": "models that anybody may use, so that a startup need not train its own",
}
#: Measures in the charts that need a word of explanation.
EXPLAINED = (
    "ponzi_share",
    "utilisation",
    "utilisation_new",
    "rent_per_server",
    "contract_rent_per_server",
    "gpu_price",
)


@cache
def sources() -> dict[str, Any]:
    """Return all lists."""
    called = [(month, f"the call to build stands at {level:.0%}: {why}") for month, level, why in CALL if month < 48]
    shock = int(DECLARED["shock_month"].default)
    dated = [(event.month, f"{event.name} ({event.source})") for event in EVENTS]
    dated.append((shock, f"DeepSeek R1 ({DECLARED['shock_month'].metadata['source']})"))
    return {
        "facts": [
            {
                "id": fact.id,
                "text": fact_in_words(fact),
                "source": fact.source,
                "note": fact.note,
                "links": links(fact.id),
            }
            for fact in facts()
        ],
        "events": [{"month": label(month), "text": text} for month, text in sorted({*dated, *called})],
        "terms": [
            {"term": term, "meaning": meaning}
            for term, meaning in (
                *TERMS.items(),
                *((f"verdict: {kind}", meaning) for kind, meaning in ATTRIBUTIONS.items()),
                *((name.replace("_", " "), Measures.columns[name].meaning) for name in EXPLAINED),
            )
        ],
    }


def links(id: str) -> list[dict[str, str]]:
    """Return where the sources of a fact can be read, as far as their address is known."""
    return [{"name": source.site, "link": source.link} for source in sources_of(id) if source.link]


@solara.component_vue("parts/sources.vue")
def Sources(lists: Any = None) -> None:
    """Show facts, events and terms."""


@solara.component
def SourcesPart() -> None:
    """Facts, events, terms, and where to read on."""
    Sources(lists=sources())
