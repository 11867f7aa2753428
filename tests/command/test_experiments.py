"""The commands that run batches: what they print, leave behind and refuse."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bubble_abm.study.declared_experiments import files, find
from tests.command.test_main import command as command

ROOT = Path(__file__).parents[2]

TOY = """
from bubble_abm import Experiment
EXPERIMENT = Experiment(
    name="toy", question="What is it?", levers={{"x": range({points})}}, seeds=5, outcomes=("level", "luck"),
    twins=False, model="tests.models:{model}", quick={{"seeds": 1}},
)
"""

DRAWS = """
from bubble_abm import Experiment, Factor, Sampling
EXPERIMENT = Experiment(
    name="draws", question="What is it?", uncertain=(Factor("x", 0, 1),), sampling=Sampling("latin", 20), seeds=1,
    outcomes=("level",), twins=False, model="tests.models:line",
)
"""


@pytest.fixture
def toy(tmp_path):
    def declare(model="line", points=10):
        path = tmp_path / "toy.py"
        path.write_text(TOY.format(model=model, points=points))
        return path

    return declare


def test_every_declared_experiment_has_the_name_of_its_file_a_question_and_a_quick_form():
    assert [name[:3] for name in files()] == [f"e{number:02d}" for number in range(1, len(files()) + 1)]
    for name in files():
        experiment = find(name)
        assert experiment.name == name and experiment.question.endswith("?")
        assert experiment.quick_form().runs <= 2400 and experiment.quick_form().runs <= experiment.runs / 4
        assert find(name[:3]).as_dict() == experiment.as_dict()


def test_the_list_says_what_each_costs(command):
    code, out, _ = command("experiment", "--list")
    assert code == 0
    for name in files():
        assert name in out
    assert f"{find('e02').runs:,}" in out and " s" in out and "measured just now" in out


def test_an_experiment_is_run_and_goes_on_and_is_repeated(command, toy, tmp_path):
    code, out, _ = command("experiment", toy(), "--workers", 2)
    assert code == 0 and "50 runs are in out/toy, 50 of them computed in" in out
    assert (tmp_path / "out/toy/analysis/summary.csv").read_text().startswith("scenario,x,outcome,unit,runs,mean,")
    assert command("experiment", toy(), "--quiet") == (0, "50 runs are in out/toy, already complete\n", "")
    code, out, error = command("rerun", "out/toy")
    assert (code, out) == (2, "") and "was made by tests.models:line" in error and "--trust-code" in error
    assert command("rerun", "out/toy", "--trust-code") == (0, "50 runs repeated: all bits agree\n", "")
    code, out, _ = command("experiment", toy(), "--quick", "--out", "small")
    assert code == 0 and "10 runs are in small" in out


def test_failures_are_counted_and_the_exit_code_says_so(command, toy, tmp_path):
    code, out, _ = command("experiment", toy("broken"))
    assert code == 1 and "8 FAILED: see the column error, and report.json" in out
    code, out, _ = command("experiment", toy("broken"))  # nothing to be done, and still not well
    assert code == 1 and "already complete. 8 FAILED" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["experiment"], "NAME is missing: give the name of an experiment, or --list"),
        (["experiment", "e99"], "unknown experiment 'e99'"),
        (["experiment", "e01_baselin"], "did you mean 'e01_baseline'?"),
        (["experiment", "nowhere.py"], "experiment nowhere.py: there is no such file"),
        (["experiment", "e01", "--workers", "0"], "workers = 0: give a whole number from 1"),
        (["experiment", "e01", "--workers", "two"], "workers = two: give a whole number from 1"),
        (["experiment", "e01", "--executor", "cloud"], "executor = cloud: give one of threads, processes"),
        (["experiment", "e01", "--quick", "--scheduler", "nonsense://x"], "scheduler = nonsense://x: does not answer"),
        (["experiment", "mine.py", "--out", "left"], "model = tests.models:nothing: cannot be imported"),
        (["rerun", "nowhere"], "result = nowhere: is not a result"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2_and_leaves_nothing(command, tmp_path, arguments, message):
    (tmp_path / "mine.py").write_text(TOY.format(model="nothing", points=1))
    code, _, error = command(*arguments)
    assert code == 2 and message in error
    assert error.startswith("bubble-abm: ") and error.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir() if path.name != "__pycache__"] == ["mine.py"]


IMPOSSIBLE = {
    os.fsdecode(b"\xff"): "its whole path is not UTF-8",
    "x" * 300: "cannot be written, file name too long",
    "deep/" * 1000: "cannot be written, file name too long",
    "/proc/x": "cannot be written, no such file or directory",
    "mine.py/x": "cannot be written, not a directory",
}
COMMANDS = {
    "run": ["run"],
    "experiment": ["experiment", "mine.py"],
    "sensitivity": ["sensitivity", "morris", "--parameters", "herding,hurdle", "--samples", "10"],
    "emulate": ["sensitivity", "emulate", "--from", "finished"],
    "figures": ["figures", "fig02", "--quick"],
    "results": ["figures", "fig02", "--quick", "--out", "figures", "--results"],
}


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("out", IMPOSSIBLE, ids=range(len(IMPOSSIBLE)))
def test_a_folder_that_cannot_be_is_refused_before_anything_is_run(command, tmp_path, monkeypatch, name, out):
    (tmp_path / "mine.py").write_text(TOY.format(model="line", points=1))
    if name == "emulate":
        (tmp_path / "draws.py").write_text(DRAWS)
        assert command("experiment", "draws.py", "--out", "finished", "--quiet")[0] == 0
    before = sorted(tmp_path.rglob("*"))
    for path in ("study.batch.compute", "study.scenario_run.run_scenario", "study.analysis.emulation"):
        monkeypatch.setattr(f"bubble_abm.{path}", None)  # nothing may be run
    arguments = COMMANDS[name] if name == "results" else [*COMMANDS[name], "--out"]
    code, printed, error = command(*arguments, out)
    assert (code, printed) == (2, "")
    (told,) = (line for line in error.splitlines() if line.startswith("bubble-abm: "))
    assert IMPOSSIBLE[out] in told and error.endswith(f"{told}\n")
    assert sorted(path for path in tmp_path.rglob("*") if "__pycache__" not in path.parts) == before


@pytest.mark.parametrize("arguments", [["rerun"], ["sensitivity", "emulate", "--from"], ["run", "--scenario"]])
@pytest.mark.parametrize("path", [os.fsdecode(b"\xff"), "x" * 300, "deep/" * 1000, "/dev/null", "."])
def test_what_cannot_be_read_is_one_line(command, tmp_path, arguments, path):
    if (arguments[0], path) == ("run", "/dev/null"):
        return  # an empty scenario
    code, out, error = command(*arguments, path)
    assert (code, out, error.count("\n")) == (2, "", 1) and error.startswith("bubble-abm: ")
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_figure_leaves_nothing(command, tmp_path):
    code, _, error = command("figures", "fig99", "--out", "left")
    assert code == 2 and "unknown figure 'fig99'" in error and list(tmp_path.iterdir()) == []


def test_figures_are_published_into_a_checkout_only(command, monkeypatch):
    monkeypatch.setattr("bubble_abm.study.declared_experiments.CHECKOUT", None)
    code, out, error = command("figures", "fig02", "--quick", "--publish")
    assert (code, out, error.count("\n")) == (2, "", 1)
    assert "--publish: updates files of a checkout" in error


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("EXPERIMENT = 3", "EXPERIMENT = 3: give an Experiment"),
        ("x = 3", "it must declare EXPERIMENT = Experiment(...)"),
        ("from bubble_abm import Experiment\nExperiment(name='a', question='', seeds=-1)", "seeds = -1: give a whole"),
        ("def f(:", "cannot be read: line 1"),
    ],
)
def test_a_file_that_declares_no_experiment_is_refused(command, tmp_path, text, message):
    (tmp_path / "mine.py").write_text(text)
    code, _, error = command("experiment", "mine.py")
    assert code == 2 and message in error and error.count("\n") == 1


@pytest.mark.parametrize(("number", "expected"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_an_interrupted_experiment_says_that_it_can_go_on(toy, tmp_path, command, number, expected):
    path = toy("slow", points=60)
    words = [sys.executable, "-m", "bubble_abm", "experiment", str(path), "--workers", "1"]
    process = subprocess.Popen(
        words, cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT)}, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(number, signal.SIG_DFL),  # in the background or under `nohup` it is ignored
    )  # fmt: skip
    while len(list((tmp_path / "out/toy").glob("runs/part*.parquet"))) < 3:
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(number)
    _, error = process.communicate(timeout=60)
    assert process.returncode == expected
    assert "Traceback" not in error
    if number == signal.SIGINT:
        assert "interrupted; finished runs are kept in out/toy, the same command continues" in error
    code, out, _ = command("experiment", path, "--workers", 2)
    assert code == 0 and "300 runs are in out/toy" in out
