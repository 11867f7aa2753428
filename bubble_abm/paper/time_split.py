"""The page of the time split: what was matched up to some month, against what was observed later.

``python -m bubble_abm.paper.time_split --ensemble FILE`` reads an ensemble that ``bubble-abm calibrate --until MONTH``
found, and writes ``docs/time-split.md``. Members are always read where all facts are, so nothing has to be run.
"""

from __future__ import annotations

import argparse
import datetime
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bubble_abm.economy.declare import InvalidInput, checked_name
from bubble_abm.economy.outside import label
from bubble_abm.observe.targets import TARGETS
from bubble_abm.paper.calibration import HIT, MISS, between, digits, percent
from bubble_abm.paper.docs import ROOT
from bubble_abm.paper.markdown import table
from bubble_abm.study.atomic_writing import save_text
from bubble_abm.study.ensemble import Ensemble, given_or_shipped

PAGE = ROOT / "docs" / "time-split.md"
ASKED = ("C04", "C05", "C10", "C11", "C15")  # idle share, use, rents of late 2024 and March 2025, share of inference
HEADING = (
    "", "fact", "range", "unit", "median", "9 of 10 members", "9 of 10 runs", "in range", "", "matched on all facts",
)  # fmt: skip


def rows(early: Ensemble, whole: Ensemble | None, names: Sequence[str]) -> list[tuple[str, ...]]:
    """Return a row for each fact: its range, what the early ensemble gives, and what the one matched on all gives.

    Raises
    ------
    InvalidInput
        If a fact is unknown, was matched, or is not read off the members.
    """
    found: list[tuple[str, ...]] = []
    for name in names:
        target = TARGETS[checked_name("fact", name, TARGETS)]
        if name in early.matched:
            raise InvalidInput(f"fact {name}: this ensemble was matched on it, give one that was not")
        values = given(early, name)
        low, middle, high = np.quantile(values, (0.05, 0.5, 0.95))
        runs = early.origin.get("spread", {}).get(name)
        inside = float(np.mean((target.low <= values) & (values <= target.high)))
        found.append((
            name, target.meaning, between(target.low, target.high), target.unit, digits(middle), between(low, high),
            "" if runs is None else between(runs[0], runs[2]), percent(inside),
            HIT if target.low <= middle <= target.high else MISS,
            "" if whole is None else digits(float(np.median(given(whole, name)))),
        ))  # fmt: skip
    return found


def given(ensemble: Ensemble, name: str) -> np.ndarray:
    """Return what the members of an ensemble give for a fact."""
    if name not in ensemble.targets:
        raise InvalidInput(f"fact {name}: the members of this ensemble were not read for it")
    return np.asarray(ensemble.simulated[:, ensemble.targets.index(name)])


def page(early: Ensemble, whole: Ensemble | None, names: Sequence[str], command: str, day: datetime.date) -> str:
    """Return the page as Markdown."""
    made = rows(early, whole, names)
    hits = sum(row[8] == HIT for row in made)
    last = max((TARGETS[name].last for name in early.matched if name in TARGETS), default=0)
    widths = [
        f"{name} {np.ptp(np.quantile(given(early, name), (0.05, 0.95))) / (TARGETS[name].high - TARGETS[name].low):.1f}"
        for name in names
    ]
    return "\n\n".join([
        "# Matched on the past, held against what came later",
        f"Written on {day.isoformat()} by `{command}`: {len(early)} members, matched on {len(early.matched)} numbers "
        f"that were observed by {label(last)} ({', '.join(early.matched)}), read where later facts are.",
        f"The median is in the range of {hits} of {len(made)} later facts. Nine of ten members span so many widths of "
        f"the observed range: {', '.join(widths)}; a hit says less, the more there are.",
        table(HEADING, made),
    ]) + "\n"  # fmt: skip


def main(arguments: Sequence[str]) -> int:
    """Write the page, or say in one line why not."""
    parser = argparse.ArgumentParser(prog="python -m bubble_abm.paper.time_split", description=__doc__)
    parser.add_argument("--ensemble", type=Path, required=True, help="matched on facts up to a month")
    parser.add_argument("--whole", type=Path, help="matched on all facts, to compare with; by default the shipped one")
    parser.add_argument("--facts", default=",".join(ASKED), help="later facts")
    parser.add_argument("--out", type=Path, default=PAGE, help="the page")
    given_here = parser.parse_args(arguments)
    try:
        early = Ensemble.load(given_here.ensemble)
        whole = given_or_shipped(given_here.whole)
        command = f"{parser.prog} {' '.join(arguments)}".strip()
        text = page(early, whole, given_here.facts.split(","), command, datetime.date.today())
        save_text(given_here.out, text)
    except InvalidInput as error:
        print(f"time split: {error}", file=sys.stderr)
        return 2
    print(f"written: {given_here.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
