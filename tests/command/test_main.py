"""The command line: what it prints, and how it refuses what it cannot do."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bubble_abm import __version__
from bubble_abm.command.main import main
from bubble_abm.economy.measures import Measures
from bubble_abm.economy.parameters import DECLARED
from bubble_abm.observe.sources import sources_of

FILES = ["SHA256SUMS", "facts.csv", "overview.png", "run.json", "series.parquet", "series_without_shock.parquet"]
SMALL = ["--months", "26", "--set", "scale=0.1"]


@pytest.fixture
def command(capsys, tmp_path, monkeypatch):
    """Call the command as the shell would; returns exit code, standard output and standard error."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
        try:
            main([str(argument) for argument in arguments])
        except SystemExit as stop:
            code = stop.code
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
        out, error = capsys.readouterr()
        return code, out, error

    return call


def test_a_run_prints_the_facts_and_writes_the_results(command, tmp_path):
    code, out, error = command("run", *SMALL, "--seeds", 2, "--out", "deep/result")
    assert code == 0
    assert sorted(path.name for path in (tmp_path / "deep" / "result").iterdir()) == FILES
    for text in (
        "Facts:",
        "C01",
        "C32",
        "seeds 1 to 2",
        "Results are in deep/result",
        "not simulated",
        "Without shock",
    ):
        assert text in out
    assert error == "" or error.startswith("Compiling")


def test_a_quiet_run_says_where_the_results_are(command):
    code, out, error = command("run", *SMALL, "--quiet", "--no-shock")
    assert (code, out, error) == (0, "Results are in out/run\n", "")
    assert command("run", *SMALL, "--quiet")[0] == 2
    assert command("run", *SMALL, "--quiet", "--overwrite")[0] == 0


