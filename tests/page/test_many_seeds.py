"""Many seeds: what a batch gives, computed once for all visitors, and given up when nobody waits for it."""

import threading

import numpy as np
import pytest

from bubble_abm.engine.simulation import twin
from bubble_abm.observe.verdict import pop
from bubble_abm.page import many_seeds
from bubble_abm.page.settings import Settings
from bubble_abm.page.typical import typical_seed


def test_each_seed_is_the_pair_of_the_command_line(pairs):
    assert pairs.headline.seeds == list(range(1, many_seeds.SEEDS + 1))
    for seed in (1, 17):
        pair = twin(seed=seed)
        assert pairs.headline.pops[seed - 1] == pop(pair.with_shock.records.measures)
        assert pairs.headline.pops_without_shock[seed - 1] == pop(pair.without_shock.records.measures)
        assert pairs.scores["gpu_months_leased"][seed - 1] == pair.with_shock.records.measures["gpus_leased"].sum()


def test_the_seed_of_the_visitor_does_not_matter_and_nothing_is_computed_twice(pairs):
    assert many_seeds.known_pairs(Settings(seed=7)) is pairs
    assert many_seeds.known_pairs(Settings(months=59)) is None


def never_asked_for(months):
    """Settings that no other test runs, so that nothing is remembered of them."""
    return Settings(values={"herding": 3.21}, months=months)


def test_what_nobody_waits_for_is_given_up():
    gone = threading.Event()
    gone.set()
    told = []
    with pytest.raises(many_seeds.Cancelled):
        many_seeds.pairs_of(never_asked_for(13), told.append, gone)
    assert told == [] and many_seeds.known_pairs(never_asked_for(13)) is None


def test_it_is_given_up_on_the_way():
    gone = threading.Event()
    with pytest.raises(many_seeds.Cancelled):
        many_seeds.pairs_of(never_asked_for(14), lambda number: gone.set(), gone)


def test_progress_is_told():
    told = []
    many_seeds.pairs_of(never_asked_for(12), told.append)
    assert told == list(range(1, many_seeds.SEEDS + 1))


def test_only_so_many_settings_are_kept(pairs, monkeypatch):
    monkeypatch.setattr(many_seeds, "remembered", many_seeds.remembered.copy())
    monkeypatch.setattr(many_seeds, "REMEMBERED", 2)
    for months in (12, 60):
        many_seeds.remember(many_seeds.Pairs(Settings(months=months), pairs.headline, {}, {}))
    assert len(many_seeds.remembered) == 2 and many_seeds.known_pairs(Settings(months=60)) is not None


def test_the_typical_seed_has_the_usual_verdict_and_dates_near_the_median(pairs):
    line, seed = pairs.headline, typical_seed()
    kinds = [one.kind for one in line.attributions]
    assert kinds.count(kinds[seed - 1]) == max(kinds.count(kind) for kind in kinds)
    dates = np.array([[one.composite or line.months for one in line.pops]])
    same = [place for place, kind in enumerate(kinds) if kind == kinds[seed - 1]]
    middle = abs(dates[0] - np.median(dates))
    assert middle[seed - 1] <= np.median(middle[same])
