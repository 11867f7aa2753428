"""Torture of the economy: ``make torture MINUTES=5``, or ``python -m tests.torture --points 1000``.

Runs points of the whole declared space and looks at everything that must hold in any run. Every failure is shrunk to
the smallest input that fails in the same way and printed as one line that runs it again. Exits with 1 if there is any.
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from multiprocessing import get_context
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bubble_abm.economy.accounts import Residuals
from tests.torture.points import KINDS
from tests.torture.tally import Tally, tortured

PORTION = 50  # points that a process is given at a time
SHOWN = 5  # lines of a name that are printed


def portions(seed: int, points: int | None, until: float, workers: int) -> Iterator[Tally]:
    """Run portions of points on some processes, until all are run or the time is over."""
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        waiting: set[Future[Tally]] = set()
        first = 0
        while waiting or first == 0:
            while len(waiting) < 2 * workers and time.monotonic() < until and (points is None or first < points):
                last = first + PORTION if points is None else min(first + PORTION, points)
                waiting.add(pool.submit(tortured, seed, first, last))
                first = last
            done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            for future in done:
                yield future.result()
            if not waiting and time.monotonic() >= until:
                return


HEADINGS = ("kind of points", "points", "months", "failed")


def rows(tally: Tally) -> Iterator[tuple[str, ...]]:
    """What was run, kind by kind, and in all."""
    for kind in KINDS:
        yield kind, *(f"{count:,}" for count in (tally.points[kind], tally.months[kind], tally.broken[kind]))
    counts = (tally.points.total(), tally.months.total(), tally.broken.total())
    yield "all", *(f"{count:,}" for count in counts)


def report(tally: Tally, seconds: float, console: Console) -> None:
    """Print what was run, how near residuals came to what is tolerated, and each failure as a line to run again."""
    table = Table(title=f"{tally.points.total():,} points in {seconds / 60:.1f} minutes")
    for heading in HEADINGS:
        table.add_column(heading, justify="left" if heading == HEADINGS[0] else "right")
    for row in rows(tally):
        table.add_row(*row)
    console.print(table)
    near = sorted(zip(tally.closest, Residuals.columns), reverse=True)
    console.print("largest residuals, in parts of what is tolerated: "
                  + ", ".join(f"{name} {part:.2g}" for part, name in near if part > 0.0), highlight=False)  # fmt: skip
    for name, count in tally.failed.most_common():
        console.print(f"\nFAILED {name}: {count} points", highlight=False)
        for line in sorted(tally.lines[name], key=len)[:SHOWN]:
            console.print(line, highlight=False, soft_wrap=True, markup=False)
    console.print("\nnothing failed" if not tally.failed else f"\n{tally.failed.total()} failures", highlight=False)


def main(arguments: list[str]) -> int:
    """Torture for some minutes, or for some points."""
    options = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    options.add_argument("--minutes", type=float, default=3.0, help="how long (default: 3)")
    options.add_argument("--points", type=int, help="how many points, instead of minutes")
    options.add_argument("--seed", type=int, default=1, help="which points (default: 1)")
    options.add_argument("--table", type=Path, help="CSV file for what was run")
    options.add_argument("--workers", type=int, default=os.cpu_count(), help="processes (default: all processors)")
    chosen = options.parse_args(arguments)
    began = time.monotonic()
    until = began + 60.0 * chosen.minutes if chosen.points is None else float("inf")
    console, tally = Console(), Tally()
    with console.status("torture") as status:
        for part in portions(chosen.seed, chosen.points, until, chosen.workers):
            tally.add(part)
            status.update(f"torture: {tally.points.total():,} points, {tally.failed.total()} failures")
    report(tally, time.monotonic() - began, console)
    if chosen.table is not None:
        with chosen.table.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file, lineterminator="\n").writerows((HEADINGS, *rows(tally)))
    return 1 if tally.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
