"""The pages of predictions, of what survives and of the time split: read off a few runs of a small world."""

import datetime

import numpy as np
import pandas as pd
import pytest

from bubble_abm.economy.declare import InvalidInput
from bubble_abm.engine.structure import STANDARD
from bubble_abm.observe import predicted
from bubble_abm.observe.predicted import KEPT_AT, READINGS, Seen
from bubble_abm.observe.verdict import DEFINITIONS, MAIN
from bubble_abm.paper import predictions, robustness, time_split
from bubble_abm.paper.plots.ensemble import members_of
from bubble_abm.study.ensemble import Ensemble, economies
from bubble_abm.study.prediction import FIRST_SEED, forecast
from bubble_abm.study.prediction import predictions as plan_of
from bubble_abm.study.robustness import KINDS, OUTCOMES, answer, near_the_middle
from bubble_abm.study.robustness import robustness as plan_of_structures
from tests.paper.test_calibration import ORIGIN
from tests.study.test_ensemble import FACTORS, ensemble_of

DAY = datetime.date(2026, 11, 28)
SMALL = {"scale": 0.2}


@pytest.fixture(scope="module")
def one():
    """What one small world says."""
    plan = plan_of("small", None)
    return forecast(SMALL, FIRST_SEED, plan.setup)


def test_every_reading_is_a_number_or_there_is_no_such_thing(one):
    assert set(READINGS) <= set(one)
    for name in READINGS:
        value = one[name]
        assert not np.isinf(value), name
        if READINGS[name].unit == "share" and not name.startswith(("margin", "markup")):
            assert np.isnan(value) or 0.0 <= value <= 1.0 + 1e-9, name
    shares = [one[name] for name in READINGS if name.startswith("news_") and name.endswith("_share")]
    assert sum(shares) == pytest.approx(1.0)
    assert 0.0 <= one["months_to_fill"] <= predicted.MONTHS - 1 - predicted.POOL
    assert one["filled_6"] >= 0.0 and one["rent_2026_Q4"] > 0.0


def test_what_is_predicted_agrees_with_the_measures_of_the_same_run(one):
    from bubble_abm import Parameters, simulate

    run = simulate(Parameters(**SMALL), months=predicted.MONTHS, seed=FIRST_SEED)
    rent = run.records.measures["rent_per_server"]
    assert one["rent_2025_Q1"] == pytest.approx(rent[24:27].mean())
    given_up = run.records.measures["projects_cancelled"]
    assert one["cancelled_2025"] == pytest.approx((given_up[35] - given_up[23]) / 0.2)


def sites(**columns):
    base = dict.fromkeys(predicted.COLUMNS, 0.0)
    length = max(len(value) for value in columns.values())
    return {name: np.array(columns.get(name, [value] * length), float) for name, value in base.items()}


def seen(before, after):
    whole = dict.fromkeys(KEPT_AT, after) | {predicted.EVE: before, predicted.POOL: before}
    return Seen(type("Records", (), {"measures": None, "flows": None}), whole, None)


def test_news_is_what_changed_its_stage_and_what_is_new():
    before = sites(stage=[predicted.PLANNED, predicted.PLANNED, predicted.BUILDING])
    after = sites(stage=[predicted.PLANNED, predicted.BUILDING, predicted.CANCELLED, predicted.PLANNED])
    assert predicted.news_by_stage(seen(before, after)) == {
        "planned": 1.0, "under construction": 1.0, "completed": 0.0, "given up or wound up": 1.0,
    }  # fmt: skip


def test_a_pool_fills_if_half_of_it_is_let_and_a_closed_one_never_does():
    open_ = predicted.OPERATING
    before = sites(stage=[open_] * 4, gpus_installed=[100] * 4, training_leased=[0, 10, 15, 60])
    after = sites(stage=[open_, open_, predicted.BANKRUPT, open_], gpus_installed=[100] * 4,
                  training_leased=[60, 40, 90, 90])  # fmt: skip
    assert predicted.pools_filled(6, seen(before, after)) == pytest.approx(1 / 3)


def runs_of(names, members=3):
    rows = [{"row": row, "seed": seed} | {name: 10.0 * row + seed for name in names}
            for row in range(members) for seed in (1, 2)]  # fmt: skip
    return pd.DataFrame(rows)


def test_spreads_are_over_runs_and_over_members():
    table = predictions.spreads(runs_of(["x"]), ["x"]).iloc[0]
    assert table["median"] == pytest.approx(11.5) and table["runs"] == 6
    assert table["member_low"] == pytest.approx(2.5) and table["low"] < table["member_low"]


def test_the_page_says_when_how_and_over_what():
    ensemble = ensemble_of()
    plan = plan_of("few", ensemble, seeds=2)
    text = predictions.page(predictions.numbers(runs_of(list(READINGS))), plan, ensemble, "the command", DAY)
    assert "Written on 2026-11-28 by `the command`" in text and "4 members of the ensemble" in text
    assert f"2 seeds of its own, from {FIRST_SEED} to {FIRST_SEED + 7}," in text and "use of sites (C04)" in text
    assert all(f"## {one.group}" in text for one in READINGS.values())


def test_without_an_ensemble_the_defaults_stand_for_themselves():
    plan = plan_of("few", None, seeds=2)
    assert plan.runs == 2 and list(economies(None)) == ["standard"]
    assert len(members_of(plan)) == 1
    numbers = predictions.numbers(runs_of(list(READINGS), 1))
    assert "defaults alone" in predictions.page(numbers, plan, None, "it", DAY)


