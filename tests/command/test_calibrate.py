"""The commands that make and use an ensemble: what they print, leave behind and refuse."""

import json

import numpy as np
import pyarrow.parquet as parquet
import pytest

from bubble_abm.study.calibration import judgement
from bubble_abm.study.calibration.prior import space
from bubble_abm.study.ensemble import Ensemble
from tests.command.test_main import command as command
from tests.study.test_ensemble import ensemble_of

FEW = ("--points", "10", "--seeds", "1", "--judges", "1", "--spread", "0", "--waves", "4", "--keep", "0.5")


@pytest.fixture
def few(tmp_path):
    """Options of a calibration of two parameters on one fact."""
    (tmp_path / "ranges.toml").write_text("[ranges]\nfirst_rent = [7000, 14000]\nrent_adjustment = [0.05, 0.2]\n")
    fixed = [one.name for one in space() if one.name not in ("first_rent", "rent_adjustment")]
    out = tmp_path / "calibration"
    given = ("--facts", "C10", "--ranges", str(tmp_path / "ranges.toml"), "--fix", ",".join(fixed), "--out", str(out))
    return ("calibrate", *FEW, *given, "--discrepancy", "1,1"), out


def test_a_calibration_writes_members_and_a_report_and_its_ensemble_can_be_run(command, few, tmp_path):
    arguments, out = few
    code, said, _ = command(*arguments)
    assert code == 0 and "members of" in said
    page = (out / "calibration.md").read_text()
    assert "| C10 | monthly lease of an eight-H100 server in late 2024 | 60,000 to 85,000 |" in page
    assert "`rent_adjustment`" in page and "## Diversity" in page
    assert json.loads((out / "report.json").read_text())["members"] >= 2
    code, said, _ = command(*arguments)
    assert code == 0 and "from an earlier call" in said
    code, said, _ = command("calibrate", "--report", str(out / "ensemble.parquet"), "--out", str(tmp_path / "page.md"))
    assert code == 0 and (tmp_path / "page.md").read_text() == page


def test_points_of_a_search_are_judged_again_and_the_report_says_so(command, few, tmp_path, monkeypatch):
    arguments, out = few
    assert command(*arguments)[0] == 0
    once = Ensemble.load(out / "ensemble.parquet")
    code, said, _ = command("calibrate", "--again", str(out), "--out", str(tmp_path / "again"))
    assert code == 0 and f"of {once.origin['judged']} judged again" in said
    again = Ensemble.load(tmp_path / "again" / "ensemble.parquet")
    assert again.origin["command"] == once.origin["command"]
    assert set(again.origin["again"]) == {"code", "commit", "command"}
    both = np.isin(again.values[:, 0].astype(np.float32), once.values[:, 0].astype(np.float32))
    assert both.sum() >= 2
    shared = again.simulated[both][:, again.targets.index("C10")]
    assert not np.isin(shared, once.simulated[:, once.targets.index("C10")]).any()  # other seeds
    page = (tmp_path / "again" / "calibration.md").read_text()
    assert "were judged again, by code" in page and "those of the point itself" not in page
    lucky = ("calibrate", "--again", str(out), "--own-luck", "--out", str(tmp_path / "again"))
    assert command(*lucky)[0] == 0  # the same runs, judged otherwise
    assert "those of the point itself" in (tmp_path / "again" / "calibration.md").read_text()
    monkeypatch.setattr(judgement, "code_of", lambda model: "of another day")
    code, _, said = command("calibrate", "--again", str(out), "--out", str(tmp_path / "again"))
    assert code == 2 and "holds a calibration with other code" in said  # its runs are not those of this model
    assert command("calibrate", "--again", str(out), "--out", str(tmp_path / "again"), "--overwrite")[0] == 0
    code, _, said = command("calibrate", "--again", str(tmp_path / "nothing"))
    assert code == 2 and "holds no finished search, give the folder of one" in said
    (out / "steps" / "members.parquet").unlink()
    code, _, said = command("calibrate", "--again", str(out), "--out", str(tmp_path / "third"))
    assert code == 2 and "the points that it judged cannot be read" in said


