"""What the shock has done: the difference of run and twin, month by month."""

from types import SimpleNamespace

from bubble_abm.page import effect
from bubble_abm.page.run import watch
from bubble_abm.page.settings import Settings, with_preset
from bubble_abm.page.words import TOGETHER


def test_the_effect_of_the_shock_is_the_difference_to_the_twin(whole):
    steps = effect.effects(whole)["steps"]
    assert len(steps) == whole.months + 1
    place = next(number for number, about in enumerate(effect.EFFECTS) if about[0] == "projects_bankrupt")
    difference = whole.series["projects_bankrupt"][39] - whole.twin_series["projects_bankrupt"][39]
    assert steps[40]["rows"][place][2] == f"{difference:+z.0f}"
    assert "without it" in steps[40]["text"]


def test_before_the_shock_and_without_one_the_page_says_so(whole):
    steps = effect.effects(whole)["steps"]
    assert "Until then" in steps[20]["text"] and "Until then" not in steps[25]["text"]
    assert [float(row[2]) for row in steps[24]["rows"]] == [0.0] * len(effect.EFFECTS)
    assert len(steps[0]["rows"]) == len(effect.EFFECTS)  # the table is there from the start: nothing moves in play
    assert "no shock" in effect.effects(watch(with_preset(Settings(months=3), "no shock")))["steps"][0]["text"]


def test_the_share_of_the_fall_is_said_only_where_the_rent_falls(whole):
    flat = whole.series.copy()
    flat["rent_per_server"] = 100.0
    assert effect.fall_of_rent(SimpleNamespace(series=flat, twin_series=flat, reached=60), 24) == ""
    fallen = SimpleNamespace(series=whole.series, twin_series=whole.series, reached=60)
    assert effect.fall_of_rent(fallen, 24).endswith(f"to Jun 2025 R1 explains 0{TOGETHER}.")
