"""What is said while the month is compiled."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from bubble_abm.command import progress
from bubble_abm.engine import machine_code


def test_compiling_is_announced_and_told_until_the_machine_code_is_complete(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(machine_code, "cache_folder", lambda: tmp_path)
    monkeypatch.setattr(progress, "COMPILING_EVERY", 0.05)
    progress.announce_compiling()
    (tmp_path / "found_world.nbi").touch()
    time.sleep(0.5)
    said = capsys.readouterr().err.splitlines()
    assert said[0].startswith("Compiling the month") and len(said) > 1
    assert set(said[1:]) == {"Still compiling, 0 s so far."}
    (tmp_path / "run_months.nbi").touch()
    time.sleep(0.3)
    capsys.readouterr()
    progress.announce_compiling()
    time.sleep(0.2)
    assert capsys.readouterr().err == ""
