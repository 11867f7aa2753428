"""Prevent it: policies as switches with dates, and a score card with intervals over seeds."""

import re
from dataclasses import replace

import numpy as np
import pytest

from bubble_abm.command.main import main
from bubble_abm.economy.declare import InvalidInput
from bubble_abm.economy.parameters import DECLARED
from bubble_abm.observe.seeds import mean
from bubble_abm.page import policies, scorecard
from bubble_abm.page.downloads import scenario_file
from bubble_abm.page.links import Opened, read_link, write_link
from bubble_abm.page.many_seeds import pairs_of
from bubble_abm.page.members import OVER_MEMBERS, OVER_SEEDS
from bubble_abm.page.run import watch
from bubble_abm.page.settings import POLICY_PARAMETERS, Settings, settings_from
from bubble_abm.page.visit import Visit

LATER = Settings().changed("public_register", "1").changed("from_public_register", "18")


def test_every_switch_is_a_policy_that_can_begin_later():
    assert {switch.parameter for switch in policies.SWITCHES} == set(POLICY_PARAMETERS)
    for switch in policies.SWITCHES:
        settings = Settings().changed(switch.parameter, switch.value).changed(f"from_{switch.parameter}", 12)
        assert settings.scenario.changes[0].parameter == switch.parameter
        assert switch.value != DECLARED[switch.parameter].default


def test_a_policy_acts_from_its_month_on_and_not_before():
    run, before, always = watch(LATER), watch(Settings()), watch(Settings(values={"public_register": 1.0}))
    assert run.series[:18].tobytes() == before.series[:18].tobytes()
    assert run.series[30].tobytes() != before.series[30].tobytes()
    assert run.series.tobytes() != always.series.tobytes()


def test_a_date_is_in_the_link_the_title_and_the_file(tmp_path):
    assert read_link(write_link(Opened(LATER))).settings == LATER
    assert LATER.title == "public_register = 1 from Jul 2024"
    path = tmp_path / "scenario.toml"
    path.write_text(scenario_file(LATER))
    assert settings_from(path) == LATER
    with pytest.raises(SystemExit) as end:
        main(["run", "--scenario", str(path), "--out", str(tmp_path / "out"), "--quiet"])
    assert end.value.code == 0


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("from_herding", "3", "unknown policy 'herding'"),
        ("from_hub_only", "3", "the policy is not in force"),
        ("from_public_register", "168", "whole number from 0 to 167"),
    ],
)
def test_a_date_that_is_not_valid_is_refused_in_one_line(name, text, says):
    with pytest.raises(InvalidInput) as refused:
        LATER.changed(name, text)
    assert says in str(refused.value) and "\n" not in str(refused.value)


def test_a_policy_that_is_switched_off_loses_its_date():
    assert LATER.changed("public_register", "0") == Settings()
    assert LATER.changed("from_public_register", "0").since == {}
    assert policies.without_policies(replace(LATER, seed=4)) == Settings(seed=4)


def test_the_score_card_compares_seed_by_seed(pairs):
    better = pairs_of(Settings(values={"public_register": 1.0}))
    card = scorecard.card(better, pairs)
    assert [row["title"] for row in card["rows"]] == [about[0] for about in scorecard.SCORES.values()]
    lost = next(row for row in card["rows"] if row["title"].startswith("Sites wound up"))
    found = mean(better.scores["failures"] - pairs.scores["failures"])
    assert lost["change"] == f"{found.value:+.0f} [{found.low:+.0f} to {found.high:+.0f}]"
    assert (lost["better"] == "better") == (found.high < 0)
    assert scorecard.card(pairs, pairs)["same"] and not card["same"]
    assert scorecard.card(None, pairs) == {}


def test_a_share_changes_by_no_more_than_all_of_it(pairs):
    card = scorecard.card(pairs_of(policies.under(policies.PREVENTING[-1], Settings())), pairs)
    assert all(abs(float(number)) <= 100 for number in re.findall(r"[-+][\d.]+", card["rows"][0]["change"]))
    cells = [row[cell] for row in card["rows"] for cell in ("base", "ours")]
    assert not any(re.search(r"-0(\.0+)?(?![\d.])", cell) for cell in cells)


def test_an_interval_of_a_share_has_a_width_at_its_ends():
    for hits in (0, 1, 25, 49, 50):
        low, high = scorecard.share_interval(hits, 50)
        assert 0.0 <= low <= hits / 50 <= high <= 1.0 and high - low > 0.05


def test_policies_are_listed_by_how_many_seeds_pop(pairs):
    class Calm:
        scores = {name: np.zeros(50) for name in scorecard.SCORES}

    rows = scorecard.league([("as it was", pairs), ("later", None), ("calm", Calm())])
    assert len(scorecard.heads()) == len(rows[0]["cells"])  # also while the card is still computed
    assert [row["name"] for row in rows] == ["calm", "as it was", "later"]
    assert rows[0]["cells"][0].startswith("0 [0 to ")


def share_that_pops(remedy, crowd):
    return pairs_of(policies.under(remedy, Settings()), crowd=crowd).scores["popped"].mean()


@pytest.mark.parametrize("remedy", policies.PREVENTING, ids=lambda remedy: remedy.name)
def test_what_is_offered_as_preventing_a_pop_does(remedy):
    assert share_that_pops(remedy, OVER_SEEDS) <= 0.1
    assert share_that_pops(remedy, OVER_MEMBERS) <= 0.15


@pytest.mark.parametrize("remedy", policies.FAILING, ids=lambda remedy: remedy.name)
def test_what_is_offered_as_not_preventing_a_pop_does_not(remedy):
    assert share_that_pops(remedy, OVER_SEEDS) > 0.5
    assert share_that_pops(remedy, OVER_MEMBERS) > 0.5


def test_a_switch_says_what_is_in_force():
    names = {item["parameter"]: item["name"] for item in policies.switches(Settings(values={"leverage_cap": 0.0}))}
    assert names["leverage_cap"] == "leverage cap at 0" and names["hub_only"] == "new sites near users only"


def test_a_visitor_switches_and_chooses():
    visit = Visit("seed=3&months=20")
    visit.change({"name": "hub_only", "value": 1})
    visit.change({"name": "from_hub_only", "value": "9"})
    assert visit.settings.value.since == {"hub_only": 9}
    visit.choose_policy("near users, no start where a tenth stands idle")
    chosen = {"hub_only": 1.0, "approval_utilisation": 0.9}
    assert visit.settings.value == Settings(values=chosen, seed=3, months=20)
    marked = [
        one["name"] for group in policies.remedies(visit.settings.value) for one in group["choices"] if one["chosen"]
    ]
    assert marked == ["near users, no start where a tenth stands idle"]
    visit.leave()
