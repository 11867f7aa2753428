"""Machine code is kept for this state of the sources only, in one folder, whoever compiles at the same time."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from bubble_abm.engine import machine_code
from bubble_abm.engine.sources import PACKAGE, source_hash

#: Threads that make their first call together; prints how many bits differ between them, and the bits.
TOGETHER = """
import hashlib, sys, threading
from bubble_abm import Parameters, simulate
barrier, found = threading.Barrier(int(sys.argv[1])), []
def run():
    barrier.wait()
    records = simulate(Parameters(scale=0.05), months=20, seed=1).records
    found.append(hashlib.sha256(b"".join(table.tobytes() for table in records)).hexdigest())
threads = [threading.Thread(target=run) for _ in range(int(sys.argv[1]))]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(len(found), *sorted(set(found)))
"""


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package, and beside it a place for its machine code."""
    root = tmp_path_factory.mktemp("copy")
    shutil.copytree(PACKAGE, root / "bubble_abm", ignore=shutil.ignore_patterns("__pycache__"))
    return root


def bits(copy: Path, threads: int) -> str:
    """Bits of a run that so many threads make at the same time, in a process of its own."""
    environment = os.environ | {"PYTHONPATH": str(copy), "NUMBA_CACHE_DIR": str(copy / "cache")}
    command = [sys.executable, "-c", TOGETHER, str(threads)]
    done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    count, *found = done.stdout.split()
    assert int(count) == threads
    assert len(found) == 1, "threads that ran the same thing disagree"
    return found[0]


def leaked(copy: Path) -> list[Path]:
    return [*(copy / "bubble_abm").rglob("*.nb?")]


def kept(copy: Path) -> list[str]:
    return sorted(str(path.relative_to(copy)) for path in (copy / "cache").rglob("*.nbc"))


def test_threads_that_compile_together_leave_one_machine_code_and_none_of_an_older_rule(copy: Path) -> None:
    first = bits(copy, threads=2)
    assert len(kept(copy)) == 2, "one for each root, whoever came first"
    assert not leaked(copy)
    old = copy / "bubble_abm" / "__pycache__" / "month.run_months-1.py313.nbi"
    old.parent.mkdir(exist_ok=True)
    old.write_bytes(b"left by an earlier version")
    assert bits(copy, threads=2) == first  # warm
    assert not leaked(copy)
    rule = copy / "bubble_abm" / "economy" / "agents" / "operator.py"
    rule.write_text(rule.read_text() + "\n\ndef next_rent(operator, market, p):\n    return operator.rent\n")
    edited = bits(copy, threads=2)
    assert edited != first
    assert bits(copy, threads=1) == edited
    assert len(kept(copy)) == 4


def test_the_folder_is_one_for_each_state_of_the_sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "shared").mkdir()
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "shared"))
    assert machine_code.cache_folder() == tmp_path / "bubble_abm" / source_hash()
    assert not list((tmp_path / "shared").iterdir())  # nothing is made there where the user's own folder does


def test_without_a_folder_of_the_users_a_private_one_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "file"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    folder = machine_code.cache_folder()
    assert folder.parent.parent == tmp_path
    assert folder.parent.stat().st_mode & 0o077 == 0
    assert machine_code.cache_folder() == folder


@pytest.mark.parametrize("planted", ["open to all", "a link"])
def test_a_folder_that_others_planted_is_passed_over(
    planted: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    usual = machine_code.private_folder()
    usual.rmdir()
    if planted == "a link":
        (tmp_path / "elsewhere").mkdir(mode=0o700)
        usual.symlink_to(tmp_path / "elsewhere")
    else:
        usual.mkdir()
        usual.chmod(0o777)
    taken = machine_code.private_folder()
    assert taken != usual
    assert taken.stat().st_mode & 0o077 == 0
