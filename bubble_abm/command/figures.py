"""The command ``figures``: every figure of the paper from its experiment."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from bubble_abm.command.ending import kept
from bubble_abm.command.experiments import EXECUTOR, QUIET, SCHEDULER, WORKERS, count
from bubble_abm.command.progress import announce_compiling, note

PUBLISHED = (  # shown in README and in the documentation
    "fig02_boom_and_bust", "fig03_twin", "fig06_groups", "fig13_waterfall", "fig17_robustness",
)  # fmt: skip


def figures(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAME]...", help="Figures to build, for instance fig02, or files that declare one.  (default: all)"
        ),
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Use small designs.")] = False,
    no_run: Annotated[
        bool, typer.Option("--no-run", help="Run no experiment; refuse results that are missing or stale.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Folder for the figures.  (default: out/figures)")
    ] = None,
    results: Annotated[Path, typer.Option(metavar="FOLDER", help="Folder with the results of experiments.")] = Path(
        "out"
    ),
    publish: Annotated[
        bool, typer.Option("--publish", help="Also update figures/captions.md and the pictures in README and docs.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="With --publish: overwrite what is published without asking.")] = (
        False
    ),
    workers: WORKERS = None,
    executor: EXECUTOR = "threads",
    scheduler: SCHEDULER = None,
    quiet: QUIET = False,
) -> None:
    """Build the figures of the paper, running the experiments they need; figures that are up to date are kept.

    Writes each figure as PDF, SVG and PNG, its tables as CSV, its provenance as JSON, and captions.md.
    """
    from bubble_abm.economy.declare import InvalidInput
    from bubble_abm.paper.figures import build
    from bubble_abm.paper.figures import chosen as chosen_figures
    from bubble_abm.paper.figures import publish as publish_figures
    from bubble_abm.study.declared_experiments import CHECKOUT

    if publish and CHECKOUT is None:
        raise InvalidInput(
            "--publish: updates files of a checkout, but this package is installed without one; leave it out"
        )
    if publish and not yes:
        ask_to_overwrite()
    if not quiet and not no_run:
        announce_compiling()
    home = out or Path("out/figures_quick" if quick else "out/figures")
    tell = (lambda text: None) if quiet else note
    computing: dict[str, Any] = {"workers": count(workers), "executor": executor, "scheduler": scheduler}
    chosen: dict[str, Any] = {"out": home, "results": results, "quick": quick, "may_run": not no_run}
    with kept(f"finished runs and figures are kept in {results} and {home}, the same command continues"):
        made = build(names or (), tell=tell, **chosen, **computing)
    if publish and CHECKOUT is not None:
        asked = chosen_figures(names or ())
        pictures = {name: CHECKOUT / "docs" / "pictures" / f"{name}.png" for name in PUBLISHED if name in asked}
        publish_figures(home, CHECKOUT / "figures", pictures)
    with kept(f"the figures are in {home}"):
        print(f"{len(made)} figures built in {home}" if made else f"All figures in {home} are up to date")


def ask_to_overwrite() -> None:
    """Ask before the captions and pictures of a checkout are overwritten; nobody to ask is no consent.

    Raises
    ------
    InvalidInput
        If the answer is no, or there is nobody to answer.
    """
    import sys

    from bubble_abm.economy.declare import InvalidInput

    if not sys.stdin.isatty():
        raise InvalidInput("--publish: overwrites figures/captions.md and pictures in docs: add --yes to do so unasked")
    if not typer.confirm("Overwrite figures/captions.md and the published pictures in docs/pictures?", err=True):
        raise InvalidInput("--publish: nothing was built; leave it out to build figures in out/figures only")
