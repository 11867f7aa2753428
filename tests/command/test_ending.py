"""How a command ends: whatever happens to its output, the result is kept, and one line says what was not done."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.command.test_experiments import TOY

ROOT = Path(__file__).parents[2]
RUN = "run --months 6 --set scale=0.1 --out result"
FILES = {
    RUN: {"facts.csv", "overview.png", "run.json", "series.parquet"},
    "experiment toy.py --workers 1 --out result": {"experiment.json", "report.json", "runs", "analysis"},
}


@pytest.fixture
def shell(tmp_path):
    """Call the real command in a shell, as ``COMMAND``; returns exit code, standard output and standard error."""
    (tmp_path / "toy.py").write_text(TOY.format(model="line", points=10))

    def call(text, **variables):
        command = text.replace("COMMAND", f"{sys.executable} -m bubble_abm")
        environment = os.environ | {"PYTHONPATH": str(ROOT)} | variables
        done = subprocess.run(
            ["bash", "-c", command], capture_output=True, text=True, cwd=tmp_path, env=environment, check=False
        )
        assert "Traceback" not in done.stderr and "Exception ignored" not in done.stderr
        return done.returncode, done.stdout, done.stderr

    return call


@pytest.mark.parametrize("arguments", FILES)
@pytest.mark.parametrize(
    ("redirection", "expected", "message"),
    [
        ("| head -1", 141, ""),
        ("| sleep 0", 141, ""),
        ("> /dev/full", 1, "no space left on device"),
        (">&-", 1, "bad file descriptor"),
    ],
)
def test_a_result_is_kept_though_it_cannot_be_printed(shell, tmp_path, arguments, redirection, expected, message):
    code, _, error = shell(f"set -o pipefail; COMMAND {arguments} {redirection}")
    if redirection == "| head -1" and arguments != RUN:  # what is printed may fit into the pipe before its end closes
        assert code in (0, expected)
    else:
        assert code == expected
    assert {path.name for path in (tmp_path / "result").iterdir()} >= FILES[arguments]
    told = [line for line in error.splitlines() if line.startswith("bubble-abm: ")]
    if not message:
        assert told == []
    else:
        (line,) = told
        assert message in line and ("in result" in line)


@pytest.mark.parametrize("arguments", ["parameters", "facts --json", "--version", "run --help", "rerun result"])
def test_every_command_says_that_nothing_can_be_printed(shell, arguments):
    if "rerun" in arguments:
        assert shell(f"COMMAND {RUN}")[0] == 0
    for redirection in ("> /dev/full", ">&-"):
        code, out, error = shell(f"COMMAND {arguments} {redirection}")
        assert (code, out) == (1, "")
        assert error.startswith("bubble-abm: standard output cannot be written to, ") and error.count("\n") == 1
    code, out, error = shell(f"set -o pipefail; COMMAND {arguments} | sleep 0")
    assert (code, out, error) == (141, "", "")


def test_no_file_of_a_result_takes_the_place_of_a_closed_stream(shell, tmp_path):
    assert shell(f"COMMAND {RUN}")[0] == 0
    assert shell(f"COMMAND {RUN.replace('result', 'other')} <&- >&- 2>&-")[0] == 1
    for name in FILES[RUN] - {"run.json", "overview.png"}:
        assert (tmp_path / "other" / name).read_bytes() == (tmp_path / "result" / name).read_bytes()


def test_a_message_that_nobody_can_read_ends_nothing(shell, tmp_path):
    code, out, _ = shell(f"COMMAND {RUN} --quiet 2> /dev/full")
    assert (code, out) == (0, "Results are in result\n")
    assert (tmp_path / "result" / "run.json").exists()


def test_the_windows_that_other_programs_need_do_not_matter(shell):
    code, out, error = shell(f"COMMAND {RUN} --quiet", MPLBACKEND="nonsense")
    assert (code, out, error) == (0, "Results are in result\n", "")


def test_no_threads_are_refused(shell, tmp_path):
    code, out, error = shell(f"COMMAND {RUN}", NUMBA_NUM_THREADS="0")
    assert (code, out) == (2, "")
    assert error == "bubble-abm: NUMBA_NUM_THREADS = 0: give a whole number from 1, or unset it\n"
    assert not (tmp_path / "result").exists()


@pytest.mark.parametrize(("number", "expected"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
@pytest.mark.parametrize("delay", [0.0, 0.05, 0.2])
def test_a_signal_leaves_the_old_result_or_the_new_one(shell, tmp_path, number, expected, delay):
    """The signal comes while the result is written, which a hidden folder beside it shows."""
    assert shell(f"COMMAND {RUN}")[0] == 0
    old = (tmp_path / "result" / "run.json").read_bytes()
    words = [sys.executable, "-m", "bubble_abm", *RUN.split(), "--overwrite", "--quiet"]
    process = subprocess.Popen(
        words, cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT)}, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(number, signal.SIG_DFL),
    )  # fmt: skip
    while not list(tmp_path.glob(".result.*/*")) and process.poll() is None:
        time.sleep(0.005)
    time.sleep(delay)
    process.send_signal(number)
    _, error = process.communicate(timeout=60)
    assert process.returncode in (0, expected) and "Traceback" not in error
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != "toy.py") == ["result"]
    assert {path.name for path in (tmp_path / "result").iterdir()} >= FILES[RUN]
    new = (tmp_path / "result" / "run.json").read_bytes()
    assert json.loads(new)["command"] and (process.returncode != 0 or new != old)


@pytest.mark.parametrize(("number", "expected"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_waits_for_the_end_of_an_import(tmp_path, number, expected):
    """An exception in the middle of a native module's initialisation aborts the process."""
    (tmp_path / "slow.py").write_text(
        f"import os, time\nos.kill(os.getpid(), {int(number)})\ntime.sleep(0.05)\nprint('imported', flush=True)\n"
    )
    text = """
import time
from bubble_abm.command.ending import handle_signals
handle_signals()
try:
    import slow
    time.sleep(10)
except KeyboardInterrupt:
    raise SystemExit(130)
"""
    done = subprocess.run(
        [sys.executable, "-c", text], cwd=tmp_path, capture_output=True, text=True, check=False,
        env=os.environ | {"PYTHONPATH": f"{ROOT}:{tmp_path}"}, preexec_fn=lambda: signal.signal(number, signal.SIG_DFL),
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (expected, "imported\n", "")


def test_nohup_is_respected(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-m", "bubble_abm", *RUN.split(), "--quiet"], cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)}, preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN),
    )  # fmt: skip
    time.sleep(0.8)
    process.send_signal(signal.SIGHUP)
    assert process.wait(timeout=60) == 0


@pytest.mark.parametrize(("number", "expected"), [(signal.SIGINT, 0), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_the_page_stops_in_order(tmp_path, number, expected):
    process = subprocess.Popen(
        [sys.executable, "-m", "bubble_abm", "view", "--no-open", "--port", str(free_port())], cwd=tmp_path, text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)}, stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(number, signal.SIG_DFL),  # under `nohup` it is ignored
    )  # fmt: skip
    while "Watch the bubble at" not in process.stderr.readline():
        assert process.poll() is None
    time.sleep(4.0)  # the server starts
    process.send_signal(number)
    _, error = process.communicate(timeout=60)
    assert (process.returncode, error) == (expected, "")


def free_port():
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return trial.getsockname()[1]
