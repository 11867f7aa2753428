"""One month in words: phases, and lamps that say what they measure."""

import numpy as np

from bubble_abm.economy.outside import label
from bubble_abm.observe.verdict import CRITERIA, SIGNS, pop, signs_of_bust
from bubble_abm.page import moment
from bubble_abm.page.words import TOGETHER


def test_there_is_a_moment_for_every_place_of_the_cursor(whole):
    told = moment.moments(whole)
    assert [one["month"] for one in told] == ["Start", *(label(month) for month in range(whole.months))]
    assert told[0]["phase"] == "quiet" and told[-1]["end"] == "end of the run"


def test_the_phase_follows_the_signs(whole):
    told = moment.moments(whole)
    lit = np.sum(list(signs_of_bust(whole.series).values()), axis=0)
    popped = pop(whole.series).composite
    for month, one in enumerate(told[1:]):
        assert sum(lamp["lit"] for lamp in one["lamps"]) == lit[month]
        if popped is not None and month >= popped:
            assert one["phase"] == ("bust" if lit[month] >= CRITERIA else "recovery")
            assert label(popped) in one["head"]
        else:
            assert one["phase"] in ("quiet", "boom", "strain")


def test_a_recovery_has_a_word():
    assert moment.state(40, 1, 30, 500.0) == ("recovery", "Recovery: 1 of 4 signs are left of the bust of Jul 2025")
    assert moment.state(40, 0, 30, 500.0)[1].startswith("Recovered")
    assert moment.state(40, 3, 30, 500.0)[0] == "bust"


def test_levels_are_what_decides_the_lamps(whole):
    level, seen = moment.levels(whole.series), signs_of_bust(whole.series)
    boom = whole.series["projects_announced"] >= 30
    below = {"rent": moment.LIMITS.rent, "announcements": moment.LIMITS.announcements}
    for name in SIGNS:
        decided = level[name] < below[name] if name in below else level[name] > getattr(moment.LIMITS, name)
        assert np.all(seen[name] <= decided & boom)  # idle halls also need thirty sites


def test_a_lamp_says_level_rule_and_when(whole):
    month = pop(whole.series).rent
    lamp = moment.moments(whole)[month + 1]["lamps"][0]
    share = whole.series["rent_per_server"][month] / whole.series["rent_per_server"][: month + 1].max()
    assert lamp["level"] == f"{100 * share:.0f}{TOGETHER} of its highest so far"
    assert lamp["rule"] == f"lit below 70{TOGETHER}"
    assert lamp["lit"] and lamp["when"].startswith(f"lit since {label(month)}")


def test_the_history_of_a_sign():
    seen = np.array([False, True, True, False, True])
    assert moment.history(seen, None, 0) == "not lit so far"
    assert moment.history(seen, None, 2) == "lit since Feb 2023"
    assert moment.history(seen, None, 3) == "first lit Feb 2023, out since Apr 2023"
    assert moment.history(seen, np.array([False] * 5), 4) == (
        "lit since May 2023 (first Feb 2023); without the shock not yet"
    )
