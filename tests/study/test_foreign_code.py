"""A result folder may come from anybody: nothing that it names is imported unless that is asked for."""

import json
import sys

import pytest

from bubble_abm import Factor, InvalidInput, Sampling
from bubble_abm.study.analysis import analyse, emulate_result
from bubble_abm.study.batch import execute
from bubble_abm.study.dataset import read
from bubble_abm.study.experiment import Experiment
from bubble_abm.study.experiment_result import ExperimentResult
from bubble_abm.study.provenance import experiment_in
from bubble_abm.study.rerun import rerun
from tests.study.folders import resealed


@pytest.fixture
def foreign(tmp_path, monkeypatch):
    """A result that names a module which leaves a mark when it is imported, and that mark."""
    mark = tmp_path / "mark"
    (tmp_path / "strange.py").write_text(
        f"open({str(mark)!r}, 'w').close()\ndef line(values, seed, setup): return {{'level': values['x']}}\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    asked = Experiment(
        name="t", question="?", uncertain=(Factor("x", 0, 1), Factor("y", 0, 1)), sampling=Sampling("latin", 30),
        seeds=1, twins=False, outcomes=("level",), model="strange:line",
    )  # fmt: skip
    assert not mark.exists()
    execute(asked, tmp_path / "out", workers=1)
    assert mark.exists()
    sys.modules.pop("strange")
    from bubble_abm.study.experiment import find_model

    find_model.cache_clear()
    mark.unlink()
    return tmp_path / "out", mark


def test_only_a_repetition_needs_the_code_and_only_if_it_is_trusted(foreign):
    folder, mark = foreign
    with pytest.raises(InvalidInput, match=r"was made by strange:line, code that is not of this package"):
        rerun(folder)
    assert len(read(folder)) == len(ExperimentResult(folder).runs) == 30
    analyse(folder)
    emulate_result(folder, folder / "emulator", 0.0)
    assert experiment_in(folder).model == "strange:line"
    assert not mark.exists() and "strange" not in sys.modules
    assert rerun(folder, trust_code=True).agrees
    assert mark.exists()


def test_a_run_of_the_command_line_names_no_code_either(tmp_path):
    from tests.study.test_rerun import written_run

    path = written_run(tmp_path / "out") / "run.json"
    table = json.loads(path.read_text())
    table["experiment"] |= {"model": "antigravity:fly", "twins": False, "series": []}
    path.write_text(json.dumps(table))
    resealed(tmp_path / "out")
    with pytest.raises(InvalidInput, match=r"antigravity:fly"):
        rerun(tmp_path / "out")
    assert "antigravity" not in sys.modules
