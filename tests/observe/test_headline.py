"""The headline of runs: what it says in numbers and in words of series made by hand."""

import json
from dataclasses import replace

import numpy as np
import pytest

from bubble_abm.economy.world import empty_records
from bubble_abm.engine.scenario import Runs, Scenario
from bubble_abm.observe import verdict
from bubble_abm.observe.falls import MEASURED, WINDOWS
from bubble_abm.observe.headline import headline, say_attributions, say_margins, sentences
from bubble_abm.observe.verdict import DEFINITIONS, DISCOUNT, MAIN, attribution

MONTHS, SHOCK = 48, 24


def made(popped, rent_after=70.0):
    """A run that pops in a month: rents fall, announcements stop and sites fail at once."""
    months = np.arange(MONTHS)
    found = empty_records(MONTHS).measures
    found["rent_per_server"] = np.where(months < popped, 160.0, rent_after)
    found["gpu_price"] = 200_000.0
    found["projects_announced"] = 10.0 * np.minimum(months + 1, popped - 2)  # for three months none, in that month
    found["projects_completed"] = 60.0
    found["projects_bankrupt"] = np.where(months < popped, 0.0, 20.0)
    found["idle_share_new"] = np.where(months < popped, 0.1, 0.5)
    return found


def line_of(pairs, shocks=None):
    scenario = Scenario(months=MONTHS, seeds=len(pairs), shocks=shocks)
    ours, theirs = zip(*pairs)
    return headline(Runs(scenario, tuple(range(1, len(pairs) + 1)), ours, theirs if shocks is None else ()))


@pytest.fixture
def line():
    return line_of([(made(26, 60.0), made(31)), (made(23), made(23)), (made(30, 60.0), made(34))])


def test_verdicts_have_their_margins(line):
    assert [one.kind for one in line.attributions] == [verdict.HASTENED, verdict.UNDECIDED, verdict.HASTENED]
    assert [one.moved for one in line.attributions] == [-5, 0, -4]
    assert [one.after_shock for one in line.attributions] == [2, -1, 6]
    assert [one.name for one in line.definitions] == list(DEFINITIONS)
    main = next(one for one in line.definitions if one.name == MAIN)
    assert (main.pops, main.pops_without_shock) == ([26, 23, 30], [31, 23, 34])
    assert main.verdicts == [one.kind for one in line.attributions]
    assert line.agreements[0] == sum(one.verdicts[0] == verdict.HASTENED for one in line.definitions) / 6


def test_every_measure_has_a_share_in_every_window(line):
    assert [(one.measure, one.window) for one in line.shares] == [(name, end) for name in MEASURED for end in WINDOWS]
    rent = line.shares[0]
    # June 2025 is month 29: 160 falls to 60, 70 and not at all; without the shock to 160, 70 and 160
    assert rent.fall == pytest.approx((100 + 90 + 0) / 3) and rent.fall_without_shock == pytest.approx(90 / 3)
    assert rent.by_seed == [1.0, 0.0, None]


def test_an_effect_is_a_mean_in_one_month_and_since_the_shock(line):
    rent = next(one for one in line.effects if one.measure == "rent_per_server")
    assert rent.then.value == pytest.approx((-10 + 0 - 10) / 3)  # December 2025: 60 for 70 in two of three
    months = np.arange(MONTHS - SHOCK)
    weights = (1 + DISCOUNT) ** -months.astype(float)
    paths = [
        np.where(months < 2, 0, np.where(months < 7, -100, -10)),
        np.where(months < 6, 0, np.where(months < 10, -100, -10)),
    ]
    expected = sum((path * weights).sum() / weights.sum() for path in paths) / 3
    assert rent.since.value == pytest.approx(expected)
    assert rent.then.low < rent.then.value < rent.then.high


def test_it_says_so_in_words(line):
    said = dict(sentences(line))
    assert said["Shock, Jan 2025"].startswith("hastened by 4 to 5 months in 2, undecided by date in 1; the same under ")
    assert said["Margin"] == "from the shock to the pop +2 months [-1 to +6]; moved by it -4 months [-5 to +0]"
    assert said["Explained by it"].startswith("peak to Jun 2025: rent no fall")  # the interval of its fall reaches zero
    assert "pre-training no fall" in said["Explained by it"]
    assert said["Effect, Dec 2025"].startswith("rent -7 CNY/(server month) [-21 to +8]")
    json.dumps(line.as_dict())


def test_of_one_seed_it_has_no_intervals_and_says_what_the_verdict_means():
    line = line_of([(made(26, 60.0), made(31))])
    said = dict(sentences(line))
    assert said["Shock, Jan 2025"].startswith(
        "hastened by 5 months: a pop after the shock, and a later one without it;"
    )
    assert "[" not in said["Explained by it"] and "rent 100 %" in said["Explained by it"]


def test_without_a_shock_nothing_is_explained():
    line = line_of([(made(26), made(26))], shocks=())
    assert (line.shares, line.effects, line.attributions, line.agreements) == ([], [], [], [])
    assert all(one.verdicts == [] for one in line.definitions)
    assert dict(sentences(line))["Shock"] == "none in this run"


def test_an_open_end_is_at_least():
    caused, averted = attribution(30, None, SHOCK, MONTHS), attribution(None, 30, SHOCK, MONTHS)
    assert say_attributions([caused], [1.0]).startswith("caused by the shock, sooner by 18 months at least: ")
    assert say_attributions([averted], [1.0]).startswith("averted by the shock, later by 18 months at least: ")
    assert say_attributions([caused, averted], [1.0, 0.5]) == (
        "caused by the shock in 1, averted by the shock in 1; the same under 75 % of 6 definitions of a pop"
    )
    assert say_margins([averted]) == "no pop" and say_margins([caused]) == "from the shock to the pop +6 months"
    assert say_attributions([replace(caused, kind=verdict.HASTENED, moved=-1, at_least=False)], [1.0]).startswith(
        "hastened by 1 month: "
    )