def test_a_run_over_an_ensemble_has_a_member_in_every_row_and_speaks_of_members(command, tmp_path):
    ensemble_of().save(tmp_path / "members.parquet")
    out = tmp_path / "run"
    options = ("--months", "8", "--set", "scale=0.1", "--out", str(out))
    code, said, _ = command("run", "--ensemble", str(tmp_path / "members.parquet"), *options)
    assert code == 0
    assert "4 members" in said and "4 seeds" not in said
    table = parquet.read_table(out / "series.parquet").to_pandas()
    assert table.groupby("member").size().tolist() == [8] * 4
    code, said, _ = command("rerun", str(out))
    assert code == 0 and "all bits agree" in said


def test_sensitivity_draws_from_the_hull(command, tmp_path):
    ensemble_of().save(tmp_path / "members.parquet")
    options = ("--months", "6", "--samples", "4", "--seeds", "1", "--outcomes", "rent_peak", "--no-figures")
    folder = tmp_path / "latin"
    ranges = str(tmp_path / "members.parquet")
    code, _, _ = command("sensitivity", "latin", "--ranges", ranges, *options, "--out", str(folder))
    assert code == 0
    drawn = parquet.read_table(folder / "runs" / "part-00000.parquet").to_pandas()
    assert {"herding", "rent_adjustment"} <= set(drawn) and "hold_out" not in drawn
    assert drawn["herding"].between(1.0, 7.0).all() and np.ptp(drawn["herding"]) > 2.0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--facts", "C98"), "unknown fact 'C98'"),
        (("--without", "C98"), "unknown fact 'C98'"),
        (("--until", "yesterday"), "until = yesterday: give a month such as 2024-06"),
        (("--points", "3"), "points = 3: give a whole number from 10"),
        (("--points", "many"), "points = many: give a whole number"),
        (("--waves", "0"), "waves = 0: give a whole number"),
        (("--keep", "2"), "keep = 2.0: give a number from 0.05 to 0.95"),
        (("--seeds", "0"), "seeds = 0: give a whole number"),
        (("--discrepancy", "0.2"), "discrepancy = 0.2: give two numbers, as in 0.25,0.5"),
        (("--discrepancy", "a,b"), "discrepancy of strong facts = nan"),
        (("--fix", "nobody"), "unknown parameter 'nobody'"),
        (("--ranges", "nowhere.toml"), "cannot be read, no such file"),
        (("--workers", "0"), "workers = 0: give a whole number"),
        (("--executor", "magic"), "executor = magic: give one of threads, processes"),
        (("--scheduler", "nowhere"), "scheduler = nowhere: does not answer"),
        (("--design", "0"), "design = 0: give a whole number"),
        (("--report", "nowhere.parquet"), "cannot be read, no such file"),
    ],
)
def test_bad_input_is_refused_in_one_line_before_anything_is_run(command, tmp_path, arguments, said):
    out = tmp_path / "out"
    code, printed, error = command("calibrate", *arguments, "--out", str(out))
    assert (code, printed) == (2, "")
    assert said in error and error.count("\n") == 1
    assert not out.exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("run", "--ensemble", "nowhere.parquet"), "ensemble nowhere.parquet: cannot be read, no such file"),
        (("run", "--ensemble", "shipped"), "this version ships none"),
        (("sensitivity", "morris", "--ranges", "ensemble"), "this version ships none"),
    ],
)
def test_an_ensemble_that_is_not_there_is_refused(command, tmp_path, monkeypatch, arguments, said):
    monkeypatch.setattr("bubble_abm.study.ensemble.SHIPPED", "none.parquet")
    code, printed, error = command(*arguments, "--out", str(tmp_path / "out"))
    assert (code, printed) == (2, "")
    assert said in error and error.count("\n") == 1
