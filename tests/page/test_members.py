"""The economies of an ensemble on the page: what the command line gives, and nothing where none is shipped."""

from dataclasses import replace

import numpy as np
import pytest

from bubble_abm import simulate
from bubble_abm.economy.declare import InvalidInput
from bubble_abm.observe.seeds import SPREAD
from bubble_abm.page import answer, charts, members
from bubble_abm.page.links import read_link
from bubble_abm.page.many_seeds import Cancelled, known_pairs, pairs_of
from bubble_abm.page.members import OVER_MEMBERS
from bubble_abm.page.settings import Settings
from bubble_abm.page.visit import Visit
from bubble_abm.page.words import languages, speaking
from bubble_abm.study.ensemble import Ensemble
from bubble_abm.study.scenario_run import run_ensemble
from bubble_abm.study.sensitivity.factors import Factor
from tests.page.english import english_in, texts_in

SETTINGS = Settings(months=36)


@pytest.fixture
def ensemble(monkeypatch):
    """Three economies around the standard one, as if the package shipped them."""
    factors = (Factor("herding", 0.0, 8.0), Factor("able_share", 0.0, 1.0))
    values = np.array([[1.0, 0.2], [2.0, 0.3], [3.0, 0.4]])
    made = Ensemble(factors, values, np.ones(3), (), np.zeros((3, 0)))
    monkeypatch.setattr(Ensemble, "load", lambda path=None: made)
    members.members.cache_clear()
    yield made
    members.members.cache_clear()


def none_shipped(path=None):
    raise InvalidInput("ensemble: this version ships none, give the file that bubble-abm calibrate wrote")


def test_without_an_ensemble_the_page_says_nothing_of_it(monkeypatch):
    monkeypatch.setattr(Ensemble, "load", none_shipped)
    members.members.cache_clear()
    assert members.members() == ()
    assert "no ensemble" in read_link("bands=members").problems[0]
    visit = Visit("months=12")
    assert charts.crowds((visit.pairs.value, visit.members.value), visit.crowd.value) == []
    members.members.cache_clear()


def test_its_answer_is_that_of_the_command_line(ensemble):
    from bubble_abm.observe.headline import headline

    found = pairs_of(SETTINGS, crowd=OVER_MEMBERS)
    line = headline(run_ensemble(SETTINGS.scenario, ensemble))
    assert (found.crowd, found.count) == ("members", 3)
    assert found.headline.pops == line.pops and found.headline.attributions == line.attributions
    assert found.headline.shares == line.shares
    assert known_pairs(replace(SETTINGS, seed=9), OVER_MEMBERS) is found is not known_pairs(SETTINGS)


def test_what_the_visitor_sets_holds_in_all_economies(ensemble):
    changed = SETTINGS.changed("herding", "4").changed("able_share", "0.5")
    rents = pairs_of(changed, crowd=OVER_MEMBERS).bands["rent_per_server"]
    luck = [simulate(changed.scenario.parameters, seed=seed, months=changed.months) for seed in (1, 2, 3)]
    runs = np.array([one.series["rent_per_server"] / 1e3 for one in luck])
    assert rents == pytest.approx(np.quantile(runs, SPREAD, axis=0))  # nothing else is left of the economies


@pytest.mark.parametrize("code", languages())
def test_the_answer_speaks_of_economies(ensemble, code):
    for settings in (SETTINGS, replace(SETTINGS, shock=False)):
        found = pairs_of(settings, crowd=OVER_MEMBERS)
        with speaking(code):
            said = answer.answer_over(replace(found, failed=1))
            shown = charts.crowds((found,), OVER_MEMBERS)
        if code == "en":
            assert "3 economies" in said["lead"] and "economies" in said["head"] and "seeds" not in str(said)
            assert shown == [{"name": "members", "words": "3 economies", "chosen": True}]
        else:
            texts = [*texts_in(said, ("colour",)), shown[0]["words"]]
            assert not [text for text in texts if english_in(text)]


def test_they_are_awaited_until_they_are_there_or_cannot_be_shown(ensemble, monkeypatch):
    visit = Visit("months=13")
    started = []
    monkeypatch.setattr("threading.Thread.start", lambda thread: started.append(thread))
    visit.begin_seeds()
    assert visit.awaited.value == 3
    started[0].run()
    assert visit.members.value.count == 3 and visit.awaited.value == 0

    def refused(*arguments, **options):
        raise Cancelled

    monkeypatch.setattr("bubble_abm.page.visit.pairs_of", refused)
    visit.change({"name": "months", "value": "14"})
    assert visit.awaited.value == 3
    started[1].run()
    assert visit.members.value is None and visit.awaited.value == 0


def test_bands_are_chosen_and_the_link_keeps_it(ensemble):
    visit = Visit("months=36")
    visit.pairs.value, visit.members.value = "of seeds", "of economies"
    assert visit.many == "of seeds"
    visit.choose_crowd("members")
    assert visit.many == "of economies" and visit.query == "months=36&bands=members"
    assert Visit(visit.query).crowd.value == "members" and read_link(visit.query).problems == ()
    with pytest.raises(InvalidInput, match="unknown bands 'all': valid are seeds, members"):
        visit.choose_crowd("all")


def test_of_many_members_the_central_one_and_others_from_all_parts(ensemble, monkeypatch):
    monkeypatch.setattr(members, "MOST", 2)
    members.members.cache_clear()
    assert members.members()[0] == ensemble.values_of(ensemble.central) and len(members.members()) == 2
