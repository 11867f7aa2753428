"""Renew the golden series: ``python -m tests.regression.renew``. The only command that changes them; it prints what changed.

A renewal goes into a commit of its own, with "Results change: ..." in the changelog.
"""

# ruff: noqa: E501 - a case is a line, a sentence is a name

from __future__ import annotations

from pathlib import Path

import pandas as pd

from bubble_abm.economy.measures import Measures
from bubble_abm.engine.simulation import simulate

GOLDEN = Path(__file__).with_name("golden.csv")
SEED, MONTHS, EVERY, DIGITS = 1, 48, 3, 10
MEASURES = tuple(Measures.columns)[:28]
TOLERANCE = 1e-6


def golden() -> pd.DataFrame:
    """The series as they were when the golden results were last renewed."""
    return pd.read_csv(GOLDEN, index_col="date").astype(float)


def present() -> pd.DataFrame:
    """The same series as they are now: every third month of the standard run, to ten significant digits."""
    series = simulate(months=MONTHS, seed=SEED).series.iloc[::EVERY]
    table = series[["month", *MEASURES]].copy()
    for name in MEASURES:
        table[name] = [float(f"{value:.{DIGITS}g}") for value in table[name]]
    table.index = pd.Index([f"{date:%Y-%m-%d}" for date in series.index], name="date")
    return table


def differences(old: pd.DataFrame, new: pd.DataFrame) -> list[str]:
    """One line per series that is new, gone, or has moved by more than the tolerance."""
    lines = [f"gone: {name}" for name in old.columns.difference(new.columns, sort=False)]
    lines += [f"new: {name}" for name in new.columns.difference(old.columns, sort=False)]
    if list(old.index) != list(new.index):
        return [*lines, f"months: {len(old)} before, {len(new)} now"]
    for name in new.columns.intersection(old.columns, sort=False):
        gap = (new[name] - old[name]).abs()
        moved = ~(gap <= TOLERANCE * old[name].abs() + 1e-9)
        if moved.any():
            at = gap.idxmax()
            lines.append(
                f"{name}: {moved.sum()} of {len(new)} months, most in {at}: {old[name][at]:.6g} -> {new[name][at]:.6g}"
            )
    return lines


def main() -> None:
    """Write the golden series anew and say what changed."""
    new = present()
    changed = differences(golden(), new) if GOLDEN.exists() else ["first golden series"]
    if not changed:
        print("nothing changed")
        return
    new.to_csv(GOLDEN, float_format=f"%.{DIGITS}g", lineterminator="\n")
    print("\n".join(changed))


if __name__ == "__main__":
    main()
