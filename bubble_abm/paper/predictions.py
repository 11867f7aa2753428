"""The page of predictions: what the economies of an ensemble say of things on which they were not matched.

``python -m bubble_abm.paper.predictions --ensemble FILE`` writes ``docs/predictions.md`` and its numbers as CSV.
"""

from __future__ import annotations

import argparse
import datetime
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bubble_abm.economy.declare import InvalidInput
from bubble_abm.observe.predicted import MONTHS, READINGS
from bubble_abm.observe.seeds import SPREAD
from bubble_abm.paper.calibration import between, digits
from bubble_abm.paper.docs import ROOT
from bubble_abm.paper.markdown import table
from bubble_abm.study.atomic_writing import save_text
from bubble_abm.study.ensemble import Ensemble, given_or_shipped
from bubble_abm.study.experiment import Experiment
from bubble_abm.study.prediction import SEEDS, predictions
from bubble_abm.study.provenance import code_of, commit

if TYPE_CHECKING:
    import pandas as pd

PAGE = ROOT / "docs" / "predictions.md"
NUMBERS = ROOT / "docs" / "measured" / "predictions.csv"
#: What stands beside facts that may have been matched.
BESIDE = {
    "rents of early 2025": ("C10", "C11"),
    "prices of the H100 in late 2024": ("C08",),
    "use of sites": ("C04", "C05", "C49"),
    "spending in 2024": ("C36", "building"),
}


def spreads(runs: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Return median and spread of some columns over members and seeds, and over members.

    Parameters
    ----------
    runs : DataFrame
        One row for each member (``row``) and seed; not a number where a run has no such thing.
    names : sequence of str
        The columns.

    Returns
    -------
    DataFrame
        A row for each column: ``name``, ``runs`` that have it, ``median``, ``low`` and ``high`` of nine of ten runs,
        which are members and seeds together, ``member_low`` and ``member_high`` of nine of ten members, each by the
        median over its seeds.
    """
    import pandas as pd

    low, high = runs[list(names)].quantile(SPREAD[0]), runs[list(names)].quantile(SPREAD[1])
    members = runs.groupby("row")[list(names)].median()
    found = pd.DataFrame({
        "runs": runs[list(names)].notna().sum(), "median": runs[list(names)].median(), "low": low, "high": high,
        "member_low": members.quantile(SPREAD[0]), "member_high": members.quantile(SPREAD[1]),
    })  # fmt: skip
    return found.rename_axis("name").reset_index()


def numbers(runs: pd.DataFrame) -> pd.DataFrame:
    """Return what is predicted: :func:`spreads` of every reading, with ``group``, ``what`` and ``unit`` before them."""
    found = spreads(runs, list(READINGS))
    for place, field in enumerate(("group", "what", "unit"), start=1):
        found.insert(place, field, [getattr(READINGS[name], field) for name in found["name"]])
    return found


def tables(found: pd.DataFrame, runs: int) -> str:
    """Return the tables, one for each group; ``runs`` are all runs."""
    parts = []
    for group, lines in found.groupby("group", sort=False):
        rows = [
            (
                one["what"],
                one["unit"],
                digits(one["median"]) if one["runs"] else "none",
                between(one["low"], one["high"]) if one["runs"] else "",
                between(one["member_low"], one["member_high"]) if one["runs"] else "",
                "" if one["runs"] == runs else f"{one['runs']:,} of {runs:,} runs have it",
            )
            for one in lines.to_dict("records")
        ]
        parts.append(f"## {group}\n\n" + table(("", "unit", "median", "9 of 10 runs", "9 of 10 members", ""), rows))
    return "\n\n".join(parts)


def beside(ensemble: Ensemble | None) -> list[str]:
    """Say which tables stand beside facts that were matched, and so are no independent predictions."""
    known = () if ensemble is None else ensemble.matched
    near = {text: [name for name in names if name in known] for text, names in BESIDE.items()}
    if not (parts := [f"{text} ({', '.join(names)})" for text, names in near.items() if names]):
        return []
    return [f"No number below was matched itself; beside ones that were stand {'; '.join(parts)}."]


def page(found: pd.DataFrame, plan: Experiment, ensemble: Ensemble | None, command: str, day: datetime.date) -> str:
    """Return the page as Markdown."""
    last = plan.first_seed + plan.runs - 1
    if ensemble is None:
        who = "No ensemble is shipped yet: these are the numbers of the defaults alone, not of all economies."
    else:
        about = ensemble.origin
        who = (
            f"{len(ensemble)} members of the ensemble (code {about.get('code', 'unknown')}, commit "
            f"{about.get('commit') or 'unknown'}), matched on {', '.join(ensemble.matched) or 'nothing'}."
        )
    return "\n\n".join([
        "# Predictions",
        f"Written on {day.isoformat()} by `{command}` with code {code_of(plan.model)}, commit {commit() or 'unknown'}. "
        "Facts that have been kept back, or are found later, are held against this page; nothing on it is tuned "
        "afterwards.",
        who,
        *beside(ensemble),
        f"Every member runs with the shock over {MONTHS} months under {plan.seeds} seeds of its own, from "
        f"{plan.first_seed} to {last}, under which no member was matched or judged. *Median* and *9 of 10 runs* are "
        "over members and seeds together: what one world may look like. *9 of 10 members* is over members, each by "
        "the median over its seeds: what is not known of the economy, without the luck of one world. Prices of classes "
        "that are sold openly and what platforms spend are inputs, so they are not predicted.",
        tables(found, plan.runs),
    ]) + "\n"  # fmt: skip


def write(
    ensemble: Ensemble | None, out: Path, csv: Path, seeds: int, command: str, workers: int | None = None
) -> None:
    """Run the members and write the page and its numbers."""
    from bubble_abm.study.batch import run_in_memory

    plan = predictions("predictions", ensemble, seeds=seeds)
    found = numbers(run_in_memory(plan, workers=workers))
    text = page(found, plan, ensemble, command, datetime.date.today())
    save_text(csv, found.to_csv(index=False, lineterminator="\n"))
    save_text(out, text)


def main(arguments: Sequence[str]) -> int:
    """Write the page, or say in one line why not."""
    parser = argparse.ArgumentParser(prog="python -m bubble_abm.paper.predictions", description=__doc__)
    parser.add_argument("--ensemble", type=Path, help="ensemble; by default the one that is shipped, else the defaults")
    parser.add_argument("--out", type=Path, default=PAGE, help="the page")
    parser.add_argument("--csv", type=Path, default=NUMBERS, help="its numbers")
    parser.add_argument("--seeds", type=int, default=SEEDS, help="seeds of every member")
    parser.add_argument("--workers", type=int)
    given = parser.parse_args(arguments)
    try:
        ensemble = given_or_shipped(given.ensemble)
        write(
            ensemble, given.out, given.csv, given.seeds, f"{parser.prog} {' '.join(arguments)}".strip(), given.workers
        )
    except InvalidInput as error:
        print(f"predictions: {error}", file=sys.stderr)
        return 2
    print(f"written: {given.out}, {given.csv}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
