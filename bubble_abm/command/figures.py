"""The command ``figures``: every figure of the paper from its experiment."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bubble_abm.command.experiments import EXECUTOR, QUIET, SCHEDULER, WORKERS, count
from bubble_abm.command.progress import announce_compiling, note

PUBLISHED = ("fig02_boom_and_bust", "fig03_twin", "fig04_shock_surface")  # those that README shows


def figures(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="Which: fig02, or all without a name.")
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="From small designs.")] = False,
    no_run: Annotated[
        bool, typer.Option("--no-run", help="Run no experiment: refuse what is missing or stale.")
    ] = False,
    out: Annotated[Path | None, typer.Option(metavar="FOLDER", help="Where to.  (default: out/figures)")] = None,
    results: Annotated[Path, typer.Option(metavar="FOLDER", help="Where results of experiments are.")] = Path("out"),
    publish: Annotated[
        bool, typer.Option("--publish", help="Renew figures/captions.md and the pictures of README, too.")
    ] = False,
    workers: WORKERS = None,
    executor: EXECUTOR = "threads",
    scheduler: SCHEDULER = None,
    quiet: QUIET = False,
) -> None:
    """Build the figures of the paper, running the experiments they need; only what changed is built again.

    Leaves each figure as PDF, SVG and PNG, the tables it shows as CSV, where it comes from as JSON, and captions.md.
    """
    from bubble_abm.economy.declare import InvalidInput
    from bubble_abm.paper.figures import build
    from bubble_abm.paper.figures import publish as publish_figures
    from bubble_abm.study.declared_experiments import CHECKOUT

    if publish and CHECKOUT is None:
        raise InvalidInput("figures --publish: renews files of a checkout, and this is an installed package")
    if not quiet and not no_run:
        announce_compiling()
    home = out or Path("out/figures_quick" if quick else "out/figures")
    tell = (lambda text: None) if quiet else note
    computing = {"workers": count(workers), "executor": executor, "scheduler": scheduler}
    made = build(
        names or (),
        out=home,
        results=results,
        quick=quick,
        may_run=not no_run,
        tell=tell,
        **computing,
    )
    if publish and CHECKOUT is not None:
        pictures = {name: CHECKOUT / "docs" / "pictures" / f"{name}.png" for name in PUBLISHED if name in made}
        publish_figures(home, CHECKOUT / "figures", pictures)
    print(f"{len(made)} figures made, in {home}" if made else f"All figures in {home} are up to date")
