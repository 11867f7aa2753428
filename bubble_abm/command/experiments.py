"""The commands that run batches: ``experiment``, ``sensitivity`` and ``rerun``."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bubble_abm.command.ending import FAILED, kept
from bubble_abm.command.progress import Progress, announce_compiling, duration, note
from bubble_abm.engine.horizon import STANDARD_MONTHS

if TYPE_CHECKING:
    from bubble_abm.study.batch import Report
    from bubble_abm.study.experiment import Experiment

HOME = Path("out")
STRAYS_SHOWN = 5
SENSITIVITY_METHODS = ("morris", "sobol", "shapley", "emulate", "oat")

WORKERS = Annotated[str | None, typer.Option(metavar="N", help="Number of workers.  (default: one for each processor)")]
EXECUTOR = Annotated[str, typer.Option(metavar="KIND", help="Kind of workers: threads or processes.")]
SCHEDULER = Annotated[
    str | None,
    typer.Option(metavar="ADDRESS", help="Use the workers of a Dask scheduler, for instance tcp://host:8786."),
]
PLAN = Annotated[
    bool, typer.Option("--plan", help="Only say how many runs it needs, how long they take and how precise it will be.")
]
NO_FIGURES = Annotated[bool, typer.Option("--no-figures", help="Write tables only.")]
OVERWRITE = Annotated[bool, typer.Option("--overwrite", help="Replace an existing result.")]
QUIET = Annotated[bool, typer.Option("--quiet", help="Print only the final result.")]
TRUST_CODE = Annotated[
    bool, typer.Option("--trust-code", help="Import and run the rules and the model that a file or a result names.")
]


def look_in_this_folder() -> None:
    """Let modules be found in the folder in which the command is given, after all others; processes inherit it."""
    if (here := str(Path.cwd())) not in sys.path:
        sys.path.append(here)


def experiment(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="Name of a declared experiment, or path of a file.")
    ] = None,
    listed: Annotated[
        bool, typer.Option("--list", help="List the declared experiments and their running times.")
    ] = False,
    quick: Annotated[bool, typer.Option("--quick", help="Run its small form.")] = False,
    ensemble: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Run each seed in a member of an ensemble: its file, or: shipped."),
    ] = None,
    plan: PLAN = False,
    no_figures: NO_FIGURES = False,
    workers: WORKERS = None,
    executor: EXECUTOR = "threads",
    scheduler: SCHEDULER = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Folder for the result.  (default: out/NAME)")
    ] = None,
    overwrite: OVERWRITE = False,
    quiet: QUIET = False,
) -> None:
    """Run a declared experiment, or continue one that was interrupted.

    Writes a Parquet data set to runs/, its provenance to experiment.json, and tables and figures to analysis/.
    """
    from bubble_abm.economy.declare import InvalidInput
    from bubble_abm.study.declared_experiments import find
    from bubble_abm.study.ensemble import Ensemble

    if listed:
        list_experiments()
        return
    if name is None:
        raise InvalidInput("NAME is missing: give the name of an experiment, or --list to see them")
    look_in_this_folder()  # an experiment may name a model or rules
    asked = find(name)
    if ensemble is not None:
        asked = asked.over(Ensemble.named(ensemble).scenarios())
    asked = asked.quick_form() if quick else asked
    if plan:
        show_plan(asked, count(workers))
        return
    computing = {"workers": count(workers), "executor": executor, "scheduler": scheduler}
    run_and_analyse(asked, out or HOME / asked.name, computing, overwrite, quiet, not no_figures)


def sensitivity(
    method: Annotated[
        str,
        typer.Argument(metavar="METHOD", help=f"One of {', '.join(SENSITIVITY_METHODS)}; latin draws points only."),
    ],
    parameters: Annotated[
        str | None, typer.Option(metavar="A,B,...", help="Parameters to vary.  (default: all uncertain ones)")
    ] = None,
    ranges: Annotated[
        str,
        typer.Option(
            metavar="SET",
            help="Ranges: wide, plausible, ensemble (the hull of the shipped one), an ensemble.parquet or a file.toml.",
        ),
    ] = "wide",
    groups: Annotated[
        str | None,
        typer.Option(metavar="FILE.toml", help="File with groups of parameters moved together, or: declared, themes."),
    ] = None,
    samples: Annotated[
        str | None, typer.Option(metavar="N", help="Number of samples.  (default: depends on the method)")
    ] = None,
    seeds: Annotated[
        str | None, typer.Option(metavar="K", help="Number of seeds for every point.  (default: 2)")
    ] = None,
    months: Annotated[
        str | None, typer.Option(metavar="N", help=f"Length of the runs in months.  (default: {STANDARD_MONTHS})")
    ] = None,
    outcomes: Annotated[str | None, typer.Option(metavar="A,B,...", help="Outcomes to analyse.")] = None,
    second_order: Annotated[bool, typer.Option("--second-order", help="Sobol: also indices of pairs.")] = False,
    q2: Annotated[
        float | None,
        typer.Option(metavar="Q2", help="Emulate: least share predicted at points left out.  (default: 0.7)"),
    ] = None,
    source: Annotated[
        Path | None,
        typer.Option("--from", metavar="FOLDER", help="Emulate: learn from this finished result, run nothing."),
    ] = None,
    plan: PLAN = False,
    no_figures: NO_FIGURES = False,
    workers: WORKERS = None,
    executor: EXECUTOR = "threads",
    scheduler: SCHEDULER = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Folder for the result.  (default: out/sensitivity_METHOD)")
    ] = None,
    overwrite: OVERWRITE = False,
    quiet: QUIET = False,
) -> None:
    """Find out which parameters move the bubble and the effects of the shock, or continue an interrupted study.

    Writes the data set, and in analysis/ the indices with their intervals, a verdict on convergence, and figures.
    """
    from bubble_abm.economy.declare import InvalidInput
    from bubble_abm.study.sensitivity.emulator import EMULATE
    from bubble_abm.study.sensitivity.study import GROUPED, read_table, study

    given: dict[str, Any] = {"samples": count(samples), "seeds": count(seeds), "months": count(months)}
    given |= {"parameters": split(parameters), "outcomes": split(outcomes), "emulate": q2}
    given = {name: value for name, value in given.items() if value is not None}
    if method != EMULATE and (q2 is not None or source is not None):
        raise InvalidInput(f"{'--q2' if source is None else '--from'}: only emulate can use it, not {method}")
    if source is not None:
        if surplus := sorted(given.keys() - {"emulate"}):
            raise InvalidInput(f"--from {source}: its runs are there already: leave out --{surplus[0]}")
        emulate_again(source, out, q2, quiet, not no_figures)
        return
    if groups is not None:
        given["groups"] = groups if groups in GROUPED else read_table(groups, "groups")
    given["ranges"] = read_table(ranges, "ranges") if ranges.endswith(".toml") else ranges
    asked = study(method, **given, second_order=second_order)
    if plan:
        show_plan(asked, count(workers))
        return
    computing = {"workers": count(workers), "executor": executor, "scheduler": scheduler}
    run_and_analyse(asked, out or HOME / asked.name, computing, overwrite, quiet, not no_figures)


def emulate_again(source: Path, out: Path | None, q2: float | None, quiet: bool, figures: bool) -> None:
    """Emulate the outcomes of a finished result."""
    from bubble_abm.study.analysis import EMULATOR, emulate_result
    from bubble_abm.study.sensitivity.emulator import LEAST_Q2

    home = out or source / EMULATOR
    lines = emulate_result(source, home, LEAST_Q2 if q2 is None else q2)
    if figures:
        draw(source, home, quiet)
    with kept(f"indices of the emulators are in {home}"):
        if not quiet:
            print("\n".join(lines))
        print(f"Indices of the emulators are in {home}")


def show_plan(experiment: Experiment, workers: int | None) -> None:
    """Say what an experiment costs and how precise it will be; nothing is run but what is timed."""
    from bubble_abm.study.batch import checked_workers
    from bubble_abm.study.sensitivity.planning import NOISE_SHARE, plan

    team = checked_workers(workers)
    announce_compiling()
    found = plan(experiment, team)
    pairs = "pairs of twins" if found.twins else "runs"
    copies = "" if found.computed == found.runs else f", of which {found.computed:,} are computed and the rest copied"
    print(head(experiment))
    print(f"runs: {found.rows:,} points x {experiment.sample} = {found.runs:,} {pairs}{copies}")
    each = f"{1000 * found.seconds_each:.3g} ms for one, just measured"
    print(f"time: about {duration(found.seconds)} on {team} processor{'s'[: team > 1]} ({each})")
    if found.half_widths:
        said = ", ".join(f"{index} of {value:g}: +-{reach:.2g}" for index, value, reach in found.half_widths)
        print(f"precision: expected 95 % intervals if {100 * NOISE_SHARE:g} % of the variance of a run is luck: {said}")
    elif experiment.emulate is not None:
        print("precision: depends on how smooth an outcome is; the interval covers what is not predicted, 1 - Q2")
    print("Nothing was run: leave out --plan to run it")


def head(experiment: Experiment) -> str:
    """Name an experiment, and the ranges from which its parameters are drawn."""
    factors = len(experiment.uncertain)
    if not factors:
        return experiment.name
    return f"{experiment.name}: {factors} parameter{'s'[: factors > 1]}, ranges {experiment.ranges}"


def draw(folder: Path, home: Path | None, quiet: bool) -> None:
    """Draw the tables of an analysis, and say so first, as it takes a while."""
    if not quiet:
        note("Drawing the pictures; the tables are written.")
    from bubble_abm.paper.plots.analysis import draw_analysis
    from bubble_abm.study.analysis import ANALYSIS
    from bubble_abm.study.manifest import files_in, renew

    draw_analysis(folder, home)
    home = home or folder / ANALYSIS
    if home.parent == folder:  # the pictures are files of the result too
        renew(folder, home.name, files_in(home))


def split(text: str | None) -> list[str] | None:
    """Return the names in a text that separates them by commas."""
    return None if text is None else [name.strip() for name in text.split(",") if name.strip()]


def rerun(
    result: Annotated[Path, typer.Argument(metavar="FOLDER", help="Folder of a result.")],
    trust_code: TRUST_CODE = False,
    workers: WORKERS = None,
    executor: EXECUTOR = "threads",
    scheduler: SCHEDULER = None,
    quiet: QUIET = False,
) -> None:
    """Repeat a result from its provenance and compare the two bit by bit; the result is not changed."""
    from bubble_abm.study.rerun import rerun as repeat

    computing = {"workers": count(workers), "executor": executor, "scheduler": scheduler}
    if trust_code:
        look_in_this_folder()
    with Progress(quiet) as progress:
        found = repeat(result, trust_code=trust_code, progress=progress, **computing)
    for text in found.circumstances:
        print(f"Changed since: {text}")
    for text in found.differences:
        print(f"Differs: {text}")
    print(f"{found.runs} runs repeated: {'all bits agree' if found.agrees else 'THE BITS DO NOT AGREE'}")
    if not found.agrees:
        raise typer.Exit(FAILED)


def count(text: str | None) -> Any:
    """Convert an option to a whole number; other text is kept, for the message of the check that refuses it."""
    from bubble_abm.engine.scenario import whole_number

    return None if text is None else whole_number(text)


def run_and_analyse(
    plan: Experiment, folder: Path, computing: dict[str, Any], overwrite: bool, quiet: bool, figures: bool
) -> None:
    """Run an experiment, analyse it, and print what was found."""
    from bubble_abm.study.batch import execute

    with kept(f"finished runs are kept in {folder}, the same command continues"):
        with Progress(quiet) as progress:
            report = execute(plan, folder, **computing, overwrite=overwrite, progress=progress)
        lines = [] if report.failed else analysis_of(plan, folder, quiet, figures)
    with kept(f"the result is in {folder}"):
        if lines and not quiet:
            print("\n".join(lines))
        print(sentence(report))
    if report.failed:
        raise typer.Exit(FAILED)


def analysis_of(plan: Experiment, folder: Path, quiet: bool, figures: bool) -> list[str]:
    """Analyse a finished experiment, draw its tables, and return lines to print."""
    if not quiet:
        note("Analysing the runs.")
    from bubble_abm.study.analysis import analyse

    lines = analyse(folder, plan)
    if figures:
        draw(folder, None, quiet)
    return [head(plan), *lines]


def sentence(report: Report) -> str:
    """Describe the result of a batch in one or two sentences."""
    done = f"{report.runs:,} runs are in {report.folder}"
    if report.computed == 0:
        done += ", already complete"
    else:
        done += f", {report.computed:,} of them computed in {report.seconds:.1f} s"
    if report.strays:
        done += f"; not read, as none of its files: {', '.join(report.strays[:STRAYS_SHOWN])}"
    if not report.failed:
        return done
    return f"{done}. {report.failed:,} FAILED: see the column error, and report.json for their points"


def list_experiments() -> None:
    """List the declared experiments: question, number of runs, and running times of the full and the quick form."""
    from rich.console import Console
    from rich.table import Table

    from bubble_abm.study.declared_experiments import files, find

    table = Table(title="Experiments", box=None, header_style="bold")
    for heading in ("name", "question", "runs", "about", "quick", "about"):
        table.add_column(heading, justify="left" if heading in ("name", "question") else "right")
    seconds = seconds_of_a_run()
    for name in files():
        plan = find(name)
        cells = []
        for form in (plan, plan.quick_form()):
            cells += [f"{form.runs:,}", duration(form.runs * seconds[form.twins])]
        table.add_row(name, plan.question, *cells)
    Console(width=None if sys.stdout.isatty() else 140).print(table)
    print("A run and its twin count as one. Times are for all processors of this machine, measured just now.")


def seconds_of_a_run() -> dict[bool, float]:
    """Measure the time of a run, without and with its twin, divided by the number of processors."""
    from bubble_abm import simulate, twin
    from bubble_abm.study.batch import available

    announce_compiling()
    found = {}
    for twins, work in ((False, simulate), (True, twin)):
        work(months=2)
        began = time.perf_counter()
        for seed in (1, 2, 3):
            work(seed=seed)
        found[twins] = (time.perf_counter() - began) / 3 / available()
    return found
