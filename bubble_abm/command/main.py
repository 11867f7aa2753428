"""The command ``bubble-abm``: run the model, list its parameters, facts and measures.

Invalid input ends with exit code 2 and a message of one line that names it and says what would be valid. Slow imports
are made inside the commands, so that ``--help`` does not wait for them.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from bubble_abm import __version__
from bubble_abm.command import calibrate as cli_calibrate
from bubble_abm.command import compare as cli_compare
from bubble_abm.command import experiments as cli_experiments
from bubble_abm.command import figures as cli_figures
from bubble_abm.command import view as cli_view
from bubble_abm.command.ending import (
    FAILED,
    INTERRUPTED,
    INVALID,
    Ended,
    Unprinted,
    handle_signals,
    kept,
    open_streams,
    silence_output,
)
from bubble_abm.command.experiments import TRUST_CODE, look_in_this_folder
from bubble_abm.command.progress import Progress, note
from bubble_abm.engine.horizon import STANDARD_MONTHS

if TYPE_CHECKING:
    from bubble_abm.engine.scenario import Runs, Scenario
    from bubble_abm.observe.facts import Check

DEFAULT_FOLDER = Path("out/run")
#: Explanations of errors in a run.
ERROR_TEXTS = {
    "BrokenIdentity": "an accounting identity is broken",
    "MemoryError": "not enough memory for a world of this size, give a smaller scale or fewer seeds",
}

# Typer exports only one usage error. Their base class is Click's, which newer versions of Typer include.
ClickException: Any = typer.BadParameter.__mro__[2]

app = typer.Typer(
    name="bubble-abm",
    help="An agent-based economy of the AI-compute bubble: run it, with and without the efficiency shock.",
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback(invoke_without_command=True)
def command(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Show the version.")] = False,
) -> None:
    """Show help, or the version, when no command is given."""
    if version:
        print(f"bubble-abm {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        print(context.get_help())


@app.command()
def run(
    seed: Annotated[str | None, typer.Option(metavar="N", help="First random seed, at least 1.  (default: 1)")] = None,
    seeds: Annotated[str | None, typer.Option(metavar="N", help="Number of consecutive seeds.  (default: 1)")] = None,
    months: Annotated[
        str | None, typer.Option(metavar="N", help=f"Length of the run in months.  (default: {STANDARD_MONTHS})")
    ] = None,
    values: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="Set a parameter; may be repeated.")
    ] = None,
    no_shock: Annotated[bool, typer.Option("--no-shock", help="Leave out the efficiency shock.")] = False,
    trust_code: TRUST_CODE = False,
    scenario: Annotated[Path | None, typer.Option(metavar="FILE.toml", help="Read a scenario file.")] = None,
    ensemble: Annotated[
        str | None, typer.Option(metavar="FILE", help="Run every member of an ensemble: its file, or: shipped.")
    ] = None,
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="Folder for the results.")] = DEFAULT_FOLDER,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an existing result.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print only where the results are.")] = False,
) -> None:
    """Run the economy, each seed or member also without the shock, and compare the runs with the facts.

    Writes series.parquet, series_without_shock.parquet, facts.csv, run.json and overview.png.
    """
    from bubble_abm.study.ensemble import Ensemble
    from bubble_abm.study.run_folder import check_folder
    from bubble_abm.study.scenario_run import run_ensemble, run_scenario

    plan = scenario_from(scenario, values or [], no_shock, trust_code, seed=seed, seeds=seeds, months=months)
    economies = None if ensemble is None else Ensemble.named(ensemble)
    check_folder(out, overwrite)
    began = time.monotonic()
    try:
        with Progress(quiet) as progress:
            if economies is None:
                runs = run_scenario(plan, progress=progress)
            else:
                runs = run_ensemble(plan, economies, progress=progress)
        checks = write(runs, time.monotonic() - began, out, overwrite)
    except KeyboardInterrupt:
        raise Ended("interrupted, nothing was written", INTERRUPTED) from None
    report(runs, checks, out, quiet)


def scenario_from(
    file: Path | None, texts: list[str], no_shock: bool, trust_code: bool, **counts: str | None
) -> Scenario:
    """Return the scenario of a file, overridden by the options of the command line."""
    from bubble_abm.economy.parameters import Parameters
    from bubble_abm.engine.rules import check_trusted
    from bubble_abm.engine.scenario import Scenario, assignments, read_scenario, whole_number

    arguments = read_scenario(file) if file is not None else {}
    chosen = assignments(texts)
    Parameters().with_values(chosen)  # so that the message for an invalid value does not name the file
    arguments["values"] = {**(arguments.get("values") or {}), **chosen}
    arguments |= {name: whole_number(text) for name, text in counts.items() if text is not None}
    if no_shock:
        arguments["shocks"] = ()
    found = Scenario(**arguments)
    check_trusted(f"scenario {file}", found.named_rules, trust_code)
    if trust_code:
        look_in_this_folder()
    return found


def write(runs: Runs, seconds: float, out: Path, overwrite: bool) -> list[Check]:
    """Compare the runs with the facts, and write the results."""
    from bubble_abm.observe.facts import check
    from bubble_abm.paper.overview import save_overview
    from bubble_abm.study.run_folder import write_results

    checks = check(runs.series, runs.scenario.parameters)
    notes = {"command": sys.argv[1:], "seconds": round(seconds, 3)}
    write_results(out, runs, checks, overwrite=overwrite, notes=notes, draw=save_overview)
    return checks


def report(runs: Runs, checks: Sequence[Check], out: Path, quiet: bool) -> None:
    """Print the facts, the headline and the folder of the results."""
    from bubble_abm.observe.headline import headline
    from bubble_abm.paper.printed_tables import facts_report, show, treatments_report, verdict_reports

    with kept(f"the results are in {out}"):
        if not quiet:
            show(
                facts_report(checks, len(runs.seeds), runs.noun),
                treatments_report(checks),
                *verdict_reports(runs.scenario, headline(runs)),
            )
        print(f"Results are in {out}" + ("" if quiet else ": series.parquet, facts.csv, run.json, overview.png"))


@app.command()
def parameters(json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False) -> None:
    """List every parameter: default, role, unit, ranges, neutral value, source and meaning."""
    from bubble_abm.paper.printed_tables import listing, parameter_rows

    listing("Parameters", parameter_rows(), json)


@app.command()
def facts(json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False) -> None:
    """List the facts that runs are compared with, and their sources; with --json also links and quotes.

    A column counts the sources that have a link. docs/facts.md shows the same as a page.
    """
    from bubble_abm.paper.printed_tables import fact_rows, listing

    listing("Facts", fact_rows(), json)


@app.command()
def measures(json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False) -> None:
    """List the measures of every month, which are the columns of series.parquet."""
    from bubble_abm.paper.printed_tables import listing, measure_rows

    listing("Measures", measure_rows(), json)


app.command()(cli_compare.compare)
app.command()(cli_experiments.experiment)
app.command()(cli_experiments.sensitivity)
app.command()(cli_calibrate.calibrate)
app.command()(cli_experiments.rerun)
app.command()(cli_view.view)
app.command()(cli_figures.figures)


# --- Errors ---------------------------------------------------------------------------------------------------------


def refuse(text: str, code: int) -> NoReturn:
    """Exit with a message of one line on standard error."""
    note(f"bubble-abm: {' '.join(text.split())}")
    sys.exit(code)


def check_threads(text: str) -> None:
    """Refuse a number of threads at which Numba stops; it ignores what is no number."""
    from bubble_abm.economy.declare import InvalidInput

    if text.lstrip("-").isdecimal() and int(text) < 1:
        raise InvalidInput(f"NUMBA_NUM_THREADS = {text}: give a whole number from 1, or unset it")


def end(text: str, code: int) -> NoReturn:
    """Exit although something was still to be printed, with a message of one line if there is any to give."""
    silence_output()
    if not text:
        sys.exit(code)
    refuse(text, code)


def main(arguments: list[str] | None = None) -> None:
    """Run the command. Errors end with one line, no traceback, and an exit code that ``ending`` describes."""
    open_streams()
    handle_signals()
    os.environ["MPLBACKEND"] = "agg"  # pictures are written to files, whatever window the user's own programs need
    try:
        check_threads(os.environ.get("NUMBA_NUM_THREADS", ""))
        code = typer.main.get_command(app)(args=arguments, prog_name="bubble-abm", standalone_mode=False)
        sys.stdout.flush()  # here and not at exit, so that what cannot be printed is handled below
    except Ended as error:
        end(str(error), error.code)
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    except ClickException as error:
        refuse(explain(error), INVALID)
    except Unprinted as error:
        end("" if error.unread else str(error), error.code)
    except (ValueError, AssertionError, OSError, MemoryError, RuntimeError) as error:
        refuse(*explain_own(error))
    if code == INTERRUPTED:  # newer versions of Typer return this code, older ones raise
        refuse("interrupted", INTERRUPTED)
    sys.exit(code or 0)


def explain(error: Any) -> str:
    """Return a usage error in one line, with a suggestion if an option or command is similar."""
    text = error.format_message().strip()
    near = getattr(error, "possibilities", None)
    if near and "Did you mean" not in text and "Possible" not in text:
        text += f" Did you mean {near[0]}?"
    context = getattr(error, "ctx", None)
    return f"{text} Try '{context.command_path} --help'." if context is not None else text


def explain_own(error: BaseException) -> tuple[str, int]:
    """Return the message for an error of this package, and the exit code; any other error is raised again."""
    from bubble_abm.economy.declare import InvalidInput
    from bubble_abm.study.atomic_writing import CannotWrite
    from bubble_abm.study.workers import RunFailed, WorkersLost, WrongWorker, kind_of

    if isinstance(error, InvalidInput):
        return str(error), INVALID
    if isinstance(error, CannotWrite | WrongWorker | WorkersLost):
        return str(error), FAILED
    kind = error.kind if isinstance(error, RunFailed) else kind_of(error)
    if kind in ERROR_TEXTS:
        return f"{ERROR_TEXTS[kind]}: {error}", FAILED
    if isinstance(error, RunFailed):
        return f"{kind}: {error}", FAILED
    raise error