# --- What survives --------------------------------------------------------------------------------------------------


def answered(member, kind, popped=1.0, explained=0.0, alternative=STANDARD):
    line = {"scenario": alternative, "member": member, "seed": member + 1}
    for name in DEFINITIONS:
        line |= {f"popped_without@{name}": popped, f"kind@{name}": float(KINDS.index(kind))}
    for window in ("", "_after"):
        line |= {f"fall{window}": 100.0 + member, f"fall{window}_without_shock": (100.0 + member) * (1.0 - explained)}
    return line


def test_an_answer_survives_if_pops_verdict_and_share_stay():
    usual = robustness.answer_of(pd.DataFrame([answered(k, "endogenous") for k in range(4)]))
    assert usual.verdict == "endogenous" and usual.kinds == {"endogenous": 1.0}
    same = robustness.answer_of(pd.DataFrame([answered(k, "endogenous") for k in range(4)]))
    assert robustness.changes(same, usual) == []
    other = robustness.answer_of(pd.DataFrame([answered(k, "hastened", 0.0, 0.5) for k in range(4)]))
    assert other.shares[0].value == pytest.approx(0.5)
    assert robustness.changes(other, usual) == [
        "whether most pop without the shock", "most are hastened, not endogenous", "the share of the fall of rents",
    ]  # fmt: skip


def test_the_page_of_what_survives_says_what_is_left_out_and_why():
    ensemble = ensemble_of()
    lines = [answered(k, "endogenous") for k in range(4)]
    lines += [answered(k, "hastened", alternative="ring") for k in range(4)]
    found = robustness.answers(pd.DataFrame(lines), ensemble, {})
    text = robustness.page(found, ensemble, 1, "code", "the command", DAY)
    assert "| ring: " in text and "**no**: most are hastened, not endogenous" in text
    assert "Ranges of half the width are left out" in text and f"| {MAIN} |" in text
    assert len(robustness.lines(found)) == 1 + len(found)
    assert near_the_middle(ensemble).sum() == 2


def test_a_search_that_found_nothing_is_told(tmp_path):
    (tmp_path / "report.json").write_text('{"runs": 51234, "judged": 99, "threshold": 4.5, "members": 0}')
    ensemble_of().save(tmp_path / "double.parquet")
    found, empty = robustness.named([f"half={tmp_path}", f"double={tmp_path / 'double.parquet'}"])
    assert len(found["double"]) == 4 and list(empty) == ["half"]
    answers = robustness.answers(pd.DataFrame([answered(k, "endogenous") for k in range(4)]), None, {})
    answers["ranges: double"] = answers[f"structure: {STANDARD}"]
    double = {"double": {"passed": 4, "judged": 9, "runs": 1234, "memory": 0.25}}
    whole = robustness.page(answers, None, 1, "code", "the command", DAY, empty | double)
    assert "double, 4 of 9 points that were judged passed, after 1,234 runs, with a memory of 0.25." in whole
    assert "Ranges of double" not in whole
    del answers["ranges: double"]
    text = robustness.page(answers, None, 1, "code", "the command", DAY, empty)
    assert "after 51,234 runs the points of the search were implausible by up to 4.50, where 3 is allowed" in text
    assert "Ranges of half" not in text and "Ranges of double the width are left out" in text
    with pytest.raises(InvalidInput, match="holds no finished search"):
        robustness.named([f"half={tmp_path.parent}"])


def test_the_answer_of_a_small_world_is_complete():
    plan = plan_of_structures([STANDARD], None, seeds=1)
    values = next(iter(plan.scenarios.values())) | SMALL
    assert set(answer(values, FIRST_SEED, plan.setup)) == set(OUTCOMES)


@pytest.mark.parametrize(
    ("main", "words", "message"),
    [
        (predictions.main, ["--ensemble", "none.parquet"], "predictions: ensemble none.parquet: cannot be read"),
        (robustness.main, ["--only", "rung"], "robustness: unknown alternative 'rung'"),
        (robustness.main, ["--other", "half"], 'robustness: other = "half": give a name and a file'),
        (time_split.main, ["--ensemble", "none.parquet"], "time split: ensemble none.parquet: cannot be read"),
    ],
)
def test_bad_input_gives_one_line_and_code_2(main, words, message, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(words) == 2
    error = capsys.readouterr().err
    assert error.startswith(message) and error.count("\n") == 1


# --- The time split -------------------------------------------------------------------------------------------------


def test_what_was_matched_early_is_held_against_what_came_later():
    values = np.column_stack([np.linspace(1.0, 7.0, 10), np.full(10, 0.1)])
    given = np.column_stack([np.full(10, 0.7), np.linspace(60e3, 70e3, 10)])
    early = Ensemble(FACTORS, values, np.ones(10), ("C04", "C10"), given, ORIGIN)
    (line,) = time_split.rows(early, early, ["C10"])
    assert line[8] == "hit" and line[4] == line[9] == "65,000"
    assert "in the range of 1 of 1 later facts" in time_split.page(early, None, ["C10"], "it", DAY)
    with pytest.raises(InvalidInput, match="fact C04: this ensemble was matched on it"):
        time_split.rows(early, None, ["C04"])
