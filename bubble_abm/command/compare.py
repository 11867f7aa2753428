"""The command ``compare``: scenarios over the same seeds, in one picture and one table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bubble_abm.command.ending import INTERRUPTED, Ended, kept
from bubble_abm.command.experiments import EXECUTOR, OVERWRITE, QUIET, TRUST_CODE, WORKERS, count, look_in_this_folder
from bubble_abm.command.progress import Progress

if TYPE_CHECKING:
    from bubble_abm.engine.scenario import Scenario


def compare(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="A B...", help="Scenario files, folders of kept runs, or presets of the page."),
    ] = None,
    seed: Annotated[str | None, typer.Option(metavar="N", help="First random seed, at least 1.  (default: 1)")] = None,
    seeds: Annotated[str | None, typer.Option(metavar="N", help="Number of consecutive seeds.  (default: 40)")] = None,
    months: Annotated[
        str | None, typer.Option(metavar="N", help="Length of all runs.  (default: that of the scenarios)")
    ] = None,
    outcomes: Annotated[str | None, typer.Option(metavar="A,B,...", help="Outcomes to compare.")] = None,
    workers: WORKERS = None,
    executor: EXECUTOR = "threads",
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="Folder for the result.")] = Path("out/comparison"),
    overwrite: OVERWRITE = False,
    trust_code: TRUST_CODE = False,
    quiet: QUIET = False,
) -> None:
    """Run scenarios over the same seeds, and tell what differs from the first of them.

    Writes comparison.png, comparison.csv and comparison.json.
    """
    from bubble_abm.economy.declare import checked_count
    from bubble_abm.economy.parameters import MAX_MONTHS, MAX_SEED
    from bubble_abm.engine.scenario import MAX_SEEDS, whole_number
    from bubble_abm.observe.outcomes import STANDARD
    from bubble_abm.paper.comparison import save_comparison
    from bubble_abm.paper.printed_tables import comparison_report, show
    from bubble_abm.study.comparison import (
        COMPARISON,
        STANDARD_SEEDS,
        compare_scenarios,
        scenario_named,
        write_comparison,
    )
    from bubble_abm.study.run_folder import check_folder

    known = presets()
    scenarios = [scenario_named(name, known, trust_code=trust_code) for name in names or []]
    if trust_code:
        look_in_this_folder()
    first = 1 if seed is None else checked_count("seed", whole_number(seed), 1, MAX_SEED)
    number = STANDARD_SEEDS if seeds is None else checked_count("seeds", whole_number(seeds), 1, MAX_SEEDS)
    length = None if months is None else checked_count("months", whole_number(months), 1, MAX_MONTHS)
    asked = STANDARD if outcomes is None else tuple(name.strip() for name in outcomes.split(","))
    check_folder(out, overwrite, COMPARISON)
    options = {"workers": count(workers), "executor": executor}
    try:
        with Progress(quiet) as progress:
            found = compare_scenarios(
                scenarios, outcomes=asked, months=length, seed=first, seeds=number, progress=progress, **options
            )
        write_comparison(out, found, overwrite=overwrite, draw=save_comparison)
    except KeyboardInterrupt:
        raise Ended("interrupted, nothing was written", INTERRUPTED) from None
    with kept(f"the results are in {out}"):
        if not quiet:
            show(comparison_report(found))
        print(f"Results are in {out}" + ("" if quiet else ": comparison.png, comparison.csv, comparison.json"))


def presets() -> dict[str, Scenario]:
    """Return the presets of the page by name."""
    from bubble_abm.page.settings import PRESETS, Settings, with_preset

    return {preset.name: with_preset(Settings(), preset.name).scenario for preset in PRESETS}
