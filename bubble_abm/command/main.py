"""The command ``bubble-abm``: run the model, list its parameters, facts and measures.

Bad input ends in one line that names it and says what would be valid, with exit code 2. Everything heavy is imported
inside the commands: help must not wait for a compiler.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from bubble_abm import __version__
from bubble_abm.command import experiments as cli_experiments
from bubble_abm.command import figures as cli_figures
from bubble_abm.command import view as cli_view
from bubble_abm.command.progress import Progress, note

if TYPE_CHECKING:
    from bubble_abm.engine.scenario import Runs, Scenario

DEFAULT_FOLDER = Path("out/run")
INVALID, FAILED, INTERRUPTED = 2, 1, 130
#: Errors of a run, in plain words.
ERROR_TEXTS = {
    "BrokenIdentity": "the books do not balance, which is a mistake in the model",
    "MemoryError": "not enough memory for a world of this size, choose a smaller scale or fewer seeds",
}

# Typer exports one usage error; the base of all of them comes from Click, which newer versions of Typer carry inside.
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
    version: Annotated[bool, typer.Option("--version", help="Say which version this is.")] = False,
) -> None:
    """Show help, or the version, when no command is given."""
    if version:
        print(f"bubble-abm {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        print(context.get_help())


@app.command()
def run(
    seed: Annotated[str | None, typer.Option(metavar="N", help="Seed of all luck, at least 1.  (default: 1)")] = None,
    seeds: Annotated[str | None, typer.Option(metavar="N", help="How many seeds in a row.  (default: 1)")] = None,
    months: Annotated[str | None, typer.Option(metavar="N", help="Months from January 2023.  (default: 48)")] = None,
    values: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="A parameter's value; may be repeated.")
    ] = None,
    no_shock: Annotated[bool, typer.Option("--no-shock", help="Leave the efficiency shock out.")] = False,
    scenario: Annotated[Path | None, typer.Option(metavar="FILE.toml", help="Read the run from a file.")] = None,
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="Where the results go.")] = DEFAULT_FOLDER,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a result that is there.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Say only where the results are.")] = False,
) -> None:
    """Run the economy, each seed with its twin without the shock, and hold it against the facts.

    Writes series.parquet, series_without_shock.parquet, facts.csv, run.json and overview.png.
    """
    from bubble_abm.study.run_folder import check_folder
    from bubble_abm.study.scenario_run import run_scenario

    plan = scenario_from(scenario, values or [], no_shock, seed=seed, seeds=seeds, months=months)
    check_folder(out, overwrite)
    began = time.monotonic()
    with Progress(quiet) as progress:
        runs = run_scenario(plan, progress=progress)
    report(runs, time.monotonic() - began, out, overwrite, quiet)


def scenario_from(file: Path | None, texts: list[str], no_shock: bool, **counts: str | None) -> Scenario:
    """Return the scenario of a file, where the command line has the last word."""
    from bubble_abm.economy.parameters import Parameters
    from bubble_abm.engine.scenario import Scenario, assignments, read_scenario, whole_number

    arguments = read_scenario(file) if file is not None else {}
    chosen = assignments(texts)
    Parameters().with_values(chosen)  # so that a mistake here is not blamed on the file
    arguments["values"] = {**(arguments.get("values") or {}), **chosen}
    arguments |= {name: whole_number(text) for name, text in counts.items() if text is not None}
    if no_shock:
        arguments["shocks"] = ()
    return Scenario(**arguments)


def report(runs: Runs, seconds: float, out: Path, overwrite: bool, quiet: bool) -> None:
    """Write the results, print the facts and the headline, and say where everything is."""
    from bubble_abm.observe.facts import check
    from bubble_abm.observe.headline import headline
    from bubble_abm.paper.overview import save_overview
    from bubble_abm.paper.printed_tables import facts_report, headline_report, show, treatments_report
    from bubble_abm.study.run_folder import write_results

    checks = check(runs.series, runs.scenario.parameters)
    notes = {"command": sys.argv[1:], "seconds": round(seconds, 3)}
    if not quiet:
        show(
            facts_report(checks, len(runs.seeds)),
            treatments_report(checks),
            headline_report(runs.scenario, headline(runs)),
        )
    write_results(out, runs, checks, overwrite=overwrite, notes=notes, draw=save_overview)
    print(f"Results are in {out}" + ("" if quiet else ": series.parquet, facts.csv, run.json, overview.png"))


@app.command()
def parameters(json: Annotated[bool, typer.Option("--json", help="As JSON, for programs.")] = False) -> None:
    """List every parameter: default, unit, range, role, source and meaning."""
    from bubble_abm.paper.printed_tables import listing, parameter_rows

    listing("Parameters", parameter_rows(), json)


@app.command()
def facts(json: Annotated[bool, typer.Option("--json", help="As JSON, for programs.")] = False) -> None:
    """List the facts that a run is held against, with their sources."""
    from bubble_abm.paper.printed_tables import fact_rows, listing

    listing("Facts", fact_rows(), json)


@app.command()
def measures(json: Annotated[bool, typer.Option("--json", help="As JSON, for programs.")] = False) -> None:
    """List what is measured every month: the columns of series.parquet."""
    from bubble_abm.paper.printed_tables import listing, measure_rows

    listing("Measures", measure_rows(), json)


app.command()(cli_experiments.experiment)
app.command()(cli_experiments.sensitivity)
app.command()(cli_experiments.rerun)
app.command()(cli_view.view)
app.command()(cli_figures.figures)


# --- Errors ---------------------------------------------------------------------------------------------------------


def refuse(text: str, code: int) -> NoReturn:
    """End with one line on standard error."""
    note(f"bubble-abm: {' '.join(text.split())}")
    sys.exit(code)


def terminate(number: int, frame: Any) -> NoReturn:
    """End in order when asked to from outside, so that nothing half written is left."""
    sys.exit(128 + number)


def main(arguments: list[str] | None = None) -> None:
    """Run the command; mistakes end in one line and exit code 2, an interruption in 130, without a traceback."""
    signal.signal(signal.SIGTERM, terminate)
    try:
        code = typer.main.get_command(app)(args=arguments, prog_name="bubble-abm", standalone_mode=False)
        sys.stdout.flush()  # here, where a reader that has gone away is expected, and not at exit
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    except ClickException as error:
        refuse(explain(error), INVALID)
    except BrokenPipeError:  # the reader, `head` for instance, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(FAILED)
    except (ValueError, AssertionError, OSError, MemoryError, RuntimeError) as error:
        refuse(*explain_own(error))
    if code == INTERRUPTED:  # newer versions of Typer return it, older ones raise
        refuse("interrupted, nothing was written", INTERRUPTED)
    sys.exit(code or 0)


def explain(error: Any) -> str:
    """Return a usage error in one sentence, with the options or commands that come near."""
    text = error.format_message().strip()
    near = getattr(error, "possibilities", None)
    if near and "Did you mean" not in text and "Possible" not in text:
        text += f" Did you mean {near[0]}?"
    context = getattr(error, "ctx", None)
    return f"{text} Try '{context.command_path} --help'." if context is not None else text


def explain_own(error: BaseException) -> tuple[str, int]:
    """Return what to say about an error of ours, and the exit code; what we do not know is raised again."""
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
