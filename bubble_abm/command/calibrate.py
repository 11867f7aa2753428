"""The command ``calibrate``: find the economies that the facts do not rule out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bubble_abm.command.ending import FAILED, kept
from bubble_abm.command.experiments import EXECUTOR, HOME, OVERWRITE, QUIET, SCHEDULER, WORKERS, count, split
from bubble_abm.command.progress import Progress, duration, note

if TYPE_CHECKING:
    from bubble_abm.study.calibration.calibrate import Calibration, Found
    from bubble_abm.study.calibration.matching import Wave

WORST_SHOWN = 3


def calibrate(
    facts: Annotated[
        str, typer.Option(metavar="SET", help="Facts to match: strong, all, or names separated by commas.")
    ] = "all",
    without: Annotated[str | None, typer.Option(metavar="A,B,...", help="Facts to leave out.")] = None,
    until: Annotated[
        str | None, typer.Option(metavar="MONTH", help="Match only facts up to this month, as in 2024-06.")
    ] = None,
    ranges: Annotated[
        Path | None,
        typer.Option(metavar="FILE.toml", help="Ranges that replace those declared, or add parameters."),
    ] = None,
    fix: Annotated[str | None, typer.Option(metavar="A,B,...", help="Parameters that stay at their defaults.")] = None,
    discrepancy: Annotated[
        str | None,
        typer.Option(metavar="S,W", help="What the model leaves out, of strong and weak facts, in half-widths."),
    ] = None,
    waves: Annotated[str | None, typer.Option(metavar="N", help="Most waves.  (default: 100)")] = None,
    points: Annotated[str | None, typer.Option(metavar="N", help="Points of a wave.  (default: 1000)")] = None,
    keep: Annotated[
        str | None, typer.Option(metavar="SHARE", help="Share of its points that a wave keeps.  (default: 0.5)")
    ] = None,
    spread: Annotated[str | None, typer.Option(metavar="N", help="Waves at the last threshold.  (default: 5)")] = None,
    seeds: Annotated[str | None, typer.Option(metavar="K", help="Seeds of every point.  (default: 4)")] = None,
    judges: Annotated[str | None, typer.Option(metavar="K", help="Seeds of the last judgement.  (default: 20)")] = None,
    members: Annotated[str | None, typer.Option(metavar="N", help="Most members.  (default: 500)")] = None,
    design: Annotated[str | None, typer.Option(metavar="N", help="Seed of the design.  (default: 1)")] = None,
    begin: Annotated[
        str | None,
        typer.Option("--from", metavar="FILE", help="Begin at the members of an ensemble: its file, or: shipped."),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Only write the report of this ensemble, to the file --out."),
    ] = None,
    again: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Only judge the points of this search again, by the model as it is now."),
    ] = None,
    own_luck: Annotated[
        bool,
        typer.Option("--own-luck", help="Allow each point luck of its own, not the mean of those it begins with."),
    ] = False,
    workers: WORKERS = None,
    executor: EXECUTOR = "threads",
    scheduler: SCHEDULER = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Folder for the result.  (default: out/calibration)")
    ] = None,
    overwrite: OVERWRITE = False,
    quiet: QUIET = False,
) -> None:
    """Find the economies that the facts do not rule out, or continue a search that was interrupted.

    Writes ensemble.parquet, calibration.md, waves.csv, report.json, and every run to steps/.
    """
    from bubble_abm.economy.declare import number_of
    from bubble_abm.study.ensemble import Ensemble

    if report is not None:
        write_report(report, out)
        return
    computing = {"workers": count(workers), "executor": executor, "scheduler": scheduler}
    if again is not None:
        judge(again, out or HOME / "again", own_luck, computing, overwrite, quiet)
        return
    numbers = {"waves": waves, "points": points, "spread": spread, "design": design}
    others = {"seeds": seeds, "judges": judges, "members": members}
    plan = planned(
        {"facts": facts, "without": split(without) or [], "until": until},
        {"ranges": ranges, "fixed": split(fix) or []},
        {name: count(text) for name, text in numbers.items() if text is not None}
        | ({} if keep is None else {"keep": number_of(keep)}),
        {name: count(text) for name, text in others.items() if text is not None}
        | ({} if begin is None else {"begin": Ensemble.named(begin)})
        | ({} if discrepancy is None else {"discrepancy": by_weight(discrepancy)})
        | {"own_luck": own_luck},
    )
    search(plan, out or HOME / "calibration", computing, overwrite, quiet)


def planned(
    facts: dict[str, Any], searched: dict[str, Any], numbers: dict[str, Any], others: dict[str, Any]
) -> Calibration:
    """Return the calibration that the options describe."""
    from bubble_abm.study.calibration.calibrate import Calibration
    from bubble_abm.study.calibration.criterion import chosen
    from bubble_abm.study.calibration.matching import FIRST, Waves
    from bubble_abm.study.calibration.prior import space
    from bubble_abm.study.sensitivity.study import read_table

    file = searched["ranges"]
    if isinstance(numbers.get("points"), int):
        numbers["first"] = FIRST * numbers["points"]
    return Calibration(
        targets=chosen(facts["facts"], facts["without"], facts["until"]),
        factors=space({} if file is None else read_table(file, "ranges"), searched["fixed"]),
        waves=Waves(**numbers),
        **others,
    )


def by_weight(text: str) -> dict[str, float]:
    """Read the discrepancies of strong and of weak facts."""
    from bubble_abm.economy.declare import InvalidInput, number_of, shown
    from bubble_abm.observe.targets import STRONG, WEAK

    parts = [number_of(part) for part in text.split(",")]
    if len(parts) != 2:
        raise InvalidInput(f"discrepancy = {shown(text)}: give two numbers, as in 0.25,0.5")
    return dict(zip((STRONG, WEAK), parts))


def search(plan: Calibration, folder: Path, computing: dict[str, Any], overwrite: bool, quiet: bool) -> None:
    """Search, and say what every wave has left."""
    from bubble_abm.paper.calibration import save_page
    from bubble_abm.study.calibration.calibrate import calibrate as find

    def tell(wave: Wave, steps: Any, by_fact: Any) -> None:
        if not quiet and wave.number == 0:
            note(f"{len(plan.targets)} numbers of facts, {len(plan.factors)} parameters.")
        if not quiet:
            note(f"{line_of(wave)}; {steps.runs:,} runs, {duration(steps.seconds)} of work{worst(plan, by_fact)}")

    options = computing | {"overwrite": overwrite, "command": sys.argv[1:], "progress": lambda: Progress(quiet)}
    with kept(f"finished steps are kept in {folder}, the same command continues"):
        found = find(plan, folder, tell=tell, **options)
    with kept(f"the result is in {folder}"):
        if found.ensemble is not None:
            save_page(found.ensemble, folder / "calibration.md")
        print(sentence(plan, found, folder))
    if found.ensemble is None:
        raise typer.Exit(FAILED)


def line_of(wave: Wave) -> str:
    """Describe a wave."""
    if wave.number == 0:
        return f"wave 0: the best {len(wave.places):,} points are implausible by up to {wave.threshold:.2f}"
    return (
        f"wave {wave.number}: implausible by up to {wave.threshold:.2f}, {100 * wave.survived:.0f} % survived, "
        f"{wave.steps} steps, {100 * wave.accepted:.0f} % accepted, {wave.origins} origins, memory {wave.memory:.2f}, "
        f"emulator {'not used' if wave.q2 is None else f'Q2 {wave.q2:.2f}, {wave.far} steps'}"
    )


def worst(plan: Calibration, by_fact: Any) -> str:
    """Say which facts rule out most points of the last step."""
    import numpy as np

    if not len(by_fact):
        return ""
    order = np.bincount(by_fact.argmax(axis=1), minlength=len(plan.targets)).argsort()[::-1][:WORST_SHOWN]
    return f"; hardest: {', '.join(plan.targets[place].name for place in order)}"


def sentence(plan: Calibration, found: Found, folder: Path) -> str:
    """Describe the result."""
    cost = f"{found.runs:,} runs, {duration(found.seconds)} of work"
    if found.reused:
        cost += f", {found.reused:,} of the runs from an earlier call"
    if found.ensemble is None:
        short = "" if found.reached else f"the waves ended at an implausibility of {found.waves[-1].threshold:.2f}; "
        return f"{short}fewer than two of {found.judged} points pass; give more waves or points. {cost}"
    return f"{len(found.ensemble)} members of {found.judged} judged are in {folder}/ensemble.parquet; {cost}"


def write_report(ensemble: Path, out: Path | None) -> None:
    """Write the report of an ensemble that was found before."""
    from bubble_abm.economy.declare import InvalidInput
    from bubble_abm.paper.calibration import save_page
    from bubble_abm.study.ensemble import Ensemble

    file = out or ensemble.with_name("calibration.md")
    if file.is_dir():
        raise InvalidInput(f"out = {file}: is a folder, give a file for the report")
    save_page(Ensemble.load(ensemble), file)
    print(f"The report is in {file}")


def judge(search: Path, folder: Path, own_luck: bool, computing: dict[str, Any], overwrite: bool, quiet: bool) -> None:
    """Judge the points of a search again, and write the ensemble and its report."""
    from bubble_abm.paper.calibration import save_page
    from bubble_abm.study.calibration.judgement import judge_again

    options = computing | {"overwrite": overwrite, "command": sys.argv[1:], "progress": lambda: Progress(quiet)}
    options["own_luck"] = own_luck
    found, judged = judge_again(search, folder, **options)
    if found is None:
        print(f"fewer than two of {judged} points pass")
        raise typer.Exit(FAILED)
    found.save(folder / "ensemble.parquet")
    save_page(found, folder / "calibration.md")
    print(f"{len(found)} members of {judged} judged again are in {folder}/ensemble.parquet")
