"""Figure 13: each bar begins where the one above ends, the last is the whole, and false sentences are refused."""

from types import SimpleNamespace

import pytest

from bubble_abm.paper.captions import FalseClaim, checked_caption
from bubble_abm.study.causes import CAUSES, OUTCOMES, REST, part_of
from bubble_abm.study.declared_experiments import find
from tests.paper.figures.readings import drawn, figure, panel
from tests.study.test_causes import table_of

SHOWN = {"rent_fall": 50.0, "idle_rise": 0.5, "bankruptcies_rise_to_trough": 20.0}


def result_of(capacity):
    """Runs in which capacity has such a share of all that is shown, and exit from pre-training a tenth."""
    table = table_of(("a", "b", "c"), (capacity,) * 3)
    for fall, whole in SHOWN.items():
        luck = 0.01 * whole * table["seed"] + 0.001 * whole * table.index
        table[part_of(fall, "capacity")] = capacity * whole + luck
        table[part_of(fall, "exit")] = 0.1 * whole
        table[part_of(fall, REST)] = (0.9 - capacity) * whole - luck
        table[fall] = whole
    assert set(OUTCOMES) < set(table)
    return SimpleNamespace(runs=table, experiment=find("e12_causes"))


def test_each_bar_begins_where_the_one_above_ends_and_the_last_is_the_whole():
    _, picture = drawn(13, result_of(1.2))
    for title, whole in (("fall of the rent", 0.05), ("rise of the idle share", 0.5), ("bankruptcies", 20.0)):
        bars = [bar for bar in panel(picture, title).patches]
        ends = [bar.get_x() + bar.get_width() for bar in bars]
        assert len(bars) == len(CAUSES) + 2
        assert [bar.get_x() for bar in bars[:-1]] == pytest.approx([0.0, *ends[:-2]])
        assert (bars[-1].get_x(), ends[-1]) == pytest.approx((0.0, whole))
        assert ends[-2] == pytest.approx(whole)


def test_the_caption_holds_if_capacity_explains_most_and_is_refused_if_it_explains_less_than_nothing():
    for capacity, refused in ((1.2, False), (-0.5, True)):
        result = result_of(capacity)
        tables = figure(13).tables(result)
        sentences = figure(13).caption(tables, result)
        if refused:
            with pytest.raises(FalseClaim):
                checked_caption("fig13", sentences, quick=False)
        else:
            assert figure(13).says(tables).startswith("Capacity that arrived explains 122 % of the fall of rents")
            assert "'capacity that arrived' explains most, 12" in checked_caption("fig13", sentences, quick=False)[0]
