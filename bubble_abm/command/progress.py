"""Messages while runs are computed: that the month is being compiled, and the progress of a batch."""

from __future__ import annotations

import sys
import threading
import time
from contextlib import suppress
from typing import Any

BAR_AFTER = 2.0  # seconds before progress is shown
COMPILING_EVERY = 10.0  # seconds between lines while the month is compiled
ROOTS = 2  # the founding of the world and its months are compiled apart
LINE_EVERY = 30.0  # seconds between lines of progress if the output is not a terminal


def note(text: str) -> None:
    """Print a message to standard error, if it can be written to: no result is given up for a message."""
    with suppress(OSError):
        print(text.encode(errors="backslashreplace").decode(), file=sys.stderr, flush=True)


def announce_compiling() -> None:
    """Say that the month will be compiled, if it is not cached, and how long it has been under way."""
    if not compiled():
        note("Compiling the month for this machine; this takes half a minute and is needed only once.")
        threading.Thread(target=tell_until_compiled, daemon=True).start()


def compiled() -> bool:
    """Whether the machine code of this state of the sources is complete: one index for each root."""
    from bubble_abm.engine.machine_code import cache_folder

    return len(list(cache_folder().rglob("*.nbi"))) >= ROOTS


def tell_until_compiled() -> None:
    """Say every few seconds that the month is still being compiled."""
    began = time.monotonic()
    while not compiled():
        time.sleep(COMPILING_EVERY)
        if not compiled():
            note(f"Still compiling, {duration(time.monotonic() - began)} so far.")


def duration(seconds: float) -> str:
    """Return a time in seconds, minutes or hours."""
    for unit, size in (("h", 3600.0), ("min", 60.0)):
        if seconds >= size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.0f} s"


class Progress:
    """Shows the progress of a batch on standard error: a bar on a terminal, elsewhere lines; nothing if quiet."""

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
        """Show runs per second, time left and failures."""
        now = time.monotonic()
        if self.first is None:  # runs done before this call, or while compiling, do not count for the rate
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
        """Draw the bar."""
        if self.bar is None:
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
            from rich.progress import Progress as Bar

            columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"), TimeRemainingColumn())
            self.bar = Bar(*columns, console=Console(stderr=True), transient=True)
            self.task = self.bar.add_task("runs", total=total, rate=text)
            self.bar.start()
        self.bar.update(self.task, completed=done, rate=text)