def test_rules_that_a_file_names_are_run_only_if_they_are_trusted(command, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", list(sys.path))
    (tmp_path / "mine_here.py").write_text("def still(operator, market, p): return operator.rent\n")
    rules = '[rules]\nnext_rent = "mine_here:still"\n'
    (tmp_path / "still.toml").write_text(f"months = 4\n[parameters]\nscale = 0.1\n{rules}")
    code, out, error = command("run", "--scenario", "still.toml", "--quiet")
    assert (code, out) == (2, "") and "still.toml: names code, mine_here:still: read it, and add --trust-code" in error
    assert "mine_here" not in sys.modules and not (tmp_path / "out").exists()
    assert command("run", "--scenario", "still.toml", "--quiet", "--trust-code")[0] == 0
    about = json.loads((tmp_path / "out" / "run" / "run.json").read_text())
    assert about["experiment"]["rules"] == {"run": {"next_rent": "mine_here:still"}}
    code, _, error = command("rerun", "out/run")
    assert code == 2 and "was made by mine_here:still" in error
    code, out, _ = command("rerun", "out/run", "--trust-code")
    assert (code, out) == (0, "1 runs repeated: all bits agree\n")
    code, _, error = command("compare", "baseline", "out/run", "--months", 4)
    assert code == 2 and "names code, mine_here:still" in error
    del sys.modules["mine_here"]


def test_the_command_line_has_the_last_word(command, tmp_path):
    (tmp_path / "plan.toml").write_text('title = "Plan"\nseed = 7\nmonths = 5\n[parameters]\nscale = 0.1\nherding = 1')
    code, _, error = command("run", "--scenario", "plan.toml", "--months", 4, "--set", "herding=2", "--quiet")
    assert (code, error) == (0, "")
    table = json.loads((tmp_path / "out" / "run" / "run.json").read_text())
    assert (table["title"], table["seeds"], table["months"], table["parameters"]["herding"]) == ("Plan", [7], 4, 2)
    assert table["command"] is not None


REFUSED = {
    "misspelt parameter": (["--set", "herdin=2"], "unknown parameter 'herdin': did you mean 'herding'?"),
    "out of range": (["--set", "herding=99"], "herding = 99: give a number from 0 to 8 [1]"),
    "not a number": (["--set", "herding=nan"], "herding = nan: give a number from 0 to 8 [1]"),
    "infinite": (["--set", "herding=inf"], "herding = inf: give a number from 0 to 8 [1]"),
    "text": (["--set", "herding=much"], "herding = much: give a number from 0 to 8 [1]"),
    "empty": (["--set", "herding="], "herding = : give a number from 0 to 8 [1]"),
    "half an agent": (["--set", "startups=1.5"], "startups = 1.5: give a whole number"),
    "half a month": (["--set", "shock_month=24.5"], "shock_month = 24.5: give a whole number from 0 to 120"),
    "no equals sign": (["--set", "herding"], "--set herding: give NAME=VALUE"),
    "twice": (["--set", "herding=1", "--set", "herding=2"], "--set herding: given twice, 1 and 2"),
    "no months": (["--months", "0"], "months = 0: give a whole number from 1 to 168"),
    "too many months": (["--months", "169"], "months = 169: give a whole number from 1 to 168"),
    "no seed": (["--seed", "0"], "seed = 0: give a whole number from 1"),
    "no seeds": (["--seeds", "0"], "seeds = 0: give a whole number from 1 to 1000"),
    "seed in words": (["--seed", "one"], "seed = one: give a whole number from 1"),
    "half a seed": (["--seeds", "1.5"], "seeds = 1.5: give a whole number from 1 to 1000"),
    "unknown option": (["--seeed", "1"], "--seeed"),
    "missing value": (["--seed"], "--seed"),
    "extra argument": (["more"], "more"),
    "no scenario": (["--scenario", "none.toml"], "scenario none.toml: cannot be read, no such file or directory"),
    "broken scenario": (["--scenario", "broken.toml"], "scenario broken.toml: not valid TOML"),
    "unknown key": (
        ["--scenario", "unknown.toml"],
        "scenario unknown.toml: unknown key 'month': did you mean 'months'?",
    ),
    "shock twice": (["--scenario", "shocks.toml", "--set", "shock_openness=0"], "shock_openness has no effect"),
    "out is a file": (["--out", "broken.toml"], "out = broken.toml: is not a folder"),
    "out is below a file": (["--out", "broken.toml/run"], "out = broken.toml/run: cannot be written, not a directory"),
    "out is full": (["--out", "full"], "out = full: holds something other than a result"),
    "out cannot be": (["--out", "/proc/run"], "out = /proc/run: cannot be written"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_bad_input_ends_in_one_line_before_anything_is_done(command, tmp_path, monkeypatch, name):
    (tmp_path / "broken.toml").write_text("months = ")
    (tmp_path / "unknown.toml").write_text("month = 3")
    (tmp_path / "shocks.toml").write_text("[[shocks]]\nmonth = 18")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").write_text("dear")
    monkeypatch.setattr("bubble_abm.study.scenario_run.run_scenario", None)  # nothing may be simulated
    before = sorted(tmp_path.rglob("*"))
    arguments, message = REFUSED[name]
    code, out, error = command("run", *arguments)
    assert (code, out) == (2, "")
    assert message in error
    assert error.startswith("bubble-abm: ") and error.count("\n") == 1
    assert sorted(tmp_path.rglob("*")) == before


def test_an_unknown_command_ends_in_one_line(command):
    code, out, error = command("rum")
    assert (code, out, error.count("\n")) == (2, "", 1)
    assert "rum" in error


def test_an_interruption_leaves_nothing(command, tmp_path, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("bubble_abm.paper.overview.save_overview", interrupted)
    code, _, error = command("run", *SMALL, "--out", "deep/result", "--quiet")
    assert (code, error) == (130, "bubble-abm: interrupted, nothing was written\n")
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_said_in_one_line(command, tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("bubble_abm.paper.overview.save_overview", full)
    code, _, error = command("run", *SMALL, "--quiet")
    assert (code, error.count("\n")) == (1, 1)
    assert "cannot be written, no space left on device" in error
    assert list(tmp_path.iterdir()) == []


def test_broken_books_are_said_in_one_line(command, monkeypatch):
    monkeypatch.setattr("bubble_abm.economy.identities.NO_PROJECT", -1.0)
    code, _, error = command("run", *SMALL, "--quiet")
    assert (code, error.count("\n")) == (1, 1)
    assert "seed 1, month 0" in error


def test_lists(command):
    for name, rows in (
        ("parameters", DECLARED),
        ("measures", Measures.columns),
        ("facts", [f"C{n:02}" for n in range(1, 53)]),
    ):
        code, out, error = command(name)
        assert (code, error) == (0, "")
        assert all(row in out for row in rows)
        code, out, _ = command(name, "--json")
        assert code == 0
        assert len(json.loads(out)) == len(rows)


def test_facts_say_where_they_can_be_read(command):
    for fact in json.loads(command("facts", "--json")[1]):
        assert [{"id": fact["id"], **source} for source in fact["sources"]] == [*map(vars, sources_of(fact["id"]))]
    lines = command("facts")[1].splitlines()
    (first,) = (line.rstrip() for line in lines if line.startswith(" C04 "))
    assert first.endswith("1 of 2")


def test_a_narrow_terminal_gets_paragraphs(command, monkeypatch):
    monkeypatch.setattr("bubble_abm.paper.printed_tables.narrow", lambda *_: True)
    monkeypatch.setenv("COLUMNS", "80")
    for name in ("parameters", "measures", "facts"):
        lines = command(name)[1].splitlines()
        assert max(len(line.rstrip()) for line in lines) <= 80
    assert "Facts:" in command("run", *SMALL)[1]


def test_parameters_say_all_there_is_to_know(command):
    table = {row["name"]: row for row in json.loads(command("parameters", "--json")[1])}
    herding = table["herding"]
    assert set(herding) == {"name", "default", *DECLARED["herding"].metadata}
    assert herding["default"] == DECLARED["herding"].default
    assert (table["rent_adjustment"]["sampled"], table["rent_adjustment"]["scale"]) == ([0.05, 0.2], "log")
    assert table["leverage_cap"]["neutral"] == 0.9
    assert table["extrapolation"]["reported"] == [0.4, 1.3]
    text = command("parameters")[1]
    assert "CNY/(GPU month)" in text
    assert "0.05 to 0.2, log" in text
    assert "neutral" in text and "reported" in text
    assert "0.4 to 1.3" in text


def test_version_and_help(command):
    assert command("--version") == (0, f"bubble-abm {__version__}\n", "")
    for arguments in ([], ["--help"], ["run", "--help"]):
        code, out, error = command(*arguments)
        assert (code, error) == (0, "")
        assert "Usage" in out


# --- As a process of its own -----------------------------------------------------------------------------------------

ENVIRONMENT = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}


def test_help_does_not_wait_for_the_heavy_libraries():
    heavy = ("numba", "mesa", "pandas", "matplotlib", "pyarrow", "scipy")
    code = f"import bubble_abm.command.main, sys; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=ENVIRONMENT, check=True)
    assert done.stdout == "[]\n"


def test_a_run_imports_no_pandas_and_draws_only_at_the_end(tmp_path):
    code = (
        "import sys, bubble_abm.command.main as cli, bubble_abm.study.scenario_run as scenario_run\n"
        "run = scenario_run.run_scenario\n"
        "def spy(*a, **k):\n"
        "    print([n for n in ('pandas', 'matplotlib', 'mesa', 'pyarrow') if n in sys.modules])\n"
        "    return run(*a, **k)\n"
        "scenario_run.run_scenario = spy\n"
        "cli.main(['run', '--months', '2', '--set', 'scale=0.1', '--quiet'])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=ENVIRONMENT, cwd=tmp_path)
    assert done.stdout.startswith("[]\n"), done.stderr


def test_the_package_is_a_command_and_survives_a_closed_pipe():
    command = f"{sys.executable} -m bubble_abm parameters --json | head -1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, env=ENVIRONMENT)
    assert (done.returncode, done.stdout, done.stderr) == (0, "[\n", "")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_signals_leave_nothing(tmp_path, number, code):
    command = [sys.executable, "-m", "bubble_abm", "run", "--seeds", "1000", "--quiet"]

    def listen():  # a parent that ignores the interrupt, as a shell does in the background, would pass that on
        signal.signal(number, signal.SIG_DFL)

    process = subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT, cwd=tmp_path, preexec_fn=listen
    )
    time.sleep(3.0)
    process.send_signal(number)
    _, error = process.communicate(timeout=60)
    assert process.returncode == code
    assert "Traceback" not in error
    assert list(tmp_path.iterdir()) == []
