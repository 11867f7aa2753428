"""What is made of finished experiments: summaries, verdicts, indices, response curves, boxes; tables and figures."""

import pandas as pd
import pytest

from bubble_abm import Experiment, Sampling
from bubble_abm.observe.seeds import ratio, reach
from bubble_abm.observe.verdict import ATTRIBUTIONS
from bubble_abm.paper.plots.analysis import draw_analysis
from bubble_abm.study.analysis import analyse
from bubble_abm.study.batch import run
from bubble_abm.study.dataset import read
from bubble_abm.study.sensitivity.study import study

SMALL = {"small": {"scale": 0.05}}


def table_of(folder, name):
    """The table, after a look at whether its CSV says the same."""
    table = pd.read_parquet(folder / "analysis" / f"{name}.parquet")
    written = pd.read_csv(folder / "analysis" / f"{name}.csv")
    texts = [column for column in table if not pd.api.types.is_numeric_dtype(table[column])]
    written[texts] = written[texts].astype(object).where(written[texts].notna(), "")
    pd.testing.assert_frame_equal(table, written, check_dtype=False)
    return table


def test_a_summary_describes_every_point(tmp_path):
    experiment = Experiment(
        name="t", question="?", scenarios={"small": {"scale": 0.05}, "rest": {"scale": 0.06}},
        levers={"herding": (0, 4)}, seeds=6, months=30, outcomes=("rent_peak", "announced"),
    )  # fmt: skip
    runs = run(experiment, tmp_path / "out", workers=2)
    lines = analyse(tmp_path / "out")
    summary = table_of(tmp_path / "out", "summary")
    assert len(summary) == 4 * 6 and set(summary["outcome"]) == set(experiment.outcome_columns)
    mine = runs[(runs["scenario"] == "rest") & (runs["herding"] == 4)]["rent_peak_effect"]
    line = summary.query("scenario == 'rest' and herding == 4 and outcome == 'rent_peak_effect'").iloc[0]
    assert line["mean"] == pytest.approx(mine.mean()) and line["runs"] == 6
    assert line["standard_error"] == pytest.approx(mine.std() / 6**0.5)
    assert (line["unit"], line["low"]) == ("CNY/(server month)", pytest.approx(mine.quantile(0.05)))
    verdicts = table_of(tmp_path / "out", "verdicts")
    assert (verdicts[list(ATTRIBUTIONS)].sum(axis=1).round(12) == 1).all()
    assert [line.partition(":")[0] for line in lines] == ["small, 0.0", "small, 4.0", "rest, 0.0", "rest, 4.0"]


def test_a_share_over_seeds_is_a_ratio_of_means(tmp_path):
    experiment = Experiment(
        name="t", question="?", scenarios=SMALL, seeds=6, months=40,
        outcomes=("rent_fall_to_trough", "rent_fall_to_trough_share_shock"),
    )  # fmt: skip
    runs = run(experiment, tmp_path / "out", workers=2)
    analyse(tmp_path / "out")
    line = table_of(tmp_path / "out", "summary").set_index("outcome").loc["rent_fall_to_trough_share_shock"]
    known = ratio(runs["rent_fall_to_trough_effect"], runs["rent_fall_to_trough"])
    assert line["mean"] == pytest.approx(known.value) != pytest.approx(runs["rent_fall_to_trough_share_shock"].mean())
    assert line["mean"] + reach(line["standard_error"] * 6**0.5, 6) == pytest.approx(known.high)
    assert line["unit"] == "share"


def test_drawn_points_count_once_in_the_error_of_a_mean(tmp_path):
    experiment = Experiment(
        name="t", question="?", uncertain=("herding",), sampling=Sampling("latin", 5), scenarios=SMALL, seeds=3,
        months=30, outcomes=("rent_peak",), twins=False,
    )  # fmt: skip
    runs = run(experiment, tmp_path / "out", workers=2)
    analyse(tmp_path / "out")
    means = runs.groupby("row")["rent_peak"].mean()
    error = table_of(tmp_path / "out", "summary")["standard_error"].item()
    assert error == pytest.approx(means.std() / 5**0.5)


@pytest.mark.parametrize(
    ("method", "samples", "figures"),
    [
        ("morris", 10, "morris"), ("sobol", 16, "sobol"), ("shapley", 8, "shapley"), ("oat", 1, "responses"),
    ],
)  # fmt: skip
def test_every_method_leaves_tables_and_figures(tmp_path, method, samples, figures):
    plan = study(
        method, parameters=("herding", "rent_adjustment"), samples=samples, seeds=2, months=14, scenarios=SMALL,
        outcomes=("rent_peak",), twins=False,
    )  # fmt: skip
    run(plan, tmp_path / "out", workers=2)
    lines = analyse(tmp_path / "out")
    draw_analysis(tmp_path / "out")
    home = tmp_path / "out" / "analysis"
    assert {f"{figures}_rent_peak.png", f"{figures}_rent_peak.pdf"} <= {path.name for path in home.iterdir()}
    if method == "oat":
        responses = table_of(tmp_path / "out", "responses")
        assert responses.groupby("factor").size().to_dict() == {"herding": 11, "rent_adjustment": 11}
        runs = read(tmp_path / "out")
        one = responses[responses["factor"] == "herding"].iloc[0]
        mine = runs[(runs["row"] == 1)]["rent_peak"]
        assert one["mean"] == pytest.approx(mine.mean()) and one["low"] <= one["mean"] <= one["high"]
    else:
        assert {"herding", "rent_adjustment", "dummy"} == set(table_of(tmp_path / "out", "indices")["factor"])
        quality = table_of(tmp_path / "out", "quality")
        assert quality["verdict"].str.contains("screening|no more than luck").all() and (quality["seeds"] == 2).all()
        assert len(lines) == 3


def test_boxes_are_sought_where_an_experiment_asks_for_them(tmp_path):
    plan = Experiment(
        name="t", question="?", uncertain=("inference_trend", "shock_openness"), sampling=Sampling("latin", 60),
        scenarios={"small": {"scale": 0.1}}, seeds=2, outcomes=("popped",), discover=("survived", "endogenous"),
    )  # fmt: skip
    run(plan, tmp_path / "out", workers=2)
    lines = analyse(tmp_path / "out")
    draw_analysis(tmp_path / "out")
    home = tmp_path / "out" / "analysis"
    assert {"boxes_prim.png", "boxes_cart.png"} <= {path.name for path in home.iterdir()}
    notes = table_of(tmp_path / "out", "notes")
    assert notes["class"].tolist() == ["survived"] * 2 + ["endogenous"] * 2
    assert all(any(note in line for line in lines) for note in notes["note"])
