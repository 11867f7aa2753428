"""What the command says while runs are computed: that the month is compiled, and how far a batch is."""

from __future__ import annotations

import sys
import time
from typing import Any

BAR_AFTER = 2.0  # seconds without a sign of life that nobody minds
LINE_EVERY = 30.0  # seconds between two lines of progress where no bar can be drawn


def note(text: str) -> None:
    """Tell the user something that is not a result."""
    print(text, file=sys.stderr, flush=True)


def announce_compiling() -> None:
    """Say why nothing moves for a while, the first time."""
    from bubble_abm.engine.sources import cache_folder

    if not any(cache_folder().rglob("*.nbi")):
        note("Compiling the month for this machine: half a minute, this time only.")


def duration(seconds: float) -> str:
    """Return a time in the unit in which one speaks of it."""
    for unit, size in (("h", 3600.0), ("min", 60.0)):
        if seconds >= size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.0f} s"


class Progress:
    """Progress of a batch on standard error: a bar on a terminal, a line now and then elsewhere, nothing when quiet."""

    def __init__(self, quiet: bool) -> None:
        self.quiet = quiet
        self.bar: Any = None
        self.began = self.counting = self.told = time.monotonic()
        self.first: int | None = None

    def __enter__(self) -> Progress:
        if not self.quiet:
            announce_compiling()
        return self

    def __exit__(self, *error: object) -> None:
        if self.bar is not None:
            self.bar.stop()

    def __call__(self, done: int, total: int, failed: int) -> None:
        """Tell how far it is: runs a second, time left, failures."""
        now = time.monotonic()
        if self.first is None:  # what was there before, and what came while the month was being compiled, is no rate
            self.first, self.counting = done, now
        if self.quiet or now - self.began < BAR_AFTER:
            return
        rate = (done - self.first) / max(now - self.counting, 1e-9)
        text = f"{rate:.0f} runs/s" + (f", {failed} failed" if failed else "")
        if sys.stderr.isatty():
            self.draw(done, total, text)
        elif now - self.told >= LINE_EVERY and rate > 0:
            self.told = now
            note(f"{done:,} of {total:,} runs, {text}, {duration((total - done) / rate)} left")

    def draw(self, done: int, total: int, text: str) -> None:
        """Draw the bar, which appears only once somebody may wonder."""
        if self.bar is None:
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
            from rich.progress import Progress as Bar

            columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"), TimeRemainingColumn())
            self.bar = Bar(*columns, console=Console(stderr=True), transient=True)
            self.task = self.bar.add_task("runs", total=total, rate=text)
            self.bar.start()
        self.bar.update(self.task, completed=done, rate=text)
